//! Taking values out of a tree, collecting every problem on the way.
//!
//! A [`Reader`] never stops: a value that cannot be used is reported and given
//! back as `None`, and reading goes on. `None` therefore always means "absent, or
//! reported already", so that one mistake leads to one message.

use std::fmt::Display;
use std::str::FromStr;

use onething_model::name::NameError;
use onething_model::{FieldPath, Lang, Limit, Text};

use super::fields::listed;
pub use super::fields::{Fields, suggest};
use super::scalar::{self, Money, Version};
use super::{Map, Node, Style, Value};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, both};
use crate::source::Span;

/// A value and where it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where.
    pub span: Span,
}

impl<T> std::ops::Deref for Spanned<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// Reads values of one file.
#[derive(Debug)]
pub struct Reader<'a> {
    /// Where problems go.
    pub found: &'a mut Diagnostics,
    /// The language of texts that do not name theirs.
    pub lang: Lang,
    path: Vec<String>,
}

impl<'a> Reader<'a> {
    /// A reader at the top of a file whose texts are in `lang`.
    pub fn new(found: &'a mut Diagnostics, lang: Lang) -> Self {
        Self {
            found,
            lang,
            path: Vec::new(),
        }
    }

    /// Reads something below a key, so that problems name the path of keys. The
    /// third item of a list is `[3]`, as people count.
    pub fn within<T>(&mut self, key: impl Display, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(key.to_string());
        let value = read(self);
        self.path.pop();
        value
    }

    /// Reports a problem of the field that is being read.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        let mut path = String::new();
        for part in &self.path {
            if !path.is_empty() && !part.starts_with('[') {
                path.push('.');
            }
            path.push_str(part);
        }
        self.found.push(diagnostic.field(path));
    }

    /// The text of a scalar, whatever it means; `expected` is what the message asks for.
    fn scalar<'n>(&mut self, node: &'n Node, expected: &Expected<'_>) -> Option<(&'n str, Style)> {
        match &node.value {
            Value::Scalar(scalar) if !node.is_nothing() => Some((&scalar.text, scalar.style)),
            Value::Scalar(_) | Value::List(_) | Value::Map(_) => {
                self.wrong_type(node, expected);
                None
            }
            Value::Refused => None,
        }
    }

    fn wrong_type(&mut self, node: &Node, expected: &Expected<'_>) {
        let found = found_words(node);
        let (wanted, example) = (&expected.words, expected.example);
        let (zh, en) = (wanted.zh(), wanted.en());
        let (found_zh, found_en) = (found.zh(), found.en());
        let mut diagnostic = Diagnostic::new(
            Code::WrongType,
            node.span,
            both!(
                "此处应当是{zh}，但写的是{found_zh}",
                "{en} was expected here, this is {found_en}",
            ),
        );
        diagnostic = diagnostic.help(if example.is_empty() {
            both!("写{zh}", "write {en}")
        } else {
            both!("写成如 `{example}`", "write it as in `{example}`")
        });
        self.report(diagnostic);
    }

    /// A text without its quotes, not empty. What YAML could take for something
    /// else must be in quotes.
    pub fn string(&mut self, node: &Node) -> Option<String> {
        let expected = Expected::new("文本", "a text", "");
        if let Value::Scalar(scalar) = &node.value
            && scalar.style == Style::Plain
            && !scalar.text.is_empty()
            && scalar::is_ambiguous(&scalar.text)
        {
            self.needs_quotes(node, &scalar.text);
            return None;
        }
        let (text, _) = self.scalar(node, &expected)?;
        if text.trim().is_empty() {
            self.report(
                Diagnostic::new(
                    Code::Empty,
                    node.span,
                    both!("文本不能为空", "the text must not be empty"),
                )
                .help(both!("写上文本", "write the text")),
            );
            return None;
        }
        Some(text.to_owned())
    }

    fn needs_quotes(&mut self, node: &Node, text: &str) {
        let shown = scalar::shorten(text);
        self.report(
            Diagnostic::new(
                Code::NeedsQuotes,
                node.span,
                both!(
                    "此处应当是文本，但 `{shown}` 不加引号会被当作数字、是否或空值",
                    "a text was expected; without quotes, `{shown}` is read as a number, a yes/no or nothing",
                ),
            )
            .why(both!(
                "不同的工具会把不加引号的 `1.10` 读成 1.1、`012` 读成 10、`no` 读成“否”",
                "other tools read a bare `1.10` as 1.1, `012` as 10 and `no` as false",
            ))
            .help(both!("写成 `\"{shown}\"`", "write `\"{shown}\"`")),
        );
    }

    /// A text for people: `{ zh: …, en: … }`, or a plain text in the file's language.
    pub fn text(&mut self, node: &Node) -> Option<Text> {
        if !matches!(node.value, Value::Map(_)) {
            let lang = self.lang;
            return self.string(node).map(|text| Text::only(lang, text));
        }
        let mut fields = self.fields(node, &["zh", "en"])?;
        let zh = fields.optional("zh", self, |node, reader| reader.string(node));
        let en = fields.optional("en", self, |node, reader| reader.string(node));
        let any = fields.has("zh") || fields.has("en");
        let partial = fields.finish(self);
        if !any && !partial {
            self.report(
                Diagnostic::new(
                    Code::MissingKey,
                    node.span,
                    both!("文本没有内容", "the text has no content"),
                )
                .help(both!(
                    "写成 `{{ zh: 中文, en: English }}`",
                    "write it as in `{{ zh: 中文, en: English }}`",
                )),
            );
        }
        match (zh, en) {
            (Some(zh), Some(en)) => Some(Text::new(zh, en)),
            (Some(zh), None) => Some(Text::only(Lang::Zh, zh)),
            (None, Some(en)) => Some(Text::only(Lang::En, en)),
            (None, None) => None,
        }
    }

    /// Yes or no: `yes`, `no`, `true`, `false`.
    pub fn yes_no(&mut self, node: &Node) -> Option<bool> {
        let (text, _) = self.scalar(node, &Expected::new("“是”或“否”", "yes or no", "yes"))?;
        match text {
            "yes" | "true" => Some(true),
            "no" | "false" => Some(false),
            _ => {
                let shown = scalar::shorten(text);
                self.report(
                    Diagnostic::new(
                        Code::UnknownWord,
                        node.span,
                        both!(
                            "此处应当是 `yes` 或 `no`，不能是 `{shown}`",
                            "`yes` or `no` was expected, not `{shown}`",
                        ),
                    )
                    .help(both!("写 `yes` 或 `no`", "write `yes` or `no`")),
                );
                None
            }
        }
    }

    /// A whole number between two bounds, both included.
    pub fn integer(&mut self, node: &Node, least: i64, most: i64) -> Option<i64> {
        let expected = Expected::new("整数", "a whole number", "12");
        let value = self.unquoted(node, &expected, Code::BadNumber, scalar::integer)?;
        if value < least || value > most {
            self.out_of_range(node, &least, &most);
            return None;
        }
        Some(value)
    }

    /// A number between two bounds, both included.
    pub fn number(&mut self, node: &Node, least: f64, most: f64) -> Option<f64> {
        let expected = Expected::new("数字", "a number", "12.5");
        let value = self.unquoted(node, &expected, Code::BadNumber, scalar::number)?;
        if value < least || value > most {
            self.out_of_range(node, &least, &most);
            return None;
        }
        Some(value)
    }

    fn out_of_range(&mut self, node: &Node, least: &dyn Display, most: &dyn Display) {
        self.report(
            Diagnostic::new(
                Code::BadNumber,
                node.span,
                both!(
                    "数字应当在 {least} 到 {most} 之间",
                    "the number must be between {least} and {most}",
                ),
            )
            .help(both!(
                "写一个这样的数字",
                "write a number within these bounds",
            )),
        );
    }

    /// A number must not be in quotes, so that every tool agrees that it is one.
    fn unquoted<T>(
        &mut self,
        node: &Node,
        expected: &Expected<'_>,
        code: Code,
        parse: impl FnOnce(&str) -> Result<T, Text>,
    ) -> Option<T> {
        let (text, style) = self.scalar(node, expected)?;
        match parse(text) {
            Err(fault) => {
                let example = expected.example;
                self.report(
                    Diagnostic::new(code, node.span, fault)
                        .help(both!("写成如 `{example}`", "write it as in `{example}`")),
                );
                None
            }
            Ok(_) if style != Style::Plain => {
                let shown = scalar::shorten(text);
                self.report(
                    Diagnostic::new(
                        code,
                        node.span,
                        both!("数字不加引号", "a number is written without quotes"),
                    )
                    .help(both!("写成 `{shown}`", "write `{shown}`")),
                );
                None
            }
            Ok(value) => Some(value),
        }
    }

    fn parsed<T>(
        &mut self,
        node: &Node,
        expected: &Expected<'_>,
        code: Code,
        parse: impl FnOnce(&str) -> Result<T, Text>,
    ) -> Option<T> {
        let (text, _) = self.scalar(node, expected)?;
        parse(text)
            .map_err(|fault| {
                let example = expected.example;
                self.report(
                    Diagnostic::new(code, node.span, fault)
                        .help(both!("写成如 `{example}`", "write it as in `{example}`")),
                );
            })
            .ok()
    }

    /// A duration with its unit.
    pub fn duration(&mut self, node: &Node) -> Option<Limit> {
        let expected = Expected::new("时长", "a duration", "20wd");
        let (text, _) = self.scalar(node, &expected)?;
        text.parse()
            .map_err(|fault| {
                self.report(
                    Diagnostic::new(
                        Code::BadDuration,
                        node.span,
                        scalar::duration_fault(text, &fault),
                    )
                    .help(both!(
                        "写数字和单位，如 `20wd`（工作日）、`56d`（自然日）、`4h`、`10min`、`30s`",
                        "write a number and its unit: `20wd` (working days), `56d` (calendar days), `4h`, `10min`, `30s`",
                    )),
                );
            })
            .ok()
    }

    /// A probability such as `60%`, as a number from 0 to 1.
    pub fn probability(&mut self, node: &Node) -> Option<f64> {
        let expected = Expected::new("百分数", "a percentage", "60%");
        self.parsed(node, &expected, Code::BadProbability, scalar::probability)
    }

    /// An amount of money such as `CNY 120.00`.
    pub fn money(&mut self, node: &Node) -> Option<Money> {
        let expected = Expected::new("金额", "an amount of money", "CNY 120.00");
        self.parsed(node, &expected, Code::BadMoney, Money::from_str)
    }

    /// A size such as `20MiB`, in bytes.
    pub fn byte_size(&mut self, node: &Node) -> Option<u64> {
        let expected = Expected::new("大小", "a size", "20MiB");
        self.parsed(node, &expected, Code::BadSize, scalar::byte_size)
    }

    /// A version such as `1.0.0`. A bare `1.0` is the trap: it is a number to YAML.
    pub fn version(&mut self, node: &Node) -> Option<Version> {
        let expected = Expected::new("版本号", "a version", "1.0.0");
        self.parsed(node, &expected, Code::BadVersion, Version::from_str)
    }

    /// A name: of a step, a department, a contract.
    pub fn name<K: FromStr<Err = NameError>>(&mut self, node: &Node) -> Option<K> {
        let (text, _) = self.scalar(node, &Expected::new("名称", "a name", "food-review"))?;
        self.parse_name(text, node.span)
    }

    /// A name that is written as a key or elsewhere.
    pub fn parse_name<K: FromStr<Err = NameError>>(&mut self, text: &str, span: Span) -> Option<K> {
        text.parse()
            .map_err(|fault| {
                let diagnostic =
                    Diagnostic::new(Code::BadName, span, scalar::name_fault(text, &fault));
                if matches!(fault, NameError::NoDot(_)) {
                    self.report(diagnostic.help(both!(
                        "写成 `角色.字段`，如 `operator.name`",
                        "write `role.field`, as in `operator.name`",
                    )));
                    return;
                }
                self.report(
                    diagnostic
                        .why(both!(
                            "名称是长期不变的标识；给人看的名称写在 `title` 里",
                            "a name is a lasting identity; what people read goes into `title`",
                        ))
                        .help(name_help(text)),
                );
            })
            .ok()
    }

    /// A field written `role.field`.
    pub fn field_path(&mut self, node: &Node) -> Option<FieldPath> {
        let expected = Expected::new("字段", "a field", "operator.name");
        let (text, _) = self.scalar(node, &expected)?;
        self.parse_name(text, node.span)
    }

    /// One of a few words.
    pub fn word<T: Copy>(&mut self, node: &Node, words: &[(&str, T)]) -> Option<T> {
        let first = words.first().map_or("", |(word, _)| *word);
        let expected = Expected {
            words: Text::new("一个词", "a word"),
            example: first,
        };
        let (text, _) = self.scalar(node, &expected)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        self.unknown_word(node.span, text, &names);
        None
    }

    /// Reports a word that is not among those allowed, with the nearest one.
    pub fn unknown_word(&mut self, span: Span, text: &str, words: &[&str]) {
        if self.found.is_full(span.file) {
            return;
        }
        let shown = scalar::shorten(text);
        let list = listed(words.iter().copied());
        let (list_zh, list_en) = (list.zh(), list.en());
        let diagnostic = Diagnostic::new(
            Code::UnknownWord,
            span,
            both!(
                "`{shown}` 不是此处可用的词",
                "`{shown}` is not one of the words allowed here",
            ),
        );
        let help = match suggest(text, words.iter().copied()) {
            Some(near) => both!(
                "是不是 `{near}`？可用的有：{list_zh}",
                "did you mean `{near}`? allowed are: {list_en}",
            ),
            None => both!("可用的有：{list_zh}", "allowed are: {list_en}"),
        };
        self.report(diagnostic.help(help));
    }

    /// The items of a list, each read by `read`; items with problems are left out.
    pub fn list<T>(
        &mut self,
        node: &Node,
        mut read: impl FnMut(&Node, &mut Self) -> Option<T>,
    ) -> Option<Vec<Spanned<T>>> {
        match &node.value {
            Value::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for (at, item) in items.iter().enumerate() {
                    let at = format_args!("[{}]", at + 1);
                    list.extend(self.within(at, |reader| read(item, reader)).map(|value| {
                        Spanned {
                            value,
                            span: item.span,
                        }
                    }));
                }
                // What is wrong with each is told: that the list is empty is not so.
                (items.is_empty() || !list.is_empty()).then_some(list)
            }
            Value::Refused => None,
            Value::Scalar(scalar) if !node.is_nothing() => {
                let shown = scalar::shorten(&scalar.text);
                let example = format!("[{shown}]");
                self.wrong_type(node, &Expected::new("列表", "a list", &example));
                None
            }
            Value::Scalar(_) | Value::Map(_) => {
                self.wrong_type(node, &Expected::new("列表", "a list", "[…, …]"));
                None
            }
        }
    }

    /// A map whose keys are names given by the author; entries with a bad name are left out.
    pub fn named<K: FromStr<Err = NameError>, T>(
        &mut self,
        node: &Node,
        mut read: impl FnMut(&Node, &mut Self) -> Option<T>,
    ) -> Option<Vec<(Spanned<K>, Option<T>)>> {
        let map = self.map(node)?;
        let mut entries = Vec::with_capacity(map.entries.len());
        for entry in &map.entries {
            let key = self.parse_name::<K>(&entry.key.text, entry.key.span);
            let value = self.within(&entry.key.text, |reader| read(&entry.value, reader));
            if let Some(key) = key {
                let key = Spanned {
                    value: key,
                    span: entry.key.span,
                };
                entries.push((key, value));
            }
        }
        Some(entries)
    }

    /// A map of any keys.
    pub fn map<'n>(&mut self, node: &'n Node) -> Option<&'n Map> {
        match &node.value {
            Value::Map(map) => Some(map),
            Value::Refused => None,
            Value::Scalar(_) | Value::List(_) => {
                let expected = Expected::new("键值", "a map of keys and values", "key: value");
                self.wrong_type(node, &expected);
                None
            }
        }
    }

    /// A map of these keys, to be taken out one by one.
    pub fn fields<'n>(&mut self, node: &'n Node, keys: &[&'static str]) -> Option<Fields<'n>> {
        let map = self.map(node)?;
        Some(Fields::new(map, node.span, keys))
    }
}

/// What kind of value is wanted.
struct Expected<'a> {
    words: Text,
    /// How it is written; may be empty.
    example: &'a str,
}

impl<'a> Expected<'a> {
    fn new(zh: &str, en: &str, example: &'a str) -> Self {
        Self {
            words: Text::new(zh, en),
            example,
        }
    }
}

/// What kind of value is there, in words.
fn found_words(node: &Node) -> Text {
    match &node.value {
        Value::Map(_) => Text::new("键值", "a map of keys and values"),
        Value::List(_) => Text::new("列表", "a list"),
        Value::Scalar(_) if node.is_nothing() => Text::new("空的", "empty"),
        Value::Scalar(scalar) if scalar.style == Style::Plain => {
            if scalar::number(&scalar.text).is_ok() {
                Text::new("数字", "a number")
            } else if matches!(&*scalar.text, "yes" | "no" | "true" | "false") {
                Text::new("“是”或“否”", "yes or no")
            } else {
                Text::new("文本", "a text")
            }
        }
        Value::Scalar(_) => Text::new("文本", "a text"),
        Value::Refused => Text::default(),
    }
}

/// What to write instead of what is no name: marks of a Chinese keyboard are taken for one.
fn name_help(text: &str) -> Text {
    if text.contains(['，', '、', '；']) {
        return both!(
            "几个名称之间用英文逗号和空格隔开，如 `[name, address]`",
            "names are separated by a plain comma and a space, as in `[name, address]`",
        );
    }
    if text.ends_with('？') {
        return both!(
            "问号用英文的，整个名称加引号，如 `\"name?\"`",
            "write a plain question mark, and quotes around the whole, as in `\"name?\"`",
        );
    }
    both!(
        "用小写英文字母、数字、`-` 或 `_`，如 `food-review`",
        "use lowercase letters, digits, `-` or `_`, as in `food-review`",
    )
}
