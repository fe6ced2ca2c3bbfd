//! A drawing for Graphviz.

use onething_model::Lang;

use super::{Short, facts, reasons};
use crate::view::{StepKind, View};
use crate::words;

/// The view in Graphviz's DOT language: a cluster per lane, the critical path
/// bold, the reasons of an arrow as its tooltip and the first as its label.
#[must_use]
pub fn dot(view: &View, lang: Lang) -> String {
    let facts: Vec<_> = facts(view).iter().map(|f| f.get(lang).to_owned()).collect();
    let title = format!(
        "{} · {}\n{}",
        view.title.get(lang),
        words::way(view.way).get(lang),
        facts.join(" · ")
    );
    let mut out = format!("digraph {} {{\n", quote(view.service.as_str()));
    out += &format!("  label={}; labelloc=t; rankdir=LR;\n", quote(&title));
    out += "  fontname=\"Noto Sans CJK SC,sans-serif\";\n";
    out += "  node [shape=box, style=rounded, fontname=\"Noto Sans CJK SC,sans-serif\"];\n";
    out += "  edge [fontname=\"Noto Sans CJK SC,sans-serif\", fontsize=10];\n";
    for (at, lane) in view.lanes.iter().enumerate() {
        let title = quote(lane.title.get(lang));
        out += &format!("  subgraph cluster_{at} {{\n    label={title};\n");
        for step in view.steps.iter().filter(|step| step.lane == at) {
            let mut label = step.title.get(lang).to_owned();
            let short = Short::of(step, lang).line();
            if !short.is_empty() {
                label += &format!("\n{short}");
            }
            let style = match (step.critical, step.kind) {
                (true, _) => ", penwidth=3, color=\"#b91c1c\"",
                (false, StepKind::LookUp | StepKind::Fallback) => ", style=\"rounded,dashed\"",
                (false, _) => "",
            };
            let key = quote(step.key.as_str());
            out += &format!("    {key} [label={}{style}];\n", quote(&label));
        }
        out += "  }\n";
    }
    for edge in view.arrows() {
        let style = if edge.critical {
            ", penwidth=3, color=\"#b91c1c\""
        } else {
            ""
        };
        out += &format!(
            "  {} -> {} [label={}, tooltip={}{style}];\n",
            quote(edge.from.as_str()),
            quote(edge.to.as_str()),
            quote(&reasons(edge, 1, lang)),
            quote(&reasons(edge, usize::MAX, lang)),
        );
    }
    out + "}\n"
}

/// A double-quoted string of the DOT language. A backslash begins one of its
/// escapes, so one of the text's own is doubled.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out += "\\\"",
            '\\' => out += "\\\\",
            '\n' => out += "\\n",
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
