//! Which departments are told with the new contracts, by look-ups in their registries, what they
//! were not told with the old: they are asked for the first time, with a further key, or in place of
//! another department.

use std::collections::BTreeSet;

use onething_model::{DepartmentKey, FieldPath, RegistryKey};
use onething_plan::{Actor, FieldIx, StepIx};

use super::pairs::At;

/// Notes the departments that are told more in `new` than in `old`, for some answers, each with
/// the folder of the service.
pub(super) fn more(
    folder: &str,
    (old, new): (&At<'_>, &At<'_>),
    found: &mut BTreeSet<(String, DepartmentKey)>,
) {
    let before = told(old);
    let more = told(new).into_iter().filter(|one| !before.contains(one));
    found.extend(more.map(|(department, ..)| (folder.to_owned(), department.clone())));
}

/// Which department is told which field by a look-up in which registry.
fn told<'a>(at: &At<'a>) -> BTreeSet<(&'a DepartmentKey, &'a RegistryKey, &'a FieldPath)> {
    let At { plan, outline } = at;
    let of = |step: StepIx| {
        let item = plan.step(step);
        let registry = match &item.actor {
            Actor::LookUp(look_up) => &look_up.registry,
            Actor::Submission(_)
            | Actor::System
            | Actor::Officer
            | Actor::Applicant
            | Actor::Outside => return None,
        };
        let department = &plan.department(item.department?).key;
        let path = |field: FieldIx| &plan.field(field).path;
        let keys = item.reads.iter().map(move |read| path(read.field));
        Some(keys.map(move |path| (department, registry, path)))
    };
    outline.steps().filter_map(of).flatten().collect()
}
