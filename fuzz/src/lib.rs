//! What the fuzz targets share: definitions to begin from, and what must hold.
//!
//! Each target is a short file in `fuzz_targets/` that says what must hold of
//! any input; the seeds in `seeds/` are inputs of interest, among them every
//! input that once broke something. `.ci/fuzz` runs all targets.

pub mod memory;
pub mod trees;

use std::sync::Arc;

use onething_engine::{Blueprint, Case, DurableRecord, Event, Record};
use onething_model::Timestamp;
use onething_plan::StepIx;

/// Asks a case everything that can be asked of it: no state that records can
/// lead to may break a question.
pub fn interrogate(case: &Case) {
    let outstanding = case.outstanding().count();
    assert!(
        outstanding == 0 || !case.status().is_final(),
        "a case that has ended asks for something"
    );
    for at in 0..case.plan().steps.len() {
        let step = StepIx::at(at);
        let _ = case.step(step).due();
        let _ = case.effect(step);
        let _ = case.asked(step);
        let _ = case.input(step).count();
        let _ = case.personal_reads(step).count();
        let _ = case.correctable(step).count();
    }
}

/// The case that these events lead to is the same when it is written to a
/// journal and read again.
///
/// # Panics
///
/// It is not.
pub fn replays(blueprint: &Arc<Blueprint>, case: &Case, events: &[Event]) {
    let plan = blueprint.plan();
    let again: Vec<Event> = events
        .iter()
        .map(|event| {
            let record = Record {
                at: Timestamp(1),
                by: None,
                event: event.clone(),
            };
            let bytes = record.encode(plan);
            let read = Record::decode(&bytes, plan).expect("what is written can be read");
            assert_eq!(read, record, "what is read is what was written");
            let durable = DurableRecord::decode(&bytes).expect("without the plan as well");
            assert_eq!(durable.resolve(plan).expect("with its plan"), record);
            read.event
        })
        .collect();
    let replayed = Case::replay(blueprint, again.iter().map(|event| (Timestamp(1), event)))
        .expect("records follow one another");
    assert_eq!(replayed.status(), case.status());
    assert_eq!(replayed.submissions(), case.submissions());
    assert!(
        replayed.outstanding().eq(case.outstanding()),
        "the replayed case asks for something else"
    );
}
