//! The rules for single values: numbers, probabilities, money, sizes, versions.
//!
//! Pure functions from text to value. Where a value is wrong, the fault says so
//! in both languages; the reader adds the place. Durations are the business of
//! [`onething_model::Limit`].

use std::fmt;
use std::str::FromStr;

use onething_model::Text;
use onething_model::limit::{LimitError, MAX_DAYS};
use onething_model::name::{MAX_NAME_BYTES, NameError};
use serde::{Deserialize, Serialize};

use crate::diagnostic::both;

/// Whether a text without quotes would be taken for a number, a yes/no or nothing
/// by some reader of YAML, version 1.1 or 1.2.
///
/// Where a text is expected, such a value needs quotes: `1.10` would become 1.1,
/// `012` ten or twelve, `no` false.
#[must_use]
pub fn is_ambiguous(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if matches!(
        &*lower,
        "" | "~" | "null" | "true" | "false" | "yes" | "no" | "on" | "off"
    ) {
        return true;
    }
    let unsigned = lower.trim_start_matches(['+', '-']);
    if matches!(unsigned, ".inf" | ".nan") {
        return true;
    }
    let radix = |prefix: &str, digits: &str| {
        unsigned
            .strip_prefix(prefix)
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| digits.contains(c)))
    };
    if radix("0x", "0123456789abcdef_") || radix("0o", "01234567_") || radix("0b", "01_") {
        return true;
    }
    // Decimal and sexagesimal numbers (`12:30` is 750 in YAML 1.1), with an exponent or without.
    let mut parts = unsigned.splitn(2, 'e');
    let mantissa = parts.next().unwrap_or("");
    let exponent = parts.next();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    mantissa.bytes().any(|b| b.is_ascii_digit())
        && mantissa
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'_' | b'.' | b':'))
        && mantissa.bytes().filter(|b| *b == b'.').count() <= 1
        && !mantissa.ends_with(':')
        && !mantissa.starts_with(':')
        && exponent.is_none_or(|text| digits(text.trim_start_matches(['+', '-'])))
}

/// A whole number.
///
/// # Errors
///
/// What is wrong with the text, in both languages.
pub fn integer(text: &str) -> Result<i64, Text> {
    decimal_shape(text)?;
    if text.contains('.') {
        return Err(both!(
            "此处应当是整数，`{text}` 有小数",
            "a whole number was expected, `{text}` has decimals",
        ));
    }
    text.parse().map_err(|_| {
        both!(
            "数字 `{text}` 超出范围",
            "the number `{text}` is out of range",
        )
    })
}

/// What people answer with yes or no: `yes`, `true` or 是, `no`, `false` or 否.
#[must_use]
pub fn yes_no(text: &str) -> Option<bool> {
    match text {
        "yes" | "true" | "是" => Some(true),
        "no" | "false" | "否" => Some(false),
        _ => None,
    }
}

/// A number with or without decimals, read as the nearest binary number.
///
/// # Errors
///
/// What is wrong with the text, in both languages.
pub fn number(text: &str) -> Result<f64, Text> {
    decimal_shape(text)?;
    // More digits than a binary number can tell apart would be rounded in silence.
    if text.bytes().filter(u8::is_ascii_digit).count() > 15 {
        return Err(both!(
            "数字 `{text}` 超过 15 位",
            "the number `{text}` has more than 15 digits",
        ));
    }
    text.parse()
        .map_err(|_| both!("`{text}` 不是数字", "`{text}` is not a number"))
}

/// Accepts `12`, `-0.5`; refuses `012`, `1e3`, `0x10`, `1_000`, `.5`, `5.`.
fn decimal_shape(text: &str) -> Result<(), Text> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (unsigned, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !fraction.is_none_or(digits) {
        let shown = shorten(text);
        return Err(both!(
            "`{shown}` 不是数字：只能有数字和小数点",
            "`{shown}` is not a number of digits and a point only",
        ));
    }
    if whole.len() > 1 && whole.starts_with('0') {
        let shown = shorten(text);
        return Err(both!(
            "数字 `{shown}` 不能以 0 开头",
            "the number `{shown}` must not begin with 0",
        ));
    }
    Ok(())
}

/// A probability: a number with `%`, from `0%` to `100%`; the result is 0 to 1.
///
/// # Errors
///
/// What is wrong with the text, in both languages.
pub fn probability(text: &str) -> Result<f64, Text> {
    let shown = shorten(text);
    let Some(percent) = text.strip_suffix('%').map(str::trim_end) else {
        return Err(both!(
            "`{shown}` 缺少百分号",
            "`{shown}` has no percent sign",
        ));
    };
    decimal_shape(percent)?;
    // Moving the decimal point in the text keeps 60 % the number nearest to 0.6.
    let value: f64 = format!("{percent}e-2")
        .parse()
        .map_err(|_| both!("`{shown}` 不是百分数", "`{shown}` is not a percentage",))?;
    if !(0.0..=1.0).contains(&value) {
        return Err(both!(
            "`{shown}` 不在 0% 到 100% 之间",
            "`{shown}` is not between 0% and 100%",
        ));
    }
    Ok(value)
}

/// An amount of money, as a whole number of the currency's smallest unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Money {
    currency: [u8; 3],
    minor_units: i64,
}

impl Money {
    /// The currency's code of three letters (ISO 4217).
    #[must_use]
    pub fn currency(&self) -> &str {
        std::str::from_utf8(&self.currency).unwrap_or("???")
    }

    /// The amount in the smallest unit: fen for CNY.
    #[must_use]
    pub fn minor_units(&self) -> i64 {
        self.minor_units
    }

    /// Digits after the point, from the table of ISO 4217 for currencies that do not have two.
    fn digits(currency: [u8; 3]) -> usize {
        match &currency {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG"
            | b"RWF" | b"UGX" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

impl FromStr for Money {
    type Err = Text;
    fn from_str(text: &str) -> Result<Self, Text> {
        let shown = shorten(text);
        let shape = || {
            both!(
                "`{shown}` 不是金额：先写币种再写数额",
                "`{shown}` is not an amount of money: the currency comes first, then the amount",
            )
        };
        let (code, amount) = text.split_once(' ').ok_or_else(shape)?;
        let currency: [u8; 3] = code.as_bytes().try_into().map_err(|_| shape())?;
        if !currency.iter().all(u8::is_ascii_uppercase) {
            return Err(shape());
        }
        let amount = amount.trim();
        decimal_shape(amount).map_err(|_| shape())?;
        if amount.starts_with('-') {
            return Err(both!("金额不能为负数", "an amount is not negative"));
        }
        let digits = Self::digits(currency);
        let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
        if fraction.len() > digits {
            return Err(both!(
                "{code} 最多有 {digits} 位小数",
                "an amount in {code} has at most {digits} digits after the point",
            ));
        }
        let minor_units = format!("{whole}{fraction:0<digits$}")
            .parse()
            .map_err(|_| {
                both!(
                    "金额 `{shown}` 超出范围",
                    "the amount `{shown}` is out of range",
                )
            })?;
        Ok(Self {
            currency,
            minor_units,
        })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = Self::digits(self.currency);
        let unit = 10_i64.pow(digits as u32);
        write!(f, "{} {}", self.currency(), self.minor_units / unit)?;
        if digits > 0 {
            write!(f, ".{:0digits$}", self.minor_units % unit)?;
        }
        Ok(())
    }
}

impl TryFrom<String> for Money {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map_err(|fault: Text| fault.en().to_owned())
    }
}

impl From<Money> for String {
    fn from(money: Money) -> String {
        money.to_string()
    }
}

/// A size in bytes: `20MiB`, `500kB`, `100B`.
///
/// # Errors
///
/// What is wrong with the text, in both languages.
pub fn byte_size(text: &str) -> Result<u64, Text> {
    let shown = shorten(text);
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let factor: u64 = match unit.trim() {
        "B" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => {
            return Err(both!(
                "`{shown}` 没有可用的单位：`B`、`KiB`、`MiB`、`GiB`、`kB`、`MB`、`GB`",
                "`{shown}` has none of the units `B`, `KiB`, `MiB`, `GiB`, `kB`, `MB`, `GB`",
            ));
        }
    };
    digits
        .parse::<u64>()
        .ok()
        .and_then(|count| count.checked_mul(factor))
        .ok_or_else(|| {
            both!(
                "大小 `{shown}` 不对：数字必须是整数，且不能太大",
                "`{shown}` is not a valid size: the number is whole, and not beyond reason",
            )
        })
}

/// A size as definitions write it, in the largest unit that keeps it whole: `20MiB`, `5MB`.
#[must_use]
pub fn size_in_words(bytes: u64) -> String {
    const UNITS: [(u64, &str); 6] = [
        (1 << 30, "GiB"),
        (1 << 20, "MiB"),
        (1_000_000_000, "GB"),
        (1_000_000, "MB"),
        (1 << 10, "KiB"),
        (1_000, "kB"),
    ];
    let mut units = UNITS.iter();
    let whole = units.find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit));
    whole.map_or_else(
        || format!("{bytes}B"),
        |(unit, name)| format!("{}{name}", bytes / unit),
    )
}

/// A version of a definition or contract: three whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    /// Rises when what was valid before no longer is.
    pub major: u32,
    /// Rises when something is added.
    pub minor: u32,
    /// Rises when something is corrected.
    pub patch: u32,
}

impl FromStr for Version {
    type Err = Text;
    fn from_str(text: &str) -> Result<Self, Text> {
        let part = |text: &str| {
            let plain = text == "0" || !text.starts_with('0');
            (plain && text.bytes().all(|b| b.is_ascii_digit()))
                .then(|| text.parse().ok())
                .flatten()
        };
        let parts: Vec<Option<u32>> = text.split('.').map(part).collect();
        match parts[..] {
            [Some(major), Some(minor), Some(patch)] => Ok(Self {
                major,
                minor,
                patch,
            }),
            _ => {
                let shown = shorten(text);
                Err(both!(
                    "`{shown}` 不是版本号：版本号由三个整数组成",
                    "`{shown}` is not a version: a version is three whole numbers",
                ))
            }
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl TryFrom<String> for Version {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map_err(|fault: Text| fault.en().to_owned())
    }
}

impl From<Version> for String {
    fn from(version: Version) -> String {
        version.to_string()
    }
}

/// What is wrong with a duration, in both languages.
#[must_use]
pub fn duration_fault(text: &str, fault: &LimitError) -> Text {
    let shown = shorten(text);
    match fault {
        LimitError::NoNumber => both!(
            "`{shown}` 不是时长：要先写数字，再写单位",
            "`{shown}` is not a duration: the number comes first, then its unit",
        ),
        LimitError::Negative => both!(
            "时长 `{shown}` 不能为负数",
            "the duration `{shown}` is negative",
        ),
        LimitError::TooFine => both!(
            "时长 `{shown}` 最多有三位小数",
            "the duration `{shown}` has more than three digits after the point",
        ),
        LimitError::NoUnit => both!(
            "时长 `{shown}` 没有单位",
            "the duration `{shown}` does not name its unit",
        ),
        LimitError::UnknownUnit(unit) => {
            let unit = shorten(unit);
            both!(
                "时长 `{shown}` 的单位 `{unit}` 无法识别",
                "`{unit}` in the duration `{shown}` is not a unit",
            )
        }
        LimitError::TooLong => both!(
            "时长 `{shown}` 超过 {MAX_DAYS} 天",
            "the duration `{shown}` is longer than {MAX_DAYS} days",
        ),
    }
}

/// What is wrong with a name, in both languages.
#[must_use]
pub fn name_fault(text: &str, fault: &NameError) -> Text {
    let shown = shorten(text);
    match fault {
        NameError::Empty => both!("名称不能为空", "a name must not be empty"),
        NameError::TooLong(length) => both!(
            "名称 `{shown}` 有 {length} 个字符，最多 {MAX_NAME_BYTES} 个",
            "the name `{shown}` has {length} characters; {MAX_NAME_BYTES} are allowed",
        ),
        NameError::Start(c) => both!(
            "名称 `{shown}` 必须以小写英文字母 a-z 开头，不能以 `{c}` 开头",
            "the name `{shown}` must begin with a lowercase letter a-z, not with `{c}`",
        ),
        NameError::Character(c) => both!(
            "名称 `{shown}` 只能有 a-z、0-9、`-` 和 `_`，不能有 `{c}`",
            "the name `{shown}` may hold a-z, 0-9, `-` and `_` only, not `{c}`",
        ),
        NameError::NoDot(_) => both!(
            "字段要写成 `角色.字段`，`{shown}` 没有点号",
            "a field is written `role.field`; `{shown}` has no dot",
        ),
    }
}

/// A text short enough to be quoted in a message.
#[must_use]
pub fn shorten(text: &str) -> String {
    const MOST: usize = 48;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_yaml_would_guess_needs_quotes() {
        for text in [
            "012", "1.10", "1", "-3", "1e3", "0x1F", "0o17", "1_000", "12:30", "yes", "No", "on",
            "OFF", "null", "~", "", "true", ".5", "5.", ".inf", "-.INF", "1.5e-3",
        ] {
            assert!(is_ambiguous(text), "{text:?}");
        }
        for text in [
            "1.0.0",
            "20wd",
            "60%",
            "第21条",
            "abc",
            "1e",
            "0x",
            ".",
            "-",
            "e3",
            "2025-01-01",
            "yesterday",
            "v1",
            "1.2.3.4",
            "0xyz",
            "12:",
            "CNY 1.00",
            "e",
            "+",
            "_",
        ] {
            assert!(!is_ambiguous(text), "{text:?}");
        }
    }

    #[test]
    fn numbers() {
        assert_eq!(integer("40"), Ok(40));
        assert_eq!(integer("-3"), Ok(-3));
        assert_eq!(number("0.25"), Ok(0.25));
        for text in [
            "012",
            "1e3",
            "0x10",
            "1_000",
            ".5",
            "5.",
            "",
            "-",
            "１２",
            "99999999999999999999",
        ] {
            assert!(integer(text).is_err(), "{text:?}");
            assert!(number(text).is_err(), "{text:?}");
        }
        assert!(integer("1.5").is_err());
    }

    #[test]
    fn probabilities_are_the_nearest_number() {
        assert_eq!(probability("60%"), Ok(0.6));
        assert_eq!(probability("4%"), Ok(0.04));
        assert_eq!(probability("0.1%"), Ok(0.001));
        assert_eq!(probability("100 %"), Ok(1.0));
        for text in ["60", "0.6", "101%", "-1%", "%", "x%", "1e1%"] {
            assert!(probability(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn money_is_a_whole_number_of_the_smallest_unit() {
        for (text, units, shown) in [
            ("CNY 120.00", 12_000, "CNY 120.00"),
            ("CNY 0.5", 50, "CNY 0.50"),
            ("JPY 300", 300, "JPY 300"),
            ("KWD 1.234", 1_234, "KWD 1.234"),
        ] {
            let money: Money = text.parse().unwrap();
            assert_eq!(money.minor_units(), units);
            assert_eq!(money.to_string(), shown);
        }
        for text in [
            "120",
            "120 CNY",
            "CNY",
            "CNY 1.234",
            "JPY 1.0",
            "cny 1",
            "CNY -1",
            "CNY x",
            "CNY 99999999999999999999",
            "元元 1",
        ] {
            assert!(text.parse::<Money>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn sizes_are_written_as_they_are_read() {
        for text in [
            "20MiB", "5MB", "500kB", "3GiB", "10GB", "1KiB", "1023B", "0B",
        ] {
            assert_eq!(byte_size(text).map(size_in_words), Ok(text.to_owned()));
        }
    }

    #[test]
    fn sizes_name_their_unit() {
        assert_eq!(byte_size("20MiB"), Ok(20 << 20));
        assert_eq!(byte_size("500 kB"), Ok(500_000));
        for text in ["20", "20M", "MiB", "1.5MiB", "-1B", "99999999999GiB"] {
            assert!(byte_size(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn versions_are_three_numbers() {
        let version: Version = "1.10.0".parse().unwrap();
        assert!(version > "1.9.7".parse().unwrap());
        assert_eq!(version.to_string(), "1.10.0");
        for text in [
            "1.10", "1", "", "1.0.0.0", "v1.0.0", "1.0.x", "1.01.0", "1.-1.0", "+1.0.0",
        ] {
            assert!(text.parse::<Version>().is_err(), "{text:?}");
        }
    }
}
