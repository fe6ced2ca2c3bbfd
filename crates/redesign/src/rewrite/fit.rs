//! The workload of the old way carried over to a rewritten design.
//!
//! There is one case to see to. A step that is still there keeps its work, its
//! lying and its refusals, since the workload knows steps by name; one that is
//! gone takes them along; misses belong to registries and supplements to
//! matters. Only a step that was *made of* others is new. It does their work,
//! with their draws, so that not the means add up but the times themselves,
//! case by case.

use onething_definition::design::Design;
use onething_model::{MatterKey, StepKey};
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
    let accepted = design.intakes.iter().filter_map(|intake| {
        let accept = intake.acceptance.as_ref()?;
        Some((&accept.key, &accept.merges))
    });
    let steps = design.steps.iter().map(|step| (&step.key, &step.merges));
    let mut fitted = workload.clone();
    for (key, merges) in accepted.chain(steps) {
        let known = fitted.merged.iter().any(|(known, _)| known == key);
        if merges.is_empty() || known || workload.states(key) {
            continue;
        }
        // A step that was merged earlier brings its own parts along.
        let parts = merges.iter().flat_map(|step| match workload.parts(step) {
            [] => vec![Part {
                step: step.clone(),
                matter: matter(from, step),
            }],
            parts => parts.to_vec(),
        });
        let parts = parts.collect();
        fitted.merged.push((key.clone(), parts));
    }
    fitted
}

/// The matter whose cases have a step of the design that was begun with.
fn matter(from: &Design, key: &StepKey) -> Option<MatterKey> {
    let accepts = |intake: &&onething_definition::design::Intake| {
        let accept = intake.acceptance.as_ref();
        accept.is_some_and(|accept| accept.key == *key)
    };
    match from.step(key.as_str()) {
        Some(step) => step.matter.clone(),
        None => from.intakes.iter().find(accepts)?.matter.clone(),
    }
}
