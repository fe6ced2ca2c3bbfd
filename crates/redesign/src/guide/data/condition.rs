//! Conditions over answers as data.

use onething_model::{QuestionKey, Text};
use onething_plan::{Answer, Compare, Cond, Plan};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value, json};

use super::described::{Defs, Described, described, words};
use crate::phrases;

described! {
    /// A condition over the answers: the test for programs, the text for people.
    pub struct Condition {
        /// What must hold.
        pub test: Test,
        /// The same in words.
        pub text: Text,
    }
}

words! {
    /// How an answer is compared with a value.
    pub enum Is {
        /// It is that value.
        Equal = "equal",
        /// It is another one. An answer that was not given is no other one: this too is false then.
        NotEqual = "not_equal",
        /// It is a smaller number.
        Less = "less",
        /// It is that number or a smaller one.
        AtMost = "at_most",
        /// It is a greater number.
        Greater = "greater",
        /// It is that number or a greater one.
        AtLeast = "at_least",
    }
}

/// A test over the answers: a small, closed tree.
///
/// | JSON | holds when |
/// |---|---|
/// | `true`, `false` | always, never |
/// | `{"question": Q, "is": C, "value": V}` | Q is answered, and the answer compares with V as C says |
/// | `{"question": Q, "in": [V, …]}` | Q is answered with one of the values |
/// | `{"not": T}` | T does not hold |
/// | `{"all": [T, …]}` | all hold; of none: true |
/// | `{"any": [T, …]}` | at least one holds; of none: false |
///
/// A question without an answer makes each comparison with it false, `not_equal` too.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Holds always, or never.
    Constant(bool),
    /// Compares an answer with a value.
    Compare(QuestionKey, Is, Answer),
    /// The answer is one of these.
    In(QuestionKey, Vec<Answer>),
    /// Does not hold.
    Not(Box<Test>),
    /// All hold.
    All(Vec<Test>),
    /// At least one holds.
    Any(Vec<Test>),
}

impl Condition {
    /// The condition for programs and people; `None` where it always holds.
    pub(super) fn new(plan: &Plan, cond: &Cond) -> Option<Self> {
        let text = phrases::condition(plan, cond)?;
        Some(Self {
            test: Test::new(plan, cond),
            text,
        })
    }
}

impl Test {
    pub(super) fn new(plan: &Plan, cond: &Cond) -> Self {
        let question = |ix| plan.question(ix).key.clone();
        let each = |conds: &[Cond]| conds.iter().map(|cond| Self::new(plan, cond)).collect();
        match cond {
            Cond::Always => Self::Constant(true),
            Cond::Never => Self::Constant(false),
            Cond::Compare(ix, compare, value) => {
                let is = match compare {
                    Compare::Equal => Is::Equal,
                    Compare::NotEqual => Is::NotEqual,
                    Compare::Less => Is::Less,
                    Compare::AtMost => Is::AtMost,
                    Compare::Greater => Is::Greater,
                    Compare::AtLeast => Is::AtLeast,
                };
                Self::Compare(question(*ix), is, value.clone())
            }
            Cond::In(ix, values) => Self::In(question(*ix), values.clone()),
            Cond::Not(cond) => Self::Not(Box::new(Self::new(plan, cond))),
            Cond::All(conds) => Self::All(each(conds)),
            Cond::Any(conds) => Self::Any(each(conds)),
        }
    }
}

impl Serialize for Test {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if let Self::Constant(holds) = self {
            return to.serialize_bool(*holds);
        }
        let mut map = to.serialize_map(None)?;
        match self {
            Self::Constant(_) => {}
            Self::Compare(question, is, value) => {
                map.serialize_entry("question", question)?;
                map.serialize_entry("is", is)?;
                map.serialize_entry("value", value)?;
            }
            Self::In(question, values) => {
                map.serialize_entry("question", question)?;
                map.serialize_entry("in", values)?;
            }
            Self::Not(test) => map.serialize_entry("not", test)?,
            Self::All(tests) => map.serialize_entry("all", tests)?,
            Self::Any(tests) => map.serialize_entry("any", tests)?,
        }
        map.end()
    }
}

impl Described for Test {
    fn schema(defs: &mut Defs) -> Value {
        defs.named("Test", |defs| {
            let test = json!({ "$ref": "#/$defs/Test" });
            let (is, value) = (Is::schema(defs), Answer::schema(defs));
            let question = json!({ "type": "string", "minLength": 1 });
            let object = |properties: Value| {
                let keys: Vec<String> = properties
                    .as_object()
                    .map(|map| map.keys().cloned().collect())
                    .unwrap_or_default();
                json!({
                    "type": "object",
                    "properties": properties,
                    "required": keys,
                    "additionalProperties": false,
                })
            };
            let list = json!({ "type": "array", "items": test });
            json!({
                "description": "A test over the answers: a small, closed tree. A question without an answer makes each comparison with it false, `not_equal` too.",
                "oneOf": [
                    { "type": "boolean" },
                    object(json!({ "question": question, "is": is, "value": value })),
                    object(json!({ "question": question, "in": { "type": "array", "items": value } })),
                    object(json!({ "not": test })),
                    object(json!({ "all": list })),
                    object(json!({ "any": list })),
                ],
            })
        })
    }
}
