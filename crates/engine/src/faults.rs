//! What is wrong with values that somebody hands in or answers.

use std::sync::Arc;

use onething_model::{Date, Text, Timestamp};
use onething_plan::{Actor, Answers, Derivation, FieldIx, Plan, StepIx};
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
        .filter(|step| plan.is_on_draft(*step, first))
        .collect();
    // What a registry may turn out not to have can be given along.
    let welcome = |field: FieldIx| {
        Blueprint::asked(&layout, first, field).is_some()
            || draft_look_ups
                .iter()
                .any(|step| Blueprint::asked(&layout, *step, field).is_some())
    };
    // What follows from something that is asked need not be stated; but where it is, it fits.
    let follows = |field: FieldIx| {
        let derived = layout.derived(plan, field);
        derived.is_some_and(|derived| welcome(derived.from))
    };
    faults.extend(value_faults(plan, &opening.values, day, |field| {
        welcome(field) || follows(field)
    }));
    let given = |field: FieldIx| {
        let mut given = opening.values.iter();
        given.find(|(at, _)| *at == field).map(|(_, value)| value)
    };
    for (from, field) in contradictions(blueprint, given, given) {
        faults.push(contradicts(plan, from, field, field));
    }
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

/// Fields that are stated otherwise than follows from what is known: that, and the field.
pub(crate) fn contradictions<'a>(
    blueprint: &Blueprint,
    known: impl Fn(FieldIx) -> Option<&'a Value>,
    stated: impl Fn(FieldIx) -> Option<&'a Value>,
) -> Vec<(FieldIx, FieldIx)> {
    let differs = |(from, field, by): &(FieldIx, FieldIx, Derivation)| {
        let (source, stated) = (known(*from)?, stated(*field)?);
        // What is wrong with the source itself is told as that.
        let follows = by.of(source)?;
        (follows != *stated).then_some((*from, *field))
    };
    blueprint.derived().iter().filter_map(differs).collect()
}

/// A value that contradicts what it would follow from; `what` of the two is to be corrected.
/// It quotes neither: they are personal.
pub(crate) fn contradicts(plan: &Plan, from: FieldIx, field: FieldIx, what: FieldIx) -> Fault {
    let other = plan.field(if what == field { from } else { field });
    let part = plan.field(field).derived.map(|derived| derived.by.part());
    let part = part.unwrap_or_default();
    let (zh, en) = (other.title.zh(), other.title.en());
    let why = if what == field {
        Text::new(
            format!("与“{zh}”不一致：由其{}得出", part.zh()),
            format!("does not fit “{en}”, from which it follows ({})", part.en()),
        )
    } else {
        Text::new(
            format!(
                "与先前填写的“{zh}”不一致：应由本项{}得出；如先前填写的有误，由办理部门告知补正，不能补正的撤回后重新申请",
                part.zh()
            ),
            format!(
                "does not fit “{en}” as it was stated before, which follows from it ({}); where that is wrong, a \
                 supplement notice corrects it, and where none can be sent the application is withdrawn and made anew",
                part.en()
            ),
        )
    };
    Fault {
        what: plan.field(what).path.to_string(),
        why,
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
