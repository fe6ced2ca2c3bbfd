//! What the lab answers to what a case asks: when it begins and ends, with which draw, and the
//! command that says so.

use onething_engine::{CaseStatus, Command, Event, StepStatus, Values};
use onething_model::{Micros, Timestamp};
use onething_plan::{Actor, FieldIx, StepIx, sample};

use super::{Error, Happening, Job, Observer, Payload, Simulator, asks, is_wanted};
use crate::draw::Purpose;
use crate::pool::Priority;
use crate::setting::{Part, Setting, StepKind};
use crate::span::Span;

impl<O: Observer> Simulator<'_, O> {
    /// Begins whatever a case asks for a step.
    pub(super) fn act(&mut self, job: Job, now: Timestamp) {
        let place = &self.slots[job.slot as usize];
        let case = &place.case;
        let state = case.step(job.step);
        // What follows at once within the same command may have cancelled it.
        if !asks(state.status) {
            return;
        }
        let setting = self.setting;
        let step = &setting.steps[job.step.index()];
        let calendar = &setting.plan().calendar;
        let round = state.round.saturating_sub(1);
        let draw = |part: &Part, purpose: Purpose, round: u32| {
            place.draws.uniform(part.hash, purpose.nth(round))
        };
        // What the applicant does is never made of parts.
        let after = |span: &Option<Span>, purpose: Purpose| {
            let part = step.parts.first().zip(span.as_ref());
            part.map_or(now, |(part, span)| {
                span.end(now, draw(part, purpose, round), calendar)
            })
        };
        let parts = || {
            let scenario = case.layout().map(|layout| &layout.scenario);
            // Who has one thing to do does it, whether the papers are complete or not.
            let incomplete = step.parts.len() > 1 && self.incomplete(job, round).is_some();
            let parts =
                scenario.map(|scenario| step.done(scenario, place.draws, round, incomplete));
            parts.into_iter().flatten()
        };
        let one_by_one = |purpose: Purpose| {
            parts().fold(now, |at, (part, round)| {
                let work = part.work.as_ref();
                work.map_or(at, |work| {
                    work.end(at, draw(part, purpose, round), calendar)
                })
            })
        };
        if state.status == StepStatus::Supplement {
            let at = after(&setting.answered_after, Purpose::SUPPLEMENT_DELAY);
            self.events.schedule(at, Happening::Submit(job));
            return;
        }
        let in_person = |at: Timestamp| {
            if step.on_site {
                calendar.next_open(at)
            } else {
                at
            }
        };
        match step.kind {
            StepKind::Queue(pool) => {
                let work = parts().fold(Micros(0), |sum, (part, round)| {
                    let work = part.work.as_ref();
                    work.map_or(sum, |work| {
                        sum + work.open_time(draw(part, Purpose::WORK, round))
                    })
                });
                self.pools[pool].enqueue(now, job, work, Priority::NORMAL);
                self.staff(pool, now);
            }
            StepKind::Delay | StepKind::LookUp { .. } => {
                let at = one_by_one(Purpose::WORK);
                self.events.schedule(at, Happening::Done(job));
            }
            StepKind::Errand => {
                let at = in_person(one_by_one(Purpose::APPLICANT_DELAY));
                self.events.schedule(at, Happening::Done(job));
            }
            StepKind::Application => {
                // The draft is handed in as soon as it is complete.
                let at = if case.status() == CaseStatus::Draft {
                    now
                } else {
                    in_person(after(&setting.between_matters, Purpose::ERRAND))
                };
                self.events.schedule(at, Happening::Submit(job));
            }
            StepKind::Fallback => {
                let at = after(&setting.answered_after, Purpose::SUPPLEMENT_DELAY);
                self.events.schedule(at, Happening::Submit(job));
            }
        }
    }

    /// Lets the officers of a pool take up what they can.
    pub(super) fn staff(&mut self, pool: usize, now: Timestamp) {
        let wanted = |job: Job| is_wanted(&self.slots, job);
        while let Some(start) = self.pools[pool].start_wanted(now, wanted) {
            self.events
                .schedule(start.finishes, Happening::Done(start.job));
        }
        if let Some(opening) = self.pools[pool].wake_at() {
            self.events.schedule(opening, Happening::Open(pool as u32));
        }
    }

    pub(super) fn done(&mut self, job: Job, now: Timestamp) -> Result<(), Error> {
        let step = &self.setting.steps[job.step.index()];
        if let StepKind::Queue(pool) = step.kind {
            // Work on a case that was refused meanwhile is done all the same.
            self.pools[pool].finish(now);
            self.staff(pool, now);
        }
        if !self.is_wanted(job) {
            return Ok(());
        }
        let place = &self.slots[job.slot as usize];
        let case = &place.case;
        let round = case.step(job.step).round.saturating_sub(1);
        if let Some(field) = self.incomplete(job, round) {
            let command = Command::RequestSupplement {
                step: job.step,
                reason: String::new(),
                fields: vec![field],
            };
            return self.command(job.slot, &command, now);
        }
        if let Some(layout) = case.layout() {
            let calendar = &self.setting.plan().calendar;
            let (mut at, mut lies) = (now, false);
            for (part, round) in step.done(&layout.scenario, place.draws, round, false) {
                if let Some(lying) = &part.lying {
                    let u = place.draws.uniform(part.hash, Purpose::LYING.nth(round));
                    (at, lies) = (lying.end(at, u, calendar), true);
                }
            }
            if lies {
                self.events.schedule(at, Happening::Lain(job));
                return Ok(());
            }
        }
        self.complete(job, now)
    }

    /// What is asked again where a step finds the papers incomplete: one thing
    /// that the applicant gives.
    fn incomplete(&self, job: Job, round: u32) -> Option<FieldIx> {
        let step = &self.setting.steps[job.step.index()];
        let supplement = step.supplement.as_ref().filter(|_| round == 0)?;
        let place = &self.slots[job.slot as usize];
        let case = &place.case;
        // What can be asked grows when a registry misses: a step after this
        // one may have been the first with something to ask.
        if case.has_supplemented(job.step) {
            return None;
        }
        let examines = case.layout().is_some_and(|layout| {
            supplement.before.iter().all(|step| {
                !layout.scenario.is_active(*step) || case.correctable(*step).next().is_none()
            })
        });
        let asked = case.correctable(job.step).next();
        let needed = examines
            && place.draws.happens(
                supplement.matter,
                Purpose::SUPPLEMENT,
                supplement.probability,
            );
        asked.filter(|_| needed)
    }

    pub(super) fn complete(&mut self, job: Job, now: Timestamp) -> Result<(), Error> {
        let step = &self.setting.steps[job.step.index()];
        let place = &self.slots[job.slot as usize];
        let draws = place.draws;
        let scenario = place.case.layout().map(|layout| &layout.scenario);
        let refuses = scenario.is_some_and(|scenario| step.refuses(scenario, draws));
        let command = match step.kind {
            StepKind::LookUp { registry, miss } => {
                let hit = !draws.happens(registry, Purpose::REGISTRY_MISS, miss);
                Command::AnswerLookUp {
                    valid_since: Vec::new(),
                    step: job.step,
                    values: if hit {
                        self.made(job.step)
                    } else {
                        Values::new()
                    },
                    hit,
                }
            }
            _ if refuses => Command::Refuse {
                step: job.step,
                round: None,
                reason: String::new(),
            },
            _ => Command::Complete {
                step: job.step,
                round: None,
                values: self.made(job.step),
            },
        };
        self.command(job.slot, &command, now)
    }

    pub(super) fn submit(&mut self, job: Job, now: Timestamp) -> Result<(), Error> {
        if !self.is_wanted(job) {
            return Ok(());
        }
        let case = &self.slots[job.slot as usize].case;
        let values = match self.payload {
            Payload::Sample => {
                let drafted = |field: FieldIx| {
                    case.status() == CaseStatus::Draft
                        && case
                            .opening()
                            .is_some_and(|o| o.values.iter().any(|(given, _)| *given == field))
                };
                let asked = case.asked(job.step).into_iter().map(|asked| asked.field);
                self.samples(asked.filter(|field| !drafted(*field)))
            }
            Payload::None => Values::new(),
        };
        let command = Command::Submit {
            step: job.step,
            values,
        };
        self.command(job.slot, &command, now)
    }

    /// What a step makes.
    fn made(&self, step: StepIx) -> Values {
        match self.payload {
            Payload::None => Values::new(),
            Payload::Sample => self.samples(self.setting.plan().step(step).writes.iter().copied()),
        }
    }

    fn samples(&self, fields: impl Iterator<Item = FieldIx>) -> Values {
        let plan = self.setting.plan();
        fields
            .map(|field| (field, sample::value(plan, field)))
            .collect()
    }
}

/// The step that a record asks someone to do.
pub(super) fn asked_by(setting: &Setting, event: &Event) -> Option<StepIx> {
    match event {
        Event::StepDispatched { step, .. }
        | Event::StepRetried { step, .. }
        | Event::SupplementRequested { step, .. } => Some(*step),
        // The answer to a notice: the step goes on.
        Event::Submitted { step, .. } => match setting.plan().step(*step).actor {
            Actor::Submission(_) => None,
            Actor::LookUp(_)
            | Actor::System
            | Actor::Officer
            | Actor::Applicant
            | Actor::Outside => Some(*step),
        },
        // The lab simulates no failing systems, so these only end things.
        Event::CaseOpened(_)
        | Event::ApplicationRefused { .. }
        | Event::DataRead { .. }
        | Event::CaseRead { .. }
        | Event::StepCompleted { .. }
        | Event::StepFailed { .. }
        | Event::IncidentOpened { .. }
        | Event::StepRefused { .. }
        | Event::DraftRenewed { .. }
        | Event::StepSkipped { .. }
        | Event::StepCancelled { .. }
        | Event::Delivered { .. }
        | Event::CaseWithdrawn { .. }
        | Event::CaseRefused
        | Event::CaseClosed => None,
    }
}
