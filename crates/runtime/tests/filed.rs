//! The key and the name under which an application is filed: both are the caller's words, and
//! whoever lists cases reads them.

mod common;

use std::sync::Arc;

use common::{Place, process};
use onething_engine::CaseStatus;
use onething_model::CaseId;
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, Plan, Sensitivity};
use onething_runtime::{Application, Engine, Error};

const NAME: &str = "示例申请人甲";
const PHONE: &str = "139-0000-1111";

/// A step reads a name, a telephone number and what everybody may know.
fn plan() -> Arc<Plan> {
    let mut b = PlanBuilder::new("filed");
    let [name, phone, shop] = ["name", "phone", "shop"].map(|field| b.field(field));
    let checked = b.field("checked");
    b.step("check", Actor::Officer)
        .reads(name)
        .reads(phone)
        .reads(shop)
        .writes(checked);
    for field in [name, phone] {
        b.plan_mut().fields[field.index()].sensitivity = Sensitivity::Personal;
    }
    Arc::new(b.build())
}

fn application(key: &str) -> Application {
    Application::new("filed", key)
        .value("applicant.name", NAME)
        .value("applicant.phone", PHONE)
        .value("applicant.shop", "示例小馆")
        .by(NAME)
}

async fn keys(engine: &Engine) -> Vec<(String, CaseStatus)> {
    let page = engine.cases(None, 10).await.unwrap();
    let lines = page.cases.into_iter();
    lines.map(|line| (line.key, line.status)).collect()
}

#[test]
fn a_list_of_cases_shows_no_key_that_quotes_what_is_personal() {
    let filed = [
        "2026-000017",
        "示例小馆-1",
        "2026112900000017",
        "示例申请人甲-1",
        "13900001111号2026",
        "110105 19491231 002X",
    ];
    let told = [
        "2026-000017",
        "示例小馆-1",
        "2026112900000017",
        "▇▇-1",
        "▇▇号2026",
        "▇▇",
    ];
    for place in Place::both() {
        process(async {
            let start = async || {
                let builder = Engine::builder().store(place.open()).plan(plan());
                builder.start().await.unwrap().0
            };
            let engine = start().await;
            for key in filed {
                engine.submit(application(key)).await.unwrap();
            }
            // Turned away: nothing that it states is kept, and its key is not shown either.
            let incomplete = Application::new("filed", "示例申请人甲-2")
                .value("applicant.name", NAME)
                .by(NAME);
            let refused = engine.submit(incomplete).await.unwrap_err();
            assert!(matches!(refused, Error::NotAccepted { case, .. } if case == CaseId(7)));
            engine.withdraw(CaseId(1), "moved", None).await.unwrap();
            let mut shown: Vec<_> = told.map(|key| (key.to_owned(), CaseStatus::Running)).into();
            shown[0].1 = CaseStatus::Withdrawn;
            shown.push(("▇▇-2".to_owned(), CaseStatus::NotAccepted));
            assert_eq!(keys(&engine).await, shown);
            let history = engine.history(CaseId(7)).await.unwrap();
            assert_eq!(history[0].record.by.as_deref(), Some("▇▇"));

            // The same application is the same case, and no message repeats a key.
            for (case, key) in (1..).map(CaseId).zip(filed) {
                let again = engine.submit(application(key)).await.unwrap();
                assert!(again.case == case && again.repeated, "{again:?}");
                let other = application(key).value("applicant.shop", "示例面馆");
                let error = engine.submit(other).await.unwrap_err();
                assert_eq!(error.code(), "C0202");
                assert!(!format!("{error} {error:?}").contains(key), "{error}");
            }
            for case in 1..=7 {
                for line in engine.history(CaseId(case)).await.unwrap() {
                    let printed = format!("{:?}", line.record.event);
                    for said in [NAME, PHONE, "13900001111"] {
                        assert!(!printed.contains(said), "{printed}");
                    }
                }
            }
            assert!(!format!("{:?}", application(NAME)).contains(NAME));
            engine.shutdown().await.unwrap();
            let engine = start().await;
            assert_eq!(keys(&engine).await, shown);
            engine.shutdown().await.unwrap();
        });
    }
}
