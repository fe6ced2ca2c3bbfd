//! What forms ask for some answers and not for others, against what they asked at first: what
//! [balance](super::balance) tells of all applicants is not told again.

use std::collections::BTreeSet;
use std::rc::Rc;

use onething_definition::classes::classes;
use onething_model::{FieldPath, Text};
use onething_plan::{Answers, Scenario};

use super::Ground;
use super::draft::Draft;
use super::forms::Forms;
use super::kept::Way;
use super::proof::{Line, Proof, Rule, fields_in_words};

/// Has the proof of each rule name what it takes off forms for some answers, which nobody knows
/// then; and that of the rule that brings it, what is newly asked for some.
///
/// `stages` is the way that was begun with and what each of the rules made, in their order.
pub(super) fn told_by(
    ground: &Ground<'_>,
    stages: &[&Rc<Draft>],
    first: &Forms<'_>,
    applied: &mut [Proof],
) {
    let ways: Option<Vec<Way<'_>>> = stages
        .iter()
        .map(|draft| draft.way(ground.drafting))
        .collect();
    let Some(ways) = ways else { return };
    let (Some(then), Some(now)) = (ways.first(), ways.last()) else {
        return;
    };
    let all = moved(*then, *now);
    let mut lost = all.lost;
    lost.retain(|field| !first.of_everybody.contains_key(field));
    for (proof, pair) in applied.iter_mut().zip(ways.windows(2)) {
        if lost.is_empty() {
            break;
        }
        let lines = proof.changed.iter();
        let named: BTreeSet<FieldPath> = lines.flat_map(|line| line.fields.clone()).collect();
        lost.retain(|field| !named.contains(field));
        let gone = moved(pair[0], pair[1]).lost;
        let gone: Vec<FieldPath> = gone.intersection(&lost).cloned().collect();
        lost.retain(|field| !gone.contains(field));
        if !gone.is_empty() {
            let words = fields_in_words(ground.setting, &gone);
            let line = Line::new(
                format!("有的情形不再要求填写，也没有环节需要：{}", words.zh()),
                format!(
                    "no longer asked for some answers, in which no step needs it: {}",
                    words.en()
                ),
            );
            proof.changed(line.fields(gone));
        }
    }
    let more = all.newly.into_iter();
    let more: Vec<FieldPath> = more.filter(|field| first.asks(field)).collect();
    let of = |rule| move |proof: &&mut Proof| proof.rule == rule;
    let brings = applied.iter_mut().find(of(Rule::OnceOnly));
    let brings = match brings {
        Some(proof) => Some(proof),
        None => applied.iter_mut().find(of(Rule::AskOnce)),
    };
    if let Some(proof) = brings.filter(|_| !more.is_empty()) {
        let words = fields_in_words(ground.setting, &more);
        proof.confirm(Text::new(
            format!(
                "原来只在部分情形下要填、现在其他情形也可能要填：{}：可以向申请人要求",
                words.zh()
            ),
            format!(
                "applicants may be asked for what was asked before for other answers only: {}",
                words.en()
            ),
        ));
    }
}

/// What is asked for some answers in one way and not in the other.
#[derive(Default)]
struct Moved {
    /// Asked, and known to nobody any more.
    lost: BTreeSet<FieldPath>,
    newly: BTreeSet<FieldPath>,
}

fn moved(was: Way<'_>, is: Way<'_>) -> Moved {
    let mut found = Moved::default();
    let mut seen = BTreeSet::new();
    for way in [was, is] {
        for answers in &classes(way.plan).answers {
            let key = |plan| Scenario::key(plan, answers);
            if seen.insert((key(was.plan), key(is.plan))) {
                let (then, now) = (Known::at(was, answers), Known::at(is, answers));
                // Whose only step is left out hands in nothing.
                if !now.asked.is_empty() {
                    let lost = then.asked.difference(&now.known);
                    found.lost.extend(lost.map(|field| (*field).clone()));
                }
                let newly = now.asked.difference(&then.asked);
                found.newly.extend(newly.map(|field| (*field).clone()));
            }
        }
    }
    found
}

/// What forms ask in a class of answers, and what is known in it by whatever way.
struct Known<'a> {
    asked: BTreeSet<&'a FieldPath>,
    known: BTreeSet<&'a FieldPath>,
}

impl<'a> Known<'a> {
    fn at(way: Way<'a>, answers: &Answers) -> Self {
        let plan = way.plan;
        let outline = way.outlines.of(plan, answers);
        let path = |field| &plan.field(field).path;
        let mut asked = BTreeSet::new();
        for application in plan.applications() {
            let form = outline.form(application).iter();
            asked.extend(form.map(|asked| path(asked.field)));
        }
        let mut known = asked.clone();
        for step in outline.steps() {
            let sources = outline.sources(step).iter().map(|(field, _)| *field);
            let writes = plan.step(step).writes.iter().copied();
            known.extend(sources.chain(writes).map(path));
        }
        Self { asked, known }
    }
}
