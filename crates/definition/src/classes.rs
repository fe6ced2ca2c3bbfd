//! Answer classes: sets of answers that between them reach every scenario.
//!
//! Conditions compare answers with a few values. For each question one answer
//! per interval between those values is enough: two applicants whose answers fall
//! into the same intervals have the same scenario. What nobody can answer is in no
//! class, and a question that no step and no matter hangs on makes no further ones.
//!
//! Questions hang together where a rule is about them, or one decides whether another
//! is asked. Each such part is gone through by itself (`Space::parts`), and a class is
//! one answer of each part. Where there are too many, a sample of them is drawn, which
//! can be answered as well, and what no draw meets is looked for (`cover`).

use std::collections::{BTreeMap, BTreeSet};

use onething_plan::{Answer, Answers, Cond, Plan, Question, QuestionIx, QuestionType, Scenario};

pub use crate::space::Words;
use crate::space::{self, Ended, Part, Search, Space, Start};

mod cover;

/// The most classes that are gone through one by one.
pub const MAX_CLASSES: usize = 4_096;

/// Steps times classes that are looked at, so that a large service with many
/// questions is checked in seconds too.
const MAX_WORK: usize = 4_000_000;

/// Answers set and comparisons made to find the classes of all parts, or a sample of one, at most.
const MAX_SEARCH: usize = 1_500_000;

/// Draws that may end without answers before these are left alone.
const MAX_IN_VAIN: usize = 4;

/// Sets of answers, one for each class.
#[derive(Debug, Clone)]
pub struct Classes {
    /// The answers; never empty, the reference scenario first.
    pub answers: Vec<Answers>,
    /// Whether these are all classes, or a sample.
    pub exhaustive: bool,
    /// The questions that tell classes apart, in order. To others each class has some answer that
    /// goes with these.
    pub told: Vec<QuestionIx>,
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
    classes_of([plan])
}

/// The classes of answers that some of these plans tell apart. All have the questions of the first.
#[must_use]
pub fn classes_of<const N: usize>(plans: [&Plan; N]) -> Classes {
    let plan = plans[0];
    let of_plans = plans.iter().flat_map(|plan| {
        let steps = plan.steps.iter().map(|step| &step.when);
        steps.chain(plan.matters.iter().map(|matter| &matter.when))
    });
    let conds: Vec<&Cond> = of_plans.collect();
    let reference = &plan.reference;
    let questions = &plan.questions;
    let mut space = Space::new(
        questions,
        &plan.impossible,
        reference,
        conds.iter().copied(),
    );
    let told = space.closed(space::questions(&conds));
    let steps = plans.iter().map(|plan| plan.steps.len()).max();
    let size = steps.unwrap_or(0).max(questions.len()).max(1);
    let most = (MAX_WORK / size).clamp(64, MAX_CLASSES);
    let mut left = MAX_SEARCH;
    let parts = space.parts(&told);
    let lists = parts
        .iter()
        .map(|part| List::of(&space, part, most, &mut left));
    let lists: Vec<List> = lists.collect();
    let all = lists.iter().all(|list| list.all);
    let count = lists.iter().map(|list| list.rows.len());
    let count = count.fold(1_usize, usize::saturating_mul);
    let exhaustive = all && count <= most;
    let product = Product::new(plan, &space, &told, &lists);
    let mut answers = vec![reference.clone()];
    if exhaustive {
        answers.extend(product.all(count));
    } else {
        answers.extend(product.sample(reference, most));
        let missed = cover::missed(&plans, &mut space, &answers);
        answers.extend(missed);
    }
    Classes {
        answers,
        exhaustive,
        told: told.into_iter().map(QuestionIx::at).collect(),
    }
}

/// The positions of answers among the candidates, in the order of the questions of a part; none
/// where one is not asked.
type Row = Vec<Option<usize>>;

/// The answers of one part that are told apart.
struct List {
    /// The questions, those first that tell them apart.
    order: Vec<usize>,
    rows: Vec<Row>,
    /// Whether these are all, or a sample.
    all: bool,
}

impl List {
    fn of(space: &Space<'_>, part: &Part, most: usize, left: &mut usize) -> Self {
        let mut search = space.search_part(part);
        let mut rows: Vec<Row> = Vec::new();
        let all = loop {
            let ended = search.next(left.saturating_sub(search.work()));
            match ended {
                Ended::Found if rows.len() < most => rows.push(search.positions().collect()),
                Ended::None => break true,
                Ended::Found | Ended::TooHard => break false,
            }
        };
        *left = left.saturating_sub(search.work());
        let order = search.order().to_vec();
        if !all {
            // What comes first differs in the last questions alone.
            let first = rows.drain(..).next();
            let drawn = draws(&mut search, part.told.len(), most);
            rows = if drawn.is_empty() {
                first.into_iter().collect()
            } else {
                drawn
            };
        }
        Self { order, rows, all }
    }
}

/// Answers that can be given, drawn at random: each that is told apart once. The usual ones are
/// among them if they can be. Where answers that go together are hard to find, a random walk sets
/// out from those, a question at a time.
fn draws(search: &mut Search<'_>, told: usize, count: usize) -> Vec<Row> {
    let mut made: BTreeMap<Row, Row> = BTreeMap::new();
    let until = search.work() + MAX_SEARCH;
    let mut take = |search: &Search<'_>| {
        let row: Row = search.positions().collect();
        made.entry(row[..told].to_vec()).or_insert(row);
    };
    let mut starts = std::iter::once(Start::Usual).chain((0..count as u64).map(Start::Drawn));
    let mut in_vain = 0;
    while in_vain < MAX_IN_VAIN
        && let Some(start) = starts.next()
    {
        search.restart(start);
        let left = until.saturating_sub(search.work());
        match search.next(left.min(8 * search.size())) {
            Ended::Found => take(search),
            Ended::None => break,
            Ended::TooHard => in_vain += 1,
        }
    }
    search.restart(Start::Usual);
    if in_vain == MAX_IN_VAIN && search.next(MAX_SEARCH / 8) == Ended::Found {
        let until = search.work() + MAX_SEARCH;
        for seed in 0..count as u64 {
            search.wander(seed);
            take(search);
            if search.work() > until {
                break;
            }
        }
    }
    made.into_values().collect()
}

/// Classes made of an answer of each part.
struct Product<'a> {
    plan: &'a Plan,
    space: &'a Space<'a>,
    lists: &'a [List],
    /// For each question that tells classes apart, in order: its list and where it is there.
    told: Vec<(usize, usize)>,
    /// Questions in no list: no rule is about them, and nothing hangs on them.
    others: Vec<usize>,
}

impl<'a> Product<'a> {
    fn new(plan: &'a Plan, space: &'a Space<'a>, told: &[usize], lists: &'a [List]) -> Self {
        let mut places = vec![None; plan.questions.len()];
        for (number, list) in lists.iter().enumerate() {
            for (at, question) in list.order.iter().enumerate() {
                places[*question] = Some((number, at));
            }
        }
        let is_in_none = |question: &usize| places[*question].is_none();
        Self {
            plan,
            space,
            lists,
            told: told
                .iter()
                .filter_map(|question| places[*question])
                .collect(),
            others: (0..places.len()).filter(is_in_none).collect(),
        }
    }

    /// All of them, in the order of the questions.
    fn all(&self, count: usize) -> impl Iterator<Item = Answers> {
        let mut all: Vec<(Row, Vec<usize>)> = Vec::with_capacity(count);
        for number in 0..count {
            // The last part varies first, so that most are in order as they are made.
            let mut rest = number;
            let mut choice = vec![0; self.lists.len()];
            for (chosen, list) in choice.iter_mut().zip(self.lists).rev() {
                *chosen = rest % list.rows.len();
                rest /= list.rows.len();
            }
            all.push((self.key(&choice), choice));
        }
        all.sort_unstable();
        all.into_iter().map(|(_, choice)| self.answers(&choice))
    }

    /// Some, drawn at random, each once, and none that is as the reference.
    fn sample(&self, reference: &Answers, most: usize) -> impl Iterator<Item = Answers> {
        let mut made: BTreeMap<Row, Vec<usize>> = BTreeMap::new();
        let possible = self.lists.iter().all(|list| !list.rows.is_empty());
        for draw in (0..most as u64).filter(|_| possible) {
            let each = self.lists.iter().enumerate().map(|(number, list)| {
                (mixed(draw, number as u64) % list.rows.len() as u64) as usize
            });
            let choice: Vec<usize> = each.collect();
            made.insert(self.key(&choice), choice);
        }
        made.remove(&self.key_of(reference));
        made.into_values().map(|choice| self.answers(&choice))
    }

    /// What tells a class apart.
    fn key(&self, choice: &[usize]) -> Row {
        let told = self.told.iter();
        told.map(|(list, at)| self.lists[*list].rows[choice[*list]][*at])
            .collect()
    }

    fn key_of(&self, answers: &Answers) -> Row {
        let told = self
            .told
            .iter()
            .map(|(list, at)| self.lists[*list].order[*at]);
        told.map(|question| {
            let answer = answers.get(QuestionIx::at(question))?;
            self.space.position(question, answer)
        })
        .collect()
    }

    fn answers(&self, choice: &[usize]) -> Answers {
        let mut answers = Answers::none(self.plan.questions.len());
        for (list, chosen) in self.lists.iter().zip(choice) {
            for (question, at) in list.order.iter().zip(&list.rows[*chosen]) {
                let candidates = self.space.candidates(*question);
                let answer = at.and_then(|at| candidates.get(at));
                answers.set(QuestionIx::at(*question), answer.cloned());
            }
        }
        for question in &self.others {
            let ix = QuestionIx::at(*question);
            if self.plan.question(ix).when.holds(&answers) {
                let answer = self.space.usual(*question);
                answers.set(ix, answer.cloned());
            }
        }
        answers
    }
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
pub(crate) fn mixed(one: u64, other: u64) -> u64 {
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
