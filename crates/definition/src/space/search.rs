//! A search for sets of answers that can be given together: question by question, going back as
//! soon as something that is ruled out holds whatever else is answered.
//!
//! Where nothing can follow on some answers, the questions that this hangs on are known, and of
//! them the last is answered otherwise: what was answered in between had no part in it. The
//! answers that nothing follows on are kept, so that nobody runs into them twice (conflict-directed
//! backjumping, Prosser 1993, with the nogoods of Dechter 1990).

use onething_plan::{Answer, Answers, Cond, Question, QuestionIx};

use crate::classes::mixed;

/// Sets of answers on which nothing follows that are kept, and how many answers they may have
/// together.
const MAX_NOGOODS: usize = 20_000;
const MAX_NOGOOD_ANSWERS: usize = 400_000;

/// A condition, and what no set of answers may make of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule<'a> {
    pub(super) cond: &'a Cond,
    pub(super) excluded: bool,
}

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// With a set of answers.
    Found,
    /// There is none, or no further one.
    None,
    /// The work that it may take was used up.
    TooHard,
}

/// Which answer to a question is tried first.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Start {
    /// To what is told apart the first, to other questions the usual one.
    InOrder,
    /// The usual one.
    Usual,
    /// One that is drawn, by this seed.
    Drawn(u64),
}

/// A question that is settled.
struct Frame {
    /// The position of its answer among the candidates; `None` where it is not asked.
    at: Option<usize>,
    /// Where its answers begin, and how many were tried.
    start: usize,
    tried: usize,
    /// How many there are: one where it is not asked.
    count: usize,
    asked: bool,
    /// Questions, by level, that rule out the answers tried so far.
    blame: Levels,
    /// Whether sets of answers were found with what is settled before it.
    found: bool,
}

/// A set of levels.
#[derive(Debug, Clone, Default)]
struct Levels(Vec<u64>);

impl Levels {
    fn insert(&mut self, level: usize) {
        let word = level / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (level % 64);
    }

    fn remove(&mut self, level: usize) {
        if let Some(word) = self.0.get_mut(level / 64) {
            *word &= !(1 << (level % 64));
        }
    }

    fn extend(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }

    fn last(&self) -> Option<usize> {
        let (at, word) = self
            .0
            .iter()
            .enumerate()
            .rev()
            .find(|(_, word)| **word != 0)?;
        Some(at * 64 + 63 - word.leading_zeros() as usize)
    }

    fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let words = self.0.iter().enumerate().filter(|(_, word)| **word != 0);
        words.flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                left &= left.checked_sub(1)?;
                Some(at * 64 + bit)
            })
        })
    }
}

/// Answers, by level, on which nothing follows.
type Nogood = Vec<(usize, Option<usize>)>;

/// A search through the answers to some questions.
pub(crate) struct Search<'a> {
    questions: &'a [Question],
    candidates: &'a [Vec<Answer>],
    /// By question, the position of the usual answer.
    usual: &'a [usize],
    /// The questions in the order in which they are answered; those come first that are told
    /// apart.
    order: Vec<usize>,
    told: usize,
    /// By question, where it is in the order.
    level: Vec<Option<usize>>,
    rules: Vec<Rule<'a>>,
    /// By rule, how many comparisons it makes.
    atoms: Vec<usize>,
    /// By level, the rules about its question.
    rules_at: Vec<Vec<usize>>,
    /// By level of the last answer.
    nogoods: Vec<Vec<Nogood>>,
    kept: (usize, usize),
    start: Start,
    frames: Vec<Frame>,
    answers: Answers,
    settled: Vec<bool>,
    begun: bool,
    work: usize,
}

impl<'a> Search<'a> {
    /// A search through the answers to `told` and `others`, which are told apart by those to
    /// `told` alone. Both are in order, and `told` hangs on no other.
    pub(super) fn new(
        (questions, candidates, usual): (&'a [Question], &'a [Vec<Answer>], &'a [usize]),
        told: &[usize],
        others: &[usize],
        rules: Vec<Rule<'a>>,
    ) -> Self {
        let order: Vec<usize> = told.iter().chain(others).copied().collect();
        let mut level = vec![None; questions.len()];
        for (at, question) in order.iter().enumerate() {
            level[*question] = Some(at);
        }
        let mut rules_at: Vec<Vec<usize>> = vec![Vec::new(); order.len()];
        let mut atoms = vec![1; rules.len()];
        for (at, rule) in rules.iter().enumerate() {
            rule.cond.each_atom(&mut |question, _| {
                atoms[at] += 1;
                let level = level.get(question.index()).copied().flatten();
                if let Some(level) = level
                    && rules_at[level].last() != Some(&at)
                {
                    rules_at[level].push(at);
                }
            });
        }
        Self {
            questions,
            candidates,
            usual,
            told: told.len(),
            nogoods: vec![Vec::new(); order.len()],
            order,
            level,
            rules,
            atoms,
            rules_at,
            kept: (0, 0),
            start: Start::InOrder,
            frames: Vec::new(),
            answers: Answers::none(questions.len()),
            settled: vec![false; questions.len()],
            begun: false,
            work: 0,
        }
    }

    /// Begins again, with other answers first.
    pub(crate) fn restart(&mut self, start: Start) {
        self.truncate(0);
        self.begun = false;
        self.start = start;
    }

    /// What it takes to go through all questions once, without going back.
    pub(crate) fn size(&self) -> usize {
        let rules = self.rules_at.iter().flatten().map(|rule| self.atoms[*rule]);
        2 * self.order.len() + rules.sum::<usize>()
    }

    /// The answers that were found.
    pub(crate) fn answers(&self) -> &Answers {
        &self.answers
    }

    /// The positions of the answers that were found among the candidates, in the order of the
    /// questions.
    pub(crate) fn positions(&self) -> impl Iterator<Item = Option<usize>> + '_ {
        self.frames.iter().map(|frame| frame.at)
    }

    /// The questions in the order in which they are answered.
    pub(crate) fn order(&self) -> &[usize] {
        &self.order
    }

    /// What was done so far: answers set and comparisons made.
    pub(crate) fn work(&self) -> usize {
        self.work
    }

    /// On to the next set of answers, of those that are the same to what is told apart one.
    pub(crate) fn next(&mut self, most_work: usize) -> Ended {
        let until = self.work.saturating_add(most_work);
        if !self.begun {
            self.begun = true;
            // What hangs on no answer at all.
            if (0..self.rules.len()).any(|rule| self.excludes(rule)) {
                return Ended::None;
            }
            if self.order.is_empty() {
                return Ended::Found;
            }
            self.open();
        } else {
            self.truncate(self.told);
            for frame in &mut self.frames {
                frame.found = true;
            }
            if self.frames.is_empty() {
                return Ended::None;
            }
        }
        loop {
            if self.work > until {
                return Ended::TooHard;
            }
            if self.advance() {
                if self.frames.len() == self.order.len() {
                    return Ended::Found;
                }
                self.open();
            } else if !self.back() {
                return Ended::None;
            }
        }
    }

    /// From the answers that were found to others that can be given as well: answers some
    /// questions, drawn by this seed, otherwise wherever that is possible by itself.
    pub(crate) fn wander(&mut self, seed: u64) {
        // By level, those of the questions that its answer decides about.
        let mut decides: Vec<Vec<usize>> = vec![Vec::new(); self.order.len()];
        for (at, question) in self.order.iter().enumerate() {
            self.questions[*question].when.each_atom(&mut |other, _| {
                let level = self.level.get(other.index()).copied().flatten();
                decides[level.unwrap_or(at)].push(at);
            });
        }
        let levels = self.frames.len() as u64;
        for number in 0..levels {
            let drawn = mixed(seed, number);
            let level = (drawn % levels) as usize;
            let Frame {
                at, count, asked, ..
            } = self.frames[level];
            let Some(before) = at.filter(|_| asked) else {
                continue;
            };
            let other = (before + 1 + (mixed(drawn, number) % count as u64) as usize) % count;
            self.answer(level, other);
            let rules = self.rules_at[level].iter();
            self.work += 1 + rules.clone().map(|rule| self.atoms[*rule]).sum::<usize>();
            let as_before = |level: &usize| {
                let when = &self.questions[self.order[*level]].when;
                when.holds(&self.answers) == self.frames[*level].asked
            };
            let possible = !rules.clone().any(|rule| self.excludes(*rule));
            if !possible || !decides[level].iter().all(as_before) {
                self.answer(level, before);
            }
        }
    }

    fn answer(&mut self, level: usize, at: usize) {
        let question = self.order[level];
        self.frames[level].at = Some(at);
        let answer = self.candidates[question].get(at);
        self.answers.set(QuestionIx::at(question), answer.cloned());
    }

    /// On to the next question.
    fn open(&mut self) {
        let level = self.frames.len();
        let question = self.order[level];
        let when = &self.questions[question].when;
        let asked = when.holds(&self.answers);
        let count = match asked {
            true => self.candidates[question].len().max(1),
            false => 1,
        };
        let start = match self.start {
            Start::InOrder if level < self.told => 0,
            Start::InOrder | Start::Usual => self.usual[question],
            Start::Drawn(seed) => (mixed(seed, question as u64) % count as u64) as usize,
        };
        self.work += 1;
        self.frames.push(Frame {
            at: None,
            start,
            tried: 0,
            count,
            asked,
            blame: Levels::default(),
            found: false,
        });
        self.settled[question] = true;
    }

    /// Takes the next answer to the last question that is not ruled out; `false` if there is none.
    fn advance(&mut self) -> bool {
        let level = self.frames.len() - 1;
        let question = self.order[level];
        loop {
            let frame = &mut self.frames[level];
            if frame.tried == frame.count {
                return false;
            }
            let at = (frame.start + frame.tried) % frame.count;
            frame.tried += 1;
            let answer = self.candidates[question].get(at).filter(|_| frame.asked);
            frame.at = answer.map(|_| at);
            self.answers.set(QuestionIx::at(question), answer.cloned());
            self.work += 1;
            match self.ruled_out(level) {
                None => return true,
                Some(blame) => self.frames[level].blame.extend(&blame),
            }
        }
    }

    /// The earlier questions whose answers do not go with that to the last; `None` where all do.
    fn ruled_out(&mut self, level: usize) -> Option<Levels> {
        let mut blame = Levels::default();
        for rule in &self.rules_at[level] {
            self.work += self.atoms[*rule];
            if self.excludes(*rule) {
                let Rule { cond, excluded } = self.rules[*rule];
                self.explain(cond, excluded, &mut blame);
                blame.remove(level);
                return Some(blame);
            }
        }
        for nogood in &self.nogoods[level] {
            self.work += 1;
            let mut nogood_answers = nogood.iter();
            if nogood_answers.all(|(level, answer)| self.frames[*level].at == *answer) {
                nogood.iter().for_each(|(level, _)| blame.insert(*level));
                blame.remove(level);
                return Some(blame);
            }
        }
        None
    }

    /// Whether a rule excludes what is settled, whatever else is answered.
    fn excludes(&self, rule: usize) -> bool {
        let Rule { cond, excluded } = self.rules[rule];
        self.value(cond) == Some(excluded)
    }

    /// Whether a condition holds; `None` where that hangs on what is not settled.
    fn value(&self, cond: &Cond) -> Option<bool> {
        let of_all = |conds: &[Cond], decisive: bool| {
            let mut open = false;
            for cond in conds {
                match self.value(cond) {
                    Some(value) if value == decisive => return Some(decisive),
                    Some(_) => {}
                    None => open = true,
                }
            }
            (!open).then_some(!decisive)
        };
        match cond {
            Cond::Always => Some(true),
            Cond::Never => Some(false),
            Cond::Compare(question, ..) | Cond::In(question, _) => {
                let settled = self.settled.get(question.index());
                let settled = settled.copied().unwrap_or(true);
                settled.then(|| cond.holds(&self.answers))
            }
            Cond::Not(cond) => self.value(cond).map(|value| !value),
            Cond::All(conds) => of_all(conds, false),
            Cond::Any(conds) => of_all(conds, true),
        }
    }

    /// Adds the questions whose answers make a condition hold, or not hold.
    fn explain(&self, cond: &Cond, holds: bool, blame: &mut Levels) {
        match cond {
            Cond::Always | Cond::Never => {}
            Cond::Compare(question, ..) | Cond::In(question, _) => {
                if let Some(level) = self.level.get(question.index()).copied().flatten() {
                    blame.insert(level);
                }
            }
            Cond::Not(cond) => self.explain(cond, !holds, blame),
            Cond::All(conds) | Cond::Any(conds) => {
                // One that fails decides that not all hold, one that holds that any does.
                if holds == matches!(cond, Cond::Any(_)) {
                    let one = conds.iter().find(|cond| self.value(cond) == Some(holds));
                    if let Some(one) = one {
                        self.explain(one, holds, blame);
                    }
                } else {
                    conds
                        .iter()
                        .for_each(|cond| self.explain(cond, holds, blame));
                }
            }
        }
    }

    /// Goes back to the last question on which it hangs that nothing follows; `false` if there
    /// is none.
    fn back(&mut self) -> bool {
        let level = self.frames.len() - 1;
        if self.frames[level].found {
            // Before it, too, all has been found that begins as it does.
            self.truncate(level);
            return level > 0;
        }
        let mut blame = std::mem::take(&mut self.frames[level].blame);
        let Frame { asked, .. } = self.frames[level];
        let when = &self.questions[self.order[level]].when;
        self.explain(when, asked, &mut blame);
        blame.remove(level);
        self.work += 1 + blame.0.len();
        let Some(last) = blame.last() else {
            return false;
        };
        self.keep(&blame, last);
        self.truncate(last + 1);
        blame.remove(last);
        self.frames[last].blame.extend(&blame);
        true
    }

    /// Keeps in mind that nothing follows on these answers.
    fn keep(&mut self, blame: &Levels, last: usize) {
        let nogood: Nogood = blame.iter().map(|at| (at, self.frames[at].at)).collect();
        let (count, answers) = &mut self.kept;
        if *count < MAX_NOGOODS && *answers + nogood.len() <= MAX_NOGOOD_ANSWERS {
            (*count, *answers) = (*count + 1, *answers + nogood.len());
            self.work += nogood.len();
            self.nogoods[last].push(nogood);
        }
    }

    fn truncate(&mut self, levels: usize) {
        while self.frames.len() > levels {
            self.frames.pop();
            let question = self.order[self.frames.len()];
            self.answers.set(QuestionIx::at(question), None);
            self.settled[question] = false;
        }
    }
}
