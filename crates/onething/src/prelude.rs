//! What a program that embeds the engine needs most: `use onething::prelude::*`.

pub use async_trait::async_trait;
pub use onething_engine::{CaseStatus, EffectId};
pub use onething_measure::{Comparison, FigureName, Kind};
pub use onething_model::{CaseId, Lang, Text, Timestamp};
pub use onething_plan::{Answer, Answers, Plan};
pub use onething_runtime::{
    Application, Department, Engine, Fields, HandlerError, LookUpRequest, Registry, Reply,
    StepRequest, from_fn,
};
pub use onething_store::{EmbeddedStore, Options, Store};

pub use crate::{Comparing, Definition, Problems, compare, engine};
