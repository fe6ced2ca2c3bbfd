//! What people see at the window: where each value comes from, and what an application
//! that is to be accepted has.

mod common;

use std::sync::{Arc, Mutex};

use common::{Place, process};
use onething_engine::{EffectId, Event};
use onething_model::Timestamp;
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, Grant, Sensitivity};
use onething_runtime::{
    Application, Engine, Fields, Found, HandlerError, LookUpRequest, ManualClock, Origin, Reply,
    StepRequest, WorkFilter, from_fn,
};

fn application(key: &str) -> Application {
    Application::new("canary", key)
        .value("applicant.id", "ID-1")
        .value("applicant.phone", "13900007777")
}

struct Register;

#[async_trait::async_trait]
impl onething_runtime::Registry for Register {
    async fn look_up(&self, _: LookUpRequest) -> Result<Option<Found>, HandlerError> {
        Ok(Some(
            Fields::new()
                .with("applicant.name", "a name")
                .with("applicant.size", "large")
                .into(),
        ))
    }
}

/// Who accepts an application looks whether it is complete: every field of the form and
/// all that was fetched for it by name and origin, what is missing, and the values only
/// as far as they are public or granted, each reading on its one grant.
#[test]
fn who_accepts_sees_what_is_there_and_the_values_that_are_granted() {
    let grant = |to: &str, purpose: &str| Grant {
        to: to.parse().unwrap(),
        purpose: purpose.to_owned(),
        basis: "sample law".to_owned(),
    };
    let plan = |by: Actor, purposes: &[&str]| {
        let mut b = PlanBuilder::new("canary");
        let fire = b.department("fire");
        let [id, phone, name, size, note] =
            ["id", "phone", "name", "size", "note"].map(|field| b.field(field));
        b.look_up("population-register", &[id], &[name, size]);
        let accept = b.step("accept", by).number();
        let done = b.field("done");
        b.step("visit", Actor::Officer)
            .reads(phone)
            .reads(name)
            .reads(size)
            .with(|step| {
                step.reads.push(onething_plan::Read {
                    field: note,
                    optional: true,
                    grant: None,
                });
            })
            .writes(done)
            .department(fire);
        let plan = b.plan_mut();
        for field in [id, phone, name] {
            plan.fields[field.index()].sensitivity = Sensitivity::Personal;
        }
        let [one, other] = ["acceptance", "notices"].map(|purpose| grant("window", purpose));
        plan.fields[phone.index()].grants = vec![grant("fire", "fire checks"), one.clone()];
        plan.fields[name.index()].grants = vec![one, grant("fire", "fire checks"), other];
        plan.steps[accept.index()].department = Some(plan.owner);
        plan.steps[accept.index()].purposes = purposes.iter().map(|p| (*p).to_owned()).collect();
        // The identity number is granted as well, but asked for the registry's sake.
        plan.fields[id.index()].grants = vec![grant("window", "acceptance")];
        let apply = plan.steps[accept.index()].scope;
        for field in [phone, name] {
            plan.steps[apply.index()].reads.push(onething_plan::Read {
                field,
                optional: false,
                grant: None,
            });
        }
        let Actor::Submission(submission) = &mut plan.steps[apply.index()].actor else {
            panic!("the scope is not the application");
        };
        submission.accepted_by = Some(accept);
        Arc::new(b.build())
    };
    // Who accepts, and for what; what is shown of the personal fields.
    let table: [(Actor, &[&str], &[&str]); 4] = [
        // On the name there are two grants, and nothing says which.
        (Actor::Officer, &[], &["applicant.phone"]),
        (
            Actor::Officer,
            &["acceptance"],
            &["applicant.phone", "applicant.name"],
        ),
        (Actor::Officer, &["notices"], &["applicant.name"]),
        (Actor::Outside, &["fire checks"], &[]),
    ];
    for (by, purposes, personal) in table {
        process(async {
            let (engine, _) = Engine::builder()
                .store(Place::both()[0].open())
                .plan(plan(by, purposes))
                .any_department(from_fn(|_: StepRequest| Ok(Reply::Pending)))
                .registry("population-register", Register)
                .start()
                .await
                .unwrap();
            let case = engine.submit(application("k")).await.unwrap().case;
            engine.idle().await.unwrap();
            let effect: EffectId = format!("{case}/accept/1").parse().unwrap();
            let row = engine.work(&WorkFilter::default()).await.unwrap();
            let listed: Vec<_> = row.items[0].input.iter().map(|(name, _)| &**name).collect();
            assert_eq!(listed, ["applicant.size"], "the list shows what is public");
            let item = engine.open_work(&effect, "clerk-1").await.unwrap();
            assert!(item.accepts && item.form.is_empty());
            let origins: Vec<(String, String, bool)> = item
                .known
                .iter()
                .map(|known| {
                    let origin = match &known.origin {
                        Origin::Applicant { step } => step.to_string(),
                        Origin::Registry { registry } => registry.to_string(),
                        other => panic!("{other:?}"),
                    };
                    (known.field.to_string(), origin, known.value.is_some())
                })
                .collect();
            let row = |name: &str, from: &str| {
                let shown = name == "applicant.size" || personal.contains(&name);
                (name.to_owned(), from.to_owned(), shown)
            };
            let register = "population-register";
            let expected = [
                row("applicant.id", "apply"),
                row("applicant.phone", "apply"),
                row("applicant.name", register),
                row("applicant.size", register),
            ];
            assert_eq!(origins, expected);
            let missing: Vec<_> = item.missing.iter().map(|m| m.field.to_string()).collect();
            assert_eq!(missing, ["applicant.note"]);
            assert!(item.missing[0].optional);
            let lines = engine.history(case).await.unwrap();
            let read: Vec<(String, String)> = lines
                .iter()
                .filter_map(|line| match &line.record.event {
                    Event::DataRead { step, reads } if step.as_str() == "accept" => Some(reads),
                    _ => None,
                })
                .flatten()
                .map(|read| (read.field.to_string(), read.purpose.clone()))
                .collect();
            let purpose = purposes.first().unwrap_or(&"acceptance");
            let shown = personal.iter();
            let shown: Vec<(String, String)> = shown
                .map(|field| ((*field).to_owned(), (*purpose).to_owned()))
                .collect();
            assert_eq!(
                read, shown,
                "what is shown is on record with what for, and nothing else"
            );
            // Acceptance lets the department's step begin, which sees what is its own.
            engine
                .complete(&effect, Fields::new(), Some("clerk-1"))
                .await
                .unwrap();
            engine.idle().await.unwrap();
            let effect: EffectId = format!("{case}/visit/1").parse().unwrap();
            let item = engine.open_work(&effect, "officer-9").await.unwrap();
            assert!(!item.accepts);
            assert_eq!(item.missing[0].field.to_string(), "applicant.note");
            engine.shutdown().await.unwrap();
        });
    }
    // A system that accepts gets nothing that no step says.
    process(async {
        let asked = Arc::new(Mutex::new(None));
        let seen = asked.clone();
        let system = from_fn(move |request: StepRequest| {
            *seen.lock().unwrap() = Some(request.input.len());
            Ok(Reply::Done(Fields::new()))
        });
        let (engine, _) = Engine::builder()
            .store(Place::both()[0].open())
            .plan(plan(Actor::System, &[]))
            .any_department(system)
            .registry("population-register", Register)
            .start()
            .await
            .unwrap();
        engine.submit(application("k")).await.unwrap();
        engine.idle().await.unwrap();
        assert_eq!(*asked.lock().unwrap(), Some(0));
        engine.shutdown().await.unwrap();
    });
}

/// Keeps since when an entry is valid, and of the size since when that is.
struct Dated;

#[async_trait::async_trait]
impl onething_runtime::Registry for Dated {
    async fn look_up(&self, request: LookUpRequest) -> Result<Option<Found>, HandlerError> {
        let size = Fields::new().with("size", "large");
        Ok(Some(match request.registry.as_str() {
            "dated" => Found::from(size.with("name", "a name"))
                .valid_since(Timestamp(100))
                .field_valid_since("size", Timestamp(200))
                // What is not there has no date either.
                .field_valid_since("seats", Timestamp(300)),
            _ => Fields::new().with("seats", "40").into(),
        }))
    }
}

/// Since when a value is valid, by its origin: as the registry says, else since it
/// answered; since the department decided; since the applicant stated it.
#[test]
fn every_value_says_since_when_it_is_valid() {
    let mut b = PlanBuilder::new("canary");
    let [id, phone, name, size, seats] =
        ["id", "phone", "name", "size", "seats"].map(|field| b.field(field));
    b.look_up("dated", &[id], &[name, size]);
    b.look_up("undated", &[id], &[seats]);
    let decision = b.field("decision");
    b.step("review", Actor::Officer)
        .reads(phone)
        .reads(name)
        .reads(size)
        .reads(seats)
        .writes(decision);
    b.step("archive", Actor::Officer).reads(decision);
    let plan = Arc::new(b.build());
    let place = Place::both();
    for place in place {
        process(async {
            let clock = ManualClock::at(Timestamp::from_millis(1_000));
            let start = async || {
                let engine = Engine::builder()
                    .store(place.open())
                    .plan(plan.clone())
                    .any_department(from_fn(|_: StepRequest| Ok(Reply::Pending)))
                    .any_registry(Dated)
                    .clock(clock.clone())
                    .start();
                engine.await.unwrap().0
            };
            let engine = start().await;
            let case = engine.draft(application("k")).await.unwrap().case;
            engine.idle().await.unwrap();
            engine.view_draft(case, "applicant").await.unwrap();
            // Stated is what is handed in, not what lies in a draft.
            clock.advance_to(Timestamp::from_millis(2_000));
            engine
                .confirm(case, Fields::new(), Some("applicant"))
                .await
                .unwrap();
            clock.advance_to(Timestamp::from_millis(3_000));
            let review: EffectId = format!("{case}/review/1").parse().unwrap();
            let phone = ["applicant.phone"];
            engine
                .request_supplement(&review, "wrong number", &phone, Some("o"))
                .await
                .unwrap();
            clock.advance_to(Timestamp::from_millis(4_000));
            let values = Fields::new().with("applicant.phone", "13900001111");
            engine.hand_in(case, "review", values, None).await.unwrap();
            clock.advance_to(Timestamp::from_millis(5_000));
            let review: EffectId = format!("{case}/review/2").parse().unwrap();
            let values = Fields::new().with("applicant.decision", "granted");
            engine.complete(&review, values, Some("o")).await.unwrap();
            let micros = |millis| Timestamp::from_millis(millis).0;
            let expected = [
                ("applicant.id", micros(2_000), micros(2_000)),
                ("applicant.phone", micros(4_000), micros(4_000)),
                ("applicant.name", micros(1_000), 100),
                ("applicant.size", micros(1_000), 200),
                ("applicant.seats", micros(1_000), micros(1_000)),
                ("applicant.decision", micros(5_000), micros(5_000)),
            ];
            let seen = async |engine: &Engine| {
                let known = engine.provenance(case, None).await.unwrap();
                let times: Vec<_> = known
                    .iter()
                    .map(|one| (one.field.to_string(), one.since.0, one.valid_since.0))
                    .collect();
                times
            };
            let expected = expected.map(|(name, since, valid)| (name.to_owned(), since, valid));
            assert_eq!(seen(&engine).await, expected);
            // At the window it is the same.
            let archive: EffectId = format!("{case}/archive/1").parse().unwrap();
            let item = engine.open_work(&archive, "o").await.unwrap();
            assert_eq!(item.known[0].valid_since, Timestamp::from_millis(5_000));
            engine.shutdown().await.unwrap();
            // And it is in the journal.
            let engine = start().await;
            assert_eq!(seen(&engine).await, expected);
            engine.shutdown().await.unwrap();
        });
    }
}
