//! What records change about the effects of a case: the quick way from a
//! commit to what it asks. A property test holds it against
//! [`Case::outstanding`], from which everything is derived again at a start.

use onething_engine::{Ask, Case, Effect, Event, EventKind};
use onething_model::Timestamp;
use onething_plan::StepIx;

/// What a step asks now.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub(crate) step: StepIx,
    /// `None`: nothing any more.
    pub(crate) effect: Option<Effect>,
    /// The end of its limit.
    pub(crate) due: Option<Timestamp>,
    /// Why it became an incident, or what the supplement notice says.
    pub(crate) reason: Option<String>,
}

/// What these records, the latest of the case, change: each step that they
/// are about, by step number. Only such a step can ask anything new, and once
/// a case is over none does. A draft that is renewed begins anew with every step.
pub(crate) fn changes(case: &Case, events: &[Event]) -> Vec<Change> {
    let mut steps: Vec<StepIx> = events
        .iter()
        // That data was looked at changes nothing about what is asked.
        .filter(|event| event.kind() != EventKind::DataRead)
        .filter_map(Event::step)
        .collect();
    if events
        .iter()
        .any(|event| event.kind() == EventKind::DraftRenewed)
    {
        steps.extend(case.plan().step_numbers());
    }
    steps.sort_unstable();
    steps.dedup();
    let change = |step| {
        let effect = case.effect(step);
        let is_explained = effect
            .as_ref()
            .is_some_and(|effect| matches!(effect.ask, Ask::Incident | Ask::Supplement));
        Change {
            step,
            effect,
            due: case.step(step).due(),
            reason: is_explained.then(|| reason_of(events, step)).flatten(),
        }
    };
    steps.into_iter().map(change).collect()
}

/// What the latest incident or notice of a step says.
fn reason_of(events: &[Event], step: StepIx) -> Option<String> {
    events.iter().rev().find_map(|event| match event {
        Event::IncidentOpened {
            step: at, reason, ..
        }
        | Event::SupplementRequested {
            step: at, reason, ..
        } if *at == step => Some(reason.clone()),
        _ => None,
    })
}

/// Everything a case asks, as changes from nothing.
pub(crate) fn outstanding(case: &Case, events: &[Event]) -> Vec<Change> {
    changes(case, events)
        .into_iter()
        .filter(|change| change.effect.is_some())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use onething_engine::{Blueprint, Command, Opening};
    use onething_model::{Limit, Micros};
    use onething_plan::random::{self, Dice};
    use onething_plan::{Actor, Sensitivity, sample};

    use super::*;

    /// One random command on a random step, wise or foolish.
    fn command(case: &Case, dice: &mut Dice) -> Command {
        let plan = case.plan();
        let step = StepIx::at(dice.below(plan.steps.len()));
        let fields = |of: &[onething_plan::FieldIx]| {
            of.iter().map(|f| (*f, sample::value(plan, *f))).collect()
        };
        match dice.below(14) {
            13 => Command::Renew,
            0 => Command::Refuse {
                step,
                round: None,
                reason: "no".to_owned(),
            },
            1 | 2 => Command::Fail {
                step,
                reason: "down".to_owned(),
                transient: dice.chance(70),
            },
            3 | 4 => Command::Retry { step },
            5 => {
                let fields = plan
                    .step(step)
                    .reads
                    .iter()
                    .map(|read| read.field)
                    .collect();
                Command::RequestSupplement {
                    step,
                    reason: "unclear".to_owned(),
                    fields,
                }
            }
            6 if dice.chance(10) => Command::Withdraw {
                reason: String::new(),
            },
            6 | 7 => {
                let asked: Vec<_> = case.asked(step).iter().map(|asked| asked.field).collect();
                Command::Submit {
                    step,
                    values: fields(&asked),
                }
            }
            12 => Command::Read { step },
            8 => Command::AnswerLookUp {
                valid_since: Vec::new(),
                step,
                values: Vec::new(),
                hit: false,
            },
            _ => Command::Complete {
                step,
                round: None,
                values: fields(&plan.step(step).writes),
            },
        }
    }

    #[test]
    fn the_quick_way_agrees_with_everything_that_is_outstanding() {
        let (mut over, mut renewed) = (0, 0);
        let mut asks = std::collections::BTreeSet::new();
        for seed in 0..400 {
            let mut dice = Dice::new(seed);
            let mut plan = random::plan(seed);
            for field in plan.fields.iter_mut().step_by(2) {
                field.sensitivity = Sensitivity::Personal;
            }
            for step in &mut plan.steps {
                if let Actor::LookUp(item) = &mut step.actor {
                    item.fresh = dice.chance(60).then_some(Limit::Clock(Micros::MINUTE));
                }
            }
            let plan = Arc::new(plan);
            let blueprint = Blueprint::new(plan.clone());
            let answers: Vec<_> = plan.reference.iter().map(|(q, a)| (q, a.clone())).collect();
            let values = sample::application(&plan, &plan.reference);
            let mut opening = Opening::new(&plan, "key", answers, values);
            opening.confirm = dice.chance(50);
            let mut events = Vec::new();
            let mut now = Timestamp(0);
            let mut case = Case::open(&blueprint, Arc::new(opening), now, &mut events);
            let mut all = events.clone();
            let mut known: BTreeMap<StepIx, Effect> = BTreeMap::new();
            for turn in 0..80 {
                for change in changes(&case, &events) {
                    match change.effect {
                        Some(effect) => known.insert(change.step, effect),
                        None => known.remove(&change.step),
                    };
                }
                if case.status().is_final() {
                    known.clear();
                }
                let live: Vec<Effect> = case.outstanding().collect();
                let quick: Vec<Effect> = known.values().copied().collect();
                assert_eq!(quick, live, "seed {seed}, turn {turn}");
                let at_start: Vec<Effect> = outstanding(&case, &all)
                    .iter()
                    .filter_map(|change| change.effect)
                    .collect();
                assert_eq!(at_start, live, "seed {seed}, turn {turn}");
                asks.extend(live.iter().map(|effect| match effect.ask {
                    Ask::Dispatch { .. } => "dispatch",
                    Ask::LookUp { .. } => "look-up",
                    Ask::Work => "work",
                    Ask::Submission => "submission",
                    Ask::Errand => "errand",
                    Ask::Supplement => "supplement",
                    Ask::Wake { .. } => "wake",
                    Ask::Incident => "incident",
                }));
                events.clear();
                now = now + Micros::SECOND.times(20);
                // A rejected command changes nothing and is part of the trial.
                let _ = case.handle(&command(&case, &mut dice), now, &mut events);
                all.extend(events.iter().cloned());
                renewed += u32::from(matches!(events.first(), Some(Event::DraftRenewed { .. })));
            }
            over += u32::from(case.status().is_final());
        }
        assert!(over > 100, "only {over} cases came to an end");
        assert!(renewed > 10, "only {renewed} drafts were renewed");
        assert!(asks.len() >= 7, "only {asks:?} came up");
    }
}
