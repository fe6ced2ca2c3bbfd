//! Statistics that an auditor can recompute: moments, paired intervals, quantiles.
//!
//! The unit of evidence is the *replication*, never the case: the cases of one
//! run wait in the same queues and are not independent, so an interval over
//! them is far too narrow. Every interval here is meant to be fed one number
//! per replication.
//!
//! All functions use IEEE arithmetic and `libm` only, so that the same input
//! gives the same bytes on every platform; this is also why Student's quantile
//! is computed here rather than with the system's mathematical library.
//!
//! ```
//! use onething_measure::stats::Pairs;
//!
//! // Mean processing time of three replications, in working days.
//! let pairs: Pairs = [(48.1, 13.2), (47.6, 12.9), (48.5, 13.4)].into_iter().collect();
//! let cut = pairs.cut().unwrap();
//! let interval = pairs.cut_interval(0.95).unwrap();
//! assert!(interval.contains(cut) && interval.half_width() < 0.01);
//! ```
//!
//! Reading order: [`Moments`], [`Interval`], [`Pairs`], [`quantile`],
//! [`student_quantile`].

mod interval;
mod moments;
mod pairs;
mod quantile;
mod student;

pub use interval::{Interval, mean_interval};
pub use moments::Moments;
pub use pairs::Pairs;
pub use quantile::{quantile, sort};
pub use student::{normal_quantile, student_quantile};
