//! The old way without what it says twice, so that the way of writing decides nothing.

use std::collections::BTreeMap;

use onething_definition::classes::classes;
use onething_definition::design::{Design, Drafting, Setting};
use onething_model::{FieldPath, StepKey};
use onething_plan::{Actor, Outline, Plan, Source};

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

/// Whether two ways ask the same in every class of answers, and let steps know the same.
fn come_to_the_same(was: Way<'_>, is: Way<'_>) -> bool {
    classes(was.plan).answers.iter().all(|answers| {
        let then = told(was.plan, &was.outlines.of(was.plan, answers));
        then == told(is.plan, &is.outlines.of(is.plan, answers))
    })
}

/// What a step asks, and where what it reads comes from.
type Told<'a> = (
    BTreeMap<&'a FieldPath, bool>,
    BTreeMap<&'a FieldPath, Origin<'a>>,
);

#[derive(PartialEq, Eq)]
enum Origin<'a> {
    Step(&'a StepKey),
    LookUp(&'a StepKey),
    Applicant(&'a StepKey),
    Field(&'a FieldPath),
}

fn told<'a>(plan: &'a Plan, outline: &Outline) -> BTreeMap<&'a StepKey, Told<'a>> {
    let path = |field| &plan.field(field).path;
    let key = |step| &plan.step(step).key;
    let of_step = |step| {
        let form = outline.form(step).iter();
        let form = form.map(|asked| (path(asked.field), asked.optional));
        // What a form says on its own account is what may go.
        let reads = !matches!(plan.step(step).actor, Actor::Submission(_));
        let sources = outline.sources(step).iter().filter(|_| reads);
        let sources = sources.map(|(field, source)| {
            let from = match source {
                Source::Step(step) => Origin::Step(key(*step)),
                Source::LookUp(step) => Origin::LookUp(key(*step)),
                Source::Applicant(step) => Origin::Applicant(key(*step)),
                Source::Derived(field) => Origin::Field(path(*field)),
            };
            (path(*field), from)
        });
        (key(step), (form.collect(), sources.collect()))
    };
    outline.steps().map(of_step).collect()
}
