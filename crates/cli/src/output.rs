//! The one place that writes: answers to standard output, everything else to
//! standard error.
//!
//! A reader that goes away (`onething … | head`) is not an error: the rest of
//! the answer is dropped.

use std::borrow::Cow;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use onething_model::{Lang, Text};
use onething_plan::check;
use serde::Serialize;

use crate::cause;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::say::both;

/// A line under the header and nothing else.
const RULED: TableStyle = TableStyle::new().header_separator(LineStyle::new('─', '─', '─', '─'));

/// What of a text this program put in itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Own {
    Nothing,
    /// Sequences that set colours (`ESC [ … m`).
    Colours,
}

/// A text that does nothing to a terminal but show. What is written today has no
/// control characters; records of before, files and systems' messages may have
/// some, and they are shown as `\u001b` instead of carried out.
fn readable(text: &str, own: Own) -> Cow<'_, str> {
    let odd = |c: char| check::is_control(c) && !matches!(c, '\n' | '\t');
    if !text.contains(odd) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(at) = rest.find(odd) {
        let (before, found) = rest.split_at(at);
        shown.push_str(before);
        let colour = Some(colour_at(found)).filter(|bytes| own == Own::Colours && *bytes > 0);
        let bytes = match (colour, found.chars().next()) {
            (Some(bytes), _) => {
                shown.push_str(&found[..bytes]);
                bytes
            }
            // The end of a line as other systems write it.
            (None, Some('\r')) if found.starts_with("\r\n") => 1,
            (None, Some(c)) => {
                shown.push_str(&format!("\\u{:04x}", u32::from(c)));
                c.len_utf8()
            }
            (None, None) => break,
        };
        rest = &found[bytes..];
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

/// How many bytes a sequence that sets colours has, if the text begins with one; else 0.
fn colour_at(text: &str) -> usize {
    let Some(inside) = text.strip_prefix("\u{1b}[") else {
        return 0;
    };
    let end = inside.find(|c: char| !c.is_ascii_digit() && c != ';');
    match end {
        Some(end) if inside[end..].starts_with('m') => 2 + end + 1,
        Some(_) | None => 0,
    }
}

/// Where answers go, and how they look.
pub(crate) struct Output {
    /// The language of texts.
    pub(crate) lang: Lang,
    /// Whether the answer is JSON; then failures are too.
    pub(crate) json: bool,
    /// Whether progress bars may be shown.
    quiet: bool,
    /// The answer for programs, which is written when the command has ended: where something
    /// fails after it, the failure comes in its place.
    answer: Option<String>,
    out: BufWriter<Box<dyn Write>>,
    trouble: Option<io::Error>,
}

impl Output {
    /// Writes to the process's streams.
    pub(crate) fn new(lang: Lang, quiet: bool) -> Self {
        Self {
            lang,
            json: false,
            quiet,
            answer: None,
            out: BufWriter::new(Box::new(io::stdout())),
            trouble: None,
        }
    }

    /// Whether colours belong on standard output.
    pub(crate) fn colour(&self) -> bool {
        AutoStream::choice(&io::stdout()) != ColorChoice::Never
    }

    /// Whether colours belong on standard error.
    pub(crate) fn colour_on_stderr(&self) -> bool {
        AutoStream::choice(&io::stderr()) != ColorChoice::Never
    }

    /// A piece of the answer.
    pub(crate) fn text(&mut self, text: &str) {
        self.bytes(readable(text, Own::Nothing).as_bytes());
    }

    /// A piece of the answer that this program coloured itself.
    pub(crate) fn coloured(&mut self, text: &str) {
        self.bytes(readable(text, Own::Colours).as_bytes());
    }

    /// A line of the answer in both languages.
    pub(crate) fn say(&mut self, text: &Text) {
        let line = text.get(self.lang).to_owned();
        self.line(&line);
    }

    /// A line of the answer.
    pub(crate) fn line(&mut self, text: &str) {
        self.text(text);
        self.bytes(b"\n");
    }

    /// The answer as JSON, for programs: one value, so a later one takes its place.
    pub(crate) fn json(&mut self, answer: &impl Serialize) {
        match serde_json::to_string_pretty(answer) {
            Ok(text) => self.answer = Some(text),
            Err(error) => self.trouble = Some(error.into()),
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        if self.trouble.is_none()
            && let Err(error) = self.out.write_all(bytes)
        {
            self.trouble = Some(error);
        }
    }

    /// Something to know beside the answer: to standard error.
    pub(crate) fn note(&mut self, text: &Text) {
        if !self.quiet {
            self.aside(text.get(self.lang));
        }
    }

    /// Lines to standard error.
    pub(crate) fn aside(&mut self, text: &str) {
        self.write_aside(&readable(text, Own::Nothing));
    }

    /// Lines to standard error that this program coloured itself.
    pub(crate) fn coloured_aside(&mut self, text: &str) {
        self.write_aside(&readable(text, Own::Colours));
    }

    fn write_aside(&mut self, text: &str) {
        self.flush();
        // If nobody can read standard error, nobody can be told so.
        let _ = writeln!(AutoStream::auto(io::stderr()), "{text}");
    }

    /// A failure: to standard error, or for programs to standard output.
    pub(crate) fn failure(&mut self, failure: &Failure) {
        if self.json {
            self.json(&serde_json::json!({ "error": failure.wire() }));
            return;
        }
        if let Some(report) = &failure.report {
            let rendering = onething_definition::diagnostic::Rendering {
                lang: self.lang,
                colour: self.colour_on_stderr(),
            };
            self.coloured_aside(report.render(rendering).trim_end());
        }
        self.aside(&failure.text(self.lang));
    }

    /// An empty table with a header, right under wide characters.
    pub(crate) fn table(&self, header: impl IntoIterator<Item = String>) -> Table {
        let mut table = Table::new();
        table
            .load_style(RULED)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_header(header.into_iter().collect::<Vec<_>>());
        if !io::stdout().is_terminal() {
            // Without a terminal there is no width to fit into.
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
        table
    }

    /// A progress bar on standard error; it shows on a terminal only.
    pub(crate) fn progress(&self, length: u64, what: &Text) -> ProgressBar {
        let target = if self.quiet {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let bar = ProgressBar::with_draw_target(Some(length), target);
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}") {
            bar.set_style(style);
        }
        bar.set_message(what.get(self.lang).to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }

    fn flush(&mut self) {
        if self.trouble.is_none()
            && let Err(error) = self.out.flush()
        {
            self.trouble = Some(error);
        }
    }

    /// Writes out what is pending; an answer that could not be written as a
    /// whole is not a fine end.
    pub(crate) fn finish(mut self, exit: Exit) -> Exit {
        if let Some(answer) = self.answer.take() {
            // What JSON itself does not escape stands in strings only, where an escape says the same.
            self.line(&answer);
        }
        self.flush();
        match self.trouble.take() {
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                let why = cause::of(&error);
                let (zh, en) = (why.zh(), why.en());
                let failure = Failure::ours(both!(
                    "答复未能完整写出：{zh}",
                    "failed to write the whole answer: {en}",
                ));
                self.json = false;
                self.failure(&failure);
                failure.exit
            }
            Some(_) | None => exit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Own, readable};

    #[test]
    fn what_would_steer_a_terminal_is_shown_instead() {
        for (text, shown) in [
            ("张三\t一\n二", "张三\t一\n二"),
            ("a\u{1b}[2Jb", "a\\u001b[2Jb"),
            ("\u{1b}]0;title\u{7}", "\\u001b]0;title\\u0007"),
            ("a\u{202e}b\u{9b}31m\0", "a\\u202eb\\u009b31m\\u0000"),
            ("a\r\nb\rc", "a\nb\\u000dc"),
            ("\u{1b}[31mred", "\\u001b[31mred"),
        ] {
            assert_eq!(readable(text, Own::Nothing), shown);
        }
        let own = "\u{1b}[1;31merror\u{1b}[0m: \u{1b}[2J\u{1b}[m";
        let shown = "\u{1b}[1;31merror\u{1b}[0m: \\u001b[2J\u{1b}[m";
        assert_eq!(readable(own, Own::Colours), shown);
    }
}
