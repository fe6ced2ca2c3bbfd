//! Applications from files: read, refused with every fault, sent twice.

use tempfile::tempdir;

use crate::office::{Office, application};
use crate::tool::{project, run, write};

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
    run(fixed)
        .exits(0)
        .says("received before as case 1, closed on ")
        .says("which is not taken up again; to apply anew, send it with `--key`");
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

/// A request that arrives late must not open a second case, also not of an application
/// that was withdrawn meanwhile; who means it applies under another key, and is told so.
#[test]
fn an_application_that_was_withdrawn_says_so_when_it_is_sent_again() {
    let office = Office::new();
    let service = project("examples/services/start-stall");
    let office = Office { service, ..office };
    let text = "service: start-stall\nvalues:\n  operator.name: 李雷\n  operator.phone: 13900000000\n  stall.trade_name: 示例早点铺\n  stall.goods: 餐饮服务\n";
    write(office.folder.path(), &[("a.yaml", text)]);
    let file = office.path("a.yaml");
    let send = |more: &[&str]| {
        let args = [&["--confirm", "--application", &file], more].concat();
        office.run(&args).exits(0)
    };
    send(&[]);
    send(&[]).says("received before as case 1; use `--key` to apply again");
    office.on("case withdraw 1 --by applicant").exits(0);
    send(&[])
        .says("received before as case 1, withdrawn on ")
        .says("which is not taken up again; to apply anew, send it with `--key`");
    send(&["--lang", "zh"]).says("已撤回，不因再次提交而恢复；如要重新申请，请用 `--key`");
    let statuses = || -> Vec<String> {
        let list = office.on("case list --format json").exits(0).json();
        let cases = list["cases"].as_array().unwrap().iter();
        let status = |case: &serde_json::Value| case["status"].as_str().unwrap().to_owned();
        cases.map(status).collect()
    };
    assert_eq!(statuses(), ["withdrawn"]);
    send(&["--key", "anew"]);
    assert_eq!(statuses(), ["withdrawn", "draft"]);
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

/// What the applicant gave and a registry holds does not count, and they are told when
/// it is decided: when the registry answers, and when they hand in.
/// What people gave of themselves stands in no message: messages are read by others and
/// kept in logs. The line and the column are enough to find it.
#[test]
fn a_fault_of_an_application_quotes_nothing_that_was_given() {
    let office = Office::new();
    let secret = "11010519491231002X";
    let table = [
        (
            "no-end",
            "values:\n  operator: { identity_number: 11010519491231002X, phone: \"139\n",
        ),
        (
            "twice",
            "values:\n  operator.name: 11010519491231002X\n  operator.name: 11010519491231002X\n",
        ),
        ("odd", "values:\n  11010519491231002X\n"),
        (
            "deep",
            "values:\n  operator.name: { a: 11010519491231002X }\nodd: 11010519491231002X\n",
        ),
        ("tab", "values:\n\toperator.name: 11010519491231002X\n"),
        (
            "anchor",
            "values:\n  operator.name: &a 11010519491231002X\n  operator.phone: *b\n",
        ),
    ];
    for (name, text) in table {
        let file = office.path(&format!("{name}.yaml"));
        std::fs::write(&file, text).unwrap();
        for format in ["text", "json"] {
            let args = ["--application", &file, "--format", format];
            let ran = office.run(&args).exits(1);
            let told = format!("{}{}", ran.out, ran.err);
            assert!(!told.contains(secret), "{told}");
            assert!(told.contains(&format!("{name}.yaml")), "{told}");
        }
    }
}

#[test]
fn what_a_registry_holds_is_said_to_count_rather_than_what_was_given() {
    let folder = tempdir().unwrap();
    let path = |below: &str| folder.path().join(below).display().to_string();
    let (service, store) = (path("shop"), path("store"));
    run(["new", &service]).exits(0);
    let text = "answers: { signboard: yes }
values:
  shop: { credit_code: 91350100M000100Y43, name: another name, floor_plan: plan.pdf, sign_photo: sign.png }
  operator: { name: 李雷, phone: 13900000000 }
";
    write(
        folder.path(),
        &[
            ("in/application.yaml", text),
            ("in/plan.pdf", "%PDF-1.7 a plan"),
            ("in/sign.png", "\u{89}PNG"),
        ],
    );
    std::fs::write(folder.path().join("in/sign.png"), b"\x89PNG\r\n\x1a\n").unwrap();
    let file = path("in/application.yaml");
    let with = |more: &[&str]| {
        let fixed = ["run", &service, "--store", &store, "--application", &file];
        run(fixed.iter().copied().chain(more.iter().copied()))
    };
    let on = |line: &str| run(line.split(' ').chain(["--store", &store]));
    let told = "but what the registry has counts";
    let name = "Enterprise: Name (shop.name): the Enterprise register";
    with(&["--key", "a"]).exits(0).says(told).says(name);
    with(&["--key", "b", "--lang", "zh"])
        .exits(0)
        .says("以数据库的为准")
        .says("（shop.name）：企业登记信息库");
    let answer = with(&["--key", "c", "--format", "json"]).exits(0).json();
    let cases = answer["cases"].as_array().unwrap();
    let aside = &cases.last().unwrap()["set_aside"];
    assert_eq!(aside.as_array().unwrap().len(), 1, "{aside}");
    assert_eq!(aside[0]["field"], "shop.name");
    assert_eq!(aside[0]["registry"], "enterprise-register");
    // Where the draft waits, it is said when it is handed in as well.
    with(&["--key", "d", "--confirm"]).exits(0).says(told);
    on("case draft 4 --by w").exits(0);
    on("case hand-in 4 apply --by w")
        .exits(0)
        .says(told)
        .says(name);
    // Nothing was decided since: it is not said again.
    let later = on("work complete 4/accept/1 --by o1").exits(0);
    assert!(!later.out.contains(told), "{}", later.out);
    // A registry that has nothing sets nothing aside.
    let missed = with(&["--key", "e", "--miss", "enterprise-register"]).exits(0);
    assert!(missed.out.contains("case 5"), "{}", missed.out);
    assert!(!missed.out.contains(told), "{}", missed.out);
}

/// What is no text is told with its line and column, and one zero makes no UTF-16.
#[test]
fn a_file_that_is_no_text_is_told_with_the_place() {
    let office = Office::new();
    let path = office.path("wrong.yaml");
    for (bytes, said) in [
        (
            &b"a: 1\n\xE6\xA0\x87: \xB2\xCD\n"[..],
            "is not UTF-8 at line 2, column 4",
        ),
        (&b"a: \0b\n"[..], "wrong.yaml:1:4"),
        (&b"a: \0b\n"[..], "a NUL byte (U+0000) stands here"),
        (&b"a\0:\0 \0b\0\n\0"[..], "is UTF-16, not UTF-8"),
    ] {
        std::fs::write(&path, bytes).unwrap();
        office.run(&["--application", &path]).exits(1).says(said);
    }
}
