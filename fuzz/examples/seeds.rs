//! Makes the seeds of `application` and `record` that follow from the shipped
//! services: each service applied for and carried through by sample values.
//!
//! ```text
//! cd fuzz && cargo run --example seeds
//! ```
//!
//! Run it after a change to the services that the seeds should follow.

use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

use onething_engine::{Ask, Case, Command, Event, Opening, Record, Values};
use onething_fuzz::trees::{Tree, trees};
use onething_model::Timestamp;
use onething_plan::{Answer, Plan, StepIx, sample};
use serde_json::{Map, Value, json};

const NOW: Timestamp = Timestamp::from_millis(1_735_783_200_000);

fn main() -> io::Result<()> {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    for folder in ["application", "record"] {
        fs::create_dir_all(seeds.join(folder))?;
    }
    for tree in trees() {
        for simulated in [false, true] {
            let (application, records) = carry_through(tree, simulated);
            let kind = if simulated { "simulated" } else { "real" };
            let name = format!("{}-{kind}", tree.folder.replace('/', "-"));
            let text = serde_json::to_string_pretty(&application)?;
            fs::write(seeds.join("application").join(&name), text)?;
            fs::write(seeds.join("record").join(&name), records)?;
        }
    }
    Ok(())
}

fn carry_through(tree: &Tree, simulated: bool) -> (Value, Vec<u8>) {
    let plan = tree.blueprint.plan();
    let answers = plan.reference.iter();
    let answers: Vec<_> = answers.map(|(at, answer)| (at, answer.clone())).collect();
    let values = if simulated {
        Vec::new()
    } else {
        sample::application(plan, &plan.reference)
    };
    let mut said = Map::new();
    for (question, answer) in &answers {
        let answer = match answer {
            Answer::YesNo(answer) => json!(answer),
            Answer::Number(number) => json!(number),
            Answer::Choice(key) => json!(key),
        };
        said.insert(plan.question(*question).key.to_string(), answer);
    }
    let mut application = json!({
        "service": tree.folder,
        "simulated": simulated,
        "answers": said,
        "values": named(plan, &values),
    });
    let mut opening = Opening::new(plan, "seed", answers, values);
    opening.simulated = simulated;
    let mut events: Vec<Event> = Vec::new();
    let mut case = Case::open(&tree.blueprint, Arc::new(opening), NOW, &mut events);
    let mut then = Vec::new();
    loop {
        let next = case.outstanding().next();
        let Some(effect) = next else { break };
        let (command, words) = answer(&case, effect.step, &effect.ask);
        if case.handle(&command, NOW, &mut events).is_err() {
            break;
        }
        then.push(words);
    }
    application["then"] = then.into();
    let mut records = Vec::new();
    for event in events {
        let record = Record {
            at: NOW,
            by: Some("window-3".into()),
            event,
        };
        records.extend(record.encode(plan));
        records.push(b'\n');
    }
    (application, records)
}

/// The command that answers an effect, and how the target spells it.
fn answer(case: &Case, step: StepIx, ask: &Ask) -> (Command, Value) {
    let plan = case.plan();
    let key = plan.step(step).key.to_string();
    let real = case.opening().is_some_and(|opening| !opening.simulated);
    let made = |fields: &mut dyn Iterator<Item = onething_plan::FieldIx>| -> Values {
        fields
            .filter(|_| real)
            .map(|field| (field, sample::value(plan, field)))
            .collect()
    };
    match ask {
        Ask::LookUp { .. } => {
            let values = made(&mut plan.step(step).writes.iter().copied());
            let words =
                json!({"do": "answer", "step": key, "hit": true, "values": named(plan, &values)});
            let hit = true;
            (
                Command::AnswerLookUp {
                    step,
                    values,
                    valid_since: Vec::new(),
                    hit,
                },
                words,
            )
        }
        Ask::Submission | Ask::Supplement => {
            let values = made(&mut case.asked(step).iter().map(|asked| asked.field));
            let words = json!({"do": "submit", "step": key, "values": named(plan, &values)});
            (Command::Submit { step, values }, words)
        }
        Ask::Dispatch { .. } | Ask::Work | Ask::Errand => {
            let values = made(&mut plan.step(step).writes.iter().copied());
            let words = json!({"do": "complete", "step": key, "values": named(plan, &values)});
            let round = None;
            let command = Command::Complete {
                step,
                round,
                values,
            };
            (command, words)
        }
        Ask::Wake { .. } | Ask::Incident => {
            let words = json!({"do": "retry", "step": key});
            (Command::Retry { step }, words)
        }
    }
}

fn named(plan: &Plan, values: &Values) -> Map<String, Value> {
    values
        .iter()
        .map(|(field, value)| (plan.field(*field).path.to_string(), value.clone()))
        .collect()
}
