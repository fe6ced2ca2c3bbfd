//! The workload of the old way carried over to a rewritten design.
//!
//! There is one case to see to. A step that is still there keeps its work, its
//! lying and its refusals, since the workload knows steps by name; one that is
//! gone takes them along; misses belong to registries and supplements to
//! matters. Only a step that was *made of* others is new. It does their work,
//! with their draws, so that not the means add up but the times themselves,
//! case by case.

use onething_definition::design::{Design, Intake};
use onething_model::{MatterKey, StepKey, Text};
use onething_plan::workload::{Part, Workload};

/// The workload for a design that rewrites made of `from`.
///
/// A merged step that the workload states by its own name is left as it is
/// stated: the figure has an origin of its own, and stands for the step.
///
/// ```no_run
/// # fn made() -> onething_redesign::rewrite::Redesign { unimplemented!() }
/// # fn drafting() -> onething_definition::design::Drafting<'static> { unimplemented!() }
/// use onething_redesign::rewrite::fitted;
///
/// let (drafting, made) = (drafting(), made());
/// if let (Some(workload), Some(old)) = (&drafting.service().workload, drafting.old()) {
///     for (step, parts) in fitted(workload, old, &made.design).merged {
///         println!("{step} does the work of {} steps", parts.len());
///     }
/// }
/// ```
#[must_use]
pub fn fitted(workload: &Workload, from: &Design, design: &Design) -> Workload {
    let mut fitted = workload.clone();
    for (key, _, merges) in merged(design) {
        let known = fitted.merged.iter().any(|(known, _)| known == key);
        if !known && !workload.states(key) {
            let parts = parts(workload, from, merges);
            fitted.merged.push((key.clone(), parts));
        }
    }
    fitted
}

/// The same, but for one step that the workload states by its own name: here it
/// does the work of its parts.
pub(super) fn as_parts(
    fitted: &Workload,
    from: &Design,
    key: &StepKey,
    merges: &[StepKey],
) -> Workload {
    let mut other = fitted.clone();
    other.work.retain(|(known, _)| known != key);
    other.lying.retain(|(known, _)| known != key);
    other.refusals.retain(|(known, _)| known != key);
    other.merged.retain(|(known, _)| known != key);
    let parts = parts(fitted, from, merges);
    other.merged.push((key.clone(), parts));
    other
}

/// The steps and acceptances that rewrites made of others.
pub(super) fn merged(design: &Design) -> impl Iterator<Item = (&StepKey, &Text, &[StepKey])> {
    let accepted = design.intakes.iter().filter_map(|intake| {
        let accept = intake.acceptance.as_ref()?;
        Some((&accept.key, &accept.title, &accept.merges[..]))
    });
    let steps = design.steps.iter();
    let steps = steps.map(|step| (&step.key, &step.title, &step.merges[..]));
    accepted
        .chain(steps)
        .filter(|(_, _, merges)| !merges.is_empty())
}

/// A step that was merged before brings its own parts along.
fn parts(workload: &Workload, from: &Design, merges: &[StepKey]) -> Vec<Part> {
    let of = |step: &StepKey| match workload.parts(step) {
        [] => vec![Part {
            step: step.clone(),
            matter: matter(from, step),
        }],
        parts => parts.to_vec(),
    };
    merges.iter().flat_map(of).collect()
}

/// The matter whose cases have a step of the design that was begun with.
fn matter(from: &Design, key: &StepKey) -> Option<MatterKey> {
    let accepts = |intake: &&Intake| {
        let accept = intake.acceptance.as_ref();
        accept.is_some_and(|accept| accept.key == *key)
    };
    match from.step(key.as_str()) {
        Some(step) => step.matter.clone(),
        None => from.intakes.iter().find(accepts)?.matter.clone(),
    }
}
