//! A proposal as text, Markdown and JSON.

use onething_model::{Lang, Text};
use serde::Serialize;

use super::{Line, Proof, Redesign, Refusal, Suggestion, Waterfall, decimal};
use crate::page::Page;
use crate::words::tongue;

/// The JSON of a proposal.
#[derive(Serialize)]
struct Json<'a> {
    service: &'a str,
    applied: &'a [Proof],
    refused: &'a [Refusal],
    suggested: &'a [Suggestion],
    waterfall: &'a Waterfall,
}

impl Redesign {
    /// The proposal as plain text. `names` are the titles of the figures.
    #[must_use]
    pub fn text(&self, lang: Lang, names: &[Text]) -> String {
        self.page(lang, names).to_text()
    }

    /// The proposal as Markdown.
    #[must_use]
    pub fn markdown(&self, lang: Lang, names: &[Text]) -> String {
        self.page(lang, names).to_markdown()
    }

    /// The proposal as data: proofs, refusals, suggestions, waterfall.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let json = Json {
            service: self.plan.service.as_str(),
            applied: &self.applied,
            refused: &self.refused,
            suggested: &self.suggested,
            waterfall: &self.waterfall,
        };
        serde_json::to_value(json).unwrap_or_default()
    }

    fn page(&self, lang: Lang, names: &[Text]) -> Page {
        let say = |zh: &str, en: &str| Text::new(zh, en).get(lang).to_owned();
        let mut page = Page {
            tongue: tongue(lang),
            title: say(
                &format!("{}：由规则推出的新办法", self.title.zh()),
                &format!("{}: a new way by rule", self.title.en()),
            ),
            blocks: Vec::new(),
        };
        if self.applied.is_empty() {
            page.paragraph(say(
                "没有规则可用：没有发现可以去掉的重复、等待或环节。",
                "No rule applies: nothing repeated, waiting or idle was found.",
            ));
        }
        self.fall(&mut page, lang, names);
        for proof in &self.applied {
            let title = proof.rule.title();
            page.heading(2, format!("{} {}", proof.rule.number(), title.get(lang)));
            let lines = |lines: &[Line], lead: String| -> Vec<String> {
                lines
                    .iter()
                    .map(|line| format!("{lead}{}", line.text.get(lang)))
                    .collect()
            };
            let mut items = lines(&proof.checked, say("已核：", "checked: "));
            items.extend(lines(&proof.changed, say("改动：", "changed: ")));
            let confirm = say("请确认：", "to confirm: ");
            items.extend(
                proof
                    .confirm
                    .iter()
                    .map(|text| format!("{confirm}{}", text.get(lang))),
            );
            page.list(items);
        }
        if !self.refused.is_empty() {
            page.heading(2, say("试过而未采用", "Tried and not kept"));
        }
        page.list(
            self.refused
                .iter()
                .map(|refusal| {
                    let title = refusal.rule.title();
                    format!(
                        "{} {}: {}",
                        refusal.rule.number(),
                        title.get(lang),
                        refusal.why.get(lang)
                    )
                })
                .collect(),
        );
        if !self.suggested.is_empty() {
            page.heading(
                2,
                say("由此而来和另行建议", "What follows, and suggestions"),
            );
        }
        page.list(
            self.suggested
                .iter()
                .map(|item| {
                    let title = item.rule.title();
                    let needs = item.needs.as_ref().map(|needs| {
                        say(
                            &format!("（前提：{}）", needs.zh()),
                            &format!(" (needs: {})", needs.en()),
                        )
                    });
                    format!(
                        "{} {}: {}{}",
                        item.rule.number(),
                        title.get(lang),
                        item.text.get(lang),
                        needs.unwrap_or_default()
                    )
                })
                .collect(),
        );
        page
    }

    fn fall(&self, page: &mut Page, lang: Lang, names: &[Text]) {
        let say = |zh: &str, en: &str| Text::new(zh, en).get(lang).to_owned();
        let fall = &self.waterfall;
        let cell = |value: Option<f64>, minus: bool| {
            value.map_or_else(
                || "–".to_owned(),
                |value| decimal(if minus { 0.0 - value } else { value }),
            )
        };
        let mut head = vec![String::new()];
        head.extend(names.iter().map(|name| name.get(lang).to_owned()));
        let row = |name: String, values: &[Option<f64>], minus: bool| {
            let mut row = vec![name];
            row.extend(values.iter().map(|value| cell(*value, minus)));
            row
        };
        let mut rows = vec![row(say("改革前", "before"), &fall.before, false)];
        for bar in &fall.bars {
            let title = bar.rule.title();
            let name = format!("{} {}", bar.rule.number(), title.get(lang));
            rows.push(row(name, &bar.saves, true));
        }
        rows.push(row(say("推出的新办法", "proposed"), &fall.after, false));
        page.table(
            say(
                "各规则的贡献（沙普利值）",
                "What each rule contributes (Shapley values)",
            ),
            head,
            rows,
        );
    }
}
