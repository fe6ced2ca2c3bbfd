//! Applications as a caller sends them, and what they come to.

use std::fmt;
use std::sync::Arc;

use onething_engine::{CaseStatus, Fault, Opening};
use onething_model::{CaseId, Digest, Text};
use onething_plan::{Answer, QuestionIx};
use onething_store::Position;
use serde_json::Value;

use crate::definition::Defined;
use crate::{Fields, Limits};

/// An application (申请) for a service.
///
/// ```
/// use onething_runtime::Application;
/// let application = Application::new("open-restaurant", "2026-000017")
///     .answer("signboard", true)
///     .value("operator.name", "示例申请人");
/// assert_eq!(application.key, "2026-000017");
/// ```
#[derive(Clone, PartialEq)]
pub struct Application {
    /// The key of the service.
    pub service: String,
    /// The caller's idempotency key: the same application sent twice under
    /// one key is one case, also when that case is over. Who withdrew and applies anew
    /// needs another key: a request that arrives late must not open a second case.
    /// Whoever lists cases sees it, without what it quotes of the application's personal
    /// values; a number of the caller's own system is best.
    pub key: String,
    /// Scenario answers by question: `true`, a number, or the key of a choice.
    pub answers: Fields,
    /// What the applicant gives, by `role.field`.
    pub values: Fields,
    /// Who files it, for the record: a window officer, an app.
    pub by: Option<String>,
}

/// Names, not what anybody said: what is printed for debugging ends in logs.
impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application")
            .field("service", &self.service)
            .field("answers", &self.answers)
            .field("values", &self.values)
            .finish_non_exhaustive()
    }
}

impl Application {
    /// An application without answers and values.
    pub fn new(service: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            service: service.into(),
            key: key.into(),
            answers: Fields::new(),
            values: Fields::new(),
            by: None,
        }
    }

    /// With one more answer.
    #[must_use]
    pub fn answer(mut self, question: impl Into<Arc<str>>, answer: impl Into<Value>) -> Self {
        self.answers.push(question, answer);
        self
    }

    /// With one more value.
    #[must_use]
    pub fn value(mut self, field: impl Into<Arc<str>>, value: impl Into<Value>) -> Self {
        self.values.push(field, value);
        self
    }

    /// Filed by somebody, for the record.
    #[must_use]
    pub fn by(mut self, who: impl Into<String>) -> Self {
        self.by = Some(who.into());
        self
    }
}

/// An application that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// The case.
    pub case: CaseId,
    /// Where it stood when this was answered.
    pub status: CaseStatus,
    /// Whether the very same application had been sent before. With a status that is final,
    /// the case is over and nothing was opened.
    pub repeated: bool,
}

/// Where the record of a command is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The case.
    pub case: CaseId,
    /// How many records the case has now.
    pub seq: u64,
    /// The place of the latest in the journal.
    pub position: Position,
}

/// The opening of an application, and the faults that only names can have.
pub(crate) fn resolve(defined: &Defined, application: Application) -> (Opening, Vec<Fault>) {
    let Application {
        key,
        answers,
        values,
        ..
    } = application;
    // Names the service does not have are part of what was sent, and of its digest.
    let mut odd: Vec<(String, Vec<u8>)> = Vec::new();
    let mut faults = Vec::new();
    let mut answered: Vec<(QuestionIx, Answer)> = Vec::new();
    for (name, value) in answers {
        let Some(question) = defined.question(&name) else {
            faults.push(defined.unknown(&name));
            odd.push((name.to_string(), value.to_string().into_bytes()));
            continue;
        };
        let given_before = answered.iter().any(|(before, _)| *before == question);
        let why = match answer_of(&value) {
            Some(answer) if !given_before => {
                answered.push((question, answer));
                continue;
            }
            Some(_) => Text::new("重复回答", "is answered twice"),
            None => defined.plan().question(question).kind.expected(),
        };
        faults.push(Fault {
            what: name.to_string(),
            why,
        });
        odd.push((name.to_string(), value.to_string().into_bytes()));
    }
    let mut known = Fields::new();
    for (name, value) in values {
        if defined.field(&name).is_some() {
            known.push(name, value);
        } else {
            faults.push(defined.unknown(&name));
            odd.push((name.to_string(), value.to_string().into_bytes()));
        }
    }
    let (values, _) = defined.values(known);
    // The order in which a caller lists them does not make another application.
    answered.sort_by_key(|(question, _)| *question);
    let mut opening = Opening::new(defined.plan(), key, answered, values);
    if !odd.is_empty() {
        odd.sort();
        let digest = opening.request.to_string();
        let parts = std::iter::once((digest.as_str(), &[][..]));
        let odd = odd.iter().map(|(name, value)| (name.as_str(), &**value));
        opening.request = Digest::of_parts(parts.chain(odd));
    }
    (opening, faults)
}

fn answer_of(value: &Value) -> Option<Answer> {
    match value {
        Value::Bool(answer) => Some(Answer::YesNo(*answer)),
        Value::Number(number) => number.as_f64().map(Answer::Number),
        Value::String(key) => Some(Answer::Choice(key.as_str().into())),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

impl Application {
    /// Refuses what is far too large, before anything is made of it.
    pub(crate) fn check_size(&self, limits: &Limits) -> Result<(), onething_engine::Rejection> {
        use crate::error::reject;
        if self.key.is_empty() || self.key.len() > limits.key_bytes {
            return Err(reject::bad_key(limits.key_bytes));
        }
        let weight = self.answers.weight() + self.values.weight();
        if weight > limits.payload_bytes {
            return Err(reject::too_large(weight, limits.payload_bytes));
        }
        Ok(())
    }
}
