//! What becomes of every field that an old form asked, and where what is newly asked is told.

use std::collections::BTreeSet;

use onething_definition::classes::{Words, classes};
use onething_model::{FieldPath, Text};
use onething_plan::{Answers, Outline, Plan};
use onething_redesign::rewrite::Redesign;

/// What forms ask in these answers.
fn asked<'a>(plan: &'a Plan, answers: &Answers) -> BTreeSet<&'a FieldPath> {
    let outline = Outline::resolve(plan, answers);
    let forms = plan.applications().flat_map(|at| outline.form(at).to_vec());
    forms.map(|asked| &plan.field(asked.field).path).collect()
}

/// What forms ask, steps make, registries give or follows from it in these answers.
fn known<'a>(plan: &'a Plan, answers: &Answers) -> BTreeSet<&'a FieldPath> {
    let outline = Outline::resolve(plan, answers);
    let mut known = asked(plan, answers);
    for step in outline.steps() {
        let sources = outline.sources(step).iter().map(|(field, _)| *field);
        let writes = plan.step(step).writes.iter().copied();
        known.extend(sources.chain(writes).map(|field| &plan.field(field).path));
    }
    known
}

/// In each class of answers: what was asked, is not known to anybody any more, and stands in no
/// proof and not under what is left out; and what is newly asked and stands in no proof.
pub(crate) fn astray(made: &Redesign) -> BTreeSet<String> {
    let (was, is) = (&*made.before, &*made.plan);
    let changed = made.applied.iter().flat_map(|proof| &proof.changed);
    let dropped: BTreeSet<&FieldPath> = changed.flat_map(|line| &line.fields).collect();
    let confirm = || made.applied.iter().flat_map(|proof| &proof.confirm);
    let names = |text: &Text, field: &FieldPath, plan: &Plan| {
        let title = plan.field(plan.find_field(field).unwrap()).title.en();
        text.en().contains(title)
    };
    let words = Words::of(was);
    let mut lines = BTreeSet::new();
    for answers in classes(was).answers.iter().chain(&classes(is).answers) {
        let outline = Outline::resolve(is, answers);
        // Whose only step is left out hands in nothing.
        if !is.applications().any(|at| outline.is_active(at)) {
            continue;
        }
        let (then, now) = (asked(was, answers), known(is, answers));
        let told = |field: &FieldPath| {
            let mut texts = confirm().chain(&made.left_out);
            dropped.contains(field) || texts.any(|text| names(text, field, was))
        };
        let here = words.told_all(answers);
        for field in then.iter().filter(|field| !now.contains(*field)) {
            if !told(field) {
                lines.insert(format!("`{field}` is lost ({})", here.en()));
            }
        }
        for field in asked(is, answers).difference(&then) {
            if !confirm().any(|text| names(text, field, is)) {
                lines.insert(format!("`{field}` is newly asked ({})", here.en()));
            }
        }
    }
    lines
}
