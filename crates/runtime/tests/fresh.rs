//! A draft that waited for so long that what registries had for it is too old.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use common::{Offices, Place, application, clock, hours, process, words};
use onething_engine::CaseStatus;
use onething_plan::Actor;
use onething_runtime::{
    Clock, Engine, Fields, Found, HandlerError, LookUpRequest, ManualClock, Registry,
};

/// Another owner every time it is asked.
#[derive(Clone, Default)]
struct Register(Arc<AtomicU32>);

#[async_trait]
impl Registry for Register {
    async fn look_up(&self, request: LookUpRequest) -> Result<Option<Found>, HandlerError> {
        let time = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        assert_eq!(request.effect.round, time, "each in a round of its own");
        Ok(Some(
            Fields::new().with("owner", format!("owner {time}")).into(),
        ))
    }
}

async fn start(place: &Place, clock: &ManualClock, register: &Register) -> Engine {
    let mut plan = Arc::unwrap_or_clone(common::plan());
    for step in &mut plan.steps {
        if let Actor::LookUp(item) = &mut step.actor {
            item.fresh = Some("12h".parse().unwrap());
        }
    }
    let (engine, _) = Engine::builder()
        .store(place.open())
        .plan(Arc::new(plan))
        .clock(clock.clone())
        .any_department(Offices::default())
        .registry("estate-register", register.clone())
        .start()
        .await
        .unwrap();
    engine
}

/// What the applicant is shown of the owner.
async fn owner(engine: &Engine, case: onething_model::CaseId) -> String {
    let draft = engine.view_draft(case, "applicant").await.unwrap();
    let value = draft.fetched[0].value.as_ref().unwrap();
    value.as_str().unwrap().to_owned()
}

#[test]
fn what_is_too_old_is_asked_again_and_shown_before_it_is_handed_in() {
    for place in Place::both() {
        let (clock, register) = (clock(), Register::default());
        let case = process(async {
            let engine = start(&place, &clock, &register).await;
            let case = engine.draft(application("k")).await.unwrap().case;
            engine.idle().await.unwrap();
            assert_eq!(owner(&engine, case).await, "owner 1");
            let fresh = engine.renew(case, None).await.unwrap_err();
            assert_eq!(fresh.code(), "C0113");
            clock.advance(hours(13));
            let late = engine.confirm(case, Fields::new(), Some("applicant"));
            assert_eq!(late.await.unwrap_err().code(), "C0112");
            engine.idle().await.unwrap();
            assert_eq!(engine.case(case).await.unwrap().status, CaseStatus::Draft);
            let unseen = engine.confirm(case, Fields::new(), Some("applicant"));
            assert_eq!(unseen.await.unwrap_err().code(), "C0114");
            assert_eq!(owner(&engine, case).await, "owner 2");
            case
        });
        // It is the same after a restart, and too old once more.
        process(async {
            let engine = start(&place, &clock, &register).await;
            let view = engine.case(case).await.unwrap();
            assert_eq!(view.awaiting.len(), 1, "{view:?}");
            assert_eq!(owner(&engine, case).await, "owner 2");
            clock.advance(hours(13));
            let late = engine.hand_in(case, "apply", Fields::new(), None);
            assert_eq!(late.await.unwrap_err().code(), "C0112");
            engine.idle().await.unwrap();
            assert_eq!(owner(&engine, case).await, "owner 3");
            // Whoever sees that it is too old need not try to hand it in.
            clock.advance(hours(13));
            engine.renew(case, Some("applicant")).await.unwrap();
            engine.idle().await.unwrap();
            assert_eq!(owner(&engine, case).await, "owner 4");
            let kept = engine.confirm(case, Fields::new(), Some("applicant"));
            kept.await.unwrap();
            engine.idle().await.unwrap();
            assert_eq!(register.0.load(Ordering::SeqCst), 4);
            let told = words(&engine, case).await;
            let renewed = told.iter().filter(|word| *word == "draft-renewed").count();
            assert_eq!(renewed, 3, "{told:?}");
            let known = engine.provenance(case, None).await.unwrap();
            let kept = known
                .iter()
                .find(|known| known.field.field.as_str() == "owner")
                .unwrap();
            assert_eq!(kept.since, clock.now());
            engine.shutdown().await.unwrap();
        });
    }
}
