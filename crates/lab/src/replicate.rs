//! One replication of one way, measured: what every comparison is made of.
//!
//! Replications under the same [draws](crate::draw) saw the same applicants,
//! whatever the plan: what differs is the plan. They are independent of one
//! another, so that intervals are over replications.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use onething_engine::{Case, Event};
use onething_measure::stats::Moments;
use onething_measure::{CaseFold, FigureName, Meter, Outcome, Outcomes, Results};
use onething_model::{Micros, Timestamp};

use crate::draw::ReplicationDraws;
use crate::setting::Setting;
use crate::simulate::{self, Observer, Payload, Run, simulate};

/// What one replication of one way came to.
#[derive(Debug, Clone)]
pub struct Replicate {
    /// By figure: its values over the measured cases that are finished.
    pub figures: [Moments; FigureName::COUNT],
    /// How the measured cases ended.
    pub outcomes: Outcomes,
    /// The results of the finished cases.
    pub results: Results,
    /// How the run went.
    pub run: Run,
    /// Processing time in working days by number of the case; not a number
    /// where there is none. Four bytes a case, the only memory that grows with
    /// their number.
    pub times: Vec<f32>,
}

impl Replicate {
    /// The mean of a figure over the finished cases; `None` where there are none.
    #[must_use]
    pub fn mean(&self, name: FigureName) -> Option<f64> {
        let moments = &self.figures[name.index()];
        (moments.count() > 0).then(|| moments.mean())
    }

    /// Officers' hours spent on a case in the mean, work on cases that were
    /// refused meanwhile included; `None` without a case that ended. Departments
    /// whose staff the workload does not state are left out.
    #[must_use]
    pub fn staff_hours(&self) -> Option<f64> {
        let busy: u128 = self.run.pools.iter().map(|pool| pool.usage.busy).sum();
        let hours = busy as f64 / Micros::HOUR.0 as f64;
        (self.run.ended > 0).then(|| hours / self.run.ended as f64)
    }

    /// The share of the ended cases that ended in a refusal; `None` without one
    /// that ended.
    #[must_use]
    pub fn refused_share(&self) -> Option<f64> {
        (self.run.ended > 0).then(|| self.outcomes.refused as f64 / self.run.ended as f64)
    }
}

/// Runs one way from empty to empty and measures its cases.
///
/// # Errors
/// The core refused a command of the simulator.
pub fn replicate(
    setting: &Setting,
    draws: ReplicationDraws,
    cases: u64,
) -> Result<Replicate, simulate::Error> {
    replicate_among(setting, draws, cases, |_| true)
}

/// As [`replicate`], but only the cases of these numbers are measured. The
/// others run as well: officers work on them, and those measured wait for it.
///
/// # Errors
/// As [`replicate`].
pub fn replicate_among(
    setting: &Setting,
    draws: ReplicationDraws,
    cases: u64,
    measured: impl Fn(u64) -> bool,
) -> Result<Replicate, simulate::Error> {
    let mut measuring = Measuring::new(setting, measured);
    let run = simulate(setting, draws, cases, Payload::None, &mut measuring)?;
    measuring.outcomes.unfinished = measuring.opened - measuring.outcomes.total();
    Ok(Replicate {
        figures: measuring.figures,
        outcomes: measuring.outcomes,
        results: measuring.results,
        run,
        times: measuring.times,
    })
}

/// Does `work` for each number, on so many threads, and gives the results in
/// the order of the numbers, whichever thread did them. `progress` is told,
/// from any thread, how many are done.
pub fn in_order<T: Send>(
    numbers: Range<u64>,
    threads: usize,
    progress: &(dyn Fn(u64) + Sync),
    work: &(dyn Fn(u64) -> T + Sync),
) -> Vec<T> {
    let (next, done) = (AtomicU64::new(numbers.start), AtomicU64::new(0));
    let one_thread = || {
        let mut results = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= numbers.end {
                return results;
            }
            results.push((number, work(number)));
            progress(done.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    let mut results = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(one_thread)).collect();
        let mut results = one_thread();
        for other in others {
            match other.join() {
                Ok(more) => results.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    });
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Measures each case as it goes by.
struct Measuring<F> {
    measured: F,
    /// Measured cases that began.
    opened: u64,
    meter: Meter,
    folds: Vec<CaseFold>,
    figures: [Moments; FigureName::COUNT],
    outcomes: Outcomes,
    results: Results,
    times: Vec<f32>,
}

impl<F> Measuring<F> {
    fn new(setting: &Setting, measured: F) -> Self {
        Self {
            measured,
            opened: 0,
            meter: Meter::new(setting.blueprint()),
            folds: Vec::new(),
            figures: [Moments::new(); FigureName::COUNT],
            outcomes: Outcomes::default(),
            results: Results::default(),
            times: Vec::new(),
        }
    }
}

impl<F: Fn(u64) -> bool> Observer for Measuring<F> {
    fn recorded(&mut self, slot: usize, number: u64, case: &Case, at: Timestamp, event: &Event) {
        if !(self.measured)(number) {
            return;
        }
        if slot >= self.folds.len() {
            self.folds.resize_with(slot + 1, CaseFold::new);
        }
        let begins = matches!(event, Event::CaseOpened(_) | Event::ApplicationRefused(_));
        self.opened += u64::from(begins);
        let fold = &mut self.folds[slot];
        if let (Event::CaseOpened(_), Some(layout)) = (event, case.layout()) {
            self.meter.begin(fold, layout);
        }
        self.meter.apply(fold, event, at);
    }

    fn ended(&mut self, slot: usize, number: u64, _: &Case, _: Timestamp) {
        if !(self.measured)(number) {
            return;
        }
        let Some(fold) = self.folds.get_mut(slot) else {
            return;
        };
        let measures = self.meter.measures(fold);
        fold.reset();
        match measures.outcome {
            Outcome::Closed => self.outcomes.closed += 1,
            Outcome::Refused => self.outcomes.refused += 1,
            Outcome::Withdrawn => self.outcomes.withdrawn += 1,
            Outcome::NotAccepted => self.outcomes.not_accepted += 1,
            Outcome::Unfinished => self.outcomes.unfinished += 1,
        }
        if !measures.outcome.is_finished() {
            return;
        }
        self.results += Results {
            due: measures.results_due.into(),
            delivered: measures.results_delivered.into(),
        };
        for name in FigureName::ALL {
            if let Some(value) = measures.value(name) {
                self.figures[name.index()].push(value);
            }
        }
        let number = number as usize;
        if number >= self.times.len() {
            self.times.resize(number + 1, f32::NAN);
        }
        if let Some(days) = measures.processing_working_days {
            self.times[number] = days as f32;
        }
    }
}
