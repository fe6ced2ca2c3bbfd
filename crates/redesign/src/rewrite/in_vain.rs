//! Work that refusals make useless: what R5 asks to confirm, and R6 reports.

use onething_definition::classes::Words;
use onething_definition::design::Design;
use onething_model::Text;
use onething_plan::workload::{Part, Workload};
use onething_plan::{Actor, Answers, Plan, Scenario, StepIx};

use super::ending::Ending;
use super::pairs::Pairs;
use super::score::Made;
use super::{Ground, decimal, fitted, stated_hours};
use crate::words::many;

/// What R5 asks to confirm: the work that is done in vain before and after, for the answers for
/// which it grows most; `None` where it grows for none. With what `--save-work` leaves of it, where
/// that is less: `sparing` is what the rule makes then.
pub(super) fn told(
    ground: &Ground<'_>,
    first: &Design,
    before: &Made,
    after: &Made,
    sparing: impl FnOnce() -> Option<Made>,
) -> Option<Text> {
    let was = Weighed::of(ground, first, before)?;
    let is = Weighed::of(ground, first, after)?;
    let pairs = Pairs::of([was.plan, is.plan]);
    let mut most: Option<([f64; 2], &Answers)> = None;
    for answers in &pairs.answers {
        let hours = [was.hours(answers), is.hours(answers)];
        let least = most.map_or(0.0, |([was, is], _)| is - was);
        // A rounding error is no growth, nor a reason to name others than the reference scenario.
        if hours[1] - hours[0] > least + 1e-9 {
            most = Some((hours, answers));
        }
    }
    let (hours, answers) = most?;
    // What is told has to differ: nobody confirms an increase from 0.125 to 0.125.
    let [was_told, is_told] = hours.map(decimal);
    if was_told == is_told {
        return None;
    }
    let of = if pairs.answers.len() > 1 {
        let class = Words::of(was.plan).told_all(answers);
        let few = pairs.few();
        (
            format!("（增加最多的回答：{}）{}", class.zh(), few.zh()),
            format!(
                " (it grows most for the answers {}){}",
                class.en(),
                few.en()
            ),
        )
    } else {
        Default::default()
    };
    let less = sparing().and_then(|made| {
        let less = Weighed::of(ground, first, &made)?.hours(answers);
        let told = decimal(less);
        (less < hours[1] && told != is_told).then_some(told)
    });
    let otherwise = less.map_or_else(Default::default, |less| {
        (
            format!("（否则用 `--save-work`，为 {less} 小时）"),
            format!(
                " (where not, say `--save-work`, with which it is {})",
                many(less, "hour", "hours")
            ),
        )
    });
    Some(Text::new(
        format!(
            "因不予许可而白做的工时平均每件从 {was_told} 小时增加到 {is_told} 小时{}，可以接受{}",
            of.0, otherwise.0
        ),
        format!(
            "the work wasted on cases and matters that end in a refusal, {} a case in the mean instead of {was_told}{}, is acceptable{}",
            many(is_told, "hour", "hours"),
            of.1,
            otherwise.1
        ),
    ))
}

/// A way with the workload that fits it.
pub(super) struct Weighed<'a> {
    ground: &'a Ground<'a>,
    plan: &'a Plan,
    workload: Workload,
}

impl<'a> Weighed<'a> {
    /// `None` without a workload.
    pub(super) fn of(ground: &'a Ground<'a>, first: &Design, made: &'a Made) -> Option<Self> {
        Some(Self {
            ground,
            plan: &made.plan,
            workload: fitted(ground.workload?, first, &made.design),
        })
    }

    /// Expected hours of work in vain for these answers: done by steps of cases and matters that
    /// end in a refusal. A step is done unless a refusal that ends it has come before it. Work
    /// under way when another step refuses is counted in full, and so is what a step could still
    /// refuse that is itself ended before its turn: the figure errs on the high side. A step that
    /// rewrites made of others, and that the workload does not state, does their work, as it is
    /// simulated: the one acceptance of R1 that of the acceptances before.
    pub(super) fn hours(&self, answers: &Answers) -> f64 {
        let plan = self.plan;
        let scenario = Scenario::resolve(plan, answers);
        let ending = Ending::new(plan, &scenario);
        let refusing: Vec<Refusing> = scenario
            .steps()
            .iter()
            .filter_map(|step| self.refusing(&scenario, &ending, *step))
            .collect();
        let mut in_vain = 0.0;
        for step in scenario.steps() {
            let item = plan.step(*step);
            if matches!(item.actor, Actor::Applicant) {
                continue;
            }
            let parts = self.parts(&scenario, *step);
            let parts = parts.filter_map(|part| stated_hours(&self.workload, &part.step));
            let work = stated_hours(&self.workload, &item.key).unwrap_or_else(|| parts.sum());
            if work <= 0.0 {
                continue;
            }
            let (mut done, mut useful) = (1.0, 1.0);
            for other in refusing.iter().filter(|other| other.ends[step.index()]) {
                useful *= 1.0 - other.share;
                if ending.precedes(other.step, *step) {
                    done *= 1.0 - other.share;
                }
            }
            in_vain += (done - useful) * work;
        }
        in_vain
    }

    /// The parts of a step that cases with these answers have.
    fn parts<'b>(
        &'b self,
        scenario: &'b Scenario,
        step: StepIx,
    ) -> impl Iterator<Item = &'b Part> + 'b {
        let plan = self.plan;
        let belongs = move |part: &&Part| {
            let of = |step: &StepIx| {
                let matter = plan.step(*step).matter;
                matter.map(|matter| &plan.matter(matter).key) == part.matter.as_ref()
            };
            part.matter.is_none() || scenario.steps().iter().any(of)
        };
        let parts = self.workload.parts(&plan.step(step).key);
        parts.iter().filter(belongs)
    }

    /// How often a step refuses, and what that ends; `None` where it never does.
    fn refusing(&self, scenario: &Scenario, ending: &Ending, step: StepIx) -> Option<Refusing> {
        let parts = self.parts(scenario, step);
        let parts = parts.filter_map(|part| self.ground.refusal(&part.step));
        let own = self.ground.refusal(&self.plan.step(step).key);
        let passes: f64 = own
            .into_iter()
            .chain(parts)
            .map(|share| 1.0 - share)
            .product();
        let share = 1.0 - passes;
        (share > 0.0).then(|| Refusing {
            step,
            share,
            ends: ending.in_vain(step),
        })
    }
}

/// A step that refuses in some cases.
struct Refusing {
    step: StepIx,
    share: f64,
    /// By step, whether its refusal makes that one's work useless.
    ends: Vec<bool>,
}
