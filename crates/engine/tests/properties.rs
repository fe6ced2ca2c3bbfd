//! Properties over random plans and random commands. A failing seed is the bug.

use std::sync::Arc;

use onething_engine::{
    Ask, Blueprint, Case, CaseStatus, Command, Effect, Event, Opening, Record, StepStatus,
};
use onething_model::{Limit, Micros, Timestamp};
use onething_plan::random::{self, Dice};
use onething_plan::{Actor, FieldIx, Plan, StepIx, sample};

/// Everything there is to know about a state.
fn portrait(case: &Case) -> impl PartialEq + std::fmt::Debug + use<> {
    let plan = case.plan();
    let steps: Vec<_> = plan.step_numbers().map(|step| case.step(step)).collect();
    let data: Vec<_> = (0..plan.fields.len())
        .map(|at| case.datum(FieldIx::at(at)).cloned())
        .collect();
    let asked: Vec<_> = plan.step_numbers().map(|step| case.asked(step)).collect();
    let effects: Vec<Effect> = case.outstanding().collect();
    (
        case.status(),
        steps,
        data,
        asked,
        effects,
        case.submissions(),
    )
}

fn samples(
    plan: &Plan,
    fields: impl IntoIterator<Item = FieldIx>,
) -> Vec<(FieldIx, serde_json::Value)> {
    let value = |field| (field, sample::value(plan, field));
    fields.into_iter().map(value).collect()
}

/// A command about a random step, sensible or not.
fn command(case: &Case, dice: &mut Dice) -> Command {
    let plan = case.plan();
    // Mostly about what is outstanding, so that cases get somewhere.
    let outstanding: Vec<_> = case.outstanding().collect();
    let step = if !outstanding.is_empty() && dice.chance(80) {
        outstanding[dice.below(outstanding.len())].step
    } else {
        StepIx::at(dice.below(plan.steps.len()))
    };
    let writes = samples(plan, plan.step(step).writes.iter().copied());
    match dice.below(21) {
        20 => Command::Renew,
        0 => Command::Refuse {
            step,
            round: None,
            reason: "no".into(),
        },
        1..=2 => Command::Fail {
            step,
            reason: "down".into(),
            transient: dice.chance(80),
        },
        3..=4 => Command::Retry { step },
        5 => Command::RequestSupplement {
            step,
            reason: "more".into(),
            fields: plan
                .step(step)
                .reads
                .iter()
                .map(|read| read.field)
                .collect(),
        },
        6 if dice.chance(10) => Command::Withdraw {
            reason: String::new(),
        },
        7..=10 => Command::Submit {
            step,
            values: samples(plan, case.asked(step).into_iter().map(|asked| asked.field)),
        },
        11 => Command::Complete {
            step,
            round: Some(dice.below(3) as u32),
            values: writes,
        },
        12 => Command::Complete {
            step,
            round: None,
            values: Vec::new(),
        },
        13..=14 => Command::AnswerLookUp {
            valid_since: Vec::new(),
            step,
            values: Vec::new(),
            hit: false,
        },
        _ => Command::Complete {
            step,
            round: None,
            values: writes,
        },
    }
}

/// What an opened case starts from, for a seed.
fn opened(seed: u64, dice: &mut Dice) -> (Arc<Blueprint>, Case, Vec<(Timestamp, Event)>) {
    let mut plan = random::plan(seed);
    for step in &mut plan.steps {
        // So that drafts that wait are out of date soon.
        if let Actor::LookUp(item) = &mut step.actor {
            item.fresh = dice.chance(60).then_some(Limit::Clock(Micros::MINUTE));
        }
    }
    let plan = Arc::new(plan);
    let blueprint = Blueprint::new(plan.clone());
    let answers = random::answers(&plan, dice);
    let values = sample::application(&plan, &answers);
    let answers = answers.iter().map(|(q, a)| (q, a.clone())).collect();
    let mut opening = Opening::new(&plan, "key", answers, values);
    opening.confirm = dice.chance(50);
    if dice.chance(20) {
        opening.simulated = true;
        opening.values.clear();
    }
    let mut out = Vec::new();
    let case = Case::open(&blueprint, Arc::new(opening), Timestamp(0), &mut out);
    let history = out.into_iter().map(|event| (Timestamp(0), event)).collect();
    (blueprint, case, history)
}

fn replayed(blueprint: &Arc<Blueprint>, history: &[(Timestamp, Event)]) -> Case {
    Case::replay(blueprint, history.iter().map(|(at, event)| (*at, event))).unwrap()
}

#[test]
fn replay_equals_live_and_no_case_is_a_zombie() {
    let (mut closed, mut renewed) = (0, 0);
    for seed in 0..1_500 {
        let mut dice = Dice::new(seed ^ 0x5eed);
        let (blueprint, mut case, mut history) = opened(seed, &mut dice);
        let mut now = Timestamp(0);
        for _ in 0..60 {
            if case.status().is_final() {
                assert_eq!(case.outstanding().count(), 0, "seed {seed}");
            } else {
                assert!(
                    case.outstanding().count() > 0,
                    "seed {seed}: a zombie {:#?}",
                    history
                );
            }
            now = now + Micros::MINUTE;
            let command = command(&case, &mut dice);
            let before = portrait(&case);
            let mut out = Vec::new();
            match case.handle(&command, now, &mut out) {
                Ok(()) => assert!(!out.is_empty(), "seed {seed}"),
                Err(_) => {
                    assert!(out.is_empty(), "seed {seed}: a rejection records nothing");
                    assert_eq!(portrait(&case), before, "seed {seed}: nor changes anything");
                }
            }
            renewed += usize::from(matches!(out.first(), Some(Event::DraftRenewed { .. })));
            history.extend(out.into_iter().map(|event| (now, event)));
        }
        assert_eq!(
            portrait(&replayed(&blueprint, &history)),
            portrait(&case),
            "seed {seed}"
        );
        closed += usize::from(case.status() == CaseStatus::Closed);
    }
    assert!(
        closed > 300,
        "the commands get cases somewhere: {closed} closed"
    );
    assert!(renewed > 30, "only {renewed} drafts were renewed");
}

#[test]
fn records_survive_the_journal() {
    for seed in 0..300 {
        let mut dice = Dice::new(seed);
        let (blueprint, mut case, mut history) = opened(seed, &mut dice);
        for minute in 1..40 {
            let now = Timestamp(0) + Micros::MINUTE.times(minute);
            let command = command(&case, &mut dice);
            let mut out = Vec::new();
            let _ = case.handle(&command, now, &mut out);
            history.extend(out.into_iter().map(|event| (now, event)));
        }
        let plan = blueprint.plan();
        for (at, event) in history {
            let record = Record {
                at,
                by: Some("officer".into()),
                event,
            };
            let bytes = record.encode(plan);
            assert_eq!(Record::decode(&bytes, plan).unwrap(), record, "seed {seed}");
        }
    }
}

/// Any prefix of a journal is a state from which the same commands lead to the same end.
#[test]
fn a_case_goes_on_from_any_record() {
    for seed in 0..200 {
        let mut dice = Dice::new(seed);
        let (blueprint, mut case, mut history) = opened(seed, &mut dice);
        for minute in 1..30 {
            let now = Timestamp(0) + Micros::MINUTE.times(minute);
            let command = command(&case, &mut dice);
            let mut restarted = replayed(&blueprint, &history);
            let (mut live, mut again) = (Vec::new(), Vec::new());
            let one = case.handle(&command, now, &mut live);
            let other = restarted.handle(&command, now, &mut again);
            assert_eq!((one, &live), (other, &again), "seed {seed}");
            history.extend(live.into_iter().map(|event| (now, event)));
        }
    }
}

/// Arbitrary order and duplication of records never panics, and what does not
/// fit is refused by replay.
#[test]
fn a_shuffled_journal_is_refused_not_believed() {
    let mut refused = 0;
    for seed in 0..300 {
        let mut dice = Dice::new(seed);
        let (blueprint, mut case, mut history) = opened(seed, &mut dice);
        for _ in 0..20 {
            let command = command(&case, &mut dice);
            let mut out = Vec::new();
            let _ = case.handle(&command, Timestamp(0), &mut out);
            history.extend(out.into_iter().map(|event| (Timestamp(0), event)));
        }
        let (a, b) = (dice.below(history.len()), dice.below(history.len()));
        history.swap(a, b);
        let result = Case::replay(&blueprint, history.iter().map(|(at, event)| (*at, event)));
        refused += usize::from(result.is_err());
        let mut lenient = Case::replay(&blueprint, []).unwrap();
        for (at, event) in &history {
            lenient.apply(event, *at);
        }
    }
    assert!(refused > 100, "{refused}");
}

/// Due dates never move and retries are bounded: a step that always fails ends as an incident.
#[test]
fn failing_forever_ends_as_an_incident() {
    for seed in 0..200 {
        let mut dice = Dice::new(seed);
        let (_, mut case, _) = opened(seed, &mut dice);
        let system =
            |effect: &Effect| matches!(effect.ask, Ask::Dispatch { .. } | Ask::LookUp { .. });
        let Some(step) = case.outstanding().find(system).map(|effect| effect.step) else {
            continue;
        };
        for _ in 0..10 {
            let fail = Command::Fail {
                step,
                reason: "down".into(),
                transient: true,
            };
            let mut out = Vec::new();
            let _ = case.handle(&fail, Timestamp(0), &mut out);
            if case.step(step).status == StepStatus::Stuck {
                break;
            }
            let _ = case.handle(&Command::Retry { step }, Timestamp(0), &mut out);
        }
        assert_eq!(case.step(step).status, StepStatus::Stuck, "seed {seed}");
    }
}

/// A case in the memory of another is like one in fresh memory, however far
/// the other went and whatever it was given.
#[test]
fn used_memory_leaves_no_trace() {
    for seed in 0..400 {
        let mut dice = Dice::new(seed ^ 0xcafe);
        let (blueprint, mut used, _) = opened(seed, &mut dice);
        let mut now = Timestamp(0);
        for _ in 0..dice.below(40) {
            now = now + Micros::MINUTE;
            let command = command(&used, &mut dice);
            let _ = used.handle(&command, now, &mut Vec::new());
        }
        let again = used.opening().filter(|_| dice.chance(50)).cloned();
        let opening = again.unwrap_or_else(|| {
            let plan = blueprint.plan();
            let answers = random::answers(plan, &mut dice);
            let values = sample::application(plan, &answers);
            let answers = answers.iter().map(|(q, a)| (q, a.clone())).collect();
            Arc::new(Opening::new(plan, "other", answers, values))
        });
        let (mut records, mut fresh_records) = (Vec::new(), Vec::new());
        let mut fresh = Case::open(&blueprint, opening.clone(), now, &mut fresh_records);
        used.reopen(opening, now, &mut records);
        for _ in 0..40 {
            assert_eq!(portrait(&used), portrait(&fresh), "seed {seed}");
            assert_eq!(records, fresh_records, "seed {seed}");
            now = now + Micros::MINUTE;
            let command = command(&fresh, &mut dice);
            let answer = used.handle(&command, now, &mut records);
            assert_eq!(
                answer,
                fresh.handle(&command, now, &mut fresh_records),
                "seed {seed}"
            );
        }
    }
}
