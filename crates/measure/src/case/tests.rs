use onething_engine::Command;
use onething_model::Micros;
use onething_plan::builder::PlanBuilder;
use onething_plan::{Matter, Refused, SubmissionKind};

use super::*;
use crate::figure::FigureName;
use crate::records::from_events;
use crate::testing::{Run, application, blueprint, document};

const HOUR: Micros = Micros::HOUR;

fn measured(run: &Run) -> CaseMeasures {
    from_events(
        run.case.blueprint(),
        run.events.iter().map(|(at, event)| (*at, event)),
    )
}

/// The counts in the order of the figures.
fn counts(measures: &CaseMeasures) -> [u32; 8] {
    let m = measures;
    [
        m.submissions,
        m.materials,
        m.fields,
        m.forms,
        m.visits,
        m.steps,
        m.internal_steps,
        m.departments,
    ]
}

/// One window, a registry on the draft, a review on site, a collection.
fn together() -> PlanBuilder {
    let mut b = PlanBuilder::new("shop");
    let [code, name, licence] = ["code", "name", "licence"].map(|f| b.field(f));
    let photo = b.typed_field("photo", document());
    b.look_up("register", &[code], &[name, photo]);
    b.step("review", Actor::Officer)
        .reads(name)
        .reads(photo)
        .writes(licence)
        .with(|step| step.attended = true);
    b.step("collect", Actor::Applicant)
        .reads(licence)
        .with(|step| step.visits = 1);
    b
}

#[test]
fn a_case_without_trouble() {
    let mut run = Run::open(&blueprint(together().build()), Timestamp(0));
    run.finish(HOUR);
    let measures = measured(&run);
    // The code alone is asked. Steps: apply, the appointment, the collection.
    assert_eq!(counts(&measures), [1, 0, 1, 1, 1, 3, 1, 1]);
    // The look-up is on the draft: the clock runs from the submission on.
    assert_eq!(measures.first_submission, Some(Timestamp(HOUR.0)));
    assert_eq!(measures.outcome, Outcome::Closed);
    // The submission follows the look-up at once; then review and collection.
    assert_eq!(measures.elapsed_days, Some(2.0 / 24.0));
    assert_eq!(measures.processing_working_days, Some(2.0 / 24.0));
}

#[test]
fn a_miss_on_the_draft_lengthens_the_form() {
    let mut run = Run::open(&blueprint(together().build()), Timestamp(0));
    run.miss("register");
    run.finish(HOUR);
    let measures = measured(&run);
    assert_eq!(counts(&measures), [1, 1, 2, 1, 1, 3, 1, 1]);
}

/// The first registry has nothing, the second is not asked: its key is read by nobody.
#[test]
fn a_key_that_no_registry_is_asked_with_is_not_counted() {
    let mut b = PlanBuilder::new("chain");
    let [id, code, name] = ["id", "code", "name"].map(|f| b.field(f));
    let photo = b.typed_field("photo", document());
    b.look_up("people", &[id], &[code]);
    b.look_up("register", &[code], &[name, photo]);
    b.step("review", Actor::Officer).reads(name).reads(photo);
    let blueprint = blueprint(b.build());
    let asked = |misses: &[&str]| {
        let mut run = Run::open(&blueprint, Timestamp(0));
        misses.iter().for_each(|registry| run.miss(registry));
        run.finish(HOUR);
        let measures = measured(&run);
        (measures.fields, measures.materials)
    };
    assert_eq!(asked(&[]), (1, 0), "the identity number");
    assert_eq!(
        asked(&["people"]),
        (2, 1),
        "and what the second would have given"
    );
}

/// What a registry had not is not asked for where it has it when it is asked again.
#[test]
fn a_draft_that_is_renewed_counts_as_it_is_handed_in() {
    let mut run = Run::open(&blueprint(together().build()), Timestamp(0));
    run.miss("register");
    run.finish(HOUR);
    let mut events = run.events.clone();
    let renewed = Event::DraftRenewed { stale: Vec::new() };
    let submitted = events
        .iter()
        .position(|(_, event)| matches!(event, Event::Submitted { .. }))
        .unwrap();
    events.insert(submitted, (Timestamp(0), renewed));
    let counted = from_events(run.case.blueprint(), events.iter().map(|(at, e)| (*at, e)));
    let missed = measured(&run);
    assert_eq!((missed.fields, missed.materials), (2, 1));
    assert_eq!((counted.fields, counted.materials), (1, 0));
}

#[test]
fn a_miss_that_the_form_asks_anyway_counts_once() {
    let mut b = together();
    let name = b.plan_mut().fields[1].producers.clone();
    assert!(name.is_empty());
    // The submission itself asks for the name, as a definition's `asks` does.
    let apply = b.plan_mut().find_step("apply").unwrap();
    b.plan_mut().fields[1].lookups.clear();
    b.plan_mut().steps[apply.index()]
        .reads
        .push(onething_plan::Read {
            field: FieldIx(1),
            optional: false,
            grant: None,
        });
    let mut run = Run::open(&blueprint(b.build()), Timestamp(0));
    run.miss("register");
    run.finish(HOUR);
    assert_eq!(counts(&measured(&run))[..3], [1, 1, 2]);
}

#[test]
fn a_supplement_is_a_submission_and_no_new_field() {
    let mut run = Run::open(&blueprint(together().build()), Timestamp(0));
    run.miss("register");
    let before = measured(&run);
    let review = run.case.plan().find_step("review").unwrap();
    run.handle(&Command::RequestSupplement {
        step: review,
        reason: "照片不清晰".into(),
        fields: vec![FieldIx(3)],
    });
    run.submit("review");
    let after = measured(&run);
    assert_eq!(counts(&before), [1, 1, 2, 1, 0, 1, 0, 1]);
    assert_eq!(counts(&after), [2, 1, 2, 1, 0, 2, 0, 1]);
}

/// A later look-up with its fallback.
fn late() -> Plan {
    let mut b = PlanBuilder::new("late");
    let [code, name] = ["code", "name"].map(|f| b.field(f));
    let proof = b.typed_field("proof", document());
    let make = b.step("make-code", Actor::System).writes(code).number();
    let late = |b: &mut PlanBuilder, fallback| {
        let ask = b.plan_mut().steps.len();
        let actor = Actor::LookUp(onething_plan::LookUp {
            registry: "register".parse().unwrap(),
            title: onething_model::Text::new("register", "register"),
            role: onething_plan::RoleIx(0),
            keys: vec![code],
            basis: None,
            fresh: None,
            always: true,
            if_known: false,
            fallback: Some(fallback),
        });
        let step = b
            .step("look-up", actor)
            .reads(code)
            .with(|s| s.writes = vec![name, proof]);
        (step.number(), ask)
    };
    let (look_up, at) = late(&mut b, StepIx(3));
    assert_eq!((make, look_up, at), (StepIx(1), StepIx(2), 2));
    for field in [name, proof] {
        b.plan_mut().fields[field.index()].lookups.push(look_up);
    }
    let mut actor = application();
    if let Actor::Submission(submission) = &mut actor {
        submission.kind = SubmissionKind::Fallback(look_up);
    }
    b.step("ask", actor).with(|step| step.department = None);
    b.step("use", Actor::Officer).reads(name).reads(proof);
    b.build()
}

#[test]
fn a_later_miss_is_one_more_submission_of_what_was_missed() {
    let blueprint = blueprint(late());
    let mut run = Run::open(&blueprint, Timestamp(0));
    run.finish(HOUR);
    // Nothing is asked at all: the application is an act, its form is empty.
    assert_eq!(counts(&measured(&run)), [1, 0, 0, 0, 0, 1, 2, 1]);

    let mut run = Run::open(&blueprint, Timestamp(0));
    run.complete("make-code");
    run.miss("look-up");
    run.finish(HOUR);
    assert_eq!(counts(&measured(&run)), [2, 1, 1, 1, 0, 2, 2, 1]);
}

/// Two matters handled apart, at two departments, two trips each.
fn apart() -> Plan {
    let mut b = PlanBuilder::new("apart");
    let food = b.department("food");
    let urban = b.department("urban");
    for (key, department) in [("food-licence", food), ("signboard", urban)] {
        b.plan_mut().matters.push(Matter {
            key: key.parse().unwrap(),
            title: onething_model::Text::new(key, key),
            code: None,
            department,
            when: onething_plan::Cond::Always,
            limit: onething_plan::Limits::default(),
            refused: Refused::EndsCase,
        });
    }
    let [name, licence, filing] = ["name", "licence", "filing"].map(|f| b.field(f));
    b.plan_mut().steps[0].matter = Some(onething_plan::MatterIx(0));
    b.plan_mut().steps[0].visits = 2;
    let review = b
        .step("review", Actor::Officer)
        .department(food)
        .reads(name)
        .writes(licence)
        .number();
    let second = b
        .step("apply-signboard", application())
        .after(review)
        .with(|step| {
            step.scope = StepIx(2);
            step.visits = 2;
            step.department = None;
            step.matter = Some(onething_plan::MatterIx(1));
        })
        .number();
    b.step("sign", Actor::Officer)
        .department(urban)
        .reads(name)
        .reads(licence)
        .writes(filing)
        .with(|step| step.scope = second);
    b.step("collect", Actor::Applicant)
        .reads(filing)
        .with(|step| (step.scope, step.visits) = (second, 1));
    b.plan_mut().handled = Handled::Apart;
    b.build()
}

#[test]
fn matters_handled_apart_add_up() {
    let mut run = Run::open(&blueprint(apart()), Timestamp(0));
    run.finish(HOUR);
    // Name twice and the licence carried over; each matter's own department.
    assert_eq!(counts(&measured(&run)), [2, 0, 3, 2, 5, 3, 2, 2]);
}

#[test]
fn a_refused_case_ends_without_delivery() {
    let mut run = Run::open(&blueprint(apart()), Timestamp(0));
    let step = run.case.plan().find_step("review").unwrap();
    run.now = Timestamp(HOUR.times(6).0);
    run.handle(&Command::Refuse {
        step,
        round: None,
        reason: "不符合条件".into(),
    });
    let measures = measured(&run);
    assert_eq!(measures.outcome, Outcome::Refused);
    assert_eq!(measures.processing_working_days, Some(0.25));
    assert_eq!(counts(&measures), [1, 0, 1, 1, 2, 1, 1, 1]);
}

#[test]
fn an_unfinished_or_withdrawn_case_has_no_times() {
    let mut run = Run::open(&blueprint(apart()), Timestamp(0));
    assert_eq!(measured(&run).outcome, Outcome::Unfinished);
    assert_eq!(measured(&run).value(FigureName::ProcessingTime), None);
    run.handle(&Command::Withdraw {
        reason: "不办了".into(),
    });
    let measures = measured(&run);
    assert_eq!(measures.outcome, Outcome::Withdrawn);
    assert_eq!(measures.value(FigureName::ElapsedTime), None);
    assert_eq!(measures.value(FigureName::Submissions), Some(1.0));
}

#[test]
fn a_used_fold_is_as_good_as_a_new_one() {
    let blueprint = blueprint(together().build());
    let (mut meter, mut fold) = (Meter::new(&blueprint), CaseFold::with_spans());
    let mut before = None;
    for miss in [true, false, true] {
        let mut run = Run::open(&blueprint, Timestamp(0));
        if miss {
            run.miss("register");
        }
        run.finish(HOUR);
        fold.reset();
        meter.begin(&mut fold, run.case.layout().unwrap());
        for (at, event) in &run.events {
            meter.apply(&mut fold, event, *at);
        }
        assert_eq!(meter.measures(&fold), measured(&run));
        assert_ne!(
            before.replace(meter.measures(&fold)),
            Some(meter.measures(&fold))
        );
    }
    let review = blueprint.plan().find_step("review").unwrap();
    let span = fold.spans()[review.index()];
    assert_eq!(span.ended.unwrap() - span.dispatched.unwrap(), HOUR);
}

#[test]
fn records_with_durable_names_measure_the_same() {
    use onething_engine::Record;
    let blueprint = blueprint(together().build());
    let mut run = Run::open(&blueprint, Timestamp(0));
    run.miss("register");
    run.finish(HOUR);
    let record = |(at, event): &(Timestamp, Event)| Record {
        at: *at,
        by: None,
        event: event.clone(),
    };
    let records: Vec<_> = run.events.iter().map(record).collect();
    let durable: Vec<_> = records
        .iter()
        .map(|r| r.to_durable(blueprint.plan()))
        .collect();
    assert_eq!(crate::from_records(&blueprint, &records), measured(&run));
    assert_eq!(
        crate::from_durable(&blueprint, &durable).unwrap(),
        measured(&run)
    );
    let other = crate::testing::blueprint(late());
    assert!(crate::from_durable(&other, &durable).is_err());
}
