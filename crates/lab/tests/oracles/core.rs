//! The same networks through the real core: it must neither add nor lose time.

use std::sync::Arc;

use onething_engine::{Case, Event};
use onething_lab::draw::Seed;
use onething_lab::setting::Setting;
use onething_lab::simulate::{Observer, Payload, Run, simulate};
use onething_measure::stats::Moments;
use onething_model::{Calendar, StepKey, Text, Timestamp};
use onething_plan::builder::PlanBuilder;
use onething_plan::workload::{
    Arrivals, Distribution, Duration, Figure, Origin, Staff, Unit, Workload,
};
use onething_plan::{Actor, Plan, StepIx};

use crate::network::{Activity, Network, replicate};
use crate::{accept, exp};

/// Times in the system, from arrival to end, in seconds.
#[derive(Default)]
struct Sojourns {
    opened: Vec<Timestamp>,
    all: Vec<f64>,
}

impl Observer for Sojourns {
    fn recorded(&mut self, slot: usize, _: u64, _: &Case, at: Timestamp, event: &Event) {
        if matches!(event, Event::CaseOpened(_)) {
            self.opened.resize(self.opened.len().max(slot + 1), at);
            self.opened[slot] = at;
        }
    }

    fn ended(&mut self, slot: usize, _: u64, _: &Case, at: Timestamp) {
        self.all.push((at - self.opened[slot]).0 as f64 / 1e6);
    }
}

fn run(setting: &Setting, seed: u64, number: u64, cases: u64) -> (Run, Vec<f64>) {
    let (mut sojourns, draws) = (Sojourns::default(), Seed::new(seed).replication(number));
    let run = simulate(setting, draws, cases, Payload::None, &mut sojourns).unwrap();
    (run, sojourns.all)
}

fn figure<T>(value: T) -> Figure<T> {
    Figure {
        value,
        origin: Origin::Assumed("an oracle".into()),
    }
}

fn seconds(distribution: Distribution) -> Figure<Duration> {
    let hours = |seconds: f64| seconds / 3_600.0;
    figure(Duration {
        distribution: match distribution {
            Distribution::Exponential { mean } => Distribution::Exponential { mean: hours(mean) },
            Distribution::Constant(value) => Distribution::Constant(hours(value)),
            other => panic!("no seconds for {other:?}"),
        },
        unit: Unit::Hours,
    })
}

/// Steps with what they come after; an order stated by hand stands in for data.
type Steps<'a> = &'a [(&'a str, Option<usize>, Distribution, &'a [usize])];

/// A plan of these steps, one department per pool, and its workload: one
/// arrival a second.
fn setting(steps: Steps<'_>, pools: &[u32]) -> Setting {
    let calendar = Arc::new(Calendar::round_the_clock());
    let mut b = PlanBuilder::new("oracle");
    let departments: Vec<_> = (0..pools.len())
        .map(|at| b.department(&format!("pool-{at}")))
        .collect();
    for (at, (name, pool, _, after)) in steps.iter().enumerate() {
        let actor = if pool.is_some() {
            Actor::Officer
        } else {
            Actor::System
        };
        let mut step = b.step(name, actor);
        assert!(after.iter().all(|before| *before < at));
        for before in *after {
            // Step 0 is the application.
            step = step.after(StepIx::at(before + 1));
        }
        if let Some(pool) = pool {
            step.department(departments[*pool]);
        }
    }
    let plan: Arc<Plan> = Arc::new(b.build());
    let staff = pools.iter().enumerate().map(|(at, officers)| {
        let staff = Staff {
            officers: *officers,
            calendar: calendar.clone(),
            hours: Text::new("全天", "always"),
        };
        (format!("pool-{at}").parse().unwrap(), figure(staff))
    });
    let workload = Workload {
        arrivals: Some(Arrivals {
            per_year: 365.0 * 86_400.0,
            calendar: calendar.clone(),
            origin: Origin::Assumed("an oracle".into()),
        }),
        staff: staff.collect(),
        work: steps
            .iter()
            .map(|(name, _, work, _)| (name.parse::<StepKey>().unwrap(), seconds(work.clone())))
            .collect(),
        ..Workload::default()
    };
    let setting = Setting::new(&plan, &workload).unwrap();
    assert_eq!(setting.warnings(), []);
    setting
}

fn e(mean: f64) -> Distribution {
    Distribution::Exponential { mean }
}

fn study(steps: Steps<'_>, cases: u64) -> Moments {
    let setting = setting(steps, &[]);
    (0..20)
        .map(|number| {
            let sojourns: Moments = run(&setting, 5, number, cases).1.into_iter().collect();
            sojourns.mean()
        })
        .collect()
}

#[test]
fn o8_o9_o10_through_the_core() {
    let fork = study(
        &[
            ("a", None, e(4.0), &[]),
            ("b", None, e(2.5), &[]),
            ("c", None, e(2.5), &[]),
            ("d", None, e(6.0), &[]),
        ],
        10_000,
    );
    accept("O8, core", &fork, 8.357_591);
    let dag = study(
        &[
            ("a", None, e(1.0), &[]),
            ("b", None, e(1.0), &[]),
            ("c", None, e(1.0), &[0]),
            ("d", None, e(1.0), &[0]),
            ("e", None, e(1.0), &[1, 2]),
        ],
        10_000,
    );
    accept("O9, core", &dag, 83.0 / 24.0);
    let c = Distribution::Constant;
    let steps: Steps<'_> = &[
        ("a", None, c(3.0), &[]),
        ("b", None, c(2.0), &[0]),
        ("c", None, c(6.0), &[0]),
        ("e", None, c(4.0), &[0]),
        ("d", None, c(1.0), &[1, 2, 3]),
    ];
    let (_, sojourns) = run(&setting(steps, &[]), 1, 0, 500);
    assert!(sojourns.iter().all(|s| *s == 10.0), "O10, core");
}

/// Six activities — intake, four in parallel, issue — on four pools, case by
/// case against the plain network with the same draws.
#[test]
fn fork_join_with_queues_is_that_of_the_plain_network() {
    let middle: &[usize] = &[0];
    let steps: Steps<'_> = &[
        ("intake", Some(0), e(2.5), &[]),
        ("tax", Some(1), e(4.0), middle),
        ("police", Some(2), e(2.5), middle),
        ("post", Some(2), e(2.5), middle),
        ("review", Some(3), e(6.0), middle),
        ("issue", Some(0), e(2.5), &[1, 2, 3, 4]),
    ];
    let pools = [7, 5, 7, 8];
    let activities = steps
        .iter()
        .map(|(name, pool, work, after)| {
            let Distribution::Exponential { mean } = work else {
                panic!("exponential")
            };
            Activity {
                name: match *name {
                    "intake" => "intake",
                    "tax" => "tax",
                    "police" => "police",
                    "post" => "post",
                    "review" => "review",
                    _ => "issue",
                },
                pool: *pool,
                work: exp(*mean),
                after: after.to_vec(),
                refused: 0.0,
            }
        })
        .collect();
    let plain = replicate(&Network::new(exp(1.0), &pools, activities), 5, 0, 50_000, 0);
    let (run, sojourns) = run(&setting(steps, &pools), 5, 0, 50_000);
    assert_eq!(sojourns.len(), plain.sojourns.len());
    for (core, plain) in sojourns.iter().zip(&plain.sojourns) {
        // Units are converted in another order: a few microseconds of rounding.
        assert!((core - plain).abs() < 1e-3, "{core} {plain}");
    }
    for (core, plain) in run.pools.iter().zip(&plain.usage) {
        assert_eq!(core.usage.finished, plain.finished);
        let waits = (
            core.usage.mean_wait_micros().unwrap(),
            plain.mean_wait_micros().unwrap(),
        );
        assert!((waits.0 - waits.1).abs() < 10.0, "{waits:?}");
    }
    // One arrival and six ends of work per case.
    assert_eq!(run.events, 7 * 50_000);
}

/// O17: a step nobody waits for leaves every other draw alone.
#[test]
fn o17_an_unrelated_step_changes_no_other_time() {
    let alone: Steps<'_> = &[("review", Some(0), e(0.5), &[])];
    let with: Steps<'_> = &[
        ("survey", Some(1), e(0.0), &[]),
        ("review", Some(0), e(0.5), &[]),
    ];
    let before = run(&setting(alone, &[1, 1]), 3, 2, 2_000).1;
    let after = run(&setting(with, &[1, 1]), 3, 2, 2_000).1;
    assert_eq!(before, after);
}
