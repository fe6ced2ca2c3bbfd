//! Valid values for trying a service out: what the scripted departments and
//! the sample application answer where no real one does.

use onething_model::{Digest, Lang};
use serde_json::{Value, json};

use crate::condition::Answers;
use crate::field::{Field, FieldType};
use crate::index::FieldIx;
use crate::plan::Plan;
use crate::scenario::Scenario;

/// A valid value of a field: the contract's example, else one made up from
/// its type. It is the same each time and plainly a sample.
///
/// The identity number is the worked example of GB 11643-1999 and the credit
/// code that of GB 32100-2015; neither is given to anybody.
#[must_use]
pub fn value(field: &Field) -> Value {
    if let Some(example) = &field.example {
        return example.clone();
    }
    match &field.kind {
        FieldType::Text { max_chars } => {
            let text = format!("示例{}", field.title.get(Lang::Zh));
            Value::String(text.chars().take(*max_chars as usize).collect())
        }
        FieldType::Address => "示例市示例区示例路1号".into(),
        FieldType::Code { .. } => format!("SAMPLE-{}", field.path.field).into(),
        FieldType::Number {
            min, max, whole, ..
        } => {
            let number = min.or(*max).unwrap_or(1.0);
            if *whole {
                json!(number as i64)
            } else {
                json!(number)
            }
        }
        FieldType::YesNo => true.into(),
        FieldType::Date => "2026-01-05".into(),
        FieldType::Money => "CNY 0.00".into(),
        FieldType::Choice { options } => options
            .first()
            .map_or(Value::Null, |(key, _)| key.as_str().into()),
        FieldType::IdentityNumber => "11010519491231002X".into(),
        FieldType::CreditCode => "91350100M000100Y43".into(),
        FieldType::Phone => "13900000000".into(),
        FieldType::Document { accepts, .. } => {
            let content = document_content(field);
            let kind = accepts.first().map_or("pdf", String::as_str);
            json!({
                "name": format!("{}.{kind}", field.path.field),
                "type": kind,
                "bytes": content.len(),
                "digest": Digest::of(content.as_bytes()),
            })
        }
    }
}

/// The content of the sample document of a field.
#[must_use]
pub fn document_content(field: &Field) -> String {
    format!("示例材料 / sample document: {}\n", field.path)
}

/// The values a sample applicant hands in with the first application of a
/// plan, optional fields included: the fields of its form.
#[must_use]
pub fn application(plan: &Plan, answers: &Answers) -> Vec<(FieldIx, Value)> {
    let scenario = Scenario::resolve(plan, answers);
    let Some(first) = plan.applications().find(|step| scenario.is_active(*step)) else {
        return Vec::new();
    };
    scenario
        .form(first)
        .iter()
        .map(|asked| (asked.field, value(plan.field(asked.field))))
        .collect()
}
