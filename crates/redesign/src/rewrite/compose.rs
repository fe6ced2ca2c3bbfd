//! R8, compose: neighbours done by the same hands become one step.

use onething_definition::design::{By, Design, OrderKind, Step};
use onething_model::{Limit, Micros, Text};
use onething_plan::Limits;

use super::Ground;
use super::graph::Graph;
use super::proof::{Line, Proof, Rule};

const ALL: [OrderKind; 3] = [OrderKind::Law, OrderKind::KnockOut, OrderKind::Habit];

/// Merges pairs, one after the other.
///
/// Checked: the same department, kind of hands, matter and condition; each the
/// other's sole neighbour; `separate_from` does not keep them apart; their
/// limits add up in one unit.
pub(super) fn apply(_: &Ground<'_>, design: &Design) -> Option<(Design, Proof)> {
    let mut proof = Proof::new(Rule::Compose);
    let mut next = design.clone();
    while let Some((one, other, merged)) = pair(&next) {
        let (first, second) = (next.steps[one].clone(), next.steps[other].clone());
        let keys = [first.key.clone(), second.key.clone()];
        proof.checked(
            Line::new(
                format!(
                    "“{}”和“{}”由同一部门的同类人员办理，中间没有别的环节，也未写明须由不同人员办理",
                    first.title.zh(),
                    second.title.zh()
                ),
                format!(
                    "“{}” and “{}” are done by the same hands of one department with nothing in between, and nothing keeps them apart",
                    first.title.en(),
                    second.title.en()
                ),
            )
            .steps(keys.clone())
            .edges([(first.key.clone(), second.key.clone())]),
        );
        proof.changed(
            Line::new(
                format!("合并为“{}”，少一次交接", merged.title.zh()),
                format!("merged into “{}”, one hand-over less", merged.title.en()),
            )
            .steps([merged.key.clone()]),
        );
        let name = merged.key.clone();
        next.steps[one] = merged;
        next.steps.remove(other);
        for step in &mut next.steps {
            for other in &mut step.separate_from {
                if keys.contains(other) {
                    *other = name.clone();
                }
            }
            for order in &mut step.after {
                if keys.contains(&order.step) {
                    order.step = name.clone();
                }
            }
        }
    }
    if proof.changed.is_empty() {
        return None;
    }
    proof.confirm(Text::new(
        "合并的环节可由同一人办理（须分开的写 `separate_from`）；仿真中合并后的环节依次做原来各环节的工作",
        "the same person may do both (where not, say `separate_from`); simulated, the merged step does the work of both, one after the other",
    ));
    Some((next, proof))
}

fn pair(design: &Design) -> Option<(usize, usize, Step)> {
    let graph = Graph::of(design, &ALL);
    for (other, second) in design.steps.iter().enumerate() {
        let mut before = graph.before[other].iter();
        let (Some(&one), None) = (before.next(), before.next()) else {
            continue;
        };
        if graph.after(one).len() != 1 {
            continue;
        }
        if let Some(merged) = merge(&design.steps[one], second) {
            return Some((one, other, merged));
        }
    }
    None
}

fn merge(first: &Step, second: &Step) -> Option<Step> {
    let alike = first.by == second.by
        && first.by != By::Applicant
        && first.department == second.department
        && first.matter == second.matter
        && first.when == second.when
        && first.intake == second.intake
        && first.retry == second.retry
        // Merged, each would see what is granted for the other's purpose.
        && first.purposes == second.purposes
        && !first.separate_from.contains(&second.key)
        && !second.separate_from.contains(&first.key);
    if !alike {
        return None;
    }
    let mut reads = first.reads.clone();
    for read in &second.reads {
        if first.writes.contains(&read.field) {
            continue;
        }
        match reads.iter_mut().find(|known| known.field == read.field) {
            Some(known) => known.optional &= read.optional,
            None => reads.push(read.clone()),
        }
    }
    let mut after = first.after.clone();
    for order in &second.after {
        if order.step != first.key && !after.iter().any(|known| known.step == order.step) {
            after.push(order.clone());
        }
    }
    let mut separate_from = first.separate_from.clone();
    separate_from.extend(second.separate_from.iter().cloned());
    let of = |step: &Step| match &step.merges[..] {
        [] => vec![step.key.clone()],
        merges => merges.to_vec(),
    };
    Some(Step {
        key: format!("{}-{}", first.key, second.key).parse().ok()?,
        title: Text::new(
            format!("{}、{}", first.title.zh(), second.title.zh()),
            format!("{}; {}", first.title.en(), second.title.en()),
        ),
        reads,
        writes: first.writes.iter().chain(&second.writes).cloned().collect(),
        after,
        limit: sum(&first.limit, &second.limit)?,
        visits: first.visits + second.visits,
        attended: first.attended || second.attended,
        legal_effect: match (first.legal_effect, second.legal_effect) {
            (Some(false), Some(false)) => Some(false),
            (Some(true), _) | (_, Some(true)) => Some(true),
            (None | Some(false), None | Some(false)) => None,
        },
        separate_from,
        merges: of(first).into_iter().chain(of(second)).collect(),
        ..first.clone()
    })
}

/// Both limits one after the other; `None` where they do not add up.
fn sum(first: &Limits, second: &Limits) -> Option<Limits> {
    let add = |one: Option<Limit>, other: Option<Limit>| match (one, other) {
        (None, None) => Some(None),
        (
            Some(Limit::WorkingDays { thousandths: one }),
            Some(Limit::WorkingDays { thousandths: other }),
        ) => Some(Some(Limit::WorkingDays {
            thousandths: one.saturating_add(other),
        })),
        (
            Some(Limit::CalendarDays { thousandths: one }),
            Some(Limit::CalendarDays { thousandths: other }),
        ) => Some(Some(Limit::CalendarDays {
            thousandths: one.saturating_add(other),
        })),
        (Some(Limit::Clock(one)), Some(Limit::Clock(other))) => {
            Some(Some(Limit::Clock(Micros(one.0.saturating_add(other.0)))))
        }
        _ => None,
    };
    let basis: Vec<&str> = [&first.basis, &second.basis]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    Some(Limits {
        statutory: add(first.statutory, second.statutory)?,
        promised: add(first.promised, second.promised)?,
        basis: (!basis.is_empty()).then(|| basis.join("；")),
    })
}
