//! What follows from the rewrites, and what is only suggested: R6, R10, R11, R12.

use onething_definition::design::Design;
use onething_model::Text;
use onething_plan::critical;
use onething_plan::parallelism::{Parallelism, parallelism};
use onething_plan::scale::{self, Basis};
use onething_plan::workload::{Part, Unit};
use onething_plan::{Actor, Plan, Refused, Scenario, StepIx};
use serde::Serialize;

use super::proof::Rule;
use super::quantity::Quantity;
use super::score::Made;
use super::{Ground, decimal, eliminate, fitted, mean, stated_hours};
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
    let line = eliminate::kept(ground, design)?;
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
    let work = wasted(ground, first, after).zip(wasted(ground, first, before));
    let (zh, en) = work.map_or_else(Default::default, |(is, was)| {
        (
            format!(
                "；因不予许可而白做的工时平均每件 {} 小时（原先 {} 小时）",
                decimal(is),
                decimal(was)
            ),
            format!(
                "; work wasted on cases that end in a refusal: {} a case in the mean ({} before)",
                many(decimal(is), "hour", "hours"),
                decimal(was)
            ),
        )
    });
    Some(Suggestion {
        rule: Rule::Parallelise,
        text: Text::new(
            format!("部门环节最多 {is} 个同时办理（原先 {was} 个）{zh}"),
            format!(
                "up to {} of departments at the same time ({was} before){en}",
                many(is, "step", "steps")
            ),
        ),
        needs: None,
        measured: None,
    })
}

/// What R5 asks to confirm: the work that is wasted on cases that end in a
/// refusal before and after, where it grows; `None` where it does not.
pub(super) fn in_vain(
    ground: &Ground<'_>,
    first: &Design,
    before: &Made,
    after: &Made,
) -> Option<Text> {
    let (was, is) = wasted(ground, first, before).zip(wasted(ground, first, after))?;
    // What is told has to differ: nobody confirms an increase from 0.125 to 0.125.
    let told = [was, is].map(decimal);
    (is > was && told[0] != told[1]).then(|| {
        let [was, is] = &told;
        Text::new(
            format!(
                "因不予许可而白做的工时平均每件从 {was} 小时增加到 {is} 小时，可以接受（否则用 `--save-work`）"
            ),
            format!(
                "the work wasted on cases that end in a refusal, {} a case in the mean instead of {was}, is acceptable (where not, say `--save-work`)",
                many(is, "hour", "hours")
            ),
        )
    })
}

/// Expected hours of work done in cases that end in a refusal: a step is done
/// unless one that comes before it has refused. Work under way when another
/// step refuses is counted in full, so the figure errs on the high side. A step that rewrites
/// made of others, and that the workload does not state, does their work, as it is simulated:
/// the one acceptance of R1 that of the acceptances before.
fn wasted(ground: &Ground<'_>, first: &Design, made: &Made) -> Option<f64> {
    let plan = &made.plan;
    let workload = fitted(ground.workload?, first, &made.design);
    let scenario = Scenario::resolve(plan, &plan.reference);
    let belongs = |part: &&Part| {
        let of = |step: &StepIx| {
            let matter = plan.step(*step).matter;
            matter.map(|matter| &plan.matter(matter).key) == part.matter.as_ref()
        };
        part.matter.is_none() || scenario.steps().iter().any(of)
    };
    let refusal = |step: StepIx| {
        let item = plan.step(step);
        let ends = item
            .matter
            .is_none_or(|matter| plan.matter(matter).refused == Refused::EndsCase);
        if !ends {
            return 0.0;
        }
        let parts = workload.parts(&item.key).iter().filter(belongs);
        let parts = parts.filter_map(|part| ground.refusal(&part.step));
        let passes: f64 = ground
            .refusal(&item.key)
            .into_iter()
            .chain(parts)
            .map(|share| 1.0 - share)
            .product();
        1.0 - passes
    };
    let all: f64 = scenario
        .steps()
        .iter()
        .map(|step| 1.0 - refusal(*step))
        .product();
    let mut done = 0.0;
    let mut useful = 0.0;
    for step in scenario.steps() {
        let key = &plan.step(*step).key;
        let parts = workload.parts(key).iter().filter(belongs);
        let parts = parts.filter_map(|part| stated_hours(&workload, &part.step));
        let work = stated_hours(&workload, key).unwrap_or_else(|| parts.sum());
        if matches!(plan.step(*step).actor, Actor::Applicant) {
            continue;
        }
        let mut seen = vec![false; plan.steps.len()];
        let mut open = vec![*step];
        let mut reached = 1.0;
        while let Some(at) = open.pop() {
            for need in scenario.needs(at) {
                if !std::mem::replace(&mut seen[need.index()], true) {
                    reached *= 1.0 - refusal(*need);
                    open.push(*need);
                }
            }
        }
        done += reached * work;
        useful += all * work;
    }
    Some(done - useful)
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
                    "on the critical path papers lie between desks for {} working days in the mean ({}): sign as they come",
                    decimal(days),
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
