//! Events per second of processor time: the fork-join of six activities
//! through the real core, beside a plain loop without a core.
//!
//! An event is one pop of the event list, seven for each case: its arrival and
//! the end of each activity. Prints one JSON object per scale.

// The results are this program's output.
#![allow(clippy::print_stdout)]

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;

use onething_benches::cpu_s;
use onething_lab::draw::Seed;
use onething_lab::setting::Setting;
use onething_lab::simulate::{Payload, simulate};
use onething_model::{Calendar, Text};
use onething_plan::builder::PlanBuilder;
use onething_plan::workload::{
    Arrivals, Distribution, Duration, Figure, Origin, Staff, Unit, Workload,
};
use onething_plan::{Actor, StepIx};

/// Name, pool, mean minutes and predecessors of each activity.
const ACTIVITIES: [(&str, usize, f64, &[usize]); 6] = [
    ("intake", 0, 2.5, &[]),
    ("tax", 1, 4.0, &[0]),
    ("police", 2, 2.5, &[0]),
    ("post", 2, 2.5, &[0]),
    ("review", 3, 6.0, &[0]),
    ("issue", 0, 2.5, &[1, 2, 3, 4]),
];

/// Officers of each pool.
const POOLS: [u32; 4] = [7, 5, 7, 8];

fn main() {
    for cases in [10_000, 1_000_000] {
        let (events, seconds) = core(cases);
        let (limit_events, limit_seconds) = plain(cases);
        let rate = events as f64 / seconds;
        let limit = limit_events as f64 / limit_seconds;
        println!(
            "{}",
            serde_json::json!({
                "bench": "lab_events",
                "cases": cases,
                "events": events,
                "events_per_cpu_s": rate.round(),
                "limit_events_per_cpu_s": limit.round(),
                "ratio": (rate / limit * 1_000.0).round() / 1_000.0,
            })
        );
    }
}

fn figure<T>(value: T) -> Figure<T> {
    Figure {
        value,
        origin: Origin::Assumed("a bench".into()),
    }
}

fn setting() -> Setting {
    let calendar = Arc::new(Calendar::round_the_clock());
    let mut b = PlanBuilder::new("fork-join");
    let departments =
        ["window", "tax", "police", "review"].map(|name| b.department(&format!("{name}-pool")));
    for (name, pool, _, after) in ACTIVITIES {
        let mut step = b.step(name, Actor::Officer);
        for before in after {
            // Step 0 is the application.
            step = step.after(StepIx::at(before + 1));
        }
        step.department(departments[pool]);
    }
    let plan = Arc::new(b.build());
    let staff = |officers| {
        figure(Staff {
            officers,
            calendar: calendar.clone(),
            hours: Text::new("全天", "always"),
        })
    };
    let minutes = |mean: f64| {
        figure(Duration {
            distribution: Distribution::Exponential { mean: mean / 60.0 },
            unit: Unit::Hours,
        })
    };
    let workload = Workload {
        arrivals: Some(Arrivals {
            per_year: 365.0 * 24.0 * 60.0,
            calendar: calendar.clone(),
            origin: Origin::Assumed("one a minute".into()),
        }),
        staff: POOLS
            .iter()
            .zip(departments)
            .map(|(officers, d)| (plan.department(d).key.clone(), staff(*officers)))
            .collect(),
        work: ACTIVITIES
            .iter()
            .map(|(name, _, mean, _)| (name.parse().expect("a key"), minutes(*mean)))
            .collect(),
        ..Workload::default()
    };
    Setting::new(&plan, &workload).expect("the workload can be simulated")
}

/// Events and seconds through the core, with draws by address, per-pool
/// statistics and causal priorities.
fn core(cases: u64) -> (u64, f64) {
    let setting = setting();
    let begin = cpu_s();
    let draws = Seed::new(1).replication(0);
    let run = simulate(&setting, draws, cases, Payload::None, &mut ()).expect("it runs");
    let seconds = cpu_s() - begin;
    assert_eq!((run.ended, run.events), (cases, 7 * cases));
    (run.events, seconds)
}

/// The same network as a plain loop: a binary heap, a fast generator, counters.
fn plain(cases: u64) -> (u64, f64) {
    const ARRIVE: u8 = u8::MAX;
    struct Case {
        left: u8,
    }
    let begin = cpu_s();
    let mut random = 88_172_645_463_325_252_u64;
    let mut exponential = |mean: f64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let u = ((random >> 12) as f64 + 0.5) / (1_u64 << 52) as f64;
        (-mean * 60e6 * u.ln()) as u64
    };
    let mut heap: BinaryHeap<Reverse<(u64, u32, u8)>> = BinaryHeap::new();
    let mut queues: [VecDeque<(u32, u8)>; 4] = Default::default();
    let mut busy = [0_u32; 4];
    let (mut slots, mut free): (Vec<Case>, Vec<u32>) = (Vec::new(), Vec::new());
    let (mut arrived, mut events, mut ended) = (0_u64, 0_u64, 0_u64);
    heap.push(Reverse((exponential(1.0), 0, ARRIVE)));
    while let Some(Reverse((now, slot, activity))) = heap.pop() {
        events += 1;
        let mut begun: [Option<u8>; 4] = [None; 4];
        let mut of = slot;
        if activity == ARRIVE {
            arrived += 1;
            if arrived < cases {
                heap.push(Reverse((now + exponential(1.0), 0, ARRIVE)));
            }
            of = free.pop().unwrap_or_else(|| {
                slots.push(Case { left: 0 });
                slots.len() as u32 - 1
            });
            slots[of as usize].left = 6;
            begun[0] = Some(0);
        } else {
            let (_, pool, _, _) = ACTIVITIES[usize::from(activity)];
            busy[pool] -= 1;
            if let Some((next, what)) = queues[pool].pop_front() {
                busy[pool] += 1;
                let work = exponential(ACTIVITIES[usize::from(what)].2);
                heap.push(Reverse((now + work, next, what)));
            }
            let case = &mut slots[slot as usize];
            case.left -= 1;
            match (activity, case.left) {
                (0, _) => begun = [Some(1), Some(2), Some(3), Some(4)],
                (_, 1) => begun[0] = Some(5),
                (_, 0) => {
                    ended += 1;
                    free.push(slot);
                }
                _ => {}
            }
        }
        for what in begun.into_iter().flatten() {
            let (_, pool, mean, _) = ACTIVITIES[usize::from(what)];
            if busy[pool] < POOLS[pool] {
                busy[pool] += 1;
                heap.push(Reverse((now + exponential(mean), of, what)));
            } else {
                queues[pool].push_back((of, what));
            }
        }
    }
    let seconds = cpu_s() - begin;
    assert_eq!((ended, events), (cases, 7 * cases));
    (events, seconds)
}
