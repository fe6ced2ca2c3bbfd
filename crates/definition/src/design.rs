//! One way of handling a service as plain data that can be changed: what a
//! redesign works on.
//!
//! A [`Design`] names everything by its durable key. It says what the author
//! said (steps, orders, intakes), not what follows: look-ups, forms and order
//! are derived from it by the same code that compiles files.
//!
//! - [`Folder`] reads a tree, [`Folder::open`] one service of it.
//! - [`Drafting::old`] and [`Drafting::new_way`] are its two ways as designs.
//! - [`Drafting::plan`] compiles a design, [`Drafting::service_yaml`] writes it,
//!   [`Drafting::folder`] writes it with the old way and the workload beside it.
//!
//! ```
//! use std::sync::Arc;
//! use onething_definition::{SourceSet, design::Folder, new_service};
//!
//! let sources = SourceSet::from_texts(new_service(&"shop".parse()?));
//! let folder = Folder::read(Arc::new(sources), "shop");
//! let drafting = folder.open().expect("the template has no errors");
//! let design = drafting.new_way();
//! let text = drafting.service_yaml(design).expect("one intake");
//! assert!(text.contains("service: shop"));
//! # Ok::<(), onething_model::name::NameError>(())
//! ```

mod before;
mod convert;
mod drafting;
mod proposal;
mod setting;
mod workload;
mod write;
mod yaml;

use onething_model::{
    DepartmentKey, FieldPath, Limit, MatterKey, RegistryKey, RoleKey, StepKey, Text,
};
use onething_plan::{Cond, DeliveryChannel, Handled, Limits, Retry, Way};

pub use crate::syntax::step::{By, SpecialKind};
pub use drafting::{Drafting, Folder};
pub use proposal::Files;
pub use setting::{Body, FieldFact, MatterFact, ProviderFact, RoleFact, Setting};

/// One way of handling a service.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// Which way it is called: the old or a new one.
    pub way: Way,
    /// Whether there is one intake, or each matter has its own.
    pub handled: Handled,
    /// The applications, in the order in which a reader expects them.
    pub intakes: Vec<Intake>,
    /// The steps.
    pub steps: Vec<Step>,
    /// Which registries are asked.
    pub fetched: Registries,
    /// What the applicant gets.
    pub delivers: Vec<Delivers>,
    /// The limits of the matters, in the order of [`Setting::matters`].
    pub limits: Vec<Limits>,
    /// Visits on site that serve several steps. They are read and kept, not carried out yet.
    pub joint_inspections: Vec<JointInspection>,
    /// Why the old way was as it is described; a new way states none of these.
    pub reasons: Reasons,
}

/// One visit on site that serves several steps (联合踏勘).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JointInspection {
    /// Its name.
    pub name: String,
    /// What people call it.
    pub title: Text,
    /// The steps it serves.
    pub steps: Vec<StepKey>,
    /// Whether the applicant has to be there, where the definition says so.
    pub applicant_attends: Option<bool>,
}

/// Why something is as it is written, or where that is published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reason {
    /// Why.
    pub because: Option<Text>,
    /// Where it is published.
    pub source: Option<String>,
}

impl Reason {
    /// Whether nothing is stated.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.because.is_none() && self.source.is_none()
    }
}

/// Why the old way was different, by what it speaks of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reasons {
    /// Where the old way as a whole is described.
    pub source: Option<String>,
    /// Why the applicant had to go in this order.
    pub walk: Option<Text>,
    /// Why matters were different.
    pub matters: Vec<(MatterKey, Reason)>,
    /// Why steps of the new way were different.
    pub steps: Vec<(StepKey, Reason)>,
}

/// An application and its acceptance.
#[derive(Debug, Clone, PartialEq)]
pub struct Intake {
    /// The name of the application: `apply`, or `apply-<matter>`.
    pub key: StepKey,
    /// What people call it.
    pub title: Text,
    /// The window, where it is known.
    pub window: Option<String>,
    /// The department it is handed in to, where one is stated and none accepts it.
    pub department: Option<DepartmentKey>,
    /// The matter, where each has its own application.
    pub matter: Option<MatterKey>,
    /// What its form asks although no step may read it.
    pub asks: Vec<Read>,
    /// What whoever takes it in has that for, where it says so: purposes of grants.
    pub purposes: Vec<String>,
    /// Trips to an office that handing in costs.
    pub visits: u32,
    /// Who accepts it, if anybody.
    pub acceptance: Option<Acceptance>,
    /// The applications whose part of the case ends before this one begins.
    pub after: Vec<IntakeOrder>,
}

/// An application comes after another one is done.
#[derive(Debug, Clone, PartialEq)]
pub struct IntakeOrder {
    /// The position of the earlier one in [`Design::intakes`].
    pub intake: usize,
    /// Why.
    pub because: Text,
}

/// Acceptance of an application (受理).
#[derive(Debug, Clone, PartialEq)]
pub struct Acceptance {
    /// The name of the step: `accept`, or `accept-<matter>`.
    pub key: StepKey,
    /// What people call it.
    pub title: Text,
    /// An officer or a system.
    pub by: By,
    /// Which department.
    pub department: Option<DepartmentKey>,
    /// How long it may take.
    pub limit: Limits,
    /// The acceptances that a rewrite made one of; empty for one as it was written.
    pub merges: Vec<StepKey>,
}

/// A step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The durable name.
    pub key: StepKey,
    /// What people call it.
    pub title: Text,
    /// The matter it works on.
    pub matter: Option<MatterKey>,
    /// Which department; none for what applicants do themselves.
    pub department: Option<DepartmentKey>,
    /// Who does it.
    pub by: By,
    /// Its own condition; that of its matter comes on top.
    pub when: Cond,
    /// What it needs to know.
    pub reads: Vec<Read>,
    /// What it reads for, where it says so: purposes of grants.
    pub purposes: Vec<String>,
    /// What it makes.
    pub writes: Vec<FieldPath>,
    /// Orders that data does not imply.
    pub after: Vec<Order>,
    /// How long it may take.
    pub limit: Limits,
    /// What happens when a department's system fails.
    pub retry: Retry,
    /// Trips to an office it costs the applicant.
    pub visits: u32,
    /// Whether the applicant has to be there.
    pub attended: bool,
    /// Whether it has a legal effect, where the definition says so.
    pub legal_effect: Option<bool>,
    /// Steps that the law wants other people to do.
    pub separate_from: Vec<StepKey>,
    /// The step that undoes it when the case ends later. Read and kept, not carried out yet.
    pub undo: Option<StepKey>,
    /// Bounded rounds of correction inside it. Read and kept, not carried out yet.
    pub corrections: Option<Corrections>,
    /// A special procedure, whose time does not count. Read and kept, not carried out yet.
    pub special: Option<Special>,
    /// Why it is as it is, or where that is published.
    pub reason: Reason,
    /// The position of its application in [`Design::intakes`].
    pub intake: usize,
    /// The steps that a rewrite made it of, in the order of their work; empty
    /// for one as it was written.
    pub merges: Vec<StepKey>,
}

/// Bounded rounds of correction (补正) inside a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Corrections {
    /// How many at most.
    pub rounds: u32,
    /// How long the applicant has for each.
    pub within: Limit,
}

/// A special procedure (特别程序): a hearing, a test, a review by experts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Special {
    /// Which one.
    pub kind: SpecialKind,
    /// How long at most.
    pub at_most: Limit,
    /// The legal basis.
    pub basis: String,
}

/// A step reads a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The field.
    pub field: FieldPath,
    /// Whether the step can do without.
    pub optional: bool,
}

/// An order that data does not imply.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// The step that comes before.
    pub step: StepKey,
    /// Why.
    pub because: Text,
    /// The law that is cited for it.
    pub basis: Option<String>,
    /// What kind of reason it has.
    pub kind: OrderKind,
}

/// What kind of reason an order has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderKind {
    /// A law demands it: an order of `service.yaml`, or one of `before.yaml`
    /// that names its basis.
    Law,
    /// It was done so: an order of `before.yaml` without a basis, or the
    /// applicant's walk.
    Habit,
    /// A refusal of the earlier one saves the work of the later one.
    KnockOut,
}

/// Which registries are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registries {
    /// All that have something to give.
    All,
    /// None.
    None,
    /// These.
    Only(Vec<RegistryKey>),
    /// All but these, each with the reason why not.
    Without(Vec<(RegistryKey, Text)>),
}

impl Registries {
    /// Whether what follows from something known is known. Where nothing is fetched,
    /// forms are filled in by hand, and ask for both.
    #[must_use]
    pub fn derives(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Whether a registry is asked.
    #[must_use]
    pub fn allows(&self, registry: &str) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Only(list) => list.iter().any(|key| key.as_str() == registry),
            Self::Without(list) => list.iter().all(|(key, _)| key.as_str() != registry),
        }
    }
}

/// A result and how it reaches the applicant.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivers {
    /// The result: a role that steps write.
    pub what: RoleKey,
    /// The channels on offer; the first is the usual one.
    pub by: Vec<DeliveryChannel>,
}

impl Design {
    /// A step by name; a linear search.
    #[must_use]
    pub fn step(&self, key: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.key.as_str() == key)
    }
}
