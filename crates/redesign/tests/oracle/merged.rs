//! What merging promises: a merged step is its parts, one after the other, and
//! nobody else notices.
//!
//! The same proposal is made of the old way where the parts of merged steps
//! have to be done by different people ([`kept_apart`]), and the two are read
//! side by side.

use std::collections::{BTreeMap, BTreeSet};

use onething_definition::design::{By, Design, OrderKind, Read, Step};
use onething_model::{FieldPath, StepKey};

use crate::naive::{Case, From};
use crate::promise::{check, heir, parts};

/// The old way, with those that a proposal merged done by different people.
pub(crate) fn kept_apart(old: &Design, new: &Design) -> Design {
    let mut apart = old.clone();
    for step in &mut apart.steps {
        let merged = new.steps.iter();
        let mut merged = merged.filter(|merged| merged.merges.contains(&step.key));
        let others = merged.next().into_iter().flat_map(|merged| &merged.merges);
        for other in others {
            if *other != step.key && !step.separate_from.contains(other) {
                step.separate_from.push(other.clone());
            }
        }
    }
    apart
}

/// Whether the two do the same work: a step that other people have to do is also
/// left out for less, and then there is more to tell apart than what is merged.
pub(crate) fn comparable(apart: &Design, new: &Design) -> bool {
    let were: BTreeSet<&StepKey> = apart.steps.iter().map(|step| &step.key).collect();
    were == new.steps.iter().flat_map(parts).collect()
}

fn renamed(new: &Design, key: &StepKey) -> StepKey {
    heir(new, key).map_or_else(|| key.clone(), |step| step.key.clone())
}

/// What is broken whatever the answers.
pub(crate) fn stated(apart: &Design, new: &Design, broken: &mut Vec<String>) {
    for (was, is) in apart.joint_inspections.iter().zip(&new.joint_inspections) {
        let steps: BTreeSet<StepKey> = was.steps.iter().map(|key| renamed(new, key)).collect();
        let same = steps == is.steps.iter().cloned().collect();
        check(broken, same, || format!("a joint inspection of {steps:?}"));
    }
    for step in &new.steps {
        let of: Option<Vec<&Step>> = parts(step)
            .iter()
            .map(|key| apart.step(key.as_str()))
            .collect();
        if let Some(of) = of {
            is_its_parts(apart, new, step, &of, broken);
        }
    }
}

fn is_its_parts(apart: &Design, new: &Design, step: &Step, of: &[&Step], broken: &mut Vec<String>) {
    let key = &step.key;
    check(broken, of.len() == 1 || step.by != By::Applicant, || {
        format!("{key} is the applicant's")
    });
    let all = |effect: Option<bool>| of.iter().all(|part| part.legal_effect == effect);
    let none = step.legal_effect == Some(false);
    check(broken, none == all(Some(false)), || {
        format!("{key} is said to have no legal effect")
    });
    let orders = |step: &Step| -> BTreeSet<(StepKey, bool)> {
        let after = step.after.iter();
        let name = |order: &onething_definition::design::Order| {
            (renamed(new, &order.step), order.kind == OrderKind::Law)
        };
        after.map(name).filter(|(other, _)| other != key).collect()
    };
    let were: BTreeSet<_> = of.iter().flat_map(|part| orders(part)).collect();
    let are: BTreeSet<_> = orders(step);
    check(broken, were == are, || {
        format!("{key} waits for {are:?}, not {were:?}")
    });
    for (at, part) in of.iter().enumerate() {
        let name = &part.key;
        let mut said = |what: &str, kept: bool| {
            check(broken, kept, || format!("{what} of {name} in {key}"));
        };
        let undo = part.undo.as_ref().map(|undo| renamed(new, undo));
        said("the undoing", undo.is_none() || undo == step.undo);
        let kept = part.corrections.is_none() || part.corrections == step.corrections;
        said("the corrections", kept);
        let kept = part.special.is_none() || part.special == step.special;
        said("the special procedure", kept);
        said("the application", part.intake == step.intake);
        let within = |whole: Option<&str>, part: Option<&str>| {
            part.is_none_or(|part| whole.is_some_and(|whole| whole.contains(part)))
        };
        let (was, is) = (part.limit.basis.as_deref(), step.limit.basis.as_deref());
        said("the basis", within(is, was));
        let (was, is) = (part.reason.source.as_deref(), step.reason.source.as_deref());
        said("the source", within(is, was));
        let why = |step: &Step| {
            step.reason
                .because
                .as_ref()
                .map(|text| text.zh().to_owned())
        };
        said(
            "the reason",
            within(why(step).as_deref(), why(part).as_deref()),
        );
        said("the title", step.title.zh().contains(part.title.zh()));
        let mut others = part.separate_from.iter().map(|other| renamed(new, other));
        let kept = others.all(|other| other == *key || step.separate_from.contains(&other));
        said("the other people", kept);
        let earlier: BTreeSet<&FieldPath> = of[..at].iter().flat_map(|part| &part.writes).collect();
        for read in &part.reads {
            let sure = |known: &Read| known.field == read.field && known.optional <= read.optional;
            let kept = earlier.contains(&read.field) || step.reads.iter().any(sure);
            said("what is read", kept);
        }
        for field in &part.writes {
            let kept = step.writes.contains(field) || only_within(apart, part, field, of);
            said("what is made", kept);
        }
    }
    let twice = step.writes.iter().collect::<BTreeSet<_>>().len() != step.writes.len();
    check(broken, !twice, || format!("{key} makes something twice"));
}

/// Whether nobody but the parts of the step wants what one of them makes.
fn only_within(apart: &Design, maker: &Step, field: &FieldPath, of: &[&Step]) -> bool {
    let reads = |step: &Step| step.reads.iter().any(|read| read.field == *field);
    let mut steps = apart.steps.iter();
    let others = steps.any(|step| reads(step) && of.iter().all(|part| part.key != step.key));
    let asks = apart.intakes.iter().flat_map(|intake| &intake.asks);
    let asked = asks.map(|ask| &ask.field).any(|ask| ask == field);
    let mut delivers = apart.delivers.iter();
    let delivered = delivers.any(|delivers| delivers.what == field.role);
    let read = of.iter().any(|part| reads(part));
    read && !others && !asked && !delivered && maker.legal_effect != Some(true)
}

/// Merged steps that make a result before their last part, and whether for some
/// answers a result comes of that part, or after it.
pub(crate) type Waiting = BTreeMap<StepKey, bool>;

/// What is broken for one set of answers.
pub(crate) fn seen(
    old: &Case<'_>,
    apart: &Case<'_>,
    new: &Case<'_>,
    waiting: &mut Waiting,
    broken: &mut Vec<String>,
) {
    check(broken, apart.asked == new.asked, || {
        format!("the forms ask {:?}, not {:?}", new.asked, apart.asked)
    });
    // Who waits for a step waits for what it came after where it takes no part, and
    // a merged step came after what its first part did.
    let mut steps = new.design.steps.iter().zip(&new.active);
    let passed_on = steps.any(|(step, active)| !step.merges.is_empty() && !active);
    let in_old = |one: &Step, two: &Step| {
        let pair = old.doing(&one.key).zip(old.doing(&two.key));
        pair.is_some_and(|(one, two)| old.precedes(one, two))
    };
    let heirs: Vec<(usize, &Step, usize)> = apart
        .steps()
        .filter_map(|(at, step)| Some((at, step, new.doing(&step.key)?)))
        .collect();
    for (one, earlier, before) in &heirs {
        for (two, later, after) in &heirs {
            if before == after {
                let parts = parts(new.step(*after));
                let place = |step: &Step| parts.iter().position(|key| *key == step.key);
                let in_turn = place(earlier) < place(later);
                check(broken, apart.precedes(*one, *two) == in_turn, || {
                    format!("{} and {} in another order", earlier.key, later.key)
                });
                continue;
            }
            let (was, is) = (apart.precedes(*one, *two), new.precedes(*before, *after));
            let same = was == is || is && passed_on && in_old(earlier, later);
            check(broken, same, || {
                let (one, two) = (&earlier.key, &later.key);
                let now = new.step(*before);
                match is {
                    true => format!("{two} waits for {one} in {}", now.key),
                    false => format!("{two} no longer waits for {one} in {}", now.key),
                }
            });
        }
    }
    for (at, step, heir) in &heirs {
        for read in &step.reads {
            let then = apart.comes_from(*at, &read.field);
            let now = new.comes_from(*heir, &read.field);
            let same = match then {
                Some(From::Step(from)) => {
                    let maker = new.doing(&apart.step(from).key);
                    maker == Some(*heir) || maker.map(From::Step) == now
                }
                other => other == now,
            };
            check(broken, same, || {
                format!("{} had {} {then:?}, now {now:?}", step.key, read.field)
            });
        }
    }
    results(apart, new, waiting);
}

/// No result waits for what only follows it, as filing does.
fn results(apart: &Case<'_>, new: &Case<'_>, waiting: &mut Waiting) {
    let makes = |step: &Step| {
        step.writes.iter().any(|field| {
            let mut delivers = apart.design.delivers.iter();
            delivers.any(|delivers| delivers.what == field.role)
        })
    };
    for (_, step) in new.steps() {
        let Some((last, earlier)) = parts(step)
            .split_last()
            .filter(|(_, rest)| !rest.is_empty())
        else {
            continue;
        };
        let part = |key: &StepKey| apart.doing(key);
        let mut earlier = earlier.iter().filter_map(part);
        let Some(last) = part(last).filter(|_| earlier.any(|at| makes(apart.step(at)))) else {
            continue;
        };
        let mut steps = apart.steps();
        let leads = steps.any(|(at, step)| (at == last || apart.precedes(last, at)) && makes(step));
        *waiting.entry(step.key.clone()).or_default() |= leads;
    }
}
