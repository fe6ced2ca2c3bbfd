//! Whose value counts where several say something: the applicant, a registry, and what
//! follows from a number.
//!
//! The numbers are of divisions that do not exist (no county ends in 9999) and belong to nobody.

use std::sync::Arc;

use onething_engine::{Blueprint, Case, Command, Opening, Origin, StepStatus, Values};
use onething_model::Timestamp;
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, Derivation, FieldIx, FieldType, Refused, StepIx};

const HER: &str = "119999199912310024";
const HIM: &str = "119999200001010018";

/// So many microseconds into a morning of January 2026.
fn at(moment: i64) -> Timestamp {
    Timestamp(1_767_600_000_000_000 + moment)
}

/// The value and where it came from.
fn known(case: &Case, field: FieldIx) -> String {
    let Some(datum) = case.datum(field) else {
        return "-".into();
    };
    let from = match case.origin(field, datum) {
        Origin::Applicant(_) => "applicant",
        Origin::Registry(_) => "registry",
        Origin::Step(_) => "step",
        Origin::Derived(_) => "derived",
    };
    format!("{} by {from}", datum.value.as_str().unwrap())
}

/// What the applicant gives along counts where the registry has nothing, and what they
/// hand in later before that; where the registry has something, that counts.
#[test]
fn what_a_registry_has_comes_before_what_was_given_and_the_later_before_the_earlier() {
    let mut b = PlanBuilder::new("shop");
    let (code, name) = (b.field("code"), b.field("name"));
    let register = b.look_up("register", &[code], &[name]);
    b.step("check", Actor::Officer).reads(name);
    let plan = Arc::new(b.build());
    let apply = plan.find_step("apply").unwrap();
    // Given along, what the registry has, handed in; what counts and what is set aside.
    let table = [
        (Some("given"), Some("had"), None, "had by registry", 1),
        (None, Some("had"), None, "had by registry", 0),
        (Some("given"), None, None, "given by applicant", 0),
        (Some("given"), None, Some("later"), "later by applicant", 0),
        (None, None, Some("later"), "later by applicant", 0),
    ];
    for (given, had, later, counts, aside) in table {
        let stated = |value: Option<&str>| -> Values {
            value
                .map(|value| (name, value.into()))
                .into_iter()
                .collect()
        };
        let mut values = stated(given);
        values.push((code, "C-1".into()));
        let mut opening = Opening::new(&plan, "key", Vec::new(), values);
        opening.confirm = true;
        let mut events = Vec::new();
        let blueprint = Blueprint::new(plan.clone());
        let mut case = Case::open(&blueprint, Arc::new(opening), at(0), &mut events);
        let answer = Command::AnswerLookUp {
            step: register,
            values: stated(had),
            valid_since: Vec::new(),
            hit: had.is_some(),
        };
        case.handle(&answer, at(1), &mut events).unwrap();
        assert_eq!(case.is_unseen(), had.is_some());
        let look = Command::Read { step: apply };
        case.handle(&look, at(1), &mut events).unwrap();
        let submit = Command::Submit {
            step: apply,
            values: stated(later),
        };
        case.handle(&submit, at(2), &mut events).unwrap();
        let label = format!("{given:?}, {had:?}, {later:?}");
        assert_eq!(known(&case, name), counts, "{label}");
        assert_eq!(case.set_aside().count(), aside, "{label}");
    }
}

/// The register gives the number from which the date of birth follows that the applicant
/// stated along: it is set aside on the draft and after, and follows the number.
#[test]
fn what_is_stated_beside_a_number_of_a_registry_is_set_aside() {
    let date = Some("1999-12-31");
    // Stated along, stated when it is handed in, how much is set aside.
    for (said, later, aside) in [(date, None, 1), (None, date, 0), (None, None, 0)] {
        let mut b = PlanBuilder::new("person");
        let (code, street) = (b.field("code"), b.field("street"));
        b.look_up("streets", &[code], &[street]);
        let name = b.field("name");
        let number = b.typed_field("number", FieldType::IdentityNumber);
        let born = b.derived_field("born", Derivation::DateOfBirth, number);
        let register = b.look_up("register", &[name], &[number]);
        b.step("check", Actor::Officer).reads(number).reads(born);
        let plan = Arc::new(b.build());
        let mut values: Values = vec![(name, "示例".into())];
        values.extend(said.map(|said| (born, said.into())));
        let mut opening = Opening::new(&plan, "key", Vec::new(), values);
        opening.confirm = true;
        let mut events = Vec::new();
        let blueprint = Blueprint::new(plan.clone());
        let mut case = Case::open(&blueprint, Arc::new(opening), at(0), &mut events);
        let answer = Command::AnswerLookUp {
            step: register,
            values: vec![(number, HER.into())],
            valid_since: Vec::new(),
            hit: true,
        };
        case.handle(&answer, at(1), &mut events).unwrap();
        let step = plan.find_step("apply").unwrap();
        let look = Command::Read { step };
        case.handle(&look, at(1), &mut events).unwrap();
        let submit = Command::Submit {
            step,
            values: later.map(|said| (born, said.into())).into_iter().collect(),
        };
        for handed_in in [false, true] {
            if handed_in {
                case.handle(&submit, at(2), &mut events).unwrap();
            }
            assert_eq!(known(&case, born), "1999-12-31 by derived");
            let datum = case.datum(born).unwrap();
            assert_eq!((datum.from, datum.since), (register, at(1)));
            let set_aside: Vec<_> = case.set_aside().collect();
            assert_eq!(set_aside, vec![(born, register); aside], "{handed_in}");
        }
    }
}

/// A department registers somebody, a second one works with what follows from the number,
/// a third one with something else. Where the number is never made, who reads what follows
/// cannot go on; who does not, does.
#[test]
fn without_the_number_who_reads_what_follows_from_it_cannot_go_on() {
    let mut b = PlanBuilder::new("person");
    let paper = b.field("paper");
    let number = b.typed_field("number", FieldType::IdentityNumber);
    let born = b.derived_field("born", Derivation::DateOfBirth, number);
    let matters = ["register", "card", "school"].map(|key| b.matter(key, Refused::EndsMatter));
    let [carded, enrolled] = ["carded", "enrolled"].map(|field| b.field(field));
    let [register, card, school] = [
        ("register", paper, number),
        ("card", born, carded),
        ("school", paper, enrolled),
    ]
    .map(|(name, reads, writes)| {
        let step = b.step(name, Actor::Officer).reads(reads).writes(writes);
        step.number()
    });
    for (step, matter) in [register, card, school].into_iter().zip(matters) {
        b.plan_mut().steps[step.index()].matter = Some(matter);
    }
    let plan = Arc::new(b.build());
    let open = || {
        let values: Values = vec![(paper, "papers".into())];
        let opening = Arc::new(Opening::new(&plan, "key", Vec::new(), values));
        let mut events = Vec::new();
        Case::open(&Blueprint::new(plan.clone()), opening, at(0), &mut events)
    };
    let statuses = |case: &Case| [card, school].map(|step: StepIx| case.step(step).status);
    let refuse = Command::Refuse {
        step: register,
        round: None,
        reason: "no".into(),
    };
    let mut case = open();
    assert_eq!(statuses(&case), [StepStatus::Waiting, StepStatus::Active]);
    case.handle(&refuse, at(1), &mut Vec::new()).unwrap();
    assert_eq!(statuses(&case), [StepStatus::Cancelled, StepStatus::Active]);
    let made = Command::Complete {
        step: register,
        round: None,
        values: vec![(number, HIM.into())],
    };
    let mut case = open();
    case.handle(&made, at(1), &mut Vec::new()).unwrap();
    assert_eq!(statuses(&case), [StepStatus::Active, StepStatus::Active]);
    assert_eq!(known(&case, born), "2000-01-01 by derived");
}

/// What the applicant says in a step of their own is the applicant's, and can be asked of them
/// again; what an officer makes is not.
#[test]
fn what_is_said_in_a_step_of_the_applicants_own_is_theirs() {
    for (actor, expected) in [
        (Actor::Applicant, ("paid by applicant", true)),
        (Actor::Officer, ("paid by step", false)),
    ] {
        let mut b = PlanBuilder::new("shop");
        let (bill, receipt) = (b.field("bill"), b.field("receipt"));
        let pay = b.step("pay", actor).reads(bill).writes(receipt).number();
        let check = b.step("check", Actor::Officer).reads(receipt).number();
        let plan = Arc::new(b.build());
        let values = vec![(bill, "B-1".into())];
        let opening = Opening::new(&plan, "key", Vec::new(), values);
        let mut events = Vec::new();
        let blueprint = Blueprint::new(plan.clone());
        let mut case = Case::open(&blueprint, Arc::new(opening), at(0), &mut events);
        let done = Command::Complete {
            step: pay,
            round: None,
            values: vec![(receipt, "paid".into())],
        };
        case.handle(&done, at(1), &mut events).unwrap();
        let may_ask = case.correctable(check).any(|field| field == receipt);
        assert_eq!((&*known(&case, receipt), may_ask), expected);
        let notice = Command::RequestSupplement {
            step: check,
            reason: "unreadable".into(),
            fields: vec![receipt],
        };
        let asked = case.handle(&notice, at(2), &mut events);
        assert_eq!(asked.is_ok(), may_ask);
        if may_ask {
            let answer = Command::Submit {
                step: check,
                values: vec![(receipt, "paid again".into())],
            };
            case.handle(&answer, at(3), &mut events).unwrap();
            assert_eq!(known(&case, receipt), "paid again by applicant");
        }
    }
}
