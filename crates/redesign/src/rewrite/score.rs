//! How designs are scored: by the definitions alone, or by the lab.
//!
//! Both give rows of the same figures. A computed design has one row, for
//! nothing in it varies; a simulated one has a row for each replication, and
//! rows of the same number saw the same applicants. All that follows — means,
//! shares, intervals, decisions — is the same code over rows, and one row has
//! no interval.

use std::sync::Arc;

use onething_definition::design::Design;
use onething_lab::study;
use onething_measure::FigureName;
use onething_measure::computed::{Basis, compute};
use onething_measure::stats::{Interval, Pairs};
use onething_plan::workload::Workload;
use onething_plan::{Outline, Plan};

use super::quantity::Quantity;

/// Figures by [`Quantity::index`]; `None` where one is unknown.
pub(super) type Row = [Option<f64>; Quantity::COUNT];

/// A design and its plan.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) design: Arc<Design>,
    pub(super) plan: Arc<Plan>,
}

/// A way of scoring designs.
pub(super) trait Score {
    /// A row for each replication of a block, in their order. Blocks of
    /// different numbers are independent of one another.
    fn rows(&mut self, made: &Made, block: u64) -> Result<Vec<Row>, study::Error>;
}

/// By the definitions alone, for the reference scenario.
pub(super) struct Computed<'a> {
    pub(super) basis: Basis,
    pub(super) workload: Option<&'a Workload>,
}

impl Score for Computed<'_> {
    fn rows(&mut self, made: &Made, _: u64) -> Result<Vec<Row>, study::Error> {
        let plan = &made.plan;
        // Who has nothing to apply for is not served in no time: nothing is known of them.
        if !is_served(plan) {
            return Ok(vec![[None; Quantity::COUNT]]);
        }
        let computed = compute(plan, &plan.reference, self.basis, self.workload);
        let mut row = [None; Quantity::COUNT];
        for name in FigureName::ALL {
            row[name.index()] = computed.value(name);
        }
        Ok(vec![row])
    }
}

/// Whether there is anything to do in the reference scenario, and so anything to compute.
pub(super) fn is_served(plan: &Plan) -> bool {
    let outline = Outline::resolve(plan, &plan.reference);
    outline.steps().next().is_some()
}

/// A quantity of two designs under the same draws, row by row; `None` where
/// it is unknown in one of them.
pub(super) fn pairs(before: &[Row], after: &[Row], quantity: Quantity) -> Option<Pairs> {
    let at = quantity.index();
    before
        .iter()
        .zip(after)
        .map(|(before, after)| before[at].zip(after[at]))
        .collect()
}

/// An interval as it is written.
pub(super) fn ends(interval: Option<Interval>) -> Option<[f64; 2]> {
    interval.map(|interval| [interval.low, interval.high])
}
