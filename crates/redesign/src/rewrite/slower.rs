//! Answers for which the proposal takes longer than the way that was begun with: the computed
//! figures are those of one scenario, and another may lose by what this one gains.

use std::sync::Arc;

use onething_definition::classes::Words;
use onething_definition::design::Design;
use onething_measure::computed::{Basis, working_days};
use onething_model::Text;
use onething_plan::workload::Workload;
use onething_plan::{Answers, Handled, Limits, Plan, Scenario, StepIx};

use super::pairs::Pairs;
use super::proof::{Proof, Rule};
use super::{ask_once, decimal};
use crate::words::many;

/// The most classes that are named.
const NAMED: usize = 3;

/// Has the proof of the rule that adds most to it name the answers for which the processing time
/// grows, to be confirmed.
///
/// `stages` is the way that was begun with and what each of the rules made, in their order;
/// `design` is what they made in the end.
pub(super) fn told_by(
    stages: &[Arc<Plan>],
    design: &Design,
    basis: Basis,
    workload: Option<&Workload>,
    applied: &mut [Proof],
) {
    let (Some(was), Some(is)) = (stages.first(), stages.last()) else {
        return;
    };
    let days = |plan: &Plan, answers: &Answers| {
        let scenario = Scenario::resolve(plan, answers);
        working_days(plan, &scenario, basis, workload)
    };
    let words = Words::of(was);
    let pairs = Pairs::of([&**was, &**is]);
    let mut slower: Vec<(f64, f64, &Answers)> = Vec::new();
    for answers in &pairs.answers {
        let both = days(was, answers).zip(days(is, answers));
        if let Some((then, now)) = both.filter(|(then, now)| now - then > 1e-9) {
            slower.push((then, now, answers));
        }
    }
    let (count, looked_at) = (slower.len(), pairs.answers.len());
    slower.sort_by(|one, other| (other.1 - other.0).total_cmp(&(one.1 - one.0)));
    let Some((_, _, slowest)) = slower.first() else {
        return;
    };
    let by_stage: Vec<Option<f64>> = stages.iter().map(|plan| days(plan, slowest)).collect();
    let adds = by_stage.windows(2).map(|pair| {
        let [then, now] = [pair[0], pair[1]];
        then.zip(now).map_or(0.0, |(then, now)| now - then)
    });
    let most = applied.iter_mut().zip(adds);
    let most = most.max_by(|(_, one), (_, other)| one.total_cmp(other));
    let Some((proof, _)) = most else {
        return;
    };
    let why = if proof.rule == Rule::AskOnce {
        let scenario = Scenario::resolve(is, slowest);
        let grows = |plan: &Plan| working_days(plan, &scenario, basis, workload);
        // Of the others nobody has looked why.
        let for_all = slower.len() == 1 && pairs.whole;
        because(was, is, design, slowest, basis, &grows, for_all)
    } else {
        Default::default()
    };
    let named = slower.iter().take(NAMED);
    let zh = named.clone().map(|(then, now, answers)| {
        let class = words.told_all(answers);
        let (then, now) = (decimal(*then), decimal(*now));
        format!("{now} 个工作日，原来 {then} 个（回答：{}）", class.zh())
    });
    let en = named.map(|(then, now, answers)| {
        let class = words.told_all(answers);
        let now = many(decimal(*now), "working day", "working days");
        format!(
            "{now} instead of {} (answers: {})",
            decimal(*then),
            class.en()
        )
    });
    let zh: Vec<String> = zh.collect();
    let en: Vec<String> = en.collect();
    let rest = if pairs.whole {
        Default::default()
    } else {
        (
            format!("；情形太多，只看了 {looked_at} 种"),
            format!("; there are more answers, of which {looked_at} were looked at"),
        )
    };
    let more = if count > NAMED {
        (format!("等 {count} 种情形"), format!("; {count} in all"))
    } else {
        Default::default()
    };
    proof.confirm(Text::new(
        format!(
            "有的情形办理时间推算比原来长，可以接受{}：{}{}{}",
            why.0,
            zh.join("；"),
            more.0,
            rest.0
        ),
        format!(
            "for some answers the computed processing time grows, which is acceptable{}: {}{}{}",
            why.1,
            en.join("; "),
            more.1,
            rest.1
        ),
    ));
}

/// Why joining the applications takes longer for these answers: each thing without which it would
/// take less. `days` is the processing time of the proposal with other times or deliveries.
fn because(
    was: &Plan,
    is: &Plan,
    design: &Design,
    answers: &Answers,
    basis: Basis,
    days: &dyn Fn(&Plan) -> Option<f64>,
    for_all: bool,
) -> (String, String) {
    let all = days(is);
    let is_less = |plan: &Plan| {
        let less = days(plan).zip(all);
        less.is_some_and(|(less, all)| all - less > 1e-9)
    };
    let mut reasons = Vec::new();
    if was.handled == Handled::Apart && is.handled == Handled::Together {
        let apart = Plan {
            handled: Handled::Apart,
            ..is.clone()
        };
        if is_less(&apart) {
            reasons.push((
                "分开办理时各结果各自送达，合为一件后一并送达",
                "apart, each result was delivered by itself, and as one case they come together",
            ));
        }
    }
    if is_less(&soon_accepted(was, is, design, answers, basis)) {
        reasons.push((
            "受理合为一次，各事项都等到其中最长的受理时限",
            "the acceptances are one, and every matter waits for the longest of their limits",
        ));
    }
    if reasons.is_empty() {
        return Default::default();
    }
    let (zh, en): (Vec<&str>, Vec<&str>) = reasons.into_iter().unzip();
    let of = match for_all {
        true => ("", ""),
        false => ("增加最多的情形，原因是", "where it grows most, "),
    };
    (
        format!("（{}{}）", of.0, zh.join("；")),
        format!(" ({}{})", of.1, en.join("; ")),
    )
}

/// The proposal, accepted as soon as the first of the applications for these answers was.
fn soon_accepted(was: &Plan, is: &Plan, design: &Design, answers: &Answers, basis: Basis) -> Plan {
    let then = Scenario::resolve(was, answers);
    let takes_part = |step: &StepIx| then.is_active(*step);
    let applications = was.applications().filter(takes_part).count();
    let mut soon = is.clone();
    let joined = design
        .intakes
        .iter()
        .filter_map(|it| it.acceptance.as_ref());
    for joined in joined.filter(|joined| !joined.merges.is_empty()) {
        let parts = joined.merges.iter();
        let parts = parts.filter_map(|key| was.find_step(key.as_str()));
        let parts: Vec<StepIx> = parts.filter(takes_part).collect();
        let length = |limits: &Limits| basis.of(limits).map_or(0, ask_once::length);
        let limits = parts.iter().map(|at| &was.step(*at).limit);
        let shortest = limits.min_by_key(|limits| length(limits)).cloned();
        // One that nobody accepted waited for nobody.
        let shortest = shortest.filter(|_| parts.len() == applications);
        if let Some(accept) = is.find_step(joined.key.as_str()) {
            soon.steps[accept.index()].limit = shortest.unwrap_or_default();
        }
    }
    soon
}
