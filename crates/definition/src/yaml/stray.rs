//! Marks of a Chinese keyboard, and tabs, where YAML wants its own: people do not see the
//! difference, and the parser stumbles somewhere behind it.

use onething_model::Text;

use crate::diagnostic::both;

/// A mark in the place of another.
pub(super) struct Stray {
    /// Where it stands.
    pub(super) at: usize,
    /// What stands there and what to write, in words.
    pub(super) message: Text,
}

/// The first stray mark of the line in which `at` lies.
pub(super) fn on_line(text: &str, at: usize) -> Option<Stray> {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next()?;
    let (found, mark, plain) = mark(line)?;
    let message = if mark == '：' {
        both!(
            "此处是全角冒号 `：`：键后面要写半角冒号和一个空格 `: `",
            "a full-width colon `：` stands here: after a key write a plain one and a space, `: `",
        )
    } else {
        both!(
            "此处是全角符号 `{mark}`：改用半角的 `{plain}`",
            "a full-width `{mark}` stands here: write a plain `{plain}`",
        )
    };
    Some(Stray {
        at: start + found,
        message,
    })
}

/// The first stray mark of the last line before that of `at` with anything on it.
pub(super) fn on_line_before(text: &str, at: usize) -> Option<Stray> {
    let start = text[..at].rfind('\n')?;
    let before = text[..start].trim_end();
    on_line(
        text,
        text.floor_char_boundary(before.len().saturating_sub(1)),
    )
}

/// The line in which `at` lies with a colon after its first word, where it has none.
pub(super) fn with_colon(text: &str, at: usize) -> Option<String> {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next()?.trim();
    let line = line.split(" #").next()?.trim_end();
    let name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let (key, value) = line.split_at(line.find(|c| !name(c)).unwrap_or(line.len()));
    let torn = !key.starts_with(|c: char| c.is_ascii_alphabetic())
        || line.contains(": ")
        || line.ends_with(':');
    match value.strip_prefix(' ') {
        Some(value) if !torn => Some(format!("{key}: {}", value.trim_start())),
        None if !torn && value.is_empty() => Some(format!("{key}:")),
        _ => None,
    }
}

/// The tab with which the first line below that of `at` with anything on it is indented.
pub(super) fn tab_below(text: &str, at: usize) -> Option<usize> {
    let below = at + text[at..].find('\n')? + 1;
    let content = below + text[below..].find(|c: char| !c.is_whitespace())?;
    let line = text[..content].rfind('\n')? + 1;
    Some(line + text[line..content].find('\t')?)
}

/// The first mark of a line that stands for one of YAML's, and that one. In the middle of a
/// text, in quotes and in comments such marks are text.
fn mark(line: &str) -> Option<(usize, char, char)> {
    let mut open: Vec<char> = Vec::new();
    let mut quote = None;
    // Whether a value or key begins here, and whether it is the value of a key.
    let (mut begins, mut value) = (true, false);
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        let rest = &line[at + c.len_utf8()..];
        let ends = rest.chars().next().is_none_or(char::is_whitespace);
        if let Some(with) = quote {
            match c {
                '”' | '’' if !rest.contains(with) => return Some((at, c, with)),
                _ if c == with => quote = None,
                _ => {}
            }
            before = c;
            continue;
        }
        match c {
            '#' if before.is_whitespace() => return None,
            '：' if !value => return Some((at, c, ':')),
            '【' | '［' if begins => return Some((at, c, '[')),
            '｛' if begins => return Some((at, c, '{')),
            '“' | '”' if begins => return Some((at, c, '"')),
            '‘' | '’' if begins => return Some((at, c, '\'')),
            '】' | '］' | '｝' | '）' => {
                if let Some(close) = open.last() {
                    return Some((at, c, *close));
                }
                begins = false;
            }
            '"' | '\'' if begins => (quote, begins) = (Some(c), false),
            '[' if begins => open.push(']'),
            '{' if begins => open.push('}'),
            ']' | '}' => {
                open.pop();
                begins = false;
            }
            ',' if !open.is_empty() => (begins, value) = (true, false),
            ':' if ends => (begins, value) = (true, true),
            // Of a list, whose items begin after it.
            '-' if begins && ends => {}
            _ if c.is_whitespace() => {}
            _ => begins = false,
        }
        if matches!(c, '[' | '{') && begins {
            value = false;
        }
        before = c;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_a_colon_is_mended() {
        for (line, expected) in [
            ("  by officer", "by: officer"),
            ("limit  8wd   # promised", "limit: 8wd"),
            ("steps", "steps:"),
            ("by: officer", ""),
            ("steps:", ""),
            ("标题 开业", ""),
            ("- by officer", ""),
            ("by[officer", ""),
            ("", ""),
        ] {
            let said = with_colon(line, 0).unwrap_or_default();
            assert_eq!(said, expected, "{line}");
        }
    }

    #[test]
    fn a_mark_is_stray_where_yaml_has_its_own() {
        // The line, and from where on the mark is told with what belongs there.
        for (line, expected) in [
            ("by：officer", "：officer :"),
            ("  - role：x", "：x :"),
            ("reads: { shop：[name] }", "：[name] } :"),
            ("reads: { shop: [a], b：c }", "：c } :"),
            ("reads: ｛ shop: [name] ｝", "｛ shop: [name] ｝ {"),
            ("reads: { shop: 【name】 }", "【name】 } ["),
            ("reads: { shop: ［name] }", "［name] } ["),
            ("reads: { shop: [name］ }", "］ } ]"),
            ("reads: { shop: [name）", "） ]"),
            ("title: “开: 业”", "“开: 业” \""),
            ("title: \"开业”", "” \""),
            ("title: '开业’", "’ '"),
            // Text is text.
            ("title: 说明：（示例）“好”", ""),
            ("title: \"他说：“好”\"", ""),
            ("title: x # 注：｛", ""),
            ("- [a, 甲（乙]", ""),
            ("because: 先办许可：后备案", ""),
        ] {
            let found = mark(line);
            let said = found.map(|(at, _, plain)| format!("{} {plain}", &line[at..]));
            assert_eq!(said.unwrap_or_default(), expected, "{line}");
        }
    }
}
