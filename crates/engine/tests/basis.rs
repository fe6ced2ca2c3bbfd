//! What the record of a reading says of its purpose and basis.

use std::sync::Arc;

use onething_engine::{Blueprint, Case, Command, Event, Opening};
use onething_model::Timestamp;
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, Grant, Sensitivity, sample};

/// A registry is asked on the basis of the look-up, whatever its department is
/// granted; a department reads on its grants, all of which are told.
#[test]
fn a_reading_names_the_basis_it_stands_on() {
    let mut b = PlanBuilder::new("basis");
    let [code, name, made] = ["code", "name", "made"].map(|field| b.field(field));
    let register = b.look_up("register", &[code], &[name]);
    let _ = b.step("verify", Actor::System).reads(name).writes(made);
    let plan = b.plan_mut();
    if let Actor::LookUp(look_up) = &mut plan.steps[register.index()].actor {
        look_up.basis = Some("sharing rule".into());
    }
    let grant = |purpose: &str, basis: &str| Grant {
        to: "window".parse().unwrap(),
        purpose: purpose.into(),
        basis: basis.into(),
    };
    for field in [code, name] {
        let item = &mut plan.fields[field.index()];
        item.sensitivity = Sensitivity::Personal;
        item.grants = vec![grant("licensing", "law A"), grant("tax", "law B")];
    }
    let plan = Arc::new(b.build());
    let values = sample::application(&plan, &plan.reference);
    let opening = Arc::new(Opening::new(&plan, "key", Vec::new(), values));
    let mut events = Vec::new();
    let mut case = Case::open(&Blueprint::new(plan), opening, Timestamp(0), &mut events);
    let found = Command::AnswerLookUp {
        step: register,
        values: vec![(name, "示例".into())],
        hit: true,
    };
    case.handle(&found, Timestamp(1), &mut events).unwrap();
    let told: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::DataRead { reads, .. } => Some(&reads[0]),
            _ => None,
        })
        .map(|read| (read.purpose.as_str(), read.basis.as_str()))
        .collect();
    let expected = [
        ("look-up", "sharing rule"),
        ("licensing; tax", "law A; law B"),
    ];
    assert_eq!(told, expected);
}
