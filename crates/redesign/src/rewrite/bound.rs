//! Whom an order binds that R5 lets go: of matters that exclude each other it binds nobody.

use std::collections::BTreeSet;

use onething_definition::design::Design;
use onething_model::{StepKey, Text};
use onething_plan::{Outline, Plan};

use super::for_whom::{Applicants, Claim, What, range};
use super::kept::Way;
use super::pairs::few;

/// An order: earlier, later.
type Edge = (StepKey, StepKey);

/// Orders that go, by whether they bind anybody.
pub(super) struct Bound {
    pub(super) freed: Vec<Edge>,
    /// Which bind nobody.
    pub(super) idle: Vec<Edge>,
    pub(super) claims: Vec<Claim>,
    /// How many of them bind one applicant, in brackets, where that is not always all.
    pub(super) told: Text,
    /// That not all answers were looked at, where that is so.
    pub(super) few: Text,
}

impl Bound {
    pub(super) fn of(way: Way<'_>, edges: &[Edge]) -> Self {
        let all = Applicants::of([way, way]);
        let mut by_answers: Vec<Vec<bool>> = Vec::with_capacity(all.answers.len());
        for answers in &all.answers {
            let outline = way.outlines.of(way.plan, answers);
            let binds = edges.iter().map(|edge| binds(way, &outline, edge));
            by_answers.push(binds.collect());
        }
        let (mut freed, mut idle, mut claims) = (Vec::new(), Vec::new(), Vec::new());
        for (at, edge) in edges.iter().enumerate() {
            match all.scope(|number, _| by_answers[number][at]) {
                None => idle.push(edge.clone()),
                Some(scope) => {
                    let what = What::Freed(edge.0.clone(), edge.1.clone());
                    claims.push(Claim { what, scope });
                    freed.push(edge.clone());
                }
            }
        }
        let counts = by_answers.iter().map(|binds| {
            let binding = binds.iter().filter(|binds| **binds);
            binding.count() as u64
        });
        let counts = range(counts);
        let few = few(all.whole, all.answers.len());
        let told = match counts.en() == freed.len().to_string() {
            true => Text::new("", ""),
            false => Text::new(
                format!("（同一申请人 {} 处）{}", counts.zh(), few.zh()),
                format!(" ({} of them for one applicant){}", counts.en(), few.en()),
            ),
        };
        Self {
            freed,
            idle,
            claims,
            told,
            few,
        }
    }
}

/// Whether the later waits by this order for anything: for the earlier, or, where that is no part
/// of the case, for what it comes after.
fn binds(way: Way<'_>, outline: &Outline, (from, to): &Edge) -> bool {
    let mut seen = BTreeSet::new();
    is_active(way.plan, outline, to) && stands(way.design, way.plan, outline, from, &mut seen)
}

fn is_active(plan: &Plan, outline: &Outline, key: &StepKey) -> bool {
    let at = plan.find_step(key.as_str());
    at.is_some_and(|at| outline.is_active(at))
}

fn stands<'a>(
    design: &'a Design,
    plan: &Plan,
    outline: &Outline,
    key: &'a StepKey,
    seen: &mut BTreeSet<&'a StepKey>,
) -> bool {
    if is_active(plan, outline, key) {
        return true;
    }
    if !seen.insert(key) {
        return false;
    }
    let intake = design.intakes.iter().find(|intake| intake.key == *key);
    let mut walk = intake.into_iter().flat_map(|intake| &intake.after);
    let mut passes = |at: usize| {
        let intake = design.intakes.get(at);
        intake.is_some_and(|earlier| stands(design, plan, outline, &earlier.key, seen))
    };
    if walk.any(|order| passes(order.intake)) {
        return true;
    }
    let step = design.step(key.as_str());
    let mut orders = step.into_iter().flat_map(|step| &step.after);
    orders.any(|order| stands(design, plan, outline, &order.step, seen))
}
