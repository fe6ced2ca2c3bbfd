//! Cases that really run: worked, killed, continued, measured.

use std::time::{Duration, Instant};

use tempfile::tempdir;

use crate::office::{Office, awaited};
use crate::tool::{command, run};

#[test]
fn a_case_runs_until_people_are_awaited_and_says_what_goes_on() {
    let office = Office::new();
    office
        .run(&[])
        .exits(0)
        .says("waits for:")
        .says("onething work complete 1/accept/1 --store");
    // Without an application open cases go on, and no second one begins.
    let answer = office.run(&["--format", "json"]).exits(0).json();
    let cases = answer["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 1);
    assert_eq!(awaited(&cases[0], "work"), ["1/accept/1"]);
    office
        .on("work list")
        .exits(0)
        .says("1/accept/1")
        .says("Acceptance");
    office
        .on("work list --department tax")
        .exits(0)
        .says("no work waits");
    office
        .on("work complete 1/accept/1 --sample --by officer-7 --lang zh")
        .exits(0)
        .says("「受理」办结（officer-7）");
    // A finished step is not finished again.
    office.on("work complete 1/accept/1 --sample").exits(1);
}

#[test]
fn all_of_it_runs_to_the_end_and_is_measured() {
    let office = Office::new();
    office.run(&["--all"]).exits(0).says("the case is closed");
    // The next run begins another case.
    let answer = office.run(&["--all", "--format", "json"]).exits(0).json();
    assert_eq!(answer["cases"][0]["case"], 2);
    assert_eq!(answer["cases"][0]["status"], "closed");
    let list = office.on("case list --format json").exits(0).json();
    let list = list["cases"].as_array().unwrap();
    assert_eq!(list.len(), 2);
    assert!(
        list.iter()
            .all(|case| case["status"] == "closed" && case["over"] == true)
    );
    let shown = office
        .on("case show 2 --history --format json")
        .exits(0)
        .json();
    let history = shown["history"].as_array().unwrap();
    assert_eq!(history[0]["event"], "case-opened");
    assert_eq!(history.last().unwrap()["event"], "case-closed");
    assert!(history.iter().all(|line| line["text"]["zh"].is_string()));

    let measured = office.on("measure --format json").exits(0).json();
    let figures = measured["services"][0]["figures"].as_array().unwrap();
    let of = |kind: &str, name: &str| {
        let found = figures
            .iter()
            .find(|f| f["kind"] == kind && f["name"] == name);
        found.unwrap_or_else(|| panic!("no {kind} {name}")).clone()
    };
    // One application, everything found: as computed from the definition.
    for name in [
        "submissions",
        "materials",
        "fields",
        "forms",
        "visits",
        "steps",
    ] {
        assert_eq!(
            of("measured", name)["after"],
            of("computed", name)["after"],
            "{name}"
        );
    }
    assert!(of("simulated", "processing_time")["cut"].as_f64().unwrap() > 0.0);
    office
        .on("measure --lang zh")
        .exits(0)
        .says("实测")
        .says("仿真");
}

#[test]
fn what_a_registry_does_not_have_is_asked_of_the_applicant() {
    let office = Office::new();
    let answer = office
        .run(&["--miss", "estate-register", "--format", "json"])
        .exits(0)
        .json();
    let case = &answer["cases"][0];
    assert_eq!(case["status"], "draft");
    assert_eq!(awaited(case, "submission"), ["1/apply/1"]);
    let form = case["awaiting"][0]["form"].as_array().unwrap();
    assert!(
        form.iter().any(|item| item["field"] == "premises.address"),
        "{form:?}"
    );
    office.on("case hand-in 1 apply").exits(2).says("--by");
    // Nothing given: every fault is listed, and the case still waits.
    office
        .on("case hand-in 1 apply --by w")
        .exits(1)
        .says("C0108")
        .says("premises.address");
    office
        .on("case hand-in 1 apply --sample")
        .exits(0)
        .says("more value")
        .says("work complete 1/accept/1");
    office
        .run(&["--miss", "nobody"])
        .exits(2)
        .says("estate-register");
}

#[test]
fn a_case_goes_on_with_the_definition_it_began_with() {
    let folder = tempdir().unwrap();
    let path = |below: &str| folder.path().join(below).display().to_string();
    let (dir, store) = (path("barber"), path("store"));
    run(["new", &dir]).exits(0);
    let begun = run(["run", &dir, "--store", &store, "--format", "json"])
        .exits(0)
        .json();
    let before = begun["cases"][0]["definition"].clone();

    // The folder holds another version now.
    let file = folder.path().join("barber/barber/service.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let (version, other) = ("version: 0.1.0", "version: 0.2.0");
    assert!(text.contains(version), "{text}");
    std::fs::write(&file, text.replacen(version, other, 1)).unwrap();
    let answer = run(["run", &dir, "--store", &store, "--all", "--format", "json"])
        .exits(0)
        .json();
    let case = &answer["cases"][0];
    assert_eq!(case["definition"], before);
    assert_eq!(case["version"], "0.1.0");
    assert_eq!(case["status"], "closed");

    // It does so without the folder, too; new cases begin with the new one.
    let answer = run(["run", &dir, "--store", &store, "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(answer["cases"][0]["version"], "0.2.0");
    std::fs::remove_dir_all(folder.path().join("barber")).unwrap();
    let list = run(["work", "list", "--store", &store, "--format", "json"])
        .exits(0)
        .json();
    let effect = list["work"][0]["effect"].as_str().unwrap();
    run(["work", "complete", effect, "--store", &store, "--sample"]).exits(0);
    run(["measure", "--store", &store])
        .exits(0)
        .says("Measured");
}

#[test]
fn an_applicant_withdraws() {
    let office = Office::new();
    office.run(&[]).exits(0);
    // Who takes back another's application is asked, and on record.
    office.on("case withdraw 1").exits(2).says("--by");
    let args = "case withdraw 1 --reason moved --by helper-w --format json";
    let answer = office.on(args).exits(0).json();
    let case = &answer["cases"][0];
    assert_eq!(case["status"], "withdrawn");
    // Nobody goes on with what was under way, and nothing is due.
    let steps = case["steps"].as_array().unwrap();
    for step in steps {
        let over = ["completed", "skipped", "cancelled"].map(serde_json::Value::from);
        assert!(over.contains(&step["status"]), "{step}");
        assert_eq!(step["due"], serde_json::Value::Null);
    }
    assert!(steps.iter().any(|step| step["status"] == "cancelled"));
    office.on("case show 1 --history").exits(0).says("helper-w");
    office.on("case withdraw 1 --by w").exits(1).says("C0101");
    office.on("case show 9").exits(1).says("C0201");
}

/// Kills `run --all` at many instants and runs it again, until the case is over.
#[test]
fn a_case_that_is_killed_again_and_again_goes_on_to_its_end() {
    let office = Office::new();
    let (service, store) = (office.service.display().to_string(), office.store());
    let mut killed = 0;
    for wait_ms in (5..).step_by(7).take(60) {
        let mut child = command(["run", &service, "--all", "--quiet", "--store"])
            .arg(&store)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let until = Instant::now() + Duration::from_millis(wait_ms);
        let ended = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break Some(status);
            }
            if Instant::now() > until {
                child.kill().unwrap();
                child.wait().unwrap();
                killed += 1;
                break None;
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        if let Some(status) = ended {
            assert!(status.success());
            break;
        }
    }
    assert!(killed > 0, "nothing was killed");
    // On a slow machine every run was killed: the last one is let alone.
    office.run(&["--all", "--quiet"]).exits(0);
    let list = office.on("case list --format json").exits(0).json();
    let cases = list["cases"].as_array().unwrap();
    assert!(
        cases.iter().all(|case| case["status"] == "closed"),
        "{cases:?}"
    );
    // Every kill that came before the case was closed went on with the same case.
    for case in cases {
        let number = &case["case"];
        let shown = office
            .on(&format!("case show {number} --history --format json"))
            .exits(0)
            .json();
        let history = shown["history"].as_array().unwrap();
        let closed = history
            .iter()
            .filter(|line| line["event"] == "case-closed")
            .count();
        assert_eq!(closed, 1);
        let mut completed: Vec<_> = history
            .iter()
            .filter(|line| line["event"] == "step-completed")
            .map(|line| line["step"].as_str().unwrap())
            .collect();
        let all = completed.len();
        completed.sort_unstable();
        completed.dedup();
        assert_eq!(completed.len(), all, "a step was completed twice");
    }
}
