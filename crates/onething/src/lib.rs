//! Get one thing done: embed the engine, compare a service, compile a definition.
//!
//! This is the crate an integrator depends on. It adds nothing of its own but
//! the wiring: definitions from disk or from a store, an engine that can
//! recompile what its cases began with, and the comparison of old and new.
//!
//! # Run cases in your program
//!
//! ```no_run
#![doc = include_str!("../../../examples/examples/embed.rs")]
//! ```
//!
//! # Reading order
//!
//! [`Definition`] (a checked service), [`engine`] (an engine to be put
//! together), [`compare`](fn@compare); then the crates behind: [`plan`],
//! [`runtime`], [`measure`], [`lab`], [`store`], [`core`](mod@core).

// The example is a program: the same file as `examples/embed.rs`.
#![allow(clippy::needless_doctest_main)]

mod compare;
mod load;
pub mod prelude;

pub use compare::{Comparing, compare, compare_with_progress};
pub use load::{Checked, Definition, Problems, check};

#[doc(inline)]
pub use onething_definition as definition;
#[doc(inline)]
pub use onething_engine as core;
#[doc(inline)]
pub use onething_lab as lab;
#[doc(inline)]
pub use onething_measure as measure;
#[doc(inline)]
pub use onething_model as model;
#[doc(inline)]
pub use onething_plan as plan;
#[doc(inline)]
pub use onething_runtime as runtime;
#[doc(inline)]
pub use onething_store as store;

/// An engine to be put together, which can compile the definitions its store
/// keeps: a case goes on with the definition it began with, whatever the
/// folder holds by then.
pub fn engine() -> runtime::Builder {
    runtime::Engine::builder().compiler(|sources| {
        Definition::from_sources(sources)
            .map(|definition| definition.plan().clone())
            .map_err(|problems| problems.to_string())
    })
}
