//! Why a command did not do what it was asked, for the person who must act.

use std::sync::Arc;

use onething_definition::diagnostic::{Report, Wire};
use onething_engine::record::Fault;
use onething_model::{Lang, Text};
use serde::Serialize;

use crate::exit::Exit;

/// What went wrong, what to do, and with which exit code the program ends.
#[derive(Debug, Clone)]
pub(crate) struct Failure(Box<Details>);

/// What there is to say about a [`Failure`].
#[derive(Debug, Clone)]
pub(crate) struct Details {
    /// The exit code.
    pub(crate) exit: Exit,
    /// The stable code, where there is one; `docs/errors/CODE.md` explains it.
    pub(crate) code: Option<String>,
    /// What is wrong.
    pub(crate) message: Text,
    /// What to do.
    pub(crate) help: Option<Text>,
    /// Each fault, where several values are wrong.
    pub(crate) faults: Vec<Fault>,
    /// The definition's problems, where it is the definition.
    pub(crate) report: Option<Arc<Report>>,
}

impl std::ops::Deref for Failure {
    type Target = Details;
    fn deref(&self) -> &Details {
        &self.0
    }
}

/// A failure as programs read it.
#[derive(Serialize)]
pub(crate) struct FailureWire<'a> {
    exit: u8,
    code: Option<&'a str>,
    message: &'a Text,
    help: Option<&'a Text>,
    faults: &'a [Fault],
    diagnostics: Vec<Wire>,
}

impl Failure {
    /// Ours or the machine's: exit code 3.
    pub(crate) fn ours(message: Text) -> Self {
        Self::new(Exit::Ours, message)
    }

    fn new(exit: Exit, message: Text) -> Self {
        Self(Box::new(Details {
            exit,
            code: None,
            message,
            help: None,
            faults: Vec::new(),
            report: None,
        }))
    }

    /// The failure for programs.
    pub(crate) fn wire(&self) -> FailureWire<'_> {
        FailureWire {
            exit: self.exit.number(),
            code: self.code.as_deref(),
            message: &self.message,
            help: self.help.as_ref(),
            faults: &self.faults,
            diagnostics: self.report.as_ref().map_or(Vec::new(), |r| r.wire()),
        }
    }

    /// The failure for people, without the definition's problems.
    pub(crate) fn text(&self, lang: Lang) -> String {
        let (error, help, see) = match lang {
            Lang::Zh => ("错误", "办法：", "详见："),
            Lang::En => ("error", "help: ", "see: "),
        };
        let mut text = match &self.code {
            Some(code) => format!("{error}[{code}]: "),
            None => format!("{error}: "),
        };
        text += self.message.get(lang);
        for fault in &self.faults {
            text += &format!("\n  - {}: {}", fault.what, fault.why.get(lang));
        }
        if let Some(text_of_help) = &self.help {
            text += &format!("\n  {help}{}", text_of_help.get(lang));
        }
        if let Some(code) = &self.code {
            text += &format!("\n  {see}docs/errors/{code}.md");
        }
        text
    }
}
