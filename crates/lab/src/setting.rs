//! A plan and a workload, looked up once and made ready to draw from.

mod question;
mod staff;
mod step;

use std::sync::Arc;

use onething_engine::Blueprint;
use onething_model::{Calendar, Date, DepartmentKey, StepKey, Text, Timestamp};
use onething_plan::workload::{self, Origin, Workload};
use onething_plan::{Answers, Plan, QuestionIx};

use self::question::{QuestionSetting, question_setting};
pub(crate) use self::staff::PoolSetting;
use self::staff::Pools;
use self::step::step_setting;
pub(crate) use self::step::{Part, StepKind, StepSetting};
use crate::distribution::{self, Distribution};
use crate::draw::{CaseDraws, Purpose, StepHash};
use crate::span::{Span, Spent, micros, open_time_of_year};
use crate::warning::Warning;

/// Where simulated periods begin: a Monday in a year whose holidays are
/// published. The date is reported with every study.
pub const BEGINS: Date = Date::constant(2026, 1, 5);

/// How often an applicant's answers are drawn until they can be.
const MAX_DRAWS: u32 = 1_000;

/// Why a workload cannot be simulated. Each text says what to write instead.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The workload does not say how many people apply.
    #[error("the workload states no arrivals: write how many apply, `arrivals: {{ per_year: … }}`")]
    NoArrivals,
    /// The number of applications is not a positive number.
    #[error("`arrivals: per_year` is {0}: expected a number above 0")]
    Arrivals(f64),
    /// Parameters that are no distribution.
    #[error("`{what}` of the workload: {source}")]
    Distribution {
        /// Where in the workload.
        what: String,
        /// What is wrong.
        source: distribution::Error,
    },
    /// A refusal by someone who refuses nothing.
    #[error(
        "`refusals: {0}` of the workload: only departments and outside bodies refuse, and `{0}` is not a step of theirs; name the step that decides"
    )]
    Refusal(StepKey),
    /// Something that is no probability.
    #[error("`{what}` of the workload is {value}: expected a probability from 0 to 1, as in `5%`")]
    Probability {
        /// Where in the workload.
        what: String,
        /// What was given.
        value: f64,
    },
}

/// A way of handling a service, ready to be simulated under a workload.
#[derive(Debug)]
pub struct Setting {
    blueprint: Arc<Blueprint>,
    pub(crate) steps: Vec<StepSetting>,
    pools: Vec<PoolSetting>,
    questions: Vec<QuestionSetting>,
    arrivals: Arrivals,
    /// From the end of a matter to the application for the next.
    pub(crate) between_matters: Option<Span>,
    /// Until a supplement notice or a later question is answered.
    pub(crate) answered_after: Option<Span>,
    warnings: Vec<Warning>,
}

#[derive(Debug)]
struct Arrivals {
    calendar: Arc<Calendar>,
    per_year: f64,
    /// Open time between two, in microseconds.
    gap: Distribution,
}

impl Setting {
    /// Makes a plan ready to be simulated under a workload.
    ///
    /// # Errors
    /// The workload states no arrivals, or something impossible.
    pub fn new(plan: &Arc<Plan>, workload: &Workload) -> Result<Self, Error> {
        let arrivals = Arrivals::new(workload)?;
        let mut warnings = unstated(workload);
        let mut pools = Pools {
            workload,
            settings: Vec::new(),
            numbers: vec![None; plan.departments.len()],
        };
        let mut without_work = Vec::new();
        let steps = plan
            .step_numbers()
            .map(|step| step_setting(plan, workload, step, &mut pools, &mut without_work))
            .collect::<Result<Vec<_>, _>>()?;
        warnings.extend(pools.without_staff(plan));
        if !without_work.is_empty() {
            warnings.push(Warning::NoWork {
                steps: without_work,
            });
        }
        warnings.extend(without_delay(plan, workload, &steps));
        let questions = (0..plan.questions.len())
            .map(|at| question_setting(plan, workload, QuestionIx::at(at), &mut warnings))
            .collect::<Result<_, _>>()?;
        let by_clock = |figure: &Option<workload::Figure<workload::Duration>>, what: &str| {
            let stated = figure.as_ref();
            stated
                .map(|f| span(&f.value, Spent::Clock, || what.to_owned()))
                .transpose()
        };
        Ok(Self {
            between_matters: by_clock(&workload.between_matters, "applicant: between_matters")?,
            answered_after: by_clock(&workload.answered_after, "supplements: answered_after")?,
            blueprint: Blueprint::new(plan.clone()),
            steps,
            pools: pools.settings,
            questions,
            arrivals,
            warnings,
        })
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Arc<Plan> {
        self.blueprint.plan()
    }

    pub(crate) fn blueprint(&self) -> &Arc<Blueprint> {
        &self.blueprint
    }

    pub(crate) fn per_year(&self) -> f64 {
        self.arrivals.per_year
    }

    pub(crate) fn pools(&self) -> &[PoolSetting] {
        &self.pools
    }

    /// Lets the officers of two departments do each other's work: one pool with
    /// one queue instead of two. False, and nothing changes, where one of them
    /// has no pool here or they keep different hours.
    #[must_use]
    pub fn share_staff(&mut self, one: &DepartmentKey, other: &DepartmentKey) -> bool {
        let at = |key: &DepartmentKey| self.pools.iter().position(|pool| pool.department == *key);
        let (Some(one), Some(other)) = (at(one), at(other)) else {
            return false;
        };
        let (into, from) = (one.min(other), one.max(other));
        if into == from || self.pools[into].calendar != self.pools[from].calendar {
            return false;
        }
        let gone = self.pools.remove(from);
        let pool = &mut self.pools[into];
        pool.officers = pool.officers.saturating_add(gone.officers);
        pool.title = Text::new(
            format!("{}、{}", pool.title.zh(), gone.title.zh()),
            format!("{} with {}", pool.title.en(), gone.title.en()),
        );
        for step in &mut self.steps {
            if let StepKind::Queue(pool) = &mut step.kind {
                *pool = match *pool {
                    at if at == from => into,
                    at if at > from => at - 1,
                    at => at,
                };
            }
        }
        true
    }

    /// The departments whose staff are limited, with their number of officers
    /// and the calendar they keep.
    pub fn staff(&self) -> impl Iterator<Item = (&DepartmentKey, u32, &Calendar)> {
        let pools = self.pools.iter();
        pools.map(|pool| (&pool.department, pool.officers, &*pool.calendar))
    }

    /// What was missing or unstated in the workload.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// When simulated time begins: local midnight of [`BEGINS`].
    #[must_use]
    pub fn begins(&self) -> Timestamp {
        self.plan().calendar.start_of(BEGINS)
    }

    /// When the next applicant comes after the one at `last`.
    pub(crate) fn next_arrival(&self, last: Timestamp, draws: CaseDraws) -> Timestamp {
        let u = draws.uniform(StepHash::CASE, Purpose::ARRIVAL);
        let gap = micros(self.arrivals.gap.sample(u));
        self.arrivals.calendar.add_working_time(last, gap)
    }

    /// How an applicant answers the scenario questions.
    ///
    /// Answers that the definition rules out are drawn again, all of them: applicants
    /// are those of the workload who can be. After a thousand draws the reference
    /// scenario stands in.
    #[must_use]
    pub fn answers(&self, draws: CaseDraws) -> Answers {
        let plan = self.blueprint.plan();
        for round in 0..MAX_DRAWS {
            let mut answers = Answers::none(self.questions.len());
            let questions = self.questions.iter().zip(&plan.questions);
            for (at, (setting, question)) in questions.enumerate() {
                // Questions come in the order in which they depend on one another.
                if question.when.holds(&answers) {
                    answers.set(QuestionIx::at(at), setting.answer(draws, round));
                }
            }
            if plan.contradiction(&answers).is_none() {
                return answers;
            }
        }
        plan.complete(&Answers::none(0))
    }

    /// Whether this way has anything to do for the applicant of these draws.
    #[must_use]
    pub fn serves(&self, draws: CaseDraws) -> bool {
        self.blueprint.layout(&self.answers(draws)).count > 0
    }
}

impl Arrivals {
    /// A Poisson process on the open hours of the calendar.
    fn new(workload: &Workload) -> Result<Self, Error> {
        let stated = workload.arrivals.as_ref().ok_or(Error::NoArrivals)?;
        if !(stated.per_year.is_finite() && stated.per_year > 0.0) {
            return Err(Error::Arrivals(stated.per_year));
        }
        let gap = open_time_of_year(&stated.calendar).0 as f64 / stated.per_year;
        let gap = Distribution::exponential(gap).map_err(|_| Error::Arrivals(stated.per_year))?;
        Ok(Self {
            calendar: stated.calendar.clone(),
            per_year: stated.per_year,
            gap,
        })
    }
}

fn find<'a, K: PartialEq, T>(table: &'a [(K, workload::Figure<T>)], key: &K) -> Option<&'a T> {
    table
        .iter()
        .find(|(k, _)| k == key)
        .map(|(_, figure)| &figure.value)
}

fn span(
    stated: &workload::Duration,
    spent: Spent<'_>,
    what: impl Fn() -> String,
) -> Result<Span, Error> {
    Span::new(stated, spent).map_err(|source| Error::Distribution {
        what: what(),
        source,
    })
}

fn probability(value: Option<&f64>, what: impl Fn() -> String) -> Result<f64, Error> {
    match value.copied() {
        None => Ok(0.0),
        Some(value) if (0.0..=1.0).contains(&value) => Ok(value),
        Some(value) => Err(Error::Probability {
            what: what(),
            value,
        }),
    }
}

/// The applicant's delays that can come up and are not stated.
fn without_delay(plan: &Plan, workload: &Workload, steps: &[StepSetting]) -> Vec<Warning> {
    let mut missing = Vec::new();
    let asked_again =
        |step: &StepSetting| step.supplement.is_some() || matches!(step.kind, StepKind::Fallback);
    if workload.answered_after.is_none() && steps.iter().any(asked_again) {
        missing.push("answered_after");
    }
    if workload.between_matters.is_none() && plan.applications().count() > 1 {
        missing.push("between_matters");
    }
    let warning = |missing| Warning::NoDelay { missing };
    missing.into_iter().map(warning).collect()
}

/// The figures with neither source nor assumption, by their place in the workload.
fn unstated(workload: &Workload) -> Vec<Warning> {
    fn of<K: std::fmt::Display, T>(
        found: &mut Vec<String>,
        part: &str,
        table: &[(K, workload::Figure<T>)],
    ) {
        let bare = table
            .iter()
            .filter(|(_, figure)| figure.origin == Origin::Unstated);
        found.extend(bare.map(|(key, _)| format!("{part}: {key}")));
    }
    let mut figures = Vec::new();
    if workload
        .arrivals
        .as_ref()
        .is_some_and(|a| a.origin == Origin::Unstated)
    {
        figures.push("arrivals".to_owned());
    }
    of(&mut figures, "answers", &workload.answers);
    of(&mut figures, "staff", &workload.staff);
    of(&mut figures, "work", &workload.work);
    of(&mut figures, "lying", &workload.lying);
    of(&mut figures, "misses", &workload.misses);
    of(&mut figures, "supplements", &workload.supplements);
    of(&mut figures, "refusals", &workload.refusals);
    for (name, figure) in [
        ("answered_after", &workload.answered_after),
        ("between_matters", &workload.between_matters),
    ] {
        if figure
            .as_ref()
            .is_some_and(|f| f.origin == Origin::Unstated)
        {
            figures.push(name.to_owned());
        }
    }
    if figures.is_empty() {
        Vec::new()
    } else {
        vec![Warning::Unstated { figures }]
    }
}
