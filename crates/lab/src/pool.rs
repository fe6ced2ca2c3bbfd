//! Staff pools: who serves whom, and when.
//!
//! A pool is a number of officers with the same skills and hours, and the queue
//! before them. It is *causal*: an officer who is free and at work takes the
//! waiting job of the highest priority, and among equals the one that came
//! first; a job begun is finished (non-preemptive), paused while the office is
//! closed. Nothing is assigned ahead of time, so that a low priority never
//! waits beside an idle officer, and never gets ahead by coming at night.
//!
//! The pool holds no events. After each change the driver asks what it starts:
//!
//! ```
//! use onething_lab::hours::RoundTheClock;
//! use onething_lab::pool::{Pool, Priority};
//! use onething_model::{Micros, Timestamp};
//!
//! let mut pool = Pool::new(1, RoundTheClock, Timestamp(0));
//! pool.enqueue(Timestamp(0), 'a', Micros(10), Priority::NORMAL);
//! pool.enqueue(Timestamp(0), 'b', Micros(10), Priority::NORMAL);
//! let first = pool.start(Timestamp(0)).unwrap();
//! assert_eq!((first.job, first.finishes), ('a', Timestamp(10)));
//! assert!(pool.start(Timestamp(0)).is_none(), "the only officer is busy");
//! pool.finish(Timestamp(10));
//! let second = pool.start(Timestamp(10)).unwrap();
//! assert_eq!((second.job, second.wait.contention), ('b', Micros(10)));
//! ```

use std::collections::VecDeque;

use onething_model::{Micros, Timestamp};

use crate::hours::Hours;

/// Which of two waiting jobs goes first: the lower number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Priority(pub u8);

impl Priority {
    /// The highest.
    pub const HIGHEST: Self = Self(0);
    /// Where nothing else is said; leaves room on both sides.
    pub const NORMAL: Self = Self(4);
}

/// A pool of officers; `J` says which job, `H` when they work.
#[derive(Debug, Clone)]
pub struct Pool<J, H> {
    capacity: u32,
    hours: H,
    /// One queue per priority, the highest first.
    lanes: Vec<VecDeque<Waiting<J>>>,
    waiting: u32,
    busy: u32,
    /// What is known of the hours around the present.
    window: Window,
    /// An opening the driver was told to wake us at.
    wake: Option<Timestamp>,
    usage: Usage,
}

#[derive(Debug, Clone, Copy)]
struct Waiting<J> {
    job: J,
    work: Micros,
    since: Timestamp,
}

/// Whether the office is open from the present until `until`. Nearly every
/// question falls within one window, and needs no calendar.
#[derive(Debug, Clone, Copy)]
struct Window {
    open: bool,
    until: Timestamp,
}

/// A job that begins now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start<J> {
    /// Which one.
    pub job: J,
    /// When it will be done, pauses included.
    pub finishes: Timestamp,
    /// What it waited for.
    pub wait: Wait,
}

/// Time before service, split by cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wait {
    /// While the office was open: every officer was busy with others.
    pub contention: Micros,
    /// While the office was closed.
    pub off_hours: Micros,
}

/// What a pool has done since it was made: whole microseconds, hence exact.
/// Areas are integrals over time: jobs times microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// How many officers.
    pub capacity: u32,
    /// Since when.
    pub began: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// How much of that the office was open.
    pub open: Micros,
    /// Jobs that came.
    pub arrived: u64,
    /// Jobs that were begun.
    pub started: u64,
    /// Jobs that were passed over, because nobody wanted them any more.
    pub abandoned: u64,
    /// Jobs that were finished.
    pub finished: u64,
    /// Officers' working time spent on jobs.
    pub busy: u128,
    /// Jobs waiting, integrated over all hours.
    pub queue_area: u128,
    /// Jobs begun and not finished, integrated over all hours, pauses included.
    pub service_area: u128,
    /// Waiting of the jobs begun, because officers were busy.
    pub contention: u128,
    /// Waiting of the jobs begun, because the office was closed.
    pub off_hours: u128,
    /// The longest queue.
    pub longest_queue: u32,
}

impl Usage {
    /// Share of the officers' opening hours spent on jobs; `None` when the
    /// office was never open.
    #[must_use]
    pub fn utilisation(&self) -> Option<f64> {
        let offered = self.open.0 as f64 * f64::from(self.capacity);
        (offered > 0.0).then(|| self.busy as f64 / offered)
    }

    /// Mean number of jobs waiting, over all hours; `None` when no time passed.
    #[must_use]
    pub fn mean_queue(&self) -> Option<f64> {
        let elapsed = (self.until - self.began).0;
        (elapsed > 0).then(|| self.queue_area as f64 / elapsed as f64)
    }

    /// Mean waiting of the jobs begun, in microseconds; `None` when there were
    /// none.
    #[must_use]
    pub fn mean_wait_micros(&self) -> Option<f64> {
        (self.started > 0).then(|| (self.contention + self.off_hours) as f64 / self.started as f64)
    }
}

impl<J: Copy, H: Hours> Pool<J, H> {
    /// A pool of `capacity` officers with nothing to do yet. With no officers
    /// it is legal and never starts anything.
    #[must_use]
    pub fn new(capacity: u32, hours: H, now: Timestamp) -> Self {
        let window = Window::around(&hours, now);
        Self {
            capacity,
            hours,
            lanes: Vec::new(),
            waiting: 0,
            busy: 0,
            window,
            wake: None,
            usage: Usage {
                capacity,
                began: now,
                until: now,
                open: Micros(0),
                arrived: 0,
                started: 0,
                abandoned: 0,
                finished: 0,
                busy: 0,
                queue_area: 0,
                service_area: 0,
                contention: 0,
                off_hours: 0,
                longest_queue: 0,
            },
        }
    }

    /// How many jobs wait.
    #[must_use]
    pub const fn waiting(&self) -> u32 {
        self.waiting
    }

    /// The jobs that wait, in the order in which they will be served.
    pub fn queue(&self) -> impl Iterator<Item = J> {
        self.lanes.iter().flatten().map(|waiting| waiting.job)
    }

    /// How many officers are busy (or paused with a job half done).
    #[must_use]
    pub const fn busy(&self) -> u32 {
        self.busy
    }

    /// Puts a job into the queue. Negative work counts as none.
    pub fn enqueue(&mut self, now: Timestamp, job: J, work: Micros, priority: Priority) {
        self.advance(now);
        let lane = usize::from(priority.0);
        if lane >= self.lanes.len() {
            self.lanes.resize_with(lane + 1, VecDeque::new);
        }
        self.lanes[lane].push_back(Waiting {
            job,
            work: Micros(work.0.max(0)),
            since: now,
        });
        self.waiting += 1;
        self.usage.arrived += 1;
        self.usage.longest_queue = self.usage.longest_queue.max(self.waiting);
    }

    /// Frees the officer of a job that was started.
    ///
    /// # Panics
    /// When more jobs are finished than were started: the driver has lost count.
    pub fn finish(&mut self, now: Timestamp) {
        assert!(self.busy > 0, "a job was finished that was never started");
        self.advance(now);
        self.busy -= 1;
        self.usage.finished += 1;
    }

    /// Begins the next job, if someone waits, an officer is free and the office
    /// is open. Call it until it returns `None` after every
    /// [`enqueue`](Self::enqueue), [`finish`](Self::finish) and wake-up.
    pub fn start(&mut self, now: Timestamp) -> Option<Start<J>> {
        self.start_wanted(now, |_| true)
    }

    /// The same, passing over jobs that nobody wants any more: their case has
    /// ended while they waited. They count as [`Usage::abandoned`]; the queue
    /// they stood in until now is part of [`Usage::queue_area`].
    pub fn start_wanted(
        &mut self,
        now: Timestamp,
        mut wanted: impl FnMut(J) -> bool,
    ) -> Option<Start<J>> {
        self.advance(now);
        loop {
            if self.waiting == 0 || self.busy >= self.capacity || !self.window.open {
                return None;
            }
            let next = self.lanes.iter_mut().find_map(VecDeque::pop_front)?;
            self.waiting -= 1;
            if wanted(next.job) {
                return Some(self.begin(next, now));
            }
            self.usage.abandoned += 1;
        }
    }

    fn begin(&mut self, next: Waiting<J>, now: Timestamp) -> Start<J> {
        self.busy += 1;
        let waited = now - next.since;
        let wait = if waited.0 == 0 {
            Wait::default()
        } else {
            let contention = self.hours.working_time_between(next.since, now);
            Wait {
                contention,
                off_hours: waited - contention,
            }
        };
        self.usage.started += 1;
        self.usage.contention += wait.contention.0 as u128;
        self.usage.off_hours += wait.off_hours.0 as u128;
        let done = now + next.work;
        Start {
            job: next.job,
            finishes: if done <= self.window.until {
                done
            } else {
                self.hours.add_working_time(now, next.work)
            },
            wait,
        }
    }

    /// After [`start`](Self::start) has returned `None`: the opening at which
    /// to call it again, when a job waits only because the office is closed.
    /// Each opening is told once.
    pub fn wake_at(&mut self) -> Option<Timestamp> {
        if self.waiting == 0 || self.busy >= self.capacity || self.window.open {
            return None;
        }
        let opening = self.window.until;
        (self.wake.replace(opening) != Some(opening)).then_some(opening)
    }

    /// What was done until `now`.
    pub fn usage(&mut self, now: Timestamp) -> Usage {
        self.advance(now);
        self.usage
    }

    /// Brings the integrals up to `now`; time never runs backwards here.
    fn advance(&mut self, now: Timestamp) {
        let last = self.usage.until;
        let passed = (now - last).0;
        if passed <= 0 {
            return;
        }
        let open = if now < self.window.until {
            if self.window.open {
                Micros(passed)
            } else {
                Micros(0)
            }
        } else {
            let open = self.hours.working_time_between(last, now);
            self.window = Window::around(&self.hours, now);
            open
        };
        self.usage.until = now;
        self.usage.open = self.usage.open + open;
        self.usage.busy += u128::from(self.busy) * open.0 as u128;
        self.usage.queue_area += u128::from(self.waiting) * passed as u128;
        self.usage.service_area += u128::from(self.busy) * passed as u128;
    }
}

impl Window {
    fn around<H: Hours>(hours: &H, now: Timestamp) -> Self {
        let opening = hours.next_open(now);
        if opening > now {
            Self {
                open: false,
                until: opening,
            }
        } else {
            Self {
                open: true,
                until: hours.closes_at(now),
            }
        }
    }
}

#[cfg(test)]
mod tests;
