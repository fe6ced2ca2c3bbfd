//! YAML as a tree that knows where everything is written.
//!
//! [`parse`] reads one file; [`read`] takes values out of the tree and collects
//! problems instead of stopping at the first; [`scalar`] holds the rules for
//! numbers, durations, amounts and the like.
//!
//! YAML's traps are closed here: a key written twice, anchors, aliases, tags,
//! merge keys and further documents are refused, and nothing is ever converted
//! behind the author's back. Scalars stay the text that was written; whoever
//! expects a number asks for one.

pub(crate) mod control;
mod explain;
pub mod fields;
mod indent;
mod parse;
pub mod read;
pub mod scalar;
mod stray;

pub use parse::{MAX_DEPTH, MAX_NODES, parse};

use crate::source::Span;

/// A value and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where.
    pub span: Span,
}

/// What a [`Node`] holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A single value.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// Keys and their values.
    Map(Map),
    /// Something that was refused and has its diagnostic already.
    Refused,
}

/// A single value as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The text, without quotes and with escapes resolved.
    pub text: Box<str>,
    /// How it is written.
    pub style: Style,
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes, where other readers of YAML would guess the type.
    Plain,
    /// In single or double quotes.
    Quoted,
    /// As a block, after `|` or `>`.
    Block,
}

/// Keys and their values, in the order in which they are written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Map {
    /// The entries; no key is there twice.
    pub entries: Vec<Entry>,
    /// An entry was refused, so that nobody should complain that it is missing.
    pub partial: bool,
}

/// One entry of a [`Map`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: Key,
    /// The value.
    pub value: Node,
}

/// A key and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub text: Box<str>,
    /// Where.
    pub span: Span,
}

impl Map {
    /// The entry with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| &*entry.key.text == key)
    }
}

impl Node {
    /// The map, if it is one.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            Value::Scalar(_) | Value::List(_) | Value::Refused => None,
        }
    }

    /// The scalar, if it is one.
    #[must_use]
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            Value::Map(_) | Value::List(_) | Value::Refused => None,
        }
    }

    /// Whether nothing is written where a value should be: `key:`, `key: ~` or `key: null`.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.as_scalar().is_some_and(|scalar| {
            scalar.style == Style::Plain && matches!(&*scalar.text, "" | "~" | "null")
        })
    }
}
