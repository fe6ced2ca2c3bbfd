//! What forms ask with the new contracts and did not ask with the old, whatever made them grow:
//! a registry that gives or is asked otherwise, a field that follows from nothing any more.

use std::collections::BTreeMap;

use onething_model::{DepartmentKey, FieldPath, StepKey};
use onething_plan::{Actor, Plan, StepIx, Submission, SubmissionKind};
use serde::Serialize;

use super::WayOf;
use super::pairs::At;
use super::taken::missed;

/// How a form asks for a field; what comes later asks for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asking {
    /// Where a registry has nothing.
    WhereMissing,
    /// It may be left out.
    Optional,
    /// It has to be given.
    Required,
}

/// A field that a form asks for with the new contracts, for some answers, and with the old did
/// not ask for, or not for certain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AskedAnew {
    /// The folder of the service, below the root of the tree.
    pub service: String,
    /// The contracts whose change brings it about on its own; none where it takes
    /// several changes together.
    pub contracts: Vec<String>,
    /// Which way of handling it.
    pub way: WayOf,
    /// The step whose form it is.
    pub step: StepKey,
    /// The field, by the service's role.
    pub field: FieldPath,
    /// Who accepts what is handed in with it, where a person does.
    pub accepted_by: Option<StepKey>,
    /// The department of who accepts it.
    pub department: Option<DepartmentKey>,
    /// How it is asked for, at most.
    pub asking: Asking,
}

pub(super) type Key = (String, WayOf, StepKey, FieldPath);

/// Notes what the forms of a service ask more in `new` than in `old`, for some answers.
pub(super) fn grown(
    folder: &str,
    way: WayOf,
    (old, new): (&At<'_>, &At<'_>),
    found: &mut BTreeMap<Key, AskedAnew>,
) {
    let before = form(old);
    for ((step, field), asking) in form(new) {
        let at = (step.clone(), field.clone());
        if before.get(&at).is_some_and(|before| *before >= asking) {
            continue;
        }
        let accepts = new.plan.find_step(step.as_str());
        let accepts = accepts.and_then(|form| acceptance(new.plan, form));
        let accepts = accepts.map(|step| new.plan.step(step));
        let department = accepts.and_then(|step| step.department);
        let key = (folder.to_owned(), way, step.clone(), field.clone());
        let asked = found.entry(key).or_insert_with(|| AskedAnew {
            service: folder.to_owned(),
            contracts: Vec::new(),
            way,
            step,
            field,
            accepted_by: accepts.map(|step| step.key.clone()),
            department: department.map(|at| new.plan.department(at).key.clone()),
            asking,
        });
        asked.asking = asking.max(asked.asking);
    }
}

fn form(at: &At<'_>) -> BTreeMap<(StepKey, FieldPath), Asking> {
    let At { plan, outline } = at;
    let mut form = BTreeMap::new();
    for step in outline.steps() {
        let asked = submission(plan, step).map(|submission| {
            // A fallback asks for what the registry did not have.
            let missing = submission.kind != SubmissionKind::Application;
            let fields = outline.form(step).iter();
            fields.map(move |asked| match (missing, asked.optional) {
                (true, _) => (step, asked.field, Asking::WhereMissing),
                (false, true) => (step, asked.field, Asking::Optional),
                (false, false) => (step, asked.field, Asking::Required),
            })
        });
        let where_missing = missed(plan, outline, step);
        let where_missing = where_missing.map(|(form, field)| (form, field, Asking::WhereMissing));
        for (at, field, asking) in asked.into_iter().flatten().chain(where_missing) {
            let at = (plan.step(at).key.clone(), plan.field(field).path.clone());
            let most = form.entry(at).or_insert(asking);
            *most = asking.max(*most);
        }
    }
    form
}

/// The form of a look-up is what is read of it.
pub(super) fn submission(plan: &Plan, step: StepIx) -> Option<&Submission> {
    match &plan.step(step).actor {
        Actor::Submission(submission) => Some(submission),
        Actor::LookUp(_) | Actor::System | Actor::Officer | Actor::Applicant | Actor::Outside => {
            None
        }
    }
}

/// The step by which a person accepts what is handed in with this form.
pub(super) fn acceptance(plan: &Plan, form: StepIx) -> Option<StepIx> {
    let by_people = |step: &StepIx| {
        let actor = &plan.step(*step).actor;
        matches!(actor, Actor::Officer | Actor::Outside)
    };
    submission(plan, form)?.accepted_by.filter(by_people)
}
