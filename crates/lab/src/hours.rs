//! When staff work.

use onething_model::{Micros, Timestamp};

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
