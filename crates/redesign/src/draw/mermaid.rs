//! A drawing in Mermaid, for Markdown pages that render it.

use onething_model::Lang;

use super::{Short, facts, reasons};
use onething_plan::Way;

use crate::view::{StepKind, View};
use crate::words;

/// The ways of a service as one Mermaid flowchart, in the order given, none of them twice: a
/// subgraph per lane, look-ups rounded, the critical path thick, each arrow with its reason.
/// Of more than one way each is a subgraph of its own, and the names of its boxes begin with
/// `old_` or `new_`.
///
/// ```
/// use onething_model::Lang;
/// use onething_plan::{Actor, builder::PlanBuilder};
/// use onething_redesign::{View, draw};
/// let mut b = PlanBuilder::new("shop");
/// b.step("review", Actor::Officer);
/// let plan = b.build();
/// let view = View::new(&plan, &plan.reference);
/// assert!(draw::mermaid(&[&view], Lang::Zh).contains("\nflowchart LR\n"));
/// ```
#[must_use]
pub fn mermaid(ways: &[&View], lang: Lang) -> String {
    let named = |view: &View| {
        let facts = facts(view);
        let mut parts = vec![words::way(view.way).get(lang).to_owned()];
        parts.extend(facts.iter().map(|fact| fact.get(lang).to_owned()));
        parts.join(" · ")
    };
    let title = ways.first().map_or("", |view| view.title.get(lang));
    let mut title = title.to_owned();
    if let [one] = ways {
        title += &format!(" · {}", named(one));
    }
    let mut out = format!("---\ntitle: {}\n---\nflowchart LR\n", yaml(&title));
    let mut arrows = Arrows::default();
    if let [one] = ways {
        out += &way(one, "", "", &mut arrows, lang);
    } else {
        for view in ways {
            let key = match view.way {
                Way::Old => "old",
                Way::New => "new",
            };
            // Without a direction of its own it would run across that of the whole.
            let label = escape(&named(view));
            out += &format!("  subgraph {key}[\"{label}\"]\n    direction LR\n");
            out += &way(view, &format!("{key}_"), "  ", &mut arrows, lang);
            out += "  end\n";
        }
    }
    out += "  classDef critical stroke:#b91c1c,stroke-width:3px\n";
    out += "  classDef lookup stroke-dasharray:4 3\n";
    out += "  classDef fallback stroke-dasharray:2 2\n";
    if !arrows.critical.is_empty() {
        out += &format!(
            "  linkStyle {} stroke:#b91c1c,stroke-width:3px\n",
            arrows.critical.join(",")
        );
    }
    out
}

/// Arrows are styled by their number, counted through the whole drawing.
#[derive(Default)]
struct Arrows {
    count: usize,
    critical: Vec<String>,
}

/// The lanes and arrows of a way; the names of its boxes begin with `prefix`.
fn way(view: &View, prefix: &str, indent: &str, arrows: &mut Arrows, lang: Lang) -> String {
    let mut out = String::new();
    for (at, lane) in view.lanes.iter().enumerate() {
        out += &format!(
            "{indent}  subgraph {prefix}lane{at}[\"{}\"]\n",
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
            out += &format!("{indent}    {prefix}s{n}{open}\"{label}\"{close}{class}\n");
        }
        out += &format!("{indent}  end\n");
    }
    for edge in view.arrows() {
        if edge.critical {
            arrows.critical.push(arrows.count.to_string());
        }
        arrows.count += 1;
        let arrow = if edge.critical { "==>" } else { "-->" };
        let (from, to) = edge.ends;
        let label = escape(&reasons(edge, 1, lang));
        out += &format!("{indent}  {prefix}s{from} {arrow}|\"{label}\"| {prefix}s{to}\n");
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
