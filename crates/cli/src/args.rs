//! The command line. The English help stands here, beside each argument; the
//! Chinese in [`help`](crate::help).

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Get one thing done: describe, compare and run a service of several
/// departments as one.
#[derive(Debug, Parser)]
#[command(name = "onething", version)]
pub(crate) struct Args {
    /// The language of messages; by default that of the locale.
    #[arg(long, global = true, value_enum, value_name = "LANG")]
    pub(crate) lang: Option<Language>,
    /// When to use colours; by default on a terminal, unless NO_COLOR is set.
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value = "auto"
    )]
    pub(crate) color: When,
    /// Tell on standard error what happens inside; repeat for more.
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// A language, as it is written on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check definitions and tell every problem with its place and cure.
    Check(Check),
}

/// `check`
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// Services, folders of services, or roots of definition trees.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Warnings count as errors.
    #[arg(long)]
    pub(crate) strict: bool,
    /// How to answer.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}
