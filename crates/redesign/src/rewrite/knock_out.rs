//! R7, knock-out order: independent checks in the order of least expected work.

use std::collections::BTreeSet;

use onething_definition::design::{Design, Order, OrderKind};
use onething_model::{StepKey, Text};
use onething_plan::{Handled, Refused, StepIx};

use super::draft::Draft;
use super::graph::{ALL, Graph, always};
use super::knock_outs::KnockOuts;
use super::proof::{Line, Proof, Rule, Site};
use super::rewritten::Rewritten;
use super::{Ground, Prefer, decimal, percent, spared};
use crate::words::{list, many, quoted};

/// R7: independent checks one after the other, cheapest refusal first: in
/// ascending order of work divided by the probability of a refusal, which is
/// the order of least expected work (Reijers and Limam Mansar 2005,
/// "knock-out"; a classic exchange argument proves it).
///
/// Checked: none of them has to come before another; all are part of one case for some answers, and
/// each refusal ends it.
pub(super) fn knock_out(ground: &Ground<'_>, draft: &Draft) -> Option<Rewritten> {
    let design: &Design = &draft.design;
    // Handled apart, the walk orders most of them already.
    let denied = ground.denied(Rule::KnockOut, Site::Whole).is_some();
    if denied || ground.prefer != Prefer::Work || design.handled == Handled::Apart {
        return None;
    }
    let mut candidates: Vec<(usize, f64, f64)> = Vec::new();
    for (at, step) in design.steps.iter().enumerate() {
        let matter = step
            .matter
            .as_ref()
            .and_then(|key| ground.setting.matter(key));
        let ends = matter.is_none_or(|matter| matter.refused == Refused::EndsCase);
        let (Some(work), Some(refusal)) = (ground.work_hours(&step.key), ground.refusal(&step.key))
        else {
            continue;
        };
        if ends && refusal > 0.0 {
            candidates.push((at, work, refusal));
        }
    }
    let together = Together::of(ground, draft);
    let set = independent(ground, design, &candidates, &together);
    if set.len() < 2 {
        return None;
    }
    let checks: Vec<(f64, f64)> = set
        .iter()
        .map(|(_, work, refusal)| (*work, *refusal))
        .collect();
    let order = ascending(&checks);
    let expected = expected_work(order.iter().map(|at| checks[*at]));
    let worst = expected_work(order.iter().rev().map(|at| checks[*at]));
    let together: f64 = checks.iter().map(|(work, _)| work).sum();
    let keys: Vec<StepKey> = order
        .iter()
        .map(|at| design.steps[set[*at].0].key.clone())
        .collect();
    let mut next = design.clone();
    let members: BTreeSet<&StepKey> = keys.iter().collect();
    for step in next
        .steps
        .iter_mut()
        .filter(|step| members.contains(&step.key))
    {
        // No law is among these: what a law orders is not independent.
        step.after.retain(|order| !members.contains(&order.step));
    }
    for pair in order.windows(2) {
        let earlier = design.steps[set[pair[0]].0].key.clone();
        next.steps[set[pair[1]].0].after.push(Order {
            step: earlier,
            because: Text::new(
                "先办用时短、不予许可多的，前面不通过后面就不必办",
                "what is short and often refused comes first, to spare the work of the rest",
            ),
            basis: None,
            kind: OrderKind::KnockOut,
        });
    }
    keep_spared(ground, design, &mut next, &set);
    // What waits for these checks counts as well: there the textbook order may be the worse one.
    let (was, is) = (hours(ground, design), hours(ground, &next));
    if is >= was {
        return None;
    }
    let mut proof = Proof::new(Rule::KnockOut);
    proof.did(Site::Whole);
    let named = order.iter().map(|at| {
        let (step, work, refusal) = set[*at];
        let (title, share) = (quoted(&design.steps[step].title), percent(refusal));
        let (zh, en) = (title.zh(), title.en());
        Text::new(
            format!("{zh}（{} 小时，不予许可 {share}）", decimal(work)),
            format!(
                "{en} ({}, refuses {share})",
                many(decimal(work), "hour", "hours")
            ),
        )
    });
    let named = list(&named.collect::<Vec<Text>>());
    proof.checked(
        Line::new(
            format!("这些环节互不依赖，任一不通过即终止办件：{}", named.zh()),
            format!(
                "these checks do not depend on each other, and a refusal by any of them ends the case: {}",
                named.en()
            ),
        )
        .steps(keys.iter().cloned()),
    );
    let figure = decimal;
    let always = always(ground.setting, design);
    let when = match set.iter().all(|(at, ..)| always[*at]) {
        true => ("", ""),
        false => (
            "（这些环节都参与办理时）",
            " (where all of these take part)",
        ),
    };
    proof.changed(
        Line::new(
            format!(
                "按“用时÷不予许可比例”从小到大依次办理{}：期望工时 {} 小时；最差次序 {} 小时，同时办理 {} 小时",
                when.0, figure(expected), figure(worst), figure(together)
            ),
            format!(
                "in ascending order of work by probability of refusal{}: {}; {} in the worst order, {} all at once",
                when.1, many(figure(expected), "expected hour", "expected hours"), figure(worst), figure(together)
            ),
        )
        .edges(keys.windows(2).map(|pair| (pair[0].clone(), pair[1].clone()))),
    );
    Some(Rewritten::new(Draft::new(next), proof))
}

/// What waited for a refusal through one of the reordered checks waits for it
/// itself; the checks among themselves do in their new order.
fn keep_spared(ground: &Ground<'_>, design: &Design, next: &mut Design, set: &[(usize, f64, f64)]) {
    let was = Graph::of(ground.setting, design, &ALL);
    let now = Graph::of(ground.setting, next, &ALL);
    let knock_out = KnockOuts::of(ground, design);
    let member = |at: usize| set.iter().any(|(known, ..)| *known == at);
    for to in 0..design.steps.len() {
        let lost: Vec<usize> = was
            .all_before(to)
            .filter(|from| !now.precedes(*from, to) && !now.precedes(to, *from))
            .filter(|from| !(member(*from) && member(to)))
            .filter(|from| knock_out.has(*from, to))
            .collect();
        let lost = lost.iter().map(|from| &design.steps[*from].key);
        next.steps[to].after.extend(lost.map(spared::order));
    }
}

/// The hours of work that a case is expected to cost: each step's, by the
/// probability that nothing before it, whose refusal ends it, refuses.
fn hours(ground: &Ground<'_>, design: &Design) -> f64 {
    let graph = Graph::of(ground.setting, design, &ALL);
    let knock_out = KnockOuts::of(ground, design);
    let refusing: Vec<(usize, f64)> = design
        .steps
        .iter()
        .enumerate()
        .filter_map(|(at, step)| Some((at, ground.refusal(&step.key)?)))
        .collect();
    let steps = design.steps.iter().enumerate();
    steps
        .filter_map(|(at, step)| {
            let work = ground.work_hours(&step.key)?;
            let before = refusing
                .iter()
                .filter(|(from, _)| graph.precedes(*from, at) && knock_out.has(*from, at));
            Some(before.fold(work, |hours, (_, refusal)| hours * (1.0 - refusal)))
        })
        .sum()
}

/// Those of the candidates whose order is free: neither data nor law, nor an
/// order with a step outside the set, puts one before another. Orders within
/// the set that no law demands are what the rule decides anew.
fn independent(
    ground: &Ground<'_>,
    design: &Design,
    candidates: &[(usize, f64, f64)],
    together: &Together,
) -> Vec<(usize, f64, f64)> {
    let mut set: Vec<(usize, f64, f64)> = Vec::new();
    for candidate in candidates {
        let mut members: BTreeSet<&StepKey> = BTreeSet::new();
        for (at, ..) in set.iter().chain([candidate]) {
            members.insert(&design.steps[*at].key);
        }
        let graph = Graph::with(ground.setting, design, |to, order| {
            let within = members.contains(&order.step) && members.contains(&design.steps[to].key);
            order.kind == OrderKind::Law || !within
        });
        let apart = |(other, ..): &(usize, f64, f64)| {
            !graph.precedes(*other, candidate.0) && !graph.precedes(candidate.0, *other)
        };
        let meet = || {
            let all = set.iter().chain([candidate]).map(|(at, ..)| *at);
            together.has(&all.collect::<Vec<usize>>())
        };
        if set.iter().all(apart) && meet() {
            set.push(*candidate);
        }
    }
    set
}

/// Which steps of a design are part of one case.
struct Together(Vec<Vec<bool>>);

impl Together {
    fn of(ground: &Ground<'_>, draft: &Draft) -> Self {
        let Some(way) = draft.way(ground.drafting) else {
            return Self(Vec::new());
        };
        let steps = draft.design.steps.iter();
        let places: Vec<Option<StepIx>> = steps
            .map(|step| way.plan.find_step(step.key.as_str()))
            .collect();
        let cases = way.outlines.all(way.plan).into_iter();
        let cases = cases.map(|case| {
            let is_there = |at: &Option<StepIx>| at.is_some_and(|at| case.is_active(at));
            places.iter().map(is_there).collect()
        });
        Self(cases.collect())
    }

    /// Whether all of these are, for some answers.
    fn has(&self, steps: &[usize]) -> bool {
        let mut cases = self.0.iter();
        cases.any(|case| steps.iter().all(|at| case[*at]))
    }
}

/// Positions in ascending order of time by probability of refusal.
#[must_use]
pub fn ascending(checks: &[(f64, f64)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..checks.len()).collect();
    let ratio = |at: &usize| checks[*at].0 / checks[*at].1.max(f64::MIN_POSITIVE);
    order.sort_by(|one, other| ratio(one).total_cmp(&ratio(other)).then(one.cmp(other)));
    order
}

/// The expected time of checks (time, probability of refusal) done one after
/// the other until one refuses: the sum of each time by the probability that
/// all before it pass.
#[must_use]
pub fn expected_work(checks: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (mut passes, mut work) = (1.0, 0.0);
    for (time, refusal) in checks {
        work += passes * time;
        passes *= 1.0 - refusal;
    }
    work
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Identity (5, 10 %), debt (2, 20 %), site (40, 30 %), police (15, 5 %).
    #[test]
    fn the_textbook_order_of_checks() {
        let checks = [(5.0, 0.10), (2.0, 0.20), (40.0, 0.30), (15.0, 0.05)];
        let order = ascending(&checks);
        assert_eq!(order, [1, 0, 2, 3]);
        let best = expected_work(order.iter().map(|at| checks[*at]));
        assert!((best - 42.36).abs() < 1e-9);
        let worst = expected_work(order.iter().rev().map(|at| checks[*at]));
        assert!((worst - 57.522).abs() < 1e-9, "{worst}");
    }
}
