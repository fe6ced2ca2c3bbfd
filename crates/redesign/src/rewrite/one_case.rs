//! R1 where there is one application: one case, whose form asks for nothing that is known.

use std::collections::BTreeSet;

use onething_definition::design::{Acceptance, Design, Intake, Read};
use onething_model::{FieldPath, StepKey};
use onething_plan::{Handled, Way as Kind};

use super::Ground;
use super::by_class::Known;
use super::collected::fields_of;
use super::for_whom::{Applicants, Claim, What, by_scope};
use super::forms::Forms;
use super::graph::made_by_steps;
use super::kept::Way;
use super::one_form::less_on_form;
use super::proof::{Line, Proof, Rule, Site, fields_in_words};
use super::rewritten::Rewritten;

/// Of the one application there is, one case: a proposal is one, whose results are
/// delivered together. Who takes it in and accepts it stays. What its form asks although it
/// is known goes; where it is one case already, that is all there is to do.
pub(super) fn one_case(ground: &Ground<'_>, was: Way<'_>, only: &Intake) -> Option<Rewritten> {
    let (design, forms) = (was.design, &Forms::of(was));
    let mut proof = Proof::new(Rule::AskOnce);
    proof.did(Site::Whole);
    let is_one = design.handled == Handled::Together;
    let next = match is_one {
        true => design.clone(),
        false => joined(ground, design, only),
    };
    let next = less_on_form(ground, was, next, forms, &mut proof);
    if is_one && by_field(&next.design.intakes[0].asks) == by_field(&only.asks) {
        return None;
    }
    proof.checked(Line::new(
        "只有一份申请，没有可合并的",
        "there is one application, and nothing to join",
    ));
    if !is_one {
        proof.changed(Line::new(
            "这份申请就是一个办件：各环节办完后，结果一并送达",
            "the application is one case: its results are delivered together, when all steps are done",
        ));
    }
    let told = |ground: &Ground<'_>, [was, is]: [Way<'_>; 2], proof: &mut Proof| {
        gone(ground, was, is, proof);
    };
    Some(Rewritten::new(next, proof).telling(told))
}

fn by_field(asks: &[Read]) -> BTreeSet<(&FieldPath, bool)> {
    asks.iter().map(|ask| (&ask.field, ask.optional)).collect()
}

/// The design whose application for one matter is that of the case.
fn joined(ground: &Ground<'_>, design: &Design, only: &Intake) -> Design {
    let owner = only
        .matter
        .as_ref()
        .and_then(|key| ground.setting.matter(key));
    let intake = Intake {
        key: named("apply", &only.key),
        matter: None,
        // Of a matter its owner takes it in, of a case the department in charge.
        department: only
            .department
            .clone()
            .or_else(|| owner.map(|matter| matter.department.clone()))
            .filter(|_| only.acceptance.is_none() && only.window.is_none()),
        acceptance: only.acceptance.as_ref().map(|accept| Acceptance {
            key: named("accept", &accept.key),
            merges: vec![accept.key.clone()],
            ..accept.clone()
        }),
        ..only.clone()
    };
    Design {
        way: Kind::New,
        handled: Handled::Together,
        intakes: vec![intake],
        ..design.clone()
    }
}

/// The name that a step of the one application has.
fn named(name: &str, other: &StepKey) -> StepKey {
    name.parse().unwrap_or_else(|_| other.clone())
}

/// Says what the form no longer wants on its own account, by who knows it instead: what a step
/// makes, for whom that is so.
fn gone(ground: &Ground<'_>, was: Way<'_>, is: Way<'_>, proof: &mut Proof) {
    let [Some(only), Some(now)] = [was, is].map(|way| way.design.intakes.first()) else {
        return;
    };
    let (made, forms) = (made_by_steps(is.design), Forms::of(was));
    let known = forms.known.get(&only.key);
    let (mut by_steps, mut by_others, mut by_some) = (Vec::new(), Vec::new(), Vec::new());
    for field in only.asks.iter().map(|ask| &ask.field) {
        if now.asks.iter().any(|ask| ask.field == *field) {
            continue;
        }
        let list = if made.contains(field) {
            &mut by_steps
        } else if known.is_some_and(|known| known.contains(field)) {
            &mut by_others
        } else {
            &mut by_some
        };
        list.push(field.clone());
    }
    let claims = made_instead([was, is], &by_steps);
    for (scope, claims) in by_scope(&claims) {
        let (fields, of) = (fields_of(&claims), scope.told());
        let words = fields_in_words(ground.setting, &fields);
        let line = Line::new(
            format!(
                "由办理中的环节作出，表单不再要求填写{}：{}",
                of.zh(),
                words.zh()
            ),
            format!(
                "no longer on the form, for a step of the same case makes it{}: {}",
                of.en(),
                words.en()
            ),
        );
        proof.changed(line.fields(fields));
    }
    proof.claims.extend(claims);
    let lines = [
        (
            by_others,
            "有处可查或者可以推算，收件时不再另行要求",
            "no longer wanted by who takes the application in, for it is looked up or follows from what is there",
        ),
        (
            by_some,
            "只在有环节读取它的情形下才要求填写",
            "asked only for the answers for which a step reads it",
        ),
    ];
    for (at, (fields, zh, en)) in lines.into_iter().enumerate() {
        if fields.is_empty() {
            continue;
        }
        let words = fields_in_words(ground.setting, &fields);
        let line = Line::new(
            format!("{zh}：{}", words.zh()),
            format!("{en}: {}", words.en()),
        );
        let line = line.fields(fields);
        proof.changed(if at == 1 { line.gone() } else { line });
    }
}

/// For whom a form asked what a step makes, and asks it no more.
fn made_instead(ways: [Way<'_>; 2], fields: &[FieldPath]) -> Vec<Claim> {
    let all = Applicants::of(ways);
    let each: Vec<[Known; 2]> = all
        .answers
        .iter()
        .map(|answers| ways.map(|way| Known::at(way, answers)))
        .collect();
    let claims = fields.iter().filter_map(|field| {
        let [then, now] = ways.map(|way| way.plan.find_field(field));
        let (then, now) = then.zip(now)?;
        let scope = all.scope(|number, _| {
            let [was, is] = &each[number];
            was.asked[then.index()] && !is.asked[now.index()] && is.known[now.index()]
        })?;
        let what = What::MadeElsewhere(field.clone());
        Some(Claim { what, scope })
    });
    claims.collect()
}
