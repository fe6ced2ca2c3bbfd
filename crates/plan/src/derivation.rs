//! Values that follow from others: a date of birth from an identity number.
//!
//! A derivation behaves as a registry that always answers, at once and for nothing,
//! and whose key is the field it derives from. Which ones there are is a closed set: each
//! stands on a national standard that says what the characters of a number mean,
//! so that whoever holds the number holds the rest, and asking for both is
//! asking twice.
//!
//! What a derivation does *not* say is as exact. The administrative division in an identity
//! number is that of the first registration, not where somebody lives; it may have been
//! dissolved since.

use onething_model::Text;
use serde_json::Value;

use crate::check;
use crate::field::FieldType;
use crate::index::FieldIx;

/// How a field follows from another one of the same subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Derivation {
    /// The date of birth: digits 7 to 14 of an identity number, as a date.
    DateOfBirth,
    /// The sex: digit 17 of an identity number, odd for `male` and even for `female`.
    Sex,
    /// The administrative division of the county in which the holder of an identity number was first
    /// registered: digits 1 to 6, a code of GB/T 2260. Not the present address.
    FirstRegistrationDivision,
    /// The administrative division of the authority that registered a body: characters 3
    /// to 8 of its unified social credit code, a code of GB/T 2260.
    RegistrationDivision,
    /// The organisation code (GB 11714-1997): characters 9 to 17 of a unified social credit
    /// code, eight and the check character, without the hyphen of its printed form.
    OrganisationCode,
}

/// That a field is derived, and from which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Derived {
    /// The field it follows from.
    pub from: FieldIx,
    /// How.
    pub by: Derivation,
}

impl Derivation {
    /// Every derivation, in the order of the reference.
    pub const ALL: [Self; 5] = [
        Self::DateOfBirth,
        Self::Sex,
        Self::FirstRegistrationDivision,
        Self::RegistrationDivision,
        Self::OrganisationCode,
    ];

    /// The word in definitions.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DateOfBirth => "date-of-birth",
            Self::Sex => "sex",
            Self::FirstRegistrationDivision => "first-registration-division",
            Self::RegistrationDivision => "registration-division",
            Self::OrganisationCode => "organisation-code",
        }
    }

    /// The standard that says so.
    #[must_use]
    pub const fn standard(self) -> &'static str {
        match self {
            Self::DateOfBirth | Self::Sex | Self::FirstRegistrationDivision => "GB 11643-1999",
            Self::RegistrationDivision | Self::OrganisationCode => "GB 32100-2015",
        }
    }

    /// Which part of the source it is, for people.
    #[must_use]
    pub fn part(self) -> Text {
        match self {
            Self::DateOfBirth => Text::new("第 7 至 14 位", "digits 7 to 14"),
            Self::Sex => Text::new(
                "第 17 位，单数为男、双数为女",
                "digit 17, odd for male and even for female",
            ),
            Self::FirstRegistrationDivision => Text::new("第 1 至 6 位", "digits 1 to 6"),
            Self::RegistrationDivision => Text::new("第 3 至 8 位", "characters 3 to 8"),
            Self::OrganisationCode => Text::new("第 9 至 17 位", "characters 9 to 17"),
        }
    }

    /// Whether a field of this type is what it derives from.
    #[must_use]
    pub fn accepts(self, source: &FieldType) -> bool {
        match self {
            Self::DateOfBirth | Self::Sex | Self::FirstRegistrationDivision => {
                matches!(source, FieldType::IdentityNumber)
            }
            Self::RegistrationDivision | Self::OrganisationCode => {
                matches!(source, FieldType::CreditCode)
            }
        }
    }

    /// The type of field that it derives from, as a definition writes it.
    #[must_use]
    pub const fn source_type(self) -> &'static str {
        match self {
            Self::DateOfBirth | Self::Sex | Self::FirstRegistrationDivision => "identity-number",
            Self::RegistrationDivision | Self::OrganisationCode => "credit-code",
        }
    }

    /// Whether everything that it can come to is a value of this type.
    ///
    /// ```
    /// use onething_plan::{Derivation, FieldType, Pattern};
    /// assert!(Derivation::DateOfBirth.fits(&FieldType::Date));
    /// let code = |pattern| FieldType::Code { pattern: Some(Pattern::new(pattern).unwrap()) };
    /// assert!(Derivation::OrganisationCode.fits(&code("[0-9A-Z]{9}")));
    /// assert!(!Derivation::OrganisationCode.fits(&code("[0-9]{9}")));
    /// ```
    #[must_use]
    pub fn fits(self, kind: &FieldType) -> bool {
        // Each character at its place takes every value that it can take there.
        let holds = |values: &[&str]| {
            let valid = |value: &&str| kind.check(&Value::from(*value)).is_ok();
            values.iter().all(valid)
        };
        match self {
            Self::DateOfBirth => matches!(kind, FieldType::Date),
            Self::Sex => matches!(kind, FieldType::Choice { .. }) && holds(&["female", "male"]),
            Self::FirstRegistrationDivision | Self::RegistrationDivision => {
                let text = matches!(kind, FieldType::Text { .. } | FieldType::Code { .. });
                text && holds(&["110000", "234567", "350100", "659999", "830000", "489123"])
            }
            Self::OrganisationCode => {
                let text = matches!(kind, FieldType::Text { .. } | FieldType::Code { .. });
                text && holds(&["01234567X", "89ABCDEF0", "GHJKLMNP5", "QRTUWXY09"])
            }
        }
    }

    /// The type that it comes to, as a definition writes it.
    #[must_use]
    pub fn result_type(self) -> Text {
        match self {
            Self::DateOfBirth => Text::new("`date`", "`date`"),
            Self::Sex => Text::new(
                "有 `female` 和 `male` 两个选项的 `choice`",
                "`choice` with the options `female` and `male`",
            ),
            Self::FirstRegistrationDivision | Self::RegistrationDivision => Text::new(
                "容纳任何 6 位行政区划代码的 `code` 或 `text`",
                "`code` or `text` that takes any division code of 6 digits",
            ),
            Self::OrganisationCode => Text::new(
                "容纳任何 9 位组织机构代码（数字和大写字母）的 `code` 或 `text`",
                "`code` or `text` that takes any organisation code of 9 digits and capitals",
            ),
        }
    }

    /// The value that follows from a valid value of the source; `None` from anything else.
    ///
    /// ```
    /// use onething_plan::Derivation;
    /// let number = "11010519491231002X".into(); // the worked example of GB 11643-1999
    /// assert_eq!(Derivation::DateOfBirth.of(&number).unwrap(), "1949-12-31");
    /// assert_eq!(Derivation::Sex.of(&number).unwrap(), "female");
    /// let code = "91350100M000100Y43".into(); // the worked example of GB 32100-2015
    /// assert_eq!(Derivation::OrganisationCode.of(&code).unwrap(), "M000100Y4");
    /// assert_eq!(Derivation::OrganisationCode.of(&number), None);
    /// ```
    #[must_use]
    pub fn of(self, source: &Value) -> Option<Value> {
        let text = source.as_str()?;
        let valid = match self {
            Self::DateOfBirth | Self::Sex | Self::FirstRegistrationDivision => {
                check::identity_number(text, None)
            }
            Self::RegistrationDivision | Self::OrganisationCode => check::credit_code(text),
        };
        valid.ok()?;
        // What is valid is 18 characters of ASCII.
        Some(match self {
            Self::DateOfBirth => {
                let (year, month, day) = (text.get(6..10)?, text.get(10..12)?, text.get(12..14)?);
                format!("{year}-{month}-{day}").into()
            }
            Self::Sex => {
                let odd = text.as_bytes().get(16)? % 2 == 1;
                if odd { "male" } else { "female" }.into()
            }
            Self::FirstRegistrationDivision => text.get(..6)?.into(),
            Self::RegistrationDivision => text.get(2..8)?.into(),
            Self::OrganisationCode => text.get(8..17)?.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Pattern;
    use crate::random::Dice;

    /// The check character of 17 digits (ISO 7064 MOD 11-2), by the definition.
    fn number(body: &str) -> String {
        let weighed = |check: u32| {
            let digits = body.bytes().map(|byte| u32::from(byte - b'0'));
            let all = digits.chain([check]).zip((0..18).rev());
            all.map(|(digit, power)| digit << power).sum::<u32>()
        };
        let check = (0..11).find(|check| weighed(*check) % 11 == 1).unwrap();
        format!("{body}{}", b"0123456789X"[check as usize] as char)
    }

    fn of(by: Derivation, source: &str) -> String {
        let value = by.of(&Value::from(source));
        value.map_or_else(|| "-".to_owned(), |v| v.as_str().unwrap().to_owned())
    }

    /// Numbers that belong to nobody: 110105 19491231 002 X is the worked example of GB 11643-1999.
    /// The others are of divisions that do not exist: provinces end in
    /// 0000, and no county of a province ends in 99 99.
    #[test]
    fn identity_numbers_say_when_where_and_as_what() {
        for (body, born, sex, division) in [
            ("11010519491231002", "1949-12-31", "female", "110105"),
            ("11999919000101001", "1900-01-01", "male", "119999"),
            ("65999920240229998", "2024-02-29", "female", "659999"),
            ("83000019991231999", "1999-12-31", "male", "830000"),
            ("44999918500101011", "1850-01-01", "male", "449999"),
            ("44999920000229100", "2000-02-29", "female", "449999"),
            // Not valid: no such day, a sequence that is never given, no province, too old.
            ("44999920230229100", "-", "-", "-"),
            ("44999920000101000", "-", "-", "-"),
            ("99999920000101001", "-", "-", "-"),
            ("44999918491231001", "-", "-", "-"),
        ] {
            let number = number(body);
            assert_eq!(of(Derivation::DateOfBirth, &number), born, "{number}");
            assert_eq!(of(Derivation::Sex, &number), sex, "{number}");
            let first = of(Derivation::FirstRegistrationDivision, &number);
            assert_eq!(first, division, "{number}");
            assert_eq!(of(Derivation::OrganisationCode, &number), "-", "{number}");
        }
        for wrong in ["11010519491231002x", "110105194912310021", "", "一二三"] {
            for by in Derivation::ALL {
                assert_eq!(of(by, wrong), "-", "{wrong}");
            }
        }
        assert_eq!(Derivation::Sex.of(&Value::Null), None);
    }

    /// The worked example of GB 32100-2015, and codes of bodies that do not exist.
    #[test]
    fn credit_codes_say_who_registered_what() {
        let with_check = |body: &str| {
            let alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
            let at = |c: char| alphabet.find(c).unwrap();
            let weighed = body.chars().zip(0..).map(|(c, i)| at(c) * 3_usize.pow(i));
            let check = (31 - weighed.sum::<usize>() % 31) % 31;
            format!("{body}{}", alphabet.chars().nth(check).unwrap())
        };
        for (code, division, organisation) in [
            ("91350100M000100Y43".to_owned(), "350100", "M000100Y4"),
            (with_check("91110000000000000"), "110000", "000000000"),
            (with_check("Y1659999XYXYXYXY0"), "659999", "XYXYXYXY0"),
            ("91350100M000100Y44".to_owned(), "-", "-"),
        ] {
            let (where_, what) = (
                Derivation::RegistrationDivision,
                Derivation::OrganisationCode,
            );
            assert_eq!(of(where_, &code), division, "{code}");
            assert_eq!(of(what, &code), organisation, "{code}");
            assert_eq!(of(Derivation::Sex, &code), "-", "{code}");
        }
    }

    /// Against the parts the number was put together from.
    #[test]
    fn random_numbers_give_back_their_parts() {
        let mut dice = Dice::new(11_643);
        for _ in 0..20_000 {
            let division = format!(
                "{}{:04}",
                [11, 44, 65, 83][dice.below(4)],
                dice.below(10_000)
            );
            let (year, month) = (1900 + dice.below(130), 1 + dice.below(12));
            let day = 1 + dice.below(31);
            let sequence = 1 + dice.below(999);
            let body = format!("{division}{year}{month:02}{day:02}{sequence:03}");
            let born = format!("{year}-{month:02}-{day:02}");
            let number = number(&body);
            if !check::is_date(&born) {
                assert_eq!(of(Derivation::DateOfBirth, &number), "-", "{number}");
                continue;
            }
            assert_eq!(of(Derivation::DateOfBirth, &number), born);
            let sex = if sequence.is_multiple_of(2) {
                "female"
            } else {
                "male"
            };
            assert_eq!(of(Derivation::Sex, &number), sex);
            assert_eq!(of(Derivation::FirstRegistrationDivision, &number), division);
            for (by, kind) in [
                (Derivation::DateOfBirth, FieldType::Date),
                (Derivation::FirstRegistrationDivision, code("[0-9]{6}")),
            ] {
                assert!(by.fits(&kind));
                let value = by.of(&Value::from(number.as_str())).unwrap();
                assert!(kind.check(&value).is_ok(), "{value} is valid");
            }
        }
    }

    fn code(pattern: &str) -> FieldType {
        let pattern = Some(Pattern::new(pattern).unwrap());
        FieldType::Code { pattern }
    }

    #[test]
    fn a_derivation_fits_only_what_takes_all_it_comes_to() {
        let choice = |keys: &[&str]| FieldType::Choice {
            options: keys
                .iter()
                .map(|key| ((*key).to_owned(), Text::default()))
                .collect(),
        };
        let text = |max_chars| FieldType::Text { max_chars };
        for (by, kind, fits) in [
            (Derivation::DateOfBirth, text(10), false),
            (Derivation::DateOfBirth, FieldType::Date, true),
            (Derivation::Sex, choice(&["female", "male"]), true),
            (Derivation::Sex, choice(&["male", "other", "female"]), true),
            (Derivation::Sex, choice(&["f", "m"]), false),
            (Derivation::Sex, choice(&["female"]), false),
            (Derivation::Sex, text(10), false),
            (Derivation::FirstRegistrationDivision, text(6), true),
            (Derivation::FirstRegistrationDivision, text(5), false),
            (Derivation::RegistrationDivision, code("[0-9]{6}"), true),
            (Derivation::RegistrationDivision, code("35[0-9]{4}"), false),
            (Derivation::OrganisationCode, code("[0-9A-Z]{9}"), true),
            (Derivation::OrganisationCode, code("[0-9]{9}"), false),
            (Derivation::OrganisationCode, FieldType::CreditCode, false),
        ] {
            assert_eq!(by.fits(&kind), fits, "{by:?} {kind:?}");
        }
    }
}
