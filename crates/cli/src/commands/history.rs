//! What an auditor asks of a case: what happened and who did it, what it waited
//! for while nothing happened, and who was shown which personal data.

use onething_engine::{
    Ask, Blueprint, CONFIRMATION, Case, Event, LOOK_UP, NOTICE, PersonalRead, Record,
};
use onething_model::{Calendar, FieldPath, Lang, Micros, Text, Timestamp};
use onething_plan::Plan;
use onething_runtime::HistoryLine;
use onething_store::Position;
use serde_json::{Value, json};

use crate::output::Output;
use crate::say::both;
use crate::sentences::{self, Around};
use crate::{show, wire};

/// Shorter than this nothing is said of a wait.
const WORTH_TELLING: Micros = Micros::MINUTE;

/// A case record by record, with the waits between them.
pub(crate) struct Story<'a> {
    plan: Option<&'a Plan>,
    lines: Vec<Told<'a>>,
}

/// A record, what it says, and what is awaited from it on.
struct Told<'a> {
    line: &'a HistoryLine,
    text: Text,
    wait: Wait,
}

/// What is awaited from a record on.
#[derive(Default)]
struct Wait {
    of: Vec<Awaited>,
}

struct Awaited {
    step: String,
    text: Text,
}

impl<'a> Story<'a> {
    /// The story that records tell. Without the plan nobody can say what was awaited.
    pub(crate) fn of(plan: Option<&'a Plan>, history: &'a [HistoryLine]) -> Self {
        let mut case: Option<Case> = None;
        let mut refused = None;
        let mut lines = Vec::with_capacity(history.len());
        let blueprint = plan.map(|plan| Blueprint::new(plan.clone().into()));
        for line in history {
            let resolved = plan.and_then(|plan| line.record.resolve(plan).ok());
            let mut text = None;
            if let (Some(blueprint), Some(record)) = (&blueprint, &resolved) {
                match &mut case {
                    Some(case) => case.apply(&record.event, record.at),
                    None => {
                        let first = [(record.at, &record.event)];
                        case = Case::replay(blueprint, first).ok();
                    }
                }
                if let Event::StepRefused { step, .. } = &record.event {
                    refused = Some(*step);
                }
                let of = Around {
                    refused,
                    after: case.as_ref(),
                };
                text = Some(sentences::sentence(blueprint.plan(), record, of));
            }
            lines.push(Told {
                line,
                text: text.unwrap_or_else(|| sentences::bare(&line.record)),
                wait: case.as_ref().map_or_else(Wait::default, Wait::of),
            });
        }
        Self { plan, lines }
    }

    /// What was recorded after a place in the journal.
    pub(crate) fn since(mut self, position: Position) -> Self {
        self.lines.retain(|told| told.line.position > position);
        self
    }

    /// The records, each with what it says.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (&'a HistoryLine, &Text)> {
        self.lines.iter().map(|told| (told.line, &told.text))
    }

    /// For people; `now` ends the wait of a case that is not over.
    pub(crate) fn show(&self, now: Timestamp, out: &mut Output) {
        let mut lines = self.lines.iter().peekable();
        while let Some(Told { line, text, wait }) = lines.next() {
            out.line(&show::history_line(self.plan, line, text, out.lang));
            for text in self.reads(line) {
                out.line(&format!("        {}", text.get(out.lang)));
            }
            let at = line.record.at;
            let told = match lines.peek() {
                Some(next) => wait.between(at, next.line.record.at, self.calendar(), false),
                None => wait.between(at, now, self.calendar(), true),
            };
            if let Some(text) = told {
                out.line(&format!("      ⋯ {}", text.get(out.lang)));
            }
        }
    }

    /// For programs: each record, with what the case waited for before it.
    pub(crate) fn as_json(&self) -> Vec<Value> {
        let mut before: Option<(Timestamp, &Wait)> = None;
        let mut all = Vec::with_capacity(self.lines.len());
        for Told { line, text, wait } in &self.lines {
            let mut wire = wire::history(line, text);
            let reads = reads_of(&line.record.event);
            if !reads.is_empty() {
                wire["reads"] = reads.iter().map(read_as_json).collect();
            }
            if let Some((since, waited)) = before
                && line.record.at - since >= WORTH_TELLING
            {
                let steps = waited.of.iter().map(|awaited| awaited.step.clone());
                wire["waited"] = json!({
                    "since": since.to_string(),
                    "seconds": (line.record.at - since).0 / Micros::SECOND.0,
                    "working_days": self
                        .calendar()
                        .map(|calendar| calendar.working_days_between(since, line.record.at)),
                    "for": steps.collect::<Vec<_>>(),
                });
            }
            before = Some((line.record.at, wait));
            all.push(wire);
        }
        all
    }

    fn calendar(&self) -> Option<&Calendar> {
        self.plan.map(|plan| plan.calendar.as_ref())
    }

    /// Purpose and basis of a reading, once for all fields that share them.
    fn reads(&self, line: &HistoryLine) -> Vec<Text> {
        let mut grounds: Vec<(&str, &str, Vec<&FieldPath>)> = Vec::new();
        for read in reads_of(&line.record.event) {
            let same = |(purpose, basis, _): &&mut (&str, &str, _)| {
                (*purpose, *basis) == (read.purpose.as_str(), read.basis.as_str())
            };
            match grounds.iter_mut().find(same) {
                Some((_, _, fields)) => fields.push(&read.field),
                None => grounds.push((&read.purpose, &read.basis, vec![&read.field])),
            }
        }
        let several = grounds.len() > 1;
        let told = |(purpose, basis, fields): &(&str, &str, Vec<&FieldPath>)| {
            let purpose = purpose_of(self.plan, purpose);
            let (zh, en) = (purpose.zh(), purpose.en());
            let basis = if basis.is_empty() { "—" } else { basis };
            let names = |lang: Lang| -> Vec<String> {
                let titled = fields.iter().map(|path| titled(self.plan, path));
                titled.map(|title| title.get(lang).to_owned()).collect()
            };
            let (of_zh, of_en) = match several {
                true => (
                    format!("：{}", names(Lang::Zh).join("、")),
                    format!(": {}", names(Lang::En).join(", ")),
                ),
                false => Default::default(),
            };
            both!(
                "用途：{zh}；依据：{basis}{of_zh}",
                "for {en}, on the basis of {basis}{of_en}",
            )
        };
        grounds.iter().map(told).collect()
    }
}

impl Wait {
    fn of(case: &Case) -> Self {
        let plan = case.plan();
        let one = |effect: onething_engine::Effect| {
            let item = plan.step(effect.step);
            let (whose_zh, whose_en) = sentences::whose(plan, effect.step);
            let (zh, en) = (item.title.zh(), item.title.en());
            let text = match effect.ask {
                Ask::Dispatch { .. } | Ask::LookUp { .. } | Ask::Work => {
                    both!("{whose_zh}「{zh}」", "{whose_en} (“{en}”)")
                }
                Ask::Submission | Ask::Errand => {
                    both!("申请人「{zh}」", "the applicant (“{en}”)")
                }
                Ask::Supplement => {
                    both!("申请人补正「{zh}」", "the applicant's supplement (“{en}”)")
                }
                Ask::Wake { .. } => {
                    both!(
                        "{whose_zh}「{zh}」到时重试",
                        "{whose_en} to be tried again (“{en}”)"
                    )
                }
                Ask::Incident => {
                    both!(
                        "{whose_zh}「{zh}」受阻，待人工处理",
                        "{whose_en}, stuck (“{en}”)"
                    )
                }
            };
            Awaited {
                step: item.key.to_string(),
                text,
            }
        };
        Self {
            of: case.outstanding().map(one).collect(),
        }
    }

    /// How long nothing happened and what was awaited; nothing where it is not worth telling.
    fn between(
        &self,
        from: Timestamp,
        to: Timestamp,
        calendar: Option<&Calendar>,
        still: bool,
    ) -> Option<Text> {
        let span = to - from;
        if span < WORTH_TELLING || self.of.is_empty() {
            return None;
        }
        let long = length(span);
        let (long_zh, long_en) = (long.zh(), long.en());
        let working = calendar.map_or_else(Text::default, |calendar| {
            let days = calendar.working_days_between(from, to);
            both!("（{days:.1} 个工作日）", " ({days:.1} working days)")
        });
        let (days_zh, days_en) = (working.zh(), working.en());
        let names = |lang: Lang| {
            let each = self.of.iter().map(|awaited| awaited.text.get(lang));
            let names: Vec<_> = each.collect();
            names.join(if lang == Lang::Zh { "、" } else { ", " })
        };
        let (zh, en) = (names(Lang::Zh), names(Lang::En));
        Some(match still {
            false => both!(
                "{long_zh}{days_zh}，等待：{zh}",
                "{long_en}{days_en}, waiting for {en}",
            ),
            true => both!(
                "至今 {long_zh}{days_zh}，等待：{zh}",
                "{long_en}{days_en} until now, waiting for {en}",
            ),
        })
    }
}

/// A span in its two largest units.
fn length(span: Micros) -> Text {
    let minutes = span.0 / Micros::MINUTE.0;
    let (days, hours, rest) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) => both!("{rest} 分钟", "{rest} min"),
        (0, _) => both!("{hours} 小时 {rest} 分钟", "{hours} h {rest} min"),
        (_, _) => both!("{days} 天 {hours} 小时", "{days} d {hours} h"),
    }
}

/// A personal field that somebody was shown.
pub(crate) struct Reading {
    at: Timestamp,
    by: Option<String>,
    who: Text,
    step: Option<String>,
    title: Text,
    read: PersonalRead<FieldPath>,
}

/// Who was shown which personal field, in order; of one field if asked.
pub(crate) fn readings(
    plan: Option<&Plan>,
    history: &[HistoryLine],
    only: Option<&str>,
) -> Vec<Reading> {
    let mut all = Vec::new();
    for line in history {
        let record = &line.record;
        let resolved = plan.and_then(|plan| Some((plan, record.resolve(plan).ok()?)));
        let who = match &resolved {
            Some((plan, record)) => who(plan, record),
            None => Text::default(),
        };
        let step = match &record.event {
            Event::DataRead { step, .. } => Some(step.to_string()),
            _ => None,
        };
        for read in reads_of(&record.event) {
            if only.is_some_and(|only| read.field.to_string() != only) {
                continue;
            }
            all.push(Reading {
                at: record.at,
                by: record.by.as_deref().map(str::to_owned),
                who: who.clone(),
                step: step.clone(),
                title: titled(plan, &read.field),
                read: read.clone(),
            });
        }
    }
    all
}

/// Whose field it is and what people call it; its name where nobody knows.
fn titled(plan: Option<&Plan>, path: &FieldPath) -> Text {
    let found = plan.and_then(|plan| Some(plan.field(plan.find_field(path)?)));
    match found {
        Some(field) => show::name_of(plan, path, &field.title),
        None => Text::new(path.to_string(), path.to_string()),
    }
}

/// The department, registry or applicant, without the person's name.
fn who(plan: &Plan, record: &Record) -> Text {
    let nobody = Record {
        by: None,
        ..record.clone()
    };
    sentences::reader(plan, &nobody)
}

impl Reading {
    /// For programs.
    pub(crate) fn as_json(&self) -> Value {
        let mut wire = read_as_json(&self.read);
        wire["at"] = self.at.to_string().into();
        wire["by"] = json!(self.by);
        wire["who"] = json!(self.who);
        wire["step"] = json!(self.step);
        wire["title"] = json!(self.title);
        wire
    }
}

/// Readings as a table.
pub(crate) fn show_readings(
    readings: &[Reading],
    plan: Option<&Plan>,
    only: Option<&str>,
    out: &mut Output,
) {
    if readings.is_empty() {
        out.say(&match only {
            Some(field) => both!("没有人查阅过 `{field}`", "nobody was shown `{field}`",),
            None => both!("没有人查阅过个人信息", "nobody was shown personal data"),
        });
        return;
    }
    let header = [
        both!("时间", "at"),
        both!("单位", "of"),
        both!("查阅人", "who"),
        both!("环节", "for the step"),
        both!("字段", "field"),
        both!("用途", "purpose"),
        both!("依据", "basis"),
    ];
    let mut table = out.table(header.map(|text| text.get(out.lang).to_owned()));
    let calendar = plan.map(|plan| plan.calendar.as_ref());
    for one in readings {
        let whole = both!("整个办件", "the whole case");
        let system = both!("系统", "its system");
        table.add_row([
            show::time(calendar, one.at),
            one.who.get(out.lang).to_owned(),
            match &one.by {
                Some(by) => by.clone(),
                None => system.get(out.lang).to_owned(),
            },
            match &one.step {
                Some(step) => step.clone(),
                None => whole.get(out.lang).to_owned(),
            },
            match out.lang {
                Lang::Zh => format!("{}（{}）", one.title.zh(), one.read.field),
                Lang::En => format!("{} ({})", one.title.en(), one.read.field),
            },
            purpose_of(plan, &one.read.purpose).get(out.lang).to_owned(),
            one.read.basis.clone(),
        ]);
    }
    out.line(&table.trim_fmt());
}

fn reads_of<S, Q, R>(event: &Event<S, FieldPath, Q, R>) -> &[PersonalRead<FieldPath>] {
    match event {
        Event::DataRead { reads, .. } | Event::CaseRead { reads, .. } => reads,
        _ => &[],
    }
}

fn read_as_json(read: &PersonalRead<FieldPath>) -> Value {
    json!({
        "field": read.field.to_string(),
        "purpose": read.purpose,
        "basis": read.basis,
    })
}

/// What for, in words: the engine's own purposes, those that the definition names, the
/// others as the grant has them.
fn purpose_of(plan: Option<&Plan>, purpose: &str) -> Text {
    match purpose {
        CONFIRMATION => both!("申请人核对", "the applicant's confirmation"),
        LOOK_UP => both!("查询数据库", "a look-up"),
        NOTICE => both!("向申请人告知", "the notice to the applicant"),
        other => plan.map_or_else(|| Text::new(other, other), |plan| plan.purpose(other)),
    }
}
