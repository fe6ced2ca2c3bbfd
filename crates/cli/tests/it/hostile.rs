//! Input that deceives or never ends, and what is said of it.

use serde_json::Value;

use crate::office::Office;
use crate::tool::{command, finish, run, write};

/// The application of the sample applicant with a value of its own.
fn application(office: &Office, more: &str) -> String {
    crate::office::application(office, more)
}

#[test]
fn a_department_without_a_step_in_the_case_does_not_see_it() {
    let office = Office::new();
    office.run(&["--answer", "tobacco=no"]).exits(0);
    let by = |department: &str| format!("case show 1 --data --by nosy --department {department}");
    let refused = office.on(&by("tobacco")).exits(1).says("C0111");
    assert!(
        !refused.out.contains("11010519491231002X"),
        "{}",
        refused.out
    );
    office.on(&by("health")).exits(0);
    office.on(&by("police")).exits(1).says("C0111");
    office.on(&by("moon")).exits(1).says("it has market");
    let history = office.on("case show 1 --history --format json").json();
    let reads = |event: &&Value| event["event"] == "case-read";
    let reads = history["history"].as_array().unwrap().iter().filter(reads);
    assert_eq!(reads.count(), 1, "who was refused read nothing");
    // Where the bureau has a step, it may look.
    let office = Office::new();
    office.run(&["--answer", "tobacco=yes"]).exits(0);
    office
        .on("case show 1 --data --by officer-1 --department tobacco")
        .exits(0);
}

#[test]
fn a_closed_case_tells_its_reader_why_nothing_personal_is_shown() {
    let office = Office::new();
    office.run(&["--all"]).exits(0);
    let said = office.on("case show 1 --data --by auditor").exits(1);
    assert!(
        said.err.contains("personal data is not shown any more"),
        "{}",
        said.err
    );
    assert!(!said.err.contains("new application"), "{}", said.err);
}

#[test]
fn control_characters_are_refused_with_the_field_and_the_place() {
    let office = Office::new();
    let application = application(&office, "  operator.name: \"示例\\u001b[2J\"\n");
    let said = office.run(&["--application", &application]).exits(1);
    assert!(said.err.contains("operator.name"), "{}", said.err);
    assert!(said.err.contains("U+001B at character 3"), "{}", said.err);
    assert!(!said.err.contains('\u{1b}'), "{:?}", said.err);
    office.run(&["--key", "k"]).exits(0);
    let store = office.store().display().to_string();
    let by = [
        "work",
        "complete",
        "2/accept/1",
        "--sample",
        "--store",
        &store,
        "--by",
    ];
    let said = run(by.iter().copied().chain(["o1\u{1b}[31m"]))
        .exits(1)
        .says("C0215");
    assert!(said.err.contains("U+001B at character 3"), "{}", said.err);
    assert!(!said.err.contains('\u{1b}'), "{:?}", said.err);
    run(by.iter().copied().chain(["o1\n  2026-01-05 granted"]))
        .exits(1)
        .says("C0215");
}

/// What a record of before may hold is shown, not carried out. A key is the
/// caller's own and never refused for its characters.
#[test]
fn what_is_left_in_a_record_is_escaped_when_it_is_printed() {
    let office = Office::new();
    office
        .run(&["--key", "k\u{1b}]0;owned\u{7}\u{202e}"])
        .exits(0);
    let list = office.on("case list").exits(0);
    assert!(
        list.out.contains(r"k\u001b]0;owned\u0007\u202e"),
        "{}",
        list.out
    );
    let list = office.on("case list --format json").exits(0);
    assert!(list.out.contains(r"\u202e"), "{}", list.out);
    let key = &list.json()["cases"][0]["key"];
    assert_eq!(key, "k\u{1b}]0;owned\u{7}\u{202e}");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for() {
    let office = Office::new();
    let pipe = |name: &str| {
        let path = office.path(name);
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.expect("mkfifo can be run").success());
        path
    };
    let (file, scan) = (pipe("application.yaml"), pipe("scan.pdf"));
    let ends = |args: &[&str]| {
        let mut command = command(args);
        let mut child = command
            .stderr(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        for _ in 0..300 {
            if child.try_wait().unwrap().is_some() {
                let done = child.wait_with_output().unwrap();
                return String::from_utf8(done.stderr).unwrap()
                    + &String::from_utf8(done.stdout).unwrap();
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        child.kill().unwrap();
        panic!("{args:?} waits for the pipe");
    };
    let (service, store) = (office.service.display().to_string(), office.store());
    let store = store.display().to_string();
    let run = ["run", &service, "--store", &store, "--application"];
    let said = ends(&[&run[..], &[&file]].concat());
    assert!(said.contains("a pipe or a device"), "{said}");
    let documents = format!("documents: {{ operator.id_card: {scan} }}\n");
    let application = application(&office, &documents);
    let said = ends(&[&run[..], &[&application]].concat());
    assert!(said.contains("a pipe or a device"), "{said}");
    let said = ends(&["contract", "diff", &file, &file]);
    assert!(said.contains("a pipe or a device"), "{said}");
}

#[test]
fn everything_wrong_with_a_result_is_named_at_once() {
    let office = Office::new();
    office.run(&[]).exits(0);
    office.on("work complete 1/accept/1 --sample").exits(0);
    let list = office.on("work list --format json").exits(0).json();
    let work = list["work"].as_array().unwrap();
    let makes = |item: &&Value| !item["form"].as_array().unwrap().is_empty();
    let item = work.iter().find(makes).expect("a step that makes a field");
    let effect = item["effect"].as_str().unwrap();
    let form = item["form"].as_array().unwrap();
    let name = |field: &Value| field["field"].as_str().unwrap().to_owned();
    let names: Vec<String> = form.iter().map(name).collect();
    let text = format!("{}: [31.12.2026]\nbogus.field: 3\n", names[0]);
    write(office.folder.path(), &[("values.yaml", &text)]);
    let values = office.path("values.yaml");
    let said = office
        .on(&format!("work complete {effect} --by o --values {values}"))
        .exits(1)
        .says("C0106");
    assert!(said.err.contains("bogus.field"), "{}", said.err);
    for name in names {
        assert!(said.err.contains(&name), "{name} is not in {}", said.err);
    }
}

#[test]
fn documents_that_cannot_be_read_are_all_named() {
    let office = Office::new();
    let text = "documents: { operator.id_card: no-1.pdf, premises.right_of_use: no-2.pdf }\n";
    let application = application(&office, text);
    let said = office.run(&["--application", &application]).exits(1);
    assert!(
        said.err.contains("no-1.pdf") && said.err.contains("no-2.pdf"),
        "{}",
        said.err
    );
}

/// What cannot be read keeps nothing else from being told, and nothing is put on record.
#[test]
fn documents_that_cannot_be_read_hide_no_other_fault() {
    let office = Office::new();
    let text = "  fire_safety.nonsense: 1\n  fire_manager.phone: '400'\ndocuments: { operator.id_card: no-1.pdf }\n";
    let application = application(&office, text);
    for (lang, parts) in [
        (
            "zh",
            [
                "没有提交",
                "无法读取 `",
                "fire_safety.nonsense",
                "消防安全管理人 联系电话（fire_manager.phone）",
                "（seats）：尚未回答",
            ],
        ),
        (
            "en",
            [
                "it was not handed in",
                "failed to read `",
                "fire_safety.nonsense",
                "(fire_manager.phone)",
                "(seats)",
            ],
        ),
    ] {
        let said = office.run(&["--application", &application, "--lang", lang]);
        assert_eq!(said.exit, 1, "{}", said.err);
        for part in parts {
            assert!(said.err.contains(part), "{part}: {}", said.err);
        }
        // Told once, and as what it is.
        assert_eq!(
            said.err.matches("operator.id_card").count(),
            1,
            "{}",
            said.err
        );
    }
    let list = office.on("case list --format json").exits(0).json();
    assert_eq!(list["cases"].as_array().map(Vec::len), Some(0), "{list}");
}

#[test]
fn a_document_is_judged_by_its_content() {
    let office = Office::new();
    write(
        office.folder.path(),
        &[("in/exe.pdf", "MZ\u{0}evil"), ("in/empty.pdf", "")],
    );
    for (name, says) in [
        ("exe.pdf", "seems to be a program"),
        ("empty.pdf", "an empty file"),
    ] {
        let text = format!("documents: {{ premises.right_of_use: {name} }}\n");
        let application = application(&office, &text);
        let said = office.run(&["--application", &application]).exits(1);
        assert!(said.err.contains(says), "{}", said.err);
    }
}

#[test]
fn what_a_draft_lacks_is_told_and_what_it_has_is_counted() {
    let office = Office::new();
    let said = office.run(&["--miss", "population-register"]).exits(0);
    assert!(
        said.out.contains("are there already, still to be given"),
        "{}",
        said.out
    );
    let waits = said.out.split("waits for:").nth(1).unwrap();
    assert!(waits.contains("operator.name"), "{waits}");
    assert!(!waits.contains("operator.identity_number"), "{waits}");
}

#[test]
fn words_fit_what_is_wrong() {
    let office = Office::new();
    let service = office.service.display().to_string();
    let why = |field: &str, more: &[&str]| {
        run([&["--lang", "en", "why", &service, field], more].concat())
    };
    why("premises.nonsense", &[])
        .exits(1)
        .says("the service has no field");
    why("operator.name", &["--way", "both"]).exits(2);
    let help = finish(&mut command(["--lang", "en", "why", "--help"])).exits(0);
    assert!(!help.out.contains("both"), "{}", help.out);
    let guide = [
        "guide",
        &service,
        "--answer",
        "signboard=no",
        "--answer",
        "signboard=yes",
    ];
    run(guide).exits(2).says("answered twice");
    let seats = |answer: &str| run(["guide", &service, "--answer", answer]).exits(1);
    for answer in ["seats=NaN", "seats=1e308"] {
        let said = seats(answer);
        assert!(said.err.contains("in digits such as 40"), "{}", said.err);
        assert!(!said.err.contains("any"), "{}", said.err);
    }
    // All that is wrong is told at once, each with what it can be.
    let wrong = ["seats=many", "chairs=4", "signboard=maybe"];
    let wrong = wrong.iter().flat_map(|answer| ["--answer", answer]);
    let args: Vec<&str> = ["guide", &service].into_iter().chain(wrong).collect();
    run(args)
        .exits(1)
        .says("seats")
        .says("in digits such as 40")
        .says("there is no such question; there are: ")
        .says("is answered with yes or no");
    let newborn = crate::tool::project("workflows/newborn")
        .display()
        .to_string();
    run(["why", &newborn, "father.phone"])
        .exits(1)
        .says("the contract `person` has `father.phone`");
}
