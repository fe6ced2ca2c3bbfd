//! What the compiler says to the author of a definition.
//!
//! A [`Diagnostic`] names the file, the line and the field, says what is wrong
//! and why, and what to write instead, in Chinese and in English. Its [`Code`]
//! is stable, and has a page under `docs/errors/`.
//!
//! - [`code`]: the table of all codes
//! - [`render`]: for people, in the manner of a compiler
//! - [`json`]: for programs and editors

pub mod code;
pub mod json;
pub mod render;

pub use code::{Code, Severity};
pub use json::Wire;
pub use render::Rendering;

use std::collections::BTreeMap;

use onething_model::Text;

use crate::source::{FileId, SourceSet, Span};

/// The most problems of one file that are kept; a file with more has one cause, not a thousand.
pub const MAX_PER_FILE: usize = 200;

/// A text in both languages from two format strings.
///
/// Both are required, so that no message can exist in one language only. Values
/// are captured by name; one more that differs by language may follow, or the names of
/// texts, such as lists, each of which is captured in the language of the format string.
macro_rules! both {
    ($zh:literal, $en:literal; $($text:ident),+ $(,)?) => {
        ::onething_model::Text::new(
            { $(let $text = $text.zh();)+ ::std::format!($zh) },
            { $(let $text = $text.en();)+ ::std::format!($en) },
        )
    };
    ($zh:literal, $en:literal $(,)?) => {
        ::onething_model::Text::new(::std::format!($zh), ::std::format!($en))
    };
    ($zh:literal, $en:literal, $in_zh:expr, $in_en:expr $(,)?) => {
        ::onething_model::Text::new(::std::format!($zh, $in_zh), ::std::format!($en, $in_en))
    };
}
pub(crate) use both;

/// Names as definitions write them, in a list.
pub(crate) fn quoted<I: IntoIterator<Item: std::fmt::Display>>(names: I) -> Text {
    Text::list(names.into_iter().map(|name| format!("`{name}`")))
}

/// A place in a file and what to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there, if the message does not say it already.
    pub text: Option<Text>,
}

/// One problem of a definition, for the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of problem.
    pub code: Code,
    /// What is wrong.
    pub message: Text,
    /// Where it is wrong.
    pub primary: Label,
    /// Other places one has to look at to understand it.
    pub related: Vec<Label>,
    /// The path of keys to the place, such as `steps.food-review.limit`; may be empty.
    pub field: String,
    /// The rule behind it, where it is not obvious.
    pub why: Option<Text>,
    /// What to write instead.
    pub help: Option<Text>,
}

impl Diagnostic {
    /// A problem at a place.
    #[must_use]
    pub fn new(code: Code, span: Span, message: Text) -> Self {
        Self {
            code,
            message,
            primary: Label { span, text: None },
            related: Vec::new(),
            field: String::new(),
            why: None,
            help: None,
        }
    }

    /// With a text at the place itself.
    #[must_use]
    pub fn label(mut self, text: Text) -> Self {
        self.primary.text = Some(text);
        self
    }

    /// With another place to look at.
    #[must_use]
    pub fn related(mut self, span: Span, text: Text) -> Self {
        self.related.push(Label {
            span,
            text: Some(text),
        });
        self
    }

    /// With the path of keys.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = field.into();
        self
    }

    /// With the rule behind it.
    #[must_use]
    pub fn why(mut self, why: Text) -> Self {
        self.why = Some(why);
        self
    }

    /// With the cure.
    #[must_use]
    pub fn help(mut self, help: Text) -> Self {
        self.help = Some(help);
        self
    }

    /// Whether it keeps the definition from being used.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

/// Collects problems; the collector never stops at the first.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    per_file: BTreeMap<FileId, usize>,
}

impl Diagnostics {
    /// No problems yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a problem. Beyond [`MAX_PER_FILE`] of one file, one last diagnostic
    /// says that the rest is not shown.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let span = diagnostic.primary.span;
        let count = self.per_file.entry(span.file).or_default();
        *count += 1;
        if *count <= MAX_PER_FILE {
            self.list.push(diagnostic);
        } else if *count == MAX_PER_FILE + 1 {
            self.list.push(
                Diagnostic::new(
                    Code::TooManyProblems,
                    span,
                    both!(
                        "本文件的问题超过 {MAX_PER_FILE} 个，其余不再列出",
                        "this file has more than {MAX_PER_FILE} problems; the rest is not shown",
                    ),
                )
                .help(both!(
                    "先改正前面的问题，再检查一次",
                    "mend the first ones and check again",
                )),
            );
        }
    }

    /// Adds all problems of another collector.
    pub fn extend(&mut self, other: Diagnostics) {
        for diagnostic in other.list {
            self.push(diagnostic);
        }
    }

    /// Whether a file has so many problems that no more of them are shown.
    /// What takes work to explain need not be explained then.
    #[must_use]
    pub fn is_full(&self, file: FileId) -> bool {
        self.per_file
            .get(&file)
            .is_some_and(|count| *count > MAX_PER_FILE)
    }

    /// Whether a problem with this key of the file has been told, or with one below it.
    #[must_use]
    pub fn speaks_of(&self, file: FileId, field: &str) -> bool {
        self.list.iter().any(|known| {
            let below = known.field.strip_prefix(field);
            known.primary.span.file == file
                && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }

    /// Whether a section that a file does not have may be there all the same: it cannot be read, or
    /// there is one of a name that nobody knows.
    #[must_use]
    pub fn is_lost(&self, file: FileId, section: &str) -> bool {
        let is_section = |known: &Diagnostic| {
            known.code == Code::UnknownKey
                && known.primary.span.file == file
                && known.field.is_empty()
        };
        self.speaks_of(file, section) || self.list.iter().any(is_section)
    }

    /// The files that there are problems of.
    pub fn files(&self) -> impl Iterator<Item = FileId> {
        self.per_file.keys().copied()
    }

    /// Whether any problem keeps the definition from being used.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|d| d.severity() == Severity::Error)
    }

    /// Number of problems, warnings included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The problems in the order in which a reader meets them: by file,
    /// position and code, none twice.
    #[must_use]
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.list.sort_by(|a, b| {
            let key = |d: &Diagnostic| (d.primary.span, d.code);
            key(a)
                .cmp(&key(b))
                .then_with(|| a.message.en().cmp(b.message.en()))
        });
        self.list.dedup_by(|b, a| {
            a.code == b.code && a.primary.span == b.primary.span && a.message == b.message
        });
        self.list
    }
}

/// Problems together with the files they are about.
#[derive(Debug, Clone)]
pub struct Report {
    /// The files.
    pub sources: std::sync::Arc<SourceSet>,
    /// The problems, sorted.
    pub diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// Sorts what was collected.
    #[must_use]
    pub fn new(sources: std::sync::Arc<SourceSet>, found: Diagnostics) -> Self {
        Self {
            sources,
            diagnostics: found.into_sorted(),
        }
    }

    /// Number of errors.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.count(Severity::Error)
    }

    /// Number of warnings.
    #[must_use]
    pub fn warnings(&self) -> usize {
        self.count(Severity::Warning)
    }

    fn count(&self, severity: Severity) -> usize {
        self.diagnostics
            .iter()
            .filter(|d| d.severity() == severity)
            .count()
    }

    /// All problems as text for people, an empty line between them.
    #[must_use]
    pub fn render(&self, rendering: Rendering) -> String {
        let mut out = String::new();
        for diagnostic in &self.diagnostics {
            out.push_str(&rendering.render(diagnostic, &self.sources));
            out.push_str("\n\n");
        }
        out
    }

    /// All problems for programs.
    #[must_use]
    pub fn wire(&self) -> Vec<Wire> {
        self.diagnostics
            .iter()
            .map(|d| Wire::new(d, &self.sources))
            .collect()
    }
}
