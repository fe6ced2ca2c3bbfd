//! Answers for which nothing is done, matters that come to no result, and what the
//! applicant would have to say in an officer's place.

use std::collections::{BTreeMap, BTreeSet};

use onething_model::Text;
use onething_plan::{Cond, Plan};

use super::walk::{Example, Space, compared};
use super::words::Words;
use crate::diagnostic::{Code, Diagnostic, both};
use crate::graph::derive::NodeKind;
use crate::lower::Cx;
use crate::lower::reads::{Datum, ReadSpec};
use crate::lower::way::StepSpec;
use crate::review::{Reviewed, label};
use crate::syntax::step::By;

/// Fields that are told of one service: who mends these finds the rest alike.
const MAX_TOLD: usize = 20;

pub(super) fn review(
    cx: &mut Cx<'_>,
    way: &Reviewed<'_>,
    plan: &Plan,
    space: &mut Space<'_>,
    words: &Words<'_>,
) {
    nothing_to_do(cx, way, plan, space, words);
    without_result(cx, way, space, words);
    asked_of_nobody(cx, way, space, words);
}

/// The first answers for which all of `must` hold and none of `never`, in words, as far as these
/// go.
fn first(
    space: &mut Space<'_>,
    words: &Words<'_>,
    must: &[&Cond],
    never: &[&Cond],
) -> Option<Text> {
    let Example::Found(answers) = space.find(must, never) else {
        return None;
    };
    let conds = must.iter().chain(never);
    let about: BTreeSet<usize> = conds.flat_map(|cond| compared(cond)).collect();
    let about: Vec<usize> = about.into_iter().collect();
    Some(words.told(&answers, &about))
}

fn nothing_to_do(
    cx: &mut Cx<'_>,
    way: &Reviewed<'_>,
    plan: &Plan,
    space: &mut Space<'_>,
    words: &Words<'_>,
) {
    let steps = || way.spec.steps.iter().filter(|step| step.matter.is_some());
    if plan.questions.is_empty() || steps().any(|step| step.when == Cond::Always) {
        return;
    }
    let conds: Vec<&Cond> = distinct(steps().map(|step| &step.when));
    let Some(told) = first(space, words, &[], &conds) else {
        return;
    };
    let Some(matter) = way.symbols.matters.first() else {
        return;
    };
    cx.report(
        Diagnostic::new(
            Code::NothingToDo,
            matter.key.span,
            both!(
                "有的回答下没有任何事项要办：{}",
                "there are answers for which nothing is done: {}",
                told.zh(),
                told.en(),
            ),
        )
        .field("matters")
        .why(both!(
            "这样回答的人会填完表却无事可办，申请会被拒绝",
            "whoever answers so has nothing to apply for; the application is refused",
        ))
        .help(both!(
            "在 `impossible` 中写明不可能及其理由，或者去掉一个事项的 `when`",
            "rule the answers out under `impossible`, with the reason, or take the `when` from a matter",
        )),
    );
}

/// Conditions that are not the same, in order of appearance.
fn distinct<'a>(conds: impl Iterator<Item = &'a Cond>) -> Vec<&'a Cond> {
    let mut found: Vec<&Cond> = Vec::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for cond in conds {
        if seen.insert(format!("{cond:?}")) {
            found.push(cond);
        }
    }
    found
}

/// A matter that is chosen and delivers nothing of what it could.
fn without_result(cx: &mut Cx<'_>, way: &Reviewed<'_>, space: &mut Space<'_>, words: &Words<'_>) {
    let delivered: BTreeSet<usize> = way
        .spec
        .deliveries
        .iter()
        .map(|(delivery, _)| delivery.what.index())
        .collect();
    let mut makers: BTreeMap<usize, Vec<&StepSpec>> = BTreeMap::new();
    let mut results: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); way.symbols.matters.len()];
    for step in &way.spec.steps {
        let roles: BTreeSet<usize> = step.writes.iter().map(|write| write.datum.0).collect();
        for role in roles.intersection(&delivered) {
            makers.entry(*role).or_default().push(step);
            if let Some(matter) = step.matter {
                results[matter].insert(*role);
            }
        }
    }
    for (matter, roles) in way.symbols.matters.iter().zip(&results) {
        if roles.is_empty() {
            continue;
        }
        let steps = roles.iter().flat_map(|role| &makers[role]);
        let made = distinct(steps.map(|step| &step.when));
        if made
            .iter()
            .any(|cond| **cond == Cond::Always || **cond == matter.when)
        {
            continue;
        }
        let Some(told) = first(space, words, &[&matter.when], &made) else {
            continue;
        };
        let name = matter.key.as_str();
        let keys = roles
            .iter()
            .map(|role| way.symbols.roles[*role].key.as_str());
        let list: Vec<String> = keys.map(|key| format!("`{key}`")).collect();
        let (zh, en) = (list.join("、"), list.join(", "));
        cx.report(
            Diagnostic::new(
                Code::NoResult,
                matter.key.span,
                both!(
                    "办理事项 `{name}` 却不产生结果（{zh}）：{}",
                    "the matter `{name}` is part of the case, but its result ({en}) is not made: {}",
                    told.zh(),
                    told.en(),
                ),
            )
            .field(format!("matters.{name}"))
            .help(both!(
                "补上此时产生结果的环节，或者使事项的 `when` 与之一致",
                "add the step that makes it then, or let the `when` of the matter say the same",
            )),
        );
    }
}

/// A read of what only the reader's own matter makes, in a class where it does not: the
/// applicant would be asked for what an officer finds.
fn asked_of_nobody(cx: &mut Cx<'_>, way: &Reviewed<'_>, space: &mut Space<'_>, words: &Words<'_>) {
    let mut makers: BTreeMap<Datum, Vec<&StepSpec>> = BTreeMap::new();
    for step in &way.spec.steps {
        for write in &step.writes {
            makers.entry(write.datum).or_default().push(step);
        }
    }
    let mut told_of: BTreeSet<Datum> = BTreeSet::new();
    for step in &way.spec.steps {
        for read in &step.reads {
            if told_of.len() == MAX_TOLD {
                return;
            }
            if told_of.contains(&read.datum) {
                continue;
            }
            let Some(makers) = makers.get(&read.datum) else {
                continue;
            };
            // What a step makes is not there while it works: others have to make it before.
            let (itself, makers): (Vec<&StepSpec>, Vec<&StepSpec>) =
                makers.iter().partition(|maker| maker.key == step.key);
            let is_own = !itself.is_empty();
            if is_own && (is_asked(way, read.datum) || is_found_before(way, step, read.datum)) {
                continue;
            }
            if read.optional {
                if is_own {
                    told_of.insert(read.datum);
                    never_there(cx, way, step, read);
                }
                continue;
            }
            // What applicants state in a step of their own they can be asked for before; and so they
            // can for what they are said to give.
            let (role, field) = read.datum;
            let mut given = way.symbols.roles[role].given.iter();
            let states = |maker: &&StepSpec| maker.by == By::Applicant;
            let mut all = itself.iter().chain(&makers);
            if given.any(|(at, _)| *at == field) || all.any(states) {
                continue;
            }
            // What another matter makes the applicant may well have from an earlier case.
            let own = makers.iter().all(|maker| maker.matter == step.matter);
            let always = |maker: &&StepSpec| maker.when == Cond::Always || maker.when == step.when;
            if !own || step.matter.is_none() || makers.iter().any(always) {
                continue;
            }
            let made = distinct(makers.iter().map(|maker| &maker.when));
            let Some(told) = first(space, words, &[&step.when], &made) else {
                continue;
            };
            told_of.insert(read.datum);
            if is_own {
                made_by_itself(cx, way, (step, read), &told);
                continue;
            }
            let (name, field) = (step.key.as_str(), label(way.symbols, read.datum));
            let (role, short) = field.split_once('.').unwrap_or(("", &field));
            let list: Vec<String> = makers
                .iter()
                .map(|maker| format!("`{}`", maker.key.as_str()))
                .collect();
            let (zh, en) = (list.join("、"), list.join(", "));
            cx.report(
                Diagnostic::new(
                    Code::MadeByNobody,
                    read.span,
                    both!(
                        "环节 `{name}` 需要 `{field}`，但有的回答下没有环节产生它：{}",
                        "the step `{name}` needs `{field}`, which no step makes with {}",
                        told.zh(),
                        told.en(),
                    ),
                )
                .field(format!("steps.{name}.reads"))
                .related(
                    makers[0].key.span,
                    both!("只在这里产生：{zh}", "made by {en} only"),
                )
                .why(both!(
                    "此时会要申请人填写本应由该事项自己得出的内容",
                    "the applicant would be asked for what the matter itself finds out",
                ))
                .help(both!(
                    "写成 `\"{short}?\"`（没有也可以办），或者使两处 `when` 一致；此时确由申请人提供的，在 `roles` 中写 `{role}: {{ …, given: [{short}] }}`",
                    "write `\"{short}?\"` (it can do without), or let both `when` say the same; where it is the applicant who has it then, say so under `roles`: `{role}: {{ …, given: [{short}] }}`",
                )),
            );
        }
    }
}

/// Whether a form asks for it in the definition's own words.
fn is_asked(way: &Reviewed<'_>, datum: Datum) -> bool {
    let mut asks = way.spec.scopes.iter().flat_map(|scope| &scope.asks);
    asks.any(|ask| ask.datum == datum)
}

/// Whether a registry gives it before the step.
fn is_found_before(way: &Reviewed<'_>, step: &StepSpec, datum: Datum) -> bool {
    let Some(built) = way.built else {
        return false;
    };
    let nodes = built.node_of.iter().map(|node| &way.nodes.list[*node]);
    let mut before = nodes.take_while(|node| node.key != step.key.value);
    before.any(|node| {
        let mut writes = node.writes.iter();
        matches!(node.kind, NodeKind::LookUp { .. }) && writes.any(|write| write.datum == datum)
    })
}

/// A step that cannot do without what only it makes itself.
fn made_by_itself(
    cx: &mut Cx<'_>,
    way: &Reviewed<'_>,
    (step, read): (&StepSpec, &ReadSpec),
    told: &Text,
) {
    let (name, field) = (step.key.as_str(), label(way.symbols, read.datum));
    let (role, short) = field.split_once('.').unwrap_or(("", &field));
    // Where the answers make no difference there are none to name.
    let such = match told.en().is_empty() {
        true => Text::new("", ""),
        false => both!("（{} 时）", " (with {})", told.zh(), told.en()),
    };
    let (such_zh, such_en) = (such.zh(), such.en());
    cx.report(
        own_read(
            (step, read),
            both!(
                "环节 `{name}` 需要 `{field}`，但它要由这个环节自己产生{such_zh}",
                "the step `{name}` needs `{field}`, which that step itself makes{such_en}",
            ),
        )
        .why(both!(
            "在此之前没有环节产生它：会要申请人填写本应由该事项自己得出的内容，填的随后又被替换",
            "no step makes it before: the applicant would be asked for what the matter itself finds out, and the answer would be replaced",
        ))
        .help(both!(
            "从 `reads` 中删除它；确由申请人先填、本环节再核定的，在 `roles` 中写 `{role}: {{ …, given: [{short}] }}`",
            "remove it from `reads`; where the applicant gives it and the step amends it, say so under `roles`: `{role}: {{ …, given: [{short}] }}`",
        )),
    );
}

/// A step that could do without what only it makes itself, and always has to.
fn never_there(cx: &mut Cx<'_>, way: &Reviewed<'_>, step: &StepSpec, read: &ReadSpec) {
    let (name, field) = (step.key.as_str(), label(way.symbols, read.datum));
    let (role, short) = field.split_once('.').unwrap_or(("", &field));
    cx.report(
        own_read(
            (step, read),
            both!(
                "环节 `{name}` 读取 `{field}`，但它要由这个环节自己产生，读取时总是没有",
                "the step `{name}` reads `{field}`, which that step itself makes: it is never there",
            ),
        )
        .help(both!(
            "从 `reads` 中删除它；申请人可能有、由本环节再核定的，在 `intake` 中写 `asks: {{ {role}: [\"{short}?\"] }}`",
            "remove it from `reads`; where the applicant may have it and the step amends it, say so in `intake`: `asks: {{ {role}: [\"{short}?\"] }}`",
        )),
    );
}

fn own_read((step, read): (&StepSpec, &ReadSpec), message: Text) -> Diagnostic {
    let name = step.key.as_str();
    let mut writes = step.writes.iter();
    let made = writes.find(|write| write.datum == read.datum);
    Diagnostic::new(Code::MadeByNobody, read.span, message)
        .field(format!("steps.{name}.reads"))
        .related(
            made.map_or(step.key.span, |write| write.span),
            both!("在这里产生", "made here"),
        )
}
