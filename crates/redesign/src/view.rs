//! A scenario as a picture needs it: lanes, steps, arrows with their reasons,
//! times by the limits, the critical path.
//!
//! [`View`] is also the JSON that `plan --format json` prints. Its keys are
//! stable; new ones may be added. Texts carry both languages as
//! `{"zh": …, "en": …}`, times are working days as numbers.
//!
//! | key | what it holds |
//! |---|---|
//! | `service`, `version`, `way`, `title` | which plan is shown; `way` is `old` or `new` |
//! | `answers[]` | the scenario: `question`, `ask`, `answer` |
//! | `lanes[]` | who takes part, applicant first, in order of first appearance: `kind` (`applicant`, `shared_data`, `department`, `outside`), `department`, `title` |
//! | `steps[]` | in topological order; see [`StepView`] |
//! | `edges[]` | every arrow: `from`, `to`, `implied` (other arrows imply it), `critical`, `reasons[]` |
//! | `edges[].reasons[]` | `kind` (`data`, `carried`, `stated`, `submitted`, `accepted`), `field`, `text` |
//! | `levels[][]` | step keys by the number of arrows on the longest way from the start |
//! | `critical_path[]` | step keys; empty when no step has a limit that counts |
//! | `makespan_working_days` | from the first submission to the last end, by the limits |
//! | `parallelism` | `steps` that can be under way at once, and whether that number is `exact` or a lower bound |
//! | `unlimited[]`, `in_calendar_days[]` | steps that have no time here: no limit, or one in calendar days |

use onething_model::{DepartmentKey, FieldPath, MatterKey, QuestionKey, ServiceKey, StepKey, Text};
use onething_plan::critical::{self, Parallelism, Timing};
use onething_plan::scenario::{Edge, Source, Why};
use onething_plan::{Actor, Answers, FieldIx, Plan, Scenario, StepIx, SubmissionKind, Way};
use serde::Serialize;

use crate::words;

/// A scenario of a plan, ready to be drawn; see the [module](self).
#[derive(Debug, Clone, Serialize)]
pub struct View {
    /// The service.
    pub service: ServiceKey,
    /// The version of its definition.
    pub version: String,
    /// The old or the new way.
    #[serde(serialize_with = "way_word")]
    pub way: Way,
    /// What people call the service.
    pub title: Text,
    /// The scenario's answers.
    pub answers: Vec<AnswerView>,
    /// Who takes part.
    pub lanes: Vec<Lane>,
    /// The steps of the case, in topological order.
    pub steps: Vec<StepView>,
    /// The arrows.
    pub edges: Vec<EdgeView>,
    /// Steps by the length of the longest way to them, in arrows.
    pub levels: Vec<Vec<StepKey>>,
    /// A longest path by the limits.
    pub critical_path: Vec<StepKey>,
    /// The length of the critical path in working days.
    pub makespan_working_days: f64,
    /// How many department steps can be under way at once.
    pub parallelism: ParallelismView,
    /// Steps of officers and outside bodies without a limit.
    pub unlimited: Vec<StepKey>,
    /// Steps whose limit is in calendar days.
    pub in_calendar_days: Vec<StepKey>,
    #[serde(skip)]
    pub(crate) makespan: u64,
    #[serde(skip)]
    pub(crate) visits: u32,
}

/// A question of the scenario with its answer.
#[derive(Debug, Clone, Serialize)]
pub struct AnswerView {
    /// The question.
    pub question: QuestionKey,
    /// As it is asked.
    pub ask: Text,
    /// The answer in words.
    pub answer: Text,
}

/// A lane of the picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lane {
    /// Whose lane it is.
    pub kind: LaneKind,
    /// The department or outside body, if it is one's.
    pub department: Option<DepartmentKey>,
    /// What people call it.
    pub title: Text,
}

/// Whose lane it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LaneKind {
    /// The applicant's: submissions, collections, appointments.
    Applicant,
    /// The registries': look-ups instead of questions.
    SharedData,
    /// A government department's.
    Department,
    /// An outside body's.
    Outside,
}

/// What kind of node a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// The applicant hands in an application.
    Submission,
    /// The applicant hands in what a registry did not have.
    Fallback,
    /// A registry is asked.
    LookUp,
    /// A department's system.
    System,
    /// An officer.
    Officer,
    /// The applicant, otherwise than by handing in.
    Applicant,
    /// An outside body.
    Outside,
}

/// A step of the case.
#[derive(Debug, Clone, Serialize)]
pub struct StepView {
    /// The durable identity.
    pub key: StepKey,
    /// What people call it; for a look-up, whose registry is asked about whom.
    pub title: Text,
    /// What kind of node it is.
    pub kind: StepKind,
    /// The position of its lane in `lanes`.
    pub lane: usize,
    /// The department that does it; for a look-up, whose registry it is.
    pub department: Option<DepartmentView>,
    /// The matter it works on.
    pub matter: Option<MatterView>,
    /// The position of its level in `levels`.
    pub level: usize,
    /// Its limits in words.
    pub limit: Option<Text>,
    /// Where the law says so.
    pub limit_basis: Option<String>,
    /// When it begins at the earliest, in working days from the first submission.
    pub begin_working_days: f64,
    /// How long it takes by its binding limit; 0 without one in working days or hours.
    pub takes_working_days: f64,
    /// How much later it may end without moving the whole.
    pub slack_working_days: f64,
    /// Whether it is on the critical path.
    pub critical: bool,
    /// Trips to an office that it costs the applicant.
    pub visits: u32,
    /// Whether the applicant has to be there.
    pub attended: bool,
    /// What it needs to know, and where that comes from.
    pub reads: Vec<ReadView>,
    /// What it makes; for a look-up, what is taken from the registry.
    pub writes: Vec<FieldView>,
    /// What its form asks, if it is a submission.
    pub asks: Vec<FieldView>,
    #[serde(skip)]
    pub(crate) takes: u64,
    #[serde(skip)]
    pub(crate) begin: u64,
    #[serde(skip)]
    pub(crate) slack: u64,
    #[serde(skip)]
    pub(crate) binding: Option<Text>,
    /// About whom a registry is asked.
    #[serde(skip)]
    pub(crate) subject: Option<Text>,
}

/// A department by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DepartmentView {
    /// The durable identity.
    pub key: DepartmentKey,
    /// What people call it.
    pub title: Text,
}

/// A matter by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MatterView {
    /// The durable identity.
    pub key: MatterKey,
    /// What people call it.
    pub title: Text,
}

/// A field by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldView {
    /// `role.field`.
    pub field: FieldPath,
    /// Subject and field, as people call them.
    pub title: Text,
    /// Whether it is a document to hand in rather than a field to fill in.
    pub material: bool,
}

/// A read and its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadView {
    /// `role.field`.
    pub field: FieldPath,
    /// Subject and field, as people call them.
    pub title: Text,
    /// Whether the step can do without.
    pub optional: bool,
    /// `step`, `registry` or `applicant`.
    pub source: &'static str,
    /// The step, look-up or submission that it comes from.
    pub from: StepKey,
}

/// An arrow.
#[derive(Debug, Clone, Serialize)]
pub struct EdgeView {
    /// The earlier step.
    pub from: StepKey,
    /// The later step.
    pub to: StepKey,
    /// Whether other arrows imply this one; drawings leave it out.
    pub implied: bool,
    /// Whether it is on the critical path.
    pub critical: bool,
    /// Why, at least one reason.
    pub reasons: Vec<Reason>,
    /// Positions in `steps`.
    #[serde(skip)]
    pub(crate) ends: (usize, usize),
}

/// Why one step comes before another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// What kind of reason it is.
    pub kind: ReasonKind,
    /// The datum, where it is one.
    pub field: Option<FieldPath>,
    /// The datum by name, or the law or habit.
    pub text: Text,
}

/// What kind of reason an arrow has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// The earlier makes, fetches or collects what the later reads.
    Data,
    /// The applicant carries what the earlier made to the later.
    Carried,
    /// A law, or in the old way a habit, demands the order.
    Stated,
    /// Nothing begins before its submission.
    Submitted,
    /// Nothing is examined before it is accepted.
    Accepted,
}

/// How many department steps can be under way at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ParallelismView {
    /// The number.
    pub steps: usize,
    /// Whether it is exact rather than a lower bound.
    pub exact: bool,
}

fn way_word<S: serde::Serializer>(way: &Way, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(match way {
        Way::Old => "old",
        Way::New => "new",
    })
}

impl View {
    /// The view of what a plan comes to for these answers.
    ///
    /// ```
    /// use onething_plan::{Actor, builder::PlanBuilder};
    /// use onething_redesign::View;
    /// let mut b = PlanBuilder::new("shop");
    /// let name = b.field("name");
    /// b.step("review", Actor::Officer).reads(name);
    /// let plan = b.build();
    /// let view = View::new(&plan, &plan.reference);
    /// assert_eq!(view.edges[0].reasons[0].text.en(), "Applicant: name");
    /// ```
    #[must_use]
    pub fn new(plan: &Plan, answers: &Answers) -> Self {
        Self::of(plan, answers, &Scenario::resolve(plan, answers))
    }

    /// The view of a scenario that was resolved already, for these answers.
    #[must_use]
    pub fn of(plan: &Plan, answers: &Answers, scenario: &Scenario) -> Self {
        let timing = critical::by_limits(plan, scenario);
        // The clock starts with the submission: look-ups on the draft come before.
        let on_draft = |step: &&StepIx| matches!(plan.step(**step).actor, Actor::LookUp(_));
        let drafted = timing.path.iter().take_while(on_draft).count();
        let path: &[StepIx] = if timing.makespan == 0 {
            &[]
        } else {
            &timing.path[drafted..]
        };
        let lanes = lanes(plan, scenario);
        let (level, levels) = levels(plan, scenario);
        let keys = |steps: &[StepIx]| steps.iter().map(|s| plan.step(*s).key.clone()).collect();
        let steps: Vec<StepView> = scenario
            .steps()
            .iter()
            .map(|step| {
                let lane = lane_of(plan, *step);
                let mut view = step_view(plan, scenario, &timing, *step);
                view.lane = lanes.iter().position(|l| *l == lane).unwrap_or(0);
                view.level = level[step.index()];
                view.critical = path.contains(step);
                view
            })
            .collect();
        let mut at = vec![0; plan.steps.len()];
        for (position, step) in scenario.steps().iter().enumerate() {
            at[step.index()] = position;
        }
        let on_path = |edge: &Edge| path.windows(2).any(|two| two == [edge.from, edge.to]);
        let edges = scenario
            .edges()
            .iter()
            .map(|edge| EdgeView {
                from: plan.step(edge.from).key.clone(),
                to: plan.step(edge.to).key.clone(),
                implied: edge.implied,
                critical: on_path(edge),
                reasons: edge.why.iter().map(|w| reason(plan, edge, *w)).collect(),
                ends: (at[edge.from.index()], at[edge.to.index()]),
            })
            .collect();
        Self {
            service: plan.service.clone(),
            version: plan.version.clone(),
            way: plan.way,
            title: plan.title.clone(),
            answers: answer_views(plan, answers),
            edges,
            levels,
            critical_path: keys(path),
            makespan_working_days: timing.working_days(),
            parallelism: match critical::parallelism(plan, scenario) {
                Parallelism::Exact(steps) => ParallelismView { steps, exact: true },
                Parallelism::AtLeast(steps) => ParallelismView {
                    steps,
                    exact: false,
                },
            },
            unlimited: keys(&timing.unlimited),
            in_calendar_days: keys(&timing.in_calendar_days),
            makespan: timing.makespan,
            visits: steps.iter().map(|step| step.visits).sum(),
            lanes,
            steps,
        }
    }

    /// The arrows that drawings show: those that no others imply.
    pub(crate) fn arrows(&self) -> impl Iterator<Item = &EdgeView> {
        self.edges.iter().filter(|edge| !edge.implied)
    }

    /// Steps of departments and outside bodies.
    pub(crate) fn internal_steps(&self) -> usize {
        let internal = |step: &&StepView| match step.kind {
            StepKind::System | StepKind::Officer | StepKind::Outside => true,
            StepKind::Submission | StepKind::Fallback | StepKind::LookUp | StepKind::Applicant => {
                false
            }
        };
        self.steps.iter().filter(internal).count()
    }

    /// Plain fields and materials that the applications ask for.
    pub(crate) fn asked(&self) -> (usize, usize) {
        let submissions = self.steps.iter();
        let submissions = submissions.filter(|step| step.kind == StepKind::Submission);
        let asked: Vec<&FieldView> = submissions.flat_map(|step| &step.asks).collect();
        let materials = asked.iter().filter(|field| field.material).count();
        (asked.len() - materials, materials)
    }

    /// Applications, without what is asked only when a registry has nothing.
    pub(crate) fn submissions(&self) -> usize {
        let count = |step: &&StepView| step.kind == StepKind::Submission;
        self.steps.iter().filter(count).count()
    }
}

pub(crate) fn answer_views(plan: &Plan, answers: &Answers) -> Vec<AnswerView> {
    answers
        .iter()
        .filter_map(|(question, answer)| {
            let item = plan.questions.get(question.index())?;
            Some(AnswerView {
                question: item.key.clone(),
                ask: item.ask.clone(),
                answer: words::answer(&item.kind, answer),
            })
        })
        .collect()
}

fn lane_of(plan: &Plan, step: StepIx) -> Lane {
    let item = plan.step(step);
    let applicant = || Lane {
        kind: LaneKind::Applicant,
        department: None,
        title: Text::new("申请人", "Applicant"),
    };
    match (&item.actor, item.department) {
        (Actor::LookUp(_), _) => Lane {
            kind: LaneKind::SharedData,
            department: None,
            title: Text::new("数据共享", "Shared data"),
        },
        (Actor::Submission(_) | Actor::Applicant, _) => applicant(),
        (Actor::System | Actor::Officer | Actor::Outside, Some(department)) => {
            let department = plan.department(department);
            Lane {
                kind: if department.outside {
                    LaneKind::Outside
                } else {
                    LaneKind::Department
                },
                department: Some(department.key.clone()),
                title: department.title.clone(),
            }
        }
        (Actor::System | Actor::Officer | Actor::Outside, None) => applicant(),
    }
}

/// The applicant's lane, the registries', then departments as they appear.
fn lanes(plan: &Plan, scenario: &Scenario) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = Vec::new();
    for step in scenario.steps() {
        let lane = lane_of(plan, *step);
        if !lanes.contains(&lane) {
            lanes.push(lane);
        }
    }
    // A stable sort: departments and outside bodies stay as they appear.
    lanes.sort_by_key(|lane| lane.kind.min(LaneKind::Department));
    lanes
}

fn levels(plan: &Plan, scenario: &Scenario) -> (Vec<usize>, Vec<Vec<StepKey>>) {
    let mut level = vec![0; plan.steps.len()];
    let mut levels: Vec<Vec<StepKey>> = Vec::new();
    for step in scenario.steps() {
        let needs = scenario.needs(*step).iter();
        let own = needs.map(|need| level[need.index()] + 1).max().unwrap_or(0);
        level[step.index()] = own;
        if levels.len() <= own {
            levels.resize(own + 1, Vec::new());
        }
        levels[own].push(plan.step(*step).key.clone());
    }
    (level, levels)
}

fn days(thousandths: u64) -> f64 {
    thousandths as f64 / 1_000.0
}

fn step_view(plan: &Plan, scenario: &Scenario, timing: &Timing, step: StepIx) -> StepView {
    let item = plan.step(step);
    let at = step.index();
    let named = |field: FieldIx| FieldView {
        field: plan.field(field).path.clone(),
        title: words::field(plan, field),
        material: plan.field(field).is_material(),
    };
    let form = || -> Vec<FieldView> {
        let asked = scenario.form(step).iter();
        asked.map(|asked| named(asked.field)).collect()
    };
    let (kind, writes, asks) = match &item.actor {
        Actor::Submission(submission) => match submission.kind {
            SubmissionKind::Application => (StepKind::Submission, Vec::new(), form()),
            SubmissionKind::Fallback(_) => (StepKind::Fallback, Vec::new(), form()),
        },
        Actor::LookUp(_) => (StepKind::LookUp, form(), Vec::new()),
        other => {
            let kind = match other {
                Actor::Officer => StepKind::Officer,
                Actor::Applicant => StepKind::Applicant,
                Actor::Outside => StepKind::Outside,
                Actor::System | Actor::Submission(_) | Actor::LookUp(_) => StepKind::System,
            };
            let writes = item.writes.iter().map(|field| named(*field)).collect();
            (kind, writes, Vec::new())
        }
    };
    StepView {
        key: item.key.clone(),
        title: step_title(plan, step),
        kind,
        lane: 0,
        department: item.department.map(|department| DepartmentView {
            key: plan.department(department).key.clone(),
            title: plan.department(department).title.clone(),
        }),
        matter: item.matter.map(|matter| MatterView {
            key: plan.matter(matter).key.clone(),
            title: plan.matter(matter).title.clone(),
        }),
        level: 0,
        limit: words::limits(&item.limit),
        limit_basis: item.limit.basis.clone(),
        begin_working_days: days(timing.begin[at]),
        takes_working_days: days(timing.time[at]),
        slack_working_days: days(timing.slack[at]),
        critical: false,
        visits: item.visits,
        attended: item.attended,
        reads: read_views(plan, scenario, step),
        writes,
        asks,
        takes: timing.time[at],
        begin: timing.begin[at],
        slack: timing.slack[at],
        binding: item.limit.binding().map(words::limit),
        subject: match &item.actor {
            Actor::LookUp(look_up) => Some(plan.role(look_up.role).title.clone()),
            Actor::Submission(_)
            | Actor::System
            | Actor::Officer
            | Actor::Applicant
            | Actor::Outside => None,
        },
    }
}

/// Registries have no titles of their own: people know whose they are.
pub(crate) fn step_title(plan: &Plan, step: StepIx) -> Text {
    let item = plan.step(step);
    let (Actor::LookUp(look_up), Some(department)) = (&item.actor, item.department) else {
        return item.title.clone();
    };
    let department = &plan.department(department).title;
    let role = &plan.role(look_up.role).title;
    Text::new(
        format!("向{}查询{}", department.zh(), role.zh()),
        format!("Ask {} about {}", department.en(), role.en()),
    )
}

fn read_views(plan: &Plan, scenario: &Scenario, step: StepIx) -> Vec<ReadView> {
    let optional = |field: FieldIx| {
        let mut reads = plan.step(step).reads.iter();
        reads.any(|read| read.field == field && read.optional)
    };
    scenario
        .sources(step)
        .iter()
        .map(|(field, source)| {
            let (source, from) = match source {
                Source::Step(from) => ("step", from),
                Source::LookUp(from) => ("registry", from),
                Source::Applicant(from) => ("applicant", from),
            };
            ReadView {
                field: plan.field(*field).path.clone(),
                title: words::field(plan, *field),
                optional: optional(*field),
                source,
                from: plan.step(*from).key.clone(),
            }
        })
        .collect()
}

fn reason(plan: &Plan, edge: &Edge, why: Why) -> Reason {
    let of_field = |kind, field: FieldIx| Reason {
        kind,
        field: Some(plan.field(field).path.clone()),
        text: words::field(plan, field),
    };
    let said = |kind, text| Reason {
        kind,
        field: None,
        text,
    };
    match why {
        Why::Data(field) => of_field(ReasonKind::Data, field),
        Why::Carried(field) => of_field(ReasonKind::Carried, field),
        Why::Stated(at) => {
            let stated = plan.step(edge.to).after.get(at);
            let text = stated.map(|after| after.because.clone());
            said(ReasonKind::Stated, text.unwrap_or_default())
        }
        Why::Submitted => said(
            ReasonKind::Submitted,
            Text::new("提交之后才开始", "begins only after the submission"),
        ),
        Why::Accepted => said(
            ReasonKind::Accepted,
            Text::new("受理之后才审查", "is examined only after acceptance"),
        ),
    }
}
