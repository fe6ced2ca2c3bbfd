use onething_model::Lang;
use onething_model::{Limit, Micros};
use onething_plan::builder::PlanBuilder;
use onething_plan::random::{self, Dice};
use onething_plan::workload::{Distribution, Duration, Figure as Stated, Origin, Unit};
use onething_plan::{Cond, Handled, Way};

use super::*;
use crate::testing::{self, Run, application};

fn limit(plan: &mut Plan, step: StepIx, promised: &str, statutory: &str) {
    let parse = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
    plan.steps[step.index()].limit.promised = parse(promised);
    plan.steps[step.index()].limit.statutory = parse(statutory);
}

/// Officers' steps, one line each: `key limit [after…]`.
fn network(text: &str) -> PlanBuilder {
    let mut b = PlanBuilder::new("network");
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let (key, promised) = (words.next().unwrap(), words.next().unwrap());
        let after: Vec<_> = words
            .map(|key| b.plan_mut().find_step(key).unwrap())
            .collect();
        let mut step = b.step(key, Actor::Officer);
        for from in after {
            step = step.after(from);
        }
        let step = step.number();
        limit(b.plan_mut(), step, promised.trim_matches('-'), "");
    }
    b
}

fn of(plan: Plan) -> Computed {
    let answers = plan.reference.clone();
    compute(&Arc::new(plan), &answers, Basis::Promised, None)
}

fn working_days(text: &str) -> Option<f64> {
    of(network(text).build()).processing_working_days
}

fn service(old: Plan, new: Plan, workload: Option<Workload>) -> Service {
    let mut old = old;
    old.way = Way::Old;
    Service {
        new: Arc::new(new),
        old: Some(Arc::new(old)),
        workload: workload.map(Arc::new),
        declared: Vec::new(),
    }
}

fn figure(service: &Service, name: FigureName) -> Figure {
    let figures = computed(service);
    assert_eq!(figures.len(), FigureName::COUNT);
    figures
        .into_iter()
        .find(|figure| figure.name == name)
        .unwrap()
}

fn notes(figure: &Figure, lang: Lang) -> String {
    let notes: Vec<_> = figure.notes.iter().map(|note| note.get(lang)).collect();
    notes.join("\n")
}

/// Enterprise start-up, Shenzhen: registration, then four at once.
#[test]
fn start_up_in_shenzhen() {
    let new = "register 0.5wd\nseal 0.5wd register\ninvoice 0.5wd register\n\
               insurance 0.5wd register\nfund 0.5wd register";
    assert_eq!(working_days(new), Some(1.0));
    let old = "register 0.5wd\nseal 0.5wd register\ninvoice 0.5wd seal\n\
               insurance 0.5wd invoice\nfund 0.5wd insurance";
    assert_eq!(working_days(old), Some(2.5));
    let service = service(network(old).build(), network(new).build(), None);
    let time = figure(&service, FigureName::ProcessingTime);
    assert_eq!(
        (time.before, time.after, time.cut),
        (Some(2.5), Some(1.0), Some(0.6))
    );
    assert_eq!((time.kind, time.interval), (Kind::Computed, None));
    assert_eq!(notes(&time, Lang::En), "by promised limits");
    assert!(
        time.source
            .text(Lang::En)
            .starts_with("definition network 1.0.0")
    );
}

/// Deregistration, Xinglong: 10, then 1, then four of 1 at once.
#[test]
fn deregistration_in_xinglong() {
    let new = "tax 10wd\nregister 1wd tax\ncustoms 1wd register\ninsurance 1wd register\n\
               bank 1wd register\nseal 1wd register";
    assert_eq!(working_days(new), Some(12.0));
    let old = "tax 10wd\nregister 1wd tax\ncustoms 1wd register\ninsurance 1wd customs\n\
               bank 1wd insurance\nseal 1wd bank";
    assert_eq!(working_days(old), Some(15.0));
}

#[test]
fn a_textbook_network_and_its_critical_path() {
    let computed = of(network("a 3wd\nb 2wd a\nc 6wd a\ne 4wd a\nd 1wd b c e").build());
    assert_eq!(computed.processing_working_days, Some(10.0));
    let steps = computed.path.iter().map(|step| step.0);
    assert_eq!(
        steps.collect::<Vec<_>>(),
        [1, 3, 5],
        "a, c, d: apply takes no time"
    );
}

#[test]
fn hours_are_parts_of_a_working_day_and_never_more_than_one() {
    let mut b = network("a 6h\nb 10min a");
    // Open 09:00 to 12:00 and 14:00 to 18:00, every day.
    let data = serde_json::json!({
        "calendar": "office", "title": { "en": "Office" }, "utc_offset": "+08:00",
        "hours": { "mon-sun": ["09:00-12:00", "14:00-18:00"] },
    });
    let calendar = onething_model::Calendar::new(serde_json::from_value(data).unwrap());
    b.plan_mut().calendar = Arc::new(calendar.unwrap());
    let of_limit = |b: &mut PlanBuilder, text: &str| {
        limit(b.plan_mut(), StepIx(1), text, "");
        of(b.plan_mut().clone()).processing_working_days.unwrap()
    };
    let ten_minutes = 1.0 / 42.0;
    assert!((of_limit(&mut b, "6h") - (6.0 / 7.0 + ten_minutes)).abs() < 1e-9);
    assert!((of_limit(&mut b, "24h") - (1.0 + ten_minutes)).abs() < 1e-9);
    assert!((of_limit(&mut b, "0.5wd") - (0.5 + ten_minutes)).abs() < 1e-9);
}

#[test]
fn calendar_days_are_never_added_to_working_days() {
    let mixed = of(network("a 20d\nb 3wd a").build());
    assert_eq!(
        (mixed.processing_working_days, mixed.elapsed_days),
        (None, None)
    );
    assert!(mixed.notes[0].en().contains("a (20d)"), "{:?}", mixed.notes);
    // All by the calendar: the elapsed time is known, working days are not.
    let calendar = of(network("a 20d\nb 36h a\nc 56d").build());
    assert_eq!(calendar.processing_working_days, None);
    assert_eq!(calendar.elapsed_days, Some(56.0));
    assert_eq!(calendar.path, [StepIx(3)]);
    let hours = of(network("a 12h\nb 6h a").build());
    assert_eq!(
        (hours.processing_working_days, hours.elapsed_days),
        (Some(0.75), Some(0.75))
    );
    let service = service(network("a 5d").build(), network("a 2wd").build(), None);
    let time = figure(&service, FigureName::ProcessingTime);
    assert_eq!((time.before, time.after, time.cut), (None, Some(2.0), None));
    let elapsed = figure(&service, FigureName::ElapsedTime);
    assert_eq!(
        (elapsed.before, elapsed.after, elapsed.cut),
        (Some(5.0), None, None)
    );
    assert!(notes(&elapsed, Lang::En).contains("after: limits are in working days"));
}

#[test]
fn steps_without_a_limit_are_named() {
    let computed = of(network("a 2wd\nb - a").build());
    assert_eq!(computed.processing_working_days, Some(2.0));
    assert_eq!(computed.notes.len(), 1);
    assert_eq!(computed.notes[0].zh(), "「b」没有时限，未计时间");
    let nothing = of(network("a -\nb - a").build());
    assert_eq!(nothing.processing_working_days, None, "unknown is not 0");
}

#[test]
fn limits_are_compared_with_their_like() {
    let plan = |limits: [(&str, &str); 2]| {
        let mut b = network("a 1wd\nb 1wd a");
        for (at, (promised, statutory)) in limits.into_iter().enumerate() {
            limit(b.plan_mut(), StepIx::at(at + 1), promised, statutory);
        }
        b.build()
    };
    let time = |old, new| {
        figure(
            &service(plan(old), plan(new), None),
            FigureName::ProcessingTime,
        )
    };
    let both = [("5wd", "20wd"), ("5wd", "10wd")];
    let promised = time(both, both);
    assert_eq!(
        (promised.before, notes(&promised, Lang::En)),
        (Some(10.0), "by promised limits".into())
    );
    // One promise is missing: everything by statute.
    let statutory = time([("", "20wd"), ("5wd", "10wd")], both);
    assert_eq!(
        (statutory.before, statutory.after),
        (Some(30.0), Some(30.0))
    );
    assert_eq!(notes(&statutory, Lang::En), "by statutory limits");
    // Neither kind is everywhere: what binds, and a flag.
    let mixed = time(
        [("", "20wd"), ("5wd", "10wd")],
        [("5wd", ""), ("5wd", "10wd")],
    );
    assert_eq!((mixed.before, mixed.after), (Some(25.0), Some(10.0)));
    assert!(
        notes(&mixed, Lang::En).contains("limits are mixed: a without"),
        "{mixed:?}"
    );
    assert!(notes(&mixed, Lang::Zh).contains("「a」没有承诺时限"));
}

/// Two matters apart, then a collection; between them the applicant travels.
fn errands(unit: Unit, mean: f64) -> Figure {
    let mut b = network("review 5wd");
    let review = StepIx(1);
    let second = b
        .step("apply-sign", application())
        .after(review)
        .with(|step| step.scope = StepIx(2))
        .number();
    let sign = b
        .step("sign", Actor::Officer)
        .with(|step| step.scope = second)
        .number();
    b.step("collect", Actor::Applicant).after(sign);
    b.plan_mut().handled = Handled::Apart;
    limit(b.plan_mut(), sign, "3wd", "");
    let stated = |value, unit| Stated {
        value: Duration {
            distribution: value,
            unit,
        },
        origin: Origin::Unstated,
    };
    let workload = Workload {
        between_matters: Some(stated(Distribution::Exponential { mean }, unit)),
        work: vec![
            (
                "collect".parse().unwrap(),
                stated(Distribution::Uniform { min: 1.0, max: 5.0 }, Unit::Hours),
            ),
            // Officers' work is within their limit.
            (
                "sign".parse().unwrap(),
                stated(Distribution::Constant(90.0), Unit::Hours),
            ),
        ],
        ..Workload::default()
    };
    let service = service(b.build(), network("review 5wd").build(), Some(workload));
    figure(&service, FigureName::ProcessingTime)
}

#[test]
fn the_applicants_own_time_is_added_where_it_can_be() {
    // Round the clock: 3 h are an eighth of a day.
    let time = errands(Unit::WorkingDays, 1.5);
    assert_eq!(
        (time.before, time.after),
        (Some(8.0 + 1.5 + 0.125), Some(5.0))
    );
    assert_eq!(
        time.notes[1].en(),
        "before: includes the applicant's own time: before the next matter (1 ×), 1.5 wd in \
         the mean; collect, 3 h in the mean"
    );
    // In calendar days it stays out, and a note says so.
    let time = errands(Unit::CalendarDays, 1.5);
    assert_eq!(time.before, Some(8.125));
    assert_eq!(
        time.notes[1].zh(),
        "改革前：含申请人自己的时间：collect，平均 3 小时"
    );
    assert_eq!(
        time.notes[2].zh(),
        "改革前：未含申请人自己的时间，因自然日不与工作日相加：办下一事项之前 1 次，每次平均 1.5 个自然日"
    );
    for absurd in [f64::NAN, -3.0, 0.0] {
        assert_eq!(errands(Unit::Hours, absurd).before, Some(8.125), "{absurd}");
    }
    assert!(
        errands(Unit::WorkingDays, 1e300)
            .before
            .unwrap()
            .is_finite()
    );
}

/// In the old way the time ends when the last result is made, in the new way when nothing is open
/// any more that results wait for: as it does for cases.
#[test]
fn the_time_ends_with_the_last_delivery() {
    let plan = |handled| {
        let mut b = network("review 5wd\nnotice 2wd");
        let licence = b.result("licence");
        b.plan_mut().steps[1].writes.push(licence);
        b.plan_mut().fields[licence.index()]
            .producers
            .push(StepIx(1));
        b.step("archive", Actor::Officer)
            .reads(licence)
            .with(|step| step.limit.promised = Some(Limit::working_days(30)));
        b.plan_mut().handled = handled;
        b.build()
    };
    let together = of(plan(Handled::Together));
    assert_eq!(together.processing_working_days, Some(5.0));
    let apart = of(plan(Handled::Apart));
    assert_eq!(apart.processing_working_days, Some(5.0));
    // Run for real, each step at its limit, round the clock.
    for (handled, days) in [(Handled::Together, 7.0), (Handled::Apart, 5.0)] {
        let mut run = Run::open(&testing::blueprint(plan(handled)), Timestamp(0));
        for (key, limit) in [("review", 5), ("notice", 2), ("archive", 30)] {
            // One after the other, so `notice` adds to what waits for it.
            run.now = run.now + Micros::DAY.times(limit);
            run.complete(key);
        }
        let ran = crate::from_events(
            run.case.blueprint(),
            run.events.iter().map(|(at, event)| (*at, event)),
        );
        assert_eq!(ran.processing_working_days, Some(days), "{handled:?}");
    }
}

/// What the core delivers is what is computed: of random plans that are carried out with each
/// step done when its limit is over.
#[test]
fn a_case_at_its_limits_takes_what_is_computed() {
    let (mut timed, mut going_on) = (0, 0);
    for seed in 0..400 {
        let mut plan = random::plan(seed);
        plan.reference = random::answers(&plan, &mut Dice::new(seed));
        if seed % 2 == 1 {
            plan.handled = Handled::Apart;
        }
        for (at, step) in plan.steps.iter_mut().enumerate() {
            // One scale: round the clock.
            let days = (seed + at as u64) % 7;
            let limited = step.actor.is_internal() && days > 0;
            step.limit.promised = limited.then(|| Limit::working_days(days));
        }
        let blueprint = testing::blueprint(plan);
        let plan = blueprint.plan();
        let computed = compute(plan, &plan.reference, Basis::Promised, None);
        let mut run = Run::open(&blueprint, Timestamp(0));
        let mut ends: std::collections::BTreeMap<StepIx, Timestamp> = Default::default();
        loop {
            let open: Vec<StepIx> = run.case.outstanding().map(|effect| effect.step).collect();
            for step in &open {
                let days = match plan.step(*step).limit.promised {
                    Some(Limit::WorkingDays { thousandths }) => thousandths as i64 / 1_000,
                    _ => 0,
                };
                ends.entry(*step)
                    .or_insert(run.now + Micros::DAY.times(days));
            }
            let Some(next) = open.into_iter().min_by_key(|step| ends[step]) else {
                break;
            };
            run.now = ends[&next];
            run.do_step(next);
        }
        let events = run.events.iter().map(|(at, event)| (*at, event));
        let ran = crate::from_events(&blueprint, events);
        let days = ran.processing_working_days;
        if days.is_none() {
            // Nothing is part of the case: nobody hands anything in.
            assert_eq!(ran.value(FigureName::Submissions), Some(0.0), "seed {seed}");
            continue;
        }
        let expected = computed.processing_working_days.unwrap_or(0.0);
        assert_eq!(days, Some(expected), "seed {seed}");
        timed += usize::from(expected > 0.0);
        let ended = run.now.0 as f64 / Micros::DAY.0 as f64;
        going_on += usize::from(ended > expected);
    }
    assert!(timed > 200 && going_on > 20, "{timed}, {going_on}");
}

#[test]
fn without_an_old_way_there_is_no_before() {
    let mut service = service(network("a 1wd").build(), network("a 1wd").build(), None);
    service.old = None;
    let steps = figure(&service, FigureName::Steps);
    assert_eq!(
        (steps.before, steps.after, steps.cut),
        (None, Some(1.0), None)
    );
}

/// The formulas of the definitions and of the records are one: a case without
/// trouble costs what was computed.
#[test]
fn a_way_with_nothing_to_do_has_no_figures() {
    // The step is for those who answer yes, as everybody in the reference scenario, or for others.
    let plan = |served: bool| {
        let mut b = PlanBuilder::new("network");
        let yes = b.yes_no("large");
        let when = Cond::yes(yes);
        let when = if served {
            when
        } else {
            Cond::Not(Box::new(when))
        };
        b.step("inspect", Actor::Officer).when(when.clone());
        let mut plan = b.build();
        plan.steps[0].when = when;
        plan
    };
    let rows = [
        (true, true, Some(1.0), Some(1.0), ""),
        (
            false,
            true,
            None,
            Some(1.0),
            "the old way has nothing to do",
        ),
        (
            true,
            false,
            Some(1.0),
            None,
            "the new way has nothing to do",
        ),
        (false, false, None, None, "both ways have nothing to do"),
    ];
    for (old, new, before, after, said) in rows {
        let figure = figure(
            &service(plan(old), plan(new), None),
            FigureName::Submissions,
        );
        assert_eq!((figure.before, figure.after), (before, after), "{said}");
        assert_eq!(figure.cut.is_some(), old && new, "{said}");
        let notes = notes(&figure, Lang::En);
        assert_eq!(notes.is_empty(), said.is_empty(), "{notes}");
        assert!(notes.contains(said), "{notes}");
    }
}

#[test]
fn a_case_without_trouble_costs_what_was_computed() {
    for seed in 0..500 {
        let plan = random::plan(seed);
        let answers = random::answers(&plan, &mut Dice::new(seed));
        let mut plan = plan;
        plan.reference = answers.clone();
        for step in &mut plan.steps {
            step.visits = (seed % 3) as u32;
            step.attended = seed % 2 == 0;
        }
        let blueprint = testing::blueprint(plan);
        let mut run = Run::open(&blueprint, Timestamp(0));
        run.finish(Micros::MINUTE);
        let ran = crate::from_events(&blueprint, run.events.iter().map(|(at, e)| (*at, e)));
        let computed = compute(blueprint.plan(), &answers, Basis::Binding, None);
        for name in FigureName::ALL {
            if !matches!(name, FigureName::ProcessingTime | FigureName::ElapsedTime) {
                assert_eq!(computed.value(name), ran.value(name), "seed {seed}: {name}");
            }
        }
    }
}

#[test]
fn means_of_distributions() {
    let cases = [
        (Distribution::Constant(2.0), 2.0),
        (Distribution::Uniform { min: 1.0, max: 2.0 }, 1.5),
        (
            Distribution::Triangular {
                min: 1.0,
                mode: 2.0,
                max: 6.0,
            },
            3.0,
        ),
        (
            Distribution::Erlang {
                shape: 3,
                mean: 4.0,
            },
            4.0,
        ),
        (Distribution::Lognormal { mean: 5.0, sd: 9.0 }, 5.0),
        (Distribution::Empirical(vec![1.0, 2.0, 6.0]), 3.0),
        (Distribution::Empirical(Vec::new()), 0.0),
    ];
    for (distribution, expected) in cases {
        assert_eq!(mean(&distribution), expected, "{distribution:?}");
    }
}
