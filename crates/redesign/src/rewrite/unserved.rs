//! For whom a way has nothing to do: a proposal serves those whom the old way served, and figures
//! are of those whom both serve.

use std::collections::BTreeSet;
use std::sync::Arc;

use onething_definition::classes::{Words, classes_of};
use onething_definition::design::Drafting;
use onething_lab::draw::Seed;
use onething_lab::setting::Setting;
use onething_lab::study;
use onething_model::Text;
use onething_plan::{Answers, Plan, Scenario};

use super::percent;
use super::score::Made;
use super::trial::Lab;
use crate::words::both;

/// The most classes that are named.
const NAMED: usize = 3;

/// The answers for which the new way of the service has something to do, and neither the old way
/// nor the proposal has; `None` where there are none.
pub(super) fn told(drafting: &Drafting<'_>, before: &Plan, made: &Plan) -> Option<Text> {
    let shipped: &Plan = &drafting.service().new;
    let is_served =
        |plan: &Plan, answers: &Answers| !Scenario::resolve(plan, answers).steps().is_empty();
    let all = classes_of([shipped, before, made]);
    let mut seen = BTreeSet::new();
    let mut left: Vec<&Answers> = Vec::new();
    for answers in &all.answers {
        let is_new = seen.insert([before, made, shipped].map(|plan| Scenario::key(plan, answers)));
        // The old way serves most: the others need not be looked at.
        let is_left = || {
            !is_served(before, answers) && !is_served(made, answers) && is_served(shipped, answers)
        };
        if is_new && is_left() {
            left.push(answers);
        }
    }
    if left.is_empty() {
        return None;
    }
    let words = Words::of(shipped);
    let named: Vec<Text> = left
        .iter()
        .take(NAMED)
        .map(|answers| words.told_all(answers))
        .collect();
    let more = match (left.len() > NAMED, all.exhaustive) {
        (false, true) => Default::default(),
        (true, true) => (
            format!("等 {} 种情形", left.len()),
            format!("; {} in all", left.len()),
        ),
        (_, false) => (
            "等（情形太多，没有全看）".to_owned(),
            "; there may be more, for not all answers were looked at".to_owned(),
        ),
    };
    let named = both(|lang| {
        let named: Vec<&str> = named.iter().map(|text| text.get(lang)).collect();
        named.join(match lang {
            onething_model::Lang::Zh => "；",
            onething_model::Lang::En => "; ",
        })
    });
    Some(Text::new(
        format!(
            "有的回答原办法没有事项可办，提案也就没有，而 `service.yaml` 有：{}{}。这些人当时其实也办的，在 `before.yaml` 中写明怎么办；新增的，把所需环节补进提案",
            named.zh(),
            more.0
        ),
        format!(
            "for some answers the old way has nothing to do, and so the proposal has nothing, though `service.yaml` has: {}{}. Where these people were served then, say in `before.yaml` how; where they newly are, add the steps to the proposal",
            named.en(),
            more.1
        ),
    ))
}

/// How many of the simulated applicants have nothing to do in the old way or the proposal, and so
/// are in no figure of it; `None` where all have in both.
pub(super) fn simulated(
    lab: &Lab<'_>,
    drafting: &Drafting<'_>,
    first: &Made,
    made: &Made,
) -> Result<Option<Text>, study::Error> {
    let of = |made: &Made| Setting::new(&made.plan, &lab.fitted(&made.design));
    let (before, after) = (of(first)?, of(made)?);
    let shipped = Setting::new(&Arc::clone(&drafting.service().new), lab.workload)?;
    let (mut neither, mut only_before, mut only_after, mut shipped_too) = (0_u64, 0, 0, 0);
    for number in 0..lab.how.replications {
        let draws = Seed::new(lab.how.seed).replication(number);
        for case in 0..lab.how.cases {
            let draws = draws.case(case);
            match (before.serves(draws), after.serves(draws)) {
                (true, true) => {}
                (true, false) => only_before += 1,
                (false, true) => only_after += 1,
                (false, false) => {
                    neither += 1;
                    shipped_too += u64::from(shipped.serves(draws));
                }
            }
        }
    }
    let all = lab.how.replications * lab.how.cases;
    let share = |count: u64| percent(count as f64 / all as f64);
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    if neither > 0 {
        let (mut of_zh, mut of_en) = Default::default();
        if shipped_too > 0 {
            of_zh = format!("，其中 {shipped_too} 人次在 `service.yaml` 的新办法中有");
            of_en = format!(", though for {shipped_too} of them the new way of `service.yaml` has");
        }
        zh.push(format!(
            "{neither} 人次（{}）在原办法和提案中都没有事项可办，不计入任何数字{of_zh}",
            share(neither)
        ));
        en.push(format!(
            "{neither} ({}), for whom neither the old way nor the proposal has anything to do, are in no figure{of_en}",
            share(neither)
        ));
    }
    for (count, way_zh, way_en) in [
        (only_before, "原办法", "the old way"),
        (only_after, "提案", "the proposal"),
    ] {
        if count > 0 {
            zh.push(format!(
                "{count} 人次（{}）只在{way_zh}中有事项可办，只计入它的数字",
                share(count)
            ));
            en.push(format!(
                "{count} ({}), for whom only {way_en} has anything to do, are in its figures alone",
                share(count)
            ));
        }
    }
    if zh.is_empty() {
        return Ok(None);
    }
    Ok(Some(Text::new(
        format!("仿真的申请人共 {all} 人次，按其回答：{}", zh.join("；")),
        format!(
            "of the {all} simulated applicants, over all replications: {}",
            en.join("; ")
        ),
    )))
}
