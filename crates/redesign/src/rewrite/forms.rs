//! What a way asks for and what it looks up, in one class of answers at least: by its
//! plan, for a registry that could give something need not be asked.

use std::collections::{BTreeMap, BTreeSet};

use onething_definition::design::ProviderFact;
use onething_model::{FieldPath, StepKey};
use onething_plan::{Actor, Plan, Source, StepIx};

use super::kept::Way;

/// What is asked, looked up and derived.
pub(super) struct Forms<'a> {
    plan: &'a Plan,
    /// What the form of each application asks.
    pub(super) of: BTreeMap<&'a StepKey, BTreeSet<&'a FieldPath>>,
    /// What is looked up for the part of the case that each application opens.
    pub(super) fetched: BTreeMap<&'a StepKey, BTreeSet<&'a FieldPath>>,
    /// What each application wants on its own account and asks of nobody: whatever the answers, it
    /// is looked up or derived.
    pub(super) known: BTreeMap<&'a StepKey, BTreeSet<&'a FieldPath>>,
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
        for (application, known) in &mut known {
            let form = of.get(application).into_iter().flatten();
            for (known, asked) in known.iter_mut().zip(form) {
                *known &= !asked;
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
            known: by_key(known),
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
