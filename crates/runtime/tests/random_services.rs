//! Random services, with everything that people and systems can do, stopped
//! and started in between: what is read back is what there was.

mod common;

use async_trait::async_trait;
use common::{clock, filled, seconds, single};
use onething_engine::{CaseStatus, EffectId};
use onething_model::CaseId;
use onething_plan::random::{self, Dice};
use onething_plan::{Plan, sample};
use onething_runtime::{
    Application, Awaits, Department, Engine, Fields, Found, HandlerError, LookUpRequest,
    ManualClock, Registry, Reply, StepRequest, WorkFilter,
};
use onething_store::{MemoryStore, Position};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Answers as the effect's name and the attempt say: the same each time.
#[derive(Clone)]
struct Moody;

fn mood(effect: &EffectId, attempt: u32) -> usize {
    let text = format!("{effect}#{attempt}");
    let seed = text
        .bytes()
        .fold(7_u64, |sum, byte| sum.wrapping_mul(31) + u64::from(byte));
    Dice::new(seed).below(10)
}

#[async_trait]
impl Department for Moody {
    async fn handle(&self, request: StepRequest) -> Result<Reply, HandlerError> {
        match mood(&request.effect, request.attempt) {
            0 => Ok(Reply::Pending),
            1 => Err(HandlerError::transient("busy")),
            2 => Err(HandlerError::permanent("out of order")),
            3 => {
                let reason = "no".to_owned();
                Ok(Reply::Refused { reason })
            }
            _ => Ok(common::done(&request)),
        }
    }
}

#[async_trait]
impl Registry for Moody {
    async fn look_up(&self, request: LookUpRequest) -> Result<Option<Found>, HandlerError> {
        match mood(&request.effect, request.attempt) {
            0 | 1 => Err(HandlerError::transient("busy")),
            2..4 => Ok(None),
            _ => {
                let each = request
                    .wanted
                    .iter()
                    .map(|field| (field.to_string(), "found"));
                Ok(Some(each.collect::<Fields>().into()))
            }
        }
    }
}

async fn start(memory: &MemoryStore, plan: &Arc<Plan>, clock: &ManualClock) -> Engine {
    let (engine, report) = Engine::builder()
        .store(memory.open().0)
        .plan(plan.clone())
        .any_department(Moody)
        .any_registry(Moody)
        .clock(clock.clone())
        .start()
        .await
        .unwrap();
    assert_eq!(report.unreadable, []);
    engine.idle().await.unwrap();
    engine
}

/// One thing that somebody does about what is awaited.
async fn act(engine: &Engine, case: CaseId, dice: &mut Dice, clock: &ManualClock) {
    if dice.chance(3) {
        engine
            .withdraw(case, "changed my mind", Some("applicant"))
            .await
            .unwrap();
        return;
    }
    let view = engine.case(case).await.unwrap();
    let awaited = &view.awaiting[dice.below(view.awaiting.len())];
    let effect = &awaited.effect;
    let step = effect.step.as_str();
    match &awaited.what {
        Awaits::Work | Awaits::Answer { .. } => {
            let item = engine.open_work(effect, "officer").await.unwrap();
            match dice.below(8) {
                0 => drop(engine.refuse(effect, "no", Some("officer")).await.unwrap()),
                1 if !item.correctable.is_empty() => {
                    let asked = item.correctable[0].to_string();
                    // A matter that had its notice gets no second one.
                    let _ = engine
                        .request_supplement(effect, "unclear", &[&asked], None)
                        .await;
                }
                _ => drop(
                    engine
                        .complete(effect, filled(&item.form), None)
                        .await
                        .unwrap(),
                ),
            }
        }
        Awaits::Submission { form } | Awaits::Supplement { form, .. } | Awaits::Errand { form } => {
            engine
                .hand_in(case, step, filled(form), None)
                .await
                .unwrap();
        }
        Awaits::Retry { at } => clock.advance_to(*at),
        Awaits::Incident { .. } => {
            let _ = engine.retry(case, step, Some("operator")).await.unwrap();
        }
    }
    engine.idle().await.unwrap();
}

#[test]
fn what_is_read_back_is_what_there_was() {
    let mut ended = BTreeSet::new();
    let mut restarts = 0;
    for seed in 0..120 {
        let mut dice = Dice::new(seed);
        let plan = Arc::new(random::plan(seed));
        let memory = MemoryStore::new();
        let clock = clock();
        single(async {
            let mut engine = start(&memory, &plan, &clock).await;
            let mut application = Application::new("random", "k");
            for (question, answer) in plan.reference.iter() {
                let answer = serde_json::to_value(answer).unwrap();
                application = application.answer(plan.question(question).key.as_str(), answer);
            }
            for (field, value) in sample::application(&plan, &plan.reference) {
                application = application.value(plan.field(field).path.to_string(), value);
            }
            let case = match engine.submit(application).await {
                Ok(submitted) => submitted.case,
                // A plan with nothing to do for these answers.
                Err(error) => return assert_eq!(error.code(), "C0210", "{error}"),
            };
            engine.idle().await.unwrap();
            for _ in 0..60 {
                let before = engine.case(case).await.unwrap();
                if before.status.is_final() {
                    break;
                }
                if dice.chance(25) {
                    let list = engine.work(&WorkFilter::default()).await.unwrap();
                    let incidents = engine.incidents(None, 99).await.unwrap();
                    if dice.chance(50) {
                        engine.shutdown().await.unwrap();
                    }
                    engine = start(&memory, &plan, &clock).await;
                    let after = engine.case(case).await.unwrap();
                    // A call that was under way may have been made again, with no other outcome.
                    assert_eq!(format!("{before:?}"), format!("{after:?}"), "seed {seed}");
                    let again = engine.work(&WorkFilter::default()).await.unwrap();
                    assert_eq!(format!("{list:?}"), format!("{again:?}"), "seed {seed}");
                    let again = engine.incidents(None, 99).await.unwrap();
                    assert_eq!(
                        format!("{incidents:?}"),
                        format!("{again:?}"),
                        "seed {seed}"
                    );
                    restarts += 1;
                }
                act(&engine, case, &mut dice, &clock).await;
                clock.advance(seconds(1));
                engine.idle().await.unwrap();
            }
            let live = engine.case(case).await.unwrap();
            let history = engine.history(case).await.unwrap();
            assert_eq!(history.len() as u64, live.seq);
            let follow = engine.follow(Position::START).ready().unwrap();
            assert_eq!(follow.len(), history.len());
            ended.insert(format!("{:?}", live.status));
            engine.shutdown().await.unwrap();
            // An index that is made anew says the same.
            memory.open().0.index.clear().unwrap();
            let engine = start(&memory, &plan, &clock).await;
            let again = engine.case(case).await.unwrap();
            assert_eq!(format!("{live:?}"), format!("{again:?}"), "seed {seed}");
            if live.status != CaseStatus::Running && live.status != CaseStatus::Draft {
                assert_eq!(engine.status().open, 0);
            }
        });
    }
    assert!(restarts > 50, "only {restarts} restarts");
    assert!(ended.len() >= 3, "only {ended:?}");
}
