//! Officers: what they see, refuse and ask for, and what is on record of it.

use serde_json::{Value, json};

use crate::office::Office;
use crate::tool::{Ran, run};

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
    // Nor can it be done before that: what it waits for is said.
    for (line, lang, waits) in [
        ("complete", "en", "waiting for `attend-joint-inspection`"),
        (
            "complete",
            "zh",
            "要等「约定并陪同联合踏勘」完成后才开始，不能办结",
        ),
        (
            "refuse --reason x",
            "zh",
            "要等「约定并陪同联合踏勘」完成后才开始，不能",
        ),
    ] {
        office
            .on(&format!(
                "work {line} 1/signboard-review/1 --by o --lang {lang}"
            ))
            .exits(1)
            .says("C0103")
            .says(waits);
    }
    // What is not the applicant's to give cannot be asked for.
    office
        .on(&format!(
            "work supplement {effect} --reason unclear --field nobody.nothing --by o"
        ))
        .exits(1)
        .says("C0208");
    // Nor what the population register was asked with.
    let ask = format!("work supplement {effect} --reason unclear --by o");
    office
        .on(&format!("{ask} --field safety_manager.identity_number"))
        .exits(1)
        .says("C0110")
        .says("registries were asked with it");
    // Somebody answers for a decision.
    office
        .on(&format!("work refuse {effect} --reason unqualified"))
        .exits(2)
        .says("--by");
    office
        .on(&format!(
            "work refuse {effect} --reason unqualified,call-13812345678 --by officer-7"
        ))
        .exits(0)
        .says("was refused (officer-7): unqualified,call-▇▇");
    // A number in a reason is nobody else's to read, whatever is asked for.
    for format in ["text", "json"] {
        let show = format!("case show 1 --history --format {format}");
        let shown = office.on(&show).exits(0).says("unqualified,call-▇▇");
        assert!(!shown.out.contains("13812345678"));
        // Who was refused has a right to the reasons, and is on record for reading them.
        office
            .on(&format!("{show} --applicant --by Alice"))
            .exits(0)
            .says("unqualified,call-13812345678");
    }
}

/// Look-ups have one name, in lists and histories as in notices and drawings.
#[test]
fn look_ups_are_called_what_the_notice_calls_them() {
    let office = Office::new();
    let ran = office.run(&["--miss", "population-register", "--lang", "zh"]);
    let shown = office.on("case show 1 --history --lang zh").exits(0);
    let name = "向公安局人口基础信息库查询申请人（经办人）信息";
    for told in [&ran.exits(0).out, &shown.out] {
        assert!(told.contains(name), "{told}");
        assert!(!told.contains("查询人口基础信息库（"), "{told}");
    }
    let mut notice = run([
        "guide",
        &office.service.display().to_string(),
        "--lang",
        "zh",
    ])
    .out;
    notice.retain(|c| !c.is_whitespace());
    assert!(notice.contains(name), "{notice}");
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
    // Registries were asked with the number: no notice asks for another one.
    assert_eq!(shown["asked_with"], json!(["food_handler.identity_number"]));
    let correctable = shown["correctable"].as_array().unwrap();
    assert!(!correctable.contains(&json!("food_handler.identity_number")));
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
        .says("字段")
        .says("已据此查询数据库，不能补正");
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
    let correctable = |shown: &Value| shown["correctable"].as_array().unwrap().clone();
    assert!(correctable(&shown).contains(&json!(field)), "{shown}");
    office
        .on(&format!("work show {effect} --by o"))
        .exits(0)
        .says("may be asked for again");
    let reason = "unreadable,call-13812345678";
    let ask = format!("work supplement {effect} --reason {reason} --field {field} --by o");
    office
        .on(&ask)
        .exits(0)
        .says("onething case hand-in 1 signboard-review");
    // The officer is told whom it waits for, and what comes of it.
    let waits = office.on(&format!("work show {effect} --by o")).exits(1);
    let waits = waits.says("C0103").says("for the applicant to supplement");
    let waits = waits
        .says(&format!("`{field}`"))
        .says("cannot be worked on");
    waits.says("on the worklist again as the next round");
    // The applicant reads the notice as it was written: under a name, and that is on record.
    for format in ["text", "json"] {
        let show = format!("case show 1 --history --format {format}");
        let shown = office.on(&show).exits(0).says("unreadable,call-▇▇");
        assert!(!shown.out.contains("13812345678"));
        office
            .on(&format!("{show} --applicant"))
            .exits(2)
            .says("--by");
        office
            .on(&format!("{show} --applicant --by Alice"))
            .exits(0)
            .says("unreadable,call-13812345678");
        office
            .on(&show)
            .exits(0)
            .says("the applicant (Alice) read reasons as they were written");
    }
    // A file that is not there, then one that is.
    let kind = before["type"].as_str().unwrap();
    let file = office.path(&format!("new.{kind}"));
    let hand_in = format!("case hand-in 1 signboard-review --by w --values {field}={file}");
    office
        .on(&format!("{hand_in} --values nobody.nothing=1"))
        .exits(1)
        .says("failed to read")
        .says("nobody.nothing");
    office.on(&hand_in).exits(1).says("failed to read");
    std::fs::write(&file, "a sharper picture").unwrap();
    office.on(&hand_in).exits(1).says("plain text");
    std::fs::write(&file, "%PDF-1.7 a sharper picture").unwrap();
    office.on(&hand_in).exits(0);
    let again = effect.replace("signboard-review/1", "signboard-review/2");
    let shown = office
        .on(&format!("work show {again} --by o --format json"))
        .exits(0)
        .json();
    let after = &shown["input"][&field];
    assert_eq!(after["bytes"], "%PDF-1.7 a sharper picture".len());
    assert_ne!(after["digest"], before["digest"]);
    // The law allows one notice.
    assert_eq!(shown["correctable"], json!([]));
    office
        .on(&format!(
            "work supplement {again} --reason again --field {field} --by o"
        ))
        .exits(1)
        .says("C0107");
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
        .says("the population register");
    office.on("case show 1 --by auditor-1").exits(2);
    let nobody = "case show 1 --data --by auditor-1 --department nobody";
    office.on(nobody).exits(1).says("C0216");
    let line = "case show 1 --data --by auditor-1 --purpose licensing-and-registration";
    let shown = row(office.on(&format!("{line} --format json")), "operator.name");
    assert!(shown["value"].is_string(), "{shown}");
    // Who asks for a purpose that is not granted is told which are.
    let curious = "case show 1 --data --by auditor-1 --purpose curiosity";
    let refused = office.on(curious).exits(1).says("C0208");
    refused
        .says("`curiosity`")
        .says("licensing-and-registration");
}

/// Every value at the window says where it comes from, in words and for programs, as the
/// data of the case does.
#[test]
fn an_officer_sees_where_each_value_comes_from() {
    let office = Office::new();
    office.run(&[]).exits(0);
    office.on("work complete 1/accept/1 --sample").exits(0);
    office
        .on("case hand-in 1 attend-joint-inspection --sample")
        .exits(0);
    office
        .on("work complete 1/fire-inspection/1 --sample")
        .exits(0);
    let effect = "1/fire-decision/1";
    let shown = office
        .on(&format!("work show {effect} --by o --format json"))
        .exits(0)
        .json();
    let origin = |shown: &Value, name: &str| {
        let mut known = shown["known"].as_array().unwrap().iter();
        let one = known.find(|one| one["field"] == name).unwrap();
        assert!(one["since"].is_string(), "{one}");
        assert!(one["valid_since"].is_string(), "{one}");
        assert_eq!(one["value"], shown["input"][name], "{one}");
        one["from"].clone()
    };
    let from = origin(&shown, "fire_inspection.findings");
    assert_eq!(from["step"], "fire-inspection");
    assert_eq!(from["department"], "fire");
    office
        .on(&format!("work show {effect} --by o --lang zh"))
        .exits(0)
        .says("环节 fire-inspection")
        .says("取得时间")
        .says("有效起始");
    let list = office.on("work list --format json").exits(0).json();
    let work = list["work"].as_array().unwrap();
    let signboard = work.iter().find(|item| item["step"] == "signboard-review");
    let effect = signboard.unwrap()["effect"].as_str().unwrap();
    let shown = office
        .on(&format!("work show {effect} --by o --format json"))
        .exits(0)
        .json();
    assert_eq!(
        origin(&shown, "operator.name")["registry"],
        "population-register"
    );
    assert_eq!(origin(&shown, "operator.phone")["applicant"], true);
    office
        .on(&format!("work show {effect} --by o --lang en"))
        .exits(0)
        .says("the population register")
        .says("the applicant");
}

/// Who accepts sees whether the application is complete: everything by name and origin,
/// and of what is not public only what the department is granted.
#[test]
fn who_accepts_an_application_sees_whether_it_is_complete() {
    let office = Office::new();
    office.run(&[]).exits(0);
    let shown = office
        .on("work show 1/accept/1 --by clerk --format json")
        .exits(0)
        .json();
    assert_eq!(shown["accepts"], true);
    let known = shown["known"].as_array().unwrap();
    let one = |name: &str| known.iter().find(|one| one["field"] == name).unwrap();
    assert!(one("premises.area")["value"].is_number());
    // The centre asks for the telephone and is granted it, for notices; those of others
    // are asked for the steps that read them.
    let other = one("safety_manager.phone");
    assert!(other.get("value").is_none(), "{other}");
    assert!(one("operator.phone")["value"].is_string());
    let name = one("operator.name");
    assert!(name.get("value").is_none(), "{name}");
    assert_eq!(name["from"]["registry"], "population-register");
    assert!(shown["input"].get("operator.name").is_none());
    office
        .on("work show 1/accept/1 --by clerk --lang zh")
        .exits(0)
        .says("核对申请是否齐全")
        .says("（有，未授权查看）");
    let readings = office
        .on("case show 1 --readings --format json")
        .exits(0)
        .json();
    let readings = readings["readings"].as_array().unwrap();
    let mine: Vec<_> = readings.iter().filter(|one| one["by"] == "clerk").collect();
    assert_eq!(mine.len(), 2, "one a look: {readings:?}");
    assert_eq!(mine[0]["field"], "operator.phone");
    assert_eq!(mine[0]["purpose"], "notices");
}
