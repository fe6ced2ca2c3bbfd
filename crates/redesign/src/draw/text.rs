//! A drawing for a terminal.

use onething_model::{Lang, Text};

use super::{cautions, facts, reasons, scenario};
use crate::type_size::{columns, wrap_columns};
use crate::view::{EdgeView, LaneKind, StepView, View};
use crate::words;

/// Widest line in columns of a terminal.
const WIDTH: usize = 100;
/// Data named per arrow; the rest is counted.
const NAMED: usize = 4;

/// The view for a terminal: level by level, each step with who does it, its
/// limit, its place on the critical path, and why each arrow exists.
///
/// Lines are at most 100 columns wide, Chinese characters counting two, as
/// long as no single word is longer.
#[must_use]
pub fn text(view: &View, lang: Lang) -> String {
    let mut out = Lines::default();
    let way = words::way(view.way);
    let title = match lang {
        Lang::Zh => format!("{}（{}，{} 版）", view.title.zh(), way.zh(), view.version),
        Lang::En => format!(
            "{} ({}, version {})",
            view.title.en(),
            way.en(),
            view.version
        ),
    };
    out.line(0, &title);
    out.line(0, &"=".repeat(columns(&title).min(WIDTH)));
    let facts: Vec<_> = facts(view).iter().map(|f| f.get(lang).to_owned()).collect();
    out.line(0, &facts.join(" · "));
    if let Some(scenario) = scenario(view, lang) {
        out.line(0, &scenario);
    }
    for caution in cautions(view) {
        out.line(0, caution.get(lang));
    }
    if view.steps.is_empty() {
        return out.text;
    }
    out.line(
        0,
        match lang {
            Lang::Zh => "★ 在关键路径上；← 须先完成的环节及原因",
            Lang::En => "★ on the critical path; ← what has to be done first, and why",
        },
    );
    let mut into: Vec<Vec<&EdgeView>> = view.steps.iter().map(|_| Vec::new()).collect();
    for edge in view.arrows() {
        into[edge.ends.1].push(edge);
    }
    let mut by_level: Vec<Vec<usize>> = view.levels.iter().map(|_| Vec::new()).collect();
    for (at, step) in view.steps.iter().enumerate() {
        by_level[step.level].push(at);
    }
    for (level, steps) in by_level.iter().enumerate() {
        out.blank();
        out.line(
            0,
            &match lang {
                Lang::Zh => format!("第 {} 层", level + 1),
                Lang::En => format!("Level {}", level + 1),
            },
        );
        for at in steps {
            draw_step(view, &view.steps[*at], &into[*at], lang, &mut out);
        }
    }
    out.text
}

fn draw_step(view: &View, step: &StepView, into: &[&EdgeView], lang: Lang, out: &mut Lines) {
    let mark = if step.critical { '★' } else { '·' };
    out.line(
        2,
        &format!("{mark} {} [{}]", step.title.get(lang), step.key),
    );
    let lane = &view.lanes[step.lane];
    let mut about = vec![lane.title.get(lang).to_owned()];
    if let (LaneKind::SharedData, Some(department)) = (lane.kind, &step.department) {
        about.push(department.title.get(lang).to_owned());
    }
    about.push(words::kind(step.kind).get(lang).to_owned());
    if let Some(matter) = &step.matter {
        about.push(matter.title.get(lang).to_owned());
    }
    if let Some(limit) = &step.limit {
        about.push(limit.get(lang).to_owned());
    }
    if step.takes > 0 {
        let (begin, end) = (words::thousandths(step.begin), words::thousandths(step.end));
        about.push(match lang {
            Lang::Zh => format!("最早从第 {begin} 到第 {end} 个工作日"),
            Lang::En => format!("from working day {begin} to {end} at the earliest"),
        });
    }
    about.extend(slack(step).map(|slack| slack.get(lang).to_owned()));
    match (step.visits, lang) {
        (0, _) => {}
        (visits, Lang::Zh) => about.push(format!("跑动 {visits} 次")),
        (visits, Lang::En) => about.push(format!("visits: {visits}")),
    }
    if step.attended {
        about.push(match lang {
            Lang::Zh => "申请人须到场".to_owned(),
            Lang::En => "the applicant attends".to_owned(),
        });
    }
    out.line(6, &about.join(" · "));
    if !step.asks.is_empty() {
        let titles = words::join(step.asks.iter().map(|field| field.title.get(lang)), lang);
        out.line(
            6,
            &match lang {
                Lang::Zh => format!("填报：{titles}"),
                Lang::En => format!("asks: {titles}"),
            },
        );
    }
    for edge in into {
        let from = view.steps[edge.ends.0].title.get(lang);
        let star = if edge.critical { "★ " } else { "" };
        let reasons = reasons(edge, NAMED, lang);
        out.line(
            6,
            &match lang {
                Lang::Zh => format!("← {star}{from}：{reasons}"),
                Lang::En => format!("← {star}{from}: {reasons}"),
            },
        );
    }
}

/// How much later the step may end.
fn slack(step: &StepView) -> Option<Text> {
    match step.slack {
        Some(0) => None,
        Some(slack) => {
            let slack = words::working_days(slack);
            Some(Text::new(
                format!("机动时间 {}", slack.zh()),
                format!("slack {}", slack.en()),
            ))
        }
        None => Some(words::after_results()),
    }
}

#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    /// A paragraph, its first line indented by `indent`, further ones by two more.
    fn line(&mut self, indent: usize, text: &str) {
        for (at, line) in wrap_columns(text, WIDTH - indent - 2).iter().enumerate() {
            let indent = if at == 0 { indent } else { indent + 2 };
            self.text += &format!("{:indent$}{line}\n", "");
        }
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }
}
