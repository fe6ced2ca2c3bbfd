//! Puts an engine together and starts it.

use std::fmt;
use std::sync::Arc;

use onething_model::{CaseId, Micros};
use onething_plan::Plan;
use onething_store::{Position, Store};

use crate::cell::{Cell, Live};
use crate::definition::Catalogue;
use crate::engine::{Engine, Lease};
use crate::pool::{Handlers, Pools};
use crate::projection::Projection;
use crate::shared::Shared;
use crate::{
    Clock, Compiler, Definition, Department, Registry, Source, Spawner, StartError, SystemClock,
    TokioSpawner, calls, effects, reader, rows,
};

/// Bounds of an engine. Beyond them it refuses rather than slows down for everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// So many cases may be open. Open cases are kept in memory, a few kilobytes each. 200,000.
    pub open_cases: usize,
    /// About so many bytes one application, answer or submission may have. 1 MiB.
    pub payload_bytes: usize,
    /// So many bytes an idempotency key may have. 200.
    pub key_bytes: usize,
    /// So many appends may wait for the disk before commands from outside are
    /// refused; less than the journal's own queue holds. 4,096.
    pub appends: usize,
    /// So many records the index may lag behind before new applications wait for it. 100,000.
    pub index_lag: u64,
    /// How long a shutdown waits for handlers that run. 30 s.
    pub grace: Micros,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            open_cases: 200_000,
            payload_bytes: 1 << 20,
            key_bytes: 200,
            appends: 4_096,
            index_lag: 100_000,
            grace: Micros::SECOND.times(30),
        }
    }
}

/// What a start found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartReport {
    /// How many records the journal holds.
    pub records: Position,
    /// How many of them the index did not have.
    pub indexed: u64,
    /// How many cases are open and go on.
    pub open: usize,
    /// Open cases that cannot be continued, and why. They are left as they
    /// are, and the others go on.
    pub unreadable: Vec<(CaseId, String)>,
}

impl fmt::Display for StartReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let records = self.records.0;
        write!(f, "{records} records, {} open cases", self.open)?;
        if self.indexed > 0 {
            write!(f, ", {} records fed to the index", self.indexed)?;
        }
        for (case, why) in &self.unreadable {
            write!(f, "; case {case} cannot be continued: {why}")?;
        }
        Ok(())
    }
}

/// Builds an [`Engine`]; made by [`Engine::builder`].
#[must_use = "an engine runs once it is started"]
pub struct Builder {
    store: Option<Store>,
    definitions: Vec<Definition>,
    compiler: Option<Compiler>,
    handlers: Handlers,
    clock: Arc<dyn Clock>,
    spawner: Option<Arc<dyn Spawner>>,
    limits: Limits,
    paused: bool,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            store: None,
            definitions: Vec::new(),
            compiler: None,
            handlers: Handlers {
                limit: 64,
                timeout: Micros::MINUTE,
                ..Handlers::default()
            },
            clock: Arc::new(SystemClock),
            spawner: None,
            limits: Limits::default(),
            paused: false,
        }
    }

    /// Keeps everything in this store. [`Engine::shutdown`] closes it.
    pub fn store(mut self, store: Store) -> Self {
        self.store = Some(store);
        self
    }

    /// Takes applications for a service.
    pub fn service(mut self, definition: Definition) -> Self {
        self.definitions.push(definition);
        self
    }

    /// Takes applications for a service whose plan has no sources, for trying
    /// out: its cases can only be continued where the same plan is registered again.
    pub fn plan(self, plan: Arc<Plan>) -> Self {
        self.service(Definition::without_sources(plan))
    }

    /// Compiles the sources that the store keeps, for open cases that are
    /// pinned to a definition that is not registered any more.
    pub fn compiler(
        mut self,
        compile: impl Fn(&[Source]) -> Result<Arc<Plan>, String> + Send + Sync + 'static,
    ) -> Self {
        self.compiler = Some(Arc::new(compile));
        self
    }

    /// The system of a department or outside body, by key.
    pub fn department(mut self, key: &str, handler: impl Department) -> Self {
        let handler = Arc::new(handler);
        self.handlers.departments.insert(key.to_owned(), handler);
        self
    }

    /// The system of every department that has none of its own.
    pub fn any_department(mut self, handler: impl Department) -> Self {
        self.handlers.any_department = Some(Arc::new(handler));
        self
    }

    /// A registry, by key.
    pub fn registry(mut self, key: &str, registry: impl Registry) -> Self {
        let registry = Arc::new(registry);
        self.handlers.registries.insert(key.to_owned(), registry);
        self
    }

    /// Every registry that is not named by itself.
    pub fn any_registry(mut self, registry: impl Registry) -> Self {
        self.handlers.any_registry = Some(Arc::new(registry));
        self
    }

    /// At most so many calls of this department or registry at once; 64
    /// unless told. The others wait in order of arrival.
    pub fn concurrency(mut self, key: &str, calls: usize) -> Self {
        self.handlers.limits.insert(key.to_owned(), calls);
        self
    }

    /// How long a call of this department or registry may take; a minute unless told.
    pub fn timeout(mut self, key: &str, time: Micros) -> Self {
        self.handlers.timeouts.insert(key.to_owned(), time);
        self
    }

    /// How long a call may take where nothing is said for its department or registry.
    pub fn default_timeout(mut self, time: Micros) -> Self {
        self.handlers.timeout = time;
        self
    }

    /// Another clock than the operating system's.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Another place to run tasks than the tokio runtime that `start` is called on.
    pub fn spawner(mut self, spawner: impl Spawner) -> Self {
        self.spawner = Some(Arc::new(spawner));
        self
    }

    /// Shows cases and takes commands, but calls no handler and serves no
    /// timer: what follows waits for the next start. Needs no handlers. For
    /// looking into a store, and for a person's decision in between.
    pub fn paused(mut self) -> Self {
        self.paused = true;
        self
    }

    /// Other bounds.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Starts: brings the index up to date, reads the open cases, and asks
    /// anew for everything that they wait for.
    ///
    /// # Errors
    /// Something is missing or given twice, or the store fails. Nothing runs then.
    pub async fn start(self) -> Result<(Engine, StartReport), StartError> {
        let store = self.store.ok_or(StartError::NoStore)?;
        let spawner: Arc<dyn Spawner> = match self.spawner {
            Some(spawner) => spawner,
            None => {
                let handle = tokio::runtime::Handle::try_current();
                Arc::new(TokioSpawner::new(
                    handle.map_err(|_| StartError::NoRuntime)?,
                ))
            }
        };
        let pools = Pools::new(self.handlers);
        let catalogue = Catalogue::open(
            self.definitions,
            !self.paused,
            self.compiler,
            store.blobs.clone(),
            pools,
        )?;
        let projection = Projection::new(store.clone());
        let indexed = projection.catch_up()?;
        let shared = Arc::new(Shared::new(
            store.clone(),
            catalogue,
            self.clock,
            spawner.clone(),
            self.limits,
            self.paused,
            projection.clone(),
        ));
        let highest = store.index.get(rows::HIGHEST)?;
        let highest = highest
            .and_then(|bytes| bytes.try_into().ok())
            .map_or(0, u64::from_be_bytes);
        shared.first_case(CaseId(highest + 1));
        let cells = open_cases(&shared)?;
        let report = StartReport {
            records: store.journal.end(),
            indexed,
            open: cells.len(),
            unreadable: shared.unreadable().into_iter().collect(),
        };
        // Only a weak hold: the feeder does not keep the engine alive.
        let weak = Arc::downgrade(&shared);
        let feeder = projection
            .start(Box::new(move |indexed| {
                if let Some(shared) = weak.upgrade() {
                    shared.indexed(indexed);
                }
            }))
            .map_err(|error| onething_store::Error::Unavailable {
                why: format!("the thread that feeds the index cannot be started: {error}"),
            })?;
        for (cell, asks) in cells {
            shared.post(&cell, &mut cell.progress(), asks);
        }
        for _ in 0..spawner.workers().max(1) {
            spawner.spawn(Box::pin(calls::work(shared.clone())));
        }
        spawner.spawn(Box::pin(calls::serve_timers(shared.clone())));
        tracing::info!(
            open = report.open,
            records = report.records.0,
            "the engine runs"
        );
        Ok((Engine::new(shared, Lease::new(projection, feeder)), report))
    }
}

/// An open case and what it asks.
type Opened = (Arc<Cell>, Vec<effects::Change>);

/// Reads the open cases into memory, with what each asks.
fn open_cases(shared: &Shared) -> Result<Vec<Opened>, onething_store::Error> {
    const PAGE: usize = 1_024;
    let mut cells = Vec::new();
    let mut after: Option<Vec<u8>> = None;
    loop {
        let page = shared
            .store
            .index
            .scan(rows::OPEN, after.as_deref(), PAGE)?;
        let Some((last, _)) = page.last() else {
            return Ok(cells);
        };
        after = Some(last.clone());
        for case in page.iter().filter_map(|(row, _)| rows::case_of(row)) {
            let records = reader::records(&shared.store, case)?;
            match reader::replay(&shared.catalogue, &records) {
                Ok(reread) => {
                    shared.seen(reread.latest);
                    let asks = effects::outstanding(&reread.case, &reread.events);
                    let live = Live {
                        case: Some(reread.case),
                        seq: records.len() as u64,
                        opened: reread.opened,
                    };
                    let cell = Cell::read(case, reread.defined, live);
                    shared.insert_open(cell.clone());
                    cells.push((cell, asks));
                }
                Err(why) => {
                    tracing::error!(case = case.0, %why, "an open case cannot be continued");
                    shared.set_unreadable(case, why);
                }
            }
        }
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("services", &self.definitions.len())
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
