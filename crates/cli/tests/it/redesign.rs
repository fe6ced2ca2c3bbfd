//! `onething redesign`.

use tempfile::tempdir;

use crate::tool::{project, run, write};

#[test]
fn a_shipped_service_is_redesigned_and_its_waterfall_adds_up() {
    let dir = project("workflows/enterprise-deregister")
        .display()
        .to_string();
    let answer = run(["redesign", &dir, "--format", "json"]).exits(0).json();
    let fall = &answer["waterfall"];
    let names = fall["figures"].as_array().unwrap();
    let at = names.iter().position(|name| name == "submissions").unwrap();
    let saves: f64 = fall["bars"]
        .as_array()
        .unwrap()
        .iter()
        .map(|bar| bar["saves"][at].as_f64().unwrap())
        .sum();
    let cut = fall["before"][at].as_f64().unwrap() - fall["after"][at].as_f64().unwrap();
    assert!((saves - cut).abs() < 1e-9, "{fall}");
    assert!(cut > 0.0, "{fall}");
    // Handing in the licence is a duty: it is not left out with the collections.
    let applied = answer["applied"].as_array().unwrap();
    assert!(applied.iter().all(|proof| proof["rule"] != "eliminate"));
}

#[test]
fn a_proposal_is_written_once_and_never_over_a_file() {
    let folder = tempdir().unwrap();
    let dir = folder.path().join("open-bookshop").display().to_string();
    run(["new", &dir]).exits(0);
    let written = "service.redesigned.yaml";
    run(["redesign", &dir, "--apply", "--save-work"])
        .exits(0)
        .says(written)
        .says("R1");
    run(["redesign", &dir, "--apply"]).exits(1).says(written);
    run(["check", &dir]).exits(0);
}

#[test]
fn a_broken_definition_is_not_redesigned() {
    let folder = tempdir().unwrap();
    write(
        folder.path(),
        &[
            ("departments.yaml", "departments: {}\n"),
            ("svc/service.yaml", "service: svc\n"),
        ],
    );
    let dir = folder.path().join("svc").display().to_string();
    run(["redesign", &dir]).exits(1);
}
