//! The designs that subsets of the rules lead to, each made once.

use std::collections::BTreeMap;
use std::sync::Arc;

use onething_definition::design::{Design, Drafting};
use onething_plan::Plan;

use super::proof::Rule;
use super::score::Made;
use super::{Ground, rewrite};

/// A set of rules: a bit for each, by its position.
pub(super) type Set = u32;

/// The designs of all subsets of some rules.
pub(super) struct Designs<'a> {
    drafting: &'a Drafting<'a>,
    ground: &'a Ground<'a>,
    from: &'a Design,
    rules: Vec<Rule>,
    made: BTreeMap<Set, Option<Arc<Made>>>,
}

impl<'a> Designs<'a> {
    pub(super) fn new(
        drafting: &'a Drafting<'a>,
        ground: &'a Ground<'a>,
        from: &'a Design,
        rules: Vec<Rule>,
    ) -> Self {
        Self {
            drafting,
            ground,
            from,
            rules,
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
        let chosen = self.rules.iter().enumerate();
        let chosen = chosen.filter(|(at, _)| set >> at & 1 == 1);
        let chosen: Vec<Rule> = chosen.map(|(_, rule)| *rule).collect();
        let made = self.make(&chosen).map(|(design, plan)| {
            let plan = Arc::new(plan);
            Arc::new(Made { design, plan })
        });
        self.made.insert(set, made.clone());
        made
    }

    /// A rewrite that does not compile without one that is left out (an order
    /// against the walk, say) is not made.
    fn make(&self, rules: &[Rule]) -> Option<(Design, Plan)> {
        let all = rules.iter().fold(self.from.clone(), |design, rule| {
            rewrite(self.ground, *rule, &design).map_or(design, |(next, _)| next)
        });
        if let Ok(plan) = self.drafting.plan(&all) {
            return Some((all, plan));
        }
        let mut design = self.from.clone();
        let mut plan = self.drafting.plan(&design).ok()?;
        for rule in rules {
            if let Some((next, _)) = rewrite(self.ground, *rule, &design)
                && let Ok(made) = self.drafting.plan(&next)
            {
                (design, plan) = (next, made);
            }
        }
        Some((design, plan))
    }
}
