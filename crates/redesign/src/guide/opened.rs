//! Further questions that another answer opens.
//!
//! Whoever answers otherwise may be asked what the reference scenario does not ask. What
//! the other answer comes to then hangs on those answers too, so all of them are gone
//! through, an answer for each interval between the values that conditions name.

use onething_plan::{Answer, Answers, Plan, QuestionIx, QuestionType};

/// More ways to answer the further questions than these are not gone through.
const MOST_WAYS: usize = 512;

/// What a changed answer leads to.
pub(super) struct Opened {
    /// Questions that are asked then, after some answers to those before, and are not asked now.
    pub(super) questions: Vec<QuestionIx>,
    /// The answers to all questions, for each way to answer those; none where there are too many.
    /// What the definition rules out is among them.
    pub(super) ways: Option<Vec<Answers>>,
}

impl Opened {
    /// After these `changed` answers, which are completed, in place of those `now`; what was
    /// `given` is kept.
    pub(super) fn by(plan: &Plan, given: &Answers, changed: &Answers, now: &Answers) -> Self {
        let mut questions = Vec::new();
        let mut ways = vec![Answers::none(plan.questions.len())];
        for (at, question) in plan.questions.iter().enumerate() {
            let ix = QuestionIx::at(at);
            let given = given.get(ix);
            let is_given = given.is_some_and(|answer| question.kind.accepts(answer));
            let is_new = !is_given && !question.when.holds(now);
            let kept = changed.get(ix).or(now.get(ix));
            let answers = if is_new { every(plan, ix) } else { Vec::new() };
            let mut next = Vec::new();
            for mut way in ways {
                if !question.when.holds(&way) {
                    next.push(way);
                } else if is_new {
                    if questions.last() != Some(&ix) {
                        questions.push(ix);
                    }
                    for answer in &answers {
                        let mut answered = way.clone();
                        answered.set(ix, Some(answer.clone()));
                        next.push(answered);
                    }
                } else {
                    way.set(ix, kept.cloned());
                    next.push(way);
                }
            }
            if next.len() > MOST_WAYS {
                // Those that only some of the answers would have opened are left out.
                return Self {
                    questions,
                    ways: None,
                };
            }
            ways = next;
        }
        Self {
            questions,
            ways: Some(ways),
        }
    }
}

/// An answer to a question for each that conditions tell apart.
fn every(plan: &Plan, question: QuestionIx) -> Vec<Answer> {
    let kind = &plan.question(question).kind;
    match kind {
        QuestionType::YesNo => vec![Answer::YesNo(true), Answer::YesNo(false)],
        QuestionType::Choice(options) => {
            let keys = options.iter().map(|(key, _)| key.clone());
            keys.map(Answer::Choice).collect()
        }
        QuestionType::Number { min, max } => {
            let named = named(plan, question);
            let between = named.windows(2).map(|pair| f64::midpoint(pair[0], pair[1]));
            let mut numbers: Vec<f64> = named.iter().copied().chain(between).collect();
            let (first, last) = (named.first(), named.last());
            numbers.extend(first.map(|first| first - 1.0));
            numbers.extend(last.map(|last| last + 1.0));
            numbers.extend(min.iter().chain(max));
            if numbers.is_empty() {
                numbers.push(0.0);
            }
            numbers.sort_by(f64::total_cmp);
            numbers.dedup();
            let numbers = numbers.into_iter().map(Answer::Number);
            numbers.filter(|number| kind.accepts(number)).collect()
        }
    }
}

/// The numbers that conditions compare the answer to a question with, in order.
pub(super) fn named(plan: &Plan, question: QuestionIx) -> Vec<f64> {
    let mut named: Vec<f64> = Vec::new();
    let steps = plan.steps.iter().map(|step| &step.when);
    let rules = plan.impossible.iter().map(|rule| &rule.when);
    let questions = plan.questions.iter().map(|question| &question.when);
    for cond in steps.chain(questions).chain(rules) {
        cond.each_atom(&mut |asked, values| {
            for value in values.iter().filter(|_| asked == question) {
                if let Answer::Number(value) = value {
                    named.push(*value);
                }
            }
        });
    }
    named.sort_by(f64::total_cmp);
    named.dedup();
    named
}
