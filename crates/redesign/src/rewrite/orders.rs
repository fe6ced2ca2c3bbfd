//! Rules about order: R5 unbind, R9 resequence, R7 knock-out order.

use std::collections::BTreeSet;

use onething_definition::design::{By, Design, IntakeOrder, Order, OrderKind};
use onething_model::{StepKey, Text};
use onething_plan::{Handled, Refused};

use super::bound::Bound;
use super::draft::Draft;
use super::eliminate::delivered;
use super::graph::{Graph, always, positions};
use super::knock_outs::KnockOuts;
use super::proof::{Line, Proof, Rule, Site};
use super::quantity::Quantity;
use super::{Ground, Prefer};
use crate::words::many;

const NEEDED: [OrderKind; 2] = [OrderKind::Law, OrderKind::KnockOut];
const ALL: [OrderKind; 3] = [OrderKind::Law, OrderKind::KnockOut, OrderKind::Habit];

/// R5: deletes orders that are mere habit, the applicant's walk above all.
///
/// Checked of each: no law is cited for it, and the later does not read what
/// the earlier makes (where it does, data keeps the order). An order after a
/// step whose refusal ends the later one, or its matter, is a knock-out: without it work is
/// done that a refusal makes useless. Who prefers time lets it go, and the
/// wasted work is stated to be confirmed; who prefers work keeps it. Arrows
/// that others imply are left out when a case is planned.
pub(super) fn unbind(ground: &Ground<'_>, draft: &Draft) -> Option<(Draft, Proof)> {
    let design: &Design = &draft.design;
    let mut proof = Proof::new(Rule::Unbind);
    let mut next = design.clone();
    let data = Graph::of(ground.setting, design, &NEEDED);
    let was = Graph::of(ground.setting, design, &ALL);
    let at = positions(design);
    let knock_out = KnockOuts::of(ground, design);
    let always = always(ground.setting, design);
    let certain = data.above_through(&always);
    // What binds nobody spares nothing.
    let habits: Vec<(StepKey, StepKey)> = habits(design).collect();
    let way = draft.way(ground.drafting);
    let way = way.filter(|_| ground.prefer == Prefer::Work);
    let idle = way.map(|way| Bound::of(way, &habits).idle);
    let idle: BTreeSet<(StepKey, StepKey)> = idle.into_iter().flatten().collect();
    let (mut freed, mut kept, mut spared) = (Vec::new(), Vec::new(), Vec::new());
    let mut knock_outs = BTreeSet::new();
    for (to, step) in next.steps.iter_mut().enumerate() {
        let name = step.key.clone();
        step.after.retain_mut(|order| {
            if order.kind != OrderKind::Habit {
                return true;
            }
            let edge = || (order.step.clone(), name.clone());
            let site = Site::Pair(order.step.clone(), name.clone());
            if ground.denied(Rule::Unbind, site).is_some() {
                return true;
            }
            let Some(from) = at.get(&order.step).copied() else {
                freed.push(edge());
                return false;
            };
            let ends = |from: usize| knock_out.has(from, to);
            if ground.prefer == Prefer::Work && !idle.contains(&edge()) {
                // A refusal is waited for through a step that does not refuse, too, and what comes
                // after the later step waits with it. What is read only through other steps is
                // waited for only where they take part.
                let waits = |from: usize, to: usize| {
                    knock_out.has(from, to) && !data.before[to].contains(&from)
                };
                let mut behind = vec![false; design.steps.len()];
                was.reach_from(to, &mut behind);
                // What is stated passes through a step that takes no part, and data does not.
                let data_keeps = certain.has(to, from) && always[from] && always[to];
                let mut earlier = std::iter::once(from).chain(was.all_before(from));
                let spares = earlier.any(|from| {
                    let mut later = (0..behind.len()).filter(|at| behind[*at] && *at != to);
                    waits(from, to)
                        || !data_keeps && later.any(|to| waits(from, to) && !certain.has(to, from))
                });
                if spares {
                    spared.push(edge());
                    order.kind = OrderKind::KnockOut;
                    return true;
                }
            }
            if data.precedes(from, to) {
                kept.push(edge());
                return false;
            }
            if ends(from) {
                knock_outs.insert(edge());
            }
            freed.push(edge());
            false
        });
    }
    let named = spared.len();
    let walk = walk(ground, design, &mut next);
    knock_outs.extend(walk.knock_outs);
    freed.extend(walk.freed);
    spared.extend(walk.spared);
    // An order that stays, but no longer as a habit, is a change as well.
    if next == *design {
        return None;
    }
    for (one, two) in freed.iter().chain(&kept) {
        proof.did(Site::Pair(one.clone(), two.clone()));
    }
    let laws: Vec<(StepKey, StepKey)> = next
        .steps
        .iter()
        .flat_map(|step| {
            let law = step
                .after
                .iter()
                .filter(|order| order.kind == OrderKind::Law);
            law.map(|order| (order.step.clone(), step.key.clone()))
        })
        .collect();
    let bound = draft.way(ground.drafting).map(|way| Bound::of(way, &freed));
    let bound = bound.unwrap_or_else(|| Bound::all(freed));
    proof.claims.extend(bound.claims);
    let (freed, idle) = (bound.freed, bound.idle);
    let knock_outs = freed.iter().filter(|edge| knock_outs.contains(edge));
    let knock_outs = knock_outs.count();
    let count = freed.len();
    let stand = many(count, "order stands", "orders stand");
    let stand_on_nothing = if knock_outs == 0 {
        Line::new(
            format!("{count} 处先后既无数据往来，也没有法律依据，也不是把关环节"),
            format!("{stand} on no data, no law and no knock-out"),
        )
    } else {
        Line::new(
            format!(
                "{count} 处先后既无数据往来，也没有法律依据；其中 {knock_outs} 处的前一环节{}，后一环节可能白做（按优先缩短时间处理）",
                ground.refusing().zh()
            ),
            format!(
                "{stand} on no data and no law; {} after a step that {}, so that the later one may be done in vain (time is preferred)",
                many(knock_outs, "of them comes", "of them come"),
                ground.refusing().en()
            ),
        )
    };
    if count > 0 {
        proof.checked(stand_on_nothing.edges(freed.iter().cloned()));
    }
    if knock_outs > 0 && ground.workload.is_none() {
        proof.confirm_saving(&Quantity::ALL, Text::new(
            "没有工作量表，不知道不予许可的比例：同时办理而白做的工时可以接受（否则用 `--save-work`）",
            "without a workload nobody knows how often steps refuse: the work done in vain by steps that no longer wait is acceptable (where not, say `--save-work`)",
        ));
    }
    if !spared.is_empty() {
        proof.checked(
            Line::new(
                format!(
                    "保留 {} 处把关的先后：前一环节{}，后一环节及其后的环节就不会白做（按优先节省工时处理）",
                    spared.len(),
                    ground.refusing().zh()
                ),
                format!(
                    "{}: the earlier step {}, and the later one and what comes after it are not done in vain (staff's work is preferred)",
                    many(spared.len(), "knock-out order stays", "knock-out orders stay"),
                    ground.refusing().en()
                ),
            )
            .edges(spared),
        );
    }
    if !laws.is_empty() {
        proof.checked(
            Line::new(
                format!("保留法律要求的先后 {} 处", laws.len()),
                many(
                    laws.len(),
                    "order that the law demands stays",
                    "orders that the law demands stay",
                ),
            )
            .edges(laws),
        );
    }
    if named > 0 {
        proof.changed(Line::new(
            format!("{named} 处先后由习惯改为把关"),
            many(
                named,
                "order is a knock-out now, and no habit",
                "orders are knock-outs now, and no habits",
            ),
        ));
    }
    if !kept.is_empty() {
        proof.changed(
            Line::new(
                format!("{} 处先后由数据决定，不必另写", kept.len()),
                many(
                    kept.len(),
                    "order follows from data and need not be stated",
                    "orders follow from data and need not be stated",
                ),
            )
            .edges(kept),
        );
    }
    if count > 0 {
        proof.changed(
            Line::new(
                format!(
                    "解除 {count} 处先后{}，不再互相等待的环节同时开始",
                    bound.told.zh()
                ),
                format!(
                    "{}{}; steps that no longer wait begin at the same time",
                    many(count, "order is gone", "orders are gone"),
                    bound.told.en()
                ),
            )
            .edges(freed),
        );
    }
    if !idle.is_empty() {
        let (count, few) = (idle.len(), bound.few);
        proof.changed(
            Line::new(
                format!("{count} 处先后没有申请人受其约束，不再写明{}", few.zh()),
                format!(
                    "{} no longer stated{}",
                    many(
                        count,
                        "order binds nobody and is",
                        "orders bind nobody and are"
                    ),
                    few.en()
                ),
            )
            .edges(idle),
        );
    }
    Some((Draft::new(next), proof))
}

/// The orders that are mere habit.
fn habits(design: &Design) -> impl Iterator<Item = (StepKey, StepKey)> {
    design.steps.iter().flat_map(|step| {
        let after = step.after.iter();
        let habits = after.filter(|order| order.kind == OrderKind::Habit);
        habits.map(|order| (order.step.clone(), step.key.clone()))
    })
}

/// What became of the applicant's walk.
#[derive(Default)]
struct Walk {
    freed: Vec<(StepKey, StepKey)>,
    /// Kept, for a refusal spares the rest of the walk.
    spared: Vec<(StepKey, StepKey)>,
    /// Those of the freed ones that are knock-outs.
    knock_outs: Vec<(StepKey, StepKey)>,
}

/// The walk from application to application, where each matter still has its
/// own: kept only where the applicant has to carry a result, or a law orders steps.
fn walk(ground: &Ground<'_>, design: &Design, next: &mut Design) -> Walk {
    let mut found = Walk::default();
    let of = positions(design);
    // A matter of its own comes after: only what ends the case spares its work.
    let ends = |intake: usize| {
        let mut steps = design.steps.iter().filter(|step| step.intake == intake);
        steps.any(|step| ground.may_knock_out(step, None))
    };
    let ends: Vec<bool> = (0..design.intakes.len()).map(ends).collect();
    for at in 0..design.intakes.len() {
        let mut earlier: BTreeSet<usize> = BTreeSet::new();
        let mut open = vec![at];
        while let Some(intake) = open.pop() {
            for order in &design.intakes[intake].after {
                if earlier.insert(order.intake) {
                    open.push(order.intake);
                }
            }
        }
        let needs = |from: usize| {
            let mut steps = design.steps.iter().filter(|step| step.intake == at);
            let made: BTreeSet<_> = design
                .steps
                .iter()
                .filter(|step| step.intake == from)
                .flat_map(|step| &step.writes)
                .collect();
            let asks = design.intakes[at].asks.iter();
            asks.map(|ask| &ask.field).any(|field| made.contains(field))
                || steps.any(|step| {
                    step.reads.iter().any(|read| made.contains(&read.field))
                        || step.after.iter().any(|order| {
                            let of = of.get(&order.step).map(|at| &design.steps[*at]);
                            order.kind == OrderKind::Law
                                && of.is_some_and(|other| other.intake == from)
                        })
                })
        };
        let because = design.intakes[at]
            .after
            .first()
            .map(|order| order.because.clone());
        let before = design.intakes[at].after.clone();
        let spares = |from: usize| ends[from] && ground.prefer == Prefer::Work;
        let denied = |from: usize| {
            let key = |intake: usize| design.intakes[intake].key.clone();
            let site = Site::Pair(key(from), key(at));
            ground.denied(Rule::Unbind, site).is_some()
        };
        next.intakes[at].after = earlier
            .into_iter()
            .filter(|from| needs(*from) || spares(*from) || denied(*from))
            .map(|intake| IntakeOrder {
                intake,
                because: because.clone().unwrap_or_default(),
            })
            .collect();
        for order in before {
            let from = order.intake;
            let edge = (
                design.intakes[from].key.clone(),
                design.intakes[at].key.clone(),
            );
            let mut still = next.intakes[at].after.iter();
            let still = still.any(|kept| kept.intake == from);
            if !still {
                if ends[from] {
                    found.knock_outs.push(edge.clone());
                }
                found.freed.push(edge);
            } else if spares(from) && !needs(from) {
                found.spared.push(edge);
            }
        }
    }
    // Where nothing of it goes it stays as it was said, too.
    if found.freed.is_empty() {
        next.intakes.clone_from(&design.intakes);
    }
    found
}

/// R9: a system's check of the form's own data comes first, before people
/// spend time on the same matter.
///
/// Checked: it reads nothing that a step makes, nor what is looked up by what a
/// step makes, it takes no time that is limited, and no law puts it after
/// another step. Where it makes what is delivered or has a legal effect of its own, it decides:
/// then nobody of its matter who may refuse it came before it. All is one case: what comes in is what the
/// check reads.
pub(super) fn resequence(ground: &Ground<'_>, design: &Design) -> Option<(Design, Proof)> {
    if design.handled == Handled::Apart {
        return None;
    }
    // Nothing comes before a check that moves, so that an order added for one
    // never bears on another: one graph serves all.
    let graph = Graph::of(ground.setting, design, &NEEDED);
    let all = Graph::of(ground.setting, design, &ALL);
    let knock_outs = KnockOuts::of(ground, design);
    let mut proof = Proof::new(Rule::Resequence);
    let mut next = design.clone();
    for (at, check) in design.steps.iter().enumerate() {
        let validates = check.by == By::System
            && check.matter.is_some()
            && !check.reads.is_empty()
            && check.limit.binding().is_none()
            && graph.before[at].is_empty();
        // What decides comes after whoever may refuse it: that is no check before them.
        let decides = check.legal_effect == Some(true)
            || check.writes.iter().any(|field| delivered(design, field));
        let refuses =
            |from: usize| design.steps[from].matter == check.matter && knock_outs.has(from, at);
        let validates = validates && !(decides && all.all_before(at).any(refuses));
        let site = Site::Step(check.key.clone());
        if !validates || ground.denied(Rule::Resequence, site.clone()).is_some() {
            continue;
        }
        let moved = !check.after.is_empty();
        pass_on(&mut next, at, &all);
        next.steps[at].after.clear();
        let mut before = Vec::new();
        let mut reached = vec![false; design.steps.len()];
        graph.reach_from(at, &mut reached);
        for to in 0..design.steps.len() {
            let other = &design.steps[to];
            let people =
                matches!(other.by, By::Officer | By::Outside) && other.matter == check.matter;
            if people && !reached[to] {
                graph.reach_from(to, &mut reached);
                // No law orders the two: it waited by habit at most.
                let after = &mut next.steps[to].after;
                after.retain(|order| order.step != check.key);
                after.push(Order {
                    step: check.key.clone(),
                    because: Text::new(
                        "先由系统核验申请数据，不合格的不再派给人员",
                        "a system checks the form's data first, so that nobody works on what fails",
                    ),
                    basis: None,
                    kind: OrderKind::KnockOut,
                });
                before.push(other.key.clone());
            }
        }
        if !moved && before.is_empty() {
            continue;
        }
        proof.did(site);
        let (zh, en) = (check.title.zh(), check.title.en());
        proof.checked(
            Line::new(
                format!("“{zh}”由系统核验，只读取申请表和数据库中的数据，法律未要求排在其他环节之后"),
                format!("“{en}” is a system's check that reads only the form and registries; no law puts it after another step"),
            )
            .steps([check.key.clone()])
            .fields(check.reads.iter().map(|read| read.field.clone())),
        );
        proof.changed(
            Line::new(
                format!("“{zh}”前移，申请一受理就核验"),
                format!("“{en}” moves to the intake"),
            )
            .edges(before.into_iter().map(|to| (check.key.clone(), to)))
            .steps([check.key.clone()]),
        );
    }
    (!proof.changed.is_empty()).then_some((next, proof))
}

/// What came after a check comes after what it came after: the check moves, and
/// nothing else.
fn pass_on(next: &mut Design, check: usize, graph: &Graph) {
    let orders = next.steps[check].after.clone();
    for to in &graph.after[check] {
        let step = &mut next.steps[*to];
        for order in &orders {
            let known = step.after.iter().any(|known| known.step == order.step);
            if !known && order.step != step.key {
                step.after.push(Order {
                    basis: None,
                    kind: OrderKind::Habit,
                    ..order.clone()
                });
            }
        }
    }
}

/// R7: independent checks one after the other, cheapest refusal first: in
/// ascending order of work divided by the probability of a refusal, which is
/// the order of least expected work (Reijers and Limam Mansar 2005,
/// "knock-out"; a classic exchange argument proves it).
///
/// Checked: none of them has to come before another; each refusal ends the case.
pub(super) fn knock_out(ground: &Ground<'_>, design: &Design) -> Option<(Design, Proof)> {
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
    let set = independent(ground, design, &candidates);
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
    proof.checked(
        Line::new(
            "这些环节互不依赖，任一不通过即终止办件",
            "these checks do not depend on each other, and a refusal by any of them ends the case",
        )
        .steps(keys.iter().cloned()),
    );
    let figure = super::decimal;
    proof.changed(
        Line::new(
            format!(
                "按“用时÷不予许可比例”从小到大依次办理：期望工时 {} 小时；最差次序 {} 小时，同时办理 {} 小时",
                figure(expected), figure(worst), figure(together)
            ),
            format!(
                "in ascending order of work by probability of refusal: {}; {} in the worst order, {} all at once",
                many(figure(expected), "expected hour", "expected hours"), figure(worst), figure(together)
            ),
        )
        .edges(keys.windows(2).map(|pair| (pair[0].clone(), pair[1].clone()))),
    );
    Some((next, proof))
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
        next.steps[to].after.extend(lost.iter().map(|from| Order {
            step: design.steps[*from].key.clone(),
            because: Text::new(
                "前面不通过，后面就不必办",
                "what is refused there need not be worked on here",
            ),
            basis: None,
            kind: OrderKind::KnockOut,
        }));
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
        if set.iter().all(apart) {
            set.push(*candidate);
        }
    }
    set
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
