//! Conditions over scenario answers: the `when:` of a definition, checked and typed.

use std::cmp::Ordering;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::index::QuestionIx;

/// An answer to a scenario question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// Yes or no.
    YesNo(bool),
    /// A number.
    Number(f64),
    /// The key of a choice.
    Choice(Arc<str>),
}

/// The answers of one applicant, by question number; `None` where a question
/// was not asked.
///
/// ```
/// use onething_plan::{Answer, Answers, Cond, QuestionIx};
/// let mut answers = Answers::none(1);
/// let signboard = Cond::yes(QuestionIx(0));
/// assert!(!signboard.holds(&answers));
/// answers.set(QuestionIx(0), Some(Answer::YesNo(true)));
/// assert!(signboard.holds(&answers));
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answers(Vec<Option<Answer>>);

impl Answers {
    /// No answer to any of `count` questions.
    #[must_use]
    pub fn none(count: usize) -> Self {
        Self(vec![None; count])
    }

    /// The answer to a question; `None` if it was not asked.
    #[must_use]
    pub fn get(&self, question: QuestionIx) -> Option<&Answer> {
        self.0.get(question.index()).and_then(Option::as_ref)
    }

    /// Sets an answer; a question beyond the count given at first is added.
    pub fn set(&mut self, question: QuestionIx, answer: Option<Answer>) {
        if self.0.len() <= question.index() {
            self.0.resize(question.index() + 1, None);
        }
        self.0[question.index()] = answer;
    }

    /// The questions that were answered, with their answers.
    pub fn iter(&self) -> impl Iterator<Item = (QuestionIx, &Answer)> {
        self.0
            .iter()
            .enumerate()
            .filter_map(|(ix, answer)| Some((QuestionIx::at(ix), answer.as_ref()?)))
    }
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compare {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

impl Compare {
    fn accepts(self, ordering: Option<Ordering>) -> bool {
        match self {
            Self::Equal => ordering == Some(Ordering::Equal),
            Self::NotEqual => ordering.is_some_and(|o| o != Ordering::Equal),
            Self::Less => ordering == Some(Ordering::Less),
            Self::AtMost => matches!(ordering, Some(Ordering::Less | Ordering::Equal)),
            Self::Greater => ordering == Some(Ordering::Greater),
            Self::AtLeast => matches!(ordering, Some(Ordering::Greater | Ordering::Equal)),
        }
    }
}

/// A condition over answers. Every comparison with a question that was not
/// asked is false, `!=` too; so a part of the service that hangs on an
/// unasked question is left out unless it is negated as a whole.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Cond {
    /// Always holds: the meaning of a missing `when:`.
    #[default]
    Always,
    /// Never holds.
    Never,
    /// Compares the answer to a question with a value of its type.
    Compare(QuestionIx, Compare, Answer),
    /// The answer is one of these.
    In(QuestionIx, Vec<Answer>),
    /// Does not hold.
    Not(Box<Cond>),
    /// All hold.
    All(Vec<Cond>),
    /// At least one holds.
    Any(Vec<Cond>),
}

impl Cond {
    /// The yes-no question is answered with yes.
    #[must_use]
    pub const fn yes(question: QuestionIx) -> Self {
        Self::Compare(question, Compare::Equal, Answer::YesNo(true))
    }

    /// Both hold; `Always` disappears.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Always, cond) | (cond, Self::Always) => cond,
            (Self::All(mut all), other) => {
                all.push(other);
                Self::All(all)
            }
            (one, other) => Self::All(vec![one, other]),
        }
    }

    /// One of them holds; what is there twice is there once, and `Always` is all.
    ///
    /// ```
    /// use onething_plan::{Cond, QuestionIx};
    /// let yes = || Cond::yes(QuestionIx(0));
    /// assert_eq!(Cond::any([]), Cond::Never);
    /// assert_eq!(Cond::any([yes(), yes()]), yes());
    /// assert_eq!(Cond::any([yes(), Cond::Always]), Cond::Always);
    /// ```
    #[must_use]
    pub fn any(conds: impl IntoIterator<Item = Self>) -> Self {
        let mut any: Vec<Self> = Vec::new();
        for cond in conds {
            match cond {
                Self::Always => return Self::Always,
                Self::Never => {}
                cond if any.contains(&cond) => {}
                cond => any.push(cond),
            }
        }
        match any.len() {
            0 => Self::Never,
            1 => any.remove(0),
            _ => Self::Any(any),
        }
    }

    /// Whether the condition holds for these answers.
    #[must_use]
    pub fn holds(&self, answers: &Answers) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Compare(question, compare, value) => answers
                .get(*question)
                .is_some_and(|answer| compare.accepts(order(answer, value))),
            Self::In(question, values) => answers.get(*question).is_some_and(|answer| {
                values
                    .iter()
                    .any(|value| order(answer, value) == Some(Ordering::Equal))
            }),
            Self::Not(cond) => !cond.holds(answers),
            Self::All(all) => all.iter().all(|cond| cond.holds(answers)),
            Self::Any(any) => any.iter().any(|cond| cond.holds(answers)),
        }
    }

    /// Whether the condition holds, as far as that is certain: whatever is answered to the
    /// questions that are `open`, of which none has an answer among these.
    pub(crate) fn certainly(
        &self,
        answers: &Answers,
        open: &impl Fn(QuestionIx) -> bool,
    ) -> Option<bool> {
        // One that says `decisive` decides; else all have to be certain.
        let combined = |conds: &[Self], decisive: bool| {
            let mut found = Some(!decisive);
            for cond in conds {
                match cond.certainly(answers, open) {
                    Some(holds) if holds == decisive => return Some(decisive),
                    Some(_) => {}
                    None => found = None,
                }
            }
            found
        };
        match self {
            Self::Always | Self::Never => Some(self.holds(answers)),
            Self::Compare(question, ..) | Self::In(question, _) => {
                (!open(*question)).then(|| self.holds(answers))
            }
            Self::Not(cond) => cond.certainly(answers, open).map(|holds| !holds),
            Self::All(all) => combined(all, false),
            Self::Any(any) => combined(any, true),
        }
    }

    /// Calls `visit` for each comparison in the condition.
    pub fn each_atom<'a>(&'a self, visit: &mut impl FnMut(QuestionIx, &'a [Answer])) {
        match self {
            Self::Always | Self::Never => {}
            Self::Compare(question, _, value) => visit(*question, std::slice::from_ref(value)),
            Self::In(question, values) => visit(*question, values),
            Self::Not(cond) => cond.each_atom(visit),
            Self::All(conds) | Self::Any(conds) => {
                conds.iter().for_each(|cond| cond.each_atom(visit));
            }
        }
    }
}

/// The order of two answers; `None` when they are of different types.
fn order(one: &Answer, other: &Answer) -> Option<Ordering> {
    match (one, other) {
        (Answer::YesNo(a), Answer::YesNo(b)) => Some(a.cmp(b)),
        (Answer::Number(a), Answer::Number(b)) => a.partial_cmp(b),
        (Answer::Choice(a), Answer::Choice(b)) => Some(a.cmp(b)),
        (Answer::YesNo(_) | Answer::Number(_) | Answer::Choice(_), _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unasked_question_answers_no_comparison() {
        let seats = QuestionIx(0);
        let answers = Answers::none(1);
        for compare in [
            Compare::Equal,
            Compare::NotEqual,
            Compare::Less,
            Compare::AtLeast,
        ] {
            assert!(!Cond::Compare(seats, compare, Answer::Number(5.0)).holds(&answers));
        }
        assert!(!Cond::In(seats, vec![Answer::Number(5.0)]).holds(&answers));
        assert!(Cond::Not(Box::new(Cond::yes(seats))).holds(&answers));
    }

    #[test]
    fn comparisons_and_connectives() {
        let (seats, kind) = (QuestionIx(0), QuestionIx(1));
        let mut answers = Answers::none(2);
        answers.set(seats, Some(Answer::Number(40.0)));
        answers.set(kind, Some(Answer::Choice("tea".into())));
        let at = |compare, value| Cond::Compare(seats, compare, Answer::Number(value));
        assert!(at(Compare::AtLeast, 40.0).holds(&answers));
        assert!(!at(Compare::Greater, 40.0).holds(&answers));
        assert!(at(Compare::NotEqual, 41.0).holds(&answers));
        let tea = Cond::In(kind, vec![Answer::Choice("tea".into())]);
        assert!(tea.clone().and(at(Compare::Less, 41.0)).holds(&answers));
        assert!(!Cond::Not(Box::new(tea.clone())).holds(&answers));
        assert!(Cond::Any(vec![Cond::Never, tea]).holds(&answers));
    }
}
