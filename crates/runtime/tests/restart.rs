//! Restarts at any moment: nothing acknowledged is lost, nothing is done twice on record.

mod common;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use common::journal::with_appends;
use common::{Place, application, builder, people, process, try_people, words};
use onething_engine::CaseStatus;
use onething_model::CaseId;
use onething_runtime::{Engine, Error, Fields, Reply, StepRequest, WorkFilter, from_fn};
use onething_store::Store;

/// A store of a process that is about to die: after so many appends nothing is
/// answered any more, and the first of these may or may not be on disk.
fn dying(store: Store, after: u64, last_is_written: bool) -> Store {
    let left = AtomicU64::new(after);
    with_appends(store, move |journal, append, done| {
        let left = left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                Some(left.saturating_sub(1))
            })
            .unwrap_or(0);
        match left {
            0 => {}
            1 if last_is_written => journal.append(append, Box::new(|_| {})),
            1 => {}
            _ => journal.append(append, done),
        }
    })
}

/// Goes as far as the journal answers. Returns whether the case came to its end.
async fn as_far_as_it_goes(engine: &Engine) -> bool {
    let life = async {
        let case = engine.submit(application("k-1")).await?.case;
        try_people(engine).await?;
        engine.outcome(case).await
    };
    // A process that is about to die does not answer, or with an error.
    let ended = tokio::time::timeout(Duration::from_millis(300), life).await;
    matches!(ended, Ok(Ok(CaseStatus::Closed)))
}

#[test]
fn a_case_continues_after_a_stop_at_any_append() {
    for last_is_written in [true, false] {
        for places in 0..2 {
            let mut appends = 0;
            loop {
                appends += 1;
                let place = &Place::both()[places];
                let finished = process(async {
                    let store = dying(place.open(), appends, last_is_written);
                    let (engine, _) = builder(store).start().await.unwrap();
                    as_far_as_it_goes(&engine).await
                });
                process(async {
                    let (engine, report) = builder(place.open()).start().await.unwrap();
                    assert_eq!(report.unreadable, []);
                    let case = engine.submit(application("k-1")).await.unwrap().case;
                    people(&engine).await;
                    assert_eq!(engine.outcome(case).await.unwrap(), CaseStatus::Closed);
                    let mut words = words(&engine, case).await;
                    assert_eq!(words[0], "case-opened");
                    let count = words.len();
                    words.sort();
                    words.dedup();
                    assert_eq!(
                        words.len(),
                        count,
                        "something is on record twice: {words:?}"
                    );
                    assert_eq!(count, 18, "{words:?}");
                    assert_eq!(engine.status().open, 0);
                    engine.shutdown().await.unwrap();
                });
                if finished {
                    break;
                }
            }
            // Each append of the case was the last one once.
            assert_eq!(appends, 9);
        }
    }
}

#[test]
fn everything_acknowledged_survives_a_kill_under_load() {
    for round in 0..6 {
        for place in Place::both() {
            let acknowledged = process(async {
                let (engine, _) = builder(place.open()).start().await.unwrap();
                let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
                for number in 0..200 {
                    let (engine, sender) = (engine.clone(), sender.clone());
                    tokio::spawn(async move {
                        let key = format!("k-{number}");
                        if let Ok(submitted) = engine.submit(application(&key)).await {
                            // After the kill nobody listens.
                            let _ = sender.send((key, submitted.case));
                        }
                    });
                }
                tokio::time::sleep(Duration::from_millis(2 + round * 7)).await;
                let mut acknowledged = Vec::new();
                while let Ok(one) = receiver.try_recv() {
                    acknowledged.push(one);
                }
                acknowledged
            });
            process(async {
                let (engine, report) = builder(place.open()).start().await.unwrap();
                assert!(report.open >= acknowledged.len());
                for (key, case) in &acknowledged {
                    let again = engine.submit(application(key)).await.unwrap();
                    assert_eq!((again.case, again.repeated), (*case, true));
                }
                // New cases get numbers that nobody has.
                let fresh = engine.submit(application("fresh")).await.unwrap();
                assert!(!fresh.repeated);
                assert!(acknowledged.iter().all(|(_, case)| *case != fresh.case));
                people(&engine).await;
                for (_, case) in &acknowledged {
                    assert_eq!(engine.outcome(*case).await.unwrap(), CaseStatus::Closed);
                }
                engine.shutdown().await.unwrap();
            });
        }
    }
}

/// Answers *pending* to every step.
fn later() -> impl onething_runtime::Department {
    from_fn(|_: StepRequest| Ok(Reply::Pending))
}

#[test]
fn a_pending_step_is_completed_by_its_effect_after_a_restart() {
    for place in Place::both() {
        let case = process(async {
            let engine = builder(place.open()).department("window", later()).start();
            let (engine, _) = engine.await.unwrap();
            let case = engine.submit(application("k")).await.unwrap().case;
            engine.idle().await.unwrap();
            let view = engine.case(case).await.unwrap();
            let what = &view.awaiting[0].what;
            assert!(
                matches!(
                    what,
                    onething_runtime::Awaits::Answer {
                        attempt: 1,
                        pending: true
                    }
                ),
                "{what:?}"
            );
            case
        });
        process(async {
            let engine = builder(place.open()).department("window", later()).start();
            let (engine, report) = engine.await.unwrap();
            assert_eq!(report.open, 1);
            // The id was kept by the department, in its own system.
            let effect = format!("{case}/check/1").parse().unwrap();
            let values = || Fields::new().with("applicant.checked", "yes");
            engine
                .complete(&effect, values(), Some("system"))
                .await
                .unwrap();
            let twice = engine.complete(&effect, values(), None).await.unwrap_err();
            assert_eq!(twice.code(), "C0104");
            people(&engine).await;
            assert_eq!(engine.outcome(case).await.unwrap(), CaseStatus::Closed);
            engine.shutdown().await.unwrap();
        });
    }
}

#[test]
fn keys_hold_across_restarts_and_a_lost_index() {
    for place in Place::both() {
        process(async {
            let (engine, _) = builder(place.open()).start().await.unwrap();
            engine.submit(application("k-1")).await.unwrap();
            people(&engine).await;
            engine.shutdown().await.unwrap();
        });
        for lose_the_index in [false, true] {
            process(async {
                let store = place.open();
                if lose_the_index {
                    store.index.clear().unwrap();
                }
                let (engine, report) = builder(store).start().await.unwrap();
                assert_eq!(report.indexed > 0, lose_the_index);
                assert_eq!(report.open, 0);
                let again = engine.submit(application("k-1")).await.unwrap();
                assert_eq!((again.case, again.repeated), (CaseId(1), true));
                assert_eq!(again.status, CaseStatus::Closed);
                let other = application("k-1").value("applicant.paper", "another");
                let error = engine.submit(other).await.unwrap_err();
                assert_eq!(error.code(), "C0202");
                assert!(error.to_string().contains("case 1"), "{error}");
                let page = engine.cases(None, 10).await.unwrap();
                assert_eq!(page.cases.len(), 1);
                assert_eq!(page.cases[0].status, CaseStatus::Closed);
                assert!(page.cases[0].ended.is_some());
                assert_eq!(engine.outcome(CaseId(1)).await.unwrap(), CaseStatus::Closed);
                let error = engine.withdraw(CaseId(1), "", None).await.unwrap_err();
                assert_eq!(error.code(), "C0101");
                engine.shutdown().await.unwrap();
            });
        }
    }
}

#[test]
fn one_key_is_one_case_for_calls_at_once() {
    for place in Place::both() {
        process(async {
            let (engine, _) = builder(place.open()).start().await.unwrap();
            let mut calls = Vec::new();
            for number in 0..64 {
                let engine = engine.clone();
                let paper = if number % 4 == 3 {
                    "other"
                } else {
                    "floor plan"
                };
                let one = onething_runtime::Application::new("open-stall", "same")
                    .value("applicant.estate", "E-17")
                    .value("applicant.paper", paper);
                calls.push(tokio::spawn(async move { engine.submit(one).await }));
            }
            let (mut fresh, mut repeated, mut rejected) = (0, 0, 0);
            for call in calls {
                match call.await.unwrap() {
                    Ok(submitted) if submitted.repeated => repeated += 1,
                    Ok(_) => fresh += 1,
                    Err(error) => {
                        assert_eq!(error.code(), "C0202");
                        rejected += 1;
                    }
                }
            }
            assert_eq!(fresh, 1);
            assert!(
                matches!((repeated, rejected), (47, 16) | (15, 48)),
                "{repeated} {rejected}"
            );
            assert_eq!(engine.cases(None, 10).await.unwrap().cases.len(), 1);
            engine.shutdown().await.unwrap();
        });
    }
}

#[test]
fn a_shutdown_waits_for_what_runs_and_loses_nothing() {
    for place in Place::both() {
        let slow = || {
            struct Slow;
            #[async_trait::async_trait]
            impl onething_runtime::Department for Slow {
                async fn handle(
                    &self,
                    request: StepRequest,
                ) -> Result<Reply, onething_runtime::HandlerError> {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    Ok(common::done(&request))
                }
            }
            Slow
        };
        let case = process(async {
            let engine = builder(place.open()).department("window", slow()).start();
            let (engine, _) = engine.await.unwrap();
            let case = engine.submit(application("k")).await.unwrap().case;
            while engine.case(case).await.unwrap().status == CaseStatus::Draft {
                tokio::task::yield_now().await;
            }
            let waits = {
                let engine = engine.clone();
                tokio::spawn(async move { engine.outcome(case).await })
            };
            // Let the slow call begin.
            tokio::time::sleep(Duration::from_millis(10)).await;
            let report = engine.shutdown().await.unwrap();
            assert_eq!((report.abandoned, report.open), (0, 1));
            let told = waits.await.unwrap().unwrap_err();
            assert!(
                matches!(&told, Error::Rejected(r) if r.code == "C0205"),
                "{told}"
            );
            case
        });
        process(async {
            let (engine, _) = builder(place.open()).start().await.unwrap();
            let words = words(&engine, case).await;
            assert!(
                words.contains(&"step-completed check".to_owned()),
                "{words:?}"
            );
            people(&engine).await;
            assert_eq!(engine.outcome(case).await.unwrap(), CaseStatus::Closed);
            let page = engine.work(&WorkFilter::default()).await.unwrap();
            assert!(page.items.is_empty());
        });
    }
}
