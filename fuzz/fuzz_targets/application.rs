//! Any JSON as an application to a service, and as what is said to its case then.
//!
//! The input is an object: `service`, `answers` and `values` by name, and `then`,
//! a list of commands such as `{"do": "complete", "step": "...", "values": {}}`.
//!
//! Nothing panics; a refusal names its faults; a rejection changes nothing; and
//! the records of the case lead to the same case when they are read again.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use onething_engine::{Case, CaseStatus, Command, Event, Opening, Values};
use onething_fuzz::{interrogate, replays, trees};
use onething_model::Timestamp;
use onething_plan::{Answer, FieldIx, Plan, QuestionIx};
use serde_json::Value;

/// More commands than this are not looked at.
const MOST_COMMANDS: usize = 64;

fuzz_target!(|input: &[u8]| {
    let Ok(input) = serde_json::from_slice::<Value>(input) else {
        return;
    };
    let service = input["service"].as_str().unwrap_or_default();
    let tree = trees::tree(service);
    let plan = tree.blueprint.plan();
    let mut opening = Opening::new(plan, "key", answers(plan, &input), values(plan, &input));
    opening.simulated = input["simulated"] == true;
    let mut now = Timestamp::from_millis(1_735_783_200_000);
    let mut events = Vec::new();
    let mut case = Case::open(&tree.blueprint, Arc::new(opening), now, &mut events);
    if let [Event::ApplicationRefused(refused)] = &events[..] {
        assert!(!refused.faults.is_empty(), "refused without a reason");
        assert_eq!(case.outstanding().count(), 0);
    } else {
        assert_ne!(case.status(), CaseStatus::New);
    }
    let then = input["then"].as_array().map_or(&[][..], |then| then);
    for said in then.iter().take(MOST_COMMANDS) {
        let wait = said["wait"].as_u64().unwrap_or(0) % (400 * 86_400);
        now = Timestamp(now.0 + wait as i64 * 1_000_000);
        let Some(command) = command(plan, said) else {
            continue;
        };
        let before = (events.len(), case.status(), case.outstanding().count());
        if case.handle(&command, now, &mut events).is_err() {
            let after = (events.len(), case.status(), case.outstanding().count());
            assert_eq!(before, after, "a rejection changes nothing");
        }
    }
    interrogate(&case);
    replays(&tree.blueprint, &case, &events);
});

fn answers(plan: &Plan, input: &Value) -> Vec<(QuestionIx, Answer)> {
    let given = input["answers"].as_object().into_iter().flatten();
    given
        .filter_map(|(name, value)| {
            let answer = match value {
                Value::Bool(answer) => Answer::YesNo(*answer),
                Value::Number(number) => Answer::Number(number.as_f64()?),
                Value::String(key) => Answer::Choice(key.as_str().into()),
                Value::Null | Value::Array(_) | Value::Object(_) => return None,
            };
            Some((plan.find_question(name)?, answer))
        })
        .collect()
}

fn field(plan: &Plan, name: &str) -> Option<FieldIx> {
    plan.find_field(&name.parse().ok()?)
}

fn values(plan: &Plan, input: &Value) -> Values {
    let given = input["values"].as_object().into_iter().flatten();
    given
        .filter_map(|(name, value)| Some((field(plan, name)?, value.clone())))
        .collect()
}

fn command(plan: &Plan, said: &Value) -> Option<Command> {
    let reason = said["reason"].as_str().unwrap_or_default().to_owned();
    if said["do"] == "withdraw" {
        return Some(Command::Withdraw { reason });
    }
    let step = match &said["step"] {
        Value::String(key) => plan.find_step(key)?,
        Value::Number(at) => {
            let at = usize::try_from(at.as_u64()?).ok()?;
            plan.step_numbers().nth(at % plan.steps.len().max(1))?
        }
        _ => return None,
    };
    let round = said["round"].as_u64().and_then(|at| u32::try_from(at).ok());
    let values = values(plan, said);
    Some(match said["do"].as_str()? {
        "submit" => Command::Submit { step, values },
        "complete" => Command::Complete {
            step,
            round,
            values,
        },
        "read" => Command::Read { step },
        "answer" => Command::AnswerLookUp {
            valid_since: Vec::new(),
            step,
            values,
            hit: said["hit"] == true,
        },
        "refuse" => Command::Refuse {
            step,
            round,
            reason,
        },
        "fail" => Command::Fail {
            step,
            reason,
            transient: said["transient"] == true,
        },
        "retry" => Command::Retry { step },
        "supplement" => Command::RequestSupplement {
            step,
            reason,
            fields: said["fields"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|name| field(plan, name.as_str()?))
                .collect(),
        },
        _ => return None,
    })
}
