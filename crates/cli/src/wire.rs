//! Cases and work as programs read them: the JSON of `run`, `work` and `case`.
//!
//! Instants are RFC 3339 in UTC, statuses are words, titles come in both
//! languages. Values of cases are not among it.

use onething_engine::CaseStatus;
use onething_model::Text;
use onething_runtime::{
    Awaited, Awaits, CaseLine, CaseView, FormItem, HistoryLine, SetAside, StepView, Whom, WhyNot,
    WorkItem,
};
use serde::Serialize;
use serde_json::{Value, json};

/// A case.
#[derive(Serialize)]
pub(crate) struct CaseWire {
    case: u64,
    service: String,
    title: Text,
    version: String,
    definition: String,
    status: &'static str,
    over: bool,
    opened: String,
    records: u64,
    submissions: u32,
    steps: Vec<Value>,
    awaiting: Vec<Value>,
    faults: Vec<onething_engine::Fault>,
    set_aside: Vec<Value>,
    withdrawn: Option<String>,
}

impl From<&CaseView> for CaseWire {
    fn from(view: &CaseView) -> Self {
        Self {
            case: view.case.0,
            service: view.service.to_string(),
            title: view.title.clone(),
            version: view.version.clone(),
            definition: view.definition.to_string(),
            status: view.status.as_str(),
            over: view.status.is_final(),
            opened: view.opened.to_string(),
            records: view.seq,
            submissions: view.submissions,
            steps: view.steps.iter().map(step).collect(),
            awaiting: view.awaiting.iter().map(awaited).collect(),
            faults: view.faults.clone(),
            set_aside: view.set_aside.iter().map(set_aside).collect(),
            withdrawn: view.withdrawn.as_deref().map(str::to_owned),
        }
    }
}

fn set_aside(item: &SetAside) -> Value {
    json!({
        "field": item.field.to_string(),
        "title": item.title,
        "registry": item.registry.to_string(),
    })
}

fn step(view: &StepView) -> Value {
    let (reason, after) = match &view.why_not {
        Some(WhyNot::Refused { reason }) => (Some(&**reason), None),
        Some(WhyNot::NotGoneOnWith { after }) => (None, Some(after.to_string())),
        None => (None, None),
    };
    json!({
        "step": view.step.to_string(),
        "title": view.title,
        "department": view.department.as_ref().map(ToString::to_string),
        "status": view.status.as_str(),
        "round": view.round,
        "due": view.due.map(|due| due.to_string()),
        "reason": reason,
        "after_refusal_of": after,
    })
}

/// Something that is awaited.
pub(crate) fn awaited(item: &Awaited) -> Value {
    let of = match &item.of {
        Whom::Department { key, title } => {
            json!({ "kind": "department", "key": key.to_string(), "title": title })
        }
        Whom::Registry(key) => json!({ "kind": "registry", "key": key.to_string() }),
        Whom::Applicant => json!({ "kind": "applicant" }),
        Whom::Time => json!({ "kind": "time" }),
    };
    let (what, more) = match &item.what {
        Awaits::Answer { attempt, pending } => {
            ("answer", json!({ "attempt": attempt, "pending": pending }))
        }
        Awaits::Work => ("work", json!({})),
        Awaits::Submission { form: items } => ("submission", json!({ "form": form(items) })),
        Awaits::Supplement {
            reason,
            form: items,
        } => (
            "supplement",
            json!({ "reason": reason, "form": form(items) }),
        ),
        Awaits::Errand { form: items } => ("errand", json!({ "form": form(items) })),
        Awaits::Retry { at } => ("retry", json!({ "at": at.to_string() })),
        Awaits::Incident { reason } => ("incident", json!({ "reason": reason })),
    };
    let mut wire = json!({
        "effect": item.effect.to_string(),
        "case": item.effect.case.0,
        "step": item.effect.step.to_string(),
        "title": item.title,
        "of": of,
        "what": what,
        "due": item.due.map(|due| due.to_string()),
    });
    if let (Value::Object(wire), Value::Object(more)) = (&mut wire, more) {
        wire.extend(more);
    }
    wire
}

/// Fields of a form.
pub(crate) fn form(items: &[FormItem]) -> Value {
    let item = |item: &FormItem| {
        json!({
            "field": item.field.to_string(),
            "title": item.title,
            "optional": item.optional,
            "given": item.given,
        })
    };
    items.iter().map(item).collect()
}

/// A row of the worklist.
pub(crate) fn work(item: &WorkItem) -> Value {
    json!({
        "effect": item.effect.to_string(),
        "case": item.effect.case.0,
        "step": item.effect.step.to_string(),
        "service": item.service.to_string(),
        "title": item.title,
        "matter": item.matter,
        "department": item.department.as_ref().map(ToString::to_string),
        "due": item.due.map(|due| due.to_string()),
        "accepts": item.accepts,
        "form": form(&item.form),
    })
}

/// A row of the list of cases.
pub(crate) fn line(line: &CaseLine) -> Value {
    json!({
        "case": line.case.0,
        "service": line.service.to_string(),
        "key": line.key,
        "status": line.status.as_str(),
        "over": CaseStatus::is_final(line.status),
        "opened": line.opened.to_string(),
        "ended": line.ended.map(|ended| ended.to_string()),
    })
}

/// A record: when, by whom, what kind, and which step. Values stay in the store.
pub(crate) fn history(line: &HistoryLine, sentence: &Text) -> Value {
    let step = match serde_json::to_value(&line.record.event) {
        Ok(event) => event.get("step").cloned().unwrap_or(Value::Null),
        Err(_) => Value::Null,
    };
    json!({
        "seq": line.seq,
        "position": line.position.0,
        "at": line.record.at.to_string(),
        "by": line.record.by,
        "event": kind(&line.record),
        "step": step,
        "text": sentence,
    })
}

fn kind(record: &onething_engine::DurableRecord) -> Value {
    match serde_json::to_value(&record.event) {
        Ok(event) => event.get("event").cloned().unwrap_or(Value::Null),
        Err(_) => Value::Null,
    }
}

/// What is known of a field.
pub(crate) fn known(known: &onething_runtime::Known) -> Value {
    use onething_runtime::Origin;
    let mut wire = json!({
        "field": known.field.to_string(),
        "title": known.title,
        "since": known.since.to_string(),
        "valid_since": known.valid_since.to_string(),
        "personal": known.sensitivity != onething_plan::Sensitivity::Public,
    });
    wire["from"] = match &known.origin {
        Origin::Applicant { step } => json!({ "applicant": true, "step": step }),
        Origin::Registry { registry } => json!({ "registry": registry }),
        Origin::Derived { from, by } => json!({
            "derived": from.to_string(),
            "as": by.as_str(),
            "standard": by.standard(),
        }),
        Origin::Department { step, department } => {
            json!({ "step": step, "department": department })
        }
    };
    if let Some(value) = &known.value {
        wire["value"] = value.clone();
    }
    wire
}
