//! Random plans whose questions are of every kind and whose conditions are of every form.

use onething_model::Text;
use onething_plan::random::{self, Dice};
use onething_plan::{
    Answer, Answers, Compare, Cond, Handled, Impossible, Plan, Question, QuestionIx, QuestionType,
};

/// The numbers that conditions compare with.
const BOUNDS: [f64; 4] = [0.0, 3.0, 4.0, 50.5];

/// A random plan with one to four questions, some asked only after others.
pub(crate) fn plan(seed: u64) -> Plan {
    let mut plan = random::plan(seed);
    let mut dice = Dice::new(seed ^ 0xF0F0);
    let count = 1 + dice.below(4);
    plan.questions.clear();
    plan.reference = Answers::none(count);
    for at in 0..count {
        let kind = match dice.below(3) {
            0 => QuestionType::YesNo,
            1 => QuestionType::Number {
                min: dice.chance(40).then_some(3.0),
                max: dice.chance(40).then_some(60.0),
            },
            _ => QuestionType::Choice(
                ["tea", "noodles", "grill"]
                    .map(|key| (key.into(), Text::new(key, key)))
                    .to_vec(),
            ),
        };
        let when = if at > 0 && dice.chance(35) {
            cond(&plan.questions, &mut dice, 1)
        } else {
            Cond::Always
        };
        let first = answers_to(&kind)[0].clone();
        let ix = QuestionIx::at(at);
        let name = ["one", "two", "three", "four"][at];
        plan.questions.push(Question {
            key: name.parse().unwrap(),
            ask: Text::new(name, name),
            kind,
            when,
        });
        plan.reference.set(ix, Some(first));
    }
    // A few conditions, shared by steps as those of a matter are.
    let conds: Vec<Cond> = (0..1 + dice.below(4))
        .map(|_| cond(&plan.questions, &mut dice, 2))
        .collect();
    for at in 0..plan.steps.len() {
        if plan.is_derived(onething_plan::StepIx::at(at)) {
            continue;
        }
        plan.steps[at].when = if dice.chance(70) {
            conds[dice.below(conds.len())].clone()
        } else {
            Cond::Always
        };
        plan.steps[at].visits = dice.below(2) as u32;
    }
    if dice.chance(25) {
        plan.impossible.push(Impossible {
            when: cond(&plan.questions, &mut dice, 1),
            because: Text::new("不可能", "cannot be"),
        });
    }
    if dice.chance(15) {
        plan.handled = Handled::Apart;
    }
    plan
}

fn cond(questions: &[Question], dice: &mut Dice, depth: usize) -> Cond {
    if depth > 0 && dice.chance(50) {
        let parts: Vec<Cond> = (0..1 + dice.below(3))
            .map(|_| cond(questions, dice, depth - 1))
            .collect();
        return match dice.below(3) {
            0 => Cond::All(parts),
            1 => Cond::Any(parts),
            _ => Cond::Not(Box::new(Cond::Any(parts))),
        };
    }
    let at = dice.below(questions.len());
    let ix = QuestionIx::at(at);
    match &questions[at].kind {
        QuestionType::YesNo => {
            let how = [Compare::Equal, Compare::NotEqual][dice.below(2)];
            Cond::Compare(ix, how, Answer::YesNo(dice.chance(50)))
        }
        QuestionType::Number { .. } => {
            let how = [
                Compare::Equal,
                Compare::NotEqual,
                Compare::Less,
                Compare::AtMost,
                Compare::Greater,
                Compare::AtLeast,
            ][dice.below(6)];
            Cond::Compare(ix, how, Answer::Number(BOUNDS[dice.below(4)]))
        }
        QuestionType::Choice(options) => {
            let mut some: Vec<Answer> = options
                .iter()
                .filter(|_| dice.chance(50))
                .map(|(key, _)| Answer::Choice(key.clone()))
                .collect();
            some.push(Answer::Choice("tea".into()));
            Cond::In(ix, some)
        }
    }
}

/// Answers to a question that differ for some condition.
pub(crate) fn answers_to(kind: &QuestionType) -> Vec<Answer> {
    let answers: Vec<Answer> = match kind {
        QuestionType::YesNo => [true, false].map(Answer::YesNo).to_vec(),
        QuestionType::Choice(options) => options
            .iter()
            .map(|(key, _)| Answer::Choice(key.clone()))
            .collect(),
        QuestionType::Number { .. } => [-2.0, 0.0, 1.5, 3.0, 3.25, 4.0, 7.0, 50.5, 55.0, 99.0]
            .map(Answer::Number)
            .to_vec(),
    };
    answers
        .into_iter()
        .filter(|answer| kind.accepts(answer))
        .collect()
}

/// Every set of such answers to the questions of a plan, those that are not asked left out.
pub(crate) fn every_answer(plan: &Plan) -> Vec<Answers> {
    let mut all = vec![Answers::none(plan.questions.len())];
    for (at, question) in plan.questions.iter().enumerate() {
        let ix = QuestionIx::at(at);
        let mut next = Vec::new();
        for answers in all {
            if !question.when.holds(&answers) {
                next.push(answers);
                continue;
            }
            for answer in answers_to(&question.kind) {
                let mut more = answers.clone();
                more.set(ix, Some(answer));
                next.push(more);
            }
        }
        all = next;
    }
    all
}

/// At most `count` of them, drawn at random.
#[allow(dead_code, reason = "the unit tests that share this file take all")]
pub(crate) fn some(mut all: Vec<Answers>, count: usize, seed: u64) -> Vec<Answers> {
    let mut dice = Dice::new(seed);
    while all.len() > count {
        all.swap_remove(dice.below(all.len()));
    }
    all
}
