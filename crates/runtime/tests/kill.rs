//! A process that is killed with SIGKILL under load, again and again on one store.
//!
//! The test runs its own binary once more as the process that is killed: it
//! says on standard output which applications were acknowledged.

// The child speaks through its standard output.
#![allow(clippy::print_stdout)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{application, builder, people, process};
use onething_engine::{CaseStatus, Event};
use onething_model::CaseId;
use onething_runtime::WorkFilter;
use onething_store::{EmbeddedStore, Options, Position, Store};

const STORE: &str = "ONETHING_KILL_STORE";
const ROUND: &str = "ONETHING_KILL_ROUND";

fn open(path: &Path) -> Store {
    EmbeddedStore::open(path, &Options::default()).unwrap().0
}

/// The process that is killed: files applications and does officers' work.
#[test]
fn victim() {
    let (Ok(path), Ok(round)) = (std::env::var(STORE), std::env::var(ROUND)) else {
        // Run by itself it has nobody to be killed for.
        return;
    };
    process(async {
        let (engine, _) = builder(open(Path::new(&path))).start().await.unwrap();
        for writer in 0..16 {
            let (engine, round) = (engine.clone(), round.clone());
            tokio::spawn(async move {
                for number in 0.. {
                    let key = format!("{round}-{writer}-{number}");
                    let case = engine.submit(application(&key)).await.unwrap().case;
                    println!("{key} {case}");
                }
            });
        }
        loop {
            for item in engine.work(&WorkFilter::default()).await.unwrap().items {
                let values = common::filled(&item.form);
                engine.complete(&item.effect, values, None).await.unwrap();
            }
            tokio::task::yield_now().await;
        }
    });
}

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mut acknowledged: BTreeMap<String, u64> = BTreeMap::new();
    for round in 0..5_u64 {
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "victim", "--nocapture"])
            .env(STORE, &path)
            .env(ROUND, round.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(120 + 37 * round));
        victim.kill().unwrap();
        victim.wait().unwrap();
        let mut said = String::new();
        victim
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        // The last line may be cut.
        let whole = said.rfind('\n').map_or("", |end| &said[..end]);
        for (key, case) in whole.lines().filter_map(|line| line.split_once(' ')) {
            if let (true, Ok(case)) = (key.starts_with(&format!("{round}-")), case.parse()) {
                acknowledged.insert(key.to_owned(), case);
            }
        }
    }
    assert!(
        acknowledged.len() > 50,
        "only {} were acknowledged",
        acknowledged.len()
    );
    process(async {
        let (engine, report) = builder(open(&path)).start().await.unwrap();
        assert_eq!(report.unreadable, []);
        for (key, case) in &acknowledged {
            let again = engine.submit(application(key)).await.unwrap();
            assert_eq!((again.case.0, again.repeated), (*case, true), "{key}");
        }
        let cases: BTreeSet<_> = acknowledged.values().collect();
        assert_eq!(cases.len(), acknowledged.len(), "a number was given twice");
        people(&engine).await;
        assert_eq!(engine.status().open, 0);
        for case in acknowledged.values() {
            let ended = engine.outcome(CaseId(*case)).await.unwrap();
            assert_eq!(ended, CaseStatus::Closed);
        }
        // Over all lives each step of each case was completed once.
        let mut completed = BTreeSet::new();
        let mut follower = engine.follow(Position::START);
        loop {
            let page = follower.ready().unwrap();
            if page.is_empty() {
                break;
            }
            for followed in page {
                if let Event::StepCompleted { step, .. } = followed.record().unwrap().event {
                    assert!(
                        completed.insert((followed.case, step.clone())),
                        "{step} twice"
                    );
                }
            }
        }
        assert!(completed.len() >= acknowledged.len() * 6);
        engine.shutdown().await.unwrap();
    });
    EmbeddedStore::verify(&path).unwrap();
}
