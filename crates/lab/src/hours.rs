//! When staff work.

use std::sync::Arc;

use onething_model::{Calendar, Micros, Timestamp};

/// Opening hours as a pool asks for them. All answers are total: where the
/// calendar ends, times stay at the end of the range.
///
/// An opening interval includes its first instant and excludes its last: at
/// 17:00 sharp an office open until 17:00 takes up no new work.
pub trait Hours {
    /// The first instant at or after `from` that is open; `from` itself when
    /// it is.
    fn next_open(&self, from: Timestamp) -> Timestamp;

    /// When the opening interval that holds `at` ends; `at` itself when closed.
    fn closes_at(&self, at: Timestamp) -> Timestamp;

    /// When work of this length, begun at `from` and paused while closed, is
    /// done. Work that fills the hours to the end is done at closing time, not
    /// at the next opening.
    fn add_working_time(&self, from: Timestamp, work: Micros) -> Timestamp;

    /// How much of the time from `from` to `to` is open; zero when `to` is the
    /// earlier one.
    fn working_time_between(&self, from: Timestamp, to: Timestamp) -> Micros;
}

/// Open always: the hours of machines, and of textbook queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RoundTheClock;

impl Hours for RoundTheClock {
    fn next_open(&self, from: Timestamp) -> Timestamp {
        from
    }

    fn closes_at(&self, _: Timestamp) -> Timestamp {
        Timestamp(i64::MAX)
    }

    fn add_working_time(&self, from: Timestamp, work: Micros) -> Timestamp {
        from + work
    }

    fn working_time_between(&self, from: Timestamp, to: Timestamp) -> Micros {
        Micros((to - from).0.max(0))
    }
}

/// The hours of a staff: a calendar, or always where the calendar never
/// closes, which needs no look-ups.
#[derive(Debug, Clone)]
pub enum StaffHours {
    /// The calendar never closes.
    Always,
    /// The calendar's opening hours.
    Calendar(Arc<Calendar>),
}

impl From<Arc<Calendar>> for StaffHours {
    fn from(calendar: Arc<Calendar>) -> Self {
        if calendar.is_open(Timestamp(i64::MIN))
            && calendar.close_after(Timestamp(i64::MIN)) == Timestamp(i64::MAX)
        {
            Self::Always
        } else {
            Self::Calendar(calendar)
        }
    }
}

impl Hours for StaffHours {
    fn next_open(&self, from: Timestamp) -> Timestamp {
        match self {
            Self::Always => RoundTheClock.next_open(from),
            Self::Calendar(calendar) => calendar.next_open(from),
        }
    }

    fn closes_at(&self, at: Timestamp) -> Timestamp {
        match self {
            Self::Always => RoundTheClock.closes_at(at),
            Self::Calendar(calendar) => calendar.closes_at(at),
        }
    }

    fn add_working_time(&self, from: Timestamp, work: Micros) -> Timestamp {
        match self {
            Self::Always => RoundTheClock.add_working_time(from, work),
            Self::Calendar(calendar) => calendar.add_working_time(from, work),
        }
    }

    fn working_time_between(&self, from: Timestamp, to: Timestamp) -> Micros {
        match self {
            Self::Always => RoundTheClock.working_time_between(from, to),
            Self::Calendar(calendar) => Hours::working_time_between(&**calendar, from, to),
        }
    }
}

impl Hours for Calendar {
    fn next_open(&self, from: Timestamp) -> Timestamp {
        Self::next_open(self, from)
    }

    fn closes_at(&self, at: Timestamp) -> Timestamp {
        if self.is_open(at) {
            self.close_after(at)
        } else {
            at
        }
    }

    fn add_working_time(&self, from: Timestamp, work: Micros) -> Timestamp {
        Self::add_working_time(self, from, work)
    }

    fn working_time_between(&self, from: Timestamp, to: Timestamp) -> Micros {
        Micros(Self::working_time_between(self, from, to).0.max(0))
    }
}

impl<H: Hours + ?Sized> Hours for Arc<H> {
    fn next_open(&self, from: Timestamp) -> Timestamp {
        (**self).next_open(from)
    }

    fn closes_at(&self, at: Timestamp) -> Timestamp {
        (**self).closes_at(at)
    }

    fn add_working_time(&self, from: Timestamp, work: Micros) -> Timestamp {
        (**self).add_working_time(from, work)
    }

    fn working_time_between(&self, from: Timestamp, to: Timestamp) -> Micros {
        (**self).working_time_between(from, to)
    }
}

impl<H: Hours + ?Sized> Hours for &H {
    fn next_open(&self, from: Timestamp) -> Timestamp {
        (**self).next_open(from)
    }

    fn closes_at(&self, at: Timestamp) -> Timestamp {
        (**self).closes_at(at)
    }

    fn add_working_time(&self, from: Timestamp, work: Micros) -> Timestamp {
        (**self).add_working_time(from, work)
    }

    fn working_time_between(&self, from: Timestamp, to: Timestamp) -> Micros {
        (**self).working_time_between(from, to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use onething_model::CalendarData;

    #[test]
    fn a_calendar_that_never_closes_needs_no_calendar() {
        let always = StaffHours::from(Arc::new(Calendar::round_the_clock()));
        assert!(matches!(always, StaffHours::Always));
    }

    /// O13: an office open Monday to Friday, 9 to 17, and ten hours of work.
    #[test]
    fn ten_hours_of_work_over_the_weekend() {
        let data: CalendarData = serde_json::from_value(serde_json::json!({
            "calendar": "office",
            "title": { "zh": "办公时间", "en": "Office hours" },
            "utc_offset": "+00:00",
            "hours": { "mon-fri": ["09:00-17:00"] },
        }))
        .unwrap();
        let office = Calendar::new(data).unwrap();
        let friday = office.date_of(Timestamp::from_millis(1_736_467_200_000));
        assert_eq!(friday.to_string(), "2025-01-10");
        let at = |days: i64, hour: i64, minute: i64| {
            let offset = Micros::DAY.times(days).0 + Micros::HOUR.times(hour).0;
            Timestamp(office.start_of(friday).0 + offset + Micros::MINUTE.times(minute).0)
        };
        let done = |from| Hours::add_working_time(&office, from, Micros::HOUR.times(10));
        assert_eq!(
            done(at(0, 15, 0)),
            at(3, 17, 0),
            "Friday 15:00 to Monday 17:00"
        );
        assert_eq!(
            done(at(0, 17, 30)),
            at(4, 11, 0),
            "Friday 17:30 to Tuesday 11:00"
        );
        assert_eq!(office.closes_at(at(0, 15, 0)), at(0, 17, 0));
        assert_eq!(
            office.closes_at(at(0, 17, 0)),
            at(0, 17, 0),
            "closed at closing time"
        );
        assert_eq!(Hours::next_open(&office, at(0, 17, 0)), at(3, 9, 0));
        let backwards = Hours::working_time_between(&office, at(1, 0, 0), at(0, 0, 0));
        assert_eq!(backwards, Micros(0));
    }
}
