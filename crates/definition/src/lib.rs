//! The definition language: from a folder of files to a checked plan.
//!
//! Reading order: [`source`] (files and positions), [`diagnostic`] (what the
//! author is told), [`yaml`] (a tree that knows where everything is written).

pub mod condition;
pub mod diagnostic;
pub mod load;
pub mod source;
pub mod syntax;
pub mod yaml;
