//! The one table of legal transitions, of a case and of a step.
//!
//! `decide` asks it before it records, `apply` follows it, and a test prints
//! it into `docs/case-states.md`.

use std::fmt;

/// Where a case (办件) stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaseStatus {
    /// Not opened yet.
    New,
    /// Opened, not handed in: registries are asked, the form is being completed.
    Draft,
    /// Handed in; steps are under way.
    Running,
    /// Over: everything that was to be decided is decided and delivered.
    Closed,
    /// Over: refused as a whole.
    Refused,
    /// Over: withdrawn by the applicant.
    Withdrawn,
    /// Over before it began: the application broke its contract.
    NotAccepted,
}

/// Where a step (环节) of a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepStatus {
    /// Not part of the case.
    Absent,
    /// Waits for earlier steps.
    Waiting,
    /// Asked of whoever does it; an answer is outstanding.
    Active,
    /// The applicant has been told what is missing and has not answered.
    Supplement,
    /// The department's system failed; a retry is due later.
    Delayed,
    /// Retries are used up: an incident, waiting for a person.
    Stuck,
    /// Done.
    Completed,
    /// Refused.
    Refused,
    /// Not needed after all.
    Skipped,
    /// No longer possible: what it needs was refused, or the case is over.
    Cancelled,
}

/// The kinds of records, for the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// `case-opened`
    CaseOpened,
    /// `application-refused`
    ApplicationRefused,
    /// `submitted`
    Submitted,
    /// `step-dispatched`
    StepDispatched,
    /// `data-read`
    DataRead,
    /// `case-read`
    CaseRead,
    /// `step-completed`
    StepCompleted,
    /// `step-failed`, with a retry to come
    StepFailed,
    /// `incident-opened`
    IncidentOpened,
    /// `draft-renewed`
    DraftRenewed,
    /// `step-retried`
    StepRetried,
    /// `supplement-requested`
    SupplementRequested,
    /// `step-refused`
    StepRefused,
    /// `step-skipped`
    StepSkipped,
    /// `step-cancelled`
    StepCancelled,
    /// `delivered`
    Delivered,
    /// `case-withdrawn`
    CaseWithdrawn,
    /// `case-refused`
    CaseRefused,
    /// `case-closed`
    CaseClosed,
}

impl CaseStatus {
    /// All, in the order of a case's life.
    pub const ALL: [Self; 7] = [
        Self::New,
        Self::Draft,
        Self::Running,
        Self::Closed,
        Self::Refused,
        Self::Withdrawn,
        Self::NotAccepted,
    ];

    /// Whether it is over: nothing comes any more but that somebody reads it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Closed | Self::Refused | Self::Withdrawn | Self::NotAccepted => true,
            Self::New | Self::Draft | Self::Running => false,
        }
    }

    /// The word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Draft => "draft",
            Self::Running => "running",
            Self::Closed => "closed",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::NotAccepted => "not-accepted",
        }
    }

    /// The status after a record, or `None` where the record cannot come.
    #[must_use]
    #[inline] // twice for every record
    pub const fn after(self, event: EventKind) -> Option<Self> {
        use EventKind as E;
        match (self, event) {
            (Self::New, E::CaseOpened) => Some(Self::Draft),
            (Self::New, E::ApplicationRefused) => Some(Self::NotAccepted),
            (Self::Draft | Self::Running, E::Submitted) => Some(Self::Running),
            (
                Self::Draft,
                E::StepDispatched
                | E::DataRead
                | E::CaseRead
                | E::StepCompleted
                | E::StepFailed
                | E::IncidentOpened
                | E::StepRetried
                | E::StepSkipped
                | E::DraftRenewed,
            ) => Some(Self::Draft),
            (
                Self::Running,
                E::StepDispatched
                | E::DataRead
                | E::CaseRead
                | E::StepCompleted
                | E::StepFailed
                | E::IncidentOpened
                | E::StepRetried
                | E::SupplementRequested
                | E::StepRefused
                | E::StepSkipped
                | E::StepCancelled
                | E::Delivered,
            ) => Some(Self::Running),
            (Self::Draft | Self::Running, E::CaseWithdrawn) => Some(Self::Withdrawn),
            (Self::Running, E::CaseRefused) => Some(Self::Refused),
            (Self::Running, E::CaseClosed) => Some(Self::Closed),
            // The applicant reads the reasons.
            (Self::Closed | Self::Refused | Self::Withdrawn, E::CaseRead) => Some(self),
            // Whatever is not listed cannot come.
            _ => None,
        }
    }
}

impl StepStatus {
    /// All, in the order of a step's life.
    pub const ALL: [Self; 10] = [
        Self::Absent,
        Self::Waiting,
        Self::Active,
        Self::Supplement,
        Self::Delayed,
        Self::Stuck,
        Self::Completed,
        Self::Refused,
        Self::Skipped,
        Self::Cancelled,
    ];

    /// Whether the step will not change any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Absent | Self::Completed | Self::Refused | Self::Skipped | Self::Cancelled => {
                true
            }
            Self::Waiting | Self::Active | Self::Supplement | Self::Delayed | Self::Stuck => false,
        }
    }

    /// The word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Waiting => "waiting",
            Self::Active => "active",
            Self::Supplement => "supplement",
            Self::Delayed => "delayed",
            Self::Stuck => "stuck",
            Self::Completed => "completed",
            Self::Refused => "refused",
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status after a record about the step, or `None` where it cannot come.
    #[must_use]
    #[inline] // twice for every record
    pub const fn after(self, event: EventKind) -> Option<Self> {
        use EventKind as E;
        match (self, event) {
            (Self::Waiting, E::StepDispatched) => Some(Self::Active),
            (Self::Waiting, E::StepSkipped) => Some(Self::Skipped),
            (Self::Waiting | Self::Active, E::Submitted) => Some(Self::Completed),
            (Self::Supplement, E::Submitted) => Some(Self::Active),
            // Whoever does a step reads its data; that moves nothing.
            (Self::Active, E::DataRead) => Some(Self::Active),
            (Self::Supplement, E::DataRead) => Some(Self::Supplement),
            (Self::Active, E::StepCompleted) => Some(Self::Completed),
            (Self::Active, E::StepFailed) => Some(Self::Delayed),
            (Self::Active, E::IncidentOpened) => Some(Self::Stuck),
            (Self::Active, E::SupplementRequested) => Some(Self::Supplement),
            (Self::Active, E::StepRefused) => Some(Self::Refused),
            (Self::Delayed | Self::Stuck, E::StepRetried) => Some(Self::Active),
            (
                Self::Waiting | Self::Active | Self::Supplement | Self::Delayed | Self::Stuck,
                // Nobody goes on with a case that was withdrawn.
                E::StepCancelled | E::CaseWithdrawn,
            ) => Some(Self::Cancelled),
            // Whatever is not listed cannot come.
            _ => None,
        }
    }
}

impl EventKind {
    /// All, in the order of a case's life.
    pub const ALL: [Self; 19] = [
        Self::CaseOpened,
        Self::ApplicationRefused,
        Self::Submitted,
        Self::StepDispatched,
        Self::DataRead,
        Self::CaseRead,
        Self::StepCompleted,
        Self::StepFailed,
        Self::IncidentOpened,
        Self::DraftRenewed,
        Self::StepRetried,
        Self::SupplementRequested,
        Self::StepRefused,
        Self::StepSkipped,
        Self::StepCancelled,
        Self::Delivered,
        Self::CaseWithdrawn,
        Self::CaseRefused,
        Self::CaseClosed,
    ];

    /// The word in records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CaseOpened => "case-opened",
            Self::ApplicationRefused => "application-refused",
            Self::Submitted => "submitted",
            Self::StepDispatched => "step-dispatched",
            Self::DataRead => "data-read",
            Self::CaseRead => "case-read",
            Self::StepCompleted => "step-completed",
            Self::StepFailed => "step-failed",
            Self::IncidentOpened => "incident-opened",
            Self::DraftRenewed => "draft-renewed",
            Self::StepRetried => "step-retried",
            Self::SupplementRequested => "supplement-requested",
            Self::StepRefused => "step-refused",
            Self::StepSkipped => "step-skipped",
            Self::StepCancelled => "step-cancelled",
            Self::Delivered => "delivered",
            Self::CaseWithdrawn => "case-withdrawn",
            Self::CaseRefused => "case-refused",
            Self::CaseClosed => "case-closed",
        }
    }
}

macro_rules! displayed {
    ($($name:ident)*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}
displayed!(CaseStatus StepStatus EventKind);

/// Both tables as Markdown: what `docs/case-states.md` shows.
#[must_use]
pub fn as_markdown() -> String {
    let mut text = String::from("| case status | record | then |\n|---|---|---|\n");
    for from in CaseStatus::ALL {
        for event in EventKind::ALL {
            if let Some(to) = from.after(event) {
                text += &format!("| {from} | {event} | {to} |\n");
            }
        }
    }
    text += "\n| step status | record | then |\n|---|---|---|\n";
    for from in StepStatus::ALL {
        for event in EventKind::ALL {
            if let Some(to) = from.after(event) {
                text += &format!("| {from} | {event} | {to} |\n");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_a_final_status() {
        for event in EventKind::ALL {
            for status in CaseStatus::ALL.into_iter().filter(|s| s.is_final()) {
                let after = status.after(event);
                let stays = event == EventKind::CaseRead && status != CaseStatus::NotAccepted;
                assert_eq!(after, stays.then_some(status), "{status} {event}");
            }
            for status in StepStatus::ALL.into_iter().filter(|s| s.is_final()) {
                assert_eq!(status.after(event), None, "{status} {event}");
            }
        }
    }

    /// Run with `UPDATE_DOCS=1` to rewrite the page's tables.
    #[test]
    fn the_page_shows_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/case-states.md");
        let page = std::fs::read_to_string(path).expect("docs/case-states.md is there");
        let (begin, end) = ("<!-- table -->\n", "<!-- /table -->");
        let start = page.find(begin).expect("the page marks its table") + begin.len();
        let stop = page.find(end).expect("the page marks the table's end");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            let page = format!("{}{}{}", &page[..start], as_markdown(), &page[stop..]);
            std::fs::write(path, page).expect("the page can be written");
            return;
        }
        assert_eq!(&page[start..stop], as_markdown(), "run with UPDATE_DOCS=1");
    }
}
