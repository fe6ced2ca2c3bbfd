//! What a refusal ends, as a case does: the whole of it, or its matter and what cannot be without
//! what that no longer makes.

use onething_plan::{Plan, Refused, Scenario, StepIx};

/// What tells which work a refusal ends, for one scenario; by step.
pub(super) struct Ending {
    /// What comes before it, be it by way of others: a bit for each step.
    before: Vec<Vec<u64>>,
    /// What cannot be without what it makes.
    dependents: Vec<Vec<StepIx>>,
    /// Its matter.
    matter: Vec<Option<usize>>,
    /// Whether its refusal ends the whole case.
    whole: Vec<bool>,
    /// By matter, its steps that are part of the case.
    of_matter: Vec<Vec<StepIx>>,
}

impl Ending {
    pub(super) fn new(plan: &Plan, scenario: &Scenario) -> Self {
        let count = plan.steps.len();
        let mut before = vec![Vec::new(); count];
        let mut dependents = vec![Vec::new(); count];
        let mut of_matter = vec![Vec::new(); plan.matters.len()];
        for step in scenario.steps() {
            let mut all = vec![0_u64; count.div_ceil(64)];
            // Steps stand in an order in which they can be done.
            for need in scenario.needs(*step) {
                let further: &Vec<u64> = &before[need.index()];
                all.iter_mut().zip(further).for_each(|(all, is)| *all |= is);
                all[need.index() / 64] |= 1 << (need.index() % 64);
            }
            before[step.index()] = all;
            if let Some(matter) = plan.step(*step).matter {
                of_matter[matter.index()].push(*step);
            }
            for from in scenario.outline().required(plan, *step) {
                dependents[from.index()].push(*step);
            }
        }
        let matters = plan.steps.iter().map(|step| step.matter);
        let ends_case = |matter| plan.matter(matter).refused == Refused::EndsCase;
        Self {
            before,
            dependents,
            matter: matters.clone().map(|of| of.map(|of| of.index())).collect(),
            whole: matters.map(|of| of.is_none_or(ends_case)).collect(),
            of_matter,
        }
    }

    /// Whether `one` comes before `other`, be it by way of others.
    pub(super) fn precedes(&self, one: StepIx, other: StepIx) -> bool {
        let words = &self.before[other.index()];
        let word = words.get(one.index() / 64).copied().unwrap_or(0);
        word >> (one.index() % 64) & 1 == 1
    }

    /// By step, whether a refusal ends it: the whole case, or the matter and what cannot be without
    /// what is not made any more, with its matter. What comes before the refusal is made by then.
    pub(super) fn of(&self, refused: StepIx) -> Vec<bool> {
        if self.whole[refused.index()] {
            return vec![true; self.matter.len()];
        }
        let mut ended = vec![false; self.matter.len()];
        ended[refused.index()] = true;
        self.spread(refused, |step| {
            let is_new = !std::mem::replace(&mut ended[step.index()], true);
            is_new && !self.precedes(step, refused)
        });
        ended
    }

    /// By step, whether a refusal makes its work useless, be it done already.
    pub(super) fn in_vain(&self, refused: StepIx) -> Vec<bool> {
        let mut ended = self.of(refused);
        for (at, ended) in ended.iter_mut().enumerate().filter(|(_, ended)| **ended) {
            *ended = self.stays_in_vain(refused, StepIx::at(at));
        }
        ended
    }

    /// Whether a refusal makes the work of a step useless.
    pub(super) fn is_in_vain(&self, refused: StepIx, step: StepIx) -> bool {
        self.of(refused)[step.index()] && self.stays_in_vain(refused, step)
    }

    /// Of a step that a refusal ends. One of another matter that needs what is not made any more
    /// has not begun; where that was made in time, it goes on and is of use. In vain is what is
    /// done of its matter when another step of it is ended.
    fn stays_in_vain(&self, refused: StepIx, step: StepIx) -> bool {
        let own = self.matter[step.index()];
        self.whole[refused.index()]
            || own == self.matter[refused.index()]
            || self.precedes(refused, step)
            || own.is_some_and(|own| self.is_undone(refused, step, own))
    }

    /// Whether a refusal that comes when a step of this matter is done, with all that comes before
    /// it, ends another step of the matter.
    fn is_undone(&self, refused: StepIx, done: StepIx, matter: usize) -> bool {
        let mut ended = vec![false; self.matter.len()];
        let mut found = false;
        self.spread(refused, |step| {
            let is_done = step == done || self.precedes(step, done) || self.precedes(step, refused);
            let goes = !is_done && !std::mem::replace(&mut ended[step.index()], true);
            found |= goes && self.matter[step.index()] == Some(matter);
            goes && !found
        });
        found
    }

    /// From a refusal on: the rest of its matter and who cannot be without what it makes, and so on
    /// from each of which `goes` says that it is ended by that.
    fn spread(&self, refused: StepIx, mut goes: impl FnMut(StepIx) -> bool) {
        let mut seen = vec![false; self.of_matter.len()];
        let mut open = vec![refused];
        while let Some(step) = open.pop() {
            let own = self.matter[step.index()];
            let own = own.filter(|own| !std::mem::replace(&mut seen[*own], true));
            let rest = own.map_or(&[][..], |own| &self.of_matter[own]);
            for other in rest.iter().chain(&self.dependents[step.index()]) {
                if goes(*other) {
                    open.push(*other);
                }
            }
        }
    }
}
