//! Conditions over scenario answers: from `when:` to a typed [`Cond`].
//!
//! The expressions are a small part of CEL, the Common Expression Language:
//! comparisons, `in`, `&&`, `||`, `!`, brackets, literals and names of
//! questions. Everything else of CEL is refused by name. Length and nesting are
//! bounded before the text reaches CEL's parser, which recurses.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};
use cel::parser::{ParseErrors, Parser};
use onething_plan::{Answer, Compare, Cond, QuestionIx, QuestionType};

use crate::diagnostic::{Code, Diagnostic, both};
use crate::source::{SourceSet, Span};
use crate::syntax::values::Condition;
use crate::yaml::Style;
use crate::yaml::read::{Spanned, suggest};

/// The longest condition, in bytes.
pub const MAX_BYTES: usize = 4 * 1024;

/// How deeply brackets may be nested.
pub const MAX_NESTING: usize = 64;

/// How many signs may stand between two connectives.
pub const MAX_SIGNS: usize = 32;

/// A question as conditions see it.
#[derive(Debug, Clone)]
pub struct Known<'a> {
    /// Its name.
    pub name: &'a str,
    /// What can be answered; `None` where the definition is broken and was reported.
    pub kind: Option<&'a QuestionType>,
}

/// Words of CEL that cannot be names of questions.
pub const RESERVED: &[&str] = &[
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
    "yes",
    "no",
];

/// Checks a condition and gives it its meaning.
///
/// # Errors
///
/// Every problem found, without the path of keys.
pub fn compile(
    written: &Spanned<Condition>,
    questions: &[Known<'_>],
    sources: &SourceSet,
) -> Result<Cond, Vec<Diagnostic>> {
    let places = Places::new(written, sources);
    let text = &written.value.text;
    if let Some(fault) = too_much(text, &places) {
        return Err(vec![fault]);
    }
    let (expr, info) = Parser::new()
        .parse_with_source_info(text)
        .map_err(|errors| vec![syntax(&errors, text, &places)])?;
    let mut walk = Walk {
        questions,
        places: &places,
        info: &info,
        faults: Vec::new(),
        broken: false,
    };
    let cond = walk.cond(&expr);
    if walk.faults.is_empty() && !walk.broken {
        Ok(cond)
    } else {
        Err(walk.faults)
    }
}

/// From places in the expression to places in the file.
struct Places<'a> {
    text: &'a str,
    span: Span,
    /// Where the expression begins, if it stands in the file as it is.
    base: Option<usize>,
}

impl<'a> Places<'a> {
    fn new(written: &'a Spanned<Condition>, sources: &SourceSet) -> Self {
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
    fn bytes(&self, start: usize, end: usize) -> Span {
        match self.base {
            Some(base) => self.span.part(base + start, base + end.max(start)),
            None => self.span,
        }
    }

    /// The place of the token from byte `start` to the one that holds byte `end`.
    fn token(&self, start: u32, end: u32) -> Span {
        let after = (end as usize + 1..=self.text.len())
            .find(|at| self.text.is_char_boundary(*at))
            .unwrap_or(self.text.len());
        self.bytes(start as usize, after)
    }
}

/// What must not reach CEL's parser, or is better said in our own words.
fn too_much(text: &str, places: &Places<'_>) -> Option<Diagnostic> {
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
            (None, '，' | '（' | '）' | '“' | '”' | '！' | '＝' | '＞' | '＜') => {
                return Some(
                    Diagnostic::new(
                        Code::ConditionSyntax,
                        places.bytes(at, at + c.len_utf8()),
                        both!(
                            "条件中有中文标点 `{c}`",
                            "the condition holds the Chinese punctuation mark `{c}`",
                        ),
                    )
                    .help(both!("改成英文标点", "write the ASCII mark instead",)),
                );
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

fn syntax(errors: &ParseErrors, text: &str, places: &Places<'_>) -> Diagnostic {
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
    let single = text.contains(" and ") || text.contains(" or ") || text.contains(" not ");
    let equal = text.contains('=') && !["==", "!=", "<=", ">="].iter().any(|op| text.contains(op));
    diagnostic.help(if equal {
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

fn unsupported(span: Span, what: &str) -> Diagnostic {
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

struct Walk<'a> {
    questions: &'a [Known<'a>],
    places: &'a Places<'a>,
    info: &'a SourceInfo,
    faults: Vec<Diagnostic>,
    /// It depends on a question that is broken and was reported elsewhere.
    broken: bool,
}

/// One side of a comparison.
enum Side<'a> {
    Question(QuestionIx, &'a QuestionType),
    Value(Answer),
}

impl<'a> Walk<'a> {
    fn span(&self, expr: &IdedExpr) -> Span {
        match self.info.offset_for(expr.id) {
            Some((start, end)) => self.places.token(start, end),
            None => self.places.span,
        }
    }

    fn fault(&mut self, fault: Diagnostic) -> Cond {
        self.faults.push(fault);
        Cond::Never
    }

    fn cond(&mut self, expr: &IdedExpr) -> Cond {
        match &expr.expr {
            Expr::Ident(_) => match self.side(expr) {
                Some(Side::Question(question, QuestionType::YesNo)) => Cond::yes(question),
                Some(Side::Question(question, kind)) => {
                    let name = self.questions[question.index()].name;
                    let expected = kind.expected();
                    let (zh, en) = (expected.zh(), expected.en());
                    let span = self.span(expr);
                    self.fault(
                        Diagnostic::new(
                            Code::ConditionType,
                            span,
                            both!(
                                "`{name}` 不是“是或否”的问题，不能单独作为条件",
                                "`{name}` is not a yes-no question and cannot stand alone",
                            ),
                        )
                        .help(both!(
                            "与一个值比较（{zh}）",
                            "compare it with a value (its answer {en})",
                        )),
                    )
                }
                Some(Side::Value(Answer::YesNo(true))) => Cond::Always,
                Some(Side::Value(_)) => Cond::Never,
                None => Cond::Never,
            },
            Expr::Literal(LiteralValue::Boolean(value)) => {
                if *value.inner() {
                    Cond::Always
                } else {
                    Cond::Never
                }
            }
            Expr::Literal(_) => {
                let span = self.span(expr);
                self.fault(
                    Diagnostic::new(
                        Code::ConditionType,
                        span,
                        both!("单独一个值不是条件", "a value alone is not a condition"),
                    )
                    .help(both!("写成 `问题 == 值`", "write `question == value`",)),
                )
            }
            Expr::Call(call) => self.call(expr, call),
            Expr::Comprehension(_) => self.refuse(expr, "`all`/`exists`/`map`/`filter`"),
            Expr::Select(_) => self.refuse(expr, "`a.b`"),
            Expr::List(_) => self.refuse(expr, "`[…]`"),
            Expr::Map(_) | Expr::Struct(_) => self.refuse(expr, "`{…}`"),
            Expr::Unspecified => self.refuse(expr, "?"),
        }
    }

    fn refuse(&mut self, expr: &IdedExpr, what: &str) -> Cond {
        let span = self.span(expr);
        self.fault(unsupported(span, what))
    }

    fn call(&mut self, expr: &IdedExpr, call: &CallExpr) -> Cond {
        match (call.func_name.as_str(), &call.args[..]) {
            (operators::LOGICAL_AND, _) => Cond::All(self.operands(call, operators::LOGICAL_AND)),
            (operators::LOGICAL_OR, _) => Cond::Any(self.operands(call, operators::LOGICAL_OR)),
            (operators::LOGICAL_NOT, [inner]) => Cond::Not(Box::new(self.cond(inner))),
            (operators::IN, [element, list]) => self.is_in(element, list),
            (operators::EQUALS, [a, b]) => self.compare(expr, a, Compare::Equal, b),
            (operators::NOT_EQUALS, [a, b]) => self.compare(expr, a, Compare::NotEqual, b),
            (operators::LESS, [a, b]) => self.compare(expr, a, Compare::Less, b),
            (operators::LESS_EQUALS, [a, b]) => self.compare(expr, a, Compare::AtMost, b),
            (operators::GREATER, [a, b]) => self.compare(expr, a, Compare::Greater, b),
            (operators::GREATER_EQUALS, [a, b]) => self.compare(expr, a, Compare::AtLeast, b),
            (
                operators::ADD
                | operators::SUBSTRACT
                | operators::MULTIPLY
                | operators::DIVIDE
                | operators::MODULO
                | operators::NEGATE,
                _,
            ) => {
                let word = call.func_name.replace('_', "");
                self.refuse(expr, &format!("`{word}`"))
            }
            (operators::INDEX, _) => self.refuse(expr, "`a[b]`"),
            (name, _) => {
                let what = format!("`{name}(…)`");
                self.refuse(expr, &what)
            }
        }
    }

    /// The operands of a chain of the same connective, without recursion along it.
    fn operands(&mut self, call: &CallExpr, connective: &str) -> Vec<Cond> {
        let mut conds = Vec::new();
        let mut open: Vec<&IdedExpr> = call.args.iter().rev().collect();
        while let Some(expr) = open.pop() {
            match &expr.expr {
                Expr::Call(inner) if inner.func_name == connective => {
                    open.extend(inner.args.iter().rev());
                }
                _ => conds.push(self.cond(expr)),
            }
        }
        conds
    }

    /// A question or a literal; reports anything else.
    fn side(&mut self, expr: &IdedExpr) -> Option<Side<'a>> {
        let span = self.span(expr);
        match &expr.expr {
            Expr::Ident(name) => {
                let found = self.questions.iter().position(|known| known.name == name);
                if let Some(at) = found {
                    let kind = self.questions[at].kind;
                    self.broken |= kind.is_none();
                    return kind.map(|kind| Side::Question(QuestionIx::at(at), kind));
                }
                match name.as_str() {
                    "yes" => return Some(Side::Value(Answer::YesNo(true))),
                    "no" => return Some(Side::Value(Answer::YesNo(false))),
                    _ => {}
                }
                let names = self.questions.iter().map(|known| known.name);
                let help = match suggest(name, names) {
                    Some(near) => both!("是不是 `{near}`？", "did you mean `{near}`?"),
                    None if self.questions.is_empty() => both!(
                        "先在 `questions` 中定义问题",
                        "define the question under `questions` first",
                    ),
                    None => {
                        let list = self
                            .questions
                            .iter()
                            .map(|known| format!("`{}`", known.name))
                            .collect::<Vec<_>>()
                            .join(", ");
                        both!("已有的问题：{list}", "the questions are: {list}")
                    }
                };
                self.faults.push(
                    Diagnostic::new(
                        Code::UnknownQuestion,
                        span,
                        both!("没有名为 `{name}` 的问题", "there is no question `{name}`"),
                    )
                    .help(help),
                );
                None
            }
            Expr::Literal(literal) => match literal {
                LiteralValue::Boolean(value) => Some(Side::Value(Answer::YesNo(*value.inner()))),
                LiteralValue::Int(value) => {
                    Some(Side::Value(Answer::Number(*value.inner() as f64)))
                }
                LiteralValue::UInt(value) => {
                    Some(Side::Value(Answer::Number(*value.inner() as f64)))
                }
                LiteralValue::Double(value) if value.inner().is_finite() => {
                    Some(Side::Value(Answer::Number(*value.inner())))
                }
                LiteralValue::String(value) => {
                    Some(Side::Value(Answer::Choice(value.inner().into())))
                }
                LiteralValue::Double(_) | LiteralValue::Bytes(_) | LiteralValue::Null => {
                    self.faults.push(unsupported(span, "`null`/`b\"…\"`"));
                    None
                }
            },
            Expr::Call(call) if call.func_name == operators::NEGATE => {
                match call.args.first().and_then(|inner| self.side(inner)) {
                    Some(Side::Value(Answer::Number(number))) => {
                        Some(Side::Value(Answer::Number(-number)))
                    }
                    Some(_) => {
                        self.faults.push(unsupported(span, "`-`"));
                        None
                    }
                    None => None,
                }
            }
            _ => {
                // Says by name what cannot be used; a comparison of a condition is one of them.
                let before = self.faults.len();
                self.cond(expr);
                if self.faults.len() == before && !self.broken {
                    self.faults.push(
                        Diagnostic::new(
                            Code::ConditionType,
                            span,
                            both!(
                                "此处应当是一个问题或一个值",
                                "a question or a value was expected here",
                            ),
                        )
                        .help(both!(
                            "写成 `问题 == 值`，多个条件用 `&&` 或 `||` 连接",
                            "write `question == value`, and join conditions by `&&` or `||`",
                        )),
                    );
                }
                None
            }
        }
    }

    fn compare(&mut self, expr: &IdedExpr, a: &IdedExpr, compare: Compare, b: &IdedExpr) -> Cond {
        let (Some(left), Some(right)) = (self.side(a), self.side(b)) else {
            return Cond::Never;
        };
        let (question, kind, compare, value, at) = match (left, right) {
            (Side::Question(question, kind), Side::Value(value)) => {
                (question, kind, compare, value, b)
            }
            (Side::Value(value), Side::Question(question, kind)) => {
                (question, kind, turned(compare), value, a)
            }
            (Side::Question(..), Side::Question(..)) | (Side::Value(_), Side::Value(_)) => {
                let span = self.span(expr);
                return self.fault(
                    Diagnostic::new(
                        Code::ConditionType,
                        span,
                        both!(
                            "比较的一边应当是问题，另一边是值",
                            "a question is compared with a value",
                        ),
                    )
                    .help(both!(
                        "写成 `问题 == 值`，如 `seats > 50`",
                        "write `question == value`, as in `seats > 50`",
                    )),
                );
            }
        };
        let ordered = !matches!(compare, Compare::Equal | Compare::NotEqual);
        if ordered && !matches!(kind, QuestionType::Number { .. }) {
            let name = self.questions[question.index()].name;
            let span = self.span(expr);
            return self.fault(
                Diagnostic::new(
                    Code::ConditionType,
                    span,
                    both!(
                        "`{name}` 不是数字，不能比较大小",
                        "`{name}` is not a number and has no order",
                    ),
                )
                .help(both!("用 `==` 或 `!=`", "use `==` or `!=`")),
            );
        }
        if !self.fits(question, kind, &value, at) {
            return Cond::Never;
        }
        Cond::Compare(question, compare, value)
    }

    fn is_in(&mut self, element: &IdedExpr, list: &IdedExpr) -> Cond {
        let element_side = self.side(element);
        let Expr::List(items) = &list.expr else {
            let span = self.span(list);
            return self.fault(
                Diagnostic::new(
                    Code::ConditionType,
                    span,
                    both!("`in` 后面应当是列表", "a list was expected after `in`"),
                )
                .help(both!(
                    "写成 `kind in [\"a\", \"b\"]`",
                    "write `kind in [\"a\", \"b\"]`",
                )),
            );
        };
        let (question, kind) = match element_side {
            Some(Side::Question(question, kind)) => (question, kind),
            Some(Side::Value(_)) => {
                let span = self.span(element);
                return self.fault(
                    Diagnostic::new(
                        Code::ConditionType,
                        span,
                        both!("`in` 前面应当是问题", "a question was expected before `in`"),
                    )
                    .help(both!(
                        "写成 `kind in [\"a\", \"b\"]`",
                        "write `kind in [\"a\", \"b\"]`",
                    )),
                );
            }
            None => return Cond::Never,
        };
        let mut values = Vec::new();
        for item in &items.elements {
            match self.side(item) {
                Some(Side::Value(value)) if self.fits(question, kind, &value, item) => {
                    values.push(value);
                }
                Some(Side::Value(_)) => {}
                Some(Side::Question(..)) => {
                    let span = self.span(item);
                    self.faults.push(
                        Diagnostic::new(
                            Code::ConditionType,
                            span,
                            both!("列表中应当是值", "a value was expected in the list"),
                        )
                        .help(both!(
                            "选项要加引号，如 `\"canteen\"`",
                            "options are in quotes, as in `\"canteen\"`",
                        )),
                    );
                }
                None => {}
            }
        }
        Cond::In(question, values)
    }

    /// Whether the value can be an answer at all.
    fn fits(
        &mut self,
        question: QuestionIx,
        kind: &QuestionType,
        value: &Answer,
        at: &IdedExpr,
    ) -> bool {
        let fits = match (kind, value) {
            // A bound that no answer reaches is no mistake of type.
            (QuestionType::Number { .. }, Answer::Number(_)) => true,
            (kind, value) => kind.accepts(value),
        };
        if fits {
            return true;
        }
        let name = self.questions[question.index()].name;
        let expected = kind.expected();
        let (zh, en) = (expected.zh(), expected.en());
        let help = match (kind, value) {
            (QuestionType::Choice(options), Answer::Choice(text)) => {
                match suggest(text, options.iter().map(|(key, _)| &**key)) {
                    Some(near) => both!("是不是 `\"{near}\"`？", "did you mean `\"{near}\"`?"),
                    None => both!("{name} {zh}", "`{name}` {en}"),
                }
            }
            _ => both!("`{name}` {zh}", "`{name}` {en}"),
        };
        let span = self.span(at);
        self.faults.push(
            Diagnostic::new(
                Code::ConditionType,
                span,
                both!(
                    "`{name}` 不可能是这个回答",
                    "this can never be the answer to `{name}`",
                ),
            )
            .help(help),
        );
        false
    }
}

/// The comparison read from the other side.
fn turned(compare: Compare) -> Compare {
    match compare {
        Compare::Equal => Compare::Equal,
        Compare::NotEqual => Compare::NotEqual,
        Compare::Less => Compare::Greater,
        Compare::AtMost => Compare::AtLeast,
        Compare::Greater => Compare::Less,
        Compare::AtLeast => Compare::AtMost,
    }
}
