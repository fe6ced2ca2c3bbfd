//! A class of answers in words that a designer understands.

use onething_model::Text;
use onething_plan::{Answer, Answers, Cond, Plan, Question, QuestionIx, QuestionType};

use crate::classes::thresholds;

/// Says which answers are meant: `cold_dishes = yes, seats below 50`.
///
/// ```
/// use onething_definition::classes::Words;
/// use onething_plan::{Actor, Answer, Cond, builder::PlanBuilder};
///
/// let mut b = PlanBuilder::new("shop");
/// let signboard = b.yes_no("signboard");
/// b.step("review", Actor::Officer).when(Cond::yes(signboard));
/// let plan = b.build();
/// let told = Words::of(&plan).told_all(&plan.reference);
/// assert_eq!(told.en(), "signboard = yes");
/// ```
#[derive(Debug)]
pub struct Words<'a> {
    questions: &'a [Question],
    /// The numbers that answers are compared with, in order.
    thresholds: Vec<Vec<f64>>,
}

impl<'a> Words<'a> {
    /// The words of a plan.
    #[must_use]
    pub fn of(plan: &'a Plan) -> Self {
        let steps = plan.steps.iter().map(|step| &step.when);
        let conds: Vec<&Cond> = steps
            .chain(plan.questions.iter().map(|question| &question.when))
            .chain(plan.impossible.iter().map(|rule| &rule.when))
            .collect();
        Self::new(&plan.questions, thresholds(&plan.questions, &conds))
    }

    pub(crate) fn new(questions: &'a [Question], thresholds: Vec<Vec<f64>>) -> Self {
        Self {
            questions,
            thresholds,
        }
    }

    /// A question by number.
    pub(crate) fn question(&self, at: usize) -> Option<&'a Question> {
        self.questions.get(at)
    }

    /// The class of these answers, all questions in their order; empty where there are none.
    #[must_use]
    pub fn told_all(&self, answers: &Answers) -> Text {
        let all: Vec<usize> = (0..self.questions.len()).collect();
        self.told(answers, &all)
    }

    /// The class of these answers, as far as these questions go; those that are not
    /// asked are said not to be.
    #[must_use]
    pub fn told(&self, answers: &Answers, about: &[usize]) -> Text {
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        for at in about {
            let Some(question) = self.questions.get(*at) else {
                continue;
            };
            let said = self.one(*at, question, answers.get(QuestionIx::at(*at)));
            zh.push(said.zh().to_owned());
            en.push(said.en().to_owned());
        }
        Text::new(zh.join("，"), en.join(", "))
    }

    /// One answer: `seats above 50 and below 75`.
    pub(crate) fn one(&self, at: usize, question: &Question, answer: Option<&Answer>) -> Text {
        let key = question.key.as_str();
        match answer {
            None => Text::new(format!("不问 {key}"), format!("{key} not asked")),
            Some(Answer::YesNo(yes)) => {
                let word = if *yes { "yes" } else { "no" };
                Text::new(format!("{key} = {word}"), format!("{key} = {word}"))
            }
            Some(Answer::Choice(option)) => {
                Text::new(format!("{key} = {option}"), format!("{key} = {option}"))
            }
            Some(Answer::Number(number)) => self.number(at, question, *number),
        }
    }

    fn number(&self, at: usize, question: &Question, number: f64) -> Text {
        let key = question.key.as_str();
        let thresholds = self.thresholds.get(at).map_or(&[][..], |list| list);
        if thresholds.contains(&number) {
            return Text::new(format!("{key} = {number}"), format!("{key} = {number}"));
        }
        let (min, max) = match question.kind {
            QuestionType::Number { min, max } => (min, max),
            QuestionType::YesNo | QuestionType::Choice(_) => (None, None),
        };
        // A bound of the question is no news, unless the class is a single number.
        let below = thresholds.iter().copied().find(|limit| number < *limit);
        let above = thresholds
            .iter()
            .copied()
            .rev()
            .find(|limit| number > *limit);
        let below = below.filter(|limit| max.is_none_or(|max| *limit <= max));
        let above = above.filter(|limit| min.is_none_or(|min| *limit >= min));
        match (above, below) {
            (None, None) => Text::new(format!("{key} 任意"), format!("{key} any number")),
            (Some(above), None) => Text::new(
                format!("{key} 大于 {above}"),
                format!("{key} above {above}"),
            ),
            (None, Some(below)) => Text::new(
                format!("{key} 小于 {below}"),
                format!("{key} below {below}"),
            ),
            (Some(above), Some(below)) => Text::new(
                format!("{key} 大于 {above} 且小于 {below}"),
                format!("{key} above {above} and below {below}"),
            ),
        }
    }
}
