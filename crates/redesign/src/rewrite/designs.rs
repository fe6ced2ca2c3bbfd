//! The designs that subsets of the rules lead to, each made once.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use onething_definition::design::Drafting;

use super::draft::Draft;
use super::pipeline::Pipeline;
use super::proof::Rule;
use super::score::Made;
use super::{Ground, rewrite};

/// A set of rules: a bit for each, by its position.
pub(super) type Set = u32;

/// The designs of all subsets of some rules.
///
/// Rules are applied in their order, so a subset is the subset without its last rule and
/// that rule: where it finds nothing to do, the two are one design with one plan.
pub(super) struct Designs<'a> {
    drafting: &'a Drafting<'a>,
    ground: &'a Ground<'a>,
    rules: Vec<Rule>,
    drafts: BTreeMap<Set, Rc<Draft>>,
    made: BTreeMap<Set, Option<Arc<Made>>>,
}

impl<'a> Designs<'a> {
    /// What a pipeline made from a design with one rule after the other are the first
    /// of them: the first rule alone, the first two, and so on.
    pub(super) fn new(ground: &'a Ground<'a>, from: &Rc<Draft>, pipeline: &Pipeline) -> Self {
        let rules = pipeline.rules();
        let stages = std::iter::once(from).chain(&pipeline.stages).enumerate();
        let drafts = stages.map(|(count, draft)| ((1 << count) - 1, Rc::clone(draft)));
        Self {
            drafting: ground.drafting,
            ground,
            rules,
            drafts: drafts.collect(),
            made: BTreeMap::new(),
        }
    }

    pub(super) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The design after some of the rules; `None` where not even the design
    /// that was begun with compiles.
    pub(super) fn of(&mut self, set: Set) -> Option<Arc<Made>> {
        if let Some(made) = self.made.get(&set) {
            return made.clone();
        }
        let standing = self.standing(set);
        let made = standing.made(self.drafting).map(Arc::new);
        self.made.insert(set, made.clone());
        made
    }

    /// The position of the rule of a set that is applied last, and the set without it.
    fn last(set: Set) -> Option<(usize, Set)> {
        let at = set.checked_ilog2()?;
        Some((at as usize, set & !(1 << at)))
    }

    /// What all rules of a set lead to, whether or not it compiles.
    fn draft(&mut self, set: Set) -> Rc<Draft> {
        if let Some(known) = self.drafts.get(&set) {
            return Rc::clone(known);
        }
        let Some((at, less)) = Self::last(set) else {
            unreachable!("the set without rules is known from the start");
        };
        let before = self.draft(less);
        let made = match rewrite(self.ground, self.rules[at], &before) {
            Some(made) => Rc::new(made.draft),
            None => before,
        };
        self.drafts.insert(set, Rc::clone(&made));
        made
    }

    /// A rewrite that does not compile without one that is left out (an order
    /// against the walk, say) is not made.
    fn standing(&mut self, set: Set) -> Rc<Draft> {
        let all = self.draft(set);
        let Some((at, less)) = Self::last(set) else {
            return all;
        };
        if all.plan(self.drafting).is_ok() {
            return all;
        }
        let before = self.standing(less);
        match rewrite(self.ground, self.rules[at], &before) {
            Some(made) if made.draft.plan(self.drafting).is_ok() => Rc::new(made.draft),
            Some(_) | None => before,
        }
    }
}
