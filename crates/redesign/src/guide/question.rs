//! Scenario questions, their answers, and what a different answer would change.

use std::collections::{BTreeMap, BTreeSet};

use onething_model::{QuestionKey, Text};
use onething_plan::{
    Answer, Answers, FieldIx, MatterIx, Outline, Plan, Question, QuestionIx, QuestionType,
    Scenario, StepIx,
};

use super::opened::{self, Opened};
use crate::{phrases, words};

/// Whoever reads a notice compares no more answers than these.
const MOST_CHANGES: usize = 24;

/// A scenario question.
#[derive(Debug, Clone, PartialEq)]
pub struct QuestionGuide {
    /// The durable identity.
    pub key: QuestionKey,
    /// As it is asked.
    pub ask: Text,
    /// When it is asked at all; none: always.
    pub when: Option<Text>,
    /// Whether it is asked after these answers.
    pub asked: bool,
    /// The answer that the notice is for.
    pub answer: Option<Answer>,
    /// The answer in words.
    pub answer_text: Option<Text>,
    /// Whether the answer is not the applicant's but the reference scenario's.
    pub assumed: bool,
    /// What other answers would change; at most 24 of them, of numbers the nearest.
    pub changes: Vec<Change>,
    /// Answers that cannot go with the others that were given.
    pub excluded: Vec<Excluded>,
}

/// An answer that cannot be.
#[derive(Debug, Clone, PartialEq)]
pub struct Excluded {
    /// The answer; for a number, one of those that cannot be.
    pub answer: Answer,
    /// The answer in words.
    pub answer_text: Text,
    /// Why not, as the definition says it.
    pub because: Text,
}

/// What a different answer would change. Where it opens further questions, that is what it
/// changes whatever is answered to them.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The other answer; for a number, one of those with this effect.
    pub answer: Answer,
    /// The other answer in words.
    pub answer_text: Text,
    /// Questions that may be asked then and are not asked now, in order.
    pub opens: Vec<QuestionKey>,
    /// Those questions as they are asked.
    pub opens_asks: Vec<Text>,
    /// Whether what else it changes depends on the answers to those questions.
    pub depends: bool,
    /// Matters, materials, fields, trips and appointments that would be added.
    pub adds: Vec<Text>,
    /// Matters, materials, fields, trips and appointments that would be dropped.
    pub drops: Vec<Text>,
    /// Fields and materials that may be left out, and would have to be given.
    pub requires: Vec<Text>,
    /// Fields and materials that have to be given, and might be left out.
    pub frees: Vec<Text>,
    /// Whether nothing is left to apply for with it.
    pub nothing_left: bool,
}

impl Change {
    /// What it comes to, whatever the answer is.
    fn effect(&self) -> ([&[Text]; 5], [bool; 2]) {
        let (asks, adds, drops) = (&self.opens_asks, &self.adds, &self.drops);
        let texts = [asks, adds, drops, &self.requires, &self.frees];
        (texts.map(Vec::as_slice), [self.nothing_left, self.depends])
    }

    fn is_none(&self) -> bool {
        let (texts, facts) = self.effect();
        texts.iter().all(|texts| texts.is_empty()) && facts == [false; 2]
    }
}

pub(super) fn guides(plan: &Plan, given: &Answers, answers: &Answers) -> Vec<QuestionGuide> {
    let numbered = plan.questions.iter().enumerate();
    let guides = numbered.map(|(at, question)| {
        let ix = QuestionIx::at(at);
        let answer = answers.get(ix);
        let (changes, excluded) = match answer {
            Some(answer) => changes(plan, given, answers, ix, answer),
            None => (Vec::new(), Vec::new()),
        };
        QuestionGuide {
            key: question.key.clone(),
            ask: question.ask.clone(),
            when: phrases::condition(plan, &question.when),
            asked: question.when.holds(answers),
            answer: answer.cloned(),
            answer_text: answer.map(|answer| question.kind.say(answer)),
            assumed: answer.is_some() && given.get(ix) != answer,
            changes,
            excluded,
        }
    });
    guides.collect()
}

/// What a scenario asks of the applicant.
struct Asked {
    matters: BTreeSet<MatterIx>,
    /// What applications and steps of their own ask, and whether it has to be given. What is asked only where a
    /// registry has nothing is no more for one answer than for another.
    fields: BTreeMap<FieldIx, bool>,
    /// Where the applicant has to go or to be.
    trips: BTreeSet<StepIx>,
    /// Whether there is nothing to apply for.
    nothing: bool,
}

impl Asked {
    fn of(plan: &Plan, answers: &Answers) -> Self {
        let outline = Outline::resolve(plan, answers);
        let matters = outline.steps().filter_map(|step| plan.step(step).matter);
        let mut fields = BTreeMap::new();
        for form in plan.forms() {
            for asked in outline.form(form) {
                *fields.entry(asked.field).or_default() |= !asked.optional;
            }
        }
        let trip = |step: &StepIx| plan.step(*step).visits > 0 || plan.step(*step).attended;
        Self {
            matters: matters.collect(),
            fields,
            trips: outline.steps().filter(trip).collect(),
            nothing: outline.steps().next().is_none(),
        }
    }

    /// What this has and the other lacks, in words.
    fn beyond(&self, other: &Self, plan: &Plan) -> Vec<Text> {
        let matters = self.matters.difference(&other.matters).map(|matter| {
            let title = words::quoted(&plan.matter(*matter).title);
            Text::new(
                format!("事项{}", title.zh()),
                format!("the matter {}", title.en()),
            )
        });
        let fields = self.fields.keys();
        let fields = fields.filter(|field| !other.fields.contains_key(field));
        let fields = fields.map(|field| field_told(plan, *field));
        let trips = self.trips.difference(&other.trips).map(|step| {
            let item = plan.step(*step);
            let title = words::quoted(&item.title);
            let (zh, en) = if item.visits > 0 {
                ("到现场办理", "the trip for")
            } else {
                ("须本人在场的", "the appointment for")
            };
            Text::new(
                format!("{zh}{}", title.zh()),
                format!("{en} {}", title.en()),
            )
        });
        matters.chain(fields).chain(trips).collect()
    }

    /// What has to be given here and may be left out there, in words.
    fn firmer(&self, other: &Self, plan: &Plan) -> Vec<Text> {
        let required = self.fields.iter().filter(|(_, required)| **required);
        let firmer = required.filter(|(field, _)| other.fields.get(field) == Some(&false));
        firmer.map(|(field, _)| field_told(plan, *field)).collect()
    }
}

/// A field or a material in words.
fn field_told(plan: &Plan, field: FieldIx) -> Text {
    let title = words::quoted(&words::field(plan, field));
    let (zh, en) = if plan.field(field).is_material() {
        ("材料", "the material")
    } else {
        ("填报项", "the field")
    };
    Text::new(
        format!("{zh}{}", title.zh()),
        format!("{en} {}", title.en()),
    )
}

/// What another answer adds, drops, requires and frees, and whether it leaves nothing to do.
type Effect = ([Vec<Text>; 4], bool);

fn effect(plan: &Plan, now: &Asked, then: &Asked) -> Effect {
    let texts = [
        then.beyond(now, plan),
        now.beyond(then, plan),
        then.firmer(now, plan),
        now.firmer(then, plan),
    ];
    (texts, then.nothing && !now.nothing)
}

/// What two effects have in common.
fn common((mut texts, nothing): Effect, (others, other): &Effect) -> Effect {
    for (texts, others) in texts.iter_mut().zip(others) {
        texts.retain(|text| others.contains(text));
    }
    (texts, nothing && *other)
}

/// What other answers to a question would change, and which cannot be, the given
/// answers to the other questions being kept.
fn changes(
    plan: &Plan,
    given: &Answers,
    answers: &Answers,
    question: QuestionIx,
    answer: &Answer,
) -> (Vec<Change>, Vec<Excluded>) {
    let item = plan.question(question);
    let is_number = matches!(item.kind, QuestionType::Number { .. });
    let now = Asked::of(plan, answers);
    let mut changes: Vec<Change> = Vec::new();
    let mut excluded: Vec<Excluded> = Vec::new();
    let mut seen = BTreeSet::new();
    for other in others(plan, question, item, answer) {
        if other == *answer {
            continue;
        }
        if changes.len() >= MOST_CHANGES {
            break;
        }
        let mut changed = given.clone();
        changed.set(question, Some(other.clone()));
        let completed = plan.complete(&changed);
        let opened = Opened::by(plan, &changed, &completed, answers);
        let all = opened.ways.as_deref();
        let mut ways = all.unwrap_or(std::slice::from_ref(&completed)).iter();
        let Some(first) = ways.find(|way| plan.contradiction(way).is_none()) else {
            if let Some(rule) = plan.contradiction(&completed) {
                let known = excluded.iter().any(|known| known.because == rule.because);
                if !(known && is_number) {
                    excluded.push(Excluded {
                        answer_text: item.kind.say(&other),
                        answer: other,
                        because: rule.because.clone(),
                    });
                }
            }
            continue;
        };
        let ways = ways.filter(|way| plan.contradiction(way).is_none());
        let mut scenarios = BTreeMap::new();
        for way in std::iter::once(first).chain(ways) {
            scenarios.entry(Scenario::key(plan, way)).or_insert(way);
        }
        // Of numbers that open the same questions and lead to the same scenarios one stands for all.
        let keys: Vec<Vec<u64>> = scenarios.keys().cloned().collect();
        if is_number && !seen.insert((opened.questions.clone(), keys)) {
            continue;
        }
        let mut effects = scenarios
            .values()
            .map(|way| effect(plan, &now, &Asked::of(plan, way)));
        let mut depends = all.is_none();
        let mut certain = match (effects.next(), depends) {
            (Some(effect), false) => effect,
            (_, true) | (None, _) => Effect::default(),
        };
        if !depends {
            for effect in effects {
                depends |= effect != certain;
                certain = common(certain, &effect);
            }
        }
        let ([adds, drops, requires, frees], nothing_left) = certain;
        let opens = opened.questions.iter().map(|ix| plan.question(*ix));
        let change = Change {
            answer_text: item.kind.say(&other),
            answer: other,
            opens: opens.clone().map(|opened| opened.key.clone()).collect(),
            opens_asks: opens.map(|opened| opened.ask.clone()).collect(),
            depends,
            adds,
            drops,
            requires,
            frees,
            nothing_left,
        };
        // Of numbers with the same effect one stands for all.
        let mut known = changes.iter();
        let known = is_number && known.any(|known| known.effect() == change.effect());
        if !change.is_none() && !known {
            changes.push(change);
        }
    }
    (changes, excluded)
}

/// Answers that can make a difference: all there are, or for a number the
/// values that conditions name and those beside them, nearest to the answer
/// first.
fn others(plan: &Plan, question: QuestionIx, item: &Question, answer: &Answer) -> Vec<Answer> {
    match &item.kind {
        QuestionType::YesNo => vec![Answer::YesNo(true), Answer::YesNo(false)],
        QuestionType::Choice(options) => options
            .iter()
            .map(|(key, _)| Answer::Choice(key.clone()))
            .collect(),
        QuestionType::Number { .. } => {
            let named = opened::named(plan, question);
            let mut numbers: Vec<f64> = named.clone();
            numbers.extend(named.iter().flat_map(|value| [value - 1.0, value + 1.0]));
            // Between two values that stand close no whole number need be.
            let close = named.windows(2).filter(|pair| pair[1] - pair[0] <= 1.0);
            numbers.extend(close.map(|pair| f64::midpoint(pair[0], pair[1])));
            numbers.sort_by(f64::total_cmp);
            numbers.dedup();
            if let Answer::Number(answer) = answer {
                let far = |number: &f64| (number - answer).abs();
                numbers.sort_by(|a, b| far(a).total_cmp(&far(b)));
            }
            let numbers = numbers.into_iter().map(Answer::Number);
            numbers.filter(|number| item.kind.accepts(number)).collect()
        }
    }
}
