//! Texts as they are compared: however somebody writes a number or a name.
//!
//! A text is folded in three ways, each a line of marks that know their place in the text:
//! [`plain`](Folded::plain) leaves out what people put between digits and words,
//! [`read`](Folded::read) has numerals as digits as well, and
//! [`loose`](Folded::loose) leaves out all that is no letter and no digit. A value that is
//! folded in the same way is then found as a word is: in time that grows with the text.

use std::ops::Range;

use super::numeral;

/// A line of marks.
pub(super) struct Folded(Vec<Mark>);

/// A character as it is compared.
#[derive(Clone)]
pub(super) struct Mark {
    pub(super) folded: char,
    /// Where it stands, in bytes of the text; the digits of one numeral share their place.
    pub(super) at: Range<usize>,
    /// How many characters before it were left out.
    pub(super) gap: usize,
    /// Whether it is of an amount in words, as 三千五百, and not a digit that somebody wrote.
    pub(super) counted: bool,
}

impl Folded {
    /// A text without what people put between digits and words (blanks, hyphens, brackets,
    /// dots), with full-width characters as plain ones and in capitals.
    pub(super) fn plain(text: &str) -> Self {
        let mut marks: Vec<Mark> = Vec::with_capacity(text.len());
        let mut gap = 0;
        for (at, c) in text.char_indices() {
            let at = at..at + c.len_utf8();
            let Some(folded) = fold(c) else {
                gap += 1;
                continue;
            };
            let counted = false;
            marks.push(Mark {
                folded,
                at,
                gap,
                counted,
            });
            gap = 0;
        }
        Self(marks)
    }

    /// The same with numerals as digits: 十二月 as 12月, 幺三九 as 139, `double zero` as 00.
    pub(super) fn read(&self, text: &str) -> Self {
        Self(numeral::read(&self.0, text))
    }

    /// The same with nothing but letters and digits.
    pub(super) fn loose(&self) -> Self {
        let mut marks = Vec::with_capacity(self.0.len());
        let mut gap = 0;
        for mark in &self.0 {
            gap += mark.gap;
            if !mark.folded.is_alphanumeric() {
                gap += 1;
                continue;
            }
            let mark = mark.clone();
            marks.push(Mark { gap, ..mark });
            gap = 0;
        }
        Self(marks)
    }

    pub(super) fn marks(&self) -> &[Mark] {
        &self.0
    }

    /// What is compared.
    pub(super) fn word(&self) -> Vec<char> {
        self.0.iter().map(|mark| mark.folded).collect()
    }

    /// Where marks stand, in bytes of the text.
    pub(super) fn place(&self, marks: &Range<usize>) -> Range<usize> {
        self.0[marks.start].at.start..self.0[marks.end - 1].at.end
    }

    /// What was left out of the text before a mark: nothing within a numeral.
    pub(super) fn gap<'a>(&self, text: &'a str, at: usize) -> &'a str {
        let end = at.checked_sub(1).and_then(|at| self.0.get(at));
        let end = end.map_or(0, |mark| mark.at.end);
        let here = self.0.get(at).map_or(end, |mark| mark.at.start);
        text.get(end..here).unwrap_or("")
    }

    /// Where a word stands, by position of its marks; nowhere where it is too short
    /// to say anything.
    pub(super) fn find(&self, word: &[char]) -> Vec<Range<usize>> {
        let is_number = word.iter().all(char::is_ascii_digit);
        if word.len() < if is_number { 4 } else { 2 } {
            return Vec::new();
        }
        // As Knuth, Morris and Pratt do: `borders[n]` is how much of the first n + 1
        // characters is begun again at their end.
        let mut borders = vec![0; word.len()];
        let step = |borders: &[usize], mut matched: usize, next: char| {
            while matched > 0 && (matched == word.len() || word[matched] != next) {
                matched = borders[matched - 1];
            }
            matched + usize::from(word[matched] == next)
        };
        for at in 1..word.len() {
            borders[at] = step(&borders, borders[at - 1], word[at]);
        }
        let (mut matched, mut found) = (0, Vec::new());
        for (at, mark) in self.0.iter().enumerate() {
            matched = step(&borders, matched, mark.folded);
            if matched == word.len() {
                let place = at + 1 - word.len()..at + 1;
                if !self.cuts_a_word(&place) {
                    found.push(place);
                }
            }
        }
        found
    }

    /// Whether a place begins or ends within a word of Latin letters: `Li` in `Limited`.
    fn cuts_a_word(&self, place: &Range<usize>) -> bool {
        let letter = |mark: &Mark| mark.folded.is_ascii_alphabetic();
        self.joins(place.start, letter) || self.joins(place.end, letter)
    }

    /// Whether a place begins or ends within a number: `路1` in 路12.
    pub(super) fn cuts_a_number(&self, place: &Range<usize>) -> bool {
        let digit = |mark: &Mark| mark.folded.is_ascii_digit();
        self.joins(place.start, digit) || self.joins(place.end, digit)
    }

    /// Whether this mark and the one before it are both such, with nothing between them.
    fn joins(&self, at: usize, such: impl Fn(&Mark) -> bool) -> bool {
        let is = |at: usize| self.0.get(at).filter(|mark| such(mark));
        let before = at.checked_sub(1).and_then(is);
        before.is_some() && is(at).is_some_and(|mark| mark.gap == 0)
    }
}

/// The text with these places veiled. Places that touch are one.
pub(super) fn without(text: &str, mut places: Vec<Range<usize>>) -> String {
    places.sort_unstable_by_key(|place| (place.start, place.end));
    let mut told = String::with_capacity(text.len());
    let mut reached = 0;
    let mut veiled = false;
    for place in places {
        if !veiled || place.start > reached {
            told += &text[reached..place.start];
            told += VEIL;
            veiled = true;
        }
        reached = reached.max(place.end);
    }
    told + &text[reached..]
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

#[cfg(test)]
mod tests {
    use super::*;

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
            ("张三张三丰", "张三", "▇▇丰"),
            ("甲甲甲乙", "甲甲乙", "甲▇▇"),
        ] {
            let folded = Folded::plain(text);
            let places = folded.find(&Folded::plain(word).word());
            let places = places.iter().map(|place| folded.place(place)).collect();
            assert_eq!(without(text, places), told, "{text}");
        }
    }
}
