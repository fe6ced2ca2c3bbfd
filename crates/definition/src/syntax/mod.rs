//! The surface of the language: one type for each mapping that can be written.
//!
//! A record names each of its keys once: with its type, whether it is required,
//! and what it means in both languages. From this one description follow the
//! reader (which keys are known, what each holds), the JSON Schema for editors
//! and the reference tables of `docs/language.md`.
//!
//! The types here are what is *written*, gaps included: a value that is absent,
//! or was reported already, is `None`. What it *means* is worked out by
//! the private module `lower`.

pub mod before;
pub mod calendar;
pub mod contract;
pub mod departments;
pub mod figures;
pub mod service;
pub mod step;
pub mod values;
pub mod workload;

use onething_model::{Lang, Text};

use crate::diagnostic::Diagnostics;
use crate::source::{FileId, SourceSet};
use crate::yaml::read::{Fields, Reader, Spanned};
use crate::yaml::{self, Node};

/// A type that can be read from a file.
pub trait Read: Sized {
    /// Reads a value, reporting what is wrong with it.
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self>;

    /// What can be written, for the schema and the reference.
    fn shape() -> Shape;
}

/// What can be written in a place.
#[derive(Debug, Clone)]
pub enum Shape {
    /// A text for people, in one language or both.
    Text,
    /// A text.
    Str,
    /// `yes` or `no`.
    YesNo,
    /// A whole number between two bounds.
    Whole(i64, i64),
    /// A number.
    Number,
    /// A duration with its unit.
    Duration,
    /// A percentage.
    Probability,
    /// A size with its unit.
    Size,
    /// Three whole numbers.
    Version,
    /// The name of something, said in both languages.
    Name(&'static str, &'static str),
    /// A condition over answers.
    Condition,
    /// A text of a form that is said in both languages.
    Form(&'static str, &'static str),
    /// One of a few words, each with its meaning.
    Word(&'static [Word]),
    /// A list.
    List(Box<Shape>),
    /// A map from names of the author's choice.
    Named(Box<Shape>, Box<Shape>),
    /// As `Named`, with `source` or `assumed` for all entries.
    Section(Box<Shape>, Box<Shape>),
    /// A map of known keys.
    Record(fn() -> RecordShape),
    /// One of several.
    OneOf(Vec<Shape>),
    /// Whatever the type of the field or question asks for.
    Any,
}

/// A word and its meaning.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    /// The word.
    pub word: &'static str,
    /// Its meaning in Chinese.
    pub zh: &'static str,
    /// Its meaning in English.
    pub en: &'static str,
}

/// A map of known keys.
#[derive(Debug, Clone)]
pub struct RecordShape {
    /// Its name in the schema and the reference.
    pub name: &'static str,
    /// What it is.
    pub title: Text,
    /// Whether its name says which one it is; the parameters of a distribution differ
    /// by what is distributed.
    pub shared: bool,
    /// Its keys, in the order in which one writes them.
    pub keys: Vec<KeyShape>,
}

/// One key of a record.
#[derive(Debug, Clone)]
pub struct KeyShape {
    /// The key.
    pub key: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What it means.
    pub meaning: Text,
    /// What stands behind it.
    pub shape: Shape,
}

/// A record: a map of known keys, each named once.
macro_rules! record {
    (
        $(#[$meta:meta])*
        pub struct $name:ident $label:literal $zh:literal $en:literal {
            $( $field:ident $key:literal $need:ident $type:ty : $key_zh:literal $key_en:literal; )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default)]
        pub struct $name {
            $(
                #[doc = concat!("`", $key, "`: ", $key_en)]
                pub $field: Option<$crate::yaml::read::Spanned<$type>>,
            )*
        }

        impl $crate::syntax::Read for $name {
            fn read(
                node: &$crate::yaml::Node,
                reader: &mut $crate::yaml::read::Reader<'_>,
            ) -> Option<Self> {
                let mut fields = reader.fields(node, &[$($key),*])?;
                let this = Self {
                    $( $field: $crate::syntax::$need(&mut fields, reader, $key), )*
                };
                fields.finish(reader);
                Some(this)
            }

            fn shape() -> $crate::syntax::Shape {
                $crate::syntax::Shape::Record(|| $crate::syntax::RecordShape {
                    name: $label,
                    title: ::onething_model::Text::new($zh, $en),
                    shared: true,
                    keys: vec![$(
                        $crate::syntax::KeyShape {
                            key: $key,
                            required: stringify!($need).len() == "required".len()
                                && stringify!($need).starts_with('r'),
                            meaning: ::onething_model::Text::new($key_zh, $key_en),
                            shape: <$type as $crate::syntax::Read>::shape(),
                        },
                    )*],
                })
            }
        }
    };
}
pub(crate) use record;

/// An enumeration whose values are words.
macro_rules! words {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $( $variant:ident $word:literal $zh:literal $en:literal; )* }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $( #[doc = concat!("`", $word, "`: ", $en)] $variant, )*
        }

        impl $name {
            /// The words and their meanings.
            pub const WORDS: &'static [$crate::syntax::Word] = &[
                $( $crate::syntax::Word { word: $word, zh: $zh, en: $en }, )*
            ];
        }

        impl $crate::syntax::Read for $name {
            fn read(
                node: &$crate::yaml::Node,
                reader: &mut $crate::yaml::read::Reader<'_>,
            ) -> Option<Self> {
                reader.word(node, &[$( ($word, Self::$variant), )*])
            }

            fn shape() -> $crate::syntax::Shape {
                $crate::syntax::Shape::Word(Self::WORDS)
            }
        }
    };
}
pub(crate) use words;

pub(crate) fn required<T: Read>(
    fields: &mut Fields<'_>,
    reader: &mut Reader<'_>,
    key: &'static str,
) -> Option<Spanned<T>> {
    fields.required(key, reader, spanned)
}

pub(crate) fn optional<T: Read>(
    fields: &mut Fields<'_>,
    reader: &mut Reader<'_>,
    key: &'static str,
) -> Option<Spanned<T>> {
    fields.optional(key, reader, spanned)
}

/// Reads a value and keeps its place.
pub(crate) fn spanned<T: Read>(node: &Node, reader: &mut Reader<'_>) -> Option<Spanned<T>> {
    T::read(node, reader).map(|value| Spanned {
        value,
        span: node.span,
    })
}

/// Reads a whole file. Its plain texts are in the language that its key
/// `language` names, else in `lang`.
pub fn read_file<T: Read>(
    sources: &SourceSet,
    file: FileId,
    lang: Lang,
    found: &mut Diagnostics,
) -> Option<Spanned<T>> {
    let mut root = yaml::parse(sources, file, found)?;
    yaml::control::refuse(sources, &mut root, found);
    let named = root
        .as_map()
        .and_then(|map| map.get("language"))
        .and_then(|entry| entry.value.as_scalar())
        .map(|scalar| &*scalar.text);
    let lang = match named {
        Some("zh") => Lang::Zh,
        Some("en") => Lang::En,
        // Anything else is reported when the key is read.
        Some(_) | None => lang,
    };
    spanned(&root, &mut Reader::new(found, lang))
}

/// Every kind of file: its name for the schema, a pattern of its path, its shape.
#[must_use]
pub fn files() -> Vec<(&'static str, &'static str, Shape)> {
    vec![
        (
            "departments",
            "departments.yaml",
            departments::DepartmentsFile::shape(),
        ),
        (
            "calendar",
            "calendars/*.yaml",
            calendar::CalendarFile::shape(),
        ),
        (
            "contract",
            "contracts/*.yaml",
            contract::ContractFile::shape(),
        ),
        ("service", "*/service.yaml", service::ServiceFile::shape()),
        ("before", "*/before.yaml", before::BeforeFile::shape()),
        (
            "workload",
            "*/workload.yaml",
            workload::WorkloadFile::shape(),
        ),
    ]
}
