//! Whose refusal makes whose work useless.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use onething_definition::design::{Design, OrderKind};
use onething_plan::{Handled, Refused, Scenario};

use super::Ground;
use super::draft::Draft;
use super::ending::Ending;
use super::graph::positions;
use super::pairs::Pairs;

/// Pairs of steps, by position, of which the first may refuse and the second is of use to nobody
/// then.
pub(super) struct KnockOuts<'a> {
    ground: &'a Ground<'a>,
    design: &'a Design,
    /// Steps of two matters: what the refusal of the one leaves unmade, the matter of the other
    /// cannot be without. Found out when it is first asked for.
    between: OnceCell<BTreeSet<(usize, usize)>>,
}

impl<'a> KnockOuts<'a> {
    pub(super) fn of(ground: &'a Ground<'a>, design: &'a Design) -> Self {
        Self {
            ground,
            design,
            between: OnceCell::new(),
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
        let between = || between(ground, self.design).unwrap_or_default();
        let apart = one.matter.is_none() || other.matter.is_none();
        let asked = !apart && self.design.handled == Handled::Together && ground.may_refuse(one);
        asked && self.between.get_or_init(between).contains(&(from, to))
    }
}

/// What the plans tell of it, whatever is done before what by habit.
fn between(ground: &Ground<'_>, design: &Design) -> Option<BTreeSet<(usize, usize)>> {
    let ends_alone = |at: &usize| {
        let step = &design.steps[*at];
        let matter = step.matter.as_ref();
        let matter = matter.and_then(|key| ground.setting.matter(key));
        matter.is_some_and(|matter| matter.refused == Refused::EndsMatter)
            && ground.may_refuse(step)
    };
    let refusing: Vec<usize> = (0..design.steps.len()).filter(ends_alone).collect();
    let mut free = design.clone();
    for step in &mut free.steps {
        step.after.retain(|order| order.kind == OrderKind::Law);
    }
    let free = Draft::new(free);
    let plan = free.plan(ground.drafting).ok()?;
    let at = positions(design);
    let refusing = refusing.into_iter();
    let refusing: Vec<_> = refusing
        .filter_map(|at| Some((at, plan.find_step(design.steps[at].key.as_str())?)))
        .collect();
    let mut found = BTreeSet::new();
    for answers in &Pairs::of([plan, plan]).answers {
        let scenario = Scenario::resolve(plan, answers);
        let ending = Ending::new(plan, &scenario);
        for (from, refused) in &refusing {
            if !scenario.is_active(*refused) {
                continue;
            }
            let in_vain = ending.in_vain(*refused);
            for step in scenario.steps() {
                let to = at.get(&plan.step(*step).key).copied();
                found.extend(to.filter(|_| in_vain[step.index()]).map(|to| (*from, to)));
            }
        }
    }
    Some(found)
}
