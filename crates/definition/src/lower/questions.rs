//! Questions of the scenario and answers to them.

use std::sync::Arc;

use onething_model::{QuestionKey, Text};
use onething_plan::{Answer, QuestionType};

use super::contract::{no_options, reversed};
use super::{Cx, OPTION};
use crate::condition::RESERVED;
use crate::diagnostic::{Code, Diagnostic, both};
use crate::source::Span;
use crate::syntax::service::{QuestionDef, QuestionKind};
use crate::syntax::values::AnyValue;
use crate::yaml::read::Spanned;
use crate::yaml::{Value, scalar};

/// A name of a question is a variable of conditions.
pub(crate) fn question_name(cx: &mut Cx<'_>, key: &Spanned<QuestionKey>, field: &str) {
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

pub(crate) fn question_type(
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
        QuestionType::YesNo => scalar::yes_no(text).map(Answer::YesNo),
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
