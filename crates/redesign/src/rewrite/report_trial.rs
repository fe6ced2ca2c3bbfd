//! What the simulation found, on the page of a proposal.

use onething_measure::FigureName;
use onething_model::{Lang, StepKey, Text};

use super::choose::{Effect, Role, Verdict};
use super::quantity::Quantity;
use super::report::{marked, open};
use super::trial::Trial;
use super::waterfall::Waterfall;
use super::{decimal, percent};
use crate::page::Page;

/// Rounded for people: two decimals.
pub(super) fn short(value: f64) -> String {
    decimal((value * 100.0).round() / 100.0)
}

/// What a saving changes, with its interval: `-21.3 [-21.9, -20.7]`.
pub(super) fn change(saves: f64, interval: Option<[f64; 2]>) -> String {
    let minus = |value: f64| short(0.0 - value);
    interval.map_or_else(
        || minus(saves),
        |[low, high]| format!("{} [{}, {}]", minus(saves), minus(high), minus(low)),
    )
}

/// A share of cases is written in per cent, so its numbers are.
fn scale(quantity: Quantity) -> f64 {
    if quantity == Quantity::RefusedShare {
        100.0
    } else {
        1.0
    }
}

fn title(quantity: Quantity, lang: Lang) -> String {
    let title = quantity.title();
    let unit = quantity.unit();
    let unit = if quantity == Quantity::RefusedShare {
        "%"
    } else {
        unit.get(lang)
    };
    match (unit.is_empty(), lang) {
        (true, _) => title.get(lang).to_owned(),
        (false, Lang::Zh) => format!("{}（{unit}）", title.zh()),
        (false, Lang::En) => format!("{} ({unit})", title.en()),
    }
}

pub(super) fn simulated(page: &mut Page, lang: Lang, trial: &Trial) {
    let say = |zh: String, en: String| Text::new(zh, en).get(lang).to_owned();
    page.heading(2, say("仿真结果".into(), "Simulated".into()));
    let digest = trial.workload.map(|digest| digest.short());
    let digest = digest.unwrap_or_else(|| trial.definition.short());
    let level = percent(trial.confidence);
    let (cases, replications) = (trial.cases, trial.replications);
    let (first, last) = (replications + 1, replications + trial.decided_by);
    page.paragraph(say(
        format!(
            "每个设计仿真 {replications} 次，每次 {cases} 件，各设计面对同样的申请人（公共随机数）；种子 {}，自 {} 起；\
             `workload.yaml` 的摘要（BLAKE3）{digest}…。数字来自第 1 至 {replications} 次，与同一种子的 `compare` 一致；\
             取舍另由第 {first} 至 {last} 次判断，互不影响。区间为 {level} 置信区间。",
            trial.seed, trial.begins
        ),
        format!(
            "Each design in {replications} replications of {cases} cases, all designs with the same applicants (common random numbers); \
             seed {}, from {}; digest (BLAKE3) of `workload.yaml` {digest}…. Figures are of replications 1 to {replications}, as those of `compare` with the same seed; \
             replications {first} to {last} decided what is kept, independently of them. Intervals at {level}.",
            trial.seed, trial.begins
        ),
    ));
    fall(page, lang, &trial.waterfall);
    verdicts(page, lang, trial);
    assumptions(page, lang, trial);
    page.list(
        trial
            .notes
            .iter()
            .map(|note| note.get(lang).to_owned())
            .collect(),
    );
}

/// What the table for people shows: what rules are for and must not worsen. The
/// data has all.
const SHOWN: [Quantity; 7] = [
    Quantity::Figure(FigureName::ProcessingTime),
    Quantity::Figure(FigureName::Submissions),
    Quantity::Figure(FigureName::Materials),
    Quantity::Figure(FigureName::Fields),
    Quantity::Figure(FigureName::Visits),
    Quantity::StaffHours,
    Quantity::RefusedShare,
];

/// The waterfall.
fn fall(page: &mut Page, lang: Lang, fall: &Waterfall) {
    let say = |zh: &str, en: &str| Text::new(zh, en).get(lang).to_owned();
    let of_people = |at: &usize| SHOWN.contains(&fall.figures[*at]);
    let shown: Vec<usize> = (0..fall.figures.len())
        .filter(|at| fall.before[*at].is_some() && fall.after[*at].is_some())
        .filter(of_people)
        .collect();
    // A line for each figure, as in the computed table.
    let mut head = vec![say("指标", "figure"), say("改革前", "before")];
    let bars = fall.bars.iter();
    head.extend(bars.map(|bar| bar.rule.number().to_owned()));
    head.extend([say("新办法", "proposed"), say("合计", "in all")]);
    let rows = shown.into_iter().map(|at| {
        let scale = scale(fall.figures[at]);
        let plain = |values: &[Option<f64>]| {
            values[at].map_or_else(|| "–".to_owned(), |value| short(value * scale))
        };
        let saved = |saves: Option<f64>, intervals: &[Option<[f64; 2]>]| {
            let interval = intervals.get(at).copied().flatten();
            let interval = interval.map(|ends| ends.map(|end| end * scale));
            saves.map_or_else(|| "–".to_owned(), |saves| change(saves * scale, interval))
        };
        let mut row = vec![title(fall.figures[at], lang), plain(&fall.before)];
        let bars = fall.bars.iter();
        let figure = fall.figures[at];
        row.extend(bars.map(|bar| {
            marked(
                saved(bar.saves[at], &bar.intervals),
                &bar.to_confirm,
                figure,
            )
        }));
        let pair = fall.before[at].zip(fall.after[at]);
        let difference = pair.map(|(before, after)| before - after);
        row.extend([
            marked(plain(&fall.after), &fall.to_confirm, figure),
            marked(saved(difference, &fall.intervals), &fall.to_confirm, figure),
        ]);
        row
    });
    let rows = rows.collect();
    page.table(
        say(
            "仿真：各规则的贡献（沙普利值）",
            "Simulated: what each rule contributes (Shapley values)",
        ),
        head,
        rows,
    );
    open(page, lang, fall);
}

/// Why each rewrite is kept or not, with its figures.
fn verdicts(page: &mut Page, lang: Lang, trial: &Trial) {
    let say = |zh: String, en: String| Text::new(zh, en).get(lang).to_owned();
    let margin = percent(trial.margin);
    let level = percent(trial.confidence);
    page.heading(
        3,
        say(
            format!("取舍（全部判断合计的置信水平 {level}；守护指标最多变差改革前的 {margin}）"),
            format!("what is kept (all decisions together at {level}; guarded quantities worsen by at most {margin} of before)"),
        ),
    );
    let words = trial
        .verdicts
        .iter()
        .map(|verdict| verdict_in_words(verdict, lang));
    page.list(words.collect());
}

/// What the proposal owes to changed assumptions.
fn assumptions(page: &mut Page, lang: Lang, trial: &Trial) {
    let say = |zh: String, en: String| Text::new(zh, en).get(lang).to_owned();
    let items = trial.assumptions.iter().map(|assumption| {
        let effects: Vec<String> = assumption
            .effects
            .iter()
            .map(|effect| {
                let scale = scale(effect.quantity);
                let saves = (effect.without - effect.with) * scale;
                let interval = effect.interval.map(|end| end * scale);
                let name = title(effect.quantity, lang);
                format!("{name} {}", change(saves, Some(interval)))
            })
            .collect();
        let parts: Vec<&str> = assumption.parts.iter().map(StepKey::as_str).collect();
        let step = &assumption.step;
        say(
            format!(
                "“{}”（{step}）按工作量表为它所列的用时计，而不是原来各环节（{}）用时之和。其中因这一假设而来的：{}",
                assumption.title.zh(),
                parts.join("、"),
                effects.join("；")
            ),
            format!(
                "“{}” ({step}) takes the time that the workload states for it, not that of the steps it was made of ({}). Due to this assumption alone: {}",
                assumption.title.en(),
                parts.join(", "),
                effects.join("; ")
            ),
        )
    });
    page.list(items.collect());
}

fn verdict_in_words(verdict: &Verdict, lang: Lang) -> String {
    let say = |zh: String, en: String| Text::new(zh, en).get(lang).to_owned();
    let rule = verdict.rule;
    let outcome = match verdict.why() {
        None => say("采用".into(), "kept".into()),
        Some(why) => say(
            format!("未采用：{}", why.zh()),
            format!("not kept: {}", why.en()),
        ),
    };
    // Of guarded quantities only those that visibly change, or that failed.
    let is_target = |quantity: Quantity| {
        let mut effects = verdict.effects.iter();
        effects.any(|effect| effect.role == Role::Target && effect.quantity == quantity)
    };
    let changes = |effect: &Effect| {
        let ends = effect
            .interval
            .map(|end| short(end * scale(effect.quantity)));
        ends != ["0", "0"]
    };
    let told = |effect: &&Effect| {
        effect.role == Role::Target
            || !effect.holds
            || (changes(effect) && !is_target(effect.quantity))
    };
    let effects: Vec<String> = verdict
        .effects
        .iter()
        .filter(told)
        .map(|effect| effect_in_words(effect, lang))
        .collect();
    let number = rule.number();
    let title = rule.title();
    let (round, level) = (
        verdict.round,
        verdict.effects.first().map(|e| percent(e.level)),
    );
    let level = level.unwrap_or_default();
    let effects = effects.join(&say("；".into(), "; ".into()));
    say(
        format!(
            "{number} {}：{outcome}（第 {round} 轮，置信水平 {level}；{effects}）",
            title.zh()
        ),
        format!(
            "{number} {}: {outcome} (round {round}, at {level}; {effects})",
            title.en()
        ),
    )
}

fn effect_in_words(effect: &Effect, lang: Lang) -> String {
    let scale = scale(effect.quantity);
    let change = change(
        (effect.without - effect.with) * scale,
        Some(effect.interval.map(|end| end * scale)),
    );
    let name = title(effect.quantity, lang);
    format!("{name} {change}")
}
