//! What steps read and make: fields of roles, by number.

use super::Cx;
use super::symbols::Symbols;
use crate::diagnostic::{Code, Diagnostic, both};
use crate::source::Span;
use crate::syntax::step::{Reads, Writes};

/// A field of a role, by number.
pub(crate) type Datum = (usize, usize);

/// A read of a step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReadSpec {
    pub(crate) datum: Datum,
    pub(crate) optional: bool,
    pub(crate) span: Span,
}

/// A write of a step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WriteSpec {
    pub(crate) datum: Datum,
    pub(crate) span: Span,
}

/// The fields that are read.
pub(crate) fn read_specs(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'_>,
    reads: &Reads,
    path: &str,
) -> Vec<ReadSpec> {
    let mut specs: Vec<ReadSpec> = Vec::new();
    for (role, fields) in reads.iter() {
        let path = format!("{path}.{}", role.as_str());
        let Some(at) = symbols.role(cx, role.as_str(), role.span, &path) else {
            continue;
        };
        if fields.is_empty() {
            empty(cx, role.as_str(), role.span, &path);
        }
        for field in fields {
            let name = field.value.field.as_str();
            let Some(datum) = datum(cx, symbols, at, name, field.span, &path) else {
                continue;
            };
            if let Some(first) = specs.iter().find(|spec| spec.datum == datum) {
                repeated(cx, name, field.span, first.span, &path);
                continue;
            }
            specs.push(ReadSpec {
                datum,
                optional: field.value.optional,
                span: field.span,
            });
        }
    }
    specs
}

/// The fields that are made.
pub(crate) fn write_specs(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'_>,
    writes: &Writes,
    path: &str,
) -> Vec<WriteSpec> {
    let mut specs: Vec<WriteSpec> = Vec::new();
    for (role, fields) in writes.iter() {
        let path = format!("{path}.{}", role.as_str());
        let Some(at) = symbols.role(cx, role.as_str(), role.span, &path) else {
            continue;
        };
        if fields.is_empty() {
            empty(cx, role.as_str(), role.span, &path);
        }
        for field in fields {
            let name = field.value.as_str();
            let Some(datum) = datum(cx, symbols, at, name, field.span, &path) else {
                continue;
            };
            if let Some(first) = specs.iter().find(|spec| spec.datum == datum) {
                repeated(cx, name, field.span, first.span, &path);
                continue;
            }
            specs.push(WriteSpec {
                datum,
                span: field.span,
            });
        }
    }
    specs
}

/// Whoever names a role means some field of it.
fn empty(cx: &mut Cx<'_>, role: &str, span: Span, path: &str) {
    cx.report(
        Diagnostic::new(
            Code::Empty,
            span,
            both!("`{role}` 没有写字段", "no field of `{role}` is named"),
        )
        .field(path)
        .why(both!(
            "写了角色而没有字段，看不出是忘了写，还是不需要这个角色",
            "whether fields were forgotten or the role is not needed is left open",
        ))
        .help(both!(
            "写上字段，如 `{role}: [name]`，或者删除 `{role}`",
            "name the fields, as in `{role}: [name]`, or remove `{role}`",
        )),
    );
}

fn datum(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'_>,
    role: usize,
    name: &str,
    span: Span,
    path: &str,
) -> Option<Datum> {
    let contract = symbols.roles[role].contract?;
    let contract = &symbols.tree.contracts[contract];
    Some((role, contract.field(cx, name, span, path)?))
}

pub(crate) fn repeated(cx: &mut Cx<'_>, name: &str, span: Span, first: Span, path: &str) {
    cx.report(
        Diagnostic::new(
            Code::Repeated,
            span,
            both!("`{name}` 重复", "`{name}` is there twice"),
        )
        .field(path)
        .related(first, both!("第一次出现", "first here"))
        .help(both!("删除一个", "remove one of them")),
    );
}
