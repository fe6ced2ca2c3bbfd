//! The names of one service: roles, questions, matters, and what both ways share.

use std::sync::Arc;

use onething_model::{Calendar, FieldKey, MatterKey, QuestionKey, RoleKey, Text};
use onething_plan::{Answers, Cond, Limits, QuestionIx, QuestionType, Refused};

use super::limits::limits;
use super::questions::{answer, question_name, question_type};
use super::reads::repeated;
use super::tree::Tree;
use super::{CALENDAR, CONTRACT, Cx, Index, MATTER, QUESTION, ROLE, titled};
use crate::condition::{self, Known};
use crate::diagnostic::{Code, Diagnostic, both};
use crate::source::Span;
use crate::syntax::service::{MatterDef, RefusedWord, ServiceFile};
use crate::syntax::values::Condition;
use crate::yaml::read::Spanned;

/// A role of the service.
#[derive(Debug, Clone)]
pub(crate) struct RoleEntry {
    pub(crate) key: Spanned<RoleKey>,
    pub(crate) title: Text,
    /// `None` where it is unknown and was reported.
    pub(crate) contract: Option<usize>,
    /// Whether there can be several subjects.
    pub(crate) many: bool,
    /// Where it says that registries are asked as a check, even where that saves nothing.
    pub(crate) verify: Option<Span>,
    /// Fields that the applicant gives although steps make others, with where it is said.
    pub(crate) given: Vec<(usize, Span)>,
}

/// A question of the service.
#[derive(Debug, Clone)]
pub(crate) struct QuestionEntry {
    pub(crate) key: Spanned<QuestionKey>,
    pub(crate) ask: Text,
    /// `None` where it is broken and was reported.
    pub(crate) kind: Option<QuestionType>,
    pub(crate) when: Cond,
    /// Where the condition is written.
    pub(crate) when_span: Option<Span>,
}

/// A matter of the service.
#[derive(Debug, Clone)]
pub(crate) struct MatterEntry {
    pub(crate) key: Spanned<MatterKey>,
    pub(crate) title: Text,
    pub(crate) code: Option<String>,
    pub(crate) department: Option<usize>,
    pub(crate) when: Cond,
    /// Where the condition is written.
    pub(crate) when_span: Option<Span>,
    pub(crate) limit: Limits,
    pub(crate) refused: Refused,
}

/// Answers that cannot hold together.
#[derive(Debug, Clone)]
pub(crate) struct ImpossibleEntry {
    /// Where the condition is written.
    pub(crate) span: Span,
    pub(crate) when: Cond,
    pub(crate) because: Text,
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
    /// The name of the calendar as it is written.
    pub(crate) calendar_name: String,
    pub(crate) applicant: Option<usize>,
    pub(crate) impossible: Vec<ImpossibleEntry>,
    pub(crate) reference: Answers,
    /// Where the reference is written.
    pub(crate) reference_span: Option<Span>,
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
            calendar_name: file
                .calendar
                .as_ref()
                .map(|key| key.as_str().to_owned())
                .unwrap_or_default(),
            applicant: None,
            impossible: Vec::new(),
            reference: Answers::none(0),
            reference_span: file.reference.as_ref().map(|reference| reference.span),
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
        this.read_impossible(cx, file);
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

    /// Whether all fields of a role are known: its contract is there and can be read.
    pub(crate) fn is_whole(&self, role: usize) -> bool {
        let contract = self.roles[role].contract;
        contract.is_some_and(|at| self.tree.contracts[at].whole)
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
        // Nobody would be shown what is wrong with it, and reading takes time.
        if cx.found.is_full(written.span.file) {
            return Cond::Never;
        }
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
            let given = record
                .and_then(|record| record.given.as_ref())
                .zip(contract)
                .map(|(fields, at)| self.read_given(cx, key.as_str(), &fields.value, at))
                .unwrap_or_default();
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
                verify: record
                    .and_then(|record| record.verify)
                    .filter(|verify| verify.value)
                    .map(|verify| verify.span),
                given,
            });
        }
    }

    fn read_given(
        &self,
        cx: &mut Cx<'_>,
        role: &str,
        fields: &[Spanned<FieldKey>],
        contract: usize,
    ) -> Vec<(usize, Span)> {
        let path = format!("roles.{role}.given");
        let mut given: Vec<(usize, Span)> = Vec::new();
        for field in fields {
            let (name, span) = (field.as_str(), field.span);
            let Some(at) = self.tree.contracts[contract].field(cx, name, span, &path) else {
                continue;
            };
            match given.iter().find(|(known, _)| *known == at) {
                Some((_, first)) => repeated(cx, name, span, *first, &path),
                None => given.push((at, span)),
            }
        }
        given
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
                when_span: None,
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
            self.questions[at].when_span = Some(when.span);
        }
    }

    fn read_impossible(&mut self, cx: &mut Cx<'_>, file: &ServiceFile) {
        let rules = file.impossible.iter().flat_map(|list| &list.value);
        for (at, rule) in rules.enumerate() {
            let Some(when) = &rule.when else { continue };
            let entry = ImpossibleEntry {
                span: when.span,
                when: self.condition(cx, Some(when), &format!("impossible[{at}].when")),
                because: rule
                    .because
                    .as_ref()
                    .map(|because| because.value.clone())
                    .unwrap_or_default(),
            };
            self.impossible.push(entry);
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
        let is_lost = |question: &QuestionEntry| {
            given.is_none() && cx.found.is_lost(question.key.span.file, "reference")
        };
        let lost = self.questions.first().is_some_and(is_lost);
        for (at, question) in self.questions.iter().enumerate() {
            let name = question.key.as_str();
            let stated = given.is_some_and(|named| {
                named
                    .value
                    .entries
                    .iter()
                    .any(|(key, _)| key.as_str() == name)
            });
            if stated || broken || lost || question.kind.is_none() || !question.when.holds(&answers)
            {
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
            super::reserved::not_yet(cx, Code::NotCarriedOut, silence.span, &field, "silence");
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
            when_span: def.when.as_ref().map(|when| when.span),
            limit: limits(cx, def.limit.as_ref(), &format!("{field}.limit")),
            refused: match def.refused.map(|word| word.value) {
                Some(RefusedWord::EndsMatter) => Refused::EndsMatter,
                Some(RefusedWord::EndsCase) | None => Refused::EndsCase,
            },
        }
    }
}
