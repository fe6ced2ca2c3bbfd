//! Effects: what a case asks of the outside. Derived from its state, so that
//! recovery is the normal path.

use std::fmt;
use std::str::FromStr;

use onething_model::{CaseId, StepKey, Timestamp};
use onething_plan::StepIx;

/// What an open case asks of the outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effect {
    /// The step it is about.
    pub step: StepIx,
    /// How often the step has been asked anew; the first round is 1. A retry
    /// after a failure is the same round.
    pub round: u32,
    /// What is asked.
    pub ask: Ask,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ask {
    /// A department's system is to do the step.
    Dispatch {
        /// Which attempt this is; the first is 1.
        attempt: u32,
    },
    /// A registry is to be asked.
    LookUp {
        /// Which attempt this is; the first is 1.
        attempt: u32,
    },
    /// An officer or an outside body is to do the step: a worklist entry.
    Work,
    /// The applicant is to hand something in.
    Submission,
    /// The applicant is to do the step: to collect, to pay, to attend.
    Errand,
    /// The applicant is to answer a supplement notice.
    Supplement,
    /// A timer: retry the step then.
    Wake {
        /// When.
        at: Timestamp,
    },
    /// A person is to look at the incident.
    Incident,
}

/// The identity of an effect: the department's idempotency key. Effects
/// happen at least once, their results are recorded exactly once.
///
/// ```
/// use onething_engine::EffectId;
/// let id: EffectId = "42/food-review/1".parse().unwrap();
/// assert_eq!((id.case.0, id.step.as_str(), id.round), (42, "food-review", 1));
/// assert_eq!(id.to_string(), "42/food-review/1");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectId {
    /// The case.
    pub case: CaseId,
    /// The step.
    pub step: StepKey,
    /// The round.
    pub round: u32,
}

impl fmt::Display for EffectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.case, self.step, self.round)
    }
}

/// The text is not `case/step/round`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an effect is written CASE/STEP/ROUND, as in 42/food-review/1")]
pub struct EffectIdError;

impl FromStr for EffectId {
    type Err = EffectIdError;
    fn from_str(text: &str) -> Result<Self, EffectIdError> {
        let mut parts = text.split('/');
        let (Some(case), Some(step), Some(round), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(EffectIdError);
        };
        Ok(Self {
            case: case.parse().map_err(|_| EffectIdError)?,
            step: step.parse().map_err(|_| EffectIdError)?,
            round: round.parse().map_err(|_| EffectIdError)?,
        })
    }
}
