//! Values made to break the journal: what is read is what was written.

use onething_engine::{DurableRecord, Event, Record};
use onething_model::Timestamp;
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, Plan};
use proptest::prelude::*;
use serde_json::{Value, json};

fn plan() -> Plan {
    let mut b = PlanBuilder::new("hostile");
    let paper = b.field("paper");
    b.step("review", Actor::Officer).reads(paper);
    b.build()
}

fn record(plan: &Plan, value: Value) -> Record {
    let step = plan.find_step("review").unwrap();
    let field = plan.find_field(&plan.fields[0].path).unwrap();
    Record {
        at: Timestamp(1),
        by: None,
        event: Event::StepCompleted {
            step,
            values: vec![(field, value)],
            missed: Vec::new(),
            valid_since: Vec::new(),
        },
    }
}

fn survives(plan: &Plan, value: Value) {
    let written = record(plan, value);
    let bytes = written.encode(plan);
    let read = Record::decode(&bytes, plan).unwrap();
    assert_eq!(read, written);
    assert_eq!(read.encode(plan), bytes);
}

#[test]
fn numbers_that_a_careless_reader_rounds() {
    let plan = plan();
    for number in [
        0.1 + 0.2,
        -0.0,
        847.433_736_937_232_7,
        1e308,
        5e-324,
        f64::MAX,
        -2.522_753_946_247_637e-223,
    ] {
        survives(&plan, json!(number));
    }
}

#[test]
fn bytes_that_are_not_a_record_are_refused() {
    let deep = format!(
        r#"{{"at":1,"event":"step-completed","step":"review","values":[["a.b",{}1{}]]}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    for bytes in [
        deep.as_bytes(),
        b"",
        b"\0",
        b"{}",
        b"\xff\xfe",
        br#"{"at":1e999,"event":"case-closed"}"#,
        br#"{"at":9223372036854775808,"event":"case-closed"}"#,
        br#"{"at":1,"event":"case-closed"} x"#,
        br#"{"at":1,"event":"case-reopened"}"#,
    ] {
        assert!(DurableRecord::decode(bytes).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_number_and_any_text_survive_the_journal(bits: u64, text in "\\PC{0,20}") {
        let plan = plan();
        // Infinities and what is no number have no JSON and come as `null`.
        survives(&plan, json!([f64::from_bits(bits), text, bits]));
    }
}
