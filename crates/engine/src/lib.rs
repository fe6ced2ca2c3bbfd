//! The deterministic core: command → records → state → outstanding effects.
//!
//! ```text
//! command ─▶ decide ─▶ record ─▶ apply ─▶ state ─▶ outstanding effects
//! ```
//!
//! The core reads no clock, draws no random number, waits for nothing and
//! touches no file: time is an argument, and the same commands at the same
//! times give the same records. The runtime drives it with real departments,
//! the lab with simulated ones; neither has rules of its own.
//!
//! ```
//! use std::sync::Arc;
//! use onething_engine::{Ask, Blueprint, Case, CaseStatus, Command, Opening};
//! use onething_model::{Digest, Timestamp};
//! use onething_plan::{Actor, builder::PlanBuilder};
//!
//! let mut b = PlanBuilder::new("stamp");
//! let (paper, stamp) = (b.field("paper"), b.field("stamp"));
//! let review = b.step("review", Actor::Officer).reads(paper).writes(stamp).number();
//! let blueprint = Blueprint::new(Arc::new(b.build()));
//!
//! let mut records = Vec::new();
//! let opening = Opening::new(blueprint.plan(), "key-1", vec![], vec![(paper, "papers".into())]);
//! let mut case = Case::open(&blueprint, Arc::new(opening), Timestamp(0), &mut records);
//! let asks: Vec<_> = case.outstanding().map(|effect| effect.ask).collect();
//! assert_eq!(asks, [Ask::Work]);
//!
//! let done = Command::Complete { step: review, round: None, values: vec![(stamp, "ok".into())] };
//! case.handle(&done, Timestamp(1), &mut records).unwrap();
//! assert_eq!(case.status(), CaseStatus::Closed);
//! let words: Vec<_> = records.iter().map(|event| event.kind().as_str()).collect();
//! assert_eq!(words, ["case-opened", "submitted", "step-dispatched", "step-completed", "case-closed"]);
//! ```
//!
//! Reading order: [`command`], [`record`], [`transition`] (the table), `case`
//! (state and [`Case::apply`]), `decide`, `disclosure` (who sees what), `told` (reasons),
//! [`effect`], [`rejection`],
//! [`blueprint`].

pub mod blueprint;
mod case;
pub mod command;
mod decide;
mod disclosure;
pub mod effect;
mod expect;
mod faults;
pub mod record;
pub mod rejection;
mod told;
pub mod transition;
mod veil;

pub use blueprint::{Blueprint, Layout};
pub use case::{Case, Datum, ReplayError, StepState};
pub use command::{By, Command};
pub use disclosure::{CONFIRMATION, LOOK_UP, NOTICE, Origin};
pub use effect::{Ask, Effect, EffectId, EffectIdError};
pub use record::{
    Channel, DecodeError, DueDate, DurableEvent, DurableRecord, Event, Fault, NotAccepted, Opening,
    PersonalRead, Record, Values,
};
pub use rejection::{Rejection, TOO_OLD};
pub use told::Audience;
pub use transition::{CaseStatus, EventKind, StepStatus};
