//! More people who end without what they came for are a warning, and not where it is chance.

use std::sync::Arc;

use onething_lab::study::Study;
use onething_measure::Comparison;
use onething_model::{Calendar, Text};
use onething_plan::builder::PlanBuilder;
use onething_plan::workload::{Arrivals, Distribution, Duration, Figure, Origin, Unit, Workload};
use onething_plan::{
    Actor, Handled, Plan, Refused, Service, StepIx, Submission, SubmissionKind, Way,
};

fn assumed<T>(value: T) -> Figure<T> {
    let origin = Origin::Assumed("a test".into());
    Figure { value, origin }
}

/// A licence and a signboard, each reviewed by its department, with what a refusal of the
/// signboard ends.
fn together(sign: Refused) -> Plan {
    let mut b = PlanBuilder::new("shop");
    b.plan_mut().calendar = Arc::new(Calendar::round_the_clock());
    let name = b.field("name");
    let (market, urban) = (b.department("market"), b.department("urban"));
    let licence = b.matter("licence", Refused::EndsCase);
    let signboard = b.matter("signboard", sign);
    let (paper, permit) = (b.result("licence-paper"), b.result("sign-permit"));
    for (key, result, matter, department) in [
        ("licence-review", paper, licence, market),
        ("sign-review", permit, signboard, urban),
    ] {
        b.step(key, Actor::Officer)
            .reads(name)
            .writes(result)
            .matter(matter)
            .department(department);
    }
    b.build()
}

/// The same, the signboard applied for after the licence.
fn apart(sign: Refused) -> Plan {
    let mut plan = together(sign);
    plan.way = Way::Old;
    plan.handled = Handled::Apart;
    let mut second = plan.steps[0].clone();
    second.key = "apply-sign".parse().unwrap();
    second.actor = Actor::Submission(Submission {
        kind: SubmissionKind::Application,
        accepted_by: None,
    });
    second.scope = StepIx(2);
    second.after.push(onething_plan::After {
        step: StepIx(1),
        because: Text::new("须先取得许可证", "the licence comes first"),
    });
    plan.steps.insert(2, second);
    plan.steps[3].scope = StepIx(2);
    for field in &mut plan.fields {
        for producer in &mut field.producers {
            if *producer == StepIx(2) {
                *producer = StepIx(3);
            }
        }
    }
    plan
}

fn workload(refused: f64) -> Workload {
    let hours = |hours| {
        assumed(Duration {
            distribution: Distribution::Constant(hours),
            unit: Unit::Hours,
        })
    };
    Workload {
        arrivals: Some(Arrivals {
            per_year: 1_000.0,
            calendar: Arc::new(Calendar::round_the_clock()),
            origin: Origin::Assumed("a test".into()),
        }),
        work: vec![
            ("licence-review".parse().unwrap(), hours(1.0)),
            ("sign-review".parse().unwrap(), hours(2.0)),
        ],
        refusals: vec![("sign-review".parse().unwrap(), assumed(refused))],
        ..Workload::default()
    }
}

fn study(old: Refused, new: Refused, share: f64) -> Comparison {
    let service = Service {
        old: Some(Arc::new(apart(old))),
        new: Arc::new(together(new)),
        workload: Some(Arc::new(workload(share))),
        declared: Vec::new(),
    };
    let study = Study::new(&service).cases(400).replications(6);
    study.seed(5).confidence(0.9).run().unwrap()
}

#[test]
fn more_people_who_go_away_with_nothing_are_told() {
    use Refused::{EndsCase, EndsMatter};
    const REFUSED: &str = "more cases are refused as a whole";
    const DELIVERED: &str = "more of the results that people apply for do not reach them";
    // What a refusal of the signboard ends in the old and in the new way, how often it falls;
    // what is told.
    let rows: [(Refused, Refused, f64, &[&str]); 7] = [
        (EndsMatter, EndsMatter, 0.2, &[]),
        // The licence is lost as well; that of the whole case says as much.
        (EndsMatter, EndsCase, 0.2, &[REFUSED]),
        // Refused in both ways; but apart the licence was delivered before.
        (EndsCase, EndsCase, 0.2, &[DELIVERED]),
        (EndsCase, EndsMatter, 0.2, &[]),
        // Surely more, and not as many as anybody would notice.
        (EndsMatter, EndsCase, 0.005, &[]),
        (EndsMatter, EndsCase, 0.0, &[]),
        (EndsMatter, EndsCase, 1.0, &[REFUSED]),
    ];
    for (old, new, share, told) in rows {
        let comparison = study(old, new, share);
        let warnings = comparison.warnings.iter();
        let warnings: Vec<&str> = warnings.map(Text::en).collect();
        let about = |what: &str| {
            warnings
                .iter()
                .filter(|text| text.starts_with(what))
                .count()
        };
        for what in [REFUSED, DELIVERED] {
            let expected = usize::from(told.contains(&what));
            assert_eq!(
                about(what),
                expected,
                "{old:?} {new:?} {share}: {warnings:?}"
            );
        }
    }
}

#[test]
fn both_shares_their_difference_and_its_interval_are_told() {
    let comparison = study(Refused::EndsMatter, Refused::EndsCase, 0.2);
    let facts = comparison.study.unwrap();
    let after = 100.0 * facts.after.refused_share().unwrap();
    assert!((after - 20.0).abs() < 2.0, "{after}");
    assert_eq!(facts.before.refused, 0);
    let warning = &comparison.warnings[0];
    assert!(
        warning.en().contains(&format!(
            "{after:.1} % in the new way and 0.0 % in the old, {after:.1} percentage points more (90 % interval ["
        )),
        "{warning:?}"
    );
    assert!(
        warning.zh().contains(&format!(
            "新方式 {after:.1} %，原方式 0.0 %，多 {after:.1} 个百分点（90 % 置信区间 ["
        )),
        "{warning:?}"
    );
    // Of two results one is lost in the old way, and both in the new.
    let [before, after] = [facts.results_before, facts.results_after];
    assert_eq!((before.due, after.due), (4_800, 4_800));
    let [before, after] = [before, after].map(|results| results.missing_share().unwrap());
    assert!((after - 2.0 * before).abs() < 1e-9, "{before} {after}");
}

/// A study so small that as many may have been refused by chance.
#[test]
fn what_may_be_chance_is_not_told() {
    let service = Service {
        old: Some(Arc::new(apart(Refused::EndsMatter))),
        new: Arc::new(together(Refused::EndsCase)),
        workload: Some(Arc::new(workload(0.02))),
        declared: Vec::new(),
    };
    let study = Study::new(&service).cases(60).replications(3).seed(2);
    let comparison = study.run().unwrap();
    let facts = comparison.study.unwrap();
    assert!(facts.after.refused_share().unwrap() > 0.01, "{facts:?}");
    assert!(
        comparison
            .warnings
            .iter()
            .all(|text| !text.en().starts_with("more cases are refused")),
        "{:?}",
        comparison.warnings
    );
}
