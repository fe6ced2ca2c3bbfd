//! What applications ask for although a registry would give it for something that the applicant
//! states as well, but only later, in a step of their own.

use std::collections::{BTreeMap, BTreeSet};

use onething_plan::{Actor, FieldIx, LookUp, Outline, Plan, StepIx};

use crate::diagnostic::{Code, Diagnostic, both, quoted};
use crate::graph::build::Built;
use crate::lower::Cx;
use crate::once_only::provider_in_words;
use crate::review::{Reviewed, write_span};

/// A key that is stated in a step of the applicant's, and a look-up after that which is asked
/// with it.
type Late = (StepIx, FieldIx, StepIx);

/// What is stated too late; collected over scenarios.
#[derive(Debug, Default)]
pub(crate) struct StatedLate {
    all: Vec<Late>,
    /// What applications ask for that the look-up would have given.
    asked: BTreeMap<Late, BTreeSet<FieldIx>>,
}

fn look_up(plan: &Plan, step: StepIx) -> Option<&LookUp> {
    match &plan.step(step).actor {
        Actor::LookUp(look_up) => Some(look_up),
        Actor::Submission(_)
        | Actor::System
        | Actor::Officer
        | Actor::Applicant
        | Actor::Outside => None,
    }
}

fn late(plan: &Plan) -> Vec<Late> {
    let own = plan.forms().filter(|form| plan.is_stated_in(*form));
    let stated = own.flat_map(|own| plan.step(own).writes.iter().map(move |key| (own, *key)));
    let stated: Vec<(StepIx, FieldIx)> = stated.collect();
    if stated.is_empty() {
        return Vec::new();
    }
    let mut all = Vec::new();
    for step in plan.step_numbers() {
        let Some(look_up) = look_up(plan, step) else {
            continue;
        };
        let with = |(own, key): &&(StepIx, FieldIx)| *own < step && look_up.keys.contains(key);
        all.extend(
            stated
                .iter()
                .filter(with)
                .map(|(own, key)| (*own, *key, step)),
        );
    }
    all
}

/// What has to be resolved to tell it: the keys, and what they open.
pub(crate) fn keys_stated_late(plan: &Plan) -> BTreeSet<FieldIx> {
    let all = late(plan).into_iter();
    all.flat_map(|(_, _, step)| {
        let keys = look_up(plan, step).map_or(&[][..], |look_up| &look_up.keys);
        keys.iter().chain(&plan.step(step).writes).copied()
    })
    .collect()
}

impl StatedLate {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self {
            all: late(plan),
            asked: BTreeMap::new(),
        }
    }

    /// Adds what the applications of a scenario ask for.
    pub(crate) fn see(&mut self, plan: &Plan, outline: &Outline) {
        let Self { all, asked } = self;
        for late in all.iter().filter(|late| outline.is_active(late.0)) {
            let (own, _, step) = *late;
            let keys = look_up(plan, step).map_or(&[][..], |look_up| &look_up.keys);
            for application in plan.applications() {
                let is_asked = |field: &FieldIx| {
                    let mut form = outline.form(application).iter();
                    form.any(|asked| asked.field == *field)
                };
                let is_stated = |key: &FieldIx| plan.step(own).writes.contains(key);
                if !outline.allows(step) || !keys.iter().all(|key| is_asked(key) || is_stated(key))
                {
                    continue;
                }
                let mut given = plan
                    .step(step)
                    .writes
                    .iter()
                    .filter(|field| is_asked(field));
                if let Some(first) = given.next() {
                    let found = asked.entry(*late).or_default();
                    found.extend(given.chain([first]));
                }
            }
        }
    }

    pub(crate) fn report(self, cx: &mut Cx<'_>, way: &Reviewed<'_>, built: &Built) {
        let plan = &built.plan;
        // The same registry may be asked at several places.
        let mut told = BTreeSet::new();
        for ((own, key, step), fields) in self.asked {
            let Some(look_up) = look_up(plan, step) else {
                continue;
            };
            if !told.insert((own, key, look_up.registry.clone(), look_up.role)) {
                continue;
            }
            let paths: Vec<_> = fields
                .iter()
                .map(|field| &plan.field(*field).path)
                .collect();
            let list = quoted(&paths);
            let (key_path, name) = (&plan.field(key).path, plan.step(own).key.as_str());
            let registry = look_up.registry.as_str();
            let who = provider_in_words(plan, step);
            let (who_zh, who_en) = (who.zh(), who.en());
            cx.report(
                Diagnostic::new(
                    Code::StatedTooLate,
                    write_span(way, built, own, key),
                    both!(
                        "申请时要申请人填写 {list}，而{who_zh}凭 `{key_path}` 就能提供；`{key_path}` 到环节 `{name}` 才由申请人填报",
                        "the application asks for {list}, which {who_en} would give for `{key_path}`; the applicant states that only in the step `{name}`"; list
                    ),
                )
                .label(both!("到这里才填报", "stated only here"))
                .field(format!("steps.{name}.writes"))
                .related(
                    write_span(way, built, step, fields.first().copied().unwrap_or(key)),
                    both!("在这里可以提供", "could be given here"),
                )
                .why(both!(
                    "申请时就问这一项，其余各项就不用问了",
                    "asked on the application, it spares the others",
                ))
                .help(both!(
                    "从 `writes` 中删除它，由申请时填写；申请时还没有它的，写明为什么不查询：`fetched: {{ without: {{ {registry}: 理由 }} }}`",
                    "remove it from `writes`, and the application asks for it; where it is not there yet, say why the registry is not asked: `fetched: {{ without: {{ {registry}: the reason }} }}`",
                )),
            );
        }
    }
}
