//! A plain queueing network over the lab's parts: draws, distributions, event
//! list and pools, without a core. Cases run through a DAG of activities; time
//! is in units of a million microseconds.

use onething_lab::distribution::Distribution;
use onething_lab::draw::{CaseDraws, Purpose, Seed, StepHash};
use onething_lab::event_list::EventList;
use onething_lab::hours::RoundTheClock;
use onething_lab::pool::{Pool, Priority, Usage};
use onething_measure::stats::{Moments, quantile, sort};
use onething_model::{Micros, Timestamp};

/// One unit of a scenario's time.
pub(crate) const UNIT: f64 = 1e6;

/// A node of the DAG.
pub(crate) struct Activity {
    pub(crate) name: &'static str,
    /// The pool that serves it; without one it is a delay that never queues.
    pub(crate) pool: Option<usize>,
    pub(crate) work: Distribution,
    /// Indices of the activities that must be done before.
    pub(crate) after: Vec<usize>,
    /// Probability that the case ends here.
    pub(crate) refused: f64,
}

pub(crate) fn activity(
    name: &'static str,
    pool: impl Into<Option<usize>>,
    work: Distribution,
    after: &[usize],
) -> Activity {
    Activity {
        name,
        pool: pool.into(),
        work,
        after: after.to_vec(),
        refused: 0.0,
    }
}

pub(crate) struct Network {
    /// Time between arrivals.
    pub(crate) arrivals: Distribution,
    /// Officers of each pool.
    pub(crate) pools: Vec<u32>,
    pub(crate) activities: Vec<Activity>,
    /// Share of cases with the highest priority; the rest is normal.
    pub(crate) urgent: f64,
    /// Probability that a case starts over when it is done.
    pub(crate) again: f64,
}

impl Network {
    pub(crate) fn new(arrivals: Distribution, pools: &[u32], activities: Vec<Activity>) -> Self {
        Self {
            arrivals,
            pools: pools.to_vec(),
            activities,
            urgent: 0.0,
            again: 0.0,
        }
    }
}

/// What one replication showed, in units of the scenario.
pub(crate) struct Outcome {
    /// Times from arrival to end of the cases counted, in order of their end.
    pub(crate) sojourns: Vec<f64>,
    /// Waiting before pools, per case, all activities together.
    pub(crate) waits: Vec<f64>,
    /// The waits again, apart for urgent and normal cases.
    pub(crate) waits_urgent: Moments,
    pub(crate) waits_normal: Moments,
    pub(crate) visits: Moments,
    pub(crate) usage: Vec<Usage>,
    /// Time-averaged number of cases present.
    pub(crate) present: f64,
}

impl Outcome {
    pub(crate) fn sojourn(&self) -> f64 {
        mean(&self.sojourns)
    }

    pub(crate) fn wait(&self) -> f64 {
        mean(&self.waits)
    }

    pub(crate) fn sojourn_quantile(&self, p: f64) -> f64 {
        let mut sorted = self.sojourns.clone();
        sort(&mut sorted);
        quantile(&sorted, p).unwrap()
    }

    pub(crate) fn wait_quantile(&self, p: f64) -> f64 {
        let mut sorted = self.waits.clone();
        sort(&mut sorted);
        quantile(&sorted, p).unwrap()
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().copied().collect::<Moments>().mean()
}

#[derive(Clone, Copy)]
enum Event {
    Arrive,
    Finish { slot: u32, activity: u16 },
}

struct Case {
    draws: CaseDraws,
    arrived: Timestamp,
    waited: i64,
    round: u32,
    /// Activities to be finished in this round.
    left: u16,
    priority: Priority,
    refused: bool,
    /// Open predecessors of each activity.
    open: Vec<u16>,
}

struct Run<'a> {
    network: &'a Network,
    hashes: Vec<StepHash>,
    followers: Vec<Vec<usize>>,
    events: EventList<Event>,
    pools: Vec<Pool<(u32, u16), RoundTheClock>>,
    cases: Vec<Case>,
    free: Vec<u32>,
}

/// Runs `cases` cases from empty to empty; the first `warm_up` are not counted.
/// Checks the identities of O11 on the way out.
pub(crate) fn replicate(
    network: &Network,
    seed: u64,
    number: u64,
    cases: u64,
    warm_up: u64,
) -> Outcome {
    let draws = Seed::new(seed).replication(number);
    let mut run = Run {
        network,
        hashes: network
            .activities
            .iter()
            .map(|a| StepHash::of(a.name))
            .collect(),
        followers: followers(&network.activities),
        events: EventList::new(),
        pools: network
            .pools
            .iter()
            .map(|c| Pool::new(*c, RoundTheClock, Timestamp(0)))
            .collect(),
        cases: Vec::new(),
        free: Vec::new(),
    };
    let mut outcome = Outcome {
        sojourns: Vec::new(),
        waits: Vec::new(),
        waits_urgent: Moments::new(),
        waits_normal: Moments::new(),
        visits: Moments::new(),
        usage: Vec::new(),
        present: 0.0,
    };
    let (mut arrived, mut now, mut present) = (0_u64, Timestamp(0), 0_u64);
    let (mut area, mut sojourns) = (0_u128, 0_u128);
    run.schedule_arrival(draws.case(0), now);
    while let Some((at, event)) = run.events.next() {
        area += u128::from(present) * (at - now).0 as u128;
        now = at;
        match event {
            Event::Arrive => {
                let case = draws.case(arrived);
                arrived += 1;
                present += 1;
                if arrived < cases {
                    run.schedule_arrival(draws.case(arrived), now);
                }
                run.admit(case, now);
            }
            Event::Finish { slot, activity } => {
                if run.finish(slot, activity, now) {
                    present -= 1;
                    let case = &run.cases[slot as usize];
                    let sojourn = now - case.arrived;
                    sojourns += sojourn.0 as u128;
                    if arrived > warm_up {
                        let waited = case.waited as f64 / UNIT;
                        outcome.sojourns.push(sojourn.0 as f64 / UNIT);
                        outcome.waits.push(waited);
                        outcome.visits.push(f64::from(case.round + 1));
                        match case.priority {
                            Priority::HIGHEST => outcome.waits_urgent.push(waited),
                            _ => outcome.waits_normal.push(waited),
                        }
                    }
                    run.free.push(slot);
                }
            }
        }
    }
    assert_eq!(present, 0);
    // O11: the number present, integrated, is the sum of the times in the system.
    assert_eq!(area, sojourns);
    outcome.present = area as f64 / (now - Timestamp(0)).0 as f64;
    outcome.usage = run.pools.iter_mut().map(|p| p.usage(now)).collect();
    for usage in &outcome.usage {
        // O11 again: the integrals of queue and staff are sums over jobs.
        assert_eq!(usage.queue_area, usage.contention);
        assert_eq!(usage.busy, usage.service_area);
        assert_eq!(
            (usage.arrived, usage.started),
            (usage.finished, usage.finished)
        );
    }
    outcome
}

fn followers(activities: &[Activity]) -> Vec<Vec<usize>> {
    (0..activities.len())
        .map(|i| {
            (0..activities.len())
                .filter(|j| activities[*j].after.contains(&i))
                .collect()
        })
        .collect()
}

impl Run<'_> {
    fn schedule_arrival(&mut self, case: CaseDraws, now: Timestamp) {
        let gap = self
            .network
            .arrivals
            .sample(case.uniform(StepHash::CASE, Purpose::ARRIVAL));
        self.events.schedule(now + micros(gap), Event::Arrive);
    }

    fn admit(&mut self, draws: CaseDraws, now: Timestamp) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.cases.push(Case {
                draws,
                arrived: now,
                waited: 0,
                round: 0,
                left: 0,
                priority: Priority::NORMAL,
                refused: false,
                open: vec![0; self.network.activities.len()],
            });
            (self.cases.len() - 1) as u32
        });
        let urgent = draws.happens(StepHash::CASE, Purpose::ANSWER, self.network.urgent);
        let case = &mut self.cases[slot as usize];
        case.draws = draws;
        case.arrived = now;
        case.waited = 0;
        case.round = 0;
        case.refused = false;
        case.priority = if urgent {
            Priority::HIGHEST
        } else {
            Priority::NORMAL
        };
        self.begin_round(slot, now);
    }

    fn begin_round(&mut self, slot: u32, now: Timestamp) {
        let case = &mut self.cases[slot as usize];
        case.left = self.network.activities.len() as u16;
        for (open, activity) in case.open.iter_mut().zip(&self.network.activities) {
            *open = activity.after.len() as u16;
        }
        for i in 0..self.network.activities.len() {
            if self.network.activities[i].after.is_empty() {
                self.begin(slot, i, now);
            }
        }
    }

    fn begin(&mut self, slot: u32, index: usize, now: Timestamp) {
        let case = &self.cases[slot as usize];
        let activity = &self.network.activities[index];
        let u = case
            .draws
            .uniform(self.hashes[index], Purpose::WORK.nth(case.round));
        let work = micros(activity.work.sample(u));
        match activity.pool {
            None => self.events.schedule(
                now + work,
                Event::Finish {
                    slot,
                    activity: index as u16,
                },
            ),
            Some(pool) => {
                self.pools[pool].enqueue(now, (slot, index as u16), work, case.priority);
                self.start(pool, now);
            }
        }
    }

    fn start(&mut self, pool: usize, now: Timestamp) {
        while let Some(start) = self.pools[pool].start(now) {
            let (slot, activity) = start.job;
            self.cases[slot as usize].waited += start.wait.contention.0;
            self.events
                .schedule(start.finishes, Event::Finish { slot, activity });
        }
    }

    /// Whether the case is over.
    fn finish(&mut self, slot: u32, index: u16, now: Timestamp) -> bool {
        let index = usize::from(index);
        if let Some(pool) = self.network.activities[index].pool {
            self.pools[pool].finish(now);
            self.start(pool, now);
        }
        let activity = &self.network.activities[index];
        let case = &mut self.cases[slot as usize];
        case.left -= 1;
        if case
            .draws
            .happens(self.hashes[index], Purpose::REFUSAL, activity.refused)
        {
            // Only series with refusals are tried, so nothing else is under way.
            return true;
        }
        if case.left > 0 {
            for f in 0..self.followers[index].len() {
                let next = self.followers[index][f];
                let open = &mut self.cases[slot as usize].open[next];
                *open -= 1;
                if *open == 0 {
                    self.begin(slot, next, now);
                }
            }
            return false;
        }
        let again = Purpose::SUPPLEMENT.nth(case.round);
        if case
            .draws
            .happens(StepHash::CASE, again, self.network.again)
        {
            case.round += 1;
            self.begin_round(slot, now);
            return false;
        }
        true
    }
}

fn micros(units: f64) -> Micros {
    Micros((units * UNIT + 0.5) as i64)
}
