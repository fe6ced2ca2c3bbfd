//! One case, measured: a fold from its events to what it cost the applicant.
//!
//! The same fold serves a live case, a simulated one and the records of a
//! store. It takes constant time an event and allocates nothing while it
//! runs: what depends on the plan alone stands in a table by step, what
//! depends on the scenario is counted once and shared by its cases.
//!
//! # What is counted
//!
//! A step *happened* when it was completed or refused; a submission happened
//! when there is a `submitted` record of it.
//!
//! - `submissions`: `submitted` records, answers to supplement notices and to
//!   what a registry did not have included.
//! - `fields`, `materials`: what the forms handed in ask, optional entries
//!   included, documents counted as materials, and what the applicant states
//!   in steps of their own that happened. A registry's miss puts the
//!   missed field on the form. Putting a field right after a supplement
//!   notice makes it no second field: the notice shows in `submissions`.
//! - `forms`: forms handed in with at least one entry, and steps of the
//!   applicant's own that ask for at least one.
//! - `visits`: the trips stated for submissions and steps that happened. A
//!   joint visit is stated at one of its steps, so it counts once.
//! - `steps`, the applicant's: submissions, the applicant's own steps that
//!   happened, and appointments they had to attend.
//! - `internal_steps`: steps of departments and outside bodies that happened.
//! - `departments`: different offices at which the applicant applied, or to
//!   which a step with a trip took them. The office of a submission is its own
//!   department, else the one that accepts it, else, where matters are
//!   handled apart, its matter's, else the department in charge. The office
//!   of a step is its own department, else its submission's office. With one
//!   window for all it is one.
//! - results: the deliveries whose result a step of the scenario makes, and
//!   those of them that were made.
//! - `processing_time`, `elapsed_time`: from the first submission to the last
//!   delivery; to the end of the case where nothing was delivered. Unknown
//!   for a case that is not over or was withdrawn. Where matters are handled
//!   apart, a result is delivered when it is made; a trip to collect the last
//!   one comes after, and so is no part of the old way's time.

mod measures;

use std::collections::HashMap;
use std::sync::Arc;

use onething_engine::{Blueprint, Event, Layout};
use onething_model::Timestamp;
use onething_plan::{Actor, Answers, FieldIx, Handled, Plan, StepIx, SubmissionKind};

pub use measures::{CaseMeasures, Outcome};

/// Most scenarios whose counts are kept; beyond it they are counted anew for each case.
const KEPT: usize = 4_096;

/// What an event about a step adds, whatever the scenario.
#[derive(Debug, Clone, Copy)]
struct Row {
    what: What,
    /// Trips.
    visits: u32,
    /// 1 for an appointment that the applicant has to attend.
    attended: u32,
    /// The department approached.
    office: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Application,
    Fallback,
    LookUp,
    Applicant,
    Internal,
}

/// What a form asks.
#[derive(Debug, Clone, Copy, Default)]
struct FormCount {
    fields: u32,
    materials: u32,
}

/// What depends on the scenario: the forms, by step number.
#[derive(Debug)]
struct Counts {
    forms: Box<[FormCount]>,
    /// The deliveries whose result some step of the scenario makes.
    results: u32,
    layout: Arc<Layout>,
}

/// Measures the cases of one plan. Cheap to keep, so each thread keeps its own.
///
/// ```
/// use std::sync::Arc;
/// use onething_engine::{Blueprint, Case, Command, Opening};
/// use onething_measure::{CaseFold, Meter};
/// use onething_model::Timestamp;
/// use onething_plan::{Actor, builder::PlanBuilder};
///
/// let mut b = PlanBuilder::new("stamp");
/// let (paper, stamp) = (b.field("paper"), b.field("stamp"));
/// let review = b.step("review", Actor::Officer).reads(paper).writes(stamp).number();
/// let blueprint = Blueprint::new(Arc::new(b.build()));
/// let (mut meter, mut fold) = (Meter::new(&blueprint), CaseFold::new());
///
/// let mut events = Vec::new();
/// let opening = Opening::new(blueprint.plan(), "key-1", vec![], vec![(paper, "papers".into())]);
/// let mut case = Case::open(&blueprint, Arc::new(opening), Timestamp(0), &mut events);
/// events.drain(..).for_each(|event| meter.apply(&mut fold, &event, Timestamp(0)));
/// let half_a_day = Timestamp(12 * 3_600_000_000);
/// let done = Command::Complete { step: review, round: None, values: vec![(stamp, "ok".into())] };
/// case.handle(&done, half_a_day, &mut events).unwrap();
/// events.drain(..).for_each(|event| meter.apply(&mut fold, &event, half_a_day));
///
/// let measures = meter.measures(&fold);
/// assert_eq!((measures.submissions, measures.fields, measures.internal_steps), (1, 1, 1));
/// assert_eq!(measures.processing_working_days, Some(0.5)); // open round the clock
/// ```
#[derive(Debug)]
pub struct Meter {
    blueprint: Arc<Blueprint>,
    rows: Box<[Row]>,
    material: Box<[bool]>,
    /// By the address of the layout, which the counts keep alive.
    counts: HashMap<usize, Arc<Counts>>,
}

/// What is known of one case so far. Filled by a [`Meter`]; a used one is
/// taken for the next case with [`reset`](Self::reset) and keeps its memory.
#[derive(Debug, Clone, Default)]
pub struct CaseFold {
    counts: Option<Arc<Counts>>,
    sums: Sums,
    outcome: Outcome,
    first_submission: Option<Timestamp>,
    last_delivery: Option<Timestamp>,
    ended: Option<Timestamp>,
    /// Offices approached, one bit each.
    offices: Vec<u64>,
    /// What registries did not have, with the look-up that missed it.
    missed: Vec<(FieldIx, StepIx)>,
    /// The look-ups that were not made, since nothing was known to ask with.
    skipped: Vec<StepIx>,
    /// The steps that were refused or cancelled, for whom nothing is asked any more.
    over: Vec<StepIx>,
    spans: Option<Vec<Span>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Sums {
    submissions: u32,
    materials: u32,
    fields: u32,
    forms: u32,
    visits: u32,
    steps: u32,
    internal_steps: u32,
    delivered: u32,
}

impl Sums {
    fn fill_in(&mut self, form: FormCount) {
        self.fields += form.fields;
        self.materials += form.materials;
        self.forms += u32::from(form.fields + form.materials > 0);
    }
}

/// From when to when a step was under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// When it was first dispatched.
    pub dispatched: Option<Timestamp>,
    /// When it was completed, refused, handed in, skipped or cancelled.
    pub ended: Option<Timestamp>,
}

impl CaseFold {
    /// Nothing known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing known yet; [spans](Self::spans) will be kept too.
    #[must_use]
    pub fn with_spans() -> Self {
        Self {
            spans: Some(Vec::new()),
            ..Self::default()
        }
    }

    /// Forgets the case, keeping the memory.
    pub fn reset(&mut self) {
        let (mut offices, mut missed, mut skipped) = (
            std::mem::take(&mut self.offices),
            std::mem::take(&mut self.missed),
            std::mem::take(&mut self.skipped),
        );
        let spans = self.spans.take().map(|mut spans| {
            spans.clear();
            spans
        });
        offices.clear();
        missed.clear();
        skipped.clear();
        *self = Self {
            offices,
            missed,
            skipped,
            spans,
            ..Self::default()
        };
    }

    /// How the case ended, or that it has not.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// By step number; empty if spans are not kept.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        self.spans.as_deref().unwrap_or_default()
    }

    fn span(&mut self, step: StepIx) -> Option<&mut Span> {
        let spans = self.spans.as_mut()?;
        if spans.len() <= step.index() {
            spans.resize(step.index() + 1, Span::default());
        }
        spans.get_mut(step.index())
    }

    fn approach(&mut self, office: u32) {
        let (word, bit) = (office as usize / 64, office % 64);
        if self.offices.len() <= word {
            self.offices.resize(word + 1, 0);
        }
        self.offices[word] |= 1 << bit;
    }
}

impl Meter {
    /// A meter for cases of this plan.
    #[must_use]
    pub fn new(blueprint: &Arc<Blueprint>) -> Self {
        let plan = blueprint.plan();
        Self {
            rows: plan.step_numbers().map(|step| row(plan, step)).collect(),
            material: plan.fields.iter().map(|f| f.is_material()).collect(),
            counts: HashMap::new(),
            blueprint: blueprint.clone(),
        }
    }

    /// The plan whose cases it measures.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        self.blueprint.plan()
    }

    /// Tells the fold the scenario of its case. Not needed, as the opening
    /// record says it too; it saves a driver that has the layout at hand from
    /// looking it up again. Call it before the opening record is applied.
    pub fn begin(&mut self, fold: &mut CaseFold, layout: &Arc<Layout>) {
        fold.counts = Some(self.counts_of(layout));
    }

    /// Takes one more event in. Events come in the order in which they were
    /// recorded; one about a step that the plan does not have adds nothing.
    pub fn apply(&mut self, fold: &mut CaseFold, event: &Event, at: Timestamp) {
        match event {
            Event::CaseOpened(opening) => {
                if fold.counts.is_none() {
                    let mut answers = Answers::none(self.plan().questions.len());
                    for (question, answer) in &opening.answers {
                        answers.set(*question, Some(answer.clone()));
                    }
                    let layout = self.blueprint.layout(&answers);
                    fold.counts = Some(self.counts_of(&layout));
                }
            }
            Event::ApplicationRefused { .. } => {
                fold.outcome = Outcome::NotAccepted;
                fold.ended = Some(at);
            }
            Event::Submitted { step, .. } => self.submitted(fold, *step, at),
            Event::StepDispatched { step, .. } => {
                if let Some(span) = fold.span(*step) {
                    span.dispatched.get_or_insert(at);
                }
            }
            Event::StepCompleted { step, missed, .. } => {
                let missed = missed.iter().map(|field| (*field, *step));
                fold.missed.extend(missed);
                self.happened(fold, *step, at);
            }
            Event::StepRefused { step, .. } => {
                fold.over.push(*step);
                self.happened(fold, *step, at);
            }
            Event::StepSkipped { step } | Event::StepCancelled { step } => {
                // A registry that nothing was known to ask with: what it would have
                // given is asked of the applicant like what it has not.
                let skipped = matches!(event, Event::StepSkipped { .. });
                if let Some(counts) = fold.counts.clone().filter(|_| skipped) {
                    let missed = counts.layout.not_asked_for(self.plan(), *step);
                    fold.missed.extend(missed.map(|field| (field, *step)));
                    fold.skipped.push(*step);
                }
                if !skipped {
                    fold.over.push(*step);
                }
                if let Some(span) = fold.span(*step) {
                    span.ended = Some(at);
                }
            }
            // Registries are asked anew, and nobody has been asked for anything yet.
            Event::DraftRenewed { .. } => {
                fold.missed.clear();
                fold.skipped.clear();
            }
            Event::Delivered { .. } => {
                fold.last_delivery = Some(at);
                fold.sums.delivered += 1;
            }
            Event::CaseWithdrawn { .. } => {
                fold.outcome = Outcome::Withdrawn;
                fold.ended = Some(at);
            }
            Event::CaseRefused => {
                fold.outcome = Outcome::Refused;
                fold.ended = Some(at);
            }
            Event::CaseClosed => {
                fold.outcome = Outcome::Closed;
                fold.ended = Some(at);
            }
            // Failures and retries are the administration's affair; a notice
            // counts when it is answered.
            Event::StepFailed { .. }
            | Event::IncidentOpened { .. }
            | Event::StepRetried { .. }
            | Event::DataRead { .. }
            | Event::CaseRead { .. }
            | Event::SupplementRequested { .. } => {}
        }
    }

    /// The measures of one whole case. For many cases of a plan, keep the meter.
    #[must_use]
    pub fn measure<'a>(
        &mut self,
        events: impl IntoIterator<Item = (Timestamp, &'a Event)>,
    ) -> CaseMeasures {
        let mut fold = CaseFold::new();
        for (at, event) in events {
            self.apply(&mut fold, event, at);
        }
        self.measures(&fold)
    }

    /// What the case comes to so far.
    #[must_use]
    pub fn measures(&self, fold: &CaseFold) -> CaseMeasures {
        let end = fold
            .ended
            .filter(|_| fold.outcome.is_finished())
            .map(|ended| fold.last_delivery.unwrap_or(ended));
        let both = fold.first_submission.zip(end);
        let calendar = &self.plan().calendar;
        let sums = fold.sums;
        CaseMeasures {
            outcome: fold.outcome,
            first_submission: fold.first_submission,
            end,
            processing_working_days: both.map(|(from, to)| calendar.working_days_between(from, to)),
            elapsed_days: both.map(|(from, to)| (to - from).as_days()),
            submissions: sums.submissions,
            materials: sums.materials,
            fields: sums.fields,
            forms: sums.forms,
            visits: sums.visits,
            steps: sums.steps,
            internal_steps: sums.internal_steps,
            departments: fold.offices.iter().map(|word| word.count_ones()).sum(),
            results_due: fold.counts.as_ref().map_or(0, |counts| counts.results),
            results_delivered: sums.delivered,
        }
    }

    fn submitted(&self, fold: &mut CaseFold, step: StepIx, at: Timestamp) {
        fold.first_submission.get_or_insert(at);
        fold.sums.submissions += 1;
        fold.sums.steps += 1;
        let Some(row) = self.rows.get(step.index()).copied() else {
            return;
        };
        let mut form = match row.what {
            What::Application => fold
                .counts
                .as_ref()
                .map_or(FormCount::default(), |counts| counts.forms[step.index()]),
            What::Fallback => FormCount::default(),
            // An answer to a supplement notice.
            What::LookUp | What::Applicant | What::Internal => return,
        };
        if let Some(counts) = fold.counts.as_ref().filter(|_| !fold.missed.is_empty()) {
            let is_skipped = |look_up| fold.skipped.contains(&look_up);
            let is_over = |reader| fold.over.contains(&reader);
            let layout = &counts.layout;
            let missed =
                layout.asked_after_all(self.plan(), step, &fold.missed, is_skipped, is_over);
            for asked in missed {
                form.add(self.is_material(asked.field));
            }
        }
        fold.sums.fill_in(form);
        fold.sums.visits += row.visits;
        fold.approach(row.office);
        if let Some(span) = fold.span(step) {
            span.ended = Some(at);
        }
    }

    fn happened(&self, fold: &mut CaseFold, step: StepIx, at: Timestamp) {
        let Some(row) = self.rows.get(step.index()) else {
            return;
        };
        if let Some(span) = fold.span(step) {
            span.ended = Some(at);
        }
        match row.what {
            What::Applicant => {
                fold.sums.steps += 1;
                if let Some(counts) = &fold.counts {
                    fold.sums.fill_in(counts.forms[step.index()]);
                }
            }
            What::Internal => {
                fold.sums.internal_steps += 1;
                fold.sums.steps += row.attended;
            }
            // A submission ends with `submitted`; a registry costs nobody a step.
            What::Application | What::Fallback | What::LookUp => return,
        }
        if row.visits > 0 {
            fold.sums.visits += row.visits;
            fold.approach(row.office);
        }
    }

    fn is_material(&self, field: FieldIx) -> bool {
        self.material.get(field.index()).copied().unwrap_or(false)
    }

    fn counts_of(&mut self, layout: &Arc<Layout>) -> Arc<Counts> {
        let address = Arc::as_ptr(layout) as usize;
        if let Some(counts) = self.counts.get(&address) {
            return counts.clone();
        }
        let form = |step| {
            let mut count = FormCount::default();
            for asked in layout.scenario.form(step) {
                count.add(self.is_material(asked.field));
            }
            count
        };
        let plan = self.plan();
        let is_made = |what| {
            plan.makers(what)
                .any(|step| layout.scenario.is_active(step))
        };
        let results = plan.deliveries.iter().filter(|result| is_made(result.what));
        let counts = Arc::new(Counts {
            forms: plan.step_numbers().map(form).collect(),
            results: results.count() as u32,
            layout: layout.clone(),
        });
        if self.counts.len() < KEPT {
            self.counts.insert(address, counts.clone());
        }
        counts
    }
}

impl FormCount {
    fn add(&mut self, material: bool) {
        if material {
            self.materials += 1;
        } else {
            self.fields += 1;
        }
    }
}

/// The office at which a scope's submission is handed in.
fn window(plan: &Plan, submission: StepIx) -> u32 {
    let item = plan.step(submission);
    let gate = match &item.actor {
        Actor::Submission(submission) => submission.accepted_by,
        Actor::LookUp(_) | Actor::System | Actor::Officer | Actor::Applicant | Actor::Outside => {
            None
        }
    };
    let accepts = || plan.step(gate?).department;
    let matters = || match plan.handled {
        Handled::Apart => item.matter.map(|matter| plan.matter(matter).department),
        Handled::Together => None,
    };
    let department = item.department.or_else(accepts).or_else(matters);
    department.unwrap_or(plan.owner).0
}

fn row(plan: &Plan, step: StepIx) -> Row {
    let item = plan.step(step);
    let what = match &item.actor {
        Actor::Submission(submission) => match submission.kind {
            SubmissionKind::Application => What::Application,
            SubmissionKind::Fallback(_) => What::Fallback,
        },
        Actor::LookUp(_) => What::LookUp,
        Actor::Applicant => What::Applicant,
        Actor::System | Actor::Officer | Actor::Outside => What::Internal,
    };
    let office = match what {
        What::Application => window(plan, step),
        // Handed in where the application was.
        What::Fallback => window(plan, item.scope),
        What::LookUp | What::Applicant | What::Internal => {
            let own = item.department.map(|department| department.0);
            own.unwrap_or_else(|| window(plan, item.scope))
        }
    };
    Row {
        what,
        visits: item.visits,
        attended: u32::from(item.attended),
        office,
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
