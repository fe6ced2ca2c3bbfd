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
