//! The command line. The English help stands here, beside each argument; the
//! Chinese in [`help`](crate::help).

mod cases;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

pub(crate) use self::cases::*;

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
    /// Neither progress bars nor remarks on standard error; failures are still told.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
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
    /// Show the steps of a service, their order, critical path and parallelism.
    Plan(Plan),
    /// Compare the old way with the new: time, submissions, materials, visits.
    Compare(Compare),
    /// The one-time notice: what an applicant needs, for how long, and of whom.
    Guide(Guide),
    /// Why a field is asked: who reads it, and why nobody else has it.
    Why(Why),
    /// Propose a new way from the old one and the data contracts, with proofs.
    Redesign(Redesign),
    /// Compare versions of the data contracts between departments.
    #[command(subcommand)]
    Contract(Contract),
    /// Run a case for real on an embedded store, with scripted departments.
    Run(Run),
    /// List and do the work of officers and outside bodies.
    #[command(subcommand)]
    Work(Work),
    /// List and show cases, and act for the applicant.
    #[command(subcommand)]
    Case(Case),
    /// Look after a store.
    #[command(subcommand)]
    Store(Store),
    /// The figures of the cases that really ran.
    Measure(Measure),
    /// The JSON Schema of a kind of file, for editors, or of what `guide` writes.
    Schema(Schema),
    /// Begin a definition: a small service that passes `check`.
    New(New),
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

/// `plan`
#[derive(Debug, clap::Args)]
pub(crate) struct Plan {
    /// The folder of the service.
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// Which way of handling it.
    #[arg(long, value_enum, value_name = "WAY", default_value = "new")]
    pub(crate) way: Way,
    /// Answer to a scenario question, instead of the reference; may be repeated.
    #[arg(long = "answer", value_name = "QUESTION=ANSWER")]
    pub(crate) answers: Vec<String>,
    /// How to show it.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: PlanFormat,
    /// Write to a file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Which way of handling a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    /// One thing.
    New,
    /// Matters apart, as it was before.
    Old,
    /// The old way beside the new, in one SVG drawing.
    Both,
}

/// One of the ways of handling a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OneWay {
    /// One thing.
    New,
    /// Matters apart, as it was before.
    Old,
}

/// How a plan is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    /// For people.
    Text,
    /// A Mermaid flowchart.
    Mermaid,
    /// A Graphviz graph.
    Dot,
    /// A drawing with the departments as lanes.
    Svg,
    /// For programs.
    Json,
}

/// `guide`
#[derive(Debug, clap::Args)]
pub(crate) struct Guide {
    /// The folder of the service.
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// Answer to a scenario question, instead of the reference; may be repeated.
    #[arg(long = "answer", value_name = "QUESTION=ANSWER")]
    pub(crate) answers: Vec<String>,
    /// How to show it.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: PageFormat,
    /// Write to a file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// How a page for people is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PageFormat {
    /// For a terminal.
    Text,
    /// For documents.
    Markdown,
    /// A page of its own for a browser.
    Html,
    /// For programs: the whole form, which a front end can show and follow.
    Json,
}

/// `why`
#[derive(Debug, clap::Args)]
pub(crate) struct Why {
    /// The folder of the service.
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// The field: `role.field`.
    #[arg(value_name = "FIELD")]
    pub(crate) field: String,
    /// Which way of handling it.
    #[arg(long, value_enum, value_name = "WAY", default_value = "new")]
    pub(crate) way: OneWay,
    /// Answer to a scenario question, instead of the reference; may be repeated.
    #[arg(long = "answer", value_name = "QUESTION=ANSWER")]
    pub(crate) answers: Vec<String>,
    /// How to answer.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ReportFormat,
}

/// `redesign`
#[derive(Debug, clap::Args)]
pub(crate) struct Redesign {
    /// The folder of the service.
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// Spare the staff's work rather than the applicant's time.
    #[arg(long)]
    pub(crate) save_work: bool,
    /// Write the proposal as a service of its own, into this folder: `service.yaml`,
    /// the old way over its steps, and the workload.
    #[arg(long, short, value_name = "FOLDER")]
    pub(crate) output: Option<PathBuf>,
    /// Write the proposal beside the service, into a folder named after it with `-redesigned`.
    #[arg(long)]
    pub(crate) apply: bool,
    /// Make FOLDER a tree of its own, with the departments, calendars and contracts used.
    #[arg(long, requires = "output")]
    pub(crate) with_contracts: bool,
    /// Let the lab decide what is kept, over the same applicants in all designs.
    #[arg(long)]
    pub(crate) simulate: bool,
    /// Cases in each replication of a design.
    #[arg(
        long,
        value_name = "N",
        default_value = DEFAULT_CASES,
        allow_negative_numbers = true,
        requires = "simulate"
    )]
    pub(crate) cases: String,
    /// Independent replications of each design.
    #[arg(
        long,
        value_name = "R",
        default_value = DEFAULT_REPLICATIONS,
        allow_negative_numbers = true,
        requires = "simulate"
    )]
    pub(crate) replications: String,
    /// The seed of all random draws; the same seed gives the same figures.
    #[arg(
        long,
        value_name = "S",
        default_value = "1",
        allow_negative_numbers = true,
        requires = "simulate"
    )]
    pub(crate) seed: String,
    /// The confidence of intervals and of all decisions together, a fraction from 0.5 to 0.9999.
    #[arg(
        long,
        value_name = "LEVEL",
        default_value = "0.95",
        allow_negative_numbers = true,
        requires = "simulate"
    )]
    pub(crate) confidence: String,
    /// By how much a rewrite may worsen what it is not for, a fraction of the old way's from 0 to 1.
    #[arg(
        long,
        value_name = "SHARE",
        default_value = "0.05",
        allow_negative_numbers = true,
        requires = "simulate"
    )]
    pub(crate) margin: String,
    /// Threads to simulate on; the figures do not depend on it. By default all.
    #[arg(
        long,
        value_name = "T",
        allow_negative_numbers = true,
        requires = "simulate"
    )]
    pub(crate) threads: Option<String>,
    /// How to answer.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ReportFormat,
}

/// `contract`
#[derive(Debug, Subcommand)]
pub(crate) enum Contract {
    /// Tell what changed, what it breaks and for whom, and which version that takes.
    Diff(ContractDiff),
}

/// `contract diff`
#[derive(Debug, clap::Args)]
pub(crate) struct ContractDiff {
    /// The old version: a contract, a folder of contracts, or a definition tree.
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// The new version of the same.
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// Whose services to look at, a definition tree; by default the one OLD is part of.
    #[arg(long, value_name = "DIR")]
    pub(crate) tree: Option<PathBuf>,
    /// How to answer.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// `schema`
#[derive(Debug, clap::Args)]
pub(crate) struct Schema {
    /// The kind of file.
    #[arg(long, value_name = "KIND", default_value = "service")]
    pub(crate) kind: String,
    /// Only tell which kinds of files there are, and where they stand.
    #[arg(long)]
    pub(crate) list: bool,
    /// Write every schema into this folder.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["kind", "list"])]
    pub(crate) all: Option<PathBuf>,
}

/// `new`
#[derive(Debug, clap::Args)]
pub(crate) struct New {
    /// The folder to make; its name becomes that of the service.
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
}

/// `compare`
#[derive(Debug, clap::Args)]
pub(crate) struct Compare {
    /// The folder of the service.
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// Cases in each replication.
    #[arg(long, value_name = "N", default_value = DEFAULT_CASES, allow_negative_numbers = true)]
    pub(crate) cases: String,
    /// Independent replications.
    #[arg(long, value_name = "R", default_value = DEFAULT_REPLICATIONS, allow_negative_numbers = true)]
    pub(crate) replications: String,
    /// The seed of all random draws; the same seed gives the same figures.
    #[arg(
        long,
        value_name = "S",
        default_value = "1",
        allow_negative_numbers = true
    )]
    pub(crate) seed: String,
    /// The confidence of intervals, a fraction from 0.5 to 0.9999.
    #[arg(
        long,
        value_name = "LEVEL",
        default_value = "0.95",
        allow_negative_numbers = true
    )]
    pub(crate) confidence: String,
    /// Threads to simulate on; the figures do not depend on it. By default all.
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    pub(crate) threads: Option<String>,
    /// Every applicant gives this answer, instead of a mix; other questions keep theirs. May be repeated.
    #[arg(long = "answer", value_name = "QUESTION=ANSWER")]
    pub(crate) answers: Vec<String>,
    /// How to answer.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ReportFormat,
}

/// Cases per replication where none are asked for.
pub(crate) const DEFAULT_CASES: &str = "1000";
/// Replications where none are asked for.
pub(crate) const DEFAULT_REPLICATIONS: &str = "20";

/// How figures are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For documents.
    Markdown,
}

/// `measure`
#[derive(Debug, clap::Args)]
pub(crate) struct Measure {
    #[command(flatten)]
    pub(crate) store: StoreArg,
    /// Simulate this service too, and show the figures side by side.
    #[arg(value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// How to answer.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ReportFormat,
}
