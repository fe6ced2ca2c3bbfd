//! What forms ask for some answers and not for others, against what they asked at first: what
//! [balance](super::balance) tells of all applicants is not told again.

use std::collections::BTreeSet;
use std::rc::Rc;

use onething_definition::classes::classes_of;
use onething_model::{FieldPath, Text};
use onething_plan::{Actor, Answers, FieldIx, Scenario};

use super::Ground;
use super::collected::fields_of;
use super::draft::Draft;
use super::for_whom::{Applicants, Claim, What, by_scope};
use super::forms::Forms;
use super::kept::{Fields, Way};
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
        let lines = proof.changed.iter().filter(|line| line.gone);
        let named: BTreeSet<FieldPath> = lines.flat_map(|line| line.fields.clone()).collect();
        lost.retain(|field| !named.contains(field));
        // What the rule before it let a step make may have been asked at first.
        let gone = moved(pair[0], pair[1]).unknown;
        let gone: Vec<FieldPath> = gone.intersection(&lost).cloned().collect();
        lost.retain(|field| !gone.contains(field));
        let claims = unasked([*then, *now], &gone);
        for (scope, claims) in by_scope(&claims) {
            let (fields, of) = (fields_of(&claims), scope.told());
            let words = fields_in_words(ground.setting, &fields);
            let line = Line::new(
                format!("不再要求填写，也没有环节需要{}：{}", of.zh(), words.zh()),
                format!(
                    "no longer asked, for no step needs it{}: {}",
                    of.en(),
                    words.en()
                ),
            );
            proof.changed(line.fields(fields).gone());
        }
        proof.claims.extend(claims);
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
                "是否可以要求申请人填写以下内容（原来只在部分情形下要填，现在其他情形也可能要填）：{}",
                words.zh()
            ),
            format!(
                "applicants may be asked for what was asked before for other answers only: {}",
                words.en()
            ),
        ));
    }
}

/// For whom fields were asked that nobody knows any more.
fn unasked([was, is]: [Way<'_>; 2], fields: &[FieldPath]) -> Vec<Claim> {
    if fields.is_empty() {
        return Vec::new();
    }
    let all = Applicants::of([was, is]);
    let each: Vec<[Known; 2]> = all
        .answers
        .iter()
        .map(|answers| [was, is].map(|way| Known::at(way, answers)))
        .collect();
    let claims = fields.iter().filter_map(|field| {
        let (then, now) = (was.plan.find_field(field)?, is.plan.find_field(field));
        let scope = all.scope(|number, _| {
            let [was, is] = &each[number];
            let is_known = now.is_some_and(|at| is.known[at.index()]);
            was.asked[then.index()] && !is_known && is.asked.contains(&true)
        })?;
        let what = What::Unasked(field.clone());
        Some(Claim { what, scope })
    });
    claims.collect()
}

/// What is asked for some answers in one way and not in the other.
#[derive(Default)]
struct Moved {
    /// Asked, and known to nobody any more.
    lost: BTreeSet<FieldPath>,
    /// Known, and known to nobody any more.
    unknown: BTreeSet<FieldPath>,
    newly: BTreeSet<FieldPath>,
}

/// What forms asked for in some class of answers and nobody knows in it any more.
pub(super) fn lost(was: Way<'_>, is: Way<'_>) -> BTreeSet<FieldPath> {
    moved(was, is).lost
}

fn moved(was: Way<'_>, is: Way<'_>) -> Moved {
    let fields = Fields::of(was.plan, is.plan);
    let mut found = Moved::default();
    let mut seen = BTreeSet::new();
    for answers in &classes_of([was.plan, is.plan]).answers {
        let key = |plan| Scenario::key(plan, answers);
        if !seen.insert((key(was.plan), key(is.plan))) {
            continue;
        }
        let (then, now) = (Known::at(was, answers), Known::at(is, answers));
        // Whose only step is left out hands in nothing.
        if now.asked.contains(&true) {
            let lost = not_there(&then.asked, &fields.is, &now.known);
            found
                .lost
                .extend(lost.map(|at| was.plan.field(at).path.clone()));
            let unknown = not_there(&then.known, &fields.is, &now.known);
            found
                .unknown
                .extend(unknown.map(|at| was.plan.field(at).path.clone()));
        }
        let newly = not_there(&now.asked, &fields.was, &then.asked);
        found
            .newly
            .extend(newly.map(|at| is.plan.field(at).path.clone()));
    }
    found
}

/// By field of each way, whether a form asks for it or somebody is given it, for each pair of
/// scenarios that answers tell apart.
pub(super) fn known_in_each(was: Way<'_>, is: Way<'_>) -> Vec<(Vec<bool>, Vec<bool>)> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for answers in &classes_of([was.plan, is.plan]).answers {
        let key = |plan| Scenario::key(plan, answers);
        if seen.insert((key(was.plan), key(is.plan))) {
            found.push((given(was, answers), given(is, answers)));
        }
    }
    found
}

/// By field, whether a form asks for it or somebody is given it.
pub(super) fn given(way: Way<'_>, answers: &Answers) -> Vec<bool> {
    let outline = way.outlines.of(way.plan, answers);
    let mut given = vec![false; way.plan.fields.len()];
    for form in way.plan.forms() {
        for field in outline.form(form) {
            given[field.field.index()] = true;
        }
    }
    for step in outline.steps() {
        for (field, _) in outline.sources(step) {
            given[field.index()] = true;
        }
    }
    given
}

/// The fields that are here and not there, `other` being what each is called there.
fn not_there<'a>(
    here: &'a [bool],
    other: &'a [Option<FieldIx>],
    there: &'a [bool],
) -> impl Iterator<Item = FieldIx> + 'a {
    let both = here.iter().zip(other).enumerate();
    both.filter(|(_, (here, other))| **here && !other.is_some_and(|at| there[at.index()]))
        .map(|(at, _)| FieldIx::at(at))
}

/// By field: what forms ask in a class of answers, and what is known in it by whatever way.
pub(super) struct Known {
    pub(super) asked: Vec<bool>,
    pub(super) known: Vec<bool>,
}

impl Known {
    pub(super) fn at(way: Way<'_>, answers: &Answers) -> Self {
        let plan = way.plan;
        let outline = way.outlines.of(plan, answers);
        let mut asked = vec![false; plan.fields.len()];
        for form in plan.forms() {
            for field in outline.form(form) {
                asked[field.field.index()] = true;
            }
        }
        let mut known = asked.clone();
        for step in outline.steps() {
            for (field, _) in outline.sources(step) {
                known[field.index()] = true;
            }
            // Of what a registry could give that is known which somebody wants.
            if !matches!(plan.step(step).actor, Actor::LookUp(_)) {
                for field in &plan.step(step).writes {
                    known[field.index()] = true;
                }
            }
        }
        Self { asked, known }
    }
}
