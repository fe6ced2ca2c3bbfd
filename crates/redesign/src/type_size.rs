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

/// Breaks a text into lines of at most `max` at a font size; at most `lines`
/// lines, the last of which then ends in `…`.
pub(crate) fn wrap_px(text: &str, size: usize, max: usize, lines: usize) -> Vec<String> {
    let max_thousandths = max * 1_000 / size.max(1);
    let mut wrapped = wrap(text, max_thousandths, em_thousandths);
    if wrapped.len() > lines.max(1) {
        wrapped.truncate(lines.max(1));
        if let Some(last) = wrapped.last_mut() {
            while width(last, size) + width("…", size) > max && last.pop().is_some() {}
            last.push('…');
        }
    }
    wrapped
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
