//! What can be answered: whether there are answers for which something is so, and which are told
//! apart by some questions.

use std::collections::{BTreeMap, BTreeSet};

use onething_plan::{Answer, Answers, Cond, Impossible, Question, QuestionIx};

use super::search::{Ended, Rule, Search};
use crate::classes::{candidates, thresholds};

/// Answers set and comparisons made to find one set of answers, at most.
const MAX_WORK_EACH: usize = 400_000;

/// The same where rules are about them that were too hard to see through before.
const MAX_WORK_HARD: usize = 20_000;

/// Answers set and comparisons made for one service, at most: some seconds' worth
/// in the slowest build.
const MAX_WORK: usize = 8_000_000;

/// What can be answered.
pub(crate) struct Space<'a> {
    questions: &'a [Question],
    rules: Vec<&'a Cond>,
    /// The questions that each rule compares, and those that decide whether each is asked.
    compared_in: Vec<Vec<usize>>,
    asked_by: Vec<Vec<usize>>,
    /// For each question, the rules about it: those as well that it decides about by whether
    /// another question is asked.
    rules_of: Vec<Vec<usize>>,
    candidates: Vec<Vec<Answer>>,
    thresholds: Vec<Vec<f64>>,
    /// For each question, the candidate that is as the reference's answer.
    usual: Vec<usize>,
    work: usize,
    exact: bool,
    hard: BTreeSet<usize>,
    /// Whether what rules exclude is left out.
    ruled: bool,
}

/// Answers for which something is so.
pub(crate) enum Example {
    /// Of the questions that it hangs on; others are left unanswered.
    Found(Answers),
    /// There are none.
    None,
    /// Whether there are some is too hard to tell.
    TooHard,
}

/// Questions that hang together: whether they are asked, and what they can be answered with,
/// hangs on no others.
pub(crate) struct Part {
    /// Those that are told apart.
    pub(crate) told: Vec<usize>,
    pub(crate) others: Vec<usize>,
    rules: Vec<usize>,
}

/// The questions that a condition compares, in order.
pub(super) fn compared(cond: &Cond) -> Vec<usize> {
    let mut questions = Vec::new();
    cond.each_atom(&mut |question, _| questions.push(question.index()));
    questions.sort_unstable();
    questions.dedup();
    questions
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
        let rules: Vec<&Cond> = impossible.iter().map(|rule| &rule.when).collect();
        let all: Vec<&Cond> = conds
            .chain(rules.iter().copied())
            .chain(questions.iter().map(|question| &question.when))
            .collect();
        let candidates = candidates(questions, reference, &all);
        let thresholds = thresholds(questions, &all);
        let mut this = Self {
            questions,
            rules_of: vec![Vec::new(); questions.len()],
            usual: vec![0; questions.len()],
            candidates,
            thresholds,
            compared_in: rules.iter().map(|rule| compared(rule)).collect(),
            asked_by: questions.iter().map(|one| compared(&one.when)).collect(),
            rules,
            work: 0,
            exact: true,
            hard: BTreeSet::new(),
            ruled: true,
        };
        for question in 0..questions.len() {
            let answer = reference.get(QuestionIx::at(question));
            let usual = answer.and_then(|answer| this.position(question, answer));
            this.usual[question] = usual.unwrap_or(0);
        }
        for rule in 0..this.rules.len() {
            // Whether a question is asked can make a rule hold: what decides that is
            // bound by the rule as well.
            for question in this.closed(this.compared_in[rule].clone()) {
                this.rules_of[question].push(rule);
            }
        }
        this
    }

    /// The numbers that answers are compared with, for each question, in order.
    pub(crate) fn thresholds(&self) -> Vec<Vec<f64>> {
        self.thresholds.clone()
    }

    /// The answers that are tried for a question.
    pub(crate) fn candidates(&self, question: usize) -> &[Answer] {
        &self.candidates[question]
    }

    /// Of these the one that is as the reference's answer, else the first.
    pub(crate) fn usual(&self, question: usize) -> Option<&Answer> {
        self.candidates[question].get(self.usual[question])
    }

    /// The position of the candidate that an answer is told apart from in no comparison.
    pub(crate) fn position(&self, question: usize, answer: &Answer) -> Option<usize> {
        let thresholds = &self.thresholds[question];
        let mut candidates = self.candidates[question].iter();
        candidates.position(|candidate| is_alike(candidate, answer, thresholds))
    }

    /// The questions that some rule is about, or hangs on.
    pub(crate) fn ruled(&self) -> Vec<usize> {
        (0..self.questions.len())
            .filter(|at| !self.rules_of[*at].is_empty())
            .collect()
    }

    /// Lets a question be answered with these only.
    pub(super) fn limit(&mut self, question: usize, answers: Vec<Answer>) {
        self.candidates[question] = answers;
    }

    /// Whether nothing so far was too hard to tell.
    pub(crate) fn is_exact(&self) -> bool {
        self.exact
    }

    /// As it would be without the rules while `look` looks: a rule leaves no answers for
    /// which it holds.
    pub(super) fn unruled<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> T {
        self.ruled = false;
        let seen = look(self);
        self.ruled = true;
        seen
    }

    /// The first answers that can be given for which all of `must` hold and none of `never`.
    pub(crate) fn find(&mut self, must: &[&Cond], never: &[&Cond]) -> Example {
        let about = must.iter().chain(never).flat_map(|cond| compared(cond));
        let about: Vec<usize> = about.collect();
        self.find_about(about, must, never)
    }

    /// Whether there are answers at all that can be given to the questions that rules are about.
    pub(super) fn any(&mut self) -> Example {
        let ruled = self.ruled();
        self.find_about(ruled, &[], &[])
    }

    /// Answers that were found for what is about these conditions, with others to what they leave
    /// open.
    pub(crate) fn completed<'c>(
        &self,
        found: &Answers,
        about: impl Iterator<Item = &'c Cond>,
        others: &Answers,
    ) -> Answers {
        let (around, _) = self.around(about.flat_map(compared).collect());
        let mut answers = Answers::none(self.questions.len());
        for (at, question) in self.questions.iter().enumerate() {
            let ix = QuestionIx::at(at);
            let answer = if around.binary_search(&at).is_ok() {
                found.get(ix)
            } else if !self.rules_of[at].is_empty() {
                // With what rules say of it nothing has to do that was found.
                others.get(ix)
            } else {
                let asked = question.when.holds(&answers);
                let usual = || self.usual(at);
                others.get(ix).or_else(usual).filter(|_| asked)
            };
            answers.set(ix, answer.cloned());
        }
        answers
    }

    fn find_about(&mut self, about: Vec<usize>, must: &[&Cond], never: &[&Cond]) -> Example {
        if self.work > MAX_WORK {
            self.exact = false;
            return Example::TooHard;
        }
        let (around, rules) = self.around(about);
        let is_hard = rules.iter().any(|rule| self.hard.contains(rule));
        let most = if is_hard {
            MAX_WORK_HARD
        } else {
            MAX_WORK_EACH
        };
        let most = most.min(MAX_WORK.saturating_sub(self.work));
        let excluded = |excluded| move |cond| Rule { cond, excluded };
        let of_rules = rules.iter().map(|rule| self.rules[*rule]);
        let all = of_rules.chain(never.iter().copied()).map(excluded(true));
        let all = all.chain(must.iter().copied().map(excluded(false)));
        let mut search = self.search(&around, &[], all.collect());
        let ended = search.next(most);
        let found = search.answers().clone();
        self.work += search.work() + rules.len() + around.len();
        match ended {
            Ended::Found => Example::Found(found),
            Ended::None => Example::None,
            Ended::TooHard => {
                self.exact = false;
                self.hard.extend(rules);
                Example::TooHard
            }
        }
    }

    /// The questions that hang together, of those that are told apart, and of those that rules are
    /// about beside; ordered by the first of them.
    pub(crate) fn parts(&self, told: &[usize]) -> Vec<Part> {
        let told = self.closed(told.to_vec());
        let (all, rules) = self.around(told.iter().copied().chain(self.ruled()).collect());
        let mut of: Vec<usize> = (0..self.questions.len()).collect();
        for question in &all {
            for other in &self.asked_by[*question] {
                join(&mut of, *question, *other);
            }
        }
        for rule in &rules {
            for pair in self.compared_in[*rule].windows(2) {
                join(&mut of, pair[0], pair[1]);
            }
        }
        let mut parts: BTreeMap<usize, Part> = BTreeMap::new();
        for question in all {
            let part = parts
                .entry(root(&mut of, question))
                .or_insert_with(|| Part {
                    told: Vec::new(),
                    others: Vec::new(),
                    rules: Vec::new(),
                });
            match told.binary_search(&question) {
                Ok(_) => part.told.push(question),
                Err(_) => part.others.push(question),
            }
        }
        for rule in rules {
            let first = self.compared_in[rule].first().copied();
            // One about no question at all holds for everybody or nobody.
            let part = match first.filter(|first| *first < of.len()) {
                Some(first) => parts.get_mut(&root(&mut of, first)),
                None => parts.values_mut().next(),
            };
            if let Some(part) = part {
                part.rules.push(rule);
            }
        }
        parts.into_values().collect()
    }

    /// A search through the answers to a part.
    pub(crate) fn search_part(&self, part: &Part) -> Search<'_> {
        let rules = part.rules.iter().map(|rule| Rule {
            cond: self.rules[*rule],
            excluded: true,
        });
        self.search(&part.told, &part.others, rules.collect())
    }

    fn search<'s>(&'s self, told: &[usize], others: &[usize], rules: Vec<Rule<'s>>) -> Search<'s> {
        let known = (self.questions, &*self.candidates, &*self.usual);
        Search::new(known, told, others, rules)
    }

    /// The questions with those that decide whether they are asked, in order.
    pub(crate) fn closed(&self, mut open: Vec<usize>) -> Vec<usize> {
        let mut found = vec![false; self.questions.len()];
        while let Some(question) = open.pop() {
            if let Some(found) = found.get_mut(question)
                && !std::mem::replace(found, true)
            {
                open.extend(&self.asked_by[question]);
            }
        }
        positions(&found)
    }

    /// The questions with all that decide what they can be answered with, in order, and the rules
    /// about them.
    fn around(&self, mut open: Vec<usize>) -> (Vec<usize>, Vec<usize>) {
        let mut around = vec![false; self.questions.len()];
        let mut rules = vec![false; self.rules.len()];
        while let Some(question) = open.pop() {
            if question >= around.len() || std::mem::replace(&mut around[question], true) {
                continue;
            }
            open.extend(&self.asked_by[question]);
            for rule in self.rules_of[question].iter().filter(|_| self.ruled) {
                if !std::mem::replace(&mut rules[*rule], true) {
                    open.extend(&self.compared_in[*rule]);
                }
            }
        }
        (positions(&around), positions(&rules))
    }
}

fn positions(chosen: &[bool]) -> Vec<usize> {
    let chosen = chosen.iter().enumerate().filter(|(_, chosen)| **chosen);
    chosen.map(|(at, _)| at).collect()
}

/// Whether answers to a question compare alike with all numbers that it is compared with.
fn is_alike(one: &Answer, other: &Answer, thresholds: &[f64]) -> bool {
    match (one, other) {
        (Answer::Number(one), Answer::Number(other)) => thresholds
            .iter()
            .all(|bound| one.partial_cmp(bound) == other.partial_cmp(bound)),
        (one, other) => one == other,
    }
}

fn root(of: &mut [usize], mut at: usize) -> usize {
    while of[at] != at {
        of[at] = of[of[at]];
        at = of[at];
    }
    at
}

fn join(of: &mut [usize], one: usize, other: usize) {
    if one < of.len() && other < of.len() {
        let (one, other) = (root(of, one), root(of, other));
        of[one.max(other)] = one.min(other);
    }
}
