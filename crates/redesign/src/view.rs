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
//! | `makespan_working_days` | from the first submission to the last delivery, by the limits; null: nothing to do for these answers |
//! | `after_results[]` | step keys: what is done after the last result, which none waits for |
//! | `parallelism` | `steps` that can be under way at once, and whether that number is `exact` or a lower bound |
//! | `unlimited[]`, `in_calendar_days[]` | steps that have no time here: no limit, or one in calendar days |

mod build;
#[cfg(test)]
mod tests;

use onething_model::{DepartmentKey, FieldPath, MatterKey, QuestionKey, ServiceKey, StepKey, Text};
use onething_plan::Way;
use serde::Serialize;

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
    /// A longest path by the limits; where several are equally long, the one whose
    /// steps come first.
    pub critical_path: Vec<StepKey>,
    /// The length of the critical path in working days: to the last delivery. `None` where
    /// there is nothing to do: no time would look like the shortest.
    pub makespan_working_days: Option<f64>,
    /// Steps that no result waits for: filing and the like, and collecting what is there already.
    pub after_results: Vec<StepKey>,
    /// How many department steps can be under way at once.
    pub parallelism: ParallelismView,
    /// Steps of officers and outside bodies without a limit.
    pub unlimited: Vec<StepKey>,
    /// Steps whose limit is in calendar days.
    pub in_calendar_days: Vec<StepKey>,
    /// As people are told: in thousandths of a working day.
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
    /// How much later it may end without moving the last delivery; none where no delivery
    /// waits for it.
    pub slack_working_days: Option<f64>,
    /// Whether it is on the critical path, or on another branch that is as long:
    /// a delay delays the whole.
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
    /// As people are told: in thousandths of a working day.
    #[serde(skip)]
    pub(crate) takes: u64,
    #[serde(skip)]
    pub(crate) begin: u64,
    #[serde(skip)]
    pub(crate) end: u64,
    #[serde(skip)]
    pub(crate) slack: Option<u64>,
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
    /// `step`, `registry` or `applicant`; `derived` where it follows from another field.
    pub source: &'static str,
    /// The step, look-up or submission that it comes from; of what is derived, where what it
    /// follows from comes from.
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
    /// Whether it is on the critical path, or on another branch that is as long.
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

    /// Plain fields and materials that the applicant is asked for, whatever registries have: by
    /// applications, and in steps of their own.
    pub(crate) fn asked(&self) -> (usize, usize) {
        let forms = self.steps.iter();
        let forms = forms.filter(|step| match step.kind {
            StepKind::Submission | StepKind::Applicant => true,
            StepKind::Fallback
            | StepKind::LookUp
            | StepKind::System
            | StepKind::Officer
            | StepKind::Outside => false,
        });
        let asked: Vec<&FieldView> = forms.flat_map(|step| &step.asks).collect();
        let materials = asked.iter().filter(|field| field.material).count();
        (asked.len() - materials, materials)
    }

    /// Applications, without what is asked only when a registry has nothing.
    pub(crate) fn submissions(&self) -> usize {
        let count = |step: &&StepView| step.kind == StepKind::Submission;
        self.steps.iter().filter(count).count()
    }
}
