//! The names of one service: roles, questions, matters, and what both ways share.

use std::sync::Arc;

use onething_model::{Calendar, Limit, MatterKey, QuestionKey, RoleKey, Text};
use onething_plan::{Answer, Answers, Cond, Limits, QuestionIx, QuestionType, Refused};

use super::contract::{no_options, reversed};
use super::tree::Tree;
use super::{CALENDAR, CONTRACT, Cx, Index, MATTER, OPTION, QUESTION, ROLE, titled};
use crate::condition::{self, Known, RESERVED};
use crate::diagnostic::{Code, Diagnostic, both};
use crate::source::Span;
use crate::syntax::service::{MatterDef, QuestionDef, QuestionKind, RefusedWord, ServiceFile};
use crate::syntax::step::LimitDef;
use crate::syntax::values::{AnyValue, Condition};
use crate::yaml::read::Spanned;
use crate::yaml::{Value, scalar};

/// A role of the service.
#[derive(Debug, Clone)]
pub(crate) struct RoleEntry {
    pub(crate) key: Spanned<RoleKey>,
    pub(crate) title: Text,
    /// `None` where it is unknown and was reported.
    pub(crate) contract: Option<usize>,
    /// Whether there can be several subjects.
    pub(crate) many: bool,
}

/// A question of the service.
#[derive(Debug, Clone)]
pub(crate) struct QuestionEntry {
    pub(crate) key: Spanned<QuestionKey>,
    pub(crate) ask: Text,
    /// `None` where it is broken and was reported.
    pub(crate) kind: Option<QuestionType>,
    pub(crate) when: Cond,
}

/// A matter of the service.
#[derive(Debug, Clone)]
pub(crate) struct MatterEntry {
    pub(crate) key: Spanned<MatterKey>,
    pub(crate) title: Text,
    pub(crate) code: Option<String>,
    pub(crate) department: Option<usize>,
    pub(crate) when: Cond,
    pub(crate) limit: Limits,
    pub(crate) refused: Refused,
}

/// The names of one service.
#[derive(Debug, Clone)]
pub(crate) struct Symbols<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) roles: Vec<RoleEntry>,
    role_names: Index,
    pub(crate) questions: Vec<QuestionEntry>,
    pub(crate) matters: Vec<MatterEntry>,
    matter_names: Index,
    pub(crate) owner: Option<usize>,
    pub(crate) calendar: Option<Arc<Calendar>>,
    pub(crate) calendar_title: Option<Text>,
    pub(crate) applicant: Option<usize>,
    pub(crate) reference: Answers,
}

impl<'a> Symbols<'a> {
    /// Reads everything of a service that is not a step.
    pub(crate) fn read(cx: &mut Cx<'_>, tree: &'a Tree, file: &ServiceFile) -> Self {
        let mut this = Self {
            tree,
            roles: Vec::new(),
            role_names: Index::default(),
            questions: Vec::new(),
            matters: Vec::new(),
            matter_names: Index::default(),
            owner: file
                .owner
                .as_ref()
                .and_then(|owner| tree.department(cx, owner, "owner")),
            calendar: None,
            calendar_title: None,
            applicant: None,
            reference: Answers::none(0),
        };
        let calendar = file
            .calendar
            .as_ref()
            .and_then(|key| this.calendar(cx, key.as_str(), key.span, "calendar"));
        (this.calendar, this.calendar_title) = calendar.unzip();
        this.read_roles(cx, file);
        this.applicant = file
            .applicant
            .as_ref()
            .and_then(|key| this.role(cx, key.as_str(), key.span, "applicant"));
        this.read_questions(cx, file);
        this.read_reference(cx, file);
        for (key, def) in file.matters.iter().flat_map(|matters| &matters.entries) {
            this.matter_names.insert(key.as_str(), this.matters.len());
            let matter = this.read_matter(cx, key, def.as_ref());
            this.matters.push(matter);
        }
        this
    }

    /// A calendar by name, with its title; reports an unknown one.
    pub(crate) fn calendar(
        &self,
        cx: &mut Cx<'_>,
        name: &str,
        span: Span,
        field: &str,
    ) -> Option<(Arc<Calendar>, Text)> {
        let Some(at) = self.tree.find_calendar(name) else {
            let names = self.tree.calendars.iter().map(|entry| entry.name.as_str());
            cx.unknown(CALENDAR, span, field, name, names);
            return None;
        };
        let entry = &self.tree.calendars[at];
        Some((entry.calendar.clone()?, entry.title.clone()))
    }

    /// A role by name; reports an unknown one.
    pub(crate) fn role(
        &self,
        cx: &mut Cx<'_>,
        name: &str,
        span: Span,
        field: &str,
    ) -> Option<usize> {
        let found = self.role_names.get(name);
        if found.is_none() {
            let names = self.roles.iter().map(|role| role.key.as_str());
            cx.unknown(ROLE, span, field, name, names);
        }
        found
    }

    /// A matter by name; reports an unknown one.
    pub(crate) fn matter(
        &self,
        cx: &mut Cx<'_>,
        key: &Spanned<MatterKey>,
        field: &str,
    ) -> Option<usize> {
        let found = self.matter_names.get(key.as_str());
        if found.is_none() {
            let names = self.matters.iter().map(|matter| matter.key.as_str());
            cx.unknown(MATTER, key.span, field, key.as_str(), names);
        }
        found
    }

    /// The meaning of a condition; `Never` where it was reported.
    pub(crate) fn condition(
        &self,
        cx: &mut Cx<'_>,
        written: Option<&Spanned<Condition>>,
        field: &str,
    ) -> Cond {
        let Some(written) = written else {
            return Cond::Always;
        };
        let known: Vec<Known<'_>> = self
            .questions
            .iter()
            .map(|question| Known {
                name: question.key.as_str(),
                kind: question.kind.as_ref(),
            })
            .collect();
        condition::compile(written, &known, cx.sources).unwrap_or_else(|faults| {
            for fault in faults {
                cx.report(fault.field(field));
            }
            Cond::Never
        })
    }

    /// The registries that can provide something to the service.
    pub(crate) fn registries(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .roles
            .iter()
            .filter_map(|role| role.contract)
            .flat_map(|at| &self.tree.contracts[at].providers)
            .map(|provider| provider.registry.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn read_roles(&mut self, cx: &mut Cx<'_>, file: &ServiceFile) {
        for (key, def) in file.roles.iter().flat_map(|roles| &roles.entries) {
            self.role_names.insert(key.as_str(), self.roles.len());
            let record = def.as_ref().map(|def| &def.0);
            let named = record.and_then(|record| record.contract.as_ref());
            let contract = named.and_then(|name| {
                let found = self.tree.find_contract(name.as_str());
                if found.is_none() {
                    let field = format!("roles.{}", key.as_str());
                    let names = self.tree.contracts.iter().map(|entry| entry.name.as_str());
                    cx.unknown(CONTRACT, name.span, &field, name.as_str(), names);
                }
                found
            });
            let title = record
                .and_then(|record| record.title.as_ref())
                .map(|title| title.value.clone());
            let of_contract = contract.map(|at| self.tree.contracts[at].title.clone());
            self.roles.push(RoleEntry {
                key: key.clone(),
                title: title
                    .or(of_contract)
                    .unwrap_or_else(|| titled(key.as_str())),
                contract,
                many: record
                    .and_then(|record| record.many)
                    .is_some_and(|many| many.value),
            });
        }
    }

    fn read_questions(&mut self, cx: &mut Cx<'_>, file: &ServiceFile) {
        for (key, def) in file.questions.iter().flat_map(|all| &all.entries) {
            let field = format!("questions.{}", key.as_str());
            question_name(cx, key, &field);
            let kind = def
                .as_ref()
                .and_then(|def| question_type(cx, key.span, def, &field));
            let ask = def.as_ref().and_then(|def| def.ask.clone());
            self.questions.push(QuestionEntry {
                key: key.clone(),
                ask: ask.map_or_else(|| titled(key.as_str()), |ask| ask.value),
                kind,
                when: Cond::Always,
            });
        }
        let defs = file.questions.iter().flat_map(|all| &all.entries);
        for (at, (key, def)) in defs.enumerate() {
            let Some(when) = def.as_ref().and_then(|def| def.when.as_ref()) else {
                continue;
            };
            let field = format!("questions.{}.when", key.as_str());
            let cond = self.condition(cx, Some(when), &field);
            let mut later = None;
            cond.each_atom(&mut |question, _| {
                if question.index() >= at {
                    later = Some(question.index());
                }
            });
            if let Some(later) = later {
                let other = self.questions[later].key.clone();
                let name = other.as_str();
                cx.report(
                    Diagnostic::new(
                        Code::LaterQuestion,
                        when.span,
                        both!(
                            "此时还没有问过 `{name}`",
                            "`{name}` has not been asked by then",
                        ),
                    )
                    .field(&field)
                    .related(other.span, both!("它在这里才问", "it is asked here"))
                    .help(both!("把 `{name}` 移到前面", "move `{name}` up",)),
                );
            }
            self.questions[at].when = cond;
        }
    }

    fn read_reference(&mut self, cx: &mut Cx<'_>, file: &ServiceFile) {
        let mut answers = Answers::none(self.questions.len());
        let given = file.reference.as_ref();
        for (key, value) in given.iter().flat_map(|named| named.iter()) {
            let field = format!("reference.{}", key.as_str());
            let Some(at) = self.question(cx, key.as_str(), key.span, &field) else {
                continue;
            };
            let answer = self.questions[at]
                .kind
                .as_ref()
                .and_then(|kind| answer(cx, value, kind, &field));
            answers.set(QuestionIx::at(at), answer);
        }
        let broken =
            given.is_some_and(|named| named.value.entries.iter().any(|(_, v)| v.is_none()));
        for (at, question) in self.questions.iter().enumerate() {
            let name = question.key.as_str();
            let stated = given.is_some_and(|named| {
                named
                    .value
                    .entries
                    .iter()
                    .any(|(key, _)| key.as_str() == name)
            });
            if stated || broken || question.kind.is_none() || !question.when.holds(&answers) {
                continue;
            }
            let span = given.map_or(question.key.span, |given| given.span);
            cx.report(
                Diagnostic::new(
                    Code::MissingAnswer,
                    span,
                    both!(
                        "参考情形没有回答问题 `{name}`",
                        "the reference scenario does not answer `{name}`",
                    ),
                )
                .field("reference")
                .related(
                    question.key.span,
                    both!("问题在这里", "the question is here"),
                )
                .why(both!(
                    "计算数字只属于一个说明了的情形",
                    "computed figures are those of one stated scenario",
                ))
                .help(both!(
                    "在 `reference` 中写上 `{name}: …`",
                    "write `{name}: …` under `reference`",
                )),
            );
            answers.set(QuestionIx::at(at), None);
        }
        self.reference = answers;
    }

    /// A question by name; reports an unknown one.
    pub(crate) fn question(
        &self,
        cx: &mut Cx<'_>,
        name: &str,
        span: Span,
        field: &str,
    ) -> Option<usize> {
        let found = self
            .questions
            .iter()
            .position(|question| question.key.as_str() == name);
        if found.is_none() {
            let names = self.questions.iter().map(|question| question.key.as_str());
            cx.unknown(QUESTION, span, field, name, names);
        }
        found
    }

    fn read_matter(
        &self,
        cx: &mut Cx<'_>,
        key: &Spanned<MatterKey>,
        def: Option<&MatterDef>,
    ) -> MatterEntry {
        let field = format!("matters.{}", key.as_str());
        let default = MatterDef::default();
        let def = def.unwrap_or(&default);
        if let Some(silence) = &def.silence {
            super::way::not_yet(cx, Code::NotCarriedOut, silence.span, &field, "silence");
        }
        MatterEntry {
            key: key.clone(),
            title: def
                .title
                .as_ref()
                .map_or_else(|| titled(key.as_str()), |title| title.value.clone()),
            code: def.code.as_ref().map(|code| code.value.clone()),
            department: def.department.as_ref().and_then(|department| {
                self.tree
                    .department(cx, department, &format!("{field}.department"))
            }),
            when: self.condition(cx, def.when.as_ref(), &format!("{field}.when")),
            limit: limits(cx, def.limit.as_ref(), &format!("{field}.limit")),
            refused: match def.refused.map(|word| word.value) {
                Some(RefusedWord::EndsMatter) => Refused::EndsMatter,
                Some(RefusedWord::EndsCase) | None => Refused::EndsCase,
            },
        }
    }
}

/// A name of a question is a variable of conditions.
fn question_name(cx: &mut Cx<'_>, key: &Spanned<QuestionKey>, field: &str) {
    let name = key.as_str();
    let diagnostic = if name.contains('-') {
        let better = name.replace('-', "_");
        Diagnostic::new(
            Code::BadName,
            key.span,
            both!(
                "问题的名称 `{name}` 不能有 `-`：在条件中它是减号",
                "the name `{name}` of a question must not hold `-`: in a condition it is a minus sign",
            ),
        )
        .help(both!("写成 `{better}`", "write `{better}`"))
    } else if RESERVED.contains(&name) {
        Diagnostic::new(
            Code::BadName,
            key.span,
            both!(
                "`{name}` 在条件中另有含义，不能作为问题的名称",
                "`{name}` has a meaning of its own in conditions",
            ),
        )
        .help(both!("换一个名称", "choose another name"))
    } else {
        return;
    };
    cx.report(diagnostic.field(field));
}

fn question_type(
    cx: &mut Cx<'_>,
    key: Span,
    def: &QuestionDef,
    field: &str,
) -> Option<QuestionType> {
    let kind = def.kind?;
    let only = |cx: &mut Cx<'_>, name: &str, span: Option<Span>, of: QuestionKind| {
        if let Some(span) = span.filter(|_| kind.value != of) {
            let word = QuestionKind::WORDS[kind.value as usize].word;
            cx.report(
                Diagnostic::new(
                    Code::KeyOfOtherType,
                    span,
                    both!(
                        "类型为 `{word}` 的问题没有 `{name}`",
                        "a question of type `{word}` has no `{name}`",
                    ),
                )
                .field(field)
                .related(kind.span, both!("类型在这里", "the type is stated here"))
                .help(both!(
                    "删除 `{name}`，或者改类型",
                    "remove `{name}`, or change the type",
                )),
            );
        }
    };
    only(cx, "min", def.min.map(|v| v.span), QuestionKind::Number);
    only(cx, "max", def.max.map(|v| v.span), QuestionKind::Number);
    let options = def.options.as_ref().map(|v| v.span);
    only(cx, "options", options, QuestionKind::Choice);
    match kind.value {
        QuestionKind::YesNo => Some(QuestionType::YesNo),
        QuestionKind::Number => {
            if let (Some(min), Some(max)) = (def.min, def.max)
                && min.value > max.value
            {
                cx.report(reversed(min.span, max.span, field));
                return None;
            }
            Some(QuestionType::Number {
                min: def.min.map(|v| v.value),
                max: def.max.map(|v| v.value),
            })
        }
        QuestionKind::Choice => {
            let options: Vec<(Arc<str>, Text)> = def
                .options
                .iter()
                .flat_map(|options| options.iter())
                .map(|(name, title)| (name.as_str().into(), title.clone()))
                .collect();
            if options.is_empty() {
                cx.report(no_options(key, field));
                return None;
            }
            Some(QuestionType::Choice(options))
        }
    }
}

/// An answer to a question of this type; reports anything else.
pub(crate) fn answer(
    cx: &mut Cx<'_>,
    written: &AnyValue,
    kind: &QuestionType,
    field: &str,
) -> Option<Answer> {
    let node = &written.0;
    let text = match &node.value {
        Value::Scalar(scalar) => &*scalar.text,
        Value::List(_) | Value::Map(_) | Value::Refused => "",
    };
    let made = match kind {
        QuestionType::YesNo => match text {
            "yes" | "true" => Some(Answer::YesNo(true)),
            "no" | "false" => Some(Answer::YesNo(false)),
            _ => None,
        },
        QuestionType::Number { .. } => scalar::number(text).ok().map(Answer::Number),
        QuestionType::Choice(options) => {
            if !options.iter().any(|(option, _)| &**option == text) {
                let names = options.iter().map(|(option, _)| &**option);
                cx.unknown(OPTION, node.span, field, text, names);
                return None;
            }
            Some(Answer::Choice(text.into()))
        }
    };
    let made = made.filter(|answer| kind.accepts(answer));
    if made.is_none() {
        let expected = kind.expected();
        let (zh, en) = (expected.zh(), expected.en());
        cx.report(
            Diagnostic::new(
                Code::BadAnswer,
                node.span,
                both!("这不是该问题的回答", "this is no answer to the question",),
            )
            .field(field)
            .help(both!("{zh}", "it {en}")),
        );
    }
    made
}

/// Both kinds of limit; the promise may not be longer than the law.
pub(crate) fn limits(cx: &mut Cx<'_>, written: Option<&Spanned<LimitDef>>, field: &str) -> Limits {
    let Some(written) = written else {
        return Limits::default();
    };
    let def = match &written.value {
        LimitDef::Promised(limit) => {
            return Limits {
                promised: Some(*limit),
                ..Limits::default()
            };
        }
        LimitDef::Both(def) => def,
    };
    if let (Some(statutory), Some(promised)) = (def.statutory, def.promised) {
        let (law, promise) = (statutory.value, promised.value);
        match longer(promise, law) {
            Some(true) => cx.report(
                Diagnostic::new(
                    Code::PromiseBeyondLaw,
                    promised.span,
                    both!(
                        "承诺时限 {promise} 长于法定时限 {law}",
                        "the promised limit {promise} is longer than the statutory {law}",
                    ),
                )
                .field(field)
                .related(statutory.span, both!("法定时限", "the statutory limit"))
                .help(both!(
                    "承诺时限应当不长于法定时限",
                    "promise at most what the law allows",
                )),
            ),
            Some(false) => {}
            None => cx.report(
                Diagnostic::new(
                    Code::MixedLimits,
                    promised.span,
                    both!(
                        "承诺时限和法定时限的单位不同，无法比较",
                        "the promised and the statutory limit have units that cannot be compared",
                    ),
                )
                .field(field)
                .related(statutory.span, both!("法定时限", "the statutory limit"))
                .why(both!(
                    "工作日和自然日不能换算",
                    "working days and calendar days are never converted",
                ))
                .help(both!("用同一种单位", "use one unit for both")),
            ),
        }
    }
    if let Some(statutory) = def.statutory
        && def.basis.is_none()
    {
        cx.report(
            Diagnostic::new(
                Code::LimitWithoutBasis,
                statutory.span,
                both!(
                    "法定时限没有写明依据",
                    "the statutory limit does not name its basis",
                ),
            )
            .field(field)
            .help(both!(
                "补上 `basis: 法规名称 第…条`",
                "add `basis:` with the law and article",
            )),
        );
    }
    Limits {
        statutory: def.statutory.map(|limit| limit.value),
        promised: def.promised.map(|limit| limit.value),
        basis: def.basis.as_ref().map(|basis| basis.value.clone()),
    }
}

/// Whether one limit is longer than another; `None` when they cannot be compared.
fn longer(one: Limit, other: Limit) -> Option<bool> {
    match (one, other) {
        (Limit::WorkingDays { thousandths: a }, Limit::WorkingDays { thousandths: b })
        | (Limit::CalendarDays { thousandths: a }, Limit::CalendarDays { thousandths: b }) => {
            Some(a > b)
        }
        (Limit::Clock(a), Limit::Clock(b)) => Some(a > b),
        (Limit::WorkingDays { .. } | Limit::CalendarDays { .. } | Limit::Clock(_), _) => None,
    }
}
