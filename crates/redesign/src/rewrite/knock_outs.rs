//! Whose refusal makes whose work useless.

use std::cell::OnceCell;
use std::sync::Arc;

use onething_definition::design::{Design, OrderKind, Step};
use onething_plan::{Handled, Plan, Scenario};

use super::Ground;
use super::draft::Draft;
use super::ending::Ending;
use super::pairs::Pairs;

/// Pairs of steps, by position, of which the first may refuse and the second is of use to nobody
/// then.
pub(super) struct KnockOuts<'a> {
    ground: &'a Ground<'a>,
    design: &'a Design,
    /// What a refusal ends in each scenario, whatever is done before what by habit. Found out when
    /// it is first asked for; `None` where that does not compile.
    endings: OnceCell<Option<Endings>>,
}

/// A plan, and what refusals end in each of its scenarios.
type Endings = (Arc<Plan>, Vec<(Scenario, Ending)>);

impl<'a> KnockOuts<'a> {
    pub(super) fn of(ground: &'a Ground<'a>, design: &'a Design) -> Self {
        Self {
            ground,
            design,
            endings: OnceCell::new(),
        }
    }

    /// Whether a refusal of the step `from` makes the work of the step `to` useless: it ends the
    /// case, the matter that both belong to, or one that the matter of `to` falls with. Apart, the
    /// applicant has what another matter needs from elsewhere.
    pub(super) fn has(&self, from: usize, to: usize) -> bool {
        let [one, other] = [from, to].map(|at| &self.design.steps[at]);
        let ground = self.ground;
        if ground.may_knock_out(one, other.matter.as_ref()) {
            return true;
        }
        let apart = one.matter.is_none() || other.matter.is_none();
        let asked = !apart && self.design.handled == Handled::Together && ground.may_refuse(one);
        asked && self.is_between(one, other)
    }

    /// Of steps of two matters: what the refusal of the one leaves unmade, the matter of the other
    /// cannot be without.
    fn is_between(&self, one: &Step, other: &Step) -> bool {
        let endings = || endings(self.ground, self.design);
        let Some((plan, endings)) = self.endings.get_or_init(endings) else {
            return false;
        };
        let place = |step: &Step| plan.find_step(step.key.as_str());
        let Some((refused, step)) = place(one).zip(place(other)) else {
            return false;
        };
        endings.iter().any(|(scenario, ending)| {
            let both = scenario.is_active(refused) && scenario.is_active(step);
            both && ending.is_in_vain(refused, step)
        })
    }
}

fn endings(ground: &Ground<'_>, design: &Design) -> Option<Endings> {
    let mut free = design.clone();
    for step in &mut free.steps {
        step.after.retain(|order| order.kind == OrderKind::Law);
    }
    let free = Draft::new(free);
    let plan = Arc::clone(free.plan(ground.drafting).ok()?);
    let all = Pairs::of([&plan, &plan]).answers.into_iter();
    let all = all.map(|answers| {
        let scenario = Scenario::resolve(&plan, &answers);
        let ending = Ending::new(&plan, &scenario);
        (scenario, ending)
    });
    let all = all.collect();
    Some((plan, all))
}
