//! Who sees which data of a case, and what is recorded of it.
//!
//! A department sees what its step reads, of that what is public or granted to
//! it, and nothing else. What a definition's check lets through is held to the
//! grants again here: a plan may come from anywhere.

use std::collections::BTreeSet;

use onething_model::{Limit, Micros, Timestamp};
use onething_plan::{
    Actor, DepartmentIx, Derived, FieldIx, Grant, GrantIx, Read, Sensitivity, StepIx,
};
use serde_json::Value;

use crate::blueprint::Blueprint;
use crate::case::{Case, Datum};
use crate::record::{Event, PersonalRead};
use crate::transition::{CaseStatus, StepStatus};

/// The purpose on record where the applicant is shown what was fetched.
pub const CONFIRMATION: &str = "applicant-confirmation";

/// The purpose on record where a registry is asked.
pub const LOOK_UP: &str = "look-up";

/// The purpose on record where the applicant reads what they are told as it was written.
pub const NOTICE: &str = "applicant-notice";

/// Everybody may consult their personal data at whoever handles it.
const ACCESS: &str = "《个人信息保护法》第四十五条";

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The applicant gave it, with this submission or in answer to this step's notice.
    Applicant(StepIx),
    /// This look-up fetched it.
    Registry(StepIx),
    /// This step made it.
    Step(StepIx),
    /// It follows from another field, and has come with it; that has an origin of its own.
    Derived(Derived),
}

impl Case {
    /// What whoever does `step` looks at: what the step reads. Who accepts an
    /// application looks at what its form asks and at what was fetched for its draft, to
    /// see whether it is complete. For that a name is enough: of personal data the values
    /// are for the steps that read them, and whoever accepts sees those that the
    /// application asks on its own account and the department is granted.
    pub fn reads(&self, step: StepIx) -> impl Iterator<Item = Read> {
        let reads = self.plan().step(step).reads.iter().copied();
        reads.chain(self.accepted(step))
    }

    /// What a person who accepts an application looks at, by number of the field; nothing
    /// for other steps. A system that accepts is shown nothing: the engine has held the
    /// application to its form, and whatever else a system needs, a step can say.
    fn accepted(&self, step: StepIx) -> Vec<Read> {
        let plan = self.plan();
        let item = plan.step(step);
        let by_people = matches!(item.actor, Actor::Officer | Actor::Outside);
        let application = item.scope;
        let accepts = by_people
            && matches!(&plan.step(application).actor,
                Actor::Submission(of) if of.accepted_by == Some(step));
        let layout = self.layout().filter(|_| accepts && !self.is_simulated());
        let Some(layout) = layout else {
            return Vec::new();
        };
        let asked = self.asked(application);
        let mut fields: Vec<(FieldIx, bool)> = asked
            .iter()
            .map(|asked| (asked.field, asked.optional))
            .collect();
        for (field, datum) in self.fetched() {
            if plan.is_on_draft(datum.from, application) {
                let optional = Blueprint::asked(layout, datum.from, field).unwrap_or(false);
                fields.push((field, optional));
            }
        }
        fields.sort_unstable();
        fields.dedup_by_key(|(field, _)| *field);
        let own = &plan.step(application).reads;
        let read = |(field, optional): (FieldIx, bool)| Read {
            field,
            optional,
            grant: own
                .iter()
                .find(|ask| ask.field == field)
                .and_then(|ask| ask.grant),
        };
        fields.into_iter().map(read).collect()
    }

    /// The grants of a step's department on a field for what the step reads for.
    fn fitting(&self, step: StepIx, field: FieldIx) -> impl Iterator<Item = GrantIx> {
        let plan = self.plan();
        let item = plan.step(step);
        let to = item.department.map(|at| &plan.department(at).key);
        let grants = plan.field(field).grants.iter().enumerate();
        let fitting = grants.filter(move |(_, grant)| {
            let for_it = item.purposes.is_empty() || item.purposes.contains(&grant.purpose);
            Some(&grant.to) == to && for_it
        });
        fitting.map(|(at, _)| GrantIx::at(at))
    }

    /// What whoever does `step` gets to see: of what it [`reads`](Self::reads) those fields
    /// that are public or granted, and nothing else. A look-up before the submission
    /// reads its keys off the draft.
    pub fn input(&self, step: StepIx) -> impl Iterator<Item = (FieldIx, &Value)> {
        self.known(step)
            .filter(move |(read, _)| self.may_see(step, read))
            .map(|(read, value)| (read.field, value))
    }

    /// Fields that `step` reads and its department has no right to see.
    pub fn not_granted(&self, step: StepIx) -> impl Iterator<Item = FieldIx> {
        self.known(step)
            .map(|(read, _)| read)
            .filter(move |read| !self.may_see(step, read))
            .map(|read| read.field)
    }

    /// What is known of the fields that `step` reads.
    fn known(&self, step: StepIx) -> impl Iterator<Item = (Read, &Value)> {
        self.reads(step)
            .filter_map(|read| Some((read, self.held(read.field)?)))
    }

    pub(crate) fn is_personal(&self, field: FieldIx) -> bool {
        self.plan().field(field).sensitivity != Sensitivity::Public
    }

    fn may_see(&self, step: StepIx, read: &Read) -> bool {
        if !self.is_personal(read.field) {
            return true;
        }
        match &self.plan().step(step).actor {
            // The applicant's own data; and a registry is asked with the keys that its
            // provider names, on the basis that it states.
            Actor::Submission(_) | Actor::Applicant | Actor::LookUp(_) => true,
            Actor::System | Actor::Officer | Actor::Outside => {
                self.plan().grant(step, read).is_some()
            }
        }
    }

    /// The personal fields among what whoever does `step` gets to see. A
    /// simulated case has none.
    pub fn personal_reads(&self, step: StepIx) -> impl Iterator<Item = FieldIx> {
        self.seen(step).map(|read| read.field)
    }

    /// The reads behind [`personal_reads`](Self::personal_reads).
    fn seen(&self, step: StepIx) -> impl Iterator<Item = Read> {
        self.known(step)
            .map(|(read, _)| read)
            .filter(move |read| self.is_personal(read.field) && self.may_see(step, read))
    }

    /// What registries gave, by number of the field, and what follows from it: what the
    /// applicant confirms.
    pub fn fetched(&self) -> impl Iterator<Item = (FieldIx, &Datum)> {
        let is_look_up = |step| matches!(self.plan().step(step).actor, Actor::LookUp(_));
        self.all_data()
            .filter(move |(_, datum)| is_look_up(datum.from))
    }

    /// Whether a registry was asked with this field. What it had belongs to the value that
    /// it was asked with; and that it had nothing is true of that value alone, so that
    /// another one would have to be asked about. Such a value stays for as long as the
    /// case lasts: neither a draft that is confirmed nor the answer to a supplement
    /// notice changes it.
    #[must_use]
    pub fn is_asked_with(&self, field: FieldIx) -> bool {
        let askers = self.blueprint().askers(field);
        askers.iter().any(|look_up| self.step(*look_up).round > 0)
    }

    /// The value that a field has by now; on a draft, what the application gave.
    pub(crate) fn held(&self, field: FieldIx) -> Option<&Value> {
        let drafted = || {
            let opening = self
                .opening()
                .filter(|_| self.status() == CaseStatus::Draft);
            // What follows comes before what is stated.
            let mut given = self.drafted.iter().chain(&opening?.values);
            let (_, value) = given.find(|(given, _)| *given == field)?;
            Some(value)
        };
        let known = self.datum(field).map(|datum| &datum.value);
        known.or_else(drafted)
    }

    /// What the application gave although a registry holds it, with the look-up: what the
    /// registry had counts.
    pub fn set_aside(&self) -> impl Iterator<Item = (FieldIx, StepIx)> {
        let given = self
            .opening()
            .into_iter()
            .flat_map(|opening| &opening.values);
        given.filter_map(|(field, _)| {
            let from = self.datum(*field)?.from;
            matches!(self.plan().step(from).actor, Actor::LookUp(_)).then_some((*field, from))
        })
    }

    /// Until when what a look-up had may be used, where its contract says how old an answer
    /// may be; `None` where it had nothing. Unlike a limit of the law, which ends with a day, an age is counted
    /// from the answer on.
    #[must_use]
    pub fn fresh_until(&self, look_up: StepIx) -> Option<Timestamp> {
        let Actor::LookUp(item) = &self.plan().step(look_up).actor else {
            return None;
        };
        let fresh = item.fresh?;
        let mut had = self.fetched().filter(|(_, datum)| datum.from == look_up);
        let (_, answered) = had.next()?;
        let since = answered.since;
        Some(match fresh {
            Limit::WorkingDays { thousandths } => {
                self.plan().calendar.add_working_days(since, thousandths)
            }
            Limit::CalendarDays { thousandths } => {
                let millis = i64::try_from(thousandths).unwrap_or(i64::MAX);
                since + Micros(Micros::DAY.0.saturating_mul(millis) / 1_000)
            }
            Limit::Clock(span) => since + span,
        })
    }

    /// The look-ups of a draft whose answers are too old to be decided on.
    pub(crate) fn stale(&self, now: Timestamp) -> Vec<StepIx> {
        if self.status() != CaseStatus::Draft {
            return Vec::new();
        }
        let is_old = |step: &StepIx| self.fresh_until(*step).is_some_and(|until| until < now);
        self.plan().step_numbers().filter(is_old).collect()
    }

    /// What registries did not have, with the look-up that missed it.
    pub fn missed(&self) -> impl Iterator<Item = (FieldIx, StepIx)> {
        self.missed.iter().copied()
    }

    /// Everything that is known, by number of the field; of a draft, what
    /// registries gave.
    pub fn all_data(&self) -> impl Iterator<Item = (FieldIx, &Datum)> {
        let fields = (0..self.plan().fields.len()).map(FieldIx::at);
        fields.filter_map(|field| Some((field, self.datum(field)?)))
    }

    /// Where a value came from.
    #[must_use]
    pub fn origin(&self, field: FieldIx, datum: &Datum) -> Origin {
        if let Some(derived) = self.follows_from(field) {
            return Origin::Derived(derived);
        }
        let step = datum.from;
        let item = self.plan().step(step);
        match &item.actor {
            Actor::LookUp(_) => Origin::Registry(step),
            // What they say in a step of their own, they say.
            Actor::Submission(_) | Actor::Applicant => Origin::Applicant(step),
            // What a step does not make was given in answer to its notice.
            Actor::System | Actor::Officer | Actor::Outside if item.writes.contains(&field) => {
                Origin::Step(step)
            }
            Actor::System | Actor::Officer | Actor::Outside => Origin::Applicant(step),
        }
    }

    /// Whether a department takes part in the case: the department in charge of the
    /// service, and those that do a step which is part of it for its answers,
    /// whether or not their turn has come, until their part in it is broken
    /// off. Who only keeps a registry that is asked does not: it is
    /// told the keys of the look-up and nothing else. A draft is nobody's but the
    /// applicant's: no department takes part before it is handed in.
    #[must_use]
    pub fn takes_part(&self, department: DepartmentIx) -> bool {
        if matches!(self.status, CaseStatus::New | CaseStatus::Draft) {
            return false;
        }
        department == self.plan().owner || self.does(department).next().is_some()
    }

    /// The steps of the case that a department does, or did and answers for.
    fn does(&self, department: DepartmentIx) -> impl Iterator<Item = StepIx> {
        let steps = self.layout().map(|layout| layout.scenario.steps());
        steps.into_iter().flatten().copied().filter(move |step| {
            let item = self.plan().step(*step);
            item.actor.is_internal()
                && item.department == Some(department)
                && !self.is_broken_off(*step)
        })
    }

    /// Whether nothing comes of a step any more: it was refused or cancelled, or another
    /// step of its matter was. What its department read the case for has come to its
    /// end then, and so has its sight of the case. Whoever made what counts answers for it
    /// until the case is over.
    fn is_broken_off(&self, step: StepIx) -> bool {
        let ended = |step: StepIx| {
            matches!(
                self.step(step).status,
                StepStatus::Refused | StepStatus::Cancelled | StepStatus::Skipped
            )
        };
        let plan = self.plan();
        let matter = plan.step(step).matter;
        let of_it = |other: &StepIx| {
            let item = plan.step(*other);
            matter.is_some() && item.matter == matter && item.actor.is_internal()
        };
        ended(step) || plan.step_numbers().filter(of_it).any(ended)
    }

    /// The personal fields of the whole case that a department may see for a
    /// purpose, each with the grant: what its steps of the case read or make, and what
    /// for. Contracts grant fields of every role that uses them, and for all that a
    /// department does; a case shows the child's number to who works with the child, and
    /// for no purpose that nobody of it has in this case. Without a purpose, those which it
    /// reads on one grant. Of a draft nothing.
    pub fn granted(
        &self,
        department: DepartmentIx,
        purpose: Option<&str>,
    ) -> impl Iterator<Item = (FieldIx, &Grant)> {
        let works_with = self.works_with(department);
        self.all_data()
            .map(|(field, _)| field)
            .filter(move |field| self.is_personal(*field))
            .filter_map(move |field| {
                let grants = &self.plan().field(field).grants;
                let mut fitting = works_with
                    .range((field, GrantIx::at(0))..)
                    .take_while(|(of, _)| *of == field)
                    .filter_map(|(_, grant)| grants.get(grant.index()))
                    .filter(|grant| purpose.is_none_or(|purpose| grant.purpose == purpose));
                match (fitting.next(), fitting.next()) {
                    (Some(only), None) => Some((field, only)),
                    _ => None,
                }
            })
    }

    /// What the steps of the case that a department does read, each with the grant on
    /// which they do, or make: that with the grants for what they are for.
    fn works_with(&self, department: DepartmentIx) -> BTreeSet<(FieldIx, GrantIx)> {
        let plan = self.plan();
        let mut fields = BTreeSet::new();
        if !self.takes_part(department) {
            return fields;
        }
        for step in self.does(department) {
            let reads = self.reads(step);
            let granted = reads.filter(|read| plan.grant(step, read).is_some());
            fields.extend(granted.filter_map(|read| Some((read.field, read.grant?))));
            for field in &plan.step(step).writes {
                let grants = self.fitting(step, *field);
                fields.extend(grants.map(|grant| (*field, grant)));
            }
        }
        fields
    }

    /// The record of showing a whole case to somebody of a department.
    pub(crate) fn case_read(&self, department: DepartmentIx, purpose: Option<&str>) -> Event {
        Event::CaseRead {
            department: Some(self.plan().department(department).key.clone()),
            reads: self
                .granted(department, purpose)
                .map(|(field, grant)| on_grant(field, grant))
                .collect(),
        }
    }

    /// The record of showing the applicant reasons as they were written.
    pub(crate) fn reasons_read(&self, reasons: &[String]) -> Event {
        let read = |field: FieldIx| PersonalRead {
            field,
            purpose: NOTICE.to_owned(),
            basis: ACCESS.to_owned(),
        };
        let quoted = reasons.iter().flat_map(|reason| self.quoted(reason));
        let fields: BTreeSet<FieldIx> = quoted.collect();
        Event::CaseRead {
            department: None,
            reads: fields.into_iter().map(read).collect(),
        }
    }

    /// The record of showing a step's personal data to whoever does it.
    pub(crate) fn data_read(&self, step: StepIx) -> Event {
        let item = self.plan().step(step);
        let reads = match (&item.actor, item.department) {
            (Actor::Submission(_), _) => self
                .fetched()
                .filter(|(field, _)| self.is_personal(*field))
                .map(|(field, datum)| PersonalRead {
                    field,
                    purpose: CONFIRMATION.to_owned(),
                    basis: self.basis_of(datum.from),
                })
                .collect(),
            // A registry is asked on the basis of the look-up, whatever its department is granted.
            (Actor::LookUp(_), _) => self
                .personal_reads(step)
                .map(|field| PersonalRead {
                    field,
                    purpose: LOOK_UP.to_owned(),
                    basis: self.basis_of(step),
                })
                .collect(),
            (Actor::System | Actor::Officer | Actor::Outside, Some(_)) => self
                .seen(step)
                .filter_map(|read| Some(on_grant(read.field, self.plan().grant(step, &read)?)))
                .collect(),
            // The applicant's own data; and nobody's step.
            (Actor::Applicant, _) | (_, None) => Vec::new(),
        };
        Event::DataRead { step, reads }
    }

    /// The basis of a look-up.
    fn basis_of(&self, step: StepIx) -> String {
        match &self.plan().step(step).actor {
            Actor::LookUp(item) => item.basis.clone().unwrap_or_default(),
            Actor::Submission(_)
            | Actor::System
            | Actor::Officer
            | Actor::Applicant
            | Actor::Outside => String::new(),
        }
    }
}

fn on_grant(field: FieldIx, grant: &Grant) -> PersonalRead {
    PersonalRead {
        field,
        purpose: grant.purpose.clone(),
        basis: grant.basis.clone(),
    }
}
