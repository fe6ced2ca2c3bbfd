//! `onething new`, `schema`, `guide` and `why`.

use tempfile::tempdir;

use crate::tool::{project, run, write};

#[test]
fn a_new_service_is_clean_and_can_be_compared_and_run_at_once() {
    let folder = tempdir().unwrap();
    let path = |below: &str| folder.path().join(below).display().to_string();
    let dir = path("open-bookshop");
    run(["new", &dir])
        .exits(0)
        .says("service.yaml")
        .says("onething compare");
    run(["check", &dir, "--strict"])
        .exits(0)
        .says("0 errors, 0 warnings");
    let args = [
        "compare",
        &dir,
        "--cases",
        "50",
        "--replications",
        "4",
        "--format",
        "json",
    ];
    let answer = run(args).exits(0).json();
    assert_eq!(answer["service"], "open-bookshop");
    let figures = answer["figures"].as_array().unwrap();
    assert!(
        figures
            .iter()
            .any(|f| f["kind"] == "simulated" && f["cut"].is_number())
    );
    let store = path("store");
    run(["run", &dir, "--store", &store, "--all"])
        .exits(0)
        .says("the case is closed");

    // What is there is not written over.
    let before = std::fs::read(folder.path().join("open-bookshop/departments.yaml")).unwrap();
    run(["new", &dir]).exits(1).says("nothing was changed");
    let after = std::fs::read(folder.path().join("open-bookshop/departments.yaml")).unwrap();
    assert_eq!(before, after);
    run(["new", &path("Bad Name"), "--lang", "zh"])
        .exits(2)
        .says("不能作一件事的名称");
}

#[test]
fn every_schema_is_one_and_takes_what_it_is_for() {
    let kinds = [
        "departments",
        "calendar",
        "contract",
        "service",
        "before",
        "workload",
        "guide",
    ];
    let list = run(["schema", "--list"]).exits(0);
    for kind in kinds {
        let schema = run(["schema", "--kind", kind]).exits(0).json();
        let validator = jsonschema::validator_for(&schema).unwrap();
        assert!(
            !validator.is_valid(&serde_json::json!({ "no-such-key": 1 })),
            "{kind}"
        );
        assert!(list.out.contains(kind));
    }
    run(["schema"]).exits(0).says("matters");
    run(["schema", "--kind", "poem"]).exits(2).says("workload");
    let folder = tempdir().unwrap();
    let all = folder.path().join("schemas");
    run(["schema", "--all", &all.display().to_string()]).exits(0);
    assert_eq!(std::fs::read_dir(&all).unwrap().count(), kinds.len());
}

#[test]
fn the_notice_follows_the_answers() {
    let dir = project("workflows/open-restaurant").display().to_string();
    let guide = |more: &[&str]| run(["guide", &dir].iter().chain(more));
    let with = guide(&["--format", "json", "--answer", "signboard=yes"])
        .exits(0)
        .json();
    let without = guide(&["--format", "json", "--answer", "signboard=no"])
        .exits(0)
        .json();
    let matters = |guide: &serde_json::Value| guide["notice"]["matters"].as_array().unwrap().len();
    assert!(matters(&with) > matters(&without));
    assert_eq!(with["format"], "onething-guide/1");
    assert_eq!(
        with["forms"], without["forms"],
        "the form is for all answers"
    );
    // The schema is that of what is written.
    let schema = run(["schema", "--kind", "guide"]).exits(0).json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&with) && validator.is_valid(&without));
    guide(&["--lang", "zh"]).exits(0).says("一次性告知");
    guide(&["--format", "markdown"]).exits(0).says("# ");
    let folder = tempdir().unwrap();
    let page = folder.path().join("guide.html").display().to_string();
    guide(&["--format", "html", "-o", &page]).exits(0);
    assert!(std::fs::read_to_string(page).unwrap().contains("</html>"));
}

#[test]
fn the_reason_of_a_question_is_told() {
    let dir = project("workflows/open-restaurant").display().to_string();
    run(["why", &dir, "operator.phone"])
        .exits(0)
        .says("Who reads it");
    run(["why", &dir, "premises.area", "--lang", "zh"])
        .exits(0)
        .says("现场");
    let json = run(["why", &dir, "premises.area", "--format", "json"])
        .exits(0)
        .json();
    assert!(!json["readers"].as_array().unwrap().is_empty());
    run(["why", &dir, "premises.colour"])
        .exits(1)
        .says("premises.area");
    run(["why", &dir, "no field"]).exits(2);
    run(["why", &dir, "premises.area", "--way", "both"]).exits(2);
}

#[test]
fn a_definition_with_errors_is_used_by_nothing() {
    let folder = tempdir().unwrap();
    let tree = folder.path().join("tree");
    run(["new", &tree.display().to_string()]).exits(0);
    write(
        &tree,
        &[(
            "tree/service.yaml",
            "onething: 1\nservice: tree\nsteps: { a: 1 }\n",
        )],
    );
    let dir = tree.join("tree").display().to_string();
    let store = folder.path().join("store").display().to_string();
    for args in [
        vec!["plan", &dir],
        vec!["compare", &dir],
        vec!["guide", &dir],
        vec!["run", &dir, "--store", &store],
    ] {
        run(&args).exits(1).says("D01").says("cannot be used");
        // For programs the same, as one JSON value.
        if args[0] != "guide" {
            let json = run(args.iter().chain(&["--format", "json"]))
                .exits(1)
                .json();
            assert!(json["error"]["diagnostics"].as_array().unwrap().len() > 1);
            assert_eq!(json["error"]["exit"], 1);
        }
    }
    assert!(!folder.path().join("store").exists());
}

#[test]
fn answers_that_cannot_be_are_refused_before_anything_is_submitted() {
    let folder = tempdir().unwrap();
    let path = |below: &str| folder.path().join(below).display().to_string();
    let (dir, file) = (path("shop"), path("shop/shop/service.yaml"));
    run(["new", &dir]).exits(0);
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text.replace(
        "reference: { signboard: yes }",
        "  lights: { ask: 招牌是否发光, type: yes-no, when: signboard }\n  \
         home: { ask: 是否开在居民楼内, type: yes-no }\n\
         impossible:\n  - { when: lights && home, because: 居民楼内不得设置发光招牌 }\n\
         reference: { signboard: yes, lights: yes, home: no }",
    );
    std::fs::write(&file, text).unwrap();
    std::fs::remove_file(path("shop/shop/workload.yaml")).unwrap();
    let (dir, store) = (path("shop/shop"), path("store"));
    let with = |command: &[&str], answers: &[&str]| {
        let mut args: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
        for answer in answers {
            args.extend(["--answer".to_owned(), (*answer).to_owned()]);
        }
        run(args)
    };
    let guide = |answers: &[&str]| with(&["guide", &dir, "--lang", "zh"], answers);
    let both = ["lights=yes", "home=yes"];
    guide(&both).exits(1).says("居民楼内不得设置发光招牌");
    with(&["run", &dir, "--store", &store, "--lang", "zh"], &both)
        .exits(1)
        .says("居民楼内不得设置发光招牌");
    // What was not answered is answered so that it can be.
    let json = with(&["guide", &dir, "--format", "json"], &["home=yes"])
        .exits(0)
        .json();
    let answers = json["notice"]["answers"].as_array().unwrap();
    let lights = answers.iter().find(|answer| answer["question"] == "lights");
    let lights = lights.unwrap();
    assert_eq!(lights["answer"], false);
    assert_eq!(lights["assumed"], true);
    assert_eq!(
        json["notice"]["excluded"][0]["because"]["zh"],
        "居民楼内不得设置发光招牌"
    );
    guide(&["home=yes"]).exits(0).says("不能回答“是”");
    // An answer to a question that is not asked is no answer.
    guide(&["signboard=no", "lights=yes"])
        .exits(1)
        .says("不需要回答");
    guide(&["signboard=no"]).exits(0);
}

/// What the reference scenario is not asked nobody can answer for the applicant: they are told
/// the question and what can be answered.
#[test]
fn a_question_that_an_answer_opens_is_told_with_what_can_be_answered() {
    let folder = tempdir().unwrap();
    let path = |below: &str| folder.path().join(below).display().to_string();
    let (dir, file) = (path("shop"), path("shop/shop/service.yaml"));
    run(["new", &dir]).exits(0);
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text.replace(
        "reference: { signboard: yes }",
        "  seats: { ask: { zh: 有几座, en: How many seats }, type: number, min: 0, max: 500, when: \"!signboard\" }\n\
         reference: { signboard: yes }",
    );
    std::fs::write(&file, text).unwrap();
    std::fs::remove_file(path("shop/shop/workload.yaml")).unwrap();
    let dir = path("shop/shop");
    let guide = |more: &[&str]| {
        let mut args = vec!["guide", &dir, "--answer", "signboard=no"];
        args.extend(more);
        run(args)
    };
    guide(&["--lang", "en"]).exits(1).says(
        "seats: is not answered; “How many seats” is a number from 0 to 500, in digits such as 40",
    );
    guide(&["--lang", "zh"])
        .exits(1)
        .says("尚未回答；“有几座”应为 0 到 500 之间的数");
    guide(&["--answer", "seats=40"]).exits(0);
}
