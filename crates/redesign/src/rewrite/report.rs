//! A proposal as text, Markdown and JSON.

use onething_model::{Lang, Text};
use serde::Serialize;

use super::report_trial::simulated;
use super::{
    Line, Proof, Quantity, Redesign, Refusal, Rule, Suggestion, Trial, Waterfall, decimal,
};
use crate::page::Page;
use crate::words::tongue;

/// Why there is no application at all, and what to do about it.
fn nothing_left() -> (Text, Text) {
    (
        Text::new(
            "没有可写入的办法：原办法一个环节也没有，也就没有申请",
            "there is nothing to write: the old way has no step, and so nobody applied for anything",
        ),
        Text::new(
            "`before.yaml` 的 `without` 只列当时确实没有的环节；当时另有做法的，写在 `steps` 中",
            "under `without` of `before.yaml` name only steps that did not exist; what was done instead stands under `steps`",
        ),
    )
}

/// A figure with the mark of what is still to be confirmed.
pub(super) fn marked(cell: String, open: &[Quantity], figure: Quantity) -> String {
    if open.contains(&figure) {
        cell + "*"
    } else {
        cell
    }
}

/// What the mark means, where there is one.
pub(super) fn open(page: &mut Page, lang: Lang, fall: &Waterfall) {
    if fall.to_confirm.is_empty() {
        return;
    }
    let note = Text::new(
        "带 * 的，全部或部分要等该规则下“请确认”的事项得到确认才成立，新办法的合计也是：确认不了的，就省不下来。",
        "What has a * stands, in whole or in part, only once what the rule asks to confirm is confirmed, and so does the proposed figure: where it is not, that much is not saved.",
    );
    page.paragraph(note.get(lang).to_owned());
}

/// The JSON of a proposal.
#[derive(Serialize)]
struct Json<'a> {
    service: &'a str,
    applied: &'a [Proof],
    refused: &'a [Refusal],
    suggested: &'a [Suggestion],
    waterfall: &'a Waterfall,
    /// What has to be known of the limits that computed figures stand on.
    basis: &'a [Text],
    #[serde(skip_serializing_if = "Option::is_none")]
    simulated: Option<&'a Trial>,
    left_out: &'a [Text],
    /// What keeps it from being written as a service.
    obstacles: &'a [Text],
}

impl Redesign {
    /// Why there is no one application and so no service to be written, and what to do about
    /// it; `None` where there is one.
    #[must_use]
    pub fn not_one(&self) -> Option<(Text, Text)> {
        let count = match self.design.intakes.len() {
            0 => return Some(nothing_left()),
            1 => return None,
            count => count,
        };
        let refused = self.refused.iter();
        let mut refused = refused.filter(|refusal| refusal.rule == Rule::AskOnce);
        let verdicts = self.trial.iter().flat_map(|trial| &trial.verdicts);
        let mut verdicts = verdicts.filter(|verdict| verdict.rule == Rule::AskOnce);
        let (why, help) = match refused.next() {
            None => (
                Text::new(
                    "各份申请没有重复要求填写的内容，无从合并",
                    "the applications ask for nothing twice, which is what it joins them for",
                ),
                Text::new(
                    "各窗口其实重复要求填写的（如姓名、证件号码、材料），在 `before.yaml` 的 `asks` 中如实写明；确实没有的，新办法由人编写，写在 `service.yaml` 中",
                    "where the windows do ask for the same (a name, a number, a document), say so under `asks` in `before.yaml`; where they do not, write the new way by hand, as `service.yaml`",
                ),
            ),
            Some(refusal) if verdicts.any(|verdict| !verdict.kept) => (
                refusal.why.clone(),
                Text::new(
                    "增加 `--replications`，或者放宽 `--margin`，或者不加 `--simulate`（能证明的都采用）",
                    "ask for more `--replications` or a wider `--margin`, or leave out `--simulate`, which keeps what can be proved",
                ),
            ),
            Some(refusal) => (
                refusal.why.clone(),
                Text::new(
                    "在 `service.yaml` 或 `before.yaml` 中改正所说的字段、环节或先后，再试一次：只有部分情形需要的数据，写进该事项中读取它的环节，不写进 `asks`；写不成的，新办法由人编写",
                    "mend the field, step or order that is named, in `service.yaml` or `before.yaml`, and try again: what only some answers need is read by a step of that matter, and not under `asks`; else write the new way by hand",
                ),
            ),
        };
        let rule = Rule::AskOnce;
        let (number, title) = (rule.number(), rule.title());
        Some((
            Text::new(
                format!(
                    "没有可写入的办法：提案仍有 {count} 份申请，而一件事只有一份；{number}“{}”没有把它们合并：{}",
                    title.zh(),
                    why.zh()
                ),
                format!(
                    "there is nothing to write: the proposal still has {count} applications, and a service has one; {number} ({}) did not join them: {}",
                    title.en(),
                    why.en()
                ),
            ),
            help,
        ))
    }

    /// The proposal as plain text.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        self.page(lang).to_text()
    }

    /// The proposal as Markdown.
    #[must_use]
    pub fn markdown(&self, lang: Lang) -> String {
        self.page(lang).to_markdown()
    }

    /// The proposal as data: proofs, refusals, suggestions, waterfalls, and what
    /// the simulation found where there was one.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let json = Json {
            service: self.plan.service.as_str(),
            applied: &self.applied,
            refused: &self.refused,
            suggested: &self.suggested,
            waterfall: &self.waterfall,
            basis: &self.basis,
            simulated: self.trial.as_ref(),
            left_out: &self.left_out,
            obstacles: &self.obstacles,
        };
        serde_json::to_value(json).unwrap_or_default()
    }

    fn page(&self, lang: Lang) -> Page {
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
        self.fall(&mut page, lang);
        if let Some(trial) = &self.trial {
            simulated(&mut page, lang, trial);
        }
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
            items.extend(lines(&proof.refused, say("未采用：", "refused: ")));
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
                        "{} {}{}{}",
                        refusal.rule.number(),
                        title.get(lang),
                        say("：", ": "),
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
                        "{} {}{}{}{}",
                        item.rule.number(),
                        title.get(lang),
                        say("：", ": "),
                        item.text.get(lang),
                        needs.unwrap_or_default()
                    )
                })
                .collect(),
        );
        if !self.left_out.is_empty() {
            page.heading(2, say("没有带过来的内容", "Not carried over"));
        }
        let left_out = self.left_out.iter();
        page.list(left_out.map(|text| text.get(lang).to_owned()).collect());
        if !self.obstacles.is_empty() {
            page.heading(
                2,
                say("提案还不能写成一件事", "What keeps it from being written"),
            );
        }
        let obstacles = self.obstacles.iter();
        page.list(obstacles.map(|text| text.get(lang).to_owned()).collect());
        page
    }

    fn fall(&self, page: &mut Page, lang: Lang) {
        let say = |zh: &str, en: &str| Text::new(zh, en).get(lang).to_owned();
        let fall = &self.waterfall;
        let cell = |values: &[Option<f64>], figure: usize, sign: f64| {
            let value = values.get(figure).copied().flatten();
            value.map_or_else(|| "–".to_owned(), |value| decimal(sign * value))
        };
        // A line for each figure: it reads as a sum from left to right.
        let mut head = vec![say("指标", "figure"), say("改革前", "before")];
        let bars = fall.bars.iter();
        head.extend(bars.map(|bar| bar.rule.number().to_owned()));
        head.push(say("新办法", "proposed"));
        let rows = fall.figures.iter().enumerate().map(|(figure, name_of)| {
            let (title, unit) = (name_of.title(), name_of.unit());
            let name = match (unit.get(lang), lang) {
                ("", _) => title.get(lang).to_owned(),
                (unit, Lang::Zh) => format!("{}（{unit}）", title.get(lang)),
                (unit, Lang::En) => format!("{} ({unit})", title.get(lang)),
            };
            let mut row = vec![name, cell(&fall.before, figure, 1.0)];
            let bars = fall.bars.iter();
            row.extend(
                bars.map(|bar| marked(cell(&bar.saves, figure, -1.0), &bar.to_confirm, *name_of)),
            );
            row.push(marked(
                cell(&fall.after, figure, 1.0),
                &fall.to_confirm,
                *name_of,
            ));
            row
        });
        // A figure that cannot be computed has nothing to show.
        let rows = rows.filter(|row| row.iter().skip(1).any(|cell| cell != "–"));
        let rows = rows.collect();
        page.table(
            say(
                "推算：各规则的贡献（沙普利值）",
                "Computed: what each rule contributes (Shapley values)",
            ),
            head,
            rows,
        );
        open(page, lang, fall);
        let notes: Vec<&str> = self.basis.iter().map(|note| note.get(lang)).collect();
        if !notes.is_empty() {
            let known = fall.before.iter().chain(&fall.after).any(Option::is_some);
            let told = match known {
                true => say(
                    "以上为基准情形的推算数字：",
                    "These figures are computed, for the reference scenario: ",
                ),
                false => say(
                    "基准情形没有推算数字：",
                    "No figures are computed for the reference scenario: ",
                ),
            };
            let end = say("。", ".");
            page.paragraph(format!("{told}{}{end}", notes.join(&say("；", "; "))));
        }
    }
}
