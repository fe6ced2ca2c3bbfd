//! The old way: what was different from the new one.

use std::collections::BTreeSet;

use onething_model::{MatterKey, StepKey, Text};
use onething_plan::{Handled, Way};

use super::intake::{ScopeAfter, ScopeSpec, deliveries, scope};
use super::limits::{as_it_was, limits};
use super::reads::read_specs;
use super::reserved::reserved_names;
use super::symbols::Symbols;
use super::way::{
    AfterSpec, Fetched, InspectionSpec, Reason, ReasonsSpec, StepSpec, WaySpec, fetched, required,
    step,
};
use super::{Cx, STEP};
use crate::diagnostic::{Code, Diagnostic, both};
use crate::source::Span;
use crate::syntax::before::{BeforeFile, HandledWord, MatterDelta};
use crate::syntax::step::{By, IntakeDef, StepDef};
use crate::yaml::read::Spanned;

/// The old way, and the symbols with the limits that held then.
pub(crate) fn old_way<'a>(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'a>,
    new: &WaySpec,
    before: &Spanned<BeforeFile>,
) -> (Symbols<'a>, WaySpec) {
    let mut then = symbols.clone();
    let handled = match before.handled.map(|word| word.value) {
        Some(HandledWord::Together) => Handled::Together,
        Some(HandledWord::Apart) | None => Handled::Apart,
    };
    for (key, delta) in before.matters.iter().flat_map(|named| named.iter()) {
        let field = format!("matters.{}", key.as_str());
        let Some(at) = symbols.matter(cx, key, &field) else {
            continue;
        };
        let changed = limits(cx, delta.limit.as_ref(), &format!("{field}.limit"));
        let limit = &mut then.matters[at].limit;
        *limit = as_it_was(changed, limit);
        let differs = delta.visits.is_some()
            || delta.limit.is_some()
            || delta.reads.is_some()
            || delta.asks.is_some();
        let sourced = delta.source.is_some() || delta.because.is_some() || before.source.is_some();
        if differs && !sourced {
            unsourced(cx, key.span, &field);
        }
    }
    let steps = steps(cx, &then, new, before);
    let scopes = match handled {
        Handled::Together => together(cx, &then, before),
        Handled::Apart => apart(cx, &then, &steps, before),
    };
    let scope_of = scope_of(cx, handled, &scopes, &steps);
    let written = before.delivers.as_ref();
    let way = WaySpec {
        way: Way::Old,
        handled,
        scopes,
        scope_of,
        fetched: fetched(cx, symbols, before.fetched.as_ref(), Fetched::None),
        fetched_at: before.fetched.as_ref().map(|fetched| fetched.span),
        deliveries: if written.is_some() {
            deliveries(cx, symbols, written)
        } else {
            new.deliveries.clone()
        },
        joint_inspections: inspections(new, &steps),
        reasons: reasons(new, before),
        steps,
    };
    (then, way)
}

/// The joint inspections of the new way, as far as their steps were there: what the service
/// says about them is kept by a redesign, which begins with the old way.
fn inspections(new: &WaySpec, steps: &[StepSpec]) -> Vec<InspectionSpec> {
    let there: BTreeSet<&StepKey> = steps.iter().map(|step| &step.key.value).collect();
    new.joint_inspections
        .iter()
        .map(|inspection| InspectionSpec {
            steps: inspection
                .steps
                .iter()
                .filter(|step| there.contains(step))
                .cloned()
                .collect(),
            ..inspection.clone()
        })
        .filter(|inspection| !inspection.steps.is_empty())
        .collect()
}

/// Why the old way was as it is described.
fn reasons(new: &WaySpec, before: &BeforeFile) -> ReasonsSpec {
    let of_matter = |(key, delta): (&Spanned<MatterKey>, &MatterDelta)| {
        let reason = Reason::of(delta.because.as_ref(), delta.source.as_ref());
        (key.value.clone(), reason)
    };
    // A step that only the old way has carries its reason itself.
    let differs = |key: &Spanned<StepKey>, def: &StepDef| {
        let known = new.steps.iter().any(|step| step.key.value == key.value);
        known && !def.whole.is_some_and(|whole| whole.value)
    };
    let steps = before.steps.iter().flat_map(|named| named.iter());
    ReasonsSpec {
        source: before.source.as_ref().map(|source| source.value.clone()),
        walk: before.because.as_ref().map(|because| because.value.clone()),
        matters: before
            .matters
            .iter()
            .flat_map(|named| named.iter())
            .map(of_matter)
            .filter(|(_, reason)| *reason != Reason::default())
            .collect(),
        steps: steps
            .filter(|(key, def)| differs(key, def))
            .map(|(key, def)| {
                let reason = Reason::of(def.because.as_ref(), def.source.as_ref());
                (key.value.clone(), reason)
            })
            .filter(|(_, reason)| *reason != Reason::default())
            .collect(),
    }
}

fn unsourced(cx: &mut Cx<'_>, span: Span, field: &str) {
    cx.report(
        Diagnostic::new(
            Code::DifferenceWithoutSource,
            span,
            both!(
                "与新办法不同之处没有写明来源或理由",
                "nothing says where this difference is published, or why it was so",
            ),
        )
        .field(field)
        .why(both!(
            "没有来源的不同之处会让比较失去说服力",
            "a difference without a source makes the comparison worthless",
        ))
        .help(both!(
            "补上 `source: …` 或 `because: …`",
            "add `source: …` or `because: …`",
        )),
    );
}

/// The steps there were: those of the new way with their differences, less those that
/// did not exist, and further ones.
fn steps(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'_>,
    new: &WaySpec,
    before: &BeforeFile,
) -> Vec<StepSpec> {
    let mut steps = new.steps.clone();
    for key in before.without.iter().flat_map(|list| &list.value) {
        let described = before
            .steps
            .iter()
            .flat_map(|named| &named.entries)
            .find(|(other, _)| other.value == key.value);
        if let Some((other, _)) = described {
            contradiction(cx, other.span, key.span, key.as_str());
            continue;
        }
        let there = steps.iter().position(|step| step.key.value == key.value);
        match there {
            Some(at) => {
                steps.remove(at);
            }
            None => {
                let names = new.steps.iter().map(|step| step.key.as_str());
                cx.unknown(STEP, key.span, "without", key.as_str(), names);
            }
        }
    }
    pass_orders_on(&mut steps, &new.steps);
    let mut added = Vec::new();
    for (key, def) in before.steps.iter().flat_map(|named| &named.entries) {
        let Some(def) = def else { continue };
        let mut made = step(cx, symbols, key, def);
        // What only the old way says is a habit, unless it names a law.
        for after in &mut made.after {
            after.law &= after.basis.is_some();
        }
        let there = steps.iter_mut().find(|step| step.key.value == key.value);
        match there {
            Some(base) if def.whole.is_some_and(|whole| whole.value) => {
                required(cx, key, def);
                if def.source.is_none() && def.because.is_none() && before.source.is_none() {
                    unsourced(cx, key.span, &format!("steps.{}", key.as_str()));
                }
                *base = made;
            }
            Some(base) => {
                let differs = [
                    def.by.is_some(),
                    def.department.is_some(),
                    def.reads.is_some(),
                    def.writes.is_some(),
                    def.limit.is_some(),
                    def.visits.is_some(),
                    def.attended.is_some(),
                    def.when.is_some(),
                ];
                let sourced =
                    def.source.is_some() || def.because.is_some() || before.source.is_some();
                if differs.contains(&true) && !sourced {
                    unsourced(cx, key.span, &format!("steps.{}", key.as_str()));
                }
                merge(base, made, def);
            }
            None => {
                required(cx, key, def);
                added.push(made);
            }
        }
    }
    reserved_names(cx, &added);
    steps.extend(added);
    names_of_steps(cx, new, before, &mut steps);
    steps
}

/// Steps that a step names: what `before.yaml` writes is checked, and what the new way says
/// of steps that did not exist does not hold for the old way.
fn names_of_steps(cx: &mut Cx<'_>, new: &WaySpec, before: &BeforeFile, steps: &mut [StepSpec]) {
    let there: BTreeSet<StepKey> = steps.iter().map(|step| step.key.value.clone()).collect();
    let known: BTreeSet<&StepKey> = new.steps.iter().map(|step| &step.key.value).collect();
    let known = |key: &StepKey| there.contains(key) || known.contains(key);
    for (key, def) in before.steps.iter().flat_map(|named| named.iter()) {
        let separate = def.separate_from.iter().flat_map(|list| &list.value);
        let named = separate.map(|other| ("separate_from", other));
        for (what, other) in named.chain(def.undo.iter().map(|other| ("undo", other))) {
            if known(&other.value) {
                continue;
            }
            let names = there.iter().map(StepKey::as_str);
            let field = format!("steps.{}.{what}", key.as_str());
            cx.unknown(STEP, other.span, &field, other.as_str(), names);
        }
    }
    for step in steps {
        step.separate_from.retain(|key| there.contains(&key.value));
        step.undo = step.undo.take().filter(|key| there.contains(&key.value));
    }
}

/// An order after a step that did not exist is one after what that step comes after.
fn pass_orders_on(steps: &mut [StepSpec], all: &[StepSpec]) {
    let there: BTreeSet<StepKey> = steps.iter().map(|step| step.key.value.clone()).collect();
    for step in steps {
        let mut open: Vec<AfterSpec> = std::mem::take(&mut step.after);
        let mut seen: BTreeSet<StepKey> = BTreeSet::new();
        open.reverse();
        while let Some(after) = open.pop() {
            let name = after.step.value.clone();
            let gone = all.iter().find(|step| step.key.value == name);
            match gone.filter(|_| !there.contains(&name)) {
                Some(gone) if seen.insert(name) => open.extend(gone.after.iter().rev().cloned()),
                Some(_) => {}
                None => step.after.push(after),
            }
        }
    }
}

fn contradiction(cx: &mut Cx<'_>, span: Span, without: Span, name: &str) {
    cx.report(
        Diagnostic::new(
            Code::NotInService,
            span,
            both!(
                "环节 `{name}` 同时写在 `steps` 和 `without` 中",
                "the step `{name}` is under `steps` and under `without`",
            ),
        )
        .field(format!("steps.{name}"))
        .related(without, both!("在 `without` 中", "under `without`"))
        .help(both!("删除其中一处", "remove it from one of them")),
    );
}

/// A step as it was: what the difference states, else what the new way says. Reads,
/// writes and orders of the difference come on top.
fn merge(base: &mut StepSpec, made: StepSpec, def: &StepDef) {
    if def.title.is_some() {
        base.title = made.title;
    }
    if def.matter.is_some() {
        base.matter = made.matter;
        base.matter_unknown = made.matter_unknown;
    }
    if def.by.is_some() {
        base.by = made.by;
    }
    if def.department.is_some() || (def.matter.is_some() && base.by != By::Applicant) {
        base.department = made.department;
    }
    if def.when.is_some() || def.matter.is_some() {
        base.own_when = made.own_when;
        base.when_span = made.when_span;
        base.when = made.when;
    }
    for read in made.reads {
        match base
            .reads
            .iter_mut()
            .find(|known| known.datum == read.datum)
        {
            Some(known) => *known = read,
            None => base.reads.push(read),
        }
    }
    if def.purpose.is_some() {
        base.purposes = made.purposes;
    }
    for write in made.writes {
        if !base.writes.iter().any(|known| known.datum == write.datum) {
            base.writes.push(write);
        }
    }
    base.after.extend(made.after);
    base.legal_effect = made.legal_effect.or(base.legal_effect);
    base.separate_from.extend(made.separate_from);
    base.undo = made.undo.or(base.undo.take());
    base.corrections = made.corrections.or(base.corrections);
    base.special = made.special.or(base.special.take());
    base.limit = as_it_was(made.limit, &base.limit);
    if def.retry.is_some() {
        base.retry = made.retry;
    }
    if def.visits.is_some() {
        base.visits = made.visits;
    }
    if def.attended.is_some() {
        base.attended = made.attended;
    }
}

fn together(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'_>,
    before: &Spanned<BeforeFile>,
) -> Vec<ScopeSpec> {
    let default = IntakeDef::default();
    let intake = before
        .intake
        .as_ref()
        .map_or(&default, |intake| &intake.value);
    let span = before
        .intake
        .as_ref()
        .map_or_else(|| top(before), |intake| intake.span);
    let always = onething_plan::Cond::Always;
    let mut made = scope(cx, symbols, &[intake], None, "", span, ("intake", always));
    if let Some(scope) = &mut made {
        for (key, delta) in before.matters.iter().flat_map(|named| named.iter()) {
            extra_reads(cx, symbols, scope, key.as_str(), delta);
        }
    }
    made.into_iter().collect()
}

/// One application for each matter that some step works on, in the order of the walk. What
/// nobody worked on, nobody applied for.
fn apart(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'_>,
    steps: &[StepSpec],
    before: &Spanned<BeforeFile>,
) -> Vec<ScopeSpec> {
    let because = before.because.as_ref().map_or_else(
        || Text::new("一个办完再办下一个", "one after the other"),
        |because| because.value.clone(),
    );
    let default = IntakeDef::default();
    let common = before
        .intake
        .as_ref()
        .map_or(&default, |intake| &intake.value);
    let no_delta = MatterDelta::default();
    let mut scopes: Vec<ScopeSpec> = Vec::new();
    for matter in walk(cx, symbols, before) {
        let entry = &symbols.matters[matter];
        let named = before.matters.iter().flat_map(|named| named.iter());
        let found = named
            .filter(|(key, _)| key.value == entry.key.value)
            .map(|(key, delta)| (key.span, delta))
            .next();
        let (span, delta) = found.unwrap_or((top(before), &no_delta));
        let own = delta
            .intake
            .as_ref()
            .map_or(&default, |intake| &intake.value);
        let name = entry.key.as_str();
        let field = format!("matters.{name}.intake");
        let suffix = format!("-{name}");
        let made = scope(
            cx,
            symbols,
            &[own, common],
            Some(matter),
            &suffix,
            span,
            (&field, entry.when.clone()),
        );
        let Some(mut made) = made else { continue };
        said_once(cx, &format!("matters.{name}"), delta, own);
        if let Some(title) = &delta.title {
            made.title = title.value.clone();
        }
        if let Some(visits) = delta.visits {
            made.visits = visits.value.get();
        }
        extra_reads(cx, symbols, &mut made, name, delta);
        if !steps.iter().any(|step| step.matter == Some(matter)) {
            continue;
        }
        if let Some(scope) = scopes.len().checked_sub(1) {
            made.after.push(ScopeAfter {
                scope,
                because: because.clone(),
            });
        }
        scopes.push(made);
    }
    scopes
}

/// What its application is called and how many trips it costs may stand beside the matter and in
/// its intake: where both say it, they say the same.
fn said_once(cx: &mut Cx<'_>, field: &str, delta: &MatterDelta, intake: &IntakeDef) {
    if let (Some(one), Some(other)) = (&delta.visits, &intake.visits)
        && one.value.get() != other.value.get()
    {
        said_twice(cx, (one.span, other.span), field, "visits");
    }
    if let (Some(one), Some(other)) = (&delta.title, &intake.title)
        && one.value != other.value
    {
        said_twice(cx, (one.span, other.span), field, "title");
    }
}

fn said_twice(cx: &mut Cx<'_>, (beside, within): (Span, Span), field: &str, key: &str) {
    cx.report(
        Diagnostic::new(
            Code::SaidTwice,
            within,
            both!(
                "`{key}` 写了两次，互不相同",
                "`{key}` is stated twice, and differently",
            ),
        )
        .field(format!("{field}.intake.{key}"))
        .related(
            beside,
            both!("事项下写的是这个", "beside the matter it is this"),
        )
        .help(both!(
            "两处说的都是这个事项的申请，只留一处",
            "both are about the application for this matter: keep one of them",
        )),
    );
}

/// What a matter's window asked for besides.
fn extra_reads(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'_>,
    scope: &mut ScopeSpec,
    matter: &str,
    delta: &MatterDelta,
) {
    for (reads, key) in [(&delta.reads, "reads"), (&delta.asks, "asks")] {
        let Some(reads) = reads else { continue };
        let field = format!("matters.{matter}.{key}");
        for read in read_specs(cx, symbols, &reads.value, &field) {
            if !scope.asks.iter().any(|known| known.datum == read.datum) {
                scope.asks.push(read);
            }
        }
    }
}

fn top(before: &Spanned<BeforeFile>) -> Span {
    before.before.as_ref().map_or(before.span, |key| key.span)
}

/// The matters in the order in which the applicant had to go.
fn walk(cx: &mut Cx<'_>, symbols: &Symbols<'_>, before: &BeforeFile) -> Vec<usize> {
    let Some(written) = &before.walk else {
        return (0..symbols.matters.len()).collect();
    };
    let mut order = Vec::new();
    let mut wrong = false;
    for key in &written.value {
        let Some(at) = symbols.matter(cx, key, "walk") else {
            wrong = true;
            continue;
        };
        if order.contains(&at) {
            wrong = true;
            let name = key.as_str();
            cx.report(
                Diagnostic::new(
                    Code::MatterNotWalked,
                    key.span,
                    both!(
                        "事项 `{name}` 在 `walk` 中出现两次",
                        "the matter `{name}` is twice in the walk",
                    ),
                )
                .field("walk")
                .help(both!("删除一个", "remove one of them")),
            );
            continue;
        }
        order.push(at);
    }
    for (at, matter) in symbols.matters.iter().enumerate() {
        if order.contains(&at) {
            continue;
        }
        if !wrong {
            let name = matter.key.as_str();
            cx.report(
                Diagnostic::new(
                    Code::MatterNotWalked,
                    written.span,
                    both!(
                        "`walk` 中没有事项 `{name}`",
                        "the walk leaves out the matter `{name}`",
                    ),
                )
                .field("walk")
                .related(matter.key.span, both!("事项在这里", "the matter is here"))
                .help(both!(
                    "把 `{name}` 写进 `walk`",
                    "put `{name}` into the walk",
                )),
            );
        }
        order.push(at);
    }
    order
}

fn scope_of(
    cx: &mut Cx<'_>,
    handled: Handled,
    scopes: &[ScopeSpec],
    steps: &[StepSpec],
) -> Vec<usize> {
    let mut of = Vec::with_capacity(steps.len());
    for step in steps {
        let at = match (handled, step.matter) {
            (Handled::Together, _) => Some(0),
            (Handled::Apart, Some(matter)) => {
                scopes.iter().position(|scope| scope.matter == Some(matter))
            }
            (Handled::Apart, None) if step.matter_unknown => None,
            (Handled::Apart, None) => {
                let name = step.key.as_str();
                cx.report(
                    Diagnostic::new(
                        Code::NoMatter,
                        step.key.span,
                        both!(
                            "分开办理时，环节 `{name}` 必须属于一个事项",
                            "where matters are handled apart, the step `{name}` has to belong to one",
                        ),
                    )
                    .field(format!("steps.{name}"))
                    .help(both!(
                        "在 `before.yaml` 的 `steps` 中写明 `matter`，或者写进 `without`",
                        "state its `matter` under `steps` of `before.yaml`, or list it under `without`",
                    )),
                );
                None
            }
        };
        of.push(at.unwrap_or(0));
    }
    of
}
