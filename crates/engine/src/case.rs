//! The state of a case, and how records change it.
//!
//! [`Case::apply`] is total: it follows the transition table, cannot fail and
//! decides nothing. Replaying the journal therefore gives the live state.

pub(crate) mod asks;
mod draft;
mod joined;
mod order;

use std::sync::Arc;

use onething_model::Timestamp;
use onething_plan::{Actor, Answers, Derived, FieldIx, Handled, MatterIx, Plan, Refused, StepIx};
use serde_json::Value;

use crate::blueprint::{Blueprint, Layout};
use crate::record::{Event, Opening, Values};
use crate::transition::{CaseStatus, EventKind, StepStatus};

/// A case (办件): one applicant's run of a service.
#[derive(Debug, Clone)]
pub struct Case {
    pub(crate) blueprint: Arc<Blueprint>,
    pub(crate) layout: Option<Arc<Layout>>,
    pub(crate) opening: Option<Arc<Opening>>,
    pub(crate) status: CaseStatus,
    pub(crate) steps: Vec<StepState>,
    /// Steps that are not final.
    pub(crate) open: u32,
    /// Of these, what the last delivery waits for.
    pub(crate) held: u32,
    /// Steps that wait for nothing any more and have not begun.
    pub(crate) ready: Vec<StepIx>,
    /// Orders that passed on through a step that was cancelled before its turn: who is
    /// waited for, and by whom.
    passed_on: Vec<(StepIx, StepIx)>,
    /// Steps whose dispatch shows personal data that is not on record yet.
    pub(crate) to_disclose: Vec<StepIx>,
    /// Steps that are no longer possible and have not been cancelled yet.
    pub(crate) doomed: Vec<StepIx>,
    /// By field number; empty for a simulated case. What follows from what is known
    /// is among it.
    data: Vec<Option<Datum>>,
    /// What values were before they were corrected: still somebody's, wherever they are told.
    replaced: Vec<(FieldIx, Value)>,
    /// What follows from what the application gave, while it is a draft.
    pub(crate) drafted: Values,
    /// Whether there is something on the draft that nobody has looked at.
    pub(crate) unseen: bool,
    /// What registries did not have, with the look-up that missed it.
    pub(crate) missed: Vec<(FieldIx, StepIx)>,
    /// Look-ups that were skipped for want of a key, and the form that asks for what they lack
    /// beside what it asks for itself: see [`joined`].
    joined: Vec<(StepIx, StepIx)>,
    /// Matters that had their supplement notice.
    pub(crate) supplemented: Vec<Option<MatterIx>>,
    /// What the outstanding supplement notices ask.
    pub(crate) notices: Vec<asks::Notice>,
    /// Positions in the plan's deliveries.
    pub(crate) delivered: Vec<usize>,
    /// A refusal that ends the whole case.
    pub(crate) ending: bool,
    pub(crate) submissions: u32,
}

/// A value and where it came from. Printing it for debugging does not show the
/// value, which may be personal.
#[derive(Clone, PartialEq)]
pub struct Datum {
    /// The value.
    pub value: Value,
    /// The step that made it, the look-up that fetched it, or the submission
    /// with which the applicant gave it.
    pub from: StepIx,
    /// Since when it is known.
    pub since: Timestamp,
    /// Since when it is valid. What a registry has: since when, as it says, else when it
    /// answered. What a step makes: when it was decided. What the applicant gives: when
    /// they stated it, that is, handed it in.
    pub valid_since: Timestamp,
}

impl std::fmt::Debug for Datum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Datum")
            .field("from", &self.from)
            .field("since", &self.since)
            .field("valid_since", &self.valid_since)
            .finish_non_exhaustive()
    }
}

/// The state of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepState {
    /// Where it stands.
    pub status: StepStatus,
    /// How often it was asked anew; 0 before the first time.
    pub round: u32,
    /// Which attempt of the round; 0 before the first.
    pub attempt: u32,
    /// How many steps it still waits for.
    waiting: u32,
    /// The end of its limit, if it has one; failures and retries do not move it.
    due: Option<Timestamp>,
    /// While delayed: when to retry.
    retry_at: Option<Timestamp>,
}

impl StepState {
    pub(crate) const ABSENT: Self = Self {
        status: StepStatus::Absent,
        round: 0,
        attempt: 0,
        waiting: 0,
        due: None,
        retry_at: None,
    };

    pub(crate) const fn waiting_for(steps: u32) -> Self {
        Self {
            status: StepStatus::Waiting,
            waiting: steps,
            ..Self::ABSENT
        }
    }

    /// The end of the limit, where a step under way has one.
    #[must_use]
    pub const fn due(&self) -> Option<Timestamp> {
        self.due
    }
}

/// A journal that does not fit its case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "record {at} of the case is `{event}`, which cannot follow: the case is {case}, the step {step}"
)]
pub struct ReplayError {
    /// The record's position within the case; the first is 0.
    pub at: usize,
    /// What it says.
    pub event: EventKind,
    /// Where the case stands.
    pub case: CaseStatus,
    /// Where the step stands, if the record is about one.
    pub step: StepStatus,
}

impl Case {
    pub(crate) fn new(blueprint: &Arc<Blueprint>) -> Self {
        Self {
            blueprint: blueprint.clone(),
            layout: None,
            opening: None,
            status: CaseStatus::New,
            steps: Vec::new(),
            open: 0,
            held: 0,
            ready: Vec::new(),
            passed_on: Vec::new(),
            to_disclose: Vec::new(),
            doomed: Vec::new(),
            data: Vec::new(),
            replaced: Vec::new(),
            drafted: Values::new(),
            unseen: false,
            missed: Vec::new(),
            joined: Vec::new(),
            supplemented: Vec::new(),
            notices: Vec::new(),
            delivered: Vec::new(),
            ending: false,
            submissions: 0,
        }
    }

    /// The case after these records, which are checked to fit one another.
    ///
    /// # Errors
    /// A record cannot follow the ones before it: the journal is damaged or
    /// is read with another definition.
    pub fn replay<'a>(
        blueprint: &Arc<Blueprint>,
        records: impl IntoIterator<Item = (Timestamp, &'a Event)>,
    ) -> Result<Self, ReplayError> {
        let mut case = Self::new(blueprint);
        for (at, (time, event)) in records.into_iter().enumerate() {
            if !case.can_follow(event) {
                return Err(ReplayError {
                    at,
                    event: event.kind(),
                    case: case.status,
                    step: event.step().map_or(StepStatus::Absent, |step| {
                        case.steps
                            .get(step.index())
                            .map_or(StepStatus::Absent, |s| s.status)
                    }),
                });
            }
            case.apply(event, time);
        }
        Ok(case)
    }

    /// Whether the table of transitions lets this record come next.
    #[must_use]
    pub fn can_follow(&self, event: &Event) -> bool {
        let kind = event.kind();
        self.status.after(kind).is_some()
            && event.step().is_none_or(|step| {
                self.steps
                    .get(step.index())
                    .is_some_and(|state| state.status.after(kind).is_some())
            })
    }

    /// Changes the state as a record says. A record that cannot follow changes nothing.
    pub fn apply(&mut self, event: &Event, at: Timestamp) {
        let kind = event.kind();
        let Some(status) = self.status.after(kind) else {
            return;
        };
        let mut next = None;
        if let Some(step) = event.step() {
            let Some(after) = self
                .steps
                .get(step.index())
                .and_then(|state| state.status.after(kind))
            else {
                return;
            };
            next = Some((step, after));
        }
        // What a submission asked is read before the submission is done.
        if let Event::Submitted { step, values } = event {
            self.take_submission(*step, values, at);
        }
        self.status = status;
        if let Some((step, after)) = next {
            self.enter(step, after, event);
        }
        match event {
            Event::CaseOpened(opening) => self.open_with(opening),
            Event::StepCompleted {
                step,
                values,
                missed,
                valid_since,
            } => {
                self.put(*step, values, at, valid_since);
                self.missed
                    .extend(missed.iter().map(|field| (*field, *step)));
                self.unseen |= self.is_to_be_confirmed() && !values.is_empty();
            }
            Event::SupplementRequested { step, fields, .. } => {
                self.take_notice(*step, fields, at);
            }
            Event::StepRefused { step, .. } => self.doom_after_refusal(*step),
            Event::StepCancelled { step } => {
                self.doomed.retain(|doomed| doomed != step);
                self.ready.retain(|ready| ready != step);
                self.part(*step);
                self.doom_rest(*step);
            }
            Event::Delivered { what, .. } => {
                let deliveries = &self.blueprint.plan().deliveries;
                if let Some(position) = deliveries.iter().position(|d| d.what == *what) {
                    self.delivered.push(position);
                }
            }
            Event::CaseWithdrawn { .. } | Event::CaseRefused | Event::CaseClosed => {
                if self.open > 0 {
                    self.end_steps(event);
                }
                self.ready.clear();
                self.doomed.clear();
            }
            Event::StepDispatched { step, .. } => {
                self.part(*step);
                let shown = match self.plan().step(*step).actor {
                    Actor::System | Actor::LookUp(_) => true,
                    Actor::Officer | Actor::Outside | Actor::Applicant | Actor::Submission(_) => {
                        false
                    }
                };
                if shown && self.personal_reads(*step).next().is_some() {
                    self.to_disclose.push(*step);
                }
            }
            Event::DraftRenewed { .. } => self.renew(),
            Event::DataRead { step, .. } => {
                self.to_disclose.retain(|shown| shown != step);
                let looks = matches!(self.plan().step(*step).actor, Actor::Submission(_));
                self.unseen &= !looks;
            }
            Event::StepSkipped { step } => {
                if let Some(layout) = self.layout.clone() {
                    let missed = layout.not_asked_for(self.blueprint.plan(), *step);
                    self.missed.extend(missed.map(|field| (field, *step)));
                    self.join(*step);
                }
            }
            Event::ApplicationRefused { .. }
            | Event::CaseRead { .. }
            | Event::Submitted { .. }
            | Event::StepFailed { .. }
            | Event::IncidentOpened { .. }
            | Event::StepRetried { .. } => {}
        }
    }

    fn open_with(&mut self, opening: &Arc<Opening>) {
        let layout = match self.layout.take() {
            Some(layout) if self.began_with(opening) => layout,
            Some(_) | None => {
                let mut answers = Answers::none(self.plan().questions.len());
                for (question, answer) in &opening.answers {
                    answers.set(*question, Some(answer.clone()));
                }
                self.blueprint.layout(&answers)
            }
        };
        self.steps.clear();
        self.steps.extend_from_slice(&layout.initial);
        self.ready.extend_from_slice(&layout.first);
        if !opening.simulated {
            let fields = self.plan().fields.len();
            self.data.resize(fields, None);
            let given = opening.values.iter();
            self.drafted = given
                .flat_map(|(from, value)| {
                    let following = layout.following(*from);
                    following.filter_map(|(field, by)| Some((field, by.of(value)?)))
                })
                .collect();
        }
        self.open = layout.count;
        self.held = layout.awaited_count;
        self.layout = Some(layout);
        self.opening = Some(opening.clone());
    }

    /// Whether this very opening is the one the case, or the one before it in
    /// this memory, began with.
    pub(crate) fn began_with(&self, opening: &Arc<Opening>) -> bool {
        let same = |last: &Arc<Opening>| Arc::ptr_eq(last, opening);
        self.opening.as_ref().is_some_and(same)
    }

    /// Forgets everything but the memory, the opening and its layout.
    pub(crate) fn forget(&mut self) {
        self.status = CaseStatus::New;
        self.steps.clear();
        self.open = 0;
        self.held = 0;
        self.ready.clear();
        self.passed_on.clear();
        self.to_disclose.clear();
        self.doomed.clear();
        self.data.clear();
        self.replaced.clear();
        self.drafted.clear();
        self.unseen = false;
        self.missed.clear();
        self.joined.clear();
        self.supplemented.clear();
        self.notices.clear();
        self.delivered.clear();
        self.ending = false;
        self.submissions = 0;
    }

    /// The step's own fields, its place in `ready`, and who waits for it.
    fn enter(&mut self, step: StepIx, after: StepStatus, event: &Event) {
        let state = &mut self.steps[step.index()];
        let before = state.status;
        state.status = after;
        match event {
            Event::StepDispatched { due, .. } => {
                state.round += 1;
                state.attempt = 1;
                state.due = due.map(|due| due.at);
            }
            Event::StepRetried { attempt, .. } => {
                state.attempt = *attempt;
                state.retry_at = None;
            }
            Event::StepFailed { retry_at, .. } => state.retry_at = Some(*retry_at),
            Event::Submitted { .. } if after == StepStatus::Active => {
                state.round += 1;
                state.attempt = 1;
            }
            _ => {}
        }
        if before == StepStatus::Waiting {
            self.ready.retain(|ready| *ready != step);
        }
        if !after.is_final() {
            return;
        }
        self.open -= 1;
        self.to_disclose.retain(|shown| *shown != step);
        if let Some(layout) = self.layout.take() {
            self.held -= u32::from(layout.awaited[step.index()]);
            self.release(step, &layout.scenario);
            self.layout = Some(layout);
        }
    }

    /// Ends the steps of a case that is over before they are.
    fn end_steps(&mut self, event: &Event) {
        for step in self.plan().step_numbers() {
            if let Some(after) = self.step(step).status.after(event.kind()) {
                self.enter(step, after, event);
            }
        }
    }

    fn take_submission(&mut self, step: StepIx, values: &Values, at: Timestamp) {
        self.submissions += 1;
        self.notices.retain(|notice| notice.step != step);
        if self.data.is_empty() {
            return;
        }
        if self.status == CaseStatus::Draft
            && let Some(opening) = self.opening.clone()
        {
            let asked = self.asked(step);
            let is_asked = |field: FieldIx| asked.iter().any(|asked| asked.field == field);
            let drafted = opening.values.iter().filter(|(field, _)| is_asked(*field));
            let drafted: Values = drafted.cloned().collect();
            self.put(step, &drafted, at, &[]);
        }
        self.put(step, values, at, &[]);
    }

    /// Values of a step; valid since then, and where that is not said, since they are known.
    fn put(
        &mut self,
        from: StepIx,
        values: &Values,
        at: Timestamp,
        valid_since: &[(FieldIx, Timestamp)],
    ) {
        for (field, value) in values {
            let mut said = valid_since.iter();
            let valid = said.find(|(known, _)| known == field);
            let valid_since = valid.map_or(at, |(_, valid_since)| *valid_since);
            let datum = Datum {
                value: value.clone(),
                from,
                since: at,
                valid_since,
            };
            self.put_one(*field, datum);
        }
    }

    fn put_one(&mut self, field: FieldIx, datum: Datum) {
        // What follows from something known is what follows from it, whoever else states it.
        if self.follows_from(field).is_some() || self.data.len() <= field.index() {
            return;
        }
        // No record holds what follows: it comes with what it follows from, and is
        // corrected with it.
        if let Some(layout) = &self.layout {
            for (derived, by) in layout.following(field) {
                let follows = by.of(&datum.value);
                let derived_datum = follows.map(|value| Datum { value, ..datum });
                let before = std::mem::replace(&mut self.data[derived.index()], derived_datum);
                self.replaced
                    .extend(before.map(|before| (derived, before.value)));
            }
        }
        let before = self.data[field.index()].replace(datum);
        self.replaced
            .extend(before.map(|before| (field, before.value)));
    }

    fn doom_after_refusal(&mut self, step: StepIx) {
        let matter = self.plan().step(step).matter;
        let refused = matter.map_or(Refused::EndsCase, |m| self.plan().matter(m).refused);
        match refused {
            Refused::EndsCase => {
                self.ending = true;
                for at in 0..self.steps.len() {
                    self.doom(StepIx::at(at));
                }
            }
            Refused::EndsMatter => self.doom_rest(step),
        }
    }

    /// What is no longer possible without `step`: the rest of its matter, and
    /// whatever cannot be without what it makes.
    fn doom_rest(&mut self, step: StepIx) {
        let plan = self.blueprint.plan().clone();
        if let Some(matter) = plan.step(step).matter {
            for (at, item) in plan.steps.iter().enumerate() {
                if item.matter == Some(matter) {
                    self.doom(StepIx::at(at));
                }
            }
        }
        if let Some(layout) = self.layout.clone() {
            layout.dependents(step).iter().for_each(|at| self.doom(*at));
            self.doom_needless(&layout);
        }
    }

    /// Who would be asked for what nobody reads any more is not asked; nor, since that holds
    /// nobody up, who is asked for what all who go on can do without.
    fn doom_needless(&mut self, layout: &Layout) {
        for (step, readers) in layout.serving() {
            let goes_on = |at: &StepIx| {
                !self.steps[at.index()].status.is_final() && !self.doomed.contains(at)
            };
            let is_asked = self.step(step).status == StepStatus::Active
                && matches!(self.plan().step(step).actor, Actor::Submission(_));
            let of = |form: StepIx| layout.serving().find(move |(step, _)| *step == form);
            let joined = || self.asks_for(step).filter_map(of);
            let is_read = readers.iter().any(goes_on)
                || joined().flat_map(|(_, readers)| readers).any(goes_on);
            let is_needed =
                is_read && (!is_asked || self.asked(step).iter().any(|asked| !asked.optional));
            if !is_needed {
                self.doom(step);
            }
        }
    }

    fn doom(&mut self, step: StepIx) {
        if !self.steps[step.index()].status.is_final() && !self.doomed.contains(&step) {
            self.doomed.push(step);
        }
    }
}

/// Reading the state.
impl Case {
    /// Where the case stands.
    #[must_use]
    pub fn status(&self) -> CaseStatus {
        self.status
    }

    /// The plan it is pinned to.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        self.blueprint.plan()
    }

    /// The plan with its scenarios.
    #[must_use]
    pub fn blueprint(&self) -> &Arc<Blueprint> {
        &self.blueprint
    }

    /// What it began with; `None` where the application was not accepted.
    #[must_use]
    pub fn opening(&self) -> Option<&Arc<Opening>> {
        self.opening.as_ref()
    }

    /// Its scenario; `None` where the application was not accepted.
    #[must_use]
    pub fn layout(&self) -> Option<&Arc<Layout>> {
        self.layout.as_ref()
    }

    /// The state of a step.
    #[must_use]
    pub fn step(&self, step: StepIx) -> StepState {
        self.steps
            .get(step.index())
            .copied()
            .unwrap_or(StepState::ABSENT)
    }

    /// What a known value follows from; `None` where it was stated as it is.
    #[must_use]
    pub fn follows_from(&self, field: FieldIx) -> Option<Derived> {
        let derived = self.layout.as_ref()?.derived(self.plan(), field)?;
        self.datum(derived.from).map(|_| derived)
    }

    /// The value of a field as somebody stated it, rather than as it follows from another.
    pub(crate) fn stated(&self, field: FieldIx) -> Option<&Value> {
        let datum = self.datum(field)?;
        self.follows_from(field).is_none().then_some(&datum.value)
    }

    /// What is known of a field.
    #[must_use]
    pub fn datum(&self, field: FieldIx) -> Option<&Datum> {
        self.data.get(field.index()).and_then(Option::as_ref)
    }

    /// Every value that was ever said in the case, whoever said it and whether or not it
    /// counts: what is known, what was corrected, and what the application gave.
    pub(crate) fn said(&self) -> impl Iterator<Item = (FieldIx, &Value)> {
        let known = self.all_data().map(|(field, datum)| (field, &datum.value));
        let given = self.opening().into_iter().flat_map(|given| &given.values);
        let others = given.chain(&self.drafted).chain(&self.replaced);
        known.chain(others.map(|(field, value)| (*field, value)))
    }

    /// How many times the applicant handed something in.
    #[must_use]
    pub fn submissions(&self) -> u32 {
        self.submissions
    }

    pub(crate) fn is_simulated(&self) -> bool {
        self.opening
            .as_ref()
            .is_some_and(|opening| opening.simulated)
    }

    /// A delivery whose results are ready: in the new way all together, when nothing is
    /// open that a delivery waits for; in the old way each as soon as it is made.
    pub(crate) fn due_delivery(&self) -> Option<usize> {
        if self.ending || (self.plan().handled == Handled::Together && self.held > 0) {
            return None;
        }
        (0..self.plan().deliveries.len()).find(|at| {
            if self.delivered.contains(at) {
                return false;
            }
            let mut completed = false;
            let mut makers = self.blueprint.makers(*at).iter();
            let settled = makers.all(|step| {
                let status = self.step(*step).status;
                completed |= status == StepStatus::Completed;
                status.is_final()
            });
            settled && completed
        })
    }
}
