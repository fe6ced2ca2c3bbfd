//! What a case asks: of the applicant on its forms and by notices, and of the outside.

use onething_model::Timestamp;
use onething_plan::{Actor, FieldIx, FormField, Source, StepIx, SubmissionKind};

use super::Case;
use crate::effect::{Ask, Effect};
use crate::transition::{CaseStatus, StepStatus};

/// A supplement notice that the applicant has not answered yet.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    pub(crate) step: StepIx,
    /// What it asks for.
    pub(crate) fields: Vec<FieldIx>,
    pub(crate) since: Timestamp,
}

impl Case {
    pub(super) fn take_notice(&mut self, step: StepIx, fields: &[FieldIx], since: Timestamp) {
        self.supplemented.push(self.plan().step(step).matter);
        let fields = fields.to_vec();
        self.notices.push(Notice {
            step,
            fields,
            since,
        });
    }

    /// The fields that a supplement notice of `step` may ask for: what the step
    /// reads and the applicant gives, be it that a registry did not have it. What
    /// registries [were asked with](Self::is_asked_with) is not among them.
    pub fn correctable(&self, step: StepIx) -> impl Iterator<Item = FieldIx> {
        self.theirs(step)
            .filter(|field| !self.is_asked_with(*field))
    }

    /// What `step` reads and the applicant gives, but registries
    /// [were asked with](Self::is_asked_with), so that no notice asks for it.
    pub fn kept(&self, step: StepIx) -> impl Iterator<Item = FieldIx> {
        self.theirs(step).filter(|field| self.is_asked_with(*field))
    }

    /// What `step` reads and the applicant gives.
    pub(crate) fn theirs(&self, step: StepIx) -> impl Iterator<Item = FieldIx> {
        let layout = self.layout.as_deref();
        let sources = layout.map_or(&[][..], |layout| layout.scenario.sources(step));
        sources.iter().filter_map(|(field, source)| match source {
            Source::Applicant(_) => Some(*field),
            Source::LookUp(look_up) => self.missed.contains(&(*field, *look_up)).then_some(*field),
            // Of steps what the applicant said in one of their own.
            Source::Step(from) => self.plan().is_stated_in(*from).then_some(*field),
            // What follows is corrected by what it follows from, which has its own source here.
            Source::Derived(_) => None,
        })
    }

    /// Whether the matter of `step` has had the one supplement notice that the
    /// law allows it: another is refused, whichever of its steps asks.
    #[must_use]
    pub fn has_supplemented(&self, step: StepIx) -> bool {
        self.supplemented.contains(&self.plan().step(step).matter)
    }

    /// Whether a registry cannot be asked: what it is asked with should have been made by a
    /// step that was refused or is not gone on with, or should have come from another registry, which did not have it, and the applicant has neither given it
    /// along nor in answer to that. Such a look-up is skipped, and what it would
    /// have given is missed, as if the registry had nothing.
    pub(crate) fn lacks_key(&self, step: StepIx) -> bool {
        if !matches!(self.plan().step(step).actor, Actor::LookUp(_)) {
            return false;
        }
        let layout = self.layout.as_deref();
        let keys = layout.map_or(&[][..], |layout| layout.scenario.sources(step));
        keys.iter().any(|(key, source)| match source {
            Source::LookUp(giver) => {
                let scope = self.plan().step(*giver).scope;
                let asker = self.form_for(*giver).unwrap_or(scope);
                let given_along = self.status == CaseStatus::Draft
                    && self
                        .opening
                        .as_deref()
                        .is_some_and(|opening| opening.values.iter().any(|(f, _)| f == key));
                // Of a simulated case nobody knows values.
                let answered = || {
                    self.step(asker).status == StepStatus::Completed
                        && match self.is_simulated() {
                            true => self.asked(asker).iter().any(|asked| asked.field == *key),
                            false => self.held(*key).is_some(),
                        }
                };
                self.missed.contains(&(*key, *giver)) && !given_along && !answered()
            }
            Source::Step(maker) => self.does_not_go_on(*maker),
            // What a key follows from has its own source here.
            Source::Applicant(_) | Source::Derived(_) => false,
        })
    }

    /// What a submission asks as things stand, what registries missed included; of a step of
    /// the applicant's own what they state there, of one that waits for a supplement what its
    /// notice asks for.
    #[must_use]
    pub fn asked(&self, step: StepIx) -> Vec<FormField> {
        let Some(layout) = &self.layout else {
            return Vec::new();
        };
        let submission = match &self.plan().step(step).actor {
            Actor::Submission(submission) => submission,
            Actor::Applicant => return layout.scenario.form(step).to_vec(),
            Actor::LookUp(_) | Actor::System | Actor::Officer | Actor::Outside => {
                let notice = self.notices.iter().find(|notice| notice.step == step);
                return notice.map_or(Vec::new(), |notice| {
                    let must = |field: &FieldIx| FormField {
                        field: *field,
                        optional: false,
                    };
                    notice.fields.iter().map(must).collect()
                });
            }
        };
        let is_skipped = |look_up| self.step(look_up).status == StepStatus::Skipped;
        let is_over = |reader| self.does_not_go_on(reader);
        let missed = |form: StepIx| {
            layout.asked_after_all(self.plan(), form, &self.missed, is_skipped, is_over)
        };
        match submission.kind {
            SubmissionKind::Application => {
                let mut form = layout.scenario.form(step).to_vec();
                form.extend(missed(step));
                form
            }
            // What another form asks, or asked, in its place.
            SubmissionKind::Fallback(_) if self.asks_instead(step).is_some() => Vec::new(),
            SubmissionKind::Fallback(_) => {
                let others = self.asks_for(step).flat_map(missed).collect();
                Self::together(missed(step), others)
            }
        }
    }

    /// Whether a step was refused, or cancelled for the sake of one that was.
    pub(crate) fn does_not_go_on(&self, step: StepIx) -> bool {
        let status = self.step(step).status;
        matches!(status, StepStatus::Refused | StepStatus::Cancelled)
    }

    /// What is asked of the outside for one step.
    #[must_use]
    pub fn effect(&self, step: StepIx) -> Option<Effect> {
        if self.status.is_final() {
            return None;
        }
        let state = self.step(step);
        let ask = match state.status {
            StepStatus::Active => match &self.plan().step(step).actor {
                Actor::System => Ask::Dispatch {
                    attempt: state.attempt,
                },
                Actor::LookUp(_) => Ask::LookUp {
                    attempt: state.attempt,
                },
                Actor::Officer | Actor::Outside => Ask::Work,
                Actor::Submission(_) => Ask::Submission,
                Actor::Applicant => Ask::Errand,
            },
            StepStatus::Supplement => Ask::Supplement,
            StepStatus::Delayed => Ask::Wake {
                at: state.retry_at.unwrap_or_default(),
            },
            StepStatus::Stuck => Ask::Incident,
            StepStatus::Absent
            | StepStatus::Waiting
            | StepStatus::Completed
            | StepStatus::Refused
            | StepStatus::Skipped
            | StepStatus::Cancelled => return None,
        };
        Some(Effect {
            step,
            round: state.round,
            ask,
        })
    }

    /// Everything that is asked of the outside, by step number.
    pub fn outstanding(&self) -> impl Iterator<Item = Effect> {
        (0..self.steps.len()).filter_map(|at| self.effect(StepIx::at(at)))
    }
}
