//! Runs cases for real: a clock, departments' systems, registries, timers and
//! worklists around the deterministic core.
//!
//! ```text
//! submit, complete, …  ─▶ decide ─▶ records ─▶ journal ─▶ on disk ─▶ answer
//!         ▲                                                  │
//!   handlers, timers  ◀───────────── effects ◀───────────────┘
//! ```
//!
//! What this crate adds to the core is *when* and *who*; it has no rules of
//! its own. An answer or an effect leaves only after its record is on disk.
//! Open cases live in memory, everything that ever happened in the journal,
//! and a restart at any moment goes on where the journal ends: requests to
//! departments come at least once, their answers count exactly once.
//!
//! This crate does not read definitions (it is given plans), does not measure
//! (records can be [followed](Engine::follow)), does not know who may call it
//! (an access rule belongs in front of it), and opens no port.
//!
//! ```
//! use std::sync::Arc;
//! use onething_engine::CaseStatus;
//! use onething_plan::{Actor, builder::PlanBuilder};
//! use onething_runtime::{Application, Engine, Fields, Reply, WorkFilter, from_fn};
//! use onething_store::Store;
//!
//! let mut b = PlanBuilder::new("stamp");
//! let (paper, checked, stamp) = (b.field("paper"), b.field("checked"), b.field("stamp"));
//! b.step("check", Actor::System).reads(paper).writes(checked);
//! b.step("review", Actor::Officer).reads(checked).writes(stamp);
//! let plan = Arc::new(b.build());
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let (engine, _) = Engine::builder()
//!     .store(Store::in_memory())
//!     .plan(plan)
//!     .department("window", from_fn(|request| {
//!         let paper = request.input.text("applicant.paper").unwrap_or_default();
//!         Ok(Reply::Done(Fields::new().with("applicant.checked", format!("{paper}, checked"))))
//!     }))
//!     .start()
//!     .await?;
//!
//! let application = Application::new("stamp", "2026-0001").value("applicant.paper", "a map");
//! let case = engine.submit(application).await?.case;
//!
//! // Nothing but people is awaited now: the officer's step is in the worklist.
//! engine.idle().await?;
//! let page = engine.work(&WorkFilter::default()).await?;
//! assert_eq!(page.items[0].input.text("applicant.checked"), Some("a map, checked"));
//!
//! let values = Fields::new().with("applicant.stamp", "No. 7");
//! engine.complete(&page.items[0].effect, values, Some("officer-3")).await?;
//! assert_eq!(engine.outcome(case).await?, CaseStatus::Closed);
//! engine.shutdown().await?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Reading order: [`Engine`] and [`Builder`], [`department`] (what an
//! integrator connects), [`Application`], [`view`] (what callers see), then
//! inside: `shared` (the way of a command), `cell`, `effects`, `calls`,
//! `projection`, `reader`.

mod answered;
mod application;
mod board;
mod builder;
mod busy;
mod calls;
mod cell;
mod cells;
mod clock;
mod definition;
pub mod department;
mod documents;
mod draft;
mod effects;
mod engine;
mod error;
mod examine;
mod fields;
mod follow;
mod inbox;
mod keys;
mod pool;
mod projection;
mod provenance;
mod reader;
mod reading;
mod reasons;
mod rows;
mod shared;
mod spawn;
mod timers;
mod verify;
pub mod view;

pub use application::{Application, Receipt, Submitted};
pub use board::{WorkKey, WorkKeyError};
pub use builder::{Builder, Limits, StartReport};
pub use clock::{Clock, ManualClock, Sleep, SystemClock};
pub use definition::{Compiler, Definition, Source};
pub use department::{
    Department, Found, HandlerError, LookUpRequest, Registry, Reply, StepRequest, from_blocking_fn,
    from_fn,
};
pub use draft::{Draft, DraftLookUp};
pub use engine::{Engine, ShutdownReport};
pub use error::{CODES, Error, StartError};
pub use fields::Fields;
pub use follow::{Followed, Follower};
pub use provenance::{Known, Origin, Reader};
pub use reading::Status;
pub use reasons::WhyNot;
pub use spawn::{Spawner, Task, TokioSpawner};
pub use verify::{Verification, verify};
pub use view::{
    Awaited, Awaits, CaseLine, CasePage, CaseView, FormItem, HistoryLine, Incident, SetAside,
    StepView, ToApplicant, Whom, WorkFilter, WorkItem, WorkPage,
};
