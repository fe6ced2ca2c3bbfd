//! What a notice tells of other answers holds whatever is answered to the questions that they
//! open, and is all that does: held against notices for each of those answers.

use std::collections::{BTreeMap, BTreeSet};

use onething_model::{Lang, Text};
use onething_plan::builder::PlanBuilder;
use onething_plan::random::Dice;
use onething_plan::{Actor, Answer, Answers, Cond, Plan, QuestionIx};
use onething_redesign::Guide;
use onething_redesign::guide::{Change, GuideData};

use crate::{as_json, plans};

/// What a notice asks, in the words of a change, and whether it has to be given.
fn facts(guide: &Guide) -> BTreeMap<String, bool> {
    let mut facts = BTreeMap::new();
    for matter in &guide.matters {
        facts.insert(format!("the matter “{}”", matter.title.en()), true);
    }
    for trip in &guide.trips {
        let kind = ["appointment", "trip"][usize::from(trip.visits > 0)];
        facts.insert(format!("the {kind} for “{}”", trip.title.en()), true);
    }
    for form in guide.forms.iter().chain(&guide.own_forms) {
        for (kind, fields) in [("field", &form.fields), ("material", &form.materials)] {
            for field in fields {
                let (subject, title) = (field.subject.en(), field.title.en());
                let fact = format!("the {kind} “{subject}: {title}”");
                *facts.entry(fact).or_default() |= field.required;
            }
        }
    }
    facts
}

/// Added, dropped, made required, made optional, and whether nothing is left.
type Effect = ([BTreeSet<String>; 4], bool);

fn effect(now: &Guide, then: &Guide) -> Effect {
    let (before, after) = (facts(now), facts(then));
    let beyond = |one: &BTreeMap<String, bool>, other: &BTreeMap<String, bool>| {
        let new = one.keys().filter(|fact| !other.contains_key(*fact));
        new.cloned().collect()
    };
    let firmer = |one: &BTreeMap<String, bool>, other: &BTreeMap<String, bool>| {
        let firm = one.iter().filter(|(_, required)| **required);
        let firm = firm.filter(|(fact, _)| other.get(*fact) == Some(&false));
        firm.map(|(fact, _)| fact.clone()).collect()
    };
    let texts = [
        beyond(&after, &before),
        beyond(&before, &after),
        firmer(&after, &before),
        firmer(&before, &after),
    ];
    (texts, then.forms.is_empty() && !now.forms.is_empty())
}

fn told(change: &Change) -> Effect {
    let set = |texts: &[Text]| texts.iter().map(|text| text.en().to_owned()).collect();
    let texts = [
        set(&change.adds),
        set(&change.drops),
        set(&change.requires),
        set(&change.frees),
    ];
    (texts, change.nothing_left)
}

/// Every set of answers with this one changed: those that were asked stay as they are.
fn completions(plan: &Plan, given: &Answers, question: QuestionIx, other: &Answer) -> Vec<Answers> {
    let now = plan.complete(given);
    let mut changed = given.clone();
    changed.set(question, Some(other.clone()));
    let changed = plan.complete(&changed);
    let mut all = vec![Answers::none(plan.questions.len())];
    for (at, item) in plan.questions.iter().enumerate() {
        let ix = QuestionIx::at(at);
        let kept = match now.get(ix) {
            Some(now) => vec![changed.get(ix).unwrap_or(now).clone()],
            None => plans::answers_to(&item.kind),
        };
        let mut next = Vec::new();
        for answers in all {
            if !item.when.holds(&answers) {
                next.push(answers);
                continue;
            }
            for answer in &kept {
                let mut more = answers.clone();
                more.set(ix, Some(answer.clone()));
                next.push(more);
            }
        }
        all = next;
    }
    all.retain(|answers| plan.contradiction(answers).is_none());
    all
}

/// Returns how many changes open questions, tell something all the same, and cannot tell all.
fn hold(plan: &Plan, given: &Answers, name: &str) -> [usize; 3] {
    let now = Guide::new(plan, given);
    let mut seen = [0; 3];
    for (at, question) in now.questions.iter().enumerate() {
        for change in &question.changes {
            let all = completions(plan, given, QuestionIx::at(at), &change.answer);
            let then = all.iter().map(|answers| Guide::new(plan, answers));
            let then: Vec<Guide> = then.collect();
            let place = || format!("{name}: {:?}: {change:?}", as_json(plan, given));
            let asked = |guide: &Guide| {
                let asked = guide.questions.iter().filter(|question| question.asked);
                asked.map(|question| question.key.clone()).collect()
            };
            let before: BTreeSet<_> = asked(&now);
            let after: BTreeSet<_> = then.iter().flat_map(asked).collect();
            let opens: BTreeSet<_> = change.opens.iter().cloned().collect();
            assert_eq!(
                opens,
                after.difference(&before).cloned().collect(),
                "{}",
                place()
            );
            let effects: Vec<Effect> = then.iter().map(|then| effect(&now, then)).collect();
            let mut certain = effects[0].clone();
            for (texts, nothing) in &effects {
                for (certain, texts) in certain.0.iter_mut().zip(texts) {
                    certain.retain(|text| texts.contains(text));
                }
                certain.1 &= nothing;
            }
            assert_eq!(told(change), certain, "{}", place());
            let depends = effects.iter().any(|effect| *effect != effects[0]);
            assert_eq!(change.depends, depends, "{}", place());
            if !opens.is_empty() {
                let tells = certain.0.iter().any(|texts| !texts.is_empty());
                for (seen, is) in seen.iter_mut().zip([true, tells, depends]) {
                    *seen += usize::from(is);
                }
            }
        }
    }
    seen
}

#[test]
fn what_another_answer_changes_holds_whatever_the_questions_that_it_opens_are_answered() {
    let mut seen = [0; 3];
    for seed in 0..400 {
        let mut plan = plans::plan(seed);
        // The reference scenario answers what it is asked, and nothing else.
        plan.reference = plan.complete(&plan.reference);
        if plan.contradiction(&plan.reference).is_some() {
            continue;
        }
        let mut given = plans::some(plans::every_answer(&plan), 4, seed);
        given.retain(|answers| plan.contradiction(answers).is_none());
        // Those who answer nothing, and those who answer some of it.
        given.push(Answers::none(plan.questions.len()));
        let mut dice = Dice::new(seed);
        for answers in &mut given {
            for at in 0..plan.questions.len() {
                if dice.chance(20) {
                    answers.set(QuestionIx::at(at), None);
                }
            }
            // An answer to what is not asked then is none.
            let asked = plan.complete(answers);
            for at in 0..plan.questions.len() {
                if asked.get(QuestionIx::at(at)).is_none() {
                    answers.set(QuestionIx::at(at), None);
                }
            }
        }
        // Of those who are left with a question that nobody answers nothing is known.
        given.retain(|answers| plan.check_answers(&plan.complete(answers)).is_ok());
        for answers in &given {
            let found = hold(&plan, answers, &format!("seed {seed}"));
            for (seen, found) in seen.iter_mut().zip(found) {
                *seen += found;
            }
        }
    }
    assert!(seen[0] > 100 && seen[1] > 30 && seen[2] > 30, "{seen:?}");
}

#[test]
fn an_answer_that_opens_a_question_is_not_said_to_drop_what_that_may_bring_back() {
    let mut b = PlanBuilder::new("stall");
    let [food, large] = ["food", "large"].map(|name| b.yes_no(name));
    let [menu, place] = ["menu", "place"].map(|name| b.field(name));
    let cook = Cond::yes(food);
    b.step("cook", Actor::Officer).when(cook).reads(menu);
    let licence = Cond::any([Cond::yes(food), Cond::yes(large)]);
    b.step("licence", Actor::Officer).when(licence).reads(place);
    let plan = b.plan_mut();
    plan.questions[large.index()].when = Cond::Not(Box::new(Cond::yes(food)));
    let reference = [Some(Answer::YesNo(true)), None];
    for (ix, answer) in [food, large].into_iter().zip(reference) {
        plan.reference.set(ix, answer);
    }
    let plan = b.build();
    let guide = Guide::new(&plan, &Answers::none(2));
    for (lang, told) in [
        (
            Lang::Zh,
            "若回答“否”：还需回答“large”；减少填报项“申请人·menu”；其余视这些回答而定",
        ),
        (
            Lang::En,
            "“no” leads to further questions: “large”; drops the field “Applicant: menu”; all else hangs on the answers",
        ),
    ] {
        // Lines are broken anywhere.
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        let text = guide.text(lang);
        assert!(squeezed(&text).contains(&squeezed(told)), "{text}");
    }
    let data = GuideData::new(&plan, &Answers::none(2)).unwrap();
    let other = &data.notice.other_answers[0];
    assert_eq!(other.opens[0].as_str(), "large");
    assert!(other.depends);
    assert_eq!(other.drops.len(), 1);
}
