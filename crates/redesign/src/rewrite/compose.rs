//! R8, compose: neighbours done by the same hands become one step.

use std::collections::BTreeSet;

use onething_definition::design::{By, Design, OrderKind, Reason, Step};
use onething_model::{Limit, Micros, StepKey, Text};
use onething_plan::Limits;

use super::Ground;
use super::graph::Graph;
use super::proof::{Line, Proof, Rule};

const ALL: [OrderKind; 3] = [OrderKind::Law, OrderKind::KnockOut, OrderKind::Habit];

/// Merges pairs, one after the other.
///
/// Checked: the same department, kind of hands, matter and condition; each the
/// other's sole neighbour; `separate_from` does not keep them apart; their
/// limits add up in one unit; they do not differ in what undoes them, their
/// rounds of correction or their special procedure.
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
        kept(&mut proof, &first, &second);
        let name = merged.key.clone();
        next.steps[one] = merged;
        next.steps.remove(other);
        rename(&mut next, &keys, &name);
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

/// Whoever named one of the steps names the merged one.
fn rename(design: &mut Design, keys: &[StepKey; 2], name: &StepKey) {
    let renamed = |list: &mut Vec<StepKey>| {
        let mut seen = BTreeSet::new();
        for key in list.iter_mut() {
            if keys.contains(key) {
                *key = name.clone();
            }
        }
        list.retain(|key| seen.insert(key.clone()));
    };
    for step in &mut design.steps {
        renamed(&mut step.separate_from);
        for named in step
            .after
            .iter_mut()
            .map(|order| &mut order.step)
            .chain(&mut step.undo)
        {
            if keys.contains(named) {
                *named = name.clone();
            }
        }
    }
    for inspection in &mut design.joint_inspections {
        renamed(&mut inspection.steps);
    }
}

/// What held for one of the two and holds for both now, to be confirmed.
fn kept(proof: &mut Proof, first: &Step, second: &Step) {
    let one_sided = [
        ("undo", first.undo.is_some() != second.undo.is_some()),
        (
            "corrections",
            first.corrections.is_some() != second.corrections.is_some(),
        ),
        (
            "special",
            first.special.is_some() != second.special.is_some(),
        ),
    ];
    for (what, _) in one_sided.into_iter().filter(|(_, one_sided)| *one_sided) {
        proof.confirm(Text::new(
            format!(
                "“{}”和“{}”中只有一个写了 `{what}`，合并后对整个环节有效：是否合适，否则写 `separate_from`",
                first.title.zh(),
                second.title.zh()
            ),
            format!(
                "only one of “{}” and “{}” states `{what}`; it holds for the merged step as a whole: where that is wrong, say `separate_from`",
                first.title.en(),
                second.title.en()
            ),
        ));
    }
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
        && !second.separate_from.contains(&first.key)
        // A step is not undone by itself.
        && first.undo.as_ref() != Some(&second.key)
        && second.undo.as_ref() != Some(&first.key)
        && agree(first.undo.as_ref(), second.undo.as_ref())
        && agree(first.corrections.as_ref(), second.corrections.as_ref())
        && agree(first.special.as_ref(), second.special.as_ref());
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
        undo: first.undo.clone().or_else(|| second.undo.clone()),
        corrections: first.corrections.or(second.corrections),
        special: first.special.clone().or_else(|| second.special.clone()),
        reason: Reason {
            because: match (&first.reason.because, &second.reason.because) {
                (Some(one), Some(other)) if one != other => Some(Text::new(
                    format!("{}；{}", one.zh(), other.zh()),
                    format!("{}; {}", one.en(), other.en()),
                )),
                (one, other) => one.as_ref().or(other.as_ref()).cloned(),
            },
            source: match (&first.reason.source, &second.reason.source) {
                (Some(one), Some(other)) if one != other => Some(format!("{one}；{other}")),
                (one, other) => one.as_ref().or(other.as_ref()).cloned(),
            },
        },
        merges: of(first).into_iter().chain(of(second)).collect(),
        ..first.clone()
    })
}

/// What both say is the same, or only one says it.
fn agree<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
    one.zip(other).is_none_or(|(one, other)| one == other)
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
