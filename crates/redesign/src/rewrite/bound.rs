//! Whom an order binds that R5 lets go: of matters that exclude each other it binds nobody.

use std::collections::BTreeMap;
use std::rc::Rc;

use onething_model::{StepKey, Text};
use onething_plan::{Outline, StepIx};

use super::for_whom::{Applicants, Claim, What, range};
use super::kept::Way;
use super::pairs::few;

/// An order: earlier, later.
type Edge = (StepKey, StepKey);

/// Orders that go, by whether they bind anybody.
pub(super) struct Bound {
    pub(super) freed: Vec<Edge>,
    /// By which nothing that takes part waits, and which only lead on past what takes none.
    pub(super) past: Vec<Edge>,
    /// Which bind nobody.
    pub(super) idle: Vec<Edge>,
    pub(super) claims: Vec<Claim>,
    /// By how many of them one applicant waits, in brackets, where that is not always all.
    pub(super) told: Text,
    /// That not all answers were looked at, where that is so.
    pub(super) few: Text,
}

impl Bound {
    pub(super) fn of(way: Way<'_>, edges: &[Edge]) -> Self {
        let all = Applicants::of([way, way]);
        let stated = Stated::of(way);
        let answers = all.answers.iter();
        let outlines = answers.map(|answers| way.outlines.of(way.plan, answers));
        let outlines: Vec<Rc<Outline>> = outlines.collect();
        let waits = outlines.iter().map(|outline| stated.waits(outline, edges));
        let waits: Vec<Vec<bool>> = waits.collect();
        let binds = outlines.iter().map(|outline| stated.binds(outline, edges));
        let binds: Vec<Vec<bool>> = binds.collect();
        let (mut freed, mut past, mut idle) = (Vec::new(), Vec::new(), Vec::new());
        let mut claims = Vec::new();
        for (at, edge) in edges.iter().enumerate() {
            if let Some(scope) = all.scope(|number, _| waits[number][at]) {
                let what = What::Freed(edge.0.clone(), edge.1.clone());
                claims.push(Claim { what, scope });
                freed.push(edge.clone());
            } else if binds.iter().any(|binds| binds[at]) {
                past.push(edge.clone());
            } else {
                idle.push(edge.clone());
            }
        }
        let counts = waits.iter().map(|waits| {
            let waits = waits.iter().filter(|waits| **waits);
            waits.count() as u64
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
            past,
            idle,
            claims,
            told,
            few,
        }
    }
}

/// What waits for what by stated orders, applications included. What is no part of the case passes
/// on whom it waits for to who waits for it.
struct Stated<'a> {
    /// Steps, and applications after them, in the plan.
    places: Vec<Option<StepIx>>,
    at: BTreeMap<&'a StepKey, usize>,
    before: Vec<Vec<usize>>,
    after: Vec<Vec<usize>>,
}

impl<'a> Stated<'a> {
    fn of(way: Way<'a>) -> Self {
        let design = way.design;
        let steps = design.steps.iter().map(|step| &step.key);
        let keys: Vec<&StepKey> = steps
            .chain(design.intakes.iter().map(|intake| &intake.key))
            .collect();
        let at: BTreeMap<&StepKey, usize> = keys.iter().copied().zip(0..).collect();
        let intakes = design.intakes.iter().map(|intake| {
            let walk = intake.after.iter();
            let walk = walk.filter_map(|order| design.intakes.get(order.intake));
            walk.map(|earlier| &earlier.key).collect()
        });
        let steps = design.steps.iter().map(|step| {
            let after = step.after.iter();
            after.map(|order| &order.step).collect::<Vec<&StepKey>>()
        });
        let before: Vec<Vec<usize>> = steps
            .chain(intakes)
            .map(|earlier| {
                let places = earlier.iter().filter_map(|key| at.get(key).copied());
                places.collect()
            })
            .collect();
        let mut after = vec![Vec::new(); keys.len()];
        for (to, earlier) in before.iter().enumerate() {
            for from in earlier {
                after[*from].push(to);
            }
        }
        Self {
            places: keys
                .iter()
                .map(|key| way.plan.find_step(key.as_str()))
                .collect(),
            at,
            before,
            after,
        }
    }

    fn active(&self, outline: &Outline) -> Vec<bool> {
        let places = self.places.iter();
        places
            .map(|at| at.is_some_and(|at| outline.is_active(at)))
            .collect()
    }

    /// By order, whether what comes after it takes part in this case and waits by it, be it for whom
    /// what takes no part passes on.
    fn waits(&self, outline: &Outline, edges: &[Edge]) -> Vec<bool> {
        let active = self.active(outline);
        let waited_for = passed_on(&active, &self.after);
        let has = |of: &[bool], key: &StepKey| self.at.get(key).is_some_and(|at| of[*at]);
        let waits = |(from, to): &Edge| has(&waited_for, from) && has(&active, to);
        edges.iter().map(waits).collect()
    }

    /// By order, whether somebody waits by it for somebody in this case.
    fn binds(&self, outline: &Outline, edges: &[Edge]) -> Vec<bool> {
        let active = self.active(outline);
        let waited_for = passed_on(&active, &self.after);
        let waits = passed_on(&active, &self.before);
        let has = |of: &[bool], key: &StepKey| self.at.get(key).is_some_and(|at| of[*at]);
        edges
            .iter()
            .map(|(from, to)| has(&waited_for, from) && has(&waits, to))
            .collect()
    }
}

/// Who takes part, and what is next to them by way of what takes none.
fn passed_on(active: &[bool], next: &[Vec<usize>]) -> Vec<bool> {
    let mut reached = active.to_vec();
    let mut open: Vec<usize> = (0..active.len()).filter(|at| active[*at]).collect();
    while let Some(at) = open.pop() {
        for to in &next[at] {
            if !std::mem::replace(&mut reached[*to], true) {
                open.push(*to);
            }
        }
    }
    reached
}
