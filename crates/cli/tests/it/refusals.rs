//! What a refusal comes to, as the applicant and others are told it.

use serde_json::{Value, json};

use crate::office::Office;
use crate::tool::{project, write};

/// Where the licence is refused, it is not handed out, the register of licences is not asked, and
/// the enrolment, which reads the grade, has it of the applicant.
fn licences(grade: &str) -> Office {
    let office = Office::new();
    let calendar = std::fs::read_to_string(project("workflows/calendars/cn-government.yaml"));
    let service = SCHOOL.replace("GRADE", grade);
    let files = [
        ("departments.yaml", DEPARTMENTS),
        ("calendars/cn-government.yaml", &calendar.unwrap()),
        ("contracts/person.yaml", PERSON),
        ("school/service.yaml", &service),
    ];
    write(office.folder.path(), &files);
    let service = office.folder.path().join("school");
    let office = Office { service, ..office };
    office.run(&[]).exits(0);
    office
}

fn records(office: &Office) -> u64 {
    let shown = office.on("case show 1 --format json").exits(0).json();
    shown["records"].as_u64().unwrap()
}

#[test]
fn why_a_case_came_to_nothing_is_told_where_that_is_told() {
    let office = licences("grade");
    let notice = "work supplement 1/license/1 --reason call-13800001111 \
                  --field child.identity_number --by li";
    office.on(notice).exits(0);
    office.on("case hand-in 1 license --sample").exits(0);
    // What is not shown any more is not read.
    let before = records(&office);
    let show = "case show 1 --applicant --by wang";
    office.on(show).exits(0);
    assert_eq!(records(&office), before);
    office.on(&format!("{show} --history")).exits(0);
    assert_eq!(records(&office), before + 1);

    let refuse = "work refuse 1/license/2 --by li --reason call-13812345678";
    office
        .on(refuse)
        .exits(0)
        .says("“Hand out” is cancelled, since “Issue” was refused");
    let before = records(&office);
    for (line, number) in [("case show 1", "▇▇"), (show, "13812345678")] {
        office
            .on(line)
            .exits(0)
            .says(&format!("“Issue” was refused: call-{number}"))
            .says("therefore not gone on with: “Hand out”");
        let shown = office.on(&format!("{line} --format json")).exits(0).json();
        let step = |key: &str| -> Value {
            let steps = shown["steps"].as_array().unwrap();
            let found = steps.iter().find(|step| step["step"] == key);
            found.unwrap().clone()
        };
        assert_eq!(step("license")["reason"], json!(format!("call-{number}")));
        assert_eq!(step("hand-out")["after_refusal_of"], "license");
        assert_eq!(step("enrol")["reason"], Value::Null);
        assert_eq!(shown["withdrawn"], Value::Null);
    }
    // Each time that it was shown as it was written.
    assert_eq!(records(&office), before + 2);

    let withdraw = "case withdraw 1 --by wang --reason see-13912345678 --lang zh";
    office.on(withdraw).exits(0);
    office
        .on("case show 1 --lang zh")
        .exits(0)
        .says("「核发许可」不予许可：call-▇▇")
        .says("因此不再办理：「发证」")
        .says("申请人撤回申请：see-▇▇");
    let shown = office.on(&format!("{show} --format json")).exits(0).json();
    assert_eq!(shown["withdrawn"], "see-13912345678");
}

#[test]
fn an_applicant_is_asked_for_what_a_registry_could_not_be_asked_for_only_where_it_is_needed() {
    let asked = "the applicant is asked for what is needed of it";
    for (grade, is_needed) in [("grade", true), ("\"grade?\"", false)] {
        let office = licences(grade);
        let refuse = "work refuse 1/license/1 --by li --reason no";
        let told = office.on(refuse).exits(0);
        let told = told.says("is not asked: what it is asked with is not there");
        assert_eq!(told.out.contains(asked), is_needed, "{}", told.out);
        let shown = office.on("case show 1 --history").exits(0);
        assert_eq!(shown.out.contains(asked), is_needed, "{}", shown.out);
    }
}

const DEPARTMENTS: &str = "language: zh
departments:
  edu: { title: { zh: 教育局, en: Education } }
  police: { title: { zh: 公安局, en: Police } }
windows:
  one-thing: { title: 综合窗口, departments: all, channels: [window, online] }
";

const PERSON: &str = r#"contract: person
version: 1.0.0
title: { zh: 自然人, en: Person }
owner: police
identified_by: [identity_number]
fields:
  identity_number: { title: { zh: 公民身份号码, en: Identity number }, type: identity-number, example: 11010519491231002X, sensitivity: personal }
  licence_no: { title: { zh: 许可证号, en: Licence number }, type: code, pattern: "[0-9]{9}", example: "123456789", sensitivity: public }
  grade: { title: { zh: 等级, en: Grade }, type: text, max_chars: 20, example: 甲, sensitivity: public }
  place: { title: { zh: 学位, en: Place }, type: text, max_chars: 20, example: 一小, sensitivity: public }
providers:
  - { registry: licences, title: { zh: 许可库, en: licence register }, department: police, with: [licence_no], gives: [grade], basis: 条例一 }
grants:
  - { to: edu, fields: [identity_number], purpose: enrolment, basis: 义务教育法 }
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
  licence: { title: { zh: 许可, en: Licence }, department: edu, limit: { statutory: 20wd, promised: 8wd, basis: 义务教育法 }, refused: ends matter }
  enrol: { title: { zh: 入学, en: Enrolment }, department: edu, limit: { statutory: 20wd, promised: 8wd, basis: 义务教育法 }, refused: ends matter }
steps:
  license: { title: { zh: 核发许可, en: Issue }, matter: licence, by: officer, purpose: enrolment, reads: { child: [identity_number] }, writes: { child: [licence_no] }, limit: 3wd }
  hand-out: { title: { zh: 发证, en: Hand out }, matter: licence, by: officer, reads: { child: [licence_no] }, limit: 1wd }
  enrol: { title: { zh: 入学决定, en: Decide }, matter: enrol, by: officer, purpose: enrolment, reads: { child: [GRADE] }, writes: { child: [place] }, limit: 3wd }
delivers:
  - { what: child, by: [electronic] }
";
