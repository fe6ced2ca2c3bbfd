//! One part of a way: its boxes and arrows on a grid of lanes and columns.
//!
//! A way that is too long is broken into parts. An arrow that crosses a break
//! ends in a small numbered connector and goes on from one of the same number.

use std::collections::BTreeMap;

use super::graph::Graph;
use super::place::Columns;

/// A part of a way.
pub(super) struct System {
    /// Positions of its lanes in the view.
    pub(super) lanes: Vec<usize>,
    /// Rows of each lane.
    pub(super) rows: Vec<usize>,
    /// How many columns.
    pub(super) columns: usize,
    pub(super) nodes: Vec<Node>,
    pub(super) wires: Vec<Wire>,
}

/// A box, or a connector.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A box of the graph.
    Box(usize),
    /// A connector with its number.
    Connector(usize),
}

pub(super) struct Node {
    pub(super) shape: Shape,
    /// The position of its lane in the system.
    pub(super) lane: usize,
    pub(super) column: usize,
    pub(super) row: usize,
}

/// An arrow between two nodes of a system.
pub(super) struct Wire {
    /// The node it leaves.
    pub(super) from: usize,
    /// The node it enters.
    pub(super) to: usize,
    /// Its position among the graph's arrows.
    pub(super) arrow: usize,
    /// Straight up or down within a column.
    pub(super) straight: bool,
    pub(super) critical: bool,
}

/// A node before it has a row: lanes are those of the view.
struct Draft {
    shape: Shape,
    lane: usize,
    column: usize,
}

/// The parts of a graph; `begins` are their first columns.
pub(super) fn systems(graph: &Graph, columns: &Columns, begins: &[usize]) -> Vec<System> {
    let part_of = |at: usize| begins.partition_point(|begin| *begin <= columns.of[at]) - 1;
    let mut drafts: Vec<Vec<Draft>> = begins.iter().map(|_| Vec::new()).collect();
    let mut wires: Vec<Vec<Wire>> = begins.iter().map(|_| Vec::new()).collect();
    let mut node_of = Vec::new();
    for (at, item) in graph.boxes.iter().enumerate() {
        let part = part_of(at);
        node_of.push(drafts[part].len());
        drafts[part].push(Draft {
            shape: Shape::Box(at),
            lane: item.lane,
            // The first column of a later part is the connectors'.
            column: columns.of[at] - begins[part] + usize::from(part > 0),
        });
    }
    let last_column = |part: usize| match begins.get(part + 1) {
        Some(next) => next - begins[part] + usize::from(part > 0),
        None => 0,
    };
    // Connectors by the box they come from and the part they go to.
    let mut connectors: BTreeMap<(usize, usize), (usize, usize)> = BTreeMap::new();
    let mut known: BTreeMap<(usize, usize, usize), usize> = BTreeMap::new();
    for (at, arrow) in graph.arrows.iter().enumerate() {
        let (from, to) = (arrow.from, arrow.to);
        let (begin, end) = (part_of(from), part_of(to));
        let straight = columns.of[from] == columns.of[to];
        let mut wire = |part: usize, from: usize, to: usize| {
            let next = wires[part].len();
            let drawn = *known.entry((part, from, to)).or_insert(next);
            if drawn == next {
                wires[part].push(Wire {
                    from,
                    to,
                    arrow: at,
                    straight,
                    critical: false,
                });
            }
            wires[part][drawn].critical |= arrow.critical;
        };
        if begin == end {
            wire(begin, node_of[from], node_of[to]);
            continue;
        }
        let number = connectors.len() + 1;
        let (out, back) = *connectors.entry((from, end)).or_insert_with(|| {
            let ends = [
                (begin, graph.boxes[from].lane, last_column(begin)),
                (end, graph.boxes[to].lane, 0),
            ];
            let [out, back] = ends.map(|(part, lane, column)| {
                drafts[part].push(Draft {
                    shape: Shape::Connector(number),
                    lane,
                    column,
                });
                drafts[part].len() - 1
            });
            (out, back)
        });
        wire(begin, node_of[from], out);
        wire(end, back, node_of[to]);
    }
    drafts
        .into_iter()
        .zip(wires)
        .map(|(drafts, wires)| arrange(drafts, wires))
        .collect()
}

/// Gives each node its row within its lane.
fn arrange(drafts: Vec<Draft>, wires: Vec<Wire>) -> System {
    let mut lanes: Vec<usize> = drafts.iter().map(|draft| draft.lane).collect();
    lanes.sort_unstable();
    lanes.dedup();
    let mut nodes: Vec<Node> = drafts
        .iter()
        .map(|draft| Node {
            shape: draft.shape,
            lane: lanes
                .iter()
                .position(|lane| *lane == draft.lane)
                .unwrap_or(0),
            column: draft.column,
            row: 0,
        })
        .collect();
    let mut needs = vec![Vec::new(); nodes.len()];
    for wire in &wires {
        needs[wire.to].push(wire.from);
    }
    let mut rows = vec![1; lanes.len()];
    let mut cells: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for (at, node) in nodes.iter().enumerate() {
        cells.entry((node.column, node.lane)).or_default().push(at);
    }
    for ((column, lane), mut cell) in cells {
        // Top to bottom as what they wait for: arrows cross less.
        let height = |at: &usize| {
            let heights: Vec<usize> = needs[*at]
                .iter()
                .map(|need| nodes[*need].lane * 1_000 + nodes[*need].row)
                .collect();
            heights.iter().sum::<usize>() / heights.len().max(1)
        };
        cell.sort_by_key(height);
        let mut taken: Vec<usize> = Vec::new();
        for at in cell {
            // Straight on from what it waits for, if that is in the same lane.
            let beside = needs[at].iter().map(|need| &nodes[*need]);
            let beside = beside.filter(|need| need.lane == lane && need.column < column);
            let wanted = beside.map(|need| need.row).min();
            let row = wanted
                .filter(|row| !taken.contains(row))
                .or_else(|| (0..).find(|row| !taken.contains(row)))
                .unwrap_or(0);
            taken.push(row);
            nodes[at].row = row;
            rows[lane] = rows[lane].max(row + 1);
        }
    }
    System {
        columns: nodes.iter().map(|node| node.column + 1).max().unwrap_or(0),
        lanes,
        rows,
        nodes,
        wires,
    }
}
