//! Amounts in texts: 12,345.00, 1.2345万, 三千五百, 3万5千.

use std::ops::Range;

use super::folded::{Folded, Mark};
use super::numeral;

/// An amount in millionths, so that fractions are compared as they are.
type Millionths = u128;

const ONE: Millionths = 1_000_000;

/// An amount, where it stands.
pub(super) struct Said {
    at: Range<usize>,
    amount: Millionths,
    /// Whether it is said to be money, or long enough to say something without.
    telling: bool,
}

impl Said {
    /// Whether it is this amount, or this amount without its fraction: another one, but
    /// whoever reads it learns as much.
    pub(super) fn tells(&self, amount: Millionths) -> bool {
        self.telling && (self.amount == amount || self.amount == amount / ONE * ONE)
    }

    /// Where it stands, in bytes of the text.
    pub(super) fn at(&self) -> Range<usize> {
        self.at.clone()
    }
}

/// What a value comes to, with or without its currency: `CNY 120.00`, 35.5.
pub(super) fn of(value: &str) -> Option<Millionths> {
    let amount = value.rsplit(' ').next().unwrap_or(value);
    let (whole, part) = amount.split_once('.').unwrap_or((amount, ""));
    decimal(whole, part).filter(|amount| *amount > 0)
}

fn decimal(whole: &str, part: &str) -> Option<Millionths> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 15 || part.len() > 6 || !digits(whole) || !digits(part) {
        return None;
    }
    format!("{whole}{part:0<6}").parse().ok()
}

/// The amounts of a text.
pub(super) fn said(read: &Folded, text: &str) -> Vec<Said> {
    let line = Line {
        read,
        marks: read.marks(),
        text,
    };
    let (mut said, mut at) = (Vec::new(), 0);
    while at < line.marks.len() {
        match line.amount(at) {
            Some((found, end)) => {
                said.extend(found);
                at = end;
            }
            None => at += 1,
        }
    }
    said
}

struct Line<'a> {
    read: &'a Folded,
    marks: &'a [Mark],
    text: &'a str,
}

impl Line<'_> {
    fn folded(&self, at: usize) -> Option<char> {
        self.marks.get(at).map(|mark| mark.folded)
    }

    /// The digits that stand together at `at`, and where they end.
    fn digits(&self, at: usize) -> Option<(String, usize)> {
        let mut digits = String::new();
        let mut end = at;
        while let Some(mark) = self.marks.get(end) {
            let beside = end == at || mark.gap == 0;
            if !mark.folded.is_ascii_digit() || !beside {
                break;
            }
            digits.push(mark.folded);
            end += 1;
        }
        (end > at).then_some((digits, end))
    }

    /// A number with its commas and its fraction, and where it ends.
    fn number(&self, at: usize) -> Option<(String, String, usize)> {
        let (mut whole, mut end) = self.digits(at)?;
        if whole.len() <= 3 {
            while self.folded(end) == Some(',') && self.marks[end].gap == 0 {
                let Some((group, next)) =
                    self.digits(end + 1).filter(|(group, _)| group.len() == 3)
                else {
                    break;
                };
                if self.marks[end + 1].gap > 0 {
                    break;
                }
                whole += &group;
                end = next;
            }
        }
        let point = matches!(self.read.gap(self.text, end), "." | "．");
        let part = point.then(|| self.digits(end)).flatten();
        Some(match part {
            Some((part, end)) => (whole, part, end),
            None => (whole, String::new(), end),
        })
    }

    /// The amount that begins at `at`, if it is one, and where to go on.
    fn amount(&self, at: usize) -> Option<(Option<Said>, usize)> {
        let (whole, part, mut end) = self.number(at)?;
        let mut long = whole.trim_start_matches('0').len() >= 4;
        let Some(mut amount) = decimal(&whole, &part) else {
            return Some((None, end));
        };
        // 1.2345万, 3万5千.
        let (mut last, mut large) = (None, false);
        while let Some(unit) = self.folded(end).and_then(numeral::unit) {
            if !matches!(unit, 100 | 1_000 | 10_000 | 100_000_000) {
                break;
            }
            let unit = Millionths::from(unit);
            let Some(many) = amount.checked_mul(unit) else {
                return Some((None, end));
            };
            (amount, last, large) = (many, Some(unit), true);
            end += 1;
        }
        if let Some(unit) = last
            && let Some((rest, "", next)) = self
                .number(end)
                .as_ref()
                .map(|(rest, part, end)| (rest.as_str(), part.as_str(), *end))
            && self.marks[end].gap == 0
            && let Some(rest) = decimal(rest, "")
        {
            let of = self.folded(next).and_then(numeral::unit);
            let of = of.map(Millionths::from).filter(|of| *of < unit);
            let rest = match of {
                Some(of) => rest * of,
                None if rest < 10 * ONE => rest * unit / 10,
                None => rest,
            };
            (amount, large) = (amount.saturating_add(rest), false);
            end = next + usize::from(of.is_some());
            long = true;
        }
        let ends = end;
        let money = self.money(ends);
        // An amount in 万 is known by that.
        let stop = if large { ends } else { money.unwrap_or(ends) };
        let numbered = at > 0 && self.folded(at - 1) == Some('第');
        let other = self.folded(ends).is_some_and(|c| OTHER.contains(c));
        let telling = money.is_some() || large || (long && !numbered && !other);
        let at = self.marks[at].at.start..self.marks[stop - 1].at.end;
        let said = Said {
            at,
            amount,
            telling,
        };
        Some((Some(said), ends))
    }

    /// Where what says that it is money ends.
    fn money(&self, at: usize) -> Option<usize> {
        let mut end = at + usize::from(matches!(self.folded(at)?, '元' | '圆' | '圓' | '块'));
        if end == at {
            return None;
        }
        end += usize::from(matches!(self.folded(end), Some('整' | '正')));
        Some(end)
    }
}

/// What makes a year, an article or a share of a number.
const OTHER: &str = "年号條条页%％‰";
