//! Exit codes: a promise to scripts, explained in `docs/exit-codes.md`.

use std::process::ExitCode;

/// How a run of the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// 0: it was done, and the answer is yes.
    Fine,
    /// 1: the answer is no, for a reason the caller can see and mend.
    No,
    /// 2: the command line was not understood.
    Usage,
    /// 3: ours, or the machine's: nothing the caller wrote is wrong.
    Ours,
}

impl Exit {
    /// The number the shell sees.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::No => 1,
            Self::Usage => 2,
            Self::Ours => 3,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.number())
    }
}
