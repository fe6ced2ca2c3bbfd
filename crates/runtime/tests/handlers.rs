//! Handlers that panic, hang, lie, answer twice or fail: an incident of one
//! step, and no other case notices.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use common::{
    EstateRegister, Offices, Place, START, application, builder, clock, done, people, process,
    seconds, single, words,
};
use onething_engine::{CaseStatus, StepStatus};
use onething_runtime::{
    Awaits, Clock, Department, Engine, Fields, Found, HandlerError, LookUpRequest, Registry, Reply,
    StartError, StepRequest, Whom, from_fn,
};
use onething_store::Store;

/// Behaves badly for case 1 at the first attempts, well for everybody else.
#[derive(Clone)]
struct Bad {
    how: &'static str,
    attempts: u32,
}

#[async_trait]
impl Department for Bad {
    async fn handle(&self, request: StepRequest) -> Result<Reply, HandlerError> {
        if request.effect.case.0 != 1 || request.attempt > self.attempts {
            return Ok(done(&request));
        }
        match self.how {
            "panics" => panic!("a bug in the department's adapter"),
            "panics later" => {
                tokio::task::yield_now().await;
                panic!("a bug in the department's adapter")
            }
            "hangs" => std::future::pending().await,
            "fails" => Err(HandlerError::transient("connection refused")),
            "fails for good" => Err(HandlerError::permanent("no such office")),
            "leaves out" => Ok(Reply::Done(Fields::new())),
            "adds" => Ok(Reply::Done(
                Fields::new()
                    .with("applicant.checked", "x")
                    .with("applicant.paper", "forged"),
            )),
            "invents" => Ok(Reply::Done(Fields::new().with("applicant.nonsense", "x"))),
            "mistypes" => Ok(Reply::Done(Fields::new().with("applicant.checked", 7))),
            other => unreachable!("{other}"),
        }
    }
}

#[test]
fn a_bad_handler_is_an_incident_and_no_other_case_notices() {
    // (how, retried first, what the incident says)
    let table = [
        ("panics", true, "the handler panicked"),
        ("panics later", true, "the handler panicked"),
        ("hangs", true, "no answer within 30s"),
        ("fails", true, "connection refused"),
        ("fails for good", false, "no such office"),
        ("leaves out", false, "applicant.checked"),
        ("adds", false, "applicant.paper"),
        ("invents", false, "applicant.nonsense"),
        ("mistypes", false, "is not a text"),
    ];
    for (how, retried, says) in table {
        for place in Place::both() {
            single(async {
                let clock = clock();
                let engine = builder(place.open())
                    .department("window", Bad { how, attempts: 5 })
                    .timeout("window", seconds(30))
                    .clock(clock.clone())
                    .start();
                let (engine, _) = engine.await.unwrap();
                let case = engine.submit(application("bad")).await.unwrap().case;
                let good = engine.submit(application("good")).await.unwrap().case;
                // Time passes: timeouts and retries come due.
                while engine.incidents(None, 9).await.unwrap().is_empty() {
                    tokio::time::sleep(Duration::from_micros(200)).await;
                    if let Some(at) = clock.next_wake() {
                        clock.advance_to(at);
                    }
                }
                let incidents = engine.incidents(None, 9).await.unwrap();
                assert_eq!(incidents.len(), 1, "{how}");
                assert_eq!(incidents[0].effect.to_string(), "1/check/1");
                assert!(
                    incidents[0].reason.contains(says),
                    "{how}: {}",
                    incidents[0].reason
                );
                let records = words(&engine, case).await;
                let failed = records.iter().filter(|w| *w == "step-failed check").count();
                assert_eq!(failed, if retried { 4 } else { 0 }, "{how}: {records:?}");
                let view = engine.case(case).await.unwrap();
                let stuck = view.steps.iter().find(|step| step.step.as_str() == "check");
                assert_eq!(stuck.unwrap().status, StepStatus::Stuck);
                assert!(matches!(view.awaiting[0].what, Awaits::Incident { .. }));

                people(&engine).await;
                assert_eq!(engine.outcome(good).await.unwrap(), CaseStatus::Closed);
                engine.shutdown().await.unwrap();
            });
            // Somebody mended it and tries again: after a restart, too.
            process(async {
                let (engine, _) = builder(place.open()).start().await.unwrap();
                let incidents = engine.incidents(None, 9).await.unwrap();
                assert_eq!(incidents.len(), 1, "{how}");
                assert!(incidents[0].reason.contains(says), "{how}");
                let effect = &incidents[0].effect;
                let by = Some("operator");
                engine
                    .retry(effect.case, effect.step.as_str(), by)
                    .await
                    .unwrap();
                assert!(engine.incidents(None, 9).await.unwrap().is_empty());
                people(&engine).await;
                assert_eq!(
                    engine.outcome(effect.case).await.unwrap(),
                    CaseStatus::Closed
                );
                engine.shutdown().await.unwrap();
            });
        }
    }
}

#[test]
fn retries_wait_twice_as_long_each_time_by_the_engines_clock() {
    single(async {
        let clock = clock();
        let (engine, _) = builder(Store::in_memory())
            .department(
                "window",
                Bad {
                    how: "fails",
                    attempts: 3,
                },
            )
            .clock(clock.clone())
            .start()
            .await
            .unwrap();
        let case = engine.submit(application("k")).await.unwrap().case;
        let mut waits = Vec::new();
        loop {
            engine.idle().await.unwrap();
            let view = engine.case(case).await.unwrap();
            let retry = view.awaiting.iter().find_map(|awaited| match awaited.what {
                Awaits::Retry { at } => Some((at, &awaited.of)),
                _ => None,
            });
            let Some((at, of)) = retry else { break };
            assert_eq!(of, &Whom::Time);
            waits.push((at - clock.now()).0 / seconds(1).0);
            // A moment before nothing happens.
            clock.advance_to(onething_model::Timestamp(at.0 - 1));
            engine.idle().await.unwrap();
            assert_eq!(engine.case(case).await.unwrap().seq, view.seq);
            clock.advance_to(at);
        }
        assert_eq!(waits, [1, 2, 4]);
        let lines = engine.history(case).await.unwrap();
        let completed = lines
            .iter()
            .find(|line| {
                matches!(&line.record.event,
                    onething_engine::Event::StepCompleted { step, .. } if step.as_str() == "check")
            })
            .unwrap();
        assert_eq!(completed.record.at, START + seconds(7));
        engine.shutdown().await.unwrap();
    });
}

#[test]
fn a_retry_that_was_due_during_a_stop_is_made_at_the_start() {
    for place in Place::both() {
        single(async {
            let (engine, _) = builder(place.open())
                .department(
                    "window",
                    Bad {
                        how: "fails",
                        attempts: 1,
                    },
                )
                .clock(clock())
                .start()
                .await
                .unwrap();
            engine.submit(application("k")).await.unwrap();
            engine.idle().await.unwrap();
            engine.shutdown().await.unwrap();
        });
        single(async {
            let clock = clock();
            let (engine, _) = builder(place.open())
                .clock(clock.clone())
                .start()
                .await
                .unwrap();
            engine.idle().await.unwrap();
            let case = onething_model::CaseId(1);
            let waits = |view: onething_runtime::CaseView| {
                matches!(view.awaiting[0].what, Awaits::Retry { .. })
            };
            assert!(waits(engine.case(case).await.unwrap()));
            clock.advance(seconds(1));
            engine.idle().await.unwrap();
            assert!(!waits(engine.case(case).await.unwrap()));
            people(&engine).await;
            assert_eq!(engine.outcome(case).await.unwrap(), CaseStatus::Closed);
            engine.shutdown().await.unwrap();
        });
    }
}

/// Counts how many calls run at once.
#[derive(Clone, Default)]
struct Crowded {
    running: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

#[async_trait]
impl Department for Crowded {
    async fn handle(&self, request: StepRequest) -> Result<Reply, HandlerError> {
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(running, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(1)).await;
        self.running.fetch_sub(1, Ordering::SeqCst);
        Ok(done(&request))
    }
}

#[test]
fn a_department_is_called_only_so_often_at_once_and_everybody_gets_a_turn() {
    process(async {
        let crowded = Crowded::default();
        let (engine, _) = builder(Store::in_memory())
            .department("window", crowded.clone())
            .concurrency("window", 3)
            .start()
            .await
            .unwrap();
        let mut cases = Vec::new();
        for number in 0..60 {
            let key = format!("k-{number}");
            cases.push(engine.submit(application(&key)).await.unwrap().case);
        }
        people(&engine).await;
        for case in cases {
            assert_eq!(engine.outcome(case).await.unwrap(), CaseStatus::Closed);
        }
        assert_eq!(crowded.most.load(Ordering::SeqCst), 3);
        engine.shutdown().await.unwrap();
    });
}

#[test]
fn a_department_that_blocks_holds_nobody_up() {
    single(async {
        let (open, gate) = std::sync::mpsc::channel::<()>();
        let gate = std::sync::Mutex::new(gate);
        let fire = onething_runtime::from_blocking_fn(move |request: StepRequest| {
            if request.effect.case.0 == 2 {
                panic!("a bug in the department's adapter");
            }
            // Blocks its thread until the test lets go.
            gate.lock().unwrap().recv().unwrap();
            Ok(done(&request))
        });
        let clock = clock();
        let (engine, _) = builder(Store::in_memory())
            .department("fire", fire)
            .clock(clock.clone())
            .start()
            .await
            .unwrap();
        let case = engine.submit(application("k-1")).await.unwrap().case;
        // One thread, and another case runs to the point where only fire is awaited.
        let other = engine.submit(application("k-2")).await.unwrap().case;
        let failed = "step-failed fire-check".to_owned();
        while !words(&engine, other).await.contains(&failed) {
            tokio::task::yield_now().await;
        }
        engine.withdraw(other, "", None).await.unwrap();
        open.send(()).unwrap();
        people(&engine).await;
        assert_eq!(engine.outcome(case).await.unwrap(), CaseStatus::Closed);
        engine.shutdown().await.unwrap();
    });
}

#[test]
fn a_paused_engine_shows_and_takes_decisions_and_calls_nobody() {
    for place in Place::both() {
        let case = process(async {
            let (engine, _) = builder(place.open()).start().await.unwrap();
            let case = engine.submit(application("k")).await.unwrap().case;
            engine.idle().await.unwrap();
            engine.shutdown().await.unwrap();
            case
        });
        process(async {
            let paused = Engine::builder()
                .store(place.open())
                .plan(common::plan())
                .paused()
                .start();
            let (engine, report) = paused.await.unwrap();
            assert_eq!(report.to_string(), "11 records, 1 open cases");
            let page = engine.work(&Default::default()).await.unwrap();
            let values = common::filled(&page.items[0].form);
            engine
                .complete(&page.items[0].effect, values, None)
                .await
                .unwrap();
            engine.idle().await.unwrap();
            let view = engine.case(case).await.unwrap();
            assert_eq!(view.awaiting[0].effect.step.as_str(), "issue");
            let plan = engine.plan_of(case).await.unwrap();
            assert_eq!(plan.digest, view.definition);
            engine.shutdown().await.unwrap();
        });
        process(async {
            let (engine, _) = builder(place.open()).start().await.unwrap();
            people(&engine).await;
            assert_eq!(engine.outcome(case).await.unwrap(), CaseStatus::Closed);
            engine.shutdown().await.unwrap();
        });
    }
}

#[test]
fn a_department_sees_what_its_step_reads_and_nothing_else() {
    process(async {
        let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
        let noted = seen.clone();
        let fire = from_fn(move |request: StepRequest| {
            noted.lock().unwrap().push(request.clone());
            Ok(done(&request))
        });
        let (engine, _) = builder(Store::in_memory())
            .department("fire", fire)
            .start()
            .await
            .unwrap();
        engine.submit(application("k")).await.unwrap();
        engine.idle().await.unwrap();
        let seen = std::mem::take(&mut *seen.lock().unwrap());
        let [request] = &seen[..] else {
            panic!("{seen:?}")
        };
        let input: Vec<_> = request
            .input
            .iter()
            .map(|(name, _)| name.to_string())
            .collect();
        assert_eq!(input, ["applicant.owner", "applicant.checked"]);
        assert_eq!(request.input.text("applicant.owner"), Some("owner of E-17"));
        assert_eq!(request.effect.to_string(), "1/fire-check/1");
        assert_eq!(request.department.as_str(), "fire");
        assert_eq!(request.wanted.len(), 1);
        engine.shutdown().await.unwrap();
    });
}

/// Has what it is told to have.
struct Registered(&'static str);

#[async_trait]
impl Registry for Registered {
    async fn look_up(&self, request: LookUpRequest) -> Result<Option<Found>, HandlerError> {
        assert_eq!(request.registry.as_str(), "estate-register");
        assert_eq!(request.role.as_str(), "applicant");
        assert_eq!(request.keys.len(), 1);
        match self.0 {
            "nothing" => Ok(None),
            "another" => Ok(Some(Fields::new().with("colour", "red").into())),
            "null" => Ok(Some(
                Fields::new().with("owner", serde_json::Value::Null).into(),
            )),
            "full name" => Ok(Some(Fields::new().with("applicant.owner", "Han").into())),
            "wrong" => Ok(Some(Fields::new().with("owner", 5).into())),
            "down" => Err(HandlerError::permanent("closed on Mondays")),
            "panic" => panic!("a bug in the adapter"),
            other => unreachable!("{other}"),
        }
    }
}

#[test]
fn what_a_registry_does_not_have_is_asked_of_the_applicant() {
    // (what it has, what the case comes to wait for)
    let table = [
        ("nothing", "apply"),
        ("another", "apply"),
        ("null", "apply"),
        ("full name", "review"),
        ("wrong", "estate-register: the answer breaks the contract"),
        ("down", "estate-register: closed on Mondays"),
    ];
    for (has, expected) in table {
        process(async {
            let (engine, _) = builder(Store::in_memory())
                .registry("estate-register", Registered(has))
                .start()
                .await
                .unwrap();
            let case = engine.submit(application("k")).await.unwrap().case;
            engine.idle().await.unwrap();
            let view = engine.case(case).await.unwrap();
            let [awaited] = &view.awaiting[..] else {
                panic!("{has}: {view:?}")
            };
            let step = awaited.effect.step.as_str();
            match &awaited.what {
                Awaits::Incident { reason } => {
                    let told = format!("{step}: {reason}");
                    assert!(told.starts_with(expected), "{has}: {told}");
                    assert_eq!(view.status, CaseStatus::Draft);
                }
                Awaits::Submission { form } => {
                    assert_eq!(step, expected, "{has}");
                    // What the applicant gave is not asked again.
                    let open: Vec<_> = form.iter().map(|item| item.field.to_string()).collect();
                    assert!(open.contains(&"applicant.owner".to_owned()), "{open:?}");
                    let wrong = Fields::new().with("applicant.owner", 7);
                    let error = engine.hand_in(case, step, wrong, None).await.unwrap_err();
                    assert_eq!(error.code(), "C0108");
                    let owner = Fields::new().with("applicant.owner", "Mei");
                    engine.hand_in(case, step, owner, None).await.unwrap();
                    people(&engine).await;
                    assert_eq!(engine.outcome(case).await.unwrap(), CaseStatus::Closed);
                }
                Awaits::Work => assert_eq!(step, expected, "{has}"),
                other => panic!("{has}: {other:?}"),
            }
            engine.shutdown().await.unwrap();
        });
    }
}

#[test]
fn a_missing_handler_is_seen_at_the_start() {
    process(async {
        let start = Engine::builder()
            .store(Store::in_memory())
            .plan(common::plan())
            .department("market", Offices::default())
            .start();
        let Err(StartError::NoHandler { missing, .. }) = start.await else {
            panic!("it started");
        };
        assert_eq!(
            missing,
            [
                "department `fire`",
                "department `window`",
                "registry `estate-register`",
            ]
        );
        let twice = builder(Store::in_memory())
            .plan(common::plan())
            .start()
            .await;
        assert!(matches!(twice, Err(StartError::Twice { .. })));
        let nowhere = Engine::builder()
            .registry("estate-register", EstateRegister)
            .start();
        assert!(matches!(nowhere.await, Err(StartError::NoStore)));
    });
}

#[test]
fn an_answer_that_comes_too_late_changes_nothing() {
    process(async {
        let gate = Arc::new(tokio::sync::Notify::new());
        struct Gated(Arc<tokio::sync::Notify>);
        #[async_trait]
        impl Department for Gated {
            async fn handle(&self, request: StepRequest) -> Result<Reply, HandlerError> {
                self.0.notified().await;
                Ok(done(&request))
            }
        }
        let (engine, _) = builder(Store::in_memory())
            .department("window", Gated(gate.clone()))
            .start()
            .await
            .unwrap();
        let case = engine.submit(application("k")).await.unwrap().case;
        while engine.case(case).await.unwrap().status == CaseStatus::Draft {
            tokio::task::yield_now().await;
        }
        // The department answers by the side door while its handler still runs.
        let effect = "1/check/1".parse().unwrap();
        let values = Fields::new().with("applicant.checked", "by phone");
        engine
            .complete(&effect, values, Some("clerk"))
            .await
            .unwrap();
        gate.notify_one();
        engine.idle().await.unwrap();
        let records = words(&engine, case).await;
        let completed = records
            .iter()
            .filter(|w| *w == "step-completed check")
            .count();
        assert_eq!(completed, 1);
        // And one that comes after the case is over.
        let other = engine.submit(application("k-2")).await.unwrap().case;
        while engine.case(other).await.unwrap().status == CaseStatus::Draft {
            tokio::task::yield_now().await;
        }
        engine
            .withdraw(other, "moved away", Some("applicant"))
            .await
            .unwrap();
        gate.notify_one();
        engine.idle().await.unwrap();
        assert_eq!(engine.outcome(other).await.unwrap(), CaseStatus::Withdrawn);
        assert_eq!(
            words(&engine, other).await.last().unwrap(),
            "case-withdrawn"
        );
        engine.shutdown().await.unwrap();
    });
}
