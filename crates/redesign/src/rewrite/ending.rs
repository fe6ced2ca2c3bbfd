//! What a refusal ends, as a case does: the whole of it, or its matter and what cannot be without
//! what that no longer makes.

use std::collections::BTreeSet;

use onething_plan::{Actor, Plan, Refused, Scenario, Source, StepIx};

/// What tells which work a refusal ends, for one scenario; by step.
pub(super) struct Ending<'a> {
    plan: &'a Plan,
    scenario: &'a Scenario,
    /// What comes before it, be it by way of others.
    pub(super) before: Vec<Vec<bool>>,
    /// What cannot be without what it makes.
    dependents: Vec<Vec<StepIx>>,
}

impl<'a> Ending<'a> {
    pub(super) fn new(plan: &'a Plan, scenario: &'a Scenario) -> Self {
        let count = plan.steps.len();
        let mut before = vec![Vec::new(); count];
        let mut dependents = vec![Vec::new(); count];
        for step in scenario.steps() {
            let mut all = vec![false; count];
            // Steps stand in an order in which they can be done.
            for need in scenario.needs(*step) {
                let further: &Vec<bool> = &before[need.index()];
                all.iter_mut().zip(further).for_each(|(all, is)| *all |= is);
                all[need.index()] = true;
            }
            before[step.index()] = all;
            // A registry that cannot be asked, since nobody made its key, is skipped.
            let item = plan.step(*step);
            if matches!(item.actor, Actor::LookUp(_)) {
                continue;
            }
            for read in item.reads.iter().filter(|read| !read.optional) {
                let origin = scenario.outline().origin(*step, read.field);
                if let Some((_, Source::Step(from))) = origin {
                    dependents[from.index()].push(*step);
                }
            }
        }
        Self {
            plan,
            scenario,
            before,
            dependents,
        }
    }

    /// By step, whether a refusal makes its work useless: that of the whole case, or of the matter
    /// and of what cannot be without what is not made any more, with its matter. What comes before
    /// the refusal is made by then.
    pub(super) fn of(&self, refused: StepIx) -> Vec<bool> {
        let matter = |step: StepIx| self.plan.step(step).matter;
        let whole = |of| self.plan.matter(of).refused == Refused::EndsCase;
        if matter(refused).is_none_or(whole) {
            return vec![true; self.plan.steps.len()];
        }
        let mut ended = vec![false; self.plan.steps.len()];
        ended[refused.index()] = true;
        let mut matters = BTreeSet::new();
        let mut open = vec![refused];
        while let Some(step) = open.pop() {
            let own = matter(step).filter(|own| matters.insert(*own));
            let rest = self.scenario.steps().iter().copied();
            let rest = rest.filter(|other| own.is_some() && matter(*other) == own);
            for other in rest.chain(self.dependents[step.index()].iter().copied()) {
                let known = std::mem::replace(&mut ended[other.index()], true);
                if !known && !self.before[refused.index()][other.index()] {
                    open.push(other);
                }
            }
        }
        ended
    }
}
