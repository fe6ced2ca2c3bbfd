//! The commands, one module each.

pub(crate) mod check;

use crate::args::{Command, Format};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Does what the command line asks.
pub(crate) fn run(command: &Command, out: &mut Output) -> Result<Exit, Failure> {
    match command {
        Command::Check(args) => {
            out.json = args.format == Format::Json;
            check::run(args, out)
        }
    }
}
