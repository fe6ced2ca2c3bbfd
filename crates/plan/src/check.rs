//! Check digits and forms of the numbers that Chinese administrations use.

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

/// Whether the text is a telephone number: a mainland mobile (11 digits from
/// 1[3-9]) or a fixed line (area code with 0, 10 to 12 digits, `-` allowed).
#[must_use]
pub fn is_phone(text: &str) -> bool {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
    if !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    match digits.first() {
        Some(b'1') => digits.len() == 11 && digits[1] >= b'3' && !text.contains('-'),
        Some(b'0') => (10..=12).contains(&digits.len()),
        Some(_) | None => false,
    }
}

/// Whether the text is a resident identity number with an existing date of
/// birth and a correct check character (GB 11643-1999, ISO 7064 MOD 11-2).
///
/// ```
/// assert!(onething_plan::check::is_identity_number("11010519491231002X"));
/// assert!(!onething_plan::check::is_identity_number("110105194912310021"));
/// ```
#[must_use]
pub fn is_identity_number(text: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let bytes = text.as_bytes();
    if bytes.len() != 18 || !bytes[..17].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum: u32 = bytes
        .iter()
        .zip(WEIGHTS)
        .map(|(byte, weight)| u32::from(byte - b'0') * weight)
        .sum();
    let born = digits(&bytes[6..10])
        .zip(digits(&bytes[10..12]))
        .zip(digits(&bytes[12..14]));
    bytes[17] == b"10X98765432"[(sum % 11) as usize]
        && born.is_some_and(|((year, month), day)| exists(year, month, day))
}

/// Whether the text is a unified social credit code with a correct check
/// character (GB 32100-2015: weights are powers of 3 modulo 31).
///
/// ```
/// assert!(onething_plan::check::is_credit_code("91350100M000100Y43"));
/// assert!(!onething_plan::check::is_credit_code("91350100M000100Y44"));
/// ```
#[must_use]
pub fn is_credit_code(text: &str) -> bool {
    const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let bytes = text.as_bytes();
    if bytes.len() != 18 {
        return false;
    }
    let values: Option<Vec<u32>> = bytes
        .iter()
        .map(|byte| ALPHABET.iter().position(|c| c == byte).map(|at| at as u32))
        .collect();
    let Some(values) = values else { return false };
    let mut weight = 1;
    let mut sum = 0;
    for value in &values[..17] {
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    values[17] == (31 - sum % 31) % 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        type Form = fn(&str) -> bool;
        let table: [(Form, &str, bool); 16] = [
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
