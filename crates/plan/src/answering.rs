//! Answers that can be: what is asked, what is left out, what cannot hold together.

use onething_model::Text;

use crate::condition::{Answer, Answers, Cond};
use crate::index::QuestionIx;
use crate::plan::{Plan, Question, QuestionType};

/// Answers that nobody can give together, as the definition states it:
/// a school canteen that serves raw seafood.
#[derive(Debug, Clone, PartialEq)]
pub struct Impossible {
    /// Holds for the answers that cannot be.
    pub when: Cond,
    /// Why not, in the words that the applicant is told.
    pub because: Text,
}

/// How many answers are tried for a set that can be.
const MAX_TRIED: usize = 10_000;

/// Comparisons that are made on the way, at most.
const MAX_WORK: usize = 4_000_000;

impl Plan {
    /// The first stated contradiction among these answers, if any.
    #[must_use]
    pub fn contradiction(&self, answers: &Answers) -> Option<&Impossible> {
        self.impossible.iter().find(|rule| rule.when.holds(answers))
    }

    /// Checks answers: each of its question's type, every question that is
    /// asked answered and no other, and none that contradict each other.
    ///
    /// # Errors
    /// The questions at fault, with what is expected of each. A contradiction
    /// is told at the last question that it is about; where answers are missing or wrong, only
    /// one that is there whatever is answered to these.
    pub fn check_answers(&self, answers: &Answers) -> Result<(), Vec<(QuestionIx, Text)>> {
        let settled = Settled::of(self, answers);
        let mut faults = Vec::new();
        for (at, question) in self.questions.iter().enumerate() {
            let ix = QuestionIx::at(at);
            match answers.get(ix) {
                None if question.when.holds(answers) => {
                    faults.push((ix, Text::new("尚未回答", "is not answered")))
                }
                Some(answer) if !question.kind.accepts(answer) => {
                    faults.push((ix, question.kind.expected()));
                }
                // Whether it is asked may hang on what is missing.
                Some(_) if settled.certainly(&question.when) == Some(false) => faults.push((
                    ix,
                    Text::new(
                        "按其他问题的回答不需要回答此题，请去掉",
                        "is not asked after the other answers; leave it out",
                    ),
                )),
                Some(_) | None => {}
            }
        }
        // What cannot be, whatever is answered to what is open, need not wait for that.
        for rule in &self.impossible {
            if settled.certainly(&rule.when) == Some(true)
                && let Some(last) = last_question(&rule.when, |ix| settled.answer(ix).is_some())
            {
                let because = &rule.because;
                faults.push((
                    last,
                    Text::new(
                        format!("与前面的回答矛盾：{}", because.zh()),
                        format!("cannot go with the other answers: {}", because.en()),
                    ),
                ));
            }
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(faults)
        }
    }

    /// Answers every question that is asked, and none that is not: as given,
    /// else as in the reference scenario. Where that is impossible, another
    /// answer stands in for the reference's; given ones are never changed.
    ///
    /// An answer of the wrong type counts as not given. What the reference
    /// does not answer either stays open.
    #[must_use]
    pub fn complete(&self, given: &Answers) -> Answers {
        let count = self.questions.len();
        // A rule is looked at once its last question is settled.
        let mut rules: Vec<Vec<&Cond>> = vec![Vec::new(); count];
        let mut atoms = 1;
        for rule in &self.impossible {
            rule.when.each_atom(&mut |_, _| atoms += 1);
            if let Some(last) = last_question(&rule.when, |ix| ix.index() < count) {
                rules[last.index()].push(&rule.when);
            }
        }
        let mut choices = Choices::new(self, given, alternatives(self));
        for _ in 0..(MAX_WORK / atoms).min(MAX_TRIED).max(count) {
            let at = choices.open.len();
            if at == count {
                return choices.answers;
            }
            choices.ask(at);
            while let Some(at) = choices.open.len().checked_sub(1)
                && rules[at].iter().any(|rule| rule.holds(&choices.answers))
            {
                if !choices.next() {
                    // Nothing fits: as given and as in the reference.
                    return self.filled(given);
                }
            }
        }
        self.filled(given)
    }

    /// As given, else as in the reference scenario, contradictory or not.
    fn filled(&self, given: &Answers) -> Answers {
        let mut choices = Choices::new(self, given, vec![Vec::new(); self.questions.len()]);
        for at in 0..self.questions.len() {
            choices.ask(at);
        }
        choices.answers
    }
}

/// The answers that stand, whatever is answered to the questions that are open: those to be
/// answered still, or otherwise, and those that are asked or not after them.
struct Settled {
    answers: Answers,
    open: Vec<bool>,
}

impl Settled {
    fn of(plan: &Plan, given: &Answers) -> Self {
        let count = plan.questions.len();
        let mut settled = Self {
            answers: Answers::none(count),
            open: vec![false; count],
        };
        for (at, question) in plan.questions.iter().enumerate() {
            let ix = QuestionIx::at(at);
            let answer = given.get(ix);
            let answer = answer.filter(|answer| question.kind.accepts(answer));
            match (settled.certainly(&question.when), answer) {
                // An answer to what is not asked has to go.
                (Some(false), _) => {}
                (Some(true), Some(answer)) => settled.answers.set(ix, Some(answer.clone())),
                (Some(true), None) | (None, _) => settled.open[at] = true,
            }
        }
        settled
    }

    fn certainly(&self, cond: &Cond) -> Option<bool> {
        let open = |ix: QuestionIx| self.open.get(ix.index()).is_some_and(|open| *open);
        cond.certainly(&self.answers, &open)
    }

    fn answer(&self, question: QuestionIx) -> Option<&Answer> {
        self.answers.get(question)
    }
}

/// A walk through the questions in order, which can go back.
struct Choices<'a> {
    plan: &'a Plan,
    given: &'a Answers,
    /// For each question: what could stand in for the reference's answer.
    alternatives: Vec<Vec<Answer>>,
    /// For each question that is settled: what else could be answered, the next last.
    open: Vec<Vec<Answer>>,
    answers: Answers,
}

impl<'a> Choices<'a> {
    fn new(plan: &'a Plan, given: &'a Answers, alternatives: Vec<Vec<Answer>>) -> Self {
        Self {
            plan,
            given,
            alternatives,
            open: Vec::with_capacity(plan.questions.len()),
            answers: Answers::none(plan.questions.len()),
        }
    }

    /// Settles question `at`, all before it being settled.
    fn ask(&mut self, at: usize) {
        let (ix, question) = (QuestionIx::at(at), &self.plan.questions[at]);
        let mut others = Vec::new();
        let mut answer = None;
        if question.when.holds(&self.answers) {
            let given = self.given.get(ix);
            answer = given
                .filter(|answer| question.kind.accepts(answer))
                .cloned();
            if answer.is_none() {
                answer = self.plan.reference.get(ix).cloned();
                if answer.is_some() {
                    others.extend(self.alternatives[at].iter().rev().cloned());
                    others.retain(|other| Some(other) != answer.as_ref());
                }
            }
        }
        self.answers.set(ix, answer);
        self.open.push(others);
    }

    /// The next choice of the last question that has one; `false` if none has.
    fn next(&mut self) -> bool {
        while let Some(mut others) = self.open.pop() {
            let ix = QuestionIx::at(self.open.len());
            let other = others.pop();
            let found = other.is_some();
            self.answers.set(ix, other);
            if found {
                self.open.push(others);
                return true;
            }
        }
        false
    }
}

/// For each question that a stated contradiction is about: what could be answered.
fn alternatives(plan: &Plan) -> Vec<Vec<Answer>> {
    let mut named: Vec<Option<Vec<f64>>> = vec![None; plan.questions.len()];
    for rule in &plan.impossible {
        rule.when.each_atom(&mut |question, values| {
            let Some(named) = named.get_mut(question.index()) else {
                return;
            };
            let named = named.get_or_insert_default();
            named.extend(values.iter().filter_map(|value| match value {
                Answer::Number(number) => Some(*number),
                Answer::YesNo(_) | Answer::Choice(_) => None,
            }));
        });
    }
    let answers = |question: &Question, named: &[f64]| match &question.kind {
        QuestionType::YesNo => vec![Answer::YesNo(true), Answer::YesNo(false)],
        QuestionType::Choice(options) => options
            .iter()
            .map(|(key, _)| Answer::Choice(key.clone()))
            .collect(),
        QuestionType::Number { .. } => {
            let mut numbers: Vec<f64> = named
                .iter()
                .flat_map(|number| [number - 1.0, *number, number + 1.0])
                .collect();
            numbers.sort_by(f64::total_cmp);
            numbers.dedup();
            numbers
                .into_iter()
                .map(Answer::Number)
                .filter(|number| question.kind.accepts(number))
                .collect()
        }
    };
    plan.questions
        .iter()
        .zip(&named)
        .map(|(question, named)| match named {
            Some(named) => answers(question, named),
            None => Vec::new(),
        })
        .collect()
}

/// The last question of a condition of which `counts` holds.
fn last_question(cond: &Cond, counts: impl Fn(QuestionIx) -> bool) -> Option<QuestionIx> {
    let mut last = None;
    cond.each_atom(&mut |question, _| {
        if counts(question) {
            last = last.max(Some(question));
        }
    });
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::PlanBuilder;

    /// Three questions, `two` asked after `one`; yes to `one` and `three` cannot be.
    fn plan() -> Plan {
        let mut b = PlanBuilder::new("answers");
        let [one, two, three] = ["one", "two", "three"].map(|name| b.yes_no(name));
        let plan = b.plan_mut();
        plan.questions[two.index()].when = Cond::yes(one);
        plan.impossible.push(Impossible {
            when: Cond::yes(one).and(Cond::yes(three)),
            because: Text::new("两者只能选一", "only one of them"),
        });
        b.build()
    }

    /// `y`, `n` or `-` for each question.
    fn answers(text: &str) -> Answers {
        let mut answers = Answers::none(text.len());
        for (at, letter) in text.bytes().enumerate() {
            let answer = (letter != b'-').then_some(Answer::YesNo(letter == b'y'));
            answers.set(QuestionIx::at(at), answer);
        }
        answers
    }

    fn letters(answers: &Answers) -> String {
        (0..3)
            .map(|at| match answers.get(QuestionIx::at(at)) {
                Some(Answer::YesNo(true)) => 'y',
                Some(_) => 'n',
                None => '-',
            })
            .collect()
    }

    #[test]
    fn answers_are_complete_asked_for_and_possible_or_refused_where_they_are_not() {
        let plan = plan();
        let said = |text: &str| match plan.check_answers(&answers(text)) {
            Ok(()) => "fine".to_owned(),
            Err(faults) => faults
                .iter()
                .map(|(question, why)| format!("{}: {}", question.index(), why.en()))
                .collect::<Vec<_>>()
                .join("; "),
        };
        assert_eq!(said("yyn"), "fine");
        assert_eq!(said("n-y"), "fine");
        assert_eq!(said("y-n"), "1: is not answered");
        assert_eq!(
            said("nyy"),
            "1: is not asked after the other answers; leave it out"
        );
        assert_eq!(
            said("yny"),
            "2: cannot go with the other answers: only one of them"
        );
    }

    /// Of what is missing nobody can say what it will be; of the rest it can be said at once that
    /// it does not go together.
    #[test]
    fn what_cannot_be_whatever_is_missing_is_told_with_what_is_missing() {
        const CANNOT: &str = "cannot go with the other answers: only one of them";
        let [one, two, three, four] = [0, 1, 2, 3].map(QuestionIx::at);
        let (yes, no) = (Cond::yes, |ix| Cond::Not(Box::new(Cond::yes(ix))));
        let yes_or = |one, other| Cond::any([yes(one), yes(other)]);
        let table = [
            // Two is missing, and the rule is not about it; or it is wrongly there.
            ("y-yn", yes(one).and(yes(three)), "1 is not answered; 2 !"),
            ("nyyn", yes(three), "1 is not asked; 2 !"),
            ("nyyn", no(two).and(yes(three)), "1 is not asked; 2 !"),
            // The rule is about what is missing: it may be answered otherwise.
            ("y-yn", yes(two).and(yes(three)), "1 is not answered"),
            ("y-yn", no(two).and(yes(three)), "1 is not answered"),
            ("y-ny", yes_or(two, three), "1 is not answered"),
            // Whichever it is, the other one is there.
            ("y-yn", yes_or(two, three), "1 is not answered; 2 !"),
            // Whether two is asked hangs on one.
            ("-yyn", yes(two).and(yes(three)), "0 is not answered"),
            ("--yn", no(two).and(yes(three)), "0 is not answered"),
            ("--yn", yes(three).and(no(four)), "0 is not answered; 3 !"),
        ];
        let mut wrong = String::new();
        for (given, when, expected) in table {
            let mut b = PlanBuilder::new("answers");
            for name in ["one", "two", "three", "four"] {
                b.yes_no(name);
            }
            b.plan_mut().questions[1].when = yes(one);
            let because = Text::new("两者只能选一", "only one of them");
            b.plan_mut().impossible.push(Impossible { when, because });
            let plan = b.build();
            let faults = plan.check_answers(&answers(given)).unwrap_err();
            let told = faults.iter().map(|(question, why)| {
                let why = why.en().replace(CANNOT, "!");
                let why = why.split(" after").next().unwrap_or_default().to_owned();
                format!("{} {why}", question.index())
            });
            let told = told.collect::<Vec<_>>().join("; ");
            if told != expected {
                wrong += &format!("{given} {expected:?}: {told:?}\n");
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
    }

    #[test]
    fn what_is_not_given_is_completed_to_what_can_be() {
        let plan = plan();
        // The reference says yes to all, which cannot be.
        let completed = |text: &str| letters(&plan.complete(&answers(text)));
        assert_eq!(completed("---"), "yyn");
        assert_eq!(completed("--y"), "n-y", "going back to the first question");
        assert_eq!(completed("n--"), "n-y");
        assert_eq!(completed("nyn"), "n-n", "not asked, hence left out");
        assert_eq!(completed("yny"), "yny", "what is given stays");
    }

    #[test]
    fn rules_that_nothing_fits_end_in_bounded_time() {
        let mut b = PlanBuilder::new("hard");
        let all: Vec<QuestionIx> = (0..40).map(|at| b.yes_no(&format!("q{at}"))).collect();
        let never = Cond::Any(all.iter().map(|q| Cond::yes(*q)).collect());
        let plan = b.plan_mut();
        for when in [never.clone(), Cond::Not(Box::new(never))] {
            let because = Text::new("不可能", "never");
            plan.impossible.push(Impossible { when, because });
        }
        let plan = b.build();
        assert_eq!(plan.complete(&Answers::none(0)), plan.reference);
    }
}
