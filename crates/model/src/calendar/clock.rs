//! The arithmetic: when a limit ends, when work ends, how long something took.

use super::Calendar;
use super::data::LastDay;
use super::table::{DAY, local, split};
use crate::limit::Limit;
use crate::time::{Micros, Timestamp};

/// When a limit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Due {
    /// The last instant that is still in time: what happens at `at` is in
    /// time, what happens after it is late. Its local date is the last day.
    pub at: Timestamp,
    /// Whether the count touches a year whose holidays are not published, so
    /// that `at` may still move.
    pub provisional: bool,
}

/// More thousandths of a day than lie between any two instants.
const MOST_THOUSANDTHS: u64 = 1 << 50;

impl Calendar {
    /// When a limit that runs from `from` (an acceptance, say) ends.
    ///
    /// - **Working days**: counting starts the next day; the limit ends on the
    ///   n-th working day after the day of `from`, at the end of its opening
    ///   hours. So it makes no difference at what hour, or on what closed day,
    ///   the case was accepted. (行政许可法 art. 82: limits count in working
    ///   days, without holidays. 民法典 art. 201: the day on which it begins is
    ///   not counted; art. 203: where there are business hours, the last day
    ///   ends when business stops.)
    /// - **A fraction** of a working day is that fraction of a day's opening
    ///   hours, from the moment on: `0.5wd` from 16:00 ends in the next
    ///   morning. `1.5wd` is one working day as above, then half of the next.
    /// - **Calendar days** count from the next day likewise, closed days
    ///   included, and end at the end of the last day (24:00). Where the
    ///   calendar says so ([`LastDay::NextWorkingDay`]), a limit whose last day
    ///   is closed ends on the next working day. A fraction is one of 24 hours.
    /// - **Hours, minutes, seconds** run by the clock on the wall, from the moment on.
    /// - A limit of zero ends at `from` itself.
    ///
    /// A day that ends at 24:00 ends with its last microsecond, so that
    /// [`Due::at`] never carries the date of the day after.
    ///
    /// [`Due::provisional`] is set when a working-day count reaches a day of a
    /// year that the calendar does not list.
    #[must_use]
    pub fn due(&self, from: Timestamp, limit: Limit) -> Due {
        match limit {
            Limit::WorkingDays { thousandths } => self.due_working(from, thousandths),
            Limit::CalendarDays { thousandths } => self.due_calendar(from, thousandths),
            Limit::Clock(span) => Due {
                at: from + Micros(span.0.max(0)),
                provisional: false,
            },
        }
    }

    fn due_working(&self, from: Timestamp, thousandths: u64) -> Due {
        let (whole, fraction) = parts(thousandths);
        let start = self.local(from);
        let (today, _) = split(start);
        let (at, first) = if whole == 0 {
            (self.after_working_days(start, 0, fraction), today)
        } else {
            let rank = self.table.cell(today + 1).rank;
            let (day, hours) = self.table.select(rank.saturating_add(whole - 1));
            let end = if fraction == 0 {
                last_instant(day, hours.closing())
            } else {
                self.after_working_days(local(day, hours.closing()), 0, fraction)
            };
            (end, today + 1)
        };
        Due {
            at: self.instant(at).max(from),
            provisional: thousandths > 0 && !self.are_published(first, split(at).0),
        }
    }

    fn due_calendar(&self, from: Timestamp, thousandths: u64) -> Due {
        let (whole, fraction) = parts(thousandths);
        let start = self.local(from);
        let part = fraction * (DAY / 1_000);
        let at = match (whole, fraction) {
            (0, _) => start.saturating_add(part),
            (_, 0) => last_instant(split(start).0.saturating_add(whole), DAY),
            (_, _) => local(split(start).0.saturating_add(whole + 1), part),
        };
        let (last, _) = split(at);
        let cell = self.table.cell(last);
        let moves = match self.data.calendar_days_end {
            LastDay::SameDay => false,
            LastDay::NextWorkingDay => thousandths > 0,
        };
        if !moves || self.table.pattern(cell).open > 0 {
            return Due {
                at: self.instant(at).max(from),
                // A holiday still to be published may close this day.
                provisional: moves && !self.are_published(last, last),
            };
        }
        let (day, _) = self.table.select(cell.rank);
        Due {
            at: self.instant(last_instant(day, DAY)).max(from),
            provisional: !self.are_published(last, day),
        }
    }

    /// The instant at which work of so many thousandths of a working day ends
    /// that begins at `from`, or when the office next opens: each part of a
    /// day's opening hours is that part of a working day.
    ///
    /// Unlike a limit it does not wait for the next day: `1wd` from Tuesday
    /// 10:00 ends on Wednesday 10:00. It ends at a closing rather than at the
    /// opening after it, and work of no length ends at `from`.
    #[must_use]
    pub fn add_working_days(&self, from: Timestamp, thousandths: u64) -> Timestamp {
        let (whole, fraction) = parts(thousandths);
        self.instant(self.after_working_days(self.local(from), whole, fraction))
            .max(from)
    }

    /// See [`Self::add_working_days`], in local time.
    fn after_working_days(&self, start: i64, whole: i64, fraction: i64) -> i64 {
        if whole == 0 && fraction == 0 {
            return start;
        }
        let (day, tod) = split(start);
        let cell = self.table.cell(day);
        let hours = self.table.pattern(cell);
        // The position in the day, and below it what makes a whole day. On a
        // closed day that is the beginning of the next working day.
        let length = hours.open.max(1);
        let mut done = hours.open_before(tod) * 1_000 + fraction * length;
        let full = length * 1_000;
        let mut rank = cell.rank.saturating_add(whole);
        if done > full {
            done -= full;
            rank += 1;
        } else if done == 0 {
            done = full;
            rank -= 1;
        }
        let (day, hours) = self.table.select(rank);
        let open = i128::from(done) * i128::from(hours.open) / i128::from(full);
        let tod = hours.at_open(i64::try_from(open).unwrap_or(DAY));
        local(day, tod)
    }

    /// The instant at which a piece of work of `span` opening time ends that
    /// begins at `from`, or when the office next opens.
    ///
    /// It ends at a closing rather than at the opening after it; work of no
    /// length (or less) ends at `from`.
    #[must_use]
    #[inline]
    pub fn add_working_time(&self, from: Timestamp, span: Micros) -> Timestamp {
        if span.0 <= 0 {
            return from;
        }
        if self.table.is_always_open() {
            return from + span;
        }
        let start = self.local(from);
        let (day, tod) = split(start);
        let cell = self.table.cell(day);
        let hours = self.table.pattern(cell);
        let open = hours.open_before(tod).saturating_add(span.0);
        let end = if open <= hours.open {
            local(day, hours.at_open(open))
        } else {
            self.table.reach(cell.open_before.saturating_add(open))
        };
        self.instant(end).max(from)
    }

    /// Opening time between two instants; negative when `to` is before `from`.
    #[must_use]
    pub fn working_time_between(&self, from: Timestamp, to: Timestamp) -> Micros {
        let open = |at: Timestamp| {
            let (day, tod) = split(self.local(at));
            let cell = self.table.cell(day);
            let today = self.table.pattern(cell).open_before(tod);
            cell.open_before.saturating_add(today)
        };
        Micros(open(to).saturating_sub(open(from)))
    }

    /// Working days between two instants, in fractions: of each day the open
    /// part that lies between them, divided by that day's opening time. A half
    /// day is a whole working day. Negative when `to` is before `from`.
    ///
    /// This is the unit of `processing_time`.
    #[must_use]
    pub fn working_days_between(&self, from: Timestamp, to: Timestamp) -> f64 {
        let position = |at: Timestamp| {
            let (day, tod) = split(self.local(at));
            let cell = self.table.cell(day);
            let hours = self.table.pattern(cell);
            (cell.rank, hours.open_before(tod), hours.open)
        };
        let (from_rank, from_open, from_length) = position(from);
        let (to_rank, to_open, to_length) = position(to);
        let whole = to_rank.saturating_sub(from_rank) as f64;
        let part = |open: i64, length: i64| open as f64 / length.max(1) as f64;
        if from_length == to_length {
            // One division, so that equal stretches of equal days give equal figures.
            whole + part(to_open - from_open, to_length)
        } else {
            whole + (part(to_open, to_length) - part(from_open, from_length))
        }
    }

    /// Whether the office is open at this instant. It is open at its opening
    /// and no more at its closing.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        let (day, tod) = split(self.local(at));
        let hours = self.table.pattern(self.table.cell(day));
        hours.span_from(tod).is_some_and(|span| span.from <= tod)
    }

    /// The first instant at or after `from` at which the office is open.
    #[must_use]
    pub fn next_open(&self, from: Timestamp) -> Timestamp {
        let start = self.local(from);
        let (day, tod) = split(start);
        let cell = self.table.cell(day);
        let hours = self.table.pattern(cell);
        if let Some(span) = hours.span_from(tod) {
            return if span.from <= tod {
                from
            } else {
                self.instant(local(day, span.from)).max(from)
            };
        }
        let rank = cell.rank + i64::from(hours.open > 0);
        let (day, hours) = self.table.select(rank);
        self.instant(local(day, hours.at_open(0))).max(from)
    }

    /// The first closing after `at`: when what is open at `at`, or opens next,
    /// stops for a break or for the day. [`Timestamp`]'s last instant where the
    /// office never closes again.
    #[must_use]
    pub fn close_after(&self, at: Timestamp) -> Timestamp {
        if self.table.is_always_open() {
            return Timestamp(i64::MAX);
        }
        let (mut day, mut tod) = split(self.local(self.next_open(at)));
        let week_never_closes = self.table.week_never_closes();
        loop {
            let hours = self.table.pattern(self.table.cell(day));
            let end = match hours.span_from(tod) {
                Some(span) if span.from <= tod => span.to,
                // Closed at once, so the day before ended at midnight.
                Some(_) | None => return self.instant(local(day, 0)).max(at),
            };
            if end < DAY {
                return self.instant(local(day, end)).max(at);
            }
            (day, tod) = (day + 1, 0);
            // Nights that are worked through: only the listed days can close them.
            if week_never_closes && day < self.table.first() {
                day = self.table.first();
            } else if week_never_closes && day >= self.table.end() {
                return Timestamp(i64::MAX);
            }
        }
    }
}

/// Whole days and thousandths of one.
fn parts(thousandths: u64) -> (i64, i64) {
    let held = thousandths.min(MOST_THOUSANDTHS);
    ((held / 1_000) as i64, (held % 1_000) as i64)
}

/// The last instant of a day that is in time, given when it closes.
fn last_instant(day: i64, closing: i64) -> i64 {
    if closing == DAY {
        local(day, DAY - 1)
    } else {
        local(day, closing)
    }
}
