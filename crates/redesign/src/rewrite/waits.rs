//! Who newly waits for whom: what is looked up by a number that a step gives waits for that
//! step, and so does whoever reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use onething_definition::classes::{Words, classes_of};
use onething_definition::design::Design;
use onething_model::{FieldPath, StepKey, Text};
use onething_plan::{Actor, Answers, Plan, Scenario, Source, StepIx};

use super::kept::{Way, precedes};
use super::pairs::Pairs;
use super::pipeline::Pipeline;
use super::proof::{Proof, Rule, Site, fields_in_words};
use super::score::Made;
use super::{Ground, decimal};
use crate::words::{list, many, quoted};

/// By the step that gives a number: who now waits for it and did not, and what is looked up.
type Waits = BTreeMap<StepIx, (BTreeSet<StepIx>, BTreeSet<FieldPath>)>;

/// Has the proof of R2 ask to confirm that steps wait for others for whose result they did not
/// wait before it was applied, for some answers; and how much longer the proposal takes by R2, where
/// it does. `days` is the processing time for some answers, `without` the proposal without R2.
pub(super) fn told_by(
    ground: &Ground<'_>,
    pipeline: &mut Pipeline,
    without: impl FnOnce() -> Option<Arc<Made>>,
    days: &dyn Fn(&Plan, &Answers) -> Option<f64>,
) {
    let (before, made) = (pipeline.before(Rule::OnceOnly), Rc::clone(&pipeline.made));
    let ways = before
        .as_ref()
        .and_then(|before| before.way(ground.drafting))
        .zip(made.way(ground.drafting));
    let mut proofs = pipeline.applied.iter_mut();
    let proof = proofs.find(|proof| proof.rule == Rule::OnceOnly);
    let Some((proof, (was, is))) = proof.zip(ways) else {
        return;
    };
    let found = newly(was, is, proof);
    if found.is_empty() {
        return;
    }
    for text in found.into_iter().map(|found| told(ground, is.plan, found)) {
        proof.confirm(text);
    }
    if let Some(text) = without().and_then(|without| longer(&without.plan, is.plan, days)) {
        proof.confirm(text);
    }
}

/// Who newly waits for whom.
fn newly(was: Way<'_>, is: Way<'_>, proof: &Proof) -> Waits {
    let plan = is.plan;
    let is_new = |look_up: StepIx| match &plan.step(look_up).actor {
        Actor::LookUp(of) => proof.sites.contains(&Site::Registry(of.registry.clone())),
        _ => false,
    };
    let mut found = Waits::new();
    let mut seen = BTreeSet::new();
    for answers in &classes_of([was.plan, is.plan]).answers {
        let key = |plan| Scenario::key(plan, answers);
        if seen.insert((key(was.plan), key(plan))) {
            see(was, is, answers, &is_new, &mut found);
        }
    }
    found
}

fn told(
    ground: &Ground<'_>,
    plan: &Plan,
    (maker, (readers, fields)): (StepIx, (BTreeSet<StepIx>, BTreeSet<FieldPath>)),
) -> Text {
    let readers: Vec<Text> = readers
        .into_iter()
        .map(|at| quoted(&plan.step(at).title))
        .collect();
    let fields: Vec<FieldPath> = fields.into_iter().collect();
    let (who, for_whom) = (list(&readers), quoted(&plan.step(maker).title));
    let words = fields_in_words(ground.setting, &fields);
    Text::new(
        format!(
            "有的情形{}原来不等{}，现在要等：{}凭它的结果查询；它未作出结果的（如不予许可），而办件不因此终止的，其中必需的要等申请人另行补交",
            who.zh(),
            for_whom.zh(),
            words.zh()
        ),
        format!(
            "for some answers {} did not wait for {} and now do: {} is looked up with its result; where it gives none (a refusal) and the case goes on, what is needed of it is asked for in a further submission",
            who.en(),
            for_whom.en(),
            words.en()
        ),
    )
}

/// How much longer the proposal takes than without R2, for the answers for which that is most.
fn longer(
    without: &Plan,
    with: &Plan,
    days: &dyn Fn(&Plan, &Answers) -> Option<f64>,
) -> Option<Text> {
    let pairs = Pairs::of([without, with]);
    let mut most: Option<([f64; 2], &Answers)> = None;
    for answers in &pairs.answers {
        let Some((less, more)) = days(without, answers).zip(days(with, answers)) else {
            continue;
        };
        if more - less > most.map_or(0.0, |([less, more], _)| more - less) + 1e-9 {
            most = Some(([less, more], answers));
        }
    }
    let ([less, more], answers) = most?;
    let class = Words::of(with).told_all(answers);
    let (less, more) = (decimal(less), decimal(more));
    let few = pairs.few();
    Some(Text::new(
        format!(
            "因此办理时间推算为 {more} 个工作日，不采用这条规则为 {less} 个（增加最多的回答：{}）{}，可以接受",
            class.zh(),
            few.zh()
        ),
        format!(
            "by this the computed processing time is {} instead of {less} without this rule (it grows most for the answers {}){}, which is acceptable",
            many(more, "working day", "working days"),
            class.en(),
            few.en()
        ),
    ))
}

/// Adds what is so for these answers.
fn see(
    was: Way<'_>,
    is: Way<'_>,
    answers: &Answers,
    is_new: &dyn Fn(StepIx) -> bool,
    found: &mut Waits,
) {
    let outline = is.outlines.of(is.plan, answers);
    // The order of a case costs more than all else: it is found where it is asked for.
    let mut then: Option<Scenario> = None;
    for reader in outline.steps() {
        if matches!(
            is.plan.step(reader).actor,
            Actor::LookUp(_) | Actor::Submission(_)
        ) {
            continue;
        }
        for (field, source) in outline.sources(reader) {
            let Source::LookUp(look_up) = source else {
                continue;
            };
            let mut makers = BTreeSet::new();
            let mut open = vec![*look_up];
            let mut asked = BTreeSet::new();
            let mut newly = false;
            while let Some(at) = open.pop() {
                newly |= is_new(at);
                for (_, source) in outline.sources(at) {
                    match source {
                        Source::Step(maker) => {
                            makers.insert(*maker);
                        }
                        Source::LookUp(other) if asked.insert(*other) => open.push(*other),
                        _ => {}
                    }
                }
            }
            for maker in makers {
                if !newly || maker == reader {
                    continue;
                }
                let then = then.get_or_insert_with(|| Scenario::resolve(was.plan, answers));
                if !waited(was.plan, then, is, maker, reader) {
                    let (readers, fields) = found.entry(maker).or_default();
                    readers.insert(reader);
                    fields.insert(is.plan.field(*field).path.clone());
                }
            }
        }
    }
}

/// Whether a step waited for another in the way before, or one of what they were made of did.
fn waited(plan: &Plan, then: &Scenario, is: Way<'_>, maker: StepIx, reader: StepIx) -> bool {
    let parts = |at: StepIx| parts(is.design, &is.plan.step(at).key);
    let at = |key: &StepKey| {
        let mut steps = (0..plan.steps.len()).map(StepIx::at);
        steps.find(|at| plan.step(*at).key == *key)
    };
    let makers: Vec<StepIx> = parts(maker).iter().filter_map(at).collect();
    let mut readers = parts(reader).into_iter().filter_map(|key| at(&key));
    readers.any(|two| makers.iter().any(|one| precedes(plan, then, *one, two)))
}

/// The steps that a step was made of, or itself.
fn parts(design: &Design, key: &StepKey) -> Vec<StepKey> {
    match design.step(key.as_str()) {
        Some(step) if !step.merges.is_empty() => step.merges.clone(),
        _ => vec![key.clone()],
    }
}
