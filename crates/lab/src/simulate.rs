//! One replication of one way: cases of the real core in virtual time.
//!
//! The simulator is a driver like any other. It answers what a case asks —
//! departments, officers, registries, the applicant — with draws, and sends
//! the core the same commands that the real world would. It has no rules of
//! its own: what follows from an answer, the core decides.

mod answer;

use std::sync::Arc;

use onething_engine::{Case, Command, Event, Opening, Rejection, StepStatus, Values};
use onething_model::{Digest, Timestamp};
use onething_plan::{StepIx, sample};

use self::answer::asked_by;
use crate::draw::{CaseDraws, ReplicationDraws};
use crate::event_list::EventList;
use crate::hours::StaffHours;
use crate::pool::{Pool, Usage};
use crate::setting::{PoolSetting, Setting};
use crate::span::{YEAR, open_time_of_year};

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
                told_key: None,
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

#[cfg(test)]
mod tests;
