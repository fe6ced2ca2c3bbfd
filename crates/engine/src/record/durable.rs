//! Records as the journal spells them: with durable keys, as JSON; and the translation to and
//! from the dense numbers of a plan.

use std::sync::Arc;

use onething_model::{FieldPath, QuestionKey, RoleKey, StepKey, Timestamp};
use onething_plan::{FieldIx, Plan, QuestionIx, RoleIx, StepIx};
use serde::{Deserialize, Serialize};

use super::{Event, Opening, PersonalRead, Record, Values};

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
                told_key: opening.told_key.clone(),
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
