//! What follows from the rewrites, and what is only suggested: R6, R10, R11, R12.

use onething_definition::design::Design;
use onething_model::Text;
use onething_plan::critical;
use onething_plan::parallelism::{Parallelism, parallelism};
use onething_plan::scale::{self, Basis};
use onething_plan::workload::Unit;
use onething_plan::{Actor, Plan, Scenario};
use serde::Serialize;

use super::in_vain::Weighed;
use super::proof::Rule;
use super::quantity::Quantity;
use super::score::Made;
use super::{Ground, dead_data, decimal, mean};
use crate::words::{list, many, working_days};

/// A consequence or a suggestion, with its figures and the condition it needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Suggestion {
    /// The rule.
    pub rule: Rule,
    /// What is proposed or follows, with figures.
    pub text: Text,
    /// The legal flag or fact it needs first; none for a consequence.
    pub needs: Option<Text>,
    /// What the lab says of it, where it was simulated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured: Option<Measured>,
}

/// What a suggestion changes, over paired replications.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    /// The quantity.
    pub quantity: Quantity,
    /// Its mean in the proposal.
    pub without: f64,
    /// Its mean in the proposal with the suggestion carried out.
    pub with: f64,
    /// The confidence interval of `without - with`.
    pub interval: [f64; 2],
    /// The level of the interval, so that those of all suggestions hold together.
    pub level: f64,
}

/// What no step reads and R3 leaves on the form.
pub(super) fn kept(ground: &Ground<'_>, design: &Design) -> Option<Suggestion> {
    let line = dead_data::kept(ground, design)?;
    Some(Suggestion {
        rule: Rule::DeadData,
        text: line.text,
        needs: None,
        measured: None,
    })
}

/// What follows and what is suggested by computing alone.
pub(super) fn suggest(ground: &Ground<'_>, before: &Made, after: &Made) -> Vec<Suggestion> {
    let mut found = Vec::new();
    found.extend(parallel(ground, before, after));
    found.extend(commitment(ground, &after.plan));
    found
}

/// R10 and R11 where nothing was simulated: what can be said all the same.
pub(super) fn unsimulated(ground: &Ground<'_>, after: &Plan) -> Vec<Suggestion> {
    let mut found = Vec::new();
    found.extend(lying(ground, after));
    found.extend(pools(ground));
    found
}

/// R11: what sharing officers saves depends on queues.
fn pools(ground: &Ground<'_>) -> Option<Suggestion> {
    let several = ground.workload?.staff.len() > 1;
    several.then(|| Suggestion {
        rule: Rule::Pool,
        text: Text::new(
            "哪些部门的人员可以共用，要看排队情况：加 `--simulate` 仿真后给出",
            "which departments could share officers depends on the queues: run with `--simulate`",
        ),
        needs: None,
        measured: None,
    })
}

fn width(plan: &Plan) -> usize {
    let scenario = Scenario::resolve(plan, &plan.reference);
    match parallelism(plan, &scenario) {
        Parallelism::Exact(width) | Parallelism::AtLeast(width) => width,
    }
}

/// R6: what runs at the same time now, and the work that refusals waste.
fn parallel(ground: &Ground<'_>, before: &Made, after: &Made) -> Option<Suggestion> {
    let (was, is) = (width(&before.plan), width(&after.plan));
    if is <= was {
        return None;
    }
    let first = &before.design;
    let wasted = |made: &Made| {
        let weighed = Weighed::of(ground, first, made)?;
        Some(weighed.hours(&made.plan.reference))
    };
    let work = wasted(after).zip(wasted(before));
    let (zh, en) = work.map_or_else(Default::default, |(is, was)| {
        (
            format!(
                "；基准情形下因不予许可而白做的工时平均每件 {} 小时（原办法 {} 小时）",
                decimal(is),
                decimal(was)
            ),
            format!(
                "; work wasted in the reference scenario on cases and matters that end in a refusal: {} a case in the mean ({} in the old way)",
                many(decimal(is), "hour", "hours"),
                decimal(was)
            ),
        )
    });
    Some(Suggestion {
        rule: Rule::Parallelise,
        text: Text::new(
            format!("部门环节最多 {is} 个同时办理（原办法 {was} 个）{zh}"),
            format!(
                "up to {} of departments at the same time ({was} in the old way){en}",
                many(is, "step", "steps")
            ),
        ),
        needs: None,
        measured: None,
    })
}

/// R10: papers lie between desks on the critical path.
fn lying(ground: &Ground<'_>, plan: &Plan) -> Option<Suggestion> {
    let scenario = Scenario::resolve(plan, &plan.reference);
    let timing = scale::by_limits(plan, &scenario, Basis::Binding).timing(plan, &scenario);
    let workload = ground.workload?;
    let mut days = 0.0;
    let mut titles = Vec::new();
    for step in &timing.path {
        let item = plan.step(*step);
        let found = workload.lying.iter().find(|(key, _)| *key == item.key);
        if let Some((_, figure)) =
            found.filter(|(_, figure)| figure.value.unit == Unit::WorkingDays)
        {
            days += mean(&figure.value.distribution);
            titles.push(item.title.clone());
        }
    }
    (days > 0.0).then(|| {
        let list = list(&titles);
        Suggestion {
            rule: Rule::UnBatch,
            text: Text::new(
                format!("关键路径上文件在签批、流转中平均停留 {} 个工作日（{}）：随到随签可省去", decimal(days), list.zh()),
                format!(
                    "on the critical path papers lie between desks for {} in the mean ({}): sign as they come",
                    many(decimal(days), "working day", "working days"),
                    list.en()
                ),
            ),
            needs: Some(Text::new(
                "审批人可随时线上签批",
                "those who sign can do so at any time",
            )),
            measured: None,
        }
    })
}

/// A step that refuses no more often than this refuses seldom: a line to draw
/// attention, not a figure of any law.
const SELDOM: f64 = 0.02;

/// R12: the longest step on the critical path that seldom refuses.
fn commitment(ground: &Ground<'_>, plan: &Plan) -> Option<Suggestion> {
    let scenario = Scenario::resolve(plan, &plan.reference);
    let limits = scale::by_limits(plan, &scenario, Basis::Binding);
    let timing = limits.timing(plan, &scenario);
    let step = timing
        .path
        .iter()
        .filter(|step| matches!(plan.step(**step).actor, Actor::Officer))
        // An acceptance is of no matter that could be on the list.
        .filter(|step| plan.step(**step).matter.is_some())
        .filter(|step| {
            let refusal = ground.refusal(&plan.step(**step).key);
            refusal.is_some_and(|refusal| refusal <= SELDOM)
        })
        .max_by_key(|step| timing.time[step.index()])?;
    let mut time = timing.time.clone();
    time[step.index()] = 0;
    let without = critical::by_time(plan, &scenario, &time);
    let saved = timing.makespan - without.makespan;
    let title = &plan.step(*step).title;
    (saved > 0).then(|| {
        let days = working_days(limits.scale.thousandths(saved));
        Suggestion {
            rule: Rule::Triage,
            text: Text::new(
                format!("“{}”很少不予许可，若改为告知承诺、事后核查，关键路径可缩短 {}", title.zh(), days.zh()),
                format!(
                    "“{}” seldom refuses: by notice and commitment with a check afterwards the critical path falls by {}",
                    title.en(),
                    days.en()
                ),
            ),
            needs: Some(Text::new(
                "该事项在告知承诺制目录内",
                "the matter is on the list of those that allow notice and commitment",
            )),
            measured: None,
        }
    })
}
