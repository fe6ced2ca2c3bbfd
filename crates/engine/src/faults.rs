//! What is wrong with values that somebody hands in or answers.

use std::sync::Arc;

use onething_model::{Date, Text, Timestamp};
use onething_plan::{Actor, Answers, FieldIx, Plan, StepIx};
use serde_json::Value;

use crate::blueprint::Blueprint;
use crate::record::{Fault, Opening, Values};

/// Everything that is wrong with an application before registries are asked.
pub(crate) fn faults_of(
    blueprint: &Arc<Blueprint>,
    opening: &Opening,
    now: Timestamp,
) -> Vec<Fault> {
    let plan = blueprint.plan();
    let mut answers = Answers::none(plan.questions.len());
    for (question, answer) in &opening.answers {
        answers.set(*question, Some(answer.clone()));
    }
    let checked = if opening.simulated {
        Ok(())
    } else {
        plan.check_answers(&answers)
    };
    let mut faults: Vec<Fault> = checked
        .err()
        .unwrap_or_default()
        .into_iter()
        .map(|(question, why)| Fault {
            what: plan.question(question).key.to_string(),
            why,
        })
        .collect();
    let day = plan.calendar.date_of(now);
    // Without answers nobody knows what is asked; but a value that is wrong is
    // wrong for any of them.
    if !faults.is_empty() {
        faults.extend(opening.values.iter().filter_map(|(field, value)| {
            let item = plan.field(*field);
            let why = item.kind.check_on(value, Some(day)).err()?;
            let what = item.path.to_string();
            Some(Fault { what, why })
        }));
        return faults;
    }
    let layout = blueprint.layout(&answers);
    if layout.count == 0 {
        return vec![Fault {
            what: plan.service.to_string(),
            why: Text::new(
                "按所选情形没有需要办理的事项",
                "has nothing to do for these answers",
            ),
        }];
    }
    if opening.simulated {
        return faults;
    }
    let Some(first) = plan
        .applications()
        .find(|step| layout.scenario.is_active(*step))
    else {
        return faults;
    };
    let draft_look_ups: Vec<StepIx> = layout
        .scenario
        .steps()
        .iter()
        .copied()
        .filter(|step| {
            matches!(&plan.step(*step).actor,
                Actor::LookUp(item) if item.fallback.is_none() && plan.step(*step).scope == first)
        })
        .collect();
    // What a registry may turn out not to have can be given along.
    let welcome = |field: FieldIx| {
        Blueprint::asked(&layout, first, field).is_some()
            || draft_look_ups
                .iter()
                .any(|step| Blueprint::asked(&layout, *step, field).is_some())
    };
    faults.extend(value_faults(plan, &opening.values, day, welcome));
    for asked in layout.scenario.form(first) {
        let given = |(field, _): &(FieldIx, Value)| *field == asked.field;
        if !asked.optional && !opening.values.iter().any(given) {
            faults.push(missing(plan, asked.field));
        }
    }
    faults
}

/// Nobody changes what a registry was asked with, not even where it had nothing.
pub(crate) fn asked_with(plan: &Plan, field: FieldIx) -> Fault {
    Fault {
        what: plan.field(field).path.to_string(),
        why: Text::new(
            "已据此查询数据库，不能再改；如有错误，请申请人撤回后重新申请",
            "registries were asked with it; to change it, the applicant withdraws and applies again",
        ),
    }
}

/// Why the applicant does not overwrite what a registry holds.
pub(crate) fn fetched_from(plan: &Plan, look_up: StepIx) -> Text {
    let step = plan.step(look_up);
    let Actor::LookUp(item) = &step.actor else {
        return Text::new("此处不需要提供", "is not asked here");
    };
    let at = step.department.map(|at| &plan.department(at).title);
    let (at_zh, at_en) = at.map_or(("数据库的主管部门", "its department"), |title| {
        (title.zh(), title.en())
    });
    let (zh, en) = (item.title.zh(), item.title.en());
    Text::new(
        format!("来自{zh}；如有错误，请向{at_zh}申请更正"),
        format!("comes from the {en}; a mistake in it is corrected there, by {at_en}"),
    )
}

/// Why a notice cannot ask for a field.
pub(crate) fn not_to_give(plan: &Plan, field: FieldIx) -> Fault {
    Fault {
        what: plan.field(field).path.to_string(),
        why: Text::new(
            "本环节不需要，或由部门产生、或数据库已有，不得向申请人索要",
            "is not read by the step, or comes from a department or a registry",
        ),
    }
}

/// A value that is asked and not there.
pub(crate) fn missing(plan: &Plan, field: FieldIx) -> Fault {
    let item = plan.field(field);
    Fault {
        what: item.path.to_string(),
        why: Text::new(
            format!("缺少「{}」", item.title.zh()),
            format!("{} is missing", item.title.en()),
        ),
    }
}

/// What is wrong with values as they are given on a day, whatever is missing.
pub(crate) fn value_faults(
    plan: &Plan,
    values: &Values,
    day: Date,
    welcome: impl Fn(FieldIx) -> bool,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, (field, value)) in values.iter().enumerate() {
        let item = plan.field(*field);
        let why = if values[..at].iter().any(|(before, _)| before == field) {
            Some(Text::new("重复填写", "is given twice"))
        } else if !welcome(*field) {
            Some(Text::new("此处不需要提供", "is not asked here"))
        } else {
            item.kind.check_on(value, Some(day)).err()
        };
        if let Some(why) = why {
            faults.push(Fault {
                what: item.path.to_string(),
                why,
            });
        }
    }
    faults
}
