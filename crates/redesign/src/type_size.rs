//! How wide text is, and where it is broken: in columns of a terminal and in
//! thousandths of the font size.
//!
//! Nobody knows which font a reader's machine has. The widths here are those
//! of wide common fonts (a Chinese character is one em; Latin letters by
//! class, after DejaVu Sans, which is wider than Noto, Arial or PingFang), so
//! that what fits by these widths fits in practice.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Width of a text in columns of a terminal; Chinese characters count two.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// Breaks a text into lines of at most `columns` columns; see [`wrap`].
pub(crate) fn wrap_columns(text: &str, columns: usize) -> Vec<String> {
    wrap(text, columns, |c| c.width().unwrap_or(0))
}

/// Width of a character in thousandths of the font size.
pub(crate) fn em_thousandths(c: char) -> usize {
    match c {
        ' ' => 320,
        'i' | 'j' | 'l' | '\'' | '|' | '.' | ',' | ':' | ';' | '!' => 340,
        'f' | 'r' | 't' | 'I' | 'J' | '(' | ')' | '[' | ']' | '/' | '-' => 430,
        'm' | 'M' | 'W' | '%' | '@' => 1_000,
        'w' | 'O' | 'Q' | 'G' | 'N' | 'H' | 'D' | 'U' | '<' | '>' | '=' | '+' | '~' => 840,
        'A'..='Z' | '&' | '#' => 740,
        '!'..='~' => 640,
        c => match c.width_cjk() {
            None | Some(0) => 0,
            Some(1) => 800,
            Some(_) => 1_000,
        },
    }
}

/// Width of a text at a font size, in the unit of the font size, rounded up.
pub(crate) fn width(text: &str, size: usize) -> usize {
    let thousandths: usize = text.chars().map(em_thousandths).sum();
    (thousandths * size).div_ceil(1_000)
}

/// What stands alone on the last line is no wider than this, in thousandths of the font size:
/// two Chinese characters.
const ALONE: usize = 2_500;

/// Breaks a text into lines of at most `max` at a font size; at most `lines`
/// lines, the last of which then ends in `…`. Where a character or two would stand alone on the
/// last line, the lines are made even.
pub(crate) fn wrap_px(text: &str, size: usize, max: usize, lines: usize) -> Vec<String> {
    let max_thousandths = max * 1_000 / size.max(1);
    let mut wrapped = wrap(text, max_thousandths, em_thousandths);
    if wrapped.len() > lines.max(1) {
        wrapped.truncate(lines.max(1));
        if let Some(last) = wrapped.last_mut() {
            while width(last, size) + width("…", size) > max && last.pop().is_some() {}
            last.push('…');
        }
        return wrapped;
    }
    let last = wrapped.last().filter(|_| wrapped.len() > 1);
    match last.map(|last| last.chars().map(em_thousandths).sum::<usize>()) {
        Some(left) if left <= ALONE => {
            even(text, max_thousandths, wrapped.len(), em_thousandths).unwrap_or(wrapped)
        }
        Some(_) | None => wrapped,
    }
}

/// Breaks a text into so many lines, as even as can be without breaking words: nobody knows where
/// a Chinese word ends, but where there is punctuation one does. None where a piece is wider than a
/// line.
fn even(
    text: &str,
    max: usize,
    lines: usize,
    width: impl Fn(char) -> usize,
) -> Option<Vec<String>> {
    // So much less even may lines be that break at punctuation: a line of four characters more.
    let broken = (4 * width('字')).pow(2);
    let pieces = pieces(text);
    let widths: Vec<usize> = pieces
        .iter()
        .map(|piece| piece.text.chars().map(&width).sum())
        .collect();
    // The least that the first pieces cost on so many lines, and where the last of these begins.
    let mut best: Vec<Vec<Option<(usize, usize)>>> = vec![vec![None; pieces.len() + 1]; lines + 1];
    best[0][0] = Some((0, 0));
    for line in 1..=lines {
        for end in 1..=pieces.len() {
            let mut taken = 0;
            for begin in (0..end).rev() {
                let space = usize::from(begin + 1 < end && pieces[begin + 1].spaced);
                taken += widths[begin] + space * width(' ');
                let Some(left) = max.checked_sub(taken) else {
                    break;
                };
                let Some((before, _)) = best[line - 1][begin] else {
                    continue;
                };
                let cost =
                    before + left.pow(2) + usize::from(breaks_a_word(&pieces, begin)) * broken;
                if best[line][end].is_none_or(|(least, _)| cost < least) {
                    best[line][end] = Some((cost, begin));
                }
            }
        }
    }
    let mut even = Vec::new();
    let mut end = pieces.len();
    for line in (1..=lines).rev() {
        let (_, begin) = best[line][end]?;
        let mut text = String::new();
        for piece in &pieces[begin..end] {
            if piece.spaced && !text.is_empty() {
                text.push(' ');
            }
            text += &piece.text;
        }
        even.push(text);
        end = begin;
    }
    even.reverse();
    Some(even)
}

/// Whether a line that begins with this piece may begin in the middle of a word.
fn breaks_a_word(pieces: &[Piece], begin: usize) -> bool {
    let Some((before, piece)) = begin.checked_sub(1).map(|at| (&pieces[at], &pieces[begin])) else {
        return false;
    };
    let after_punctuation = before.text.ends_with(closes);
    !piece.spaced && !after_punctuation && !piece.text.starts_with(opens)
}

/// Breaks a text into lines no wider than `max`, as `width` measures
/// characters: between words, and between Chinese characters, but not before
/// closing or after opening punctuation. What is wider than a line on its own
/// is broken anywhere. Never empty; line breaks and tabs count as spaces.
fn wrap(text: &str, max: usize, width: impl Fn(char) -> usize) -> Vec<String> {
    let measure = |text: &str| text.chars().map(&width).sum::<usize>();
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in pieces(text) {
        let space = usize::from(piece.spaced && !line.is_empty()) * width(' ');
        if !line.is_empty() && measure(&line) + space + measure(&piece.text) > max {
            lines.push(std::mem::take(&mut line));
        }
        if piece.spaced && !line.is_empty() {
            line.push(' ');
        }
        for c in piece.text.chars() {
            if !line.is_empty() && measure(&line) + width(c) > max {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// What is kept together on a line.
struct Piece {
    text: String,
    /// Whether a space stands before it.
    spaced: bool,
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut spaced = false;
    let mut before: Option<char> = None;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            spaced = true;
            before = None;
            continue;
        }
        let glued = match before {
            None => false,
            Some(before) => {
                opens(before) || closes(c) || c.width() == Some(0) || !(wide(before) || wide(c))
            }
        };
        match pieces.last_mut() {
            Some(piece) if glued => piece.text.push(c),
            // A dot between phrases stays at the end of the line.
            Some(piece) if spaced && c == '·' => piece.text += " ·",
            Some(_) | None => pieces.push(Piece {
                text: c.into(),
                spaced: std::mem::take(&mut spaced),
            }),
        }
        before = Some(c);
    }
    pieces
}

fn wide(c: char) -> bool {
    c.width() == Some(2)
}

fn opens(c: char) -> bool {
    "（《〈【「『“‘([".contains(c)
}

fn closes(c: char) -> bool {
    "，。、；：？！）》〉】」』”’·…—,.;:?!)]%/".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_breaks_between_characters_but_not_before_punctuation() {
        assert_eq!(wrap_columns("食品安全审查", 8), ["食品安全", "审查"]);
        assert_eq!(wrap_columns("食品安全，审查", 8), ["食品安", "全，审查"]);
        assert_eq!(
            wrap_columns("食品安（全审查）", 8),
            ["食品安", "（全审", "查）"]
        );
    }

    #[test]
    fn words_stay_whole_unless_they_are_longer_than_a_line() {
        assert_eq!(wrap_columns("food licence", 8), ["food", "licence"]);
        assert_eq!(wrap_columns("administration", 8), ["administ", "ration"]);
        assert_eq!(wrap_columns("共 120 个座位", 6), ["共 120", "个座位"]);
        assert_eq!(wrap_columns("", 8), [""]);
        assert_eq!(wrap_columns("a\n\tb", 8), ["a b"]);
    }

    #[test]
    fn what_is_cut_off_says_so_and_still_fits() {
        let lines = wrap_px("公众聚集场所投入使用营业前消防安全检查", 10, 50, 2);
        assert_eq!(lines, ["公众聚集场", "所投入使…"]);
        for line in lines {
            assert!(width(&line, 10) <= 50);
        }
    }

    #[test]
    fn no_character_stands_alone_on_the_last_line_where_lines_could_be_even() {
        for (text, max, expected) in [
            (
                "消防现场检查、消防决定",
                100,
                &["消防现场检查、", "消防决定"][..],
            ),
            (
                "生育医疗费用报销申请表",
                100,
                &["生育医疗费用", "报销申请表"],
            ),
            (
                "首针接种、发放预防接种证",
                100,
                &["首针接种、", "发放预防接种证"],
            ),
            (
                "新生儿出生“一件事”申请",
                100,
                &["新生儿出生", "“一件事”申请"],
            ),
            ("人力资源和社会保障局", 80, &["人力资源和", "社会保障局"]),
            // The dot is far from the middle.
            (
                "检、一二三四五六七八九",
                100,
                &["检、一二三四", "五六七八九"],
            ),
            (
                "一二三四五六七八九十壹",
                50,
                &["一二三四", "五六七八", "九十壹"],
            ),
            (
                "Notice of acceptance to it",
                130,
                &["Notice of", "acceptance to it"],
            ),
            // As far as it goes.
            ("食品安全审查", 40, &["食品安", "全审查"]),
            ("食品安全现场审查", 50, &["食品安全现", "场审查"]),
            ("公众聚集场所", 10, &["公", "众", "聚", "集", "场", "所"]),
            ("administrations", 70, &["administrati", "ons"]),
        ] {
            let lines = wrap_px(text, 10, max, 9);
            assert_eq!(lines, expected, "{text}");
            let greedy = wrap(text, max * 100, em_thousandths);
            assert_eq!(lines.len(), greedy.len(), "{text}: no box is higher for it");
        }
    }

    #[test]
    fn no_line_is_too_wide_whatever_the_text() {
        let texts = [
            "开办餐饮店“一件事”申请（一表申请、一套材料）",
            "Public gathering place: fire-safety check before opening (WWWWWWWWWWWWWWWW)",
            "。。。。。。。。。。。。。。。。",
            "e\u{301}e\u{301}e\u{301} 👩‍👩‍👧 \u{202e}abc",
        ];
        for text in texts {
            for max in 12..90 {
                for line in wrap_px(text, 12, max, 99) {
                    assert!(width(&line, 12) <= max, "{line:?} in {max}");
                }
            }
        }
    }
}
