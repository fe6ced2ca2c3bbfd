//! Conditions over scenario answers: from `when:` to a typed [`Cond`].
//!
//! The expressions are a small part of CEL, the Common Expression Language:
//! comparisons, `in`, `&&`, `||`, `!`, brackets, literals and names of
//! questions. Everything else of CEL is refused by name. Length and nesting are
//! bounded before the text reaches CEL's parser, which recurses.

mod bounds;
mod mend;

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};
use cel::parser::Parser;
use onething_plan::{Answer, Compare, Cond, QuestionIx, QuestionType};

pub use self::bounds::{MAX_BYTES, MAX_NESTING, MAX_SIGNS};
use self::bounds::{Places, syntax, too_large, too_much, unsupported};
use crate::diagnostic::{Code, Diagnostic, MAX_PER_FILE, both};
use crate::source::{SourceSet, Span};
use crate::syntax::values::Condition;
use crate::yaml::fields::listed;
use crate::yaml::read::{Spanned, suggest};

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
        .map_err(|errors| {
            let slip = mend::slip(text, &places).or_else(|| mend::number(text, &places));
            vec![slip.unwrap_or_else(|| syntax(&errors, text, &places))]
        })?;
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
            Expr::Select(select) if select.test => self.refuse(expr, "`has(…)`"),
            Expr::Select(_) => {
                let span = self.span(expr);
                let what = format!("`{}`", path(expr));
                self.fault(unsupported(span, &what).help(both!(
                    "条件看不到表单的内容：要据此判断的，在 `questions` 中增加一个问题",
                    "a condition does not see what forms hold: ask for it in a question of its own, under `questions`",
                )))
            }
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
                // More than a file can have problems would not be shown.
                if self.faults.len() > MAX_PER_FILE {
                    return None;
                }
                let names = self.questions.iter().map(|known| known.name);
                let help = match suggest(name, names) {
                    Some(near) => both!("是不是 `{near}`？", "did you mean `{near}`?"),
                    None if self.questions.is_empty() => both!(
                        "先在 `questions` 中定义问题",
                        "define the question under `questions` first",
                    ),
                    None => {
                        let list = listed(self.questions.iter().map(|known| known.name));
                        both!(
                            "已有的问题：{}",
                            "the questions are: {}",
                            list.zh(),
                            list.en()
                        )
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
                LiteralValue::Double(_) => {
                    self.faults.push(too_large(span));
                    None
                }
                LiteralValue::Bytes(_) | LiteralValue::Null => {
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
                    "这不可能是 `{name}` 的回答",
                    "this can never be the answer to `{name}`",
                ),
            )
            .help(help),
        );
        false
    }
}

/// A field as it is written: `owner.name`.
fn path(expr: &IdedExpr) -> String {
    let mut names = Vec::new();
    let mut at = expr;
    while let Expr::Select(select) = &at.expr {
        names.push(&*select.field);
        at = &select.operand;
    }
    match &at.expr {
        Expr::Ident(name) => names.push(name),
        _ => names.push("…"),
    }
    names.reverse();
    names.join(".")
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
