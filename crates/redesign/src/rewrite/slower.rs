//! Answers for which the proposal takes longer than the way that was begun with: the computed
//! figures are those of one scenario, and another may lose by what this one gains.

use onething_definition::classes::Words;
use onething_measure::computed::{Basis, working_days};
use onething_model::Text;
use onething_plan::workload::Workload;
use onething_plan::{Plan, Scenario};

use super::decimal;
use super::pairs::Pairs;
use super::proof::{Proof, Rule};
use crate::words::many;

/// The most classes that are named.
const NAMED: usize = 3;

/// Has the proof of R1, which lets results come together, name the answers for which the
/// processing time grows, to be confirmed; that of the last rule, where R1 is none of them.
pub(super) fn told_by(
    [was, is]: [&Plan; 2],
    basis: Basis,
    workload: Option<&Workload>,
    applied: &mut [Proof],
) {
    let at = applied.iter().position(|proof| proof.rule == Rule::AskOnce);
    let at = at.or_else(|| applied.len().checked_sub(1));
    let Some(proof) = at.and_then(|at| applied.get_mut(at)) else {
        return;
    };
    let words = Words::of(was);
    let pairs = Pairs::of([was, is]);
    let mut slower: Vec<(f64, f64, Text)> = Vec::new();
    for answers in &pairs.answers {
        let [then, now] = [was, is].map(|plan| {
            let scenario = Scenario::resolve(plan, answers);
            working_days(plan, &scenario, basis, workload)
        });
        if let Some((then, now)) = then.zip(now).filter(|(then, now)| now - then > 1e-9) {
            slower.push((then, now, words.told_all(answers)));
        }
    }
    if slower.is_empty() {
        return;
    }
    let (count, looked_at) = (slower.len(), pairs.answers.len());
    slower.sort_by(|one, other| (other.1 - other.0).total_cmp(&(one.1 - one.0)));
    let named = slower.iter().take(NAMED);
    let zh = named.clone().map(|(then, now, class)| {
        let (then, now) = (decimal(*then), decimal(*now));
        format!("{now} 个工作日，原来 {then} 个（回答：{}）", class.zh())
    });
    let en = named.map(|(then, now, class)| {
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
            "有的情形办理时间推算比原来长，可以接受（分开办理时各结果各自送达，合为一件后一并送达）：{}{}{}",
            zh.join("；"),
            more.0,
            rest.0
        ),
        format!(
            "for some answers the computed processing time grows, which is acceptable (apart, each result was delivered by itself, and as one case they come together): {}{}{}",
            en.join("; "),
            more.1,
            rest.1
        ),
    ));
}
