//! Takes what is personal out of what a failing system says.

use onething_engine::Case;
use onething_plan::StepIx;
use serde_json::Value;

/// What stands in place of a personal value.
const VEILED: &str = "▇▇";

/// The text without the personal values that the step was shown: systems like to
/// quote their input in their errors, and errors are read by people without a grant.
///
/// Words of a single character and numbers of less than four digits are left
/// where they are: taking them out would take everything out.
pub(crate) fn veiled(case: &Case, step: StepIx, text: &str) -> String {
    let personal: Vec<_> = case.personal_reads(step).collect();
    let mut words: Vec<String> = Vec::new();
    for (field, value) in case.input(step) {
        if personal.contains(&field) {
            collect(value, &mut words);
        }
    }
    // A value that holds another goes first.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut veiled = text.to_owned();
    for word in words {
        veiled = veiled.replace(&word, VEILED);
    }
    veiled
}

fn collect(value: &Value, words: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            let text = text.trim();
            if text.chars().count() >= 2 {
                words.push(text.to_owned());
            }
        }
        Value::Number(number) => {
            let text = number.to_string();
            if text.len() >= 4 {
                words.push(text);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, words)),
        // Of a document its name and digest say whose it is; its type does not.
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| matches!(key.as_str(), "name" | "digest"))
            .for_each(|(_, item)| collect(item, words)),
        Value::Null | Value::Bool(_) => {}
    }
}
