//! The workload: figures with their origins, checked for what cannot be.

use std::collections::BTreeSet;
use std::fmt::Display;

use onething_model::{Lang, Limit, StepKey};
use onething_plan::workload::{
    AnswerMix, Arrivals, Distribution, Duration, Figure, Origin, Part, Staff, Unit, Workload,
};
use onething_plan::{Answer, QuestionType};

use super::distributions::{counted, impossible, made};
use super::merged::merged;
use super::subjects::{Known, Subjects};
use super::symbols::Symbols;
use super::{Cx, DEPARTMENT, MATTER, OPTION, REGISTRY};
use crate::diagnostic::{Code, Diagnostic, both};
use crate::source::Span;
use crate::syntax::Read;
use crate::syntax::figures::{DistributionDef, FigureDef, OriginDef, ProbabilityDef, Section};
use crate::syntax::values::{AnyValue, Probability};
use crate::syntax::workload::{StaffDef, WorkloadFile};
use crate::yaml::read::{Reader, Spanned};
use crate::yaml::{Map, Node, Value};

/// The meaning of a workload.
pub(crate) fn workload(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'_>,
    subjects: &Subjects<'_>,
    lang: Lang,
    file: &Spanned<WorkloadFile>,
) -> Workload {
    let mut lower = Lower {
        cx,
        symbols,
        lang,
        names_known: subjects.whole,
        whole: stated(file.source.as_ref(), file.assumed.as_ref()),
    };
    let matters: BTreeSet<String> = symbols
        .matters
        .iter()
        .map(|matter| matter.key.as_str().to_owned())
        .collect();
    let registries: BTreeSet<String> = symbols
        .registries()
        .into_iter()
        .map(str::to_owned)
        .collect();
    let steps = Known::Steps(subjects);
    let mut made = Workload {
        arrivals: lower.arrivals(file),
        answers: lower.answers(file),
        staff: lower.staff(file, subjects),
        work: lower.section(file.work.as_ref(), "work", steps, Lower::duration_of),
        lying: lower.section(file.lying.as_ref(), "lying", steps, Lower::duration_of),
        misses: lower.section(
            file.misses.as_ref(),
            "misses",
            Known::Others(REGISTRY, &registries),
            Lower::probability_of,
        ),
        supplements: lower.section(
            file.supplements.as_ref(),
            "supplements",
            Known::Others(MATTER, &matters),
            Lower::probability_of,
        ),
        answered_after: lower.single(file.answered_after.as_ref(), "answered_after"),
        refusals: lower.section(
            file.refusals.as_ref(),
            "refusals",
            steps,
            Lower::probability_of,
        ),
        between_matters: lower.single(file.between_matters.as_ref(), "between_matters"),
        merged: Vec::new(),
    };
    made.merged = merged(lower.cx, symbols, subjects, file, &made);
    for table in [&mut made.work, &mut made.lying] {
        accepted_apart(table, &made.merged, subjects);
    }
    made
}

/// What `accept` takes, each acceptance of a matter handled apart takes too: the same work at
/// another window. One that states its own, or is made of others, keeps that.
fn accepted_apart(
    table: &mut Vec<(StepKey, Figure<Duration>)>,
    merged: &[(StepKey, Vec<Part>)],
    subjects: &Subjects<'_>,
) {
    let accept = table.iter().find(|(key, _)| key.as_str() == "accept");
    let Some(figure) = accept.map(|(_, figure)| figure.clone()) else {
        return;
    };
    // These names are kept for what is derived.
    let apart = subjects.steps.iter();
    let apart = apart.filter(|name| name.starts_with("accept-"));
    for key in apart.filter_map(|name| name.parse::<StepKey>().ok()) {
        let stated = table.iter().any(|(known, _)| *known == key);
        if !stated && !merged.iter().any(|(known, _)| *known == key) {
            table.push((key, figure.clone()));
        }
    }
}

fn stated(source: Option<&Spanned<String>>, assumed: Option<&Spanned<String>>) -> Origin {
    match (source, assumed) {
        (Some(source), _) => Origin::Source(source.value.clone()),
        (None, Some(assumed)) => Origin::Assumed(assumed.value.clone()),
        (None, None) => Origin::Unstated,
    }
}

struct Lower<'a, 'c, 's> {
    cx: &'a mut Cx<'c>,
    symbols: &'a Symbols<'s>,
    lang: Lang,
    names_known: bool,
    /// The origin of figures that state none.
    whole: Origin,
}

/// A value with the origin it states itself.
type Own<T> = Option<(T, Origin)>;

impl Lower<'_, '_, '_> {
    /// The first origin that is stated, from the figure outward; a figure without any is
    /// a warning.
    fn origin(&mut self, own: Origin, section: &Origin, span: Span, field: &str) -> Origin {
        for origin in [&own, section, &self.whole] {
            if *origin != Origin::Unstated {
                return origin.clone();
            }
        }
        if self.is_origin_told(span, field) {
            return Origin::Unstated;
        }
        self.cx.report(
            Diagnostic::new(
                Code::NoOrigin,
                span,
                both!(
                    "这个数字没有来源",
                    "nothing says where this figure comes from",
                ),
            )
            .field(field)
            .why(both!(
                "没有来源的数字经不起核查",
                "a figure without an origin does not stand before an auditor",
            ))
            .help(both!(
                "补上 `source: …`（公布的或实测的）或 `assumed: …`（假设及其理由），可以写在数字旁、所在的一节或文件开头",
                "add `source: …` (published or measured) or `assumed: …` (and why), beside the figure, in its section or at the top of the file",
            )),
        );
        Origin::Unstated
    }

    /// Whether an origin was written that cannot be read, of the figure or of what it is in: that
    /// is told where it is written, and not of each figure again.
    fn is_origin_told(&self, span: Span, field: &str) -> bool {
        let inner = field.match_indices('.').map(|(at, _)| &field[..=at]);
        let own = format!("{field}.");
        std::iter::once("")
            .chain(inner)
            .chain([&*own])
            .any(|within| {
                let written = |key: &str| format!("{within}{key}");
                let told = |key| self.cx.found.speaks_of(span.file, &written(key));
                told("source") || told("assumed")
            })
    }

    fn section<K, T, V>(
        &mut self,
        section: Option<&Spanned<Section<K, T>>>,
        name: &str,
        known: Known<'_>,
        value: impl Fn(&mut Self, &T, Span, &str) -> Own<V>,
    ) -> Vec<(K, Figure<V>)>
    where
        K: Clone + Display,
    {
        let Some(section) = section else {
            return Vec::new();
        };
        let shared = own(&section.origin);
        let mut made = Vec::new();
        for (key, def) in section.figures.iter() {
            let text = key.value.to_string();
            let field = format!("{name}.{text}");
            if !known.contains(&text) && !self.names_known {
                continue;
            }
            if !known.contains(&text) {
                known.unknown(self.cx, key.span, &field, &text);
                continue;
            }
            let Some((value, own)) = value(self, def, key.span, &field) else {
                continue;
            };
            let origin = self.origin(own, &shared, key.span, &field);
            made.push((key.value.clone(), Figure { value, origin }));
        }
        made
    }

    fn single(
        &mut self,
        def: Option<&Spanned<FigureDef<Limit>>>,
        field: &str,
    ) -> Option<Figure<Duration>> {
        let def = def?;
        let (value, own) = self.duration_of(&def.value, def.span, field)?;
        let origin = self.origin(own, &Origin::Unstated, def.span, field);
        Some(Figure { value, origin })
    }

    fn probability_of(&mut self, def: &ProbabilityDef, _: Span, _: &str) -> Own<f64> {
        let record = &def.0;
        let own = stated(record.source.as_ref(), record.assumed.as_ref());
        Some((record.probability?.value.0, own))
    }

    fn duration_of(&mut self, def: &FigureDef<Limit>, span: Span, field: &str) -> Own<Duration> {
        let written = def.distribution.as_ref()?;
        let unit = std::cell::Cell::new(None);
        let mixed = std::cell::Cell::new(None);
        let distribution = made(written, |limit: &Spanned<Limit>| {
            let (count, this) = counted(limit.value);
            match unit.get() {
                None => unit.set(Some(this)),
                Some(first) if first != this => mixed.set(Some(limit.span)),
                Some(_) => {}
            }
            count
        });
        if let Some(span) = mixed.get() {
            self.cx.report(
                Diagnostic::new(
                    Code::MixedUnits,
                    span,
                    both!(
                        "一个分布中的时长单位不同",
                        "the durations of one distribution have different units",
                    ),
                )
                .field(field)
                .why(both!(
                    "工作日、自然日和小时不能换算",
                    "working days, calendar days and hours are never converted",
                ))
                .help(both!("都用同一种单位", "use one unit for all of them")),
            );
            return None;
        }
        let distribution = self.possible(distribution, written, span, field)?;
        let unit = unit.get().unwrap_or(Unit::Hours);
        Some((Duration { distribution, unit }, own(&def.origin)))
    }

    /// Refuses distributions that cannot be.
    fn possible<V>(
        &mut self,
        made: Distribution,
        written: &DistributionDef<V>,
        span: Span,
        field: &str,
    ) -> Option<Distribution> {
        let Some(fault) = impossible(&made, written) else {
            return Some(made);
        };
        let (zh, en) = (fault.zh(), fault.en());
        self.cx.report(
            Diagnostic::new(
                Code::BadDistribution,
                span,
                both!("分布的参数不对：{zh}", "this distribution cannot be: {en}"),
            )
            .field(field)
            .help(both!("改正参数", "correct the parameters")),
        );
        None
    }

    fn arrivals(&mut self, file: &WorkloadFile) -> Option<Arrivals> {
        let def = file.arrivals.as_ref()?;
        let calendar = match &def.on {
            Some(key) => {
                self.symbols
                    .calendar(self.cx, key.as_str(), key.span, "arrivals.on")?
                    .0
            }
            None => self.symbols.calendar.clone()?,
        };
        let per_year = def.per_year?;
        if per_year.value <= 0.0 || per_year.value > 1e9 {
            self.cx.report(
                Diagnostic::new(
                    Code::BadNumber,
                    per_year.span,
                    both!(
                        "每年的申请数应当大于零，且不超过十亿",
                        "applications a year must be more than zero and at most a thousand million",
                    ),
                )
                .field("arrivals.per_year")
                .help(both!("写成如 `2400`", "write it as in `2400`")),
            );
            return None;
        }
        let own = stated(def.source.as_ref(), def.assumed.as_ref());
        let origin = self.origin(own, &Origin::Unstated, per_year.span, "arrivals");
        Some(Arrivals {
            per_year: per_year.value,
            calendar,
            origin,
        })
    }

    fn staff(
        &mut self,
        file: &WorkloadFile,
        subjects: &Subjects<'_>,
    ) -> Vec<(onething_model::DepartmentKey, Figure<Staff>)> {
        let symbols = self.symbols;
        let known: BTreeSet<String> = symbols
            .tree
            .departments
            .iter()
            .map(|entry| entry.key.as_str().to_owned())
            .collect();
        let section = file.staff.as_ref();
        for (key, _) in section.iter().flat_map(|section| section.figures.iter()) {
            let name = key.as_str();
            if subjects.whole && known.contains(name) && !subjects.departments.contains(name) {
                self.cx.report(
                    Diagnostic::new(
                        Code::NotNeeded,
                        key.span,
                        both!(
                            "部门 `{name}` 在两种办法中都没有环节",
                            "the department `{name}` does no step in either way",
                        ),
                    )
                    .field(format!("staff.{name}"))
                    .help(both!("删除这一项", "remove the entry")),
                );
            }
        }
        self.section(
            section,
            "staff",
            Known::Others(DEPARTMENT, &known),
            |this, def: &StaffDef, _, field| {
                let (calendar, hours) = match &def.hours {
                    Some(key) => this
                        .symbols
                        .calendar(this.cx, key.as_str(), key.span, field)?,
                    None => this
                        .symbols
                        .calendar
                        .clone()
                        .zip(this.symbols.calendar_title.clone())?,
                };
                let own = stated(def.source.as_ref(), def.assumed.as_ref());
                let staff = Staff {
                    officers: def.officers?.value.get(),
                    calendar,
                    hours,
                };
                Some((staff, own))
            },
        )
    }

    fn answers(
        &mut self,
        file: &WorkloadFile,
    ) -> Vec<(onething_model::QuestionKey, Figure<AnswerMix>)> {
        let Some(section) = &file.answers else {
            return Vec::new();
        };
        let shared = own(&section.origin);
        let symbols = self.symbols;
        let mut made = Vec::new();
        for (key, written) in section.figures.iter() {
            let field = format!("answers.{}", key.as_str());
            let at = symbols.question(self.cx, key.as_str(), key.span, &field);
            let Some(kind) = at.and_then(|at| symbols.questions[at].kind.as_ref()) else {
                continue;
            };
            let Some((value, own)) = self.mix(written, kind, key.span, &field) else {
                continue;
            };
            let origin = self.origin(own, &shared, key.span, &field);
            made.push((key.value.clone(), Figure { value, origin }));
        }
        for question in &symbols.questions {
            let name = question.key.as_str();
            let given = section
                .figures
                .entries
                .iter()
                .any(|(key, _)| key.as_str() == name);
            if !given {
                self.cx.report(
                    Diagnostic::new(
                        Code::MissingAnswer,
                        section.span,
                        both!(
                            "没有写明申请人如何回答 `{name}`",
                            "nothing says how applicants answer `{name}`",
                        ),
                    )
                    .field("answers")
                    .related(
                        question.key.span,
                        both!("问题在这里", "the question is here"),
                    )
                    .help(both!(
                        "补上 `{name}: 60%` 或一个分布",
                        "add `{name}: 60%` or a distribution",
                    )),
                );
            }
        }
        made
    }

    fn mix(
        &mut self,
        written: &AnyValue,
        kind: &QuestionType,
        span: Span,
        field: &str,
    ) -> Own<AnswerMix> {
        let node = &written.0;
        match kind {
            QuestionType::YesNo => {
                let (share, own) = self.yes_share(node, field)?;
                let shares = vec![
                    (Answer::YesNo(true), share),
                    (Answer::YesNo(false), 1.0 - share),
                ];
                Some((AnswerMix::Shares(shares), own))
            }
            QuestionType::Number { .. } => {
                let def = self.reading(field, |reader| FigureDef::<f64>::read(node, reader))?;
                let written = def.distribution.as_ref()?;
                let distribution = made(written, |number: &Spanned<f64>| number.value);
                let distribution = self.possible(distribution, written, span, field)?;
                Some((AnswerMix::Number(distribution), own(&def.origin)))
            }
            QuestionType::Choice(options) => self.choice_mix(node, options, field),
        }
    }

    fn reading<T>(&mut self, field: &str, read: impl FnOnce(&mut Reader<'_>) -> T) -> T {
        let lang = self.lang;
        let mut reader = Reader::new(self.cx.found, lang);
        reader.within(field, read)
    }

    /// `60%`, or `{ yes: 60%, source: … }`.
    fn yes_share(&mut self, node: &Node, field: &str) -> Own<f64> {
        let Value::Map(map) = &node.value else {
            let share = self.reading(field, |reader| Probability::read(node, reader))?;
            return Some((share.0, Origin::Unstated));
        };
        let renamed = Node {
            value: Value::Map(Map {
                entries: map
                    .entries
                    .iter()
                    .cloned()
                    .map(|mut entry| {
                        if &*entry.key.text == "yes" {
                            entry.key.text = "probability".into();
                        }
                        entry
                    })
                    .collect(),
                partial: map.partial,
            }),
            span: node.span,
        };
        let def = self.reading(field, |reader| ProbabilityDef::read(&renamed, reader))?;
        self.probability_of(&def, node.span, field)
    }

    fn choice_mix(
        &mut self,
        node: &Node,
        options: &[(std::sync::Arc<str>, onething_model::Text)],
        field: &str,
    ) -> Own<AnswerMix> {
        let section = self.reading(field, |reader| {
            Section::<crate::syntax::values::Name, Probability>::read(node, reader)
        })?;
        let mut shares = Vec::new();
        for (name, share) in section.figures.iter() {
            let Some((option, _)) = options.iter().find(|(key, _)| &**key == name.as_str()) else {
                let names = options.iter().map(|(key, _)| &**key);
                self.cx
                    .unknown(OPTION, name.span, field, name.as_str(), names);
                return None;
            };
            shares.push((Answer::Choice(option.clone()), share.0));
        }
        let whole = section.figures.entries.len() == shares.len();
        let sum: f64 = shares.iter().map(|(_, share)| share).sum();
        if whole && (sum - 1.0).abs() > 1e-9 {
            let percent = (sum * 1e4).round() / 1e2;
            self.cx.report(
                Diagnostic::new(
                    Code::SharesDoNotAddUp,
                    node.span,
                    both!(
                        "比例之和是 {percent}%，应当是 100%",
                        "the shares add up to {percent}%, not to 100%",
                    ),
                )
                .field(field)
                .help(both!("写出全部选项的比例", "give every option its share",)),
            );
            return None;
        }
        Some((AnswerMix::Shares(shares), own(&section.origin)))
    }
}

fn own(origin: &OriginDef) -> Origin {
    stated(origin.source.as_ref(), origin.assumed.as_ref())
}
