//! The built binary, run as a person or a script would run it.

mod check;
mod speaking;
mod tool;
