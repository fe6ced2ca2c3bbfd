//! What is printed for debugging: names, and nothing that anybody said.
//!
//! Values of fields are personal often enough, and so is what an officer writes or
//! a failing system returns. Debug output ends in logs and error trackers, where
//! no grant is asked for.

use std::fmt::{Debug, Formatter, Result};

use crate::command::Command;
use crate::record::{Event, NotAccepted, Opening, PersonalRead};

/// The names of fields whose values are not shown.
struct Names<'a, F, V>(&'a [(F, V)]);

impl<F: Debug, V> Debug for Names<'_, F, V> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let names = self.0.iter().map(|(field, _)| field);
        f.debug_set().entries(names).finish()
    }
}

/// The names of fields that were read.
struct Read<'a, F>(&'a [PersonalRead<F>]);

impl<F: Debug> Debug for Read<'_, F> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let names = self.0.iter().map(|read| &read.field);
        f.debug_set().entries(names).finish()
    }
}

impl<F: Debug, Q: Debug> Debug for Opening<F, Q> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("Opening")
            .field("service", &self.service)
            .field("version", &self.version)
            .field("definition", &self.definition)
            .field("key", self.told_key.as_ref().unwrap_or(&self.key))
            .field("request", &self.request)
            .field("answers", &Names(&self.answers))
            .field("values", &Names(&self.values))
            .field("simulated", &self.simulated)
            .field("confirm", &self.confirm)
            .finish()
    }
}

impl Debug for NotAccepted {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("NotAccepted")
            .field("service", &self.service)
            .field("definition", &self.definition)
            .field("key", self.told_key.as_ref().unwrap_or(&self.key))
            .field("request", &self.request)
            .field("faults", &self.faults)
            .finish()
    }
}

impl<S: Debug, F: Debug, Q: Debug, R: Debug> Debug for Event<S, F, Q, R> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let mut of_step = |name: &str, step: &S| f.debug_struct(name).field("step", step).finish();
        match self {
            Self::CaseOpened(opening) => f.debug_tuple("CaseOpened").field(opening).finish(),
            Self::ApplicationRefused(refused) => {
                let refused = &**refused;
                f.debug_tuple("ApplicationRefused").field(refused).finish()
            }
            Self::Submitted { step, values } => f
                .debug_struct("Submitted")
                .field("step", step)
                .field("values", &Names(values))
                .finish(),
            Self::StepDispatched { step, due } => f
                .debug_struct("StepDispatched")
                .field("step", step)
                .field("due", due)
                .finish(),
            Self::DataRead { step, reads } => f
                .debug_struct("DataRead")
                .field("step", step)
                .field("reads", &Read(reads))
                .finish(),
            Self::CaseRead { department, reads } => f
                .debug_struct("CaseRead")
                .field("department", department)
                .field("reads", &Read(reads))
                .finish(),
            Self::StepCompleted {
                step,
                values,
                missed,
                valid_since,
            } => f
                .debug_struct("StepCompleted")
                .field("step", step)
                .field("values", &Names(values))
                .field("missed", missed)
                .field("valid_since", valid_since)
                .finish(),
            Self::StepFailed {
                step,
                attempt,
                reason: _,
                retry_at,
            } => f
                .debug_struct("StepFailed")
                .field("step", step)
                .field("attempt", attempt)
                .field("retry_at", retry_at)
                .finish_non_exhaustive(),
            Self::IncidentOpened {
                step,
                attempt,
                reason: _,
            } => f
                .debug_struct("IncidentOpened")
                .field("step", step)
                .field("attempt", attempt)
                .finish_non_exhaustive(),
            Self::DraftRenewed { stale } => f
                .debug_struct("DraftRenewed")
                .field("stale", stale)
                .finish(),
            Self::StepRetried { step, attempt } => f
                .debug_struct("StepRetried")
                .field("step", step)
                .field("attempt", attempt)
                .finish(),
            Self::SupplementRequested {
                step,
                reason: _,
                fields,
            } => f
                .debug_struct("SupplementRequested")
                .field("step", step)
                .field("fields", fields)
                .finish_non_exhaustive(),
            Self::StepRefused { step, reason: _ } => of_step("StepRefused", step),
            Self::StepSkipped { step } => of_step("StepSkipped", step),
            Self::StepCancelled { step } => of_step("StepCancelled", step),
            Self::Delivered { what, channel } => f
                .debug_struct("Delivered")
                .field("what", what)
                .field("channel", channel)
                .finish(),
            Self::CaseWithdrawn { reason: _ } => f.write_str("CaseWithdrawn"),
            Self::CaseRefused => f.write_str("CaseRefused"),
            Self::CaseClosed => f.write_str("CaseClosed"),
        }
    }
}

impl Debug for Command {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let (name, step) = match self {
            Self::Submit { step, .. } => ("Submit", step),
            Self::Complete { step, .. } => ("Complete", step),
            Self::Read { step } => ("Read", step),
            Self::AnswerLookUp { step, .. } => ("AnswerLookUp", step),
            Self::Refuse { step, .. } => ("Refuse", step),
            Self::Fail { step, .. } => ("Fail", step),
            Self::Retry { step } => ("Retry", step),
            Self::RequestSupplement { step, .. } => ("RequestSupplement", step),
            Self::ReadCase {
                department,
                purpose,
            } => {
                return f
                    .debug_struct("ReadCase")
                    .field("department", department)
                    .field("purpose", purpose)
                    .finish();
            }
            Self::Renew => return f.write_str("Renew"),
            Self::ReadReasons { .. } => return f.write_str("ReadReasons"),
            Self::Withdraw { .. } => return f.write_str("Withdraw"),
        };
        f.debug_struct(name)
            .field("step", step)
            .finish_non_exhaustive()
    }
}
