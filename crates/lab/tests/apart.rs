//! The two means of a figure are of the same people: of those for whom both ways
//! have something to do. The others work on as load, and are told apart.

use std::sync::Arc;

use onething_lab::study::Study;
use onething_measure::{Apart, Comparison, FigureName, Kind};
use onething_model::{Calendar, Text};
use onething_plan::builder::PlanBuilder;
use onething_plan::workload::{
    AnswerMix, Arrivals, Distribution, Duration, Figure, Origin, Staff, Unit, Workload,
};
use onething_plan::{Actor, Answer, Cond, Plan, Refused, Service, Way};

const CASES: u64 = 300;
const REPLICATIONS: u64 = 4;

fn assumed<T>(value: T) -> Figure<T> {
    let origin = Origin::Assumed("a test".into());
    Figure { value, origin }
}

/// For the large: an inspection that reads the name and a drawing. For the small: a
/// register entry that reads the name. Each way serves some of them, or all.
fn plan(way: Way, serves_large: bool, serves_small: bool) -> Arc<Plan> {
    let mut b = PlanBuilder::new("shop");
    b.plan_mut().calendar = Arc::new(Calendar::round_the_clock());
    b.plan_mut().way = way;
    let large = b.yes_no("large");
    let (name, drawing) = (b.field("name"), b.field("drawing"));
    let office = b.department("office");
    let permit = b.matter("permit", Refused::EndsCase);
    let mut served = Vec::new();
    if serves_large {
        let report = b.result("report");
        served.push(Cond::yes(large));
        b.step("inspect", Actor::Officer)
            .reads(name)
            .reads(drawing)
            .writes(report)
            .when(Cond::yes(large))
            .matter(permit)
            .department(office);
    }
    if serves_small {
        let entry = b.result("entry");
        let small = Cond::Not(Box::new(Cond::yes(large)));
        served.push(small.clone());
        b.step("register", Actor::Officer)
            .reads(name)
            .writes(entry)
            .when(small)
            .matter(permit)
            .department(office);
    }
    let mut plan = b.build();
    plan.steps[0].when = Cond::any(served);
    Arc::new(plan)
}

/// Four in ten are large; an inspection takes longer than an entry.
fn workload() -> Workload {
    let calendar = Arc::new(Calendar::round_the_clock());
    let hours = |hours| {
        assumed(Duration {
            distribution: Distribution::Constant(hours),
            unit: Unit::Hours,
        })
    };
    Workload {
        arrivals: Some(Arrivals {
            per_year: 1_000.0,
            calendar: calendar.clone(),
            origin: Origin::Assumed("a test".into()),
        }),
        staff: vec![(
            "office".parse().unwrap(),
            assumed(Staff {
                officers: 2,
                calendar,
                hours: Text::new("全天", "round the clock"),
            }),
        )],
        work: vec![
            ("inspect".parse().unwrap(), hours(6.0)),
            ("register".parse().unwrap(), hours(1.0)),
        ],
        answers: vec![(
            "large".parse().unwrap(),
            assumed(AnswerMix::Shares(vec![
                (Answer::YesNo(true), 0.4),
                (Answer::YesNo(false), 0.6),
            ])),
        )],
        ..Workload::default()
    }
}

fn study(old: (bool, bool), new: (bool, bool)) -> Comparison {
    let service = Service {
        old: Some(plan(Way::Old, old.0, old.1)),
        new: plan(Way::New, new.0, new.1),
        workload: Some(Arc::new(workload())),
        declared: Vec::new(),
    };
    let study = Study::new(&service).cases(CASES).replications(REPLICATIONS);
    study.seed(3).run().unwrap()
}

#[test]
fn both_means_are_of_the_same_people() {
    const ALL: (bool, bool) = (true, true);
    const LARGE: (bool, bool) = (true, false);
    const SMALL: (bool, bool) = (false, true);
    // (old way serves, new way serves) -> fields asked of a case in both ways; which of
    // the counts of the others is not nought.
    type Row = ((bool, bool), (bool, bool), Option<f64>, [bool; 3]);
    let rows: [Row; 6] = [
        (ALL, LARGE, Some(2.0), [true, false, false]),
        (ALL, SMALL, Some(1.0), [true, false, false]),
        (LARGE, ALL, Some(2.0), [false, true, false]),
        (SMALL, ALL, Some(1.0), [false, true, false]),
        (SMALL, SMALL, Some(1.0), [false, false, true]),
        (LARGE, SMALL, None, [true, true, false]),
    ];
    for (old, new, fields, others) in rows {
        let comparison = study(old, new);
        let figure = comparison.figure(FigureName::Fields, Kind::Simulated);
        let figure = figure.unwrap();
        assert_eq!(
            (figure.before, figure.after),
            (fields, fields),
            "{old:?} {new:?}"
        );
        let facts = comparison.study.as_ref().unwrap();
        let apart = facts.apart;
        let counts = [apart.before_only, apart.after_only, apart.neither];
        assert_eq!(counts.map(|count| count > 0), others, "{old:?} {new:?}");
        // Nobody is lost, and outcomes are of those whom the figures are of.
        let compared = CASES * REPLICATIONS - apart.total();
        assert_eq!(facts.before.total(), compared, "{old:?} {new:?}");
        assert_eq!(facts.after.total(), compared, "{old:?} {new:?}");
        assert_eq!(comparison.warnings.len(), 1, "{:?}", comparison.warnings);
        // Who is in no figure is worked on all the same.
        let pieces = |loads: &[onething_measure::Load]| loads[0].pieces * REPLICATIONS as f64;
        let served = |only: u64| (compared + only) as f64;
        assert!((pieces(&facts.loads_before) - served(apart.before_only)).abs() < 1e-6);
        assert!((pieces(&facts.loads_after) - served(apart.after_only)).abs() < 1e-6);
    }
}

#[test]
fn where_all_are_served_nobody_is_left_out() {
    let comparison = study((true, true), (true, true));
    let facts = comparison.study.as_ref().unwrap();
    assert_eq!(facts.apart, Apart::default());
    assert_eq!(facts.before.total(), CASES * REPLICATIONS);
    assert_eq!(comparison.warnings, []);
    let figure = comparison.figure(FigureName::Fields, Kind::Simulated);
    let mean = figure.unwrap().before.unwrap();
    assert!((mean - 1.4).abs() < 0.1, "{mean}");
}

#[test]
fn who_is_left_out_is_said_by_the_way_that_leaves_them_out() {
    let said = |old, new| study(old, new).warnings[0].clone();
    let text = said((true, true), (true, false));
    assert!(
        text.zh().contains("改革前须办理、改革后没有事项可办的有"),
        "{text:?}"
    );
    assert!(
        text.en().contains("only the old way has something to do")
            && !text.en().contains("only the new"),
        "{text:?}"
    );
    let text = said((true, false), (false, true));
    assert!(
        text.en().contains("only the old way has") && text.en().contains("only the new way has"),
        "{text:?}"
    );
}
