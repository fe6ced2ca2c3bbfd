//! What a case comes to.

use onething_model::Timestamp;

use crate::figure::FigureName;

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Outcome {
    /// It has not ended.
    #[default]
    Unfinished,
    /// Decided and delivered.
    Closed,
    /// Refused as a whole.
    Refused,
    /// Withdrawn by the applicant.
    Withdrawn,
    /// Turned away: the application broke its contract.
    NotAccepted,
}

impl Outcome {
    /// Whether the administration finished it, so that it belongs into means:
    /// closed or refused.
    #[must_use]
    pub const fn is_finished(self) -> bool {
        match self {
            Self::Closed | Self::Refused => true,
            Self::Unfinished | Self::Withdrawn | Self::NotAccepted => false,
        }
    }
}

/// What one case cost the applicant; see the [module](super) for what is counted.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CaseMeasures {
    /// How it ended.
    pub outcome: Outcome,
    /// When something was first handed in.
    pub first_submission: Option<Timestamp>,
    /// When the last result was delivered; the end of a case without results.
    /// `None` for a case that is not finished.
    pub end: Option<Timestamp>,
    /// Working days of the plan's calendar between the two.
    pub processing_working_days: Option<f64>,
    /// Calendar days between the two.
    pub elapsed_days: Option<f64>,
    /// Acts of handing in.
    pub submissions: u32,
    /// Documents asked.
    pub materials: u32,
    /// Plain fields asked.
    pub fields: u32,
    /// Forms with at least one entry.
    pub forms: u32,
    /// Trips to an office.
    pub visits: u32,
    /// The applicant's steps.
    pub steps: u32,
    /// Steps of departments and outside bodies.
    pub internal_steps: u32,
    /// Different offices approached.
    pub departments: u32,
    /// Results that the answers bring, were nothing refused.
    pub results_due: u32,
    /// Results delivered.
    pub results_delivered: u32,
}

impl CaseMeasures {
    /// The value of a figure, in the figure's unit; `None` for the times of a
    /// case that is not finished.
    #[must_use]
    pub fn value(&self, name: FigureName) -> Option<f64> {
        let count = match name {
            FigureName::ProcessingTime => return self.processing_working_days,
            FigureName::ElapsedTime => return self.elapsed_days,
            FigureName::Submissions => self.submissions,
            FigureName::Materials => self.materials,
            FigureName::Fields => self.fields,
            FigureName::Forms => self.forms,
            FigureName::Visits => self.visits,
            FigureName::Steps => self.steps,
            FigureName::InternalSteps => self.internal_steps,
            FigureName::Departments => self.departments,
        };
        Some(f64::from(count))
    }
}
