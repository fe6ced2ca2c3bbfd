//! The values that records are made of.

use std::str::FromStr;

use onething_model::{
    CalendarKey, ContractKey, DepartmentKey, FieldKey, Lang, Limit, MatterKey, NameError,
    QuestionKey, RegistryKey, RoleKey, ServiceKey, StepKey, Text,
};

use super::{Read, Shape, words};
use crate::diagnostic::{Code, Diagnostic, both};
use crate::yaml::read::{Reader, Spanned};
use crate::yaml::scalar::Version;
use crate::yaml::{Node, Style, Value};

words! {
    /// The language of the plain texts of a file.
    pub enum Language {
        Zh "zh" "中文" "Chinese";
        En "en" "英文" "English";
    }
}

impl From<Language> for Lang {
    fn from(language: Language) -> Self {
        match language {
            Language::Zh => Self::Zh,
            Language::En => Self::En,
        }
    }
}

macro_rules! read_by {
    ($($type:ty: $method:ident, $shape:expr;)*) => {$(
        impl Read for $type {
            fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
                reader.$method(node)
            }
            fn shape() -> Shape {
                $shape
            }
        }
    )*};
}

read_by! {
    Text: text, Shape::Text;
    String: string, Shape::Str;
    bool: yes_no, Shape::YesNo;
    Limit: duration, Shape::Duration;
    Version: version, Shape::Version;
    ServiceKey: name, Shape::Name("一件事", "a service");
    DepartmentKey: name, Shape::Name("部门", "a department");
    MatterKey: name, Shape::Name("事项", "a matter");
    StepKey: name, Shape::Name("环节", "a step");
    ContractKey: name, Shape::Name("数据约定", "a contract");
    RoleKey: name, Shape::Name("角色", "a role");
    FieldKey: name, Shape::Name("字段", "a field");
    QuestionKey: name, Shape::Name("情形问题", "a question");
    RegistryKey: name, Shape::Name("数据库", "a registry");
    CalendarKey: name, Shape::Name("工作日历", "a calendar");
}

/// Any other name: of a window, an option, an event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(FieldKey);

impl Name {
    /// The name as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for Name {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        text.parse().map(Self)
    }
}

impl Read for Name {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        reader.name(node)
    }
    fn shape() -> Shape {
        Shape::Name("名称", "a name")
    }
}

/// A whole number between two bounds, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole<const LEAST: i64, const MOST: i64>(pub i64);

impl<const LEAST: i64, const MOST: i64> Read for Whole<LEAST, MOST> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        reader.integer(node, LEAST, MOST).map(Self)
    }
    fn shape() -> Shape {
        Shape::Whole(LEAST, MOST)
    }
}

impl<const LEAST: i64, const MOST: i64> Whole<LEAST, MOST> {
    /// The number; zero where bounds beyond the type let it be something else.
    #[must_use]
    pub fn get(self) -> u32 {
        u32::try_from(self.0).unwrap_or(0)
    }
}

impl Read for f64 {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        reader.number(node, -1e12, 1e12)
    }
    fn shape() -> Shape {
        Shape::Number
    }
}

/// A probability, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probability(pub f64);

impl Read for Probability {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        reader.probability(node).map(Self)
    }
    fn shape() -> Shape {
        Shape::Probability
    }
}

/// A size in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes(pub u64);

impl Read for Bytes {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        reader.byte_size(node).map(Self)
    }
    fn shape() -> Shape {
        Shape::Size
    }
}

/// A condition as it is written; what it means depends on the questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The expression.
    pub text: String,
    /// How it is written: positions within it are exact only without quotes.
    pub style: Style,
}

impl Read for Condition {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let text = match &node.value {
            // `when: yes` would be a text that needs quotes, but is no condition either way.
            Value::Scalar(scalar) => scalar,
            Value::Map(_) | Value::List(_) | Value::Refused => {
                // Says what was expected instead.
                reader.string(node)?;
                return None;
            }
        };
        Some(Self {
            text: text.text.to_string(),
            style: text.style,
        })
    }
    fn shape() -> Shape {
        Shape::Condition
    }
}

/// A value whose type is known only later: an answer, an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnyValue(pub Node);

impl Read for AnyValue {
    fn read(node: &Node, _: &mut Reader<'_>) -> Option<Self> {
        match node.value {
            Value::Refused => None,
            Value::Scalar(_) | Value::List(_) | Value::Map(_) => Some(Self(node.clone())),
        }
    }
    fn shape() -> Shape {
        Shape::Any
    }
}

/// A field that a step reads: `photo`, or `photo?` where it can do without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadField {
    /// The field.
    pub field: FieldKey,
    /// Whether the step can do without.
    pub optional: bool,
}

impl Read for ReadField {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let Some(scalar) = node.as_scalar() else {
            // Says that a name was expected.
            return reader.name(node).map(|field| Self {
                field,
                optional: false,
            });
        };
        let (text, optional) = match scalar.text.strip_suffix('?') {
            Some(text) => (text, true),
            None => (&*scalar.text, false),
        };
        let field = reader.parse_name(text, node.span)?;
        Some(Self { field, optional })
    }
    fn shape() -> Shape {
        Shape::Form(
            "字段名；末尾的 `?` 表示可以没有",
            "the name of a field; a `?` at the end: the step can do without",
        )
    }
}

impl<T: Read> Read for Vec<Spanned<T>> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        reader.list(node, T::read)
    }
    fn shape() -> Shape {
        Shape::List(Box::new(T::shape()))
    }
}

/// A map from names of the author's choice, in the order in which it is written.
#[derive(Debug, Clone)]
pub struct Named<K, T> {
    /// The entries; the value of an entry that could not be read is `None`.
    pub entries: Vec<(Spanned<K>, Option<T>)>,
}

impl<K, T> Default for Named<K, T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
        }
    }
}

impl<K: FromStr<Err = NameError> + Read, T: Read> Read for Named<K, T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        reader.named(node, T::read).map(|entries| Self { entries })
    }
    fn shape() -> Shape {
        Shape::Named(Box::new(K::shape()), Box::new(T::shape()))
    }
}

impl<K, T> Named<K, T> {
    /// The entries with a value.
    pub fn iter(&self) -> impl Iterator<Item = (&Spanned<K>, &T)> {
        self.entries
            .iter()
            .filter_map(|(key, value)| Some((key, value.as_ref()?)))
    }
}

/// Either `all`, or a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllOr<T> {
    /// `all`
    All,
    /// These.
    Only(Vec<Spanned<T>>),
}

const ALL: &[super::Word] = &[super::Word {
    word: "all",
    zh: "全部",
    en: "all of them",
}];

impl<T: Read> Read for AllOr<T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if node
            .as_scalar()
            .is_some_and(|scalar| &*scalar.text == "all")
        {
            return Some(Self::All);
        }
        Read::read(node, reader).map(Self::Only)
    }
    fn shape() -> Shape {
        Shape::OneOf(vec![Shape::Word(ALL), Shape::List(Box::new(T::shape()))])
    }
}

/// A value of a form that its own type reads.
pub(crate) fn parse_form<T: FromStr>(
    node: &Node,
    reader: &mut Reader<'_>,
    form: (&str, &str),
    example: &str,
) -> Option<T> {
    let (zh, en) = form;
    let Some(scalar) = node.as_scalar().filter(|_| !node.is_nothing()) else {
        // Says that a text was expected.
        reader.string(node)?;
        return None;
    };
    let text = &*scalar.text;
    text.parse()
        .map_err(|_| {
            let shown = crate::yaml::scalar::shorten(text);
            reader.report(
                Diagnostic::new(
                    Code::BadForm,
                    node.span,
                    both!("`{shown}` 不是{zh}", "`{shown}` is not {en}"),
                )
                .help(both!("写成如 `{example}`", "write it as in `{example}`")),
            );
        })
        .ok()
}
