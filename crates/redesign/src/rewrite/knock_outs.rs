//! Whose refusal makes whose work useless.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use onething_definition::design::{Design, OrderKind};
use onething_model::MatterKey;
use onething_plan::{Handled, Scenario, StepIx};

use super::Ground;
use super::draft::Draft;
use super::ending::Ending;
use super::pairs::Pairs;

/// Pairs of steps, by position, of which the first may refuse and the second is of use to nobody
/// then.
pub(super) struct KnockOuts<'a> {
    ground: &'a Ground<'a>,
    design: &'a Design,
    /// By step, its matter by position and what its refusal ends of itself.
    steps: Vec<(Option<usize>, Ends)>,
    /// What a refusal ends in each scenario, whatever is done before what by habit. Found out when
    /// it is first asked for; `None` where that does not compile.
    endings: OnceCell<Option<Endings>>,
}

/// What a refusal ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// It never refuses.
    Nothing,
    Matter,
    Case,
}

/// Steps of a design in its plan, and what refusals end in each of its scenarios.
type Endings = (Vec<Option<StepIx>>, Vec<(Scenario, Ending)>);

impl<'a> KnockOuts<'a> {
    pub(super) fn of(ground: &'a Ground<'a>, design: &'a Design) -> Self {
        let matters = ground.setting.matters.iter().map(|matter| &matter.key);
        let at: BTreeMap<&MatterKey, usize> = matters.zip(0..).collect();
        let steps = design.steps.iter().map(|step| {
            let ends = match ground.may_refuse(step) {
                false => Ends::Nothing,
                // Of its own matter alone, or of any.
                true if ground.may_knock_out(step, None) => Ends::Case,
                true => Ends::Matter,
            };
            let matter = step.matter.as_ref();
            (matter.and_then(|key| at.get(key).copied()), ends)
        });
        Self {
            ground,
            design,
            steps: steps.collect(),
            endings: OnceCell::new(),
        }
    }

    /// Whether a refusal of the step `from` makes the work of the step `to` useless: it ends the
    /// case, the matter that both belong to, or one that the matter of `to` falls with. Apart, the
    /// applicant has what another matter needs from elsewhere.
    pub(super) fn has(&self, from: usize, to: usize) -> bool {
        let [(matter, ends), (other, _)] = [from, to].map(|at| self.steps[at]);
        match ends {
            Ends::Nothing => false,
            Ends::Case => true,
            Ends::Matter if matter == other => true,
            Ends::Matter => {
                let both = matter.is_some() && other.is_some();
                both && self.design.handled == Handled::Together && self.is_between(from, to)
            }
        }
    }

    /// Of steps of two matters: what the refusal of the one leaves unmade, the matter of the other
    /// cannot be without.
    fn is_between(&self, from: usize, to: usize) -> bool {
        let endings = || endings(self.ground, self.design);
        let Some((places, endings)) = self.endings.get_or_init(endings) else {
            return false;
        };
        let Some((refused, step)) = places[from].zip(places[to]) else {
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
    let steps = design.steps.iter();
    let places = steps.map(|step| plan.find_step(step.key.as_str()));
    Some((places.collect(), all.collect()))
}
