//! A comparison in words and rows, in Chinese or English.
//!
//! A [`Report`] holds a headline and tables as plain strings; whoever shows it
//! draws them: a terminal with its own borders and widths,
//! [Markdown](Report::to_markdown) for a paper. Programs take the JSON of the
//! [`Comparison`] itself.
//!
//! The kinds stay apart, a table each. No percentage stands without its two
//! numbers, and every row says its unit. Numbers are rounded to two digits
//! after the point, percentages to one; cuts are worked out from the unrounded
//! numbers.

mod markdown;
mod number;

use onething_model::{DepartmentKey, Lang, Text};

use crate::comparison::{Comparison, Load, Outcomes, StudyFacts};
use crate::figure::{Figure, FigureName, Kind, Unit};
use number::{UNKNOWN, change, count, interval, number, share};

/// A comparison in one language, ready to be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The language.
    pub lang: Lang,
    /// What is compared.
    pub title: String,
    /// The answer in one sentence, of the best kind of figures there is.
    pub headline: String,
    /// Who the simulated and computed figures are of, where answers are given
    /// that all of them give; else empty.
    pub scenario: String,
    /// How the simulated figures came about; empty where there are none.
    pub study: String,
    /// The figures, a table for each kind; then what the lab found beside them.
    pub tables: Vec<Table>,
    /// What makes the figures doubtful.
    pub warnings: Vec<String>,
    /// What has to be known to read the figures rightly.
    pub notes: Vec<String>,
    /// What each figure counts.
    pub definitions: Table,
}

/// A table of strings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its title.
    pub title: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each with as many cells as there are columns.
    pub rows: Vec<Vec<String>>,
    /// Who says so, where it is the same for all rows.
    pub source: Option<String>,
    /// Notes; `[1]` in a row refers to the first.
    pub notes: Vec<String>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its title.
    pub title: String,
    /// Whether its cells are numbers, to be set at the right.
    pub right: bool,
}

impl Report {
    /// The report of a comparison.
    #[must_use]
    pub fn new(comparison: &Comparison, lang: Lang) -> Self {
        let say = Say(lang);
        let kinds = [
            Kind::Simulated,
            Kind::Measured,
            Kind::Computed,
            Kind::Declared,
        ];
        let of = |kind: Kind| -> Vec<&Figure> {
            let figures = comparison.figures.iter();
            figures.filter(|figure| figure.kind == kind).collect()
        };
        let mut tables: Vec<Table> = kinds
            .into_iter()
            .filter_map(|kind| figures_table(say, kind_title(say, kind, comparison), &of(kind)))
            .collect();
        if let Some(study) = &comparison.study {
            tables.push(outcomes_table(say, study));
            tables.extend(loads_table(say, study, comparison));
        }
        let texts = |texts: &[Text]| texts.iter().map(|t| t.get(lang).to_owned()).collect();
        Self {
            lang,
            title: say.title(comparison.title.get(lang)),
            headline: headline(say, comparison),
            scenario: scenario_line(say, comparison),
            study: study_line(say, comparison),
            tables,
            warnings: texts(&comparison.warnings),
            notes: texts(&comparison.notes),
            definitions: definitions_table(say),
        }
    }
}

/// The language, and the sentences that need it.
#[derive(Debug, Clone, Copy)]
struct Say(Lang);

impl Say {
    fn of(self, zh: &str, en: &str) -> String {
        match self.0 {
            Lang::Zh => zh.into(),
            Lang::En => en.into(),
        }
    }

    fn title(self, service: &str) -> String {
        match self.0 {
            Lang::Zh => format!("「{service}」一件事：改革前后对比"),
            Lang::En => format!("{service}: before and after"),
        }
    }
}

/// The figures of the headline.
const HEADLINE: [FigureName; 5] = [
    FigureName::ProcessingTime,
    FigureName::Submissions,
    FigureName::Materials,
    FigureName::Fields,
    FigureName::Visits,
];

fn headline(say: Say, comparison: &Comparison) -> String {
    let of = |kind: Kind| -> Vec<String> {
        let figures = HEADLINE.into_iter();
        let figures = figures.filter_map(|name| comparison.figure(name, kind));
        let known = figures.filter(|figure| figure.before.is_some() || figure.after.is_some());
        known
            .map(|figure| phrase(say, figure, comparison))
            .collect()
    };
    let kinds = [
        Kind::Simulated,
        Kind::Computed,
        Kind::Measured,
        Kind::Declared,
    ];
    for kind in kinds {
        let phrases = of(kind);
        if phrases.is_empty() {
            continue;
        }
        return match say.0 {
            Lang::Zh => format!("{}（{}）", phrases.join("，"), kind.title(say.0)),
            Lang::En => format!("{} ({})", phrases.join(", "), kind.title(say.0)),
        };
    }
    say.of("没有可比较的指标", "no figures to compare")
}

fn phrase(say: Say, figure: &Figure, comparison: &Comparison) -> String {
    let name = figure.name.title(say.0);
    let (before, after) = (number(figure.before), number(figure.after));
    let unit = number::unit(figure.unit, say.0);
    let mut phrase = format!("{name} {before} → {after}{unit}");
    // The time is the headline's point; the small counts speak for themselves.
    if figure.unit == Unit::Count || figure.cut.is_none() {
        return phrase;
    }
    let mut detail = change(figure.cut);
    if let (Some(_), Some(study)) = (figure.interval, &comparison.study) {
        let level = percent(study.confidence);
        let interval = interval(figure.interval);
        detail += &match say.0 {
            Lang::Zh => format!("，{level} % 置信区间 {interval}"),
            Lang::En => format!(", {level} % interval {interval}"),
        };
    }
    phrase += &match say.0 {
        Lang::Zh => format!("（{detail}）"),
        Lang::En => format!(" ({detail})"),
    };
    phrase
}

fn percent(level: f64) -> String {
    number(Some(100.0 * level))
}

fn scenario_line(say: Say, comparison: &Comparison) -> String {
    if comparison.answers.is_empty() {
        return String::new();
    }
    // Who is not asked something has not answered it so, and is in simulated figures all the same.
    let answered = |of_all: bool| {
        let answers = comparison.answers.iter();
        let answers = answers.filter(|given| given.asked_of_all == of_all);
        let answers = answers.map(|given| match say.0 {
            Lang::Zh => format!("{}——{}", given.ask.zh(), given.say.zh()),
            Lang::En => format!("{} — {}", given.ask.en(), given.say.en()),
        });
        let answers: Vec<_> = answers.collect();
        answers.join(&say.of("；", "; "))
    };
    let (all, where_asked) = (answered(true), answered(false));
    let mut line = match (all.is_empty(), say.0) {
        (true, _) => String::new(),
        (false, Lang::Zh) => format!("仿真和推算的数字均为这样回答的申请人：{all}。"),
        (false, Lang::En) => {
            format!("The simulated and computed figures are of people who all answer: {all}. ")
        }
    };
    if !where_asked.is_empty() {
        line += &match say.0 {
            Lang::Zh => format!(
                "下列问题只有部分申请人需要回答，需要回答的都这样回答：{where_asked}；\
                 不需要回答的申请人也计入仿真数字，推算数字则为这样回答的申请人。"
            ),
            Lang::En => format!(
                "Not everybody is asked the following; whoever is asked answers: {where_asked}. Those who \
                 are not asked are in the simulated figures too; the computed figures are of people who \
                 answer so. "
            ),
        };
    }
    line + &say.of(
        "其余问题，仿真按业务量表的分布回答，推算按基准情形回答。",
        "Other questions they answer as the workload says, and for computed figures as in the \
         reference scenario.",
    )
}

fn study_line(say: Say, comparison: &Comparison) -> String {
    let Some(study) = &comparison.study else {
        return String::new();
    };
    let (cases, replications) = (count(comparison.cases), count(comparison.replications));
    let seed = comparison.seed;
    let mut line = match say.0 {
        Lang::Zh => format!(
            "前后两种方式办理同样的 {cases} 件，{replications} 次成对重复，自 {} 起，种子 {seed}。",
            study.begins
        ),
        Lang::En => format!(
            "The same {cases} cases in both ways, {replications} paired replications, from {} \
             on, seed {seed}.",
            study.begins
        ),
    };
    let compared = study.before.total();
    let all = compared + study.apart.total();
    if compared == 0 {
        return line
            + &say.of(
                "没有一名申请人在两种方式下都有事项可办，无从比较。",
                " No applicant has something to do in both ways: there is nothing to compare.",
            );
    }
    if compared < all {
        let compared = share(Some(compared as f64 / all as f64));
        line += &match say.0 {
            Lang::Zh => {
                format!("各项数据只计两种方式都有事项可办的申请人，占全部申请人的 {compared}。")
            }
            Lang::En => format!(
                " The figures are of the {compared} of the applicants for whom both ways have \
                 something to do."
            ),
        };
    }
    if study.worse.is_some() {
        let worse = share(study.worse);
        line += &match say.0 {
            Lang::Zh => format!("其中新方式用时更长的办件占 {worse}。"),
            Lang::En => format!(" {worse} of the cases took longer in the new way."),
        };
    }
    line
}

fn columns(say: Say, titles: &[(&str, &str, bool)]) -> Vec<Column> {
    let column = |(zh, en, right): &(&str, &str, bool)| Column {
        title: say.of(zh, en),
        right: *right,
    };
    titles.iter().map(column).collect()
}

fn figures_table(say: Say, title: String, figures: &[&Figure]) -> Option<Table> {
    let first = figures.first()?;
    let one_source = figures.iter().all(|figure| figure.source == first.source);
    let intervals = figures.iter().any(|figure| figure.interval.is_some());
    let mut titles = vec![
        ("指标", "figure", false),
        ("改革前", "before", true),
        ("改革后", "after", true),
        ("单位", "unit", false),
        ("变化", "change", true),
    ];
    if intervals {
        titles.push(("变化的区间（%）", "interval of the change (%)", true));
    }
    if !one_source {
        titles.push(("来源", "source", false));
    }
    let mut notes: Vec<String> = Vec::new();
    let mut rows = Vec::new();
    for figure in figures {
        let mut name = figure.name.title(say.0).to_owned();
        for note in &figure.notes {
            let note = note.get(say.0);
            let at = notes.iter().position(|known| known == note);
            let at = at.unwrap_or_else(|| {
                notes.push(note.to_owned());
                notes.len() - 1
            });
            name += &format!(" [{}]", at + 1);
        }
        let unit = match figure.unit {
            Unit::Count => say.of(figure.name.unit_word(Lang::Zh), "count"),
            Unit::WorkingDays | Unit::Days => figure.unit.title(say.0).into(),
        };
        let mut row = vec![
            name,
            number(figure.before),
            number(figure.after),
            unit,
            change(figure.cut),
        ];
        if intervals {
            row.push(interval(figure.interval));
        }
        if !one_source {
            row.push(figure.source.text(say.0));
        }
        rows.push(row);
    }
    Some(Table {
        title,
        columns: columns(say, &titles),
        rows,
        source: one_source.then(|| first.source.text(say.0)),
        notes,
    })
}

fn kind_title(say: Say, kind: Kind, comparison: &Comparison) -> String {
    let is_reference = comparison.answers.is_empty();
    match kind {
        Kind::Simulated => say.of(
            "仿真（模拟办件的均值）",
            "Simulated: means over the lab's cases",
        ),
        Kind::Measured => say.of(
            "实测（真实办结办件的均值）",
            "Measured: means over cases that really ended",
        ),
        Kind::Computed if is_reference => say.of(
            "推算（仅据定义，基准情形）",
            "Computed: from the definitions alone, reference scenario",
        ),
        Kind::Computed => say.of(
            "推算（仅据定义，所选情形）",
            "Computed: from the definitions alone, for the given answers",
        ),
        Kind::Declared => say.of(
            "公布（他方发布，口径以发布方为准）",
            "Declared: published by others, counted their way",
        ),
    }
}

fn outcomes_table(say: Say, study: &StudyFacts) -> Table {
    let row = |zh, en, of: fn(&Outcomes) -> u64| {
        let (before, after) = (of(&study.before), of(&study.after));
        vec![say.of(zh, en), count(before), count(after)]
    };
    let mut rows = vec![
        row("办结", "closed", |o| o.closed),
        row("不予许可", "refused", |o| o.refused),
        row("撤回", "withdrawn", |o| o.withdrawn),
        row("不予受理", "turned away", |o| o.not_accepted),
        row(
            "未办结（不计入均值）",
            "unfinished (in no mean)",
            |o| o.unfinished,
        ),
    ];
    let missing =
        [study.results_before, study.results_after].map(|results| results.missing_share());
    if missing != [None, None] {
        let [before, after] = missing.map(share);
        let name = say.of(
            "应发而未发的结果",
            "results not delivered, of those applied for",
        );
        rows.push(vec![name, before, after]);
    }
    Table {
        title: say.of(
            "办件结果（全部重复合计）",
            "How cases ended, all replications",
        ),
        columns: columns(
            say,
            &[
                ("结果", "outcome", false),
                ("改革前", "before", true),
                ("改革后", "after", true),
            ],
        ),
        rows,
        source: None,
        notes: Vec::new(),
    }
}

fn loads_table(say: Say, study: &StudyFacts, comparison: &Comparison) -> Option<Table> {
    let mut keys: Vec<&DepartmentKey> = Vec::new();
    for load in study.loads_before.iter().chain(&study.loads_after) {
        if !keys.contains(&&load.department) {
            keys.push(&load.department);
        }
    }
    if keys.is_empty() {
        return None;
    }
    let row = |key: &&DepartmentKey| {
        let find = |loads: &'_ [Load]| loads.iter().find(|load| load.department == **key).cloned();
        let (before, after) = (find(&study.loads_before), find(&study.loads_after));
        let title = comparison.departments.get(*key);
        let of = |load: &Option<Load>, read: fn(&Load) -> Option<f64>| load.as_ref().and_then(read);
        let officers: Vec<String> = [&before, &after]
            .into_iter()
            .flatten()
            .map(|load| load.officers.map_or(UNKNOWN.into(), |n| n.to_string()))
            .collect();
        let officers = match officers.as_slice() {
            [one, other] if one != other => format!("{one} → {other}"),
            [one, ..] => one.clone(),
            [] => UNKNOWN.into(),
        };
        let mut cells = vec![
            title.map_or_else(|| key.to_string(), |title| title.get(say.0).to_owned()),
            officers,
        ];
        for side in [&before, &after] {
            cells.push(share(of(side, |load| load.utilisation)));
        }
        for side in [&before, &after] {
            cells.push(number(of(side, |load| Some(load.wait_open_hours))));
        }
        for side in [&before, &after] {
            cells.push(number(of(side, |load| Some(load.queue))));
        }
        cells
    };
    Some(Table {
        title: say.of("各部门的工作负荷", "Departments' load"),
        columns: columns(
            say,
            &[
                ("部门", "department", false),
                ("人员", "officers", true),
                ("利用率（前）", "busy, before", true),
                ("利用率（后）", "busy, after", true),
                ("平均等待（前，工作小时）", "wait before (open h)", true),
                ("平均等待（后，工作小时）", "wait after (open h)", true),
                ("平均排队（前）", "queue, before", true),
                ("平均排队（后）", "queue, after", true),
            ],
        ),
        rows: keys.iter().map(row).collect(),
        source: None,
        notes: Vec::new(),
    })
}

fn definitions_table(say: Say) -> Table {
    let row = |name: FigureName| vec![name.title(say.0).into(), name.definition(say.0).into()];
    let rounding = say.of(
        "数字保留两位小数，百分比保留一位；变化按未取整的数字计算：(前 − 后) ÷ 前，负号表示减少。",
        "Numbers are rounded to two digits after the point, percentages to one; changes are \
         worked out from the unrounded numbers as (before - after) / before, and shown with a \
         minus where the figure falls.",
    );
    Table {
        title: say.of("指标的含义", "What the figures count"),
        columns: columns(
            say,
            &[("指标", "figure", false), ("含义", "meaning", false)],
        ),
        rows: FigureName::ALL.into_iter().map(row).collect(),
        source: None,
        notes: vec![rounding],
    }
}

#[cfg(test)]
mod tests;
