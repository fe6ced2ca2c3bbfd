//! Records: what happened to a case, in the past tense; the journal's truth.
//!
//! The same event exists in two spellings. In memory it carries a plan's dense
//! numbers; in the journal it carries the durable keys. [`Event`] is generic
//! over the spelling and [`Record::encode`] and [`Record::decode`] translate with the plan at
//! hand. The journal's form is JSON, so that an auditor can read it with any
//! tool; it is frozen by golden files: add a variant or an optional key, never
//! change one.

use std::sync::Arc;

use onething_model::{
    DepartmentKey, Digest, FieldPath, QuestionKey, RoleKey, ServiceKey, StepKey, Text, Timestamp,
};
use onething_plan::{Answer, DeliveryChannel, FieldIx, Plan, QuestionIx, RoleIx, StepIx};
use serde::{Deserialize, Serialize};
use serde_json::Value;

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
        Self {
            service: plan.service.clone(),
            version: plan.version.as_str().into(),
            definition: plan.digest,
            key: key.into(),
            request,
            answers,
            values,
            simulated: false,
            confirm: false,
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct NotAccepted {
    /// The service applied for.
    pub service: ServiceKey,
    /// The digest of its definition.
    pub definition: Digest,
    /// The caller's idempotency key.
    pub key: Arc<str>,
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

/// An event as the journal spells it.
pub type DurableEvent = Event<StepKey, FieldPath, QuestionKey, RoleKey>;

/// A record as the journal spells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DurableRecord {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub at: Timestamp,
    /// Who caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Arc<str>>,
    /// What happened.
    #[serde(flatten)]
    pub event: DurableEvent,
}

/// Why bytes of the journal are not a record of a plan.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Not a record.
    #[error("not a record: {0}")]
    Malformed(#[from] serde_json::Error),
    /// The record names something the plan does not have.
    #[error("the record names {kind} `{name}`, which the definition it is pinned to does not have")]
    Unknown {
        /// What kind of thing.
        kind: &'static str,
        /// Its name.
        name: String,
    },
}

/// How names are translated from one spelling to the other.
trait Translate<S, F, Q, R, S2, F2, Q2, R2> {
    type Error;
    fn step(&self, step: &S) -> Result<S2, Self::Error>;
    fn field(&self, field: &F) -> Result<F2, Self::Error>;
    fn question(&self, question: &Q) -> Result<Q2, Self::Error>;
    fn role(&self, role: &R) -> Result<R2, Self::Error>;

    fn values(&self, values: &Values<F>) -> Result<Values<F2>, Self::Error> {
        values
            .iter()
            .map(|(field, value)| Ok((self.field(field)?, value.clone())))
            .collect()
    }

    fn fields(&self, fields: &[F]) -> Result<Vec<F2>, Self::Error> {
        fields.iter().map(|field| self.field(field)).collect()
    }

    fn reads(&self, reads: &[PersonalRead<F>]) -> Result<Vec<PersonalRead<F2>>, Self::Error> {
        let read = |read: &PersonalRead<F>| {
            Ok(PersonalRead {
                field: self.field(&read.field)?,
                purpose: read.purpose.clone(),
                basis: read.basis.clone(),
            })
        };
        reads.iter().map(read).collect()
    }

    fn event(&self, event: &Event<S, F, Q, R>) -> Result<Event<S2, F2, Q2, R2>, Self::Error> {
        Ok(match event {
            Event::CaseOpened(opening) => Event::CaseOpened(Arc::new(Opening {
                service: opening.service.clone(),
                version: opening.version.clone(),
                definition: opening.definition,
                key: opening.key.clone(),
                request: opening.request,
                answers: opening
                    .answers
                    .iter()
                    .map(|(question, answer)| Ok((self.question(question)?, answer.clone())))
                    .collect::<Result<_, _>>()?,
                values: self.values(&opening.values)?,
                simulated: opening.simulated,
                confirm: opening.confirm,
            })),
            Event::ApplicationRefused(refused) => Event::ApplicationRefused(refused.clone()),
            Event::Submitted { step, values } => Event::Submitted {
                step: self.step(step)?,
                values: self.values(values)?,
            },
            Event::StepDispatched { step, due } => Event::StepDispatched {
                step: self.step(step)?,
                due: *due,
            },
            Event::DataRead { step, reads } => Event::DataRead {
                step: self.step(step)?,
                reads: self.reads(reads)?,
            },
            Event::CaseRead { department, reads } => Event::CaseRead {
                department: department.clone(),
                reads: self.reads(reads)?,
            },
            Event::StepCompleted {
                step,
                values,
                missed,
                valid_since,
            } => Event::StepCompleted {
                step: self.step(step)?,
                values: self.values(values)?,
                missed: self.fields(missed)?,
                valid_since: valid_since
                    .iter()
                    .map(|(field, at)| Ok((self.field(field)?, *at)))
                    .collect::<Result<_, _>>()?,
            },
            Event::StepFailed {
                step,
                attempt,
                reason,
                retry_at,
            } => Event::StepFailed {
                step: self.step(step)?,
                attempt: *attempt,
                reason: reason.clone(),
                retry_at: *retry_at,
            },
            Event::IncidentOpened {
                step,
                attempt,
                reason,
            } => Event::IncidentOpened {
                step: self.step(step)?,
                attempt: *attempt,
                reason: reason.clone(),
            },
            Event::DraftRenewed { stale } => Event::DraftRenewed {
                stale: stale
                    .iter()
                    .map(|step| self.step(step))
                    .collect::<Result<_, _>>()?,
            },
            Event::StepRetried { step, attempt } => Event::StepRetried {
                step: self.step(step)?,
                attempt: *attempt,
            },
            Event::SupplementRequested {
                step,
                reason,
                fields,
            } => Event::SupplementRequested {
                step: self.step(step)?,
                reason: reason.clone(),
                fields: self.fields(fields)?,
            },
            Event::StepRefused { step, reason } => Event::StepRefused {
                step: self.step(step)?,
                reason: reason.clone(),
            },
            Event::StepSkipped { step } => Event::StepSkipped {
                step: self.step(step)?,
            },
            Event::StepCancelled { step } => Event::StepCancelled {
                step: self.step(step)?,
            },
            Event::Delivered { what, channel } => Event::Delivered {
                what: self.role(what)?,
                channel: *channel,
            },
            Event::CaseWithdrawn { reason } => Event::CaseWithdrawn {
                reason: reason.clone(),
            },
            Event::CaseRefused => Event::CaseRefused,
            Event::CaseClosed => Event::CaseClosed,
        })
    }
}

impl Translate<StepIx, FieldIx, QuestionIx, RoleIx, StepKey, FieldPath, QuestionKey, RoleKey>
    for Plan
{
    type Error = std::convert::Infallible;
    fn step(&self, step: &StepIx) -> Result<StepKey, Self::Error> {
        Ok(Plan::step(self, *step).key.clone())
    }
    fn field(&self, field: &FieldIx) -> Result<FieldPath, Self::Error> {
        Ok(Plan::field(self, *field).path.clone())
    }
    fn question(&self, question: &QuestionIx) -> Result<QuestionKey, Self::Error> {
        Ok(Plan::question(self, *question).key.clone())
    }
    fn role(&self, role: &RoleIx) -> Result<RoleKey, Self::Error> {
        Ok(Plan::role(self, *role).key.clone())
    }
}

fn known<T>(found: Option<T>, kind: &'static str, name: &dyn ToString) -> Result<T, DecodeError> {
    found.ok_or_else(|| DecodeError::Unknown {
        kind,
        name: name.to_string(),
    })
}

impl Translate<StepKey, FieldPath, QuestionKey, RoleKey, StepIx, FieldIx, QuestionIx, RoleIx>
    for Plan
{
    type Error = DecodeError;
    fn step(&self, step: &StepKey) -> Result<StepIx, DecodeError> {
        known(self.find_step(step.as_str()), "step", step)
    }
    fn field(&self, field: &FieldPath) -> Result<FieldIx, DecodeError> {
        known(self.find_field(field), "field", field)
    }
    fn question(&self, question: &QuestionKey) -> Result<QuestionIx, DecodeError> {
        known(self.find_question(question.as_str()), "question", question)
    }
    fn role(&self, role: &RoleKey) -> Result<RoleIx, DecodeError> {
        known(self.find_role(role.as_str()), "role", role)
    }
}

impl Record {
    /// The record with durable names.
    ///
    /// # Panics
    /// The record is not of this plan.
    #[must_use]
    pub fn to_durable(&self, plan: &Plan) -> DurableRecord {
        let Ok(event) = Translate::<
            StepIx,
            FieldIx,
            QuestionIx,
            RoleIx,
            StepKey,
            FieldPath,
            QuestionKey,
            RoleKey,
        >::event(plan, &self.event);
        DurableRecord {
            at: self.at,
            by: self.by.clone(),
            event,
        }
    }

    /// The record as the journal holds it: one JSON object.
    ///
    /// # Panics
    /// The record is not of this plan.
    #[must_use]
    pub fn encode(&self, plan: &Plan) -> Vec<u8> {
        // A map with string keys and no maps beside: serialization has nothing to refuse.
        serde_json::to_vec(&self.to_durable(plan)).expect("records serialize")
    }

    /// A record that was [encoded](Self::encode) for the same plan.
    ///
    /// # Errors
    /// The bytes are not a record, or name what the plan does not have.
    pub fn decode(bytes: &[u8], plan: &Plan) -> Result<Self, DecodeError> {
        DurableRecord::decode(bytes)?.resolve(plan)
    }
}

impl DurableRecord {
    /// Reads a record without its plan: enough to see what happened, and to
    /// find the definition that an opening record is pinned to.
    ///
    /// # Errors
    /// The bytes are not a record.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        Ok(serde_json::from_slice(bytes)?)
    }

    /// The record with the plan's numbers.
    ///
    /// # Errors
    /// It names what the plan does not have.
    pub fn resolve(&self, plan: &Plan) -> Result<Record, DecodeError> {
        Ok(Record {
            at: self.at,
            by: self.by.clone(),
            event: Translate::<
                StepKey,
                FieldPath,
                QuestionKey,
                RoleKey,
                StepIx,
                FieldIx,
                QuestionIx,
                RoleIx,
            >::event(plan, &self.event)?,
        })
    }
}
