//! Calendars from their files.

use std::collections::BTreeMap;
use std::sync::Arc;

use onething_model::calendar::{
    CalendarData, Fault, Holiday, LastDay, OpeningHours, Place, SpecialHours, YearData,
};
use onething_model::{Calendar, Lang, Text};

use super::Cx;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Span};
use crate::syntax::calendar::{CalendarFile, DaysDef, HolidayDef, Hours, LastDayWord, YearDef};
use crate::syntax::read_file;
use crate::yaml::read::Spanned;

/// A calendar of the tree.
#[derive(Debug, Clone)]
pub(crate) struct CalendarEntry {
    pub(crate) name: String,
    pub(crate) file: Option<FileId>,
    pub(crate) title: Text,
    /// `None` where the file is broken and was reported.
    pub(crate) calendar: Option<Arc<Calendar>>,
}

/// Always open: for services that name no office.
pub(crate) const ROUND_THE_CLOCK: &str = "round-the-clock";

pub(crate) fn round_the_clock() -> CalendarEntry {
    CalendarEntry {
        name: ROUND_THE_CLOCK.to_owned(),
        file: None,
        title: Text::new("全天候", "Round the clock"),
        calendar: Some(Arc::new(Calendar::round_the_clock())),
    }
}

/// Reads a calendar; the name is that of the file.
pub(crate) fn calendar(cx: &mut Cx<'_>, name: &str, file: FileId) -> CalendarEntry {
    let before = cx.found.len();
    let read = read_file::<CalendarFile>(cx.sources, file, Lang::Zh, cx.found);
    let title = read
        .as_ref()
        .and_then(|read| read.title.clone())
        .map_or_else(|| super::titled(name), |title| title.value);
    let calendar = read.and_then(|read| {
        if let Some(key) = &read.calendar {
            super::tree::check_name(cx, key.as_str(), key.span, name);
        }
        let data = data(&read)?;
        // What could not be read was left out: the rest would count wrongly.
        if cx.found.len() > before {
            return None;
        }
        match Calendar::new(data) {
            Ok(calendar) => Some(Arc::new(calendar)),
            Err(error) => {
                for fault in &error.faults {
                    let span = place(&read, fault.place).unwrap_or(read.span);
                    let field = fault.place.to_string();
                    let (message, help) = say(&fault.fault);
                    cx.report(
                        Diagnostic::new(Code::BadCalendar, span, message)
                            .field(field)
                            .help(help),
                    );
                }
                None
            }
        }
    });
    CalendarEntry {
        name: name.to_owned(),
        file: Some(file),
        title,
        calendar,
    }
}

/// What is wrong and what to write instead. The English words are the model's own;
/// in both languages the cure follows the colon.
fn say(fault: &Fault) -> (Text, Text) {
    let en = fault.to_string();
    let zh = match fault {
        Fault::NeverOpen => "日历从不开放：至少要有一天有开放时间".to_owned(),
        Fault::WeekdayTwice(days) => format!("`{days}` 已经有开放时间：每一天只写一次"),
        Fault::Overlap { first, second } => {
            format!("`{first}` 和 `{second}` 重叠或顺序颠倒：按时间先后写，互不重叠")
        }
        Fault::NoHours => "没有开放时间：写出时间，或者写进节日的 `closed`".to_owned(),
        Fault::MakeUpHoursMissing => {
            "各工作日的开放时间不同：用 `make_up_hours` 写明调休上班日的时间".to_owned()
        }
        Fault::YearOutOfRange => "年份超出范围".to_owned(),
        Fault::OutsideYear(days) => {
            format!("`{days}` 不属于这一年：通知最多涉及前后一个月")
        }
        Fault::NoDays => "节日要有放假的日子 `closed`、调休的日子 `make_up`，或两者都有".to_owned(),
        Fault::ClosedTwice(day) => format!("{day} 已经是另一个节日的假期：每天只写一次"),
        Fault::MakeUpTwice(day) => format!("{day} 已经是调休上班日：每天只写一次"),
        Fault::ClosedAndMakeUp(day) => format!("{day} 既放假又上班：保留一个"),
        Fault::OpenAnyway(day) => format!("{day} 本来就是工作日，不是调休上班日"),
        Fault::SpecialTwice(day) => format!("{day} 已经有特别的开放时间：每天只写一次"),
        other => other.to_string(),
    };
    let split = |text: &str, colon: &str, or: &str| {
        let (what, cure) = text.split_once(colon).unwrap_or((text, or));
        (what.to_owned(), cure.to_owned())
    };
    let (what_zh, cure_zh) = split(&zh, "：", "改正此处");
    let (what_en, cure_en) = split(&en, ": ", "mend it here");
    (Text::new(what_zh, what_en), Text::new(cure_zh, cure_en))
}

fn place(file: &CalendarFile, place: Place) -> Option<Span> {
    let year = |wanted: i16| {
        let years = file.years.as_ref()?;
        years.0.iter().find(|(year, _)| year.value == wanted)
    };
    match place {
        Place::Week => file.hours.as_ref().map(|hours| hours.span),
        Place::Hours(days) => {
            let week = file.hours.as_ref()?;
            week.0
                .iter()
                .find(|(key, _)| key.value == days)
                .map(|(key, _)| key.span)
        }
        Place::MakeUpHours => file.make_up_hours.as_ref().map(|hours| hours.span),
        Place::Year(wanted) => year(wanted).map(|(year, _)| year.span),
        Place::Holiday {
            year: wanted,
            index,
        } => {
            let (_, data) = year(wanted)?;
            data.holidays.as_ref()?.get(index).map(|day| day.span)
        }
        Place::SpecialHours {
            year: wanted,
            index,
        } => {
            let (_, data) = year(wanted)?;
            data.special_hours.as_ref()?.get(index).map(|day| day.span)
        }
    }
}

fn data(file: &CalendarFile) -> Option<CalendarData> {
    let value = |text: &Option<Spanned<Text>>| text.as_ref().map(|text| text.value.clone());
    let mut hours = BTreeMap::new();
    for (days, list) in &file.hours.as_ref()?.value.0 {
        hours.insert(days.value, opening(list));
    }
    let mut years = BTreeMap::new();
    for (year, data) in file.years.iter().flat_map(|years| &years.value.0) {
        years.insert(year.value, year_data(data)?);
    }
    Some(CalendarData {
        key: file.calendar.as_ref()?.value.clone(),
        title: file.title.as_ref()?.value.clone(),
        utc_offset: file.utc_offset?.value.0,
        hours,
        source: value(&file.source),
        assumed: value(&file.assumed),
        make_up_hours: file
            .make_up_hours
            .as_ref()
            .map(|hours| opening(hours))
            .unwrap_or_default(),
        calendar_days_end: match file.calendar_days_end.map(|word| word.value) {
            Some(LastDayWord::NextWorkingDay) => LastDay::NextWorkingDay,
            Some(LastDayWord::SameDay) | None => LastDay::SameDay,
        },
        years,
    })
}

fn opening(list: &[Spanned<Hours>]) -> Vec<OpeningHours> {
    list.iter().map(|hours| hours.value.0).collect()
}

fn year_data(year: &YearDef) -> Option<YearData> {
    let days = |days: &Option<Spanned<DaysDef>>| {
        days.iter()
            .flat_map(|days| &days.value.0)
            .map(|days| days.value.0)
            .collect::<Vec<_>>()
    };
    let holiday = |day: &Spanned<HolidayDef>| {
        Some(Holiday {
            name: day.name.as_ref()?.value.clone(),
            closed: days(&day.closed),
            make_up: days(&day.make_up),
        })
    };
    Some(YearData {
        source: year.source.as_ref().map(|source| source.value.clone()),
        holidays: year
            .holidays
            .as_ref()?
            .iter()
            .map(holiday)
            .collect::<Option<_>>()?,
        special_hours: year
            .special_hours
            .iter()
            .flat_map(|list| &list.value)
            .map(|special| {
                Some(SpecialHours {
                    name: special.name.as_ref()?.value.clone(),
                    days: days(&special.days),
                    hours: opening(&special.hours.as_ref()?.value),
                })
            })
            .collect::<Option<_>>()?,
    })
}
