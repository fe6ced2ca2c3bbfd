//! `calendars/<name>.yaml`: working days and opening hours.

use onething_model::calendar::{DateRange, OpeningHours, UtcOffset, Weekdays};
use onething_model::{CalendarKey, Text};

use super::values::{Language, parse_form};
use super::{Read, Shape, record, spanned, words};
use crate::diagnostic::{Code, Diagnostic, both};
use crate::yaml::read::{Reader, Spanned};
use crate::yaml::{Node, Value};

record! {
    /// A calendar.
    pub struct CalendarFile "calendar" "工作日历" "a calendar" {
        calendar "calendar" required CalendarKey: "名称，与文件名相同" "its name, that of the file";
        language "language" optional Language: "文件的语言" "the language of plain texts in this file; `zh` by default";
        title "title" required Text: "标题" "what people call it";
        utc_offset "utc_offset" required Offset: "与协调世界时的差" "local time ahead of UTC";
        hours "hours" required WeekDef: "每周的开放时间" "opening hours by day of the week";
        source "source" optional Text: "开放时间的来源" "where the hours are published";
        assumed "assumed" optional Text: "开放时间的假设及其理由" "why these hours, where nobody publishes them";
        make_up_hours "make_up_hours" optional Vec<Spanned<Hours>>: "调休上班日的开放时间" "hours of a make-up working day";
        calendar_days_end "calendar_days_end" optional LastDayWord: "自然日期限的最后一天遇休息日怎么办" "what happens when a limit in calendar days ends on a closed day";
        years "years" optional YearsDef: "各年的放假安排" "the holidays of each year";
    }
}

words! {
    /// What happens to a limit in calendar days whose last day is closed.
    pub enum LastDayWord {
        SameDay "same-day" "仍在当日届满" "it ends on that day";
        NextWorkingDay "next-working-day" "顺延到下一个工作日" "it ends on the next working day";
    }
}

macro_rules! forms {
    ($($(#[$meta:meta])* $name:ident($type:ty): $zh:literal $en:literal $example:literal;)*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name(pub $type);

        impl Read for $name {
            fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
                parse_form(node, reader, ($zh, $en), $example).map(Self)
            }
            fn shape() -> Shape {
                Shape::Form(concat!($zh, "，如 `", $example, "`"), concat!($en, " such as `", $example, "`"))
            }
        }
    )*};
}

forms! {
    /// An offset from UTC.
    Offset(UtcOffset): "与协调世界时的差" "an offset from UTC" "+08:00";
    /// Opening hours of a day.
    Hours(OpeningHours): "开放时间" "opening hours" "09:00-12:00";
    /// One day or a run of days.
    Days(DateRange): "日期或一段日期" "a date or a run of days" "2024-10-01..2024-10-07";
}

/// Days: one entry, or a list.
#[derive(Debug, Clone)]
pub struct DaysDef(pub Vec<Spanned<Days>>);

impl Read for DaysDef {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if let Value::List(_) = node.value {
            return Read::read(node, reader).map(Self);
        }
        spanned(node, reader).map(|days| Self(vec![days]))
    }
    fn shape() -> Shape {
        Shape::OneOf(vec![Days::shape(), Shape::List(Box::new(Days::shape()))])
    }
}

/// Opening hours by day of the week.
#[derive(Debug, Clone)]
pub struct WeekDef(pub Vec<(Spanned<Weekdays>, Vec<Spanned<Hours>>)>);

impl Read for WeekDef {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        keyed(node, reader, ("星期", "days of the week", "mon-fri")).map(Self)
    }
    fn shape() -> Shape {
        Shape::Named(
            Box::new(Shape::Form(
                "星期，如 `mon-fri`",
                "days of the week such as `mon-fri`",
            )),
            Box::new(Shape::List(Box::new(Hours::shape()))),
        )
    }
}

/// The holidays of each year.
#[derive(Debug, Clone)]
pub struct YearsDef(pub Vec<(Spanned<i16>, YearDef)>);

impl Read for YearsDef {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        keyed(node, reader, ("年份", "a year", "2026")).map(Self)
    }
    fn shape() -> Shape {
        Shape::Named(
            Box::new(Shape::Form("年份，如 `2026`", "a year such as `2026`")),
            Box::new(YearDef::shape()),
        )
    }
}

/// A map whose keys have a form of their own.
fn keyed<K: std::str::FromStr, T: Read>(
    node: &Node,
    reader: &mut Reader<'_>,
    (zh, en, example): (&str, &str, &str),
) -> Option<Vec<(Spanned<K>, T)>> {
    let map = reader.map(node)?;
    let mut entries = Vec::new();
    for entry in &map.entries {
        let text = &*entry.key.text;
        let value = reader.within(text, |reader| T::read(&entry.value, reader));
        let Ok(key) = text.parse() else {
            let shown = crate::yaml::scalar::shorten(text);
            reader.report(
                Diagnostic::new(
                    Code::BadForm,
                    entry.key.span,
                    both!("`{shown}` 不是{zh}", "`{shown}` is not {en}"),
                )
                .help(both!("写成如 `{example}`", "write it as in `{example}`")),
            );
            continue;
        };
        let key = Spanned {
            value: key,
            span: entry.key.span,
        };
        entries.extend(value.map(|value| (key, value)));
    }
    Some(entries)
}

record! {
    /// What the yearly notice says.
    pub struct YearDef "year" "一年的放假安排" "the holidays of a year" {
        source "source" optional String: "通知文号" "the notice, as it is cited";
        holidays "holidays" required Vec<Spanned<HolidayDef>>: "各节日" "the holidays";
        special_hours "special_hours" optional Vec<Spanned<SpecialHoursDef>>: "开放时间不同的日子" "days with other hours than usual";
    }
}

record! {
    /// A holiday.
    pub struct HolidayDef "holiday" "节日" "a holiday" {
        name "name" required Text: "名称" "its name";
        closed "closed" optional DaysDef: "放假的日子" "the days without work";
        make_up "make_up" optional DaysDef: "调休上班的日子" "the days worked in exchange";
    }
}

record! {
    /// Days with hours of their own.
    pub struct SpecialHoursDef "special_hours" "开放时间不同的日子" "days with hours of their own" {
        name "name" required Text: "名称" "why";
        days "days" required DaysDef: "哪些日子" "which days";
        hours "hours" required Vec<Spanned<Hours>>: "开放时间" "their hours";
    }
}
