//! A calendar as it is written down.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use crate::name::CalendarKey;
use crate::text::Text;

/// A calendar as plain data, shaped like the file that people write.
///
/// Nothing is checked beyond the form of each value; whether the parts fit
/// together is found out by [`Calendar::new`](super::Calendar::new). The
/// grammar is in the [module documentation](super).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarData {
    /// The calendar's name.
    #[serde(rename = "calendar")]
    pub key: CalendarKey,
    /// Its title for people.
    pub title: Text,
    /// Local time of the offices, the same all year.
    pub utc_offset: UtcOffset,
    /// Opening hours by day of the week. A day that is not named, or has no
    /// hours, is closed.
    pub hours: BTreeMap<Weekdays, Vec<OpeningHours>>,
    /// Where the opening hours are published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Text>,
    /// Why these opening hours were chosen, where nobody publishes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assumed: Option<Text>,
    /// Hours of a make-up working day (调休上班日). Needed only when the days
    /// of the week have different hours; else a make-up day has the usual ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub make_up_hours: Vec<OpeningHours>,
    /// What happens to a limit in calendar days whose last day is closed.
    #[serde(default, skip_serializing_if = "LastDay::is_default")]
    pub calendar_days_end: LastDay,
    /// The holidays of each published year. A calendar without years follows
    /// its week alone and nothing in it is provisional; with years, a year that
    /// is missing here makes every working-day limit that reaches into it
    /// [provisional](super::Due::provisional).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub years: BTreeMap<i16, YearData>,
}

/// What the yearly notice says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearData {
    /// The notice, as it is cited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The holidays in the order of the notice. A year without any is written
    /// as an empty list: it is published, and nothing is closed.
    #[serde(default)]
    pub holidays: Vec<Holiday>,
    /// Days that are open with other hours than usual, such as half days.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub special_hours: Vec<SpecialHours>,
}

/// A holiday with the days that are worked in exchange (调休).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// 春节, Spring Festival.
    pub name: Text,
    /// The days without work, weekends among them as in the notice.
    pub closed: Vec<DateRange>,
    /// Days of a weekend that are worked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub make_up: Vec<DateRange>,
}

/// Days with hours of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialHours {
    /// Why, for people.
    pub name: Text,
    /// Which days.
    pub days: Vec<DateRange>,
    /// Their opening hours.
    pub hours: Vec<OpeningHours>,
}

/// What happens to a limit in calendar days (自然日) whose last day is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LastDay {
    /// The limit ends on that day all the same.
    #[default]
    SameDay,
    /// The limit ends on the next working day, as the Dutch Algemene
    /// termijnenwet (art. 1) and China's 民法典 (art. 203) have it.
    NextWorkingDay,
}

impl LastDay {
    fn is_default(&self) -> bool {
        *self == Self::SameDay
    }
}

/// Why a value in a calendar cannot be read. The message says what to write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// Not a date, or one that does not exist.
    #[error(
        "`{0}` is not a date: write `2024-10-01`, or `2024-10-01..2024-10-07` for a run of days"
    )]
    Date(String),
    /// A run of days that ends before it begins.
    #[error("`{0}` ends before it begins")]
    Reversed(String),
    /// Not opening hours.
    #[error(
        "`{0}` are not opening hours: write `09:00-12:00`, the later time last, at most `24:00`; split hours that pass midnight"
    )]
    Hours(String),
    /// Not days of the week.
    #[error(
        "`{0}` are not days of the week: write `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun` or a run such as `mon-fri`"
    )]
    Weekdays(String),
    /// Not an offset from UTC.
    #[error("`{0}` is not an offset from UTC: write `+08:00`, between `-12:00` and `+14:00`")]
    Offset(String),
}

fn quote(text: &str) -> String {
    text.chars().take(40).collect()
}

/// One day or a run of days, both ends included: `2024-10-01..2024-10-07`.
///
/// ```
/// use onething_model::calendar::DateRange;
/// let week: DateRange = "2024-10-01..2024-10-07".parse().unwrap();
/// assert_eq!(week.last().day(), 7);
/// assert!("2024-02-30".parse::<DateRange>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DateRange {
    first: Date,
    last: Date,
}

impl DateRange {
    /// The days from `first` to `last`, both included; `None` when they are reversed.
    #[must_use]
    pub fn new(first: Date, last: Date) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// The first day.
    #[must_use]
    pub fn first(self) -> Date {
        self.first
    }

    /// The last day, included.
    #[must_use]
    pub fn last(self) -> Date {
        self.last
    }
}

impl From<Date> for DateRange {
    fn from(day: Date) -> Self {
        Self {
            first: day,
            last: day,
        }
    }
}

/// Exactly `YYYY-MM-DD`: jiff reads more forms than a window officer would expect.
fn date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !shaped {
        return None;
    }
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<i16>().ok();
    Date::new(part(0, 4)?, part(5, 7)? as i8, part(8, 10)? as i8).ok()
}

impl FromStr for DateRange {
    type Err = FormError;
    fn from_str(text: &str) -> Result<Self, FormError> {
        let text = text.trim();
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        match (date(first.trim()), date(last.trim())) {
            (Some(first), Some(last)) => {
                Self::new(first, last).ok_or_else(|| FormError::Reversed(quote(text)))
            }
            (None, _) | (_, None) => Err(FormError::Date(quote(text))),
        }
    }
}

impl fmt::Display for DateRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.first.fmt(f)?;
        if self.first != self.last {
            write!(f, "..{}", self.last)?;
        }
        Ok(())
    }
}

/// A stretch of opening hours within one day: `09:00-12:00`, to the minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OpeningHours {
    from_min: u16,
    to_min: u16,
}

impl OpeningHours {
    /// From minute `from_min` of the day up to minute `to_min`, at most 1440;
    /// `None` when nothing lies between them.
    #[must_use]
    pub fn new(from_min: u16, to_min: u16) -> Option<Self> {
        (from_min < to_min && to_min <= 24 * 60).then_some(Self { from_min, to_min })
    }

    /// Opens at this minute of the day.
    #[must_use]
    pub fn from_min(self) -> u16 {
        self.from_min
    }

    /// Closes at this minute of the day, at most 1440.
    #[must_use]
    pub fn to_min(self) -> u16 {
        self.to_min
    }
}

/// `HH:MM` in minutes.
fn clock(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |part: &str| {
        (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<u16>().ok())
            .flatten()
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (minutes < 60).then_some(hours * 60 + minutes)
}

impl FromStr for OpeningHours {
    type Err = FormError;
    fn from_str(text: &str) -> Result<Self, FormError> {
        let read = || {
            let (from, to) = text.split_once('-')?;
            Self::new(clock(from.trim())?, clock(to.trim())?)
        };
        read().ok_or_else(|| FormError::Hours(quote(text)))
    }
}

impl fmt::Display for OpeningHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from_min, to_min } = self;
        write!(
            f,
            "{:02}:{:02}-{:02}:{:02}",
            from_min / 60,
            from_min % 60,
            to_min / 60,
            to_min % 60
        )
    }
}

const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// One day of the week or a run of them, Monday first: `sat`, `mon-fri`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Weekdays {
    /// Counted from Monday as 0.
    first: u8,
    last: u8,
}

impl Weekdays {
    /// The days from `first` to `last`; `None` when the run passes Sunday.
    #[must_use]
    pub fn new(first: Weekday, last: Weekday) -> Option<Self> {
        let (first, last) = (
            first.to_monday_zero_offset() as u8,
            last.to_monday_zero_offset() as u8,
        );
        (first <= last).then_some(Self { first, last })
    }

    /// Every day of the week.
    pub const ALL: Self = Self { first: 0, last: 6 };

    /// One day, counted from Monday as 0.
    pub(super) fn single(day: usize) -> Self {
        let day = day.min(6) as u8;
        Self {
            first: day,
            last: day,
        }
    }

    /// The days, counted from Monday as 0.
    pub(super) fn days(self) -> std::ops::RangeInclusive<usize> {
        usize::from(self.first)..=usize::from(self.last)
    }
}

impl FromStr for Weekdays {
    type Err = FormError;
    fn from_str(text: &str) -> Result<Self, FormError> {
        let day = |name: &str| {
            let at = WEEKDAYS.iter().position(|day| *day == name.trim())?;
            u8::try_from(at).ok()
        };
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        match (day(first), day(last)) {
            (Some(first), Some(last)) if first <= last => Ok(Self { first, last }),
            (Some(_), Some(_)) | (None, _) | (_, None) => Err(FormError::Weekdays(quote(text))),
        }
    }
}

impl fmt::Display for Weekdays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |day: u8| WEEKDAYS.get(usize::from(day)).copied().unwrap_or_default();
        f.write_str(name(self.first))?;
        if self.first != self.last {
            write!(f, "-{}", name(self.last))?;
        }
        Ok(())
    }
}

/// Local time ahead of UTC: `+08:00`. China has one; there is no summer time here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UtcOffset {
    minutes: i16,
}

impl UtcOffset {
    /// China Standard Time, `+08:00`.
    pub const CHINA: Self = Self { minutes: 480 };
    /// `+00:00`.
    pub const UTC: Self = Self { minutes: 0 };

    /// So many minutes ahead of UTC; `None` beyond `-12:00` or `+14:00`.
    #[must_use]
    pub fn from_minutes(minutes: i16) -> Option<Self> {
        (-12 * 60..=14 * 60)
            .contains(&minutes)
            .then_some(Self { minutes })
    }

    /// Minutes ahead of UTC.
    #[must_use]
    pub fn minutes(self) -> i16 {
        self.minutes
    }
}

impl FromStr for UtcOffset {
    type Err = FormError;
    fn from_str(text: &str) -> Result<Self, FormError> {
        let read = || {
            let trimmed = text.trim();
            let (sign, rest) = match trimmed.strip_prefix('+') {
                Some(rest) => (1, rest),
                None => (-1, trimmed.strip_prefix('-')?),
            };
            Self::from_minutes(sign * i16::try_from(clock(rest)?).ok()?)
        };
        read().ok_or_else(|| FormError::Offset(quote(text)))
    }
}

impl fmt::Display for UtcOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minutes < 0 { '-' } else { '+' };
        let minutes = self.minutes.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

macro_rules! as_text {
    ($($name:ident)*) => {$(
        impl TryFrom<String> for $name {
            type Error = FormError;
            fn try_from(text: String) -> Result<Self, FormError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.to_string()
            }
        }
    )*};
}

as_text! { DateRange OpeningHours Weekdays UtcOffset }

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trips<T>(good: &[&str], bad: &[&str])
    where
        T: FromStr<Err = FormError> + fmt::Display,
    {
        for text in good {
            let value: T = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(value.to_string(), *text);
        }
        for text in bad {
            assert!(text.parse::<T>().is_err(), "{text:?} was read");
        }
    }

    #[test]
    fn runs_of_days() {
        round_trips::<DateRange>(
            &["2024-02-29", "2024-10-01..2024-10-07"],
            &[
                "",
                "2023-02-29",
                "2024-10-07..2024-10-01",
                "2024-10-1",
                "20241001",
                "2024-10-01T00:00",
                "2024-10-01..",
                "一月一日",
                "+024-01-01",
            ],
        );
    }

    #[test]
    fn hours_of_a_day() {
        round_trips::<OpeningHours>(
            &["09:00-12:00", "00:00-24:00"],
            &[
                "",
                "9-12",
                "9:00-12:00",
                "12:00-12:00",
                "17:00-09:00",
                "09:60-10:00",
                "09:00-24:01",
                "+9:00-12:00",
                "09:00",
            ],
        );
    }

    #[test]
    fn days_of_the_week() {
        round_trips::<Weekdays>(
            &["mon", "mon-fri", "sat-sun", "mon-sun"],
            &["", "Mon", "fri-mon", "monday", "mon-", "周一"],
        );
    }

    #[test]
    fn offsets_from_utc() {
        round_trips::<UtcOffset>(
            &["+08:00", "-03:30", "+00:00", "+14:00", "-12:00"],
            &["", "08:00", "+8", "+14:01", "-12:01", "+08:0", "Z"],
        );
    }
}
