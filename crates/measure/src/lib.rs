//! From records to figures: what a service costs the applicant, before and after.
//!
//! One definition of each figure serves the definitions alone, the lab and
//! cases that really ran, so that the kinds can stand side by side. This crate
//! reads no clock, draws no random number and touches no file.
//!
//! ```
//! use std::sync::Arc;
//! use onething_measure::{Comparison, FigureName, Kind, Report};
//! use onething_model::{Lang, Limit};
//! use onething_plan::{Actor, Service, builder::PlanBuilder};
//!
//! let plan = |limit| {
//!     let mut b = PlanBuilder::new("stamp");
//!     let paper = b.field("paper");
//!     b.step("review", Actor::Officer)
//!         .reads(paper)
//!         .with(|step| step.limit.promised = Some(Limit::working_days(limit)));
//!     Some(Arc::new(b.build()))
//! };
//! let service = Service {
//!     old: plan(20),
//!     new: plan(5).unwrap(),
//!     workload: None,
//!     declared: vec![],
//! };
//! let comparison = Comparison::of_definitions(&service);
//! let time = comparison.figure(FigureName::ProcessingTime, Kind::Computed).unwrap();
//! assert_eq!((time.before, time.after, time.cut), (Some(20.0), Some(5.0), Some(0.75)));
//! let report = Report::new(&comparison, Lang::En);
//! assert!(report.headline.starts_with("processing time 20 → 5 working days (-75.0 %)"));
//! ```
//!
//! Reading order: [`figure`] (names, units, kinds), [`source`], [`comparison`];
//! [`case`] (the fold from events), [`records`]; where figures come from:
//! [`computed`](mod@computed), [`declared`](mod@declared),
//! [`measured`](mod@measured), and the lab; [`report`]; [`stats`].

pub mod case;
pub mod comparison;
pub mod computed;
pub mod declared;
pub mod figure;
pub mod measured;
pub mod records;
pub mod report;
pub mod source;
pub mod stats;
#[cfg(test)]
mod testing;

pub use case::{CaseFold, CaseMeasures, Meter, Outcome, Span};
pub use comparison::{Apart, Comparison, GivenAnswer, Load, Outcomes, Results, StudyFacts};
pub use computed::{Basis, Computed, compute, computed};
pub use declared::declared;
pub use figure::{Figure, FigureName, Kind, Unit, UnknownFigure, cut};
pub use measured::{Measured, measured};
pub use records::{from_durable, from_events, from_records};
pub use report::Report;
pub use source::Source;
