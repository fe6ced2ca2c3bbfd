//! What the applicant is asked for although a registry holds it, because the
//! definition leaves the registry out.

use std::collections::{BTreeMap, BTreeSet};

use onething_model::{FieldPath, Text};
use onething_plan::{Actor, FieldIx, Holder, Outline, Plan, Sensitivity, StepIx, Way};

use crate::asked::written_and_held;
use crate::diagnostic::{Code, Diagnostic, both, quoted};
use crate::lower::Cx;
use crate::lower::symbols::Symbols;
use crate::lower::way::WaySpec;
use crate::own_steps::fields_of_own_steps;
use crate::stated_late::keys_stated_late;

/// Registries that are left out without a reason, and what they hold of what the
/// applicant is asked for; collected over scenarios. Where all are left out nothing is
/// derived either: what follows from something known, and is asked beside it, as well.
#[derive(Debug, Default)]
pub(crate) struct LeftOut<'a> {
    of: BTreeMap<&'a str, (&'a Holder, BTreeSet<&'a FieldPath>)>,
    following: BTreeSet<(&'a FieldPath, &'a FieldPath)>,
}

/// Whether a registry is left out without a reason.
pub(crate) fn is_open(way: &WaySpec, holder: &Holder) -> bool {
    holder.why_not.is_none() && !way.fetched.allows(holder.registry.as_str())
}

/// What would follow from what, if this way derived anything.
pub(crate) fn underived(
    symbols: &Symbols<'_>,
    way: &WaySpec,
    plan: &Plan,
) -> Vec<(FieldIx, FieldIx)> {
    if way.fetched.derives() {
        return Vec::new();
    }
    let source = |at: usize| {
        let field = &plan.fields[at];
        let role = field.role.index();
        let fields = &symbols.tree.contracts[symbols.roles[role].contract?].fields;
        let item = fields.iter().find(|item| item.key == field.path.field)?;
        let mut path = field.path.clone();
        path.field = fields[item.derived?.from].key.clone();
        Some((FieldIx::at(at), plan.find_field(&path)?))
    };
    (0..plan.fields.len()).filter_map(source).collect()
}

/// What has to be resolved for every class: where that comes from which applications
/// ask for beyond the reads of steps, and whether that is on a form which a registry
/// holds that is left out without a reason, or beside what it would follow from, or is asked by
/// a step of the applicant's, or would be given for what one states. Of the old way, which is exempt from once-only, what they ask of personal data.
pub(crate) fn part(spec: &WaySpec, plan: &Plan, underived: &[(FieldIx, FieldIx)]) -> Plan {
    if spec.way == Way::Old {
        let personal = |field: &FieldIx| plan.field(*field).sensitivity != Sensitivity::Public;
        return plan.about(asks(plan).filter(personal));
    }
    let fields = plan.fields.iter().enumerate();
    let held = fields.filter(|(_, field)| field.holders.iter().any(|one| is_open(spec, one)));
    let held = held.map(|(at, _)| FieldIx::at(at));
    let following = underived.iter().flat_map(|(field, from)| [*field, *from]);
    let written = written_and_held(plan).map(|(_, field)| field);
    let late = keys_stated_late(plan);
    plan.about(
        asks(plan)
            .chain(held)
            .chain(following)
            .chain(written)
            .chain(late)
            .chain(fields_of_own_steps(plan)),
    )
}

/// What applications ask for beyond the reads of steps.
pub(crate) fn asks(plan: &Plan) -> impl Iterator<Item = FieldIx> {
    let reads = plan
        .applications()
        .flat_map(|application| &plan.step(application).reads);
    reads.map(|read| read.field)
}

impl<'a> LeftOut<'a> {
    /// Adds what the forms of a scenario ask.
    pub(crate) fn see(
        &mut self,
        way: &WaySpec,
        plan: &'a Plan,
        underived: &[(FieldIx, FieldIx)],
        outline: &Outline,
    ) {
        let is_asked = |field: FieldIx| {
            let forms = plan.forms().map(|form| outline.form(form));
            forms.flatten().any(|asked| asked.field == field)
        };
        for (field, from) in underived {
            let mut makers = plan.field(*from).producers.iter();
            let mut is_made = || makers.any(|step| outline.is_active(*step));
            if is_asked(*field) && (is_asked(*from) || is_made()) {
                let (field, from) = (plan.field(*field), plan.field(*from));
                self.following.insert((&field.path, &from.path));
            }
        }
        let forms = plan.forms().flat_map(|form| outline.form(form));
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
            let list = quoted(&fields);
            let (zh, en) = (holder.title.zh(), holder.title.en());
            let (whose_zh, whose_en) = (holder.department.zh(), holder.department.en());
            cx.report(
                Diagnostic::new(
                    Code::LeftOut,
                    span,
                    both!(
                        "{whose_zh}的“{zh}”（`{registry}`）有 {list}，这里没有查询它，而要申请人填写",
                        "the registry “{en}” (`{registry}`) of {whose_en} holds {list}; it is left out here, and the applicant is asked"; list
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
        if self.following.is_empty() {
            return;
        }
        let all = self.following.iter();
        let zh: Vec<String> = all
            .clone()
            .map(|(field, from)| format!("`{field}`（由 `{from}` 得出）"))
            .collect();
        let en: Vec<String> = all
            .map(|(field, from)| format!("`{field}` (from `{from}`)"))
            .collect();
        let (zh, en) = (zh.join("、"), en.join(", "));
        cx.report(
            Diagnostic::new(
                Code::LeftOut,
                span,
                both!(
                    "写明什么都不查询，就什么都不推算：{zh}也要申请人填写",
                    "with nothing fetched nothing is derived either: the applicant is asked for {en}",
                ),
            )
            .field("fetched")
            .label(both!("写在这里", "said here"))
            .why(both!(
                "能由已知内容得出的，不再要申请人提供",
                "what follows from something known is not asked of the applicant",
            ))
            .help(both!(
                "删除 `fetched`（默认查询全部数据库）；暂时不能查询的，用 `fetched: {{ without: {{ 数据库: 理由 }} }}` 逐个写明",
                "remove `fetched` (by default all registries are asked); where some cannot be asked yet, name each: `fetched: {{ without: {{ registry: the reason }} }}`",
            )),
        );
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
