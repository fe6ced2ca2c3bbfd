//! The workload: who applies, how often, and how long work takes.
//!
//! Everything is keyed by the durable names, so that one workload serves the
//! old and the new way. Each figure carries its [`Origin`].

use std::sync::Arc;

use onething_model::{Calendar, DepartmentKey, MatterKey, QuestionKey, RegistryKey, StepKey, Text};

use crate::condition::Answer;

/// A sourced figure of the workload.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure<T> {
    /// The figure.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a figure of the workload comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Origin {
    /// Published or measured: the source.
    Source(String),
    /// Assumed: the reason.
    Assumed(String),
    /// Neither is stated; the compiler warns.
    #[default]
    Unstated,
}

/// Who applies, how often, and how long work takes.
#[derive(Debug, Clone, Default)]
pub struct Workload {
    /// Applications, as a Poisson process on the open hours of a calendar.
    pub arrivals: Option<Arrivals>,
    /// How the applicants answer the scenario questions.
    pub answers: Vec<(QuestionKey, Figure<AnswerMix>)>,
    /// Who works, by department.
    pub staff: Vec<(DepartmentKey, Figure<Staff>)>,
    /// Hands-on time of a step, for one officer. An applicant's step: how long it takes them.
    pub work: Vec<(StepKey, Figure<Duration>)>,
    /// Time a paper lies between desks in a step beside the queue and the
    /// hands-on time: signatures, committees, circulation.
    pub lying: Vec<(StepKey, Figure<Duration>)>,
    /// Probability that a registry has nothing.
    pub misses: Vec<(RegistryKey, Figure<f64>)>,
    /// Probability of a supplement notice (一次性补正告知) per matter.
    pub supplements: Vec<(MatterKey, Figure<f64>)>,
    /// How long applicants take to answer a supplement notice or a later question.
    pub answered_after: Option<Figure<Duration>>,
    /// Probability that a step refuses.
    pub refusals: Vec<(StepKey, Figure<f64>)>,
    /// How long applicants take from the end of one matter to applying for
    /// the next in the old way: noticing, gathering, travelling.
    pub between_matters: Option<Figure<Duration>>,
    /// Steps that were made of others: each does their work, with their draws,
    /// and states none of its own.
    pub merged: Vec<(StepKey, Vec<Part>)>,
}

/// A step that another one took over: its work, its lying, its refusals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The step that was.
    pub step: StepKey,
    /// The matter it was part of: a case without that matter never had it.
    /// `None` for a step that every case had.
    pub matter: Option<MatterKey>,
}

impl Workload {
    /// What a step was made of, in the order of the work; empty for one that
    /// was not.
    #[must_use]
    pub fn parts(&self, step: &StepKey) -> &[Part] {
        let found = self.merged.iter().find(|(key, _)| key == step);
        found.map_or(&[], |(_, parts)| parts)
    }

    /// Whether the workload says something of a step by its own name.
    #[must_use]
    pub fn states(&self, step: &StepKey) -> bool {
        let named =
            |table: &[(StepKey, Figure<Duration>)]| table.iter().any(|(key, _)| key == step);
        named(&self.work) || named(&self.lying) || self.refusals.iter().any(|(key, _)| key == step)
    }
}

/// Applications per year.
#[derive(Debug, Clone)]
pub struct Arrivals {
    /// The expected number in a year.
    pub per_year: f64,
    /// When people apply.
    pub calendar: Arc<Calendar>,
    /// Where the number comes from.
    pub origin: Origin,
}

/// The staff of a department.
#[derive(Debug, Clone)]
pub struct Staff {
    /// How many work at the same time.
    pub officers: u32,
    /// When they work.
    pub calendar: Arc<Calendar>,
    /// The name of the calendar, for reports.
    pub hours: Text,
}

/// How answers to a question are distributed.
#[derive(Debug, Clone, PartialEq)]
pub enum AnswerMix {
    /// Probability of each answer; they add up to 1.
    Shares(Vec<(Answer, f64)>),
    /// A number drawn from a distribution, rounded to whole numbers when the question asks for them.
    Number(Distribution),
}

/// A random span of time: a distribution over numbers of `unit`.
#[derive(Debug, Clone, PartialEq)]
pub struct Duration {
    /// How many of the unit.
    pub distribution: Distribution,
    /// What is counted.
    pub unit: Unit,
}

/// The unit of a random duration. Working days never become hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Working days of the service's calendar.
    WorkingDays,
    /// Calendar days of 24 hours.
    CalendarDays,
    /// Hours: of open time for officers' work, by the clock otherwise.
    Hours,
}

/// A distribution over non-negative numbers. Parameters are those a designer
/// can name: means and standard deviations, not shapes and scales.
#[derive(Debug, Clone, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Constant(f64),
    /// Any value between the two, equally likely.
    Uniform {
        /// The least.
        min: f64,
        /// The most.
        max: f64,
    },
    /// Between `min` and `max`, most often `mode`.
    Triangular {
        /// The least.
        min: f64,
        /// The most frequent.
        mode: f64,
        /// The most.
        max: f64,
    },
    /// Exponential.
    Exponential {
        /// The mean.
        mean: f64,
    },
    /// A sum of `shape` exponentials.
    Erlang {
        /// How many exponentials, at least 1.
        shape: u32,
        /// The mean of the sum.
        mean: f64,
    },
    /// Gamma.
    Gamma {
        /// The mean.
        mean: f64,
        /// The standard deviation.
        sd: f64,
    },
    /// Lognormal.
    Lognormal {
        /// The mean of the values themselves, not of their logarithms.
        mean: f64,
        /// The standard deviation of the values themselves.
        sd: f64,
    },
    /// Weibull.
    Weibull {
        /// The shape; 1 is exponential.
        shape: f64,
        /// The mean.
        mean: f64,
    },
    /// One of the observed values, equally likely.
    Empirical(Vec<f64>),
}
