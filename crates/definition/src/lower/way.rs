//! The steps of one way of handling a service, before order is known.

use onething_model::{Limit, MatterKey, Micros, RegistryKey, StepKey, Text};
use onething_plan::{Cond, Delivery, Handled, Limits, Retry, Way};

use super::intake::{ScopeSpec, deliveries, scope};
use super::limits::limits;
use super::reads::{ReadSpec, WriteSpec, read_specs, repeated, write_specs};
use super::reserved::{known_step, not_yet, reserved_keys, reserved_names};
use super::symbols::Symbols;
use super::{Cx, REGISTRY, titled};
use crate::diagnostic::{Code, Diagnostic, both};
use crate::source::Span;
use crate::syntax::before::FetchedDef;
use crate::syntax::service::ServiceFile;
use crate::syntax::step::{By, IntakeDef, PurposeDef, RetryDef, SpecialKind, StepDef};
use crate::yaml::read::Spanned;

/// A stated order.
#[derive(Debug, Clone)]
pub(crate) struct AfterSpec {
    pub(crate) step: Spanned<StepKey>,
    pub(crate) because: Text,
    pub(crate) basis: Option<String>,
    /// Whether a law demands it, rather than habit.
    pub(crate) law: bool,
}

/// Why something is as it is written, or where that is published.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Reason {
    pub(crate) because: Option<Text>,
    pub(crate) source: Option<String>,
}

impl Reason {
    pub(crate) fn of(because: Option<&Spanned<Text>>, source: Option<&Spanned<String>>) -> Self {
        Self {
            because: because.map(|because| because.value.clone()),
            source: source.map(|source| source.value.clone()),
        }
    }
}

/// Bounded rounds of correction inside a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CorrectionsSpec {
    pub(crate) rounds: u32,
    pub(crate) within: Limit,
}

/// A special procedure of a step.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SpecialSpec {
    pub(crate) kind: SpecialKind,
    pub(crate) at_most: Limit,
    pub(crate) basis: String,
}

/// One visit on site that serves several steps.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct InspectionSpec {
    pub(crate) name: String,
    pub(crate) title: Text,
    pub(crate) steps: Vec<StepKey>,
    pub(crate) applicant_attends: Option<bool>,
}

/// What a way says about itself beside the facts: why it was so, and where that is published.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReasonsSpec {
    pub(crate) source: Option<String>,
    pub(crate) walk: Option<Text>,
    pub(crate) matters: Vec<(MatterKey, Reason)>,
    pub(crate) steps: Vec<(StepKey, Reason)>,
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
    /// Its own condition, without that of its matter.
    pub(crate) own_when: Cond,
    /// Where its own condition is written.
    pub(crate) when_span: Option<Span>,
    pub(crate) when: Cond,
    pub(crate) reads: Vec<ReadSpec>,
    /// What it reads for, where it says so.
    pub(crate) purposes: Vec<Spanned<String>>,
    pub(crate) writes: Vec<WriteSpec>,
    pub(crate) after: Vec<AfterSpec>,
    pub(crate) limit: Limits,
    pub(crate) retry: Retry,
    pub(crate) visits: u32,
    pub(crate) attended: bool,
    pub(crate) legal_effect: Option<bool>,
    pub(crate) separate_from: Vec<Spanned<StepKey>>,
    pub(crate) undo: Option<Spanned<StepKey>>,
    pub(crate) corrections: Option<CorrectionsSpec>,
    pub(crate) special: Option<SpecialSpec>,
    pub(crate) reason: Reason,
}

/// Which registries can be asked.
#[derive(Debug, Clone)]
pub(crate) enum Fetched {
    All,
    None,
    Only(Vec<String>),
    /// All but these, each with the reason.
    Without(Vec<(String, Text)>),
}

impl Fetched {
    pub(crate) fn allows(&self, registry: &str) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Only(list) => list.iter().any(|name| name == registry),
            Self::Without(list) => list.iter().all(|(name, _)| name != registry),
        }
    }

    /// Why a registry is not asked, where that is stated.
    pub(crate) fn why_not(&self, registry: &str) -> Option<&Text> {
        let Self::Without(list) = self else {
            return None;
        };
        let found = list.iter().find(|(name, _)| name == registry);
        found.map(|(_, because)| because)
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
    /// Where it says which registries are asked.
    pub(crate) fetched_at: Option<Span>,
    pub(crate) deliveries: Vec<(Delivery, Span)>,
    pub(crate) joint_inspections: Vec<InspectionSpec>,
    pub(crate) reasons: ReasonsSpec,
}

/// Which registries are asked; reports unknown ones.
pub(crate) fn fetched(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'_>,
    written: Option<&Spanned<FetchedDef>>,
    default: Fetched,
) -> Fetched {
    let known = symbols.registries();
    let mut named = |key: &Spanned<RegistryKey>, field: &str| {
        if !known.contains(&key.as_str()) {
            let names = known.iter().copied();
            cx.unknown(REGISTRY, key.span, field, key.as_str(), names);
        }
        key.as_str().to_owned()
    };
    match written.map(|fetched| &fetched.value) {
        Some(FetchedDef::Everything) => Fetched::All,
        Some(FetchedDef::Nothing) => Fetched::None,
        None => default,
        Some(FetchedDef::Only(list)) => {
            Fetched::Only(list.iter().map(|key| named(key, "fetched")).collect())
        }
        Some(FetchedDef::Without(list)) => Fetched::Without(
            list.iter()
                .map(|(key, because)| (named(key, "fetched.without"), because.clone()))
                .collect(),
        ),
    }
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
        fetched: fetched(cx, symbols, file.fetched.as_ref(), Fetched::All),
        fetched_at: file.fetched.as_ref().map(|fetched| fetched.span),
        deliveries: deliveries(cx, symbols, file.delivers.as_ref()),
        joint_inspections: inspections(file),
        reasons: ReasonsSpec::default(),
    }
}

fn inspections(file: &ServiceFile) -> Vec<InspectionSpec> {
    file.joint_inspections
        .iter()
        .flat_map(|all| all.iter())
        .map(|(name, def)| InspectionSpec {
            name: name.as_str().to_owned(),
            title: def
                .title
                .as_ref()
                .map_or_else(|| titled(name.as_str()), |title| title.value.clone()),
            steps: def
                .steps
                .iter()
                .flat_map(|list| &list.value)
                .map(|key| key.value.clone())
                .collect(),
            applicant_attends: def.applicant_attends.map(|attends| attends.value),
        })
        .collect()
}

pub(crate) fn required(cx: &mut Cx<'_>, key: &Spanned<StepKey>, def: &StepDef) {
    let name = key.as_str();
    for (there, missing) in [(def.title.is_some(), "title"), (def.by.is_some(), "by")] {
        // What is written and cannot be read was told where it is written.
        let path = format!("steps.{name}.{missing}");
        if !there && !cx.found.speaks_of(key.span.file, &path) {
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
    // What is written and cannot be read was told where it is written.
    let is_told = |cx: &Cx<'_>, what: &str| cx.found.speaks_of(key.span.file, &at(what));
    let matter_unknown = matter.is_none() && (def.matter.is_some() || is_told(cx, "matter"));
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
    let nobody = nobody && !matter_unknown && !is_told(cx, "department");
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
        Some(matter) => symbols.matters[matter].when.clone().and(own.clone()),
        None => own.clone(),
    };
    StepSpec {
        key: key.clone(),
        title: def
            .title
            .as_ref()
            .map_or_else(|| titled(key.as_str()), |title| title.value.clone()),
        matter,
        matter_unknown,
        department,
        by,
        own_when: own,
        when_span: def.when.as_ref().map(|when| when.span),
        when,
        reads: def
            .reads
            .as_ref()
            .map(|reads| read_specs(cx, symbols, &reads.value, &at("reads")))
            .unwrap_or_default(),
        purposes: purposes(cx, def.purpose.as_ref(), &at("purpose")),
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
        legal_effect: def.legal_effect.map(|effect| effect.value),
        separate_from: def
            .separate_from
            .as_ref()
            .map(|list| list.value.clone())
            .unwrap_or_default(),
        undo: def.undo.clone(),
        corrections: def.corrections.as_ref().and_then(|def| {
            Some(CorrectionsSpec {
                rounds: def.rounds?.value.get(),
                within: def.within?.value,
            })
        }),
        special: def.special.as_ref().and_then(|def| {
            Some(SpecialSpec {
                kind: def.kind?.value,
                at_most: def.at_most?.value,
                basis: def.basis.as_ref()?.value.clone(),
            })
        }),
        reason: Reason::of(
            // Beside an order without a reason it is that order's.
            def.because.as_ref().filter(|_| {
                let mut orders = def.after.iter().flat_map(|after| &after.value.0);
                orders.all(|order| order.because.is_some())
            }),
            def.source.as_ref(),
        ),
    }
}

/// What a step or an intake reads for; reports what is named twice.
pub(super) fn purposes(
    cx: &mut Cx<'_>,
    written: Option<&Spanned<PurposeDef>>,
    field: &str,
) -> Vec<Spanned<String>> {
    let mut purposes: Vec<Spanned<String>> = Vec::new();
    for purpose in written.iter().flat_map(|purpose| &purpose.value.0) {
        match purposes.iter().find(|known| known.value == purpose.value) {
            Some(first) => repeated(cx, &purpose.value, purpose.span, first.span, field),
            None => purposes.push(purpose.clone()),
        }
    }
    purposes
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
                basis: item.basis.as_ref().map(|basis| basis.value.clone()),
                law: true,
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
                        "补上 `because: 法规名称 第…条`；没有依据的，删除 `after`，在 `before.yaml` 中则写明是什么习惯：`because: 习惯`",
                        "add `because:` with the law; without one, remove `after`, or in `before.yaml` say what habit it is: `because: habit`",
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
