//! Handlers with bounded concurrency: at most so many calls of a department
//! or registry at once, the others wait in order of arrival, as numbers.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use onething_model::{DepartmentKey, Micros, RegistryKey};

use crate::cell::Call;
use crate::{Department, Registry};

/// Who is called.
#[derive(Clone)]
pub(crate) enum Handler {
    Department(Arc<dyn Department>),
    Registry(Arc<dyn Registry>),
}

/// A handler with its bounds.
pub(crate) struct Pool {
    pub(crate) handler: Handler,
    /// How long a call may take.
    pub(crate) timeout: Micros,
    limit: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: usize,
    waiting: VecDeque<Call>,
}

impl Pool {
    fn new(handler: Handler, limit: usize, timeout: Micros) -> Arc<Self> {
        Arc::new(Self {
            handler,
            timeout,
            limit: limit.max(1),
            state: Mutex::default(),
        })
    }

    /// Takes a place for the call and gives it back, or keeps it waiting for one.
    pub(crate) fn admit(&self, call: Call) -> Option<Call> {
        let mut state = self.lock();
        if state.running < self.limit {
            state.running += 1;
            return Some(call);
        }
        state.waiting.push_back(call);
        None
    }

    /// Gives a place back, or passes it on to the call that has waited
    /// longest, which the caller then starts.
    pub(crate) fn leave(&self) -> Option<Call> {
        let mut state = self.lock();
        let next = state.waiting.pop_front();
        if next.is_none() {
            state.running = state.running.saturating_sub(1);
        }
        next
    }

    /// How many calls run and how many wait.
    pub(crate) fn load(&self) -> (usize, usize) {
        let state = self.lock();
        (state.running, state.waiting.len())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (running, waiting) = self.load();
        f.debug_struct("Pool")
            .field("limit", &self.limit)
            .field("running", &running)
            .field("waiting", &waiting)
            .finish_non_exhaustive()
    }
}

/// Who handles what, as the builder was told.
#[derive(Default)]
pub(crate) struct Handlers {
    pub(crate) departments: BTreeMap<String, Arc<dyn Department>>,
    pub(crate) any_department: Option<Arc<dyn Department>>,
    pub(crate) registries: BTreeMap<String, Arc<dyn Registry>>,
    pub(crate) any_registry: Option<Arc<dyn Registry>>,
    pub(crate) limits: BTreeMap<String, usize>,
    pub(crate) timeouts: BTreeMap<String, Micros>,
    pub(crate) limit: usize,
    pub(crate) timeout: Micros,
}

/// The pools, made as definitions name departments and registries.
pub(crate) struct Pools {
    handlers: Handlers,
    departments: Mutex<HashMap<DepartmentKey, Arc<Pool>>>,
    registries: Mutex<HashMap<RegistryKey, Arc<Pool>>>,
}

impl Pools {
    pub(crate) fn new(handlers: Handlers) -> Self {
        Self {
            handlers,
            departments: Mutex::default(),
            registries: Mutex::default(),
        }
    }

    pub(crate) fn department(&self, key: &DepartmentKey) -> Option<Arc<Pool>> {
        let named = self.handlers.departments.get(key.as_str());
        let handler = named.or(self.handlers.any_department.as_ref())?.clone();
        let mut pools = self
            .departments
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let make = || self.pool(key.as_str(), Handler::Department(handler));
        Some(pools.entry(key.clone()).or_insert_with(make).clone())
    }

    pub(crate) fn registry(&self, key: &RegistryKey) -> Option<Arc<Pool>> {
        let named = self.handlers.registries.get(key.as_str());
        let handler = named.or(self.handlers.any_registry.as_ref())?.clone();
        let mut pools = self
            .registries
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let make = || self.pool(key.as_str(), Handler::Registry(handler));
        Some(pools.entry(key.clone()).or_insert_with(make).clone())
    }

    fn pool(&self, key: &str, handler: Handler) -> Arc<Pool> {
        let Handlers {
            limits, timeouts, ..
        } = &self.handlers;
        let limit = limits.get(key).copied().unwrap_or(self.handlers.limit);
        let timeout = timeouts.get(key).copied().unwrap_or(self.handlers.timeout);
        Pool::new(handler, limit, timeout)
    }
}
