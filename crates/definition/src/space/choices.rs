//! Answers that can never be given, and options that make no difference.

use std::collections::BTreeMap;

use onething_plan::{Answer, Answers, Compare, Cond, QuestionIx, QuestionType};

use super::Written;
use super::walk::{Example, Space};
use super::words::Words;
use crate::diagnostic::{Code, Diagnostic, both};
use crate::lower::Cx;
use crate::lower::symbols::Symbols;
use crate::source::Span;

pub(super) fn review(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'_>,
    written: &[Written<'_>],
    space: &mut Space<'_>,
    words: &Words<'_>,
) {
    never_given(cx, symbols, space, words);
    same(cx, symbols, written, words);
}

/// Answers that the rules leave no place for.
fn never_given(cx: &mut Cx<'_>, symbols: &Symbols<'_>, space: &mut Space<'_>, words: &Words<'_>) {
    for at in space.ruled() {
        let Some(question) = words.question(at) else {
            continue;
        };
        let ix = QuestionIx::at(at);
        let candidates = space.candidates(at).to_vec();
        let never = candidates.iter().map(|candidate| {
            let is_given = Cond::In(ix, vec![candidate.clone()]);
            match space.find(&[&is_given], &[]) {
                Example::None => Some(true),
                Example::Found(_) => Some(false),
                Example::TooHard => None,
            }
        });
        // A question that is never asked is told as such.
        let never: Vec<bool> = match never.collect::<Option<Vec<bool>>>() {
            Some(never) if never.contains(&false) => never,
            Some(_) | None => continue,
        };
        for (dead, _) in candidates.iter().zip(never).filter(|(_, never)| *never) {
            let told = words.one(at, question, Some(dead));
            let span = rule_about(symbols, ix).unwrap_or(symbols.questions[at].key.span);
            let name = question.key.as_str();
            cx.report(
                Diagnostic::new(
                    Code::NeverGiven,
                    span,
                    both!(
                        "`impossible` 排除了一切 {} 的情形",
                        "`impossible` leaves no place for {}",
                        told.zh(),
                        told.en(),
                    ),
                )
                .field("impossible")
                .related(
                    symbols.questions[at].key.span,
                    both!("却还在这里问", "which is asked here"),
                )
                .help(match question.kind {
                    QuestionType::Number { .. } => both!(
                        "改用问题 `{name}` 的 `min`、`max`，或者改 `impossible`",
                        "use `min` and `max` of the question `{name}`, or change `impossible`",
                    ),
                    QuestionType::Choice(_) => both!(
                        "从问题 `{name}` 中删除这个选项，或者改 `impossible`",
                        "remove the option from the question `{name}`, or change `impossible`",
                    ),
                    QuestionType::YesNo => both!(
                        "不再问 `{name}`，或者改 `impossible`",
                        "do not ask `{name}`, or change `impossible`",
                    ),
                }),
            );
        }
    }
}

fn rule_about(symbols: &Symbols<'_>, question: QuestionIx) -> Option<Span> {
    let about = |cond: &Cond| {
        let mut found = false;
        cond.each_atom(&mut |other, _| found |= other == question);
        found
    };
    let rule = symbols.impossible.iter().find(|rule| about(&rule.when))?;
    Some(rule.span)
}

/// Options of a choice that no condition tells apart.
fn same(cx: &mut Cx<'_>, symbols: &Symbols<'_>, written: &[Written<'_>], words: &Words<'_>) {
    // For each question and option, which comparisons it meets.
    let mut met: BTreeMap<usize, Vec<Vec<bool>>> = BTreeMap::new();
    for item in written {
        each_choice(item.own, &mut |ix, atom| {
            let Some(question) = words.question(ix.index()) else {
                return;
            };
            let QuestionType::Choice(options) = &question.kind else {
                return;
            };
            let met = met
                .entry(ix.index())
                .or_insert_with(|| vec![Vec::new(); options.len()]);
            let mut answers = Answers::none(0);
            for ((key, _), met) in options.iter().zip(met) {
                answers.set(ix, Some(Answer::Choice(key.clone())));
                met.push(atom.holds(&answers));
            }
        });
    }
    for (at, met) in met {
        let Some(question) = words.question(at) else {
            continue;
        };
        let QuestionType::Choice(options) = &question.kind else {
            continue;
        };
        let mut alike: BTreeMap<&[bool], Vec<&str>> = BTreeMap::new();
        for (met, (key, _)) in met.iter().zip(options) {
            alike.entry(met).or_default().push(key);
        }
        let mut groups: Vec<Vec<&str>> = alike.into_values().filter(|g| g.len() > 1).collect();
        groups.sort_by_key(|group| options.iter().position(|(key, _)| group[0] == &**key));
        for group in groups {
            let name = question.key.as_str();
            let list: Vec<String> = group.iter().map(|key| format!("`{key}`")).collect();
            let (zh, en) = (list.join("、"), list.join(", "));
            cx.report(
                Diagnostic::new(
                    Code::SameOptions,
                    symbols.questions[at].key.span,
                    both!(
                        "问题 `{name}` 的选项 {zh} 没有区别",
                        "the options {en} of the question `{name}` make no difference",
                    ),
                )
                .field(format!("questions.{name}.options"))
                .why(both!(
                    "没有条件区分它们，申请人却要在其中选择",
                    "no condition tells them apart, yet the applicant has to choose between them",
                ))
                .help(both!(
                    "合成一个选项，或者在 `when` 中区分",
                    "make one option of them, or tell them apart in a `when`",
                )),
            );
        }
    }
}

fn each_choice(cond: &Cond, visit: &mut impl FnMut(QuestionIx, &Cond)) {
    match cond {
        Cond::Compare(question, Compare::Equal | Compare::NotEqual, Answer::Choice(_))
        | Cond::In(question, _) => visit(*question, cond),
        Cond::Always | Cond::Never | Cond::Compare(..) => {}
        Cond::Not(cond) => each_choice(cond, visit),
        Cond::All(conds) | Cond::Any(conds) => {
            conds.iter().for_each(|cond| each_choice(cond, visit));
        }
    }
}
