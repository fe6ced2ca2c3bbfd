//! Any bytes as records of a journal, one a line.
//!
//! What can be read is written again with the same meaning, and what a case is
//! replayed from never breaks it: a record that cannot follow is refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use onething_engine::{Case, DurableEvent, DurableRecord, Record};
use onething_fuzz::{interrogate, trees};

fuzz_target!(|input: &[u8]| {
    let mut records: Vec<Record> = Vec::new();
    let mut tree = trees::tree("example");
    for line in input.split(|byte| *byte == b'\n') {
        let Ok(durable) = DurableRecord::decode(line) else {
            continue;
        };
        let Ok(bytes) = serde_json::to_vec(&durable) else {
            panic!("a record that was read cannot be written");
        };
        match DurableRecord::decode(&bytes) {
            Ok(again) => assert_eq!(again, durable, "another record is read than was written"),
            Err(error) => panic!("a record that was written cannot be read: {error}"),
        }
        if let (DurableEvent::CaseOpened(opening), true) = (&durable.event, records.is_empty()) {
            tree = trees::tree(opening.service.as_str());
        }
        let plan = tree.blueprint.plan();
        let Ok(record) = durable.resolve(plan) else {
            continue;
        };
        assert_eq!(record.to_durable(plan), durable);
        assert!(Record::decode(&record.encode(plan), plan).is_ok_and(|again| again == record));
        records.push(record);
    }
    let plan = tree.blueprint.plan();
    let told = records.iter().map(|record| (record.at, &record.event));
    if let Ok(case) = Case::replay(&tree.blueprint, told) {
        interrogate(&case);
    }
    // Applying is total, also of what could not follow.
    let Ok(mut case) = Case::replay(&tree.blueprint, []) else {
        panic!("a case without records");
    };
    for record in &records {
        case.apply(&record.event, record.at);
        assert_eq!(case.plan().digest, plan.digest);
    }
    interrogate(&case);
});
