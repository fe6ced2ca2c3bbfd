//! Numerals as digits: 十二 is 12, 一三九 is 139, `thirty-first` is 31 and `double zero` 00.

use super::folded::Mark;

/// These marks with numerals as digits.
pub(super) fn read(marks: &[Mark], text: &str) -> Vec<Mark> {
    let mut read = Vec::with_capacity(marks.len());
    let mut at = 0;
    while at < marks.len() {
        let next = chinese(marks, text, at, &mut read)
            .or_else(|| english(marks, at, &mut read))
            .or_else(|| suffix(marks, at, &mut read));
        at = next.unwrap_or_else(|| {
            read.push(marks[at].clone());
            at + 1
        });
    }
    read
}

/// Reads the Chinese numerals that stand together at `at`; where they end.
fn chinese(marks: &[Mark], text: &str, at: usize, read: &mut Vec<Mark>) -> Option<usize> {
    let is_numeral = |c: char| digit(c).is_some() || unit(c).is_some();
    // 元月 is January.
    if marks[at].folded == '元' && marks.get(at + 1).is_some_and(|mark| mark.folded == '月') {
        read.push(Mark {
            folded: '1',
            counted: true,
            ..marks[at].clone()
        });
        return Some(at + 1);
    }
    if !is_numeral(marks[at].folded) {
        return None;
    }
    let blank = |from: usize, to: usize| text[from..to].trim().is_empty();
    let mut end = at + 1;
    while marks
        .get(end)
        .is_some_and(|mark| is_numeral(mark.folded) && blank(marks[end - 1].at.end, mark.at.start))
    {
        end += 1;
    }
    let run = &marks[at..end];
    let units = run.iter().any(|mark| unit(mark.folded).is_some());
    let value = units.then(|| value(run.iter().map(|mark| mark.folded)));
    if let Some(value) = value.flatten() {
        let place = run[0].at.start..marks[end - 1].at.end;
        push(read, &value.to_string(), &place, run[0].gap, true);
        return Some(end);
    }
    for mark in run {
        let folded = digit(mark.folded).map_or(mark.folded, |digit| char::from(b'0' + digit));
        let mark = mark.clone();
        read.push(Mark { folded, ..mark });
    }
    Some(end)
}

/// Pushes digits that share a place.
fn push(
    read: &mut Vec<Mark>,
    digits: &str,
    place: &std::ops::Range<usize>,
    gap: usize,
    counted: bool,
) {
    for (at, folded) in digits.chars().enumerate() {
        let gap = if at == 0 { gap } else { 0 };
        let at = place.clone();
        read.push(Mark {
            folded,
            at,
            gap,
            counted,
        });
    }
}

pub(super) fn digit(c: char) -> Option<u8> {
    Some(match c {
        '〇' | '零' | '○' => 0,
        '一' | '壹' | '幺' => 1,
        '二' | '贰' | '貳' | '两' => 2,
        '三' | '叁' | '參' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' | '陸' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

pub(super) fn unit(c: char) -> Option<u64> {
    Some(match c {
        '十' | '拾' => 10,
        '廿' => 20,
        '卅' => 30,
        '百' | '佰' => 100,
        '千' | '仟' => 1_000,
        '万' | '萬' => 10_000,
        '亿' | '億' => 100_000_000,
        _ => return None,
    })
}

/// What a numeral with units comes to: 三千五百, 两万零五, 十二, 廿五, 三万五. Nothing where it is none.
fn value(run: impl Iterator<Item = char>) -> Option<u64> {
    let (mut total, mut section) = (0_u64, 0_u64);
    // The digit that waits for its unit, whether a nought was said, and the last unit.
    let (mut waiting, mut nought, mut last) = (None, false, u64::MAX);
    for c in run {
        if let Some(digit) = digit(c) {
            if waiting.is_some() {
                return None;
            }
            match digit {
                0 => nought = true,
                digit => waiting = Some(u64::from(digit)),
            }
            continue;
        }
        let unit = unit(c)?;
        match unit {
            20 | 30 if waiting.is_none() => {
                section = section.checked_add(unit)?;
                last = 10;
            }
            10..=1_000 => {
                let many = match (waiting.take(), unit) {
                    (Some(many), _) => many,
                    (None, 10) => 1,
                    (None, _) => return None,
                };
                if unit >= last {
                    return None;
                }
                section = section.checked_add(many * unit)?;
                last = unit;
            }
            _ => {
                section = section.checked_add(waiting.take().unwrap_or(0))?;
                let all = match unit {
                    10_000 => section,
                    _ => total.checked_add(section)?,
                };
                if all == 0 {
                    return None;
                }
                let all = all.checked_mul(unit)?;
                total = match unit {
                    10_000 => total.checked_add(all)?,
                    _ => all,
                };
                section = 0;
                // What follows begins anew; alone it counts the next unit: 三万五.
                last = unit;
            }
        }
        nought = false;
    }
    let rest = match (waiting, nought) {
        (Some(digit), false) if last != u64::MAX => digit * (last / 10).max(1),
        (digit, _) => digit.unwrap_or(0),
    };
    total.checked_add(section)?.checked_add(rest)
}

/// Reads the English number word at `at`; where it ends.
fn english(marks: &[Mark], at: usize, read: &mut Vec<Mark>) -> Option<usize> {
    let end = word(marks, at)?;
    let text = |from: usize, to: usize| -> String {
        marks[from..to].iter().map(|mark| mark.folded).collect()
    };
    let first = text(at, end);
    let second = || {
        let next = word(marks, end).filter(|_| marks[end].gap > 0)?;
        Some((number(&text(end, next))?, next))
    };
    let place = |end: usize| marks[at].at.start..marks[end - 1].at.end;
    let many = match first.as_str() {
        "DOUBLE" => Some(2),
        "TRIPLE" | "TREBLE" => Some(3),
        _ => None,
    };
    if let Some(many) = many {
        let (digits, next) = match second() {
            Some((number @ 0..=9, next)) => (number.to_string(), next),
            Some(_) => return None,
            None => {
                let alone = marks.get(end).filter(|mark| mark.folded.is_ascii_digit())?;
                (alone.folded.to_string(), end + 1)
            }
        };
        push(
            read,
            &digits.repeat(many),
            &place(next),
            marks[at].gap,
            false,
        );
        return Some(next);
    }
    let number = number(&first)?;
    let (number, end) = match second() {
        Some((ones @ 1..=9, next)) if number >= 20 => (number + ones, next),
        _ => (number, end),
    };
    push(read, &number.to_string(), &place(end), marks[at].gap, false);
    Some(end)
}

/// Leaves out what makes 31st of 31.
fn suffix(marks: &[Mark], at: usize, read: &mut [Mark]) -> Option<usize> {
    let end = word(marks, at).filter(|end| *end == at + 2)?;
    let letters = (marks[at].folded, marks[at + 1].folded);
    let ordinal = matches!(letters, ('S', 'T') | ('N', 'D') | ('R', 'D') | ('T', 'H'));
    let before = read.last().filter(|mark| mark.folded.is_ascii_digit());
    let number = before.filter(|_| ordinal && marks[at].gap == 0)?;
    let place = number.at.clone();
    let digits = read.iter_mut().rev().take_while(|mark| mark.at == place);
    digits.for_each(|digit| digit.at.end = marks[end - 1].at.end);
    Some(end)
}

/// Where the word of Latin letters ends that begins at `at`.
pub(super) fn word(marks: &[Mark], at: usize) -> Option<usize> {
    let letter = |at: usize| {
        let mark = marks.get(at);
        mark.filter(|mark| mark.folded.is_ascii_alphabetic())
    };
    let first = letter(at)?;
    if first.gap == 0 && at.checked_sub(1).and_then(letter).is_some() {
        return None;
    }
    let mut end = at + 1;
    while letter(end).is_some_and(|mark| mark.gap == 0) {
        end += 1;
    }
    Some(end)
}

/// Cardinals and ordinals below a hundred, of one word.
fn number(word: &str) -> Option<u32> {
    const ONES: [(&str, &str); 20] = [
        ("ZERO", "NOUGHT"),
        ("ONE", "FIRST"),
        ("TWO", "SECOND"),
        ("THREE", "THIRD"),
        ("FOUR", "FOURTH"),
        ("FIVE", "FIFTH"),
        ("SIX", "SIXTH"),
        ("SEVEN", "SEVENTH"),
        ("EIGHT", "EIGHTH"),
        ("NINE", "NINTH"),
        ("TEN", "TENTH"),
        ("ELEVEN", "ELEVENTH"),
        ("TWELVE", "TWELFTH"),
        ("THIRTEEN", "THIRTEENTH"),
        ("FOURTEEN", "FOURTEENTH"),
        ("FIFTEEN", "FIFTEENTH"),
        ("SIXTEEN", "SIXTEENTH"),
        ("SEVENTEEN", "SEVENTEENTH"),
        ("EIGHTEEN", "EIGHTEENTH"),
        ("NINETEEN", "NINETEENTH"),
    ];
    const TENS: [(&str, &str); 8] = [
        ("TWENTY", "TWENTIETH"),
        ("THIRTY", "THIRTIETH"),
        ("FORTY", "FORTIETH"),
        ("FIFTY", "FIFTIETH"),
        ("SIXTY", "SIXTIETH"),
        ("SEVENTY", "SEVENTIETH"),
        ("EIGHTY", "EIGHTIETH"),
        ("NINETY", "NINETIETH"),
    ];
    let find = |table: &[(&str, &str)]| {
        let mut names = table.iter();
        names.position(|(one, nth)| word == *one || word == *nth)
    };
    let ones = find(&ONES).or_else(|| (word == "OH").then_some(0));
    let value = ones.or_else(|| find(&TENS).map(|at| (at + 2) * 10));
    value.and_then(|value| u32::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::super::folded::Folded;

    #[test]
    fn numerals_are_read_as_digits() {
        for (text, read) in [
            ("一九四九年十二月三十一日", "1949年12月31日"),
            ("元月五日，元旦", "1月5日，元旦"),
            ("十月廿五，卅一日", "10月25，31日"),
            ("幺三九零〇○", "139000"),
            ("三千五百元", "3500元"),
            ("叁仟伍佰元整", "3500元整"),
            ("两万零五、三万五、一百二", "20005、35000、120"),
            ("一亿零五万、一百万二千", "100050000、1002000"),
            ("十万零五", "100005"),
            ("第十二条", "第12条"),
            // No numerals, or none that are one number.
            ("百姓、千万", "百姓、千万"),
            ("十百", "十百"),
            ("九九九九九九九九亿亿亿亿", "99999999亿亿亿亿"),
            ("一、二", "1、2"),
            // English.
            ("the 31st of December", "THE31OFDECEMBER"),
            ("thirty-first, twenty 2", "31，202"),
            ("nineteen forty-nine", "1949"),
            ("139 zero zero double seven 1 double 0", "139007 7100"),
            ("someone, tenant", "SOMEONE,TENANT"),
            ("", ""),
        ] {
            let folded = Folded::plain(text).read(text);
            let digits: String = folded.word().iter().collect();
            let wanted = Folded::plain(read).word();
            assert_eq!(digits, wanted.iter().collect::<String>(), "{text}");
        }
    }
}
