//! Drafts: what registries had is shown, corrected where it may be, and handed
//! in once.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::office::{Office, awaited};
use crate::tool::{command, project, run, write};

/// A draft of the restaurant whose premises the estate register does not know.
fn draft(office: &Office) -> Value {
    let answer = office
        .run(&["--confirm", "--miss", "estate-register", "--format", "json"])
        .exits(0)
        .json();
    answer["cases"][0].clone()
}

fn fields(list: &Value) -> BTreeSet<String> {
    let items = list.as_array().unwrap().iter();
    items
        .map(|item| {
            let name = item.get("field").unwrap_or(item);
            name.as_str().unwrap().to_owned()
        })
        .collect()
}

#[test]
fn a_draft_tells_what_was_fetched_from_where_and_what_is_missing() {
    let office = Office::new();
    let case = draft(&office);
    assert_eq!(
        (&case["status"], &case["submissions"]),
        (&"draft".into(), &0.into())
    );
    assert_eq!(awaited(&case, "submission"), ["1/apply/1"]);

    // Personal data is shown to nobody without a name.
    office.on("case draft 1").exits(2).says("--by");
    let shown = office
        .on("case draft 1 --by applicant --format json")
        .exits(0)
        .json();
    let name = shown["fetched"]
        .as_array()
        .unwrap()
        .iter()
        .find(|known| known["field"] == "operator.name")
        .unwrap();
    assert!(name["value"].is_string(), "{name}");
    assert_eq!(name["from"]["registry"], "population-register");
    assert!(name["since"].is_string() && name["fresh_until"].is_string());
    let missing = ["premises.address", "premises.area", "premises.planned_use"];
    assert_eq!(fields(&shown["asked"]), missing.map(str::to_owned).into());
    let asked = shown["asked"].as_array().unwrap();
    assert!(
        asked
            .iter()
            .all(|item| item["missed_by"] == "estate-register")
    );
    assert!(fields(&shown["given"]).contains("operator.phone"));
    // Registries were asked with the number: another one would be another person's.
    assert!(!fields(&shown["given"]).contains("operator.identity_number"));
    assert!(fields(&shown["asked_with"]).contains("operator.identity_number"));
    let register = shown["look_ups"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["registry"] == "population-register")
        .unwrap();
    assert_eq!(register["kept_by"]["department"], "police");

    // Who looked is on record.
    let history = office.on("case show 1 --history --format json").exits(0);
    let history = history.json()["history"].as_array().unwrap().clone();
    let last = history.last().unwrap();
    assert_eq!(
        (&last["event"], &last["by"]),
        (&"data-read".into(), &"applicant".into())
    );

    // For people: from where, how old, where it is corrected, what comes next.
    office
        .on("case draft 1 --by applicant --lang zh")
        .exits(0)
        .says("人口基础信息库：公安局")
        .says("（刚刚）")
        .says("经营场所地址（premises.address）：不动产登记库没有")
        .says("onething case confirm 1 --store");
    office
        .on("case draft 1 --by applicant --lang en")
        .exits(0)
        .says("population register: Public security")
        .says("the estate register did not have it");
}

#[test]
fn what_a_registry_holds_is_corrected_there_and_what_was_given_here() {
    let office = Office::new();
    draft(&office);
    office.on("case confirm 1").exits(2).says("--by");
    // Nothing is handed in that nobody looked at.
    let unseen = "case confirm 1 --by applicant --sample";
    office.on(unseen).exits(1).says("C0114").says("case draft");
    office.on("case draft 1 --by applicant").exits(0);
    // What is missing and what is not the applicant's to change, all at once.
    let line = "case confirm 1 --by applicant --values operator.name=another";
    office
        .on(line)
        .exits(1)
        .says("C0108")
        .says("population register")
        .says("premises.area");
    let line = "case confirm 1 --by applicant --set operator.phone=13900001111 \
                --sample --format json";
    let answer = office.on(line).exits(0).json();
    let case = &answer["cases"][0];
    assert_eq!(
        (&case["status"], &case["submissions"]),
        (&"running".into(), &1.into())
    );
    let value = |field: &str| {
        let line = "case show 1 --data --by auditor --department market --format json";
        let answer = office.on(line).exits(0).json();
        let all = answer["data"].as_array().unwrap();
        let found = all.iter().find(|known| known["field"] == field);
        found.unwrap().clone()
    };
    // The correction counts; samples filled in what was missing and nothing else.
    assert_eq!(value("operator.phone")["value"], "13900001111");
    assert_eq!(value("premises.area")["from"]["applicant"], true);
    // It is handed in once.
    office.on(line).exits(1).says("C0104");
    office
        .on("case draft 1 --by applicant")
        .exits(1)
        .says("C0104");
    office
        .on("case confirm 9 --by applicant")
        .exits(1)
        .says("C0201");
}

#[test]
fn what_the_application_gave_is_not_overwritten_by_samples() {
    let office = Office::new();
    let service = crate::tool::project("examples/services/start-stall");
    let office = Office { service, ..office };
    let text = "values:\n  operator: { name: 李雷, phone: 13900002222 }\n  \
                stall: { trade_name: 示例早点铺, goods: 餐饮服务 }\n";
    write(office.folder.path(), &[("a.yaml", text)]);
    let file = office.path("a.yaml");
    let answer = office
        .run(&["--confirm", "--application", &file, "--format", "json"])
        .exits(0)
        .json();
    let case = &answer["cases"][0];
    assert_eq!(
        case["status"], "draft",
        "nothing is missing, and yet it waits"
    );
    let form = case["awaiting"][0]["form"].as_array().unwrap();
    assert!(form.iter().all(|item| item["given"] == true), "{form:?}");
    // The same file again is the same draft.
    office
        .run(&["--confirm", "--application", &file])
        .exits(0)
        .says("received before as case 1")
        .says("onething case draft 1");
    office.run(&["--confirm", "--all"]).exits(2);
    office.on("case confirm 1 --sample").exits(0);
    let answer = office
        .on("case show 1 --data --format json")
        .exits(0)
        .json();
    let goods = answer["data"].as_array().unwrap();
    let goods = goods.iter().find(|known| known["field"] == "stall.goods");
    assert_eq!(goods.unwrap()["value"], "餐饮服务");
}

/// Kills a command after so long; whether it ended of itself before.
fn killed_after(wait: Duration, args: &[&str]) -> bool {
    let mut child = command(args).stdout(Stdio::null()).spawn().unwrap();
    let until = Instant::now() + wait;
    loop {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        if Instant::now() > until {
            child.kill().unwrap();
            child.wait().unwrap();
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Kills the filing and the confirming at many instants; one case comes of it,
/// and one submission.
#[test]
fn a_kill_between_draft_and_confirmation_loses_nothing() {
    let office = Office::new();
    let (service, store) = (office.service.display().to_string(), office.store());
    let store = store.display().to_string();
    let file = [
        "run",
        &service,
        "--confirm",
        "--key",
        "k",
        "--quiet",
        "--store",
        &store,
    ];
    let confirm = [
        "case",
        "confirm",
        "1",
        "--by",
        "applicant",
        "--quiet",
        "--store",
        &store,
    ];
    let mut killed = [0, 0];
    for (at, args) in [&file[..], &confirm].into_iter().enumerate() {
        for wait_ms in (5..).step_by(9).take(60) {
            if killed_after(Duration::from_millis(wait_ms), args) {
                break;
            }
            killed[at] += 1;
        }
        if at == 0 {
            // On a slow machine every run was killed: this one is let alone.
            office.run(&["--confirm", "--key", "k"]).exits(0);
            let list = office.on("case list --format json").exits(0).json();
            let list = list["cases"].as_array().unwrap();
            assert_eq!(list.len(), 1, "{list:?}");
            assert_eq!(list[0]["status"], "draft");
            office.on("case draft 1 --by applicant").exits(0);
        }
    }
    assert!(killed.iter().all(|times| *times > 0), "nothing was killed");
    let last = office.on("case confirm 1 --by applicant");
    assert!(last.exit == 0 || last.err.contains("C0104"), "{last:?}");
    let shown = office
        .on("case show 1 --history --format json")
        .exits(0)
        .json();
    assert_eq!(
        (&shown["status"], &shown["submissions"]),
        (&"running".into(), &1.into())
    );
    let history = shown["history"].as_array().unwrap();
    let of = |event: &str| history.iter().filter(|line| line["event"] == event).count();
    assert_eq!((of("case-opened"), of("submitted")), (1, 1));
}

/// The population register gives the number that the household register is asked with.
#[test]
fn a_registry_is_not_asked_without_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let calendar = std::fs::read_to_string(project("workflows/calendars/cn-government.yaml"));
    let files = [
        (
            "departments.yaml",
            "language: zh\ndepartments:\n  edu: { title: { zh: 教育局, en: Education } }\n  police: { title: { zh: 公安局, en: Police } }\nwindows:\n  one-thing: { title: 综合窗口, departments: all, channels: [window, online] }\n",
        ),
        ("calendars/cn-government.yaml", &calendar.unwrap()),
        ("contracts/person.yaml", PERSON),
        ("school/service.yaml", SCHOOL),
        (
            "a.yaml",
            "service: school\nvalues: { child.identity_number: \"11010519491231002X\" }\n",
        ),
    ];
    write(folder.path(), &files);
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (service, store, file) = (at("school"), at("store"), at("a.yaml"));
    let words = [
        "run",
        &service,
        "--store",
        &store,
        "--confirm",
        "--application",
        &file,
    ];
    let ran = run(words
        .into_iter()
        .chain(["--miss", "population", "--lang", "en"]))
    .exits(0);
    let out = &ran.out;
    assert!(
        out.contains("in the household register of Police” is not asked"),
        "{out}"
    );
    assert!(
        !out.contains("in the household register of Police” is asked"),
        "{out}"
    );
    // The number is asked of nobody: only the registry that is skipped would have been asked with it.
    assert!(!out.contains("child.household_no\u{20}"), "{out}");
    ran.says("child.household_book");

    // The number was mistyped. It stays, and with the right one the registries are asked anew.
    let on = |line: &str| run(line.split(' ').chain(["--store", &store]));
    on("case draft 1 --by wang --lang zh")
        .exits(0)
        .says("未查询，查询所需的内容别的数据库没有提供")
        .says("也可能是查询所用的内容填写有误");
    let confirm = "case confirm 1 --by wang --sample --set";
    on(&format!(
        "{confirm} child.identity_number=110105194912310038"
    ))
    .exits(1)
    .says("C0108")
    .says("registries were asked with it");
    on("case withdraw 1 --reason mistyped --by wang").exits(0);
    let right = files[4]
        .1
        .replace("11010519491231002X", "110105194912310038");
    write(folder.path(), &[("a.yaml", &right)]);
    run(words.into_iter().chain(["--lang", "en"])).exits(0);
    let shown = on("case draft 2 --by wang --format json").exits(0).json();
    assert_eq!(fields(&shown["asked"]), BTreeSet::new());
    let had = ["child.household_book", "child.household_no"];
    assert_eq!(fields(&shown["fetched"]), had.map(str::to_owned).into());
}

const PERSON: &str = r#"contract: person
version: 1.0.0
title: { zh: 自然人, en: Person }
owner: police
identified_by: [identity_number]
fields:
  identity_number: { title: { zh: 公民身份号码, en: Identity number }, type: identity-number, example: 11010519491231002X, sensitivity: personal }
  household_no: { title: { zh: 户号, en: Household number }, type: code, pattern: "[0-9]{9}", example: "123456789", sensitivity: personal }
  household_book: { title: { zh: 户口簿, en: Household book }, type: document, accepts: [pdf], up_to: 5MiB, sensitivity: personal }
  place: { title: { zh: 学位, en: Place }, type: text, max_chars: 20, example: 一小, sensitivity: public }
providers:
  - { registry: population, title: { zh: 人口库, en: population register }, department: police, with: [identity_number], gives: [household_no], basis: 条例一 }
  - { registry: households, title: { zh: 户籍库, en: household register }, department: police, with: [household_no], gives: [household_book], basis: 条例二 }
grants:
  - { to: edu, fields: [identity_number, household_book, household_no], purpose: enrolment, basis: 义务教育法 }
"#;

const SCHOOL: &str = r"onething: 1
service: school
version: 1.0.0
title: { zh: 入学一件事, en: School enrolment }
owner: edu
calendar: cn-government
roles:
  child: { contract: person, title: { zh: 孩子, en: Child } }
applicant: child
intake: { window: one-thing }
matters:
  enrol: { title: { zh: 入学, en: Enrolment }, department: edu, limit: { statutory: 20wd, promised: 8wd, basis: 义务教育法 } }
steps:
  enrol:
    title: { zh: 入学决定, en: Decide }
    matter: enrol
    by: officer
    purpose: enrolment
    reads: { child: [household_book] }
    writes: { child: [place] }
    limit: 3wd
delivers:
  - { what: child, by: [electronic] }
";

/// What follows from an identity number is told to the applicant with its reason, and where
/// each value comes from, in their words.
#[test]
fn what_follows_from_a_number_is_told_as_such() {
    let office = Office::new();
    draft(&office);
    let said = office.on("case draft 1 --by 申请人 --lang zh").exits(0).out;
    let (_, derived) = said
        .split_once("以下内容由已有的内容得出，无需填写：")
        .unwrap();
    for line in [
        "  从业人员 出生日期（food_handler.born_on）：由公民身份号码得出（第 7 至 14 位，GB 11643-1999）\n",
        "  从业人员 性别（food_handler.sex）：由公民身份号码得出（第 17 位，单数为男、双数为女，GB 11643-1999）\n",
    ] {
        assert!(derived.contains(line), "{line}{said}");
    }
    let english = office.on("case draft 1 --by o --lang en").exits(0);
    english
        .says("this follows from what is there already and need not be filled in:")
        .says(": follows from Identity number (digits 7 to 14, GB 11643-1999)");
    office.on("case confirm 1 --sample").exits(0);
    // The number of the applicant's handler says who that is: shown with its reason only.
    let data = office.on("case show 1 --data --lang zh").exits(0).out;
    let born = data
        .lines()
        .find(|line| line.contains("food_handler.born_on"));
    assert!(
        born.unwrap_or_default().contains("由公民身份号码得出"),
        "{data}"
    );
}

/// Who handed in and who withdrew stands in the history, in brackets.
#[test]
fn the_history_names_who_handed_in_and_who_withdrew() {
    let office = Office::new();
    draft(&office);
    office.on("case draft 1 --by 王芳").exits(0);
    office.on("case confirm 1 --sample --by 王芳").exits(0);
    office.on("work complete 1/accept/1 --by 张工").exits(0);
    office
        .on("case hand-in 1 attend-joint-inspection --by 赵明")
        .exits(0);
    office
        .on("case withdraw 1 --by 李梅 --reason 另择场所")
        .exits(0);
    let zh = office.on("case show 1 --history --lang zh").exits(0).out;
    let en = office.on("case show 1 --history --lang en").exits(0).out;
    for (what_zh, what_en, who) in [
        ("提交", "handed in", "王芳"),
        ("联合踏勘", "joint", "赵明"),
        ("撤回", "withdr", "李梅"),
    ] {
        for (text, what, named) in [
            (&zh, what_zh, format!("（{who}）")),
            (&en, what_en, format!("({who})")),
        ] {
            let told = text
                .lines()
                .any(|line| line.contains(what) && line.contains(&named));
            assert!(told, "{what} {named}: {text}");
        }
    }
}

/// Whoever confirms what has become too old is told so, and when the command ends the registries
/// have answered anew: there is something to look at.
#[test]
fn a_draft_that_is_too_old_is_asked_anew_before_the_command_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    run(["new", &path("shop")]).exits(0);
    let contract = folder.path().join("shop/contracts/enterprise.yaml");
    let text = std::fs::read_to_string(&contract).unwrap();
    // Older than this is whatever another command has asked.
    std::fs::write(&contract, text.replace("fresh: 1d", "fresh: 0.001min")).unwrap();
    let (service, store) = (path("shop/shop"), path("store"));
    run(["run", &service, "--confirm", "--store", &store]).exits(0);
    let on = |line: &str| {
        let args = line.split(' ').map(str::to_owned);
        run(args.chain(["--store".to_owned(), store.clone()]))
    };
    // A command that did not wait would be lucky now and then.
    for round in 1..=4 {
        on("case draft 1 --by applicant").exits(0);
        let too_old = on("case confirm 1 --by applicant --sample").exits(1);
        too_old.says("C0112");
        let history = on("case show 1 --history --format json").exits(0).json();
        let events = history["history"].as_array().unwrap().iter();
        let events: Vec<&str> = events.map(|line| line["event"].as_str().unwrap()).collect();
        let since: Vec<&[&str]> = events.split(|event| *event == "draft-renewed").collect();
        assert_eq!(since.len(), round + 1, "{events:?}");
        assert!(since[round].contains(&"step-completed"), "{events:?}");
    }
}

/// What the application of a draft gave is nobody's yet; only personal values are called so.
#[test]
fn what_a_draft_keeps_back_is_called_personal_only_where_it_is() {
    let office = Office::new();
    draft(&office);
    let line = |lang: &str, field: &str| {
        let data = office.on(&format!("case show 1 --data --lang {lang}"));
        let data = data.exits(0).out;
        let found = data.lines().find(|line| line.contains(field));
        found.unwrap_or_else(|| panic!("{data}")).to_owned()
    };
    let known = office
        .on("case show 1 --data --format json")
        .exits(0)
        .json();
    let is_personal = |field: &str| {
        let data = known["data"].as_array().unwrap();
        let found = data.iter().find(|one| one["field"] == field).unwrap();
        assert_eq!(found["value"], serde_json::Value::Null);
        found["personal"].as_bool().unwrap()
    };
    let (public, personal) = ("catering.water_source", "operator.phone");
    assert!(is_personal(personal) && !is_personal(public), "{known}");
    for (field, lang, said) in [
        (public, "en", "(not handed in yet)"),
        (public, "zh", "（尚未提交）"),
        (personal, "en", "(personal)"),
        (personal, "zh", "（个人信息）"),
    ] {
        assert!(line(lang, field).contains(said), "{}", line(lang, field));
    }
    office.on("case draft 1 --by o").exits(0);
    office.on("case confirm 1 --sample").exits(0);
    assert!(line("en", public).contains(" Mains "));
}
