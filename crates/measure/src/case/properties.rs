//! The fold against a second way of counting that asks the core itself at
//! every record, over random plans and random lives.

use onething_engine::{Ask, Case, Command, StepStatus};
use onething_model::Micros;
use onething_plan::random::{self, Dice};

use super::*;
use crate::figure::FigureName;
use crate::records::from_events;
use crate::testing::{Run, blueprint};

/// Plans with trips, appointments, materials and offices in them.
fn plan(seed: u64) -> Plan {
    let mut plan = random::plan(seed);
    let mut dice = Dice::new(seed ^ 0x5eed);
    plan.reference = random::answers(&plan, &mut dice);
    for step in &mut plan.steps {
        step.visits = dice.below(3) as u32;
        step.attended = dice.chance(20);
    }
    for field in &mut plan.fields {
        if dice.chance(40) {
            field.kind = crate::testing::document();
        }
    }
    plan
}

/// Lives through a case as chance has it, one command after another.
fn live(run: &mut Run, dice: &mut Dice) {
    for _ in 0..200 {
        let effects: Vec<_> = run.case.outstanding().collect();
        if effects.is_empty() {
            return;
        }
        let effect = effects[dice.below(effects.len())];
        let (step, values) = (effect.step, Vec::new());
        run.now = run.now + Micros::HOUR.times(dice.below(50) as i64);
        let complete = Command::Complete {
            step,
            round: None,
            values: Vec::new(),
        };
        let command = match effect.ask {
            Ask::LookUp { .. } => Command::AnswerLookUp {
                valid_since: Vec::new(),
                step,
                values,
                hit: dice.chance(50),
            },
            Ask::Submission | Ask::Supplement => Command::Submit { step, values },
            Ask::Wake { .. } | Ask::Incident => Command::Retry { step },
            Ask::Dispatch { .. } | Ask::Errand => match dice.below(10) {
                0 => Command::Fail {
                    step,
                    reason: "系统故障".into(),
                    transient: true,
                },
                _ => complete,
            },
            Ask::Work => match dice.below(10) {
                0 => Command::Refuse {
                    step,
                    round: None,
                    reason: "不符合条件".into(),
                },
                1 | 2 => Command::RequestSupplement {
                    step,
                    reason: "材料不全".into(),
                    fields: run.case.correctable(step).collect(),
                },
                _ => complete,
            },
        };
        let mut out = Vec::new();
        // A second notice for a matter, or one that may ask nothing, is turned
        // down: then the step is done.
        let refused = run.case.handle(&command, run.now, &mut out).is_err();
        run.events
            .extend(out.into_iter().map(|event| (run.now, event)));
        if refused && effect.ask == Ask::Work {
            run.handle(&Command::Complete {
                step,
                round: None,
                values: Vec::new(),
            });
        }
        if dice.chance(1) {
            run.handle_if_open(&Command::Withdraw {
                reason: "不办了".into(),
            });
        }
    }
}

fn add_form(m: &mut CaseMeasures, plan: &Plan, asked: &[onething_plan::FormField]) {
    let materials = asked.iter().filter(|f| plan.field(f.field).is_material());
    let materials = materials.count() as u32;
    m.materials += materials;
    m.fields += asked.len() as u32 - materials;
    m.forms += u32::from(!asked.is_empty());
}

/// Counts by asking the core what each submission asks and what each step is.
fn counted(blueprint: &Arc<Blueprint>, events: &[(Timestamp, Event)]) -> CaseMeasures {
    let plan = blueprint.plan();
    let mut m = CaseMeasures::default();
    let mut offices: Vec<u32> = Vec::new();
    for (at, (_, event)) in events.iter().enumerate() {
        let before = || {
            let records = events[..at].iter().map(|(at, event)| (*at, event));
            Case::replay(blueprint, records).unwrap()
        };
        match event {
            Event::Submitted { step, .. } => {
                m.submissions += 1;
                m.steps += 1;
                if !matches!(plan.step(*step).actor, Actor::Submission(_)) {
                    assert_eq!(before().step(*step).status, StepStatus::Supplement);
                    continue;
                }
                add_form(&mut m, plan, &before().asked(*step));
                m.visits += plan.step(*step).visits;
                // One window for all: the department in charge.
                offices.push(plan.owner.0);
            }
            Event::StepCompleted { step, .. } | Event::StepRefused { step, .. } => {
                let item = plan.step(*step);
                if matches!(item.actor, Actor::LookUp(_)) {
                    continue;
                }
                let own = item.actor == Actor::Applicant;
                if own {
                    add_form(&mut m, plan, &before().asked(*step));
                }
                m.steps += u32::from(own || item.attended);
                m.internal_steps += u32::from(!own);
                m.visits += item.visits;
                if item.visits > 0 {
                    offices.push(item.department.unwrap_or(plan.owner).0);
                }
            }
            _ => {}
        }
    }
    offices.sort_unstable();
    offices.dedup();
    m.departments = offices.len() as u32;
    m
}

#[test]
fn the_fold_agrees_with_asking_the_core_at_every_prefix() {
    let (mut missed, mut supplements) = (0, 0);
    for seed in 0..400 {
        let blueprint = blueprint(plan(seed));
        let mut run = Run::open(&blueprint, Timestamp(0));
        live(&mut run, &mut Dice::new(seed));
        let (mut meter, mut fold) = (Meter::new(&blueprint), CaseFold::new());
        for (at, (time, event)) in run.events.iter().enumerate() {
            meter.apply(&mut fold, event, *time);
            let events = &run.events[..=at];
            let grown = meter.measures(&fold);
            let anew = from_events(&blueprint, events.iter().map(|(at, event)| (*at, event)));
            assert_eq!(grown, anew, "seed {seed}, record {at}");
            let asked = counted(&blueprint, events);
            for name in FigureName::ALL {
                if !matches!(name, FigureName::ProcessingTime | FigureName::ElapsedTime) {
                    let (fold, core) = (grown.value(name), asked.value(name));
                    assert_eq!(fold, core, "seed {seed}, record {at}: {name}");
                }
            }
            missed += usize::from(
                matches!(event, Event::StepCompleted { missed, .. } if !missed.is_empty()),
            );
            supplements += usize::from(matches!(event, Event::SupplementRequested { .. }));
        }
        let end = meter.measures(&fold);
        assert_eq!(end.end.is_some(), end.outcome.is_finished(), "seed {seed}");
        assert_eq!(end.submissions, run.case.submissions(), "seed {seed}");
    }
    // The lives are worth the name.
    assert!(
        missed > 50 && supplements > 50,
        "{missed} misses, {supplements} notices"
    );
}
