//! JSON Schemas for editors, and the reference tables: both from the one
//! description of each key that the reader uses.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::syntax::{RecordShape, Shape, files};

/// The kinds of files, each with the pattern of its path below the root of a tree.
#[must_use]
pub fn kinds() -> Vec<(&'static str, &'static str)> {
    files()
        .into_iter()
        .map(|(kind, pattern, _)| (kind, pattern))
        .collect()
}

/// The JSON Schema (draft 2020-12) of a kind of file; `None` for an unknown kind.
///
/// ```
/// let schema = onething_definition::schema("service").unwrap();
/// assert_eq!(schema["type"], "object");
/// assert!(schema["properties"]["steps"].is_object());
/// ```
#[must_use]
pub fn schema(kind: &str) -> Option<Value> {
    let (_, _, shape) = files().into_iter().find(|(name, ..)| *name == kind)?;
    let Shape::Record(record) = shape else {
        return None;
    };
    let mut defs = Defs::default();
    let mut root = Map::new();
    root.insert(
        "$schema".into(),
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    if let Value::Object(body) = defs.body(&record()) {
        root.extend(body);
    }
    root.insert("$defs".into(), defs.finish());
    Some(Value::Object(root))
}

/// The definitions that a schema refers to.
#[derive(Default)]
struct Defs {
    made: BTreeMap<&'static str, Value>,
}

impl Defs {
    fn finish(self) -> Value {
        let mut map = Map::new();
        for (name, value) in self.made {
            map.insert(name.to_owned(), value);
        }
        Value::Object(map)
    }

    fn shared(&mut self, name: &'static str, value: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.made.contains_key(name) {
            // Noted before it is made, so that a record may hold itself.
            self.made.insert(name, Value::Null);
            let value = value(self);
            self.made.insert(name, value);
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }

    fn body(&mut self, record: &RecordShape) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for key in &record.keys {
            let mut value = self.of(&key.shape);
            if let Value::Object(map) = &mut value {
                map.insert("description".into(), described(&key.meaning));
            }
            properties.insert(key.key.to_owned(), value);
            if key.required {
                required.push(key.key);
            }
        }
        let mut body = json!({
            "type": "object",
            "description": described(&record.title),
            "properties": properties,
            "additionalProperties": false,
        });
        if !required.is_empty() {
            body["required"] = json!(required);
        }
        body
    }

    fn of(&mut self, shape: &Shape) -> Value {
        match shape {
            Shape::Text => self.shared("text", |_| {
                json!({
                    "anyOf": [
                        { "type": "string", "minLength": 1 },
                        {
                            "type": "object",
                            "properties": {
                                "zh": { "type": "string", "minLength": 1 },
                                "en": { "type": "string", "minLength": 1 },
                            },
                            "additionalProperties": false,
                            "minProperties": 1,
                        },
                    ],
                })
            }),
            Shape::Str => json!({ "type": "string", "minLength": 1 }),
            Shape::YesNo => json!({ "enum": [true, false, "yes", "no"] }),
            Shape::Whole(least, most) => {
                json!({ "type": "integer", "minimum": least, "maximum": most })
            }
            Shape::Number => json!({ "type": "number" }),
            Shape::Duration => self.shared("duration", |_| {
                json!({
                    "type": "string",
                    "pattern": r"^[0-9]+(\.[0-9]{1,3})? ?(wd|d|h|min|s)$",
                    "examples": ["20wd", "56d", "4h", "10min"],
                })
            }),
            Shape::Probability => self.shared("probability", |_| {
                json!({ "type": "string", "pattern": r"^[0-9]+(\.[0-9]+)? ?%$", "examples": ["60%"] })
            }),
            Shape::Size => self.shared("size", |_| {
                json!({
                    "type": "string",
                    "pattern": "^[0-9]+ ?(B|[kK]B|MB|GB|KiB|MiB|GiB)$",
                    "examples": ["20MiB"],
                })
            }),
            Shape::Version => self.shared("version", |_| {
                json!({
                    "type": "string",
                    "pattern": r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$",
                    "examples": ["1.0.0"],
                })
            }),
            Shape::Name(..) => self.shared("name", |_| {
                json!({ "type": "string", "pattern": "^[a-z][a-z0-9_-]{0,63}$" })
            }),
            Shape::Condition => self.shared("condition", |_| {
                json!({
                    "type": ["string", "boolean"],
                    "examples": ["cold_dishes && seats > 50"],
                })
            }),
            Shape::Form(..) => json!({ "type": "string", "minLength": 1 }),
            Shape::Word(words) => {
                let words: Vec<&str> = words.iter().map(|word| word.word).collect();
                json!({ "enum": words })
            }
            Shape::List(item) => json!({ "type": "array", "items": self.of(item) }),
            Shape::Named(key, value) => {
                let (key, value) = (self.of(key), self.of(value));
                json!({ "type": "object", "propertyNames": key, "additionalProperties": value })
            }
            Shape::Section(key, value) => {
                let (key, value) = (self.of(key), self.of(value));
                let origin = json!({ "type": "string", "minLength": 1 });
                json!({
                    "type": "object",
                    "properties": { "source": origin, "assumed": origin },
                    "propertyNames": key,
                    "additionalProperties": value,
                })
            }
            Shape::Record(record) => {
                let record = record();
                if record.shared {
                    self.shared(record.name, |defs| defs.body(&record))
                } else {
                    self.body(&record)
                }
            }
            Shape::OneOf(shapes) => {
                let shapes: Vec<Value> = shapes.iter().map(|shape| self.of(shape)).collect();
                json!({ "anyOf": shapes })
            }
            Shape::Any => json!({}),
        }
    }
}

fn described(text: &onething_model::Text) -> Value {
    let (zh, en) = (text.zh(), text.en());
    json!(format!("{en}\n{zh}"))
}

/// The reference tables of all files and records, as Markdown.
#[must_use]
pub fn reference() -> String {
    let mut out = String::new();
    let mut told: Vec<&'static str> = Vec::new();
    for (_, pattern, shape) in files() {
        let Shape::Record(record) = shape else {
            continue;
        };
        let record = record();
        let (zh, en) = (record.title.zh(), record.title.en());
        let _ = write!(out, "\n### `{pattern}`: {en} ({zh})\n\n");
        told.push(record.name);
        table(&mut out, &record);
        let mut open = Vec::new();
        below(&record, &mut open);
        open.reverse();
        while let Some(record) = open.pop() {
            if told.contains(&record.name) {
                continue;
            }
            told.push(record.name);
            let (name, zh, en) = (record.name, record.title.zh(), record.title.en());
            let _ = write!(out, "\n#### {name}: {en} ({zh})\n\n");
            table(&mut out, &record);
            let mut more = Vec::new();
            below(&record, &mut more);
            more.reverse();
            open.extend(more);
        }
    }
    out
}

fn table(out: &mut String, record: &RecordShape) {
    out.push_str("| key | | value | meaning | 含义 |\n|---|---|---|---|---|\n");
    for key in &record.keys {
        let need = if key.required { "required" } else { "" };
        let value = in_words(&key.shape);
        let (name, zh, en) = (key.key, key.meaning.zh(), key.meaning.en());
        let _ = writeln!(out, "| `{name}` | {need} | {value} | {en} | {zh} |");
    }
}

fn in_words(shape: &Shape) -> String {
    match shape {
        Shape::Text => "text for people".to_owned(),
        Shape::Str => "text".to_owned(),
        Shape::YesNo => "yes or no".to_owned(),
        Shape::Whole(least, most) if least == most => format!("`{least}`"),
        Shape::Whole(..) => "whole number".to_owned(),
        Shape::Number => "number".to_owned(),
        Shape::Duration => "duration".to_owned(),
        Shape::Probability => "probability".to_owned(),
        Shape::Size => "size".to_owned(),
        Shape::Version => "version".to_owned(),
        Shape::Name(_, en) => format!("name of {en}"),
        Shape::Condition => "condition".to_owned(),
        Shape::Form(_, en) => (*en).to_owned(),
        Shape::Word(words) => words
            .iter()
            .map(|word| format!("`{}`", word.word))
            .collect::<Vec<_>>()
            .join(", "),
        Shape::List(item) => format!("list: {}", in_words(item)),
        Shape::Named(key, value) => format!("by {}: {}", in_words(key), in_words(value)),
        Shape::Section(key, value) => format!(
            "by {}: {}; and `source`, `assumed` for all",
            in_words(key),
            in_words(value)
        ),
        Shape::Record(record) => {
            let record = record();
            if record.shared {
                format!("*{}*", record.name)
            } else {
                let keys: Vec<&str> = record.keys.iter().map(|key| key.key).collect();
                format!("`{{ {} }}`", keys.join(", "))
            }
        }
        Shape::OneOf(shapes) => shapes
            .iter()
            .map(in_words)
            .collect::<Vec<_>>()
            .join(", or "),
        Shape::Any => "as the type asks".to_owned(),
    }
}

/// The records that a record refers to, in order.
fn below(record: &RecordShape, found: &mut Vec<RecordShape>) {
    fn walk(shape: &Shape, found: &mut Vec<RecordShape>) {
        match shape {
            Shape::Record(record) => {
                let record = record();
                if record.shared {
                    found.push(record);
                }
            }
            Shape::List(item) => walk(item, found),
            Shape::Named(_, value) | Shape::Section(_, value) => walk(value, found),
            Shape::OneOf(shapes) => shapes.iter().for_each(|shape| walk(shape, found)),
            Shape::Text
            | Shape::Str
            | Shape::YesNo
            | Shape::Whole(..)
            | Shape::Number
            | Shape::Duration
            | Shape::Probability
            | Shape::Size
            | Shape::Version
            | Shape::Name(..)
            | Shape::Condition
            | Shape::Form(..)
            | Shape::Word(_)
            | Shape::Any => {}
        }
    }
    for key in &record.keys {
        walk(&key.shape, found);
    }
}
