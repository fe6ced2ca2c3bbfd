//! One service and its departments, on either store.
#![allow(dead_code, reason = "each test file uses a part")]

pub(crate) mod journal;

use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use onething_engine::EffectId;
use onething_model::{CaseId, Micros, Timestamp};
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, Plan, Refused};
use onething_runtime::{
    Application, Builder, Department, Engine, Error, Fields, Found, HandlerError, LookUpRequest,
    ManualClock, Registry, Reply, StepRequest, WorkFilter,
};
use onething_store::{EmbeddedStore, MemoryStore, Options, Store};

/// 2026-01-05T01:00:00Z.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_767_574_800_000);

/// Opening a stall: the estate register is asked on the draft; the window
/// checks, fire and market work side by side, an officer of the market reviews,
/// the market issues, and the applicant collects.
pub(crate) fn plan() -> Arc<Plan> {
    let mut b = PlanBuilder::new("open-stall");
    let market = b.department("market");
    let fire = b.department("fire");
    let food = b.matter("food", Refused::EndsCase);
    let sign = b.matter("sign", Refused::EndsMatter);
    let estate = b.field("estate");
    let owner = b.field("owner");
    let paper = b.field("paper");
    b.look_up("estate-register", &[estate], &[owner]);
    let checked = b.field("checked");
    let safe = b.field("safe");
    let reviewed = b.field("reviewed");
    let board = b.field("board");
    let permit = b.result("permit");
    b.step("check", Actor::System).reads(paper).writes(checked);
    b.step("fire-check", Actor::System)
        .reads(owner)
        .reads(checked)
        .writes(safe)
        .department(fire);
    b.step("review", Actor::Officer)
        .reads(paper)
        .reads(checked)
        .writes(reviewed)
        .department(market)
        .matter(food)
        .with(|step| step.limit.promised = "4h".parse().ok());
    b.step("signboard", Actor::System)
        .reads(checked)
        .writes(board)
        .department(market)
        .matter(sign);
    let issue = b
        .step("issue", Actor::System)
        .reads(safe)
        .reads(reviewed)
        .writes(permit)
        .department(market)
        .matter(food)
        .number();
    b.step("collect", Actor::Applicant).after(issue);
    Arc::new(b.build())
}

pub(crate) fn application(key: &str) -> Application {
    Application::new("open-stall", key)
        .value("applicant.estate", "E-17")
        .value("applicant.paper", "floor plan")
}

/// Does every step at once, and remembers which it was asked for.
#[derive(Clone, Default)]
pub(crate) struct Offices {
    pub(crate) asked: Arc<Mutex<Vec<EffectId>>>,
}

impl Offices {
    pub(crate) fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|effect| effect.step.to_string()).collect()
    }
}

/// What a sample department answers to a step: every field it wants.
pub(crate) fn done(request: &StepRequest) -> Reply {
    let value = format!("{} of case {}", request.step, request.effect.case);
    let each = request
        .wanted
        .iter()
        .map(|field| (field.to_string(), value.clone()));
    Reply::Done(each.collect())
}

#[async_trait]
impl Department for Offices {
    async fn handle(&self, request: StepRequest) -> Result<Reply, HandlerError> {
        self.asked.lock().unwrap().push(request.effect.clone());
        Ok(done(&request))
    }
}

/// Knows the owner of every estate.
pub(crate) struct EstateRegister;

#[async_trait]
impl Registry for EstateRegister {
    async fn look_up(&self, request: LookUpRequest) -> Result<Option<Found>, HandlerError> {
        let estate = request.keys.text("applicant.estate").unwrap_or_default();
        let had = Fields::new().with("owner", format!("owner of {estate}"));
        Ok(Some(had.into()))
    }
}

/// A store that outlives the engines on it.
pub(crate) enum Place {
    Memory(MemoryStore),
    Folder(tempfile::TempDir),
}

impl Place {
    /// One of each kind.
    pub(crate) fn both() -> [Self; 2] {
        [
            Self::Memory(MemoryStore::new()),
            Self::Folder(tempfile::tempdir().unwrap()),
        ]
    }

    /// Opens it; waits a little for the engine before to let go.
    pub(crate) fn open(&self) -> Store {
        match self {
            Self::Memory(memory) => memory.open().0,
            Self::Folder(folder) => open_folder(&folder.path().join("store")),
        }
    }
}

fn open_folder(path: &Path) -> Store {
    for _ in 0..500 {
        match EmbeddedStore::open(path, &Options::default()) {
            Ok((store, _)) => return store,
            Err(onething_store::Error::Locked { .. }) => {
                std::thread::sleep(Duration::from_millis(10));
            }
            Err(error) => panic!("{error}"),
        }
    }
    panic!("the store stays locked");
}

/// An engine with everything that the sample service needs.
pub(crate) fn builder(store: Store) -> Builder {
    Engine::builder()
        .store(store)
        .plan(plan())
        .any_department(Offices::default())
        .registry("estate-register", EstateRegister)
}

/// Runs on a runtime of its own, which is torn down afterwards like a process
/// that is killed: nothing is finished, nothing is told.
pub(crate) fn process<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let result = runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(60), work)
            .await
            .expect("the test takes longer than a minute")
    });
    runtime.shutdown_background();
    result
}

/// Runs on one thread.
pub(crate) fn single<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(60), work)
            .await
            .expect("the test takes longer than a minute")
    })
}

/// Does whatever people are asked for until nothing is awaited of them.
pub(crate) async fn people(engine: &Engine) {
    try_people(engine).await.unwrap();
}

/// The same, as far as the store plays along.
pub(crate) async fn try_people(engine: &Engine) -> Result<(), Error> {
    loop {
        engine.idle().await?;
        let page = engine.work(&WorkFilter::default()).await?;
        let mut did = !page.items.is_empty();
        for item in page.items {
            let values = filled(&item.form);
            engine
                .complete(&item.effect, values, Some("officer"))
                .await?;
        }
        for awaited in engine.awaiting(None, 100).await? {
            let form = match &awaited.what {
                onething_runtime::Awaits::Errand { form }
                | onething_runtime::Awaits::Submission { form }
                | onething_runtime::Awaits::Supplement { form, .. } => form,
                _ => continue,
            };
            did = true;
            let EffectId { case, step, .. } = &awaited.effect;
            engine
                .hand_in(*case, step.as_str(), filled(form), Some("applicant"))
                .await?;
        }
        if !did {
            return Ok(());
        }
    }
}

pub(crate) fn filled(form: &[onething_runtime::FormItem]) -> Fields {
    // What the draft holds stays as it is.
    let missing = form.iter().filter(|item| !item.given);
    let each = missing.map(|item| {
        // The worked example of GB 11643-1999, and what follows from it.
        let value = match item.field.field.as_str() {
            "number" => "11010519491231002X".to_owned(),
            "born" => "1949-12-31".to_owned(),
            "sex" => "female".to_owned(),
            _ => format!("{} filled", item.field),
        };
        (item.field.to_string(), value)
    });
    each.collect()
}

/// The words of a case's records.
pub(crate) async fn words(engine: &Engine, case: CaseId) -> Vec<String> {
    let lines = engine.history(case).await.unwrap();
    lines
        .iter()
        .map(|line| {
            let event = &line.record.event;
            match event {
                onething_engine::Event::StepDispatched { step, .. }
                | onething_engine::Event::StepCompleted { step, .. }
                | onething_engine::Event::StepFailed { step, .. }
                | onething_engine::Event::StepRetried { step, .. }
                | onething_engine::Event::IncidentOpened { step, .. }
                | onething_engine::Event::StepRefused { step, .. }
                | onething_engine::Event::StepCancelled { step }
                | onething_engine::Event::StepSkipped { step }
                | onething_engine::Event::SupplementRequested { step, .. }
                | onething_engine::Event::DataRead { step, .. }
                | onething_engine::Event::Submitted { step, .. } => {
                    format!("{} {step}", kind(event))
                }
                _ => kind(event),
            }
        })
        .collect()
}

fn kind(event: &onething_engine::DurableEvent) -> String {
    let text = serde_json::to_value(event).unwrap();
    text["event"].as_str().unwrap().to_owned()
}

/// A clock that stands at [`START`].
pub(crate) fn clock() -> ManualClock {
    ManualClock::at(START)
}

pub(crate) fn hours(count: i64) -> Micros {
    Micros::HOUR.times(count)
}

pub(crate) fn seconds(count: i64) -> Micros {
    Micros::SECOND.times(count)
}
