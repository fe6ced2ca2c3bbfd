//! What is known in a case and where it came from.

use std::fmt;

use onething_engine::{Case, CaseStatus, Command, Datum};
use onething_model::{CaseId, DepartmentKey, FieldPath, RegistryKey, StepKey, Text, Timestamp};
use onething_plan::{Actor, DepartmentIx, Derivation, Derived, FieldIx, Plan, Sensitivity, StepIx};
use serde_json::Value;

use crate::cell::Live;
use crate::error::reject;
use crate::{Engine, Error};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The applicant gave it.
    Applicant {
        /// With which submission, or in answer to which step's notice.
        step: StepKey,
    },
    /// A registry had it.
    Registry {
        /// Which.
        registry: RegistryKey,
    },
    /// A step made it.
    Department {
        /// The step.
        step: StepKey,
        /// Who does it; none for the applicant's own steps.
        department: Option<DepartmentKey>,
    },
    /// It follows from another value of the case, and has come with it.
    Derived {
        /// From which field; that has an origin of its own.
        from: FieldPath,
        /// Which part of it, and by which standard.
        by: Derivation,
    },
}

/// What is known of a field of a case. Printing it for debugging does not show the value.
#[derive(Clone, PartialEq)]
pub struct Known {
    /// `role.field`.
    pub field: FieldPath,
    /// What people call it.
    pub title: Text,
    /// Who may see it.
    pub sensitivity: Sensitivity,
    /// Where it came from.
    pub origin: Origin,
    /// Since when the case knows it.
    pub since: Timestamp,
    /// Since when it is valid: as the registry said, else when it answered; when the
    /// department decided; when the applicant stated it.
    pub valid_since: Timestamp,
    /// The value; none where it is not shown.
    pub value: Option<Value>,
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known")
            .field("field", &self.field)
            .field("origin", &self.origin)
            .field("since", &self.since)
            .field("shown", &self.value.is_some())
            .finish_non_exhaustive()
    }
}

/// Who looks at a whole case, and on whose grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The person, for the record.
    pub name: String,
    /// The department; the one in charge of the service where none is named.
    pub department: Option<DepartmentKey>,
    /// What for, as a grant says it. Only what is granted for it is shown;
    /// without it, what the department has a single grant on.
    pub purpose: Option<String>,
}

impl Reader {
    /// Somebody of the department in charge of the service.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            department: None,
            purpose: None,
        }
    }

    /// Somebody of this department.
    #[must_use]
    pub fn of(mut self, department: DepartmentKey) -> Self {
        self.department = Some(department);
        self
    }

    /// Reading for this purpose of the department's grants.
    #[must_use]
    pub fn reading_for(mut self, purpose: impl Into<String>) -> Self {
        self.purpose = Some(purpose.into());
        self
    }
}

impl Engine {
    /// What is known in a case, where each value came from and since when, by
    /// number of the field. Public values are shown to anybody; personal ones
    /// to a reader of the department in charge or of one that does a step of the
    /// case, as far as the grants of that department for the stated purpose go, once
    /// who read what, what for and on which basis is on record.
    ///
    /// Of a case that is over, names and origins can be seen; its personal
    /// values are not shown any more.
    ///
    /// # Errors
    /// Rejected: no such case (C0201), no such department (C0216), or none of its
    /// grants is for this purpose (C0208); with a reader: the case is over (C0101), the
    /// department has no part in it (C0111), the reader has no name or one with control
    /// characters (C0214, C0215).
    pub async fn provenance(
        &self,
        case: CaseId,
        reader: Option<&Reader>,
    ) -> Result<Vec<Known>, Error> {
        let cell = self.find(case).await?;
        let plan = cell.defined.plan();
        let department = match reader.map(|reader| reader.department.as_ref()) {
            None => None,
            Some(None) => Some(plan.owner),
            Some(Some(key)) => Some(
                plan.find_department(key.as_str())
                    .ok_or_else(|| Error::from(reject::unknown_department(key.as_str(), plan)))?,
            ),
        };
        let (Some(reader), Some(department)) = (reader, department) else {
            let look = |state: &Case, live: &Live| known(state, live.opened, &[]);
            return Ok(cell.view(look).await?.unwrap_or_default());
        };
        let purpose = reader.purpose.as_deref();
        if let Some(purpose) = purpose {
            let granted = purposes(plan, department);
            if !granted.contains(&purpose) {
                let key = plan.department(department).key.as_str();
                return Err(reject::unknown_purpose(key, purpose, &granted).into());
            }
        }
        let opened = cell.view(|_, live| live.opened).await?.unwrap_or_default();
        let mut shown = Vec::new();
        self.perform(case, Some(&reader.name), |_, state| {
            let granted: Vec<FieldIx> = state
                .granted(department, purpose)
                .map(|(field, _)| field)
                .collect();
            shown = known(state, opened, &granted);
            Ok(Command::ReadCase {
                department,
                purpose: purpose.map(str::to_owned),
            })
        })
        .await?;
        Ok(shown)
    }
}

/// The application that a draft is handed in with.
pub(crate) fn submission(case: &Case) -> Option<StepIx> {
    let layout = case.layout()?;
    case.plan()
        .applications()
        .find(|step| layout.scenario.is_active(*step))
}

pub(crate) fn registry(plan: &Plan, step: StepIx) -> Option<&RegistryKey> {
    match &plan.step(step).actor {
        Actor::LookUp(item) => Some(&item.registry),
        Actor::Submission(_)
        | Actor::System
        | Actor::Officer
        | Actor::Applicant
        | Actor::Outside => None,
    }
}

pub(crate) fn one(case: &Case, field: FieldIx, datum: &Datum, shown: bool) -> Known {
    let plan = case.plan();
    let item = plan.field(field);
    let key = |step: StepIx| plan.step(step).key.clone();
    Known {
        field: item.path.clone(),
        title: item.title.clone(),
        sensitivity: item.sensitivity,
        origin: match case.origin(field, datum) {
            onething_engine::Origin::Applicant(step) => Origin::Applicant { step: key(step) },
            onething_engine::Origin::Registry(step) => match registry(plan, step) {
                Some(registry) => Origin::Registry {
                    registry: registry.clone(),
                },
                // A look-up without its registry is none of ours: it is told as a step.
                None => Origin::Department {
                    step: key(step),
                    department: None,
                },
            },
            onething_engine::Origin::Derived(derived) => Origin::Derived {
                from: plan.field(derived.from).path.clone(),
                by: derived.by,
            },
            onething_engine::Origin::Step(step) => {
                let department = plan.step(step).department;
                let made_by = |at: DepartmentIx| plan.department(at).key.clone();
                Origin::Department {
                    step: key(step),
                    department: match plan.step(step).actor {
                        Actor::Applicant => None,
                        _ => department.map(made_by),
                    },
                }
            }
        },
        since: datum.since,
        valid_since: datum.valid_since,
        value: shown.then(|| datum.value.clone()),
    }
}

/// What follows from what the application of a draft gave, without its value.
pub(crate) fn drafted(plan: &Plan, field: FieldIx, derived: Derived, opened: Timestamp) -> Known {
    let item = plan.field(field);
    Known {
        field: item.path.clone(),
        title: item.title.clone(),
        sensitivity: item.sensitivity,
        origin: Origin::Derived {
            from: plan.field(derived.from).path.clone(),
            by: derived.by,
        },
        since: opened,
        valid_since: opened,
        value: None,
    }
}

/// For which purposes a department has grants in a service, in the order of its fields.
fn purposes(plan: &Plan, department: DepartmentIx) -> Vec<&str> {
    let to = &plan.department(department).key;
    let mut all: Vec<&str> = Vec::new();
    let grants = plan.fields.iter().flat_map(|field| &field.grants);
    for grant in grants.filter(|grant| grant.to == *to) {
        if !all.contains(&grant.purpose.as_str()) {
            all.push(&grant.purpose);
        }
    }
    all
}

/// What is known; personal values as far as they are granted.
fn known(case: &Case, opened: Timestamp, granted: &[FieldIx]) -> Vec<Known> {
    let plan = case.plan();
    let mut all: Vec<(FieldIx, Known)> = case
        .all_data()
        .map(|(field, datum)| {
            let public = plan.field(field).sensitivity == Sensitivity::Public;
            let shown = public || granted.contains(&field);
            (field, one(case, field, datum, shown))
        })
        .collect();
    // Of a draft, what the application gave; it is nobody's but the applicant's yet.
    let draft = case
        .opening()
        .filter(|_| case.status() == CaseStatus::Draft);
    if let (Some(opening), Some(step)) = (draft, submission(case)) {
        for (field, _) in &opening.values {
            let follows = case.drafted().any(|(drafted, _)| drafted == *field);
            if follows || all.iter().any(|(known, _)| known == field) {
                continue;
            }
            let item = plan.field(*field);
            let known = Known {
                field: item.path.clone(),
                title: item.title.clone(),
                sensitivity: item.sensitivity,
                origin: Origin::Applicant {
                    step: plan.step(step).key.clone(),
                },
                since: opened,
                valid_since: opened,
                value: None,
            };
            all.push((*field, known));
        }
        let follows = case.drafted();
        all.extend(follows.map(|(field, by)| (field, drafted(plan, field, by, opened))));
    }
    all.sort_by_key(|(field, _)| *field);
    all.into_iter().map(|(_, known)| known).collect()
}
