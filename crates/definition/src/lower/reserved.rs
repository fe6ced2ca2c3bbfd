//! Names that are kept, and keys that are understood but not carried out yet.

use std::collections::HashSet;

use onething_model::{RoleKey, StepKey, Text};

use super::symbols::Symbols;
use super::way::StepSpec;
use super::{Cx, EVENT, Index, STEP};
use crate::diagnostic::{Code, Diagnostic, both};
use crate::source::Span;
use crate::syntax::service::ServiceFile;
use crate::syntax::step::StepDef;
use crate::yaml::read::Spanned;

/// Reports a key that is understood but not carried out.
pub(crate) fn not_yet(cx: &mut Cx<'_>, code: Code, span: Span, field: &str, key: &str) {
    let (zh, en) = if code == Code::NotCarriedOut {
        (
            "没有它，办理结果就与写的不同",
            "without it, the service would do something else than written",
        )
    } else {
        (
            "没有它，办理照常进行",
            "without it, the service still does the rest",
        )
    };
    cx.report(
        Diagnostic::new(
            code,
            span,
            both!(
                "本版本读得懂 `{key}`，但还不能执行",
                "this version understands `{key}`, but does not carry it out",
            ),
        )
        .field(field)
        .why(Text::new(zh, en))
        .help(if code == Code::NotCarriedOut {
            both!(
                "暂时删除 `{key}`，用普通的环节代替",
                "leave `{key}` out for now, and write plain steps",
            )
        } else {
            both!("可以保留", "it may stay")
        }),
    );
}

/// Names that the compiler gives to what it derives.
pub(crate) fn reserved_names(cx: &mut Cx<'_>, steps: &[StepSpec]) {
    for step in steps {
        let name = step.key.as_str();
        let taken = matches!(name, "apply" | "accept")
            || ["apply-", "accept-", "look-up-", "ask-"]
                .iter()
                .any(|prefix| name.starts_with(prefix));
        if taken {
            cx.report(
                Diagnostic::new(
                    Code::ReservedName,
                    step.key.span,
                    both!(
                        "环节不能叫 `{name}`：这个名称留给自动产生的环节",
                        "a step cannot be called `{name}`: the name is kept for derived nodes",
                    ),
                )
                .field(format!("steps.{name}"))
                .help(both!(
                    "换一个名称，不以 `apply`、`accept`、`look-up-`、`ask-` 开头",
                    "choose a name that does not begin with `apply`, `accept`, `look-up-` or `ask-`",
                )),
            );
        }
    }
}

pub(crate) fn known_step(cx: &mut Cx<'_>, file: &ServiceFile, key: &Spanned<StepKey>, field: &str) {
    let names: HashSet<&str> = file
        .steps
        .iter()
        .flat_map(|steps| &steps.entries)
        .map(|(key, _)| key.as_str())
        .collect();
    if !names.contains(key.as_str()) {
        let names = file
            .steps
            .iter()
            .flat_map(|steps| &steps.entries)
            .map(|(key, _)| key.as_str());
        cx.unknown(STEP, key.span, field, key.as_str(), names);
    }
}

/// Keys that are understood but not carried out: their names are checked all the same.
pub(crate) fn reserved_keys(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'_>,
    file: &ServiceFile,
    key: &Spanned<StepKey>,
    def: &StepDef,
) {
    let field = format!("steps.{}", key.as_str());
    for other in def.separate_from.iter().flat_map(|list| &list.value) {
        known_step(cx, file, other, &format!("{field}.separate_from"));
    }
    if let Some(undo) = &def.undo {
        not_yet(cx, Code::CarriedOutInPart, undo.span, &field, "undo");
        known_step(cx, file, undo, &format!("{field}.undo"));
    }
    if let Some(corrections) = &def.corrections {
        not_yet(
            cx,
            Code::CarriedOutInPart,
            corrections.span,
            &field,
            "corrections",
        );
    }
    if let Some(special) = &def.special {
        not_yet(cx, Code::CarriedOutInPart, special.span, &field, "special");
    }
    if let Some(silence) = &def.silence {
        not_yet(cx, Code::NotCarriedOut, silence.span, &field, "silence");
    }
    if let Some(skip) = &def.skip_if {
        not_yet(cx, Code::NotCarriedOut, skip.span, &field, "skip_if");
    }
    if let Some(role) = &def.for_each {
        not_yet(cx, Code::NotCarriedOut, role.span, &field, "for_each");
        for_each(cx, symbols, role, &field);
    }
    if let Some(join) = &def.n_of {
        not_yet(cx, Code::NotCarriedOut, join.span, &field, "n_of");
        for step in join.steps.iter().flat_map(|list| &list.value) {
            known_step(cx, file, step, &format!("{field}.n_of"));
        }
    }
    if let Some(steps) = &def.knock_out {
        not_yet(cx, Code::NotCarriedOut, steps.span, &field, "knock_out");
        for step in &steps.value {
            known_step(cx, file, step, &format!("{field}.knock_out"));
        }
    }
    if let Some(child) = &def.child {
        not_yet(cx, Code::NotCarriedOut, child.span, &field, "child");
    }
    if let Some(event) = &def.awaits {
        let mut names = Index::default();
        let events = || file.events.iter().flat_map(|events| &events.entries);
        for (at, (name, _)) in events().enumerate() {
            names.insert(name.as_str(), at);
        }
        if names.get(event.as_str()).is_none() {
            let known = events().map(|(name, _)| name.as_str());
            cx.unknown(EVENT, event.span, &field, event.as_str(), known);
        } else {
            not_yet(cx, Code::NotCarriedOut, event.span, &field, "awaits");
        }
    }
}

fn for_each(cx: &mut Cx<'_>, symbols: &Symbols<'_>, role: &Spanned<RoleKey>, field: &str) {
    let Some(at) = symbols.role(cx, role.as_str(), role.span, field) else {
        return;
    };
    let entry = &symbols.roles[at];
    if !entry.many {
        let name = role.as_str();
        cx.report(
            Diagnostic::new(
                Code::WrongType,
                role.span,
                both!(
                    "角色 `{name}` 只有一个，不能逐个办理",
                    "there is only one `{name}`, so nothing is done for each",
                ),
            )
            .field(field)
            .related(entry.key.span, both!("角色在这里", "the role is here"))
            .help(both!(
                "把角色写成 `{name}: {{ contract: …, many: yes }}`",
                "write the role as `{name}: {{ contract: …, many: yes }}`",
            )),
        );
    }
}
