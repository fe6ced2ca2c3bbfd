//! Durations as law and definitions state them: `20wd`, `56d`, `4h`, `10min`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::time::Micros;

/// The longest duration that is accepted, in days of either kind: a century.
pub const MAX_DAYS: u64 = 36_500;

/// A duration with its unit. Working days never become hours, and working days
/// and calendar days are never added up.
///
/// ```
/// use onething_model::Limit;
/// assert_eq!("0.5wd".parse::<Limit>().unwrap(), Limit::WorkingDays { thousandths: 500 });
/// assert!("-3wd".parse::<Limit>().is_err());
/// assert!("20".parse::<Limit>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Limit {
    /// Days on which the calendar is open (工作日), in thousandths of a day.
    WorkingDays {
        /// Thousandths of a working day.
        thousandths: u64,
    },
    /// Calendar days (自然日), in thousandths of a day.
    CalendarDays {
        /// Thousandths of a calendar day.
        thousandths: u64,
    },
    /// Hours, minutes or seconds by the clock on the wall.
    Clock(Micros),
}

/// Why a text is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// There is no number at the beginning.
    #[error("a duration begins with a number, as in `20wd`")]
    NoNumber,
    /// The number has a sign.
    #[error("a duration is not negative")]
    Negative,
    /// More than three digits after the point.
    #[error("a duration has at most three digits after the point")]
    TooFine,
    /// The unit is missing.
    #[error("a duration names its unit: `wd` working days, `d` calendar days, `h`, `min`, `s`")]
    NoUnit,
    /// The unit is unknown.
    #[error("`{0}` is not a unit: write `wd` working days, `d` calendar days, `h`, `min` or `s`")]
    UnknownUnit(String),
    /// Beyond [`MAX_DAYS`].
    #[error("a duration is at most {MAX_DAYS} days")]
    TooLong,
}

impl Limit {
    /// Whole working days.
    #[must_use]
    pub const fn working_days(days: u64) -> Self {
        Self::WorkingDays {
            thousandths: days * 1_000,
        }
    }

    /// Whole calendar days.
    #[must_use]
    pub const fn calendar_days(days: u64) -> Self {
        Self::CalendarDays {
            thousandths: days * 1_000,
        }
    }
}

impl FromStr for Limit {
    type Err = LimitError;
    fn from_str(text: &str) -> Result<Self, LimitError> {
        let text = text.trim();
        if text.starts_with('-') {
            return Err(LimitError::Negative);
        }
        let end = text
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() || (number.contains('.') && fraction.is_empty()) {
            return Err(LimitError::NoNumber);
        }
        if fraction.contains('.') {
            return Err(LimitError::NoNumber);
        }
        if fraction.len() > 3 {
            return Err(LimitError::TooFine);
        }
        // More digits than this are beyond every bound below.
        if whole.trim_start_matches('0').len() > 12 {
            return Err(LimitError::TooLong);
        }
        let whole: u64 = whole.parse().map_err(|_| LimitError::NoNumber)?;
        let fraction: u64 = format!("{fraction:0<3}")
            .parse()
            .map_err(|_| LimitError::NoNumber)?;
        let thousandths = whole * 1_000 + fraction;
        let clock = |unit: Micros| Self::Clock(Micros(unit.0 / 1_000).times(thousandths as i64));
        let limit = match unit.trim() {
            "wd" => Self::WorkingDays { thousandths },
            "d" => Self::CalendarDays { thousandths },
            "h" => clock(Micros::HOUR),
            "min" => clock(Micros::MINUTE),
            "s" => clock(Micros::SECOND),
            "" => return Err(LimitError::NoUnit),
            other => return Err(LimitError::UnknownUnit(other.chars().take(20).collect())),
        };
        let too_long = match limit {
            Self::WorkingDays { thousandths } | Self::CalendarDays { thousandths } => {
                thousandths > MAX_DAYS * 1_000
            }
            Self::Clock(span) => span > Micros::DAY.times(MAX_DAYS as i64),
        };
        if too_long {
            return Err(LimitError::TooLong);
        }
        Ok(limit)
    }
}

impl TryFrom<String> for Limit {
    type Error = LimitError;
    fn try_from(text: String) -> Result<Self, LimitError> {
        text.parse()
    }
}

impl From<Limit> for String {
    fn from(limit: Limit) -> String {
        limit.to_string()
    }
}

fn write_thousandths(f: &mut fmt::Formatter<'_>, thousandths: u64) -> fmt::Result {
    write!(f, "{}", thousandths / 1_000)?;
    match thousandths % 1_000 {
        0 => Ok(()),
        rest => {
            let digits = format!("{rest:03}");
            write!(f, ".{}", digits.trim_end_matches('0'))
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::WorkingDays { thousandths } => {
                write_thousandths(f, thousandths)?;
                f.write_str("wd")
            }
            Self::CalendarDays { thousandths } => {
                write_thousandths(f, thousandths)?;
                f.write_str("d")
            }
            Self::Clock(span) => {
                let (unit, name) = [
                    (Micros::HOUR, "h"),
                    (Micros::MINUTE, "min"),
                    (Micros::SECOND, "s"),
                ]
                .into_iter()
                .find(|(unit, _)| span.0 % unit.0 == 0)
                .unwrap_or((Micros::SECOND, "s"));
                write_thousandths(f, (span.0 as i128 * 1_000 / unit.0 as i128) as u64)?;
                f.write_str(name)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_carry_their_unit() {
        let good = [
            ("20wd", "20wd"),
            ("0.5wd", "0.5wd"),
            ("56d", "56d"),
            ("4h", "4h"),
            ("1.5h", "90min"),
            ("10min", "10min"),
            ("0.25s", "0.25s"),
            ("036wd", "36wd"),
        ];
        for (text, shown) in good {
            let limit: Limit = text.parse().unwrap();
            assert_eq!(limit.to_string(), shown, "{text}");
            assert_eq!(limit.to_string().parse::<Limit>(), Ok(limit));
        }
        let bad = [
            ("", LimitError::NoNumber),
            ("wd", LimitError::NoNumber),
            ("-3wd", LimitError::Negative),
            ("20", LimitError::NoUnit),
            ("1e9d", LimitError::UnknownUnit("e9d".into())),
            ("P1D", LimitError::NoNumber),
            ("1..5d", LimitError::NoNumber),
            ("0.0001wd", LimitError::TooFine),
            ("99999999999999999999wd", LimitError::TooLong),
            ("36501d", LimitError::TooLong),
            ("999999999999s", LimitError::TooLong),
            ("3 weeks", LimitError::UnknownUnit("weeks".into())),
        ];
        for (text, fault) in bad {
            assert_eq!(text.parse::<Limit>(), Err(fault), "{text:?}");
        }
    }
}
