//! Deciding: command → record, and what follows of itself.
//!
//! [`Case::decide`] reads the state and answers with one record or a
//! rejection. What follows (steps that are ready now, deliveries, the end) is
//! decided from the state after it, until nothing more follows.

use std::sync::Arc;

use onething_model::{Date, Timestamp};
use onething_plan::{Actor, FieldIx, StepIx, SubmissionKind};

use crate::blueprint::Blueprint;
use crate::case::Case;
use crate::command::Command;
use crate::effect::Ask;
use crate::faults::{
    asked_with, contradictions, contradicts, faults_of, fetched_from, missing, not_to_give,
    value_faults,
};
use crate::record::{Channel, DueDate, Event, Fault, Opening, Values};
use crate::rejection::{LOOKED_AT, Rejection};
use crate::transition::{CaseStatus, EventKind, StepStatus};

impl Case {
    /// Opens a case. The records say whether it was accepted: an application
    /// that breaks its contract is turned away with every fault, in a single
    /// record.
    #[must_use]
    pub fn open(
        blueprint: &Arc<Blueprint>,
        opening: Arc<Opening>,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Self {
        let mut case = Self::new(blueprint);
        case.begin_with(opening, now, out);
        case
    }

    /// Opens another case of the same plan in the memory of one that is done
    /// with: the same records and state as [`open`](Self::open) gives, without
    /// its allocations. Whoever begins thousands of cases with one and the
    /// same opening is spared its examination as well.
    pub fn reopen(&mut self, opening: Arc<Opening>, now: Timestamp, out: &mut Vec<Event>) {
        self.forget();
        self.begin_with(opening, now, out);
    }

    fn begin_with(&mut self, opening: Arc<Opening>, now: Timestamp, out: &mut Vec<Event>) {
        // What was accepted once is accepted again.
        let faults = if self.began_with(&opening) {
            Vec::new()
        } else {
            self.opening = None;
            self.layout = None;
            faults_of(&self.blueprint, &opening, now)
        };
        let event = if faults.is_empty() {
            Event::CaseOpened(opening)
        } else {
            Event::ApplicationRefused(Box::new(opening.not_accepted(faults)))
        };
        self.record(event, now, out);
        self.advance(now, out);
    }

    /// Carries a command out: decides, applies, and goes on until nothing
    /// more follows. The records are appended to `out`; they are not durable
    /// yet, and nothing may leave before they are.
    ///
    /// # Errors
    /// The command cannot be carried out; nothing changed.
    pub fn handle(
        &mut self,
        command: &Command,
        now: Timestamp,
        out: &mut Vec<Event>,
    ) -> Result<(), Rejection> {
        let event = self.decide(command, now)?;
        self.record(event, now, out);
        self.advance(now, out);
        Ok(())
    }

    fn record(&mut self, event: Event, now: Timestamp, out: &mut Vec<Event>) {
        debug_assert!(
            self.can_follow(&event),
            "decided {event:?} against the table"
        );
        self.apply(&event, now);
        out.push(event);
    }

    fn advance(&mut self, now: Timestamp, out: &mut Vec<Event>) {
        while let Some(event) = self.next(now) {
            self.record(event, now, out);
        }
    }

    /// What a command comes to: one record.
    ///
    /// # Errors
    /// The command cannot be carried out as things stand.
    pub fn decide(&self, command: &Command, now: Timestamp) -> Result<Event, Rejection> {
        let takes = match command {
            // Whoever was refused has a right to the reasons.
            Command::ReadReasons { .. } => self.status.after(EventKind::CaseRead).is_some(),
            _ => self.status != CaseStatus::New && !self.status.is_final(),
        };
        if !takes {
            return Err(match (self.status, command) {
                (CaseStatus::New, _) => Rejection::not_begun(),
                (_, Command::ReadCase { .. }) => Rejection::read_when_over(self.status),
                (_, Command::ReadReasons { .. }) => Rejection::without_reasons(self.status),
                _ => Rejection::case_over(self.status),
            });
        }
        match command {
            Command::Submit { step, values } => self.decide_submit(*step, values, now),
            Command::Complete {
                step,
                round,
                values,
            } => self.decide_complete(*step, *round, values, now),
            Command::Read { step } => {
                let asked = LOOKED_AT;
                self.expect(*step, EventKind::DataRead, asked)?;
                // The applicant, too, is shown what was fetched, to confirm it.
                let looks =
                    |actor: &Actor| actor.is_internal() || matches!(actor, Actor::Submission(_));
                self.expect_actor(*step, looks, asked)?;
                Ok(self.data_read(*step))
            }
            Command::ReadCase { .. } if self.status == CaseStatus::Draft => {
                Err(Rejection::draft_is_the_applicants())
            }
            Command::ReadCase { department, .. } if !self.takes_part(*department) => {
                Err(Rejection::no_part(self.plan(), *department))
            }
            Command::ReadCase {
                department,
                purpose,
            } => Ok(self.case_read(*department, purpose.as_deref())),
            Command::ReadReasons { reasons } => Ok(self.reasons_read(reasons)),
            Command::AnswerLookUp {
                step,
                values,
                valid_since,
                hit,
            } => self.decide_look_up(*step, values, valid_since, *hit, now),
            Command::Refuse {
                step,
                round,
                reason,
            } => {
                let asked = ("不予许可", "refused");
                self.expect(*step, EventKind::StepRefused, asked)?;
                self.expect_actor(*step, Actor::is_internal, asked)?;
                self.expect_round(*step, *round)?;
                Ok(Event::StepRefused {
                    step: *step,
                    reason: reason.clone(),
                })
            }
            Command::Fail {
                step,
                reason,
                transient,
            } => {
                let asked = ("报告故障", "failed");
                self.expect(*step, EventKind::StepFailed, asked)?;
                let answers = |actor: &Actor| actor.is_internal() || is_look_up(actor);
                self.expect_actor(*step, answers, asked)?;
                let attempt = self.step(*step).attempt;
                let wait = self.plan().step(*step).retry.wait_after(attempt);
                Ok(match wait.filter(|_| *transient) {
                    Some(wait) => Event::StepFailed {
                        step: *step,
                        attempt,
                        reason: reason.clone(),
                        retry_at: now + wait,
                    },
                    None => Event::IncidentOpened {
                        step: *step,
                        attempt,
                        reason: reason.clone(),
                    },
                })
            }
            Command::Renew => {
                // All registries have answered: the form is being completed.
                let waits = self
                    .outstanding()
                    .all(|effect| matches!(effect.ask, Ask::Submission));
                let stale = self.stale(now);
                if self.status != CaseStatus::Draft || !waits || stale.is_empty() {
                    return Err(Rejection::nothing_stale());
                }
                Ok(Event::DraftRenewed { stale })
            }
            Command::Retry { step } => {
                self.expect(*step, EventKind::StepRetried, ("重试", "retried"))?;
                let state = self.step(*step);
                let attempt = match state.status {
                    // A person looked: the retries start anew.
                    StepStatus::Stuck => 1,
                    _ => state.attempt + 1,
                };
                Ok(Event::StepRetried {
                    step: *step,
                    attempt,
                })
            }
            Command::RequestSupplement {
                step,
                reason,
                fields,
            } => {
                let asked = ("要求补正", "sent a supplement notice");
                self.expect(*step, EventKind::SupplementRequested, asked)?;
                self.expect_actor(*step, Actor::is_internal, asked)?;
                if self.has_supplemented(*step) {
                    return Err(Rejection::supplement_used(self.plan(), *step));
                }
                let faults: Vec<Fault> = fields
                    .iter()
                    .filter(|field| self.correctable(*step).all(|may| may != **field))
                    .map(|field| match self.theirs(*step).any(|own| own == *field) {
                        true => asked_with(self.plan(), *field),
                        false => not_to_give(self.plan(), *field),
                    })
                    .collect();
                if !faults.is_empty() || fields.is_empty() {
                    return Err(Rejection::not_to_give(self.plan(), *step, faults));
                }
                Ok(Event::SupplementRequested {
                    step: *step,
                    reason: reason.clone(),
                    fields: fields.clone(),
                })
            }
            Command::Withdraw { reason } => Ok(Event::CaseWithdrawn {
                reason: reason.clone(),
            }),
        }
    }

    /// What is answered for a step breaks its contract: with these faults, however they were found.
    ///
    /// A driver sees faults that the core cannot (names that the plan does not have,
    /// documents that are not kept) and tells them together with those that
    /// [`decide`](Self::decide) found.
    #[must_use]
    pub fn broken(&self, step: StepIx, faults: Vec<Fault>) -> Rejection {
        let answered = !matches!(self.plan().step(step).actor, Actor::Submission(_))
            && self.step(step).status != StepStatus::Supplement;
        if answered {
            Rejection::broken_contract(self.plan(), step, faults)
        } else {
            Rejection::incomplete(self.plan(), step, faults)
        }
    }

    /// The day of an instant, as the people of the service count it.
    fn day(&self, now: Timestamp) -> Date {
        self.plan().calendar.date_of(now)
    }

    fn decide_submit(
        &self,
        step: StepIx,
        values: &Values,
        now: Timestamp,
    ) -> Result<Event, Rejection> {
        self.expect(step, EventKind::Submitted, ("提交", "handed in"))?;
        let status = self.step(step).status;
        let submission = matches!(self.plan().step(step).actor, Actor::Submission(_));
        // Only what is asked now: a submission that is its turn, or a notice.
        if status == StepStatus::Waiting || (status == StepStatus::Active && !submission) {
            let asked = ("提交", "handed in");
            return Err(self.not_awaited(step, status, asked));
        }
        if !self.is_simulated() {
            let stale = self.stale(now);
            if !stale.is_empty() {
                return Err(Rejection::too_old(self.plan(), &stale));
            }
            if self.is_unseen() {
                return Err(Rejection::unseen());
            }
            let faults = self.submission_faults(step, values, now);
            if !faults.is_empty() {
                return Err(Rejection::incomplete(self.plan(), step, faults));
            }
        }
        Ok(Event::Submitted {
            step,
            values: values.clone(),
        })
    }

    /// What is wrong with a submission, what the draft holds included.
    fn submission_faults(&self, step: StepIx, values: &Values, now: Timestamp) -> Vec<Fault> {
        let plan = self.plan();
        let asked = self.asked(step);
        let is_asked = |field: FieldIx| asked.iter().any(|asked| asked.field == field);
        let draft = self
            .opening
            .as_deref()
            .filter(|_| self.status == CaseStatus::Draft);
        // The values as they would be: what is handed in now before what the draft holds.
        let given = |field: FieldIx| {
            let mut all = values.iter().chain(draft.iter().flat_map(|o| &o.values));
            all.find(|(at, _)| *at == field).map(|(_, value)| value)
        };
        let datum = |field: FieldIx| self.datum(field).map(|datum| &datum.value);
        // What the application gave although a registry has it does not count.
        let known = |field: FieldIx| match is_asked(field) {
            true => given(field).or_else(|| datum(field)),
            false => datum(field).or_else(|| given(field)),
        };
        // What follows from something known need not be stated; but where it is, it fits.
        let follows = |field: FieldIx| {
            let derived = self.layout().and_then(|layout| layout.derived(plan, field));
            derived.is_some_and(|derived| known(derived.from).is_some())
        };
        let mut faults = value_faults(plan, values, self.day(now), |field| {
            is_asked(field) || follows(field)
        });
        for fault in &mut faults {
            let at = |(field, _): &&(FieldIx, _)| plan.field(*field).path.to_string() == fault.what;
            if let Some((_, datum)) = self
                .fetched()
                .find(|(field, _)| plan.field(*field).path.to_string() == fault.what)
                && let Some((field, _)) = values.iter().find(at)
                && !is_asked(*field)
            {
                fault.why = fetched_from(plan, datum.from);
            }
        }
        // What was stated before and would follow from what is handed in now counts as well.
        let stated = |field: FieldIx| given(field).or_else(|| self.stated(field));
        for (from, field) in contradictions(&self.blueprint, known, stated) {
            let what = if given(field).is_some() { field } else { from };
            if faults
                .iter()
                .all(|fault| fault.what != plan.field(what).path.to_string())
            {
                faults.push(contradicts(plan, from, field, what));
            }
        }
        // With another identity number, what was fetched would be somebody else's. A notice
        // may name it all the same, where the look-up began while the notice was out.
        for (field, value) in values {
            if !self.is_asked_with(*field) || self.held(*field).is_none_or(|held| held == value) {
                continue;
            }
            let fault = asked_with(plan, *field);
            if faults.iter().all(|other| other.what != fault.what) {
                faults.push(fault);
            }
        }
        for must in asked.iter().filter(|asked| !asked.optional) {
            let given = values.iter().any(|(field, _)| *field == must.field)
                || draft.is_some_and(|o| o.values.iter().any(|(f, _)| *f == must.field));
            if !given {
                faults.push(missing(plan, must.field));
            }
        }
        faults
    }

    fn decide_complete(
        &self,
        step: StepIx,
        round: Option<u32>,
        values: &Values,
        now: Timestamp,
    ) -> Result<Event, Rejection> {
        match self.plan().step(step).actor {
            Actor::Submission(_) => return self.decide_submit(step, values, now),
            Actor::LookUp(_) => return self.decide_look_up(step, values, &[], true, now),
            Actor::System | Actor::Officer | Actor::Applicant | Actor::Outside => {}
        }
        self.expect(step, EventKind::StepCompleted, ("办结", "completed"))?;
        self.expect_round(step, round)?;
        if !self.is_simulated() {
            let plan = self.plan();
            let writes = &plan.step(step).writes;
            let day = self.day(now);
            let mut faults = value_faults(plan, values, day, |field| writes.contains(&field));
            for field in writes {
                if values.iter().all(|(given, _)| given != field) {
                    faults.push(missing(plan, *field));
                }
            }
            // What a step makes fits what was stated already and would follow from it.
            let made = |field: FieldIx| {
                let mut made = values.iter();
                made.find(|(at, _)| *at == field).map(|(_, value)| value)
            };
            let stated = |field: FieldIx| self.stated(field);
            for (from, field) in contradictions(&self.blueprint, made, stated) {
                faults.push(contradicts(plan, from, field, from));
            }
            if !faults.is_empty() {
                return Err(Rejection::broken_contract(plan, step, faults));
            }
        }
        Ok(Event::StepCompleted {
            step,
            values: values.clone(),
            missed: Vec::new(),
            valid_since: Vec::new(),
        })
    }

    fn decide_look_up(
        &self,
        step: StepIx,
        values: &Values,
        valid_since: &[(FieldIx, Timestamp)],
        hit: bool,
        now: Timestamp,
    ) -> Result<Event, Rejection> {
        let asked = ("回填", "answered by a registry");
        self.expect(step, EventKind::StepCompleted, asked)?;
        self.expect_actor(step, is_look_up, asked)?;
        let plan = self.plan();
        let needed = self
            .layout()
            .map_or(&[][..], |layout| layout.scenario.form(step));
        if self.is_simulated() {
            let missed = if hit { &[][..] } else { needed };
            return Ok(Event::StepCompleted {
                step,
                values: Vec::new(),
                missed: missed.iter().map(|asked| asked.field).collect(),
                valid_since: Vec::new(),
            });
        }
        let writes = &plan.step(step).writes;
        // After the application, what only steps read that do not go on is needed no more; but
        // what another registry is asked with is.
        let is_read = |field: FieldIx| {
            let layout = self.layout();
            layout.is_none_or(|layout| {
                layout.is_still_read(step, field, |at| self.does_not_go_on(at))
            })
        };
        let is_needed =
            |field: FieldIx| needed.iter().any(|asked| asked.field == field) && is_read(field);
        // What it could give and nobody asked for is neither looked at nor kept.
        let told: Values = values
            .iter()
            .filter(|(field, _)| is_needed(*field) || !writes.contains(field))
            .cloned()
            .collect();
        let faults = value_faults(plan, &told, self.day(now), |field| writes.contains(&field));
        if !faults.is_empty() {
            return Err(Rejection::broken_contract(plan, step, faults));
        }
        let kept: Values = told
            .into_iter()
            .filter(|(field, _)| is_needed(*field))
            .collect();
        let missed = needed
            .iter()
            .map(|asked| asked.field)
            .filter(|field| kept.iter().all(|(had, _)| had != field) && is_read(*field))
            .collect();
        let is_kept = |(field, _): &&(FieldIx, _)| kept.iter().any(|(had, _)| had == field);
        let valid_since = valid_since.iter().filter(is_kept).copied().collect();
        Ok(Event::StepCompleted {
            step,
            values: kept,
            missed,
            valid_since,
        })
    }

    /// What follows of itself from the state as it is.
    fn next(&self, now: Timestamp) -> Option<Event> {
        if self.status.is_final() {
            return None;
        }
        if let Some(step) = self.doomed.first() {
            return Some(Event::StepCancelled { step: *step });
        }
        if let Some(step) = self.to_disclose.first() {
            return Some(self.data_read(*step));
        }
        // What is asked on another form that is out waits for that.
        let mut ready = self.ready.iter();
        if let Some(step) = ready.find(|step| self.put_off_for(**step).is_none()) {
            return Some(self.begin(*step, now));
        }
        if self.status != CaseStatus::Running {
            return None;
        }
        if let Some(at) = self.due_delivery() {
            let delivery = &self.plan().deliveries[at];
            let channel = delivery.by.first().copied();
            return Some(Event::Delivered {
                what: delivery.what,
                channel: channel.map_or(Channel::Electronic, Into::into),
            });
        }
        if self.open > 0 {
            return None;
        }
        let refused = self.steps.iter().any(|s| s.status == StepStatus::Refused);
        Some(if self.ending || (refused && self.delivered.is_empty()) {
            Event::CaseRefused
        } else {
            Event::CaseClosed
        })
    }

    /// A step waits for nothing any more.
    fn begin(&self, step: StepIx, now: Timestamp) -> Event {
        let item = self.plan().step(step);
        if self.lacks_key(step) {
            return Event::StepSkipped { step };
        }
        if let Actor::Submission(submission) = &item.actor {
            match submission.kind {
                SubmissionKind::Application => {
                    // The draft is handed in as soon as it is complete.
                    let complete = self.status == CaseStatus::Draft
                        && !self.is_to_be_confirmed()
                        && (self.is_simulated()
                            || self.stale(now).is_empty()
                                && self.submission_faults(step, &Values::new(), now).is_empty());
                    if complete {
                        return Event::Submitted {
                            step,
                            values: Values::new(),
                        };
                    }
                }
                SubmissionKind::Fallback(_) => {
                    // What everybody can do without holds nobody up.
                    if self.asked(step).iter().all(|asked| asked.optional) {
                        return Event::StepSkipped { step };
                    }
                }
            }
        }
        let due = item.limit.binding().map(|limit| {
            let due = self.plan().calendar.due(now, limit);
            DueDate {
                at: due.at,
                provisional: due.provisional,
            }
        });
        Event::StepDispatched { step, due }
    }
}

fn is_look_up(actor: &Actor) -> bool {
    matches!(actor, Actor::LookUp(_))
}
