//! What a way states whatever the answers: deliveries, steps and who does them,
//! limits, legal bases, duties kept apart.

use std::collections::{BTreeMap, BTreeSet};

use onething_definition::design::{OrderKind, Step};
use onething_model::{Limit, StepKey, Text};
use onething_plan::{Actor, Plan, StepIx};

use super::{Steps, Way};

pub(super) fn worsened(was: Way<'_>, steps: &Steps<'_>) -> Option<Text> {
    undelivered(was, steps.is)
        .or_else(|| unknown(was, steps))
        .or_else(|| without_basis(was, steps.is))
        .or_else(|| without_effect(was, steps))
        .or_else(|| unaccepted(was, steps.is))
        .or_else(|| unseparated(was, steps))
}

fn undelivered(was: Way<'_>, is: Way<'_>) -> Option<Text> {
    let missing = was.design.delivers.iter().find(|delivers| {
        let kept = is
            .design
            .delivers
            .iter()
            .find(|other| other.what == delivers.what);
        kept.is_none_or(|kept| delivers.by.iter().any(|by| !kept.by.contains(by)))
    })?;
    let what = &missing.what;
    Some(Text::new(
        format!("不再像原来那样送达 `{what}`"),
        format!("`{what}` is no longer delivered as it was"),
    ))
}

/// Steps that do the work of none that was there, or do it with other hands or
/// in another time.
fn unknown(was: Way<'_>, steps: &Steps<'_>) -> Option<Text> {
    let mut known: BTreeMap<&StepKey, &Step> = BTreeMap::new();
    for step in &was.design.steps {
        known.insert(&step.key, step);
    }
    for step in &steps.is.design.steps {
        let key = &step.key;
        let names = match &step.merges[..] {
            [] => std::slice::from_ref(key),
            merges => merges,
        };
        // A step that was merged before keeps its name and its parts.
        let parts: Option<Vec<&Step>> = match known.get(key) {
            Some(known) => Some(vec![known]),
            None => names.iter().map(|name| known.get(name).copied()).collect(),
        };
        let Some(parts) = parts else {
            return Some(Text::new(
                format!("环节 `{key}` 原来没有，也不是由原有环节合并而成"),
                format!("the step `{key}` was not there, nor any that it does the work of"),
            ));
        };
        let other = |part: &&&Step| part.by != step.by || part.department != step.department;
        if let Some(part) = parts.iter().find(other) {
            let part = &part.key;
            return Some(Text::new(
                format!("`{part}` 的工作换了部门或人员（职权法定）：`{key}`"),
                format!(
                    "`{key}` does the work of `{part}` in another department or by other hands, and competence is given by law"
                ),
            ));
        }
        if total(std::iter::once(step)) != total(parts.into_iter()) {
            return Some(Text::new(
                format!("`{key}` 的时限不是原来各环节时限之和"),
                format!("the limit of `{key}` is not that of the steps whose work it does"),
            ));
        }
    }
    None
}

/// Limits added up, each unit by itself: statutory, promised.
fn total<'a>(steps: impl Iterator<Item = &'a Step>) -> [[u64; 3]; 2] {
    let mut sums = [[0_u64; 3]; 2];
    for step in steps {
        let limits = [step.limit.statutory, step.limit.promised];
        for (sum, limit) in sums.iter_mut().zip(limits) {
            let (unit, amount) = match limit {
                None => continue,
                Some(Limit::WorkingDays { thousandths }) => (0, thousandths),
                Some(Limit::CalendarDays { thousandths }) => (1, thousandths),
                Some(Limit::Clock(span)) => (2, span.0.max(0).unsigned_abs()),
            };
            sum[unit] = sum[unit].saturating_add(amount);
        }
    }
    sums
}

fn without_basis(was: Way<'_>, is: Way<'_>) -> Option<Text> {
    let registry = is.plan.steps.iter().find_map(|step| match &step.actor {
        Actor::LookUp(look_up) => {
            let known = was.design.fetched.allows(look_up.registry.as_str());
            (!known && look_up.basis.is_none()).then_some(&look_up.registry)
        }
        Actor::Submission(_)
        | Actor::System
        | Actor::Officer
        | Actor::Applicant
        | Actor::Outside => None,
    })?;
    Some(Text::new(
        format!("查询 `{registry}` 没有写明依据"),
        format!("`{registry}` is asked without a legal basis"),
    ))
}

fn without_effect(was: Way<'_>, steps: &Steps<'_>) -> Option<Text> {
    let says = |key: &StepKey| {
        let at = steps.find(key);
        at.is_some_and(|at| steps.is.design.steps[at].legal_effect == Some(true))
    };
    let mut lawful = was.design.steps.iter();
    let gone = lawful.find(|step| step.legal_effect == Some(true) && !says(&step.key))?;
    Some(ineffective(&gone.key))
}

pub(super) fn ineffective(key: &StepKey) -> Text {
    Text::new(
        format!("有法律效力的环节 `{key}` 没有了"),
        format!("the step `{key}`, which has a legal effect, is gone"),
    )
}

/// An acceptance (受理) begins the limits that bind the departments.
fn unaccepted(was: Way<'_>, is: Way<'_>) -> Option<Text> {
    let accepts = |way: Way<'_>| -> BTreeSet<StepKey> {
        let intakes = way.design.intakes.iter();
        let accepts = intakes.filter_map(|intake| intake.acceptance.as_ref());
        accepts
            .flat_map(|accept| accept.merges.iter().chain([&accept.key]))
            .cloned()
            .collect()
    };
    let (then, now) = (accepts(was), accepts(is));
    let gone = then.difference(&now).next()?;
    Some(Text::new(
        format!("受理 `{gone}` 没有了"),
        format!("the acceptance `{gone}` is gone"),
    ))
}

fn unseparated(was: Way<'_>, steps: &Steps<'_>) -> Option<Text> {
    for step in &was.design.steps {
        for other in &step.separate_from {
            if was.design.step(other.as_str()).is_none() {
                continue;
            }
            let pair = steps.find(&step.key).zip(steps.find(other));
            let apart = pair.is_some_and(|(one, two)| {
                let says = |one: usize, two: usize| {
                    let list = &steps.is.design.steps[one].separate_from;
                    list.contains(steps.key(two))
                };
                one != two && (says(one, two) || says(two, one))
            });
            if !apart {
                let key = &step.key;
                return Some(Text::new(
                    format!("`{key}` 和 `{other}` 须由不同人员办理，不再是分开的两个环节"),
                    format!(
                        "`{key}` and `{other}`, which other people have to do, are no longer two steps that say so"
                    ),
                ));
            }
        }
    }
    None
}

/// What the law wants in every class of answers in which it wanted it before,
/// by step numbers in both plans.
pub(super) struct Lasting<'a> {
    pub(super) orders: Vec<Lawful<'a>>,
    /// Steps with a legal effect: name, earlier, later.
    pub(super) effects: Vec<(&'a StepKey, StepIx, StepIx)>,
}

/// An order of the law: earlier, later.
pub(super) struct Lawful<'a> {
    pub(super) keys: (&'a StepKey, &'a StepKey),
    pub(super) was: (StepIx, StepIx),
    pub(super) is: (StepIx, StepIx),
}

/// The orders of the law between steps that are both still there, and the steps
/// with a legal effect.
pub(super) fn lasting<'a>(was: Way<'a>, steps: &Steps<'_>) -> Result<Lasting<'a>, Text> {
    let number = |plan: &Plan, key: &StepKey| plan.find_step(key.as_str());
    let later = |at: usize| number(steps.is.plan, steps.key(at));
    let mut orders = Vec::new();
    let mut effects = Vec::new();
    for step in &was.design.steps {
        if step.legal_effect == Some(true)
            && let Some(then) = number(was.plan, &step.key)
            && let Some(now) = steps.find(&step.key).and_then(later)
        {
            effects.push((&step.key, then, now));
        }
        let law = step
            .after
            .iter()
            .filter(|order| order.kind == OrderKind::Law);
        for order in law {
            let (one, two) = (&order.step, &step.key);
            let Some(before) = number(was.plan, one).zip(number(was.plan, two)) else {
                continue;
            };
            // A step that is gone waits for nothing; one that is waited for may not go.
            let Some(second) = steps.find(two) else {
                continue;
            };
            let first = steps.find(one).filter(|first| *first != second);
            let after = first.and_then(|first| later(first).zip(later(second)));
            let Some(after) = after else {
                return Err(disordered(one, two));
            };
            orders.push(Lawful {
                keys: (one, two),
                was: before,
                is: after,
            });
        }
    }
    Ok(Lasting { orders, effects })
}

pub(super) fn disordered(one: &StepKey, two: &StepKey) -> Text {
    Text::new(
        format!("法律要求先办 `{one}`、后办 `{two}`，这一先后没有了"),
        format!("the law puts `{one}` before `{two}`, and that order is gone"),
    )
}
