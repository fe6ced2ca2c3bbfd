//! Answer classes: sets of answers that between them reach every scenario.
//!
//! Conditions compare answers with a few values. For each question one answer
//! per interval between those values is enough: two applicants whose answers fall
//! into the same intervals have the same scenario.

use std::collections::{BTreeMap, BTreeSet};

use onething_plan::{Answer, Answers, Cond, Plan, Question, QuestionIx, QuestionType, Scenario};

pub use crate::space::Words;

/// The most classes that are gone through one by one.
pub const MAX_CLASSES: usize = 4_096;

/// Steps times classes that are looked at, so that a large service with many
/// questions is checked in seconds too.
const MAX_WORK: usize = 4_000_000;

/// Sets of answers, one for each class.
#[derive(Debug, Clone)]
pub struct Classes {
    /// The answers; never empty, the reference scenario first.
    pub answers: Vec<Answers>,
    /// Whether these are all classes, or a sample.
    pub exhaustive: bool,
}

impl Classes {
    /// One set of answers for each scenario of a plan: of the classes that lead to it the first.
    pub fn scenarios(&self, plan: &Plan) -> impl Iterator<Item = &Answers> {
        let mut seen = BTreeSet::new();
        let classes = self.answers.iter();
        classes.filter(move |answers| seen.insert(Scenario::key(plan, answers)))
    }
}

/// The answer classes of a plan: all of them up to [`MAX_CLASSES`], else a sample
/// that is the same each time. What the definition rules out is left out.
#[must_use]
pub fn classes(plan: &Plan) -> Classes {
    let conds: Vec<&Cond> = plan
        .steps
        .iter()
        .map(|step| &step.when)
        .chain(plan.matters.iter().map(|matter| &matter.when))
        .chain(plan.questions.iter().map(|question| &question.when))
        .chain(plan.impossible.iter().map(|rule| &rule.when))
        .collect();
    let candidates = candidates(&plan.questions, &plan.reference, &conds);
    let size = plan.steps.len().max(plan.questions.len()).max(1);
    let most = (MAX_WORK / size).clamp(64, MAX_CLASSES);
    let mut answers = vec![plan.reference.clone()];
    let all = every(plan, &candidates, most);
    let exhaustive = all.is_some();
    let made = all.unwrap_or_else(|| sample(plan, &candidates, most));
    let possible = |answers: &Answers| plan.contradiction(answers).is_none();
    answers.extend(made.into_iter().filter(possible));
    Classes {
        answers,
        exhaustive,
    }
}

/// All classes in order, one that is not asked being not answered; `None` if there
/// are more than `most`.
fn every(plan: &Plan, candidates: &[Vec<Answer>], most: usize) -> Option<Vec<Answers>> {
    let mut found = Vec::new();
    let mut answers = Answers::none(candidates.len());
    let mut chosen: Vec<Option<usize>> = Vec::with_capacity(candidates.len());
    loop {
        while let Some(list) = candidates.get(chosen.len()) {
            let at = chosen.len();
            let asked = plan.questions[at].when.holds(&answers);
            let first = list.first().filter(|_| asked);
            chosen.push(first.map(|_| 0));
            answers.set(QuestionIx::at(at), first.cloned());
        }
        if found.len() == most {
            return None;
        }
        found.push(answers.clone());
        // The last question that has a further answer takes it.
        loop {
            let Some(last) = chosen.pop() else {
                return Some(found);
            };
            let at = chosen.len();
            let next = last.map(|last| last + 1);
            let answer = next.and_then(|next| candidates[at].get(next));
            answers.set(QuestionIx::at(at), answer.cloned());
            if answer.is_some() {
                chosen.push(next);
                break;
            }
        }
    }
}

/// Answers drawn at random, each class once.
fn sample(plan: &Plan, candidates: &[Vec<Answer>], count: usize) -> Vec<Answers> {
    let mut made: BTreeMap<Vec<Option<usize>>, Answers> = BTreeMap::new();
    for draw in 0..count {
        let mut answers = Answers::none(candidates.len());
        let mut choice = Vec::with_capacity(candidates.len());
        for (at, list) in candidates.iter().enumerate() {
            let chosen = (mixed(draw as u64, at as u64) % list.len() as u64) as usize;
            let asked = plan.questions[at].when.holds(&answers);
            if asked {
                answers.set(QuestionIx::at(at), Some(list[chosen].clone()));
            }
            choice.push(asked.then_some(chosen));
        }
        made.insert(choice, answers);
    }
    made.into_values().collect()
}

/// For each question the numbers that it is compared with, in order.
pub(crate) fn thresholds(questions: &[Question], conds: &[&Cond]) -> Vec<Vec<f64>> {
    atoms(questions, conds)
        .iter()
        .map(|atoms| ordered(atoms))
        .collect()
}

/// For each question the answers that it is compared with.
fn atoms<'a>(questions: &[Question], conds: &[&'a Cond]) -> Vec<Vec<&'a Answer>> {
    let mut atoms: Vec<Vec<&Answer>> = vec![Vec::new(); questions.len()];
    for condition in conds {
        condition.each_atom(&mut |question, values| {
            if let Some(list) = atoms.get_mut(question.index()) {
                list.extend(values);
            }
        });
    }
    atoms
}

fn ordered(atoms: &[&Answer]) -> Vec<f64> {
    let mut thresholds: Vec<f64> = atoms
        .iter()
        .filter_map(|answer| match answer {
            Answer::Number(number) => Some(*number),
            Answer::YesNo(_) | Answer::Choice(_) => None,
        })
        .collect();
    thresholds.sort_by(f64::total_cmp);
    thresholds.dedup();
    thresholds
}

/// For each question the answers worth trying for these conditions, at least one.
pub(crate) fn candidates(
    questions: &[Question],
    reference: &Answers,
    conds: &[&Cond],
) -> Vec<Vec<Answer>> {
    questions
        .iter()
        .zip(atoms(questions, conds))
        .enumerate()
        .map(|(at, (question, atoms))| {
            let usual = reference.get(QuestionIx::at(at)).cloned();
            if atoms.is_empty() {
                return vec![usual.unwrap_or_else(|| any(question))];
            }
            let cells = question.kind.cells(ordered(&atoms)).into_iter();
            let mut answers: Vec<Answer> = cells.map(|cell| cell.answer).collect();
            if answers.is_empty() {
                // Its bounds contradict each other, which is told where they stand.
                answers.push(usual.unwrap_or_else(|| any(question)));
            }
            answers
        })
        .collect()
}

fn any(question: &Question) -> Answer {
    match &question.kind {
        QuestionType::YesNo => Answer::YesNo(true),
        QuestionType::Number { min, max } => Answer::Number(min.or(*max).unwrap_or(0.0)),
        QuestionType::Choice(options) => Answer::Choice(
            options
                .first()
                .map_or_else(|| "".into(), |(key, _)| key.clone()),
        ),
    }
}

/// A fixed hash of two numbers (the finalizer of SplitMix64, Steele et al. 2014).
fn mixed(one: u64, other: u64) -> u64 {
    let mut z = one
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add(other.wrapping_mul(0xBF58_476D_1CE4_E5B9))
        .wrapping_add(0x94D0_49BB_1331_11EB);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use onething_plan::builder::PlanBuilder;
    use onething_plan::{Actor, Compare, Cond, QuestionType};

    fn seats(min: Option<f64>, max: Option<f64>) -> Plan {
        let mut b = PlanBuilder::new("seats");
        let question = b.yes_no("seats");
        b.plan_mut().questions[0].kind = QuestionType::Number { min, max };
        b.plan_mut()
            .reference
            .set(question, Some(Answer::Number(7.0)));
        let at = |compare, value| Cond::Compare(question, compare, Answer::Number(value));
        b.step("a", Actor::System).when(at(Compare::Greater, 50.0));
        b.step("b", Actor::System).when(at(Compare::AtMost, 10.0));
        b.build()
    }

    fn tried(plan: &Plan) -> Vec<f64> {
        classes(plan).answers[1..]
            .iter()
            .map(|answers| match answers.get(QuestionIx(0)) {
                Some(Answer::Number(number)) => *number,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn one_number_for_each_interval() {
        assert_eq!(tried(&seats(None, None)), [9.0, 10.0, 11.0, 50.0, 51.0]);
        assert_eq!(
            tried(&seats(Some(0.0), Some(20.0))),
            [0.0, 10.0, 11.0],
            "within the bounds; 20 is like 11"
        );
        assert_eq!(tried(&seats(Some(60.0), None)), [60.0]);
        assert_eq!(
            tried(&seats(Some(20.0), None)),
            [20.0, 50.0, 51.0],
            "a bound between two thresholds"
        );
    }

    #[test]
    fn a_question_that_is_not_asked_is_not_answered() {
        let mut b = PlanBuilder::new("asked");
        let (one, two) = (b.yes_no("one"), b.yes_no("two"));
        b.plan_mut().questions[1].when = Cond::yes(one);
        b.step("a", Actor::System).when(Cond::yes(two));
        let classes = classes(&b.build());
        assert!(classes.exhaustive);
        let told: Vec<_> = classes.answers[1..]
            .iter()
            .map(|answers| (answers.get(one).is_some(), answers.get(two).is_some()))
            .collect();
        assert_eq!(told, [(true, true), (true, true), (true, false)]);
    }

    #[test]
    fn beyond_the_bound_a_sample_that_is_the_same_each_time() {
        let mut b = PlanBuilder::new("many");
        for at in 0..20 {
            let question = b.yes_no(&format!("q{at}"));
            b.step(&format!("s{at}"), Actor::System)
                .when(Cond::yes(question));
        }
        let plan = b.build();
        let (one, two) = (classes(&plan), classes(&plan));
        assert!(!one.exhaustive);
        assert_eq!(one.answers, two.answers);
        assert!(one.answers.len() > 3_000, "{}", one.answers.len());
        for at in 0..20 {
            let yes = |answers: &Answers| answers.get(QuestionIx(at)) == Some(&Answer::YesNo(true));
            let share = one.answers.iter().filter(|a| yes(a)).count();
            assert!((1_500..2_700).contains(&share), "{at}: {share}");
        }
    }
}
