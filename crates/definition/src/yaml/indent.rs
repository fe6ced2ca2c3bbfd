//! Lines that stand askew: what a syntax error most often comes from, and never says.

use onething_model::Text;

use crate::diagnostic::both;

/// A line that is aligned with nothing above it.
pub(super) struct Askew {
    /// Where the text of the line begins.
    pub(super) at: usize,
    /// Where the text of the line before begins, if that has to do with it.
    pub(super) before: Option<usize>,
    /// What is wrong, in words.
    pub(super) message: Text,
}

/// Whether the line of an error is deeper than the line before although that opens no level, or
/// less deep and still at none of the levels above. Blank lines and comments are none.
pub(super) fn askew(text: &str, at: usize) -> Option<Askew> {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next()?;
    if let Some(found) = wide(text, start, line) {
        return Some(found);
    }
    let here = depth(line);
    let mut above = Vec::new();
    let mut offset = 0;
    for line in text[..start].split_inclusive('\n') {
        let content = line.trim();
        if !content.is_empty() && !content.starts_with('#') {
            above.push((offset + depth(line), depth(line), content));
        }
        offset += line.len();
    }
    let (before, was, content) = *above.last()?;
    let mut open = was;
    let aligned = above.iter().rev().any(|(_, depth, _)| {
        open = open.min(*depth);
        here == open
    });
    let opened = here > was && content.ends_with(':');
    (!aligned && !opened).then(|| Askew {
        at: start + here,
        before: Some(before),
        message: both!(
            "缩进没有对齐：这一行缩进 {here} 格，上一行缩进 {was} 格",
            "the lines are not aligned: this one is indented by {here}, the one before by {was}",
        ),
    })
}

/// Whether this line, or the last with anything on it, begins with full-width blanks, which people
/// do not see and YAML takes for text.
fn wide(text: &str, start: usize, line: &str) -> Option<Askew> {
    const WIDE: char = '\u{3000}';
    let is_wide =
        |line: &str| line.trim_start_matches([' ', WIDE]).len() + depth(line) < line.len();
    let mut offset = start;
    let mut lines = text[..start].split_inclusive('\n').rev();
    let last = lines.find(|line| {
        offset -= line.len();
        !line.trim().is_empty()
    });
    let (at, line) = match last.filter(|last| is_wide(last)) {
        Some(last) => (offset, last),
        None => (start, line),
    };
    is_wide(line).then(|| Askew {
        at: at + depth(line),
        before: None,
        message: both!(
            "这一行用全角空格缩进：改用半角空格",
            "this line is indented with full-width blanks: use plain ones",
        ),
    })
}

fn depth(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_askew_where_it_is_aligned_with_nothing() {
        // The lines, the last of which is looked at; what is said of it.
        let table = [
            ("a: 1\nb: 2", ""),
            ("a:\n  b: 2", ""),
            ("a:\n  b: 2\nc: 3", ""),
            ("a: 1\n  b: 2", "by 2, the one before by 0"),
            ("a:\n   b: 1\n    c: 2", "by 4, the one before by 3"),
            ("a:\n  b:\n    c: 1\n   d: 2", "by 3, the one before by 4"),
            ("a:\n  b: 1\n\n  # note\n c: 2", "by 1, the one before by 2"),
            ("  a: 1", ""),
            ("a:\n\u{3000}b: 1", "full-width blanks"),
            ("a:\n  \u{3000}b: 1\nc: 2", "full-width blanks"),
            ("a:\n  b: \u{3000}1\nc: 2", ""),
        ];
        for (text, expected) in table {
            let found = askew(text, text.len());
            let said = found.as_ref().map_or("", |found| found.message.en());
            assert_eq!(said.is_empty(), expected.is_empty(), "{text}\n{said}");
            assert!(said.contains(expected), "{text}\n{said}");
        }
    }
}
