//! The parts of a form description.

use onething_model::{FieldPath, MatterKey, QuestionKey, RegistryKey, RoleKey, StepKey, Text};
use serde_json::Value;

use super::condition::{Condition, Test};
use super::described::{described, words};
use crate::guide::field::{Constraints, FieldKind, OptionGuide, SensitivityWord};

described! {
    /// A department or an outside body.
    pub struct DepartmentData {
        /// The durable identity.
        pub key: String,
        /// What people call it.
        pub title: Text,
    }

    /// A scenario question, in everyday words.
    pub struct QuestionData {
        /// The durable identity.
        pub key: QuestionKey,
        /// As it is asked.
        pub ask: Text,
        /// What can be answered.
        pub r#type: QuestionKind,
        /// What can be chosen; empty for other types.
        pub options: Vec<OptionGuide>,
        /// The smallest number.
        pub min: Option<f64>,
        /// The largest number.
        pub max: Option<f64>,
        /// When it is asked, after the answers to the questions before it; null: always.
        pub when: Option<Condition>,
        /// The answer of the reference scenario; null: none.
        pub reference: Option<onething_plan::Answer>,
    }

    /// Answers that nobody can give together.
    pub struct ImpossibleData {
        /// Holds for the answers that cannot be.
        pub when: Condition,
        /// Why not, in the words that the applicant is told.
        pub because: Text,
    }

    /// A datum: what it is, where it comes from and who uses it.
    pub struct DatumData {
        /// `role.field`: the key of its value in an application.
        pub field: FieldPath,
        /// Whose datum it is.
        pub role: RoleKey,
        /// Whose, as people call them.
        pub subject: Text,
        /// What people call it.
        pub title: Text,
        /// What kind of value it is; a `document` is a material to hand in.
        pub r#type: FieldKind,
        /// What a value must be, for programs.
        pub constraints: Constraints,
        /// What a value must be, in words.
        pub expected: Text,
        /// Who may see it.
        pub sensitivity: SensitivityWord,
        /// A valid value for trying out; null: the contract gives none.
        pub example: Option<Value>,
        /// Where it comes from: the first of these that is part of the case and before the step that reads it.
        pub sources: Vec<SourceData>,
        /// Who reads it, what for and on which basis; the steps say when they are part of the case.
        pub readers: Vec<ReaderData>,
        /// Why the applicant is asked for it, where they are.
        pub why_asked: Vec<ReasonData>,
    }

    /// Where a datum comes from.
    pub struct SourceData {
        /// What kind of source it is.
        pub kind: SourceKind,
        /// The step that makes it, the look-up or the form; of what is derived, that of what it follows from.
        pub step: StepKey,
        /// Of what is derived, what it follows from; else null.
        pub from: Option<FieldPath>,
    }

    /// A step that reads a datum.
    pub struct ReaderData {
        /// The step.
        pub step: StepKey,
        /// Whether it can do without.
        pub optional: bool,
        /// On which right it reads it; public data need none.
        pub grants: Vec<GrantData>,
    }

    /// A right to read.
    pub struct GrantData {
        /// What for, as the contract names it.
        pub purpose: String,
        /// What for, as people call it.
        pub purpose_title: Text,
        /// The legal basis.
        pub basis: String,
    }

    /// Why the applicant is asked.
    pub struct ReasonData {
        /// When this is a reason; null: always.
        pub when: Option<Condition>,
        /// The reason.
        pub text: Text,
    }

    /// A matter.
    pub struct MatterData {
        /// The durable identity.
        pub key: MatterKey,
        /// What people call it.
        pub title: Text,
        /// The code in the national catalogue of matters; null: not stated.
        pub code: Option<String>,
        /// Who owns it.
        pub department: DepartmentData,
        /// When it is part of a case; null: always.
        pub when: Option<Condition>,
        /// How long it may take; null: not stated.
        pub limit: Option<LimitData>,
    }

    /// How long something may take.
    pub struct LimitData {
        /// What the department promises, such as `5wd` (working days), `56d` (calendar days) or `4h`; null: nothing.
        pub promised: Option<String>,
        /// What the law allows, in the same form; null: not stated.
        pub statutory: Option<String>,
        /// Where the law says so.
        pub basis: Option<String>,
        /// Both in words.
        pub text: Text,
    }

    /// A step: a department's or outside body's work, the applicant's, a form or a look-up.
    pub struct StepData {
        /// The durable identity.
        pub key: StepKey,
        /// What people call it.
        pub title: Text,
        /// What kind of step it is.
        pub kind: StepWork,
        /// Who does it; of a form, who takes it; null: the applicant.
        pub department: Option<DepartmentData>,
        /// The matter that it works on; null: several or none.
        pub matter: Option<MatterKey>,
        /// When it is part of a case; null: always.
        pub when: Option<Condition>,
        /// How long it may take; null: not stated.
        pub limit: Option<LimitData>,
        /// Trips to an office that it costs the applicant.
        pub visits: u32,
        /// Whether the applicant has to be there.
        pub attended: bool,
    }

    /// A step that makes what a registry is asked with: where it is refused or not gone on with, a form comes as if the registry had nothing.
    pub struct UnaskedData {
        /// The step.
        pub step: StepKey,
        /// When that can happen; null: whenever the form is part of the case.
        pub when: Option<Condition>,
    }

    /// A form with its materials.
    pub struct FormData {
        /// The step in which it is handed in.
        pub step: StepKey,
        /// What people call it.
        pub title: Text,
        /// What kind of form it is.
        pub kind: FormKind,
        /// Who takes it; null: not stated.
        pub department: Option<DepartmentData>,
        /// When it is part of a case; null: always.
        pub when: Option<Condition>,
        /// Of an `if_not_found` form: the look-up that must have found nothing; else null.
        pub look_up: Option<StepKey>,
        /// Of an `if_not_found` form: the steps after whose refusal the registry cannot be asked, so that it comes as well.
        pub after_refusal: Vec<UnaskedData>,
        /// What to fill in.
        pub fields: Vec<AskedData>,
        /// What to hand in.
        pub materials: Vec<AskedData>,
    }

    /// A datum on a form.
    pub struct AskedData {
        /// Which one.
        pub field: FieldPath,
        /// When it is asked; null: whenever the form is part of the case.
        pub when: Option<Condition>,
        /// Whether it must be given then: a test over the answers.
        pub required: Test,
    }

    /// What a registry is asked.
    pub struct FetchedData {
        /// The look-up.
        pub step: StepKey,
        /// What people call the look-up.
        pub title: Text,
        /// The registry.
        pub registry: RegistryKey,
        /// What people call the registry.
        pub registry_title: Text,
        /// Whose registry it is; null: not stated.
        pub department: Option<DepartmentData>,
        /// About whom it is asked.
        pub role: RoleKey,
        /// About whom, as people call them.
        pub subject: Text,
        /// When it is part of a case; null: always.
        pub when: Option<Condition>,
        /// What identifies the subject.
        pub keys: Vec<FieldPath>,
        /// What is looked up.
        pub fields: Vec<FetchedField>,
        /// The form that asks for what is not found.
        pub if_not_found: StepKey,
        /// The legal basis; null: not stated.
        pub basis: Option<String>,
    }

    /// A datum that follows from another one.
    pub struct DerivedData {
        /// Which one.
        pub field: FieldPath,
        /// When it follows and is read as that, so that nobody is asked for it; null: always.
        pub when: Option<Condition>,
        /// What it follows from.
        pub from: FieldPath,
        /// How, by its name in definitions: `date-of-birth`, `sex`, ….
        pub r#as: String,
        /// Which part of it that is, in words.
        pub part: Text,
        /// The standard that says so.
        pub standard: String,
    }

    /// A datum that is looked up.
    pub struct FetchedField {
        /// Which one.
        pub field: FieldPath,
        /// When it is looked up; null: whenever the look-up is part of the case.
        pub when: Option<Condition>,
        /// Whether it must be given if it is not found: a test over the answers.
        pub required: Test,
    }

    /// A result and how it is delivered.
    pub struct ResultData {
        /// The role that carries it.
        pub role: RoleKey,
        /// What people call it.
        pub title: Text,
        /// When it comes out; null: always.
        pub when: Option<Condition>,
        /// The steps that make it: the last of them that is part of the case finishes it.
        pub steps: Vec<StepKey>,
        /// How it can be delivered, the usual way first: `electronic`, `post`, `window`.
        pub by: Vec<String>,
    }
}

words! {
    /// What can be answered to a question.
    pub enum QuestionKind {
        /// True or false.
        YesNo = "yes_no",
        /// A number between `min` and `max`.
        Number = "number",
        /// The key of one of the `options`.
        Choice = "choice",
    }

    /// Where a datum comes from.
    pub enum SourceKind {
        /// An earlier step makes it.
        Step = "step",
        /// It follows from another datum, where `derived` of the whole says so.
        Derived = "derived",
        /// A registry is asked.
        Registry = "registry",
        /// The applicant fills it in.
        Applicant = "applicant",
    }

    /// What kind of step it is.
    pub enum StepWork {
        /// The applicant hands in an application.
        Submission = "submission",
        /// The applicant hands in what a registry did not have.
        Fallback = "fallback",
        /// A registry is asked.
        LookUp = "look_up",
        /// A department's system answers.
        System = "system",
        /// An officer works on it.
        Officer = "officer",
        /// The applicant does something else than handing in.
        Applicant = "applicant",
        /// An outside body works on it.
        Outside = "outside",
    }

    /// What kind of form it is.
    pub enum FormKind {
        /// An application.
        Application = "application",
        /// A step of the applicant's own, under whose key it stands: what they state there, when the case comes to it.
        OwnStep = "own_step",
        /// Asked only if a registry has nothing or cannot be asked, and only where something on it must be given: what everybody can do without is asked of nobody.
        IfNotFound = "if_not_found",
    }
}

impl From<crate::why::GrantView> for GrantData {
    fn from(grant: crate::why::GrantView) -> Self {
        Self {
            purpose_title: grant.purpose_title,
            purpose: grant.purpose,
            basis: grant.basis,
        }
    }
}
