//! An engine on an embedded store, for the length of one command.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use onething::{Definition, runtime};
use onething_model::{CaseId, Digest};
use onething_runtime::{Engine, Fields, StartError};
use onething_store::{EmbeddedStore, OpenReport, Options, Position, Store};

use crate::cause;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::given::Given;
use crate::output::Output;
use crate::say::both;
use crate::scripted::{Samples, ScriptedDepartment, ScriptedRegistry, keep_documents};

/// An engine that runs, and what is known of the definitions of its cases.
pub(crate) struct Session {
    /// The engine.
    pub(crate) engine: Engine,
    /// Sample values of the services whose cases were met.
    pub(crate) samples: Samples,
    /// Where the journal ended before this command.
    pub(crate) began: Position,
    definitions: Known,
    tokio: tokio::runtime::Runtime,
}

/// What is done about the steps of departments' systems.
pub(crate) enum Handlers {
    /// Nothing is asked of them: this command only looks.
    None,
    /// They are answered by scripted departments; these registries have nothing.
    Scripted(Vec<String>),
}

#[derive(Clone, Default)]
struct Known(Arc<RwLock<BTreeMap<Digest, Arc<Definition>>>>);

impl Known {
    fn add(&self, definition: Arc<Definition>) {
        let digest = definition.plan().digest;
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(digest, definition);
    }

    fn get(&self, digest: &Digest) -> Option<Arc<Definition>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(digest).cloned()
    }
}

/// How long a store in use is waited for: a process that was killed a moment
/// ago holds its lock until its last write to the disk has ended.
const PATIENCE: Duration = Duration::from_secs(3);

fn open_store(path: &Path) -> Result<(Store, OpenReport), onething_store::Error> {
    let begun = Instant::now();
    loop {
        match EmbeddedStore::open(path, &Options::default()) {
            Err(onething_store::Error::Locked { .. }) if begun.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(50));
            }
            opened => return opened,
        }
    }
}

impl Session {
    /// Opens a store that is there, and takes its cases up.
    ///
    /// # Errors
    /// There is no store, it cannot be opened, or the engine does not start.
    pub(crate) fn open(path: &Path, handlers: Handlers, out: &mut Output) -> Result<Self, Failure> {
        if !path.join("journal").exists() && is_empty(path) {
            let shown = path.display();
            return Err(
                Failure::no(both!("没有存储 `{shown}`", "there is no store `{shown}`")).help(
                    both!(
                        "核对路径；`onething run` 会新建存储",
                        "check the path; `onething run` makes a store",
                    ),
                ),
            );
        }
        Self::start(path, None, handlers, out)
    }

    /// Opens a store, or makes one, for applications of a service.
    ///
    /// # Errors
    /// The store cannot be opened, or the engine does not start.
    pub(crate) fn open_for(
        path: &Path,
        definition: &Arc<Definition>,
        handlers: Handlers,
        out: &mut Output,
    ) -> Result<Self, Failure> {
        Self::start(path, Some(definition), handlers, out)
    }

    fn start(
        path: &Path,
        definition: Option<&Arc<Definition>>,
        handlers: Handlers,
        out: &mut Output,
    ) -> Result<Self, Failure> {
        let tokio = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| {
                let why = cause::of(&error);
                let (zh, en) = (why.zh(), why.en());
                Failure::ours(both!("无法启动：{zh}", "failed to start the runtime: {en}"))
            })?;
        let (store, report) = open_store(path)?;
        if report.torn.is_some() {
            out.note(&both!(
                "存储恢复：{report}",
                "the store recovered: {report}"
            ));
        }
        let began = store.journal.end();
        let known = Known::default();
        let samples = Samples::default();
        let met = {
            let (known, samples, blobs) = (known.clone(), samples.clone(), store.blobs.clone());
            move |definition: Arc<Definition>| -> Result<(), Failure> {
                samples.learn(definition.plan());
                keep_documents(definition.plan(), blobs.as_ref())?;
                known.add(definition);
                Ok(())
            }
        };
        let mut builder = Engine::builder().store(store);
        if let Some(definition) = definition {
            met(definition.clone())?;
            builder = builder.service(definition.as_ref().into());
        }
        builder = builder.compiler(move |sources| {
            let definition = Definition::from_sources(sources).map_err(|why| why.to_string())?;
            let plan = definition.plan().clone();
            met(Arc::new(definition)).map_err(|failure| failure.message.en().to_owned())?;
            Ok(plan)
        });
        builder = match handlers {
            Handlers::None => builder.paused(),
            Handlers::Scripted(missing) => builder
                .any_department(ScriptedDepartment(samples.clone()))
                .any_registry(ScriptedRegistry {
                    samples: samples.clone(),
                    missing: missing.into_iter().collect(),
                }),
        };
        let (engine, report) = tokio.block_on(builder.start())?;
        for (case, why) in &report.unreadable {
            out.note(&both!(
                "办件 {case} 无法继续：{why}",
                "case {case} cannot go on: {why}",
            ));
        }
        Ok(Self {
            engine,
            samples,
            began,
            definitions: known,
            tokio,
        })
    }

    /// Runs something of the engine to its end.
    pub(crate) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.tokio.block_on(work)
    }

    /// The definition that a case is pinned to, if its sources can be compiled.
    pub(crate) async fn definition(
        &self,
        case: CaseId,
    ) -> Result<Option<Arc<Definition>>, Failure> {
        // Asking for the case makes the engine compile what it is pinned to.
        let view = self.engine.case(case).await?;
        Ok(self.definitions.get(&view.definition))
    }

    /// A failure about a case's values, with what people call them.
    pub(crate) async fn naming(&self, case: CaseId, failure: impl Into<Failure>) -> Failure {
        match self.engine.plan_of(case).await {
            Ok(plan) => failure.into().naming(&plan),
            Err(_) => failure.into(),
        }
    }

    /// Values as the engine takes them: documents are put into the store first. In place
    /// of one that cannot be read stands nothing, which is a fault of every field, so that
    /// the engine refuses it and tells what else is wrong.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn values(
        &self,
        given: &[(String, Given)],
        kinds: impl Fn(&str) -> Option<onething_plan::FieldType>,
    ) -> Result<Taken, Failure> {
        let mut taken = Taken::default();
        for (name, given) in given {
            let kind = kinds(name);
            let value = match given.file(kind.as_ref()) {
                Some(path) => match self.attach(&path).await {
                    Ok(value) => value,
                    Err(failure) if failure.exit == Exit::Ours => return Err(failure),
                    Err(failure) => {
                        taken.unread.push(onething_engine::Fault {
                            what: name.clone(),
                            why: failure.message.clone(),
                        });
                        serde_json::Value::Null
                    }
                },
                None => given.value(kind.as_ref()),
            };
            taken.values.push(name.as_str(), value);
        }
        Ok(taken)
    }

    async fn attach(&self, path: &Path) -> Result<serde_json::Value, Failure> {
        let content = crate::given::document(path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let kind = path.extension().unwrap_or_default().to_string_lossy();
        Ok(self.engine.attach(content, &name, &kind).await?)
    }

    /// Stops in order and closes the store.
    ///
    /// # Errors
    /// The store did not close in order.
    pub(crate) fn close(self) -> Result<(), Failure> {
        self.tokio.block_on(self.engine.shutdown())?;
        Ok(())
    }
}

/// What somebody gives, as far as it can be read.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) values: Fields,
    /// Documents that cannot be read, and why.
    pub(crate) unread: Vec<onething_engine::Fault>,
}

impl Taken {
    /// A refusal, with the reasons of the documents that cannot be read: of those the engine
    /// saw nothing.
    pub(crate) fn explained(&self, failure: Failure) -> Failure {
        let faults = failure.faults.clone();
        match self.unread.is_empty() {
            true => failure,
            false => failure.with_faults(self.with_unread(faults)),
        }
    }

    /// All faults, those of documents that cannot be read with their own reason.
    pub(crate) fn with_unread(
        &self,
        faults: Vec<onething_engine::Fault>,
    ) -> Vec<onething_engine::Fault> {
        let known = |fault: &onething_engine::Fault| {
            self.unread.iter().any(|unread| unread.what == fault.what)
        };
        let others = faults.into_iter().filter(|fault| !known(fault));
        self.unread.iter().cloned().chain(others).collect()
    }
}

fn is_empty(folder: &Path) -> bool {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        // Not a folder: opening the store says what it is.
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}

impl From<runtime::Error> for Failure {
    fn from(error: runtime::Error) -> Self {
        let code = error.code();
        match error {
            runtime::Error::Rejected(rejection) => rejection.into(),
            runtime::Error::NotAccepted { case, rejection } => {
                let failure = Self::from(rejection);
                let (zh, en) = (failure.message.zh(), failure.message.en());
                let message = both!(
                    "{zh}（记录为办件 {case}）",
                    "{en} (recorded as case {case})"
                );
                failure.with_message(message)
            }
            runtime::Error::Store(error) => error.into(),
            runtime::Error::Unreadable { case, why } => Self::no(both!(
                "办件 {case} 无法打开：{why}",
                "case {case} cannot be opened: {why}",
            ))
            .with_code(code),
            other => Self::ours(both!("运行出错：{other}", "the engine failed: {other}")),
        }
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Store(error) => error.into(),
            other => Self::ours(both!(
                "无法启动：{other}",
                "the engine does not start: {other}"
            )),
        }
    }
}
