//! Both ends of a case: the application with its acceptance, and the deliveries.

use onething_model::{StepKey, Text};
use onething_plan::{Cond, Delivery, DeliveryChannel, Limits, RoleIx};

use super::limits::limits;
use super::reads::{ReadSpec, read_specs, repeated};
use super::symbols::Symbols;
use super::way::purposes;
use super::{Cx, WINDOW};
use crate::diagnostic::{Code, Diagnostic, both};
use crate::source::Span;
use crate::syntax::step::{AcceptedBy, By, DeliverBy, DeliveryDef, IntakeDef};
use crate::yaml::read::Spanned;

/// Acceptance of an application (受理).
#[derive(Debug, Clone)]
pub(crate) struct AcceptSpec {
    pub(crate) key: StepKey,
    pub(crate) title: Text,
    pub(crate) by: By,
    pub(crate) department: Option<usize>,
    pub(crate) limit: Limits,
}

/// An application comes after everything that another one started.
#[derive(Debug, Clone)]
pub(crate) struct ScopeAfter {
    pub(crate) scope: usize,
    pub(crate) because: Text,
}

/// An application and the part of the case it starts.
#[derive(Debug, Clone)]
pub(crate) struct ScopeSpec {
    pub(crate) key: StepKey,
    pub(crate) title: Text,
    pub(crate) span: Span,
    /// The matter, where each has its own application.
    pub(crate) matter: Option<usize>,
    /// The window, where one is stated.
    pub(crate) window: Option<String>,
    /// The department it is handed in to, where one is stated.
    pub(crate) stated: Option<usize>,
    /// Who takes it in.
    pub(crate) department: Option<usize>,
    pub(crate) asks: Vec<ReadSpec>,
    /// What whoever takes it in has that for, where it says so.
    pub(crate) purposes: Vec<Spanned<String>>,
    /// Where in the file the intake is described.
    pub(crate) path: String,
    pub(crate) visits: u32,
    pub(crate) accept: Option<AcceptSpec>,
    pub(crate) when: Cond,
    /// Applications whose part of the case ends before this one begins.
    pub(crate) after: Vec<ScopeAfter>,
    /// What distinguishes the names of this scope's derived nodes.
    pub(crate) suffix: String,
}

/// An application: from several intakes, of which the first that states something counts.
pub(crate) fn scope(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'_>,
    intakes: &[&IntakeDef],
    matter: Option<usize>,
    suffix: &str,
    span: Span,
    (field, when): (&str, Cond),
) -> Option<ScopeSpec> {
    macro_rules! first {
        ($key:ident) => {
            intakes.iter().find_map(|intake| intake.$key.as_ref())
        };
    }
    let name = |base: &str| -> Option<StepKey> {
        let name = format!("{base}{suffix}");
        name.parse().ok()
    };
    let (Some(apply), Some(accept_key)) = (name("apply"), name("accept")) else {
        cx.report(
            Diagnostic::new(
                Code::BadName,
                span,
                both!(
                    "名称 `apply{suffix}` 过长",
                    "the derived name `apply{suffix}` is too long",
                ),
            )
            .field(field)
            .help(both!("缩短事项的名称", "shorten the name of the matter")),
        );
        return None;
    };
    let window = first!(window).and_then(|window| {
        let found = symbols
            .tree
            .windows
            .iter()
            .find(|entry| entry.name == window.as_str());
        if found.is_none() && symbols.tree.windows_known {
            let names = symbols.tree.windows.iter().map(|entry| entry.name.as_str());
            cx.unknown(WINDOW, window.span, field, window.as_str(), names);
        }
        found
    });
    let stated = first!(department).map(|key| symbols.tree.department(cx, key, field));
    let owner = match matter {
        Some(matter) => symbols.matters[matter].department,
        None => symbols.owner,
    };
    let department = match stated {
        Some(department) => department,
        None => window.and_then(|window| window.department).or(owner),
    };
    let accept = first!(by).map(|by| AcceptSpec {
        key: accept_key,
        title: match matter {
            Some(matter) => {
                let title = &symbols.matters[matter].title;
                both!("受理{}", "Acceptance: {}", title.zh(), title.en())
            }
            None => Text::new("受理", "Acceptance"),
        },
        by: match by.value {
            AcceptedBy::Officer => By::Officer,
            AcceptedBy::System => By::System,
        },
        department,
        limit: limits(cx, first!(limit), &format!("{field}.limit")),
    });
    let mut asks: Vec<ReadSpec> = Vec::new();
    for intake in intakes {
        if let Some(reads) = &intake.asks {
            let more = read_specs(cx, symbols, &reads.value, &format!("{field}.asks"));
            for ask in more {
                if !asks.iter().any(|known| known.datum == ask.datum) {
                    asks.push(ask);
                }
            }
        }
    }
    let title = first!(title).map_or_else(
        || match matter {
            Some(matter) => {
                let title = &symbols.matters[matter].title;
                both!("申请{}", "Application: {}", title.zh(), title.en())
            }
            None => Text::new("申请", "Application"),
        },
        |title| title.value.clone(),
    );
    Some(ScopeSpec {
        key: apply,
        title,
        span,
        matter,
        window: first!(window).map(|window| window.as_str().to_owned()),
        stated: stated.flatten(),
        department,
        asks,
        purposes: purposes(cx, first!(purpose), &format!("{field}.purpose")),
        path: field.to_owned(),
        visits: first!(visits).map_or(0, |visits| visits.value.get()),
        accept,
        when,
        after: Vec::new(),
        suffix: suffix.to_owned(),
    })
}

/// What the applicant gets.
pub(crate) fn deliveries(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'_>,
    written: Option<&Spanned<Vec<Spanned<DeliveryDef>>>>,
) -> Vec<(Delivery, Span)> {
    let mut made: Vec<(Delivery, Span)> = Vec::new();
    for def in written.iter().flat_map(|list| &list.value) {
        let (Some(what), Some(by)) = (&def.what, &def.by) else {
            continue;
        };
        let field = format!("delivers.{}", what.as_str());
        let Some(role) = symbols.role(cx, what.as_str(), what.span, &field) else {
            continue;
        };
        if by.value.is_empty() {
            cx.report(
                Diagnostic::new(
                    Code::Empty,
                    by.span,
                    both!("没有送达方式", "there is no way of delivery"),
                )
                .field(&field)
                .help(both!(
                    "写成如 `by: [electronic]`",
                    "write it as in `by: [electronic]`",
                )),
            );
            continue;
        }
        let role_ix = RoleIx::at(role);
        if let Some((_, first)) = made.iter().find(|(other, _)| other.what == role_ix) {
            repeated(cx, what.as_str(), what.span, *first, "delivers");
            continue;
        }
        let channel = |by: &Spanned<DeliverBy>| match by.value {
            DeliverBy::Electronic => DeliveryChannel::Electronic,
            DeliverBy::Post => DeliveryChannel::Post,
            DeliverBy::Window => DeliveryChannel::Window,
        };
        made.push((
            Delivery {
                what: role_ix,
                by: by.value.iter().map(channel).collect(),
            },
            what.span,
        ));
    }
    made
}
