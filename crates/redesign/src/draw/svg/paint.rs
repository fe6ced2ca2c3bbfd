//! The sheet as SVG elements.

use onething_model::Lang;

use super::Names;
use super::sheet::{Frame, Label, Line, Sheet};
use crate::words;

/// Classes rather than variables, so that plain renderers follow too. The dark
/// colours come after the light ones and replace them.
const STYLE: &str = "
text{font-family:\"Noto Sans CJK SC\",\"Noto Sans SC\",\"Source Han Sans SC\",\"PingFang SC\",\"Microsoft YaHei\",\"WenQuanYi Micro Hei\",sans-serif;fill:#1f2937}
.title,.heading,.lane{font-weight:bold}
.small{fill:#4b5563}
.cost{fill:#9a3412}
text.bar{fill:#fff}
.paper{fill:#fff}
.even{fill:#f8fafc}
.odd{fill:#eef2f6}
.head{fill:#e2e8f0}
.work{fill:#fff;stroke:#64748b}
.own{fill:#eff6ff;stroke:#2563eb}
.spare,.shared{stroke-dasharray:5 3}
.shared{fill:#f0fdf4;stroke:#15803d}
.connector{fill:#fff;stroke:#64748b}
.critical{stroke:#b91c1c;stroke-width:2.6}
rect.bar{fill:#b91c1c}
rect.next{fill:#7f1d1d}
path{fill:none;stroke:#64748b;stroke-width:1.4}
path.critical{stroke:#b91c1c;stroke-width:2.6}
.tip{fill:#64748b;stroke:none}
.tip.critical{fill:#b91c1c;stroke:none}
@media (prefers-color-scheme:dark){
text{fill:#e5e7eb}
.small{fill:#b6bfcc}
.cost{fill:#fdba74}
.paper{fill:#0f172a}
.even{fill:#162033}
.odd{fill:#1b273c}
.head{fill:#26344d}
.work{fill:#111827;stroke:#94a3b8}
.own{fill:#172554;stroke:#60a5fa}
.shared{fill:#052e16;stroke:#4ade80}
.connector{fill:#111827;stroke:#94a3b8}
path{stroke:#94a3b8}
.critical,path.critical{stroke:#f87171}
.tip{fill:#94a3b8;stroke:none}
.tip.critical{fill:#f87171;stroke:none}
}
";

pub(super) fn paint(sheet: &Sheet, names: &Names, lang: Lang) -> String {
    let (w, h, id) = (sheet.width, sheet.height, &names.id);
    let tongue = words::tongue(lang);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" \
         lang=\"{tongue}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">\n"
    );
    out += &format!(
        "<title id=\"{id}-title\">{}</title>\n",
        escape(&names.title)
    );
    out += &format!(
        "<desc id=\"{id}-desc\">{}</desc>\n",
        escape(&names.description)
    );
    out += &format!("<style>{STYLE}</style>\n<defs>\n");
    for (name, class) in [("arrow", "tip"), ("critical", "tip critical")] {
        out += &format!(
            "<marker id=\"{id}-{name}\" markerUnits=\"userSpaceOnUse\" markerWidth=\"11\" markerHeight=\"10\" \
             refX=\"10\" refY=\"5\" orient=\"auto\"><path class=\"{class}\" d=\"M0 0L11 5L0 10Z\"/></marker>\n"
        );
    }
    out += &format!("</defs>\n<rect class=\"paper\" width=\"{w}\" height=\"{h}\"/>\n");
    for frame in &sheet.ground {
        paint_frame(frame, &mut out);
    }
    for line in &sheet.lines {
        paint_line(line, id, &mut out);
    }
    for frame in &sheet.frames {
        paint_frame(frame, &mut out);
    }
    out + "</svg>\n"
}

/// A frame that is not painted still stands in the file, so that a check in a
/// browser can measure each text against its frame.
fn paint_frame(frame: &Frame, out: &mut String) {
    let rect = frame.rect;
    *out += "<g>";
    if !frame.tip.is_empty() {
        *out += &format!("<title>{}</title>", escape(&frame.tip));
    }
    let class = if frame.class.is_empty() {
        "fill=\"none\"".to_owned()
    } else {
        format!("class=\"{}\" rx=\"{}\"", frame.class, frame.radius)
    };
    *out += &format!(
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" {class}/>",
        rect.x, rect.y, rect.w, rect.h
    );
    for label in &frame.labels {
        paint_label(label, out);
    }
    *out += "</g>\n";
}

fn paint_label(label: &Label, out: &mut String) {
    let anchor = if label.centred {
        " text-anchor=\"middle\""
    } else {
        ""
    };
    let class = if label.class.is_empty() {
        String::new()
    } else {
        format!(" class=\"{}\"", label.class)
    };
    *out += &format!(
        "<text x=\"{}\" y=\"{}\" font-size=\"{}\"{anchor}{class}>{}</text>",
        label.x,
        label.y,
        label.size,
        escape(&label.text)
    );
}

/// Corners are rounded where there is room.
fn paint_line(line: &Line, id: &str, out: &mut String) {
    const RADIUS: i32 = 6;
    let points = &line.points;
    let mut d = String::new();
    for (at, (x, y)) in points.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| points.get(at));
        match (before, points.get(at + 1)) {
            (None, _) => d += &format!("M{x} {y}"),
            (Some(_), None) => d += &format!("L{x} {y}"),
            (Some((px, py)), Some((nx, ny))) => {
                let length = |dx: i32, dy: i32| dx.abs() + dy.abs();
                let room = length(x - px, y - py).min(length(nx - x, ny - y)) / 2;
                let r = RADIUS.min(room);
                let (ax, ay) = (x - (x - px).signum() * r, y - (y - py).signum() * r);
                let (bx, by) = (x + (nx - x).signum() * r, y + (ny - y).signum() * r);
                d += &format!("L{ax} {ay}Q{x} {y} {bx} {by}");
            }
        }
    }
    let (class, marker) = if line.critical {
        (" class=\"critical\"", "critical")
    } else {
        ("", "arrow")
    };
    *out += &format!(
        "<g><title>{}</title><path{class} d=\"{d}\" marker-end=\"url(#{id}-{marker})\"/></g>\n",
        escape(&line.tip)
    );
}

/// What XML would read as markup, and characters it does not allow.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
