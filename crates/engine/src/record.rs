//! Records: what happened to a case, in the past tense; the journal's truth.
//!
//! The same event exists in two spellings. In memory it carries a plan's dense
//! numbers; in the journal it carries the durable keys. [`Event`] is generic
//! over the spelling and [`Record::encode`] and [`Record::decode`] translate with the plan at
//! hand. The journal's form is JSON, so that an auditor can read it with any
//! tool; it is frozen by golden files: add a variant or an optional key, never
//! change one.

mod durable;

use std::sync::Arc;

use onething_model::{DepartmentKey, Digest, ServiceKey, Text, Timestamp};
use onething_plan::{Answer, DeliveryChannel, FieldIx, Plan, QuestionIx, RoleIx, StepIx};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::durable::{DecodeError, DurableEvent, DurableRecord};
use crate::told;
use crate::transition::EventKind;

/// Values of fields, in the order given.
pub type Values<F = FieldIx> = Vec<(F, Value)>;

/// A record: an event, when it was decided and by whom it was caused.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// When it was decided, by the driver's clock.
    pub at: Timestamp,
    /// Who caused it: an officer's or a caller's name; `None` for the engine itself.
    pub by: Option<Arc<str>>,
    /// What happened.
    pub event: Event,
}

/// What a case begins with. Printing it for debugging shows the names of what
/// the applicant gave, not the values.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Opening<F = FieldIx, Q = QuestionIx> {
    /// The service.
    pub service: ServiceKey,
    /// The version of its definition.
    pub version: Arc<str>,
    /// The digest of its definition: what the case is pinned to.
    pub definition: Digest,
    /// The caller's idempotency key.
    pub key: Arc<str>,
    /// The key as everybody gets to read it, where it quotes what the applicant stated: who
    /// makes their keys of identity numbers would show them in every list of cases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_key: Option<Arc<str>>,
    /// The digest of the application's content: the same key with other
    /// content is a mistake.
    pub request: Digest,
    /// The scenario answers.
    pub answers: Vec<(Q, Answer)>,
    /// What the applicant gave.
    pub values: Values<F>,
    /// Whether the case is simulated: its data is taken to be there, without
    /// content. Never set for a real case.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
    /// Whether the draft waits for the applicant to look at what was fetched and
    /// to hand it in, even when nothing is missing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confirm: bool,
}

impl Opening {
    /// An opening for a plan; the request's digest is taken of the answers and values.
    #[must_use]
    pub fn new(
        plan: &Plan,
        key: impl Into<Arc<str>>,
        answers: Vec<(QuestionIx, Answer)>,
        values: Values,
    ) -> Self {
        let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
        for (question, answer) in &answers {
            let text = serde_json::to_vec(answer).unwrap_or_default();
            parts.push((plan.question(*question).key.to_string(), text));
        }
        for (field, value) in &values {
            parts.push((
                plan.field(*field).path.to_string(),
                value.to_string().into_bytes(),
            ));
        }
        // The order in which a caller lists them does not make another application.
        parts.sort();
        let request = Digest::of_parts(parts.iter().map(|(name, text)| (&**name, &**text)));
        let key = key.into();
        let told_key = told::key(plan, &values, &key);
        Self {
            service: plan.service.clone(),
            version: plan.version.as_str().into(),
            definition: plan.digest,
            told_key: (*told_key != *key).then(|| told_key.into()),
            key,
            request,
            answers,
            values,
            simulated: false,
            confirm: false,
        }
    }

    /// What is on record of an application that is turned away: nothing of what it states.
    #[must_use]
    pub fn not_accepted(&self, faults: Vec<Fault>) -> NotAccepted {
        NotAccepted {
            service: self.service.clone(),
            definition: self.definition,
            key: self.key.clone(),
            told_key: self.told_key.clone(),
            request: self.request,
            faults,
        }
    }
}

/// A limit's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct DueDate {
    /// The last instant in time.
    pub at: Timestamp,
    /// Whether the calendar of that year is not published yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
}

/// A fault of a value, or of a missing one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What is at fault: `role.field`, or the key of a question.
    pub what: String,
    /// Why, in both languages.
    pub why: Text,
}

/// A personal field that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalRead<F = FieldIx> {
    /// The field.
    pub field: F,
    /// What for, as its grant says.
    pub purpose: String,
    /// On which legal basis, as its grant says.
    pub basis: String,
}

/// An application that was turned away.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct NotAccepted {
    /// The service applied for.
    pub service: ServiceKey,
    /// The digest of its definition.
    pub definition: Digest,
    /// The caller's idempotency key.
    pub key: Arc<str>,
    /// The key as everybody gets to read it, where that is another: see [`Opening::told_key`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_key: Option<Arc<str>>,
    /// The digest of the application's content.
    pub request: Digest,
    /// Every fault.
    pub faults: Vec<Fault>,
}

/// What happened. `S`, `F`, `Q` and `R` are how steps, fields, questions and
/// roles are spelled.
///
/// Printing it for debugging shows names, not what people and systems said:
/// that may be personal.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event<S = StepIx, F = FieldIx, Q = QuestionIx, R = RoleIx> {
    /// A case was opened: the draft of an application.
    #[serde(bound(
        serialize = "F: Serialize, Q: Serialize",
        deserialize = "F: Deserialize<'de>, Q: Deserialize<'de>"
    ))]
    CaseOpened(Arc<Opening<F, Q>>),
    /// An application that breaks its contract was turned away.
    ///
    /// Boxed because it is rare and large: events are moved about by the million.
    ApplicationRefused(Box<NotAccepted>),
    /// The applicant handed something in (提交): an application, an answer to
    /// a supplement notice, or what a registry did not have.
    Submitted {
        /// The submission, or the step whose notice is answered.
        step: S,
        /// What was handed in beside what the draft holds.
        #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
        values: Values<F>,
    },
    /// A step was asked of whoever does it.
    StepDispatched {
        /// The step.
        step: S,
        /// By when, where it has a limit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<DueDate>,
    },
    /// Personal data was shown to whoever does a step: the record's author,
    /// else the step's department or registry.
    DataRead {
        /// The step for which it was read.
        step: S,
        /// Each personal field, with the purpose and the basis of its grant.
        reads: Vec<PersonalRead<F>>,
    },
    /// A case was shown as a whole to the record's author: with the personal data that is
    /// granted to a department, or, to the applicant, with reasons as they were written.
    CaseRead {
        /// On whose grants; none for the applicant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        department: Option<DepartmentKey>,
        /// Each personal field, with the purpose and the basis of its grant.
        reads: Vec<PersonalRead<F>>,
    },
    /// A step was done. For a look-up: the registry answered.
    StepCompleted {
        /// The step.
        step: S,
        /// What it made; for a look-up, what the registry had.
        #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
        values: Values<F>,
        /// For a look-up: what is needed of it and the registry did not have.
        #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
        missed: Vec<F>,
        /// For a look-up: since when values are valid, where the registry said so.
        #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
        valid_since: Vec<(F, Timestamp)>,
    },
    /// A department's system failed; a retry is due.
    StepFailed {
        /// The step.
        step: S,
        /// Which attempt it was; the first is 1.
        attempt: u32,
        /// What the system said.
        reason: String,
        /// When to try again.
        retry_at: Timestamp,
    },
    /// A department's system failed for good: a person has to look.
    IncidentOpened {
        /// The step.
        step: S,
        /// Which attempt it was.
        attempt: u32,
        /// What the system said.
        reason: String,
    },
    /// What registries had for a draft had become older than their contracts allow: the draft
    /// stands as it was filed, and they are asked anew.
    DraftRenewed {
        /// The look-ups whose answers were too old.
        stale: Vec<S>,
    },
    /// A step was tried again.
    StepRetried {
        /// The step.
        step: S,
        /// Which attempt this is.
        attempt: u32,
    },
    /// The applicant was told once and completely what is missing (一次性补正告知).
    SupplementRequested {
        /// The step that needs it.
        step: S,
        /// What is missing and why.
        reason: String,
        /// The fields to hand in again.
        fields: Vec<F>,
    },
    /// A step was refused (不予许可).
    StepRefused {
        /// The step.
        step: S,
        /// Why.
        reason: String,
    },
    /// A step turned out not to be needed.
    StepSkipped {
        /// The step.
        step: S,
    },
    /// A step is no longer possible.
    StepCancelled {
        /// The step.
        step: S,
    },
    /// A result was delivered to the applicant.
    Delivered {
        /// The result.
        what: R,
        /// How.
        channel: Channel,
    },
    /// The applicant withdrew the case.
    CaseWithdrawn {
        /// Why, if said.
        reason: String,
    },
    /// The case ended with a refusal.
    CaseRefused,
    /// The case ended (办结).
    CaseClosed,
}

/// A delivery channel as records spell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// As an e-licence.
    Electronic,
    /// By post.
    Post,
    /// At the window.
    Window,
}

impl From<DeliveryChannel> for Channel {
    fn from(channel: DeliveryChannel) -> Self {
        match channel {
            DeliveryChannel::Electronic => Self::Electronic,
            DeliveryChannel::Post => Self::Post,
            DeliveryChannel::Window => Self::Window,
        }
    }
}

impl<S: Copy, F, Q, R> Event<S, F, Q, R> {
    /// Which kind it is.
    #[must_use]
    pub const fn kind(&self) -> EventKind {
        match self {
            Self::CaseOpened(_) => EventKind::CaseOpened,
            Self::ApplicationRefused { .. } => EventKind::ApplicationRefused,
            Self::Submitted { .. } => EventKind::Submitted,
            Self::StepDispatched { .. } => EventKind::StepDispatched,
            Self::DataRead { .. } => EventKind::DataRead,
            Self::CaseRead { .. } => EventKind::CaseRead,
            Self::StepCompleted { .. } => EventKind::StepCompleted,
            Self::StepFailed { .. } => EventKind::StepFailed,
            Self::IncidentOpened { .. } => EventKind::IncidentOpened,
            Self::DraftRenewed { .. } => EventKind::DraftRenewed,
            Self::StepRetried { .. } => EventKind::StepRetried,
            Self::SupplementRequested { .. } => EventKind::SupplementRequested,
            Self::StepRefused { .. } => EventKind::StepRefused,
            Self::StepSkipped { .. } => EventKind::StepSkipped,
            Self::StepCancelled { .. } => EventKind::StepCancelled,
            Self::Delivered { .. } => EventKind::Delivered,
            Self::CaseWithdrawn { .. } => EventKind::CaseWithdrawn,
            Self::CaseRefused => EventKind::CaseRefused,
            Self::CaseClosed => EventKind::CaseClosed,
        }
    }

    /// The step it is about.
    #[must_use]
    pub const fn step(&self) -> Option<S> {
        match self {
            Self::Submitted { step, .. }
            | Self::StepDispatched { step, .. }
            | Self::DataRead { step, .. }
            | Self::StepCompleted { step, .. }
            | Self::StepFailed { step, .. }
            | Self::IncidentOpened { step, .. }
            | Self::StepRetried { step, .. }
            | Self::SupplementRequested { step, .. }
            | Self::StepRefused { step, .. }
            | Self::StepSkipped { step }
            | Self::StepCancelled { step } => Some(*step),
            Self::CaseOpened(_)
            | Self::ApplicationRefused { .. }
            | Self::CaseRead { .. }
            | Self::DraftRenewed { .. }
            | Self::Delivered { .. }
            | Self::CaseWithdrawn { .. }
            | Self::CaseRefused
            | Self::CaseClosed => None,
        }
    }
}
