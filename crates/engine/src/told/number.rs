//! What looks like a number of a person though the case does not have it, and what belongs
//! to a telephone number: its country code and its extension.

use std::ops::Range;

use super::folded::Folded;

/// A number that looks like one of a person, by position of its marks.
pub(super) struct Number {
    pub(super) marks: Range<usize>,
    /// Whether it may have an extension.
    pub(super) is_phone: bool,
}

/// Where numbers stand that look like those of people.
pub(super) fn numbers<'a>(read: &'a Folded, text: &'a str) -> impl Iterator<Item = Number> + 'a {
    let line = Line { read, text };
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < read.marks().len() {
            let from = at;
            let Some(group) = line.group(from) else {
                at += 1;
                continue;
            };
            let number = line.number(from);
            at = number.as_ref().map_or(group, |number| number.marks.end);
            if number.is_some() {
                return number;
            }
        }
        None
    })
}

/// More digits than any number in groups has: a card, with its country code.
const MOST_DIGITS: usize = 24;

struct Line<'a> {
    read: &'a Folded,
    text: &'a str,
}

impl Line<'_> {
    /// The number that begins with the group of digits at `from`: the longest.
    fn number(&self, from: usize) -> Option<Number> {
        let mut ends = Vec::new();
        let mut end = self.group(from)?;
        // Whether one character at most stands between groups.
        let mut close = true;
        ends.push((end, close));
        while let Some(next) = self.group(end).filter(|next| next - from <= MOST_DIGITS) {
            let gap = self.read.gap(self.text, end);
            close &= gap.chars().count() == 1;
            if !close && !is_bracketed(gap) {
                break;
            }
            end = next;
            ends.push((end, close));
        }
        ends.into_iter().rev().find_map(|(end, close)| {
            let is_phone = self.is_phone(from, end);
            let is_number = is_phone || (close && self.is_number(from, end));
            is_number.then_some(Number {
                marks: from..end,
                is_phone,
            })
        })
    }

    /// The end of the digits that stand together at `from`, the X of an identity number included.
    fn group(&self, from: usize) -> Option<usize> {
        let marks = self.read.marks();
        let digit = |at: usize| {
            let mark = marks.get(at);
            mark.filter(|mark| mark.folded.is_ascii_digit() && !mark.counted)
        };
        digit(from)?;
        let mut end = from + 1;
        while digit(end).is_some_and(|mark| mark.gap == 0) {
            end += 1;
        }
        let check = marks.get(end).filter(|mark| mark.folded == 'X');
        Some(end + usize::from(check.is_some_and(|mark| mark.gap == 0)))
    }

    fn digits(&self, from: usize, end: usize) -> String {
        let marks = &self.read.marks()[from..end];
        marks.iter().map(|mark| mark.folded).collect()
    }

    /// Whether these digits look like a telephone number.
    fn is_phone(&self, from: usize, end: usize) -> bool {
        let digits = self.digits(from, end);
        let first = self.group(from).unwrap_or(from) - from;
        let in_one = from + first == end;
        if is_mobile(&digits) || (is_fixed(&digits) && (in_one || matches!(first, 3 | 4))) {
            return true;
        }
        let marks = self.read.marks();
        let plus = from > 0 && marks[from - 1].folded == '+';
        let abroad = digits.strip_prefix("0086");
        let Some(local) = abroad.or_else(|| digits.strip_prefix("86")) else {
            return false;
        };
        // 86 alone begins other numbers, too; said to be a code, it is one.
        let is_code = plus || abroad.is_some() || (first == 2 && self.in_brackets(from));
        is_mobile(local)
            || (is_fixed(local) && (is_code || first == 2))
            || (is_code && is_fixed(&format!("0{local}")) && local.len() >= 9)
    }

    fn in_brackets(&self, at: usize) -> bool {
        let before = &self.text[..self.read.marks()[at].at.start];
        before.trim_end().ends_with(['(', '（'])
    }

    /// Whether these digits look like another number of a person.
    fn is_number(&self, from: usize, end: usize) -> bool {
        let digits = self.digits(from, end);
        let in_one = self.group(from) == Some(end);
        let born = |year: usize, month: usize| {
            let part = |at: usize| digits[at..at + 2].parse::<u32>().unwrap_or(0);
            let century = year == month - 2 || matches!(part(year), 18..=20);
            century && (1..=12).contains(&part(month)) && (1..=31).contains(&part(month + 2))
        };
        match digits.trim_end_matches('X').len() {
            // Whatever it is: an account, a card, a number that is mistyped.
            15.. if in_one => true,
            17 | 18 if digits.len() == 18 => born(6, 10),
            15 if born(6, 8) => true,
            15..=19 => self.is_card(from, end),
            _ => false,
        }
    }

    /// Whether digits in groups look like a bank card: by the first digit of the networks
    /// (ISO/IEC 7812), which no year has, and in groups longer than those of a date.
    fn is_card(&self, from: usize, end: usize) -> bool {
        let begins = matches!(self.read.marks()[from].folded, '3'..='6' | '9');
        let groups =
            std::iter::successors(Some(from), |at| self.group(*at)).take_while(|at| *at < end);
        let mut lengths = groups.filter_map(|at| Some(self.group(at)? - at));
        begins && lengths.all(|length| length >= 3)
    }
}

/// Whether this is what stands between a code in brackets and its number, at most.
fn is_bracketed(gap: &str) -> bool {
    let between = |c: char| matches!(c, '(' | ')' | '（' | '）' | '-' | ' ' | '\u{3000}');
    gap.chars().count() <= 3 && gap.chars().all(between)
}

fn is_mobile(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1') && !matches!(&digits[1..2], "0" | "1" | "2")
}

/// With its area code: 010, 02x or four digits, and seven or eight digits.
fn is_fixed(digits: &str) -> bool {
    (10..=12).contains(&digits.len())
        && digits.starts_with('0')
        && !digits[1..].starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A telephone number with the country code before it and the extension after it.
pub(super) fn whole(loose: &Folded, text: &str, number: Range<usize>) -> Range<usize> {
    let Range { mut start, mut end } = number;
    let marks = loose.marks();
    let before = |at: usize, digit: char, gap: usize| {
        let mark = at.checked_sub(1).map(|at| &marks[at]);
        let near = marks.get(at).is_none_or(|mark| mark.gap <= gap);
        near && mark.is_some_and(|mark| mark.folded == digit)
    };
    let is_digit = |at: usize| {
        let mark = at.checked_sub(1).map(|at| &marks[at]);
        mark.is_some_and(|mark| mark.folded.is_ascii_digit()) && marks[at].gap == 0
    };
    // The nought of an area code, as +86 (0)10.
    let from = start - usize::from(before(start, '0', 2) && before(start - 1, '6', 4));
    if before(from, '6', 4) && before(from - 1, '8', 1) {
        let code = from - 2;
        if before(code, '0', 1) && before(code - 1, '0', 1) && !is_digit(code - 2) {
            start = code - 2;
        } else if !is_digit(code) {
            start = code;
        }
    }
    if let Some(last) = extension(loose, text, end) {
        end = last;
    }
    start..end
}

/// Where an extension ends that is said after a number: 转8, 分机 8001, ext. 8, -8, #8.
fn extension(loose: &Folded, text: &str, end: usize) -> Option<usize> {
    let marks = loose.marks();
    let gap = loose.gap(text, end);
    if gap.chars().count() > 3 || gap.contains(['。', '；', ';', '\n']) {
        return None;
    }
    let says = |word: &&str| {
        let at = end..end + word.chars().count();
        let here = marks.get(at).into_iter().flatten();
        here.map(|mark| mark.folded).eq(word.chars())
    };
    let words = [
        "转分机",
        "转",
        "分机号",
        "分机",
        "EXTENSION",
        "EXTN",
        "EXT",
        "X",
    ];
    let word = words.iter().find(|word| says(word));
    let signed = matches!(gap.trim(), "-" | "－" | "–" | "—" | "#" | "＃" | "*" | "×");
    let from = end + word.map_or(0, |word| word.chars().count());
    if word.is_none() && !signed {
        return None;
    }
    let digit = |at: usize| {
        let mark = marks.get(at);
        mark.filter(|mark| mark.folded.is_ascii_digit())
    };
    digit(from).filter(|mark| mark.gap <= 3)?;
    let mut last = from + 1;
    while digit(last).is_some_and(|mark| mark.gap == 0) {
        last += 1;
    }
    (last - from <= 6).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::super::reading::Reading;
    fn veiled(text: &str) -> String {
        let reading = Reading::new(text);
        super::super::folded::without(text, reading.numbers().collect())
    }

    #[test]
    fn what_looks_like_a_number_of_a_person() {
        for (text, told) in [
            (
                "身份证号11010519491231002X与照片不符",
                "身份证号▇▇与照片不符",
            ),
            (
                "身份证号 110105 19491231 002x，请核对",
                "身份证号 ▇▇，请核对",
            ),
            ("１１０１０５１９４９１２３１００２Ｘ有误", "▇▇有误"),
            // One digit too few, too many or wrong: whose it is can be guessed.
            ("少一位 1101051949123100", "少一位 ▇▇"),
            ("多一位 1101051949123100211", "多一位 ▇▇"),
            ("旧号 110105491231002", "旧号 ▇▇"),
            ("请致电13900007777。", "请致电▇▇。"),
            ("call 139-0000-7777 or 138 0000 8888", "call ▇▇ or ▇▇"),
            ("+86 139 0000 7777、008613900007777", "+▇▇、▇▇"),
            ("(0755)2345 6789", "(▇▇"),
            ("010-65123456；02165123456", "▇▇；▇▇"),
            (
                "银行卡 6217 0012 3456 7890 123，6222-0210-0111-6245",
                "银行卡 ▇▇，▇▇",
            ),
            ("62220210 01116245702", "▇▇"),
            ("两个号码13900007777 13800008888", "两个号码▇▇ ▇▇"),
            // What is no number of a person.
            (
                "2026-01-05 2026-01-06 09:30 补交",
                "2026-01-05 2026-01-06 09:30 补交",
            ),
            (
                "国发〔2023〕15号，第 12 条（2026）",
                "国发〔2023〕15号，第 12 条（2026）",
            ),
            ("金额 13,900,007,777 元", "金额 13,900,007,777 元"),
            ("受理号 20260105000123", "受理号 20260105000123"),
            ("请拨打12345或400-810-0000", "请拨打12345或400-810-0000"),
            ("91350100M000100Y43", "91350100M000100Y43"),
            ("", ""),
        ] {
            assert_eq!(veiled(text), told, "{text}");
        }
    }
}
