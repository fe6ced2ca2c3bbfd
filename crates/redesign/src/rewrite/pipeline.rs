//! Rules applied one after the other, each as far as its rewrites stand.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use onething_definition::design::Drafting;
use onething_model::Text;
use onething_plan::Plan;

use super::draft::Draft;
use super::forms::Forms;
use super::kept::{Way, compared};
use super::proof::{Proof, Rule, Site};
use super::quantity::Quantity;
use super::rewritten::Rewritten;
use super::score::Made;
use super::{
    Error, Ground, Prefer, Refusal, ask_once, balance, by_class, in_vain, keys_of, keys_of_new,
    once_only, one_form, refused, rewrite,
};

/// The way before a rewrite and after it, and the one that was begun with.
#[derive(Clone, Copy)]
pub(super) struct Ways<'a> {
    pub(super) first: Way<'a>,
    pub(super) was: Way<'a>,
    pub(super) is: Way<'a>,
}

/// Says what a rule's rewrite makes worse, if anything.
pub(super) type Judge<'a> = dyn Fn(&Ground<'_>, Rule, Ways<'_>) -> Option<Text> + 'a;

/// What got worse. What registries are asked with may be asked anew where they are asked for the
/// first time, and where what two forms asked each is worth it on one. R3 is held to the way that
/// was begun with: a look-up that only dead data made worth its keys saved nothing; what an earlier
/// rule had asked is none of its doing.
pub(super) fn worsened_by(ground: &Ground<'_>, rule: Rule, ways: Ways<'_>) -> Option<Text> {
    let ways = match rule {
        Rule::DeadData => Ways {
            first: ways.was,
            was: ways.first,
            ..ways
        },
        _ => ways,
    };
    let keys = match rule {
        Rule::OnceOnly => keys_of_new(ground.setting, ways.was.design, ways.is.design),
        Rule::AskOnce | Rule::DeadData => keys_of(ground.setting, ways.is.design),
        _ => BTreeSet::new(),
    };
    compared(
        ways.first,
        ways.was,
        ways.is,
        (&keys, rule == Rule::AskOnce),
    )
}

/// Rules applied one after the other, as far as the result stands.
pub(super) struct Pipeline {
    pub(super) before: Arc<Plan>,
    first: Rc<Draft>,
    pub(super) made: Rc<Draft>,
    /// What each rule that was applied made, in their order; the last is `made`.
    pub(super) stages: Vec<Rc<Draft>>,
    /// The plan of what was made: only what compiles is kept.
    pub(super) plan: Arc<Plan>,
    pub(super) applied: Vec<Proof>,
    pub(super) refused: Vec<Refusal>,
    /// What every applicant was asked and nobody knows any more, for some answers.
    pub(super) lost: Option<Text>,
    /// The workload knows the steps by their own names: its figures are of what was made
    /// before steps are merged.
    pub(super) unmerged: Option<Made>,
}

impl Pipeline {
    pub(super) fn run(
        judge: &Judge<'_>,
        ground: &mut Ground<'_>,
        from: &Rc<Draft>,
        rules: &[Rule],
    ) -> Result<Self, Error> {
        ground.drops_dead_data = rules.contains(&Rule::DeadData);
        let plan = match from.plan(ground.drafting) {
            Ok(plan) => Arc::clone(plan),
            Err(found) => return Err(Error::Definition(found.clone())),
        };
        let mut all = Self {
            first: Rc::clone(from),
            made: Rc::clone(from),
            stages: Vec::new(),
            before: Arc::clone(&plan),
            plan,
            applied: Vec::new(),
            refused: Vec::new(),
            lost: None,
            unmerged: None,
        };
        for rule in rules {
            all.apply(judge, ground, *rule);
        }
        // Later rules may leave out who would have read what is looked up.
        let found = all.made.way(ground.drafting).map(Forms::of);
        let mut proofs = all.applied.iter_mut();
        if let Some(proof) = proofs.find(|proof| proof.rule == Rule::OnceOnly)
            && let Some(found) = &found
        {
            let ways = from.way(ground.drafting).zip(all.made.way(ground.drafting));
            once_only::told_by(ground, ways, found, proof);
        }
        let mut proofs = all.applied.iter_mut();
        if let Some(proof) = proofs.find(|proof| proof.rule == Rule::AskOnce) {
            ask_once::told_by(ground, &from.design, &all.made.design, proof);
        }
        let first = from.way(ground.drafting).map(Forms::of);
        let both = first.as_ref().zip(found.as_ref());
        let ways = from.way(ground.drafting).zip(all.made.way(ground.drafting));
        if let Some((both, (was, is))) = both.zip(ways) {
            all.lost = balance::told_by(ground, both, [was, is], &mut all.applied);
        }
        if let Some((was, is)) = ways {
            let mut proofs = all.applied.iter_mut();
            if let Some(proof) = proofs.find(|proof| proof.rule == Rule::AskOnce) {
                one_form::told_by(ground, was, is, proof);
            }
            refused::told_by(ground, was, is, &mut all.applied);
        }
        if let Some(first) = &first {
            let stages: Vec<&Rc<Draft>> = std::iter::once(from).chain(&all.stages).collect();
            by_class::told_by(ground, &stages, first, &mut all.applied);
        }
        Ok(all)
    }

    fn apply(&mut self, judge: &Judge<'_>, ground: &mut Ground<'_>, rule: Rule) {
        let Some(made) = rewrite(ground, rule, &self.made) else {
            self.tell(ground, rule, None);
            return;
        };
        let stands = match self.judged(judge, ground, rule, &made.draft) {
            Ok(plan) => Some((made, plan)),
            Err(why) => self.part(judge, ground, rule, &why),
        };
        let Some((made, plan)) = stands else {
            self.tell(ground, rule, None);
            return;
        };
        let (draft, mut proof) = made.told(ground, &self.made);
        let (last, was) = (self.as_made(), Rc::clone(&self.made));
        self.made = Rc::new(draft);
        self.stages.push(Rc::clone(&self.made));
        self.plan = plan;
        match rule {
            Rule::Compose => self.unmerged = Some(last),
            // An order that data turned may have spared work.
            Rule::AskOnce => {
                let (first, now) = (&self.first.design, self.as_made());
                if let Some(text) = in_vain::told(ground, first, &last, &now, || None) {
                    proof.confirm(text);
                }
            }
            Rule::Unbind => {
                let sparing = || {
                    let ground = (ground.prefer == Prefer::Time).then(|| ground.saving_work())?;
                    let unbound = rewrite(&ground, rule, &was).map(|made| made.draft);
                    let unbound = unbound.as_ref().unwrap_or(&was);
                    // What it goes on to do then spares work as well.
                    let ordered = rewrite(&ground, Rule::KnockOut, unbound).map(|made| made.draft);
                    let ordered = ordered.and_then(|draft| draft.made(ground.drafting));
                    ordered.or_else(|| unbound.made(ground.drafting))
                };
                in_vain::told(ground, &self.first.design, &last, &self.as_made(), sparing)
                    .into_iter()
                    .for_each(|text| proof.confirm_saving(&Quantity::ALL, text));
            }
            _ => {}
        }
        self.tell(ground, rule, Some(&mut proof));
        self.applied.push(proof);
    }

    /// What stands so far.
    fn as_made(&self) -> Made {
        Made {
            design: Arc::clone(&self.made.design),
            plan: Arc::clone(&self.plan),
        }
    }

    /// The plan of a design that a rule made, or what is wrong or worse.
    fn judged(
        &self,
        judge: &Judge<'_>,
        ground: &Ground<'_>,
        rule: Rule,
        draft: &Draft,
    ) -> Result<Arc<Plan>, Text> {
        let plan = draft.plan(ground.drafting).map_err(|found| {
            let first = found.clone().into_sorted().into_iter().next();
            first.map_or_else(Text::default, |first| first.message)
        })?;
        let ways = || {
            Some(Ways {
                first: self.first.way(ground.drafting)?,
                was: self.made.way(ground.drafting)?,
                is: draft.way(ground.drafting)?,
            })
        };
        match ways().and_then(|ways| judge(ground, rule, ways)) {
            None => Ok(Arc::clone(plan)),
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
    ) -> Option<(Rewritten, Arc<Plan>)> {
        // Without all that it did the rule may find others: until it finds no more.
        let mut open: Vec<Site> = Vec::new();
        while let Some(made) = rewrite(ground, rule, &self.made) {
            let more: Vec<Site> = made
                .proof
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
        let made = rewrite(ground, rule, &self.made)?;
        let plan = self.judged(judge, ground, rule, &made.draft).ok()?;
        Some((made, plan))
    }

    /// Admits as many of these rewrites as stand together with those that were
    /// admitted: all at once, else each half by itself.
    fn admit(&self, judge: &Judge<'_>, ground: &mut Ground<'_>, rule: Rule, sites: &[Site]) {
        let were: Vec<Option<Text>> = sites
            .iter()
            .map(|site| ground.denied.remove(&(rule, site.clone())))
            .collect();
        let tried = match rewrite(ground, rule, &self.made) {
            None => Ok(()),
            Some(made) => self.judged(judge, ground, rule, &made.draft).map(|_| ()),
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
        let lines = denied.map(|((_, site), why)| site.refused(rule, ground.setting, why));
        match proof {
            Some(proof) => proof.refused.extend(lines),
            None => self.refused.extend(lines.map(|line| Refusal {
                rule,
                why: line.text,
            })),
        }
    }

    /// What a rule was applied to; `None` where it was not.
    pub(super) fn before(&self, rule: Rule) -> Option<Rc<Draft>> {
        let at = self.applied.iter().position(|proof| proof.rule == rule)?;
        let before = at.checked_sub(1).and_then(|at| self.stages.get(at));
        Some(Rc::clone(before.unwrap_or(&self.first)))
    }

    /// The plans of the way that was begun with and of what each rule made, in their order.
    pub(super) fn plans(&self, drafting: &Drafting<'_>) -> Vec<Arc<Plan>> {
        let made = self.stages.iter();
        let made = made.filter_map(|draft| draft.plan(drafting).ok().cloned());
        std::iter::once(Arc::clone(&self.before))
            .chain(made)
            .collect()
    }

    pub(super) fn rules(&self) -> Vec<Rule> {
        self.applied.iter().map(|proof| proof.rule).collect()
    }
}

#[cfg(test)]
mod tests;
