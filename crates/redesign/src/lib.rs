//! Plans made visible and explained: drawings for people who decide, the
//! one-time notice for people who apply, and the reason of each question.
//!
//! - [`View`]: a scenario with lanes, arrows and their reasons, critical path;
//!   also the JSON of `onething plan`.
//! - [`draw`]: the view as text, Mermaid, DOT and SVG.
//! - [`Guide`]: the one-time notice for a set of answers, as text, Markdown and HTML;
//!   [`guide::GuideData`]: the whole form as data, for front ends.
//! - [`rewrite`]: from the old way and the contracts to a proposed new way, with
//!   a proof of each rewrite and what it saves.
//! - [`Why`]: who reads a field, where it comes from, why nobody else has it.
//!
//! This crate reads plans and designs and writes text. It reads no files; what cases come to it leaves to `onething_measure` and
//! `onething_lab`. The same plan, and where something is simulated the same seed, give the same bytes.
//!
//! ```
//! use onething_model::Lang;
//! use onething_plan::{Actor, builder::PlanBuilder};
//! use onething_redesign::{View, draw};
//!
//! let mut b = PlanBuilder::new("shop");
//! let name = b.field("name");
//! b.step("review", Actor::Officer).reads(name);
//! let plan = b.build();
//! let view = View::new(&plan, &plan.reference);
//! assert!(draw::text(&view, Lang::En).contains("← apply: Applicant: name"));
//! assert!(draw::mermaid(&[&view], Lang::En).contains("s0 -->"));
//! ```

pub mod draw;
pub mod guide;
mod page;
mod phrases;
pub mod rewrite;
mod type_size;
pub mod view;
pub mod why;
mod words;

pub use guide::Guide;
pub use view::View;
pub use why::Why;
