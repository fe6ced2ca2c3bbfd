//! What a draft tells its applicant of values that follow from others, and whose hand is on
//! record of what the applicant does.

mod common;

use std::sync::Arc;

use common::{Place, START, process};
use onething_engine::{CaseStatus, DurableRecord, EventKind};
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, Derivation, FieldType, Plan};
use onething_runtime::{
    Application, Draft, Engine, Error, Fields, Found, HandlerError, LookUpRequest, ManualClock,
    Origin,
};

/// A number of a division that does not exist (no county ends in 9999): it belongs to nobody.
const HER: &str = "119999199912310024";

/// The applicant gives a number of their own, from which their sex follows; the register has
/// the mother's, from which a date of birth follows.
fn plan() -> Arc<Plan> {
    let mut b = PlanBuilder::new("child");
    let own = b.typed_field("own", FieldType::IdentityNumber);
    let sex = b.derived_field("sex", Derivation::Sex, own);
    let book = b.field("book");
    let number = b.typed_field("number", FieldType::IdentityNumber);
    let born = b.derived_field("born", Derivation::DateOfBirth, number);
    let made = b.field("made");
    b.look_up("register", &[book], &[number]);
    b.step("check", Actor::Officer)
        .reads(own)
        .reads(sex)
        .reads(number)
        .reads(born)
        .writes(made);
    Arc::new(b.build())
}

struct Register;

#[async_trait::async_trait]
impl onething_runtime::Registry for Register {
    async fn look_up(&self, _: LookUpRequest) -> Result<Option<Found>, HandlerError> {
        let had = Fields::new().with("applicant.number", HER);
        Ok(Some(had.into()))
    }
}

async fn start(place: &Place) -> Engine {
    let engine = Engine::builder()
        .store(place.open())
        .plan(plan())
        .clock(ManualClock::at(START))
        .registry("register", Register);
    engine.start().await.unwrap().0
}

fn application(key: &str) -> Application {
    Application::new("child", key)
        .value("applicant.own", HER)
        .value("applicant.book", "B-1")
        .by("window-1")
}

fn kind_of(record: &DurableRecord) -> String {
    let event = serde_json::to_value(&record.event).unwrap();
    event["event"].as_str().unwrap().to_owned()
}

/// Each value that follows, from which field, and whether it is shown.
fn derived(draft: &Draft) -> Vec<String> {
    let told = draft.derived.iter().map(|known| {
        let Origin::Derived { from, .. } = &known.origin else {
            panic!("{known:?}");
        };
        let value = known.value.as_ref().and_then(|value| value.as_str());
        format!("{} from {from}: {}", known.field, value.unwrap_or("-"))
    });
    let mut told: Vec<_> = told.collect();
    told.sort_unstable();
    told
}

#[test]
fn a_draft_lists_what_follows_from_what_was_fetched_and_from_what_was_given() {
    process(async {
        let engine = start(&Place::both()[0]).await;
        // What is stated beside the number, and fits, is set aside.
        for (key, along, aside) in [
            ("plain", None, vec![]),
            (
                "fetched",
                Some(("applicant.born", "1999-12-31")),
                vec!["applicant.born"],
            ),
            (
                "given",
                Some(("applicant.sex", "female")),
                vec!["applicant.sex"],
            ),
        ] {
            let mut application = application(key);
            if let Some((field, value)) = along {
                application = application.value(field, value);
            }
            let case = engine.draft(application).await.unwrap().case;
            engine.idle().await.unwrap();
            let draft = engine.view_draft(case, "applicant").await.unwrap();
            assert_eq!(
                derived(&draft),
                [
                    "applicant.born from applicant.number: 1999-12-31",
                    "applicant.sex from applicant.own: -",
                ],
                "{key}"
            );
            let fetched: Vec<_> = draft
                .fetched
                .iter()
                .map(|one| one.field.to_string())
                .collect();
            assert_eq!(fetched, ["applicant.number"], "{key}");
            let set_aside: Vec<_> = draft.set_aside.iter().map(ToString::to_string).collect();
            assert_eq!(set_aside, aside, "{key}");
            assert!(
                draft.asked.iter().all(|item| item.given),
                "{:?}",
                draft.asked
            );
        }
        engine.shutdown().await.unwrap();
    });
}

/// Who filed, who handed in and who withdrew: the name is on the record of the act, and on
/// no record that follows of itself.
#[test]
fn the_record_names_whose_hand_it_was() {
    for place in Place::both() {
        process(async {
            let engine = start(&place).await;
            let by = async |case, kind: EventKind| -> Vec<Option<String>> {
                let lines = engine.history(case).await.unwrap();
                let of_kind = lines
                    .into_iter()
                    .filter(|line| kind_of(&line.record) == kind.as_str());
                let by = of_kind.map(|line| line.record.by.as_deref().map(str::to_owned));
                by.collect()
            };
            let name = |name: &str| vec![Some(name.to_owned())];
            let case = engine.draft(application("k")).await.unwrap().case;
            engine.idle().await.unwrap();
            assert_eq!(by(case, EventKind::CaseOpened).await, name("window-1"));
            let unseen = engine.hand_in(case, "apply", Fields::new(), Some("daughter"));
            assert_eq!(unseen.await.unwrap_err().code(), "C0114");
            engine.view_draft(case, "daughter").await.unwrap();
            assert_eq!(by(case, EventKind::DataRead).await, name("daughter"));
            let handed_in = engine.hand_in(case, "apply", Fields::new(), Some("daughter"));
            handed_in.await.unwrap();
            assert_eq!(by(case, EventKind::Submitted).await, name("daughter"));
            assert!(
                by(case, EventKind::StepDispatched)
                    .await
                    .iter()
                    .all(Option::is_none)
            );
            // There is no draft any more: what is said names the step that was handed in.
            let gone = engine.view_draft(case, "daughter").await.unwrap_err();
            assert_eq!(gone.code(), "C0104");
            engine.withdraw(case, "", Some("neighbour")).await.unwrap();
            assert_eq!(by(case, EventKind::CaseWithdrawn).await, name("neighbour"));
            // A draft that is complete hands itself in: whoever filed it did.
            let case = engine.submit(application("l")).await.unwrap().case;
            engine.idle().await.unwrap();
            assert_eq!(by(case, EventKind::Submitted).await, [None]);
            let confirmed = engine.draft(application("m")).await.unwrap().case;
            engine.idle().await.unwrap();
            engine.view_draft(confirmed, "mother").await.unwrap();
            let done = engine.confirm(confirmed, Fields::new(), Some("mother"));
            done.await.unwrap();
            assert_eq!(by(confirmed, EventKind::Submitted).await, name("mother"));
            let view = engine.case(confirmed).await.unwrap();
            assert_eq!(view.status, CaseStatus::Running);
            // Of an application that was turned away there never was a draft.
            let wrong = application("n").value("applicant.nonsense", "x");
            let Err(Error::NotAccepted { case, .. }) = engine.draft(wrong).await else {
                panic!("it was accepted");
            };
            let over = engine.view_draft(case, "mother").await.unwrap_err();
            assert_eq!(over.code(), "C0101");
            let over = engine.confirm(case, Fields::new(), None).await.unwrap_err();
            assert_eq!(over.code(), "C0101");
            engine.shutdown().await.unwrap();
        });
    }
}
