//! A step that is cancelled before its turn lets nobody begin before theirs: what the step
//! after it waits for on its own account is waited for all the same.

use std::sync::Arc;

use onething_engine::{Blueprint, Case, Command, Opening, StepStatus};
use onething_model::Timestamp;
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, Refused, StepIx, sample};

/// How an arrow comes about, of three: the measuring before the drawing, the drawing before the
/// permit, and the measuring before the permit, which the other two imply.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Arrow {
    /// There is none.
    None,
    /// The later reads what the earlier makes.
    Reads,
    /// It reads it, and can do without.
    ReadsIfThere,
    /// It is said to come after.
    After,
}

/// The measuring is of nobody's matter; the drawing of one that ends when its advice is refused;
/// the permit of a third that goes on.
fn begun(arrows: [Arrow; 3], refuse: bool) -> (Case, [StepIx; 3]) {
    let mut b = PlanBuilder::new("shop");
    let drawing = b.matter("drawing", Refused::EndsMatter);
    let permit = b.matter("permit", Refused::EndsCase);
    let [size, plan] = ["size", "plan"].map(|name| b.field(name));
    let paper = b.result("paper");
    let advise = b.step("advise", Actor::Officer).matter(drawing).number();
    let measure = b.step("measure", Actor::Officer).writes(size).number();
    let mut steps = [measure, measure, measure];
    for (at, matter, inputs) in [(1, drawing, &[0][..]), (2, permit, &[1, 2][..])] {
        let (name, made) = [("draw", plan), ("permit", paper)][at - 1];
        let mut step = b.step(name, Actor::Officer).matter(matter).writes(made);
        for input in inputs {
            // The second arrow is from the drawing, the others from the measuring.
            let (from, field) = if *input == 1 {
                (steps[1], plan)
            } else {
                (measure, size)
            };
            step = match arrows[*input] {
                Arrow::Reads => step.reads(field),
                Arrow::ReadsIfThere => step
                    .reads(field)
                    .with(|step| step.reads.last_mut().unwrap().optional = true),
                Arrow::After => step.after(from),
                Arrow::None => step,
            };
        }
        steps[at] = step.number();
    }
    let plan = Arc::new(b.build());
    let values = sample::application(&plan, &plan.reference);
    let opening = Opening::new(&plan, "key", Vec::new(), values);
    let (mut out, now) = (Vec::new(), Timestamp(0));
    let mut case = Case::open(&Blueprint::new(plan), Arc::new(opening), now, &mut out);
    if refuse {
        let refusal = Command::Refuse {
            step: advise,
            round: None,
            reason: "unfit".into(),
        };
        case.handle(&refusal, now, &mut out).unwrap();
    }
    (case, steps)
}

#[test]
fn who_is_cancelled_lets_nobody_begin_early() {
    use Arrow::{After, Reads, ReadsIfThere};
    for first in [Reads, ReadsIfThere, After] {
        for second in [ReadsIfThere, After] {
            for third in [Reads, ReadsIfThere, After] {
                let what = format!("{first:?} {second:?} {third:?}");
                let (mut case, [measure, draw, permit]) = begun([first, second, third], true);
                let status = |case: &Case, step| case.step(step).status;
                assert_eq!(status(&case, draw), StepStatus::Cancelled, "{what}");
                assert_eq!(status(&case, permit), StepStatus::Waiting, "{what}");
                let values = case.plan().step(measure).writes.iter();
                let values = values.map(|f| (*f, sample::value(case.plan(), *f)));
                let done = Command::Complete {
                    step: measure,
                    round: None,
                    values: values.collect(),
                };
                case.handle(&done, Timestamp(1), &mut Vec::new()).unwrap();
                assert_eq!(status(&case, permit), StepStatus::Active, "{what}");
                // What is refused names who is waited for.
                let (mut case, _) = begun([first, second, third], true);
                let early = Command::Complete {
                    step: permit,
                    round: None,
                    values: Vec::new(),
                };
                let rejection = case.handle(&early, Timestamp(1), &mut Vec::new());
                let text = rejection.unwrap_err().to_string();
                assert!(text.contains("measure"), "{what}: {text}");
            }
        }
        // What cannot be without the drawing goes with it.
        let (case, [_, draw, permit]) = begun([first, Reads, Reads], true);
        assert_eq!(case.step(draw).status, StepStatus::Cancelled);
        assert_eq!(case.step(permit).status, StepStatus::Cancelled);
    }
}

/// What the law demands to come first comes first, although the step between is gone: as where it
/// is no part of the case at all.
#[test]
fn an_order_of_law_passes_on() {
    use Arrow::{After, None, Reads, ReadsIfThere};
    let rows = [
        ([After, After, None], StepStatus::Waiting),
        // What was read in between is read no more.
        ([Reads, After, None], StepStatus::Active),
        ([After, ReadsIfThere, None], StepStatus::Active),
        ([ReadsIfThere, ReadsIfThere, None], StepStatus::Active),
    ];
    for (arrows, expected) in rows {
        let (mut case, [measure, _, permit]) = begun(arrows, true);
        assert_eq!(case.step(permit).status, expected, "{arrows:?}");
        let done = |case: &Case, step: StepIx| {
            let plan = case.plan();
            let values = plan.step(step).writes.iter();
            Command::Complete {
                step,
                round: Option::None,
                values: values.map(|f| (*f, sample::value(plan, *f))).collect(),
            }
        };
        if expected == StepStatus::Waiting {
            let early = case.handle(&done(&case, permit), Timestamp(1), &mut Vec::new());
            let text = early.unwrap_err().to_string();
            assert!(text.contains("measure"), "{arrows:?}: {text}");
        }
        let measured = done(&case, measure);
        case.handle(&measured, Timestamp(1), &mut Vec::new())
            .unwrap();
        assert_eq!(case.step(permit).status, StepStatus::Active, "{arrows:?}");
    }
}

/// Through several that are gone, in whichever order they go, and never twice.
#[test]
fn an_order_of_law_passes_on_through_several() {
    let mut b = PlanBuilder::new("shop");
    let [one, two] = ["one", "two"].map(|name| b.matter(name, Refused::EndsMatter));
    let permit = b.matter("permit", Refused::EndsCase);
    let advise = [one, two].map(|matter| {
        let key = format!("advise-{}", matter.index());
        b.step(&key, Actor::Officer).matter(matter).number()
    });
    let first = b.step("first", Actor::Officer).number();
    let second = b
        .step("second", Actor::Officer)
        .matter(one)
        .after(first)
        .number();
    let third = b
        .step("third", Actor::Officer)
        .matter(two)
        .after(second)
        .number();
    let last = b
        .step("last", Actor::Officer)
        .matter(permit)
        .after(third)
        .after(second)
        .number();
    let plan = Arc::new(b.build());
    for refused in [[0, 1], [1, 0]] {
        let values = sample::application(&plan, &plan.reference);
        let opening = Opening::new(&plan, "key", Vec::new(), values);
        let (mut history, mut out) = (Vec::new(), Vec::new());
        let blueprint = Blueprint::new(plan.clone());
        let mut case = Case::open(&blueprint, Arc::new(opening), Timestamp(0), &mut out);
        history.append(&mut out);
        for at in refused {
            let refusal = Command::Refuse {
                step: advise[at],
                round: None,
                reason: "unfit".into(),
            };
            case.handle(&refusal, Timestamp(0), &mut out).unwrap();
            history.append(&mut out);
        }
        assert_eq!(case.step(last).status, StepStatus::Waiting, "{refused:?}");
        // Read again, it waits for the same.
        let records = history.iter().map(|event| (Timestamp(0), event));
        let again = Case::replay(&blueprint, records).unwrap();
        for mut case in [case, again] {
            let done = Command::Complete {
                step: first,
                round: None,
                values: Vec::new(),
            };
            case.handle(&done, Timestamp(1), &mut Vec::new()).unwrap();
            assert_eq!(case.step(last).status, StepStatus::Active, "{refused:?}");
        }
    }
}
