//! R1 where there is one application: one case, whose form asks for nothing that is known.

use std::collections::BTreeSet;

use onething_definition::design::{Acceptance, Design, Intake, Read};
use onething_model::{FieldPath, StepKey};
use onething_plan::{Handled, Way as Kind};

use super::Ground;
use super::draft::Draft;
use super::forms::Forms;
use super::graph::made_by_steps;
use super::kept::Way;
use super::one_form::less_on_form;
use super::proof::{Line, Proof, Rule, Site, fields_in_words};

/// Of the one application there is, one case: a proposal is one, whose results are
/// delivered together. Who takes it in and accepts it stays. What its form asks although it
/// is known goes; where it is one case already, that is all there is to do.
pub(super) fn one_case(ground: &Ground<'_>, was: Way<'_>, only: &Intake) -> Option<(Draft, Proof)> {
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
    let gone = gone(ground, only, forms, &next);
    proof.changed.extend(gone);
    Some((next, proof))
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

/// Says what the form no longer wants on its own account, by who knows it instead.
fn gone(ground: &Ground<'_>, only: &Intake, forms: &Forms<'_>, next: &Draft) -> Vec<Line> {
    let made = made_by_steps(&next.design);
    let now = &next.design.intakes[0].asks;
    let known = forms.known.get(&only.key);
    let (mut by_steps, mut by_others, mut by_some) = (Vec::new(), Vec::new(), Vec::new());
    for field in only.asks.iter().map(|ask| &ask.field) {
        if now.iter().any(|ask| ask.field == *field) {
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
    let lines = [
        (
            by_steps,
            "由办理中的环节作出，表单不再要求填写",
            "no longer on the form, for a step of the same case makes it",
        ),
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
    let lines = lines.into_iter().enumerate();
    let lines = lines.filter(|(_, (fields, ..))| !fields.is_empty());
    lines
        .map(|(at, (fields, zh, en))| {
            let words = fields_in_words(ground.setting, &fields);
            let line = Line::new(
                format!("{zh}：{}", words.zh()),
                format!("{en}: {}", words.en()),
            );
            let line = line.fields(fields);
            if at == 2 { line.gone() } else { line }
        })
        .collect()
}
