//! The old way without what it says twice, so that the way of writing decides nothing.

use onething_definition::classes::classes_of;
use onething_definition::design::{Design, Drafting, Setting};
use onething_model::{FieldPath, StepKey};
use onething_plan::{Actor, Outline, Plan, Source, StepIx};

use super::draft::Draft;
use super::kept::Way;
use super::keys_of;

/// The design without what a form states that steps of its matter read in any case, as far as
/// the forms ask the same and all that steps read comes from where it came from.
///
/// Else a rule would be credited with what it takes off the form, or not, for who was written
/// down as asking.
pub(super) fn canonical(drafting: &Drafting<'_>, from: &Design) -> Draft {
    let stated = Draft::new(from.clone());
    let twice: Vec<(usize, FieldPath)> = said_twice(drafting.setting(), from);
    let Some(was) = stated.way(drafting).filter(|_| !twice.is_empty()) else {
        return stated;
    };
    let without = |gone: &[(usize, FieldPath)]| {
        let mut design = from.clone();
        for (at, field) in gone {
            design.intakes[*at].asks.retain(|ask| ask.field != *field);
        }
        let draft = Draft::new(design);
        let same = draft
            .way(drafting)
            .is_some_and(|is| come_to_the_same(was, is));
        same.then_some(draft)
    };
    // All at once, else each half by itself.
    let (mut gone, mut least) = (Vec::new(), None);
    let mut open = vec![&twice[..]];
    while let Some(some) = open.pop() {
        let more = [&gone[..], some].concat();
        match without(&more) {
            Some(draft) => (gone, least) = (more, Some(draft)),
            None if some.len() > 1 => {
                let (one, other) = some.split_at(some.len() / 2);
                open.extend([other, one]);
            }
            None => {}
        }
    }
    least.unwrap_or(stated)
}

/// What forms state and may ask anyway: first what steps of their part of the case read, then
/// what is known by it, for the number that something follows from goes only with that.
fn said_twice(setting: &Setting, design: &Design) -> Vec<(usize, FieldPath)> {
    let keys = keys_of(setting, design);
    let reads = |(at, field): &(usize, FieldPath)| {
        let mut steps = design.steps.iter().filter(|step| step.intake == *at);
        steps.any(|step| step.reads.iter().any(|read| read.field == *field))
    };
    let intakes = design.intakes.iter().enumerate();
    let stated =
        intakes.flat_map(|(at, intake)| intake.asks.iter().map(move |ask| (at, ask.field.clone())));
    let (mut twice, others): (Vec<_>, Vec<_>) = stated.partition(reads);
    twice.extend(others.into_iter().filter(|(_, field)| keys.contains(field)));
    twice
}

/// Whether two ways ask the same in every class of answers, and let steps know the same. They have
/// the same steps, which read the same in the same order.
fn come_to_the_same(was: Way<'_>, is: Way<'_>) -> bool {
    let all = classes_of([was.plan, is.plan]).answers;
    all.iter().all(|answers| {
        let [then, now] = [was, is].map(|way| way.outlines.of(way.plan, answers));
        same(was.plan, is.plan, &then, &now)
    })
}

fn same(was: &Plan, is: &Plan, then: &Outline, now: &Outline) -> bool {
    let (mut before, mut after) = (then.steps(), now.steps());
    let mut steps = std::iter::from_fn(|| match (before.next(), after.next()) {
        (None, None) => None,
        (Some(one), Some(other)) => Some(
            was.step(one).key == is.step(other).key
                && form(was, then, one) == form(is, now, other)
                && origins(was, then, one).eq(origins(is, now, other)),
        ),
        (Some(_), None) | (None, Some(_)) => Some(false),
    });
    steps.all(|same| same)
}

/// What a step asks, by name, and whether it may be left out: the fields of another plan are in
/// another order.
fn form<'a>(plan: &'a Plan, outline: &Outline, step: StepIx) -> Vec<(&'a FieldPath, bool)> {
    let form = outline.form(step).iter();
    let form = form.map(|asked| (&plan.field(asked.field).path, asked.optional));
    let mut form: Vec<_> = form.collect();
    form.sort();
    form
}

/// Where what a step reads comes from.
#[derive(PartialEq, Eq)]
enum Origin<'a> {
    Step(&'a StepKey),
    LookUp(&'a StepKey),
    Applicant(&'a StepKey),
    Field(&'a FieldPath),
}

/// Of each field that a step reads; what a form says on its own account is what may go.
fn origins<'a>(
    plan: &'a Plan,
    outline: &'a Outline,
    step: StepIx,
) -> impl Iterator<Item = (&'a FieldPath, Origin<'a>)> {
    let reads = !matches!(plan.step(step).actor, Actor::Submission(_));
    let sources = outline.sources(step).iter().filter(move |_| reads);
    sources.map(|(field, source)| {
        let key = |step: &StepIx| &plan.step(*step).key;
        let from = match source {
            Source::Step(step) => Origin::Step(key(step)),
            Source::LookUp(step) => Origin::LookUp(key(step)),
            Source::Applicant(step) => Origin::Applicant(key(step)),
            Source::Derived(field) => Origin::Field(&plan.field(*field).path),
        };
        (&plan.field(*field).path, from)
    })
}
