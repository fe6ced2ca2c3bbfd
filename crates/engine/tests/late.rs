//! A registry that is asked after the submission and lacks what steps can do without.

use std::sync::Arc;

use onething_engine::{Blueprint, Case, Command, Opening, StepStatus, Values};
use onething_model::Timestamp;
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, FieldIx, Plan, StepIx, sample};

/// A step makes a number, an archive is asked with it for a history and a remark; the last
/// step reads both, and can do without the remark.
fn plan() -> (Arc<Plan>, [FieldIx; 2], [StepIx; 4]) {
    let mut b = PlanBuilder::new("archive");
    let [paper, number, history, remark, made] =
        ["paper", "number", "history", "remark", "made"].map(|field| b.field(field));
    let first = b
        .step("number", Actor::Officer)
        .reads(paper)
        .writes(number)
        .number();
    let archive = b.late_look_up("archive", &[number], &[history, remark]);
    let last = b
        .step("review", Actor::Officer)
        .reads(history)
        .reads(remark)
        .writes(made)
        .number();
    b.plan_mut().steps[last.index()].reads[1].optional = true;
    let ask = StepIx::at(archive.index() + 1);
    let plan = Arc::new(b.build());
    assert!(matches!(plan.step(ask).actor, Actor::Submission(_)));
    let numbers = [first, archive, ask, last].map(|step| step);
    (plan, [history, remark], numbers)
}

#[test]
fn what_everybody_can_do_without_holds_nobody_up() {
    let (plan, [history, remark], [first, archive, ask, last]) = plan();
    let value = |field: FieldIx| (field, sample::value(&plan, field));
    // What the archive had, where the form for what it lacks stands, the last step, and
    // what the form asks; for a simulated case, which has no data, all or nothing.
    let table = [
        (
            false,
            vec![history, remark],
            StepStatus::Skipped,
            StepStatus::Active,
            "",
        ),
        (
            false,
            vec![history],
            StepStatus::Skipped,
            StepStatus::Active,
            "",
        ),
        (
            false,
            vec![remark],
            StepStatus::Active,
            StepStatus::Waiting,
            "history",
        ),
        (
            false,
            vec![],
            StepStatus::Active,
            StepStatus::Waiting,
            "history remark?",
        ),
        (
            true,
            vec![history, remark],
            StepStatus::Skipped,
            StepStatus::Active,
            "",
        ),
        (
            true,
            vec![],
            StepStatus::Active,
            StepStatus::Waiting,
            "history remark?",
        ),
    ];
    for (simulated, had, form, then, asks) in table {
        let values = sample::application(&plan, &plan.reference);
        let mut opening = Opening::new(&plan, "key", Vec::new(), values);
        opening.simulated = simulated;
        if simulated {
            opening.values.clear();
        }
        let mut events = Vec::new();
        let blueprint = Blueprint::new(plan.clone());
        let mut case = Case::open(&blueprint, Arc::new(opening), Timestamp(0), &mut events);
        let mut when = |case: &mut Case, command| {
            case.handle(&command, Timestamp(1), &mut events).unwrap();
        };
        let given = |fields: &[FieldIx]| -> Values {
            let fields = fields.iter().filter(|_| !simulated);
            fields.map(|field| value(*field)).collect()
        };
        let made = Command::Complete {
            step: first,
            round: None,
            values: given(&plan.step(first).writes),
        };
        when(&mut case, made);
        let answer = Command::AnswerLookUp {
            step: archive,
            values: given(&had),
            valid_since: Vec::new(),
            hit: !had.is_empty(),
        };
        when(&mut case, answer);
        let label = format!("simulated {simulated}, had {had:?}");
        assert_eq!(case.step(ask).status, form, "{label}");
        assert_eq!(case.step(last).status, then, "{label}");
        if form == StepStatus::Active {
            let asked = case.asked(ask);
            let names = asked.iter().map(|asked| {
                let may = if asked.optional { "?" } else { "" };
                format!("{}{may}", plan.field(asked.field).path.field)
            });
            assert_eq!(names.collect::<Vec<_>>().join(" "), asks, "{label}");
        } else if !simulated && had == [history] {
            // Who needs it after all asks for it.
            let notice: Vec<_> = case.correctable(last).collect();
            assert_eq!(notice, [remark]);
        }
    }
}

/// A registry that is asked as a check, of what the application asks for in any case since
/// somebody reads it before: where it has nothing the applicant is not asked again, and whoever
/// decides has what they gave.
#[test]
fn what_the_application_asks_for_is_not_asked_again() {
    // What the decision reads; what the registry has; what is asked then.
    let table = [
        (&["height"][..], &[][..], None),
        (&["height"], &["height"], None),
        (&["height", "soil"], &[], Some("soil")),
        (&["height", "soil"], &["height"], Some("soil")),
        (&["height", "soil"], &["soil"], None),
        (&["height", "soil?"], &[], None),
    ];
    for (reads, had, asked) in table {
        let mut b = PlanBuilder::new("shed");
        let [size, code, height, soil] = ["size", "code", "height", "soil"].map(|f| b.field(f));
        let [seen, made] = ["seen", "made"].map(|field| b.field(field));
        let first = b
            .step("review", Actor::Officer)
            .reads(height)
            .writes(seen)
            .number();
        let measure = b
            .step("measure", Actor::Officer)
            .reads(size)
            .after(first)
            .writes(code)
            .number();
        let archive = b.late_look_up("archive", &[code], &[height, soil]);
        let mut last = b.step("decide", Actor::Officer).writes(made);
        for name in reads {
            let field = if name.starts_with("soil") {
                soil
            } else {
                height
            };
            last = last.reads(field).with(|step| {
                step.reads.last_mut().unwrap().optional = name.ends_with('?');
            });
        }
        let last = last.number();
        let plan = Arc::new(b.build());
        let what = format!("{reads:?} {had:?}");
        let values = sample::application(&plan, &plan.reference);
        assert!(values.iter().any(|(field, _)| *field == height), "{what}");
        let opening = Opening::new(&plan, "key", Vec::new(), values);
        let mut out = Vec::new();
        let blueprint = Blueprint::new(plan.clone());
        let mut case = Case::open(&blueprint, Arc::new(opening), Timestamp(0), &mut out);
        let value = |field: FieldIx| (field, sample::value(&plan, field));
        for step in [first, measure] {
            let done = Command::Complete {
                step,
                round: None,
                values: plan.step(step).writes.iter().map(|f| value(*f)).collect(),
            };
            case.handle(&done, Timestamp(1), &mut out).unwrap();
        }
        let had = had.iter();
        let had: Values = had
            .map(|name| value(if *name == "soil" { soil } else { height }))
            .collect();
        let answer = Command::AnswerLookUp {
            step: archive,
            hit: !had.is_empty(),
            values: had,
            valid_since: Vec::new(),
        };
        case.handle(&answer, Timestamp(2), &mut out).unwrap();
        let open: Vec<StepIx> = case.outstanding().map(|effect| effect.step).collect();
        let form = open.iter().find(|step| **step != last);
        let names = form.map(|form| {
            let asked = case.asked(*form);
            let names: Vec<&str> = asked
                .iter()
                .map(|one| plan.field(one.field).path.field.as_str())
                .collect();
            names.join(" ")
        });
        assert_eq!(names.as_deref(), asked, "{what}");
        if let Some(form) = form {
            let submit = Command::Submit {
                step: *form,
                values: vec![value(soil)],
            };
            case.handle(&submit, Timestamp(3), &mut out).unwrap();
        }
        assert_eq!(case.step(last).status, StepStatus::Active, "{what}");
        assert!(case.datum(height).is_some(), "{what}");
        // What the applicant gave, an officer may ask them to put right.
        let theirs = case.correctable(last).any(|field| field == height);
        let checked = case
            .datum(height)
            .is_some_and(|datum| datum.from == archive);
        assert_eq!(theirs, !checked, "{what}");
    }
}
