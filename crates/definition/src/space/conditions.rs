//! Conditions that never hold, comparisons that are always the same, and conditions
//! that hold where their question is not asked.

use std::collections::BTreeSet;

use onething_model::Text;
use onething_plan::{Answer, Answers, Compare, Cond, Question, QuestionIx, QuestionType};

use super::walk::{Example, Space, compared};
use super::words::Words;
use super::{Of, Written};
use crate::diagnostic::{Code, Diagnostic, both};
use crate::lower::Cx;

pub(super) fn review(
    cx: &mut Cx<'_>,
    written: &[Written<'_>],
    space: &mut Space<'_>,
    words: &Words<'_>,
) {
    // What hangs on what never holds does not hold either: the first is told.
    let mut never_asked: BTreeSet<usize> = BTreeSet::new();
    let mut never_chosen: BTreeSet<usize> = BTreeSet::new();
    for item in written {
        if cx.found.is_full(item.span.file) {
            return;
        }
        // Where one comparison is the whole condition, what follows is said with it.
        let said = constants(cx, item, words);
        if item.of == Of::Rule {
            space.unruled(|space| match space.find(&[item.own], &[]) {
                Example::Found(_) => unasked(cx, item, space, words),
                Example::None if !said => never(cx, item, space, words),
                Example::None | Example::TooHard => {}
            });
            continue;
        }
        match space.find(&[item.whole], &[]) {
            Example::Found(_) => unasked(cx, item, space, words),
            Example::None => {
                let about = compared(item.whole);
                let of_matter = item.of == Of::Step
                    && item.at.is_some_and(|matter| never_chosen.contains(&matter));
                let follows = of_matter || about.iter().any(|at| never_asked.contains(at));
                match item.of {
                    Of::Question => never_asked.extend(item.at),
                    Of::Matter => never_chosen.extend(item.at),
                    Of::Rule | Of::Step => {}
                }
                if !follows && !said {
                    never(cx, item, space, words);
                }
            }
            Example::TooHard => {}
        }
    }
}

fn never(cx: &mut Cx<'_>, item: &Written<'_>, space: &mut Space<'_>, words: &Words<'_>) {
    let (code, help) = match item.of {
        Of::Question => (
            Code::NeverHolds,
            both!(
                "改它的 `when`，或者删除这个问题",
                "change its `when`, or remove the question",
            ),
        ),
        Of::Rule => (
            Code::NeverHolds,
            both!(
                "改它的 `when`，或者删除它",
                "change its `when`, or remove it"
            ),
        ),
        Of::Matter => (
            Code::NeverHolds,
            both!(
                "改它的 `when`，或者删除这个事项",
                "change its `when`, or remove the matter",
            ),
        ),
        Of::Step => (
            Code::Unreachable,
            both!(
                "检查它和所属事项的 `when`",
                "look at its `when` and that of its matter",
            ),
        ),
    };
    let mut diagnostic = Diagnostic::new(code, item.span, consequence(item))
        .field(item.field.as_str())
        .help(help);
    if item.of == Of::Step
        && let Example::Found(answers) = space.find(&[item.own], &[])
    {
        let told = words.told(&answers, &compared(item.own));
        diagnostic = diagnostic.why(both!(
            "它自己的条件要求例如 {}，此时所属事项不办理",
            "its own condition wants, for instance, {}; its matter is not part of the case then",
            told.zh(),
            told.en(),
        ));
    }
    cx.report(diagnostic);
}

/// Comparisons of a number that the bounds of its question decide. Returns whether one of
/// them is the whole condition and never holds, so that what follows was said.
fn constants(cx: &mut Cx<'_>, item: &Written<'_>, words: &Words<'_>) -> bool {
    let mut found: Vec<(Text, bool)> = Vec::new();
    each_compare(item.own, &mut |ix, compare, value| {
        let Some(question) = words.question(ix.index()) else {
            return;
        };
        let Some(always) = decided(question, compare, value) else {
            return;
        };
        let sign = match compare {
            Compare::Equal => "==",
            Compare::NotEqual => "!=",
            Compare::Less => "<",
            Compare::AtMost => "<=",
            Compare::Greater => ">",
            Compare::AtLeast => ">=",
        };
        let text = format!("{} {sign} {value}", question.key);
        if !found.iter().any(|(known, _)| known.en() == text) {
            found.push((Text::new(text.clone(), text), always));
        }
    });
    let alone = match item.own {
        Cond::Compare(..) => true,
        Cond::In(_, values) => values.len() == 1,
        Cond::Always | Cond::Never | Cond::Not(_) | Cond::All(_) | Cond::Any(_) => false,
    };
    let nothing = alone && found.iter().any(|(_, always)| !always);
    for (text, always) in &found {
        let text = text.en();
        let message = if nothing {
            let so = consequence(item);
            let (zh, en) = (so.zh(), so.en());
            both!("`{text}` 永远不成立，{zh}", "`{text}` never holds, so {en}")
        } else if *always {
            both!("`{text}` 永远成立", "`{text}` always holds")
        } else {
            both!("`{text}` 永远不成立", "`{text}` never holds")
        };
        cx.report(
            Diagnostic::new(Code::ConstantComparison, item.span, message)
                .field(item.field.as_str())
                .why(both!(
                    "问题的 `min` 和 `max` 已经决定了它",
                    "the question's `min` and `max` decide it",
                ))
                .help(both!(
                    "改比较的数，或者改问题的 `min`、`max`",
                    "compare with another number, or change the question's `min` or `max`",
                )),
        );
    }
    nothing
}

/// What comes of a condition that never holds.
fn consequence(item: &Written<'_>) -> Text {
    let name = item.name;
    match item.of {
        Of::Question => both!(
            "问题 `{name}` 永远不会问到",
            "the question `{name}` is never asked",
        ),
        Of::Rule => both!(
            "这条“不可能”没有排除任何回答",
            "this rules out no answers at all",
        ),
        Of::Matter => both!(
            "任何回答都不会用到事项 `{name}`",
            "no answers make the matter `{name}` part of a case",
        ),
        Of::Step => both!(
            "任何回答都不会用到环节 `{name}`",
            "no answers make the step `{name}` part of a case",
        ),
    }
}

fn each_compare(cond: &Cond, visit: &mut impl FnMut(QuestionIx, Compare, f64)) {
    match cond {
        Cond::Compare(question, compare, Answer::Number(value)) => {
            visit(*question, *compare, *value);
        }
        Cond::In(question, values) => {
            for value in values {
                if let Answer::Number(value) = value {
                    visit(*question, Compare::Equal, *value);
                }
            }
        }
        Cond::Always | Cond::Never | Cond::Compare(..) => {}
        Cond::Not(cond) => each_compare(cond, visit),
        Cond::All(conds) | Cond::Any(conds) => {
            conds.iter().for_each(|cond| each_compare(cond, visit));
        }
    }
}

/// Whether a comparison comes out the same for every number that can be answered.
fn decided(question: &Question, compare: Compare, value: f64) -> Option<bool> {
    let QuestionType::Number { min, max } = question.kind else {
        return None;
    };
    let (min, max) = (
        min.unwrap_or(f64::NEG_INFINITY),
        max.unwrap_or(f64::INFINITY),
    );
    let (never, always) = match compare {
        Compare::Equal => (value < min || value > max, min == value && max == value),
        Compare::NotEqual => (min == value && max == value, value < min || value > max),
        Compare::Less => (min >= value, max < value),
        Compare::AtMost => (min > value, max <= value),
        Compare::Greater => (max <= value, min > value),
        Compare::AtLeast => (max < value, min >= value),
    };
    match (never, always) {
        (true, _) => Some(false),
        (false, true) => Some(true),
        (false, false) => None,
    }
}

/// A condition that holds although a question that it hangs on was not asked.
fn unasked(cx: &mut Cx<'_>, item: &Written<'_>, space: &mut Space<'_>, words: &Words<'_>) {
    let conditional: Vec<usize> = compared(item.own)
        .into_iter()
        .filter(|at| {
            words
                .question(*at)
                .is_some_and(|question| question.when != Cond::Always)
        })
        .collect();
    if conditional.is_empty() {
        return;
    }
    for at in conditional {
        let Some(question) = words.question(at) else {
            continue;
        };
        // Whether some answer would make a difference.
        let candidates = space.candidates(at).iter();
        let answered = candidates.map(|candidate| answered(item.whole, at, candidate));
        let always = Cond::All(answered.collect());
        let Example::Found(answers) = space.find(&[item.whole], &[&question.when, &always]) else {
            continue;
        };
        let name = question.key.as_str();
        let mut about = compared(item.whole);
        about.extend(compared(&question.when));
        about.retain(|other| *other != at);
        about.sort_unstable();
        about.dedup();
        let told = words.told(&answers, &about);
        cx.report(
            Diagnostic::new(
                Code::HoldsUnasked,
                item.span,
                both!(
                    "没有问 `{name}` 时，条件也成立",
                    "the condition also holds where `{name}` is not asked",
                ),
            )
            .field(item.field.as_str())
            .why(both!(
                "例如 {} 时不问 `{name}`；没有问的问题，任何比较都不成立，取“非”就成立",
                "with {}, for instance, `{name}` is not asked; a comparison with it is false, and its negation true",
                told.zh(),
                told.en(),
            ))
            .help(both!(
                "把问它的条件也写进去：`… && !{name}` 或 `… || !{name}`，其中 `…` 说明不问它时是否成立",
                "say what holds where it is not asked: `… && !{name}`, or `… || !{name}`, with the condition of the question in place of `…`",
            )),
        );
    }
}

/// A condition where a question is answered so.
fn answered(cond: &Cond, question: usize, answer: &Answer) -> Cond {
    let all = |conds: &[Cond]| {
        conds
            .iter()
            .map(|cond| answered(cond, question, answer))
            .collect()
    };
    match cond {
        Cond::Compare(of, ..) | Cond::In(of, _) if of.index() == question => {
            let mut answers = Answers::none(0);
            answers.set(*of, Some(answer.clone()));
            if cond.holds(&answers) {
                Cond::Always
            } else {
                Cond::Never
            }
        }
        Cond::Always | Cond::Never | Cond::Compare(..) | Cond::In(..) => cond.clone(),
        Cond::Not(cond) => Cond::Not(Box::new(answered(cond, question, answer))),
        Cond::All(conds) => Cond::All(all(conds)),
        Cond::Any(conds) => Cond::Any(all(conds)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use onething_model::Text;

    /// Against the comparison itself, for every bound and value of a small range.
    #[test]
    fn bounds_decide_what_every_number_within_them_agrees_on() {
        let numbers: Vec<f64> = (0..=8).map(|half| f64::from(half) / 2.0).collect();
        for (min, max) in [(1.0, 3.0), (1.0, 1.0), (0.0, 2.5)] {
            let question = Question {
                key: "seats".parse().unwrap(),
                ask: Text::default(),
                kind: QuestionType::Number {
                    min: Some(min),
                    max: Some(max),
                },
                when: Cond::Always,
            };
            for compare in [
                Compare::Equal,
                Compare::NotEqual,
                Compare::Less,
                Compare::AtMost,
                Compare::Greater,
                Compare::AtLeast,
            ] {
                for value in &numbers {
                    let cond = Cond::Compare(QuestionIx::at(0), compare, Answer::Number(*value));
                    let mut seen = BTreeSet::new();
                    for quarter in 0..=16 {
                        let number = f64::from(quarter) / 4.0;
                        if (min..=max).contains(&number) {
                            let mut answers = Answers::none(1);
                            answers.set(QuestionIx::at(0), Some(Answer::Number(number)));
                            seen.insert(cond.holds(&answers));
                        }
                    }
                    let expected = (seen.len() == 1).then(|| seen.contains(&true));
                    assert_eq!(
                        decided(&question, compare, *value),
                        expected,
                        "{compare:?} {value} within {min} and {max}"
                    );
                }
            }
        }
    }
}
