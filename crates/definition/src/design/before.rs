//! The old way as the text of a `before.yaml`: its difference from a new way.
//!
//! A step of both ways is written as what was different, where the difference
//! only adds; else it is described whole (`whole: yes`), for a difference
//! takes nothing away. What only the new way has stands under `without`.

use std::collections::BTreeSet;

use onething_model::{Lang, StepKey, Text};
use onething_plan::{Handled, Limits, Service};

use super::write::{
    Needed, Page, Place, deliveries, registries, write_intake, write_orders, write_reason,
    write_step,
};
use super::yaml::{by_role, language, limits, quoted, reads, text};
use super::{Design, Order, OrderKind, Read, Reason, Setting, Step};
use crate::lower::limits::as_it_was;

/// Writes the old way over the steps of the new one.
pub(super) fn write_before(
    page: &mut Page,
    setting: &Setting,
    service: &Service,
    [new, old]: [&Design; 2],
    needed: &Needed,
    name: &str,
    lang: Option<Lang>,
) {
    page.line(0, "before", &quoted(name));
    page.some(0, "language", lang.map(|lang| language(lang).to_owned()));
    let together = old.handled == Handled::Together;
    page.line(0, "handled", if together { "together" } else { "apart" });
    let fetched = registries(&old.fetched);
    page.line(0, "fetched", fetched.as_deref().unwrap_or("everything"));
    if !together {
        let walk: Vec<String> = old
            .intakes
            .iter()
            .filter_map(|intake| intake.matter.as_ref())
            .map(|matter| quoted(matter.as_str()))
            .collect();
        page.line(0, "walk", &format!("[{}]", walk.join(", ")));
    }
    page.some(0, "because", old.reasons.walk.as_ref().map(text));
    page.some(0, "source", old.reasons.source.as_deref().map(quoted));
    if let (true, [intake]) = (together, &old.intakes[..]) {
        page.line(0, "intake", "");
        write_intake(page, 1, intake);
    }
    matters(page, setting, [new, old], &needed.matters);
    steps(page, service, [new, old]);
    let gone: Vec<&StepKey> = new
        .steps
        .iter()
        .map(|step| &step.key)
        .filter(|key| old.step(key.as_str()).is_none())
        .collect();
    if !gone.is_empty() {
        page.line(0, "without", "");
    }
    for key in gone {
        page.item(&quoted(key.as_str()));
    }
    if old.delivers != new.delivers {
        deliveries(page, old);
    }
}

fn matters(page: &mut Page, setting: &Setting, [new, old]: [&Design; 2], needed: &[bool]) {
    let mut lines = Page::default();
    let all = setting.matters.iter().enumerate().zip(needed);
    for ((at, matter), _) in all.filter(|(_, needed)| **needed) {
        let mut entry = Page::default();
        let intake = old
            .intakes
            .iter()
            .find(|intake| intake.matter.as_ref() == Some(&matter.key));
        if let Some(intake) = intake {
            entry.line(2, "intake", "");
            write_intake(&mut entry, 3, intake);
        }
        if let (Some(now), Some(then)) = (new.limits.get(at), old.limits.get(at))
            && now != then
        {
            entry.some(2, "limit", limits(then));
        }
        let reasons = old.reasons.matters.iter();
        for (_, reason) in reasons.filter(|(key, _)| *key == matter.key) {
            write_reason(&mut entry, 2, reason);
        }
        if !entry.0.is_empty() {
            lines.line(1, &quoted(matter.key.as_str()), "");
            lines.0.push_str(&entry.0);
        }
    }
    if !lines.0.is_empty() {
        page.line(0, "matters", "");
        page.0.push_str(&lines.0);
    }
}

fn steps(page: &mut Page, service: &Service, ways: [&Design; 2]) {
    let mut lines = Page::default();
    for step in &ways[1].steps {
        write_old(&mut lines, service, ways, step);
    }
    if !lines.0.is_empty() {
        page.line(0, "steps", "");
        page.0.push_str(&lines.0);
    }
}

fn write_old(page: &mut Page, service: &Service, [new, old]: [&Design; 2], step: &Step) {
    let mut reasons = old.reasons.steps.iter();
    let reason = reasons.find(|(key, _)| *key == step.key);
    let reason = reason.map(|(_, reason)| reason.clone()).unwrap_or_default();
    let Some(now) = new.step(step.key.as_str()) else {
        let mut only = step.clone();
        if only.reason.is_empty() {
            only.reason = reason;
        }
        return write_step(page, service, &only, Place::Before);
    };
    let base = inherited(now, [new, old]);
    let Some(difference) = difference(&base, step) else {
        let mut whole = step.clone();
        if whole.reason.is_empty() {
            whole.reason = or_generated(reason);
        }
        return write_step(page, service, &whole, Place::BeforeWhole);
    };
    let same = difference.is_nothing();
    if same && reason.is_empty() {
        return;
    }
    page.line(1, &quoted(step.key.as_str()), "");
    page.some(2, "reads", reads(&difference.reads));
    let writes = difference.writes.iter().map(|path| (path, false));
    page.some(2, "writes", by_role(writes));
    write_orders(page, &difference.after, true);
    page.some(2, "limit", difference.limit.as_ref().and_then(limits));
    // What was stated with a reason is stated again beside it, though the new way keeps it.
    let visits = difference
        .visits
        .or((!reason.is_empty() && step.visits > 0).then_some(step.visits));
    page.some(2, "visits", visits.map(|visits| visits.to_string()));
    let attended = difference
        .attended
        .or((!reason.is_empty() && step.attended).then_some(true));
    let yes_no = |yes| if yes { "yes" } else { "no" }.to_owned();
    page.some(2, "attended", attended.map(yes_no));
    page.some(2, "legal_effect", difference.legal_effect.map(yes_no));
    if !difference.separate_from.is_empty() {
        let list = super::write::steps(&difference.separate_from);
        page.line(2, "separate_from", &list);
    }
    let reason = if difference.wants_reason() && old.reasons.source.is_none() {
        or_generated(reason)
    } else {
        reason
    };
    write_reason(page, 2, &reason);
}

/// The reason that is stated, else that the proposal is what differs.
fn or_generated(reason: Reason) -> Reason {
    if !reason.is_empty() {
        return reason;
    }
    Reason {
        because: Some(Text::new(
            "原办法如此；提案改变了这个环节（见提案说明）",
            "so it was; the proposal changes this step (see what it says)",
        )),
        source: None,
    }
}

/// A step of the new way as the old way inherits it: without the steps that did not exist.
fn inherited(now: &Step, [new, old]: [&Design; 2]) -> Step {
    let there = |key: &StepKey| old.step(key.as_str()).is_some();
    let mut base = now.clone();
    base.separate_from.retain(there);
    base.undo = base.undo.take().filter(there);
    // As the compiler does: an order after a step that did not exist is one
    // after what that step comes after.
    let mut open: Vec<&Order> = now.after.iter().rev().collect();
    let mut seen: BTreeSet<&StepKey> = BTreeSet::new();
    base.after.clear();
    while let Some(order) = open.pop() {
        match new.step(order.step.as_str()) {
            Some(gone) if !there(&order.step) => {
                if seen.insert(&order.step) {
                    open.extend(gone.after.iter().rev());
                }
            }
            Some(_) | None => base.after.push(Order {
                // What stands in `service.yaml` is read as the law's.
                kind: OrderKind::Law,
                ..order.clone()
            }),
        }
    }
    base
}

/// What a step of the old way has beyond what it inherits.
struct Difference<'a> {
    reads: Vec<Read>,
    writes: Vec<onething_model::FieldPath>,
    after: Vec<&'a Order>,
    limit: Option<Limits>,
    visits: Option<u32>,
    attended: Option<bool>,
    legal_effect: Option<bool>,
    separate_from: Vec<StepKey>,
}

impl Difference<'_> {
    fn wants_reason(&self) -> bool {
        !self.reads.is_empty()
            || !self.writes.is_empty()
            || self.limit.is_some()
            || self.visits.is_some()
            || self.attended.is_some()
    }

    fn is_nothing(&self) -> bool {
        !self.wants_reason()
            && self.after.is_empty()
            && self.legal_effect.is_none()
            && self.separate_from.is_empty()
    }
}

/// `None` where the old step lacks something that it would inherit.
fn difference<'a>(base: &Step, step: &'a Step) -> Option<Difference<'a>> {
    let alike = base.title == step.title
        && base.matter == step.matter
        && base.department == step.department
        && base.by == step.by
        && base.when == step.when
        && base.retry == step.retry
        && base.purposes == step.purposes
        && base.undo == step.undo
        && base.corrections == step.corrections
        && base.special == step.special
        && base.reason == step.reason;
    let adds = |one: bool, other: bool| one || !other;
    let kept = base
        .reads
        .iter()
        .all(|read| step.reads.iter().any(|then| then.field == read.field))
        && base.writes.iter().all(|field| step.writes.contains(field))
        && base.after.iter().all(|order| step.after.contains(order))
        && base
            .separate_from
            .iter()
            .all(|key| step.separate_from.contains(key))
        && adds(step.legal_effect.is_some(), base.legal_effect.is_some());
    let limits_kept = as_it_was(step.limit.clone(), &base.limit) == step.limit;
    (alike && kept && limits_kept).then(|| Difference {
        reads: step
            .reads
            .iter()
            .filter(|read| !base.reads.contains(read))
            .cloned()
            .collect(),
        writes: step
            .writes
            .iter()
            .filter(|field| !base.writes.contains(field))
            .cloned()
            .collect(),
        after: step
            .after
            .iter()
            .filter(|order| !base.after.contains(order))
            .collect(),
        limit: (base.limit != step.limit).then(|| step.limit.clone()),
        visits: (base.visits != step.visits).then_some(step.visits),
        attended: (base.attended != step.attended).then_some(step.attended),
        legal_effect: step
            .legal_effect
            .filter(|_| base.legal_effect != step.legal_effect),
        separate_from: step
            .separate_from
            .iter()
            .filter(|key| !base.separate_from.contains(key))
            .cloned()
            .collect(),
    })
}
