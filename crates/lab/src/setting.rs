//! A plan and a workload, looked up once and made ready to draw from.

use std::sync::Arc;

use onething_engine::Blueprint;
use onething_model::{Calendar, Date, DepartmentKey, MatterKey, StepKey, Text, Timestamp};
use onething_plan::workload::{self, AnswerMix, Origin, Workload};
use onething_plan::{
    Actor, Answer, Answers, MatterIx, Plan, QuestionIx, QuestionType, Scenario, StepIx,
    SubmissionKind,
};

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
pub(crate) struct StepSetting {
    pub(crate) kind: StepKind,
    /// What it is made of, in the order of the work: itself, or the steps that
    /// were merged into it.
    pub(crate) parts: Box<[Part]>,
    pub(crate) supplement: Option<Supplement>,
    /// Whether the applicant has to come: then only while offices are open.
    pub(crate) on_site: bool,
}

/// A piece of work with draws of its own: the same before and after a merger.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) hash: StepHash,
    pub(crate) work: Option<Span>,
    pub(crate) lying: Option<Span>,
    pub(crate) refusal: f64,
    /// The steps of its matter, where that is not the step's own: without one
    /// of them the case does not have the part.
    needs: Option<Box<[StepIx]>>,
}

impl Part {
    fn belongs(&self, scenario: &Scenario) -> bool {
        let active = |steps: &[StepIx]| steps.iter().any(|step| scenario.is_active(*step));
        self.needs.as_deref().is_none_or(active)
    }

    fn refuses(&self, draws: CaseDraws) -> bool {
        draws.happens(self.hash, Purpose::REFUSAL, self.refusal)
    }
}

impl StepSetting {
    /// The parts done in a round, each with the round it is in itself: those
    /// that the case has, up to the first that refuses. Where the papers are
    /// incomplete, the first part finds it out and the others wait for the
    /// answer; it is then done once more, and they for the first time.
    pub(crate) fn done(
        &self,
        scenario: &Scenario,
        draws: CaseDraws,
        round: u32,
        incomplete: bool,
    ) -> impl Iterator<Item = (&Part, u32)> {
        let mut over = false;
        let parts = self.parts.iter().filter(|part| part.belongs(scenario));
        parts.enumerate().map_while(move |(at, part)| {
            if std::mem::replace(&mut over, incomplete) {
                return None;
            }
            over |= self.parts.len() > 1 && part.refuses(draws);
            Some((
                part,
                if at == 0 {
                    round
                } else {
                    round.saturating_sub(1)
                },
            ))
        })
    }

    /// Whether one of the parts that the case has refuses.
    pub(crate) fn refuses(&self, scenario: &Scenario, draws: CaseDraws) -> bool {
        let mut parts = self.parts.iter();
        parts.any(|part| part.refuses(draws) && part.belongs(scenario))
    }
}

/// What the simulator does for a step.
#[derive(Debug, Clone, Copy)]
pub(crate) enum StepKind {
    /// Waits for an officer of a pool.
    Queue(usize),
    /// Takes its time without a queue.
    Delay,
    /// Asks a registry, which misses with this probability.
    LookUp { registry: StepHash, miss: f64 },
    /// The applicant applies.
    Application,
    /// The applicant gives what a registry did not have.
    Fallback,
    /// The applicant does something.
    Errand,
}

/// A supplement notice that may come of a step.
#[derive(Debug)]
pub(crate) struct Supplement {
    pub(crate) matter: StepHash,
    pub(crate) probability: f64,
    /// Officers' steps of the matter that come before: where one of them is
    /// part of the case and reads what the applicant gives, it is the one that
    /// examines the papers.
    pub(crate) before: Vec<StepIx>,
}

#[derive(Debug, Clone)]
pub(crate) struct PoolSetting {
    pub(crate) department: DepartmentKey,
    pub(crate) title: Text,
    pub(crate) officers: u32,
    pub(crate) calendar: Arc<Calendar>,
}

#[derive(Debug)]
struct QuestionSetting {
    hash: StepHash,
    mix: Mix,
}

#[derive(Debug)]
enum Mix {
    Always(Option<Answer>),
    /// Answers with cumulative shares.
    Shares(Vec<(Answer, f64)>),
    Number(Distribution, Option<f64>, Option<f64>),
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
}

impl QuestionSetting {
    fn answer(&self, draws: CaseDraws, round: u32) -> Option<Answer> {
        let u = || draws.uniform(self.hash, Purpose::ANSWER.nth(round));
        match &self.mix {
            Mix::Always(answer) => answer.clone(),
            Mix::Shares(shares) => {
                let u = u();
                let place = shares.partition_point(|(_, share)| *share <= u);
                shares
                    .get(place)
                    .or(shares.last())
                    .map(|(answer, _)| answer.clone())
            }
            Mix::Number(distribution, min, max) => {
                let number = libm::rint(distribution.sample(u()));
                let number = min.map_or(number, |min| number.max(min));
                Some(Answer::Number(max.map_or(number, |max| number.min(max))))
            }
        }
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

/// Pools of the departments, numbered as steps need them.
struct Pools<'a> {
    workload: &'a Workload,
    settings: Vec<PoolSetting>,
    /// By department: its pool, or that it has none although it needs one.
    numbers: Vec<Option<Result<usize, ()>>>,
}

impl Pools<'_> {
    fn of(&mut self, plan: &Plan, step: StepIx) -> Option<usize> {
        let department = plan.step(step).department?;
        let known = &mut self.numbers[department.index()];
        if known.is_none() {
            let item = plan.department(department);
            let staff = self.workload.staff.iter().find(|(key, _)| *key == item.key);
            *known = Some(staff.map_or(Err(()), |(_, staff)| {
                self.settings.push(PoolSetting {
                    department: item.key.clone(),
                    title: item.title.clone(),
                    officers: staff.value.officers,
                    calendar: staff.value.calendar.clone(),
                });
                Ok(self.settings.len() - 1)
            }));
        }
        known.and_then(Result::ok)
    }

    /// Outside bodies may well have no stated staff; departments should.
    fn without_staff(&self, plan: &Plan) -> Vec<Warning> {
        let numbers = plan.departments.iter().zip(&self.numbers);
        numbers
            .filter(|(department, number)| **number == Some(Err(())) && !department.outside)
            .map(|(department, _)| Warning::NoStaff {
                department: department.title.clone(),
            })
            .collect()
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

fn step_setting(
    plan: &Plan,
    workload: &Workload,
    step: StepIx,
    pools: &mut Pools<'_>,
    without_work: &mut Vec<String>,
) -> Result<StepSetting, Error> {
    let item = plan.step(step);
    let kind = match &item.actor {
        Actor::Submission(submission) => match submission.kind {
            SubmissionKind::Application => StepKind::Application,
            SubmissionKind::Fallback(_) => StepKind::Fallback,
        },
        Actor::LookUp(look_up) => {
            // The same subject at the same registry: found once, found again.
            let subject = format!("{}/{}", look_up.registry, plan.role(look_up.role).key);
            StepKind::LookUp {
                registry: StepHash::of(&subject),
                miss: probability(find(&workload.misses, &look_up.registry), || {
                    format!("misses: {}", look_up.registry)
                })?,
            }
        }
        Actor::System => StepKind::Delay,
        Actor::Officer | Actor::Outside => pools
            .of(plan, step)
            .map_or(StepKind::Delay, StepKind::Queue),
        Actor::Applicant => StepKind::Errand,
    };
    let by_people = matches!(item.actor, Actor::Officer | Actor::Outside);
    let spent = match kind {
        StepKind::Queue(pool) => Spent::Staff(&pools.settings[pool].calendar),
        StepKind::Delay if by_people => Spent::Office,
        _ => Spent::Clock,
    };
    let made = |key: &StepKey, needs: Option<Box<[StepIx]>>| -> Result<Part, Error> {
        let work = find(&workload.work, key)
            .map(|stated| span(stated, spent, || format!("work: {key}")))
            .transpose()?;
        let lying = find(&workload.lying, key)
            .map(|stated| span(stated, Spent::Clock, || format!("lying: {key}")))
            .transpose()?;
        let refusal = probability(find(&workload.refusals, key), || format!("refusals: {key}"))?;
        if refusal > 0.0 && !item.actor.is_internal() {
            return Err(Error::Refusal(key.clone()));
        }
        Ok(Part {
            hash: StepHash::of(key.as_str()),
            work,
            lying,
            refusal,
            needs,
        })
    };
    let of_matter = |key: &MatterKey| -> Option<Box<[StepIx]>> {
        let matter = plan.find_matter(key.as_str());
        let own = matter.is_some() && matter == item.matter;
        let of = |step: &StepIx| matter.is_some() && plan.step(*step).matter == matter;
        (!own).then(|| plan.step_numbers().filter(of).collect())
    };
    let parts: Box<[Part]> = match workload.parts(&item.key) {
        [] => Box::new([made(&item.key, None)?]),
        parts => parts
            .iter()
            .map(|part| made(&part.step, part.matter.as_ref().and_then(of_matter)))
            .collect::<Result<_, Error>>()?,
    };
    let timeless = |part: &Part| part.work.is_none() && part.lying.is_none();
    if (by_people || item.actor == Actor::Applicant) && parts.iter().all(timeless) {
        without_work.push(format!("{} ({})", item.title.zh(), item.key));
    }
    Ok(StepSetting {
        kind,
        parts,
        supplement: match item.matter {
            Some(matter) if item.actor == Actor::Officer => {
                supplement(plan, workload, step, matter)?
            }
            _ => None,
        },
        on_site: item.visits > 0,
    })
}

fn supplement(
    plan: &Plan,
    workload: &Workload,
    step: StepIx,
    matter: MatterIx,
) -> Result<Option<Supplement>, Error> {
    let key = &plan.matter(matter).key;
    let probability = probability(find(&workload.supplements, key), || {
        format!("supplements: {key}")
    })?;
    if probability == 0.0 {
        return Ok(None);
    }
    let examines = |before: &StepIx| {
        let item = plan.step(*before);
        item.matter == Some(matter) && item.actor == Actor::Officer
    };
    Ok(Some(Supplement {
        matter: StepHash::of(key.as_str()),
        probability,
        before: plan
            .step_numbers()
            .take(step.index())
            .filter(examines)
            .collect(),
    }))
}

fn question_setting(
    plan: &Plan,
    workload: &Workload,
    question: QuestionIx,
    warnings: &mut Vec<Warning>,
) -> Result<QuestionSetting, Error> {
    let item = plan.question(question);
    let what = || format!("answers: {}", item.key);
    let mix = match find(&workload.answers, &item.key) {
        None => {
            warnings.push(Warning::NoMix {
                question: item.key.to_string(),
            });
            Mix::Always(plan.reference.get(question).cloned())
        }
        Some(AnswerMix::Shares(shares)) => {
            let mut sum = 0.0;
            let mut cumulative = Vec::with_capacity(shares.len());
            for (answer, share) in shares {
                sum += probability(Some(share), what)?;
                cumulative.push((answer.clone(), sum));
            }
            Mix::Shares(cumulative)
        }
        Some(AnswerMix::Number(distribution)) => {
            let distribution =
                Distribution::try_from(distribution).map_err(|source| Error::Distribution {
                    what: what(),
                    source,
                })?;
            match item.kind {
                QuestionType::Number { min, max } => Mix::Number(distribution, min, max),
                QuestionType::YesNo | QuestionType::Choice(_) => {
                    Mix::Number(distribution, None, None)
                }
            }
        }
    };
    Ok(QuestionSetting {
        hash: StepHash::of(item.key.as_str()),
        mix,
    })
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
