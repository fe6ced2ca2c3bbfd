//! What the applicant is asked for although a registry holds it, because the
//! definition leaves the registry out.

use std::collections::{BTreeMap, BTreeSet};

use onething_model::{FieldPath, Text};
use onething_plan::{Actor, FieldIx, Holder, Outline, Plan, StepIx};

use crate::diagnostic::{Code, Diagnostic, both};
use crate::lower::Cx;
use crate::lower::way::WaySpec;

/// Registries that are left out without a reason, and what they hold of what the
/// applicant is asked for; collected over scenarios.
#[derive(Debug, Default)]
pub(crate) struct LeftOut<'a> {
    of: BTreeMap<&'a str, (&'a Holder, BTreeSet<&'a FieldPath>)>,
}

/// Whether a registry is left out without a reason.
pub(crate) fn is_open(way: &WaySpec, holder: &Holder) -> bool {
    holder.why_not.is_none() && !way.fetched.allows(holder.registry.as_str())
}

impl<'a> LeftOut<'a> {
    /// Adds what the forms of a scenario ask.
    pub(crate) fn see(&mut self, way: &WaySpec, plan: &'a Plan, outline: &Outline) {
        let forms = plan
            .applications()
            .flat_map(|application| outline.form(application));
        for asked in forms {
            let field = plan.field(asked.field);
            for holder in &field.holders {
                if is_open(way, holder) {
                    let (_, fields) = self
                        .of
                        .entry(holder.registry.as_str())
                        .or_insert_with(|| (holder, BTreeSet::new()));
                    fields.insert(&field.path);
                }
            }
        }
    }

    /// Reports them, one diagnostic for each registry.
    pub(crate) fn report(self, cx: &mut Cx<'_>, way: &WaySpec) {
        let Some(span) = way.fetched_at else {
            return;
        };
        for (registry, (holder, fields)) in self.of {
            let list: Vec<String> = fields.iter().map(|path| format!("`{path}`")).collect();
            let list = list.join(", ");
            let (zh, en) = (holder.title.zh(), holder.title.en());
            let (whose_zh, whose_en) = (holder.department.zh(), holder.department.en());
            cx.report(
                Diagnostic::new(
                    Code::LeftOut,
                    span,
                    both!(
                        "{whose_zh}的“{zh}”（`{registry}`）有 {list}，这里没有查询它，而要申请人填写",
                        "the registry “{en}” (`{registry}`) of {whose_en} holds {list}; it is left out here, and the applicant is asked",
                    ),
                )
                .field("fetched")
                .label(both!("在这里没有列入", "left out here"))
                .why(both!(
                    "数据库已有的数据不再要申请人提供；暂时不能查询的，要写明为什么",
                    "what a registry holds is not asked of the applicant; where it cannot be fetched yet, the definition says why",
                ))
                .help(both!(
                    "删除 `fetched`（默认查询全部数据库）；暂时不能查询时写 `fetched: {{ without: {{ {registry}: 理由 }} }}`",
                    "remove `fetched` (by default all are asked); where this one cannot be asked yet, write `fetched: {{ without: {{ {registry}: the reason }} }}`",
                )),
            );
        }
    }
}

/// Which part of which number a derived field is, in brackets.
pub(crate) fn follows_in_words(plan: &Plan, field: FieldIx) -> Text {
    let Some(derived) = plan.field(field).derived else {
        return Text::default();
    };
    let (part, standard) = (derived.by.part(), derived.by.standard());
    let (zh, en) = (part.zh(), part.en());
    both!("（{zh}，{standard}）", " ({en}, {standard})")
}

/// Who provides something, as an officer knows it: the registry or the step, and
/// whose it is, with the name of it in the definition.
pub(crate) fn provider_in_words(plan: &Plan, step: StepIx) -> Text {
    let item = plan.step(step);
    let whose = item
        .department
        .map(|at| plan.department(at).title.clone())
        .unwrap_or_default();
    let (whose_zh, whose_en) = (whose.zh(), whose.en());
    let (zh, en, name) = match &item.actor {
        Actor::LookUp(look_up) => (
            look_up.title.zh(),
            look_up.title.en(),
            look_up.registry.as_str(),
        ),
        Actor::Submission(_)
        | Actor::System
        | Actor::Officer
        | Actor::Applicant
        | Actor::Outside => (item.title.zh(), item.title.en(), item.key.as_str()),
    };
    match (&item.actor, whose.zh().is_empty()) {
        (_, true) => both!("“{zh}”（`{name}`）", "“{en}” (`{name}`)"),
        (Actor::LookUp(_), false) => both!(
            "{whose_zh}的“{zh}”（`{name}`）",
            "the registry “{en}” (`{name}`) of {whose_en}",
        ),
        (_, false) => both!(
            "{whose_zh}办理的环节“{zh}”（`{name}`）",
            "the step “{en}” (`{name}`) of {whose_en}",
        ),
    }
}
