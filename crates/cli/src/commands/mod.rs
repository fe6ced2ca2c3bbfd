//! The commands, one module each.

pub(crate) mod case;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod contract;
pub(crate) mod definitions;
pub(crate) mod draft;
pub(crate) mod ending;
pub(crate) mod guide;
pub(crate) mod history;
pub(crate) mod measure;
pub(crate) mod new;
pub(crate) mod plan;
pub(crate) mod proposal;
pub(crate) mod redesign;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod store;
pub(crate) mod why;
pub(crate) mod work;

use crate::args::{
    Case, Command, Contract, Format, PageFormat, PlanFormat, ReportFormat, Store, Work,
};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Does what the command line asks.
pub(crate) fn run(command: &Command, out: &mut Output) -> Result<Exit, Failure> {
    out.json = wants_json(command);
    match command {
        Command::Check(args) => check::run(args, out),
        Command::Plan(args) => plan::run(args, out),
        Command::Compare(args) => compare::run(args, out),
        Command::Guide(args) => guide::run(args, out),
        Command::Why(args) => why::run(args, out),
        Command::Redesign(args) => redesign::run(args, out),
        Command::Contract(Contract::Diff(args)) => contract::diff(args, out),
        Command::Run(args) => run::run(args, out),
        Command::Work(args) => work::run(args, out),
        Command::Case(args) => case::run(args, out),
        Command::Store(Store::Verify(args)) => store::verify(args, out),
        Command::Measure(args) => measure::run(args, out),
        Command::Schema(args) => schema::run(args, out),
        Command::New(args) => new::run(args, out),
    }
}

/// Whether the answer, and so a failure too, is JSON.
fn wants_json(command: &Command) -> bool {
    let json = |format: &Format| *format == Format::Json;
    let report = |format: &ReportFormat| *format == ReportFormat::Json;
    match command {
        Command::Check(args) => json(&args.format),
        Command::Plan(args) => args.format == PlanFormat::Json,
        Command::Compare(args) => report(&args.format),
        Command::Guide(args) => args.format == PageFormat::Json,
        Command::Why(args) => report(&args.format),
        Command::Redesign(args) => report(&args.format),
        Command::Contract(Contract::Diff(args)) => json(&args.format),
        Command::Schema(_) | Command::New(_) => false,
        Command::Run(args) => json(&args.format),
        Command::Work(Work::List(args)) => json(&args.format),
        Command::Work(Work::Show(args)) => json(&args.format),
        Command::Work(Work::Complete(args)) => json(&args.on.format),
        Command::Work(Work::Refuse(args)) => json(&args.on.format),
        Command::Work(Work::Supplement(args)) => json(&args.on.format),
        Command::Work(Work::Retry(args)) => json(&args.on.format),
        Command::Case(Case::List(args)) => json(&args.format),
        Command::Case(Case::Show(args)) => json(&args.format),
        Command::Case(Case::Draft(args)) => json(&args.format),
        Command::Case(Case::Confirm(args)) => json(&args.format),
        Command::Case(Case::HandIn(args)) => json(&args.format),
        Command::Case(Case::Withdraw(args)) => json(&args.format),
        Command::Store(Store::Verify(args)) => json(&args.format),
        Command::Measure(args) => report(&args.format),
    }
}
