//! Where the boxes go: columns by order, lanes by who does it, and breaks
//! where a way is too long for a page.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::Graph;

/// Most columns side by side; longer ways go on below, like a line of text.
const COLUMNS: usize = 9;

/// The columns of the boxes.
pub(super) struct Columns {
    pub(super) of: Vec<usize>,
    /// Whether the box stands straight above or below the only one it waits
    /// for, in the same column.
    pub(super) linked: Vec<bool>,
}

/// Puts each box one column after the last it waits for. Where one only
/// hands over to one other, in another lane, both share a column and the
/// arrow runs straight up or down: this is what keeps a chain of windows
/// short enough to be read.
pub(super) fn columns(graph: &Graph) -> Columns {
    let count = graph.boxes.len();
    let (mut needs, mut feeds) = (vec![Vec::new(); count], vec![Vec::new(); count]);
    for arrow in &graph.arrows {
        needs[arrow.to].push(arrow.from);
        feeds[arrow.from].push(arrow.to);
    }
    let mut columns = Columns {
        of: vec![0; count],
        linked: vec![false; count],
    };
    let mut boxes: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    // Cells that a straight arrow crosses or ends in: no further box goes there.
    let mut closed: BTreeSet<(usize, usize)> = BTreeSet::new();
    for (at_box, needs) in needs.iter().enumerate() {
        let lane = graph.boxes[at_box].lane;
        let first = needs.iter().map(|need| columns.of[*need] + 1).max();
        let mut column = first.unwrap_or(0);
        if let [need] = needs[..]
            && feeds[need].len() == 1
            && graph.boxes[need].lane != lane
        {
            let (above, at) = (graph.boxes[need].lane, columns.of[need]);
            let mut between = above.min(lane)..=above.max(lane);
            let free = between.clone().all(|cell| {
                let boxes = boxes.get(&(cell, at)).copied().unwrap_or(0);
                boxes == usize::from(cell == above) && !closed.contains(&(cell, at))
            });
            if free {
                column = at;
                columns.linked[at_box] = true;
                between.by_ref().for_each(|cell| {
                    closed.insert((cell, at));
                });
            }
        }
        while !columns.linked[at_box] && closed.contains(&(lane, column)) {
            column += 1;
        }
        columns.of[at_box] = column;
        *boxes.entry((lane, column)).or_insert(0) += 1;
    }
    columns
}

/// Where a way is broken: the first column of each part, beginning with 0.
/// As few parts as possible, and of these the breaks that fewest arrows cross.
pub(super) fn breaks(graph: &Graph, columns: &Columns) -> Vec<usize> {
    let count = columns.of.iter().max().map_or(0, |last| last + 1);
    let parts = count.div_ceil(COLUMNS).max(1);
    if parts == 1 {
        return vec![0];
    }
    let mut crossing = vec![0_usize; count + 1];
    for arrow in &graph.arrows {
        for cost in &mut crossing[columns.of[arrow.from] + 1..=columns.of[arrow.to]] {
            *cost += 1;
        }
    }
    // best[p][c]: the least cost of breaking the first c columns into p
    // parts, and where the last of them begins. Uneven parts cost a little.
    let even = count.div_ceil(parts);
    let mut best = vec![vec![(usize::MAX, 0); count + 1]; parts + 1];
    best[0][0] = (0, 0);
    for part in 1..=parts {
        for end in 1..=count {
            for begin in end.saturating_sub(COLUMNS)..end {
                let (before, _) = best[part - 1][begin];
                if before == usize::MAX {
                    continue;
                }
                let cut = if begin == 0 { 0 } else { crossing[begin] * 4 };
                let cost = before + cut + (end - begin).abs_diff(even);
                if cost < best[part][end].0 {
                    best[part][end] = (cost, begin);
                }
            }
        }
    }
    let mut begins = Vec::new();
    let mut end = count;
    for part in (1..=parts).rev() {
        end = best[part][end].1;
        begins.push(end);
    }
    begins.reverse();
    begins
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::View;
    use onething_plan::builder::PlanBuilder;
    use onething_plan::{Actor, random};

    fn chain(length: usize) -> Graph {
        let mut b = PlanBuilder::new("chain");
        let mut last = b.step("s0", Actor::Officer).number();
        for at in 1..length {
            let step = b.step(&format!("s{at}"), Actor::Officer);
            last = step.after(last).number();
        }
        let plan = b.build();
        Graph::new(&View::new(&plan, &plan.reference))
    }

    #[test]
    fn a_hand_over_shares_a_column_and_a_chain_in_one_lane_does_not() {
        let columns = columns(&chain(3));
        assert_eq!(columns.of, [0, 0, 1, 2], "apply stands above s0");
        assert_eq!(columns.linked, [false, true, false, false]);
    }

    #[test]
    fn long_ways_are_broken_evenly() {
        let graph = chain(20);
        let columns = columns(&graph);
        assert_eq!(breaks(&graph, &columns), [0, 6, 13]);
        let short = chain(9);
        assert_eq!(breaks(&short, &super::columns(&short)), [0]);
    }

    #[test]
    fn no_arrow_runs_backwards_and_no_part_is_too_wide() {
        for seed in 0..500 {
            let plan = random::plan(seed);
            let graph = Graph::new(&View::new(&plan, &plan.reference));
            let columns = columns(&graph);
            for arrow in &graph.arrows {
                let (from, to) = (arrow.from, arrow.to);
                let straight = columns.linked[to] && columns.of[from] == columns.of[to];
                assert!(straight || columns.of[from] < columns.of[to], "seed {seed}");
            }
            let begins = breaks(&graph, &columns);
            let end = columns.of.iter().max().map_or(0, |last| last + 1);
            let ends = begins.iter().skip(1).copied().chain([end]);
            for (begin, end) in begins.iter().zip(ends) {
                assert!(
                    (*begin < end || end == 0) && end - begin <= COLUMNS,
                    "seed {seed}: {begins:?}"
                );
            }
        }
    }
}
