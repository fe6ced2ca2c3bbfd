//! What is checked once both ways are plans: over every class of answers, and
//! between the old way and the new.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use onething_plan::{Actor, Answers, Cond, FieldIx, Outline, QuestionIx, Source, StepIx, Way};

use crate::asked::Asked;
use crate::classes::classes;
use crate::diagnostic::{Code, Diagnostic, MAX_PER_FILE, both};
use crate::grants;
use crate::graph::build::Built;
use crate::graph::derive::{NodeKind, Nodes};
use crate::lower::Cx;
use crate::lower::derived::made_elsewhere;
use crate::lower::intake::ScopeSpec;
use crate::lower::reads::Datum;
use crate::lower::symbols::Symbols;
use crate::lower::way::{StepSpec, WaySpec};
use crate::once_only::{LeftOut, part, underived};
use crate::own_steps::OwnSteps;
use crate::source::Span;
use crate::space::{self, Words};
use crate::stated_late::StatedLate;
use crate::syntax::step::By;
use crate::{two_producers, unmade, unverified};

/// A way with everything that is known of it.
pub(crate) struct Reviewed<'a> {
    pub(crate) symbols: &'a Symbols<'a>,
    pub(crate) spec: &'a WaySpec,
    pub(crate) nodes: &'a Nodes,
    /// `None` where errors kept it from being built.
    pub(crate) built: Option<&'a Built>,
}

/// Checks both ways, the new one first.
pub(crate) fn review(cx: &mut Cx<'_>, new: &Reviewed<'_>, old: Option<&Reviewed<'_>>) {
    matters_have_steps(cx, new);
    space::reference(cx, new.symbols);
    let exact = match new.built {
        Some(built) => space::review(cx, new, old, built),
        None => true,
    };
    let mut unmade = BTreeSet::new();
    for way in std::iter::once(new).chain(old) {
        deliveries_are_made(cx, way, &mut unmade);
        grants::check(cx, way.symbols, way.spec);
        made_elsewhere(cx, way.symbols, way.spec);
        limits(cx, way);
        if let Some(built) = way.built {
            // In the old way applicants carried what departments had made.
            if way.spec.way == Way::New {
                unmade::check(cx, way.symbols, way.spec, way.nodes);
                unverified::check(cx, way.symbols, way.spec, way.nodes);
            }
            scenarios(cx, way, built, exact);
        }
    }
    if let Some(old) = old {
        outputs_kept(cx, new, old);
    }
    // Where something is missing, what uses what cannot be told.
    if !cx.found.has_errors() && new.symbols.tree.whole {
        unused(cx, new, old);
    }
}

pub(crate) fn label(symbols: &Symbols<'_>, (role, field): Datum) -> String {
    let entry = &symbols.roles[role];
    let field = entry
        .contract
        .map(|at| symbols.tree.contracts[at].fields[field].key.as_str());
    format!("{}.{}", entry.key.as_str(), field.unwrap_or("?"))
}

fn matters_have_steps(cx: &mut Cx<'_>, way: &Reviewed<'_>) {
    if way.spec.steps.iter().any(|step| step.matter_unknown) {
        return;
    }
    for (at, matter) in way.symbols.matters.iter().enumerate() {
        if way.spec.steps.iter().any(|step| step.matter == Some(at)) {
            continue;
        }
        let name = matter.key.as_str();
        cx.report(
            Diagnostic::new(
                Code::MatterWithoutSteps,
                matter.key.span,
                both!(
                    "事项 `{name}` 没有任何环节",
                    "no step works on the matter `{name}`",
                ),
            )
            .field(format!("matters.{name}"))
            .help(both!(
                "在环节中写 `matter: {name}`，或者删除该事项",
                "write `matter: {name}` in a step, or remove the matter",
            )),
        );
    }
}

/// `told` are the deliveries of which it is told already: the old way has them from the new one.
fn deliveries_are_made(cx: &mut Cx<'_>, way: &Reviewed<'_>, told: &mut BTreeSet<Span>) {
    // Of a write that cannot be read, nobody knows what it makes.
    let is_unread = |step: &StepSpec| {
        let path = format!("steps.{}.writes", step.key.as_str());
        cx.found.speaks_of(step.key.span.file, &path)
    };
    if way.spec.steps.iter().any(is_unread) {
        return;
    }
    for (delivery, span) in &way.spec.deliveries {
        if !way.symbols.is_whole(delivery.what.index()) || told.contains(span) {
            continue;
        }
        let made = way
            .spec
            .steps
            .iter()
            .flat_map(|step| &step.writes)
            .any(|write| write.datum.0 == delivery.what.index());
        if made {
            continue;
        }
        told.insert(*span);
        let name = way.symbols.roles[delivery.what.index()].key.as_str();
        let (zh, en) = match way.spec.way {
            Way::New => ("", ""),
            Way::Old => ("原办法中", " in the old way"),
        };
        cx.report(
            Diagnostic::new(
                Code::NothingDelivered,
                *span,
                both!("{zh}没有环节产生 `{name}`", "no step makes `{name}`{en}",),
            )
            .field("delivers")
            .help(both!(
                "在某个环节中写 `writes: {{ {name}: […] }}`，或者不送达它",
                "write `writes: {{ {name}: […] }}` in a step, or do not deliver it",
            )),
        );
    }
}

/// A step that takes time and has no limit is missing from computed times.
fn limits(cx: &mut Cx<'_>, way: &Reviewed<'_>) {
    for node in &way.nodes.list {
        let takes_time = matches!(
            node.kind,
            NodeKind::Step(By::Officer | By::Outside) | NodeKind::Accept(By::Officer | By::Outside)
        );
        if !takes_time || node.limit.binding().is_some() {
            continue;
        }
        let name = node.key.as_str();
        let mut scopes = way.spec.scopes.iter();
        let accepts = |scope: &&ScopeSpec| {
            let accept = scope.accept.as_ref();
            accept.is_some_and(|accept| accept.key == node.key)
        };
        let scope = match node.kind {
            NodeKind::Accept(_) => scopes.find(accepts),
            _ => None,
        };
        let path = scope.map_or_else(|| format!("steps.{name}"), |scope| scope.path.clone());
        // There is one; what is wrong with it has been told.
        let limit = format!("{path}.limit");
        if cx.found.speaks_of(node.span.file, &limit) {
            continue;
        }
        cx.report(
            Diagnostic::new(
                Code::NoLimit,
                node.span,
                both!("环节 `{name}` 没有时限", "the step `{name}` has no limit",),
            )
            .field(path)
            .why(both!(
                "计算出的办理时间会漏掉它",
                "the computed time leaves it out",
            ))
            .help(both!("补上 `limit: …wd`", "add `limit: …wd`",)),
        );
    }
}

fn outputs_kept(cx: &mut Cx<'_>, new: &Reviewed<'_>, old: &Reviewed<'_>) {
    for (delivery, span) in &old.spec.deliveries {
        let kept = new
            .spec
            .deliveries
            .iter()
            .any(|(other, _)| other.what == delivery.what);
        if kept {
            continue;
        }
        let name = old.symbols.roles[delivery.what.index()].key.as_str();
        cx.report(
            Diagnostic::new(
                Code::OutputLost,
                *span,
                both!(
                    "原办法送达 `{name}`，新办法没有",
                    "the old way delivers `{name}`, the new way does not",
                ),
            )
            .field("delivers")
            .why(both!(
                "结果少了的办法不能拿来比较",
                "a way that delivers less cannot be compared",
            ))
            .help(both!(
                "在 `service.yaml` 的 `delivers` 中补上 `{name}`",
                "add `{name}` to `delivers` in `service.yaml`",
            )),
        );
    }
}

/// What shows only for certain answers.
fn scenarios(cx: &mut Cx<'_>, way: &Reviewed<'_>, built: &Built, exact: bool) {
    let plan = &built.plan;
    let classes = classes(plan);
    let mut left_out = LeftOut::default();
    let mut doubled: BTreeMap<(FieldIx, StepIx, StepIx), &Answers> = BTreeMap::new();
    let mut idle: BTreeMap<(StepIx, FieldIx), &Answers> = BTreeMap::new();
    let mut of_use: BTreeSet<(StepIx, FieldIx)> = BTreeSet::new();
    // In a large service few of the reads decide what is told here.
    let underived = underived(way.symbols, way.spec, plan);
    let part = part(way.spec, plan, &underived);
    let mut asked = Asked::new(plan, &part);
    let mut late = StatedLate::new(plan);
    let mut own = OwnSteps::default();
    let contested = two_producers::contested(plan);
    let mut looked_at = 0;
    for answers in classes.scenarios(plan) {
        looked_at += 1;
        let outline = Outline::resolve(&part, answers);
        // Pairs grow with the square of the steps: no more than a file can have problems.
        let _ = two_producers::active(plan, &contested, &outline, |field, one, two| {
            if doubled.len() > MAX_PER_FILE {
                return ControlFlow::Break(());
            }
            doubled.entry((field, one, two)).or_insert(answers);
            ControlFlow::Continue(())
        });
        grants::asked_for_nobody(&part, &outline, |application, field, is_read| {
            let asked = (application, field);
            if is_read {
                of_use.insert(asked);
            } else {
                idle.entry(asked).or_insert(answers);
            }
        });
        if plan.way == Way::New {
            left_out.see(way.spec, plan, &underived, &outline);
            asked.see(plan, &part, &outline, answers);
            late.see(plan, &outline);
            own.see(&part, &outline, answers);
        }
    }
    left_out.report(cx, way.spec);
    for ((field, one, two), answers) in &doubled {
        two_producers::report(cx, way, built, (*field, *one, *two), answers);
    }
    asked.report(cx, way, built);
    late.report(cx, way, built);
    own.report(cx, way, built);
    // Where a grant is missing, that is what has to be mended.
    let idle = Some(idle).filter(|_| !cx.found.has_errors());
    for ((application, field), answers) in idle.into_iter().flatten() {
        // For which answers: those that decide whether a step reads it.
        let readers = plan.steps.iter().filter(|step| {
            let reads = step.reads.iter().any(|read| read.field == field);
            reads && !matches!(step.actor, Actor::Submission(_))
        });
        let conds: Vec<&Cond> = readers.map(|step| &step.when).collect();
        let told = Words::of(plan).told(answers, &space::questions(&conds));
        let told = Some(&told).filter(|_| of_use.contains(&(application, field)));
        grants::collected(cx, way, built, (application, field), told);
    }
    if !classes.exhaustive {
        sampled(cx, way, looked_at);
    } else if !exact && way.spec.way == Way::New {
        too_hard(cx, way);
    }
}

/// That not all scenarios were looked at.
fn sampled(cx: &mut Cx<'_>, way: &Reviewed<'_>, looked_at: usize) {
    let Some(question) = way.symbols.questions.first() else {
        return;
    };
    let were = if looked_at == 1 { "was" } else { "were" };
    cx.report(
        Diagnostic::new(
            Code::Sampled,
            question.key.span,
            both!(
                "情形太多，只检查了其中 {looked_at} 种",
                "there are too many scenarios to check all: {looked_at} of them {were} checked",
            ),
        )
        .field("questions")
        .help(both!(
            "合并问题，或者拆成几个一件事",
            "bring questions together, or split the service",
        )),
    );
}

/// That for some condition nobody knows whether it ever holds.
fn too_hard(cx: &mut Cx<'_>, way: &Reviewed<'_>) {
    let rules = way.symbols.impossible.iter().map(|rule| rule.span);
    let questions = way.symbols.questions.iter().map(|one| one.key.span);
    let Some(span) = rules.chain(questions).next() else {
        return;
    };
    cx.report(
        Diagnostic::new(
            Code::Sampled,
            span,
            both!(
                "条件牵连太多，有的没能查清是否会成立",
                "conditions hang together so much that of some it is not known whether they ever hold",
            ),
        )
        .field(if way.symbols.impossible.is_empty() { "questions" } else { "impossible" })
        .help(both!(
            "把 `impossible` 写得更简单，合并问题，或者拆成几个一件事",
            "say what is impossible more simply, bring questions together, or split the service",
        )),
    );
}

pub(crate) fn write_span(way: &Reviewed<'_>, built: &Built, step: StepIx, field: FieldIx) -> Span {
    let node = &way.nodes.list[built.node_of[step.index()]];
    let plan = &built.plan;
    let at = plan
        .step(step)
        .writes
        .iter()
        .position(|write| *write == field);
    at.and_then(|at| node.writes.get(at))
        .map_or(node.span, |write| write.span)
}

/// What is made and never used, and roles that nobody needs.
fn unused(cx: &mut Cx<'_>, new: &Reviewed<'_>, old: Option<&Reviewed<'_>>) {
    let ways = || std::iter::once(new).chain(old);
    let mut read: BTreeSet<Datum> = BTreeSet::new();
    // Keys of registries that could be asked.
    let mut keys: BTreeSet<Datum> = BTreeSet::new();
    let mut roles: BTreeSet<usize> = new.symbols.applicant.into_iter().collect();
    for way in ways() {
        for node in &way.nodes.list {
            let reads = || node.reads.iter().map(|read| read.datum);
            let used = match node.kind {
                NodeKind::LookUp { .. } | NodeKind::Fallback { .. } => &mut keys,
                NodeKind::Application { .. } | NodeKind::Accept(_) | NodeKind::Step(_) => &mut read,
            };
            used.extend(reads());
            // What something follows from is used with it.
            used.extend(reads().filter_map(|datum| way.spec.source_of(way.symbols, datum)));
            roles.extend(reads().map(|datum| datum.0));
            roles.extend(node.writes.iter().map(|write| write.datum.0));
        }
    }
    let delivered: BTreeSet<usize> = ways()
        .flat_map(|way| &way.spec.deliveries)
        .map(|(delivery, _)| delivery.what.index())
        .collect();
    let mut of_look_ups: Option<BTreeSet<String>> = None;
    for step in &new.spec.steps {
        for write in &step.writes {
            if read.contains(&write.datum) || delivered.contains(&write.datum.0) {
                continue;
            }
            let (name, step) = (label(new.symbols, write.datum), step.key.as_str());
            if keys.contains(&write.datum) {
                let of_look_ups = of_look_ups
                    .get_or_insert_with(|| ways().flat_map(|way| asked_with(way, &keys)).collect());
                if !of_look_ups.contains(&name) {
                    cx.report(key_never_used(write.span, &name, step));
                }
                continue;
            }
            cx.report(
                Diagnostic::new(
                    Code::NeverUsed,
                    write.span,
                    both!(
                        "`{name}` 产生后没有环节使用，也不送达",
                        "`{name}` is made, but no step reads it and nobody gets it",
                    ),
                )
                .field(format!("steps.{step}.writes"))
                .help(both!(
                    "删除它，或者在 `delivers` 中送达",
                    "leave it out, or deliver it",
                )),
            );
        }
    }
    for (at, role) in new.symbols.roles.iter().enumerate() {
        if roles.contains(&at) {
            continue;
        }
        let name = role.key.as_str();
        cx.report(
            Diagnostic::new(
                Code::UnusedRole,
                role.key.span,
                both!(
                    "没有环节用到角色 `{name}`",
                    "no step needs the role `{name}`",
                ),
            )
            .field(format!("roles.{name}"))
            .help(both!("删除它", "remove it")),
        );
    }
    unused_questions(cx, new, old);
}

/// What steps make of these keys that some registry is asked with, for some answers. A registry
/// is not asked where what it gives is known without it.
fn asked_with(way: &Reviewed<'_>, keys: &BTreeSet<Datum>) -> BTreeSet<String> {
    let Some(Built { plan, .. }) = way.built else {
        return BTreeSet::new();
    };
    let classes = classes(plan);
    if !classes.exhaustive {
        // For answers that nobody looked at it may be asked.
        return keys.iter().map(|key| label(way.symbols, *key)).collect();
    }
    let mut found = BTreeSet::new();
    for answers in classes.scenarios(plan) {
        let outline = Outline::resolve(plan, answers);
        for step in outline.steps() {
            if !matches!(plan.step(step).actor, Actor::LookUp(_)) {
                continue;
            }
            for (key, _) in outline.sources(step) {
                if let Some((field, Source::Step(_))) = outline.origin(step, *key) {
                    found.insert(plan.field(field).path.to_string());
                }
            }
        }
    }
    found
}

fn key_never_used(span: Span, name: &str, step: &str) -> Diagnostic {
    Diagnostic::new(
        Code::NeverUsed,
        span,
        both!(
            "`{name}` 产生后没有环节使用，也不送达，任何情形下都不据以查询数据库",
            "`{name}` is made, but no step reads it, nobody gets it, and no registry is ever asked with it",
        ),
    )
    .field(format!("steps.{step}.writes"))
    .why(both!(
        "数据库可以据此查询，但它提供的数据已从别处取得",
        "a registry could be asked with it, but what that gives is there without it",
    ))
    .help(both!(
        "删除它，或者在 `delivers` 中送达",
        "leave it out, or deliver it",
    ))
}

fn unused_questions(cx: &mut Cx<'_>, new: &Reviewed<'_>, old: Option<&Reviewed<'_>>) {
    let mut used: BTreeSet<QuestionIx> = BTreeSet::new();
    for way in std::iter::once(new).chain(old) {
        let steps = way.spec.steps.iter().map(|step| &step.when);
        let matters = way.symbols.matters.iter().map(|matter| &matter.when);
        let questions = way.symbols.questions.iter().map(|question| &question.when);
        let rules = way.symbols.impossible.iter().map(|rule| &rule.when);
        for condition in steps.chain(matters).chain(questions).chain(rules) {
            condition.each_atom(&mut |question, _| {
                used.insert(question);
            });
        }
    }
    for (at, question) in new.symbols.questions.iter().enumerate() {
        if used.contains(&QuestionIx::at(at)) {
            continue;
        }
        let name = question.key.as_str();
        cx.report(
            Diagnostic::new(
                Code::UnusedQuestion,
                question.key.span,
                both!(
                    "问题 `{name}` 的回答不影响任何环节",
                    "the answer to `{name}` changes nothing",
                ),
            )
            .field(format!("questions.{name}"))
            .why(both!(
                "每多问一个问题，申请人就多一份负担",
                "each question is a burden on the applicant",
            ))
            .help(both!(
                "删除它，或者在 `when` 中使用",
                "remove it, or use it in a `when`",
            )),
        );
    }
}

#[cfg(test)]
mod tests;
