//! Diagnostics for people: the lines of the file, carets under the place.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use onething_model::{Lang, Text};

use super::{Diagnostic, Label, Severity};
use crate::source::{FileId, SourceSet, Span};

/// Labels of one file further apart than this are shown as separate pieces, so
/// that a large file is not searched for each of its problems.
const WINDOW_BYTES: usize = 32 * 1024;

/// A longer line is not quoted: nobody reads it.
const MAX_QUOTED_BYTES: usize = 16 * 1024;

/// How diagnostics are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rendering {
    /// The language of the messages.
    pub lang: Lang,
    /// Whether to use terminal colours.
    pub colour: bool,
}

impl Rendering {
    /// One diagnostic as text of several lines, without a line break at the end.
    #[must_use]
    pub fn render(self, diagnostic: &Diagnostic, sources: &SourceSet) -> String {
        let word = diagnostic.severity().word(self.lang);
        let level = match diagnostic.severity() {
            Severity::Error => Level::ERROR.with_name(word),
            Severity::Warning => Level::WARNING.with_name(word),
        };
        let mut group = level
            .primary_title(self.say(&diagnostic.message))
            .id(diagnostic.code.as_str())
            .elements(std::iter::empty::<Origin<'_>>());
        for piece in pieces(diagnostic, sources) {
            group = self.piece(group, &piece, sources);
        }
        let (field, why, help, see) = match self.lang {
            Lang::Zh => ("位置", "原因", "改法", "详见"),
            Lang::En => ("field", "why", "help", "see"),
        };
        if !diagnostic.field.is_empty() {
            let text = clean(&diagnostic.field);
            group = group.element(Level::NOTE.with_name(field).message(text));
        }
        if let Some(text) = &diagnostic.why {
            group = group.element(Level::NOTE.with_name(why).message(self.say(text)));
        }
        if let Some(text) = &diagnostic.help {
            group = group.element(Level::HELP.with_name(help).message(self.say(text)));
        }
        group = group.element(Level::INFO.with_name(see).message(diagnostic.code.page()));
        let renderer = if self.colour {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        renderer.render(&[group])
    }

    fn say(self, text: &Text) -> String {
        clean(text.get(self.lang))
    }

    fn piece<'a>(self, group: Group<'a>, piece: &Piece<'_>, sources: &'a SourceSet) -> Group<'a> {
        let file = sources.file(piece.file);
        let (lines, first_line) = file.lines_around(piece.start, piece.end);
        if file.text().is_empty() {
            return group.element(Origin::path(clean(file.path())));
        }
        let quoted = file.text().get(lines.clone()).unwrap_or("");
        if sources.is_private() || quoted.len() > WINDOW_BYTES + 2 * MAX_QUOTED_BYTES {
            let at = file.position(piece.start);
            return group.element(
                Origin::path(clean(file.path()))
                    .line(at.line)
                    .char_column(at.column),
            );
        }
        let mut snippet = Snippet::source(quoted)
            .path(clean(file.path()))
            .line_start(first_line)
            .fold(true);
        for (label, kind) in &piece.labels {
            // A place within a character would end the command, and not the definition.
            let start = label.span.start as usize - lines.start;
            let start = quoted.floor_char_boundary(start);
            let end = (label.span.end as usize).min(lines.end) - lines.start;
            let end = quoted.ceil_char_boundary(end);
            // A label over many lines would draw a bracket along all of them: its first
            // line is where the reader has to look.
            let line_end = quoted
                .get(start..end)
                .and_then(|text| text.find('\n'))
                .map_or(end, |at| start + at);
            snippet = snippet.annotation(
                kind.span(start..line_end.max(start))
                    .label(label.text.as_ref().map(|text| self.say(text))),
            );
        }
        group.element(snippet)
    }
}

/// Control characters made visible: a definition must not steer the terminal.
fn clean(text: &str) -> String {
    annotate_snippets::normalize_untrusted_str(text)
}

/// Labels of one file that are shown together.
struct Piece<'a> {
    file: FileId,
    start: u32,
    end: u32,
    labels: Vec<(&'a Label, AnnotationKind)>,
}

fn pieces<'a>(diagnostic: &'a Diagnostic, sources: &SourceSet) -> Vec<Piece<'a>> {
    let primary = std::iter::once((&diagnostic.primary, AnnotationKind::Primary));
    let related = diagnostic
        .related
        .iter()
        .map(|label| (label, AnnotationKind::Context));
    let mut pieces: Vec<Piece<'a>> = Vec::new();
    for (label, kind) in primary.chain(related) {
        let Span { file, start, end } = label.span;
        // Only the first line of a label is shown.
        let end = sources
            .slice(label.span)
            .find('\n')
            .map_or(end, |at| start + at as u32);
        let near = pieces.iter_mut().find(|piece| {
            let from = piece.start.min(start) as usize;
            let to = piece.end.max(end) as usize;
            piece.file == file && to - from <= WINDOW_BYTES
        });
        match near {
            Some(piece) => {
                piece.start = piece.start.min(start);
                piece.end = piece.end.max(end);
                piece.labels.push((label, kind));
            }
            None => pieces.push(Piece {
                file,
                start,
                end,
                labels: vec![(label, kind)],
            }),
        }
    }
    pieces
}
