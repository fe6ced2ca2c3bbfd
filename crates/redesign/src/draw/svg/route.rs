//! Where the arrows run: in the gutters between columns and the channels
//! between lanes, never through a box.
//!
//! First the way of each arrow over *bands*: the horizontal strips of a
//! system from top to bottom, for each lane a channel and then its rows, and
//! a last channel below. Then tracks, so that arrows of different origin do
//! not lie on each other; arrows of one origin share a trunk.

use std::collections::{BTreeMap, BTreeSet};

use super::system::{System, Wire};

/// The way of a wire that is not straight.
pub(super) struct Route {
    /// The gutter behind the origin; gutter `g` lies before column `g`.
    pub(super) out: usize,
    /// The gutter before the target.
    pub(super) into: usize,
    /// The band between the two gutters.
    pub(super) via: usize,
    /// The band of the origin's row.
    pub(super) begin: usize,
    /// The band of the target's row.
    pub(super) end: usize,
    /// Tracks in the gutters `out` and `into`, and in the channel.
    pub(super) track_out: usize,
    pub(super) track_into: usize,
    pub(super) track_via: usize,
    /// Enters its target above (-1) or below (1) the middle, so as not to
    /// lie on what comes straight from the left.
    pub(super) shift: i32,
}

/// All routes of a system; `None` for straight wires.
pub(super) struct Routes {
    pub(super) of: Vec<Option<Route>>,
    /// Tracks of each gutter.
    pub(super) gutters: Vec<usize>,
    /// Tracks of each channel, from the top lane's to the one below the last.
    pub(super) channels: Vec<usize>,
    /// The band of each lane's channel, and of the last channel.
    pub(super) bases: Vec<usize>,
}

pub(super) fn route(system: &System) -> Routes {
    let mut bases = Vec::new();
    let mut band = 0;
    for rows in &system.rows {
        bases.push(band);
        band += 1 + rows;
    }
    bases.push(band);
    let band_of = |node: usize| bases[system.nodes[node].lane] + 1 + system.nodes[node].row;
    let boxes: BTreeSet<(usize, usize)> = (0..system.nodes.len())
        .map(|node| (band_of(node), system.nodes[node].column))
        .collect();
    // Who runs along a row through a column.
    let mut passes: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut of: Vec<Option<Route>> = Vec::new();
    for wire in &system.wires {
        if wire.straight {
            of.push(None);
            continue;
        }
        let (begin, end) = (band_of(wire.from), band_of(wire.to));
        let out = system.nodes[wire.from].column + 1;
        let into = system.nodes[wire.to].column;
        let mut free = |band: usize, from: usize| {
            let mut cells = (from..into).map(|column| (band, column));
            let free = cells.clone().all(|cell| {
                let own = passes.get(&cell).is_none_or(|who| *who == wire.from);
                own && !boxes.contains(&cell)
            });
            if free {
                cells.by_ref().for_each(|cell| {
                    passes.insert(cell, wire.from);
                });
            }
            free
        };
        let via = if out == into {
            end
        } else if free(begin, out) {
            begin
        } else if free(end, out - 1) {
            end
        } else {
            channel(&bases, begin, end)
        };
        of.push(Some(Route {
            out,
            into,
            via,
            begin,
            end,
            track_out: 0,
            track_into: 0,
            track_via: 0,
            shift: 0,
        }));
    }
    let mut routes = Routes {
        of,
        gutters: vec![0; system.columns + 1],
        channels: vec![0; bases.len()],
        bases,
    };
    gutter_tracks(&system.wires, &mut routes);
    channel_tracks(&system.wires, &mut routes);
    shifts(&system.wires, &mut routes);
    routes
}

/// The channel on the shortest way from band to band; of equals, the one
/// next to the target.
fn channel(bases: &[usize], begin: usize, end: usize) -> usize {
    let cost = |base: &usize| {
        (
            base.abs_diff(begin) + base.abs_diff(end),
            base.abs_diff(end),
        )
    };
    bases.iter().copied().min_by_key(cost).unwrap_or(0)
}

/// A vertical line in a gutter with its branches: all from one origin.
struct Trunk {
    start: usize,
    ends: Vec<usize>,
    low: usize,
    high: usize,
    /// Wires and whether it is their way out or their way in.
    members: Vec<(usize, bool)>,
}

impl Trunk {
    fn meets(&self, band: usize) -> bool {
        (self.low..=self.high).contains(&band)
    }

    /// How often lines cross if this trunk is left of the other.
    fn crossings_left_of(&self, other: &Self) -> usize {
        let branches = self.ends.iter().filter(|end| other.meets(**end)).count();
        branches + usize::from(self.meets(other.start))
    }
}

fn gutter_tracks(wires: &[Wire], routes: &mut Routes) {
    let mut trunks: BTreeMap<(usize, usize, usize), Trunk> = BTreeMap::new();
    for (at, route) in routes.of.iter().enumerate() {
        let Some(route) = route else { continue };
        let mut add = |gutter: usize, start: usize, end: usize, out: bool| {
            if start == end {
                return;
            }
            let key = (gutter, wires[at].from, start);
            let trunk = trunks.entry(key).or_insert_with(|| Trunk {
                start,
                ends: Vec::new(),
                low: start,
                high: start,
                members: Vec::new(),
            });
            trunk.ends.push(end);
            trunk.low = trunk.low.min(end);
            trunk.high = trunk.high.max(end);
            trunk.members.push((at, out));
        };
        if route.out == route.into {
            add(route.into, route.begin, route.end, false);
        } else {
            add(route.out, route.begin, route.via, true);
            add(route.into, route.via, route.end, false);
        }
    }
    let trunks: Vec<((usize, usize, usize), Trunk)> = trunks.into_iter().collect();
    for gutter in trunks.chunk_by(|a, b| a.0.0 == b.0.0) {
        let mut order: Vec<&Trunk> = gutter.iter().map(|(_, trunk)| trunk).collect();
        order.sort_by_key(|trunk| trunk.start);
        // Neighbours change places as long as that saves crossings. It ends:
        // each exchange saves at least one; the bound is for very full gutters.
        for _ in 0..order.len().min(64) {
            let mut better = false;
            for at in 1..order.len() {
                let (one, other) = (order[at - 1], order[at]);
                if other.crossings_left_of(one) < one.crossings_left_of(other) {
                    order.swap(at - 1, at);
                    better = true;
                }
            }
            if !better {
                break;
            }
        }
        let mut tracks: Vec<usize> = Vec::new();
        for (at, trunk) in order.iter().enumerate() {
            let before = order[..at].iter().zip(&tracks);
            let blocked = before.filter(|(b, _)| b.low <= trunk.high && trunk.low <= b.high);
            let track = blocked.map(|(_, track)| track + 1).max().unwrap_or(0);
            tracks.push(track);
            for (wire, out) in &trunk.members {
                if let Some(route) = &mut routes.of[*wire] {
                    if *out {
                        route.track_out = track;
                    } else {
                        route.track_into = track;
                    }
                }
            }
        }
        let gutter = gutter[0].0.0;
        routes.gutters[gutter] = tracks.iter().max().map_or(0, |last| last + 1);
    }
}

fn channel_tracks(wires: &[Wire], routes: &mut Routes) {
    // By channel and origin: from which gutter to which, and whose.
    let mut lines: BTreeMap<(usize, usize), (usize, usize, Vec<usize>)> = BTreeMap::new();
    for (at, route) in routes.of.iter().enumerate() {
        let Some(route) = route else { continue };
        let Ok(channel) = routes.bases.binary_search(&route.via) else {
            continue;
        };
        let line =
            lines
                .entry((channel, wires[at].from))
                .or_insert((route.out, route.into, Vec::new()));
        line.0 = line.0.min(route.out);
        line.1 = line.1.max(route.into);
        line.2.push(at);
    }
    let mut tracks: BTreeMap<usize, Vec<Vec<(usize, usize)>>> = BTreeMap::new();
    for ((channel, _), (from, to, members)) in lines {
        let tracks = tracks.entry(channel).or_default();
        let apart = |track: &Vec<(usize, usize)>| {
            track.iter().all(|(begin, end)| to < *begin || *end < from)
        };
        let track = tracks.iter().position(apart).unwrap_or_else(|| {
            tracks.push(Vec::new());
            tracks.len() - 1
        });
        tracks[track].push((from, to));
        for wire in members {
            if let Some(route) = &mut routes.of[wire] {
                route.track_via = track;
            }
        }
        routes.channels[channel] = tracks.len();
    }
}

/// An arrow that turns into its target's row must not lie on a line that
/// comes into the same gutter along the same row from another origin.
fn shifts(wires: &[Wire], routes: &mut Routes) {
    let mut stubs: BTreeMap<(usize, usize), BTreeSet<usize>> = BTreeMap::new();
    for (at, route) in routes.of.iter().enumerate() {
        let Some(route) = route else { continue };
        let from = wires[at].from;
        stubs
            .entry((route.out, route.begin))
            .or_default()
            .insert(from);
        if route.out != route.into {
            stubs
                .entry((route.into, route.via))
                .or_default()
                .insert(from);
        }
    }
    for (at, route) in routes.of.iter_mut().enumerate() {
        let Some(route) = route else { continue };
        let comes_from = if route.out == route.into {
            route.begin
        } else {
            route.via
        };
        let others = stubs.get(&(route.into, route.end));
        let beside = others.is_some_and(|who| who.iter().any(|from| *from != wires[at].from));
        if comes_from != route.end && beside {
            route.shift = if comes_from < route.end { -1 } else { 1 };
        }
    }
}
