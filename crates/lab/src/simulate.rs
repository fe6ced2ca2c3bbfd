//! One replication of one way: cases of the real core in virtual time.
//!
//! The simulator is a driver like any other. It answers what a case asks —
//! departments, officers, registries, the applicant — with draws, and sends
//! the core the same commands that the real world would. It has no rules of
//! its own: what follows from an answer, the core decides.

use std::sync::Arc;

use onething_engine::{Case, CaseStatus, Command, Event, Opening, Rejection, StepStatus, Values};
use onething_model::{Digest, Micros, Timestamp};
use onething_plan::{Actor, FieldIx, StepIx, sample};

use crate::draw::{CaseDraws, Purpose, ReplicationDraws};
use crate::event_list::EventList;
use crate::hours::StaffHours;
use crate::pool::{Pool, Priority, Usage};
use crate::setting::{Part, PoolSetting, Setting, StepKind};
use crate::span::{Span, YEAR, open_time_of_year};

/// What simulated cases carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Payload {
    /// No data: fields are taken to be there. Fast, and all that figures need.
    #[default]
    None,
    /// Valid sample values in every field, checked by the core as real ones
    /// are: the records are those of a real run.
    Sample,
}

/// Watches a run. Every record goes by, in order; `slot` is a small number
/// that no two cases share at the same time.
pub trait Observer {
    /// Something was recorded for a case, and has changed it.
    fn recorded(&mut self, slot: usize, number: u64, case: &Case, at: Timestamp, event: &Event);

    /// A case has ended; nothing more will be recorded for it.
    fn ended(&mut self, slot: usize, number: u64, case: &Case, at: Timestamp);
}

/// Watches nothing.
impl Observer for () {
    fn recorded(&mut self, _: usize, _: u64, _: &Case, _: Timestamp, _: &Event) {}
    fn ended(&mut self, _: usize, _: u64, _: &Case, _: Timestamp) {}
}

/// How a run went.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// What each pool did, in the order of the setting's pools.
    pub pools: Vec<PoolRun>,
    /// Cases that ended.
    pub ended: u64,
    /// Cases that never came to an end.
    pub unfinished: u64,
    /// Applicants for whom there was nothing to do.
    pub nothing_to_do: u64,
    /// When the last applicant came.
    pub last_arrival: Timestamp,
    /// When the last thing happened.
    pub ended_at: Timestamp,
    /// How many events were taken off the list.
    pub events: u64,
}

/// What a pool did in a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PoolRun {
    /// The counters.
    pub usage: Usage,
    /// Work that a year's applications ask for, by the officers' opening time
    /// of a year: at 1 and above, queues grow without end.
    pub load: f64,
    /// Mean number of jobs waiting when people apply all year: by Little's law,
    /// their rate times their mean wait.
    pub queue: f64,
}

/// The core refused what the simulator sent: the definition cannot be run
/// with sample values, or the two do not fit.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("case {number} of the simulation: {rejection}")]
pub struct Error {
    /// Which case, counted from 0 in the order of arrival.
    pub number: u64,
    /// What the core said.
    pub rejection: Box<Rejection>,
}

/// Runs `cases` cases from empty to empty.
///
/// # Errors
/// The core refused a command.
pub fn simulate(
    setting: &Setting,
    draws: ReplicationDraws,
    cases: u64,
    payload: Payload,
    observer: &mut impl Observer,
) -> Result<Run, Error> {
    let mut simulator = Simulator::new(setting, draws, cases, payload, observer);
    while simulator.step()? {}
    Ok(simulator.finish())
}

#[derive(Debug, Clone, Copy)]
enum Happening {
    /// The next applicant comes.
    Arrive,
    /// Someone's hands are off a step.
    Done(Job),
    /// A paper has lain long enough.
    Lain(Job),
    /// The applicant hands something in.
    Submit(Job),
    /// A pool opens.
    Open(u32),
}

/// A step of a case; the generation tells cases apart that used the same slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Job {
    slot: u32,
    generation: u32,
    step: StepIx,
}

#[derive(Debug)]
struct Slot {
    /// The present case, or one that is over and whose memory is still good.
    case: Case,
    draws: CaseDraws,
    number: u64,
    generation: u32,
}

struct Simulator<'a, O> {
    setting: &'a Setting,
    payload: Payload,
    draws: ReplicationDraws,
    cases: u64,
    arrived: u64,
    events: EventList<Happening>,
    pools: Vec<Pool<Job, StaffHours>>,
    slots: Vec<Slot>,
    free: Vec<u32>,
    /// Records of the command under way; kept for its memory.
    records: Vec<Event>,
    /// What cases begin with where all begin alike.
    opening: Option<Arc<Opening>>,
    observer: &'a mut O,
    run: Run,
}

impl<'a, O: Observer> Simulator<'a, O> {
    fn new(
        setting: &'a Setting,
        draws: ReplicationDraws,
        cases: u64,
        payload: Payload,
        observer: &'a mut O,
    ) -> Self {
        let begins = setting.begins();
        let mut events = EventList::new();
        if cases > 0 {
            let first = setting.next_arrival(begins, draws.case(0));
            events.schedule(first, Happening::Arrive);
        }
        let pool = |pool: &PoolSetting| {
            let hours = StaffHours::from(pool.calendar.clone());
            Pool::new(pool.officers, hours, begins)
        };
        Self {
            setting,
            payload,
            draws,
            cases,
            arrived: 0,
            events,
            pools: setting.pools().iter().map(pool).collect(),
            slots: Vec::new(),
            free: Vec::new(),
            records: Vec::new(),
            opening: None,
            observer,
            run: Run {
                pools: Vec::new(),
                ended: 0,
                unfinished: 0,
                nothing_to_do: 0,
                last_arrival: begins,
                ended_at: begins,
                events: 0,
            },
        }
    }

    /// Lets the next thing happen; false when nothing will any more.
    fn step(&mut self) -> Result<bool, Error> {
        let Some((now, happening)) = self.events.next() else {
            return Ok(false);
        };
        self.run.events += 1;
        self.run.ended_at = now;
        match happening {
            Happening::Arrive => self.arrive(now)?,
            Happening::Done(job) => self.done(job, now)?,
            Happening::Lain(job) => {
                if self.is_wanted(job) {
                    self.complete(job, now)?;
                }
            }
            Happening::Submit(job) => self.submit(job, now)?,
            Happening::Open(pool) => self.staff(pool as usize, now),
        }
        Ok(true)
    }

    fn arrive(&mut self, now: Timestamp) -> Result<(), Error> {
        let number = self.arrived;
        self.arrived += 1;
        self.run.last_arrival = now;
        // One ahead, so that the list does not grow with the number of cases.
        if self.arrived < self.cases {
            let next = self
                .setting
                .next_arrival(now, self.draws.case(self.arrived));
            self.events.schedule(next, Happening::Arrive);
        }
        self.admit(number, self.draws.case(number), now)
    }

    fn finish(mut self) -> Run {
        let setting = self.setting;
        let open = |slot: &&Slot| !slot.case.status().is_final();
        self.run.unfinished = self.slots.iter().filter(open).count() as u64;
        let per_case = setting.per_year() / (self.arrived.max(1) as f64);
        for (pool, of) in self.pools.iter_mut().zip(setting.pools()) {
            let usage = pool.usage(self.run.ended_at);
            let staffed = open_time_of_year(&of.calendar).0 as f64 * f64::from(of.officers);
            let asked = usage.busy as f64 * per_case;
            self.run.pools.push(PoolRun {
                usage,
                load: if staffed > 0.0 { asked / staffed } else { 0.0 },
                queue: usage.queue_area as f64 * per_case / YEAR.0 as f64,
            });
        }
        self.run
    }

    fn admit(&mut self, number: u64, draws: CaseDraws, now: Timestamp) -> Result<(), Error> {
        let Some(opening) = self.opening(draws) else {
            self.run.nothing_to_do += 1;
            return Ok(());
        };
        let slot = match self.free.pop() {
            Some(slot) => {
                let place = &mut self.slots[slot as usize];
                place.case.reopen(opening, now, &mut self.records);
                place.draws = draws;
                place.number = number;
                slot
            }
            None => {
                let blueprint = self.setting.blueprint();
                self.slots.push(Slot {
                    case: Case::open(blueprint, opening, now, &mut self.records),
                    draws,
                    number,
                    generation: 0,
                });
                (self.slots.len() - 1) as u32
            }
        };
        self.settle(slot, now)
    }

    /// What the applicant's case begins with; `None` when nothing is to do.
    fn opening(&mut self, draws: CaseDraws) -> Option<Arc<Opening>> {
        if let Some(opening) = &self.opening {
            return Some(opening.clone());
        }
        let plan = self.setting.plan();
        let answers = self.setting.answers(draws);
        if self.setting.blueprint().layout(&answers).count == 0 {
            return None;
        }
        let given = answers
            .iter()
            .map(|(question, answer)| (question, answer.clone()));
        let opening = Arc::new(match self.payload {
            Payload::None => Opening {
                service: plan.service.clone(),
                version: plan.version.as_str().into(),
                definition: plan.digest,
                key: "simulated".into(),
                request: Digest([0; 32]),
                answers: given.collect(),
                values: Values::new(),
                simulated: true,
                confirm: false,
            },
            Payload::Sample => {
                let values = sample::application(plan, &answers);
                Opening::new(plan, "simulated", given.collect(), values)
            }
        });
        if plan.questions.is_empty() {
            self.opening = Some(opening.clone());
        }
        Some(opening)
    }

    /// Sends a command to a case and sees to what follows.
    fn command(&mut self, slot: u32, command: &Command, now: Timestamp) -> Result<(), Error> {
        let place = &mut self.slots[slot as usize];
        place
            .case
            .handle(command, now, &mut self.records)
            .map_err(|rejection| Error {
                number: place.number,
                rejection: Box::new(rejection),
            })?;
        self.settle(slot, now)
    }

    /// Shows the new records to the observer, and answers what they ask.
    fn settle(&mut self, slot: u32, now: Timestamp) -> Result<(), Error> {
        let mut records = std::mem::take(&mut self.records);
        let place = &mut self.slots[slot as usize];
        let (number, generation) = (place.number, place.generation);
        for event in &records {
            self.observer
                .recorded(slot as usize, number, &place.case, now, event);
        }
        if place.case.status().is_final() {
            self.observer.ended(slot as usize, number, &place.case, now);
            place.generation = generation.wrapping_add(1);
            self.free.push(slot);
            self.run.ended += 1;
        } else {
            for event in &records {
                if let Some(step) = asked_by(self.setting, event) {
                    let job = Job {
                        slot,
                        generation,
                        step,
                    };
                    self.act(job, now);
                }
            }
        }
        records.clear();
        self.records = records;
        Ok(())
    }

    /// Whether a case still waits for this step.
    fn is_wanted(&self, job: Job) -> bool {
        is_wanted(&self.slots, job)
    }

    /// Begins whatever a case asks for a step.
    fn act(&mut self, job: Job, now: Timestamp) {
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
    fn staff(&mut self, pool: usize, now: Timestamp) {
        let wanted = |job: Job| is_wanted(&self.slots, job);
        while let Some(start) = self.pools[pool].start_wanted(now, wanted) {
            self.events
                .schedule(start.finishes, Happening::Done(start.job));
        }
        if let Some(opening) = self.pools[pool].wake_at() {
            self.events.schedule(opening, Happening::Open(pool as u32));
        }
    }

    fn done(&mut self, job: Job, now: Timestamp) -> Result<(), Error> {
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

    fn complete(&mut self, job: Job, now: Timestamp) -> Result<(), Error> {
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

    fn submit(&mut self, job: Job, now: Timestamp) -> Result<(), Error> {
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

/// Whether a case still waits for this step: it has not ended meanwhile, nor
/// has the step been cancelled.
fn is_wanted(slots: &[Slot], job: Job) -> bool {
    let place = &slots[job.slot as usize];
    place.generation == job.generation && asks(place.case.step(job.step).status)
}

/// Whether a step in this state asks something of the outside that the lab
/// answers: its systems never fail, so nothing is delayed or stuck.
fn asks(status: StepStatus) -> bool {
    match status {
        StepStatus::Active | StepStatus::Supplement => true,
        StepStatus::Absent
        | StepStatus::Waiting
        | StepStatus::Delayed
        | StepStatus::Stuck
        | StepStatus::Completed
        | StepStatus::Refused
        | StepStatus::Skipped
        | StepStatus::Cancelled => false,
    }
}

/// The step that a record asks someone to do.
fn asked_by(setting: &Setting, event: &Event) -> Option<StepIx> {
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

#[cfg(test)]
mod tests;
