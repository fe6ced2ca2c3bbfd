//! One office in China, with the facts of the notices for 2024 to 2026.

mod dates;
mod faults;
mod naive;

use super::{Calendar, CalendarData, Date, DateRange, Holiday, YearData};
use crate::limit::Limit;
use crate::text::Text;
use crate::time::{Micros, Timestamp};

/// A holiday, the days closed for it, and the days worked instead.
type Row = (&'static str, &'static str, &'static str);

/// 国办发明电〔2023〕7号, 〔2024〕12号 and 〔2025〕7号.
const NOTICES: [(i16, &[Row]); 3] = [
    (
        2024,
        &[
            ("元旦", "2024-01-01", ""),
            ("春节", "2024-02-10..2024-02-17", "2024-02-04 2024-02-18"),
            ("清明节", "2024-04-04..2024-04-06", "2024-04-07"),
            ("劳动节", "2024-05-01..2024-05-05", "2024-04-28 2024-05-11"),
            ("端午节", "2024-06-10", ""),
            ("中秋节", "2024-09-15..2024-09-17", "2024-09-14"),
            ("国庆节", "2024-10-01..2024-10-07", "2024-09-29 2024-10-12"),
        ],
    ),
    (
        2025,
        &[
            ("元旦", "2025-01-01", ""),
            ("春节", "2025-01-28..2025-02-04", "2025-01-26 2025-02-08"),
            ("清明节", "2025-04-04..2025-04-06", ""),
            ("劳动节", "2025-05-01..2025-05-05", "2025-04-27"),
            ("端午节", "2025-05-31..2025-06-02", ""),
            (
                "国庆节、中秋节",
                "2025-10-01..2025-10-08",
                "2025-09-28 2025-10-11",
            ),
        ],
    ),
    (
        2026,
        &[
            ("元旦", "2026-01-01..2026-01-03", "2026-01-04"),
            ("春节", "2026-02-15..2026-02-23", "2026-02-14 2026-02-28"),
            ("清明节", "2026-04-04..2026-04-06", ""),
            ("劳动节", "2026-05-01..2026-05-05", "2026-05-09"),
            ("端午节", "2026-06-19..2026-06-21", ""),
            ("中秋节", "2026-09-25..2026-09-27", ""),
            ("国庆节", "2026-10-01..2026-10-07", "2026-09-20 2026-10-10"),
        ],
    ),
];

fn ranges(text: &str) -> Vec<DateRange> {
    text.split_whitespace()
        .map(|range| range.parse().unwrap())
        .collect()
}

fn office_data() -> CalendarData {
    let mut data = week("+08:00", &[("mon-fri", "09:00-12:00 14:00-18:00")]);
    for (year, holidays) in NOTICES {
        let holidays = holidays.iter().map(|(name, closed, make_up)| Holiday {
            name: Text::new(*name, *name),
            closed: ranges(closed),
            make_up: ranges(make_up),
        });
        let said = YearData {
            holidays: holidays.collect(),
            ..YearData::default()
        };
        data.years.insert(year, said);
    }
    data
}

fn office() -> Calendar {
    Calendar::new(office_data()).unwrap()
}

/// A week without holidays.
fn week(offset: &str, hours: &[(&str, &str)]) -> CalendarData {
    let hours = hours.iter().map(|(days, hours)| {
        let hours = hours.split_whitespace().map(|part| part.parse().unwrap());
        (days.parse().unwrap(), hours.collect())
    });
    CalendarData {
        key: "office".parse().unwrap(),
        title: Text::new("办公时间", "Office hours"),
        utc_offset: offset.parse().unwrap(),
        hours: hours.collect(),
        source: None,
        assumed: None,
        make_up_hours: Vec::new(),
        calendar_days_end: super::LastDay::default(),
        years: Default::default(),
    }
}

fn date(text: &str) -> Date {
    text.parse::<DateRange>().unwrap().first()
}

/// The instant of a local `2024-10-01 09:30`, or `2024-10-01 09:30:15.5`.
fn at(calendar: &Calendar, text: &str) -> Timestamp {
    let (day, clock) = text.split_once(' ').unwrap();
    let parts: Vec<f64> = clock.split(':').map(|part| part.parse().unwrap()).collect();
    let minutes = parts[0] * 60.0 + parts[1];
    let seconds = minutes * 60.0 + parts.get(2).copied().unwrap_or_default();
    calendar.start_of(date(day)) + Micros((seconds * 1e6) as i64)
}

/// The inverse of [`at`]: seconds and below are shown only where there are any.
fn shown(calendar: &Calendar, at: Timestamp) -> String {
    let day = calendar.date_of(at);
    let rest = (at - calendar.start_of(day)).0;
    let (minutes, micros) = (rest / 60_000_000, rest % 60_000_000);
    let mut text = format!("{day} {:02}:{:02}", minutes / 60, minutes % 60);
    if micros > 0 {
        text += &format!(":{:09.6}", micros as f64 / 1e6);
    }
    text
}

/// A table of `from limit -> due`, one per line; `~` marks a provisional date.
fn dues(calendar: &Calendar, table: &str) {
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (given, expected) = line.split_once("->").unwrap();
        let (from, limit) = given.trim().rsplit_once(' ').unwrap();
        let limit: Limit = limit.parse().unwrap();
        let due = calendar.due(at(calendar, from.trim()), limit);
        let mark = if due.provisional { " ~" } else { "" };
        assert_eq!(
            shown(calendar, due.at) + mark,
            expected.trim(),
            "{}",
            given.trim()
        );
    }
}
