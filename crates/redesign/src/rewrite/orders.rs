//! Rules about order: R5 unbind, R9 resequence, R7 knock-out order.

use std::collections::BTreeSet;

use onething_definition::design::{By, Design, IntakeOrder, Order, OrderKind};
use onething_model::{StepKey, Text};
use onething_plan::{Refused, Way};

use super::Ground;
use super::graph::{Graph, made_by_steps};
use super::proof::{Line, Proof, Rule};

const NEEDED: [OrderKind; 2] = [OrderKind::Law, OrderKind::KnockOut];

/// R5: deletes orders that are mere habit, the applicant's walk above all.
///
/// Checked of each: no law is cited for it, the later does not read what the
/// earlier makes (where it does, data keeps the order), and it is no
/// knock-out. Arrows that others imply are left out when a case is planned.
pub(super) fn unbind(_: &Ground<'_>, design: &Design) -> Option<(Design, Proof)> {
    let mut proof = Proof::new(Rule::Unbind);
    let mut next = design.clone();
    let data = Graph::of(design, &NEEDED);
    let at = |key: &StepKey| design.steps.iter().position(|step| step.key == *key);
    let (mut freed, mut kept) = (Vec::new(), Vec::new());
    for (to, step) in next.steps.iter_mut().enumerate() {
        let name = step.key.clone();
        step.after.retain(|order| {
            if order.kind != OrderKind::Habit {
                return true;
            }
            let edge = (order.step.clone(), name.clone());
            if at(&order.step).is_some_and(|from| data.precedes(from, to)) {
                kept.push(edge);
            } else {
                freed.push(edge);
            }
            false
        });
    }
    let walked: Vec<(StepKey, StepKey)> = walk(design, &mut next);
    freed.extend(walked);
    if freed.is_empty() {
        return None;
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
    proof.checked(
        Line::new(
            format!(
                "{} 处先后既无数据往来，也没有法律依据，也不是把关环节",
                freed.len()
            ),
            format!(
                "{} orders stand on no data, no law and no knock-out",
                freed.len()
            ),
        )
        .edges(freed.iter().cloned()),
    );
    if !laws.is_empty() {
        proof.checked(
            Line::new(
                format!("保留法律要求的先后 {} 处", laws.len()),
                format!("{} orders that the law demands stay", laws.len()),
            )
            .edges(laws),
        );
    }
    if !kept.is_empty() {
        proof.checked(
            Line::new(
                format!("{} 处先后由数据决定，不必另写", kept.len()),
                format!(
                    "{} orders follow from data and need not be stated",
                    kept.len()
                ),
            )
            .edges(kept),
        );
    }
    proof.changed(
        Line::new(
            format!("解除 {} 处先后，不再互相等待的环节同时开始", freed.len()),
            format!(
                "{} orders are gone; steps that no longer wait begin at the same time",
                freed.len()
            ),
        )
        .edges(freed),
    );
    Some((next, proof))
}

/// The walk from application to application, where each matter still has its
/// own: kept only where the applicant has to carry a result, or a law orders steps.
fn walk(design: &Design, next: &mut Design) -> Vec<(StepKey, StepKey)> {
    let mut freed = Vec::new();
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
                            let of = design.steps.iter().find(|other| other.key == order.step);
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
        next.intakes[at].after = earlier
            .into_iter()
            .filter(|from| needs(*from))
            .map(|intake| IntakeOrder {
                intake,
                because: because.clone().unwrap_or_default(),
            })
            .collect();
        for order in before {
            let still = next.intakes[at]
                .after
                .iter()
                .any(|kept| kept.intake == order.intake);
            if !still {
                let from = design.intakes[order.intake].key.clone();
                freed.push((from, design.intakes[at].key.clone()));
            }
        }
    }
    freed
}

/// R9: a system's check of the form's own data comes first, before people
/// spend time on the same matter.
///
/// Checked: it reads nothing that a step makes, it takes no time that is
/// limited, and no law puts it after another step.
pub(super) fn resequence(_: &Ground<'_>, design: &Design) -> Option<(Design, Proof)> {
    if design.way == Way::Old {
        return None;
    }
    let made = made_by_steps(design);
    let mut proof = Proof::new(Rule::Resequence);
    let mut next = design.clone();
    for (at, check) in design.steps.iter().enumerate() {
        let validates = check.by == By::System
            && check.matter.is_some()
            && !check.reads.is_empty()
            && check.limit.binding().is_none()
            && check.reads.iter().all(|read| !made.contains(&read.field))
            && check
                .after
                .iter()
                .all(|order| order.kind == OrderKind::Habit);
        if !validates {
            continue;
        }
        let moved = !check.after.is_empty();
        next.steps[at].after.clear();
        let mut before = Vec::new();
        for to in 0..design.steps.len() {
            let other = &design.steps[to];
            let people =
                matches!(other.by, By::Officer | By::Outside) && other.matter == check.matter;
            // Anew each time, for each order added is one to respect.
            let graph = Graph::of(&next, &NEEDED);
            if people && !graph.precedes(at, to) && !graph.precedes(to, at) {
                next.steps[to].after.push(Order {
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

/// R7: independent checks one after the other, cheapest refusal first: in
/// ascending order of work divided by the probability of a refusal, which is
/// the order of least expected work (Reijers and Limam Mansar 2005,
/// "knock-out"; a classic exchange argument proves it).
///
/// Checked: none of them has to come before another; each refusal ends the case.
pub(super) fn knock_out(ground: &Ground<'_>, design: &Design) -> Option<(Design, Proof)> {
    if ground.prefer != super::Prefer::Work {
        return None;
    }
    let graph = Graph::of(
        design,
        &[OrderKind::Law, OrderKind::KnockOut, OrderKind::Habit],
    );
    let mut set: Vec<(usize, f64, f64)> = Vec::new();
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
        let apart = |(other, ..): &(usize, f64, f64)| {
            !graph.precedes(*other, at) && !graph.precedes(at, *other)
        };
        if ends && refusal > 0.0 && set.iter().all(apart) {
            set.push((at, work, refusal));
        }
    }
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
    let mut proof = Proof::new(Rule::KnockOut);
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
                "in ascending order of work by probability of refusal: {} expected hours; {} in the worst order, {} all at once",
                figure(expected), figure(worst), figure(together)
            ),
        )
        .edges(keys.windows(2).map(|pair| (pair[0].clone(), pair[1].clone()))),
    );
    Some((next, proof))
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
