//! Commands: what the outside asks the core to decide, as imperatives.

use std::sync::Arc;

use onething_model::Timestamp;
use onething_plan::{DepartmentIx, FieldIx, StepIx};

use crate::record::Values;

/// What the outside asks of an open case. A case is opened by
/// [`Case::open`](crate::Case::open). Printing one for debugging shows names, no values.
#[derive(Clone, PartialEq)]
pub enum Command {
    /// The applicant hands something in: a submission that is asked, or the
    /// answer to a supplement notice.
    Submit {
        /// The submission, or the step whose notice is answered.
        step: StepIx,
        /// What is handed in beside what the draft holds.
        values: Values,
    },
    /// A department, an officer or the applicant has done a step.
    Complete {
        /// The step.
        step: StepIx,
        /// The round the answer is for; `None`: the present one.
        round: Option<u32>,
        /// What it made.
        values: Values,
    },
    /// Whoever does a step looks at its data; or the applicant, at a submission
    /// that is asked, looks at what was fetched. Only where
    /// [`Case::personal_reads`](crate::Case::personal_reads) has any, or
    /// [`Case::fetched`](crate::Case::fetched) has personal fields; the rest
    /// leaves no record.
    Read {
        /// The step.
        step: StepIx,
    },
    /// Somebody of a department looks at the whole case: who is on record, and
    /// what they saw of what is granted to the department.
    ReadCase {
        /// On whose grants.
        department: DepartmentIx,
        /// What for: only what is granted for it is seen. Without it, what the
        /// department has one grant on; where it has several, nobody knows
        /// which one the reading would stand on.
        purpose: Option<String>,
    },
    /// The applicant, or who helps them, reads what they are told as it was written: who
    /// is on record, and which personal values of the case stand in it.
    ReadReasons {
        /// All that is shown.
        reasons: Vec<String>,
    },
    /// A registry answered.
    AnswerLookUp {
        /// The look-up.
        step: StepIx,
        /// What it had. What is needed and is not here was missed.
        values: Values,
        /// Since when values are valid, where the registry says so.
        valid_since: Vec<(FieldIx, Timestamp)>,
        /// For a simulated case: whether it had everything.
        hit: bool,
    },
    /// A department or officer refuses.
    Refuse {
        /// The step.
        step: StepIx,
        /// The round the answer is for; `None`: the present one.
        round: Option<u32>,
        /// Why; told to the applicant.
        reason: String,
    },
    /// A department's system failed to do a step.
    Fail {
        /// The step.
        step: StepIx,
        /// What it said.
        reason: String,
        /// Whether trying again can help.
        transient: bool,
    },
    /// Ask registries again about a draft that waits for its applicant, since what they had
    /// became [older than their contracts allow](crate::Case::fresh_until).
    Renew,
    /// Try a failed step again: a person's decision after an incident, or the
    /// timer of a delayed one.
    Retry {
        /// The step.
        step: StepIx,
    },
    /// Tell the applicant, once and completely, what is missing (一次性补正告知).
    RequestSupplement {
        /// The step that needs it.
        step: StepIx,
        /// What is missing and why; told to the applicant.
        reason: String,
        /// The fields to hand in again.
        fields: Vec<FieldIx>,
    },
    /// The applicant withdraws.
    Withdraw {
        /// Why, if said.
        reason: String,
    },
}

/// Who asks: an officer's or a caller's name, for the record.
pub type By = Option<Arc<str>>;
