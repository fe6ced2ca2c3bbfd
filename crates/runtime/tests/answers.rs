//! What people and systems answer: everything wrong with it is told at once, and
//! nothing that deceives gets into the record.

mod common;

use std::sync::Arc;

use common::{Place, application, builder, process};
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, FieldType, Plan};
use onething_runtime::{Application, Engine, Error, Fields, Reply, StepRequest, from_fn};
use onething_store::Store;
use serde_json::json;

fn faults(error: &Error) -> Vec<(String, String)> {
    let faults = &error.rejection().expect("a rejection").faults;
    let told = |fault: &onething_engine::Fault| (fault.what.clone(), fault.why.en().to_owned());
    faults.iter().map(told).collect()
}

fn scan() -> FieldType {
    FieldType::Document {
        accepts: vec!["pdf".to_owned(), "jpg".to_owned()],
        max_bytes: 1_000,
    }
}

/// Who applies gives numbers and a paper; an officer makes a licence.
fn plan() -> Arc<Plan> {
    let mut b = PlanBuilder::new("licence");
    let fields = [
        ("identity", FieldType::IdentityNumber),
        ("phone", FieldType::Phone),
        ("wish", FieldType::Text { max_chars: 99 }),
        ("paper", scan()),
    ];
    let given = fields.map(|(name, kind)| b.typed_field(name, kind));
    let made = [
        ("number", FieldType::Text { max_chars: 9 }),
        ("valid_until", FieldType::Date),
        ("copy", scan()),
    ];
    let made = made.map(|(name, kind)| b.typed_field(name, kind));
    let mut step = b.step("issue", Actor::Officer);
    for field in given {
        step = step.reads(field);
    }
    for field in made {
        step = step.writes(field);
    }
    let _ = step;
    Arc::new(b.build())
}

async fn start(place: &Place, plan: Arc<Plan>) -> Engine {
    let engine = Engine::builder().store(place.open()).plan(plan).start();
    engine.await.unwrap().0
}

async fn pdf(engine: &Engine) -> serde_json::Value {
    let content = b"%PDF-1.4 a paper".to_vec();
    engine.attach(content, "paper.pdf", "pdf").await.unwrap()
}

fn applied(key: &str, paper: serde_json::Value) -> Application {
    Application::new("licence", key)
        .value("applicant.identity", "11010519491231002x")
        .value("applicant.phone", "+86 139 0000 0000")
        .value("applicant.wish", "two\nlines")
        .value("applicant.paper", paper)
}

#[test]
fn numbers_are_kept_the_one_way_however_they_are_typed() {
    process(async {
        let place = Place::both().into_iter().next().unwrap();
        let engine = start(&place, plan()).await;
        let paper = pdf(&engine).await;
        let case = engine
            .submit(applied("k", paper.clone()))
            .await
            .unwrap()
            .case;
        let other = applied("k", paper).answer("none", true);
        assert_eq!(engine.submit(other).await.unwrap_err().code(), "C0202");
        engine.idle().await.unwrap();
        let effect = format!("{case}/issue/1").parse().unwrap();
        let seen = engine.open_work(&effect, "o1").await.unwrap().input;
        assert_eq!(seen.text("applicant.identity"), Some("11010519491231002X"));
        assert_eq!(seen.text("applicant.phone"), Some("13900000000"));
        assert_eq!(seen.text("applicant.wish"), Some("two\nlines"));
        engine.shutdown().await.unwrap();
    });
}

#[test]
fn an_answer_is_told_everything_that_is_wrong_with_it() {
    process(async {
        let place = Place::both().into_iter().next().unwrap();
        let engine = start(&place, plan()).await;
        let paper = pdf(&engine).await;
        let case = engine
            .submit(applied("k", paper.clone()))
            .await
            .unwrap()
            .case;
        engine.idle().await.unwrap();
        let effect = format!("{case}/issue/1").parse().unwrap();
        let mut nowhere = paper.clone();
        nowhere["digest"] = onething_model::Digest::of(b"nowhere").to_string().into();
        let values = Fields::new()
            .with("applicant.bogus", 3)
            .with("applicant.valid_until", "31.12.2026")
            .with("applicant.copy", nowhere.clone());
        let error = engine.complete(&effect, values, None).await.unwrap_err();
        assert_eq!(error.code(), "C0106");
        let told = faults(&error);
        let names: Vec<&str> = told.iter().map(|(what, _)| what.as_str()).collect();
        let all = [
            "applicant.bogus",
            "applicant.copy",
            "applicant.valid_until",
            "applicant.number",
        ];
        assert_eq!(names, all, "{told:?}");
        assert!(error.to_string().contains("in 4 places"), "{error}");
        // Where nothing else is wrong, the code says what it is.
        let rest = || {
            Fields::new()
                .with("applicant.number", "7")
                .with("applicant.valid_until", "2026-12-31")
        };
        for (values, code, count) in [
            (
                rest()
                    .with("applicant.copy", paper.clone())
                    .with("bogus", 1),
                "C0208",
                1,
            ),
            (rest().with("applicant.copy", nowhere), "C0209", 1),
            (rest(), "C0106", 1),
        ] {
            let error = engine.complete(&effect, values, None).await.unwrap_err();
            assert_eq!(
                (error.code(), faults(&error).len()),
                (code, count),
                "{error}"
            );
        }
        // A step that waits for nothing of the kind says that, whatever the values.
        engine
            .complete(&effect, rest().with("applicant.copy", paper), None)
            .await
            .unwrap();
        let late = engine
            .complete(&effect, Fields::new().with("bogus", 1), None)
            .await;
        assert_eq!(late.unwrap_err().code(), "C0101");
        engine.shutdown().await.unwrap();
    });
}

#[test]
fn a_document_is_what_its_type_says() {
    for place in Place::both() {
        process(async {
            let engine = start(&place, plan()).await;
            let refused = async |key: &str, content: &[u8], name: &str, kind: &str| {
                let paper = engine.attach(content.to_vec(), name, kind).await.unwrap();
                let error = engine.submit(applied(key, paper)).await.unwrap_err();
                let [(what, why)] = &faults(&error)[..] else {
                    panic!("{error}");
                };
                assert_eq!(what, "applicant.paper");
                why.clone()
            };
            let said = refused("1", b"MZ\x90\0 evil", "exe.pdf", "pdf").await;
            assert!(said.contains("seems to be a program"), "{said}");
            let said = refused("2", b"", "empty.pdf", "pdf").await;
            assert!(said.contains("empty file"), "{said}");
            let said = refused("3", b"%PDF-1.4", "a.jpg", "jpg").await;
            assert!(said.contains("seems to be a PDF"), "{said}");
            let said = refused("4", b"%PDF-1.4", "a\u{202e}fdp.exe", "pdf").await;
            assert!(said.contains("file name"), "{said}");
            // What is said of it is held to the content, whoever wrote the value.
            let mut small = pdf(&engine).await;
            small["bytes"] = 1.into();
            let error = engine.submit(applied("5", small)).await.unwrap_err();
            assert!(faults(&error)[0].1.contains("another size"), "{error}");
            let picture = engine
                .attach(b"\xFF\xD8\xFF\xE0".to_vec(), "a.jpeg", "jpeg")
                .await
                .unwrap();
            engine.submit(applied("6", picture)).await.unwrap();
            engine.shutdown().await.unwrap();
        });
    }
}

#[test]
fn a_system_that_answers_with_a_false_document_is_an_incident() {
    process(async {
        let mut b = PlanBuilder::new("print");
        let wish = b.field("wish");
        let (number, copy) = (b.field("number"), b.typed_field("copy", scan()));
        b.step("print", Actor::System)
            .reads(wish)
            .writes(number)
            .writes(copy);
        let place = Place::both().into_iter().next().unwrap();
        let store = place.open();
        let digest = store.blobs.put(b"not a picture").unwrap();
        let engine = Engine::builder()
            .store(store)
            .plan(Arc::new(b.build()))
            .any_department(from_fn(move |_: StepRequest| {
                let copy = json!({"name": "a.jpg", "type": "jpg", "bytes": 13, "digest": digest});
                Ok(Reply::Done(
                    Fields::new()
                        .with("applicant.copy", copy)
                        .with("applicant.bogus", 1),
                ))
            }))
            .start();
        let engine = engine.await.unwrap().0;
        let application = Application::new("print", "k").value("applicant.wish", "x");
        engine.submit(application).await.unwrap();
        engine.idle().await.unwrap();
        let incidents = engine.incidents(None, 9).await.unwrap();
        let reason = &incidents[0].reason;
        for part in ["plain text", "applicant.bogus", "applicant.number"] {
            assert!(reason.contains(part), "{reason}");
        }
        engine.shutdown().await.unwrap();
    });
}

#[test]
fn what_steers_a_terminal_does_not_get_into_the_record() {
    process(async {
        let (engine, _) = builder(Store::in_memory()).start().await.unwrap();
        let evil = Application::new("open-stall", "k-2")
            .value("applicant.estate", "E-17")
            .value("applicant.paper", "plan\u{1b}]0;owned\u{7}");
        let error = engine.submit(evil).await.unwrap_err();
        let told = faults(&error);
        assert_eq!(told[0].0, "applicant.paper");
        assert!(told[0].1.contains("U+001B at character 5"), "{told:?}");
        let signed = application("k-3").by("o1\u{202e}");
        assert_eq!(engine.submit(signed).await.unwrap_err().code(), "C0215");
        let case = engine.submit(application("k-4")).await.unwrap().case;
        engine.idle().await.unwrap();
        let effect = format!("{case}/review/1").parse().unwrap();
        let by = Some("o1\n  2026-01-05  granted");
        let before = engine.history(case).await.unwrap().len();
        for error in [
            engine.refuse(&effect, "no", by).await.unwrap_err(),
            engine
                .refuse(&effect, "no\u{9b}2J", None)
                .await
                .unwrap_err(),
            engine
                .request_supplement(&effect, "\0", &["applicant.paper"], None)
                .await
                .unwrap_err(),
            engine.withdraw(case, "\u{7f}", None).await.unwrap_err(),
            engine.open_work(&effect, "o1\u{1b}").await.unwrap_err(),
        ] {
            assert_eq!(error.code(), "C0215", "{error}");
        }
        assert_eq!(engine.history(case).await.unwrap().len(), before);
        engine.withdraw(case, "moved\naway", None).await.unwrap();
        engine.shutdown().await.unwrap();
    });
}
