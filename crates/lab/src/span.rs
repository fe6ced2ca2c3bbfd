//! Random spans of time, in the units in which people state them.

use onething_model::{Calendar, Micros, Timestamp};
use onething_plan::workload::{self, Unit};

use crate::distribution::{self, Distribution};
use crate::setting::BEGINS;

/// A random span of time.
#[derive(Debug)]
pub(crate) struct Span {
    distribution: Distribution,
    unit: SpanUnit,
}

#[derive(Debug, Clone, Copy)]
enum SpanUnit {
    /// Working days of the service's calendar.
    WorkingDays,
    /// Microseconds by the clock.
    Clock,
    /// Microseconds of opening time.
    Open,
}

/// Who spends the hours of a duration.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Spent<'a> {
    /// Staff with this calendar: every unit comes down to their opening time.
    Staff(&'a Calendar),
    /// People without stated staff: hours are opening hours of the service.
    Office,
    /// Anyone else: hours are by the clock.
    Clock,
}

impl Span {
    pub(crate) fn new(
        stated: &workload::Duration,
        spent: Spent<'_>,
    ) -> Result<Self, distribution::Error> {
        let hour = Micros::HOUR.0 as f64;
        let (unit, factor) = match (spent, stated.unit) {
            (Spent::Staff(_) | Spent::Office, Unit::Hours) => (SpanUnit::Open, hour),
            (Spent::Clock, Unit::Hours) => (SpanUnit::Clock, hour),
            (Spent::Staff(calendar), Unit::WorkingDays) => (
                SpanUnit::Open,
                open_time_of_year(calendar).0 as f64 / working_days(calendar),
            ),
            (Spent::Staff(calendar), Unit::CalendarDays) => (
                SpanUnit::Open,
                open_time_of_year(calendar).0 as f64 / DAYS_OF_YEAR as f64,
            ),
            (Spent::Office | Spent::Clock, Unit::WorkingDays) => (SpanUnit::WorkingDays, 1.0),
            (Spent::Office | Spent::Clock, Unit::CalendarDays) => (SpanUnit::Clock, 24.0 * hour),
        };
        let distribution = Distribution::try_from(&stated.distribution)
            .and_then(|distribution| distribution.scaled(factor))?;
        Ok(Self { distribution, unit })
    }

    /// As opening time; for spans spent by staff.
    #[inline]
    pub(crate) fn open_time(&self, u: f64) -> Micros {
        micros(self.distribution.sample(u))
    }

    /// When it ends that begins at `from`.
    pub(crate) fn end(&self, from: Timestamp, u: f64, calendar: &Calendar) -> Timestamp {
        let amount = self.distribution.sample(u);
        match self.unit {
            SpanUnit::WorkingDays => {
                calendar.add_working_days(from, (amount * 1_000.0 + 0.5) as u64)
            }
            SpanUnit::Clock => from + micros(amount),
            SpanUnit::Open => calendar.add_working_time(from, micros(amount)),
        }
    }
}

/// To the nearest microsecond; amounts are not negative, and beyond the range
/// they stay at its end.
pub(crate) fn micros(amount: f64) -> Micros {
    Micros((amount + 0.5) as i64)
}

const DAYS_OF_YEAR: i64 = 365;

/// A year, for rates per year.
pub(crate) const YEAR: Micros = Micros::DAY.times(DAYS_OF_YEAR);

/// The year that rates per year and mean working days are taken over.
fn year(calendar: &Calendar) -> (Timestamp, Timestamp) {
    let begins = calendar.start_of(BEGINS);
    (begins, begins + YEAR)
}

/// Opening time of the first simulated year.
pub(crate) fn open_time_of_year(calendar: &Calendar) -> Micros {
    let (from, to) = year(calendar);
    calendar.working_time_between(from, to)
}

fn working_days(calendar: &Calendar) -> f64 {
    let (from, to) = year(calendar);
    calendar.working_days_between(from, to).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use onething_model::{CalendarData, Date};
    use onething_plan::workload::{Distribution, Duration};

    fn office() -> Calendar {
        let data: CalendarData = serde_json::from_value(serde_json::json!({
            "calendar": "office",
            "title": { "zh": "办公时间", "en": "Office hours" },
            "utc_offset": "+00:00",
            "hours": { "mon-fri": ["09:00-12:00", "14:00-18:00"] },
        }))
        .unwrap();
        Calendar::new(data).unwrap()
    }

    /// Two of a unit, begun on Friday 2026-01-09 at 16:00, end (day, hour) later.
    #[test]
    fn units_mean_what_people_mean_by_them() {
        let office = office();
        let friday = office.at(Date::constant(2026, 1, 9), 16 * 60);
        let after = |spent, unit| {
            let distribution = Distribution::Constant(2.0);
            let span = Span::new(&Duration { distribution, unit }, spent).unwrap();
            (span.end(friday, 0.5, &office) - friday).as_hours()
        };
        let rows = [
            (Spent::Clock, Unit::Hours, 2.0),
            (Spent::Clock, Unit::CalendarDays, 48.0),
            (Spent::Clock, Unit::WorkingDays, 96.0), // Tuesday 16:00
            (Spent::Office, Unit::WorkingDays, 96.0),
            (Spent::Office, Unit::Hours, 2.0), // closing time
            (Spent::Staff(&office), Unit::Hours, 2.0),
            (Spent::Staff(&office), Unit::WorkingDays, 96.0), // 14 opening hours
        ];
        for (spent, unit, hours) in rows {
            let found = after(spent, unit);
            assert!((found - hours).abs() < 1e-9, "{spent:?} {unit:?}: {found}");
        }
        let span = |unit| {
            let distribution = Distribution::Constant(2.0);
            Span::new(&Duration { distribution, unit }, Spent::Staff(&office)).unwrap()
        };
        let hours = |unit| span(unit).open_time(0.5).as_hours();
        assert_eq!(hours(Unit::WorkingDays), 14.0);
        // 261 working days of 7 hours in the 365 days from 2026-01-05.
        let calendar_day = 261.0 * 7.0 / 365.0;
        assert!((hours(Unit::CalendarDays) - 2.0 * calendar_day).abs() < 1e-6);
    }
}
