//! From steps and submissions to a plan: derived nodes, order, numbers.
//!
//! - [`derive`]: applications, acceptance, look-ups and their fallbacks
//! - [`order`]: what comes before what and why; cycles; the topological order
//! - [`build`]: the [`Plan`](onething_plan::Plan)
//!
//! petgraph does not leave this module.

pub(crate) mod build;
pub(crate) mod derive;
pub(crate) mod order;
