//! Diagnostics for programs: editors, gates, other tools.

use onething_model::Text;
use serde::Serialize;

use super::{Code, Diagnostic, Label, Severity};
use crate::source::SourceSet;

/// A place as programs read it: lines and columns from 1, columns in characters,
/// the end exclusive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The path below the root of the definition tree.
    pub file: String,
    /// First line.
    pub line: usize,
    /// First column.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// Column after the last character.
    pub end_column: usize,
}

/// Another place that matters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Related {
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// What is there.
    pub message: Text,
}

/// A [`Diagnostic`] as it is serialized.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wire {
    /// The code.
    pub code: Code,
    /// `error` or `warning`.
    pub severity: Severity,
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// The path of keys, may be empty.
    pub field: String,
    /// What is wrong, in both languages.
    pub message: Text,
    /// The rule behind it.
    pub why: Option<Text>,
    /// The cure.
    pub help: Option<Text>,
    /// Other places.
    pub related: Vec<Related>,
    /// The page that explains the code.
    pub see: String,
}

impl Wire {
    /// The serialized form of a diagnostic about these sources.
    #[must_use]
    pub fn new(diagnostic: &Diagnostic, sources: &SourceSet) -> Self {
        Self {
            code: diagnostic.code,
            severity: diagnostic.severity(),
            place: place(&diagnostic.primary, sources),
            field: diagnostic.field.clone(),
            message: diagnostic.message.clone(),
            why: diagnostic.why.clone(),
            help: diagnostic.help.clone(),
            related: diagnostic
                .related
                .iter()
                .map(|label| Related {
                    place: place(label, sources),
                    message: label.text.clone().unwrap_or_default(),
                })
                .collect(),
            see: diagnostic.code.page(),
        }
    }
}

fn place(label: &Label, sources: &SourceSet) -> Place {
    let file = sources.file(label.span.file);
    let start = file.position(label.span.start);
    let end = file.position(label.span.end);
    Place {
        file: file.path().to_owned(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}
