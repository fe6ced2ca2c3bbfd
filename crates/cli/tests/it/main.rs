//! The built binary, run as a person or a script would run it.

mod applications;
mod audit;
mod cases;
mod check;
mod contracts;
mod drafts;
mod figures;
mod hostile;
mod json;
mod office;
mod officers;
mod pages;
mod redesign;
mod refusals;
mod speaking;
mod stores;
mod tool;
