//! A field of a form, as a front end can render it and a person can fill it in.

use onething_model::{FieldPath, Lang, Text};
use onething_plan::scenario::Source;
use onething_plan::{FieldType, FormField, Plan, Scenario, Sensitivity};

use super::data::described::{described, words};
use crate::why::{Reader, Why};

/// A field or material that is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldGuide {
    /// `role.field`: the key of its value in an application.
    pub field: FieldPath,
    /// Whose, as people call them.
    pub subject: Text,
    /// What people call it.
    pub title: Text,
    /// What kind of value it is.
    pub kind: FieldKind,
    /// What a value must be, in words.
    pub expected: Text,
    /// Whether it must be given.
    pub required: bool,
    /// Who reads it and on which basis.
    pub readers: Vec<Reader>,
    /// Why nobody else can provide it.
    pub why_asked: Vec<Text>,
}

words! {
    /// What kind of value a datum is.
    pub enum FieldKind {
        /// Text of at most `max_chars` characters.
        Text = "text",
        /// Text in the form of `pattern`.
        Code = "code",
        /// A number, as a JSON number.
        Number = "number",
        /// Yes or no, as true or false.
        YesNo = "yes_no",
        /// A date, such as `2026-01-31`.
        Date = "date",
        /// An amount of money, such as `CNY 120.00`.
        Money = "money",
        /// The key of one of the `options`.
        Choice = "choice",
        /// An address in one line.
        Address = "address",
        /// A resident identity number, with the check digit of GB 11643-1999.
        IdentityNumber = "identity_number",
        /// A unified social credit code, with the check character of GB 32100-2015.
        CreditCode = "credit_code",
        /// A telephone number that reaches a person.
        Phone = "phone",
        /// A document: a material to hand in.
        Document = "document",
    }

    /// Who may see a datum.
    pub enum SensitivityWord {
        /// Anyone.
        Public = "public",
        /// Personal data: on a legal basis only, and each reading is recorded.
        Personal = "personal",
        /// Sensitive personal data.
        Sensitive = "sensitive",
    }
}

described! { omitting
    /// What a value must be. What does not apply is left out.
    pub struct Constraints {
        /// Longest text in characters.
        pub max_chars: u32,
        /// A regular expression that the whole value must match. Where a standard is named beside it, it is the form alone.
        pub pattern: String,
        /// The standard by whose check digit a value is checked too.
        pub standard: String,
        /// The smallest number.
        pub min: f64,
        /// The largest number.
        pub max: f64,
        /// Whether only whole numbers are meant.
        pub whole: bool,
        /// The unit of a number, as people write it.
        pub unit: Text,
        /// What can be chosen.
        pub options: Vec<OptionGuide>,
        /// Accepted file types, such as `pdf`; left out: any.
        pub accepts: Vec<String>,
        /// Largest file in bytes.
        pub max_bytes: u64,
    }
}

described! {
    /// An option of a choice.
    pub struct OptionGuide {
        /// The value.
        pub key: String,
        /// What people call it.
        pub title: Text,
    }
}

impl FieldGuide {
    pub(super) fn new(plan: &Plan, scenario: &Scenario, asked: &FormField) -> Self {
        let item = plan.field(asked.field);
        let why = Why::new(plan, scenario, asked.field);
        // Who comes after a step that amends it reads what that step makes of it.
        let made_before = scenario.steps().iter().filter(|step| {
            let origin = scenario.outline().origin(**step, asked.field);
            matches!(origin, Some((_, Source::Step(from))) if !plan.is_stated_in(from))
        });
        let made_before: Vec<_> = made_before.map(|step| &plan.step(*step).key).collect();
        let mut readers = why.readers;
        readers.retain(|reader| !made_before.contains(&&reader.step));
        Self {
            field: item.path.clone(),
            subject: why.subject,
            title: why.title,
            kind: kind(&item.kind),
            expected: expected(&item.kind),
            required: !asked.optional,
            readers,
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

pub(super) fn kind(kind: &FieldType) -> FieldKind {
    match kind {
        FieldType::Text { .. } => FieldKind::Text,
        FieldType::Code { .. } => FieldKind::Code,
        FieldType::Number { .. } => FieldKind::Number,
        FieldType::YesNo => FieldKind::YesNo,
        FieldType::Date => FieldKind::Date,
        FieldType::Money => FieldKind::Money,
        FieldType::Choice { .. } => FieldKind::Choice,
        FieldType::Address => FieldKind::Address,
        FieldType::IdentityNumber => FieldKind::IdentityNumber,
        FieldType::CreditCode => FieldKind::CreditCode,
        FieldType::Phone => FieldKind::Phone,
        FieldType::Document { .. } => FieldKind::Document,
    }
}

pub(super) fn sensitivity(sensitivity: Sensitivity) -> SensitivityWord {
    match sensitivity {
        Sensitivity::Public => SensitivityWord::Public,
        Sensitivity::Personal => SensitivityWord::Personal,
        Sensitivity::Sensitive => SensitivityWord::Sensitive,
    }
}

pub(super) fn constraints(kind: &FieldType) -> Constraints {
    let none = Constraints::default();
    let form = |pattern: &str| Constraints {
        pattern: Some(pattern.to_owned()),
        ..Constraints::default()
    };
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
            unit: unit.as_deref().map(crate::words::unit),
            ..none
        },
        FieldType::Choice { options } => Constraints {
            options: Some(
                options
                    .iter()
                    .map(|(key, title)| OptionGuide {
                        key: key.clone(),
                        title: title.clone(),
                    })
                    .collect(),
            ),
            ..none
        },
        FieldType::Document { accepts, max_bytes } => Constraints {
            accepts: (!accepts.is_empty()).then(|| accepts.clone()),
            max_bytes: Some(*max_bytes),
            ..none
        },
        FieldType::Date => form("[0-9]{4}-[0-9]{2}-[0-9]{2}"),
        FieldType::Money => form(r"[A-Z]{3} [0-9]{1,15}[.][0-9]{2}"),
        FieldType::IdentityNumber => Constraints {
            standard: Some("GB 11643-1999".to_owned()),
            ..form("[0-9]{17}[0-9X]")
        },
        FieldType::CreditCode => Constraints {
            standard: Some("GB 32100-2015".to_owned()),
            ..form("[0-9A-HJ-NPQRTUWXY]{18}")
        },
        FieldType::Phone => form("1[3-9][0-9]{9}|0[1-9][0-9-]{8,12}"),
        FieldType::YesNo | FieldType::Address => none,
    }
}

pub(super) fn expected(kind: &FieldType) -> Text {
    match kind {
        FieldType::Text { max_chars } => Text::new(
            format!("文字，不超过 {max_chars} 字"),
            format!("text of at most {max_chars} characters"),
        ),
        FieldType::Code { pattern: None } => Text::new("编号", "a code"),
        FieldType::Code {
            pattern: Some(pattern),
        } => match crate::words::form(pattern.as_str()) {
            Some(form) => Text::new(
                format!("编号，{}", form.zh()),
                format!("a code of {}", form.en()),
            ),
            None => Text::new(
                format!("编号，格式 {}", pattern.as_str()),
                format!("a code of the form {}", pattern.as_str()),
            ),
        },
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
            let titles = options
                .iter()
                .map(|(key, title)| crate::words::keyed(title, key));
            let titles: Vec<Text> = titles.collect();
            let titles = crate::words::list(&titles);
            Text::new(
                format!("选择（括号内为申请文件中的写法）：{}", titles.zh()),
                format!(
                    "one of (in brackets as an application file has it): {}",
                    titles.en()
                ),
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
    if let Some(unit) = unit.map(crate::words::unit) {
        zh += &format!("，单位：{}", unit.zh());
        en += &format!(", in {}", unit.en());
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
