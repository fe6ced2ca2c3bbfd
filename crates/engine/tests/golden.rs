//! The journal's record format, frozen. A store written today must be read for
//! as long as cases are kept: add a kind or an optional key and a line to the
//! golden file, never change a line that is there.

use std::sync::Arc;

use onething_engine::{
    Channel, DueDate, DurableRecord, Event, EventKind, Fault, Opening, PersonalRead, Record,
};
use onething_model::{Text, Timestamp};
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, Answer, Plan};

fn plan() -> Plan {
    let mut b = PlanBuilder::new("golden");
    b.yes_no("sign");
    let [paper, stamp] = ["paper", "stamp"].map(|field| b.field(field));
    let permit = b.result("permit");
    b.step("review", Actor::Officer)
        .reads(paper)
        .writes(stamp)
        .writes(permit);
    b.build()
}

/// One record of each kind, keys and text in every place that has them.
fn records(plan: &Plan) -> Vec<Record> {
    let step = plan.find_step("review").unwrap();
    let field = |name: &str| plan.find_field(&name.parse().unwrap()).unwrap();
    let paper = field("applicant.paper");
    let mut opening = Opening::new(
        plan,
        "key-1",
        vec![(plan.find_question("sign").unwrap(), Answer::YesNo(true))],
        vec![(paper, "示例".into())],
    );
    let mut to_confirm = opening.clone();
    to_confirm.confirm = true;
    opening.simulated = true;
    let mut quoting = Opening::new(plan, "示例-1", vec![], vec![(paper, "示例".into())]);
    quoting.told_key = Some("▇▇-1".into());
    let fault = Fault {
        what: "applicant.paper".into(),
        why: Text::new("缺少「材料」", "paper is missing"),
    };
    let due = DueDate {
        at: Timestamp::from_millis(1_767_600_000_000),
        provisional: true,
    };
    let events = vec![
        Event::ApplicationRefused(Box::new(onething_engine::NotAccepted {
            service: plan.service.clone(),
            definition: plan.digest,
            key: "key-1".into(),
            told_key: None,
            request: opening.request,
            faults: vec![fault],
        })),
        Event::CaseOpened(Arc::new(opening)),
        Event::Submitted {
            step,
            values: vec![(paper, "更正".into())],
        },
        Event::StepDispatched {
            step,
            due: Some(due),
        },
        Event::StepDispatched { step, due: None },
        Event::StepCompleted {
            step,
            values: vec![(field("permit.number"), "No. 1".into())],
            missed: vec![paper],
            valid_since: Vec::new(),
        },
        Event::DataRead {
            step,
            reads: vec![PersonalRead {
                field: paper,
                purpose: "licensing".into(),
                basis: "示例依据".into(),
            }],
        },
        Event::StepFailed {
            step,
            attempt: 1,
            reason: "timeout".into(),
            retry_at: Timestamp(1),
        },
        Event::IncidentOpened {
            step,
            attempt: 5,
            reason: "down".into(),
        },
        Event::StepRetried { step, attempt: 2 },
        Event::SupplementRequested {
            step,
            reason: "缺页".into(),
            fields: vec![paper],
        },
        Event::StepRefused {
            step,
            reason: "不符合条件".into(),
        },
        Event::StepSkipped { step },
        Event::StepCancelled { step },
        Event::Delivered {
            what: plan.deliveries[0].what,
            channel: Channel::Electronic,
        },
        Event::CaseWithdrawn {
            reason: String::new(),
        },
        Event::CaseRefused,
        Event::CaseClosed,
        Event::CaseRead {
            department: Some(plan.departments[0].key.clone()),
            reads: vec![PersonalRead {
                field: paper,
                purpose: "licensing".into(),
                basis: "示例依据".into(),
            }],
        },
        Event::CaseOpened(Arc::new(to_confirm)),
        Event::StepCompleted {
            step,
            values: vec![(field("permit.number"), "No. 1".into())],
            missed: Vec::new(),
            valid_since: vec![(field("permit.number"), Timestamp(2))],
        },
        Event::DraftRenewed { stale: vec![step] },
        Event::CaseRead {
            department: None,
            reads: vec![PersonalRead {
                field: paper,
                purpose: "applicant-notice".into(),
                basis: "示例依据".into(),
            }],
        },
        Event::ApplicationRefused(Box::new(quoting.not_accepted(Vec::new()))),
        Event::CaseOpened(Arc::new(quoting)),
    ];
    let at = Timestamp::from_millis(1_767_571_200_123);
    let by = |at: usize| (at % 2 == 1).then(|| Arc::from("window-3"));
    let record = |(n, event)| Record {
        at,
        by: by(n),
        event,
    };
    events.into_iter().enumerate().map(record).collect()
}

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/records-v1.jsonl");

#[test]
fn records_are_spelled_as_they_were() {
    let plan = plan();
    let records = records(&plan);
    for kind in EventKind::ALL {
        let shown = records.iter().any(|record| record.event.kind() == kind);
        assert!(shown, "no golden line for `{kind}`");
    }
    for event in records.iter().map(|record| &record.event) {
        let shown = format!("{event:?}");
        for said in ["示例", "更正", "No. 1", "timeout", "缺页", "不符合条件"] {
            assert!(!shown.contains(said), "{shown}");
        }
    }
    let golden = std::fs::read_to_string(PATH).unwrap_or_default();
    let now: String = records
        .iter()
        .map(|record| String::from_utf8(record.encode(&plan)).unwrap() + "\n")
        .collect();
    if golden.is_empty() {
        std::fs::write(PATH, &now).unwrap();
        panic!("wrote {PATH}: look at it and commit it");
    }
    // New lines are added at the end, old ones never changed.
    if std::env::var_os("BLESS").is_some() && now.starts_with(&golden) {
        std::fs::write(PATH, &now).unwrap();
        return;
    }
    for (line, (was, is)) in golden.lines().zip(now.lines()).enumerate() {
        assert_eq!(was, is, "line {}", line + 1);
    }
    assert_eq!(golden.lines().count(), records.len());
    for (line, record) in golden.lines().zip(&records) {
        assert_eq!(&Record::decode(line.as_bytes(), &plan).unwrap(), record);
    }
}

#[test]
fn what_is_no_record_is_refused_with_its_reason() {
    let plan = plan();
    let refused = [
        ("", "not a record"),
        ("{}", "not a record"),
        (
            r#"{"at":1,"event":"step-danced","step":"review"}"#,
            "step-danced",
        ),
        (
            r#"{"at":1,"event":"step-skipped","step":"revue"}"#,
            "step `revue`",
        ),
        (
            r#"{"at":1,"event":"submitted","step":"review","values":[["a.b",1]]}"#,
            "field `a.b`",
        ),
    ];
    for (text, says) in refused {
        let error = Record::decode(text.as_bytes(), &plan)
            .unwrap_err()
            .to_string();
        assert!(error.contains(says), "{text}: {error}");
    }
    assert!(DurableRecord::decode(b"{\"at\":1,\"event\":\"case-closed\"}").is_ok());
}
