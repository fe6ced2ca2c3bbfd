//! One way on paper: lanes, boxes, arrows, part below part.

use onething_model::Lang;

use super::graph::Graph;
use super::place::{breaks, columns};
use super::route::{Routes, route};
use super::sheet::{
    BODY, Frame, Line, PAD, Paragraph, Rect, SMALL, Sheet, height_of, set, width_of,
};
use super::system::{Shape, System, systems};
use crate::draw::{Short, reasons};
use crate::view::{DepartmentView, LaneKind, StepKind, StepView, View};
use crate::words;

const BOX: i32 = 142;
/// Look-ups that are made together.
const LOOK_UPS: i32 = 236;
const CONNECTOR: i32 = 26;
const LANE_HEAD: i32 = 128;
/// Space between lines that run side by side.
const TRACK: i32 = 8;
/// From a box to the first track, and from the last track to the next box.
const STUB: i32 = 12;
const ARROW: i32 = 18;
const ROW_GAP: i32 = 16;
const SHIFT: i32 = 8;
const PART_GAP: i32 = 14;

/// Draws a way, its parts below each other.
pub(super) fn panel(view: &View, lang: Lang) -> Sheet {
    let graph = Graph::new(view);
    let columns = columns(&graph);
    let begins = breaks(&graph, &columns);
    let mut sheet = Sheet::default();
    for system in systems(&graph, &columns, &begins) {
        let y = if sheet.height == 0 {
            0
        } else {
            sheet.height + PART_GAP
        };
        sheet.put(part(view, &graph, &system, lang), 0, y);
    }
    sheet
}

/// The box of a node before it has a place.
struct Sized {
    w: i32,
    h: i32,
    class: String,
    radius: i32,
    tip: String,
    lines: Vec<(String, i32, &'static str)>,
}

fn part(view: &View, graph: &Graph, system: &System, lang: Lang) -> Sheet {
    let routes = route(system);
    let sized: Vec<Sized> = system
        .nodes
        .iter()
        .map(|node| match node.shape {
            Shape::Box(at) => match graph.boxes[at].steps[..] {
                [step] => step_box(view, &view.steps[step], lang),
                ref steps => look_ups(view, steps, lang),
            },
            Shape::Connector(number) => connector(number),
        })
        .collect();
    let grid = Grid::new(system, &routes, &sized, &heads(view, system, lang));
    let mut sheet = Sheet {
        width: grid.width,
        height: grid.height,
        ..Sheet::default()
    };
    for (at, lines) in heads(view, system, lang).into_iter().enumerate() {
        let rect = grid.lane(at);
        let shade = if at % 2 == 0 { "even" } else { "odd" };
        sheet
            .ground
            .push(Frame::with(rect, shade, Vec::new(), false));
        let head = Rect {
            w: LANE_HEAD,
            ..rect
        };
        sheet.frames.push(Frame::with(head, "head", lines, true));
    }
    let rects: Vec<Rect> = (0..sized.len())
        .map(|node| grid.rect(system, node, &sized[node]))
        .collect();
    let order = |critical: bool| {
        let wires = system.wires.iter().enumerate();
        wires.filter(move |(_, wire)| wire.critical == critical)
    };
    // The critical path is drawn last, on top of the rest.
    for (at, wire) in order(false).chain(order(true)) {
        let (from, to) = (&rects[wire.from], &rects[wire.to]);
        let points = match &routes.of[at] {
            None => straight(from, to),
            Some(route) => grid.corners(&routes, route, from, to),
        };
        let edge = &view.edges[graph.arrows[wire.arrow].edge];
        let (begin, end) = edge.ends;
        let titles = [begin, end].map(|step| view.steps[step].title.get(lang));
        sheet.lines.push(Line {
            points,
            critical: wire.critical,
            tip: match lang {
                Lang::Zh => format!("{} → {}：{}", titles[0], titles[1], reasons(edge, 9, lang)),
                Lang::En => format!("{} → {}: {}", titles[0], titles[1], reasons(edge, 9, lang)),
            },
        });
    }
    for (sized, rect) in sized.into_iter().zip(rects) {
        let mut frame = Frame::with(rect, sized.class, sized.lines, true);
        frame.radius = sized.radius;
        frame.tip = sized.tip;
        sheet.frames.push(frame);
    }
    sheet
}

fn straight(from: &Rect, to: &Rect) -> Vec<(i32, i32)> {
    let x = from.x + from.w / 2;
    if from.y < to.y {
        vec![(x, from.y + from.h), (x, to.y)]
    } else {
        vec![(x, from.y), (x, to.y + to.h)]
    }
}

/// Coordinates of columns, gutters, lanes, channels and rows.
struct Grid {
    column_x: Vec<i32>,
    column_w: Vec<i32>,
    gutter_x: Vec<i32>,
    /// The top of each lane, and of the last channel.
    lane_y: Vec<i32>,
    /// The middle of each row, by lane.
    row_y: Vec<Vec<i32>>,
    width: i32,
    height: i32,
}

impl Grid {
    fn new(
        system: &System,
        routes: &Routes,
        sized: &[Sized],
        heads: &[Vec<(String, i32, &'static str)>],
    ) -> Self {
        let mut column_w = vec![0; system.columns];
        let mut row_h: Vec<Vec<i32>> = system.rows.iter().map(|rows| vec![0; *rows]).collect();
        for (node, sized) in system.nodes.iter().zip(sized) {
            column_w[node.column] = column_w[node.column].max(sized.w);
            let row = &mut row_h[node.lane][node.row];
            *row = (*row).max(sized.h);
        }
        let mut x = LANE_HEAD;
        let (mut column_x, mut gutter_x) = (Vec::new(), Vec::new());
        for (at, width) in column_w.iter().enumerate() {
            gutter_x.push(x);
            x += match (at, routes.gutters[at]) {
                (0, _) => STUB,
                (_, tracks) => STUB + ARROW + TRACK * tracks.saturating_sub(1) as i32,
            };
            column_x.push(x);
            x += width;
        }
        gutter_x.push(x);
        let width = x + STUB;
        let channel = |at: usize| match routes.channels[at] {
            0 => 0,
            tracks => TRACK * (tracks as i32 + 1) - ROW_GAP / 2,
        };
        let mut y = 0;
        let (mut lane_y, mut row_y) = (Vec::new(), Vec::new());
        for (lane, rows) in row_h.iter().enumerate() {
            lane_y.push(y);
            let top = y;
            y += channel(lane).max(0) + ROW_GAP / 2;
            let mut middles = Vec::new();
            for height in rows {
                middles.push(y + height / 2);
                y += height + ROW_GAP;
            }
            y -= ROW_GAP / 2;
            let short = height_of(&heads[lane]) - (y - top);
            if short > 0 {
                // A lane is at least as high as its head: rows move to the middle.
                middles.iter_mut().for_each(|middle| *middle += short / 2);
                y += short;
            }
            row_y.push(middles);
        }
        lane_y.push(y);
        let below = routes.channels.last().copied().unwrap_or(0);
        Self {
            column_x,
            column_w,
            gutter_x,
            lane_y,
            row_y,
            width,
            height: y + TRACK * (below as i32 + i32::from(below > 0)),
        }
    }

    fn lane(&self, lane: usize) -> Rect {
        Rect {
            x: 0,
            y: self.lane_y[lane],
            w: self.width,
            h: self.lane_y[lane + 1] - self.lane_y[lane],
        }
    }

    fn rect(&self, system: &System, node: usize, sized: &Sized) -> Rect {
        let node = &system.nodes[node];
        let column = node.column;
        Rect {
            x: self.column_x[column] + (self.column_w[column] - sized.w) / 2,
            y: self.row_y[node.lane][node.row] - sized.h / 2,
            w: sized.w,
            h: sized.h,
        }
    }

    fn track_x(&self, gutter: usize, track: usize) -> i32 {
        self.gutter_x[gutter] + STUB + TRACK * track as i32
    }

    fn corners(
        &self,
        routes: &Routes,
        route: &super::route::Route,
        from: &Rect,
        to: &Rect,
    ) -> Vec<(i32, i32)> {
        let middle = |rect: &Rect| rect.y + rect.h / 2;
        let (begin, end) = (middle(from), middle(to) + route.shift * SHIFT);
        let via = match routes.bases.binary_search(&route.via) {
            Ok(channel) => self.lane_y[channel] + TRACK * (route.track_via as i32 + 1),
            Err(_) if route.via == route.begin => begin,
            Err(_) => end,
        };
        let into_x = self.track_x(route.into, route.track_into);
        let mut points = vec![(from.x + from.w, begin)];
        if route.out == route.into {
            points.extend([(into_x, begin), (into_x, end)]);
        } else {
            let out_x = self.track_x(route.out, route.track_out);
            points.extend([(out_x, begin), (out_x, via), (into_x, via), (into_x, end)]);
        }
        points.push((to.x, end));
        tidy(points)
    }
}

/// Leaves out corners that are none.
fn tidy(points: Vec<(i32, i32)>) -> Vec<(i32, i32)> {
    let mut tidy: Vec<(i32, i32)> = Vec::new();
    for point in points {
        if tidy.last() == Some(&point) {
            continue;
        }
        if let [.., a, b] = tidy[..]
            && ((a.0 == b.0 && b.0 == point.0) || (a.1 == b.1 && b.1 == point.1))
        {
            tidy.pop();
        }
        tidy.push(point);
    }
    tidy
}

fn heads(view: &View, system: &System, lang: Lang) -> Vec<Vec<(String, i32, &'static str)>> {
    let head = |lane: &usize| {
        let lane = &view.lanes[*lane];
        let mut paragraphs = vec![Paragraph::new(lane.title.get(lang), BODY, "lane")];
        if lane.kind == LaneKind::Outside {
            let outside = match lang {
                Lang::Zh => "外部单位",
                Lang::En => "outside body",
            };
            paragraphs.push(Paragraph::new(outside, SMALL, "small"));
        }
        set(&paragraphs, LANE_HEAD - 2 * PAD)
    };
    system.lanes.iter().map(head).collect()
}

fn connector(number: usize) -> Sized {
    let text = number.to_string();
    let lines = set(&[Paragraph::new(text, SMALL, "small")], CONNECTOR);
    Sized {
        w: CONNECTOR,
        h: CONNECTOR,
        class: "connector".into(),
        radius: CONNECTOR / 2,
        tip: String::new(),
        lines,
    }
}

/// Look-ups that are made together, in one box: by whose registry is asked,
/// about whom. Each is told once.
fn look_ups(view: &View, steps: &[usize], lang: Lang) -> Sized {
    let steps: Vec<&StepView> = steps.iter().map(|step| &view.steps[*step]).collect();
    let given: usize = steps.iter().map(|step| step.writes.len()).sum();
    let heading = match lang {
        Lang::Zh => format!("查询 {} 次，免填免交 {given} 项", steps.len()),
        Lang::En => format!("{} look-ups instead of {given} questions", steps.len()),
    };
    let mut paragraphs = vec![Paragraph::new(heading, BODY, "")];
    let mut registries: Vec<&Option<DepartmentView>> = Vec::new();
    for step in &steps {
        if !registries.contains(&&step.department) {
            registries.push(&step.department);
        }
    }
    for registry in registries {
        let asked = steps.iter().filter(|step| step.department == *registry);
        // Whose registries know several things of one subject names it once.
        let mut about: Vec<&str> = Vec::new();
        for step in asked {
            let subject = step.subject.as_ref().unwrap_or(&step.title).get(lang);
            if !about.contains(&subject) {
                about.push(subject);
            }
        }
        let about = words::join(about, lang);
        let text = match (registry, lang) {
            (Some(registry), Lang::Zh) => format!("{}：{about}", registry.title.zh()),
            (Some(registry), Lang::En) => format!("{}: {about}", registry.title.en()),
            (None, _) => about,
        };
        paragraphs.push(Paragraph::new(text, SMALL, "small"));
    }
    let lines = set(&paragraphs, LOOK_UPS - 2 * PAD);
    let titles = steps.iter().map(|step| step.title.get(lang).to_owned());
    let critical = steps.iter().any(|step| step.critical);
    Sized {
        w: LOOK_UPS,
        h: height_of(&lines),
        class: format!("shared{}", if critical { " critical" } else { "" }),
        radius: 16,
        tip: titles.collect::<Vec<_>>().join(" · "),
        lines,
    }
}

fn step_box(view: &View, step: &StepView, lang: Lang) -> Sized {
    let mut paragraphs = vec![Paragraph::new(step.title.get(lang), BODY, "")];
    if let StepKind::LookUp | StepKind::System = step.kind {
        let how = match (step.kind, lang) {
            (StepKind::LookUp, Lang::Zh) => "自动调取",
            (StepKind::LookUp, Lang::En) => "fetched",
            (_, Lang::Zh) => "自动办理",
            (_, Lang::En) => "automatic",
        };
        paragraphs.push(Paragraph::new(how, SMALL, "small"));
    }
    let short = Short::of(step, lang);
    for (parts, class) in [
        (Vec::from_iter(short.limit), "small"),
        (short.asks, "small"),
        (short.costs, "cost"),
        (Vec::from_iter(short.after), "small"),
    ] {
        // On one line, or each on its own.
        let joined = Paragraph::new(parts.join(" · "), SMALL, class);
        if width_of(&joined) <= BOX - 2 * PAD && !parts.is_empty() {
            paragraphs.push(joined);
        } else {
            let parts = parts.into_iter();
            paragraphs.extend(parts.map(|part| Paragraph::new(part, SMALL, class)));
        }
    }
    let lines = set(&paragraphs, BOX - 2 * PAD);
    let kind = match step.kind {
        StepKind::Submission | StepKind::Applicant => "own",
        StepKind::Fallback => "own spare",
        StepKind::LookUp => "shared",
        StepKind::System | StepKind::Officer | StepKind::Outside => "work",
    };
    Sized {
        w: BOX,
        h: height_of(&lines),
        class: format!("{kind}{}", if step.critical { " critical" } else { "" }),
        radius: match step.kind {
            StepKind::Submission | StepKind::Fallback | StepKind::Applicant => 12,
            StepKind::LookUp => 16,
            StepKind::System | StepKind::Officer | StepKind::Outside => 3,
        },
        tip: tip(view, step, lang),
        lines,
    }
}

fn tip(view: &View, step: &StepView, lang: Lang) -> String {
    let mut parts = vec![
        step.title.get(lang).to_owned(),
        view.lanes[step.lane].title.get(lang).to_owned(),
        words::kind(step.kind).get(lang).to_owned(),
    ];
    parts.extend(
        step.matter
            .iter()
            .map(|matter| matter.title.get(lang).to_owned()),
    );
    parts.extend(step.limit.iter().map(|limit| limit.get(lang).to_owned()));
    parts.extend(step.limit_basis.clone());
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_departments_are_not_broken_inside_a_word() {
        for title in [
            "Tax administration",
            "Account-holding bank",
            "Tobacco monopoly administration",
            "Human resources and social security",
        ] {
            let paragraph = Paragraph::new(title, BODY, "lane");
            let lines = set(&[paragraph], LANE_HEAD - 2 * PAD);
            let lines: Vec<_> = lines.into_iter().map(|(line, ..)| line).collect();
            assert_eq!(lines.join(" "), title);
        }
    }
}
