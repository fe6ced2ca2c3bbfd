//! What a way asks for and what it looks up, in one class of answers at least: by its
//! plan, for a registry that could give something need not be asked.

use std::collections::{BTreeMap, BTreeSet};

use onething_definition::design::{ProviderFact, Read};
use onething_model::{FieldPath, StepKey};
use onething_plan::{Actor, Plan, Source, StepIx};

use super::Ground;
use super::draft::Draft;
use super::eliminate::tells_who;
use super::graph::read_by_steps;
use super::kept::Way;

/// What is asked, looked up and derived.
pub(super) struct Forms<'a> {
    plan: &'a Plan,
    /// What the form of each application asks.
    pub(super) of: BTreeMap<&'a StepKey, BTreeSet<&'a FieldPath>>,
    /// What is looked up for the part of the case that each application opens.
    pub(super) fetched: BTreeMap<&'a StepKey, BTreeSet<&'a FieldPath>>,
    /// What applications want on their own account and ask of nobody: whatever the answers, it is
    /// looked up or derived.
    pub(super) known: BTreeSet<&'a FieldPath>,
    /// Asked for, whatever a registry has.
    pub(super) asked: BTreeSet<&'a FieldPath>,
    /// What some application of each applicant wants, whatever the answers, and whether all of them have to
    /// give it.
    pub(super) of_everybody: BTreeMap<&'a FieldPath, bool>,
    /// What some form asks or is known of each applicant, whatever the answers.
    pub(super) of_all: BTreeSet<&'a FieldPath>,
    /// Known as it follows from something else.
    pub(super) derived: BTreeSet<&'a FieldPath>,
    given: BTreeMap<StepIx, BTreeSet<&'a FieldPath>>,
}

impl<'a> Forms<'a> {
    pub(super) fn of(way: Way<'a>) -> Self {
        let plan = way.plan;
        let none = vec![false; plan.fields.len()];
        // By number: that spares the comparison of names for each class of answers.
        let mut of: BTreeMap<StepIx, Vec<bool>> = BTreeMap::new();
        let mut fetched: BTreeMap<StepIx, Vec<bool>> = BTreeMap::new();
        let mut given: BTreeMap<StepIx, Vec<bool>> = BTreeMap::new();
        let mut known: BTreeMap<StepIx, Vec<bool>> = BTreeMap::new();
        let mut asked = none.clone();
        let mut derived = none.clone();
        // Not wanted is less than wanted, and that less than wanted of necessity.
        let mut everybody: Option<Vec<Option<bool>>> = None;
        let mut all: Option<Vec<bool>> = None;
        for outline in way.outlines.all(plan) {
            let mut here = vec![None; plan.fields.len()];
            let mut there = none.clone();
            for application in plan.applications() {
                let form = of.entry(application).or_insert_with(|| none.clone());
                for asked in outline.form(application) {
                    let field = asked.field.index();
                    form[field] = true;
                    here[field] = here[field].max(Some(!asked.optional));
                    there[field] = true;
                }
            }
            for step in outline.steps() {
                let is_submission = matches!(plan.step(step).actor, Actor::Submission(_));
                for (field, source) in outline.sources(step) {
                    let field = field.index();
                    there[field] = true;
                    match source {
                        Source::LookUp(from) => {
                            let part = plan.step(step).scope;
                            for (by, of) in [(&mut given, *from), (&mut fetched, part)] {
                                by.entry(of).or_insert_with(|| none.clone())[field] = true;
                            }
                        }
                        Source::Applicant(_) => asked[field] = true,
                        Source::Derived(_) => derived[field] = true,
                        Source::Step(_) => {}
                    }
                    if is_submission && matches!(source, Source::LookUp(_) | Source::Derived(_)) {
                        known.entry(step).or_insert_with(|| none.clone())[field] = true;
                        here[field] = Some(true);
                    }
                }
            }
            // Who brings no matter at all hands in nothing.
            if !plan.applications().any(|at| outline.is_active(at)) {
                continue;
            }
            all = Some(match all {
                None => there,
                Some(known) => known.into_iter().zip(there).map(|(a, b)| a && b).collect(),
            });
            everybody = Some(match everybody {
                None => here,
                Some(known) => known.into_iter().zip(here).map(|(a, b)| a.min(b)).collect(),
            });
        }
        let paths = |marked: Vec<bool>| -> BTreeSet<&'a FieldPath> {
            let marked = marked.into_iter().zip(&plan.fields);
            let marked = marked.filter(|(marked, _)| *marked);
            marked.map(|(_, field)| &field.path).collect()
        };
        let mut unasked = none;
        for (application, known) in &known {
            let form = of.get(application);
            for (field, known) in known.iter().enumerate() {
                unasked[field] |= *known && form.is_none_or(|form| !form[field]);
            }
        }
        let by_key = |by: BTreeMap<StepIx, Vec<bool>>| -> BTreeMap<&'a StepKey, _> {
            let by = by.into_iter();
            by.map(|(step, marked)| (&plan.step(step).key, paths(marked)))
                .collect()
        };
        Self {
            plan,
            of: by_key(of),
            fetched: by_key(fetched),
            known: paths(unasked),
            asked: paths(asked),
            of_everybody: plan
                .fields
                .iter()
                .zip(everybody.unwrap_or_default())
                .filter_map(|(field, must)| Some((&field.path, must?)))
                .collect(),
            of_all: paths(all.unwrap_or_default()),
            derived: paths(derived),
            given: given
                .into_iter()
                .map(|(step, marked)| (step, paths(marked)))
                .collect(),
        }
    }

    /// Whether some form asks for a field.
    pub(super) fn asks(&self, field: &FieldPath) -> bool {
        self.of.values().any(|form| form.contains(field))
    }

    /// What one application asks that is looked up for another.
    pub(super) fn asked_though_fetched(&self) -> BTreeSet<&'a FieldPath> {
        let mut found = BTreeSet::new();
        for (application, form) in &self.of {
            let others = self.fetched.iter().filter(|(of, _)| *of != application);
            for (_, fetched) in others {
                found.extend(form.intersection(fetched));
            }
        }
        found
    }

    /// What a provider gives; of one role a registry provides once.
    pub(super) fn given_by(&self, provider: &ProviderFact) -> Vec<FieldPath> {
        let is = |step: StepIx| match &self.plan.step(step).actor {
            Actor::LookUp(look_up) => look_up.registry == provider.registry,
            Actor::Submission(_)
            | Actor::System
            | Actor::Officer
            | Actor::Applicant
            | Actor::Outside => false,
        };
        let given = self.given.iter().filter(|(step, _)| is(**step));
        let given: BTreeSet<&FieldPath> = given.flat_map(|(_, fields)| fields).copied().collect();
        let gives = provider.gives.iter().filter(|field| given.contains(field));
        gives.cloned().collect()
    }
}

/// Takes what is looked up or derived off what applications ask on their own account,
/// as far as `goes` says; with what is gone.
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
    let known = Forms::of(way).known.into_iter();
    let mut gone: Vec<FieldPath> = known.filter(|field| goes(field)).cloned().collect();
    if gone.is_empty() {
        return (draft, gone);
    }
    let mut design = (*draft.design).clone();
    let were: Vec<Vec<Read>> = design
        .intakes
        .iter_mut()
        .map(|intake| {
            let were = intake.asks.clone();
            intake.asks.retain(|ask| !gone.contains(&ask.field));
            were
        })
        .collect();
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
    let tells = |field: &FieldPath| tells_who(ground, field) && read.contains(field);
    if !gone.iter().any(tells) {
        return draft;
    }
    let Some(way) = draft.way(ground.drafting) else {
        return draft;
    };
    let known = Forms::of(way).of_all;
    let back = |field: &FieldPath| tells(field) && !known.contains(field);
    let mut design = (*draft.design).clone();
    let mut asked = Vec::new();
    for (intake, were) in design.intakes.iter_mut().zip(were) {
        let again = were
            .iter()
            .filter(|ask| gone.contains(&ask.field) && back(&ask.field));
        asked.extend(again.clone().map(|ask| ask.field.clone()));
        intake.asks.extend(again.cloned());
    }
    if asked.is_empty() {
        return draft;
    }
    gone.retain(|field| !asked.contains(field));
    Draft::new(design)
}
