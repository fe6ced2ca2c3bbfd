//! What is drawn: a box for each step, but one for look-ups that are made
//! together, since ten boxes for ten registries would hide the service.

use std::collections::BTreeMap;

use crate::view::{StepKind, View};

/// The boxes of a view and the arrows between them.
pub(super) struct Graph {
    pub(super) boxes: Vec<Box>,
    pub(super) arrows: Vec<Arrow>,
}

/// A box, in topological order.
pub(super) struct Box {
    /// Positions of its steps in the view; more than one for look-ups only.
    pub(super) steps: Vec<usize>,
    pub(super) lane: usize,
}

/// An arrow between boxes.
pub(super) struct Arrow {
    pub(super) from: usize,
    pub(super) to: usize,
    /// The position of the first edge it stands for, among the view's.
    pub(super) edge: usize,
    pub(super) critical: bool,
}

impl Graph {
    pub(super) fn new(view: &View) -> Self {
        let count = view.steps.len();
        let (mut needs, mut feeds) = (vec![Vec::new(); count], vec![Vec::new(); count]);
        for edge in view.arrows() {
            needs[edge.ends.1].push(edge.ends.0);
            feeds[edge.ends.0].push(edge.ends.1);
        }
        let mut boxes: Vec<Box> = Vec::new();
        let mut box_of = Vec::new();
        let mut together = BTreeMap::new();
        for (at, step) in view.steps.iter().enumerate() {
            let next = boxes.len();
            let own = if step.kind == StepKind::LookUp {
                let key = (needs[at].clone(), feeds[at].clone());
                *together.entry(key).or_insert(next)
            } else {
                next
            };
            if own == next {
                boxes.push(Box {
                    steps: Vec::new(),
                    lane: step.lane,
                });
            }
            boxes[own].steps.push(at);
            box_of.push(own);
        }
        let mut arrows: Vec<Arrow> = Vec::new();
        let mut known = BTreeMap::new();
        for (at, edge) in view.edges.iter().enumerate().filter(|(_, e)| !e.implied) {
            let (from, to) = (box_of[edge.ends.0], box_of[edge.ends.1]);
            let arrow = *known.entry((from, to)).or_insert(arrows.len());
            if arrow == arrows.len() {
                arrows.push(Arrow {
                    from,
                    to,
                    edge: at,
                    critical: false,
                });
            }
            arrows[arrow].critical |= edge.critical;
        }
        Self { boxes, arrows }
    }
}
