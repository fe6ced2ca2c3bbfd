//! A full disk, a store whose outcome is unknown, an index that fails: said
//! clearly, nothing half done, and the rest goes on.

mod common;

use std::sync::{Arc, Mutex};

use common::journal::with_appends;
use common::{application, builder, clock, people, process, seconds, single, words};
use onething_engine::CaseStatus;
use onething_model::CaseId;
use onething_runtime::{Engine, Error, Fields, WorkFilter};
use onething_store::{Error as StoreError, Index, Key, Position, Store, Value};

/// Which trouble there is.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Fine,
    Full,
    Unknown,
}

/// A store with trouble at will.
fn troubled() -> (Store, Arc<Mutex<Mode>>) {
    let mode = Arc::new(Mutex::new(Mode::Fine));
    let now = mode.clone();
    let store = with_appends(Store::in_memory(), move |journal, append, done| {
        let mode = *now.lock().unwrap();
        let refusal = match mode {
            Mode::Fine => return journal.append(append, done),
            Mode::Full => StoreError::Full {
                path: "journal".into(),
                source: Arc::new(std::io::ErrorKind::StorageFull.into()),
            },
            Mode::Unknown => StoreError::Unavailable {
                why: "the sync failed".to_owned(),
            },
        };
        done(Err(refusal));
    });
    (store, mode)
}

async fn review(engine: &Engine, case: CaseId) -> Result<(), Error> {
    let effect = format!("{case}/review/1").parse().unwrap();
    let values = Fields::new().with("applicant.reviewed", "fine");
    engine.complete(&effect, values, None).await.map(|_| ())
}

#[test]
fn a_full_disk_refuses_and_everything_goes_on_when_there_is_room() {
    single(async {
        let (store, mode) = troubled();
        let clock = clock();
        let (engine, _) = builder(store).clock(clock.clone()).start().await.unwrap();
        let case = engine.submit(application("before")).await.unwrap().case;
        engine.idle().await.unwrap();
        let before = words(&engine, case).await;

        *mode.lock().unwrap() = Mode::Full;
        let error = engine.submit(application("while")).await.unwrap_err();
        assert_eq!(error.code(), "C0207");
        assert!(error.is_retryable());
        let error = review(&engine, case).await.unwrap_err();
        assert!(error.is_retryable(), "{error}");
        // As long as nobody knows better, nothing is shown that is not on disk.
        assert!(engine.case(case).await.is_err());
        assert!(engine.broken().is_none());
        assert_eq!(engine.status().open, 1);

        *mode.lock().unwrap() = Mode::Fine;
        clock.advance(seconds(1));
        engine.idle().await.unwrap();
        assert_eq!(words(&engine, case).await, before);
        let page = engine.work(&WorkFilter::default()).await.unwrap();
        assert_eq!(page.items.len(), 1);
        review(&engine, case).await.unwrap();
        // The key that was refused was not used up.
        let other = engine.submit(application("while")).await.unwrap();
        assert!(!other.repeated);
        people(&engine).await;
        for case in [case, other.case] {
            assert_eq!(engine.outcome(case).await.unwrap(), CaseStatus::Closed);
            assert_eq!(words(&engine, case).await.len(), 18);
        }
        engine.shutdown().await.unwrap();
    });
}

#[test]
fn a_departments_answer_that_found_no_room_is_asked_for_again() {
    single(async {
        let (store, mode) = troubled();
        let clock = clock();
        let switch = mode.clone();
        let asked = Arc::new(Mutex::new(0));
        let count = asked.clone();
        let window = onething_runtime::from_fn(move |request| {
            *count.lock().unwrap() += 1;
            // The disk fills while the department works.
            *switch.lock().unwrap() = Mode::Full;
            Ok(common::done(&request))
        });
        let (engine, _) = builder(store)
            .department("window", window)
            .clock(clock.clone())
            .start()
            .await
            .unwrap();
        let case = engine.submit(application("k")).await.unwrap().case;
        engine.idle().await.unwrap();
        assert_eq!(*asked.lock().unwrap(), 1);
        for round in 2..4 {
            // There is room to ask, and none again for the answer.
            *mode.lock().unwrap() = Mode::Fine;
            clock.advance(seconds(1));
            engine.idle().await.unwrap();
            assert_eq!(*asked.lock().unwrap(), round);
        }
        assert!(engine.case(case).await.is_err());
        assert!(engine.incidents(None, 9).await.unwrap().is_empty());
        engine.shutdown().await.unwrap();
    });
}

#[test]
fn an_unknown_outcome_ends_every_acknowledgement_and_says_so() {
    process(async {
        let (store, mode) = troubled();
        let (engine, _) = builder(store).start().await.unwrap();
        let case = engine.submit(application("k")).await.unwrap().case;
        engine.idle().await.unwrap();
        let waits = {
            let engine = engine.clone();
            tokio::spawn(async move { engine.outcome(case).await })
        };
        tokio::task::yield_now().await;
        *mode.lock().unwrap() = Mode::Unknown;
        let error = review(&engine, case).await.unwrap_err();
        assert!(
            matches!(error, Error::Store(StoreError::Unavailable { .. })),
            "{error}"
        );
        // From here on it stays so, whatever the disk does.
        *mode.lock().unwrap() = Mode::Fine;
        let error = engine.submit(application("k-2")).await.unwrap_err();
        assert_eq!(error.code(), "C0207");
        assert!(!error.is_retryable());
        assert!(engine.broken().is_some());
        assert!(waits.await.unwrap().is_err());
        assert!(engine.idle().await.is_err());
        engine.shutdown().await.unwrap();
    });
}

/// An index that fails whatever it is asked, after the start.
struct BrokenIndex {
    inner: Arc<dyn Index>,
    broken: Arc<Mutex<bool>>,
}

impl BrokenIndex {
    fn check(&self) -> Result<(), StoreError> {
        if *self.broken.lock().unwrap() {
            let what = "a page cannot be read".to_owned();
            return Err(StoreError::Index { what });
        }
        Ok(())
    }
}

impl Index for BrokenIndex {
    fn apply(&self, batch: Vec<(Key, Option<Value>)>, reached: Position) -> Result<(), StoreError> {
        self.check()?;
        self.inner.apply(batch, reached)
    }
    fn get(&self, key: &[u8]) -> Result<Option<Value>, StoreError> {
        self.check()?;
        self.inner.get(key)
    }
    fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Key, Value)>, StoreError> {
        self.check()?;
        self.inner.scan(prefix, after, limit)
    }
    fn reached(&self) -> Position {
        self.inner.reached()
    }
    fn clear(&self) -> Result<(), StoreError> {
        self.inner.clear()
    }
    fn close(&self) -> Result<(), StoreError> {
        self.inner.close()
    }
}

#[test]
fn open_cases_go_on_without_the_index_and_histories_come_from_the_journal() {
    process(async {
        let mut store = Store::in_memory();
        let broken = Arc::new(Mutex::new(false));
        store.index = Arc::new(BrokenIndex {
            inner: store.index,
            broken: broken.clone(),
        });
        let (engine, _) = builder(store).start().await.unwrap();
        let closed = engine.submit(application("closed")).await.unwrap().case;
        people(&engine).await;
        engine.cases(None, 1).await.unwrap();
        let open = engine.submit(application("open")).await.unwrap().case;
        engine.idle().await.unwrap();
        *broken.lock().unwrap() = true;
        people(&engine).await;
        assert_eq!(engine.outcome(open).await.unwrap(), CaseStatus::Closed);
        for case in [closed, open] {
            assert_eq!(words(&engine, case).await.len(), 18);
            assert_eq!(engine.case(case).await.unwrap().status, CaseStatus::Closed);
        }
        // Whether a key was used cannot be said now: nobody is told that it was not.
        let error = engine.submit(application("closed")).await.unwrap_err();
        assert_eq!(error.code(), "C0207");
        assert!(engine.cases(None, 9).await.is_err());
        // It works again: so does everything.
        *broken.lock().unwrap() = false;
        assert!(engine.submit(application("closed")).await.unwrap().repeated);
        engine.shutdown().await.unwrap();
    });
}
