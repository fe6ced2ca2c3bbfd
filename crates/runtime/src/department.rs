//! Departments' systems and registries: what an integrator connects.

use std::sync::Arc;

use async_trait::async_trait;
use onething_engine::EffectId;
use onething_model::{DepartmentKey, FieldPath, RegistryKey, RoleKey, ServiceKey, Text, Timestamp};

use crate::Fields;

/// A department's system: does the steps that are its own without a person.
///
/// Requests come **at least once**: after a restart, or when an answer could
/// not be recorded, the same request comes again under the same
/// [`effect`](StepRequest::effect). A system that must not do a thing twice
/// uses that as its key. Answers are recorded exactly once.
///
/// A handler must not block its thread: what blocks belongs on a thread of its
/// own (`tokio::task::spawn_blocking`). A handler that panics, takes longer
/// than its time or breaks its contract is recorded as a failure of the step,
/// and no other case notices.
///
/// ```
/// use async_trait::async_trait;
/// use onething_runtime::{Department, Fields, HandlerError, Reply, StepRequest};
///
/// struct Market;
///
/// #[async_trait]
/// impl Department for Market {
///     async fn handle(&self, request: StepRequest) -> Result<Reply, HandlerError> {
///         match &*request.step.to_string() {
///             "issue-permit" => Ok(Reply::Done(Fields::new().with("permit.number", "JY-1"))),
///             // A person decides; `Engine::complete` is called with the effect's id later.
///             "review" => Ok(Reply::Pending),
///             _ => Err(HandlerError::permanent("no such step here")),
///         }
///     }
/// }
/// ```
#[async_trait]
pub trait Department: Send + Sync + 'static {
    /// Does a step.
    ///
    /// # Errors
    /// The system failed; the step is tried again or becomes an incident.
    async fn handle(&self, request: StepRequest) -> Result<Reply, HandlerError>;
}

/// A step that is asked of a department's system.
#[derive(Debug, Clone)]
pub struct StepRequest {
    /// The key under which this request is repeated and answered later.
    pub effect: EffectId,
    /// The service.
    pub service: ServiceKey,
    /// The step.
    pub step: onething_model::StepKey,
    /// What people call the step.
    pub title: Text,
    /// Who is asked.
    pub department: DepartmentKey,
    /// Which attempt this is; the first is 1.
    pub attempt: u32,
    /// The end of the step's limit, where it has one.
    pub due: Option<Timestamp>,
    /// What the step reads, and nothing else.
    pub input: Fields,
    /// What the step has to make.
    pub wanted: Arc<[FieldPath]>,
}

/// What a department's system answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// The step is done; these are the fields that it writes, all of them.
    Done(Fields),
    /// The department refuses; the reason is told to the applicant.
    Refused {
        /// Why.
        reason: String,
    },
    /// The answer comes later, through [`Engine::complete`](crate::Engine::complete)
    /// with the effect's id, also after a restart.
    Pending,
}

/// A registry that is asked for data it holds, so that the applicant is not.
#[async_trait]
pub trait Registry: Send + Sync + 'static {
    /// Looks a subject up. `None`, and fields that are left out, count as
    /// missed and are asked of the applicant.
    ///
    /// Fields are named `role.field` or just `field`. What was not wanted is dropped unseen.
    /// Plain [`Fields`] are made a [`Found`] with `into()`.
    ///
    /// # Errors
    /// The registry failed; it is asked again or the look-up becomes an incident.
    async fn look_up(&self, request: LookUpRequest) -> Result<Option<Found>, HandlerError>;
}

/// What a registry had, and since when it is valid.
///
/// ```
/// use onething_model::Timestamp;
/// use onething_runtime::{Fields, Found};
/// let entry = Fields::new().with("name", "示例早点铺").with("address", "示例路1号");
/// let entered = Timestamp::from_millis(1_735_689_600_000);
/// let moved = Timestamp::from_millis(1_767_225_600_000);
/// let found = Found::from(entry).valid_since(entered).field_valid_since("address", moved);
/// # let _ = found;
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    pub(crate) fields: Fields,
    pub(crate) valid_since: Option<Timestamp>,
    pub(crate) each: Vec<(Arc<str>, Timestamp)>,
}

impl Found {
    /// Since when the values are valid, as the registry says: the day of the entry, of its
    /// last change. Without it they count as valid since the registry answered.
    #[must_use]
    pub fn valid_since(mut self, at: Timestamp) -> Self {
        self.valid_since = Some(at);
        self
    }

    /// Since when one value is valid, where the registry keeps that by field.
    #[must_use]
    pub fn field_valid_since(mut self, name: impl Into<Arc<str>>, at: Timestamp) -> Self {
        self.each.push((name.into(), at));
        self
    }

    /// Since when the value under a name is valid.
    pub(crate) fn since(&self, name: &str) -> Option<Timestamp> {
        let mut each = self.each.iter().rev();
        let own = each.find(|(given, _)| &**given == name);
        own.map(|(_, at)| *at).or(self.valid_since)
    }
}

impl From<Fields> for Found {
    fn from(fields: Fields) -> Self {
        Self {
            fields,
            ..Self::default()
        }
    }
}

/// A question to a registry.
#[derive(Debug, Clone)]
pub struct LookUpRequest {
    /// The key under which this request is repeated.
    pub effect: EffectId,
    /// The service on whose behalf.
    pub service: ServiceKey,
    /// Who is asked.
    pub registry: RegistryKey,
    /// About which subject of the service.
    pub role: RoleKey,
    /// Which attempt this is; the first is 1.
    pub attempt: u32,
    /// What identifies the subject.
    pub keys: Fields,
    /// What is wanted of it: what is needed in this case, which may be less than
    /// the registry could give.
    pub wanted: Arc<[FieldPath]>,
    /// On which legal basis, as the definition states it.
    pub basis: Option<String>,
}

/// A department's system or a registry failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct HandlerError {
    /// What happened, for the person who has to look. It is recorded: no personal data.
    pub reason: String,
    /// Whether trying again can help.
    pub transient: bool,
}

impl HandlerError {
    /// A failure that trying again can mend: a timeout, a busy system.
    pub fn transient(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            transient: true,
        }
    }

    /// A failure that only a person can mend.
    pub fn permanent(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            transient: false,
        }
    }
}

/// A department whose system is a plain function.
///
/// ```
/// use onething_runtime::{Fields, Reply, from_fn};
/// let window = from_fn(|request| Ok(Reply::Done(Fields::new().with("receipt.step", request.step.as_str()))));
/// # let _ = window;
/// ```
pub fn from_fn<F>(handle: F) -> impl Department
where
    F: Fn(StepRequest) -> Result<Reply, HandlerError> + Send + Sync + 'static,
{
    FromFn(handle)
}

/// A department whose system is a function that blocks: a database, a client
/// that is not async. It runs on tokio's threads for blocking work, so the
/// engine has to run on a tokio runtime.
///
/// ```
/// use onething_runtime::{Fields, HandlerError, Reply, from_blocking_fn};
/// let archive = from_blocking_fn(|request| {
///     let text = std::fs::read_to_string("/no/such/archive")
///         .map_err(|error| HandlerError::transient(error.to_string()))?;
///     Ok(Reply::Done(Fields::new().with("archive.text", text)))
/// });
/// # let _ = archive;
/// ```
pub fn from_blocking_fn<F>(handle: F) -> impl Department
where
    F: Fn(StepRequest) -> Result<Reply, HandlerError> + Send + Sync + 'static,
{
    FromBlockingFn(Arc::new(handle))
}

struct FromBlockingFn<F>(Arc<F>);

#[async_trait]
impl<F> Department for FromBlockingFn<F>
where
    F: Fn(StepRequest) -> Result<Reply, HandlerError> + Send + Sync + 'static,
{
    async fn handle(&self, request: StepRequest) -> Result<Reply, HandlerError> {
        let handle = self.0.clone();
        match tokio::task::spawn_blocking(move || handle(request)).await {
            Ok(answer) => answer,
            // A panic, or the runtime is going down.
            Err(_) => Err(HandlerError::transient("the handler panicked")),
        }
    }
}

struct FromFn<F>(F);

#[async_trait]
impl<F> Department for FromFn<F>
where
    F: Fn(StepRequest) -> Result<Reply, HandlerError> + Send + Sync + 'static,
{
    async fn handle(&self, request: StepRequest) -> Result<Reply, HandlerError> {
        (self.0)(request)
    }
}
