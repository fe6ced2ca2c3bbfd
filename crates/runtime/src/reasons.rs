//! Why something came to nothing: what was written when a step was refused or a case
//! withdrawn, and which refusal ended what is not gone on with. The records say it.

use std::sync::Arc;

use onething_engine::Event;
use onething_model::StepKey;

use crate::view::{Awaits, CaseView, HistoryLine};

/// Why a step came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyNot {
    /// It was refused.
    Refused {
        /// What was written: to its applicant as it was, to others without what is personal.
        reason: Arc<str>,
    },
    /// Another step was refused, and this one is not gone on with.
    NotGoneOnWith {
        /// The step that was refused.
        after: StepKey,
    },
}

/// Whether the records say more of a case than its state does.
pub(crate) fn has_reasons(view: &CaseView) -> bool {
    use onething_engine::{CaseStatus, StepStatus};
    let came_to_nothing = |status| matches!(status, StepStatus::Refused | StepStatus::Cancelled);
    view.status == CaseStatus::Withdrawn
        || view.steps.iter().any(|step| came_to_nothing(step.status))
}

/// Takes the reasons out of the records of a case, all or more than it was seen with.
pub(crate) fn explain(view: &mut CaseView, story: &[HistoryLine]) {
    let mut refused = None;
    for line in story.iter().take_while(|line| line.seq <= view.seq) {
        let (of, why) = match &line.record.event {
            Event::StepRefused { step, reason } => {
                refused = Some(step);
                let reason = reason.as_str().into();
                (step, WhyNot::Refused { reason })
            }
            // What a refusal ends is on record right after it.
            Event::StepCancelled { step } => match refused {
                Some(after) => {
                    let after = after.clone();
                    (step, WhyNot::NotGoneOnWith { after })
                }
                None => continue,
            },
            Event::CaseWithdrawn { reason } => {
                view.withdrawn = Some(reason.as_str().into());
                continue;
            }
            _ => continue,
        };
        let found = view.steps.iter_mut().find(|step| step.step == *of);
        found
            .into_iter()
            .for_each(|found| found.why_not = Some(why.clone()));
    }
}

/// Every reason that a view shows.
pub(crate) fn shown(view: &CaseView) -> Vec<String> {
    let refusals = view.steps.iter().filter_map(|step| match &step.why_not {
        Some(WhyNot::Refused { reason }) => Some(reason),
        Some(WhyNot::NotGoneOnWith { .. }) | None => None,
    });
    let notices = view.awaiting.iter().filter_map(|item| match &item.what {
        Awaits::Supplement { reason, .. } | Awaits::Incident { reason } => Some(reason),
        Awaits::Answer { .. }
        | Awaits::Work
        | Awaits::Submission { .. }
        | Awaits::Errand { .. }
        | Awaits::Retry { .. } => None,
    });
    let all = refusals.chain(notices).chain(&view.withdrawn);
    all.map(|reason| reason.to_string()).collect()
}

/// Every reason that records hold.
pub(crate) fn written(story: &[HistoryLine]) -> Vec<String> {
    let mut reasons = Vec::new();
    for line in story {
        let event = line.record.event.clone();
        let _ = event.with_reason(|reason| {
            reasons.push(reason.to_owned());
            String::new()
        });
    }
    reasons
}
