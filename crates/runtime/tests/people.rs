//! What officers and applicants do: supplements, refusals, documents, worklists, lists.

mod common;

use common::{Offices, Place, application, builder, people, process, words};
use onething_engine::{CaseStatus, EffectId, StepStatus};
use onething_model::{CaseId, Digest};
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, FieldType, Grant, Sensitivity};
use onething_runtime::{
    Application, Awaits, Engine, Error, Fields, Reply, StepRequest, WorkFilter, from_fn,
};
use onething_store::{Position, Store};
use std::sync::Arc;

fn review(case: CaseId) -> EffectId {
    format!("{case}/review/1").parse().unwrap()
}

#[test]
fn a_supplement_is_asked_once_and_completely_and_answered() {
    for place in Place::both() {
        let case = process(async {
            let (engine, _) = builder(place.open()).start().await.unwrap();
            let case = engine.submit(application("k")).await.unwrap().case;
            engine.idle().await.unwrap();
            let effect = review(case);
            let page = engine.work(&WorkFilter::default()).await.unwrap();
            let may: Vec<_> = page.items[0]
                .correctable
                .iter()
                .map(ToString::to_string)
                .collect();
            assert_eq!(may, ["applicant.paper"]);
            let ask = async |fields: &[&str]| {
                let reason = "the plan shows no exits";
                engine
                    .request_supplement(&effect, reason, fields, Some("officer-9"))
                    .await
            };
            assert_eq!(
                ask(&["applicant.nonsense"]).await.unwrap_err().code(),
                "C0208"
            );
            // What a department made, and what the step does not read, is not the applicant's to give.
            let error = ask(&["applicant.checked", "applicant.estate"])
                .await
                .unwrap_err();
            assert_eq!(error.code(), "C0110");
            assert_eq!(error.rejection().unwrap().faults.len(), 2);
            // The officer has a limit.
            let due = async || {
                let view = engine.case(case).await.unwrap();
                let mut awaited = view.awaiting.into_iter();
                let review = awaited.find(|one| one.effect == effect).unwrap();
                (review.of, review.due.is_some())
            };
            let (of, has_limit) = due().await;
            assert!(matches!(of, onething_runtime::Whom::Department { .. }) && has_limit);
            ask(&["applicant.paper"]).await.unwrap();
            // It is not the applicant's.
            assert_eq!(due().await, (onething_runtime::Whom::Applicant, false));
            assert!(
                engine
                    .work(&WorkFilter::default())
                    .await
                    .unwrap()
                    .items
                    .is_empty()
            );
            case
        });
        process(async {
            let (engine, _) = builder(place.open()).start().await.unwrap();
            let view = engine.case(case).await.unwrap();
            let Some(Awaits::Supplement { reason, form }) =
                view.awaiting.iter().map(|awaited| &awaited.what).next()
            else {
                panic!("{view:?}");
            };
            assert_eq!(&**reason, "the plan shows no exits");
            assert_eq!(form[0].field.to_string(), "applicant.paper");
            let nothing = engine
                .hand_in(case, "review", Fields::new(), None)
                .await
                .unwrap_err();
            assert_eq!(nothing.code(), "C0108");
            let plan = Fields::new().with("applicant.paper", "a better plan");
            engine
                .hand_in(case, "review", plan, Some("applicant"))
                .await
                .unwrap();
            assert_eq!(engine.case(case).await.unwrap().submissions, 2);

            // The officer gets it anew; the answer to the first round is stale.
            let page = engine.work(&WorkFilter::default()).await.unwrap();
            assert_eq!(page.items[0].effect.to_string(), format!("{case}/review/2"));
            assert_eq!(
                page.items[0].input.text("applicant.paper"),
                Some("a better plan")
            );
            let made = || Fields::new().with("applicant.reviewed", "fine");
            let stale = engine
                .complete(&review(case), made(), None)
                .await
                .unwrap_err();
            assert_eq!(stale.code(), "C0105");
            let again = engine
                .request_supplement(&page.items[0].effect, "more", &["applicant.paper"], None)
                .await
                .unwrap_err();
            assert_eq!(again.code(), "C0107");
            engine
                .complete(&page.items[0].effect, made(), None)
                .await
                .unwrap();
            people(&engine).await;
            assert_eq!(engine.outcome(case).await.unwrap(), CaseStatus::Closed);
            engine.shutdown().await.unwrap();
        });
    }
}

#[test]
fn a_refusal_ends_the_case_or_only_its_matter() {
    process(async {
        let (engine, _) = builder(Store::in_memory()).start().await.unwrap();
        let case = engine.submit(application("k")).await.unwrap().case;
        engine.idle().await.unwrap();
        engine
            .refuse(&review(case), "no kitchen", Some("officer-9"))
            .await
            .unwrap();
        assert_eq!(engine.outcome(case).await.unwrap(), CaseStatus::Refused);
        let view = engine.case(case).await.unwrap();
        let status = |name: &str| {
            let step = view.steps.iter().find(|step| step.step.as_str() == name);
            step.unwrap().status
        };
        assert_eq!(status("review"), StepStatus::Refused);
        assert_eq!(status("issue"), StepStatus::Cancelled);
        assert_eq!(status("collect"), StepStatus::Cancelled);
        assert_eq!(engine.status().open, 0);
        assert_eq!(engine.status().work, 0);
        engine.shutdown().await.unwrap();

        // The signboard's refusal ends its matter; the rest goes on.
        let market = from_fn(|request: StepRequest| {
            if request.step.as_str() == "signboard" {
                let reason = "too bright".to_owned();
                return Ok(Reply::Refused { reason });
            }
            Ok(common::done(&request))
        });
        let engine = builder(Store::in_memory())
            .department("market", market)
            .start();
        let (engine, _) = engine.await.unwrap();
        let case = engine.submit(application("k")).await.unwrap().case;
        people(&engine).await;
        assert_eq!(engine.outcome(case).await.unwrap(), CaseStatus::Closed);
        let words = words(&engine, case).await;
        assert!(
            words.contains(&"step-refused signboard".to_owned()),
            "{words:?}"
        );
        assert!(words.contains(&"delivered".to_owned()), "{words:?}");
        engine.shutdown().await.unwrap();
    });
}

/// A picture, by how it begins.
const FACE: &[u8] = b"\xFF\xD8\xFF a face";

/// A photograph is handed in, the window answers with a certificate.
fn with_documents() -> Arc<onething_plan::Plan> {
    let mut b = PlanBuilder::new("badge");
    let kind = |max_bytes| FieldType::Document {
        accepts: vec!["jpg".to_owned()],
        max_bytes,
    };
    let photo = b.typed_field("photo", kind(1_000));
    let badge = b.typed_field("badge", kind(1_000));
    b.step("print", Actor::Officer).reads(photo).writes(badge);
    Arc::new(b.build())
}

#[test]
fn documents_are_in_the_store_before_anything_refers_to_them() {
    for place in Place::both() {
        process(async {
            let start = || async {
                let store = place.open();
                let engine = Engine::builder()
                    .store(store)
                    .plan(with_documents())
                    .start();
                engine.await.unwrap().0
            };
            let engine = start().await;
            let photo = engine
                .attach(FACE.to_vec(), "face.jpg", "JPG")
                .await
                .unwrap();
            let other = Digest::of(b"another face").to_string();
            let mut missing = photo.clone();
            missing["digest"] = other.into();
            let apply = |key: &str, value: &serde_json::Value| {
                Application::new("badge", key).value("applicant.photo", value.clone())
            };
            let refused = engine.submit(apply("k-1", &missing)).await.unwrap_err();
            let Error::NotAccepted { rejection, .. } = &refused else {
                panic!("{refused}");
            };
            assert_eq!(rejection.faults.len(), 1);
            assert!(rejection.faults[0].why.en().contains("not in the store"));
            let large = [FACE, &[7; 1_001]].concat();
            let large = engine.attach(large, "x.jpg", "jpg").await.unwrap();
            let refused = engine.submit(apply("k-2", &large)).await.unwrap_err();
            let rejection = refused.rejection().unwrap();
            assert_eq!(rejection.faults.len(), 1);
            assert!(rejection.faults[0].why.en().contains("larger than 1000"));
            let case = engine.submit(apply("k-3", &photo)).await.unwrap().case;
            engine.idle().await.unwrap();
            let effect = format!("{case}/print/1").parse().unwrap();
            let made =
                |value: &serde_json::Value| Fields::new().with("applicant.badge", value.clone());
            let error = engine
                .complete(&effect, made(&missing), None)
                .await
                .unwrap_err();
            assert_eq!(error.code(), "C0209");
            engine.shutdown().await.unwrap();

            // It was on disk when `attach` returned.
            let engine = start().await;
            let content = engine.attachment(Digest::of(FACE)).await.unwrap();
            assert_eq!(content.as_deref(), Some(FACE));
            engine.complete(&effect, made(&photo), None).await.unwrap();
            assert_eq!(engine.outcome(case).await.unwrap(), CaseStatus::Closed);
            engine.shutdown().await.unwrap();
        });
    }
}

/// The sample service, with personal papers that the market may read.
fn personal() -> Arc<onething_plan::Plan> {
    let mut plan = Arc::unwrap_or_clone(common::plan());
    let paper = plan
        .find_field(&"applicant.paper".parse().unwrap())
        .unwrap();
    let field = &mut plan.fields[paper.index()];
    field.sensitivity = Sensitivity::Personal;
    field.grants = ["market", "window"]
        .map(|to| Grant {
            to: to.parse().unwrap(),
            purpose: "to see whether it is safe".to_owned(),
            basis: "Food Safety Law art. 35".to_owned(),
        })
        .to_vec();
    plan.settle_grants();
    Arc::new(plan)
}

#[test]
fn personal_data_is_shown_to_a_name_and_only_once_that_is_on_record() {
    for place in Place::both() {
        process(async {
            let (engine, _) = Engine::builder()
                .store(place.open())
                .plan(personal())
                .any_department(Offices::default())
                .registry("estate-register", common::EstateRegister)
                .start()
                .await
                .unwrap();
            let case = engine.submit(application("k")).await.unwrap().case;
            engine.idle().await.unwrap();
            let page = engine.work(&WorkFilter::default()).await.unwrap();
            let names = |item: &onething_runtime::WorkItem| {
                item.input
                    .iter()
                    .map(|(name, _)| name.to_string())
                    .collect::<Vec<_>>()
            };
            assert_eq!(names(&page.items[0]), ["applicant.checked"]);
            assert_eq!(page.items[0].withheld[0].to_string(), "applicant.paper");
            let before = words(&engine, case).await;
            // The window's system was shown it when it was asked.
            assert!(before.contains(&"data-read check".to_owned()), "{before:?}");
            assert!(
                !before.contains(&"data-read review".to_owned()),
                "{before:?}"
            );

            let item = engine.open_work(&review(case), "officer-9").await.unwrap();
            assert_eq!(names(&item), ["applicant.paper", "applicant.checked"]);
            assert!(item.withheld.is_empty());
            let lines = engine.history(case).await.unwrap();
            let last = &lines.last().unwrap().record;
            assert_eq!(last.by.as_deref(), Some("officer-9"));
            let onething_engine::Event::DataRead { reads, .. } = &last.event else {
                panic!("{last:?}");
            };
            assert_eq!(reads.len(), 1);
            assert_eq!(reads[0].basis, "Food Safety Law art. 35");
            // The step is still in the list, once.
            assert_eq!(
                engine
                    .work(&WorkFilter::default())
                    .await
                    .unwrap()
                    .items
                    .len(),
                1
            );

            let table = [
                ("1/review/2", "C0105"),
                ("1/issue/1", "C0103"),
                ("1/check/1", "C0104"),
                ("1/apply/1", "C0104"),
                ("1/nothing/1", "C0206"),
                ("7/review/1", "C0201"),
            ];
            for (effect, code) in table {
                let error = engine
                    .open_work(&effect.parse().unwrap(), "x")
                    .await
                    .unwrap_err();
                assert_eq!(error.code(), code, "{effect}: {error}");
            }
            assert_eq!(engine.history(case).await.unwrap().len(), lines.len());
            engine.shutdown().await.unwrap();
        });
    }
}

#[test]
fn the_worklist_comes_in_pages_in_order_of_due_dates() {
    process(async {
        let clock = common::clock();
        let (engine, _) = builder(Store::in_memory())
            .clock(clock.clone())
            .start()
            .await
            .unwrap();
        for number in 0..7 {
            engine
                .submit(application(&format!("k-{number}")))
                .await
                .unwrap();
            engine.idle().await.unwrap();
            clock.advance(common::seconds(60));
        }
        let mut filter = WorkFilter {
            limit: 3,
            department: "market".parse().ok(),
            ..WorkFilter::default()
        };
        let mut seen = Vec::new();
        let mut sizes = Vec::new();
        loop {
            let page = engine.work(&filter).await.unwrap();
            sizes.push(page.items.len());
            seen.extend(
                page.items
                    .iter()
                    .map(|item| (item.due.unwrap(), item.effect.case)),
            );
            let Some(next) = page.next else { break };
            // A place survives as text.
            filter.after = Some(next.to_string().parse().unwrap());
        }
        assert_eq!(sizes, [3, 3, 1]);
        assert_eq!(seen.len(), 7);
        assert!(seen.is_sorted());
        let of = |department: &str| WorkFilter {
            department: department.parse().ok(),
            ..WorkFilter::default()
        };
        assert!(engine.work(&of("fire")).await.unwrap().items.is_empty());
        let one = WorkFilter {
            case: Some(CaseId(4)),
            ..WorkFilter::default()
        };
        let page = engine.work(&one).await.unwrap();
        assert_eq!(page.items.len(), 1);
        assert_eq!(page.items[0].effect.case, CaseId(4));
        engine.shutdown().await.unwrap();
    });
}

#[test]
fn records_are_followed_from_a_position_to_the_end() {
    for place in Place::both() {
        process(async {
            let (engine, _) = builder(place.open()).start().await.unwrap();
            let mut follower = engine.follow(Position::START);
            let reading = tokio::spawn(async move {
                let mut all = Vec::new();
                while let Some(followed) = follower.next().await.unwrap() {
                    followed.record().unwrap();
                    all.push((followed.position, followed.case, followed.seq));
                }
                all
            });
            for number in 0..5 {
                engine
                    .submit(application(&format!("k-{number}")))
                    .await
                    .unwrap();
            }
            people(&engine).await;
            let mut later = engine.follow(Position(40));
            let first = later.next().await.unwrap().unwrap();
            assert_eq!(first.position, Position(41));
            assert!(later.ready().unwrap().len() > 10);
            assert!(later.ready().unwrap().is_empty());
            engine.shutdown().await.unwrap();
            let all = reading.await.unwrap();
            assert_eq!(all.len(), 5 * 18);
            let positions: Vec<_> = all.iter().map(|(position, ..)| position.0).collect();
            assert_eq!(positions, (1..=90).collect::<Vec<_>>());
            for case in 1..=5 {
                let of_case = all.iter().filter(|(_, at, _)| at.0 == case);
                let seqs: Vec<_> = of_case.map(|(.., seq)| *seq).collect();
                assert_eq!(seqs, (1..=18).collect::<Vec<_>>());
            }
        });
    }
}

#[test]
fn cases_are_listed_in_pages_with_where_they_stand() {
    for place in Place::both() {
        process(async {
            let (engine, _) = builder(place.open()).start().await.unwrap();
            for number in 0..5 {
                engine
                    .submit(application(&format!("k-{number}")))
                    .await
                    .unwrap();
            }
            engine.idle().await.unwrap();
            engine.withdraw(CaseId(2), "moved", None).await.unwrap();
            let first = engine.cases(None, 3).await.unwrap();
            let shown: Vec<_> = first
                .cases
                .iter()
                .map(|line| (line.case.0, line.status))
                .collect();
            assert_eq!(
                shown,
                [
                    (1, CaseStatus::Running),
                    (2, CaseStatus::Withdrawn),
                    (3, CaseStatus::Running),
                ]
            );
            assert_eq!(first.cases[0].key, "k-0");
            let rest = engine.cases(first.next, 3).await.unwrap();
            assert_eq!(rest.cases.len(), 2);
            assert_eq!(rest.next, None);
            engine.shutdown().await.unwrap();
        });
    }
}

#[test]
fn the_same_commands_at_the_same_times_give_the_same_records() {
    let run = || {
        common::single(async {
            let clock = common::clock();
            let (engine, _) = builder(Store::in_memory())
                .any_department(Offices::default())
                .clock(clock.clone())
                .start()
                .await
                .unwrap();
            for number in 0..20 {
                engine
                    .submit(application(&format!("k-{number}")))
                    .await
                    .unwrap();
                clock.advance(common::seconds(number));
            }
            people(&engine).await;
            let all = engine.follow(Position::START).ready().unwrap();
            all.into_iter()
                .map(|f| (f.case, f.seq, String::from_utf8(f.bytes).unwrap()))
                .collect::<Vec<_>>()
        })
    };
    let first = run();
    assert_eq!(first.len(), 20 * 18);
    assert_eq!(first, run());
}
