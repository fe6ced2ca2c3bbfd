//! How wide text is, and where it is broken.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Width of a text in columns of a terminal; Chinese characters count two.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// Breaks a text into lines of at most `columns` columns; see [`wrap`].
pub(crate) fn wrap_columns(text: &str, columns: usize) -> Vec<String> {
    wrap(text, columns, |c| c.width().unwrap_or(0))
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
}
