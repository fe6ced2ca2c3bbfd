//! Check digits and forms of the numbers that Chinese administrations use, and
//! characters that deceive.

mod document;
mod number;
mod text;

pub(crate) use document::signature;
pub use document::{HEAD_BYTES, content, same_kind};
pub use number::{credit_code, identity_number};
pub use text::{is_control, no_control};

/// Whether the text is a civil date `YYYY-MM-DD` that exists.
#[must_use]
pub fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return false;
    }
    digits(&bytes[..4])
        .zip(digits(&bytes[5..7]))
        .zip(digits(&bytes[8..]))
        .is_some_and(|((year, month), day)| exists(year, month, day))
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0, |sum, byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + u32::from(byte - b'0'))
    })
}

fn exists(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    year > 0 && (1..=days).contains(&day)
}

/// Whether the text is an amount such as `CNY 120.00`: a currency of three
/// capitals, a space, digits and two decimals.
#[must_use]
pub fn is_money(text: &str) -> bool {
    let Some((currency, amount)) = text.split_once(' ') else {
        return false;
    };
    let Some((whole, cents)) = amount.split_once('.') else {
        return false;
    };
    currency.len() == 3
        && currency.bytes().all(|byte| byte.is_ascii_uppercase())
        && (1..=15).contains(&whole.len())
        && whole.bytes().all(|byte| byte.is_ascii_digit())
        && cents.len() == 2
        && cents.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the text is a telephone number under which a person can be reached: a
/// mainland mobile (11 digits from 1[3-9]) or a fixed line (area code with 0, 10
/// to 12 digits, `-` allowed). Service numbers (400, 800, 95xxx, 12345) are none.
#[must_use]
pub fn is_phone(text: &str) -> bool {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
    if !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    match digits[..] {
        [b'1', second, ..] => digits.len() == 11 && second >= b'3' && !text.contains('-'),
        [b'0', second, ..] => (10..=12).contains(&digits.len()) && second != b'0',
        _ => false,
    }
}

/// Whether the text is a valid resident identity number; [`identity_number`] says what is wrong.
///
/// ```
/// assert!(onething_plan::check::is_identity_number("11010519491231002X"));
/// assert!(!onething_plan::check::is_identity_number("110105194912310021"));
/// ```
#[must_use]
pub fn is_identity_number(text: &str) -> bool {
    identity_number(text, None).is_ok()
}

/// Whether the text is a valid unified social credit code; [`credit_code`] says what is wrong.
///
/// ```
/// assert!(onething_plan::check::is_credit_code("91350100M000100Y43"));
/// assert!(!onething_plan::check::is_credit_code("91350100M000100Y44"));
/// ```
#[must_use]
pub fn is_credit_code(text: &str) -> bool {
    credit_code(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        type Form = fn(&str) -> bool;
        let table: [(Form, &str, bool); 21] = [
            (is_date, "2024-02-29", true),
            (is_date, "2025-02-29", false),
            (is_date, "2025-2-9", false),
            (is_date, "2025-13-01", false),
            (is_money, "CNY 120.00", true),
            (is_money, "120.00", false),
            (is_money, "CNY -1.00", false),
            (is_money, "CNY 1.0", false),
            (is_phone, "13900000000", true),
            (is_phone, "12900000000", false),
            (is_phone, "025-00000000", true),
            (is_phone, "911", false),
            (is_phone, "4008123123", false),
            (is_phone, "95588", false),
            (is_phone, "12345", false),
            (is_phone, "0086139000000", false),
            (is_phone, "+8613900000000", false),
            (is_identity_number, "110105194912310021", false),
            (is_identity_number, "1101051949123100", false),
            (is_credit_code, "91350100m000100y43", false),
            (is_credit_code, "", false),
        ];
        for (form, text, expected) in table {
            assert_eq!(form(text), expected, "{text:?}");
        }
    }

    #[test]
    fn one_wrong_character_never_passes() {
        for (form, good, alphabet) in [
            (
                is_identity_number as fn(&str) -> bool,
                "11010519491231002X",
                "0123456789",
            ),
            (
                is_credit_code,
                "91350100M000100Y43",
                "0123456789ABCDEFGHJKLMNPQRTUWXY",
            ),
        ] {
            assert!(form(good));
            for at in 0..17 {
                for other in alphabet.chars() {
                    let mut text: Vec<char> = good.chars().collect();
                    if text[at] != other {
                        text[at] = other;
                        assert!(!form(&text.iter().collect::<String>()), "{text:?}");
                    }
                }
            }
        }
    }
}
