//! Who reads what of a reason that somebody wrote.

use std::sync::Arc;

use onething_engine::{Audience, Blueprint, Case, Command, Event, Opening, Values};
use onething_model::Timestamp;
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, Derivation, FieldIx, FieldType, Plan, Sensitivity, StepIx};

/// The applicant gives number, phone, name and the line of the shop, and the address that the
/// register lacks; an officer reviews. The line and the size are public.
fn plan() -> Arc<Plan> {
    let mut b = PlanBuilder::new("shop");
    let number = b.typed_field("number", FieldType::IdentityNumber);
    let [phone, name, line, born, home] =
        ["phone", "name", "line", "born", "home"].map(|key| b.field(key));
    let size = b.field("size");
    b.look_up("register", &[number], &[home]);
    b.step("review", Actor::Officer)
        .reads(phone)
        .reads(name)
        .reads(line)
        .reads(born)
        .reads(home)
        .writes(size);
    for field in [number, phone, name, born, home] {
        b.plan_mut().fields[field.index()].sensitivity = Sensitivity::Personal;
    }
    Arc::new(b.build())
}

fn field(plan: &Plan, key: &str) -> FieldIx {
    let path = format!("applicant.{key}").parse().unwrap();
    plan.find_field(&path).unwrap()
}

fn step(plan: &Plan, key: &str) -> StepIx {
    plan.find_step(key).unwrap()
}

/// A case whose review has sent a notice for phone and address, which was answered with others.
fn case() -> (Arc<Plan>, Case) {
    let plan = plan();
    let at = |key: &str| field(&plan, key);
    let values: Values = vec![
        (at("number"), "11010519491231002X".into()),
        (at("phone"), "010-65123456".into()),
        (at("name"), "王芳".into()),
        (at("line"), "13900001111".into()),
        (at("born"), "1949-12-31".into()),
    ];
    let opening = Arc::new(Opening::new(&plan, "key", vec![], values));
    let mut events = Vec::new();
    let mut case = Case::open(
        &Blueprint::new(plan.clone()),
        opening,
        Timestamp(0),
        &mut events,
    );
    let look_up = plan
        .step_numbers()
        .find(|at| matches!(plan.step(*at).actor, Actor::LookUp(_)))
        .unwrap();
    for command in [
        Command::AnswerLookUp {
            step: look_up,
            values: vec![],
            valid_since: Vec::new(),
            hit: false,
        },
        Command::Submit {
            step: step(&plan, "apply"),
            values: vec![(at("home"), "旧街 7 号".into())],
        },
        Command::RequestSupplement {
            step: step(&plan, "review"),
            reason: "电话 010-65123456 打不通".to_owned(),
            fields: vec![at("phone"), at("home")],
        },
        Command::Submit {
            step: step(&plan, "review"),
            values: vec![
                (at("phone"), "13900007777".into()),
                (at("home"), "示例路 8 号".into()),
            ],
        },
    ] {
        case.handle(&command, Timestamp(1), &mut events).unwrap();
    }
    (plan, case)
}

#[test]
fn only_the_applicant_reads_what_is_personal_in_a_reason() {
    let (_, case) = case();
    // What was written, and what everybody but the applicant reads of it.
    for (written, told) in [
        // Values of the case, whoever gave them, as they are and as they were.
        (
            "身份证号 11010519491231002X 与照片不符",
            "身份证号 ▇▇ 与照片不符",
        ),
        (
            "电话010-65123456打不通，13900007777 也打不通",
            "电话▇▇打不通，▇▇ 也打不通",
        ),
        ("王芳的照片不清晰", "▇▇的照片不清晰"),
        ("住址应为示例路8号，不是旧街7号", "住址应为▇▇，不是▇▇"),
        // However they are written.
        ("１３９ ００００-７７７７", "▇▇"),
        ("110105 19491231 002x", "▇▇"),
        ("1949年12月31日出生", "▇▇出生"),
        ("生于1949/12/31、1949.12.31", "生于▇▇、▇▇"),
        ("1949年12月31号生，1949 年 12月 31", "▇▇生，▇▇"),
        ("一九四九年十二月三十一日出生", "▇▇出生"),
        ("一九四九年12月31日、1949年十二月31号", "▇▇、▇▇"),
        // Two values beside each other are two, with what stands between them.
        ("王芳（13900007777）未到", "▇▇（▇▇）未到"),
        ("(王芳) 010-65123456", "(▇▇) ▇▇"),
        ("生于31/12/1949、31.12.1949、12-31-1949", "生于▇▇、▇▇、▇▇"),
        ("born 31 December 1949, or Dec 31, 1949", "born ▇▇, or ▇▇"),
        ("139\u{AD}0000\u{AD}7777", "▇▇"),
        ("一三九〇〇〇〇七七七七，幺三九零零零零七七七七", "▇▇，▇▇"),
        // Numbers that are no value of the case: of somebody else, or mistyped.
        ("请填配偶的号码110101199003070134", "请填配偶的号码▇▇"),
        ("应为11010519491231003X", "应为▇▇"),
        ("请致电申请人 13812345678", "请致电申请人 ▇▇"),
        // What is public is read by everybody.
        ("店内电话 13900001111 有误", "店内电话 13900001111 有误"),
        (
            "照片不清晰，请于2026-01-09前补交",
            "照片不清晰，请于2026-01-09前补交",
        ),
        ("", ""),
    ] {
        assert_eq!(case.told(written, Audience::Anybody), told, "{written}");
        assert_eq!(case.told(written, Audience::Applicant), written);
    }
}

/// Whoever has the number has the date in it, whether or not a step reads that.
#[test]
fn what_follows_from_a_personal_value_is_personal() {
    let number = "11010519491231002X";
    let born = "生于1949-12-31、19491231、1949年12月31日，born 31 December 1949, female";
    let veiled = "生于▇▇、▇▇、▇▇，born ▇▇, female";
    // The number, the number it was corrected to, whether it is personal, what is written, and
    // what everybody but the applicant reads of it.
    let table = [
        (number, None, true, born, veiled),
        (number, None, false, born, born),
        (
            number,
            None,
            true,
            "在110105登记，1950-12-31 生",
            "在▇▇登记，1950-12-31 生",
        ),
        (number, None, true, "110105 19491231", "▇▇ ▇▇"),
        (number, Some("119999190001010011"), true, born, veiled),
        (
            number,
            Some("119999190001010011"),
            true,
            "1900年1月1日，不是 1949/12/31",
            "▇▇，不是 ▇▇",
        ),
        (
            "91350100M000100Y43",
            None,
            true,
            "机构代码 M000100Y-4，350100",
            "机构代码 ▇▇，▇▇",
        ),
    ];
    for named in [false, true] {
        for (value, corrected, personal, written, told) in table {
            let mut b = PlanBuilder::new("shop");
            let is_code = value.starts_with('9');
            let kind = match is_code {
                true => FieldType::CreditCode,
                false => FieldType::IdentityNumber,
            };
            let field = b.typed_field("number", kind);
            let mut fields = vec![field];
            if named && !is_code {
                fields.push(b.derived_field("born", Derivation::DateOfBirth, field));
            }
            if personal {
                for field in &fields {
                    b.plan_mut().fields[field.index()].sensitivity = Sensitivity::Personal;
                }
            }
            b.step("review", Actor::Officer).reads(field);
            let plan = Arc::new(b.build());
            let opening = Opening::new(&plan, "key", vec![], vec![(field, value.into())]);
            let blueprint = Blueprint::new(plan.clone());
            let mut events = Vec::new();
            let mut case = Case::open(&blueprint, Arc::new(opening), Timestamp(0), &mut events);
            if let Some(corrected) = corrected {
                let review = step(&plan, "review");
                for command in [
                    Command::RequestSupplement {
                        step: review,
                        reason: "号码有误".to_owned(),
                        fields: vec![field],
                    },
                    Command::Submit {
                        step: review,
                        values: vec![(field, corrected.into())],
                    },
                ] {
                    case.handle(&command, Timestamp(1), &mut events).unwrap();
                }
            }
            assert_eq!(case.told(written, Audience::Anybody), told, "{written}");
            assert_eq!(case.told(written, Audience::Applicant), written);
        }
    }
}

/// Officers write titles and amounts, not keys and values.
#[test]
fn amounts_and_choices_are_taken_out_however_they_are_written() {
    let table = [
        ("CNY 12345.00", "年收入12,345元", "年收入▇▇"),
        (
            "CNY 12345.00",
            "收入 12345、12345元、12345.00元",
            "收入 ▇▇、▇▇、▇▇",
        ),
        ("CNY 12345.00", "约1.2345万元", "约▇▇元"),
        ("CNY 30000.00", "月入3万", "月入▇▇"),
        ("CNY 1234567.50", "共 1,234,567.5 元", "共 ▇▇"),
        ("CNY 500.00", "低保 500元，第500号", "低保 ▇▇，第500号"),
        ("CNY 12345.00", "应为 54,321元", "应为 54,321元"),
        (
            "CNY 12345.00",
            "月入一万二千三百四十五元，即壹万贰仟叁佰肆拾伍元整",
            "月入▇▇，即▇▇",
        ),
        (
            "CNY 2000.00",
            "月入两千元，另缴五百元",
            "月入▇▇，另缴五百元",
        ),
        ("one", "残疾等级一级", "残疾等级▇▇"),
        ("one", "is Grade One, not two", "is ▇▇, not two"),
        ("two", "残疾等级一级", "残疾等级一级"),
    ];
    for (value, written, told) in table {
        let mut b = PlanBuilder::new("care");
        let kind = if value.starts_with("CNY") {
            FieldType::Money
        } else {
            let title = |zh, en| onething_model::Text::new(zh, en);
            FieldType::Choice {
                options: vec![
                    ("one".into(), title("一级", "Grade One")),
                    ("two".into(), title("二级", "Grade Two")),
                ],
            }
        };
        let field = b.typed_field("private", kind);
        b.plan_mut().fields[field.index()].sensitivity = Sensitivity::Sensitive;
        b.step("review", Actor::Officer).reads(field);
        let plan = Arc::new(b.build());
        let opening = Opening::new(&plan, "key", vec![], vec![(field, value.into())]);
        let blueprint = Blueprint::new(plan.clone());
        let mut events = Vec::new();
        let case = Case::open(&blueprint, Arc::new(opening), Timestamp(0), &mut events);
        assert_eq!(case.told(written, Audience::Anybody), told, "{value}");
        assert_eq!(case.told(written, Audience::Applicant), written);
    }
}

/// The record names the fields whose values, present or former, stand in what is read.
#[test]
fn what_the_applicant_reads_of_reasons_is_on_record() {
    let (plan, mut case) = case();
    for (reasons, fields) in [
        (&["照片不清晰", "店内电话 13900001111 有误"][..], ""),
        (&["王芳，139 0000 7777"], "phone name"),
        (
            &["旧街7号", "电话 010-65123456", "1949年12月31日"],
            "number phone born home",
        ),
        // What no field is for is part of the number.
        (&["首次登记在110105"], "number"),
        // A number that is no value of the case is nobody's field.
        (&["请致电 13812345678"], ""),
    ] {
        let reasons = reasons.iter().map(|reason| (*reason).to_owned()).collect();
        let mut events = Vec::new();
        let read = Command::ReadReasons { reasons };
        case.handle(&read, Timestamp(2), &mut events).unwrap();
        let [
            Event::CaseRead {
                department: None,
                reads,
            },
        ] = &events[..]
        else {
            panic!("{events:?}");
        };
        let name = |read: &onething_engine::PersonalRead| {
            assert_eq!(read.purpose, onething_engine::NOTICE);
            plan.field(read.field).path.field.to_string()
        };
        assert_eq!(reads.iter().map(name).collect::<Vec<_>>().join(" "), fields);
    }
    let withdraw = Command::Withdraw {
        reason: String::new(),
    };
    case.handle(&withdraw, Timestamp(3), &mut Vec::new())
        .unwrap();
    let read = Command::ReadReasons {
        reasons: vec!["王芳".to_owned()],
    };
    // Who was refused, or withdrew, has a right to the reasons; others look at nothing.
    let mut events = Vec::new();
    case.handle(&read, Timestamp(3), &mut events).unwrap();
    assert!(
        matches!(&events[..], [Event::CaseRead { .. }]),
        "{events:?}"
    );
    assert_eq!(case.status(), onething_engine::CaseStatus::Withdrawn);
}

/// Whatever is asked of a case, in whichever state: it is declined, or its record may come next.
#[test]
fn a_case_is_asked_only_for_what_its_state_lets_come() {
    let (plan, running) = case();
    let after = |commands: &[Command]| {
        let mut case = running.clone();
        for command in commands {
            let done = case.handle(command, Timestamp(2), &mut Vec::new());
            done.unwrap();
        }
        case
    };
    let begun = |values: Values| {
        let opening = Arc::new(Opening::new(&plan, "key", vec![], values));
        Case::open(running.blueprint(), opening, Timestamp(0), &mut Vec::new())
    };
    let (review, apply) = (step(&plan, "review"), step(&plan, "apply"));
    let refuse = Command::Refuse {
        step: review,
        round: None,
        reason: "照片不清晰".to_owned(),
    };
    let complete = Command::Complete {
        step: review,
        round: None,
        values: vec![(field(&plan, "size"), "小".into())],
    };
    let withdraw = Command::Withdraw {
        reason: String::new(),
    };
    let commands = [
        Command::ReadReasons {
            reasons: vec!["王芳".to_owned()],
        },
        withdraw.clone(),
        refuse.clone(),
        complete.clone(),
        Command::Submit {
            step: apply,
            values: vec![],
        },
        Command::Read { step: review },
        Command::Retry { step: review },
        Command::Fail {
            step: review,
            reason: String::new(),
            transient: false,
        },
        Command::RequestSupplement {
            step: review,
            reason: String::new(),
            fields: vec![field(&plan, "phone")],
        },
        Command::Renew,
    ];
    // Whether the reasons can be read.
    for (case, status, readable) in [
        (Case::replay(running.blueprint(), []).unwrap(), "new", false),
        (
            begun(running.opening().unwrap().values.clone()),
            "draft",
            true,
        ),
        (running.clone(), "running", true),
        (after(&[complete]), "closed", true),
        (after(&[refuse]), "refused", true),
        (after(&[withdraw]), "withdrawn", true),
        (
            begun(vec![(field(&plan, "number"), "1".into())]),
            "not-accepted",
            false,
        ),
    ] {
        assert_eq!(case.status().as_str(), status);
        for command in &commands {
            let decided = case.decide(command, Timestamp(3));
            if let Ok(event) = &decided {
                assert!(case.can_follow(event), "{status}: {command:?}");
            }
            if matches!(command, Command::ReadReasons { .. }) {
                let code = decided.map_err(|rejection| rejection.code);
                assert_eq!(code.is_ok(), readable, "{status}");
                assert!(readable || code == Err("C0101"), "{status}");
            }
        }
    }
}

#[test]
fn each_record_with_a_reason_is_told_without_what_is_personal() {
    let (plan, case) = case();
    let step = step(&plan, "review");
    let reason = || "见 13900007777".to_owned();
    let events = [
        Event::StepFailed {
            step,
            attempt: 1,
            reason: reason(),
            retry_at: Timestamp(0),
        },
        Event::IncidentOpened {
            step,
            attempt: 1,
            reason: reason(),
        },
        Event::SupplementRequested {
            step,
            reason: reason(),
            fields: vec![],
        },
        Event::StepRefused {
            step,
            reason: reason(),
        },
        Event::CaseWithdrawn { reason: reason() },
    ];
    let text = |event: &Event| serde_json::to_string(&to_durable(event, &plan)).unwrap();
    for event in events {
        let told = case.retold(event.clone(), Audience::Anybody);
        assert_eq!(text(&told), text(&event).replace("13900007777", "▇▇"));
        assert_eq!(case.retold(event.clone(), Audience::Applicant), event);
    }
    // Values are not a reason: who shows them answers for it.
    let submitted: Event = Event::Submitted {
        step,
        values: vec![(field(&plan, "phone"), "13900007777".into())],
    };
    let told = case.retold(submitted.clone(), Audience::Anybody);
    assert_eq!(told, submitted);
}

fn to_durable(event: &Event, plan: &Plan) -> onething_engine::DurableRecord {
    let record = onething_engine::Record {
        at: Timestamp(0),
        by: None,
        event: event.clone(),
    };
    record.to_durable(plan)
}

/// The applicant acts under the name that the case has; an officer's name is on the record.
#[test]
fn the_hand_of_the_applicant_is_told_as_a_reason_is() {
    let (plan, case) = case();
    let (apply, review) = (step(&plan, "apply"), step(&plan, "review"));
    let reason = || "见 13900007777".to_owned();
    let reads = || vec![];
    let values = || vec![];
    // What is on record, and whether it was the applicant's to do.
    let table: [(Event, bool); 9] = [
        (Event::CaseOpened(case.opening().unwrap().clone()), true),
        (
            Event::Submitted {
                step: apply,
                values: values(),
            },
            true,
        ),
        (
            Event::Submitted {
                step: review,
                values: values(),
            },
            true,
        ),
        (Event::CaseWithdrawn { reason: reason() }, true),
        (
            Event::CaseRead {
                department: None,
                reads: reads(),
            },
            true,
        ),
        (
            Event::CaseRead {
                department: Some("market".parse().unwrap()),
                reads: reads(),
            },
            false,
        ),
        (
            Event::DataRead {
                step: apply,
                reads: reads(),
            },
            true,
        ),
        (
            Event::DataRead {
                step: review,
                reads: reads(),
            },
            false,
        ),
        (
            Event::StepRefused {
                step: review,
                reason: reason(),
            },
            false,
        ),
    ];
    for (event, own) in table {
        for (by, veiled) in [
            ("王芳", "▇▇"),
            ("王芳 (13900007777)", "▇▇ (▇▇)"),
            ("officer-7", "officer-7"),
        ] {
            let record = onething_engine::Record {
                at: Timestamp(0),
                by: Some(by.into()),
                event: event.clone(),
            };
            let record = record.to_durable(&plan);
            let told = case.retold_record(record.clone(), Audience::Anybody);
            let wanted = if own { veiled } else { by };
            assert_eq!(told.by.as_deref(), Some(wanted), "{event:?}");
            assert_eq!(
                told.event,
                case.retold(record.event.clone(), Audience::Anybody)
            );
            assert_eq!(
                case.retold_record(record.clone(), Audience::Applicant),
                record
            );
        }
    }
    let nobody = onething_engine::Record {
        at: Timestamp(0),
        by: None,
        event: Event::CaseClosed,
    };
    let nobody = nobody.to_durable(&plan);
    assert_eq!(
        case.retold_record(nobody.clone(), Audience::Anybody),
        nobody
    );
}
