//! Who sees which data of a case, and what is recorded of it.
//!
//! A department sees what its step reads, of that what is public or granted to
//! it, and nothing else. What a definition's check lets through is held to the
//! grants again here: a plan may come from anywhere.

use onething_plan::{Actor, DepartmentIx, FieldIx, Grant, Sensitivity, StepIx};
use serde_json::Value;

use crate::case::{Case, Datum};
use crate::record::{Event, PersonalRead};
use crate::transition::CaseStatus;

/// The purpose on record where the applicant is shown what was fetched.
pub const CONFIRMATION: &str = "applicant-confirmation";

/// The purpose on record where a registry is asked.
pub const LOOK_UP: &str = "look-up";

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The applicant gave it, with this submission or in answer to this step's notice.
    Applicant(StepIx),
    /// This look-up fetched it.
    Registry(StepIx),
    /// This step made it.
    Step(StepIx),
}

impl Case {
    /// What whoever does `step` gets to see: of the fields it reads those that
    /// are public or granted, and nothing else. A look-up before the submission
    /// reads its keys off the draft.
    pub fn input(&self, step: StepIx) -> impl Iterator<Item = (FieldIx, &Value)> {
        self.known(step)
            .filter(move |(field, _)| self.may_see(step, *field))
    }

    /// Fields that `step` reads and its department has no right to see.
    pub fn not_granted(&self, step: StepIx) -> impl Iterator<Item = FieldIx> {
        self.known(step)
            .map(|(field, _)| field)
            .filter(move |field| !self.may_see(step, *field))
    }

    /// What is known of the fields that `step` reads.
    fn known(&self, step: StepIx) -> impl Iterator<Item = (FieldIx, &Value)> {
        let draft = self
            .opening()
            .map(std::sync::Arc::as_ref)
            .filter(|_| self.status() == CaseStatus::Draft);
        self.plan().step(step).reads.iter().filter_map(move |read| {
            let known = self.datum(read.field).map(|datum| &datum.value);
            let drafted = || {
                let given = &draft?.values;
                let (_, value) = given.iter().find(|(field, _)| *field == read.field)?;
                Some(value)
            };
            Some((read.field, known.or_else(drafted)?))
        })
    }

    fn is_personal(&self, field: FieldIx) -> bool {
        self.plan().field(field).sensitivity != Sensitivity::Public
    }

    /// The grant on which a department reads a field.
    fn grant(&self, department: DepartmentIx, field: FieldIx) -> Option<&Grant> {
        let to = &self.plan().department(department).key;
        let grants = &self.plan().field(field).grants;
        grants.iter().find(|grant| grant.to == *to)
    }

    fn may_see(&self, step: StepIx, field: FieldIx) -> bool {
        if !self.is_personal(field) {
            return true;
        }
        let step = self.plan().step(step);
        match &step.actor {
            // The applicant's own data; and a registry is asked with the keys that its
            // provider names, on the basis that it states.
            Actor::Submission(_) | Actor::Applicant | Actor::LookUp(_) => true,
            Actor::System | Actor::Officer | Actor::Outside => step
                .department
                .is_some_and(|department| self.grant(department, field).is_some()),
        }
    }

    /// The personal fields among what whoever does `step` gets to see. A
    /// simulated case has none.
    pub fn personal_reads(&self, step: StepIx) -> impl Iterator<Item = FieldIx> {
        self.input(step)
            .map(|(field, _)| field)
            .filter(|field| self.is_personal(*field))
    }

    /// What registries gave, by number of the field: what the applicant confirms.
    pub fn fetched(&self) -> impl Iterator<Item = (FieldIx, &Datum)> {
        let is_look_up = |step| matches!(self.plan().step(step).actor, Actor::LookUp(_));
        self.all_data()
            .filter(move |(_, datum)| is_look_up(datum.from))
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
        let step = datum.from;
        let item = self.plan().step(step);
        match &item.actor {
            Actor::LookUp(_) => Origin::Registry(step),
            Actor::Submission(_) => Origin::Applicant(step),
            // What a step does not make was given in answer to its notice.
            Actor::System | Actor::Officer | Actor::Outside | Actor::Applicant
                if item.writes.contains(&field) =>
            {
                Origin::Step(step)
            }
            Actor::System | Actor::Officer | Actor::Outside | Actor::Applicant => {
                Origin::Applicant(step)
            }
        }
    }

    /// The personal fields of the whole case that a department may see.
    pub fn granted(&self, department: DepartmentIx) -> impl Iterator<Item = FieldIx> {
        self.all_data()
            .map(|(field, _)| field)
            .filter(move |field| {
                self.is_personal(*field) && self.grant(department, *field).is_some()
            })
    }

    /// The record of showing a whole case to somebody of a department.
    pub(crate) fn case_read(&self, department: DepartmentIx) -> Event {
        let read = |field| self.on_grant(department, field);
        Event::CaseRead {
            department: self.plan().department(department).key.clone(),
            reads: self.granted(department).map(read).collect(),
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
            (_, Some(department)) => self
                .personal_reads(step)
                .map(|field| self.on_grant(department, field))
                .collect(),
            (_, None) => Vec::new(),
        };
        Event::DataRead { step, reads }
    }

    /// Where a department has several grants all are told: nothing says which
    /// one this reading is for.
    fn on_grant(&self, department: DepartmentIx, field: FieldIx) -> PersonalRead {
        let to = &self.plan().department(department).key;
        let (mut purposes, mut bases): (Vec<&str>, Vec<&str>) = Default::default();
        for grant in &self.plan().field(field).grants {
            if grant.to != *to {
                continue;
            }
            for (told, text) in [(&mut purposes, &grant.purpose), (&mut bases, &grant.basis)] {
                if !told.contains(&text.as_str()) {
                    told.push(text);
                }
            }
        }
        PersonalRead {
            field,
            purpose: purposes.join("; "),
            basis: bases.join("; "),
        }
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
