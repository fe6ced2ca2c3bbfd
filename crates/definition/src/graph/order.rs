//! What comes before what, and why; cycles; the topological order.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

use onething_model::Text;
use onething_plan::Handled;
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use super::derive::{NodeKind, Nodes};
use crate::diagnostic::{Code, Diagnostic, both};
use crate::lower::Cx;
use crate::lower::reads::Datum;
use crate::lower::symbols::Symbols;
use crate::lower::way::WaySpec;
use crate::source::Span;

/// Why one node comes before another.
#[derive(Debug, Clone)]
enum Reason {
    /// The later reads what the earlier makes.
    Data { datum: Datum, read: Span },
    /// Somebody says so.
    Stated { because: Text, span: Span },
    /// A submission, an acceptance or a look-up.
    Derived,
}

/// The topological order of the nodes, as numbers of nodes; `None` when there is
/// a cycle, which is reported.
pub(crate) fn order(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'_>,
    way: &WaySpec,
    nodes: &Nodes,
) -> Option<Vec<usize>> {
    let graph = graph(symbols, way, nodes);
    let cycles = report_cycles(cx, symbols, nodes, &graph);
    if cycles {
        return None;
    }
    // Of all orders the one nearest to the order of writing, so that numbers stay
    // where a reader expects them.
    let mut waits: Vec<usize> = graph
        .node_indices()
        .map(|node| graph.edges_directed(node, petgraph::Incoming).count())
        .collect();
    let mut ready: BinaryHeap<Reverse<usize>> = waits
        .iter()
        .enumerate()
        .filter(|(_, waits)| **waits == 0)
        .map(|(node, _)| Reverse(node))
        .collect();
    let mut order = Vec::with_capacity(nodes.list.len());
    while let Some(Reverse(node)) = ready.pop() {
        order.push(node);
        for edge in graph.edges(NodeIndex::new(node)) {
            let to = edge.target().index();
            waits[to] -= 1;
            if waits[to] == 0 {
                ready.push(Reverse(to));
            }
        }
    }
    Some(order)
}

fn graph(symbols: &Symbols<'_>, way: &WaySpec, nodes: &Nodes) -> DiGraph<(), Reason> {
    let handled = way.handled;
    let mut graph: DiGraph<(), Reason> = DiGraph::with_capacity(nodes.list.len(), 0);
    for _ in &nodes.list {
        graph.add_node(());
    }
    let mut arrow = |from: usize, to: usize, why: Reason| {
        // A step may amend what others give, and so read what it makes itself (where nobody gives
        // it, that is told as D0211); to be told to wait for itself is a circle.
        if from != to || matches!(why, Reason::Stated { .. }) {
            graph.add_edge(NodeIndex::new(from), NodeIndex::new(to), why);
        }
    };
    let mut producers: BTreeMap<Datum, Vec<usize>> = BTreeMap::new();
    for (at, node) in nodes.list.iter().enumerate() {
        if matches!(node.kind, NodeKind::Step(_)) {
            for write in &node.writes {
                producers.entry(write.datum).or_default().push(at);
            }
        }
    }
    for (to, node) in nodes.list.iter().enumerate() {
        for after in &node.after {
            let why = Reason::Stated {
                because: after.because.clone(),
                span: after.span,
            };
            arrow(after.node, to, why);
        }
        let early = matches!(node.kind, NodeKind::LookUp { fallback: None, .. });
        match node.kind {
            NodeKind::LookUp { fallback: None, .. } => arrow(to, node.scope, Reason::Derived),
            NodeKind::LookUp { .. } | NodeKind::Accept(_) | NodeKind::Step(_) => {
                arrow(node.scope, to, Reason::Derived);
            }
            NodeKind::Fallback { of } => arrow(of, to, Reason::Derived),
            NodeKind::Application { .. } => {}
        }
        if let NodeKind::Application {
            accepted_by: Some(gate),
        } = nodes.list[node.scope].kind
            && to != gate
            && to != node.scope
            && !early
        {
            arrow(gate, to, Reason::Derived);
        }
        if early || matches!(node.kind, NodeKind::Application { .. }) {
            // What is handed in has no earlier step: the applicant brings it.
            continue;
        }
        for read in &node.reads {
            for from in producers.get(&read.datum).into_iter().flatten() {
                let reaches = handled == Handled::Together || nodes.list[*from].scope == node.scope;
                if reaches {
                    arrow(
                        *from,
                        to,
                        Reason::Data {
                            datum: read.datum,
                            read: read.span,
                        },
                    );
                }
            }
        }
    }
    look_up_order(symbols, way, nodes, &mut graph);
    derived_order(symbols, way, nodes, &producers, &mut graph);
    graph
}

/// Who reads what follows from something that a step makes, after that step; but not a
/// reader for whom the step has to wait, and who then asks for what follows.
fn derived_order(
    symbols: &Symbols<'_>,
    way: &WaySpec,
    nodes: &Nodes,
    producers: &BTreeMap<Datum, Vec<usize>>,
    graph: &mut DiGraph<(), Reason>,
) {
    let mut after: BTreeMap<usize, Vec<(usize, Datum, Span)>> = BTreeMap::new();
    for (to, node) in nodes.list.iter().enumerate() {
        let late = match node.kind {
            NodeKind::Application { .. } => false,
            NodeKind::LookUp { fallback, .. } => fallback.is_some(),
            NodeKind::Accept(_) | NodeKind::Step(_) | NodeKind::Fallback { .. } => true,
        };
        for read in node.reads.iter().filter(|_| late) {
            let Some(source) = way.source_of(symbols, read.datum) else {
                continue;
            };
            for from in producers.get(&source).into_iter().flatten() {
                let reaches =
                    way.handled == Handled::Together || nodes.list[*from].scope == node.scope;
                if reaches && *from != to {
                    after
                        .entry(*from)
                        .or_default()
                        .push((to, source, read.span));
                }
            }
        }
    }
    for (from, readers) in after {
        let above = ancestors(graph, from);
        for (to, datum, read) in readers.into_iter().filter(|(to, ..)| !above[*to]) {
            let why = Reason::Data { datum, read };
            graph.add_edge(NodeIndex::new(from), NodeIndex::new(to), why);
        }
    }
}

/// Early look-ups in their order; readers after late ones, unless the look-up itself
/// has to wait for the reader, who then asks the applicant.
fn look_up_order(
    symbols: &Symbols<'_>,
    way: &WaySpec,
    nodes: &Nodes,
    graph: &mut DiGraph<(), Reason>,
) {
    let mut previous: Option<usize> = None;
    for (at, node) in nodes.list.iter().enumerate() {
        let NodeKind::LookUp { fallback, .. } = node.kind else {
            continue;
        };
        let Some(fallback) = fallback else {
            if let Some(before) = previous.filter(|before| nodes.list[*before].scope == node.scope)
            {
                graph.add_edge(NodeIndex::new(before), NodeIndex::new(at), Reason::Derived);
            }
            previous = Some(at);
            continue;
        };
        let above = ancestors(graph, at);
        for (to, reader) in nodes.list.iter().enumerate() {
            let reads = reader.scope == node.scope
                && matches!(reader.kind, NodeKind::Step(_) | NodeKind::LookUp { .. })
                && to != at
                && !above[to]
                && reader.reads.iter().any(|read| {
                    let source = way.source_of(symbols, read.datum);
                    let given = |datum| node.writes.iter().any(|write| write.datum == datum);
                    given(read.datum) || source.is_some_and(given)
                });
            if reads {
                graph.add_edge(
                    NodeIndex::new(fallback),
                    NodeIndex::new(to),
                    Reason::Derived,
                );
            }
        }
    }
}

fn ancestors(graph: &DiGraph<(), Reason>, node: usize) -> Vec<bool> {
    let mut seen = vec![false; graph.node_count()];
    let mut open = vec![NodeIndex::new(node)];
    while let Some(at) = open.pop() {
        for before in graph.neighbors_directed(at, petgraph::Incoming) {
            if !std::mem::replace(&mut seen[before.index()], true) {
                open.push(before);
            }
        }
    }
    seen
}

/// Shows each cycle as the path of its names with the reason of each arrow.
fn report_cycles(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'_>,
    nodes: &Nodes,
    graph: &DiGraph<(), Reason>,
) -> bool {
    let mut found = false;
    let mut components: Vec<Vec<NodeIndex>> = tarjan_scc(graph)
        .into_iter()
        .filter(|component| component.len() > 1 || graph.contains_edge(component[0], component[0]))
        .collect();
    for component in &mut components {
        component.sort_unstable();
    }
    components.sort();
    for component in components {
        found = true;
        let path = shortest_cycle(graph, &component);
        report_cycle(cx, symbols, nodes, graph, &path);
    }
    found
}

/// A shortest cycle through the first node of a component.
fn shortest_cycle(graph: &DiGraph<(), Reason>, component: &[NodeIndex]) -> Vec<NodeIndex> {
    let start = component[0];
    let mut came_from: BTreeMap<NodeIndex, NodeIndex> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(at) = open.pop_front() {
        let mut next: Vec<NodeIndex> = graph.neighbors(at).collect();
        next.sort_unstable();
        for to in next {
            if to == start {
                let mut path = vec![at];
                let mut at = at;
                while let Some(before) = came_from.get(&at) {
                    path.push(*before);
                    at = *before;
                }
                path.reverse();
                return path;
            }
            if component.binary_search(&to).is_ok() && !came_from.contains_key(&to) {
                came_from.insert(to, at);
                open.push_back(to);
            }
        }
    }
    component.to_vec()
}

fn report_cycle(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'_>,
    nodes: &Nodes,
    graph: &DiGraph<(), Reason>,
    path: &[NodeIndex],
) {
    let name = |at: NodeIndex| nodes.list[at.index()].key.as_str();
    let names: Vec<&str> = path
        .iter()
        .chain(path.first())
        .map(|at| name(*at))
        .collect();
    let shown = names.join(" → ");
    let mut labels: Vec<(Span, Text)> = Vec::new();
    let mut stated = false;
    for (from, to) in path.iter().zip(path.iter().cycle().skip(1)) {
        let why = graph
            .edges_connecting(*from, *to)
            .map(|edge| edge.weight())
            .min_by_key(|why| matches!(why, Reason::Derived));
        let (earlier, later) = (name(*from), name(*to));
        labels.push(match why {
            Some(Reason::Data {
                datum: (role, field),
                read,
            }) => {
                let entry = &symbols.roles[*role];
                let contract = entry.contract.map(|at| &symbols.tree.contracts[at]);
                let field = contract.map_or("?", |contract| contract.fields[*field].key.as_str());
                let role = entry.key.as_str();
                (
                    *read,
                    both!(
                        "`{later}` 需要 `{earlier}` 产生的 `{role}.{field}`",
                        "`{later}` reads `{role}.{field}`, which `{earlier}` makes",
                    ),
                )
            }
            Some(Reason::Stated { because, span }) => {
                stated = true;
                (
                    *span,
                    both!(
                        "`{later}` 要在 `{earlier}` 之后：{}",
                        "`{later}` comes after `{earlier}`: {}",
                        because.zh(),
                        because.en(),
                    ),
                )
            }
            Some(Reason::Derived) | None => (
                nodes.list[to.index()].span,
                both!(
                    "`{later}` 在 `{earlier}` 之后",
                    "`{later}` comes after `{earlier}`",
                ),
            ),
        });
    }
    let mut labels = labels.into_iter();
    let Some((span, text)) = labels.next() else {
        return;
    };
    let mut diagnostic = Diagnostic::new(
        Code::Cycle,
        span,
        both!(
            "环节互相等待：{shown}",
            "steps wait for each other: {shown}"
        ),
    )
    .label(text);
    for (span, text) in labels {
        diagnostic = diagnostic.related(span, text);
    }
    cx.report(diagnostic.help(if stated {
        both!(
            "删除其中一个 `after`，或者不再读取其中一个字段",
            "remove one `after`, or one of the reads",
        )
    } else {
        both!(
            "让其中一个环节不再读取另一个产生的字段，或者把一个环节拆成两个",
            "let one of the steps do without the other's field, or split one step in two",
        )
    }));
}
