//! What the facade adds to the crates behind it.

use onething::prelude::*;
use onething::{check, plan::Scenario};

fn path(below: &str) -> String {
    format!("{}/../../{below}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_definition_compiles_again_from_the_sources_it_keeps() {
    for service in ["open-restaurant", "newborn", "enterprise-deregister"] {
        let loaded = Definition::load(path(&format!("workflows/{service}"))).unwrap();
        let again = Definition::from_sources(loaded.sources()).unwrap();
        assert_eq!(loaded.plan().digest, again.plan().digest, "{service}");
        let files: Vec<_> = loaded.sources().iter().map(|s| s.path.as_str()).collect();
        assert!(
            files.contains(&format!("{service}/before.yaml").as_str()),
            "{files:?}"
        );
        let old = again.service().old.as_ref().unwrap();
        assert_eq!(
            old.steps.len(),
            loaded.service().old.as_ref().unwrap().steps.len()
        );
        assert!(again.service().workload.is_some());
    }
}

#[test]
fn problems_read_as_a_compiler_tells_them() {
    let checked = check(path("workflows"));
    assert_eq!(checked.services.len(), 3);
    assert_eq!(checked.definitions.len(), 3);
    // Several services are not one.
    assert!(Definition::load(path("workflows")).is_err());
    let problems = Definition::load("/nowhere").unwrap_err();
    let text = problems.to_string();
    assert!(
        text.contains("D0001") && text.contains("/nowhere"),
        "{text}"
    );
}

#[test]
fn what_is_not_given_is_answered_as_the_workload_says() {
    let definition = Definition::load(path("workflows/open-restaurant")).unwrap();
    let plan = definition.plan().clone();
    let mixes = definition
        .service()
        .workload
        .as_ref()
        .unwrap()
        .answers
        .clone();
    let signboard = plan.find_question("signboard").unwrap();
    let mut answers = plan.reference.clone();
    answers.set(signboard, Some(Answer::YesNo(false)));
    let mut given = onething::plan::Answers::none(plan.questions.len());
    given.set(signboard, Some(Answer::YesNo(false)));
    let fixed = definition.with_answers(&given);
    assert_eq!(fixed.plan().reference, plan.complete(&answers));
    let workload = fixed.service().workload.as_ref().unwrap();
    assert_eq!(workload.answers.len(), mixes.len());
    for (question, mix) in &mixes {
        let now = workload.answers.iter().find(|(known, _)| known == question);
        let is_given = question.as_str() == "signboard";
        assert_eq!(now.unwrap().1 != *mix, is_given, "{question}");
    }
}

#[test]
fn fixed_answers_hold_for_the_reference_and_for_every_applicant() {
    let definition = Definition::load(path("workflows/open-restaurant")).unwrap();
    let plan = definition.plan().clone();
    let signboard = plan.find_question("signboard").unwrap();
    let mut answers = plan.reference.clone();
    answers.set(signboard, Some(Answer::YesNo(false)));
    let fixed = definition.with_answers(&answers);
    let service = fixed.service();
    let workload = service.workload.as_ref().unwrap();
    let asked = plan.questions.len();
    assert_eq!(workload.answers.len(), answers.iter().count().min(asked));
    let how = Comparing {
        cases: 20,
        replications: 3,
        threads: 1,
        ..Comparing::default()
    };
    let comparison = compare(&fixed, how).unwrap();
    let figure = |name, kind| comparison.figure(name, kind).unwrap().after.unwrap();
    // All take the same steps, and those are the computed ones, but for refusals.
    let scenario = Scenario::resolve(&service.new, &service.new.reference);
    assert!(scenario.steps().len() < Scenario::resolve(&plan, &plan.reference).steps().len());
    let computed = figure(FigureName::InternalSteps, Kind::Computed);
    assert!(figure(FigureName::InternalSteps, Kind::Simulated) <= computed);
    // It says of whom it is.
    let mut given = comparison.answers.iter();
    let given = given.find(|given| given.question.as_str() == "signboard");
    assert_eq!(given.unwrap().answer, Answer::YesNo(false));
    let text = serde_json::to_string(&comparison).unwrap();
    assert!(text.contains("given answers") && !text.contains("reference scenario"));
}
