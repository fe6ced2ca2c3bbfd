//! The life of a case, from the application to the collected permit, on both stores.

mod common;

use common::{Place, application, builder, people, process, words};
use onething_engine::{CaseStatus, StepStatus};
use onething_runtime::{Awaits, Error, Fields, Whom, WorkFilter};
use onething_store::Position;

#[test]
fn a_case_runs_from_the_application_to_the_collected_permit() {
    for place in Place::both() {
        process(async {
            let (engine, report) = builder(place.open()).start().await.unwrap();
            assert_eq!((report.open, report.records), (0, Position(0)));
            let submitted = engine
                .submit(application("k-1").by("window-2"))
                .await
                .unwrap();
            assert!(!submitted.repeated);
            let case = submitted.case;
            engine.idle().await.unwrap();

            let view = engine.case(case).await.unwrap();
            assert_eq!(view.status, CaseStatus::Running);
            assert_eq!(view.submissions, 1);
            let awaited: Vec<_> = view.awaiting.iter().map(|a| a.effect.to_string()).collect();
            assert_eq!(awaited, ["1/review/1"]);
            assert!(matches!(view.awaiting[0].what, Awaits::Work));
            assert!(view.awaiting[0].due.is_some());
            assert!(matches!(&view.awaiting[0].of,
                Whom::Department { key, .. } if key.as_str() == "market"));

            // The officer sees what the step reads, and nothing else.
            let page = engine.work(&WorkFilter::default()).await.unwrap();
            let names: Vec<_> = page.items[0]
                .input
                .iter()
                .map(|(n, _)| n.to_string())
                .collect();
            assert_eq!(names, ["applicant.paper", "applicant.checked"]);
            let made = Fields::new().with("applicant.reviewed", "in order");
            let effect = &page.items[0].effect;
            engine
                .complete(effect, made, Some("officer-9"))
                .await
                .unwrap();
            assert!(
                engine
                    .work(&WorkFilter::default())
                    .await
                    .unwrap()
                    .items
                    .is_empty()
            );

            engine.idle().await.unwrap();
            let view = engine.case(case).await.unwrap();
            assert_eq!(view.awaiting.len(), 1);
            assert_eq!(view.awaiting[0].of, Whom::Applicant);
            engine
                .hand_in(case, "collect", Fields::new(), Some("applicant"))
                .await
                .unwrap();
            assert_eq!(engine.outcome(case).await.unwrap(), CaseStatus::Closed);

            let view = engine.case(case).await.unwrap();
            assert_eq!(view.status, CaseStatus::Closed);
            assert!(view.awaiting.is_empty());
            assert!(
                view.steps
                    .iter()
                    .all(|step| step.status == StepStatus::Completed)
            );
            let words = words(&engine, case).await;
            assert_eq!(words.first().map(String::as_str), Some("case-opened"));
            assert_eq!(
                words[1..4],
                [
                    "step-dispatched estate-register",
                    "step-completed estate-register",
                    "submitted apply",
                ]
            );
            assert_eq!(words[words.len() - 2..], ["delivered", "case-closed"]);
            let lines = engine.history(case).await.unwrap();
            let by: Vec<_> = lines
                .iter()
                .filter_map(|line| line.record.by.clone())
                .collect();
            assert_eq!(
                by,
                ["window-2".into(), "officer-9".into(), "applicant".into()]
            );
            engine.shutdown().await.unwrap();
        });
    }
}

#[test]
fn a_faulty_application_is_refused_with_every_fault_and_nothing_but_that_is_recorded() {
    for place in Place::both() {
        process(async {
            let (engine, _) = builder(place.open()).start().await.unwrap();
            let faulty = || {
                onething_runtime::Application::new("open-stall", "k-1")
                    .answer("no-such-question", true)
                    .value("applicant.paper", 7)
                    .value("applicant.nonsense", "x")
                    .value("applicant.permit", "mine")
            };
            let refused = engine.submit(faulty()).await.unwrap_err();
            let Error::NotAccepted { case, rejection } = refused else {
                panic!("{refused}");
            };
            let mut what: Vec<_> = rejection.faults.iter().map(|f| f.what.as_str()).collect();
            what.sort_unstable();
            assert_eq!(
                what,
                [
                    "applicant.estate",
                    "applicant.nonsense",
                    "applicant.paper",
                    "applicant.permit",
                    "no-such-question",
                ]
            );
            assert_eq!(rejection.code, "C0210");
            assert_eq!(words(&engine, case).await, ["application-refused"]);
            let view = engine.case(case).await.unwrap();
            assert_eq!(
                (view.status, view.faults.len()),
                (CaseStatus::NotAccepted, 5)
            );

            // The same again is the same refusal, not another one.
            let again = engine.submit(faulty()).await.unwrap_err();
            assert!(matches!(again, Error::NotAccepted { case: same, .. } if same == case));
            let mended = engine.submit(application("k-1")).await.unwrap_err();
            assert_eq!(mended.code(), "C0202");
            assert_eq!(engine.status().open, 0);
            engine.submit(application("k-2")).await.unwrap();
            people(&engine).await;
            engine.shutdown().await.unwrap();
        });
    }
}

#[test]
fn what_nobody_knows_is_rejected_and_not_recorded() {
    process(async {
        let (engine, _) = builder(common::Place::both()[0].open())
            .start()
            .await
            .unwrap();
        let unknown = onething_runtime::Application::new("open-shop", "k");
        let error = engine.submit(unknown).await.unwrap_err();
        assert_eq!(error.code(), "C0203");
        assert!(error.to_string().contains("open-stall"), "{error}");
        let case = engine.submit(application("k")).await.unwrap().case;
        engine.idle().await.unwrap();
        let effect = |text: &str| text.parse().unwrap();
        let table = [
            ("9/review/1", "applicant.reviewed", "C0201"),
            ("1/nothing/1", "applicant.reviewed", "C0206"),
            ("1/review/1", "applicant.nonsense", "C0106"),
            ("1/review/2", "applicant.reviewed", "C0105"),
            ("1/review/1", "applicant.paper", "C0106"),
            ("1/issue/1", "permit.number", "C0103"),
            ("1/check/1", "applicant.checked", "C0104"),
            ("1/issue/1", "applicant.safe", "C0103"),
        ];
        let end = engine.history(case).await.unwrap().len();
        for (id, field, code) in table {
            let values = Fields::new().with(field, "x");
            let error = engine
                .complete(&effect(id), values, None)
                .await
                .unwrap_err();
            assert_eq!(error.code(), code, "{id} {field}: {error}");
        }
        let long = onething_runtime::Application::new("open-stall", "k".repeat(201));
        assert_eq!(engine.submit(long).await.unwrap_err().code(), "C0211");
        let huge = application("k-3").value("applicant.paper", "x".repeat(2 << 20));
        assert_eq!(engine.submit(huge).await.unwrap_err().code(), "C0212");
        // Whoever asks what would be wrong is told the same.
        let table = [
            (
                onething_runtime::Application::new("open-shop", "k"),
                "C0203",
            ),
            (
                onething_runtime::Application::new("open-stall", "k".repeat(201)),
                "C0211",
            ),
            (
                application("k-3").value("applicant.paper", "x".repeat(2 << 20)),
                "C0212",
            ),
            (application("k-3").by("no\u{202e}body"), "C0215"),
        ];
        for (wrong, code) in table {
            let examined = engine.examine(wrong.clone()).await.unwrap_err();
            let submitted = engine.submit(wrong).await.unwrap_err();
            assert_eq!((examined.code(), submitted.code()), (code, code));
        }
        assert_eq!(engine.history(case).await.unwrap().len(), end);
        engine.shutdown().await.unwrap();
        let late = engine.submit(application("k-4")).await.unwrap_err();
        assert_eq!(late.code(), "C0205");
    });
}
