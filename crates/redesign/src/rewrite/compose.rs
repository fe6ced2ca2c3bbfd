//! R8, compose: neighbours done by the same hands become one step.

use std::collections::{BTreeMap, BTreeSet};

use onething_definition::design::{By, Design, OrderKind, Reason, Step};
use onething_model::{FieldPath, Limit, Micros, StepKey, Text};
use onething_plan::Limits;

use super::Ground;
use super::eliminate::delivered;
use super::graph::{Graph, asked};
use super::proof::{Line, Proof, Rule, Site, fields_in_words};
use super::quantity::Quantity;

const ALL: [OrderKind; 3] = [OrderKind::Law, OrderKind::KnockOut, OrderKind::Habit];

/// Merges pairs until there are no more.
///
/// Checked: the same department, kind of hands, matter and condition; each the
/// other's sole neighbour, no look-up in between; no law puts one before the
/// other or wants other people to do it; their limits add up in one unit; they
/// do not differ in what undoes them, their rounds of correction or their
/// special procedure. What makes a result is not merged with what only follows it (filing): the
/// result would wait for that.
/// What only passes from one to the other stays inside and is no longer made,
/// unless a legal effect is stated of it: then they are not merged.
pub(super) fn apply(ground: &Ground<'_>, design: &Design) -> Option<(Design, Proof)> {
    let mut proof = Proof::new(Rule::Compose);
    let mut next = design.clone();
    // Pairs that share no step at once, longer chains in further rounds.
    loop {
        let pairs = pairs(ground, design, &next);
        if pairs.is_empty() {
            break;
        }
        let mut names: BTreeMap<StepKey, StepKey> = BTreeMap::new();
        let mut gone = BTreeSet::new();
        for pair in pairs {
            record(ground, &mut proof, &next, &pair);
            proof.did(site(&next, pair.one, pair.other));
            for at in [pair.one, pair.other] {
                names.insert(next.steps[at].key.clone(), pair.merged.key.clone());
            }
            next.steps[pair.one] = pair.merged;
            gone.insert(pair.other);
        }
        let mut at = 0;
        next.steps.retain(|_| {
            at += 1;
            !gone.contains(&(at - 1))
        });
        rename(&mut next, &names);
    }
    if proof.changed.is_empty() {
        return None;
    }
    proof.confirm_saving(&Quantity::ALL, Text::new(
        "合并的环节可由同一人办理（须分开的写 `separate_from`）；仿真中合并后的环节依次做原来各环节的工作",
        "the same person may do both (where not, say `separate_from`); simulated, the merged step does the work of both, one after the other",
    ));
    Some((next, proof))
}

/// Whoever named a merged step names what it is part of now.
fn rename(design: &mut Design, names: &BTreeMap<StepKey, StepKey>) {
    let renamed = |key: &mut StepKey| {
        if let Some(name) = names.get(key) {
            *key = name.clone();
        }
    };
    let list = |list: &mut Vec<StepKey>| {
        let mut seen = BTreeSet::new();
        list.iter_mut().for_each(renamed);
        list.retain(|key| seen.insert(key.clone()));
    };
    for step in &mut design.steps {
        list(&mut step.separate_from);
        let orders = step.after.iter_mut().map(|order| &mut order.step);
        orders.chain(&mut step.undo).for_each(renamed);
    }
    for inspection in &mut design.joint_inspections {
        list(&mut inspection.steps);
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

fn record(ground: &Ground<'_>, proof: &mut Proof, design: &Design, pair: &Pair) {
    let (first, second) = (&design.steps[pair.one], &design.steps[pair.other]);
    proof.checked(
        Line::new(
            format!(
                "“{}”和“{}”由同一部门的同类人员办理，中间没有别的环节和查询，法律也未规定其先后或须由不同人员办理",
                first.title.zh(),
                second.title.zh()
            ),
            format!(
                "“{}” and “{}” are done by the same hands of one department with no step and no look-up in between, and no law orders them or keeps them apart",
                first.title.en(),
                second.title.en()
            ),
        )
        .steps([first.key.clone(), second.key.clone()])
        .edges([(first.key.clone(), second.key.clone())]),
    );
    proof.changed(
        Line::new(
            format!("合并为“{}”，少一次交接", pair.merged.title.zh()),
            format!(
                "merged into “{}”, one hand-over less",
                pair.merged.title.en()
            ),
        )
        .steps([pair.merged.key.clone()]),
    );
    kept(proof, first, second);
    if !pair.inside.is_empty() {
        let words = fields_in_words(ground.setting, &pair.inside);
        proof.changed(
            Line::new(
                format!("只在两者之间传递的数据不再单独产生：{}", words.zh()),
                format!(
                    "what only passed between the two is no longer made: {}",
                    words.en()
                ),
            )
            .fields(pair.inside.iter().cloned())
            .gone(),
        );
        proof.confirm(Text::new(
            format!("不必单独留存：{}（须留存的，送达它或写 `separate_from`）", words.zh()),
            format!(
                "need not be on file by itself: {} (where it has to be, deliver it or say `separate_from`)",
                words.en()
            ),
        ));
    }
}

fn site(design: &Design, one: usize, other: usize) -> Site {
    let key = |at: usize| design.steps[at].key.clone();
    Site::Pair(key(one), key(other))
}

/// Two steps to be merged, by position.
struct Pair {
    one: usize,
    other: usize,
    merged: Step,
    /// What only passes from one to the other.
    inside: Vec<FieldPath>,
}

/// The pairs that can be merged; each step is in one of them at most.
fn pairs(ground: &Ground<'_>, began: &Design, design: &Design) -> Vec<Pair> {
    let graph = Graph::of(ground.setting, design, &ALL);
    let mut readers: BTreeMap<&FieldPath, usize> = BTreeMap::new();
    let asks = design.intakes.iter().flat_map(|intake| &intake.asks);
    for read in design.steps.iter().flat_map(|step| &step.reads).chain(asks) {
        *readers.entry(&read.field).or_default() += 1;
    }
    let keys: BTreeSet<&FieldPath> = asked(ground.setting, design)
        .into_iter()
        .flat_map(|provider| &provider.with)
        .collect();
    let delivered = |field: &FieldPath| delivered(design, field);
    let mut taken = BTreeSet::new();
    let mut found: Vec<Pair> = Vec::new();
    let old = ground.drafting.old().map(names);
    let mut known: BTreeSet<&StepKey> = names(began).chain(names(design)).collect();
    known.extend(old.into_iter().flatten());
    let known: BTreeSet<StepKey> = known.into_iter().cloned().collect();
    for (other, second) in design.steps.iter().enumerate() {
        let mut before = graph.before[other].iter();
        let (Some(&one), None) = (before.next(), before.next()) else {
            continue;
        };
        let apart = graph.after[one].len() != 1 || graph.looks_up_between(one, other);
        let denied = ground
            .denied(Rule::Compose, site(design, one, other))
            .is_some();
        if denied || apart || taken.contains(&one) || taken.contains(&other) {
            continue;
        }
        let first = &design.steps[one];
        let law = |step: &Step| {
            let mut after = second.after.iter();
            after.any(|order| order.step == step.key && order.kind == OrderKind::Law)
        };
        if law(first) {
            continue;
        }
        let makes_result = |step: &Step| step.writes.iter().any(delivered);
        let leads_to = |at: usize| at == other || graph.precedes(other, at);
        let mut steps = design.steps.iter().enumerate();
        let mut leads_on = || steps.any(|(at, step)| leads_to(at) && makes_result(step));
        if makes_result(first) && !leads_on() {
            continue;
        }
        let inside: Vec<FieldPath> = first
            .writes
            .iter()
            .filter(|field| second.reads.iter().any(|read| read.field == **field))
            .filter(|field| readers.get(field) == Some(&1) && !keys.contains(field))
            .filter(|field| !delivered(field))
            .cloned()
            .collect();
        if !inside.is_empty() && first.legal_effect == Some(true) {
            continue;
        }
        let is_free = |key: &StepKey| {
            !known.contains(key) && found.iter().all(|pair| pair.merged.key != *key)
        };
        let Some(name) = free_name(first, second, is_free) else {
            continue;
        };
        if let Some(mut merged) = merge(first, second, name) {
            merged.writes.retain(|field| !inside.contains(field));
            taken.extend([one, other]);
            found.push(Pair {
                one,
                other,
                merged,
                inside,
            });
        }
    }
    found
}

/// The names that steps of a way have, those of its applications among them.
fn names(design: &Design) -> impl Iterator<Item = &StepKey> {
    let of_intakes = design.intakes.iter().flat_map(|intake| {
        let accept = intake.acceptance.iter().map(|accept| &accept.key);
        accept.chain([&intake.key])
    });
    let of_steps = design.steps.iter().map(|step| &step.key);
    of_steps.chain(of_intakes)
}

/// A name that no step has, in the old way neither, which is told over the proposal's steps:
/// that of both parts, else that of both or of the first, where both are too long, with a number.
fn free_name(first: &Step, second: &Step, is_free: impl Fn(&StepKey) -> bool) -> Option<StepKey> {
    let both = format!("{}-{}", first.key, second.key);
    let numbered = |name: &str| {
        let name = name.to_owned();
        (2..100).map(move |number| format!("{name}-{number}"))
    };
    let names = std::iter::once(both.clone())
        .chain(numbered(&both))
        .chain(numbered(first.key.as_str()));
    let mut keys = names.filter_map(|name| name.parse().ok());
    keys.find(is_free)
}

fn merge(first: &Step, second: &Step, key: StepKey) -> Option<Step> {
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
        key,
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
