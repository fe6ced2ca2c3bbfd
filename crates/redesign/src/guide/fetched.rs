//! What registries are asked, and what of it spares the applicant anything.

use onething_model::{Lang, RegistryKey, RoleKey, StepKey, Text};
use onething_plan::scenario::Source;
use onething_plan::{Actor, FieldIx, Plan, Scenario, StepIx};

use super::data::described::words;
use super::department;
use crate::view::{DepartmentView, FieldView};

/// What a registry is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedGuide {
    /// The look-up.
    pub step: StepKey,
    /// The registry.
    pub registry: RegistryKey,
    /// Whose registry it is, if the definition says.
    pub department: Option<DepartmentView>,
    /// About whom it is asked.
    pub role: RoleKey,
    /// About whom, as people call them.
    pub subject: Text,
    /// What identifies them.
    pub keys: Vec<FieldView>,
    /// What is fetched.
    pub fields: Vec<FetchedItem>,
    /// Whether the applicant looks at it before the application is handed in. If not, it is
    /// looked up after that, since a step makes what identifies the subject.
    pub confirmed: bool,
    /// The legal basis.
    pub basis: Option<String>,
}

/// A field that a registry gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedItem {
    /// Which one.
    pub field: FieldView,
    /// What it spares the applicant.
    pub spares: Spares,
}

words! {
    /// What it spares the applicant that a field is fetched.
    pub enum Spares {
        /// To give it.
        Giving = "giving",
        /// Nothing: it is given on a form as well, for steps that need it before the registry is asked or that get nothing from it.
        Nothing = "nothing",
        /// Nothing by itself: it is what another registry is asked with, and nobody else needs it.
        OnlyAKey = "only_a_key",
    }
}

impl FetchedItem {
    /// `餐饮店·企业名称`, with what there is to say of a field that spares nothing.
    pub(super) fn named(&self, lang: Lang) -> String {
        let title = self.field.title.get(lang);
        let but = match (self.spares, lang) {
            (Spares::Giving, _) => "",
            (Spares::Nothing, Lang::Zh) => "（您也要填）",
            (Spares::Nothing, Lang::En) => " (you give it as well)",
            (Spares::OnlyAKey, Lang::Zh) => "（只用来查询其他内容）",
            (Spares::OnlyAKey, Lang::En) => " (only to look up the rest)",
        };
        format!("{title}{but}")
    }
}

pub(super) fn fetch(plan: &Plan, scenario: &Scenario, step: StepIx) -> Option<FetchedGuide> {
    let item = plan.step(step);
    let Actor::LookUp(look_up) = &item.actor else {
        return None;
    };
    let named = |field| FieldView {
        field: plan.field(field).path.clone(),
        title: crate::words::field(plan, field),
        material: plan.field(field).is_material(),
    };
    let role = plan.role(look_up.role);
    Some(FetchedGuide {
        step: item.key.clone(),
        registry: look_up.registry.clone(),
        department: department(plan, step),
        role: role.key.clone(),
        subject: role.title.clone(),
        keys: look_up.keys.iter().map(|field| named(*field)).collect(),
        fields: scenario
            .form(step)
            .iter()
            .map(|asked| FetchedItem {
                field: named(asked.field),
                spares: spares(plan, scenario, step, asked.field),
            })
            .collect(),
        confirmed: plan.is_on_draft(step, item.scope),
        basis: look_up.basis.clone(),
    })
}

pub(super) fn spares(plan: &Plan, scenario: &Scenario, look_up: StepIx, field: FieldIx) -> Spares {
    let on_form = |form: StepIx| {
        let mut asked = scenario.form(form).iter();
        asked.any(|asked| asked.field == field)
    };
    let reads = |step: &StepIx| {
        let from_here = (field, Source::LookUp(look_up));
        !matches!(plan.step(*step).actor, Actor::LookUp(_))
            && scenario.sources(*step).contains(&from_here)
    };
    let mut steps = scenario.steps().iter();
    if plan.forms().any(on_form) {
        Spares::Nothing
    } else if steps.any(reads) {
        Spares::Giving
    } else {
        Spares::OnlyAKey
    }
}
