//! Drawings of a [`View`]: text for a terminal, Mermaid, DOT, SVG.
//!
//! All of them show the same things: each active step once, in the lane of who
//! does it, its limit, the critical path, and the arrows that no others imply.
//! The same view gives the same bytes everywhere.

mod dot;
mod mermaid;
mod svg;
mod text;

pub use dot::dot;
pub use mermaid::mermaid;
pub(crate) use svg::escape;
pub use svg::svg;
pub use text::text;

use onething_model::{Lang, Text};

use crate::view::{EdgeView, Reason, ReasonKind, StepKind, StepView, View};
use crate::words;

/// The headline facts of a way, one phrase each: time, parallelism, counts.
fn facts(view: &View) -> Vec<Text> {
    if view.steps.is_empty() {
        return vec![words::nothing_to_apply_for()];
    }
    let mut facts = Vec::new();
    if view.makespan > 0 {
        let days = words::working_days(view.makespan);
        facts.push(Text::new(
            format!("按时限最长 {}", days.zh()),
            format!("{} at most by the limits", days.en()),
        ));
    }
    let count = |count: usize, zh: &str, one: &str, many: &str| {
        let word = if count == 1 { one } else { many };
        Text::new(
            zh.replace("{}", &count.to_string()),
            format!("{count} {word}"),
        )
    };
    facts.push(count(
        view.submissions(),
        "提交申请 {} 次",
        "application",
        "applications",
    ));
    let (fields, materials) = view.asked();
    facts.push(count(fields, "填 {} 项", "field", "fields"));
    facts.push(count(materials, "交材料 {} 份", "material", "materials"));
    facts.push(count(view.visits as usize, "跑动 {} 次", "visit", "visits"));
    facts.push(count(
        view.internal_steps(),
        "部门环节 {} 个",
        "department step",
        "department steps",
    ));
    if view.parallelism.steps > 1 {
        let steps = view.parallelism.steps;
        let more = if view.parallelism.exact {
            ""
        } else {
            " 或更多"
        };
        let or_more = if view.parallelism.exact {
            ""
        } else {
            " or more"
        };
        facts.push(Text::new(
            format!("最多 {steps}{more} 个环节同时办理"),
            format!("up to {steps}{or_more} steps at the same time"),
        ));
    }
    facts
}

/// Warnings about the time that is shown: what it leaves out.
pub(crate) fn cautions(view: &View) -> Vec<Text> {
    let titles = |keys: &[onething_model::StepKey]| {
        let steps = view.steps.iter().filter(|step| keys.contains(&step.key));
        words::list(&steps.map(|step| step.title.clone()).collect::<Vec<_>>())
    };
    let mut notes = Vec::new();
    // What applicants take for their own steps is in no time anyway.
    let own = |step: &&StepView| step.kind == StepKind::Applicant;
    let own: Vec<_> = view.steps.iter().filter(own).map(|s| &s.key).collect();
    let after = view.after_results.iter().filter(|key| !own.contains(key));
    let after: Vec<_> = after.cloned().collect();
    if !after.is_empty() {
        let titles = titles(&after);
        notes.push(Text::new(
            format!("全部结果出具后才办、未计入用时的环节：{}", titles.zh()),
            format!(
                "Done after the last result, so not in the time: {}",
                titles.en()
            ),
        ));
    }
    if !view.unlimited.is_empty() {
        let titles = titles(&view.unlimited);
        notes.push(Text::new(
            format!("未规定时限、未计入用时的环节：{}", titles.zh()),
            format!("Without a limit, so not in the time: {}", titles.en()),
        ));
    }
    if !view.in_calendar_days.is_empty() {
        let titles = titles(&view.in_calendar_days);
        notes.push(Text::new(
            format!("时限按自然日计、不与工作日相加的环节：{}", titles.zh()),
            format!(
                "Limited in calendar days, which are not added to working days: {}",
                titles.en()
            ),
        ));
    }
    notes
}

/// The reasons of an arrow in one line: what is read, and which law. The
/// plain rules of procedure are told only where nothing else is.
fn reasons(edge: &EdgeView, at_most: usize, lang: Lang) -> String {
    let of = |kind: ReasonKind| -> Vec<&Reason> {
        let reasons = edge.reasons.iter();
        reasons.filter(|reason| reason.kind == kind).collect()
    };
    let mut parts = Vec::new();
    for (kind, zh, en) in [
        (ReasonKind::Data, "", ""),
        (ReasonKind::Carried, "须带去", "to be carried along: "),
    ] {
        let data = of(kind);
        if data.is_empty() {
            continue;
        }
        let named = data.iter().take(at_most).map(|r| r.text.get(lang));
        let mut text = words::join(named, lang);
        let more = data.len().saturating_sub(at_most);
        match (more, lang) {
            (0, _) => {}
            (_, Lang::Zh) => text += &format!(" 等 {} 项", data.len()),
            (_, Lang::En) => text += &format!(" and {more} more"),
        }
        parts.push(match lang {
            Lang::Zh => format!("{zh}{text}"),
            Lang::En => format!("{en}{text}"),
        });
    }
    for stated in of(ReasonKind::Stated) {
        parts.push(stated.text.get(lang).to_owned());
    }
    if parts.is_empty() {
        let procedure = edge.reasons.iter();
        parts.extend(procedure.map(|reason| reason.text.get(lang).to_owned()));
    }
    parts.join(match lang {
        Lang::Zh => "；",
        Lang::En => "; ",
    })
}

/// The scenario in one line.
fn scenario(view: &View, lang: Lang) -> Option<String> {
    if view.answers.is_empty() {
        return None;
    }
    let answers = view.answers.iter().map(|item| {
        let (ask, answer) = (item.ask.get(lang), item.answer.get(lang));
        // The questions end in a question mark of their own, mostly.
        let colon = match (ask.ends_with(['？', '?']), lang) {
            (true, Lang::Zh) => "",
            (true, Lang::En) => " ",
            (false, Lang::Zh) => "：",
            (false, Lang::En) => ": ",
        };
        format!("{ask}{colon}{answer}")
    });
    let text = answers.collect::<Vec<_>>().join(match lang {
        Lang::Zh => "；",
        Lang::En => "; ",
    });
    Some(match lang {
        Lang::Zh => format!("情形：{text}"),
        Lang::En => format!("Scenario: {text}"),
    })
}

/// What stands under a step's title.
struct Short {
    /// Its binding limit.
    limit: Option<String>,
    /// What its form asks of the applicant.
    asks: Vec<String>,
    /// Trips and appointments that it costs the applicant.
    costs: Vec<String>,
    /// Said of what no result waits for.
    after: Option<String>,
}

impl Short {
    fn of(step: &StepView, lang: Lang) -> Self {
        let mut costs: Vec<String> = Vec::new();
        match (step.visits, lang) {
            (0, _) => {}
            (visits, Lang::Zh) => costs.push(format!("跑 {visits} 趟")),
            (1, Lang::En) => costs.push("1 visit".to_owned()),
            (visits, Lang::En) => costs.push(format!("{visits} visits")),
        }
        if step.attended {
            costs.push(match lang {
                Lang::Zh => "申请人到场".to_owned(),
                Lang::En => "applicant attends".to_owned(),
            });
        }
        let materials = step.asks.iter().filter(|field| field.material).count();
        let fields = step.asks.len() - materials;
        let asks = [
            (fields, "填", "项", "field"),
            (materials, "交", "份", "material"),
        ];
        let asks: Vec<String> = asks
            .into_iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, zh, unit, en)| match (count, lang) {
                (_, Lang::Zh) => format!("{zh} {count} {unit}"),
                (1, Lang::En) => format!("1 {en}"),
                (_, Lang::En) => format!("{count} {en}s"),
            })
            .collect();
        Self {
            limit: step
                .binding
                .as_ref()
                .map(|limit| limit.get(lang).to_owned()),
            asks,
            costs,
            after: step
                .slack
                .is_none()
                .then(|| words::after_results().get(lang).to_owned()),
        }
    }

    /// All in one line; empty if there is nothing to say.
    fn line(self) -> String {
        let parts = self.limit.into_iter().chain(self.asks).chain(self.costs);
        let parts = parts.chain(self.after);
        parts.collect::<Vec<_>>().join(" · ")
    }
}
