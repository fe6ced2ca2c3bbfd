//! A step that was made of others does exactly their work: the same draws, the
//! same refusals, the same supplement notices. Only the hand-over is gone.

use std::sync::Arc;

use onething_lab::draw::Seed;
use onething_lab::replicate::{Replicate, replicate};
use onething_lab::setting::Setting;
use onething_measure::FigureName;
use onething_measure::stats::{Moments, mean_interval};
use onething_model::{Calendar, CalendarData, Text};
use onething_plan::builder::PlanBuilder;
use onething_plan::workload::{
    Arrivals, Distribution, Duration, Figure, Origin, Part, Staff, Unit, Workload,
};
use onething_plan::{Actor, Plan, Refused};

fn assumed<T>(value: T) -> Figure<T> {
    let origin = Origin::Assumed("a test".into());
    Figure { value, origin }
}

fn hours(distribution: Distribution) -> Figure<Duration> {
    let unit = Unit::Hours;
    assumed(Duration { distribution, unit })
}

fn always_open() -> Arc<Calendar> {
    let data: CalendarData = serde_json::from_value(serde_json::json!({
        "calendar": "always",
        "title": { "zh": "全天", "en": "Always" },
        "utc_offset": "+00:00",
        "hours": { "mon-sun": ["00:00-24:00"] },
    }))
    .unwrap();
    Arc::new(Calendar::new(data).unwrap())
}

/// An inspection and the decision on it by one department, apart or as one step.
fn plan(merged: bool) -> Arc<Plan> {
    let mut b = PlanBuilder::new("shop");
    b.plan_mut().calendar = always_open();
    let office = b.department("office");
    let permit = b.matter("permit", Refused::EndsCase);
    let (name, report, paper) = (b.field("name"), b.result("report"), b.result("paper"));
    let mut step = |key: &str, reads: &[_], writes: &[_]| {
        let mut step = b.step(key, Actor::Officer);
        for field in reads {
            step = step.reads(*field);
        }
        for field in writes {
            step = step.writes(*field);
        }
        step.matter(permit).department(office);
    };
    if merged {
        step("inspect-decide", &[name], &[report, paper]);
    } else {
        step("inspect", &[name], &[report]);
        step("decide", &[name, report], &[paper]);
    }
    Arc::new(b.build())
}

fn workload(officers: u32, per_year: f64, work: Distribution) -> Workload {
    let key = |step: &str| step.parse().unwrap();
    let part = |step: &str| Part {
        step: step.parse().unwrap(),
        matter: Some("permit".parse().unwrap()),
    };
    Workload {
        arrivals: Some(Arrivals {
            per_year,
            calendar: always_open(),
            origin: Origin::Assumed("a test".into()),
        }),
        staff: vec![(
            "office".parse().unwrap(),
            assumed(Staff {
                officers,
                calendar: always_open(),
                hours: Text::new("全天", "always"),
            }),
        )],
        work: vec![
            (key("inspect"), hours(work.clone())),
            (key("decide"), hours(work)),
        ],
        merged: vec![(key("inspect-decide"), vec![part("inspect"), part("decide")])],
        ..Workload::default()
    }
}

fn run(merged: bool, workload: &Workload, replication: u64, cases: u64) -> Replicate {
    let setting = Setting::new(&plan(merged), workload).unwrap();
    replicate(&setting, Seed::new(5).replication(replication), cases).unwrap()
}

/// Without queues a hand-over costs nothing: every single case takes as long
/// and costs as much work as before, whoever refuses and whatever is missing.
#[test]
fn a_merged_step_does_the_work_of_its_parts_case_by_case() {
    let work = Distribution::Lognormal { mean: 5.0, sd: 4.0 };
    let mut workload = workload(500, 4_000.0, work);
    workload.refusals = vec![
        ("inspect".parse().unwrap(), assumed(0.3)),
        ("decide".parse().unwrap(), assumed(0.2)),
    ];
    workload.supplements = vec![("permit".parse().unwrap(), assumed(0.4))];
    workload.answered_after = Some(hours(Distribution::Exponential { mean: 50.0 }));
    let (apart, merged) = (run(false, &workload, 0, 600), run(true, &workload, 0, 600));
    assert_eq!(apart.times.len(), 600);
    for (case, (apart, merged)) in apart.times.iter().zip(&merged.times).enumerate() {
        let close = (apart - merged).abs() < 1e-6 || (apart.is_nan() && merged.is_nan());
        assert!(close, "case {case}: {apart} apart, {merged} merged");
    }
    assert_eq!(apart.outcomes, merged.outcomes);
    assert!(apart.outcomes.refused > 200, "{:?}", apart.outcomes);
    let hours = |run: &Replicate| run.staff_hours().unwrap();
    assert!((hours(&apart) - hours(&merged)).abs() < 1e-6);
    let submissions = |run: &Replicate| run.mean(FigureName::Submissions).unwrap();
    assert_eq!(submissions(&apart), submissions(&merged));
    assert!(submissions(&merged) > 1.3);
    assert_eq!(merged.mean(FigureName::InternalSteps), Some(1.0));
}

/// Papers that lie after each part lie one after the other.
#[test]
fn lying_adds_up() {
    let mut workload = workload(9, 10.0, Distribution::Constant(2.0));
    workload.lying = vec![
        (
            "inspect".parse().unwrap(),
            hours(Distribution::Constant(7.0)),
        ),
        (
            "decide".parse().unwrap(),
            hours(Distribution::Constant(13.0)),
        ),
    ];
    for merged in [false, true] {
        let time = run(merged, &workload, 0, 5).mean(FigureName::ProcessingTime);
        assert!(
            (time.unwrap() - 1.0).abs() < 1e-9,
            "2 + 2 + 7 + 13 hours: {time:?}"
        );
    }
}

/// One officer, two exponential parts of half an hour each: service is Erlang-2
/// with a mean of an hour. Pollaczek and Khinchine: Wq = rho (1 + 1/2) / 2 /
/// (1 - rho), with a load of one half 0.75 hours, hence 1.75 hours in all.
#[test]
fn the_queue_before_a_merged_step_is_that_of_the_sum() {
    let workload = workload(
        1,
        365.0 * 24.0 / 2.0,
        Distribution::Exponential { mean: 0.5 },
    );
    let mut time = Moments::new();
    for replication in 0..12 {
        let days = run(true, &workload, replication, 3_000).mean(FigureName::ProcessingTime);
        time.push(days.unwrap() * 24.0);
    }
    let error = time.standard_error().unwrap();
    assert!(
        (time.mean() - 1.75).abs() < 4.0 * error,
        "{} ± {error}",
        time.mean()
    );
    assert!(mean_interval(&time, 0.95).unwrap().half_width() < 0.1);
}

/// What only some cases had, only those cases do: an acceptance that was made
/// of two works through the papers of the matters that are applied for.
#[test]
fn a_part_of_a_matter_that_a_case_does_not_have_costs_nothing() {
    let mut workload = workload(9, 100.0, Distribution::Constant(1.0));
    let elsewhere = Some("tobacco".parse().unwrap());
    workload.merged[0].1[1].matter = elsewhere;
    let hours = run(true, &workload, 0, 20).staff_hours().unwrap();
    assert!((hours - 1.0).abs() < 1e-9, "{hours}");
}
