//! Addresses: street and number tell where it is, with or without the city before them.

use std::ops::Range;

use super::folded::{Folded, Mark};

/// An address, and what of it is enough to find the house.
pub(super) struct Address {
    word: Vec<char>,
    /// Each a street, an estate or a village with its number.
    seeds: Vec<Range<usize>>,
}

impl Address {
    /// Nothing where the text has no number that a house could have.
    pub(super) fn new(loose: &Folded) -> Option<Self> {
        let marks = loose.marks();
        let mut seeds: Vec<Range<usize>> = Vec::new();
        let mut at = 0;
        while at < marks.len() {
            let from = at;
            let goes_on = |mark: &Mark, at: usize| {
                mark.folded.is_ascii_digit() && (at == from || mark.gap == 0)
            };
            while marks.get(at).is_some_and(|mark| goes_on(mark, at)) {
                at += 1;
            }
            if at > from {
                seeds.extend(chinese(marks, from..at));
                seeds.extend(english(marks, from..at));
            } else {
                at += 1;
            }
        }
        let word = loose.word();
        (!seeds.is_empty()).then_some(Self { word, seeds })
    }
}

/// 示例路1号, of 示例市示例区示例路1号3栋: what stands before a number, and its unit.
fn chinese(marks: &[Mark], number: Range<usize>) -> Option<Range<usize>> {
    let end = match marks.get(number.end) {
        Some(unit) if UNITS.contains(unit.folded) => number.end + 1,
        // 示例小区12-301.
        Some(next) if !(next.gap > 0 && next.folded.is_ascii_digit()) => return None,
        _ => number.end,
    };
    // 小区 and 园区 are no divisions.
    let estate = |at: usize| {
        let pair = (
            at.checked_sub(1).map(|at| marks[at].folded),
            marks[at].folded,
        );
        matches!(pair, (Some('小' | '园' | '社'), '区'))
    };
    let name = (0..number.start).rev().take_while(|at| {
        let c = marks[*at].folded;
        !c.is_ascii() && (!BEFORE.contains(c) || estate(*at))
    });
    let length = name.take(4).count();
    (length >= 2).then(|| number.start - length..end)
}

/// 8 Sample Road: a number and two words.
fn english(marks: &[Mark], number: Range<usize>) -> Option<Range<usize>> {
    let mut end = number.end;
    for _ in 0..2 {
        let letter = |at: usize| {
            let mark = marks.get(at);
            mark.filter(|mark| mark.folded.is_ascii_alphabetic())
        };
        letter(end).filter(|mark| mark.gap > 0)?;
        end += 1;
        while letter(end).is_some_and(|mark| mark.gap == 0) {
            end += 1;
        }
    }
    Some(number.start..end)
}

/// What a number of a house, a flat or a group of houses is followed by.
const UNITS: &str = "号號弄栋幢座楼室组户院单门巷";
/// What a division or a number before a street ends with.
const BEFORE: &str = "省市区县旗州盟乡镇号號弄栋幢座";

/// Where an address stands, or the part of it that finds the house, with as much of it as
/// stands beside.
pub(super) fn find(loose: &Folded, address: &Address) -> Vec<Range<usize>> {
    let (marks, word) = (loose.marks(), &address.word);
    let mut found = Vec::new();
    for seed in &address.seeds {
        let mut reached = 0;
        for place in loose.find(&word[seed.clone()]) {
            if place.start < reached || loose.cuts_a_number(&place) {
                continue;
            }
            let same = |(mark, c): &(&Mark, &char)| mark.folded == **c;
            let before = marks[reached..place.start].iter().rev();
            let before = before.zip(word[..seed.start].iter().rev());
            let after = marks[place.end..].iter().zip(&word[seed.end..]);
            let mut whole = place.start - before.take_while(same).count()
                ..place.end + after.take_while(same).count();
            // A number that goes on is another one: 2室 of 20室.
            while loose.cuts_a_number(&(place.start..whole.end)) && whole.end > place.end {
                whole.end -= 1;
            }
            while loose.cuts_a_number(&(whole.start..place.end)) && whole.start < place.start {
                whole.start += 1;
            }
            reached = whole.end;
            found.push(whole);
        }
    }
    found
}
