//! From records to figures: what a service costs the applicant, before and after.
//!
//! One definition of each figure serves the definitions alone, the lab and
//! cases that really ran, so that the kinds can stand side by side. This crate
//! reads no clock, draws no random number and touches no file.
//!
//! Reading order: [`figure`] (names, units, kinds), [`source`], [`comparison`];
//! [`case`] (the fold from events), [`records`]; [`stats`].

pub mod case;
pub mod comparison;
pub mod computed;
pub mod figure;
pub mod records;
pub mod source;
pub mod stats;
#[cfg(test)]
mod testing;

pub use case::{CaseFold, CaseMeasures, Meter, Outcome, Span};
pub use comparison::{Comparison, Load, Outcomes, StudyFacts};
pub use computed::{Basis, Computed, compute, computed};
pub use figure::{Figure, FigureName, Kind, Unit, UnknownFigure, cut};
pub use records::{from_durable, from_events, from_records};
pub use source::Source;
