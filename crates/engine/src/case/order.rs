//! Who waits for whom: a step is ready when all that it waits for is over.

use onething_plan::{Scenario, StepIx};

use super::{Case, StepStatus};

impl Case {
    /// A step is over: who waited for nothing else is ready.
    pub(super) fn release(&mut self, step: StepIx, scenario: &Scenario) {
        let state = self.step(step);
        if state.status == StepStatus::Cancelled && state.waiting > 0 && !self.ending {
            self.pass_on(step, scenario);
        }
        for later in scenario.releases(step) {
            self.wait_less(*later);
        }
        while let Some(at) = self.passed_on.iter().position(|(from, _)| *from == step) {
            let (_, later) = self.passed_on.swap_remove(at);
            self.wait_less(later);
        }
    }

    /// A step is cancelled before its turn. An order that the law demands passes on, as it does
    /// through a step that is no part of the case: who was to come after it comes after what it
    /// was itself to come after.
    fn pass_on(&mut self, step: StepIx, scenario: &Scenario) {
        let stated = |to: StepIx| {
            let arrows = scenario.arrows(to).iter();
            arrows.filter(|edge| edge.is_stated()).map(|edge| edge.from)
        };
        let passed_on = self.passed_on.iter();
        let before: Vec<StepIx> = stated(step)
            .chain(
                passed_on
                    .clone()
                    .filter(|(_, to)| *to == step)
                    .map(|(from, _)| *from),
            )
            .filter(|from| !self.step(*from).status.is_final())
            .collect();
        if before.is_empty() {
            return;
        }
        let after: Vec<StepIx> = scenario
            .releases(step)
            .iter()
            .copied()
            .filter(|to| stated(*to).any(|from| from == step))
            .chain(
                passed_on
                    .filter(|(from, _)| *from == step)
                    .map(|(_, to)| *to),
            )
            .filter(|to| self.step(*to).status == StepStatus::Waiting)
            .collect();
        for to in after {
            for from in &before {
                let waits = scenario.awaits(to).any(|known| known == *from)
                    || self.passed_on.contains(&(*from, to));
                if !waits {
                    self.passed_on.push((*from, to));
                    self.steps[to.index()].waiting += 1;
                }
            }
        }
    }

    fn wait_less(&mut self, step: StepIx) {
        let state = &mut self.steps[step.index()];
        state.waiting -= 1;
        if state.waiting == 0 && state.status == StepStatus::Waiting {
            self.ready.push(step);
        }
    }

    /// What a step waits for that is not over, the nearest only: what they wait for themselves
    /// needs no word.
    pub(crate) fn waits_for(&self, step: StepIx) -> Vec<StepIx> {
        let Some(layout) = self.layout() else {
            return Vec::new();
        };
        let is_open = |before: &StepIx| !self.step(*before).status.is_final();
        let nearest = layout.scenario.needs(step).iter().copied();
        let nearest: Vec<StepIx> = nearest.filter(is_open).collect();
        if !nearest.is_empty() {
            return nearest;
        }
        if let Some(form) = self.put_off_for(step) {
            return vec![form];
        }
        let passed_on = self.passed_on.iter().filter(|(_, to)| *to == step);
        let passed_on = passed_on.map(|(from, _)| *from);
        let awaits = layout.scenario.awaits(step).filter(is_open);
        awaits.chain(passed_on).collect()
    }
}
