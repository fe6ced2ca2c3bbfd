//! Cases that really run: worked, killed, continued, refused, measured.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::tool::{Ran, command, project, run, write};

/// A service, a store, and the commands on them.
struct Office {
    folder: TempDir,
    service: PathBuf,
}

impl Office {
    fn new() -> Self {
        Self {
            folder: tempdir().unwrap(),
            service: project("workflows/open-restaurant"),
        }
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn path(&self, below: &str) -> String {
        self.folder.path().join(below).display().to_string()
    }

    /// Runs a command with the store.
    fn on(&self, line: &str) -> Ran {
        let store = self.store().display().to_string();
        let args = line.split(' ').map(str::to_owned);
        run(args.chain(["--store".to_owned(), store]))
    }

    /// `onething run`, with more arguments.
    fn run(&self, more: &[&str]) -> Ran {
        let (service, store) = (self.service.display().to_string(), self.store());
        let store = store.display().to_string();
        let args = ["run", service.as_str(), "--store", store.as_str()];
        run(args.iter().chain(more))
    }
}

/// The step that is awaited as work under a key of this form.
fn awaited(case: &Value, what: &str) -> Vec<String> {
    let items = case["awaiting"].as_array().unwrap().iter();
    let items = items.filter(|item| item["what"] == what);
    items
        .map(|item| item["effect"].as_str().unwrap().to_owned())
        .collect()
}

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
    // Nothing given: every fault is listed, and the case still waits.
    office
        .on("case hand-in 1 apply")
        .exits(1)
        .says("C0108")
        .says("premises.address");
    office
        .on("case hand-in 1 apply --sample")
        .exits(0)
        .says("more value(s)")
        .says("work complete 1/accept/1");
    office
        .run(&["--miss", "nobody"])
        .exits(2)
        .says("estate-register");
}

#[test]
fn officers_refuse_and_ask_for_supplements() {
    let office = Office::new();
    office.run(&[]).exits(0);
    office.on("work complete 1/accept/1 --sample").exits(0);
    let list = office.on("work list --format json").exits(0).json();
    let work = list["work"].as_array().unwrap();
    let urban: Vec<_> = work
        .iter()
        .filter(|item| item["department"] == "urban")
        .collect();
    assert_eq!(
        urban.len(),
        0,
        "the signboard waits for the inspection: {work:?}"
    );
    let market = work
        .iter()
        .find(|item| item["step"] == "safety-manager-check")
        .unwrap();
    let effect = market["effect"].as_str().unwrap();
    // What is not the applicant's to give cannot be asked for.
    office
        .on(&format!(
            "work supplement {effect} --reason unclear --field nobody.nothing --by o"
        ))
        .exits(1)
        .says("C0208");
    // Somebody answers for a decision.
    office
        .on(&format!("work refuse {effect} --reason unqualified"))
        .exits(2)
        .says("--by");
    office
        .on(&format!(
            "work refuse {effect} --reason unqualified --by officer-7"
        ))
        .exits(0)
        .says("was refused (officer-7): unqualified");
}

#[test]
fn an_officer_sees_what_the_step_reads_and_it_is_on_record() {
    let office = Office::new();
    office.run(&[]).exits(0);
    office.on("work complete 1/accept/1 --sample").exits(0);
    let effect = "1/health-examination/1";
    office
        .on(&format!("work show {effect}"))
        .exits(2)
        .says("--by");
    let shown = office
        .on(&format!("work show {effect} --by officer-3 --format json"))
        .exits(0)
        .json();
    let input = shown["input"].as_object().unwrap();
    assert!(!input.is_empty());
    assert!(
        input.keys().all(|name| name.starts_with("food_handler.")),
        "{input:?}"
    );
    let shown = office
        .on("case show 1 --history --format json")
        .exits(0)
        .json();
    let history = shown["history"].as_array().unwrap();
    let mine = history.iter().filter(|line| line["by"] == "officer-3");
    let events: Vec<_> = mine.map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["data-read"]);
    // Looking alone moves nothing on and tells no values to `case show`.
    let text = shown.to_string();
    for value in input.values().filter_map(|value| value.as_str()) {
        assert!(
            value.chars().count() < 4 || !text.contains(value),
            "{value}"
        );
    }
    office
        .on(&format!("work show {effect} --by officer-3 --lang zh"))
        .exits(0)
        .says("字段");
    office.on("work show 1/accept/1 --by officer-3").exits(1);
}

#[test]
fn a_supplement_is_asked_once_and_answered_with_documents_from_disk() {
    let office = Office::new();
    office.run(&[]).exits(0);
    office.on("work complete 1/accept/1 --sample").exits(0);
    office
        .on("case hand-in 1 attend-joint-inspection --sample")
        .exits(0);
    let list = office.on("work list --format json").exits(0).json();
    let work = list["work"].as_array().unwrap();
    let signboard = work.iter().find(|item| item["step"] == "signboard-review");
    let effect = signboard.unwrap()["effect"].as_str().unwrap().to_owned();
    let shown = office
        .on(&format!("work show {effect} --by o --format json"))
        .exits(0)
        .json();
    let document = |input: &Value| {
        let mut fields = input.as_object().unwrap().iter();
        let found =
            fields.find(|(name, value)| name.starts_with("sign") && value["digest"].is_string());
        found
            .map(|(name, value)| (name.clone(), value.clone()))
            .unwrap()
    };
    let (field, before) = document(&shown["input"]);
    let ask = format!("work supplement {effect} --reason unreadable --field {field} --by o");
    office
        .on(&ask)
        .exits(0)
        .says("onething case hand-in 1 signboard-review");
    // A file that is not there, then one that is.
    let kind = before["type"].as_str().unwrap();
    let file = office.path(&format!("new.{kind}"));
    let hand_in = format!("case hand-in 1 signboard-review --values {field}={file}");
    office.on(&hand_in).exits(1).says("failed to read");
    std::fs::write(&file, "a sharper picture").unwrap();
    office.on(&hand_in).exits(0);
    let again = effect.replace("signboard-review/1", "signboard-review/2");
    let shown = office
        .on(&format!("work show {again} --by o --format json"))
        .exits(0)
        .json();
    let after = &shown["input"][&field];
    assert_eq!(after["bytes"], "a sharper picture".len());
    assert_ne!(after["digest"], before["digest"]);
    // The law allows one notice.
    office
        .on(&format!(
            "work supplement {again} --reason again --field {field} --by o"
        ))
        .exits(1)
        .says("C0107");
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
fn an_application_from_a_file_is_one_case_however_often_it_is_sent() {
    let folder = tempdir().unwrap();
    let path = |below: &str| folder.path().join(below).display().to_string();
    let service = project("examples/services/start-stall")
        .display()
        .to_string();
    let text = r#"{
        "service": "start-stall",
        "values": {
            "operator": { "name": "李雷", "phone": 13900000000 },
            "stall.trade_name": "示例早点铺",
            "stall.goods": "餐饮服务"
        }
    }"#;
    write(folder.path(), &[("application.json", text)]);
    let (file, store) = (path("application.json"), path("store"));
    let fixed = ["run", &service, "--store", &store, "--application", &file];
    run(fixed).exits(0).says("the case is closed");
    run(fixed).exits(0).says("received before as case 1");
    let again = fixed
        .iter()
        .chain(&["--key", "another", "--format", "json"]);
    let answer = run(again).exits(0).json();
    assert_eq!(answer["cases"][0]["case"], 2);
    // The key of one application is not that of another.
    write(
        folder.path(),
        &[("application.json", &text.replace("餐饮服务", "零售"))],
    );
    let other = fixed.iter().chain(&["--key", "another"]);
    run(other).exits(1).says("C0202");
    let wrong = text.replace("start-stall", "start-shop");
    write(folder.path(), &[("application.json", &wrong)]);
    run(fixed).exits(1).says("start-shop");
    std::fs::write(folder.path().join("application.json"), b"\xff").unwrap();
    run(fixed).exits(1).says("UTF-8");
    let large = std::fs::File::create(folder.path().join("application.json")).unwrap();
    large.set_len(50 << 20).unwrap();
    run(fixed).exits(1).says("larger than");
}

#[test]
fn an_applicant_withdraws() {
    let office = Office::new();
    office.run(&[]).exits(0);
    let args = "case withdraw 1 --reason moved --format json";
    let answer = office.on(args).exits(0).json();
    assert_eq!(answer["cases"][0]["status"], "withdrawn");
    office.on("case withdraw 1").exits(1).says("C0101");
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

/// An application for the restaurant: what the sample one would hand in.
fn application(office: &Office, more: &str) -> String {
    let text = format!(
        "service: open-restaurant\nanswers: {{ signboard: no }}\nvalues:\n  operator.phone: 13900000000\n{more}"
    );
    write(office.folder.path(), &[("in/application.yaml", &text)]);
    office.path("in/application.yaml")
}

#[test]
fn a_faulty_application_is_refused_with_every_fault() {
    let office = Office::new();
    let file = application(&office, "  operator.phone2: 1\n  premises.area: large\n");
    let refused = office
        .run(&["--application", &file, "--format", "json"])
        .exits(1)
        .json();
    let error = &refused["error"];
    assert_eq!(error["code"], "C0210");
    let faults: Vec<_> = error["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["what"].as_str().unwrap())
        .collect();
    for what in ["operator.phone2", "premises.area"] {
        assert!(faults.contains(&what), "{faults:?}");
    }
    // Nothing is recorded but the refusal.
    let list = office.on("case list --format json").exits(0).json();
    assert_eq!(list["cases"][0]["status"], "not-accepted");
    let shown = office
        .on("case show 1 --history --format json")
        .exits(0)
        .json();
    assert_eq!(shown["history"].as_array().unwrap().len(), 1);
    assert_eq!(shown["faults"].as_array().unwrap().len(), faults.len());
}

#[test]
fn a_file_that_is_no_application_is_told_and_makes_no_store() {
    let office = Office::new();
    write(
        office.folder.path(),
        &[("a.yaml", "values: {a: 1, a: 2}\nanswer: {}\n")],
    );
    let file = office.path("a.yaml");
    office
        .run(&["--application", &file])
        .exits(1)
        .says("D0011")
        .says("D0101");
    assert!(!office.store().exists());
    let missing = office.path("nothing.yaml");
    office
        .run(&["--application", &missing])
        .exits(1)
        .says("nothing.yaml");
    office.run(&["--answer", "seats"]).exits(2);
    office.run(&["--answer", "chairs=4"]).exits(1).says("seats");
}

#[test]
fn a_store_is_opened_once_and_never_guessed() {
    let office = Office::new();
    office.on("case list").exits(1).says("there is no store");
    assert!(
        !office.store().exists(),
        "a command that looks makes nothing"
    );
    office.run(&[]).exits(0);
    let held = onething_store::EmbeddedStore::open(&office.store(), &Default::default()).unwrap();
    office
        .on("case list")
        .exits(1)
        .says("in use by another program");
    office
        .on("case list --lang zh")
        .exits(1)
        .says("正被另一个程序使用");
    held.0.close().unwrap();

    let version = find(&office.store(), "VERSION").unwrap_or_else(|| panic!("no version file"));
    let before = std::fs::read_to_string(&version).unwrap();
    std::fs::write(&version, before.replace('1', "9")).unwrap();
    let untouched = contents(&office.store());
    office.on("case list").exits(1).says("format");
    assert_eq!(contents(&office.store()), untouched);

    let other = tempdir().unwrap();
    write(other.path(), &[("letter.txt", "dear")]);
    let store = other.path().display().to_string();
    run(["case", "list", "--store", &store])
        .exits(1)
        .says("not a store");
}

#[test]
fn a_damaged_store_is_our_trouble_and_is_left_as_it_is() {
    let office = Office::new();
    office.run(&["--all"]).exits(0);
    let segments = contents(&office.store().join("journal"));
    let (path, bytes) = segments
        .into_iter()
        .max_by_key(|(_, bytes)| bytes.len())
        .unwrap();
    let mut damaged = bytes;
    let at = damaged.len() / 3;
    damaged[at] ^= 0x20;
    std::fs::write(&path, &damaged).unwrap();
    office.on("case list").exits(3).says("damaged");
    let failed = office.on("case list --format json").exits(3).json();
    assert_eq!(failed["error"]["exit"], 3);
    assert_eq!(std::fs::read(&path).unwrap(), damaged);
}

/// The file whose name holds this, without regard to case.
fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?;
    entries.flatten().map(|entry| entry.path()).find(|path| {
        let own = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_uppercase();
        path.is_file() && own.contains(name)
    })
}

/// Every file of a folder with its bytes.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(contents(&path));
        } else {
            files.push((path.clone(), std::fs::read(&path).unwrap()));
        }
    }
    files.sort();
    files
}

#[test]
fn personal_values_of_a_case_are_shown_to_a_name_and_on_record() {
    let office = Office::new();
    office.run(&[]).exits(0);
    let row = |ran: Ran, field: &str| -> Value {
        let answer = ran.exits(0).json();
        let all = answer["data"].as_array().unwrap().clone();
        let found = all.into_iter().find(|one| one["field"] == field);
        found.unwrap_or_else(|| panic!("{field} is not in {answer}"))
    };
    let quiet = row(
        office.on("case show 1 --data --format json"),
        "operator.name",
    );
    assert_eq!(quiet["personal"], true);
    assert!(quiet.get("value").is_none(), "{quiet}");
    assert!(quiet["from"].is_object(), "{quiet}");
    let line = "case show 1 --data --by auditor-1 --format json";
    let shown = row(office.on(line), "operator.name");
    assert!(shown["value"].is_string(), "{shown}");
    let history = office.on("case show 1 --history").exits(0);
    history.says("auditor-1").says("looked at the whole case");
    office
        .on("case show 1 --data")
        .exits(0)
        .says("(personal)")
        .says("registry ");
    office.on("case show 1 --by auditor-1").exits(2);
    let nobody = "case show 1 --data --by auditor-1 --department nobody";
    office.on(nobody).exits(1).says("C0208");
}
