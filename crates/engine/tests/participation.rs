//! Who may look at a whole case, and what a day tells of its values.

use std::sync::Arc;

use onething_engine::{Blueprint, Case, Command, Event, Opening};
use onething_model::Timestamp;
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, Answer, Answers, Cond, DepartmentIx, FieldType, Plan, sample};

/// In charge: the window. The market does a step always, the tobacco bureau
/// where tobacco is sold; the police only keeps the register.
fn plan() -> (Arc<Plan>, [DepartmentIx; 4]) {
    let mut b = PlanBuilder::new("shop");
    let window = b.department("window");
    let [market, tobacco, police] = ["market", "tobacco", "police"].map(|key| b.department(key));
    let sells = b.yes_no("tobacco");
    let number = b.typed_field("number", FieldType::IdentityNumber);
    let name = b.field("name");
    let register = b.look_up("register", &[number], &[name]);
    b.plan_mut().steps[register.index()].department = Some(police);
    b.step("check", Actor::Officer)
        .reads(name)
        .department(market);
    b.step("licence", Actor::Officer)
        .reads(name)
        .department(tobacco)
        .when(Cond::yes(sells));
    b.plan_mut().owner = window;
    (Arc::new(b.build()), [window, market, tobacco, police])
}

fn open(plan: &Arc<Plan>, sells: bool, number: &str, now: Timestamp) -> (Case, Vec<Event>) {
    let question = plan.find_question("tobacco").unwrap();
    let mut answers = Answers::none(plan.questions.len());
    answers.set(question, Some(Answer::YesNo(sells)));
    let mut values = sample::application(plan, &answers);
    for (field, value) in &mut values {
        if plan.field(*field).path.field.as_str() == "number" {
            *value = number.into();
        }
    }
    let answers = vec![(question, Answer::YesNo(sells))];
    let opening = Arc::new(Opening::new(plan, "key", answers, values));
    let mut events = Vec::new();
    let blueprint = Blueprint::new(plan.clone());
    let case = Case::open(&blueprint, opening, now, &mut events);
    (case, events)
}

const NUMBER: &str = "11010519491231002X";

#[test]
fn a_case_is_shown_to_who_has_a_step_in_it() {
    let (plan, [window, market, tobacco, police]) = plan();
    for (sells, may) in [
        (true, [true, true, true, false]),
        (false, [true, true, false, false]),
    ] {
        let (mut case, _) = open(&plan, sells, NUMBER, Timestamp(0));
        // The registry has not answered: a draft is the applicant's alone.
        for department in [window, market, tobacco, police] {
            assert!(!case.takes_part(department), "{department:?}");
            let read = Command::ReadCase {
                department,
                purpose: None,
            };
            let rejection = case.decide(&read, Timestamp(1)).unwrap_err();
            assert_eq!(rejection.code, "C0111");
            assert!(rejection.help.en().contains("case draft"));
        }
        let name = plan.find_field(&"applicant.name".parse().unwrap()).unwrap();
        let found = Command::AnswerLookUp {
            valid_since: Vec::new(),
            step: plan
                .step_numbers()
                .find(|at| plan.step(*at).writes.contains(&name))
                .unwrap(),
            values: vec![(name, "示例".into())],
            hit: true,
        };
        case.handle(&found, Timestamp(1), &mut Vec::new()).unwrap();
        for (department, may) in [window, market, tobacco, police].into_iter().zip(may) {
            assert_eq!(
                case.takes_part(department),
                may,
                "{department:?}, tobacco {sells}"
            );
            let read = Command::ReadCase {
                department,
                purpose: None,
            };
            let decided = case.decide(&read, Timestamp(1));
            match decided {
                Ok(Event::CaseRead { .. }) => assert!(may),
                Ok(other) => panic!("{other:?}"),
                Err(rejection) => {
                    assert!(!may);
                    assert_eq!(rejection.code, "C0111");
                    assert!(rejection.help.en().contains("`window`"));
                }
            }
        }
    }
}

/// What fits who looks at a finished step, and a look-up, which nobody works on.
#[test]
fn what_is_over_is_told_with_a_cure_that_fits() {
    let (plan, _) = plan();
    let (mut case, _) = open(&plan, false, NUMBER, Timestamp(0));
    let step = |key: &str| plan.find_step(key).unwrap();
    let name = plan.find_field(&"applicant.name".parse().unwrap()).unwrap();
    let found = Command::AnswerLookUp {
        valid_since: Vec::new(),
        step: step("register"),
        values: vec![(name, "示例".into())],
        hit: true,
    };
    case.handle(&found, Timestamp(1), &mut Vec::new()).unwrap();
    let read = |key| Command::Read { step: step(key) };
    let submit = Command::Submit {
        step: step("apply"),
        values: Vec::new(),
    };
    for (command, zh, en) in [
        (
            read("register"),
            "不由人员办理",
            "a look-up is nobody's work",
        ),
        (found, "不由人员办理", "a look-up is nobody's work"),
        (read("apply"), "已结束的环节不再打开", "not opened again"),
        (submit, "重新申请", "corrected by a new case"),
    ] {
        let rejection = case.decide(&command, Timestamp(2)).unwrap_err();
        assert_eq!(rejection.code, "C0104");
        assert!(rejection.help.zh().contains(zh), "{rejection:?}");
        assert!(rejection.help.en().contains(en), "{rejection:?}");
    }
}

#[test]
fn nobody_is_born_after_the_day_of_the_application() {
    let (plan, _) = plan();
    // Born on 2026-01-06; the check character is 8 for this sequence.
    let number = "11010520260106001";
    let number = (0..11)
        .map(|check| {
            format!(
                "{number}{}",
                if check == 10 {
                    "X".into()
                } else {
                    check.to_string()
                }
            )
        })
        .find(|number| {
            FieldType::IdentityNumber
                .check(&number.as_str().into())
                .is_ok()
        })
        .unwrap();
    let day = |millis: i64| Timestamp::from_millis(millis);
    // 2026-01-05T01:00:00Z and a day later.
    let (_, events) = open(&plan, false, &number, day(1_767_574_800_000));
    let [Event::ApplicationRefused(refused)] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(refused.faults.len(), 1);
    assert!(refused.faults[0].why.en().contains("in the future"));
    let (_, events) = open(&plan, false, &number, day(1_767_661_200_000));
    assert!(matches!(events[0], Event::CaseOpened(_)), "{events:?}");
}
