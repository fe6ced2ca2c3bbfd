//! The built binary, run as a person or a script would run it.

mod cases;
mod check;
mod contracts;
mod figures;
mod pages;
mod redesign;
mod speaking;
mod tool;
