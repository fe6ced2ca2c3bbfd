//! What is personal is shown on a grant and on record, and nowhere else: not in
//! lists, logs, errors or what is printed for debugging.

mod common;

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use common::{Place, process, words};
use onething_engine::{CaseStatus, EffectId, Event};
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, Cond, Grant, GrantIx, Plan, Sensitivity};
use onething_runtime::{
    Application, Engine, Fields, Found, HandlerError, LookUpRequest, Origin, Reader, Reply,
    StepRequest, WorkFilter, from_fn,
};
use tracing::field::{Field, Visit};
use tracing::span;

/// Values that must be found nowhere, one per field that is personal.
const SECRETS: [&str; 3] = ["13900007777", "CANARY-NAME-7", "CANARY-MADE-9"];

/// Two steps read who applies; the market has a grant for the name and the
/// phone, the fire brigade for the name alone, though its step reads both.
fn plan() -> Arc<Plan> {
    let mut b = PlanBuilder::new("canary");
    let (market, fire) = (b.department("market"), b.department("fire"));
    let [id, phone, name, size] = ["id", "phone", "name", "size"].map(|field| b.field(field));
    b.look_up("population-register", &[id], &[name, size]);
    let (made, safe) = (b.field("made"), b.field("safe"));
    b.step("check", Actor::System)
        .reads(phone)
        .reads(name)
        .reads(size)
        .writes(made)
        .department(market);
    b.step("visit", Actor::Officer)
        .reads(phone)
        .reads(name)
        .reads(made)
        .writes(safe)
        .department(fire);
    for (field, to) in [
        (phone, &["market"][..]),
        (name, &["market", "fire"]),
        (made, &[]),
    ] {
        let item = &mut b.plan_mut().fields[field.index()];
        item.sensitivity = Sensitivity::Personal;
        item.grants = to
            .iter()
            .map(|to| Grant {
                to: to.parse().unwrap(),
                purpose: format!("{to} checks"),
                basis: "sample law".to_owned(),
            })
            .collect();
    }
    b.plan_mut().owner = market;
    Arc::new(b.build())
}

fn application(key: &str) -> Application {
    Application::new("canary", key)
        .value("applicant.id", "ID-1")
        .value("applicant.phone", SECRETS[0])
}

struct Register;

#[async_trait::async_trait]
impl onething_runtime::Registry for Register {
    async fn look_up(&self, _: LookUpRequest) -> Result<Option<Found>, HandlerError> {
        Ok(Some(
            Fields::new()
                .with("applicant.name", SECRETS[1])
                .with("applicant.size", "large")
                .into(),
        ))
    }
}

/// Fails once, quoting all that it was shown; then answers.
fn market() -> impl onething_runtime::Department {
    let failed = Mutex::new(false);
    from_fn(move |request: StepRequest| {
        let shown: Vec<String> = request
            .input
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut failed = failed.lock().unwrap();
        if !std::mem::replace(&mut *failed, true) {
            let reason = format!("cannot insert ({})", shown.join(", "));
            return Err(HandlerError::permanent(reason));
        }
        Ok(Reply::Done(
            Fields::new().with("applicant.made", SECRETS[2]),
        ))
    })
}

async fn start(place: &Place) -> Engine {
    let engine = Engine::builder()
        .store(place.open())
        .plan(plan())
        .department("market", market())
        .registry("population-register", Register)
        .start();
    engine.await.unwrap().0
}

/// Everything that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, "{field}={value:?} ");
    }
}

impl tracing::Subscriber for Log {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        let mut log = self.0.lock().unwrap();
        log.push_str(attributes.metadata().name());
        attributes.record(&mut Line(&mut log));
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut Line(&mut self.0.lock().unwrap()));
    }
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut log = self.0.lock().unwrap();
        event.record(&mut Line(&mut log));
        log.push('\n');
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[test]
fn no_log_list_error_or_debug_output_shows_what_is_personal() {
    let log = Log::default();
    tracing::subscriber::set_global_default(log.clone()).unwrap();
    for place in Place::both() {
        process(async {
            let engine = start(&place).await;
            let mut seen = String::new();
            let mut see = |thing: &dyn Debug| {
                let _ = writeln!(seen, "{thing:?}");
            };
            // Errors quote nothing of what was sent.
            let wrong = application("k-0").value("applicant.phone", SECRETS[1]);
            let error = engine.submit(wrong.clone()).await.unwrap_err();
            see(&wrong);
            see(&error);
            see(&error.to_string());
            let case = engine.submit(application("k-1")).await.unwrap().case;
            engine.idle().await.unwrap();
            // The system failed and quoted its input.
            let incidents = engine.incidents(None, 10).await.unwrap();
            assert!(incidents[0].reason.contains("cannot insert"));
            assert!(incidents[0].reason.contains("applicant.size=\"large\""));
            see(&incidents);
            engine.retry(case, "check", None).await.unwrap();
            engine.idle().await.unwrap();

            let page = engine.work(&WorkFilter::default()).await.unwrap();
            let item = &page.items[0];
            assert_eq!(item.input.len(), 0);
            assert_eq!(item.withheld.len(), 3);
            for (_, value) in item.input.iter() {
                see(value);
            }
            see(&page);
            let effect: EffectId = format!("{case}/visit/1").parse().unwrap();
            let many = Fields::new()
                .with("applicant.safe", SECRETS[0])
                .with("applicant.name", SECRETS[1]);
            see(&engine.complete(&effect, many, None).await.unwrap_err());
            see(&engine.case(case).await.unwrap());
            see(&engine.history(case).await.unwrap());
            see(&engine.awaiting(None, 10).await.unwrap());
            see(&engine.provenance(case, None).await.unwrap());
            let open = engine.open_work(&effect, "officer-9").await.unwrap();
            see(&open);
            let all = engine
                .follow(onething_store::Position::START)
                .ready()
                .unwrap();
            for followed in &all {
                see(followed);
                see(&followed.record().unwrap());
            }
            for secret in SECRETS {
                assert!(!seen.contains(secret), "{secret} in\n{seen}");
                let told = log.0.lock().unwrap();
                assert!(!told.contains(secret), "{secret} in the log\n{told}");
            }
            // They are there, where they belong.
            let kept = |bytes: &[u8], secret: &str| String::from_utf8_lossy(bytes).contains(secret);
            for secret in SECRETS {
                assert!(all.iter().any(|one| kept(&one.bytes, secret)), "{secret}");
            }
            engine.shutdown().await.unwrap();
        });
    }
    assert!(log.0.lock().unwrap().contains("a handler failed"));
}

#[test]
fn a_step_gets_what_is_granted_though_it_reads_more() {
    process(async {
        let engine = start(&Place::both()[0]).await;
        let case = engine.submit(application("k")).await.unwrap().case;
        engine.idle().await.unwrap();
        engine.retry(case, "check", None).await.unwrap();
        engine.idle().await.unwrap();
        let effect: EffectId = format!("{case}/visit/1").parse().unwrap();
        let item = engine.open_work(&effect, "officer-9").await.unwrap();
        let shown: Vec<_> = item.input.iter().map(|(name, _)| &**name).collect();
        assert_eq!(shown, ["applicant.name"]);
        let withheld: Vec<_> = item.withheld.iter().map(ToString::to_string).collect();
        assert_eq!(withheld, ["applicant.phone", "applicant.made"]);
        let lines = engine.history(case).await.unwrap();
        let last = &lines.last().unwrap().record;
        let Event::DataRead { reads, .. } = &last.event else {
            panic!("{last:?}");
        };
        assert_eq!(reads.len(), 1);
        assert_eq!(reads[0].purpose, "fire checks");
        assert_eq!(last.by.as_deref(), Some("officer-9"));
        engine.shutdown().await.unwrap();
    });
}

/// Officers and the applicant write what the case holds, and a number that it does not hold.
#[test]
fn reasons_are_told_to_the_applicant_as_written_and_to_others_without_what_is_personal() {
    for place in Place::both() {
        process(async {
            let engine = start(&place).await;
            let case = engine.submit(application("k")).await.unwrap().case;
            engine.idle().await.unwrap();
            engine.retry(case, "check", None).await.unwrap();
            engine.idle().await.unwrap();
            let effect: EffectId = format!("{case}/visit/1").parse().unwrap();
            let reason = format!("{} 未接电话 {}，配偶 13812345678", SECRETS[1], SECRETS[0]);
            let veiled = "▇▇ 未接电话 ▇▇，配偶 ▇▇";
            let fields = ["applicant.phone"];
            let asked = engine.request_supplement(&effect, &reason, &fields, Some("officer-9"));
            asked.await.unwrap();
            let notice = |view: &onething_runtime::CaseView| {
                let mut awaiting = view.awaiting.iter();
                awaiting.find_map(|one| match &one.what {
                    onething_runtime::Awaits::Supplement { reason, .. } => Some(reason.to_string()),
                    _ => None,
                })
            };
            let everybody = engine.case(case).await.unwrap();
            assert_eq!(notice(&everybody).unwrap(), veiled);
            let listed = engine.awaiting(None, 10).await.unwrap();
            assert_eq!(
                format!("{listed:?}").matches(veiled).count(),
                1,
                "{listed:?}"
            );
            let before = engine.history(case).await.unwrap().len();
            let unnamed = engine.case_for_applicant(case, " ").await.unwrap_err();
            assert_eq!(unnamed.code(), "C0214");
            let applicant = engine.story_for_applicant(case, "helper").await.unwrap();
            assert_eq!(notice(&applicant.view).unwrap(), reason);
            // Before it is shown, who read what is on record.
            let kept = engine.history(case).await.unwrap();
            let [look] = &kept[before..] else {
                panic!("{kept:?}");
            };
            assert_eq!(look.record.by.as_deref(), Some("helper"));
            assert!(
                matches!(&look.record.event, Event::CaseRead { department: None, reads }
                if reads.len() == 2),
                "{look:?}"
            );

            let told = applicant.story;
            // Another phone; what it was before is personal still.
            let another = Fields::new().with("applicant.phone", "13900008888");
            engine
                .hand_in(case, "visit", another, Some("applicant"))
                .await
                .unwrap();
            engine
                .withdraw(case, &reason, Some("applicant"))
                .await
                .unwrap();
            let said = |lines: &[onething_runtime::HistoryLine]| -> Vec<String> {
                let reasons = lines.iter().filter_map(|line| match &line.record.event {
                    Event::SupplementRequested { reason, .. } | Event::CaseWithdrawn { reason } => {
                        Some(reason.clone())
                    }
                    _ => None,
                });
                reasons.collect()
            };
            assert_eq!(said(&told), [reason.as_str()]);
            // So it is while the case is in memory, and when it is read back.
            for _ in 0..2 {
                let story = engine.story(case).await.unwrap();
                assert_eq!(said(&story), [veiled, veiled]);
                // Whoever was refused, or withdrew, has a right to the reasons, on record; the
                // case is over once for all that.
                let over = engine.story_for_applicant(case, "helper").await.unwrap();
                assert_eq!(said(&over.story), [reason.as_str(), &reason]);
                assert_eq!(engine.status().open, 0);
                engine.cases(None, 0).await.unwrap();
            }
            // The journal keeps what was said.
            let kept = engine.history(case).await.unwrap();
            assert_eq!(said(&kept), [reason.as_str(), &reason]);
            let ended = kept
                .iter()
                .position(|line| matches!(line.record.event, Event::CaseWithdrawn { .. }));
            let after = &kept[ended.unwrap() + 1..];
            let is_look = |line: &onething_runtime::HistoryLine| {
                matches!(
                    line.record.event,
                    Event::CaseRead {
                        department: None,
                        ..
                    }
                )
            };
            assert_eq!(
                after.iter().filter(|line| is_look(line)).count(),
                2,
                "{after:?}"
            );
            engine.shutdown().await.unwrap();
        });
    }
}

/// The fire brigade has two grants on the name; its step stands on one.
#[test]
fn a_reading_has_one_purpose_and_a_look_at_the_case_none_but_that() {
    process(async {
        let mut plan = Arc::unwrap_or_clone(plan());
        let name = plan.find_field(&"applicant.name".parse().unwrap()).unwrap();
        let visit = plan.find_step("visit").unwrap();
        plan.fields[name.index()].grants.push(Grant {
            to: "fire".parse().unwrap(),
            purpose: "fire statistics".to_owned(),
            basis: "statistics law".to_owned(),
        });
        plan.settle_grants();
        let mut reads = plan.steps[visit.index()].reads.iter_mut();
        let read = reads.find(|read| read.field == name).unwrap();
        assert_eq!(read.grant, None, "nobody knows which of the two");
        read.grant = Some(GrantIx(2));
        let (engine, _) = Engine::builder()
            .store(Place::both()[0].open())
            .plan(Arc::new(plan))
            .department("market", market())
            .registry("population-register", Register)
            .start()
            .await
            .unwrap();
        let case = engine.submit(application("k")).await.unwrap().case;
        engine.idle().await.unwrap();
        engine.retry(case, "check", None).await.unwrap();
        engine.idle().await.unwrap();
        let effect: EffectId = format!("{case}/visit/1").parse().unwrap();
        engine.open_work(&effect, "officer-9").await.unwrap();
        let last = async || {
            let lines = engine.history(case).await.unwrap();
            let event = &lines.last().unwrap().record.event;
            let (Event::DataRead { reads, .. } | Event::CaseRead { reads, .. }) = event else {
                panic!("{event:?}");
            };
            let told = reads.iter();
            told.map(|read| format!("{} {}: {}", read.field, read.purpose, read.basis))
                .collect::<Vec<_>>()
        };
        let statistics = "applicant.name fire statistics: statistics law";
        assert_eq!(last().await, [statistics]);

        let shown = async |reader: Reader| -> Result<usize, onething_runtime::Error> {
            let all = engine.provenance(case, Some(&reader)).await?;
            let personal = all.iter().filter(|known| {
                SECRETS
                    .map(Some)
                    .contains(&known.value.as_ref().and_then(|value| value.as_str()))
            });
            Ok(personal.count())
        };
        let fire = || Reader::new("fire-2").of("fire".parse().unwrap());
        // What the step reads for is what the whole case is looked at for.
        assert_eq!(shown(fire()).await.unwrap(), 1);
        assert_eq!(last().await, [statistics]);
        assert_eq!(shown(fire().reading_for("fire checks")).await.unwrap(), 0);
        assert_eq!(last().await.len(), 0);
        assert_eq!(
            shown(fire().reading_for("fire statistics")).await.unwrap(),
            1
        );
        assert_eq!(last().await, [statistics]);
        let error = shown(fire().reading_for("curiosity")).await.unwrap_err();
        assert_eq!(error.code(), "C0208");
        let help = error.rejection().unwrap().help.en().to_owned();
        assert!(help.contains("fire checks, fire statistics"), "{help}");
        engine.shutdown().await.unwrap();
    });
}

/// A registry that gives all that it has, and says what it was asked for.
struct Talkative(Arc<Mutex<Vec<String>>>);

#[async_trait::async_trait]
impl onething_runtime::Registry for Talkative {
    async fn look_up(&self, request: LookUpRequest) -> Result<Option<Found>, HandlerError> {
        let wanted = request.wanted.iter().map(ToString::to_string);
        self.0.lock().unwrap().extend(wanted);
        Ok(Some(
            Fields::new()
                .with("applicant.name", SECRETS[1])
                // Nobody asked for it, so nobody minds that it is no text either.
                .with("applicant.ethnicity", 7)
                .into(),
        ))
    }
}

/// What no step of the case reads is neither asked of a registry nor kept.
#[test]
fn a_registry_is_asked_for_what_the_case_needs_and_nothing_more() {
    let mut b = PlanBuilder::new("canary");
    let family = b.yes_no("family");
    let [id, name, ethnicity] = ["id", "name", "ethnicity"].map(|field| b.field(field));
    b.look_up("population-register", &[id], &[name, ethnicity]);
    let (seen, read) = (b.field("seen"), b.field("read"));
    b.step("check", Actor::Officer).reads(name).writes(seen);
    b.step("family-check", Actor::Officer)
        .when(Cond::yes(family))
        .reads(ethnicity)
        .writes(read);
    let plan = Arc::new(b.build());
    process(async {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (engine, _) = Engine::builder()
            .store(Place::both()[0].open())
            .plan(plan.clone())
            .registry("population-register", Talkative(asked.clone()))
            .start()
            .await
            .unwrap();
        let application = Application::new("canary", "k")
            .answer("family", false)
            .value("applicant.id", "ID-1");
        let case = engine.submit(application).await.unwrap().case;
        engine.idle().await.unwrap();
        assert_eq!(*asked.lock().unwrap(), ["applicant.name"]);
        let known: Vec<String> = engine
            .provenance(case, None)
            .await
            .unwrap()
            .iter()
            .map(|known| known.field.to_string())
            .collect();
        assert_eq!(known, ["applicant.id", "applicant.name"]);
        engine.shutdown().await.unwrap();
    });
}

#[test]
fn a_draft_shows_what_was_fetched_and_is_handed_in_once() {
    for place in Place::both() {
        let case = process(async {
            let engine = start(&place).await;
            let submitted = engine.draft(application("k")).await.unwrap();
            assert_eq!(submitted.status, CaseStatus::Draft);
            let case = submitted.case;
            engine.idle().await.unwrap();
            let view = engine.case(case).await.unwrap();
            assert_eq!((view.status, view.submissions), (CaseStatus::Draft, 0));
            case
        });
        // It waits for the applicant over a restart.
        process(async {
            let engine = start(&place).await;
            let draft = engine.view_draft(case, "applicant").await.unwrap();
            assert_eq!(draft.submission.as_str(), "apply");
            assert!(draft.waits_for.is_empty() && draft.asked.is_empty());
            let shown: Vec<_> = draft
                .fetched
                .iter()
                .map(|known| {
                    let value = known.value.as_ref().and_then(|value| value.as_str());
                    (
                        known.field.to_string(),
                        value.unwrap_or_default().to_owned(),
                    )
                })
                .collect();
            assert_eq!(
                shown,
                [
                    ("applicant.name".to_owned(), SECRETS[1].to_owned()),
                    ("applicant.size".to_owned(), "large".to_owned())
                ]
            );
            let from = Origin::Registry {
                registry: "population-register".parse().unwrap(),
            };
            assert!(draft.fetched.iter().all(|known| known.origin == from));
            let given: Vec<_> = draft.given.iter().map(ToString::to_string).collect();
            assert_eq!(given, ["applicant.phone"]);
            let keys: Vec<_> = draft.asked_with.iter().map(ToString::to_string).collect();
            assert_eq!(keys, ["applicant.id"]);
            let lines = engine.history(case).await.unwrap();
            let last = &lines.last().unwrap().record;
            assert_eq!(last.by.as_deref(), Some("applicant"));
            assert!(matches!(&last.event, Event::DataRead { reads, .. }
                if reads.len() == 1 && reads[0].purpose == onething_engine::CONFIRMATION));

            // What a registry holds is corrected there; what was given, here.
            let name = Fields::new().with("applicant.name", "another");
            let refused = engine.hand_in(case, "apply", name, None).await.unwrap_err();
            assert_eq!(refused.code(), "C0108");
            let why = &refused.rejection().unwrap().faults[0].why;
            assert!(why.en().contains("population-register"), "{}", why.en());
            // With another number the name that was fetched would be another person's.
            let other = Fields::new().with("applicant.id", "ID-2");
            let refused = engine.confirm(case, other, None).await.unwrap_err();
            assert_eq!(refused.code(), "C0108");
            let faults = &refused.rejection().unwrap().faults;
            assert_eq!(faults.len(), 1);
            assert!(faults[0].why.en().contains("asked with it"));
            let corrected = Fields::new()
                .with("applicant.phone", "13900001111")
                .with("applicant.id", "ID-1");
            engine
                .hand_in(case, "apply", corrected, Some("applicant"))
                .await
                .unwrap();
            engine.idle().await.unwrap();
            assert_eq!(engine.case(case).await.unwrap().submissions, 1);
            let gone = engine.view_draft(case, "applicant").await.unwrap_err();
            assert_eq!(gone.code(), "C0104");
            // The same application again is the same case, and no draft any more.
            let again = engine.draft(application("k")).await.unwrap();
            assert!(again.repeated && again.case == case);
            engine.shutdown().await.unwrap();
        });
    }
}

#[test]
fn where_every_value_came_from_is_told_and_personal_ones_to_a_name() {
    for place in Place::both() {
        process(async {
            let engine = start(&place).await;
            let case = engine.submit(application("k")).await.unwrap().case;
            engine.idle().await.unwrap();
            engine.retry(case, "check", None).await.unwrap();
            engine.idle().await.unwrap();
            let told = async |reader: Option<&Reader>| -> Vec<String> {
                let all = engine.provenance(case, reader).await.unwrap();
                let line = |known: &onething_runtime::Known| {
                    let from = match &known.origin {
                        Origin::Applicant { step } => format!("applicant at {step}"),
                        Origin::Registry { registry } => registry.to_string(),
                        Origin::Derived { from, .. } => format!("from {from}"),
                        Origin::Department { step, department } => {
                            format!("{step} of {}", department.as_ref().unwrap())
                        }
                    };
                    let value = known.value.as_ref().map_or("-", |v| v.as_str().unwrap());
                    format!("{} from {from}: {value}", known.field)
                };
                all.iter().map(line).collect()
            };
            let before = engine.history(case).await.unwrap().len();
            assert_eq!(
                told(None).await,
                [
                    "applicant.id from applicant at apply: ID-1",
                    "applicant.phone from applicant at apply: -",
                    "applicant.name from population-register: -",
                    "applicant.size from population-register: large",
                    "applicant.made from check of market: -",
                ]
            );
            assert_eq!(engine.history(case).await.unwrap().len(), before);
            // The department in charge has grants for two of the three.
            let shown = told(Some(&Reader::new("auditor-1"))).await;
            assert_eq!(
                shown[1],
                format!("applicant.phone from applicant at apply: {}", SECRETS[0])
            );
            assert_eq!(shown[4], "applicant.made from check of market: -");
            let fire = Reader::new("fire-2").of("fire".parse().unwrap());
            let shown = told(Some(&fire)).await;
            assert_eq!(shown[1], "applicant.phone from applicant at apply: -");
            assert!(shown[2].ends_with(SECRETS[1]), "{shown:?}");
            let read = words(&engine, case).await;
            assert_eq!(read[read.len() - 2..], ["case-read", "case-read"]);
            let lines = engine.history(case).await.unwrap();
            let last = &lines.last().unwrap().record;
            assert_eq!(last.by.as_deref(), Some("fire-2"));
            assert!(matches!(&last.event, Event::CaseRead { department, reads }
                if department.as_ref().is_some_and(|key| key.as_str() == "fire") && reads.len() == 1));

            let nobody = Reader::new("x").of("nobody".parse().unwrap());
            let error = engine.provenance(case, Some(&nobody)).await.unwrap_err();
            assert_eq!(error.code(), "C0216");
            engine.withdraw(case, "moved", None).await.unwrap();
            assert_eq!(told(None).await.len(), 5);
            let over = engine.provenance(case, Some(&fire)).await.unwrap_err();
            assert_eq!(over.code(), "C0101");
            engine.shutdown().await.unwrap();
        });
    }
}
