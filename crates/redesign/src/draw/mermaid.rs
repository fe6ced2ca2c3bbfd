//! A drawing in Mermaid, for Markdown pages that render it.

use onething_model::Lang;

use super::{Short, facts, reasons};
use crate::view::{StepKind, View};
use crate::words;

/// The view as a Mermaid flowchart: a subgraph per lane, look-ups rounded, the
/// critical path thick, each arrow with its reason.
#[must_use]
pub fn mermaid(view: &View, lang: Lang) -> String {
    let facts: Vec<_> = facts(view).iter().map(|f| f.get(lang).to_owned()).collect();
    let title = format!(
        "{} · {} · {}",
        view.title.get(lang),
        words::way(view.way).get(lang),
        facts.join(" · ")
    );
    let mut out = format!("---\ntitle: {}\n---\nflowchart LR\n", yaml(&title));
    for (at, lane) in view.lanes.iter().enumerate() {
        out += &format!(
            "  subgraph lane{at}[\"{}\"]\n",
            escape(lane.title.get(lang))
        );
        for (n, step) in view.steps.iter().enumerate() {
            if step.lane != at {
                continue;
            }
            let mut label = escape(step.title.get(lang));
            let short = Short::of(step, lang).line();
            if !short.is_empty() {
                label += &format!("<br/>{}", escape(&short));
            }
            let (open, close) = match step.kind {
                StepKind::LookUp => ("([", "])"),
                StepKind::Submission | StepKind::Fallback => ("[/", "/]"),
                StepKind::System | StepKind::Officer | StepKind::Applicant | StepKind::Outside => {
                    ("[", "]")
                }
            };
            let class = match (step.critical, step.kind) {
                (true, _) => ":::critical",
                (false, StepKind::LookUp) => ":::lookup",
                (false, StepKind::Fallback) => ":::fallback",
                (false, _) => "",
            };
            out += &format!("    s{n}{open}\"{label}\"{close}{class}\n");
        }
        out += "  end\n";
    }
    let mut critical = Vec::new();
    for (at, edge) in view.arrows().enumerate() {
        if edge.critical {
            critical.push(at.to_string());
        }
        let arrow = if edge.critical { "==>" } else { "-->" };
        let (from, to) = edge.ends;
        let label = escape(&reasons(edge, 1, lang));
        out += &format!("  s{from} {arrow}|\"{label}\"| s{to}\n");
    }
    out += "  classDef critical stroke:#b91c1c,stroke-width:3px\n";
    out += "  classDef lookup stroke-dasharray:4 3\n";
    out += "  classDef fallback stroke-dasharray:2 2\n";
    if !critical.is_empty() {
        out += &format!(
            "  linkStyle {} stroke:#b91c1c,stroke-width:3px\n",
            critical.join(",")
        );
    }
    out
}

/// A double-quoted YAML scalar; JSON's strings are.
fn yaml(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// What Mermaid would read as markup, by its `#…;` character codes.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' | '#' | '<' | '>' | '&' | '`' | '|' | '\\' | ';' => {
                out += &format!("#{};", u32::from(c));
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
