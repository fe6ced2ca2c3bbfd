//! A walk through the classes of answers to the questions that conditions hang on.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use onething_plan::{Answer, Answers, Cond, Impossible, Question, QuestionIx};

use crate::classes::{candidates, thresholds};

/// Classes that are looked at for one condition, at most.
const MAX_CLASSES: usize = 4_096;

/// Questions that one condition may hang on, those included that decide whether
/// its own are asked.
const MAX_QUESTIONS: usize = 64;

/// Answers set and comparisons made for one service, at most: some seconds' worth
/// in the slowest build.
const MAX_WORK: usize = 8_000_000;

/// What can be answered.
pub(crate) struct Space<'a> {
    questions: &'a [Question],
    rules: Vec<Rule<'a>>,
    /// For each question, the rules about it.
    rules_of: Vec<Vec<usize>>,
    candidates: Vec<Vec<Answer>>,
    thresholds: Vec<Vec<f64>>,
    /// Always empty between walks.
    answers: Answers,
    work: usize,
    exact: bool,
    /// Whether what rules exclude is left out.
    ruled: bool,
}

struct Rule<'a> {
    when: &'a Cond,
    questions: Vec<usize>,
    atoms: usize,
}

/// The questions that a condition compares, in order, and how many comparisons it makes.
pub(super) fn compared(cond: &Cond) -> (Vec<usize>, usize) {
    let (mut questions, mut atoms) = (Vec::new(), 0);
    cond.each_atom(&mut |question, _| {
        questions.push(question.index());
        atoms += 1;
    });
    questions.sort_unstable();
    questions.dedup();
    (questions, atoms)
}

impl<'a> Space<'a> {
    /// The answer space of these questions, as fine as `conds` need it beside the
    /// conditions of the questions and rules themselves.
    pub(crate) fn new(
        questions: &'a [Question],
        impossible: &'a [Impossible],
        reference: &Answers,
        conds: impl Iterator<Item = &'a Cond>,
    ) -> Self {
        let rules: Vec<Rule<'a>> = impossible
            .iter()
            .map(|rule| {
                let (questions, atoms) = compared(&rule.when);
                Rule {
                    when: &rule.when,
                    questions,
                    atoms,
                }
            })
            .collect();
        let mut rules_of = vec![Vec::new(); questions.len()];
        let mut exact = true;
        for (at, rule) in rules.iter().enumerate() {
            // Whether a question is asked can make a rule hold: what decides that is
            // bound by the rule as well.
            let mut about: Vec<usize> = Vec::new();
            let mut open = rule.questions.clone();
            while let Some(question) = open.pop() {
                if question >= questions.len() || about.contains(&question) {
                    continue;
                }
                if about.len() == MAX_QUESTIONS {
                    exact = false;
                    break;
                }
                about.push(question);
                open.extend(compared(&questions[question].when).0);
            }
            for question in about {
                rules_of[question].push(at);
            }
        }
        let all: Vec<&Cond> = conds
            .chain(rules.iter().map(|rule| rule.when))
            .chain(questions.iter().map(|question| &question.when))
            .collect();
        Self {
            questions,
            rules_of,
            candidates: candidates(questions, reference, &all),
            thresholds: thresholds(questions, &all),
            answers: Answers::none(questions.len()),
            rules,
            work: 0,
            exact,
            ruled: true,
        }
    }

    /// The numbers that answers are compared with, for each question, in order.
    pub(crate) fn thresholds(&self) -> Vec<Vec<f64>> {
        self.thresholds.clone()
    }

    /// The answers that are tried for a question.
    pub(super) fn candidates(&self, question: usize) -> &[Answer] {
        &self.candidates[question]
    }

    /// The questions that some rule is about, or hangs on.
    pub(super) fn ruled(&self) -> Vec<usize> {
        (0..self.questions.len())
            .filter(|at| !self.rules_of[*at].is_empty())
            .collect()
    }

    /// Lets a question be answered with these only.
    pub(super) fn limit(&mut self, question: usize, answers: Vec<Answer>) {
        self.candidates[question] = answers;
    }

    /// Whether every walk so far went through all classes.
    pub(crate) fn is_exact(&self) -> bool {
        self.exact
    }

    /// As it would be without the rules while `look` looks: a rule leaves no class in
    /// which it holds.
    pub(super) fn unruled<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> T {
        self.ruled = false;
        let seen = look(self);
        self.ruled = true;
        seen
    }

    /// Calls `visit` with each possible class of answers to the questions of the
    /// conditions and those that decide about them; others are left unanswered.
    /// `visit` may change the answers but has to put them back. `false` if there
    /// are too many classes, of which some were visited.
    pub(crate) fn each(
        &mut self,
        conds: &[&Cond],
        mut visit: impl FnMut(&mut Answers) -> ControlFlow<()>,
    ) -> bool {
        let Some((around, rules)) = self.around(conds).filter(|_| self.work <= MAX_WORK) else {
            self.exact = false;
            return false;
        };
        self.work = self.work.saturating_add(rules.len());
        let atoms: usize = conds.iter().map(|cond| compared(cond).1).sum();
        let whens: usize = around
            .iter()
            .map(|at| 1 + compared(&self.questions[*at].when).1)
            .sum();
        let rule_atoms: usize = rules.iter().map(|rule| self.rules[*rule].atoms).sum();
        let cost = 1 + atoms + whens + rule_atoms;
        let mut answers = std::mem::take(&mut self.answers);
        let mut chosen: Vec<Option<usize>> = Vec::with_capacity(around.len());
        let mut visited = 0;
        let all = loop {
            while let Some(question) = around.get(chosen.len()).copied() {
                let asked = self.questions[question].when.holds(&answers);
                let first = self.candidates[question].first().filter(|_| asked);
                chosen.push(first.map(|_| 0));
                answers.set(QuestionIx::at(question), first.cloned());
            }
            visited += 1;
            self.work = self.work.saturating_add(cost);
            if visited > MAX_CLASSES || self.work > MAX_WORK {
                break false;
            }
            let ruled_out = self.ruled
                && rules
                    .iter()
                    .any(|rule| self.rules[*rule].when.holds(&answers));
            if !ruled_out && visit(&mut answers).is_break() {
                break true;
            }
            // On to the next class: the last question that has a further answer takes it.
            let more = loop {
                let Some(last) = chosen.pop() else {
                    break false;
                };
                let question = around[chosen.len()];
                let next = last.map(|at| at + 1);
                let answer = next.and_then(|at| self.candidates[question].get(at));
                answers.set(QuestionIx::at(question), answer.cloned());
                if answer.is_some() {
                    chosen.push(next);
                    break true;
                }
            };
            if !more {
                break true;
            }
        };
        for question in around {
            answers.set(QuestionIx::at(question), None);
        }
        self.answers = answers;
        self.exact &= all;
        all
    }

    /// The questions that decide what conditions come to, in order, and the rules about
    /// them; `None` if there are too many.
    fn around(&self, conds: &[&Cond]) -> Option<(Vec<usize>, Vec<usize>)> {
        let mut around: Vec<usize> = Vec::new();
        let mut rules: BTreeSet<usize> = BTreeSet::new();
        let mut open: Vec<usize> = conds.iter().flat_map(|cond| compared(cond).0).collect();
        while let Some(question) = open.pop() {
            if around.contains(&question) || question >= self.questions.len() {
                continue;
            }
            around.push(question);
            if around.len() > MAX_QUESTIONS {
                return None;
            }
            open.extend(compared(&self.questions[question].when).0);
            for rule in &self.rules_of[question] {
                if rules.insert(*rule) {
                    open.extend(&self.rules[*rule].questions);
                }
            }
            // Many rules about one question make many repetitions.
            open.sort_unstable();
            open.dedup();
        }
        around.sort_unstable();
        Some((around, rules.into_iter().collect()))
    }
}
