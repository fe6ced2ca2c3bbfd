//! From what is written to what is counted, refusing what does not fit together.

use std::collections::BTreeMap;
use std::fmt;

use jiff::SignedDuration;
use jiff::civil::Date;

use super::data::{CalendarData, DateRange, OpeningHours, Weekdays, YearData};
use super::table::{Pattern, Table, weekday_of};
use crate::time::Micros;

/// The years that a calendar may list.
pub const YEARS: std::ops::RangeInclusive<i16> = 1900..=2200;

/// A notice for a year reaches at most so many days into the years beside it:
/// the one for 2024 begins on 2023-12-30.
const REACH_DAYS: i64 = 31;

/// Why a calendar is refused: everything that is wrong with it at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct CalendarError {
    /// The faults in the order of the file, at least one.
    pub faults: Vec<CalendarFault>,
}

impl fmt::Display for CalendarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.faults.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

/// One fault, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {fault}")]
pub struct CalendarFault {
    /// Where in the calendar.
    pub place: Place,
    /// What is wrong.
    pub fault: Fault,
}

/// A place in a calendar, shown as a path such as `years.2024.holidays[2]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// All opening hours.
    Week,
    /// The opening hours of these days of the week.
    Hours(Weekdays),
    /// The opening hours of make-up days.
    MakeUpHours,
    /// A year.
    Year(i16),
    /// A holiday.
    Holiday {
        /// The year it is listed under.
        year: i16,
        /// Its place in the year's list, from 0.
        index: usize,
    },
    /// Days with hours of their own.
    SpecialHours {
        /// The year they are listed under.
        year: i16,
        /// Their place in the year's list, from 0.
        index: usize,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Week => f.write_str("hours"),
            Self::Hours(days) => write!(f, "hours.{days}"),
            Self::MakeUpHours => f.write_str("make_up_hours"),
            Self::Year(year) => write!(f, "years.{year}"),
            Self::Holiday { year, index } => write!(f, "years.{year}.holidays[{index}]"),
            Self::SpecialHours { year, index } => {
                write!(f, "years.{year}.special_hours[{index}]")
            }
        }
    }
}

/// What is wrong, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No day of the week has opening hours.
    #[error("the calendar is never open: give at least one day of the week its hours")]
    NeverOpen,
    /// A day of the week has hours twice.
    #[error("`{0}` already has hours from another entry: name each day of the week once")]
    WeekdayTwice(Weekdays),
    /// Opening hours that overlap or are not in order.
    #[error(
        "`{first}` and `{second}` overlap or are out of order: write the hours of a day in order, each beginning when or after the one before ends"
    )]
    Overlap {
        /// The hours written first.
        first: OpeningHours,
        /// The hours that begin too early.
        second: OpeningHours,
    },
    /// Special hours without hours.
    #[error("there are no hours: give the hours, or list the days of a holiday under `closed`")]
    NoHours,
    /// The days of the week differ, so the hours of a make-up day are unknown.
    #[error(
        "the days of the week have different hours: say under `make_up_hours` which ones a make-up working day has"
    )]
    MakeUpHoursMissing,
    /// A year beyond [`YEARS`].
    #[error("a year lies between {} and {}", YEARS.start(), YEARS.end())]
    YearOutOfRange,
    /// Days that do not belong to the year.
    #[error(
        "`{0}` does not belong to this year: a notice reaches at most {REACH_DAYS} days into the years beside it"
    )]
    OutsideYear(DateRange),
    /// A holiday without days.
    #[error(
        "a holiday lists its days under `closed`, its make-up working days under `make_up`, or both"
    )]
    NoDays,
    /// A day is closed by two holidays.
    #[error("{0} is already closed by another holiday: list each day once")]
    ClosedTwice(Date),
    /// A day is a make-up day twice.
    #[error("{0} is already a make-up working day: list each day once")]
    MakeUpTwice(Date),
    /// A day is closed and worked.
    #[error("{0} is listed both as closed and as a make-up working day: keep one of the two")]
    ClosedAndMakeUp(Date),
    /// A make-up day that is a working day anyway.
    #[error(
        "{0} is a working day by its day of the week: a make-up working day is one that would be closed"
    )]
    OpenAnyway(Date),
    /// A day has special hours twice.
    #[error("{0} already has special hours: list each day once")]
    SpecialTwice(Date),
    /// Special hours on a day that is closed.
    #[error(
        "{0} is closed: special hours are for days that are open; list it under `make_up` to open it"
    )]
    SpecialOnClosed(Date),
}

/// What is said about one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Note {
    /// Closed by the holiday at this place.
    pub(super) closed: Option<(i16, usize)>,
    /// A make-up day of the holiday at this place.
    pub(super) make_up: Option<(i16, usize)>,
    /// Special hours at this place.
    special: Option<(i16, usize)>,
}

/// What [`Calendar`](super::Calendar) counts with.
pub(super) struct Counted {
    pub(super) table: Table,
    /// By day number.
    pub(super) notes: BTreeMap<i64, Note>,
    /// Runs of published years as first and last day number; `None` when the
    /// calendar has no years and needs none.
    pub(super) published: Option<Vec<(i64, i64)>>,
}

/// Days since 1970-01-01.
pub(super) fn number_of(date: Date) -> i64 {
    date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24
}

/// The inverse of [`number_of`], held within the dates that jiff knows.
pub(super) fn date_of(number: i64) -> Date {
    // Some 27,000 years, beyond jiff's range at either end, and no overflow.
    let days = number.clamp(-10_000_000, 10_000_000);
    Date::constant(1970, 1, 1).saturating_add(SignedDuration::from_hours(days * 24))
}

fn numbers(range: DateRange) -> std::ops::RangeInclusive<i64> {
    number_of(range.first())..=number_of(range.last())
}

/// Everything that is wrong so far.
#[derive(Default)]
struct Faults(Vec<CalendarFault>);

impl Faults {
    fn push(&mut self, place: Place, fault: Fault) {
        self.0.push(CalendarFault { place, fault });
    }

    fn pattern(&mut self, place: Place, hours: &[OpeningHours]) -> Pattern {
        for pair in hours.windows(2) {
            if let [first, second] = *pair
                && second.from_min() < first.to_min()
            {
                self.push(place, Fault::Overlap { first, second });
                // Still open on that day, so that no other fault follows from this one.
                return self.pattern(place, &hours[..1]);
            }
        }
        let micros = |minute: u16| i64::from(minute) * Micros::MINUTE.0;
        Pattern::new(
            hours
                .iter()
                .map(|hours| (micros(hours.from_min()), micros(hours.to_min()))),
        )
    }
}

/// Distinct patterns; number 0 is closed.
struct Patterns {
    list: Vec<Pattern>,
    index: BTreeMap<Pattern, usize>,
}

impl Patterns {
    fn new() -> Self {
        Self {
            list: vec![Pattern::default()],
            index: BTreeMap::from([(Pattern::default(), 0)]),
        }
    }

    fn index(&mut self, pattern: Pattern) -> usize {
        *self.index.entry(pattern).or_insert_with_key(|pattern| {
            self.list.push(pattern.clone());
            self.list.len() - 1
        })
    }
}

pub(super) fn count(data: &CalendarData) -> Result<Counted, CalendarError> {
    let mut faults = Faults::default();
    let mut patterns = Patterns::new();

    let weekly = week(data, &mut faults, &mut patterns);
    let make_up = make_up_hours(data, weekly, &mut faults, &mut patterns);
    let mut notes = BTreeMap::new();
    for (&year, said) in &data.years {
        if !YEARS.contains(&year) {
            faults.push(Place::Year(year), Fault::YearOutOfRange);
            continue;
        }
        note_holidays(year, said, weekly, &mut notes, &mut faults);
        note_special_hours(year, said, &mut notes, &mut faults);
    }
    let mut special = BTreeMap::new();
    for (&year, said) in &data.years {
        for (index, entry) in said.special_hours.iter().enumerate() {
            let place = Place::SpecialHours { year, index };
            let pattern = faults.pattern(place, &entry.hours);
            special.insert((year, index), patterns.index(pattern));
        }
    }
    for (&number, note) in &notes {
        let closed =
            note.closed.is_some() || (note.make_up.is_none() && weekly[weekday_of(number)] == 0);
        if let (true, Some((year, index))) = (closed, note.special) {
            let fault = Fault::SpecialOnClosed(date_of(number));
            faults.push(Place::SpecialHours { year, index }, fault);
        }
    }
    if !faults.0.is_empty() {
        return Err(CalendarError { faults: faults.0 });
    }

    let (first, end) = listed_days(data);
    let days: Vec<usize> = (first..end)
        .map(|number| {
            let usual = weekly[weekday_of(number)];
            let Some(note) = notes.get(&number) else {
                return usual;
            };
            match (note.special, note.closed, note.make_up) {
                (Some(at), _, _) => special.get(&at).copied().unwrap_or(usual),
                (None, Some(_), _) => 0,
                (None, None, Some(_)) => make_up,
                (None, None, None) => usual,
            }
        })
        .collect();
    Ok(Counted {
        table: Table::new(patterns.list, weekly, first, &days),
        notes,
        published: published(data),
    })
}

fn week(data: &CalendarData, faults: &mut Faults, patterns: &mut Patterns) -> [usize; 7] {
    let mut weekly = [None; 7];
    for (&days, hours) in &data.hours {
        let place = Place::Hours(days);
        let pattern = faults.pattern(place, hours);
        let index = patterns.index(pattern);
        for day in days.days() {
            if weekly[day].replace(index).is_some() {
                faults.push(place, Fault::WeekdayTwice(Weekdays::single(day)));
            }
        }
    }
    if data.hours.values().all(Vec::is_empty) {
        faults.push(Place::Week, Fault::NeverOpen);
    }
    weekly.map(Option::unwrap_or_default)
}

/// The pattern of make-up days: the one given, else the one that all open days share.
fn make_up_hours(
    data: &CalendarData,
    weekly: [usize; 7],
    faults: &mut Faults,
    patterns: &mut Patterns,
) -> usize {
    if !data.make_up_hours.is_empty() {
        let pattern = faults.pattern(Place::MakeUpHours, &data.make_up_hours);
        return patterns.index(pattern);
    }
    let mut open = weekly.into_iter().filter(|pattern| *pattern != 0);
    let shared = open.next().unwrap_or_default();
    let needed = data
        .years
        .values()
        .flat_map(|year| &year.holidays)
        .any(|holiday| !holiday.make_up.is_empty());
    if needed && open.any(|other| other != shared) {
        faults.push(Place::MakeUpHours, Fault::MakeUpHoursMissing);
    }
    shared
}

/// The day numbers of these runs, those outside the year's reach left out as faults.
fn within_year(year: i16, place: Place, ranges: &[DateRange], faults: &mut Faults) -> Vec<i64> {
    let (first, last) = year_days(year);
    let mut within = Vec::new();
    for &range in ranges {
        let days = numbers(range);
        if *days.start() < first - REACH_DAYS || *days.end() > last + REACH_DAYS {
            faults.push(place, Fault::OutsideYear(range));
        } else {
            within.extend(days);
        }
    }
    within
}

fn note_holidays(
    year: i16,
    said: &YearData,
    weekly: [usize; 7],
    notes: &mut BTreeMap<i64, Note>,
    faults: &mut Faults,
) {
    for (index, holiday) in said.holidays.iter().enumerate() {
        let place = Place::Holiday { year, index };
        if holiday.closed.is_empty() && holiday.make_up.is_empty() {
            faults.push(place, Fault::NoDays);
        }
        for number in within_year(year, place, &holiday.closed, faults) {
            let date = date_of(number);
            let note: &mut Note = notes.entry(number).or_default();
            if note.make_up.is_some() {
                faults.push(place, Fault::ClosedAndMakeUp(date));
            } else if note.closed.replace((year, index)).is_some() {
                faults.push(place, Fault::ClosedTwice(date));
            }
        }
        for number in within_year(year, place, &holiday.make_up, faults) {
            let date = date_of(number);
            let note: &mut Note = notes.entry(number).or_default();
            if note.closed.is_some() {
                faults.push(place, Fault::ClosedAndMakeUp(date));
            } else if weekly[weekday_of(number)] != 0 {
                faults.push(place, Fault::OpenAnyway(date));
            } else if note.make_up.replace((year, index)).is_some() {
                faults.push(place, Fault::MakeUpTwice(date));
            }
        }
    }
}

fn note_special_hours(
    year: i16,
    said: &YearData,
    notes: &mut BTreeMap<i64, Note>,
    faults: &mut Faults,
) {
    for (index, entry) in said.special_hours.iter().enumerate() {
        let place = Place::SpecialHours { year, index };
        if entry.hours.is_empty() {
            faults.push(place, Fault::NoHours);
        }
        if entry.days.is_empty() {
            faults.push(place, Fault::NoDays);
        }
        for number in within_year(year, place, &entry.days, faults) {
            let note: &mut Note = notes.entry(number).or_default();
            if note.special.replace((year, index)).is_some() {
                faults.push(place, Fault::SpecialTwice(date_of(number)));
            }
        }
    }
}

/// First and last day number of a year.
fn year_days(year: i16) -> (i64, i64) {
    let day = |month, day| {
        Date::new(year, month, day)
            .map(number_of)
            .unwrap_or_default()
    };
    (day(1, 1), day(12, 31))
}

/// The first day of the table and the one after its last.
fn listed_days(data: &CalendarData) -> (i64, i64) {
    match (data.years.first_key_value(), data.years.last_key_value()) {
        (Some((&first, _)), Some((&last, _))) => (
            year_days(first).0 - REACH_DAYS,
            year_days(last).1 + REACH_DAYS + 1,
        ),
        (None, _) | (_, None) => (0, 0),
    }
}

fn published(data: &CalendarData) -> Option<Vec<(i64, i64)>> {
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for &year in data.years.keys() {
        let (first, last) = year_days(year);
        match runs.last_mut() {
            Some(run) if run.1 + 1 == first => run.1 = last,
            Some(_) | None => runs.push((first, last)),
        }
    }
    (!runs.is_empty()).then_some(runs)
}
