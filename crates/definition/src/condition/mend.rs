//! Slips in conditions that have one exact cure: marks and words of a Chinese keyboard, brackets
//! and quotes that are not closed. CEL's parser would stumble somewhere behind them.

use onething_model::Text;

use super::bounds::{Places, too_large};
use crate::diagnostic::{Code, Diagnostic, both};

/// What to write instead of a mark or word that no condition holds.
fn plain(mark: char) -> Option<&'static str> {
    Some(match mark {
        '（' => "(",
        '）' => ")",
        '［' | '【' => "[",
        '］' | '】' => "]",
        '，' | '、' => ",",
        '“' | '”' | '‘' | '’' => "\"",
        '！' => "!",
        '＝' => "==",
        '≠' => "!=",
        '＞' => ">",
        '≥' => ">=",
        '＜' => "<",
        '≤' => "<=",
        '＆' | '且' => "&&",
        '｜' | '或' => "||",
        _ => return None,
    })
}

/// The first slip of a condition that cannot be read, if it has an exact cure.
pub(super) fn slip(text: &str, places: &Places<'_>) -> Option<Diagnostic> {
    let fault = |at: usize, width: usize, message: Text, help: Text| {
        let span = places.bytes(at, at + width);
        Some(Diagnostic::new(Code::ConditionSyntax, span, message).help(help))
    };
    // The brackets that are open, and the quote.
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut quote: Option<(usize, char)> = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        match (quote, c) {
            (Some(_), '\\') => escaped = true,
            (Some((_, with)), c) if c == with => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some((at, c)),
            (None, '(' | '[' | '{') => open.push((at, c)),
            (None, ')' | ']' | '}') => match open.pop() {
                Some((_, begun)) if close(begun) == c => {}
                Some((_, begun)) => {
                    let right = close(begun);
                    return fault(
                        at,
                        1,
                        both!(
                            "`{begun}` 不能用 `{c}` 关闭",
                            "`{begun}` is closed by `{c}`"
                        ),
                        both!("此处写 `{right}`", "write `{right}` here"),
                    );
                }
                None => {
                    return fault(
                        at,
                        1,
                        both!(
                            "`{c}` 之前没有与它对应的括号",
                            "no bracket is open that `{c}` could close",
                        ),
                        both!(
                            "删除 `{c}`，或者在前面补上对应的括号",
                            "remove `{c}`, or write the opening bracket before it",
                        ),
                    );
                }
            },
            (None, c) => {
                if let Some(plain) = plain(c) {
                    return fault(
                        at,
                        c.len_utf8(),
                        both!("条件中不能写 `{c}`", "a condition cannot hold `{c}`"),
                        both!("改写成 `{plain}`", "write `{plain}` instead"),
                    );
                }
            }
        }
    }
    let (at, begun) = quote.or(open.pop())?;
    let right = close(begun);
    fault(
        at,
        1,
        both!("`{begun}` 没有关闭", "`{begun}` is not closed"),
        both!(
            "在它所括内容的末尾补上 `{right}`",
            "write `{right}` where what it holds ends",
        ),
    )
}

/// The first number of a condition that is larger than can be compared with.
pub(super) fn number(text: &str, places: &Places<'_>) -> Option<Diagnostic> {
    let mut quote: Option<char> = None;
    let (mut escaped, mut before) = (false, ' ');
    for (at, c) in text.char_indices() {
        let begins = !(before.is_ascii_alphanumeric() || matches!(before, '_' | '.'));
        before = c;
        if std::mem::take(&mut escaped) {
            continue;
        }
        match (quote, c) {
            (Some(_), '\\') => escaped = true,
            (Some(with), c) if c == with => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '0'..='9') if begins => {
                let rest = &text[at..];
                let goes_on = |c: char| c == '.' || c.is_alphanumeric();
                let word = rest.split(|c| !goes_on(c)).next().unwrap_or_default();
                let is_whole = word.bytes().all(|byte| byte.is_ascii_digit());
                if word.parse().is_ok_and(f64::is_infinite)
                    || (is_whole && word.parse::<i64>().is_err())
                {
                    return Some(too_large(places.bytes(at, at + word.len())));
                }
            }
            (None, _) => {}
        }
    }
    None
}

/// What closes a bracket or a quote.
fn close(open: char) -> char {
    match open {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        quote => quote,
    }
}
