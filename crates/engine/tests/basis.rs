//! What the record of a reading says of its purpose and basis: one of each.

use std::sync::Arc;

use onething_engine::{Blueprint, Case, Command, DurableRecord, Event, Opening};
use onething_model::Timestamp;
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, FieldIx, Grant, GrantIx, Plan, Sensitivity, StepIx, sample};

fn grant(purpose: &str, basis: &str) -> Grant {
    Grant {
        to: "window".parse().unwrap(),
        purpose: purpose.into(),
        basis: basis.into(),
    }
}

/// A registry gives a name that one step reads; its department has two grants on
/// everything, of which `which` says on which one the step stands.
fn plan(which: Option<GrantIx>) -> (Arc<Plan>, FieldIx, StepIx) {
    let mut b = PlanBuilder::new("basis");
    let [code, name, made] = ["code", "name", "made"].map(|field| b.field(field));
    let register = b.look_up("register", &[code], &[name]);
    let verify = b.step("verify", Actor::System).reads(name).writes(made);
    let verify = verify.number();
    for field in [code, name] {
        let item = &mut b.plan_mut().fields[field.index()];
        item.sensitivity = Sensitivity::Personal;
        item.grants = vec![grant("licensing", "law A"), grant("tax", "law B")];
    }
    let mut plan = b.build();
    if let Actor::LookUp(look_up) = &mut plan.steps[register.index()].actor {
        look_up.basis = Some("sharing rule".into());
    }
    plan.steps[verify.index()].reads[0].grant = which;
    (Arc::new(plan), name, register)
}

/// The case after the registry answered, and what was recorded.
fn answered(which: Option<GrantIx>) -> (Case, Vec<Event>) {
    let (plan, name, register) = plan(which);
    let values = sample::application(&plan, &plan.reference);
    let opening = Arc::new(Opening::new(&plan, "key", Vec::new(), values));
    let mut events = Vec::new();
    let mut case = Case::open(&Blueprint::new(plan), opening, Timestamp(0), &mut events);
    let found = Command::AnswerLookUp {
        valid_since: Vec::new(),
        step: register,
        values: vec![(name, "示例".into())],
        hit: true,
    };
    case.handle(&found, Timestamp(1), &mut events).unwrap();
    (case, events)
}

/// Purpose and basis of every personal read on record.
fn told(events: &[Event]) -> Vec<(&str, &str)> {
    events
        .iter()
        .flat_map(|event| match event {
            Event::DataRead { reads, .. } | Event::CaseRead { reads, .. } => &reads[..],
            _ => &[],
        })
        .map(|read| (read.purpose.as_str(), read.basis.as_str()))
        .collect()
}

/// A registry is asked on the basis of the look-up, whatever its department is
/// granted; a step reads on the one grant that its purpose names.
#[test]
fn a_reading_names_the_basis_it_stands_on() {
    let registry = ("look-up", "sharing rule");
    for (which, granted) in [(0, ("licensing", "law A")), (1, ("tax", "law B"))] {
        let (_, events) = answered(Some(GrantIx(which)));
        assert_eq!(told(&events), [registry, granted]);
    }
}

/// Several grants and none named, or one that is not there: nothing is shown
/// that could not be recorded with its purpose.
#[test]
fn what_stands_on_no_single_grant_is_not_shown() {
    for which in [None, Some(GrantIx(2))] {
        let (case, events) = answered(which);
        assert_eq!(told(&events), [("look-up", "sharing rule")]);
        let verify = case.plan().find_step("verify").unwrap();
        assert_eq!(case.input(verify).count(), 0);
        assert_eq!(case.not_granted(verify).count(), 1);
    }
}

/// A grant to another department does not serve, whatever number the plan has.
#[test]
fn the_grant_of_another_department_shows_nothing() {
    let (plan, ..) = plan(Some(GrantIx(0)));
    let mut plan = Arc::unwrap_or_clone(plan);
    for field in &mut plan.fields {
        for grant in &mut field.grants {
            grant.to = "elsewhere".parse().unwrap();
        }
    }
    let verify = plan.find_step("verify").unwrap();
    let read = plan.step(verify).reads[0];
    assert_eq!(plan.grant(verify, &read), None);
}

/// Of a whole case, too, a reading has one purpose, and that is one which a step of the
/// department has in this case: that it has a grant for tax as well opens nothing to it
/// where all it does is to license.
#[test]
fn a_whole_case_is_read_for_what_its_steps_are_for() {
    let (licensing, tax) = (("licensing", "law A"), ("tax", "law B"));
    let table = [
        (0, None, Some(licensing)),
        (0, Some("licensing"), Some(licensing)),
        (0, Some("tax"), None),
        (0, Some("curiosity"), None),
        (1, None, Some(tax)),
        (1, Some("licensing"), None),
        (1, Some("tax"), Some(tax)),
    ];
    for (which, purpose, expected) in table {
        let (mut case, _) = answered(Some(GrantIx(which)));
        let department = case.plan().find_department("window").unwrap();
        let read = Command::ReadCase {
            department,
            purpose: purpose.map(str::to_owned),
        };
        let mut events = Vec::new();
        case.handle(&read, Timestamp(2), &mut events).unwrap();
        // The name, which a step of the department reads; not the key, although it is
        // granted: none of its steps reads that.
        assert_eq!(told(&events), Vec::from_iter(expected), "{purpose:?}");
    }
}

/// A grant on a contract holds for each role that uses it; a whole case shows of it
/// what the department's own steps of this case read on a grant, or make.
#[test]
fn a_whole_case_shows_what_the_departments_steps_work_with() {
    let (case, _) = answered(Some(GrantIx(0)));
    let plan = case.plan();
    let department = plan.find_department("window").unwrap();
    let shown = |case: &Case| -> Vec<String> {
        let granted = case.granted(department, Some("licensing"));
        granted
            .map(|(field, _)| case.plan().field(field).path.to_string())
            .collect()
    };
    assert_eq!(shown(&case), ["applicant.name"]);
    // The step reads on a grant that is not there: neither does the whole case show it.
    let (case, _) = answered(Some(GrantIx(2)));
    assert_eq!(shown(&case), [""; 0]);
}

/// Records from before readings had one purpose stay readable as they are.
#[test]
fn an_old_record_that_joins_purposes_is_still_read() {
    let line = r#"{"at":1,"event":"data-read","step":"verify","reads":[{"field":"applicant.name","purpose":"licensing; tax","basis":"law A; law B"}]}"#;
    let record = DurableRecord::decode(line.as_bytes()).unwrap();
    let (plan, name, _) = plan(None);
    let Event::DataRead { reads, .. } = record.resolve(&plan).unwrap().event else {
        panic!("{record:?}");
    };
    assert_eq!(reads[0].field, name);
    assert_eq!(reads[0].purpose, "licensing; tax");
    assert_eq!(reads[0].basis, "law A; law B");
}
