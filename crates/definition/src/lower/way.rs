//! The steps and submissions of one way of handling a service, before order is known.

use std::collections::HashSet;

use onething_model::{Limit, Micros, RoleKey, StepKey, Text};
use onething_plan::{Cond, Delivery, DeliveryChannel, Handled, Limits, Retry, RoleIx, Way};

use super::symbols::{Symbols, limits};
use super::{Cx, EVENT, Index, STEP, WINDOW, titled};
use crate::diagnostic::{Code, Diagnostic, both};
use crate::source::Span;
use crate::syntax::service::ServiceFile;
use crate::syntax::step::{
    AcceptedBy, By, DeliverBy, DeliveryDef, IntakeDef, Reads, RetryDef, StepDef, Writes,
};
use crate::yaml::read::Spanned;

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

/// A stated order.
#[derive(Debug, Clone)]
pub(crate) struct AfterSpec {
    pub(crate) step: Spanned<StepKey>,
    pub(crate) because: Text,
}

/// A step.
#[derive(Debug, Clone)]
pub(crate) struct StepSpec {
    pub(crate) key: Spanned<StepKey>,
    pub(crate) title: Text,
    pub(crate) matter: Option<usize>,
    /// A matter is written, but there is none of this name.
    pub(crate) matter_unknown: bool,
    pub(crate) department: Option<usize>,
    pub(crate) by: By,
    pub(crate) when: Cond,
    pub(crate) reads: Vec<ReadSpec>,
    pub(crate) writes: Vec<WriteSpec>,
    pub(crate) after: Vec<AfterSpec>,
    pub(crate) limit: Limits,
    pub(crate) retry: Retry,
    pub(crate) visits: u32,
    pub(crate) attended: bool,
}

/// Acceptance of an application (受理).
#[derive(Debug, Clone)]
pub(crate) struct AcceptSpec {
    pub(crate) key: StepKey,
    pub(crate) title: Text,
    pub(crate) by: By,
    pub(crate) department: Option<usize>,
    pub(crate) limit: Limits,
}

/// An application and the part of the case it starts.
#[derive(Debug, Clone)]
pub(crate) struct ScopeSpec {
    pub(crate) key: StepKey,
    pub(crate) title: Text,
    pub(crate) span: Span,
    /// The matter, where each has its own application.
    pub(crate) matter: Option<usize>,
    pub(crate) asks: Vec<ReadSpec>,
    pub(crate) visits: u32,
    pub(crate) accept: Option<AcceptSpec>,
    pub(crate) when: Cond,
    /// Why this application comes after the one before it, where it does.
    pub(crate) because: Option<Text>,
    /// What distinguishes the names of this scope's derived nodes.
    pub(crate) suffix: String,
}

/// Which registries can be asked.
#[derive(Debug, Clone)]
pub(crate) enum Fetched {
    All,
    None,
    Only(Vec<String>),
}

impl Fetched {
    pub(crate) fn allows(&self, registry: &str) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Only(list) => list.iter().any(|name| name == registry),
        }
    }
}

/// One way of handling a service.
#[derive(Debug, Clone)]
pub(crate) struct WaySpec {
    pub(crate) way: Way,
    pub(crate) handled: Handled,
    pub(crate) scopes: Vec<ScopeSpec>,
    pub(crate) steps: Vec<StepSpec>,
    /// The scope of each step.
    pub(crate) scope_of: Vec<usize>,
    pub(crate) fetched: Fetched,
    pub(crate) deliveries: Vec<(Delivery, Span)>,
}

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

/// The new way.
pub(crate) fn new_way(cx: &mut Cx<'_>, symbols: &Symbols<'_>, file: &ServiceFile) -> WaySpec {
    let mut steps = Vec::new();
    for (key, def) in file.steps.iter().flat_map(|steps| &steps.entries) {
        let default = StepDef::default();
        let whole = def.as_ref().unwrap_or(&default);
        if def.is_some() {
            required(cx, key, whole);
        }
        steps.push(step(cx, symbols, key, whole));
    }
    for (key, def) in file.steps.iter().flat_map(|steps| &steps.entries) {
        if let Some(def) = def {
            reserved_keys(cx, symbols, file, key, def);
        }
    }
    for (name, inspection) in file.joint_inspections.iter().flat_map(|all| all.iter()) {
        let field = format!("joint_inspections.{}", name.as_str());
        not_yet(
            cx,
            Code::CarriedOutInPart,
            name.span,
            &field,
            "joint_inspections",
        );
        for key in inspection.steps.iter().flat_map(|list| &list.value) {
            known_step(cx, file, key, &field);
        }
    }
    for (name, event) in file.events.iter().flat_map(|all| all.iter()) {
        let field = format!("events.{}", name.as_str());
        not_yet(cx, Code::NotCarriedOut, name.span, &field, "events");
        event.writes.iter().for_each(|writes| {
            write_specs(cx, symbols, &writes.value, &field);
        });
        event.from.iter().for_each(|from| {
            symbols.tree.department(cx, from, &field);
        });
    }
    let default = IntakeDef::default();
    let intake = file
        .intake
        .as_ref()
        .map_or(&default, |intake| &intake.value);
    let span = file
        .intake
        .as_ref()
        .map(|intake| intake.span)
        .or(file.service.as_ref().map(|service| service.span));
    let scope = span.and_then(|span| {
        scope(
            cx,
            symbols,
            &[intake],
            None,
            "",
            span,
            ("intake", Cond::Always),
        )
    });
    let scope_of = vec![0; steps.len()];
    reserved_names(cx, &steps);
    WaySpec {
        way: Way::New,
        handled: Handled::Together,
        scopes: scope.into_iter().collect(),
        scope_of,
        steps,
        fetched: Fetched::All,
        deliveries: deliveries(cx, symbols, file.delivers.as_ref()),
    }
}

pub(crate) fn required(cx: &mut Cx<'_>, key: &Spanned<StepKey>, def: &StepDef) {
    let name = key.as_str();
    for (there, missing) in [(def.title.is_some(), "title"), (def.by.is_some(), "by")] {
        if !there {
            cx.report(
                Diagnostic::new(
                    Code::MissingKey,
                    key.span,
                    both!(
                        "环节 `{name}` 缺少必填的键 `{missing}`",
                        "the step `{name}` lacks the key `{missing}`",
                    ),
                )
                .field(format!("steps.{name}"))
                .help(both!("补上 `{missing}: …`", "add `{missing}: …`")),
            );
        }
    }
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

/// The meaning of a step.
pub(crate) fn step(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'_>,
    key: &Spanned<StepKey>,
    def: &StepDef,
) -> StepSpec {
    let field = format!("steps.{}", key.as_str());
    let at = |key: &str| format!("{field}.{key}");
    let matter = def
        .matter
        .as_ref()
        .and_then(|matter| symbols.matter(cx, matter, &at("matter")));
    let by = def.by.map_or(By::System, |by| by.value);
    let stated = def
        .department
        .as_ref()
        .map(|key| symbols.tree.department(cx, key, &at("department")));
    let of_matter = matter.and_then(|matter| symbols.matters[matter].department);
    let department = match (stated, by) {
        (Some(department), _) => department,
        // What applicants do themselves is nobody's work.
        (None, By::Applicant) => None,
        (None, By::System | By::Officer | By::Outside) => of_matter,
    };
    let nobody = stated.is_none() && def.matter.is_none() && by != By::Applicant;
    if nobody && def.by.is_some() {
        let name = key.as_str();
        cx.report(
            Diagnostic::new(
                Code::NoDepartment,
                key.span,
                both!(
                    "环节 `{name}` 没有写明由哪个部门办理",
                    "nothing says which department does the step `{name}`",
                ),
            )
            .field(&field)
            .help(both!(
                "补上 `matter: …` 或 `department: …`",
                "add `matter: …` or `department: …`",
            )),
        );
    }
    let own = symbols.condition(cx, def.when.as_ref(), &at("when"));
    let when = match matter {
        Some(matter) => symbols.matters[matter].when.clone().and(own),
        None => own,
    };
    StepSpec {
        key: key.clone(),
        title: def
            .title
            .as_ref()
            .map_or_else(|| titled(key.as_str()), |title| title.value.clone()),
        matter,
        matter_unknown: def.matter.is_some() && matter.is_none(),
        department,
        by,
        when,
        reads: def
            .reads
            .as_ref()
            .map(|reads| read_specs(cx, symbols, &reads.value, &at("reads")))
            .unwrap_or_default(),
        writes: def
            .writes
            .as_ref()
            .map(|writes| write_specs(cx, symbols, &writes.value, &at("writes")))
            .unwrap_or_default(),
        after: after_specs(cx, def, &field),
        limit: limits(cx, def.limit.as_ref(), &at("limit")),
        retry: retry(cx, def.retry.as_ref(), &at("retry")),
        visits: def.visits.map_or(0, |visits| visits.value.get()),
        attended: def.attended.is_some_and(|attended| attended.value),
    }
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

fn repeated(cx: &mut Cx<'_>, name: &str, span: Span, first: Span, path: &str) {
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

fn after_specs(cx: &mut Cx<'_>, def: &StepDef, field: &str) -> Vec<AfterSpec> {
    let mut specs = Vec::new();
    for item in def.after.iter().flat_map(|after| &after.value.0) {
        let Some(step) = &item.step else { continue };
        let because = item.because.as_ref().or(def.because.as_ref());
        match because {
            Some(because) => specs.push(AfterSpec {
                step: step.clone(),
                because: because.value.clone(),
            }),
            None => {
                let name = step.as_str();
                cx.report(
                    Diagnostic::new(
                        Code::OrderWithoutReason,
                        step.span,
                        both!(
                            "没有写明为什么必须在 `{name}` 之后",
                            "nothing says why it has to come after `{name}`",
                        ),
                    )
                    .field(format!("{field}.after"))
                    .why(both!(
                        "先后顺序由数据决定；只有法律要求的顺序才另外写明",
                        "order follows from data; only an order that the law demands is written, with the law",
                    ))
                    .help(both!(
                        "补上 `because: 法规名称 第…条`；如果没有依据，就删除 `after`",
                        "add `because:` with the law; without one, remove `after`",
                    )),
                );
            }
        }
    }
    specs
}

fn retry(cx: &mut Cx<'_>, def: Option<&Spanned<RetryDef>>, field: &str) -> Retry {
    let mut retry = Retry::default();
    let Some(def) = def else { return retry };
    let clock = |cx: &mut Cx<'_>, limit: Option<Spanned<Limit>>, default: Micros| {
        let Some(limit) = limit else { return default };
        match limit.value {
            Limit::Clock(span) if span > Micros(0) => span,
            Limit::Clock(_) | Limit::WorkingDays { .. } | Limit::CalendarDays { .. } => {
                cx.report(
                    Diagnostic::new(
                        Code::BadDuration,
                        limit.span,
                        both!(
                            "重试的间隔要用 `h`、`min` 或 `s`，且大于零",
                            "the wait between attempts is in `h`, `min` or `s`, and more than nothing",
                        ),
                    )
                    .field(field)
                    .help(both!("写成如 `10s`", "write it as in `10s`")),
                );
                default
            }
        }
    };
    if let Some(attempts) = def.attempts {
        retry.attempts = attempts.value.get().max(1);
    }
    retry.backoff = clock(cx, def.backoff, retry.backoff);
    retry.at_most = clock(cx, def.at_most, retry.at_most).max(retry.backoff);
    retry
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
        if found.is_none() && symbols.tree.departments_known {
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
        asks,
        visits: first!(visits).map_or(0, |visits| visits.value.get()),
        accept,
        when,
        because: None,
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

fn known_step(cx: &mut Cx<'_>, file: &ServiceFile, key: &Spanned<StepKey>, field: &str) {
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
fn reserved_keys(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'_>,
    file: &ServiceFile,
    key: &Spanned<StepKey>,
    def: &StepDef,
) {
    let field = format!("steps.{}", key.as_str());
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
