//! Grants: on which of them a step reads what is not public.
//!
//! Personal data is read for a stated purpose only, so every reading stands on
//! exactly one grant. Where a department has one on a field, that is it. Where it
//! has several, the step names what it reads for; a step that names it reads
//! nothing for anything else.

use onething_model::Text;
use onething_plan::{FieldIx, Outline, Plan, Sensitivity, StepIx};

use crate::diagnostic::{Code, Diagnostic, both, quoted};
use crate::graph::build::Built;
use crate::lower::Cx;
use crate::lower::intake::ScopeSpec;
use crate::lower::reads::{Datum, ReadSpec};
use crate::lower::symbols::Symbols;
use crate::lower::way::{StepSpec, WaySpec};
use crate::review::Reviewed;
use crate::source::Span;
use crate::yaml::read::Spanned;

/// What a reading stands on: grants by their position in the field's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    OnNone,
    On(usize),
    /// Nothing says which.
    OnSeveral(Vec<usize>),
}

/// The grant on which a department reads a field for these purposes; for no
/// stated purpose, its only one.
pub(crate) fn standing(
    symbols: &Symbols<'_>,
    department: Option<usize>,
    purposes: &[Spanned<String>],
    datum: Datum,
) -> Standing {
    let granted = granted(symbols, department, datum);
    let fits = |(at, purpose): (usize, &str)| {
        let named = purposes.iter().any(|named| named.value == purpose);
        (purposes.is_empty() || named).then_some(at)
    };
    let mut fitting: Vec<usize> = granted.into_iter().filter_map(fits).collect();
    match (fitting.pop(), fitting.is_empty()) {
        (None, _) => Standing::OnNone,
        (Some(only), true) => Standing::On(only),
        (Some(last), false) => {
            fitting.push(last);
            Standing::OnSeveral(fitting)
        }
    }
}

/// A department's grants on a field, with their purposes.
fn granted<'a>(
    symbols: &'a Symbols<'_>,
    department: Option<usize>,
    (role, field): Datum,
) -> Vec<(usize, &'a str)> {
    let contract = symbols.roles[role].contract;
    let (Some(contract), Some(department)) = (contract, department) else {
        return Vec::new();
    };
    let to = &symbols.tree.departments[department].key;
    let grants = symbols.tree.contracts[contract].fields[field].grants.iter();
    grants
        .enumerate()
        .filter(|(_, grant)| grant.to == *to)
        .map(|(at, grant)| (at, grant.purpose.as_str()))
        .collect()
}

/// Whose reading is looked at: a step, or the intake for whoever takes it in.
struct Reader<'a> {
    /// The key of the step; none for an intake.
    step: Option<&'a str>,
    /// Where in the file it stands.
    path: String,
    span: Span,
    department: usize,
    purposes: &'a [Spanned<String>],
    reads: &'a [ReadSpec],
}

impl<'a> Reader<'a> {
    fn of_step(step: &'a StepSpec) -> Option<Self> {
        Some(Self {
            step: Some(step.key.as_str()),
            path: format!("steps.{}", step.key.as_str()),
            span: step.key.span,
            department: step.department?,
            purposes: &step.purposes,
            reads: &step.reads,
        })
    }

    fn of_scope(scope: &'a ScopeSpec) -> Option<Self> {
        Some(Self {
            step: None,
            path: scope.path.clone(),
            span: scope.asks.first().map_or(scope.span, |ask| ask.span),
            department: scope.department?,
            purposes: &scope.purposes,
            reads: &scope.asks,
        })
    }

    /// What people call it in the middle of a sentence.
    fn name(&self) -> Text {
        match self.step {
            Some(key) => both!("环节 `{key}` ", "the step `{key}`"),
            None => Text::new("受理", "the intake"),
        }
    }

    /// The verb for what it does with fields.
    fn verb(&self) -> Text {
        match self.step {
            Some(_) => Text::new("读取", "reads"),
            None => Text::new("要求填写", "asks for"),
        }
    }

    /// The key in the file that names fields.
    fn fields_key(&self) -> String {
        let key = if self.step.is_some() { "reads" } else { "asks" };
        format!("{}.{key}", self.path)
    }
}

/// A department reads what is not public only on a grant, for a purpose that is
/// no guess. So it is with what an intake asks: whoever takes it in is shown it on one of
/// their grants. What they are not granted they are not shown; then it is asked for the
/// steps that read it, unless the intake names a purpose and they have a grant for another, or
/// none on anything that it asks.
pub(crate) fn check(cx: &mut Cx<'_>, symbols: &Symbols<'_>, way: &WaySpec) {
    let steps = way.steps.iter().filter_map(Reader::of_step);
    let scopes = way.scopes.iter().filter_map(Reader::of_scope);
    for reader in steps.chain(scopes) {
        let department = Some(reader.department);
        let mut several: Vec<(&ReadSpec, Vec<usize>)> = Vec::new();
        let mut reads = reader.reads.iter();
        let in_vain = !reader.purposes.is_empty()
            && reads.all(|read| granted(symbols, department, read.datum).is_empty());
        for read in reader.reads {
            let (role, field) = read.datum;
            let Some(contract) = symbols.roles[role].contract else {
                continue;
            };
            let item = &symbols.tree.contracts[contract].fields[field];
            if item.sensitivity == Sensitivity::Public {
                continue;
            }
            match standing(symbols, department, reader.purposes, read.datum) {
                Standing::On(_) => {}
                Standing::OnNone => {
                    let others = granted(symbols, department, read.datum);
                    if reader.step.is_some() || in_vain || !others.is_empty() {
                        no_grant(cx, symbols, &reader, read);
                    }
                }
                Standing::OnSeveral(which) => several.push((read, which)),
            }
        }
        if !several.is_empty() {
            purpose_open(cx, symbols, &reader, &several);
        }
    }
}

fn label(symbols: &Symbols<'_>, (role, field): Datum) -> String {
    let entry = &symbols.roles[role];
    let field = entry
        .contract
        .map(|at| symbols.tree.contracts[at].fields[field].key.as_str());
    format!("{}.{}", entry.key.as_str(), field.unwrap_or("?"))
}

fn no_grant(cx: &mut Cx<'_>, symbols: &Symbols<'_>, reader: &Reader<'_>, read: &ReadSpec) {
    let (role, field) = read.datum;
    let Some(contract) = symbols.roles[role].contract else {
        return;
    };
    let contract = &symbols.tree.contracts[contract];
    let name = label(symbols, read.datum);
    let to = symbols.tree.departments[reader.department].key.as_str();
    let field = contract.fields[field].key.as_str();
    let contract = contract.name.as_str();
    let (who, verb) = (reader.name(), reader.verb());
    let (who_zh, who_en, verb_zh, verb_en) = (who.zh(), who.en(), verb.zh(), verb.en());
    let purposes = quoted(reader.purposes.iter().map(|purpose| purpose.as_str()));
    let others = granted(symbols, Some(reader.department), read.datum);
    let others = quoted(others.into_iter().map(|(_, purpose)| purpose));
    let diagnostic = if reader.purposes.is_empty() {
        Diagnostic::new(
            Code::NoGrant,
            read.span,
            both!(
                "{who_zh}{verb_zh} `{name}`，但没有授权部门 `{to}` 读取",
                "{who_en} {verb_en} `{name}`, which `{to}` has no grant to read",
            ),
        )
    } else {
        let mut diagnostic = Diagnostic::new(
            Code::NoGrant,
            read.span,
            both!(
                "{who_zh}为用途 {purposes} {verb_zh} `{name}`，但没有授权部门 `{to}` 为此读取",
                "{who_en} {verb_en} `{name}` for {purposes}, for which `{to}` has no grant to read it"; purposes
            ),
        );
        if let Some(purpose) = reader.purposes.first() {
            let text = both!("用途写在这里", "the purpose is named here");
            diagnostic = diagnostic.related(purpose.span, text);
        }
        diagnostic
    };
    let diagnostic = diagnostic.field(reader.fields_key()).why(both!(
        "非公开的数据只能按授权、为写明的用途读取",
        "what is not public is read on a grant only, for a stated purpose",
    ));
    let (else_zh, else_en) = match reader.step {
        None if !reader.purposes.is_empty() => ("，或者去掉 `purpose`", ", or leave `purpose` out"),
        _ => ("，或者不读取它", ", or do without the field"),
    };
    cx.report(if others.en().is_empty() {
        diagnostic.help(both!(
            "在数据约定 `{contract}` 的 `grants` 中补上 `{{ to: {to}, fields: [{field}], purpose: …, basis: … }}`{else_zh}",
            "add `{{ to: {to}, fields: [{field}], purpose: …, basis: … }}` to the `grants` of the contract `{contract}`{else_en}",
        ))
    } else {
        diagnostic.help(both!(
            "该部门可为 {others} 读取它：如确为此用途，写进 `purpose`；否则在数据约定 `{contract}` 中补授权，或者不读取它",
            "the department may read it for {others}: name that as a `purpose` if it is one; else add a grant to the contract `{contract}`, or do without the field"; others
        ))
    });
}

fn purpose_open(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'_>,
    reader: &Reader<'_>,
    several: &[(&ReadSpec, Vec<usize>)],
) {
    let Some((first, _)) = several.first() else {
        return;
    };
    let department = reader.department;
    let mut choice: Vec<&str> = Vec::new();
    for (read, which) in several {
        for (at, purpose) in granted(symbols, Some(department), read.datum) {
            if which.contains(&at) && !choice.contains(&purpose) {
                choice.push(purpose);
            }
        }
    }
    let one = choice.first().copied().unwrap_or("…");
    let choice = quoted(choice.iter().copied());
    let names = several.iter();
    let names = quoted(names.map(|(read, _)| label(symbols, read.datum)));
    let to = symbols.tree.departments[department].key.as_str();
    let who = reader.name();
    let (who_zh, who_en) = (who.zh(), who.en());
    let (verb, path) = (reader.verb(), &reader.path);
    let (verb_zh, verb_en) = (verb.zh(), verb.en());
    let (here, or_zh, or_en) = match reader.step {
        Some(_) => ("read", "，或者拆成几个环节", ", or split the step"),
        None => ("asked", "", ""),
    };
    let named: Option<Span> = reader.purposes.first().map(|purpose| purpose.span);
    let mut diagnostic = Diagnostic::new(
        Code::PurposeOpen,
        named.unwrap_or(reader.span),
        if named.is_none() {
            both!(
                "{who_zh}没有写明读取用途，而部门 `{to}` 可为 {choice} 读取 {names}",
                "{who_en} does not say what it {verb_en} {names} for, and `{to}` may read it for {choice}"; choice, names
            )
        } else {
            both!(
                "{who_zh}写明的用途中有几个都可读取 {names}：{choice}",
                "several of the purposes that {who_en} names cover {names}: {choice}"; choice, names
            )
        },
    )
    .field(format!("{path}.purpose"))
    .why(both!(
        "每次读取都要记录唯一的用途和依据",
        "each reading is recorded with one purpose and one basis",
    ));
    if first.span != diagnostic.primary.span {
        diagnostic = diagnostic.related(first.span, both!("在这里{verb_zh}", "{here} here"));
    }
    diagnostic = diagnostic.help(if named.is_none() {
        both!(
            "在 `{path}` 中写明用途，例如 `purpose: {one}`",
            "name the purpose in `{path}`, such as `purpose: {one}`",
        )
    } else {
        both!("只保留其中一个用途{or_zh}", "keep one of them{or_en}",)
    });
    cx.report(diagnostic);
}

/// Personal data that an application asks for on its own account, and whether a step of the case
/// reads it.
pub(crate) fn asked_for_nobody(
    plan: &Plan,
    outline: &Outline,
    mut told: impl FnMut(StepIx, FieldIx, bool),
) {
    let asks: Vec<(StepIx, FieldIx)> = plan
        .applications()
        .filter(|application| outline.is_active(*application))
        .flat_map(|application| {
            let asked = outline.sources(application).iter();
            asked.map(move |(field, _)| (application, *field))
        })
        .filter(|(_, field)| plan.field(*field).sensitivity != Sensitivity::Public)
        .collect();
    if asks.is_empty() {
        return;
    }
    let read = outline.read_by_steps(plan);
    for (application, field) in asks {
        told(application, field, read[field.index()]);
    }
}

/// What is asked beyond what steps read is for whoever takes the application in, and
/// its grant says what for. `told` are answers for which no step reads it, where steps do for
/// others.
pub(crate) fn collected(
    cx: &mut Cx<'_>,
    way: &Reviewed<'_>,
    built: &Built,
    (application, field): (StepIx, FieldIx),
    told: Option<&Text>,
) {
    let plan = &built.plan;
    let node = &way.nodes.list[built.node_of[application.index()]];
    let key = plan.step(application).key.as_str();
    let mut scopes = way.spec.scopes.iter();
    let scope = scopes.find(|scope| scope.key.as_str() == key);
    let department = scope
        .and_then(|scope| scope.department)
        .map(|at| way.symbols.tree.departments[at].key.as_str());
    let item = plan.field(field);
    if let Some(to) = department
        && item.grants.iter().any(|grant| grant.to.as_str() == to)
    {
        return;
    }
    let at = plan.step(application).reads.iter();
    let span = at
        .zip(&node.reads)
        .find(|(read, _)| read.field == field)
        .map_or(node.span, |(_, read)| read.span);
    let (path, contract) = (&item.path, &item.contract);
    let (to, name) = (department.unwrap_or("…"), item.path.field.as_str());
    let message = match told {
        None => both!(
            "要申请人填写 `{path}`，但没有环节读取它，也没有写明受理部门要它做什么",
            "`{path}` is asked of the applicant, but no step reads it, and nothing says what the accepting department has it for",
        ),
        Some(told) => {
            let such = match told.en().is_empty() {
                true => Text::new("", ""),
                false => both!(
                    "（例如 {} 时）",
                    " (with {}, for instance)",
                    told.zh(),
                    told.en()
                ),
            };
            let (such_zh, such_en) = (such.zh(), such.en());
            both!(
                "要申请人填写 `{path}`，但在有的回答下没有环节读取它{such_zh}，也没有写明受理部门要它做什么",
                "`{path}` is asked of the applicant, but for some answers no step reads it{such_en}, and nothing says what the accepting department has it for",
            )
        }
    };
    cx.report(
        Diagnostic::new(Code::AskedForNobody, span, message)
            .field(scope.map_or_else(
                || "intake.asks".into(),
                |scope| format!("{}.asks", scope.path),
            ))
            .why(both!(
                "个人信息只能为写明的用途收集",
                "personal data is collected for a stated purpose only",
            ))
            .help(both!(
                "从 `asks` 中删除它；确有需要的，在数据约定 `{contract}` 中授权：`{{ to: {to}, fields: [{name}], purpose: …, basis: … }}`",
                "remove it from `asks`; where it is needed, say so in the contract `{contract}`: `{{ to: {to}, fields: [{name}], purpose: …, basis: … }}`",
            )),
    );
}
