//! What a refusal ends: apart, what was delivered before it stays with the applicant; as one
//! case, whose results come together, it is delivered no more.

use onething_definition::design::{By, Design};
use onething_model::{MatterKey, Text};
use onething_plan::Refused;

use super::Ground;
use super::proof::Proof;
use crate::words;

/// Has the proof of R1 ask, of matters whose refusal ends the case, whether that is meant, where
/// the old way delivers the result of another one before them.
pub(super) fn told_by(ground: &Ground<'_>, then: &Design, proof: &mut Proof) {
    let walk: Vec<&MatterKey> = then
        .intakes
        .iter()
        .filter_map(|intake| intake.matter.as_ref())
        .collect();
    let of = |matter: &MatterKey| {
        let matter = matter.clone();
        let steps = then.steps.iter();
        steps.filter(move |step| step.matter.as_ref() == Some(&matter))
    };
    let is_delivered = |matter: &MatterKey| {
        let mut writes = of(matter).flat_map(|step| &step.writes);
        writes.any(|field| then.delivers.iter().any(|result| result.what == field.role))
    };
    let ends_case = |matter: &MatterKey| {
        let fact = ground.setting.matter(matter);
        let refuses = of(matter).any(|step| step.by != By::Applicant);
        refuses && fact.is_some_and(|fact| fact.refused == Refused::EndsCase)
    };
    let first = walk.iter().position(|matter| is_delivered(matter));
    let Some(first) = first else {
        return;
    };
    let ending: Vec<usize> = (first + 1..walk.len())
        .filter(|at| ends_case(walk[*at]))
        .collect();
    let Some(last) = ending.last() else {
        return;
    };
    let titles = |places: &[usize]| {
        let facts = places.iter().map(|at| ground.setting.matter(walk[*at]));
        let titles: Vec<Text> = facts.flatten().map(|fact| fact.title.clone()).collect();
        words::list(&titles)
    };
    let kept: Vec<usize> = (first..*last)
        .filter(|at| is_delivered(walk[*at]))
        .collect();
    let (ending, kept) = (titles(&ending), titles(&kept));
    proof.confirm(Text::new(
        format!(
            "不予许可的后果：{}不予许可即终止整件事，此前已办出的{}结果也不再送达（分开办理时，先办成的已经送达）；互不影响的事项写 `refused: ends matter`",
            ending.zh(),
            kept.zh()
        ),
        format!(
            "what a refusal ends: refused {} ends the whole case, and what was made of {} by then is delivered no more (apart, it had been delivered when it was made); matters that do not depend on each other say `refused: ends matter`",
            ending.en(),
            kept.en()
        ),
    ));
}
