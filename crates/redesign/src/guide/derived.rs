//! What need not be filled in since it follows from something that is there.

use onething_model::{RoleKey, Text};
use onething_plan::scenario::Source;
use onething_plan::{FieldIx, Plan, Scenario};
use serde::Serialize;

use crate::view::FieldView;
use crate::words;

/// A field that follows from another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DerivedGuide {
    /// Whose datum it is.
    pub role: RoleKey,
    /// Whose, as people call them.
    pub subject: Text,
    /// What follows.
    pub field: FieldView,
    /// From what.
    pub from: FieldView,
    /// How, by its name in definitions: `date-of-birth`, `sex`, ….
    #[serde(rename = "as")]
    pub by: &'static str,
    /// Which part of it, in words.
    pub part: Text,
    /// By which standard.
    pub standard: &'static str,
}

/// What steps of a case read as it follows from something else, by number of the field.
pub(super) fn derived(plan: &Plan, scenario: &Scenario) -> Vec<DerivedGuide> {
    let sources = scenario.steps().iter();
    let mut all: Vec<FieldIx> = sources
        .flat_map(|step| scenario.sources(*step))
        .filter(|(_, source)| matches!(source, Source::Derived(_)))
        .map(|(field, _)| *field)
        .collect();
    all.sort_unstable();
    all.dedup();
    let view = |field: FieldIx| FieldView {
        field: plan.field(field).path.clone(),
        title: words::field(plan, field),
        material: plan.field(field).is_material(),
    };
    all.into_iter()
        .filter_map(|field| {
            let derived = plan.field(field).derived?;
            let role = plan.role(plan.field(field).role);
            Some(DerivedGuide {
                role: role.key.clone(),
                subject: role.title.clone(),
                field: view(field),
                from: view(derived.from),
                by: derived.by.as_str(),
                part: derived.by.part(),
                standard: derived.by.standard(),
            })
        })
        .collect()
}
