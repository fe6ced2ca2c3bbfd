//! What a refusal ends, as a case does: the whole of it, or its matter and what cannot be without
//! what that no longer makes.

use std::collections::BTreeSet;

use onething_plan::{Plan, Refused, Scenario, StepIx};

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
            for from in scenario.outline().required(plan, *step) {
                dependents[from.index()].push(*step);
            }
        }
        Self {
            plan,
            scenario,
            before,
            dependents,
        }
    }

    /// By step, whether a refusal ends it: the whole case, or the matter and what cannot be without
    /// what is not made any more, with its matter. What comes before the refusal is made by then.
    pub(super) fn of(&self, refused: StepIx) -> Vec<bool> {
        let matter = |step: StepIx| self.plan.step(step).matter;
        if self.is_whole(refused) {
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

    /// By step, whether a refusal makes its work useless, be it done already. A step of another
    /// matter that needs what is not made any more has not begun; where that was made in time, it
    /// goes on and is of use. In vain is what is done of its matter when another step of it is
    /// ended.
    pub(super) fn in_vain(&self, refused: StepIx) -> Vec<bool> {
        let mut ended = self.of(refused);
        if self.is_whole(refused) {
            return ended;
        }
        let own = self.plan.step(refused).matter;
        for step in self.scenario.steps() {
            let begins_after = self.before[step.index()][refused.index()];
            if ended[step.index()] && !begins_after && self.plan.step(*step).matter != own {
                ended[step.index()] = self.is_undone(refused, *step);
            }
        }
        ended
    }

    fn is_whole(&self, refused: StepIx) -> bool {
        let matter = self.plan.step(refused).matter;
        matter.is_none_or(|matter| self.plan.matter(matter).refused == Refused::EndsCase)
    }

    /// Whether a refusal that comes when a step is done, with all that comes before it, ends
    /// another step of its matter.
    fn is_undone(&self, refused: StepIx, done: StepIx) -> bool {
        let matter = |step: StepIx| self.plan.step(step).matter;
        let is_done = |step: StepIx| {
            let before = |of: StepIx| self.before[of.index()][step.index()];
            step == done || before(done) || before(refused)
        };
        let mut ended = vec![false; self.plan.steps.len()];
        let mut matters = BTreeSet::new();
        let mut open = vec![refused];
        while let Some(step) = open.pop() {
            let own = matter(step).filter(|own| matters.insert(*own));
            if own.is_some() && own == matter(done) {
                return true;
            }
            let rest = self.scenario.steps().iter().copied();
            let rest = rest.filter(|other| own.is_some() && matter(*other) == own);
            for other in rest.chain(self.dependents[step.index()].iter().copied()) {
                if !is_done(other) && !std::mem::replace(&mut ended[other.index()], true) {
                    open.push(other);
                }
            }
        }
        false
    }
}
