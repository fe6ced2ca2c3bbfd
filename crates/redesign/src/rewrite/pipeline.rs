//! Rules applied one after the other, each as far as its rewrites stand.

use std::collections::BTreeSet;
use std::sync::Arc;

use onething_definition::design::{Design, Drafting};
use onething_model::Text;
use onething_plan::Plan;

use super::kept::{Handling, worsened};
use super::proof::{Proof, Rule, Site};
use super::score::Made;
use super::{Error, Ground, Refusal, keys_of_new, once_only, rewrite, suggest};

/// Who says whether a rewrite stands.
pub(super) struct Judge<'a> {
    pub(super) drafting: &'a Drafting<'a>,
    /// What a rule's rewrite makes worse.
    pub(super) worsened: &'a Worsened<'a>,
}

type Worsened<'a> = dyn Fn(&Ground<'_>, Rule, Handling<'_>, Handling<'_>) -> Option<Text> + 'a;

/// What got worse; only R2 may ask for something new.
pub(super) fn worsened_by(
    ground: &Ground<'_>,
    rule: Rule,
    was: Handling<'_>,
    is: Handling<'_>,
) -> Option<Text> {
    let keys = match rule {
        Rule::OnceOnly => keys_of_new(ground.setting, was.design, is.design),
        _ => BTreeSet::new(),
    };
    worsened(was, is, &keys)
}

/// Rules applied one after the other, as far as the result stands.
pub(super) struct Pipeline {
    pub(super) before: Arc<Plan>,
    pub(super) made: Made,
    pub(super) applied: Vec<Proof>,
    pub(super) refused: Vec<Refusal>,
    /// The workload knows the steps by their own names: its figures are of the
    /// plan before steps are merged.
    pub(super) unmerged: Option<Arc<Plan>>,
}

impl Pipeline {
    pub(super) fn run(
        judge: &Judge<'_>,
        ground: &mut Ground<'_>,
        from: &Design,
        rules: &[Rule],
    ) -> Result<Self, Error> {
        let before = Arc::new(judge.drafting.plan(from).map_err(Error::Definition)?);
        let mut all = Self {
            made: Made {
                design: from.clone(),
                plan: Arc::clone(&before),
            },
            before,
            applied: Vec::new(),
            refused: Vec::new(),
            unmerged: None,
        };
        for rule in rules {
            all.apply(judge, ground, *rule);
        }
        // Later rules may leave out who would have read what is looked up.
        let mut proofs = all.applied.iter_mut();
        if let Some(proof) = proofs.find(|proof| proof.rule == Rule::OnceOnly) {
            once_only::told_by(ground, &all.made.plan, proof);
        }
        Ok(all)
    }

    fn apply(&mut self, judge: &Judge<'_>, ground: &mut Ground<'_>, rule: Rule) {
        let Some((design, proof)) = rewrite(ground, rule, &self.made.design) else {
            self.tell(ground, rule, None);
            return;
        };
        let stands = match self.judged(judge, ground, rule, &design) {
            Ok(plan) => Some((design, plan, proof)),
            Err(why) => self.part(judge, ground, rule, &why),
        };
        let Some((design, plan, mut proof)) = stands else {
            self.tell(ground, rule, None);
            return;
        };
        let plan = Arc::new(plan);
        let last = std::mem::replace(&mut self.made, Made { design, plan });
        match rule {
            Rule::Compose => self.unmerged = Some(last.plan),
            Rule::Unbind => suggest::in_vain(ground, &last.plan, &self.made.plan)
                .into_iter()
                .for_each(|text| proof.confirm(text)),
            _ => {}
        }
        self.tell(ground, rule, Some(&mut proof));
        self.applied.push(proof);
    }

    /// The plan of a design that a rule made, or what is wrong or worse.
    fn judged(
        &self,
        judge: &Judge<'_>,
        ground: &Ground<'_>,
        rule: Rule,
        design: &Design,
    ) -> Result<Plan, Text> {
        let plan = judge.drafting.plan(design).map_err(|found| {
            let first = found.into_sorted().into_iter().next();
            first.map_or_else(Text::default, |first| first.message)
        })?;
        let is = Handling {
            design,
            plan: &plan,
        };
        match (judge.worsened)(ground, rule, self.made.handling(), is) {
            None => Ok(plan),
            Some(why) => Err(why),
        }
    }

    /// Refuses those rewrites of a rule that do not stand, and keeps the others.
    fn part(
        &self,
        judge: &Judge<'_>,
        ground: &mut Ground<'_>,
        rule: Rule,
        why: &Text,
    ) -> Option<(Design, Plan, Proof)> {
        // Without all that it did the rule may find others: until it finds no more.
        let mut open: Vec<Site> = Vec::new();
        while let Some((_, proof)) = rewrite(ground, rule, &self.made.design) {
            let more: Vec<Site> = proof
                .sites
                .into_iter()
                .filter(|site| !open.contains(site))
                .collect();
            if more.is_empty() {
                break;
            }
            for site in &more {
                ground.denied.insert((rule, site.clone()), why.clone());
            }
            open.extend(more);
        }
        self.admit(judge, ground, rule, &open);
        let (design, proof) = rewrite(ground, rule, &self.made.design)?;
        let plan = self.judged(judge, ground, rule, &design).ok()?;
        Some((design, plan, proof))
    }

    /// Admits as many of these rewrites as stand together with those that were
    /// admitted: all at once, else each half by itself.
    fn admit(&self, judge: &Judge<'_>, ground: &mut Ground<'_>, rule: Rule, sites: &[Site]) {
        let were: Vec<Option<Text>> = sites
            .iter()
            .map(|site| ground.denied.remove(&(rule, site.clone())))
            .collect();
        let tried = match rewrite(ground, rule, &self.made.design) {
            None => Ok(()),
            Some((design, _)) => self.judged(judge, ground, rule, &design).map(|_| ()),
        };
        let Err(why) = tried else {
            return;
        };
        for (site, was) in sites.iter().zip(were) {
            let why = if sites.len() == 1 {
                Some(why.clone())
            } else {
                was
            };
            ground
                .denied
                .insert((rule, site.clone()), why.unwrap_or_default());
        }
        if sites.len() > 1 {
            let (one, other) = sites.split_at(sites.len() / 2);
            self.admit(judge, ground, rule, one);
            self.admit(judge, ground, rule, other);
        }
    }

    /// Records what was refused: with the proof of the rule, or, where nothing of
    /// it stands, by itself.
    fn tell(&mut self, ground: &Ground<'_>, rule: Rule, proof: Option<&mut Proof>) {
        let denied = ground.denied.iter().filter(|((of, _), _)| *of == rule);
        let lines = denied.map(|((_, site), why)| site.refused(ground.setting, why));
        match proof {
            Some(proof) => proof.refused.extend(lines),
            None => self.refused.extend(lines.map(|line| Refusal {
                rule,
                why: line.text,
            })),
        }
    }

    pub(super) fn rules(&self) -> Vec<Rule> {
        self.applied.iter().map(|proof| proof.rule).collect()
    }
}

#[cfg(test)]
mod tests;
