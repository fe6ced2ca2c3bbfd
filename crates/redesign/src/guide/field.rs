//! A field of a form, as a front end can render it and a person can fill it in.

use onething_model::{FieldPath, Lang, RoleKey, Text};
use onething_plan::{FieldIx, FieldType, FormField, Plan, Scenario};
use serde::Serialize;
use serde_json::Value;

use crate::why::{Reader, Why};

/// A field or material that is asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldGuide {
    /// `role.field`: the key of its value in an application.
    pub field: FieldPath,
    /// Whose datum it is.
    pub role: RoleKey,
    /// Whose, as people call them.
    pub subject: Text,
    /// What people call it.
    pub title: Text,
    /// `text`, `code`, `number`, `yes_no`, `date`, `money`, `choice`,
    /// `address`, `identity_number`, `credit_code`, `phone` or `document`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What a value must be, for programs.
    pub constraints: Constraints,
    /// What a value must be, in words.
    pub expected: Text,
    /// Whether it must be given.
    pub required: bool,
    /// `public`, `personal` or `sensitive`.
    pub sensitivity: &'static str,
    /// A valid value for trying out, if the contract gives one.
    pub example: Option<Value>,
    /// Who reads it and on which basis.
    pub readers: Vec<Reader>,
    /// Why nobody else can provide it.
    pub why_asked: Vec<Text>,
}

/// What a value must be. What does not apply is left out; lengths are in
/// characters, sizes in bytes, `pattern` is a regular expression for the whole
/// value.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Constraints {
    /// Longest text in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_chars: Option<u32>,
    /// The form of a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The smallest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The largest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Whether only whole numbers are meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whole: Option<bool>,
    /// The unit of a number, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What can be chosen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<OptionGuide>,
    /// Accepted file types; left out: any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accepts: Vec<String>,
    /// Largest file in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
}

/// An option of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OptionGuide {
    /// The value.
    pub key: String,
    /// What people call it.
    pub title: Text,
}

impl FieldGuide {
    pub(super) fn new(plan: &Plan, scenario: &Scenario, asked: &FormField) -> Self {
        let item = plan.field(asked.field);
        let why = Why::new(plan, scenario, asked.field);
        Self {
            field: item.path.clone(),
            role: plan.role(item.role).key.clone(),
            subject: why.subject,
            title: why.title,
            kind: kind(&item.kind),
            constraints: constraints(&item.kind),
            expected: expected(&item.kind),
            required: !asked.optional,
            sensitivity: why.sensitivity,
            example: item.example.clone(),
            readers: why.readers,
            why_asked: why.why_asked,
        }
    }

    /// Subject and title in one language.
    pub(super) fn named(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => format!("{}·{}", self.subject.zh(), self.title.zh()),
            Lang::En => format!("{}: {}", self.subject.en(), self.title.en()),
        }
    }
}

/// The title of a field with its subject, for lists of changes.
pub(super) fn titled(plan: &Plan, field: FieldIx) -> Text {
    crate::words::field(plan, field)
}

fn kind(kind: &FieldType) -> &'static str {
    match kind {
        FieldType::Text { .. } => "text",
        FieldType::Code { .. } => "code",
        FieldType::Number { .. } => "number",
        FieldType::YesNo => "yes_no",
        FieldType::Date => "date",
        FieldType::Money => "money",
        FieldType::Choice { .. } => "choice",
        FieldType::Address => "address",
        FieldType::IdentityNumber => "identity_number",
        FieldType::CreditCode => "credit_code",
        FieldType::Phone => "phone",
        FieldType::Document { .. } => "document",
    }
}

fn constraints(kind: &FieldType) -> Constraints {
    let none = Constraints::default();
    match kind {
        FieldType::Text { max_chars } => Constraints {
            max_chars: Some(*max_chars),
            ..none
        },
        FieldType::Code { pattern } => Constraints {
            pattern: pattern.as_ref().map(|pattern| pattern.as_str().to_owned()),
            ..none
        },
        FieldType::Number {
            min,
            max,
            whole,
            unit,
        } => Constraints {
            min: *min,
            max: *max,
            whole: Some(*whole),
            unit: unit.clone(),
            ..none
        },
        FieldType::Choice { options } => Constraints {
            options: options
                .iter()
                .map(|(key, title)| OptionGuide {
                    key: key.clone(),
                    title: title.clone(),
                })
                .collect(),
            ..none
        },
        FieldType::Document { accepts, max_bytes } => Constraints {
            accepts: accepts.clone(),
            max_bytes: Some(*max_bytes),
            ..none
        },
        FieldType::YesNo
        | FieldType::Date
        | FieldType::Money
        | FieldType::Address
        | FieldType::IdentityNumber
        | FieldType::CreditCode
        | FieldType::Phone => none,
    }
}

fn expected(kind: &FieldType) -> Text {
    match kind {
        FieldType::Text { max_chars } => Text::new(
            format!("文字，不超过 {max_chars} 字"),
            format!("text of at most {max_chars} characters"),
        ),
        FieldType::Code { pattern: None } => Text::new("编号", "a code"),
        FieldType::Code {
            pattern: Some(pattern),
        } => Text::new(
            format!("编号，格式 {}", pattern.as_str()),
            format!("a code of the form {}", pattern.as_str()),
        ),
        FieldType::Number {
            min,
            max,
            whole,
            unit,
        } => number(*min, *max, *whole, unit.as_deref()),
        FieldType::YesNo => Text::new("是或否", "yes or no"),
        FieldType::Date => Text::new("日期，如 2026-01-31", "a date such as 2026-01-31"),
        FieldType::Money => Text::new("金额，如 CNY 120.00", "an amount such as CNY 120.00"),
        FieldType::Choice { options } => {
            let titles: Vec<&Text> = options.iter().map(|(_, title)| title).collect();
            let titles = crate::words::list(titles.iter().copied());
            Text::new(
                format!("选择：{}", titles.zh()),
                format!("one of: {}", titles.en()),
            )
        }
        FieldType::Address => Text::new("地址", "an address"),
        FieldType::IdentityNumber => Text::new("18 位公民身份号码", "an 18-digit identity number"),
        FieldType::CreditCode => Text::new(
            "18 位统一社会信用代码",
            "an 18-character unified social credit code",
        ),
        FieldType::Phone => Text::new("手机或固定电话号码", "a telephone number"),
        FieldType::Document { accepts, max_bytes } => {
            let size = size(*max_bytes);
            if accepts.is_empty() {
                return Text::new(
                    format!("材料，不超过 {size}"),
                    format!("a document of at most {size}"),
                );
            }
            Text::new(
                format!("材料（{}），不超过 {size}", accepts.join("、")),
                format!("a document ({}) of at most {size}", accepts.join(", ")),
            )
        }
    }
}

fn number(min: Option<f64>, max: Option<f64>, whole: bool, unit: Option<&str>) -> Text {
    let mut zh = String::from(if whole { "整数" } else { "数字" });
    let mut en = String::from(if whole { "a whole number" } else { "a number" });
    match (min, max) {
        (Some(min), Some(max)) => {
            zh += &format!("，{min} 到 {max}");
            en += &format!(" from {min} to {max}");
        }
        (Some(min), None) => {
            zh += &format!("，不小于 {min}");
            en += &format!(" of at least {min}");
        }
        (None, Some(max)) => {
            zh += &format!("，不大于 {max}");
            en += &format!(" of at most {max}");
        }
        (None, None) => {}
    }
    if let Some(unit) = unit {
        zh += &format!("（{unit}）");
        en += &format!(" ({unit})");
    }
    Text::new(zh, en)
}

/// Bytes in the largest unit that keeps them whole.
fn size(bytes: u64) -> String {
    let units = [(1_u64 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let whole = units
        .into_iter()
        .find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit));
    match whole {
        Some((unit, name)) => format!("{} {name}", bytes / unit),
        None => format!("{bytes} B"),
    }
}
