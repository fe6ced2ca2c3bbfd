//! Look-ups that are made on the draft only where their keys are there anyway.
//!
//! A registry whose key a step makes, or another registry gives after the application, is asked
//! after it. Where somebody reads the key before that, though, the form asks for it, and what
//! the registry holds would be asked beside its own key. So it is asked on the draft
//! with what is there, and nobody is asked for anything for its sake.

use std::collections::BTreeSet;

use super::Resolver;
use crate::condition::Answers;
use crate::index::{FieldIx, StepIx};
use crate::plan::Plan;
use crate::scenario::Source;
use crate::step::Actor;

/// The look-ups of a plan that these answers allow for where their keys are known.
pub(super) fn look_ups(plan: &Plan, answers: &Answers) -> Vec<StepIx> {
    let all = plan.step_numbers().filter(|step| {
        let item = plan.step(*step);
        matches!(&item.actor, Actor::LookUp(look_up) if look_up.if_known)
            && item.when.holds(answers)
    });
    all.collect()
}

/// Of these look-ups those that can be made as well after this walk, and spare the applicant
/// something that the form asks, or a look-up after it with what stands on it.
pub(super) fn opened(this: &Resolver<'_>, if_known: &[StepIx]) -> Vec<StepIx> {
    let mut brought: BTreeSet<(StepIx, FieldIx)> = BTreeSet::new();
    let mut possible: Vec<StepIx> = Vec::new();
    // Those that give keys come before those that are asked with them.
    for step in if_known.iter().filter(|step| !this.opened.contains(step)) {
        let item = this.plan.step(*step);
        let is_there =
            |field: FieldIx| is_known(this, *step, field) || brought.contains(&(item.scope, field));
        let is_given = |field: FieldIx| {
            let derived = this.plan.field(field).derived;
            is_there(field) || derived.is_some_and(|derived| is_there(derived.from))
        };
        if item.reads.iter().all(|read| is_given(read.field)) {
            brought.extend(item.writes.iter().map(|field| (item.scope, *field)));
            possible.push(*step);
        }
    }
    let mut wanted: BTreeSet<(StepIx, FieldIx)> = BTreeSet::new();
    let mut opened = Vec::new();
    for step in possible.into_iter().rev() {
        let item = this.plan.step(step);
        let spares = item.writes.iter().any(|field| {
            wanted.contains(&(item.scope, *field)) || is_asked(this, item.scope, *field)
        });
        if spares || comes_late(this, step) {
            let keys = item.reads.iter().flat_map(|read| {
                let derived = this.plan.field(read.field).derived;
                std::iter::once(read.field).chain(derived.map(|derived| derived.from))
            });
            let keys = keys.filter(|key| !is_known(this, step, *key));
            wanted.extend(keys.map(|key| (item.scope, key)));
            opened.push(step);
        }
    }
    opened
}

/// Whether the same registry is asked after the application with no more than stands on its
/// form: what the look-up gives would come too late to be shown to the applicant, and what it
/// lacks would take another submission.
fn comes_late(this: &Resolver<'_>, step: StepIx) -> bool {
    let plan = this.plan;
    let item = plan.step(step);
    let Actor::LookUp(early) = &item.actor else {
        return false;
    };
    let of_form = |source: Source| source == Source::Applicant(item.scope);
    let stands = |look_up: StepIx, field: FieldIx| match this.source(look_up, field) {
        Source::Derived(from) => of_form(this.source(look_up, from)),
        source => of_form(source),
    };
    plan.step_numbers().any(|later| {
        let other = plan.step(later);
        let is_same = matches!(&other.actor, Actor::LookUp(other)
            if other.registry == early.registry && other.role == early.role && !other.always);
        is_same
            && later > item.scope
            && other.scope == item.scope
            && this.active[later.index()]
            && other.reads.iter().all(|read| stands(later, read.field))
    })
}

fn is_asked(this: &Resolver<'_>, application: StepIx, field: FieldIx) -> bool {
    let mut form = this.forms[application.index()].iter();
    form.any(|asked| asked.field == field)
}

/// Whether the form asks for a field that a look-up is asked with, in any case, or a look-up of
/// the draft that is made gives it.
fn is_known(this: &Resolver<'_>, look_up: StepIx, field: FieldIx) -> bool {
    match this.source(look_up, field) {
        Source::Applicant(application) => {
            let mut form = this.forms[application.index()].iter();
            form.any(|asked| asked.field == field && !asked.optional)
        }
        Source::LookUp(giver) => this.active[giver.index()],
        Source::Step(_) | Source::Derived(_) => false,
    }
}
