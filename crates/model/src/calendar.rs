//! Working days, opening hours and the legal clock's arithmetic.
//!
//! A [`Calendar`] knows on which days an office works, and from when to when.
//! It is made from [`CalendarData`], which mirrors the file people write:
//!
//! ```yaml
//! calendar: cn-government            # its name
//! title: { zh: 政务服务工作日历, en: Government working days }
//! utc_offset: "+08:00"               # the same all year
//! hours:                             # by day of the week; a day not named is closed
//!   mon-fri: ["09:00-12:00", "14:00-18:00"]
//! assumed: why these hours           # or source: where they are published
//! years:                             # without this key, the week alone counts
//!   2024:
//!     source: 国办发明电〔2023〕7号     # the notice
//!     holidays:
//!       - { name: 春节, closed: 2024-02-10..2024-02-17, make_up: [2024-02-04, 2024-02-18] }
//!     special_hours:                 # half days
//!       - { name: 除夕, days: 2024-02-09, hours: ["09:00-12:00"] }
//! ```
//!
//! The grammar of the parts:
//!
//! | part | is written |
//! |---|---|
//! | *text* | one text in the file's language, or `{ zh: …, en: … }` |
//! | *date* | `2024-10-01` |
//! | *days* ([`DateRange`]) | a date, or `2024-10-01..2024-10-07`, both ends included |
//! | *hours* ([`OpeningHours`]) | `09:00-12:00`; the end is at most `24:00`; in order, not overlapping; quoted |
//! | *week days* ([`Weekdays`]) | `mon` … `sun`, or a run such as `mon-fri` |
//! | offset ([`UtcOffset`]) | `+08:00`, from `-12:00` to `+14:00`; quoted |
//! | `hours` | a map from *week days* to a list of *hours* |
//! | `make_up_hours` | a list of *hours*; needed when the days of the week differ |
//! | `calendar_days_end` | `same-day` (the default) or `next-working-day`, see [`LastDay`] |
//! | `years` | a map from the year to `source` (plain text), `holidays`, `special_hours` |
//! | `holidays` | a list of `name` (*text*), `closed` and `make_up` (*days*, one or a list) |
//! | `special_hours` | a list of `name` (*text*), `days` (*days*, one or a list), `hours` |
//!
//! Where a file may write one value or a list of values, [`CalendarData`] holds a list.
//!
//! # Rules of the clock
//!
//! See [`Calendar::due`]. All operations are total: they panic for no instant.
//! They are exact up to 100 million days (270,000 years) from 1970; an instant
//! beyond counts as that one, and a result saturates at the range of `i64`. Each
//! costs a look-up in a table, or a binary search in it, however long the stretch of time.
//!
//! # What it does not do
//!
//! It reads no file and no clock. It knows no summer time, and no opening hours that pass
//! midnight (split them at `24:00`).

mod check;
mod clock;
mod data;
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::check::{CalendarError, CalendarFault, Fault, Place, YEARS};
pub use self::clock::Due;
pub use self::data::{
    CalendarData, DateRange, FormError, Holiday, LastDay, OpeningHours, SpecialHours, UtcOffset,
    Weekdays, YearData,
};
pub use jiff::civil::Date;

use self::table::Table;
use crate::text::{Lang, Text};
use crate::time::{Micros, Timestamp};

/// Working days and opening hours, ready to count with.
///
/// ```
/// use onething_model::{Calendar, CalendarData, Limit, Timestamp};
/// let data: CalendarData = serde_json::from_value(serde_json::json!({
///     "calendar": "office",
///     "title": { "zh": "办公时间", "en": "Office hours" },
///     "utc_offset": "+08:00",
///     "hours": { "mon-fri": ["09:00-12:00", "14:00-18:00"] },
/// })).unwrap();
/// let office = Calendar::new(data).unwrap();
/// // Accepted on Friday 2025-01-10 at 10:00: the first of five days is Monday.
/// let accepted = Timestamp::from_millis(1_736_474_400_000);
/// let due = office.due(accepted, Limit::working_days(5));
/// assert_eq!(due.at.to_string(), "2025-01-17T10:00:00.000Z"); // 18:00 in China
/// assert!(!due.provisional);
/// ```
#[doc(alias = "工作日历")]
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "CalendarData", into = "CalendarData")]
pub struct Calendar {
    data: CalendarData,
    /// Local time less UTC, in microseconds.
    offset: i64,
    table: Table,
    /// What is said about single days, by day number.
    notes: BTreeMap<i64, check::Note>,
    /// Runs of published years as first and last day number; `None`: all of them.
    published: Option<Vec<(i64, i64)>>,
}

/// Why an office does not work on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyClosed<'a> {
    /// The day of the week has no hours (休息日).
    RestDay,
    /// A holiday of this name.
    Holiday(&'a Text),
}

impl<'a> WhyClosed<'a> {
    /// The reason in words: the holiday's name, or 休息日.
    #[must_use]
    pub fn name(self, lang: Lang) -> &'a str {
        match (self, lang) {
            (Self::Holiday(name), lang) => name.get(lang),
            (Self::RestDay, Lang::Zh) => "休息日",
            (Self::RestDay, Lang::En) => "rest day",
        }
    }
}

impl Calendar {
    /// Checks that the parts of a calendar fit together, and counts its days.
    ///
    /// # Errors
    ///
    /// Returns every [`Fault`] with its [`Place`]: a calendar that is never
    /// open, overlapping hours, a make-up day that is open anyway, a day that
    /// is both closed and worked, a date far outside of its year, …
    pub fn new(data: CalendarData) -> Result<Self, CalendarError> {
        let counted = check::count(&data)?;
        Ok(Self {
            offset: Micros::MINUTE.0 * i64::from(data.utc_offset.minutes()),
            table: counted.table,
            notes: counted.notes,
            published: counted.published,
            data,
        })
    }

    /// Open at every hour of every day, in UTC: one working day is 24 hours.
    ///
    /// # Panics
    ///
    /// Never: the calendar is a constant of this crate that a test checks.
    #[must_use]
    pub fn round_the_clock() -> Self {
        let data = CalendarData {
            key: "round-the-clock"
                .parse()
                .expect("`round-the-clock` is a name"),
            title: Text::new("全天候", "Round the clock"),
            utc_offset: UtcOffset::UTC,
            hours: [(
                Weekdays::ALL,
                OpeningHours::new(0, 1_440).into_iter().collect(),
            )]
            .into(),
            source: None,
            assumed: None,
            make_up_hours: Vec::new(),
            calendar_days_end: LastDay::default(),
            years: BTreeMap::new(),
        };
        Self::new(data).expect("a calendar that is always open has no faults")
    }

    /// The calendar as it was written.
    #[must_use]
    pub fn data(&self) -> &CalendarData {
        &self.data
    }

    /// The local date of an instant, held within the years -9999 to 9999.
    #[must_use]
    pub fn date_of(&self, at: Timestamp) -> Date {
        check::date_of(table::split(self.local(at)).0)
    }

    /// The instant at which a date begins, local midnight.
    #[must_use]
    pub fn start_of(&self, date: Date) -> Timestamp {
        self.instant(table::local(check::number_of(date), 0))
    }

    /// The instant of a local date and time of day, in minutes since midnight.
    #[must_use]
    pub fn at(&self, date: Date, minute: u16) -> Timestamp {
        self.start_of(date) + Micros::MINUTE.times(i64::from(minute))
    }

    /// Whether the office opens at all on this date. A half day is a working day.
    #[must_use]
    pub fn is_working_day(&self, date: Date) -> bool {
        self.open_time_on(date) > Micros(0)
    }

    /// Opening time of a date; zero when it is closed.
    #[must_use]
    pub fn open_time_on(&self, date: Date) -> Micros {
        let cell = self.table.cell(check::number_of(date));
        Micros(self.table.pattern(cell).open)
    }

    /// Why the office is closed on this date; `None` on a working day. A
    /// holiday is named also where it falls on a weekend.
    #[must_use]
    pub fn why_closed(&self, date: Date) -> Option<WhyClosed<'_>> {
        if self.is_working_day(date) {
            return None;
        }
        let holiday = self.note(date).closed.and_then(|at| self.holiday(at));
        Some(holiday.map_or(WhyClosed::RestDay, |holiday| {
            WhyClosed::Holiday(&holiday.name)
        }))
    }

    /// The holiday for which this date is worked instead (调休上班), if it is
    /// a make-up working day.
    #[must_use]
    pub fn made_up_for(&self, date: Date) -> Option<&Text> {
        let at = self.note(date).make_up?;
        Some(&self.holiday(at)?.name)
    }

    /// Whether the holidays of this date's year are known. Always so for a
    /// calendar that lists no years.
    #[must_use]
    pub fn is_published(&self, date: Date) -> bool {
        let day = check::number_of(date);
        self.are_published(day, day)
    }

    fn note(&self, date: Date) -> check::Note {
        let number = check::number_of(date);
        self.notes.get(&number).copied().unwrap_or_default()
    }

    fn holiday(&self, (year, index): (i16, usize)) -> Option<&Holiday> {
        self.data.years.get(&year)?.holidays.get(index)
    }

    /// Whether every day from number `first` to `last` lies in a published year.
    fn are_published(&self, first: i64, last: i64) -> bool {
        let Some(runs) = &self.published else {
            return true;
        };
        let after = runs.partition_point(|run| run.0 <= first);
        after
            .checked_sub(1)
            .and_then(|at| runs.get(at))
            .is_some_and(|run| last <= run.1)
    }

    #[inline]
    fn local(&self, at: Timestamp) -> i64 {
        at.0.saturating_add(self.offset)
            .clamp(-table::END, table::END)
    }

    #[inline]
    fn instant(&self, local: i64) -> Timestamp {
        Timestamp(local.saturating_sub(self.offset))
    }
}

impl fmt::Debug for Calendar {
    /// The name alone: the counted days would drown everything around them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Calendar({})", self.data.key)
    }
}

impl PartialEq for Calendar {
    fn eq(&self, other: &Self) -> bool {
        // Everything else is counted from it.
        self.data == other.data
    }
}

impl Eq for Calendar {}

impl TryFrom<CalendarData> for Calendar {
    type Error = CalendarError;
    fn try_from(data: CalendarData) -> Result<Self, CalendarError> {
        Self::new(data)
    }
}

impl From<Calendar> for CalendarData {
    fn from(calendar: Calendar) -> Self {
        calendar.data
    }
}
