//! Types that are written as JSON and describe themselves: the JSON Schema of the
//! notice is made of the same lines as the types, comments included.

use std::collections::BTreeMap;

use onething_model::{
    Digest, FieldPath, MatterKey, QuestionKey, RegistryKey, RoleKey, ServiceKey, StepKey, Text,
};
use onething_plan::Answer;
use serde_json::{Map, Value, json};

/// A type whose JSON has a schema.
pub(crate) trait Described {
    /// The schema of a value; named types go to `defs` and are referred to.
    fn schema(defs: &mut Defs) -> Value;
}

/// The named types of a schema.
#[derive(Default)]
pub(crate) struct Defs(BTreeMap<&'static str, Value>);

impl Defs {
    /// A reference to a named type, which is made when it is first referred to.
    pub(crate) fn named(
        &mut self,
        name: &'static str,
        make: impl FnOnce(&mut Self) -> Value,
    ) -> Value {
        if !self.0.contains_key(name) {
            // Noted before it is made, so that a type may hold itself.
            self.0.insert(name, Value::Null);
            let made = make(self);
            self.0.insert(name, made);
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }

    /// The schema of a whole document of this type.
    pub(crate) fn document<T: Described>(title: &str) -> Value {
        let mut defs = Self::default();
        let whole = T::schema(&mut defs);
        let mut root = Map::new();
        root.insert(
            "$schema".into(),
            json!("https://json-schema.org/draft/2020-12/schema"),
        );
        root.insert("title".into(), json!(title));
        if let Value::Object(whole) = whole {
            root.extend(whole);
        }
        let defs = defs.0.into_iter();
        let defs: Map<String, Value> = defs.map(|(name, value)| (name.to_owned(), value)).collect();
        root.insert("$defs".into(), defs.into());
        root.into()
    }
}

/// The lines of a doc comment as one text.
pub(crate) fn prose(lines: &[&str]) -> String {
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    lines.join(" ").trim().to_owned()
}

/// `schema` with a description of its own.
fn with_description(schema: Value, lines: &[&str]) -> Value {
    match schema {
        Value::Object(mut map) => {
            map.insert("description".into(), prose(lines).into());
            map.into()
        }
        other => other,
    }
}

/// The name of a key: raw identifiers without their mark.
fn plain(name: &'static str) -> &'static str {
    name.strip_prefix("r#").unwrap_or(name)
}

/// A key of a struct: its name, what is said about it, and the schema of its type.
pub(crate) type Key = (
    &'static str,
    &'static [&'static str],
    fn(&mut Defs) -> Value,
);

/// The schema of a struct; all its keys are there, or some are left out.
pub(crate) fn object(
    defs: &mut Defs,
    name: &'static str,
    doc: &[&str],
    keys: &[Key],
    all: bool,
) -> Value {
    defs.named(name, |defs| {
        let of = |(name, about, schema): &Key| {
            let key = plain(name).to_owned();
            (key, with_description(schema(defs), about))
        };
        let properties: Map<String, Value> = keys.iter().map(of).collect();
        let mut object = json!({
            "type": "object",
            "description": prose(doc),
            "properties": properties,
        });
        if all {
            let required = keys.iter().map(|(name, ..)| plain(name));
            object["required"] = required.collect();
        }
        object
    })
}

/// Structs with their schema. Every key is always there; what may be missing is
/// null. Of an `omitting` struct, keys that do not apply are left out.
macro_rules! described {
    ($($(#[doc = $doc:literal])* pub struct $name:ident {
        $($(#[doc = $about:literal])* pub $key:ident: $kind:ty,)*
    })*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize)]
        pub struct $name {
            $($(#[doc = $about])* pub $key: $kind,)*
        }

        impl $crate::guide::data::described::Described for $name {
            fn schema(
                defs: &mut $crate::guide::data::described::Defs,
            ) -> serde_json::Value {
                use $crate::guide::data::described::{Described, Key, object};
                let keys: &[Key] = &[$((stringify!($key), &[$($about),*], <$kind as Described>::schema)),*];
                object(defs, stringify!($name), &[$($doc),*], keys, true)
            }
        }
    )*};
    (omitting $($(#[doc = $doc:literal])* pub struct $name:ident {
        $($(#[doc = $about:literal])* pub $key:ident: $kind:ty,)*
    })*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
        pub struct $name {
            $(
                $(#[doc = $about])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $key: Option<$kind>,
            )*
        }

        impl $crate::guide::data::described::Described for $name {
            fn schema(
                defs: &mut $crate::guide::data::described::Defs,
            ) -> serde_json::Value {
                use $crate::guide::data::described::{Described, Key, object};
                let keys: &[Key] = &[$((stringify!($key), &[$($about),*], <$kind as Described>::schema)),*];
                object(defs, stringify!($name), &[$($doc),*], keys, false)
            }
        }
    )*};
}

/// Closed sets of words.
macro_rules! words {
    ($($(#[doc = $doc:literal])* pub enum $name:ident {
        $($(#[doc = $about:literal])* $word:ident = $text:literal,)*
    })*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
        pub enum $name {
            $($(#[doc = $about])* #[serde(rename = $text)] $word,)*
        }

        impl $name {
            /// The word in the JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$word => $text,)*
                }
            }
        }

        impl $crate::guide::data::described::Described for $name {
            fn schema(
                defs: &mut $crate::guide::data::described::Defs,
            ) -> serde_json::Value {
                use $crate::guide::data::described::prose;
                defs.named(stringify!($name), |_| {
                    let words = [$(serde_json::json!({
                        "const": $text,
                        "description": prose(&[$($about),*]),
                    })),*];
                    let doc: &[&str] = &[$($doc),*];
                    serde_json::json!({ "description": prose(doc), "oneOf": words })
                })
            }
        }
    )*};
}

pub(crate) use {described, words};

impl<T: Described> Described for Vec<T> {
    fn schema(defs: &mut Defs) -> Value {
        json!({ "type": "array", "items": T::schema(defs) })
    }
}

impl<T: Described> Described for Option<T> {
    fn schema(defs: &mut Defs) -> Value {
        json!({ "anyOf": [T::schema(defs), { "type": "null" }] })
    }
}

macro_rules! simple {
    ($($type:ty: $schema:tt;)*) => {$(
        impl Described for $type {
            fn schema(_: &mut Defs) -> Value {
                json!($schema)
            }
        }
    )*};
}

simple! {
    bool: { "type": "boolean" };
    u32: { "type": "integer", "minimum": 0 };
    u64: { "type": "integer", "minimum": 0 };
    usize: { "type": "integer", "minimum": 0 };
    f64: { "type": "number" };
    String: { "type": "string" };
    Value: {};
    Answer: { "type": ["boolean", "number", "string"] };
    Digest: { "type": "string", "minLength": 1 };
    FieldPath: { "type": "string", "pattern": "^[^.]+[.][^.]+$" };
    ServiceKey: { "type": "string", "minLength": 1 };
    MatterKey: { "type": "string", "minLength": 1 };
    StepKey: { "type": "string", "minLength": 1 };
    RoleKey: { "type": "string", "minLength": 1 };
    RegistryKey: { "type": "string", "minLength": 1 };
    QuestionKey: { "type": "string", "minLength": 1 };
}

impl Described for Text {
    fn schema(defs: &mut Defs) -> Value {
        defs.named("Text", |_| {
            json!({
                "type": "object",
                "description": "A text for people in Chinese and in English. Where a definition gives one language only, the other is missing: show the one that is there.",
                "properties": { "zh": { "type": "string" }, "en": { "type": "string" } },
                "minProperties": 1,
            })
        })
    }
}
