//! The notice as data: a description of the whole form that a front end can render,
//! and decide by itself what to ask next and what remains, without calling back.
//!
//! [`GuideData`] is the JSON of `guide --format json`; [`schema`] is its JSON Schema,
//! `docs/guide-format.md` explains it. [`FORMAT`] names the format and its version:
//! within a version keys may be added, but none is taken away and none changes its
//! meaning.
//!
//! # How to read it
//!
//! 1. Ask the `questions` in order, each only if its `when` holds for the answers so
//!    far. Drop answers to questions that are no longer asked. Refuse what an
//!    `impossible` test holds for.
//! 2. For the answers, a step, matter, form, look-up or field is part of the case if
//!    its `when` holds; `null` always does. A field on a form must be given if its
//!    `required` holds.
//! 3. What a look-up does not find is asked on the form that it names.
//! 4. What is `derived` is worked out of what it follows from; nobody fills it in.
//!
//! The rest, `notice`, is what it comes to for the answers of the command line.

mod build;
mod classes;
mod condition;
pub(crate) mod described;
mod formula;
mod learn;
mod near;
mod notice;
mod parts;

use onething_model::{Digest, ServiceKey, Text};
use onething_plan::{Answers, Plan};
use serde_json::Value;

pub use self::condition::{Condition, Is, Test};
use self::described::{Defs, described};
pub use self::learn::TooManyAnswers;
pub use self::notice::{
    AnswerData, ExcludedData, NoticeData, NoticeFetched, NoticeFetchedField, NoticeField,
    NoticeForm, OtherData, PathData, TimeData,
};
pub use self::parts::{
    AskedData, DatumData, DepartmentData, DerivedData, FetchedData, FetchedField, FormData,
    FormKind, GrantData, ImpossibleData, LimitData, MatterData, QuestionData, QuestionKind,
    ReaderData, ReasonData, ResultData, SourceData, SourceKind, StepData, StepWork, UnaskedData,
};

/// The name and version of the format.
pub const FORMAT: &str = "onething-guide/1";

described! {
    /// A service as a form: everything that may be asked, of whom and when, and what it comes to for some answers.
    pub struct GuideData {
        /// The name and version of this format: `onething-guide/1`.
        pub format: String,
        /// The service.
        pub service: ServiceKey,
        /// The version of its definition.
        pub version: String,
        /// The digest of its definition: what a case is pinned to.
        pub digest: Digest,
        /// What people call the service.
        pub title: Text,
        /// The department in charge.
        pub owner: DepartmentData,
        /// The scenario questions, in the order in which they are asked.
        pub questions: Vec<QuestionData>,
        /// Answers that nobody can give together.
        pub impossible: Vec<ImpossibleData>,
        /// Every datum that may be asked or looked up, once.
        pub data: Vec<DatumData>,
        /// The matters that may be handled.
        pub matters: Vec<MatterData>,
        /// The steps that may be done, each after those that it needs.
        pub steps: Vec<StepData>,
        /// What may have to be filled in and handed in.
        pub forms: Vec<FormData>,
        /// What may be looked up instead of asked.
        pub fetched: Vec<FetchedData>,
        /// What may follow from something else, and is neither asked nor looked up then.
        pub derived: Vec<DerivedData>,
        /// What may come out.
        pub results: Vec<ResultData>,
        /// What it comes to for these answers.
        pub notice: NoticeData,
    }
}

impl GuideData {
    /// The whole form, with the notice for these answers; those that are missing are
    /// taken from the reference scenario, as in [`Guide::new`](super::Guide::new).
    ///
    /// # Errors
    /// A condition hangs on more classes of answers than are gone through.
    ///
    /// ```
    /// use onething_plan::{Actor, Answers, Cond, builder::PlanBuilder};
    /// use onething_redesign::guide::GuideData;
    /// let mut b = PlanBuilder::new("shop");
    /// let sign = b.yes_no("sign");
    /// let words = b.field("words");
    /// b.step("review", Actor::Officer).when(Cond::yes(sign)).reads(words);
    /// let plan = b.build();
    /// let guide = GuideData::new(&plan, &Answers::none(1)).unwrap();
    /// let json = serde_json::to_value(&guide).unwrap();
    /// let form = &json["forms"][0];
    /// assert_eq!(form["fields"][0]["field"], "applicant.words");
    /// let test = serde_json::json!({ "question": "sign", "is": "equal", "value": true });
    /// assert_eq!(form["when"]["test"], test);
    /// ```
    pub fn new(plan: &Plan, answers: &Answers) -> Result<Self, TooManyAnswers> {
        build::data(plan, answers)
    }
}

/// The JSON Schema (draft 2020-12) of the format.
///
/// ```
/// let schema = onething_redesign::guide::schema();
/// assert_eq!(schema["properties"]["format"]["const"], "onething-guide/1");
/// ```
#[must_use]
pub fn schema() -> Value {
    let mut schema = Defs::document::<GuideData>("The one-time notice of a service as data");
    // The whole is a record of its own, not a reference.
    if let Some(whole) = schema["$defs"]["GuideData"].take().as_object()
        && let Some(root) = schema.as_object_mut()
    {
        root.remove("$ref");
        root.extend(whole.clone());
        root["properties"]["format"]["const"] = FORMAT.into();
    }
    if let Some(defs) = schema["$defs"].as_object_mut() {
        defs.remove("GuideData");
    }
    schema
}
