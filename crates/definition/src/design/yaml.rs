//! Values as they are written in a definition.

use onething_model::{FieldPath, Lang, Limit, Micros, Text};
use onething_plan::{Answer, Compare, Cond, Limits, Question, QuestionIx, Retry};

use super::Read;
use crate::yaml::scalar::is_ambiguous;

/// A text that YAML reads back as the same text.
pub(super) fn quoted(text: &str) -> String {
    let harmless = |c: char| c.is_alphanumeric() || "-_/（）、，。；：“”《》〔〕 ".contains(c);
    let first = text.chars().next().is_some_and(char::is_alphabetic);
    let plain = first && text.chars().all(harmless) && !text.ends_with(' ') && !is_ambiguous(text);
    if plain {
        text.to_owned()
    } else {
        // A JSON string is a YAML string.
        serde_json::Value::from(text).to_string()
    }
}

/// A language as the key `language` names it.
pub(super) const fn language(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "zh",
        Lang::En => "en",
    }
}

/// A text for people.
pub(super) fn text(text: &Text) -> String {
    use onething_model::Lang::{En, Zh};
    match (text.has(Zh), text.has(En)) {
        (true, true) => format!("{{ zh: {}, en: {} }}", flow(text.zh()), flow(text.en())),
        (true, false) => format!("{{ zh: {} }}", flow(text.zh())),
        (false, _) => format!("{{ en: {} }}", flow(text.en())),
    }
}

/// A text within `{ }` or `[ ]`.
pub(super) fn flow(text: &str) -> String {
    quoted(text)
}

/// Limits; `None` where there are none.
pub(super) fn limits(limits: &Limits) -> Option<String> {
    if let (None, Some(promised), None) = (limits.statutory, limits.promised, &limits.basis) {
        return Some(promised.to_string());
    }
    let parts = [
        limits.statutory.map(|limit| format!("statutory: {limit}")),
        limits.promised.map(|limit| format!("promised: {limit}")),
        limits
            .basis
            .as_ref()
            .map(|basis| format!("basis: {}", flow(basis))),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("{{ {} }}", parts.join(", ")))
}

/// Retries; `None` for the usual ones.
pub(super) fn retry(retry: &Retry) -> Option<String> {
    let span = |span: Micros| Limit::Clock(span).to_string();
    (*retry != Retry::default()).then(|| {
        format!(
            "{{ attempts: {}, backoff: {}, at_most: {} }}",
            retry.attempts,
            span(retry.backoff),
            span(retry.at_most)
        )
    })
}

/// Fields by role, in the order of their first mention.
pub(super) fn by_role<'a>(fields: impl Iterator<Item = (&'a FieldPath, bool)>) -> Option<String> {
    let mut roles: Vec<(&str, Vec<String>)> = Vec::new();
    for (path, optional) in fields {
        let name = if optional {
            format!("\"{}?\"", path.field)
        } else {
            quoted(path.field.as_str())
        };
        let role = path.role.as_str();
        match roles.iter_mut().find(|(known, _)| *known == role) {
            Some((_, fields)) => fields.push(name),
            None => roles.push((role, vec![name])),
        }
    }
    let roles: Vec<String> = roles
        .iter()
        .map(|(role, fields)| format!("{}: [{}]", quoted(role), fields.join(", ")))
        .collect();
    (!roles.is_empty()).then(|| format!("{{ {} }}", roles.join(", ")))
}

/// Reads by role.
pub(super) fn reads(reads: &[Read]) -> Option<String> {
    by_role(reads.iter().map(|read| (&read.field, read.optional)))
}

/// An answer.
pub(super) fn answer(answer: &Answer) -> String {
    match answer {
        Answer::YesNo(true) => "yes".to_owned(),
        Answer::YesNo(false) => "no".to_owned(),
        Answer::Number(number) => number.to_string(),
        Answer::Choice(key) => quoted(key),
    }
}

/// A condition; `None` for one that always holds.
pub(super) fn condition(cond: &Cond, questions: &[Question]) -> Option<String> {
    (*cond != Cond::Always).then(|| {
        let text = expression(cond, questions, false);
        format!("'{}'", text.replace('\'', "''"))
    })
}

fn expression(cond: &Cond, questions: &[Question], inner: bool) -> String {
    let name = |question: &QuestionIx| {
        questions
            .get(question.index())
            .map_or("", |question| question.key.as_str())
    };
    let value = |answer: &Answer| match answer {
        Answer::YesNo(yes) => yes.to_string(),
        Answer::Number(number) => number.to_string(),
        Answer::Choice(key) => serde_json::Value::from(&**key).to_string(),
    };
    let joined = |conds: &[Cond], by: &str, none: &str| {
        let parts: Vec<String> = conds
            .iter()
            .map(|cond| expression(cond, questions, true))
            .collect();
        match (parts.len(), inner) {
            (0, _) => none.to_owned(),
            (1, _) | (_, false) => parts.join(by),
            (_, true) => format!("({})", parts.join(by)),
        }
    };
    match cond {
        Cond::Always => "true".to_owned(),
        Cond::Never => "false".to_owned(),
        Cond::Compare(question, Compare::Equal, Answer::YesNo(true)) => name(question).to_owned(),
        Cond::Compare(question, compare, answer) => {
            let sign = match compare {
                Compare::Equal => "==",
                Compare::NotEqual => "!=",
                Compare::Less => "<",
                Compare::AtMost => "<=",
                Compare::Greater => ">",
                Compare::AtLeast => ">=",
            };
            format!("{} {sign} {}", name(question), value(answer))
        }
        Cond::In(question, answers) => {
            let answers: Vec<String> = answers.iter().map(value).collect();
            format!("{} in [{}]", name(question), answers.join(", "))
        }
        Cond::Not(cond) => match &**cond {
            Cond::Compare(question, Compare::Equal, Answer::YesNo(true)) => {
                format!("!{}", name(question))
            }
            cond => format!("!({})", expression(cond, questions, false)),
        },
        Cond::All(conds) => joined(conds, " && ", "true"),
        Cond::Any(conds) => joined(conds, " || ", "false"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_yaml_would_misread_is_quoted() {
        for plain in ["开办餐饮店", "food-review", "第21条、第22条"] {
            assert_eq!(quoted(plain), plain);
        }
        for text in [
            "", "yes", "012", "a: b", "a #b", "- x", "ends ", "[x]", "a\"b", "1e3",
        ] {
            assert!(quoted(text).starts_with('"'), "{text}");
        }
    }
}
