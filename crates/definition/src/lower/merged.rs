//! Steps that were made of others: whose work they do.

use std::collections::BTreeSet;

use onething_model::StepKey;
use onething_plan::workload::{Part, Workload};

use super::Cx;
use super::subjects::Subjects;
use super::symbols::Symbols;
use crate::diagnostic::{Code, Diagnostic, both};
use crate::syntax::workload::WorkloadFile;
use crate::yaml::read::Spanned;

/// Which steps do the work of which, in the order in which they are written.
pub(super) fn merged(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'_>,
    subjects: &Subjects<'_>,
    file: &WorkloadFile,
    made: &Workload,
) -> Vec<(StepKey, Vec<Part>)> {
    let written = || file.merged.iter().flat_map(|named| named.iter());
    let whole: BTreeSet<&str> = written().map(|(key, _)| key.as_str()).collect();
    let mut merged = Vec::new();
    for (key, names) in written() {
        let field = format!("merged.{}", key.as_str());
        let mut seen = BTreeSet::new();
        let mut parts = Vec::new();
        for part in names {
            if !seen.insert(part.as_str()) {
                twice(cx, part, &field);
            } else if whole.contains(part.as_str()) {
                of_others(cx, part, &field);
            } else if known(cx, subjects, part, &field) {
                let matter = subjects.matters.get(part.as_str());
                parts.push(Part {
                    step: part.value.clone(),
                    matter: matter.map(|at| symbols.matters[*at].key.value.clone()),
                });
            }
        }
        if !known(cx, subjects, key, &field) {
            continue;
        }
        if made.states(&key.value) {
            not_used(cx, key, &field);
        } else if !parts.is_empty() {
            merged.push((key.value.clone(), parts));
        }
    }
    merged
}

fn not_used(cx: &mut Cx<'_>, key: &Spanned<StepKey>, field: &str) {
    let name = key.as_str();
    cx.report(
        Diagnostic::new(
            Code::NotNeeded,
            key.span,
            both!(
                "环节 `{name}` 有自己的用时，不再按所合并的环节计",
                "the step `{name}` has figures of its own; those of the steps it was made of do not count",
            ),
        )
        .field(field)
        .help(both!(
            "删除这一项，或者删除它自己的数字",
            "remove this entry, or its own figures",
        )),
    );
}

fn twice(cx: &mut Cx<'_>, part: &Spanned<StepKey>, field: &str) {
    let name = part.as_str();
    cx.report(
        Diagnostic::new(
            Code::Repeated,
            part.span,
            both!("`{name}` 重复", "`{name}` is here twice"),
        )
        .field(field)
        .why(both!(
            "一个环节的工作只做一次",
            "the work of a step is done once",
        ))
        .help(both!("删除其中一个", "remove one of them")),
    );
}

fn of_others(cx: &mut Cx<'_>, part: &Spanned<StepKey>, field: &str) {
    let name = part.as_str();
    cx.report(
        Diagnostic::new(
            Code::BadForm,
            part.span,
            both!(
                "`{name}` 本身就是合并而成的",
                "`{name}` was made of others itself",
            ),
        )
        .field(field)
        .help(both!(
            "改为列出 `{name}` 原来的各环节",
            "name the steps that `{name}` was made of instead",
        )),
    );
}

fn known(cx: &mut Cx<'_>, subjects: &Subjects<'_>, key: &Spanned<StepKey>, field: &str) -> bool {
    let known = subjects.steps.contains(key.as_str());
    if !known && subjects.whole {
        subjects.unknown_step(cx, key.span, field, key.as_str());
    }
    known
}
