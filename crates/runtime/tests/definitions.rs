//! Cases are pinned to the definition they began with, and the store keeps its sources.

mod common;

use std::sync::{Arc, Mutex};

use common::{EstateRegister, Offices, Place, application, builder, people, process};
use onething_engine::CaseStatus;
use onething_model::{CaseId, Digest};
use onething_plan::Plan;
use onething_runtime::{Builder, Definition, Engine, Error, Source, StartError};
use onething_store::Store;

fn sources(version: &str) -> Vec<Source> {
    let source = |path: &str, content: String| Source {
        path: path.to_owned(),
        content: content.into_bytes(),
    };
    vec![
        source("departments.yaml", "departments: {}".to_owned()),
        source("open-stall/service.yaml", format!("version: {version}")),
    ]
}

/// The sample plan as if it were compiled of these sources.
fn compile(sources: &[Source]) -> Arc<Plan> {
    let mut plan = Arc::unwrap_or_clone(common::plan());
    let parts = sources
        .iter()
        .map(|s| (s.path.as_str(), s.content.as_slice()));
    plan.digest = Digest::of_parts(parts);
    let text = String::from_utf8(sources[1].content.clone()).unwrap();
    plan.version = text.trim_start_matches("version: ").to_owned();
    Arc::new(plan)
}

fn engine(store: Store, version: &str) -> Builder {
    let sources = sources(version);
    Engine::builder()
        .store(store)
        .service(Definition::new(compile(&sources), sources))
        .any_department(Offices::default())
        .registry("estate-register", EstateRegister)
}

#[test]
fn a_case_goes_on_with_the_definition_it_began_with() {
    for place in Place::both() {
        process(async {
            let (engine, _) = engine(place.open(), "1.0.0").start().await.unwrap();
            engine.submit(application("old")).await.unwrap();
            engine.submit(application("older")).await.unwrap();
            engine.idle().await.unwrap();
            engine.withdraw(CaseId(2), "", None).await.unwrap();
            engine.shutdown().await.unwrap();
        });
        // The store has what it was compiled of.
        let digest = compile(&sources("1.0.0")).digest;
        let store = place.open();
        assert_eq!(
            Source::kept(&store, &digest).unwrap(),
            Some(sources("1.0.0"))
        );
        assert_eq!(Source::kept(&store, &Digest::of(b"other")).unwrap(), None);
        store.close().unwrap();
        drop(store);
        // Without a compiler nobody can read it; new cases are taken all the same.
        process(async {
            let (engine, report) = engine(place.open(), "2.0.0").start().await.unwrap();
            assert_eq!(report.open, 0);
            let [(CaseId(1), why)] = &report.unreadable[..] else {
                panic!("{report:?}");
            };
            assert!(why.contains("no compiler"), "{why}");
            let error = engine.case(CaseId(1)).await.unwrap_err();
            assert!(matches!(error, Error::Unreadable { .. }), "{error}");
            assert_eq!(error.code(), "C0213");
            // What was recorded can be read all the same.
            assert!(engine.history(CaseId(1)).await.unwrap().len() > 3);
            let fresh = engine.submit(application("new")).await.unwrap();
            assert_eq!(fresh.case, CaseId(3));
            engine.shutdown().await.unwrap();
        });
        process(async {
            let compiled = Arc::new(Mutex::new(Vec::new()));
            let noted = compiled.clone();
            let builder = engine(place.open(), "2.0.0").compiler(move |sources| {
                noted.lock().unwrap().push(sources.len());
                Ok(compile(sources))
            });
            let (engine, report) = builder.start().await.unwrap();
            assert_eq!((report.open, report.unreadable.len()), (2, 0));
            let versions = async |case| engine.case(CaseId(case)).await.unwrap().version;
            assert_eq!(versions(1).await, "1.0.0");
            assert_eq!(versions(2).await, "1.0.0");
            assert_eq!(versions(3).await, "2.0.0");
            people(&engine).await;
            for case in [1, 3] {
                let ended = engine.outcome(CaseId(case)).await.unwrap();
                assert_eq!(ended, CaseStatus::Closed);
            }
            // Once for all cases.
            assert_eq!(*compiled.lock().unwrap(), [2]);
            engine.shutdown().await.unwrap();
        });
    }
}

#[test]
fn a_compiler_that_changed_its_mind_is_not_believed() {
    for place in Place::both() {
        process(async {
            let (engine, _) = engine(place.open(), "1.0.0").start().await.unwrap();
            engine.submit(application("old")).await.unwrap();
            engine.shutdown().await.unwrap();
        });
        for (compiler, expected) in [
            ("another plan", "now compile to"),
            ("fails", "the language has changed"),
        ] {
            process(async {
                let builder = engine(place.open(), "2.0.0").compiler(move |_| match compiler {
                    "another plan" => Ok(compile(&sources("3.0.0"))),
                    _ => Err("the language has changed".to_owned()),
                });
                let (engine, report) = builder.start().await.unwrap();
                assert!(report.unreadable[0].1.contains(expected), "{report:?}");
                engine.shutdown().await.unwrap();
            });
        }
    }
}

#[test]
fn sources_that_are_not_the_plans_are_seen_at_the_start() {
    process(async {
        let builder = Engine::builder()
            .store(Store::in_memory())
            .service(Definition::new(common::plan(), sources("1.0.0")));
        let started = builder.start().await;
        assert!(matches!(started, Err(StartError::Sources { .. })));
    });
}

#[test]
fn a_damaged_case_does_not_keep_the_others() {
    for place in Place::both() {
        process(async {
            let (engine, _) = builder(place.open()).start().await.unwrap();
            engine.submit(application("good")).await.unwrap();
            engine.idle().await.unwrap();
            engine.shutdown().await.unwrap();
            // Somebody wrote into the journal past the engine.
            let store = place.open();
            let wrong = |case, expected, record: &[u8]| onething_store::Append {
                case: CaseId(case),
                expected,
                records: vec![record.to_vec()],
                at: common::START,
            };
            let journal = store.journal.as_ref();
            let opening = store.journal.read(onething_store::Position(0), 1).unwrap();
            onething_store::append_and_wait(journal, wrong(7, 0, &opening[0].record)).unwrap();
            onething_store::append_and_wait(journal, wrong(7, 1, b"not a record")).unwrap();
            store.close().unwrap();
        });
        process(async {
            let (engine, report) = builder(place.open()).start().await.unwrap();
            assert_eq!(report.open, 1);
            assert_eq!(report.unreadable.len(), 1);
            assert_eq!(report.unreadable[0].0, CaseId(7));
            people(&engine).await;
            let ended = engine.outcome(CaseId(1)).await.unwrap();
            assert_eq!(ended, CaseStatus::Closed);
            // Numbers go on after everything that was ever seen.
            let next = engine.submit(application("next")).await.unwrap();
            assert_eq!(next.case, CaseId(8));
            engine.shutdown().await.unwrap();
        });
    }
}
