//! A small service, two matters handled apart or as one thing, studied.

use std::sync::Arc;

use onething_lab::study::{Error, Study};
use onething_measure::{Comparison, FigureName, Kind};
use onething_model::{Calendar, CalendarData, Text};
use onething_plan::builder::PlanBuilder;
use onething_plan::workload::{
    Arrivals, Distribution, Duration, Figure, Origin, Staff, Unit, Workload,
};
use onething_plan::{
    Actor, Handled, Plan, Refused, Service, StepIx, Submission, SubmissionKind, Way,
};

fn assumed<T>(value: T) -> Figure<T> {
    Figure {
        value,
        origin: Origin::Assumed("a test".into()),
    }
}

fn office() -> Arc<Calendar> {
    let data: CalendarData = serde_json::from_value(serde_json::json!({
        "calendar": "office",
        "title": { "zh": "办公时间", "en": "Office hours" },
        "utc_offset": "+08:00",
        "hours": { "mon-fri": ["09:00-12:00", "14:00-18:00"] },
    }))
    .unwrap();
    Arc::new(Calendar::new(data).unwrap())
}

/// Licence and signboard, reviewed in parallel by two departments.
fn new_way() -> Plan {
    let mut b = PlanBuilder::new("shop");
    b.plan_mut().calendar = office();
    let (name, photo) = (b.field("name"), b.field("photo"));
    let (market, urban) = (b.department("market"), b.department("urban"));
    let licence = b.matter("licence", Refused::EndsCase);
    let signboard = b.matter("signboard", Refused::EndsCase);
    let (paper, sign) = (b.result("licence-paper"), b.result("sign-permit"));
    b.step("licence-review", Actor::Officer)
        .reads(name)
        .writes(paper)
        .matter(licence)
        .department(market);
    b.step("sign-review", Actor::Officer)
        .reads(name)
        .reads(photo)
        .writes(sign)
        .matter(signboard)
        .department(urban);
    b.build()
}

/// The same two reviews, each applied for apart, the second after the first.
fn old_way() -> Plan {
    let mut plan = new_way();
    plan.way = Way::Old;
    plan.handled = Handled::Apart;
    let mut second = plan.steps[0].clone();
    second.key = "apply-sign".parse().unwrap();
    second.visits = 1;
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

fn hours(distribution: Distribution) -> Figure<Duration> {
    assumed(Duration {
        distribution,
        unit: Unit::Hours,
    })
}

fn workload() -> Workload {
    let staff = |officers| {
        assumed(Staff {
            officers,
            calendar: office(),
            hours: Text::new("办公时间", "office hours"),
        })
    };
    let review = || hours(Distribution::Lognormal { mean: 2.0, sd: 1.0 });
    Workload {
        arrivals: Some(Arrivals {
            per_year: 2_000.0,
            calendar: office(),
            origin: Origin::Assumed("a test".into()),
        }),
        staff: vec![
            ("market".parse().unwrap(), staff(3)),
            ("urban".parse().unwrap(), staff(3)),
        ],
        work: vec![
            ("licence-review".parse().unwrap(), review()),
            ("sign-review".parse().unwrap(), review()),
        ],
        supplements: vec![("licence".parse().unwrap(), assumed(0.25))],
        answered_after: Some(hours(Distribution::Exponential { mean: 48.0 })),
        between_matters: Some(hours(Distribution::Exponential { mean: 36.0 })),
        ..Workload::default()
    }
}

fn service() -> Service {
    Service {
        new: Arc::new(new_way()),
        old: Some(Arc::new(old_way())),
        workload: Some(Arc::new(workload())),
        declared: Vec::new(),
    }
}

fn study(service: &Service) -> Comparison {
    Study::new(service)
        .cases(400)
        .replications(12)
        .seed(7)
        .run()
        .unwrap()
}

#[test]
fn one_thing_is_faster_and_asks_less() {
    let comparison = study(&service());
    let figure = |name| comparison.figure(name, Kind::Simulated).unwrap();
    // A quarter of the licences needs one more hand-in, the same ones in both ways.
    let submissions = figure(FigureName::Submissions);
    let extra = submissions.after.unwrap() - 1.0;
    assert!((extra - 0.25).abs() < 0.03, "{extra}");
    assert!((submissions.before.unwrap() - submissions.after.unwrap() - 1.0).abs() < 1e-9);
    // `name` is asked twice in the old way: that never varies.
    let fields = figure(FigureName::Fields);
    assert_eq!((fields.before, fields.after), (Some(3.0), Some(2.0)));
    let [low, high] = fields.interval.unwrap();
    assert!((low - 1.0 / 3.0).abs() < 1e-12 && (high - 1.0 / 3.0).abs() < 1e-12);
    let time = figure(FigureName::ProcessingTime);
    let [low, high] = time.interval.unwrap();
    assert!(low > 0.3 && high < 0.9 && high - low < 0.1, "{time:?}");
    assert!(time.before.unwrap() > time.after.unwrap() + 1.0);
    let facts = comparison.study.as_ref().unwrap();
    assert_eq!((facts.before.closed, facts.after.closed), (4_800, 4_800));
    assert_eq!((facts.before.unfinished, facts.after.unfinished), (0, 0));
    assert_eq!(facts.begins, "2026-01-05");
    assert!(facts.worse.unwrap() < 0.05, "{:?}", facts.worse);
    assert_eq!(facts.loads_after[0].department.as_str(), "market");
    // 2,000 a year, 2 h each and a quarter of them twice, for three officers
    // with 261 days of 7 h.
    for loads in [&facts.loads_before, &facts.loads_after] {
        let busy = loads[0].utilisation.unwrap();
        assert!(
            (busy - 2_000.0 * 2.5 / (3.0 * 261.0 * 7.0)).abs() < 0.03,
            "{busy}"
        );
    }
    // Both ways serve the same applicants, and so vary together.
    assert!(facts.correlation.unwrap() > 0.3, "{:?}", facts.correlation);
    assert!(
        facts.variance_ratio.unwrap() < 0.8,
        "{:?}",
        facts.variance_ratio
    );
    assert_eq!(comparison.warnings, []);
}

#[test]
fn bytes_depend_on_the_seed_alone() {
    let service = service();
    let run = |seed, threads| {
        let study = Study::new(&service).cases(60).replications(7);
        let comparison = study.seed(seed).threads(threads).run().unwrap();
        serde_json::to_string(&comparison).unwrap()
    };
    assert_eq!(run(1, 1), run(1, 1));
    assert_eq!(run(1, 1), run(1, 3));
    assert_ne!(run(1, 1), run(2, 1));
}

#[test]
fn what_the_lab_had_to_assume_is_said() {
    let mut service = service();
    let mut plan = new_way();
    plan.steps[2].title = Text::new("招牌审核", "Review of the sign");
    service.new = Arc::new(plan);
    let mut plan = old_way();
    plan.steps[3].title = Text::new("招牌审核", "Review of the sign");
    service.old = Some(Arc::new(plan));
    let mut workload = workload();
    workload.staff[0].1.value.officers = 1;
    workload.staff.pop();
    workload.work.pop();
    workload.supplements[0].1.origin = Origin::Unstated;
    workload.answered_after = None;
    workload.between_matters = None;
    service.workload = Some(Arc::new(workload));
    let warnings = study(&service).warnings;
    let english: Vec<_> = warnings.iter().map(|text| text.en().to_owned()).collect();
    let expected = [
        "figures of the workload without source or stated assumption: supplements: licence",
        "urban has no staff in the workload: its steps never wait for an officer",
        "steps without a stated time count as taking none: “Review of the sign” (sign-review)",
        "`answered_after` is not stated: the applicant takes no time for it",
        "`between_matters` is not stated: the applicant takes no time for it",
    ];
    assert_eq!(english[..5], expected);
    let chinese = "以下环节未说明办理用时，按零计算：「招牌审核」（sign-review）";
    assert_eq!(warnings[2].zh(), chinese);
    assert!(
        english[5].starts_with("in the old way market is overloaded (load 2."),
        "{english:?}"
    );
    assert!(
        english[6].starts_with("in the new way market is overloaded (load 2."),
        "{english:?}"
    );
}

#[test]
fn impossible_studies_are_refused_with_what_to_do() {
    let whole = service();
    let said = |service: &Service| {
        let error = Study::new(service).run().unwrap_err();
        let text = error.text();
        // In Chinese the same, with what is quoted and every number.
        assert!(text.zh().contains(['，', '：', '（']), "{text:?}");
        let quoted = |text: &str| -> Vec<String> {
            let parts = text.split('`').skip(1).step_by(2);
            parts.map(str::to_owned).collect()
        };
        let zh = quoted(text.zh());
        assert!(
            quoted(text.en()).iter().all(|part| zh.contains(part)),
            "{text:?}"
        );
        assert_eq!(text.en(), error.to_string());
        text.en().to_owned()
    };
    let mut service = whole.clone();
    service.old = None;
    assert!(said(&service).contains("describe it in `before.yaml`"));
    let mut service = whole.clone();
    service.workload = None;
    assert!(said(&service).contains("describe it in `workload.yaml`"));
    let with = |change: fn(&mut Workload)| {
        let mut workload = workload();
        change(&mut workload);
        let mut service = whole.clone();
        service.workload = Some(Arc::new(workload));
        said(&service)
    };
    assert!(with(|w| w.arrivals = None).contains("`arrivals: { per_year: … }`"));
    assert_eq!(
        with(|w| w.supplements[0].1.value = 1.5),
        "`supplements: licence` of the workload is 1.5: expected a probability from 0 to 1, as in `5%`"
    );
    assert_eq!(
        with(|w| w.work[0].1.value.distribution = Distribution::Exponential { mean: -2.0 }),
        "`work: licence-review` of the workload: `mean` is -2: a duration or an amount is not negative"
    );
    assert!(
        with(|w| w.refusals.push(("apply".parse().unwrap(), assumed(0.1))))
            .contains("name the step that decides")
    );
    let run = |study: Study<'_>| study.run().unwrap_err();
    assert_eq!(
        run(Study::new(&whole).replications(1)),
        Error::TooFewReplications(1)
    );
    assert_eq!(run(Study::new(&whole).cases(0)), Error::NoCases);
    assert_eq!(
        run(Study::new(&whole).confidence(95.0)),
        Error::Confidence(95.0)
    );
}
