//! Fields of data contracts: their types, and what a value of each must be.

use std::fmt;

use onething_model::calendar::Date;
use onething_model::{ContractKey, DepartmentKey, Digest, FieldPath, RegistryKey, Text};
use serde_json::Value;

use crate::check;
use crate::derivation::Derived;
use crate::index::{FieldIx, RoleIx, StepIx};

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
    /// Registries that hold the field, as its contract says, asked or not.
    pub holders: Vec<Holder>,
    /// What it follows from, where it is derived. A way of handling that fetches
    /// nothing derives nothing: its forms ask for both.
    pub derived: Option<Derived>,
}

/// A registry that holds a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The registry.
    pub registry: RegistryKey,
    /// What people call it.
    pub title: Text,
    /// Whose registry it is: what people call the department.
    pub department: Text,
    /// Why the definition does not ask it, where it says so.
    pub why_not: Option<Text>,
    /// What it would be asked with, where that is in turn looked up by this very field
    /// (the name is found by the number, and the number by the name): one of the two
    /// is the applicant's to give. Empty where no such circle keeps it from being asked.
    pub circle: Vec<FieldIx>,
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
    /// A telephone number that reaches a person: a mainland mobile or a fixed
    /// line with area code.
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
    /// A value as it is kept: of numbers that people write in several ways, the
    /// one way. An identity number or credit code is in capitals, a telephone
    /// number without the country's code (`+86`) and blanks. Everything else,
    /// what is wrong included, stays as it was given.
    ///
    /// ```
    /// use onething_plan::FieldType;
    /// let kept = FieldType::IdentityNumber.normalised("11010519491231002x ".into());
    /// assert_eq!(kept, "11010519491231002X");
    /// assert_eq!(FieldType::Phone.normalised("+86 139 0000 0000".into()), "13900000000");
    /// ```
    #[must_use]
    pub fn normalised(&self, value: Value) -> Value {
        let Value::String(text) = &value else {
            return value;
        };
        let kept = match self {
            Self::IdentityNumber | Self::CreditCode => text.trim().to_ascii_uppercase(),
            Self::Phone => phone(text),
            Self::Text { .. }
            | Self::Code { .. }
            | Self::Number { .. }
            | Self::YesNo
            | Self::Date
            | Self::Money
            | Self::Choice { .. }
            | Self::Address
            | Self::Document { .. } => return value,
        };
        if kept == *text {
            value
        } else {
            Value::String(kept)
        }
    }

    /// Checks a value. What only a day can tell (a birth in the future) is left
    /// out; [`check_on`](Self::check_on) tells it.
    ///
    /// A document's value is an object with its content's `digest` and its
    /// `name`, `bytes` and `type`. Whether the content is what the type says is
    /// told by [`check::content`], where it is at hand.
    ///
    /// # Errors
    /// What was expected, in both languages; the value itself is not quoted,
    /// since it may be personal.
    pub fn check(&self, value: &Value) -> Result<(), Text> {
        self.check_on(value, None)
    }

    /// Checks a value as it is given on a day.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn check_on(&self, value: &Value, day: Option<Date>) -> Result<(), Text> {
        match self {
            Self::Text { max_chars } => {
                let text = text(value)?;
                check::no_control(text, true)?;
                short(text, *max_chars)
            }
            Self::Address => {
                let text = text(value)?;
                check::no_control(text, false)?;
                short(text, DEFAULT_MAX_CHARS)
            }
            Self::Code { pattern } => {
                let text = text(value)?;
                check::no_control(text, false)?;
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
            Self::IdentityNumber => check::identity_number(value.as_str().unwrap_or_default(), day),
            Self::CreditCode => check::credit_code(value.as_str().unwrap_or_default()),
            Self::Phone => expect(
                value.as_str().is_some_and(check::is_phone),
                "应为大陆手机号，或带区号的固定电话（如 025-00000000）；400、95xxx 等服务热线联系不到本人",
                "is a mainland mobile number or a fixed line with its area code such as 025-00000000; \
                 service numbers (400, 95xxx) do not reach the person",
            ),
            Self::Document { accepts, max_bytes } => document(value, accepts, *max_bytes),
        }
    }
}

/// A telephone number without blanks and without the country's code.
fn phone(text: &str) -> String {
    let mut number: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    for code in ["+86", "0086"] {
        if let Some(rest) = number.strip_prefix(code) {
            number = rest.trim_start_matches('-').to_owned();
            // A fixed line is dialled from abroad without the 0 of its area code.
            if !number.starts_with(['0', '1']) || number.starts_with("10") {
                number.insert(0, '0');
            }
            break;
        }
    }
    if number.starts_with('1') {
        number.retain(|c| c != '-');
    }
    number
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
    if let Some(name) = value.get("name").and_then(Value::as_str) {
        check::no_control(name, false).map_err(|why| {
            Text::new(
                format!("文件名不对：{}", why.zh()),
                format!("has a wrong file name, which {}", why.en()),
            )
        })?;
    }
    if bytes == 0 {
        return Err(Text::new(
            "是空文件（0 字节），请重新上传",
            "is an empty file; attach the document itself",
        ));
    }
    if bytes > max_bytes {
        return Err(Text::new(
            format!("文件超过 {max_bytes} 字节"),
            format!("is larger than {max_bytes} bytes"),
        ));
    }
    if !accepts.is_empty()
        && !accepts
            .iter()
            .any(|accepted| check::same_kind(accepted, kind))
    {
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
    fn numbers_are_kept_in_one_way() {
        for (kind, given, kept) in [
            (
                FieldType::IdentityNumber,
                "11010519491231002x",
                "11010519491231002X",
            ),
            (
                FieldType::CreditCode,
                " 91350100m000100y43",
                "91350100M000100Y43",
            ),
            (FieldType::Phone, "+86 139-0000-0000", "13900000000"),
            (FieldType::Phone, "+8613900000000", "13900000000"),
            (FieldType::Phone, "0086-13900000000", "13900000000"),
            (FieldType::Phone, "+86 25 0000 0000", "02500000000"),
            (FieldType::Phone, "+86 10 0000 0000", "01000000000"),
            (FieldType::Phone, "+86 025-00000000", "025-00000000"),
            (FieldType::Phone, "+1 202 555 0100", "+12025550100"),
            (FieldType::Date, " 2026-01-05", " 2026-01-05"),
        ] {
            assert_eq!(kind.normalised(given.into()), kept, "{given}");
        }
        assert_eq!(FieldType::Phone.normalised(7.into()), 7);
    }

    #[test]
    fn control_characters_are_refused_in_every_kind_of_text() {
        let code = |pattern: Option<&str>| FieldType::Code {
            pattern: pattern.map(|pattern| Pattern::new(pattern).unwrap()),
        };
        let scan = FieldType::Document {
            accepts: Vec::new(),
            max_bytes: 9,
        };
        let named = |name: &str| {
            serde_json::json!({
                "name": name, "type": "pdf", "bytes": 1, "digest": Digest::of(b"x"),
            })
        };
        let evil = "a\u{1b}[2Jb";
        for (kind, value) in [
            (FieldType::Text { max_chars: 99 }, evil.into()),
            (FieldType::Address, evil.into()),
            (FieldType::Address, "a\nb".into()),
            (code(None), "a\u{202E}b".into()),
            (code(Some("(?s).*")), evil.into()),
            (scan.clone(), named("a\u{202E}fdp.exe")),
        ] {
            let why = kind.check(&value).unwrap_err();
            assert!(why.en().contains("at character 2"), "{kind:?}: {why:?}");
        }
        assert!(scan.check(&named("a.pdf")).is_ok());
        let lines = FieldType::Text { max_chars: 99 };
        assert!(lines.check(&"a\nb".into()).is_ok());
    }

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
