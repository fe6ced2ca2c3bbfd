//! The checked plan of a service: what the compiler fills and the core reads.
//!
//! A [`Plan`] is plain data. It knows no files and no YAML; its steps are in a
//! topological order and addressed by dense numbers ([`index`]), so that the
//! core and the simulator are fast. What lasts beyond a process are the keys.
//!
//! A plan describes a service for *every* applicant. For one set of answers it
//! comes to a [`Scenario`]: which steps are part of the case, where each read
//! comes from, what the form asks and which arrows follow. The old way and the
//! new way are both plans and both resolve by the same rules.
//!
//! This crate does not check a plan: that is the compiler's task, and everyone
//! else takes a `Plan` as checked.
//!
//! Reading order: [`index`], [`condition`], [`field`] (with [`check`] and [`derivation`]),
//! [`step`], [`plan`], [`answering`], [`outline`], [`scenario`]
//! (with [`worth`]), [`workload`], [`service`]; [`scale`], [`critical`], [`parallelism`]; then [`sample`]
//! and [`builder`] for trying things out, [`random`] for property tests.

pub mod answering;
pub mod builder;
mod cells;
pub mod check;
pub mod condition;
pub mod critical;
pub mod derivation;
pub mod field;
mod follows;
pub mod index;
pub mod outline;
pub mod parallelism;
mod part;
pub mod plan;
pub mod random;
mod resolve;
pub mod sample;
pub mod scale;
pub mod scenario;
pub mod service;
pub mod step;
pub mod workload;
pub mod worth;

pub use answering::Impossible;
pub use cells::Cell;
pub use condition::{Answer, Answers, Compare, Cond};
pub use derivation::{Derivation, Derived};
pub use field::{Field, FieldType, Grant, Holder, Pattern, Sensitivity};
pub use index::{DepartmentIx, FieldIx, GrantIx, MatterIx, QuestionIx, RoleIx, StepIx};
pub use outline::{FormField, Outline};
pub use plan::{Handled, Plan, Question, QuestionType, Way};
pub use scenario::{Edge, Scenario, Source, Why};
pub use service::{Declared, Service};
pub use step::{
    Actor, After, Delivery, DeliveryChannel, Department, Limits, LookUp, Matter, Read, Refused,
    Retry, Role, Step, Submission, SubmissionKind,
};
pub use worth::Spared;
