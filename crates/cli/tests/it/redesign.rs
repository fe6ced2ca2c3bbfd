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
fn the_lab_decides_where_it_is_asked_to() {
    let dir = project("workflows/newborn").display().to_string();
    let small = ["--simulate", "--cases", "60", "--replications", "6"];
    let ask = |more: &[&str]| {
        let first = ["redesign", &dir];
        run(first.iter().chain(&small).chain(more).copied())
    };
    let json = ask(&["--format", "json", "--threads", "1"]).exits(0).json();
    let trial = &json["simulated"];
    assert_eq!(
        (trial["cases"].as_u64(), trial["replications"].as_u64()),
        (Some(60), Some(6))
    );
    assert_eq!(trial["workload"].as_str().unwrap().len(), 64);
    // Moving a system's check of a minute saves nothing that could be shown.
    let verdicts = trial["verdicts"].as_array().unwrap();
    let of = |rule: &str| verdicts.iter().find(|one| one["rule"] == rule).unwrap();
    assert_eq!(
        (&of("unbind")["kept"], &of("resequence")["kept"]),
        (&true.into(), &false.into())
    );
    let refused = json["refused"].as_array().unwrap();
    assert!(
        refused.iter().any(|one| one["rule"] == "resequence"),
        "{refused:?}"
    );
    let applied = json["applied"].as_array().unwrap();
    assert!(applied.iter().all(|proof| proof["rule"] != "resequence"));
    // Shares add up to the difference, and each has its interval.
    let fall = &trial["waterfall"];
    let time = 0;
    assert_eq!(fall["figures"][time], "processing_time");
    let bars = fall["bars"].as_array().unwrap();
    let saves: f64 = bars
        .iter()
        .map(|bar| bar["saves"][time].as_f64().unwrap())
        .sum();
    let cut = fall["before"][time].as_f64().unwrap() - fall["after"][time].as_f64().unwrap();
    assert!(cut > 1.0 && (saves - cut).abs() < 1e-9, "{fall}");
    assert!(
        bars.iter()
            .all(|bar| bar["intervals"][time].as_array().unwrap().len() == 2)
    );
    // Any number of threads, the same bytes.
    let again = ask(&["--format", "json", "--threads", "2"]).exits(0).json();
    assert_eq!(json, again);
    // For people: where the figures come from, in their language.
    let seed = ask(&["--lang", "zh", "--seed", "2"]).exits(0);
    seed.says("种子 2").says("未采用").says("R10").says("95%");
    let markdown = ask(&["--lang", "en", "--format", "markdown"]).exits(0);
    markdown
        .says("seed 1")
        .says("common random numbers")
        .says("| before | R1 |");
}

#[test]
fn a_simulation_is_asked_for_in_so_many_words() {
    let dir = project("workflows/newborn").display().to_string();
    run(["redesign", &dir, "--cases", "9"])
        .exits(2)
        .says("--simulate");
    for (option, value) in [
        ("--margin", "-1"),
        ("--replications", "1"),
        ("--cases", "0"),
    ] {
        let asked = format!("{option}={value}");
        run(["redesign", &dir, "--simulate", &asked])
            .exits(2)
            .says(option);
    }
    run(["redesign", &dir, "--lang", "en"])
        .exits(0)
        .says("R11 Pool")
        .says("--simulate");
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
