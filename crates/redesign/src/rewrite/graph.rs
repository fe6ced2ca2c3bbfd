//! What comes before what in a design, whatever the answers: data and stated orders.

use std::collections::{BTreeMap, BTreeSet};

use onething_definition::design::{Design, OrderKind};
use onething_model::{FieldPath, StepKey};

/// Direct predecessors and reachability of a design's steps, by position.
pub(super) struct Graph {
    pub(super) before: Vec<BTreeSet<usize>>,
    /// By step: everything that comes before it, directly or not.
    above: Vec<BTreeSet<usize>>,
}

impl Graph {
    /// Data and the orders of these kinds.
    pub(super) fn of(design: &Design, kinds: &[OrderKind]) -> Self {
        let at: BTreeMap<&StepKey, usize> = design
            .steps
            .iter()
            .enumerate()
            .map(|(at, step)| (&step.key, at))
            .collect();
        let mut makers: BTreeMap<&FieldPath, Vec<usize>> = BTreeMap::new();
        for (at, step) in design.steps.iter().enumerate() {
            for field in &step.writes {
                makers.entry(field).or_default().push(at);
            }
        }
        let mut before = vec![BTreeSet::new(); design.steps.len()];
        for (to, step) in design.steps.iter().enumerate() {
            for read in &step.reads {
                let from = makers.get(&read.field).into_iter().flatten();
                before[to].extend(from.copied().filter(|from| *from != to));
            }
            for order in &step.after {
                if kinds.contains(&order.kind) {
                    before[to].extend(at.get(&order.step).copied().filter(|from| *from != to));
                }
            }
        }
        let above = (0..before.len()).map(|of| above(&before, of)).collect();
        Self { before, above }
    }

    /// Whether `one` has to come before `other`.
    pub(super) fn precedes(&self, one: usize, other: usize) -> bool {
        self.above[other].contains(&one)
    }

    /// Direct successors.
    pub(super) fn after(&self, of: usize) -> BTreeSet<usize> {
        (0..self.before.len())
            .filter(|to| self.before[*to].contains(&of))
            .collect()
    }
}

fn above(before: &[BTreeSet<usize>], of: usize) -> BTreeSet<usize> {
    let mut seen = BTreeSet::new();
    let mut open = vec![of];
    while let Some(at) = open.pop() {
        for from in &before[at] {
            if seen.insert(*from) {
                open.push(*from);
            }
        }
    }
    seen
}

/// Fields that some step reads, or that identify a subject to a registry that is asked.
pub(super) fn read_by_steps(design: &Design) -> BTreeSet<&FieldPath> {
    design
        .steps
        .iter()
        .flat_map(|step| step.reads.iter().map(|read| &read.field))
        .collect()
}

/// Fields that some step makes.
pub(super) fn made_by_steps(design: &Design) -> BTreeSet<&FieldPath> {
    design.steps.iter().flat_map(|step| &step.writes).collect()
}

/// Takes steps out; what came after one of them comes after what it came after.
pub(super) fn remove_step(design: &mut Design, key: &StepKey) {
    let Some(at) = design.steps.iter().position(|step| step.key == *key) else {
        return;
    };
    let gone = design.steps.remove(at);
    for inspection in &mut design.joint_inspections {
        inspection.steps.retain(|step| step != key);
    }
    design
        .joint_inspections
        .retain(|inspection| !inspection.steps.is_empty());
    for step in &mut design.steps {
        step.separate_from.retain(|other| other != key);
        let Some(at) = step.after.iter().position(|order| order.step == *key) else {
            continue;
        };
        step.after.remove(at);
        for order in &gone.after {
            let known = step.after.iter().any(|known| known.step == order.step);
            if !known && order.step != step.key {
                step.after.push(order.clone());
            }
        }
    }
}
