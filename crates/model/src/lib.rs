//! The nouns of `onething`: names and identifiers, bilingual text, units of
//! time, calendars and the arithmetic of the legal clock.
//!
//! This crate is at the bottom of the workspace. It reads no clock, draws no
//! random number and touches no file: time is always an argument.
//!
//! ```
//! use onething_model::{Limit, StepKey, Text};
//!
//! let key: StepKey = "food-review".parse().unwrap();
//! assert_eq!(key.as_str(), "food-review");
//! assert_eq!("20wd".parse::<Limit>().unwrap().to_string(), "20wd");
//! let title = Text::new("食品安全审查", "Food safety review");
//! assert_eq!(title.zh(), "食品安全审查");
//! ```
//!
//! Reading order: [`name`] (keys), [`text`], [`time`] (instants), [`limit`]
//! (durations as law states them), [`calendar`] (working days), [`digest`].

pub mod calendar;
pub mod digest;
pub mod limit;
pub mod name;
pub mod text;
pub mod time;

pub use calendar::{Calendar, CalendarData, CalendarError, Date, Due};
pub use digest::Digest;
pub use limit::Limit;
pub use name::{
    CalendarKey, CaseId, ContractKey, DepartmentKey, FieldKey, FieldPath, MatterKey, NameError,
    QuestionKey, RegistryKey, RoleKey, ServiceKey, StepKey,
};
pub use text::{Lang, Text};
pub use time::{Micros, Timestamp};
