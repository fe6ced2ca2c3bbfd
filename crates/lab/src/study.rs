//! Before against after: a terminating study with paired replications.
//!
//! Both ways serve the *same* applicants: the same arrivals, answers and, step
//! by step, the same draws. Each replication runs from empty to empty and
//! counts once; intervals are over replications, never over cases.
//!
//! Figures are over the applicants for whom both ways have something to do, so
//! that the two means are of the same people. Those whom one way leaves with
//! nothing to do run in the other all the same, since officers work on them,
//! and are [told apart](onething_measure::Apart).

use onething_measure::stats::{Moments, Pairs};
use onething_measure::{
    Apart, Comparison, Figure, FigureName, Load, Outcomes, Results, Source, StudyFacts,
};
use onething_model::Timestamp;
use onething_plan::{Service, Way};

use crate::draw::{ReplicationDraws, Seed};
use crate::replicate::{Replicate, in_order, replicate_among};
use crate::setting::{self, Setting};
use crate::simulate;
use crate::warning::{Grown, Warning};

/// A study of a service: how many cases, how often, from which seed.
///
/// ```no_run
/// # fn service() -> onething_plan::Service { unimplemented!() }
/// use onething_lab::study::Study;
///
/// let service = service();
/// let comparison = Study::new(&service).cases(2_000).replications(20).run()?;
/// for figure in &comparison.figures {
///     let (before, after) = (figure.before, figure.after);
///     assert!(before.is_some() && after.is_some());
/// }
/// # Ok::<(), onething_lab::study::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Study<'a> {
    service: &'a Service,
    cases: u64,
    replications: u64,
    seed: u64,
    confidence: f64,
    threads: usize,
    progress: Option<&'a (dyn Fn(u64) + Sync)>,
}

/// Why a service cannot be studied.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// There is nothing to compare with.
    #[error("the service has no old way to compare with: describe it in `before.yaml`")]
    NoOldWay,
    /// Nobody says who applies and how long work takes.
    #[error("the service has no workload: describe it in `workload.yaml`")]
    NoWorkload,
    /// Intervals need replications to vary.
    #[error("{0} replications: expected at least 2, and 10 or more for intervals worth showing")]
    TooFewReplications(u64),
    /// No cases.
    #[error("0 cases: expected at least 1")]
    NoCases,
    /// A level that is no level.
    #[error("a confidence of {0}: expected a fraction between 0 and 1, as 0.95")]
    Confidence(f64),
    /// The workload cannot be simulated.
    #[error(transparent)]
    Setting(#[from] setting::Error),
    /// A case could not be simulated.
    #[error(transparent)]
    Simulation(#[from] simulate::Error),
}

impl<'a> Study<'a> {
    /// 1,000 cases in 20 replications at 95 %, seed 1, on one thread.
    #[must_use]
    pub const fn new(service: &'a Service) -> Self {
        Self {
            service,
            cases: 1_000,
            replications: 20,
            seed: 1,
            confidence: 0.95,
            threads: 1,
            progress: None,
        }
    }

    /// Cases in each replication.
    #[must_use]
    pub const fn cases(mut self, cases: u64) -> Self {
        self.cases = cases;
        self
    }

    /// Independent replications.
    #[must_use]
    pub const fn replications(mut self, replications: u64) -> Self {
        self.replications = replications;
        self
    }

    /// The seed: the same one gives the same bytes.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The level of intervals, as a fraction.
    #[must_use]
    pub const fn confidence(mut self, confidence: f64) -> Self {
        self.confidence = confidence;
        self
    }

    /// On how many threads replications run; the result does not depend on it.
    #[must_use]
    pub const fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Is told, from any thread, how many replications are done.
    #[must_use]
    pub const fn progress(mut self, progress: &'a (dyn Fn(u64) + Sync)) -> Self {
        self.progress = Some(progress);
        self
    }

    /// Runs the study: simulated figures, and what else was found out.
    ///
    /// # Errors
    /// The service cannot be studied; see [`enum@Error`].
    pub fn run(&self) -> Result<Comparison, Error> {
        let old = self.service.old.as_ref().ok_or(Error::NoOldWay)?;
        let workload = self.service.workload.as_ref().ok_or(Error::NoWorkload)?;
        if self.replications < 2 {
            return Err(Error::TooFewReplications(self.replications));
        }
        if self.cases == 0 {
            return Err(Error::NoCases);
        }
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            return Err(Error::Confidence(self.confidence));
        }
        let ways = Ways {
            before: Setting::new(old, workload)?,
            after: Setting::new(&self.service.new, workload)?,
        };
        let mut study = Totals::default();
        for replication in self.replicate(&ways)? {
            study.add(&replication);
        }
        Ok(study.comparison(self, &ways))
    }

    /// All replications, in their order, whichever thread ran them.
    fn replicate(&self, ways: &Ways) -> Result<Vec<Replication>, Error> {
        let progress = |done| {
            if let Some(progress) = self.progress {
                progress(done);
            }
        };
        let work = |number| {
            let draws = Seed::new(self.seed).replication(number);
            replication(ways, draws, self.cases)
        };
        let results = in_order(0..self.replications, self.threads, &progress, &work);
        Ok(results
            .into_iter()
            .collect::<Result<_, simulate::Error>>()?)
    }
}

impl std::fmt::Debug for Study<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Study")
            .field("service", &self.service.new.service)
            .field("cases", &self.cases)
            .field("replications", &self.replications)
            .field("seed", &self.seed)
            .field("confidence", &self.confidence)
            .field("threads", &self.threads)
            .finish_non_exhaustive()
    }
}

struct Ways {
    before: Setting,
    after: Setting,
}

/// One replication, both ways.
struct Replication {
    before: Replicate,
    after: Replicate,
    apart: Apart,
    /// The share of cases finished in both ways that took longer in the new.
    worse: Option<f64>,
}

fn replication(
    ways: &Ways,
    draws: ReplicationDraws,
    cases: u64,
) -> Result<Replication, simulate::Error> {
    let mut apart = Apart::default();
    let mut in_both = Vec::new();
    for number in 0..cases {
        let case = draws.case(number);
        let served = (ways.before.serves(case), ways.after.serves(case));
        apart.add(served);
        in_both.push(served == (true, true));
    }
    let in_both = |number: u64| in_both[number as usize];
    let mut before = replicate_among(&ways.before, draws, cases, in_both)?;
    let mut after = replicate_among(&ways.after, draws, cases, in_both)?;
    // Nobody asks for them again, and replications are kept until the last has run.
    let times = [&mut before, &mut after].map(|way| std::mem::take(&mut way.times));
    let (mut both, mut longer) = (0_u64, 0_u64);
    for (before, after) in times[0].iter().zip(&times[1]) {
        if !before.is_nan() && !after.is_nan() {
            both += 1;
            longer += u64::from(after > before);
        }
    }
    Ok(Replication {
        before,
        after,
        apart,
        worse: (both > 0).then(|| longer as f64 / both as f64),
    })
}

/// What all replications come to.
#[derive(Default)]
struct Totals {
    figures: [Pairs; FigureName::COUNT],
    /// The share refused as a whole.
    refused: Pairs,
    /// The share of the results that was not delivered.
    missing: Pairs,
    worse: Moments,
    apart: Apart,
    before: WayTotals,
    after: WayTotals,
}

#[derive(Default)]
struct WayTotals {
    outcomes: Outcomes,
    results: Results,
    ended_at: Timestamp,
    pools: Vec<PoolTotals>,
}

#[derive(Default, Clone)]
struct PoolTotals {
    load: Moments,
    queue: Moments,
    started: u64,
    contention: u128,
}

impl Totals {
    fn add(&mut self, replication: &Replication) {
        let (before, after) = (&replication.before, &replication.after);
        for name in FigureName::ALL {
            let (b, a) = (&before.figures[name.index()], &after.figures[name.index()]);
            if b.count() > 0 && a.count() > 0 {
                self.figures[name.index()].push(b.mean(), a.mean());
            }
        }
        for (pairs, both) in [
            (
                &mut self.refused,
                [before, after].map(|way| way.outcomes.refused_share()),
            ),
            (
                &mut self.missing,
                [before, after].map(|way| way.results.missing_share()),
            ),
        ] {
            if let [Some(before), Some(after)] = both {
                pairs.push(before, after);
            }
        }
        self.worse.extend(replication.worse);
        self.apart += replication.apart;
        self.before.add(before);
        self.after.add(after);
    }

    fn comparison(&self, study: &Study<'_>, ways: &Ways) -> Comparison {
        let plan = &study.service.new;
        let mut comparison = Comparison::new(plan.service.clone(), plan.title.clone());
        comparison.seed = study.seed;
        comparison.cases = study.cases;
        comparison.replications = study.replications;
        let source = Source::Lab {
            seed: study.seed,
            cases: study.cases,
            replications: study.replications,
            confidence: study.confidence,
        };
        comparison.figures = FigureName::ALL
            .into_iter()
            .map(|name| {
                let pairs = &self.figures[name.index()];
                Figure::simulated(name, pairs, study.confidence, source.clone())
            })
            .collect();
        let time = &self.figures[FigureName::ProcessingTime.index()];
        comparison.study = Some(StudyFacts {
            confidence: study.confidence,
            begins: setting::BEGINS.to_string(),
            before: self.before.outcomes,
            after: self.after.outcomes,
            results_before: self.before.results,
            results_after: self.after.results,
            apart: self.apart,
            worse: (self.worse.count() > 0).then(|| self.worse.mean()),
            correlation: time.correlation(),
            variance_ratio: time.variance_ratio(),
            loads_before: self.before.loads(&ways.before, study.replications),
            loads_after: self.after.loads(&ways.after, study.replications),
        });
        let warnings = self.warnings(ways, study.confidence);
        comparison.warnings = warnings.iter().map(Warning::text).collect();
        comparison
    }

    fn warnings(&self, ways: &Ways, confidence: f64) -> Vec<Warning> {
        let mut all = self.come_to_less(confidence);
        all.extend(ways.before.warnings().iter().cloned());
        all.extend(ways.after.warnings().iter().cloned());
        for (way, totals, setting) in [
            (Way::Old, &self.before, &ways.before),
            (Way::New, &self.after, &ways.after),
        ] {
            totals.warn(way, setting, &mut all);
        }
        if self.apart != Apart::default() {
            all.push(Warning::NothingToDo(self.apart));
        }
        // Both ways share the workload, and so most of what it lacks.
        let mut found: Vec<Warning> = Vec::new();
        for warning in all {
            if !found.contains(&warning) {
                found.push(warning);
            }
        }
        found
    }
}

impl Totals {
    /// Whether more people end without what they came for in the new way. What the refusals of
    /// whole cases explain is not told twice.
    fn come_to_less(&self, confidence: f64) -> Vec<Warning> {
        let refused = Grown::of(&self.refused, confidence, 0.0);
        let explained = refused.map_or(0.0, |grown| grown.after - grown.before);
        let missing = Grown::of(&self.missing, confidence, explained);
        let warnings = [
            refused.map(Warning::MoreRefused),
            missing.map(Warning::LessDelivered),
        ];
        warnings.into_iter().flatten().collect()
    }
}

impl WayTotals {
    fn add(&mut self, way: &Replicate) {
        let (sum, more) = (&mut self.outcomes, &way.outcomes);
        sum.closed += more.closed;
        sum.refused += more.refused;
        sum.withdrawn += more.withdrawn;
        sum.not_accepted += more.not_accepted;
        sum.unfinished += more.unfinished;
        self.results += way.results;
        self.ended_at = self.ended_at.max(way.run.ended_at);
        self.pools
            .resize(way.run.pools.len(), PoolTotals::default());
        for (totals, pool) in self.pools.iter_mut().zip(&way.run.pools) {
            totals.load.push(pool.load);
            totals.queue.push(pool.queue);
            totals.started += pool.usage.started;
            totals.contention += pool.usage.contention;
        }
    }

    fn loads(&self, setting: &Setting, replications: u64) -> Vec<Load> {
        let hour = onething_model::Micros::HOUR.0 as f64;
        let pools = self.pools.iter().zip(setting.pools());
        pools
            .map(|(totals, pool)| Load {
                department: pool.department.clone(),
                officers: Some(pool.officers),
                utilisation: Some(totals.load.mean()),
                pieces: totals.started as f64 / replications as f64,
                wait_open_hours: if totals.started > 0 {
                    totals.contention as f64 / totals.started as f64 / hour
                } else {
                    0.0
                },
                queue: totals.queue.mean(),
            })
            .collect()
    }

    fn warn(&self, way: Way, setting: &Setting, warnings: &mut Vec<Warning>) {
        for (totals, pool) in self.pools.iter().zip(setting.pools()) {
            let load = totals.load.mean();
            if load >= 1.0 {
                warnings.push(Warning::Overloaded {
                    way,
                    department: pool.title.clone(),
                    load,
                });
            }
        }
        if self.outcomes.unfinished > 0 {
            warnings.push(Warning::Unfinished {
                way,
                cases: self.outcomes.unfinished,
            });
        }
        let calendar = &setting.plan().calendar;
        let last = calendar.date_of(self.ended_at);
        if !calendar.is_published(last) {
            warnings.push(Warning::Provisional { year: last.year() });
        }
    }
}
