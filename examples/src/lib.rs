//! Programs that embed `onething`; see the `examples` folder of this package.
//!
//! - `embed`: run a case on a store, with two departments' systems
//! - `compile_only`: compile a definition and look at it
//! - `compare_only`: the old way against the new
//!
//! Run one with `cargo run -p onething-examples --example embed`.
