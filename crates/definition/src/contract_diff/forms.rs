//! What forms ask with the new contracts and did not ask with the old, whatever made them grow:
//! a registry that gives or is asked otherwise, a field that follows from nothing any more.

use std::collections::{BTreeMap, BTreeSet};

use onething_model::{FieldPath, StepKey};
use onething_plan::{Actor, FormField, Outline, Plan, Scenario, Service, StepIx};
use serde::Serialize;

use super::WayOf;
use super::taken::missed;
use crate::classes::classes;

/// How a form asks for a field; what comes later asks for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asking {
    /// Where a registry has nothing.
    WhereMissing,
    /// It may be left out.
    Optional,
    /// It has to be given.
    Required,
}

/// A field that a form asks for with the new contracts, for some answers, and with the old did
/// not ask for, or not for certain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AskedAnew {
    /// The folder of the service, below the root of the tree.
    pub service: String,
    /// The contracts whose change brings it about on its own; none where it takes
    /// several changes together.
    pub contracts: Vec<String>,
    /// Which way of handling it.
    pub way: WayOf,
    /// The step whose form it is.
    pub step: StepKey,
    /// The field, by the service's role.
    pub field: FieldPath,
    /// How it is asked for now.
    pub asking: Asking,
}

/// What makes two of them the same.
pub(super) type Key = (String, WayOf, StepKey, FieldPath);

/// What the forms of a service ask more in `new` than in `old`. Where there are too many
/// answers to look at, a sample of them is looked at.
pub(super) fn grown(folder: &str, old: &Service, new: &Service) -> BTreeMap<Key, AskedAnew> {
    let mut found = BTreeMap::new();
    let new_way = (WayOf::New, Some((&old.new, &new.new)));
    let old_way = (WayOf::Old, old.old.as_ref().zip(new.old.as_ref()));
    for (way, plans) in [new_way, old_way] {
        let Some((old, new)) = plans else { continue };
        for ((step, field), asking) in more(old, new) {
            let key = (folder.to_owned(), way, step.clone(), field.clone());
            let asked = AskedAnew {
                service: folder.to_owned(),
                contracts: Vec::new(),
                way,
                step,
                field,
                asking,
            };
            found.insert(key, asked);
        }
    }
    found
}

type Form = BTreeMap<(StepKey, FieldPath), Asking>;

/// Contracts ask no questions and set no conditions: the answers of one plan are those of the other.
fn more(old: &Plan, new: &Plan) -> Form {
    let mut found = Form::new();
    let mut seen = BTreeSet::new();
    for answers in &classes(new).answers {
        let key = |plan| Scenario::key(plan, answers);
        if !seen.insert((key(old), key(new))) {
            continue;
        }
        let before = form(old, &Outline::resolve(old, answers));
        for (at, asking) in form(new, &Outline::resolve(new, answers)) {
            if before.get(&at).is_none_or(|before| *before < asking) {
                let most = found.entry(at).or_insert(asking);
                *most = asking.max(*most);
            }
        }
    }
    found
}

fn form(plan: &Plan, outline: &Outline) -> Form {
    let mut form = Form::new();
    for step in outline.steps() {
        let asks = |asked: &FormField| match asked.optional {
            true => (step, asked.field, Asking::Optional),
            false => (step, asked.field, Asking::Required),
        };
        let asked = is_form(plan, step).then(|| outline.form(step));
        let asked = asked.into_iter().flatten().map(asks);
        let where_missing = missed(plan, outline, step);
        let where_missing = where_missing.map(|(form, field)| (form, field, Asking::WhereMissing));
        for (at, field, asking) in asked.chain(where_missing) {
            let at = (plan.step(at).key.clone(), plan.field(field).path.clone());
            let most = form.entry(at).or_insert(asking);
            *most = asking.max(*most);
        }
    }
    form
}

/// The form of a look-up is what is read of it.
fn is_form(plan: &Plan, step: StepIx) -> bool {
    matches!(plan.step(step).actor, Actor::Submission(_))
}
