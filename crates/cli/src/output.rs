//! The one place that writes: answers to standard output, everything else to
//! standard error.
//!
//! A reader that goes away (`onething … | head`) is not an error: the rest of
//! the answer is dropped.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use onething_model::{Lang, Text};
use serde::Serialize;

use crate::cause;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::say::both;

/// A line under the header and nothing else.
const RULED: TableStyle = TableStyle::new().header_separator(LineStyle::new('─', '─', '─', '─'));

/// Where answers go, and how they look.
pub(crate) struct Output {
    /// The language of texts.
    pub(crate) lang: Lang,
    /// Whether the answer is JSON; then failures are too.
    pub(crate) json: bool,
    /// Whether progress bars may be shown.
    quiet: bool,
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

    /// A piece of the answer as it is.
    pub(crate) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// A line of the answer in both languages.
    pub(crate) fn say(&mut self, text: &Text) {
        let line = text.get(self.lang).to_owned();
        self.line(&line);
    }

    /// A line of the answer.
    pub(crate) fn line(&mut self, text: &str) {
        self.bytes(text.as_bytes());
        self.bytes(b"\n");
    }

    /// The answer as JSON, for programs.
    pub(crate) fn json(&mut self, answer: &impl Serialize) {
        match serde_json::to_vec_pretty(answer) {
            Ok(mut bytes) => {
                bytes.push(b'\n');
                self.bytes(&bytes);
            }
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
            self.aside(report.render(rendering).trim_end());
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
