//! What was looked up for a form is not asked on the one form.
//!
//! Apart, a form wants something that a registry gives by what is asked beside it. On the one
//! form that may be otherwise: what it is found by is made in the course of the case, or is asked no
//! more, since what else it was good for is known. So the form goes on asking for what it is found
//! by, where every applicant was asked that, or does without it. What a step reads is asked in place
//! of that in the end.

use std::collections::BTreeSet;

use onething_definition::design::{Design, Read};
use onething_model::{FieldPath, Text};
use onething_plan::{Actor, Plan};

use super::Ground;
use super::draft::Draft;
use super::forms::Forms;
use super::graph::made_by_steps;
use super::kept::{Way, asked_anew};
use super::own_account::less_known;
use super::proof::{Line, Proof, fields_in_words};

/// The design whose one form asks for nothing that was looked up or derived, as far as that hangs on
/// what it asks on its own account.
pub(super) fn without_anew(
    ground: &Ground<'_>,
    was: Way<'_>,
    forms: &Forms<'_>,
    mut next: Draft,
    proof: &mut Proof,
) -> Draft {
    // Most old ways ask no registry: nothing to go through.
    if !finds(was.plan) {
        return next;
    }
    let anew = |draft: &Draft| Some(asked_anew(was, draft.way(ground.drafting)?));
    let mut left: Vec<FieldPath> = Vec::new();
    while let Some(open) = anew(&next).filter(|open| !open.is_empty()) {
        let fewer = |keys: Vec<Read>| {
            let draft = asking(&next.design, keys);
            let rest = anew(&draft)?;
            (rest.len() < open.len() && rest.is_subset(&open)).then_some(draft)
        };
        let mut ways_to_find = open.iter().flat_map(|field| {
            let found = found_by(ground, &next.design, field);
            found
                .into_iter()
                .filter_map(|by| missing(forms, &next.design, by))
        });
        if let Some(draft) = ways_to_find.find_map(fewer) {
            next = draft;
            continue;
        }
        let mut design = (*next.design).clone();
        let asks = &mut design.intakes[0].asks;
        let stated = asks.extract_if(.., |ask| open.contains(&ask.field));
        let stated: Vec<FieldPath> = stated.map(|ask| ask.field).collect();
        if stated.is_empty() {
            break;
        }
        left.extend(stated);
        next = Draft::new(design);
    }
    next = without_found(ground, was, next);
    let rest = anew(&next).into_iter().flatten();
    in_place_of_keys(ground, &Vec::from_iter(rest), proof);
    if !left.is_empty() {
        left.sort();
        let words = fields_in_words(ground.setting, &left);
        proof.changed(
            Line::new(
                format!(
                    "原来由系统查询或者推算，合并后收件时却要申请人填写，不列入表单：{}",
                    words.zh()
                ),
                format!(
                    "looked up or derived before, and to be asked of the applicant if the one form wanted it: not on it: {}",
                    words.en()
                ),
            )
            .fields(left.iter().cloned())
            .gone(),
        );
        super::once_only::does_without(ground, &left, proof);
    }
    next
}

/// Without what is found by what the form goes on asking for, unless more would be asked then.
fn without_found(ground: &Ground<'_>, was: Way<'_>, next: Draft) -> Draft {
    let copy = Draft::new((*next.design).clone());
    let (less, gone) = less_known(ground, copy, |_| true);
    let ways = next.way(ground.drafting).zip(less.way(ground.drafting));
    let is_less =
        ways.is_some_and(|(next, less)| asked_anew(was, less).is_subset(&asked_anew(was, next)));
    match is_less && !gone.is_empty() {
        true => less,
        false => next,
    }
}

/// Asks to confirm what steps read and the applicant states in place of what it was found by: all
/// else that this was good for is not wanted any more, and by itself it is not worth asking.
fn in_place_of_keys(ground: &Ground<'_>, fields: &[FieldPath], proof: &mut Proof) {
    if fields.is_empty() {
        return;
    }
    let words = fields_in_words(ground.setting, fields);
    proof.confirm(Text::new(
        format!(
            "有的情形改由申请人填写：{}，不再填写原来凭以查询的号码；必须以系统查询为准的，在读取它的环节中同时读取该号码",
            words.zh()
        ),
        format!(
            "for some answers the applicant states {}, and no longer what it was looked up by; where a register has to say it, let the step that reads it read that as well",
            words.en()
        ),
    ));
}

/// Whether anything may be looked up or derived.
fn finds(plan: &Plan) -> bool {
    let is_look_up = |actor: &Actor| matches!(actor, Actor::LookUp(_));
    plan.steps.iter().any(|step| is_look_up(&step.actor))
        || plan.fields.iter().any(|field| field.derived.is_some())
}

/// By which fields something is found: what it follows from, and the keys of each registry.
fn found_by(ground: &Ground<'_>, design: &Design, field: &FieldPath) -> Vec<Vec<FieldPath>> {
    let (setting, fetched) = (ground.setting, &design.fetched);
    let follows = setting.derived.iter();
    let follows = follows.filter(|(known, _)| fetched.derives() && known == field);
    let registries = setting.providers.iter().filter(|provider| {
        fetched.allows(provider.registry.as_str()) && provider.gives.contains(field)
    });
    follows
        .map(|(_, from)| vec![from.clone()])
        .chain(registries.map(|provider| provider.with.clone()))
        .collect()
}

/// Of these, those that the one form does not name; `None` where not every applicant was asked
/// them, a step makes one, or the form names all.
fn missing(forms: &Forms<'_>, design: &Design, by: Vec<FieldPath>) -> Option<Vec<Read>> {
    let made = made_by_steps(design);
    let asks = &design.intakes[0].asks;
    let named: BTreeSet<&FieldPath> = asks.iter().map(|ask| &ask.field).collect();
    let mut keys = Vec::new();
    for field in by {
        let must = *forms.of_everybody.get(&field)?;
        if made.contains(&field) {
            return None;
        }
        if !named.contains(&field) {
            keys.push(Read {
                field,
                optional: !must,
            });
        }
    }
    (!keys.is_empty()).then_some(keys)
}

/// The design whose form asks for more.
fn asking(design: &Design, more: Vec<Read>) -> Draft {
    let mut design = design.clone();
    design.intakes[0].asks.extend(more);
    Draft::new(design)
}
