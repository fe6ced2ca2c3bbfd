//! What forms ask on their own account, beside what steps read: what is known anyway goes,
//! as long as nobody misses who applies.

use std::collections::BTreeSet;
use std::sync::Arc;

use onething_definition::design::{Design, Read};
use onething_model::FieldPath;
use onething_plan::Plan;

use super::Ground;
use super::dead_data::tells_who;
use super::draft::Draft;
use super::forms::Forms;
use super::graph::read_by_steps;
use super::kept::Way;

/// Takes what is looked up or derived whatever the answers off what applications ask on their
/// own account, as far as `goes` says; with what is gone.
pub(super) fn less_known(
    ground: &Ground<'_>,
    draft: Draft,
    goes: impl Fn(&FieldPath) -> bool,
) -> (Draft, Vec<FieldPath>) {
    let Some(way) = draft.way(ground.drafting) else {
        return (draft, Vec::new());
    };
    // Seldom: for most applications nothing can be looked up or derived.
    let can_be_known = |plan: &Plan| {
        plan.applications().any(|application| {
            let mut asks = plan.step(application).reads.iter();
            asks.any(|ask| {
                let field = plan.field(ask.field);
                !field.lookups.is_empty() || field.derived.is_some()
            })
        })
    };
    if !can_be_known(way.plan) {
        return (draft, Vec::new());
    }
    let known = Forms::of(way).known;
    let mut gone: Vec<FieldPath> = Vec::new();
    let mut design = (*draft.design).clone();
    let mut were = Vec::new();
    for intake in &mut design.intakes {
        were.push(intake.asks.clone());
        let Some(known) = known.get(&intake.key) else {
            continue;
        };
        intake.asks.retain(|ask| {
            let stays = !known.contains(&ask.field) || !goes(&ask.field);
            if !stays && !gone.contains(&ask.field) {
                gone.push(ask.field.clone());
            }
            stays
        });
    }
    if gone.is_empty() {
        return (draft, gone);
    }
    gone.sort();
    let draft = with_applicant(ground, Draft::new(design), &were, &mut gone);
    (draft, gone)
}

/// Asks again, of what is `gone` from the intakes that asked `were`, what tells who applies, if
/// steps read it for some answers and nobody would know it for the others: the office has to
/// know whom it serves. What no step reads at all nobody misses.
pub(super) fn with_applicant(
    ground: &Ground<'_>,
    draft: Draft,
    were: &[Vec<Read>],
    gone: &mut Vec<FieldPath>,
) -> Draft {
    let read = read_by_steps(&draft.design);
    let stated = |field: &FieldPath| were.iter().flatten().any(|ask| ask.field == *field);
    let tells =
        |field: &FieldPath| tells_who(ground, field) && read.contains(field) && stated(field);
    let (mut open, others): (Vec<FieldPath>, Vec<FieldPath>) = gone.drain(..).partition(tells);
    *gone = others;
    // Who had to give it has to give it still, though a step that reads it can do without.
    let had_to = |field: &FieldPath| {
        let mut asks = were.iter().flatten();
        asks.any(|ask| ask.field == *field && !ask.optional)
    };
    let is_missed = |draft: &Draft, field: &FieldPath| {
        let Some(way) = draft.way(ground.drafting) else {
            return false;
        };
        let forms = Forms::of(way);
        let may_leave_out = forms.of_everybody.get(field) == Some(&false);
        let is_known = forms.of_all.contains(field) || follows(way, &forms, field);
        !is_known || (may_leave_out && had_to(field))
    };
    let (least, mut draft) = (Arc::clone(&draft.design), draft);
    // One at a time: what is asked again may be what others are found by.
    let mut back: Vec<FieldPath> = Vec::new();
    while let Some(at) = open.iter().position(|field| is_missed(&draft, field)) {
        back.push(open.remove(at));
        draft = Draft::new(with_asks(&least, were, &back));
    }
    gone.extend(open);
    // What is then asked of nobody has its place only where steps read it for some answers, and it
    // does not follow from what is there without it.
    for field in back.clone().iter().rev() {
        let Some(way) = draft.way(ground.drafting) else {
            break;
        };
        if Forms::of(way).asks(field) {
            continue;
        }
        let others = back.iter().filter(|known| *known != field).cloned();
        let others: Vec<FieldPath> = others.collect();
        let less = Draft::new(with_asks(&least, were, &others));
        let is_there = |way: Way<'_>| follows(way, &Forms::of(way), field);
        if is_read_by_some(way, field) && !less.way(ground.drafting).is_some_and(is_there) {
            continue;
        }
        back = others;
        gone.push(field.clone());
        draft = less;
    }
    draft
}

/// Whether a field follows from what every applicant gives, or is known of all of them.
fn follows(way: Way<'_>, forms: &Forms<'_>, field: &FieldPath) -> bool {
    let derived = way.plan.find_field(field);
    let derived = derived.and_then(|field| way.plan.field(field).derived);
    derived.is_some_and(|derived| {
        let from = &way.plan.field(derived.from).path;
        forms.of_all.contains(from) && forms.of_everybody.get(from) != Some(&false)
    })
}

/// Whether there are answers for which steps read a field, and others for which none does.
fn is_read_by_some(way: Way<'_>, field: &FieldPath) -> bool {
    let Some(at) = way.plan.find_field(field) else {
        return false;
    };
    let mut outlines = way.outlines.all(way.plan);
    // Who brings no matter at all hands in nothing.
    outlines.retain(|outline| way.plan.applications().any(|form| outline.is_active(form)));
    let read = outlines
        .iter()
        .map(|outline| outline.read_by_steps(way.plan)[at.index()]);
    let read: BTreeSet<bool> = read.collect();
    read.len() == 2
}

/// The design whose intakes ask for these fields as well, those that did before.
fn with_asks(design: &Design, were: &[Vec<Read>], fields: &[FieldPath]) -> Design {
    let mut design = design.clone();
    for (intake, were) in design.intakes.iter_mut().zip(were) {
        for ask in were.iter().filter(|ask| fields.contains(&ask.field)) {
            if intake.asks.iter().all(|stands| stands.field != ask.field) {
                intake.asks.push(ask.clone());
            }
        }
    }
    design
}
