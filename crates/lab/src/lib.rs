//! The lab: the same core in virtual time, to answer one question with
//! evidence: *by how much does the one thing beat the old way?*
//!
//! A [`Study`] runs the old and the new way of a service under
//! one workload. Cases are those of the real core (`onething_engine`); the lab
//! only answers what they ask, with staff who queue and keep office hours and
//! with seeded draws. It has no rules of its own, and no figures of its own
//! either: `onething_measure` folds the records of simulated cases as it does
//! those of real ones.
//!
//! What it does not do: it reads no files and no clock, and knows nothing of
//! the runtime. It does not forecast: it says what the workload's assumptions
//! come to, and lists those that were never stated.
//!
//! ```
//! use onething_lab::draw::{Purpose, Seed, StepHash};
//! use onething_lab::distribution::Distribution;
//!
//! // Case 17 needs the same time for its review, whatever else the service does.
//! let work = Distribution::lognormal(2.0, 1.0)?;
//! let case = Seed::new(1).replication(0).case(17);
//! let hours = work.sample(case.uniform(StepHash::of("food-review"), Purpose::WORK));
//! assert!(hours > 0.0);
//! # Ok::<(), onething_lab::distribution::Error>(())
//! ```
//!
//! Reading order: [`study`] (the question), [`setting`] (a plan and a workload
//! made ready), [`replicate`] (one run measured), [`simulate`] (the driver), [`warning`]; below them [`draw`],
//! [`distribution`], [`hours`], [`pool`], [`event_list`].

pub mod distribution;
pub mod draw;
pub mod event_list;
mod gamma;
pub mod hours;
pub mod pool;
pub mod replicate;
pub mod setting;
pub mod simulate;
mod span;
pub mod study;
pub mod warning;
mod words;

pub use study::Study;
