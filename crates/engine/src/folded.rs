//! Texts as they are compared: however somebody writes a number or a name.

use std::ops::Range;

/// A text without what people put between digits and words (blanks, hyphens, brackets,
/// dots), with full-width characters as plain ones and in capitals. Each character knows
/// where it stands in the text.
pub(crate) struct Folded(Vec<Mark>);

struct Mark {
    folded: char,
    at: Range<usize>,
    /// How many characters before it were left out.
    gap: usize,
}

impl Folded {
    pub(crate) fn new(text: &str) -> Self {
        let mut marks: Vec<Mark> = Vec::with_capacity(text.len());
        let mut gap = 0;
        for (at, c) in text.char_indices() {
            match fold(c) {
                Some(folded) => {
                    let at = at..at + c.len_utf8();
                    marks.push(Mark { folded, at, gap });
                    gap = 0;
                }
                None => gap += 1,
            }
        }
        Self(marks)
    }

    /// Where a word stands, by position of its characters; nowhere where it is too short
    /// to say anything.
    pub(crate) fn find(&self, word: &Self) -> impl Iterator<Item = Range<usize>> {
        let length = word.0.len();
        let is_number = word.0.iter().all(|mark| mark.folded.is_ascii_digit());
        let least = if is_number { 4 } else { 2 };
        let places = (self.0.len() + 1).saturating_sub(length);
        let places = if length < least { 0 } else { places };
        (0..places).map(move |at| at..at + length).filter(|at| {
            let here = self.0[at.clone()].iter().map(|mark| mark.folded);
            here.eq(word.0.iter().map(|mark| mark.folded)) && !self.cuts_a_word(at)
        })
    }

    /// Whether a place begins or ends within a word of Latin letters: `Li` in `Limited`.
    fn cuts_a_word(&self, place: &Range<usize>) -> bool {
        let joined = |at: usize| {
            let letter = |at: usize| self.0.get(at).filter(|m| m.folded.is_ascii_alphabetic());
            let before = at.checked_sub(1).and_then(letter);
            before.is_some() && letter(at).is_some_and(|mark| mark.gap == 0)
        };
        joined(place.start) || joined(place.end)
    }

    /// Where numbers stand that look like those of people, by position of their characters.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = Range<usize>> {
        let mut at = 0;
        std::iter::from_fn(move || {
            while at < self.0.len() {
                let from = at;
                let Some(group) = self.group(from) else {
                    at += 1;
                    continue;
                };
                let number = self.number(from);
                at = number.unwrap_or(group);
                if number.is_some() {
                    return Some(from..at);
                }
            }
            None
        })
    }

    /// The end of the number that begins with the group of digits at `from`: the longest.
    fn number(&self, from: usize) -> Option<usize> {
        let mut ends = Vec::new();
        let mut end = self.group(from)?;
        ends.push(end);
        while let Some(next) = self.group(end).filter(|_| self.0[end].gap == 1) {
            end = next;
            ends.push(end);
        }
        ends.into_iter()
            .rev()
            .find(|end| self.is_number(from, *end))
    }

    /// The end of the digits that stand together at `from`, the X of an identity number included.
    fn group(&self, from: usize) -> Option<usize> {
        let digit = |at: usize| self.0.get(at).filter(|mark| mark.folded.is_ascii_digit());
        digit(from)?;
        let mut end = from + 1;
        while digit(end).is_some_and(|mark| mark.gap == 0) {
            end += 1;
        }
        let check = self.0.get(end).filter(|mark| mark.folded == 'X');
        Some(end + usize::from(check.is_some_and(|mark| mark.gap == 0)))
    }

    /// Whether these digits look like a number of a person.
    fn is_number(&self, from: usize, end: usize) -> bool {
        let digits: String = self.0[from..end].iter().map(|mark| mark.folded).collect();
        let first = self.group(from).unwrap_or(from) - from;
        let in_one = from + first == end;
        let local = digits.strip_prefix("0086").or(digits.strip_prefix("86"));
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
            15..=19 if self.is_card(from, end) => true,
            _ => {
                let local = local.unwrap_or(&digits);
                is_mobile(local) || (is_fixed(&digits) && (in_one || matches!(first, 3 | 4)))
            }
        }
    }

    /// Whether digits in groups look like a bank card: by the first digit of the networks
    /// (ISO/IEC 7812), which no year has, and in groups longer than those of a date.
    fn is_card(&self, from: usize, end: usize) -> bool {
        let begins = matches!(self.0[from].folded, '3'..='6' | '9');
        let groups =
            std::iter::successors(Some(from), |at| self.group(*at)).take_while(|at| *at < end);
        let mut lengths = groups.filter_map(|at| Some(self.group(at)? - at));
        begins && lengths.all(|length| length >= 3)
    }

    /// The text with these places veiled.
    pub(crate) fn without(&self, text: &str, places: impl Iterator<Item = Range<usize>>) -> String {
        let mut veiled = vec![false; self.0.len()];
        // Whether a character is of one place with the one before it.
        let mut joined = vec![false; self.0.len()];
        for place in places {
            joined[place.clone()]
                .iter_mut()
                .skip(1)
                .for_each(|at| *at = true);
            veiled[place].fill(true);
        }
        let mut told = String::with_capacity(text.len());
        let (mut reached, mut at) = (0, 0);
        while at < veiled.len() {
            let from = at;
            // What stands between two places is nobody's.
            let goes_on = |at: usize| at == from || joined[at] || self.0[at].gap == 0;
            while veiled.get(at) == Some(&true) && goes_on(at) {
                at += 1;
            }
            if at > from {
                told += &text[reached..self.0[from].at.start];
                told += VEIL;
                reached = self.0[at - 1].at.end;
            } else {
                at += 1;
            }
        }
        told + &text[reached..]
    }
}

/// What stands in place of something personal.
const VEIL: &str = "▇▇";

/// As it is compared; nothing for what is left out.
fn fold(c: char) -> Option<char> {
    let plain = match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    let between = matches!(
        plain,
        '-' | '/' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '(' | ')' | '·' | '•' | '・' | '_'
            | '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}'
    );
    (!between && !plain.is_whitespace()).then(|| plain.to_ascii_uppercase())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn veiled(text: &str) -> String {
        let folded = Folded::new(text);
        folded.without(text, folded.numbers())
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

    #[test]
    fn a_word_is_found_however_it_is_written() {
        for (text, word, told) in [
            ("王芳的照片", "王芳", "▇▇的照片"),
            ("古丽阿依、古丽•阿依", "古丽·阿依", "▇▇、▇▇"),
            ("Li Lei of Li Limited", "Li", "▇▇ Lei of ▇▇ Limited"),
            ("1 3 9 0 0 0 0", "1390000", "▇▇"),
            ("第12条", "12", "第12条"),
            ("男", "男", "男"),
            ("aaa", "aa", "aaa"),
        ] {
            let (folded, word) = (Folded::new(text), Folded::new(word));
            assert_eq!(folded.without(text, folded.find(&word)), told, "{text}");
        }
    }
}
