//! Designs scored by the lab.

use std::cell::RefCell;
use std::sync::Arc;

use onething_definition::design::{Design, Drafting};
use onething_lab::draw::Seed;
use onething_lab::replicate::{Replicate, in_order, replicate};
use onething_lab::setting::{BEGINS, Setting};
use onething_lab::{simulate, study};
use onething_measure::FigureName;
use onething_model::{DepartmentKey, Digest, StepKey, Text};
use onething_plan::Plan;
use onething_plan::workload::Workload;
use serde::Serialize;

use super::choose::Verdict;
use super::fit::fitted;
use super::quantity::Quantity;
use super::score::{Made, Row, Score};
use super::suggest::Measured;
use super::waterfall::Waterfall;

/// How a redesign is simulated.
#[derive(Clone, Copy)]
pub struct Simulation<'a> {
    /// Cases in each replication of a design.
    pub cases: u64,
    /// Independent replications of a design in each block.
    pub replications: u64,
    /// The seed: the same one gives the same bytes.
    pub seed: u64,
    /// The level of intervals, and of all decisions together, as a fraction.
    pub confidence: f64,
    /// By how much a rewrite may worsen what it is not for, as a fraction of
    /// the old way's value.
    pub margin: f64,
    /// On how many threads replications run; the result does not depend on it.
    pub threads: usize,
    /// Is told, from any thread, that one more replication is done.
    pub progress: Option<&'a (dyn Fn() + Sync)>,
}

impl Default for Simulation<'_> {
    /// 1,000 cases in 20 replications, seed 1, 95 %, a margin of 5 %, one thread.
    fn default() -> Self {
        Self {
            cases: 1_000,
            replications: 20,
            seed: 1,
            confidence: 0.95,
            margin: 0.05,
            threads: 1,
            progress: None,
        }
    }
}

impl std::fmt::Debug for Simulation<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulation")
            .field("cases", &self.cases)
            .field("replications", &self.replications)
            .field("seed", &self.seed)
            .field("confidence", &self.confidence)
            .field("margin", &self.margin)
            .field("threads", &self.threads)
            .finish_non_exhaustive()
    }
}

impl Simulation<'_> {
    pub(super) fn check(&self) -> Result<(), study::Error> {
        if self.replications < 2 {
            return Err(study::Error::TooFewReplications(self.replications));
        }
        if self.cases == 0 {
            return Err(study::Error::NoCases);
        }
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            return Err(study::Error::Confidence(self.confidence));
        }
        Ok(())
    }
}

/// What the simulation of a redesign found, and all that it takes to repeat it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trial {
    /// Cases in each replication of a design.
    pub cases: u64,
    /// Replications of each design in each block.
    pub replications: u64,
    /// The seed.
    pub seed: u64,
    /// The level of the waterfall's intervals, and of all decisions together.
    pub confidence: f64,
    /// By how much a rewrite may worsen what it is not for, as a fraction of
    /// the old way's value.
    pub margin: f64,
    /// The first simulated day.
    pub begins: String,
    /// The digest (BLAKE3) of the workload's file, where it has one.
    pub workload: Option<Digest>,
    /// The digest of the definition that was begun with.
    pub definition: Digest,
    /// How many replications decided: those after the ones that the figures
    /// are of, so that no decision has seen these.
    pub decided_by: u64,
    /// What was decided of each rewrite.
    pub verdicts: Vec<Verdict>,
    /// What each kept rewrite contributes to the simulated figures.
    pub waterfall: Waterfall,
    /// What of the proposal's figures is due to changed assumptions.
    pub assumptions: Vec<Assumption>,
    /// What has to be known to read the figures rightly.
    pub notes: Vec<Text>,
}

/// A merged step that takes the time that the workload states for it, and not
/// that of the steps it was made of: part of what the proposal saves is a
/// changed assumption, and no better process.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assumption {
    /// The step.
    pub step: StepKey,
    /// What people call it.
    pub title: Text,
    /// The steps it was made of.
    pub parts: Vec<StepKey>,
    /// What the assumption saves: the proposal with the work of the parts
    /// against the proposal as it is.
    pub effects: Vec<Measured>,
}

impl Trial {
    pub(super) fn new(
        drafting: &Drafting<'_>,
        lab: Lab<'_>,
        verdicts: Vec<Verdict>,
        waterfall: Waterfall,
        assumptions: Vec<Assumption>,
    ) -> Self {
        let how = lab.how;
        let rounds = verdicts.iter().map(|verdict| verdict.round).max();
        Self {
            cases: how.cases,
            replications: how.replications,
            seed: how.seed,
            confidence: how.confidence,
            margin: how.margin,
            begins: BEGINS.to_string(),
            workload: drafting.workload_digest(),
            definition: drafting.service().new.digest,
            decided_by: rounds.unwrap_or(0) * how.replications,
            verdicts,
            waterfall,
            assumptions,
            notes: lab.into_warnings(),
        }
    }
}

/// The lab as a way of scoring designs.
pub(super) struct Lab<'a> {
    pub(super) from: &'a Design,
    pub(super) workload: &'a Workload,
    pub(super) how: Simulation<'a>,
    /// What was run already; many subsets of rules lead to the same design.
    known: Vec<(u64, Arc<Made>, Vec<Row>)>,
    /// Warnings of all settings, each once, in the order in which they came up.
    warnings: RefCell<Vec<Text>>,
}

impl<'a> Lab<'a> {
    pub(super) fn new(from: &'a Design, workload: &'a Workload, how: Simulation<'a>) -> Self {
        Self {
            from,
            workload,
            how,
            known: Vec::new(),
            warnings: RefCell::new(Vec::new()),
        }
    }

    pub(super) fn fitted(&self, design: &Design) -> Workload {
        fitted(self.workload, self.from, design)
    }

    pub(super) fn into_warnings(self) -> Vec<Text> {
        self.warnings.into_inner()
    }

    /// All replications of a block, under any workload. `shared` names two
    /// departments whose officers do each other's work.
    pub(super) fn run(
        &self,
        plan: &Arc<Plan>,
        workload: &Workload,
        shared: Option<(&DepartmentKey, &DepartmentKey)>,
        block: u64,
    ) -> Result<Option<Vec<Replicate>>, study::Error> {
        let mut setting = Setting::new(plan, workload)?;
        if let Some((one, other)) = shared
            && !setting.share_staff(one, other)
        {
            return Ok(None);
        }
        let mut warnings = self.warnings.borrow_mut();
        for warning in setting.warnings() {
            let text = warning.text();
            if !warnings.contains(&text) {
                warnings.push(text);
            }
        }
        let how = self.how;
        let work = |number| {
            let draws = Seed::new(how.seed).replication(number);
            replicate(&setting, draws, how.cases)
        };
        let progress = |_| {
            if let Some(progress) = how.progress {
                progress();
            }
        };
        let first = block.saturating_mul(how.replications);
        let numbers = first..first.saturating_add(how.replications);
        let runs = in_order(numbers, how.threads.max(1), &progress, &work);
        Ok(Some(
            runs.into_iter().collect::<Result<_, simulate::Error>>()?,
        ))
    }
}

impl Score for Lab<'_> {
    fn rows(&mut self, made: &Made, block: u64) -> Result<Vec<Row>, study::Error> {
        let known = self
            .known
            .iter()
            .find(|(at, known, _)| *at == block && known.design == made.design);
        if let Some((_, _, rows)) = known {
            return Ok(rows.clone());
        }
        let workload = self.fitted(&made.design);
        let runs = self.run(&made.plan, &workload, None, block)?;
        let rows: Vec<Row> = runs.iter().flatten().map(row).collect();
        self.known
            .push((block, Arc::new(made.clone()), rows.clone()));
        Ok(rows)
    }
}

/// What one replication comes to.
pub(super) fn row(run: &Replicate) -> Row {
    let mut row = [None; Quantity::COUNT];
    for name in FigureName::ALL {
        row[name.index()] = run.mean(name);
    }
    row[Quantity::StaffHours.index()] = run.staff_hours();
    row[Quantity::RefusedShare.index()] = run.refused_share();
    row
}
