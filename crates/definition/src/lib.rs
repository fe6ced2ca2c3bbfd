//! The definition language: from a folder of files to a checked plan.
//!
//! [`load`](fn@load) reads a tree of definitions from a disk, [`compile`] turns
//! one service of it into a [`Service`](onething_plan::Service): the plan of the
//! new way, of the old way, and the workload. What is wrong becomes a
//! [`Diagnostic`](diagnostic::Diagnostic) with file, line, field and cure, in
//! Chinese and English; all problems of a file are told in one run.
//!
//! The compiler reads sources, not disks: definitions kept in a store are
//! compiled again from memory.
//!
//! Reading order: [`source`] (files and positions), [`diagnostic`] (what the
//! author is told), [`yaml`] (a tree that knows where everything is written),
//! [`syntax`] (what can be written), [`condition`] (`when:`), then the private
//! modules `lower` (what it means), `graph` (order), `review` and `space` (what is
//! checked over the answers) and `compile`; beside them
//! [`contract_diff`] (two versions of contracts compared).
//!
//! # What it does not do
//!
//! It runs nothing. petgraph and CEL are used here and nowhere else.

mod asked;
pub mod classes;
mod compile;
pub mod condition;
pub mod contract_diff;
pub mod design;
pub mod diagnostic;
pub mod encoding;
mod grants;
mod graph;
pub mod load;
mod lower;
mod needless;
mod once_only;
mod own_steps;
mod review;
pub mod schema;
pub mod source;
mod space;
mod stated_late;
pub mod syntax;
pub mod template;
mod two_producers;
mod unmade;
mod unverified;
pub mod yaml;

pub use compile::{Checked, Compilation, check, check_loaded, compile};
pub use load::{Loaded, load};
pub use schema::schema;
pub use source::SourceSet;
pub use template::new_service;
