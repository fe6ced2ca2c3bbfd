//! An auditor's questions to a case: who read what and why, why did it stand
//! still, and which definition decided.

use onething::core::EffectId;
use onething::runtime::{Fields, ManualClock, from_fn};
use onething::{Definition, engine};
use onething_model::{Micros, Timestamp};
use onething_plan::sample;
use onething_runtime::{Application, Engine, Reply, WorkFilter};
use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::tool::{Ran, run};

/// A barber's shop whose acceptance took six days: from Monday 2026-01-05 09:00
/// in Shanghai to the Sunday after.
struct Slow(TempDir);

impl Slow {
    fn new() -> Self {
        let folder = tempdir().unwrap();
        let dir = folder.path().join("barber");
        run(["new", &dir.display().to_string()]).exits(0);
        let slow = Self(folder);
        let tokio = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        tokio.block_on(slow.live());
        slow
    }

    fn store(&self) -> String {
        self.0.path().join("store").display().to_string()
    }

    async fn live(&self) {
        let definition = Definition::load(self.0.path().join("barber/barber")).unwrap();
        let plan = definition.plan().clone();
        let store = self.store();
        let (store, _) =
            onething_store::EmbeddedStore::open(store.as_ref(), &Default::default()).unwrap();
        for field in &plan.fields {
            store.blobs.put(&sample::document_content(field)).unwrap();
        }
        let clock = ManualClock::at(Timestamp::from_millis(1_767_574_800_000));
        let samples = plan.clone();
        let known = move |wanted: &[onething_model::FieldPath]| -> Fields {
            let value = |path: &onething_model::FieldPath| {
                let at = samples.find_field(path)?;
                Some((path.to_string(), sample::value(&samples, at)))
            };
            wanted.iter().filter_map(value).collect()
        };
        let register = known.clone();
        let (engine, _) = engine()
            .store(store)
            .service((&definition).into())
            .clock(clock.clone())
            .any_department(from_fn(move |step| Ok(Reply::Done(known(&step.wanted)))))
            .any_registry(Register(register))
            .start()
            .await
            .unwrap();
        let mut application = Application::new("barber", "k");
        application.answers = Fields::new().with("signboard", true);
        let answers = plan.reference.clone();
        application.values = sample::application(&plan, &answers)
            .into_iter()
            .map(|(field, value)| (plan.field(field).path.to_string(), value))
            .collect();
        engine.submit(application).await.unwrap();
        engine.idle().await.unwrap();
        clock.advance(Micros::DAY.times(6));
        self.accept(&engine).await;
        engine.shutdown().await.unwrap();
    }

    async fn accept(&self, engine: &Engine) {
        engine.idle().await.unwrap();
        let page = engine.work(&WorkFilter::default()).await.unwrap();
        let effect: &EffectId = &page.items[0].effect;
        engine
            .complete(effect, Fields::new(), Some("officer-7"))
            .await
            .unwrap();
        engine.idle().await.unwrap();
        let review = "1/health-review/1".parse().unwrap();
        engine.open_work(&review, "officer-7").await.unwrap();
    }

    fn show(&self, more: &str) -> Ran {
        let store = self.store();
        let args = ["case", "show", "1", "--store", &store];
        run(args.into_iter().chain(more.split(' ')))
    }
}

struct Register<F>(F);

#[async_trait::async_trait]
impl<F> onething_runtime::Registry for Register<F>
where
    F: Fn(&[onething_model::FieldPath]) -> Fields + Send + Sync + 'static,
{
    async fn look_up(
        &self,
        request: onething_runtime::LookUpRequest,
    ) -> Result<Option<onething_runtime::Found>, onething_runtime::HandlerError> {
        Ok(Some((self.0)(&request.wanted).into()))
    }
}

#[test]
fn why_a_case_stood_still_for_six_days_is_told_with_whom_it_waited_for() {
    let slow = Slow::new();
    slow.show("--history --lang zh")
        .exits(0)
        .says("⋯ 6 天 0 小时（5.0 个工作日），等待：")
        .says("「受理」")
        .says("⋯ 至今 ");
    let shown = slow.show("--history --format json").exits(0).json();
    let history = shown["history"].as_array().unwrap();
    let waits: Vec<&Value> = history
        .iter()
        .filter(|line| line["waited"].is_object())
        .collect();
    assert_eq!(waits.len(), 1, "{waits:?}");
    assert_eq!(waits[0]["waited"]["seconds"], 6 * 86_400);
    assert_eq!(waits[0]["waited"]["for"], serde_json::json!(["accept"]));
    assert_eq!(waits[0]["waited"]["since"], "2026-01-05T01:00:00.000Z");
    assert_eq!(waits[0]["by"], "officer-7");
}

#[test]
fn who_read_a_field_is_told_with_purpose_and_basis() {
    let slow = Slow::new();
    let shown = slow.show("--readings --format json").exits(0).json();
    let readings = shown["readings"].as_array().unwrap();
    assert!(!readings.is_empty());
    for reading in readings {
        for part in ["at", "field", "purpose", "basis"] {
            let text = reading[part].as_str().unwrap();
            assert!(!text.is_empty(), "{reading}");
        }
        assert!(
            reading["who"]["zh"]
                .as_str()
                .is_some_and(|who| !who.is_empty())
        );
    }
    let mine: Vec<_> = readings
        .iter()
        .filter(|one| one["by"] == "officer-7")
        .collect();
    assert!(
        mine.iter().any(|one| one["step"] == "health-review"),
        "{readings:?}"
    );
    let field = mine[0]["field"].as_str().unwrap();
    let only = slow
        .show(&format!("--readings --field {field} --format json"))
        .exits(0)
        .json();
    let only = only["readings"].as_array().unwrap();
    assert!(!only.is_empty() && only.iter().all(|one| one["field"] == field));
    let basis = mine[0]["basis"].as_str().unwrap();
    slow.show("--readings")
        .exits(0)
        .says("officer-7")
        .says(basis);
    slow.show("--history")
        .exits(0)
        .says(basis)
        .says("(officer-7)");
    // A field that nobody read is not one that there is not.
    slow.show("--readings --field shop.nothing")
        .exits(1)
        .says("no field");
    slow.show("--field operator.name").exits(2);
}

#[test]
fn which_definition_decided_is_told() {
    let slow = Slow::new();
    let shown = slow.show("--format json").exits(0).json();
    let digest = shown["definition"].as_str().unwrap();
    slow.show("--lang zh")
        .exits(0)
        .says("依据的定义：barber 0.1.0")
        .says(&digest[..12]);
}
