//! Dates in texts, in any order and with whatever stands between their parts.

use std::ops::Range;

use onething_model::Date;

use super::folded::{Folded, Mark};
use super::numeral;

/// What may be a date, where it stands in the text.
pub(super) struct Said {
    at: Range<usize>,
    /// Year, month and day: several where their order is not said. The year as it is written,
    /// of four digits or the last two.
    ways: Vec<(Option<u32>, u32, u32)>,
}

impl Said {
    /// Whether it tells this date, or its day and month.
    pub(super) fn tells(&self, date: Date) -> bool {
        let part = |part: i8| u32::from(part.unsigned_abs());
        let year = u32::from(date.year().unsigned_abs());
        let same = |said: u32| said == year || (said < 100 && said == year % 100);
        let tells = |(said, month, day): &(Option<u32>, u32, u32)| {
            said.is_none_or(same) && (*month, *day) == (part(date.month()), part(date.day()))
        };
        self.ways.iter().any(tells)
    }

    /// Where it stands, in bytes of the text.
    pub(super) fn at(&self) -> Range<usize> {
        self.at.clone()
    }
}

/// The dates of a text. What is part of a date with a year is no day and month on its own.
pub(super) fn said(read: &Folded, text: &str) -> Vec<Said> {
    let line = Line {
        parts: parts(read.marks()),
        text,
    };
    let mut said = Vec::new();
    for at in 0..line.parts.len() {
        said.extend(line.chinese(at));
        said.extend(line.figures(at));
        said.extend(line.pair(at));
        said.extend(line.digits(at));
        line.english(at, &mut said);
    }
    said
}

/// The forms of a date in one number, which are found in longer ones too.
pub(super) fn in_one(date: Date) -> [String; 3] {
    let (year, month, day) = (date.year(), date.month(), date.day());
    [
        format!("{year:04}{month:02}{day:02}"),
        format!("{day:02}{month:02}{year:04}"),
        format!("{month:02}{day:02}{year:04}"),
    ]
}

struct Part {
    what: What,
    at: Range<usize>,
}

#[derive(Clone, Copy, PartialEq)]
enum What {
    /// A number and of how many digits it is.
    Number(u32, usize),
    /// The English name of a month.
    Month(u32),
    /// `of`, `the`: says nothing.
    Filler,
    Other(char),
}

fn parts(marks: &[Mark]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut at = 0;
    while at < marks.len() {
        let from = at;
        let what = if marks[at].folded.is_ascii_digit() {
            at += 1;
            // Digits that share their place are one number, apart from what stands beside.
            let same = |at: usize| marks[at].at == marks[from].at;
            while marks.get(at).is_some_and(|mark| {
                mark.folded.is_ascii_digit()
                    && mark.gap == 0
                    && (same(at) || !(mark.counted || marks[from].counted))
            }) {
                at += 1;
            }
            let digits: String = marks[from..at].iter().map(|mark| mark.folded).collect();
            digits
                .parse()
                .map_or(What::Other('0'), |number| What::Number(number, at - from))
        } else if let Some(end) = numeral::word(marks, at) {
            let word: String = marks[at..end].iter().map(|mark| mark.folded).collect();
            at = end;
            match word.as_str() {
                "OF" | "THE" | "DAY" => What::Filler,
                word => month(word).map_or(What::Other('a'), What::Month),
            }
        } else {
            at += 1;
            What::Other(marks[from].folded)
        };
        let at = marks[from].at.start..marks[at - 1].at.end;
        parts.push(Part { what, at });
    }
    parts
}

fn month(word: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "JANUARY",
        "FEBRUARY",
        "MARCH",
        "APRIL",
        "MAY",
        "JUNE",
        "JULY",
        "AUGUST",
        "SEPTEMBER",
        "OCTOBER",
        "NOVEMBER",
        "DECEMBER",
    ];
    let word = if word == "SEPT" { "SEP" } else { word };
    let is = |name: &&str| word == *name || word == &name[..3];
    let at = MONTHS.iter().position(is)?;
    u32::try_from(at + 1).ok()
}

struct Line<'a> {
    parts: Vec<Part>,
    text: &'a str,
}

impl Line<'_> {
    fn what(&self, at: usize) -> Option<What> {
        self.parts.get(at).map(|part| part.what)
    }

    fn is(&self, at: usize, one_of: &str) -> bool {
        matches!(self.what(at), Some(What::Other(c)) if one_of.contains(c))
    }

    fn number(&self, at: usize) -> Option<(u32, usize)> {
        match self.what(at)? {
            What::Number(number, digits) => Some((number, digits)),
            _ => None,
        }
    }

    /// A day or a month.
    fn short(&self, at: usize, most: u32) -> Option<u32> {
        let (number, digits) = self.number(at)?;
        (digits <= 2 && (1..=most).contains(&number)).then_some(number)
    }

    /// A year of four digits, and how many parts it is of: two in `nineteen forty-nine`.
    fn year(&self, at: usize) -> Option<(u32, usize)> {
        match self.number(at)? {
            (year @ 1800..2200, 4) => Some((year, 1)),
            (century @ 18..=20, 2) => {
                let (rest, 2) = self.number(at + 1)? else {
                    return None;
                };
                let written = self.parts[at].at.len() > 2 && self.parts[at + 1].at.len() > 2;
                written.then_some((century * 100 + rest, 2))
            }
            _ => None,
        }
    }

    /// What was left out between a part and the one before it.
    fn gap(&self, at: usize) -> &str {
        match (
            at.checked_sub(1).map(|at| &self.parts[at]),
            self.parts.get(at),
        ) {
            (Some(before), Some(part)) => {
                let gap = before.at.end..part.at.start;
                self.text.get(gap).unwrap_or("")
            }
            _ => "",
        }
    }

    fn said(&self, parts: Range<usize>, ways: Vec<(Option<u32>, u32, u32)>) -> Option<Said> {
        let is_date =
            |(_, month, day): &(_, u32, u32)| (1..=12).contains(month) && (1..=31).contains(day);
        let ways: Vec<_> = ways.into_iter().filter(is_date).collect();
        let at = self.parts[parts.start].at.start..self.parts[parts.end - 1].at.end;
        (!ways.is_empty()).then_some(Said { at, ways })
    }

    /// 1949年12月31日, 49年12月31号, 12月31日: begins with the month.
    fn chinese(&self, at: usize) -> Option<Said> {
        let month = self.short(at, 12).filter(|_| self.is(at + 1, "月"))?;
        let at_day = at + 2 + usize::from(self.is(at + 2, "的"));
        let day = self.short(at_day, 31)?;
        let (mut from, mut end, mut year) = (at, at_day + 1, None);
        let between = usize::from(at > 0 && self.is(at - 1, ",的"));
        let before = at.checked_sub(2 + between);
        if let Some(before) = before.filter(|at| self.is(at + 1, "年"))
            && let Some((said, _)) = self.number(before)
        {
            (from, year) = (before, Some(said));
        }
        if self.is(end, "日号") {
            end += 1;
        } else if year.is_none() && self.is(end, COUNTED) {
            // 12月31人: so many, not a day.
            return None;
        }
        let after = end + usize::from(self.is(end, ","));
        if let (None, Some((said, parts))) = (year, self.year(after)) {
            end = after + parts + usize::from(self.is(after + parts, "年"));
            year = Some(said);
        }
        self.said(from..end, vec![(year, month, day)])
    }

    /// 31 December 1949, the 31st of Dec., December 31st, 1949, 1949 December 31: begins with
    /// the first of day and month.
    fn english(&self, at: usize, said: &mut Vec<Said>) {
        let says_nothing = |at: &usize| self.what(*at) == Some(What::Filler) || self.is(*at, ",");
        let skip = |at: usize| at + (at..at + 3).take_while(says_nothing).count();
        let next = skip(at + 1);
        let both = match (self.what(at), self.what(next)) {
            (Some(What::Month(month)), _) => self.short(next, 31).map(|day| (month, day)),
            (_, Some(What::Month(month))) => self.short(at, 31).map(|day| (month, day)),
            _ => None,
        };
        let Some((month, day)) = both else { return };
        let (end, after) = (next + 1, skip(next + 1));
        let way = |year: Option<u32>| vec![(year, month, day)];
        let before = at.checked_sub(1).and_then(|at| self.number(at));
        if let Some((year, parts)) = self.year(after) {
            said.extend(self.said(at..after + parts, way(Some(year))));
            return;
        }
        if let Some((year, 4)) = before {
            said.extend(self.said(at - 1..end, way(Some(year))));
            return;
        }
        // What follows is the year, or another number: then the day stands alone.
        let after = after + usize::from(self.is(after, "'’‘"));
        if let Some((year, 2)) = self.number(after) {
            said.extend(self.said(at..after + 1, way(Some(year))));
        }
        said.extend(self.said(at..end, way(None)));
    }

    /// 1949-12-31, 31/12/1949, 12.31.1949, 1949、12、31: with anything short between.
    fn figures(&self, at: usize) -> Option<Said> {
        let second = self.beside(at)?;
        let third = self.beside(second)?;
        // What parts a list parts two dates: 12/31、1949.
        if self.what(at + 1) != self.what(second + 1) && (second > at + 1 || third > second + 1) {
            return None;
        }
        let [a, b, c] = [at, second, third].map(|at| self.number(at).unwrap_or((0, 0)));
        let short = |part: (u32, usize)| part.1 <= 2;
        let (year, one, two) = match (a.1, c.1) {
            (4, _) if short(b) && short(c) => (a.0, b.0, c.0),
            (_, 4) if short(a) && short(b) => (c.0, a.0, b.0),
            _ => return None,
        };
        let ways = vec![(Some(year), one, two), (Some(year), two, one)];
        self.said(at..third + 1, ways)
    }

    /// The number after this one with nothing but a short mark between them.
    fn beside(&self, at: usize) -> Option<usize> {
        self.number(at)?;
        let next = at + 1 + usize::from(self.is(at + 1, ",、:;'~+|\\"));
        self.number(next)?;
        let (end, here) = (self.parts[at].at.end, self.parts[next].at.start);
        let between = here.saturating_sub(end);
        (1..=6).contains(&between).then_some(next)
    }

    /// The sign of a date between a part and the one before it, where both are numbers.
    fn sign(&self, at: usize) -> Option<char> {
        let both = self.number(at).and(self.number(at.checked_sub(1)?));
        let mut gap = both.map(|_| self.gap(at).trim().chars())?;
        let sign = match gap.next()? {
            '-' | '－' | '\u{2010}'..='\u{2015}' => '-',
            '/' | '／' => '/',
            '.' | '．' => '.',
            _ => return None,
        };
        gap.next().is_none().then_some(sign)
    }

    /// 12/31, 31.12, 12-31, and with a year of two digits, 49-12-31, 31/12/49.
    fn pair(&self, at: usize) -> Option<Said> {
        let sign = self.sign(at + 1)?;
        if self.sign(at).is_some() {
            return None;
        }
        let number = |at: usize| self.number(at).filter(|(_, digits)| *digits <= 2);
        let ((a, of_a), (b, _)) = (number(at)?, number(at + 1)?);
        if let Some(again) = self.sign(at + 2) {
            let (c, of_c) = number(at + 2).filter(|_| sign == again)?;
            if self.sign(at + 3).is_some() {
                return None;
            }
            let mut ways = Vec::new();
            if of_a == 2 {
                ways.extend([(Some(a), b, c), (Some(a), c, b)]);
            }
            if of_c == 2 {
                ways.extend([(Some(c), a, b), (Some(c), b, a)]);
            }
            return self.said(at..at + 3, ways);
        }
        let end = at + 2;
        let numbered = at > 0 && self.is(at - 1, "第￥¥$§");
        if numbered || self.is(end, COUNTED) || self.is(end, AMOUNTS) {
            return None;
        }
        let end = end + usize::from(self.is(end, "日号"));
        self.said(at..end, vec![(None, a, b), (None, b, a)])
    }

    /// 491231, 311249, 123149: six digits that stand for themselves.
    fn digits(&self, at: usize) -> Option<Said> {
        let (number, 6) = self.number(at)? else {
            return None;
        };
        if self.sign(at).is_some() || self.sign(at + 1).is_some() {
            return None;
        }
        let (a, b, c) = (number / 10_000, number / 100 % 100, number % 100);
        self.said(
            at..at + 1,
            vec![(Some(a), b, c), (Some(c), a, b), (Some(c), b, a)],
        )
    }
}

/// What is counted after a number.
const COUNTED: &str = "人份件个户次岁天页张套家位名期条款项章节级倍楼室栋";
/// What makes an amount or a size of it.
const AMOUNTS: &str = "元圆块万亿千百%‰米吨克平";
