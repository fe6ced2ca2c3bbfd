//! Fields of data contracts: their types, and what a value of each must be.

use std::fmt;

use onething_model::{ContractKey, DepartmentKey, Digest, FieldPath, Text};
use serde_json::Value;

use crate::check;
use crate::index::{RoleIx, StepIx};

/// One datum of a case: a field of the contract that a role is bound to.
#[derive(Debug, Clone)]
pub struct Field {
    /// `role.field`: the durable identity.
    pub path: FieldPath,
    /// The role.
    pub role: RoleIx,
    /// The contract that defines the field.
    pub contract: ContractKey,
    /// What people call it.
    pub title: Text,
    /// What a value must be.
    pub kind: FieldType,
    /// Who may see it.
    pub sensitivity: Sensitivity,
    /// A valid value for trying out, as the contract gives it.
    pub example: Option<Value>,
    /// Who may read it, what for and on which basis.
    pub grants: Vec<Grant>,
    /// Steps that write the field; look-ups are in [`lookups`](Self::lookups).
    pub producers: Vec<StepIx>,
    /// Look-ups that can provide the field.
    pub lookups: Vec<StepIx>,
}

impl Field {
    /// Whether the field is a document: in counts a *material* (材料) rather
    /// than a field.
    #[must_use]
    pub fn is_material(&self) -> bool {
        matches!(self.kind, FieldType::Document { .. })
    }
}

/// Who may see a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sensitivity {
    /// Anyone.
    #[default]
    Public,
    /// Personal data (个人信息): only on a grant, and each read is recorded.
    Personal,
    /// Sensitive personal data (敏感个人信息).
    Sensitive,
}

/// A department's right to read fields of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Who may read.
    pub to: DepartmentKey,
    /// What for.
    pub purpose: String,
    /// The legal basis.
    pub basis: String,
}

/// What a value of a field must be.
#[derive(Debug, Clone)]
pub enum FieldType {
    /// Free text of at most `max_chars` characters.
    Text {
        /// Longest text in characters.
        max_chars: u32,
    },
    /// Text in the form of a pattern, such as an estate number.
    Code {
        /// The whole value must match.
        pattern: Option<Pattern>,
    },
    /// A number, as JSON number.
    Number {
        /// The smallest value.
        min: Option<f64>,
        /// The largest value.
        max: Option<f64>,
        /// Whether only whole numbers are meant.
        whole: bool,
        /// The unit, for people.
        unit: Option<String>,
    },
    /// Yes or no, as JSON boolean.
    YesNo,
    /// A civil date, `2026-01-31`.
    Date,
    /// An amount of money in the smallest unit of its currency, as `CNY 120.00`.
    Money,
    /// One of the options, by key.
    Choice {
        /// Key and title of each option.
        options: Vec<(String, Text)>,
    },
    /// An address in one line.
    Address,
    /// A resident identity number (公民身份号码), 18 characters, GB 11643-1999.
    IdentityNumber,
    /// A unified social credit code (统一社会信用代码), 18 characters, GB 32100-2015.
    CreditCode,
    /// A telephone number: a mainland mobile or a fixed line with area code.
    Phone,
    /// A document: in counts a material.
    Document {
        /// Accepted file types, lowercase, such as `pdf`; empty: any.
        accepts: Vec<String>,
        /// Largest file in bytes.
        max_bytes: u64,
    },
}

/// A regular expression that the whole value must match.
#[derive(Clone)]
pub struct Pattern {
    source: String,
    compiled: regex_lite::Regex,
}

impl Pattern {
    /// Compiles a pattern. Matching takes time linear in the value's length.
    ///
    /// # Errors
    /// The expression is not one, or is too large; the text says why, in
    /// English and lowercase.
    pub fn new(source: &str) -> Result<Self, String> {
        let build = |source: &str| {
            regex_lite::RegexBuilder::new(source)
                .size_limit(1 << 20)
                .build()
                .map_err(|error| error.to_string())
        };
        // By itself first: `a)|(b` would slip out of the group it is put in.
        build(source)?;
        Ok(Self {
            source: source.to_owned(),
            compiled: build(&format!("^(?:{source})$"))?,
        })
    }

    /// The expression as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// Whether the whole of `text` matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.source)
    }
}

/// Longest text value in characters where a contract states no bound.
pub const DEFAULT_MAX_CHARS: u32 = 2_000;
/// Largest document in bytes where a contract states no bound.
pub const DEFAULT_MAX_BYTES: u64 = 20 << 20;

impl FieldType {
    /// Checks a value.
    ///
    /// A document's value is an object with its content's `digest` and its
    /// `name`, `bytes` and `type`.
    ///
    /// # Errors
    /// What was expected, in both languages; the value itself is not quoted,
    /// since it may be personal.
    pub fn check(&self, value: &Value) -> Result<(), Text> {
        match self {
            Self::Text { max_chars } => text(value).and_then(|text| short(text, *max_chars)),
            Self::Address => text(value).and_then(|text| short(text, DEFAULT_MAX_CHARS)),
            Self::Code { pattern } => {
                let text = text(value)?;
                short(text, DEFAULT_MAX_CHARS)?;
                match pattern {
                    Some(pattern) if !pattern.matches(text) => Err(Text::new(
                        format!("不符合编码格式 {}", pattern.as_str()),
                        format!("does not have the form {}", pattern.as_str()),
                    )),
                    Some(_) | None => Ok(()),
                }
            }
            Self::Number {
                min, max, whole, ..
            } => number(value, *min, *max, *whole),
            Self::YesNo => expect(value.is_boolean(), "应为“是”或“否”", "is not yes or no"),
            Self::Date => expect(
                value.as_str().is_some_and(check::is_date),
                "应为日期，例如 2026-01-31",
                "is not a date such as 2026-01-31",
            ),
            Self::Money => expect(
                value.as_str().is_some_and(check::is_money),
                "应为带币种的金额，例如 CNY 120.00",
                "is not an amount with its currency such as CNY 120.00",
            ),
            Self::Choice { options } => {
                let key = text(value)?;
                if options.iter().any(|(option, _)| option == key) {
                    return Ok(());
                }
                let keys: Vec<_> = options.iter().map(|(option, _)| option.as_str()).collect();
                Err(Text::new(
                    format!("应为以下之一：{}", keys.join("、")),
                    format!("is none of {}", keys.join(", ")),
                ))
            }
            Self::IdentityNumber => expect(
                value.as_str().is_some_and(check::is_identity_number),
                "不是有效的公民身份号码（18 位，校验位须正确）",
                "is not a valid identity number (18 characters with a correct check digit)",
            ),
            Self::CreditCode => expect(
                value.as_str().is_some_and(check::is_credit_code),
                "不是有效的统一社会信用代码（18 位，校验位须正确）",
                "is not a valid unified social credit code (18 characters with a correct check character)",
            ),
            Self::Phone => expect(
                value.as_str().is_some_and(check::is_phone),
                "不是有效的电话号码",
                "is not a telephone number",
            ),
            Self::Document { accepts, max_bytes } => document(value, accepts, *max_bytes),
        }
    }
}

fn expect(holds: bool, zh: &str, en: &str) -> Result<(), Text> {
    if holds {
        Ok(())
    } else {
        Err(Text::new(zh, en))
    }
}

fn text(value: &Value) -> Result<&str, Text> {
    match value.as_str().map(str::trim) {
        Some("") => Err(Text::new("不能为空", "is empty")),
        Some(text) => Ok(text),
        None => Err(Text::new("应为文字", "is not a text")),
    }
}

fn short(text: &str, max_chars: u32) -> Result<(), Text> {
    if text.chars().count() <= max_chars as usize {
        return Ok(());
    }
    Err(Text::new(
        format!("超过 {max_chars} 个字符"),
        format!("has more than {max_chars} characters"),
    ))
}

fn number(value: &Value, min: Option<f64>, max: Option<f64>, whole: bool) -> Result<(), Text> {
    let Some(number) = value.as_f64() else {
        return Err(Text::new("应为数字", "is not a number"));
    };
    if whole && number.fract() != 0.0 {
        return Err(Text::new("应为整数", "is not a whole number"));
    }
    if let Some(min) = min.filter(|min| number < *min) {
        return Err(Text::new(
            format!("不得小于 {min}"),
            format!("is less than {min}"),
        ));
    }
    if let Some(max) = max.filter(|max| number > *max) {
        return Err(Text::new(
            format!("不得大于 {max}"),
            format!("is more than {max}"),
        ));
    }
    Ok(())
}

fn document(value: &Value, accepts: &[String], max_bytes: u64) -> Result<(), Text> {
    let digest = value
        .get("digest")
        .and_then(Value::as_str)
        .is_some_and(|digest| digest.parse::<Digest>().is_ok());
    let (Some(bytes), Some(kind), true) = (
        value.get("bytes").and_then(Value::as_u64),
        value.get("type").and_then(Value::as_str),
        digest,
    ) else {
        return Err(Text::new(
            "应为材料：包含 digest、name、bytes、type",
            "is not a document with its digest, name, bytes and type",
        ));
    };
    if bytes > max_bytes {
        return Err(Text::new(
            format!("文件超过 {max_bytes} 字节"),
            format!("is larger than {max_bytes} bytes"),
        ));
    }
    if !accepts.is_empty() && !accepts.iter().any(|accepted| accepted == kind) {
        return Err(Text::new(
            format!("只接受 {} 格式", accepts.join("、")),
            format!("is none of the accepted types {}", accepts.join(", ")),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_for_the_whole_value() {
        let pattern = Pattern::new("[0-9]{2}|x").unwrap();
        for (text, matches) in [("12", true), ("x", true), ("123", false), ("ax", false)] {
            assert_eq!(pattern.matches(text), matches, "{text}");
        }
        let multi = Pattern::new("(?m)^a$").unwrap();
        assert!(!multi.matches("a\nb"), "line by line within, whole outside");
    }

    #[test]
    fn patterns_made_to_break_out_or_to_take_all_memory_are_refused() {
        let deep = "(".repeat(20_000) + &")".repeat(20_000);
        for source in [
            "a)|(b",
            "(",
            "a{1000000000}",
            "((a{1000}){1000}){1000}",
            "(?:){999999999}",
            r"\p{Han}",
            r"(a)\1",
            &deep,
            &"a|".repeat(500_000),
        ] {
            let refused = Pattern::new(source);
            assert!(refused.is_err(), "{}", &source[..source.len().min(40)]);
        }
    }

    #[test]
    fn a_costly_pattern_takes_time_in_proportion_to_the_value() {
        // Backtracking would take 2^30 steps.
        let pattern = Pattern::new("(a*)*b").unwrap();
        assert!(!pattern.matches(&"a".repeat(DEFAULT_MAX_CHARS as usize)));
    }
}
