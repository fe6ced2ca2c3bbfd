use super::*;
use crate::event_list::EventList;
use crate::hours::RoundTheClock;
use proptest::prelude::*;

/// Open for the first part of each cycle: an eight-hour day of 24, say.
#[derive(Debug, Clone, Copy)]
struct Shift {
    open: i64,
    cycle: i64,
}

impl Hours for Shift {
    fn next_open(&self, from: Timestamp) -> Timestamp {
        let phase = from.0.rem_euclid(self.cycle);
        if phase < self.open {
            from
        } else {
            Timestamp(from.0 - phase + self.cycle)
        }
    }

    fn closes_at(&self, at: Timestamp) -> Timestamp {
        let phase = at.0.rem_euclid(self.cycle);
        if phase < self.open {
            Timestamp(at.0 - phase + self.open)
        } else {
            at
        }
    }

    fn add_working_time(&self, from: Timestamp, work: Micros) -> Timestamp {
        let (mut at, mut left) = (from, work.0);
        while left > 0 {
            at = self.next_open(at);
            let step = left.min((self.closes_at(at) - at).0);
            at = at + Micros(step);
            left -= step;
        }
        at
    }

    fn working_time_between(&self, from: Timestamp, to: Timestamp) -> Micros {
        Micros(
            (from.0..to.0)
                .filter(|t| t.rem_euclid(self.cycle) < self.open)
                .count() as i64,
        )
    }
}

#[derive(Debug, Clone, Copy)]
struct Task {
    at: i64,
    work: i64,
    priority: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Served {
    started: i64,
    finished: i64,
    wait: Wait,
}

/// Runs tasks through a pool; everything that happens at one instant happens
/// before officers choose.
fn run<H: Hours>(capacity: u32, hours: H, tasks: &[Task]) -> (Vec<Served>, Usage) {
    #[derive(Clone, Copy)]
    enum Event {
        Arrive(usize),
        Finish,
        Open,
    }
    let mut pool = Pool::new(capacity, hours, Timestamp(0));
    let mut events = EventList::new();
    for (id, task) in tasks.iter().enumerate() {
        events.schedule(Timestamp(task.at), Event::Arrive(id));
    }
    let mut served = vec![None; tasks.len()];
    let mut end = Timestamp(0);
    while let Some(now) = events.next_at() {
        while events.next_at() == Some(now) {
            match events.next().unwrap().1 {
                Event::Arrive(id) => {
                    let task = tasks[id];
                    pool.enqueue(now, id, Micros(task.work), Priority(task.priority));
                }
                Event::Finish => pool.finish(now),
                Event::Open => {}
            }
        }
        while let Some(start) = pool.start(now) {
            events.schedule(start.finishes, Event::Finish);
            served[start.job] = Some(Served {
                started: now.0,
                finished: start.finishes.0,
                wait: start.wait,
            });
        }
        if let Some(opening) = pool.wake_at() {
            events.schedule(opening, Event::Open);
        }
        end = now;
    }
    let served = served
        .into_iter()
        .map(|s| s.expect("every task is served"))
        .collect();
    (served, pool.usage(end))
}

const DAY: Shift = Shift { open: 8, cycle: 24 };

fn task(at: i64, work: i64, priority: u8) -> Task {
    Task { at, work, priority }
}

#[test]
fn first_come_first_served_within_a_priority() {
    let (served, _) = run(
        1,
        RoundTheClock,
        &[task(0, 5, 4), task(1, 5, 4), task(2, 1, 4)],
    );
    assert_eq!(
        served.iter().map(|s| s.started).collect::<Vec<_>>(),
        [0, 5, 10]
    );
}

/// A defect seen in a peer: a job of low priority waited beside an idle server
/// because one of high priority was going to come.
#[test]
fn a_low_priority_does_not_wait_beside_an_idle_officer() {
    let (served, _) = run(
        1,
        RoundTheClock,
        &[task(0, 10, 9), task(1, 1, 0), task(2, 1, 9)],
    );
    let started: Vec<i64> = served.iter().map(|s| s.started).collect();
    assert_eq!(
        started,
        [0, 10, 11],
        "the job begun is finished, then the urgent one"
    );
}

#[test]
fn who_comes_at_night_first_does_not_overtake_the_urgent() {
    let (served, _) = run(1, DAY, &[task(10, 2, 4), task(12, 2, 0)]);
    assert_eq!(served[1].started, 24);
    assert_eq!(served[0].started, 26);
}

#[test]
fn work_pauses_while_the_office_is_closed() {
    let (served, usage) = run(1, DAY, &[task(6, 5, 4)]);
    assert_eq!((served[0].started, served[0].finished), (6, 27));
    assert_eq!((usage.busy, usage.service_area), (5, 21));
    assert_eq!(usage.open, Micros(8 + 3));
}

#[test]
fn work_that_fills_the_day_is_done_at_closing() {
    let (served, _) = run(1, DAY, &[task(0, 8, 4), task(0, 1, 4)]);
    assert_eq!(served[0].finished, 8);
    assert_eq!(served[1].started, 24, "nothing is taken up at closing time");
}

#[test]
fn waiting_is_split_by_cause() {
    // One officer busy from 6 to 25 (open 0..8, 24..32); the next waits from 7.
    let (served, usage) = run(1, DAY, &[task(6, 3, 4), task(7, 1, 4)]);
    assert_eq!(served[1].started, 25);
    let wait = Wait {
        contention: Micros(2),
        off_hours: Micros(16),
    };
    assert_eq!(served[1].wait, wait);
    assert_eq!((usage.contention, usage.off_hours), (2, 16));
    assert_eq!(usage.mean_wait_micros(), Some(9.0));
}

#[test]
fn what_nobody_wants_any_more_is_passed_over() {
    let mut pool = Pool::new(1, RoundTheClock, Timestamp(0));
    for job in ['a', 'b', 'c'] {
        pool.enqueue(Timestamp(0), job, Micros(5), Priority::NORMAL);
    }
    assert_eq!(pool.start(Timestamp(0)).unwrap().job, 'a');
    pool.finish(Timestamp(5));
    let start = pool.start_wanted(Timestamp(5), |job| job != 'b').unwrap();
    assert_eq!((start.job, pool.waiting()), ('c', 0));
    let usage = pool.usage(Timestamp(5));
    assert_eq!(
        (usage.started, usage.abandoned, usage.queue_area),
        (2, 1, 10)
    );
}

#[test]
fn a_pool_without_officers_never_starts() {
    let mut pool = Pool::new(0, DAY, Timestamp(0));
    pool.enqueue(Timestamp(0), 'a', Micros(1), Priority::NORMAL);
    assert_eq!(pool.start(Timestamp(0)), None);
    assert_eq!(pool.wake_at(), None);
    assert_eq!(pool.usage(Timestamp(0)).utilisation(), None);
}

#[test]
#[should_panic(expected = "never started")]
fn finishing_what_was_not_started_is_a_broken_driver() {
    Pool::<u32, _>::new(1, RoundTheClock, Timestamp(0)).finish(Timestamp(0));
}

/// The obvious office: every tick, officers at work do one unit, and free ones
/// look through the queue.
fn tick_by_tick(capacity: u32, shift: Shift, tasks: &[Task]) -> Vec<(i64, i64)> {
    let mut times = vec![(-1, -1); tasks.len()];
    let mut left: Vec<i64> = tasks.iter().map(|t| t.work).collect();
    let mut serving: Vec<usize> = Vec::new();
    let mut now = 0_i64;
    while times.iter().any(|t| t.1 < 0) {
        serving.retain(|id| {
            let done = left[*id] == 0;
            if done {
                times[*id].1 = now;
            }
            !done
        });
        if now.rem_euclid(shift.cycle) < shift.open {
            // Work of length zero frees its officer within the same instant.
            loop {
                let free = serving.len() < capacity as usize;
                let next = (0..tasks.len())
                    .filter(|id| tasks[*id].at <= now && times[*id].0 < 0)
                    .min_by_key(|id| (tasks[*id].priority, tasks[*id].at, *id));
                let Some(id) = next.filter(|_| free) else {
                    break;
                };
                times[id].0 = now;
                serving.push(id);
            }
            let done_at_once: Vec<usize> = serving
                .iter()
                .copied()
                .filter(|id| left[*id] == 0)
                .collect();
            if !done_at_once.is_empty() {
                continue;
            }
            for id in &serving {
                left[*id] -= 1;
            }
        }
        now += 1;
    }
    times
}

fn tasks() -> impl Strategy<Value = Vec<Task>> {
    prop::collection::vec((0_i64..60, 0_i64..12, 0_u8..3), 1..25)
        .prop_map(|all| all.into_iter().map(|(a, w, p)| task(a, w, p)).collect())
}

proptest! {
    #[test]
    fn same_as_an_office_watched_tick_by_tick(
        tasks in tasks(), capacity in 1_u32..4, open in 1_i64..9, closed in 0_i64..9,
    ) {
        let shift = Shift { open, cycle: open + closed };
        let (served, _) = run(capacity, shift, &tasks);
        let found: Vec<(i64, i64)> = served.iter().map(|s| (s.started, s.finished)).collect();
        prop_assert_eq!(found, tick_by_tick(capacity, shift, &tasks));
    }

    /// O11: the integrals equal the sums over jobs, exactly.
    #[test]
    fn integrals_are_sums(
        tasks in tasks(), capacity in 1_u32..4, open in 1_i64..9, closed in 0_i64..9,
    ) {
        let shift = Shift { open, cycle: open + closed };
        let (served, usage) = run(capacity, shift, &tasks);
        let sum = |f: &dyn Fn(&Task, &Served) -> i64| -> u128 {
            tasks.iter().zip(&served).map(|(t, s)| f(t, s) as u128).sum()
        };
        prop_assert_eq!(usage.queue_area, sum(&|t, s| s.started - t.at));
        prop_assert_eq!(usage.service_area, sum(&|_, s| s.finished - s.started));
        prop_assert_eq!(usage.busy, sum(&|t, _| t.work));
        prop_assert_eq!(usage.contention, sum(&|_, s| s.wait.contention.0));
        prop_assert_eq!(usage.contention + usage.off_hours, usage.queue_area);
        prop_assert_eq!(usage.open, shift.working_time_between(Timestamp(0), usage.until));
        prop_assert_eq!((usage.arrived, usage.finished), (served.len() as u64, served.len() as u64));
    }
}
