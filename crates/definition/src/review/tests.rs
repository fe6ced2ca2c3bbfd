//! What every class of answers shows, told from a part of the plan.

use onething_plan::Plan;

use super::*;
use crate::once_only::asks;
use onething_plan::random::{self, Dice};
use onething_plan::{Read, Sensitivity};

type Told = (
    Vec<(StepIx, FieldIx, String)>,
    Vec<(StepIx, FieldIx, bool)>,
    Vec<(StepIx, FieldIx)>,
    Vec<(FieldIx, StepIx, StepIx)>,
);

/// What one class of answers shows of a plan, resolved as far as `part` goes.
fn told(plan: &Plan, part: &Plan, answers: &Answers) -> Told {
    let outline = Outline::resolve(part, answers);
    let (mut idle, mut doubled) = (Vec::new(), Vec::new());
    let mut known = Asked::new(plan, part);
    known.see(plan, part, &outline, answers);
    grants::asked_for_nobody(part, &outline, |application, field, is_read| {
        idle.push((application, field, is_read));
    });
    let _ = crate::two_producers::active(
        plan,
        &crate::two_producers::contested(plan),
        &outline,
        |field, one, two| {
            doubled.push((field, one, two));
            ControlFlow::Continue(())
        },
    );
    let asks: BTreeSet<FieldIx> = asks(plan).collect();
    let mut asked = Vec::new();
    for application in plan.applications() {
        let form = outline.form(application).iter().map(|asked| asked.field);
        asked.extend(
            form.filter(|field| asks.contains(field))
                .map(|field| (application, field)),
        );
    }
    (known.of_intakes(), idle, asked, doubled)
}

/// Against resolving every read, for random services whose applications ask for
/// something beyond what steps read.
#[test]
fn a_part_of_the_plan_shows_what_the_whole_shows() {
    let mut shown = [0; 4];
    let mut left_out = 0;
    for seed in 0..4_000_u64 {
        let mut plan = random::plan(seed);
        let mut dice = Dice::new(!seed);
        let applications: Vec<StepIx> = plan.applications().collect();
        for application in applications {
            for _ in 0..dice.below(3) {
                let field = FieldIx::at(dice.below(plan.fields.len()));
                plan.fields[field.index()].sensitivity = Sensitivity::Personal;
                plan.steps[application.index()].reads.push(Read {
                    field,
                    optional: dice.chance(30),
                    grant: None,
                });
            }
        }
        // Now and then a second step makes what another does.
        let makers = plan.steps.iter().enumerate();
        let makers: Vec<(StepIx, FieldIx)> = makers
            .filter(|(_, step)| !matches!(step.actor, Actor::LookUp(_)))
            .flat_map(|(at, step)| {
                step.writes
                    .iter()
                    .map(move |field| (StepIx::at(at), *field))
            })
            .collect();
        if let [(_, field), .., (step, _)] = makers[..] {
            plan.steps[step.index()].writes.push(field);
            plan.fields[field.index()].producers.push(step);
        }
        let part = plan.about(asks(&plan));
        let reads = |plan: &Plan| -> usize { plan.steps.iter().map(|s| s.reads.len()).sum() };
        left_out += reads(&plan) - reads(&part);
        for answers in classes(&plan).answers {
            let whole = told(&plan, &plan, &answers);
            assert_eq!(whole, told(&plan, &part, &answers), "seed {seed}");
            let counts = [whole.0.len(), whole.1.len(), whole.2.len(), whole.3.len()];
            for (shown, count) in shown.iter_mut().zip(counts) {
                *shown += count;
            }
        }
    }
    assert!(shown.iter().all(|count| *count > 1_000), "{shown:?}");
    assert!(left_out > 10_000, "{left_out}");
}
