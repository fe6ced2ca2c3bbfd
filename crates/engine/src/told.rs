//! What officers, applicants and systems write, as it is told to people.
//!
//! Contracts say who sees which value, and each showing is on record. A reason is a
//! text: whoever writes somebody's number into it would show it to everybody who sees
//! the case, past grants and records. So the journal keeps what was said, which is the
//! evidence, and whatever leaves towards people goes through [`Case::told`].

use onething_plan::{Derivation, Derived, FieldIx, FieldType};
use serde_json::Value;

use crate::case::Case;
use crate::folded::Folded;
use crate::record::Event;

/// To whom something is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Whoever sees the case. Departments too: what they are granted they see as values, on
    /// record, and a reason is no way around the record.
    Anybody,
    /// The applicant, or who helps them: what they are told is told as it was written.
    Applicant,
}

impl Case {
    /// A text as somebody gets to read it: the applicant as it was written, everybody else
    /// without the personal values of the case, present and former, without what follows from
    /// them (the date of birth in an identity number), and without what looks like a number of
    /// a person though the case does not have it. That is: identity
    /// numbers of 18 and 15 digits and longer runs of digits, bank cards, mobile numbers, fixed
    /// lines with their area code; with blanks, hyphens and full-width digits as well.
    ///
    /// Words of a single character and numbers of less than four digits are left where they
    /// are: taking them out would take everything out.
    #[must_use]
    pub fn told(&self, text: &str, to: Audience) -> String {
        if to == Audience::Applicant {
            return text.to_owned();
        }
        let folded = Folded::new(text);
        let (mut veiled, mut open) = (Vec::new(), Vec::new());
        for (field, value) in self.said() {
            let words = match self.is_personal(field) {
                false => &mut open,
                true => &mut veiled,
            };
            self.spell(field, value, |_, word| words.push(word));
        }
        let words = veiled.iter().flat_map(|word| folded.find(word));
        // Whose number it is, is said by the contracts where the case has it.
        let is_open = |number: &std::ops::Range<usize>| {
            let mut open = open.iter();
            open.any(|word| folded.find(word).any(|at| at == *number))
        };
        let numbers = folded.numbers().filter(|number| !is_open(number));
        folded.without(text, words.chain(numbers))
    }

    /// The personal fields whose values, present or former, stand in a text.
    pub(crate) fn quoted<'a>(&'a self, text: &str) -> impl Iterator<Item = FieldIx> + 'a {
        let folded = Folded::new(text);
        let personal = self.said().filter(|(field, _)| self.is_personal(*field));
        personal.flat_map(move |(field, value)| {
            let mut found = Vec::new();
            self.spell(field, value, |of, word| {
                if found.last() != Some(&of) && folded.find(&word).next().is_some() {
                    found.push(of);
                }
            });
            found
        })
    }

    /// How people write a value, and what follows from it, whether or not a step reads that:
    /// whoever writes a date of birth has it from the number. Each word with the field whose it
    /// is: what no field of the plan is for is part of the value it follows from.
    fn spell(&self, field: FieldIx, value: &Value, mut say: impl FnMut(FieldIx, Folded)) {
        let plan = self.plan();
        let kind = &plan.field(field).kind;
        let mut words = Vec::new();
        spell(kind, value, &mut words);
        words.drain(..).for_each(|word| say(field, word));
        // Of sex only what is read is a value: as a word, it says nothing of a number.
        let follows = |by: &Derivation| *by != Derivation::Sex && by.accepts(kind);
        for by in Derivation::ALL.into_iter().filter(follows) {
            let as_this = Some(Derived { from: field, by });
            let named = plan.fields.iter().position(|item| item.derived == as_this);
            let of = named.map_or(field, FieldIx::at);
            if let Some(follows) = by.of(value) {
                spell(kind, &follows, &mut words);
                words.drain(..).for_each(|word| say(of, word));
            }
        }
    }

    /// A record as somebody gets to read it: with its reason, if it has one, as
    /// [`told`](Self::told). Its values are not touched.
    #[must_use]
    pub fn retold<S, F, Q, R>(&self, event: Event<S, F, Q, R>, to: Audience) -> Event<S, F, Q, R> {
        event.with_reason(|reason| self.told(reason, to))
    }
}

impl<S, F, Q, R> Event<S, F, Q, R> {
    /// The record with another text for its reason, if it has one.
    #[must_use]
    pub fn with_reason(mut self, tell: impl FnOnce(&str) -> String) -> Self {
        match &mut self {
            Event::StepFailed { reason, .. }
            | Event::IncidentOpened { reason, .. }
            | Event::SupplementRequested { reason, .. }
            | Event::StepRefused { reason, .. }
            | Event::CaseWithdrawn { reason } => *reason = tell(reason),
            Event::CaseOpened(_)
            | Event::ApplicationRefused(_)
            | Event::Submitted { .. }
            | Event::StepDispatched { .. }
            | Event::DataRead { .. }
            | Event::CaseRead { .. }
            | Event::StepCompleted { .. }
            | Event::StepRetried { .. }
            | Event::DraftRenewed { .. }
            | Event::StepSkipped { .. }
            | Event::StepCancelled { .. }
            | Event::Delivered { .. }
            | Event::CaseRefused
            | Event::CaseClosed => {}
        }
        self
    }
}

/// How people write a value.
fn spell(kind: &FieldType, value: &Value, words: &mut Vec<Folded>) {
    let mut say = |text: &str| words.push(Folded::new(text));
    match value {
        Value::String(text) => {
            say(text);
            in_sentences(text).iter().for_each(|text| say(text));
            digit_by_digit(text).iter().for_each(|text| say(text));
            match kind {
                FieldType::Money => in_figures(text).iter().for_each(|text| say(text)),
                // Nobody writes the key of a choice.
                FieldType::Choice { options } => {
                    let chosen = options.iter().filter(|(key, _)| key == text);
                    for (_, title) in chosen {
                        say(title.zh());
                        say(title.en());
                    }
                }
                _ => {}
            }
        }
        Value::Number(number) => {
            let number = number.to_string();
            say(&number);
            in_figures(&number).iter().for_each(|text| say(text));
        }
        Value::Array(items) => items.iter().for_each(|item| spell(kind, item, words)),
        // Of a document its name and digest say whose it is; its type does not.
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| matches!(key.as_str(), "name" | "digest"))
            .for_each(|(_, item)| spell(kind, item, words)),
        Value::Null | Value::Bool(_) => {}
    }
}

/// A number as it is read out: 一三九〇〇〇〇七七七七, with 零 for nought and 幺 for one as well.
fn digit_by_digit(text: &str) -> Vec<String> {
    if text.len() < 4
        || !text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-')
    {
        return Vec::new();
    }
    let read: String = text
        .chars()
        .filter(char::is_ascii_digit)
        .map(numeral)
        .collect();
    let noughts = [read.clone(), read.replace('〇', "零")];
    let ones = noughts.iter().map(|read| read.replace('一', "幺"));
    ones.chain(noughts.clone()).collect()
}

/// An amount in words, as people write it and as it stands on bills: 三千五百元, 两千元,
/// 壹万贰仟元整. Nothing for what is not whole or has more than twelve digits.
fn in_words(whole: &str) -> Vec<String> {
    let Ok(amount) = whole.parse::<u64>() else {
        return Vec::new();
    };
    if amount == 0 || amount >= 1_000_000_000_000 {
        return Vec::new();
    }
    let mut words = String::new();
    // Whether a nought is to be said before the next digit.
    let mut gap = false;
    for (group, large) in [(2, "亿"), (1, "万"), (0, "")] {
        let part = amount / 10_000_u64.pow(group) % 10_000;
        gap |= !words.is_empty() && part < 1_000;
        for (place, unit) in [(1_000, "千"), (100, "百"), (10, "十"), (1, "")] {
            let digit = u8::try_from(part / place % 10).unwrap_or(0);
            if digit == 0 {
                gap |= part >= place && !words.is_empty();
                continue;
            }
            if std::mem::take(&mut gap) && !words.is_empty() {
                words.push('零');
            }
            words.push(numeral(char::from(b'0' + digit)));
            words.push_str(unit);
        }
        if part > 0 {
            words.push_str(large);
            gap = false;
        }
    }
    let short = words.strip_prefix("一十").map(|rest| format!("十{rest}"));
    let two = words
        .replace("二百", "两百")
        .replace("二千", "两千")
        .replace("二万", "两万");
    let bill = words.chars().map(|c| {
        BILL.iter()
            .find(|(plain, _)| *plain == c)
            .map_or(c, |(_, bill)| *bill)
    });
    let bill: String = bill.collect();
    let all = [Some(words.clone()), short, Some(two), Some(bill)];
    let with =
        |words: String| ["元整", "圆整", "元", "圆", "块"].map(|unit| format!("{words}{unit}"));
    all.into_iter().flatten().flat_map(with).collect()
}

/// Numerals that are not easily changed into others, as bills have them.
const BILL: [(char, char); 12] = [
    ('一', '壹'),
    ('二', '贰'),
    ('三', '叁'),
    ('四', '肆'),
    ('五', '伍'),
    ('六', '陆'),
    ('七', '柒'),
    ('八', '捌'),
    ('九', '玖'),
    ('十', '拾'),
    ('百', '佰'),
    ('千', '仟'),
];

/// An amount, with or without its currency, as it is written in sentences: 12345,
/// 12,345.00, 12345元, 1.2345万, 一万二千三百四十五元.
fn in_figures(text: &str) -> Vec<String> {
    let amount = text.rsplit(' ').next().unwrap_or(text);
    let (whole, part) = amount.split_once('.').unwrap_or((amount, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 15 || !digits(whole) || !digits(part) {
        return Vec::new();
    }
    let short = part.trim_end_matches('0');
    let parts: std::collections::BTreeSet<String> = ["", short, part]
        .into_iter()
        // Without its fraction it is another amount, but whoever reads it learns as much.
        .map(|part| match part {
            "" => String::new(),
            part => format!(".{part}"),
        })
        .collect();
    let mut all = Vec::new();
    for part in &parts {
        for whole in [whole.to_owned(), grouped(whole)] {
            all.push(format!("{whole}{part}元"));
            all.push(format!("{whole}{part}"));
        }
    }
    if let Some(split) = whole.len().checked_sub(4).filter(|split| *split > 0) {
        let (many, rest) = whole.split_at(split);
        let rest = format!("{rest}{short}");
        let rest = rest.trim_end_matches('0');
        let point = if rest.is_empty() { "" } else { "." };
        all.push(format!("{many}{point}{rest}万"));
    }
    all.extend(in_words(whole));
    all
}

/// With a comma between every three digits.
fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A date as it is written in sentences, in figures and in words: 1949年12月31日, 一九四九年十二月三十一日,
/// 31/12/1949, December 31, 1949. What stands between figures is left out when texts are compared.
fn in_sentences(text: &str) -> Vec<String> {
    let Ok(date) = text.parse::<onething_model::Date>() else {
        return Vec::new();
    };
    let (year, month, day) = (date.year(), date.month(), date.day());
    let mut all = Vec::new();
    for (month, day) in [
        (format!("{month}"), format!("{day}")),
        (format!("{month:02}"), format!("{day:02}")),
    ] {
        all.push(format!("{year}-{month}-{day}"));
        all.push(format!("{day}/{month}/{year}"));
        all.push(format!("{month}/{day}/{year}"));
    }
    // Each part in figures or in words, whatever the others are in.
    let digits: String = year.to_string().chars().map(numeral).collect();
    let years = [year.to_string(), digits.replace('〇', "零"), digits];
    let either = |part: i8| [format!("{part}"), format!("{part:02}"), counted(part)];
    for year in &years {
        for month in either(month) {
            for day in either(day) {
                let chinese = format!("{year}年{month}月{day}");
                all.extend([format!("{chinese}日"), format!("{chinese}号"), chinese]);
            }
        }
    }
    let index = usize::from(month.unsigned_abs()).saturating_sub(1);
    let Some(name) = MONTHS.get(index) else {
        return all;
    };
    for name in [*name, &name[..3]] {
        all.push(format!("{day} {name} {year}"));
        all.push(format!("{day} {name}, {year}"));
        all.push(format!("{name} {day} {year}"));
        all.push(format!("{name} {day}, {year}"));
    }
    all
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn numeral(digit: char) -> char {
    let at = digit.to_digit(10).unwrap_or(0) as usize;
    "〇一二三四五六七八九".chars().nth(at).unwrap_or(digit)
}

/// A number below 100 in Chinese: 三, 十二, 三十一.
fn counted(number: i8) -> String {
    let word = |number: i8| numeral(char::from(b'0' + number.unsigned_abs() % 10));
    let mut text = String::new();
    if number >= 20 {
        text.push(word(number / 10));
    }
    if number >= 10 {
        text.push('十');
    }
    if number % 10 != 0 {
        text.push(word(number % 10));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_known_in_words() {
        for (amount, words) in [
            ("3500", "三千五百元"),
            ("3500", "叁仟伍佰元整"),
            ("12000", "壹万贰仟元整"),
            ("12000", "一万二千元"),
            ("2000", "两千元"),
            ("20000", "两万元"),
            ("10", "十元"),
            ("15", "十五块"),
            ("110", "一百一十元"),
            ("105", "一百零五元"),
            ("1005", "一千零五元"),
            ("1050", "一千零五十元"),
            ("10500", "一万零五百元"),
            ("15000", "一万五千元"),
            ("100005", "十万零五元"),
            ("1002000", "一百万二千元"),
            ("100000000", "一亿元"),
            ("100050000", "一亿零五万元"),
        ] {
            let all = in_figures(amount);
            assert!(
                all.iter().any(|one| one == words),
                "{amount}: {words} is not in {all:?}"
            );
        }
        assert_eq!(in_words("0"), Vec::<String>::new());
    }
}
