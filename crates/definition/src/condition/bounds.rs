//! Bounds on the text, places in it, and what is said when it cannot be read.

use cel::parser::ParseErrors;

use crate::diagnostic::{Code, Diagnostic, both};
use crate::source::{SourceSet, Span};
use crate::syntax::values::Condition;
use crate::yaml::Style;
use crate::yaml::read::Spanned;

/// The longest condition, in bytes.
pub const MAX_BYTES: usize = 4 * 1024;

/// How deeply brackets may be nested.
pub const MAX_NESTING: usize = 64;

/// How many signs may stand between two connectives.
pub const MAX_SIGNS: usize = 32;

/// From places in the expression to places in the file.
pub(super) struct Places<'a> {
    text: &'a str,
    pub(super) span: Span,
    /// Where the expression begins, if it stands in the file as it is.
    base: Option<usize>,
}

impl<'a> Places<'a> {
    pub(super) fn new(written: &'a Spanned<Condition>, sources: &SourceSet) -> Self {
        let slice = sources.slice(written.span);
        let text = written.value.text.as_str();
        let base = match written.value.style {
            Style::Plain if slice == text => Some(0),
            Style::Quoted if slice.get(1..slice.len().saturating_sub(1)) == Some(text) => Some(1),
            Style::Plain | Style::Quoted | Style::Block => None,
        };
        Self {
            text,
            span: written.span,
            base,
        }
    }

    /// The place of bytes `start..end` of the expression.
    pub(super) fn bytes(&self, start: usize, end: usize) -> Span {
        match self.base {
            Some(base) => self.span.part(base + start, base + end.max(start)),
            None => self.span,
        }
    }

    /// The place of the token from byte `start` to the one that holds byte `end`.
    pub(super) fn token(&self, start: u32, end: u32) -> Span {
        let after = (end as usize + 1..=self.text.len())
            .find(|at| self.text.is_char_boundary(*at))
            .unwrap_or(self.text.len());
        self.bytes(start as usize, after)
    }
}

/// What must not reach CEL's parser, or is better said in our own words.
pub(super) fn too_much(text: &str, places: &Places<'_>) -> Option<Diagnostic> {
    if text.trim().is_empty() {
        return Some(
            Diagnostic::new(
                Code::ConditionSyntax,
                places.span,
                both!("条件为空", "the condition is empty"),
            )
            .help(both!(
                "写上条件，或者删除 `when`",
                "write a condition, or remove `when`",
            )),
        );
    }
    if text.len() > MAX_BYTES {
        return Some(
            Diagnostic::new(
                Code::ConditionTooLarge,
                places.span,
                both!(
                    "条件超过 {MAX_BYTES} 字节",
                    "the condition is longer than {MAX_BYTES} bytes",
                ),
            )
            .help(both!(
                "增加一个情形问题来代替",
                "ask a question of its own instead",
            )),
        );
    }
    // Signs since the last `&&`, `||` or comma, for each open bracket: CEL's parser
    // recurses along a chain of signs as well.
    let mut signs = vec![0_usize];
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let word = std::mem::replace(&mut before, c);
        let begins = !(word.is_ascii_alphanumeric() || word == '_');
        let nested = signs.len() > 1;
        let Some(count) = signs.last_mut() else { break };
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => signs.push(0),
            (None, ')' | ']' | '}') if nested => {
                signs.pop();
            }
            (None, '&' | '|' | ',') => *count = 0,
            (None, '<' | '>' | '=' | '!' | '+' | '-' | '*' | '/' | '%' | '.') => *count += 1,
            (None, 'i') if begins && text[at..].starts_with("in") => *count += 1,
            (None, '?') => {
                return Some(unsupported(places.bytes(at, at + 1), "`? :`"));
            }
            (None, _) => {}
        }
        if signs.len() > MAX_NESTING + 1 {
            return Some(
                Diagnostic::new(
                    Code::ConditionTooLarge,
                    places.bytes(at, at + 1),
                    both!(
                        "括号嵌套超过 {MAX_NESTING} 层",
                        "brackets are nested more than {MAX_NESTING} deep",
                    ),
                )
                .help(both!("去掉多余的括号", "remove the needless ones")),
            );
        }
        if signs.last().is_some_and(|count| *count > MAX_SIGNS) {
            return Some(
                Diagnostic::new(
                    Code::ConditionTooLarge,
                    places.bytes(at, at + c.len_utf8()),
                    both!(
                        "一个比较中的符号超过 {MAX_SIGNS} 个",
                        "one comparison holds more than {MAX_SIGNS} signs",
                    ),
                )
                .help(both!(
                    "用 `&&` 或 `||` 连接几个比较",
                    "join comparisons by `&&` or `||`",
                )),
            );
        }
    }
    None
}

pub(super) fn syntax(errors: &ParseErrors, text: &str, places: &Places<'_>) -> Diagnostic {
    // Positions are a line and a character, both from 1.
    let at = errors.errors.first().map_or((1, 1), |error| error.pos);
    let line = usize::try_from(at.0 - 1).unwrap_or(0);
    let column = usize::try_from(at.1 - 1).unwrap_or(0);
    let before: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let at = text[before..]
        .char_indices()
        .nth(column)
        .map_or(text.len(), |(at, _)| before + at);
    let width = text[at..].chars().next().map_or(0, char::len_utf8);
    let diagnostic = Diagnostic::new(
        Code::ConditionSyntax,
        places.bytes(at, at + width),
        both!(
            "条件在此处无法读懂",
            "the condition cannot be understood here",
        ),
    );
    let half = match &text[at..] {
        rest if rest.starts_with('&') => Some("&&"),
        rest if rest.starts_with('|') => Some("||"),
        _ => None,
    };
    let single = text.contains(" and ") || text.contains(" or ") || text.contains(" not ");
    let equal = text.contains('=') && !["==", "!=", "<=", ">="].iter().any(|op| text.contains(op));
    let equal = equal || text.contains(" is ");
    diagnostic.help(if let Some(whole) = half {
        both!("写成两个：`{whole}`", "write it twice: `{whole}`")
    } else if equal {
        both!("“等于”写成 `==`", "write `==` for “equals”")
    } else if single {
        both!(
            "“并且”写成 `&&`，“或者”写成 `||`，“不是”写成 `!`",
            "write `&&` for “and”, `||` for “or”, `!` for “not”",
        )
    } else {
        both!(
            "写成如 `cold_dishes && seats > 50`、`kind == \"canteen\"` 或 `!signboard`",
            "write it as in `cold_dishes && seats > 50`, `kind == \"canteen\"` or `!signboard`",
        )
    })
}

pub(super) fn unsupported(span: Span, what: &str) -> Diagnostic {
    Diagnostic::new(
        Code::ConditionUnsupported,
        span,
        both!(
            "条件中不能使用 {what}",
            "{what} cannot be used in a condition",
        ),
    )
    .why(both!(
        "条件只看情形问题的回答，这样才能在申请之前列出全部情形",
        "a condition sees the answers and nothing else, so that every scenario is known before anybody applies",
    ))
    .help(both!(
        "只用比较（`==`、`!=`、`<`、`<=`、`>`、`>=`）、`in`、`&&`、`||`、`!` 和括号",
        "use comparisons (`==`, `!=`, `<`, `<=`, `>`, `>=`), `in`, `&&`, `||`, `!` and brackets only",
    ))
}

/// A number that no answer can be.
pub(super) fn too_large(span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::ConditionSyntax,
        span,
        both!("这个数太大", "the number is too large"),
    )
    .help(both!(
        "写一个回答可能达到的数：最多 18 位",
        "write a number that an answer can be: 18 digits at most",
    ))
}
