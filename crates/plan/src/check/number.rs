//! Identity numbers and credit codes: what is wrong with one, in words.

use onething_model::Text;
use onething_model::calendar::Date;

use super::{digits, exists};

/// Nobody born before this year was ever given a number: numbers came with the
/// identity cards of 1984 (居民身份证试行条例).
const FIRST_YEAR_OF_BIRTH: u32 = 1850;

/// The first two digits of a region: provinces of GB/T 2260, with 83, under which
/// residents of Taiwan are numbered (港澳台居民居住证申领发放办法, 2018).
const PROVINCES: [u8; 35] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
    53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83,
];

/// What is wrong with a resident identity number (GB 11643-1999): its form, its
/// region, its date of birth, its sequence or its check character (ISO 7064 MOD
/// 11-2). With a day, a birth after that day is wrong too.
///
/// The text says what was expected and quotes nothing: the number is personal.
///
/// ```
/// use onething_plan::check::identity_number;
/// assert!(identity_number("11010519491231002X", None).is_ok());
/// let wrong = identity_number("11010519491231002x", None).unwrap_err();
/// assert!(wrong.en().contains("capital X"));
/// ```
///
/// # Errors
/// The first thing that is wrong, in both languages.
pub fn identity_number(text: &str, day: Option<Date>) -> Result<(), Text> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let bytes = text.as_bytes();
    let no = |zh: &str, en: &str| {
        Err(Text::new(
            format!("不是有效的公民身份号码：{zh}"),
            format!("is not a valid identity number: {en}"),
        ))
    };
    let body = bytes.get(..17).filter(|_| bytes.len() == 18);
    let Some(body) = body.filter(|body| body.iter().all(u8::is_ascii_digit)) else {
        if let Some(plain) = half_width(text)
            && plain.len() == 18
            && plain[..17].iter().all(u8::is_ascii_digit)
        {
            return no(
                "应写成半角数字，中间不留空格、不加符号",
                "it is written in half-width digits, without blanks or signs between them",
            );
        }
        return no(
            "应为 18 位：17 位数字和 1 位校验码",
            "it has 17 digits and a check character",
        );
    };
    if bytes[17] == b'x' {
        return no("末位的 x 应写作大写 X", "its last character is a capital X");
    }
    if !has_province(bytes) {
        return no(
            "前两位不是省级行政区划代码",
            "its first two digits are no province of GB/T 2260",
        );
    }
    let born = digits(&bytes[6..10])
        .zip(digits(&bytes[10..12]))
        .zip(digits(&bytes[12..14]));
    let born = born.filter(|((year, month), day)| exists(*year, *month, *day));
    let Some(((year, month), day_of_month)) = born else {
        return no(
            "第 7 至 14 位不是存在的出生日期",
            "digits 7 to 14 are no date of birth",
        );
    };
    if year < FIRST_YEAR_OF_BIRTH {
        return no(
            &format!("出生年份早于 {FIRST_YEAR_OF_BIRTH} 年"),
            &format!("the year of birth is before {FIRST_YEAR_OF_BIRTH}"),
        );
    }
    let is_later = |on: Date| {
        let on = (on.year(), on.month(), on.day());
        let [month, day] = [month, day_of_month].map(|part| i8::try_from(part).unwrap_or(i8::MAX));
        (i16::try_from(year).unwrap_or(i16::MAX), month, day) > on
    };
    if day.is_some_and(is_later) {
        return no("出生日期晚于今天", "the date of birth is in the future");
    }
    if &bytes[14..17] == b"000" {
        return no(
            "第 15 至 17 位顺序码不能为 000",
            "the sequence, digits 15 to 17, is never 000",
        );
    }
    let sum: u32 = body
        .iter()
        .zip(WEIGHTS)
        .map(|(byte, weight)| u32::from(byte - b'0') * weight)
        .sum();
    if bytes[17] != b"10X98765432"[(sum % 11) as usize] {
        return no(
            "校验位不符，可能有一位填错",
            "the check character does not fit; a digit may be mistyped",
        );
    }
    Ok(())
}

/// What is wrong with a unified social credit code (GB 32100-2015): its form, the
/// authority that registers, the region, or the check character (weights are
/// powers of 3 modulo 31).
///
/// ```
/// use onething_plan::check::credit_code;
/// assert!(credit_code("91350100M000100Y43").is_ok());
/// assert!(credit_code("91350100M000100Y44").is_err());
/// ```
///
/// # Errors
/// The first thing that is wrong, in both languages.
pub fn credit_code(text: &str) -> Result<(), Text> {
    const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    // 1 staffing, 2 foreign affairs, 3 justice, 4 culture, 5 civil affairs, 6 tourism, 7 religion,
    // 8 unions, 9 market regulation, A army, N agriculture, Y others: GB 32100-2015 as amended.
    const AUTHORITIES: &[u8] = b"123456789ANY";
    let no = |zh: &str, en: &str| {
        Err(Text::new(
            format!("不是有效的统一社会信用代码：{zh}"),
            format!("is not a valid unified social credit code: {en}"),
        ))
    };
    let bytes = text.as_bytes();
    let value = |byte: &u8| ALPHABET.iter().position(|c| c == byte).map(|at| at as u32);
    let values: Option<Vec<u32>> = bytes.iter().map(value).collect();
    let Some(values) = values.filter(|values| values.len() == 18) else {
        if half_width(text).is_some_and(|plain| plain.len() == 18) {
            return no(
                "应写成半角数字和字母，中间不留空格、不加符号",
                "it is written in half-width digits and letters, without blanks or signs between them",
            );
        }
        return no(
            "应为 18 位数字或大写字母（不用 I、O、S、V、Z）",
            "it has 18 digits or capital letters other than I, O, S, V and Z",
        );
    };
    if !AUTHORITIES.contains(&bytes[0]) || !bytes[1].is_ascii_digit() {
        return no(
            "前两位不是登记管理部门代码和机构类别代码",
            "its first two characters are no registering authority and kind of body",
        );
    }
    if !bytes[2..8].iter().all(u8::is_ascii_digit) {
        return no(
            "第 3 至 8 位应为行政区划代码（数字）",
            "characters 3 to 8 are a region, all digits",
        );
    }
    let mut weight = 1;
    let mut sum = 0;
    for value in &values[..17] {
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    if values[17] != (31 - sum % 31) % 31 {
        return no(
            "校验位不符，可能有一位填错",
            "the check character does not fit; a character may be mistyped",
        );
    }
    Ok(())
}

/// A number without blanks and hyphens, full-width signs as half-width ones; `None` where it is
/// written so already, or in other signs.
fn half_width(text: &str) -> Option<Vec<u8>> {
    let is_between = |c: &char| c.is_whitespace() || matches!(c, '-' | '－' | '–' | '—');
    let plain = text.chars().filter(|c| !is_between(c));
    let plain = plain.map(|c| match c {
        // The full-width forms are in the order of ASCII.
        '！'..='～' => u8::try_from(u32::from(c) - 0xFEE0).ok(),
        c => u8::try_from(c).ok(),
    });
    let plain: Vec<u8> = plain.collect::<Option<_>>()?;
    (plain != text.as_bytes() && plain.iter().all(u8::is_ascii_alphanumeric)).then_some(plain)
}

fn has_province(bytes: &[u8]) -> bool {
    digits(&bytes[..2]).is_some_and(|code| PROVINCES.iter().any(|known| u32::from(*known) == code))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check character of 17 digits, by the definition: the sum of all
    /// digits times 2^(18-i), the check character included, is 1 modulo 11.
    fn with_check(body: &str) -> String {
        let fits = |check: &u32| {
            let digits = body.bytes().map(|byte| u32::from(byte - b'0'));
            let weighed = digits
                .chain([*check])
                .zip((0..18).rev())
                .map(|(digit, power)| digit * (1 << power));
            weighed.sum::<u32>() % 11 == 1
        };
        let check = (0..11).find(fits).unwrap();
        let last = if check == 10 {
            "X".to_owned()
        } else {
            check.to_string()
        };
        format!("{body}{last}")
    }

    #[test]
    fn what_is_wrong_with_an_identity_number_is_said() {
        let day: Option<Date> = Some("2026-01-05".parse().unwrap());
        for (text, day, said) in [
            (with_check("11010519491231002"), day, ""),
            (with_check("83000019800101001"), day, ""),
            (with_check("11010520260105001"), day, ""),
            (with_check("11010520260106001"), day, "in the future"),
            (with_check("11010520260106001"), None, ""),
            (with_check("11010500010101001"), None, "before 1850"),
            (with_check("99010519491231002"), None, "province"),
            (with_check("11010519490231002"), None, "no date of birth"),
            (with_check("11010519491231000"), None, "sequence"),
            ("11010519491231002x".to_owned(), None, "capital X"),
            ("110105194912310021".to_owned(), None, "check character"),
            ("1101051949123100".to_owned(), None, "17 digits"),
            ("一二三四五六".to_owned(), None, "17 digits"),
            (
                "１１０１０５１９４９１２３１００２Ｘ".to_owned(),
                None,
                "half-width",
            ),
            ("110105 19491231 002X".to_owned(), None, "without blanks"),
            (
                "110105-19491231-002X".to_owned(),
                None,
                "without blanks or signs",
            ),
            ("110105 19491231 002".to_owned(), None, "17 digits"),
            ("11010519491231é02X".to_owned(), None, "17 digits"),
        ] {
            match identity_number(&text, day) {
                Ok(()) => assert_eq!(said, "", "{text} passes"),
                Err(why) => assert!(
                    !said.is_empty() && why.en().contains(said),
                    "{text}: {why:?}"
                ),
            }
        }
    }

    #[test]
    fn what_is_wrong_with_a_credit_code_is_said() {
        // Each with the check character that fits, by the sum modulo 31.
        let alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
        let with_check = |body: &str| {
            let at = |c: char| alphabet.find(c).unwrap();
            let sum: usize = body
                .chars()
                .enumerate()
                .map(|(i, c)| at(c) * 3_usize.pow(i as u32))
                .sum();
            let check = (0..31)
                .find(|check| (sum + check).is_multiple_of(31))
                .unwrap();
            format!("{body}{}", alphabet.chars().nth(check).unwrap())
        };
        for (text, said) in [
            (with_check("91350100M000100Y4"), ""),
            (with_check("N2350100M000100Y4"), ""),
            (with_check("B1350100M000100Y4"), "registering authority"),
            (with_check("01350100M000100Y4"), "registering authority"),
            (with_check("9A350100M000100Y4"), "kind of body"),
            (with_check("91A50100M000100Y4"), "region"),
            ("91350100m000100y43".to_owned(), "capital letters"),
            ("91350100M000100Y44".to_owned(), "check character"),
            (String::new(), "18 digits"),
            ("９１350100M000100Y43".to_owned(), "half-width"),
            ("91350100 M000100Y43".to_owned(), "without blanks"),
            ("91350100 M000100Y4".to_owned(), "18 digits"),
        ] {
            match credit_code(&text) {
                Ok(()) => assert_eq!(said, "", "{text} passes"),
                Err(why) => assert!(
                    !said.is_empty() && why.en().contains(said),
                    "{text}: {why:?}"
                ),
            }
        }
    }
}
