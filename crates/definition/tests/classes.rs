//! Answer classes against every set of answers there is, and that nothing is lost where rules
//! leave few of many.

use std::collections::BTreeSet;

use onething_definition::classes::{Classes, classes};
use onething_model::Text;
use onething_plan::builder::PlanBuilder;
use onething_plan::random::Dice;
use onething_plan::{
    Actor, Answer, Answers, Compare, Cond, Impossible, Plan, QuestionIx, QuestionType,
};

fn rule(when: Cond) -> Impossible {
    Impossible {
        when,
        because: Text::new("不可能", "impossible"),
    }
}

/// Answers to the questions that tell classes apart.
fn told(classes: &Classes, answers: &Answers) -> String {
    let told = classes.told.iter().map(|question| answers.get(*question));
    format!("{:?}", told.collect::<Vec<_>>())
}

/// Every set of answers that can be given, of the numbers those named here.
fn possible(plan: &Plan, numbers: &[f64]) -> Vec<Answers> {
    let mut all = vec![Answers::none(plan.questions.len())];
    for (at, question) in plan.questions.iter().enumerate() {
        let mut next = Vec::new();
        for answers in all {
            if !question.when.holds(&answers) {
                next.push(answers);
                continue;
            }
            let each: Vec<Answer> = match &question.kind {
                QuestionType::YesNo => [true, false].map(Answer::YesNo).to_vec(),
                QuestionType::Choice(options) => {
                    let keys = options.iter().map(|(key, _)| Answer::Choice(key.clone()));
                    keys.collect()
                }
                QuestionType::Number { .. } => {
                    numbers.iter().copied().map(Answer::Number).collect()
                }
            };
            for answer in each {
                let mut more = answers.clone();
                more.set(QuestionIx::at(at), Some(answer));
                next.push(more);
            }
        }
        all = next;
    }
    all.retain(|answers| plan.contradiction(answers).is_none());
    all
}

fn condition(dice: &mut Dice, questions: &[QuestionIx], kinds: &[u8], depth: usize) -> Cond {
    if depth == 0 || dice.chance(40) {
        let at = dice.below(questions.len());
        let question = questions[at];
        return match kinds[at] {
            0 => Cond::yes(question),
            1 => {
                let option = ["a", "b", "c"][dice.below(3)];
                Cond::In(question, vec![Answer::Choice(option.into())])
            }
            _ => {
                let compare = [Compare::Less, Compare::AtLeast, Compare::Equal][dice.below(3)];
                let bound = [2.0, 4.0][dice.below(2)];
                Cond::Compare(question, compare, Answer::Number(bound))
            }
        };
    }
    if dice.chance(30) {
        return Cond::Not(Box::new(condition(dice, questions, kinds, depth - 1)));
    }
    let parts = [(); 2].map(|()| condition(dice, questions, kinds, depth - 1));
    match dice.chance(50) {
        true => Cond::All(parts.to_vec()),
        false => Cond::Any(parts.to_vec()),
    }
}

/// A plan of up to six questions, of which steps hang on some.
fn random(seed: u64) -> Plan {
    let mut dice = Dice::new(seed);
    let mut b = PlanBuilder::new("random");
    let count = 1 + dice.below(6);
    let questions: Vec<QuestionIx> = (0..count).map(|at| b.yes_no(&format!("q{at}"))).collect();
    let kinds: Vec<u8> = (0..count).map(|_| [0, 0, 1, 2][dice.below(4)]).collect();
    for (at, question) in questions.iter().enumerate() {
        let (kind, usual) = match kinds[at] {
            0 => (QuestionType::YesNo, Answer::YesNo(true)),
            1 => {
                let options = ["a", "b", "c"].map(|key| (key.into(), Text::default()));
                (
                    QuestionType::Choice(options.to_vec()),
                    Answer::Choice("b".into()),
                )
            }
            _ => (
                QuestionType::Number {
                    min: Some(0.0),
                    max: None,
                },
                Answer::Number(7.0),
            ),
        };
        b.plan_mut().questions[at].kind = kind;
        b.plan_mut().reference.set(*question, Some(usual));
        if at > 0 && dice.chance(35) {
            let when = condition(&mut dice, &questions[..at], &kinds, 1);
            b.plan_mut().questions[at].when = when;
        }
    }
    let fields = ["a", "b"].map(|name| b.field(name));
    for at in 0..dice.below(4) {
        // Some hang on the first questions alone, so that nothing hangs on others.
        let of = 1 + dice.below(count);
        let when = condition(&mut dice, &questions[..of], &kinds, 2);
        let step = b.step(&format!("s{at}"), Actor::System).when(when);
        match seed % 3 {
            0 => step.writes(fields[at % 2]),
            _ if at == 0 => step.writes(fields[0]).writes(fields[1]),
            _ => step.reads(fields[at % 2]),
        };
    }
    for _ in 0..dice.below(5) {
        let when = condition(&mut dice, &questions, &kinds, 2);
        b.plan_mut().impossible.push(rule(when));
    }
    b.build()
}

/// Numbers as `Answer`s are told by the interval that they lie in.
fn coarse(plan: &Plan, classes: &Classes, answers: &Answers) -> Vec<String> {
    let of = |question: &QuestionIx| match answers.get(*question) {
        Some(Answer::Number(number)) => {
            let mut bounds = BTreeSet::new();
            let steps = plan.steps.iter().map(|step| &step.when);
            let questions = plan.questions.iter().map(|question| &question.when);
            let rules = plan.impossible.iter().map(|rule| &rule.when);
            for cond in steps.chain(questions).chain(rules) {
                cond.each_atom(&mut |of, values| {
                    for value in values.iter().filter(|_| of == *question) {
                        if let Answer::Number(bound) = value {
                            bounds.insert((bound * 2.0) as i64);
                        }
                    }
                });
            }
            let sides = bounds
                .iter()
                .map(|bound| ((number * 2.0) as i64).cmp(bound));
            format!("{:?}", sides.collect::<Vec<_>>())
        }
        other => format!("{other:?}"),
    };
    classes.told.iter().map(of).collect()
}

#[test]
fn the_classes_are_what_can_be_answered_as_far_as_it_tells_scenarios_apart() {
    let numbers = [1.0, 2.0, 3.0, 4.0, 5.0];
    let (mut many, mut left_out, mut none) = (0, 0, 0);
    for seed in 0..6_000 {
        let plan = random(seed);
        let classes = classes(&plan);
        assert!(classes.exhaustive, "seed {seed}");
        assert_eq!(classes.answers[0], plan.reference);
        let all = possible(&plan, &numbers);
        let expected: BTreeSet<_> = all.iter().map(|one| coarse(&plan, &classes, one)).collect();
        let made = || classes.answers[1..].iter();
        let got: BTreeSet<_> = made().map(|one| coarse(&plan, &classes, one)).collect();
        assert_eq!(got, expected, "seed {seed}");
        assert_eq!(
            got.len(),
            classes.answers.len() - 1,
            "each once: seed {seed}"
        );
        for answers in made() {
            let faults = plan.check_answers(answers);
            assert_eq!(faults, Ok(()), "seed {seed}: {answers:?}");
        }
        // What is not told apart no step hangs on.
        for step in &plan.steps {
            step.when.each_atom(&mut |question, _| {
                assert!(classes.told.contains(&question), "seed {seed}");
            });
        }
        many += usize::from(got.len() > 8);
        left_out += usize::from(classes.told.len() < plan.questions.len());
        none += usize::from(got.is_empty());
    }
    assert!(
        many > 500 && left_out > 500 && none > 200,
        "{many} {left_out} {none}"
    );
}

/// Beside more questions than are gone through: of any two steps of which one makes what the other
/// makes or reads, both are done for some answers of the sample, and one without the other, if
/// that can be, however many questions their conditions hang on.
#[test]
fn what_is_made_and_read_meets_in_a_sample() {
    const FURTHER: usize = 14;
    let (mut met, mut never) = (0, 0);
    for seed in 0..200 {
        let mut plan = random(seed);
        let mut dice = Dice::new(!seed);
        let before = plan.clone();
        let further: Vec<QuestionIx> = (0..FURTHER)
            .map(|at| {
                let mut question = plan.questions[0].clone();
                question.key = format!("further{at}").parse().unwrap();
                question.kind = QuestionType::YesNo;
                question.when = Cond::Always;
                plan.questions.push(question);
                let ix = QuestionIx::at(plan.questions.len() - 1);
                plan.reference.set(ix, Some(Answer::YesNo(dice.chance(50))));
                ix
            })
            .collect();
        let all = Cond::All(further.iter().copied().map(Cond::yes).collect());
        // Whoever takes the application in stands before the steps.
        let steps: Vec<usize> = (1..plan.steps.len()).collect();
        for step in &steps {
            if dice.chance(70) {
                let when = plan.steps[*step].when.clone();
                plan.steps[*step].when = when.and(all.clone());
            }
        }
        let mut free = plan.steps[0].clone();
        let classes = {
            let mut plan = plan.clone();
            // Something hangs on each of them.
            for (at, question) in further.iter().enumerate() {
                free.key = format!("free{at}").parse().unwrap();
                free.actor = Actor::System;
                free.when = Cond::yes(*question);
                plan.steps.push(free.clone());
            }
            classes(&plan)
        };
        let mut all = Vec::new();
        for answers in possible(&before, &[1.0, 2.0, 3.0, 4.0, 5.0]) {
            for yes in [true, false] {
                let mut answers = answers.clone();
                for question in &further {
                    answers.set(*question, Some(Answer::YesNo(yes)));
                }
                all.push(answers);
            }
        }
        assert_eq!(classes.exhaustive, all.is_empty(), "seed {seed}");
        for answers in &classes.answers[1..] {
            assert_eq!(plan.check_answers(answers), Ok(()), "seed {seed}");
        }
        let fields = |step: usize| {
            let step = &plan.steps[step];
            let read = step.reads.iter().map(|read| read.field);
            (
                step.writes.clone(),
                read.chain(step.writes.iter().copied()).collect::<Vec<_>>(),
            )
        };
        for (one, other) in steps
            .iter()
            .flat_map(|one| steps.iter().map(move |other| (*one, *other)))
        {
            let (made, _) = fields(one);
            let (_, used) = fields(other);
            if one == other || !made.iter().any(|field| used.contains(field)) {
                continue;
            }
            let done =
                |answers: &Answers| [one, other].map(|at| plan.steps[at].when.holds(answers));
            for wanted in [[true, true], [true, false], [false, true]] {
                let can_be = all.iter().any(|answers| done(answers) == wanted);
                let is = classes.answers[1..]
                    .iter()
                    .any(|answers| done(answers) == wanted);
                let at_first = done(&plan.reference) == wanted;
                assert!(
                    is == can_be || at_first,
                    "seed {seed}: {one} {other} {wanted:?}"
                );
                (met, never) = (met + usize::from(can_be), never + usize::from(!can_be));
            }
        }
    }
    assert!(met > 100 && never > 20, "{met} {never}");
}

/// A plan of yes-no questions, of which the first `hung_on` decide about a step each.
fn many(count: usize, hung_on: usize, yes: &str, rules: &[String]) -> Plan {
    let mut b = PlanBuilder::new("many");
    let questions: Vec<QuestionIx> = (0..count).map(|at| b.yes_no(&format!("q{at}"))).collect();
    for (at, question) in questions.iter().enumerate() {
        let yes = matches!(yes.as_bytes()[at % yes.len()], b'y');
        b.plan_mut()
            .reference
            .set(*question, Some(Answer::YesNo(yes)));
    }
    for (at, question) in questions.iter().take(hung_on).enumerate() {
        b.step(&format!("s{at}"), Actor::System)
            .when(Cond::yes(*question));
    }
    for text in rules {
        // `1 !2`: yes to the one and no to the other.
        let parts = text.split(' ').map(|part| {
            let of: usize = part.trim_start_matches('!').parse().unwrap();
            let yes = Cond::yes(questions[of]);
            if part.starts_with('!') {
                Cond::Not(Box::new(yes))
            } else {
                yes
            }
        });
        let when = Cond::All(parts.collect());
        b.plan_mut().impossible.push(rule(when));
    }
    b.build()
}

/// How many classes there are beside the reference, and whether these are all.
fn count(plan: &Plan) -> (usize, bool) {
    let classes = classes(plan);
    let told: BTreeSet<_> = classes
        .answers
        .iter()
        .map(|one| told(&classes, one))
        .collect();
    for answers in &classes.answers {
        assert!(plan.contradiction(answers).is_none(), "{answers:?}");
    }
    // Where these are all, the reference stands among them once more.
    let again = usize::from(classes.exhaustive);
    assert_eq!(told.len(), classes.answers.len() - again, "each once");
    (classes.answers.len() - 1, classes.exhaustive)
}

#[test]
fn rules_that_leave_few_of_many_leave_them_all() {
    // The questions, on how many of them steps hang, the answers of the reference, the rules.
    let pairs = |of: &dyn Fn(usize) -> Vec<String>, count| (0..count).flat_map(of).collect();
    let implied = |at: usize| vec![format!("{at} !{}", at + 1)];
    let unequal = |at: usize| {
        vec![
            format!("{} {}", 2 * at, 2 * at + 1),
            format!("!{} !{}", 2 * at, 2 * at + 1),
        ]
    };
    let not_both = |at: usize| vec![format!("{at} {}", at + 1)];
    let far = |at: usize| vec![format!("{at} !{}", at + 20), format!("!{at} {}", at + 20)];
    type Line = (
        &'static str,
        usize,
        usize,
        &'static str,
        Vec<String>,
        (usize, bool),
    );
    let table: [Line; 9] = [
        (
            "each implies the next",
            40,
            40,
            "y",
            pairs(&implied, 39),
            (41, true),
        ),
        (
            "nothing hangs on them",
            40,
            0,
            "y",
            pairs(&implied, 39),
            (1, true),
        ),
        (
            "something hangs on two",
            40,
            2,
            "y",
            pairs(&implied, 39),
            (3, true),
        ),
        (
            "one of two",
            20,
            20,
            "yn",
            pairs(&unequal, 10),
            (1 << 10, true),
        ),
        (
            "one of two, nothing hangs on most",
            40,
            3,
            "yn",
            pairs(&unequal, 20),
            (4, true),
        ),
        (
            "no two in a row",
            14,
            14,
            "n",
            pairs(&not_both, 13),
            (987, true),
        ),
        (
            "no two in a row, nothing hangs on most",
            60,
            10,
            "n",
            pairs(&not_both, 59),
            (144, true),
        ),
        (
            "two far apart are the same",
            40,
            10,
            "y",
            pairs(&far, 20),
            (1 << 10, true),
        ),
        (
            "only free questions count",
            40,
            12,
            "y",
            Vec::new(),
            (1 << 12, true),
        ),
    ];
    for (name, all, hung_on, yes, rules, expected) in table {
        assert_eq!(count(&many(all, hung_on, yes, &rules)), expected, "{name}");
    }
}

/// Of too many a sample: of each question each answer that can be is in it, and most pairs.
#[test]
fn a_sample_is_spread_over_what_can_be_answered() {
    let not_both: Vec<String> = (0..39).map(|at| format!("{at} {}", at + 1)).collect();
    let unequal = |at: usize| {
        [
            format!("{} {}", 2 * at, 2 * at + 1),
            format!("!{} !{}", 2 * at, 2 * at + 1),
        ]
    };
    let unequal: Vec<String> = (0..20).flat_map(unequal).collect();
    for (name, yes, rules) in [
        ("no two in a row", "n", not_both),
        ("one of two", "yn", unequal),
    ] {
        let plan = many(40, 40, yes, &rules);
        let (made, all) = count(&plan);
        assert!(!all && made > 2_500, "{name}: {made}");
        let classes = classes(&plan);
        for at in 0..40 {
            let yes =
                |answers: &&Answers| answers.get(QuestionIx::at(at)) == Some(&Answer::YesNo(true));
            let share = classes.answers.iter().filter(yes).count() as f64 / made as f64;
            assert!((0.2..0.8).contains(&share), "{name}, q{at}: {share}");
        }
    }
}

/// Rules as hard as they come: three of 200 questions each, four to a question.
#[test]
fn rules_that_nobody_sees_through_end_in_bounded_time_next_to_the_reference() {
    for seed in 0..3 {
        let mut dice = Dice::new(seed);
        let mut rules = Vec::new();
        while rules.len() < 800 {
            let of = [(); 3].map(|()| (dice.below(200), dice.chance(50)));
            // The reference, yes to all, can be.
            if of.iter().all(|(_, yes)| *yes) {
                continue;
            }
            let part = |(at, yes): (usize, bool)| format!("{}{at}", if yes { "" } else { "!" });
            rules.push(of.map(part).join(" "));
        }
        let begun = std::time::Instant::now();
        let (made, all) = count(&many(200, 200, "y", &rules));
        assert!(!all && made > 60, "{made}");
        assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
        // Where nothing hangs on them they are in nobody's way.
        assert_eq!(count(&many(200, 0, "y", &rules)), (1, true));
    }
}
