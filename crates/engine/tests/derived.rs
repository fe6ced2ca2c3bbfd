//! What follows from a number: there with it, corrected with it, on no record, and
//! shown without it.
//!
//! The numbers are of divisions that do not exist (no county ends in 9999) and belong to nobody.

use std::sync::Arc;

use onething_engine::{
    Blueprint, Case, CaseStatus, Command, Event, Fault, Opening, Origin, Record, Rejection,
};
use onething_model::{DepartmentKey, Timestamp};
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, Derivation, FieldIx, FieldType, Grant, Sensitivity, StepIx, check};
use serde_json::Value;

/// A woman born on the last day of 1999, and a man born the day after.
const HER: &str = "119999199912310024";
const HIM: &str = "119999200001010018";

/// The check character of ISO 7064 MOD 11-2, tried out.
fn whole(body: &str) -> String {
    let mut all = "0123456789X"
        .chars()
        .map(|check| format!("{}{check}", &body[..17]));
    all.find(|number| check::identity_number(number, None).is_ok())
        .unwrap()
}

struct Person {
    b: PlanBuilder,
    number: FieldIx,
    born: FieldIx,
    sex: FieldIx,
    name: FieldIx,
}

fn person() -> Person {
    let mut b = PlanBuilder::new("person");
    let number = b.typed_field("number", FieldType::IdentityNumber);
    let born = b.derived_field("born", Derivation::DateOfBirth, number);
    let sex = b.derived_field("sex", Derivation::Sex, number);
    let name = b.field("name");
    let exam: DepartmentKey = "exam".parse().unwrap();
    b.department("exam");
    for field in [number, born, sex] {
        let item = &mut b.plan_mut().fields[field.index()];
        item.sensitivity = Sensitivity::Personal;
        let to = if field == number {
            "window".parse().unwrap()
        } else {
            exam.clone()
        };
        item.grants.push(Grant {
            to,
            purpose: "examination".into(),
            basis: "食品安全法（示例）".into(),
        });
    }
    Person {
        b,
        number,
        born,
        sex,
        name,
    }
}

/// A moment of January 2026.
const BEGIN: i64 = 1_767_600_000_000_000;

/// A case with all its records, each a microsecond after the one before.
struct Run {
    blueprint: Arc<Blueprint>,
    case: Case,
    records: Vec<Record>,
    now: i64,
}

impl Run {
    fn open(b: PlanBuilder, values: Vec<(FieldIx, Value)>, confirm: bool) -> Self {
        let blueprint = Blueprint::new(Arc::new(b.build()));
        let mut opening = Opening::new(blueprint.plan(), "key", vec![], values);
        opening.confirm = confirm;
        let mut events = Vec::new();
        let case = Case::open(
            &blueprint,
            Arc::new(opening),
            Timestamp(BEGIN + 1),
            &mut events,
        );
        let mut run = Self {
            blueprint,
            case,
            records: Vec::new(),
            now: 1,
        };
        run.keep(events);
        run
    }

    fn keep(&mut self, events: Vec<Event>) {
        let at = Timestamp(BEGIN + self.now);
        let record = |event| Record {
            at,
            by: None,
            event,
        };
        self.records.extend(events.into_iter().map(record));
        // Whatever was decided: reading the journal again gives the same.
        let bytes: Vec<_> = self
            .records
            .iter()
            .map(|r| r.encode(self.case.plan()))
            .collect();
        let read: Vec<Record> = bytes
            .iter()
            .map(|bytes| Record::decode(bytes, self.case.plan()).unwrap())
            .collect();
        let again = Case::replay(&self.blueprint, read.iter().map(|r| (r.at, &r.event))).unwrap();
        let all = |case: &Case| -> Vec<_> {
            let data = case.all_data();
            data.map(|(field, datum)| (field, datum.clone(), case.origin(field, datum)))
                .collect()
        };
        assert_eq!(all(&again), all(&self.case));
    }

    fn handle(&mut self, command: Command) -> Result<(), Rejection> {
        self.now += 1;
        let mut events = Vec::new();
        let done = self
            .case
            .handle(&command, Timestamp(BEGIN + self.now), &mut events);
        self.keep(events);
        done
    }

    fn step(&self, key: &str) -> StepIx {
        self.case.plan().find_step(key).unwrap()
    }

    fn submit(&mut self, step: &str, values: &[(FieldIx, &str)]) -> Result<(), Rejection> {
        let step = self.step(step);
        let values = values.iter().map(|(f, v)| (*f, Value::from(*v))).collect();
        self.handle(Command::Submit { step, values })
    }

    /// The value, the field it follows from or `-`, and since when.
    fn known(&self, field: FieldIx) -> String {
        let Some(datum) = self.case.datum(field) else {
            return "nothing".into();
        };
        let from = match self.case.origin(field, datum) {
            Origin::Derived(derived) => self.case.plan().field(derived.from).path.to_string(),
            Origin::Applicant(step) | Origin::Registry(step) | Origin::Step(step) => {
                self.case.plan().step(step).key.to_string()
            }
        };
        format!(
            "{} from {from} at {}",
            datum.value.as_str().unwrap(),
            datum.since.0 - BEGIN
        )
    }

    /// The fields that the last record of a reading of a step names.
    fn read_of(&self, step: &str) -> Vec<String> {
        let wanted = self.step(step);
        let mut records = self.records.iter().rev();
        let reads = records.find_map(|record| match &record.event {
            Event::DataRead { step, reads } if *step == wanted => Some(reads),
            _ => None,
        });
        let name = |field: FieldIx| self.case.plan().field(field).path.to_string();
        reads
            .into_iter()
            .flatten()
            .map(|read| name(read.field))
            .collect()
    }
}

fn told(rejection: Rejection) -> Vec<String> {
    rejection.faults.iter().map(fault).collect()
}

fn fault(fault: &Fault) -> String {
    format!("{}: {}", fault.what, fault.why.en())
}

#[test]
fn the_numbers_of_these_tests_are_whole() {
    assert_eq!((HER, HIM), (&*whole(HER), &*whole(HIM)));
}

/// The examiner is granted the date of birth, not the number: that is what is shown, and
/// what is on record.
#[test]
fn who_is_granted_what_follows_sees_that_and_nothing_else() {
    let mut p = person();
    let (number, born, sex) = (p.number, p.born, p.sex);
    let exam = p.b.plan_mut().find_department("exam").unwrap();
    p.b.step("check", Actor::Officer).reads(number);
    p.b.step("examine", Actor::Officer)
        .department(exam)
        .reads(born)
        .reads(sex);
    let mut run = Run::open(p.b, vec![(number, HER.into())], false);
    assert_eq!(run.known(born), "1999-12-31 from applicant.number at 1");
    assert_eq!(run.known(sex), "female from applicant.number at 1");
    let examine = run.step("examine");
    let input: Vec<_> = run.case.input(examine).map(|(field, _)| field).collect();
    assert_eq!(input, [born, sex]);
    run.handle(Command::Read { step: examine }).unwrap();
    assert_eq!(run.read_of("examine"), ["applicant.born", "applicant.sex"]);
    // What was read is on record, what followed is not.
    for record in &run.records {
        let text = String::from_utf8(record.encode(run.case.plan())).unwrap();
        assert!(
            !text.contains("1999-12-31") && !text.contains("female"),
            "{text}"
        );
    }
    let granted: Vec<_> = run
        .case
        .granted(exam, None)
        .map(|(field, _)| field)
        .collect();
    assert_eq!(granted, [born, sex]);
}

/// Nothing is kept that no step of the case reads.
#[test]
fn what_nobody_reads_does_not_follow() {
    let mut p = person();
    p.b.step("check", Actor::Officer).reads(p.number);
    let run = Run::open(p.b, vec![(p.number, HER.into())], false);
    assert_eq!(run.known(p.born), "nothing");
}

#[test]
fn a_corrected_number_corrects_what_follows() {
    let mut p = person();
    let (number, born) = (p.number, p.born);
    p.b.step("check", Actor::Officer).reads(born);
    p.b.step("file", Actor::Officer).reads(number);
    let mut run = Run::open(p.b, vec![(number, HER.into())], false);
    let check = run.step("check");
    // The number is what the applicant gave, also for whoever reads the date alone.
    let correctable: Vec<_> = run.case.correctable(check).collect();
    assert_eq!(correctable, [number]);
    let notice = |fields| Command::RequestSupplement {
        step: check,
        reason: "the number is not yours".into(),
        fields,
    };
    assert!(run.handle(notice(vec![born])).is_err());
    run.handle(notice(vec![number])).unwrap();
    run.submit("check", &[(number, HIM)]).unwrap();
    assert_eq!(
        run.known(born),
        format!("2000-01-01 from applicant.number at {}", run.now)
    );
    assert_eq!(run.case.datum(number).unwrap().since.0, BEGIN + run.now);
}

#[test]
fn what_a_registry_or_a_step_gives_brings_what_follows_since_then() {
    let mut p = person();
    let (number, born, name) = (p.number, p.born, p.name);
    let look_up = p.b.look_up("register", &[name], &[number]);
    p.b.step("check", Actor::Officer).reads(born).reads(number);
    let mut run = Run::open(p.b, vec![(name, "示例".into())], false);
    assert_eq!(run.known(born), "nothing");
    let answer = |values, hit| Command::AnswerLookUp {
        valid_since: Vec::new(),
        step: look_up,
        values,
        hit,
    };
    run.handle(answer(vec![(number, HIM.into())], true))
        .unwrap();
    assert_eq!(run.known(born), "2000-01-01 from applicant.number at 2");
    assert_eq!(run.known(number), format!("{HIM} from register at 2"));

    let mut p = person();
    let (number, born) = (p.number, p.born);
    let paper = p.b.field("paper");
    p.b.step("register", Actor::Officer)
        .reads(paper)
        .writes(number);
    p.b.step("card", Actor::Officer).reads(born);
    let mut run = Run::open(p.b, vec![(paper, "papers".into())], false);
    let step = run.step("register");
    let values = vec![(number, HIM.into())];
    let made = Command::Complete {
        step,
        round: None,
        values,
    };
    run.handle(made).unwrap();
    assert_eq!(run.known(born), "2000-01-01 from applicant.number at 2");
    assert_eq!(run.known(number), format!("{HIM} from register at 2"));
}

/// A registry says since when the number holds: so does what follows from it. What is
/// corrected is valid since it was.
#[test]
fn what_follows_is_valid_since_what_it_follows_from_is() {
    let mut p = person();
    let (number, born, name) = (p.number, p.born, p.name);
    let look_up = p.b.look_up("register", &[name], &[number]);
    p.b.step("check", Actor::Officer).reads(born).reads(number);
    let mut run = Run::open(p.b, vec![(name, "示例".into())], false);
    let long_ago = Timestamp(BEGIN - 1_000_000);
    run.handle(Command::AnswerLookUp {
        step: look_up,
        values: vec![(number, HIM.into())],
        valid_since: vec![(number, long_ago)],
        hit: true,
    })
    .unwrap();
    let valid = |run: &Run, field| run.case.datum(field).unwrap().valid_since;
    assert_eq!(
        (valid(&run, number), valid(&run, born)),
        (long_ago, long_ago)
    );
    assert_eq!(run.case.datum(born).unwrap().since, Timestamp(BEGIN + 2));

    let mut p = person();
    let (number, born) = (p.number, p.born);
    p.b.step("check", Actor::Officer).reads(born).reads(number);
    let mut run = Run::open(p.b, vec![(number, HER.into())], false);
    assert_eq!(valid(&run, born), Timestamp(BEGIN + 1));
    let check = run.step("check");
    run.handle(Command::RequestSupplement {
        step: check,
        reason: "another number".into(),
        fields: vec![number],
    })
    .unwrap();
    run.submit("check", &[(number, HIM)]).unwrap();
    assert_eq!(valid(&run, born), Timestamp(BEGIN + run.now));
}

/// Whoever it belongs to: the parts of the number, in every case.
#[test]
fn whatever_the_number_is_its_parts_are_there() {
    let mut dice = onething_plan::random::Dice::new(11_643);
    let mut tried = 0;
    while tried < 300 {
        let born = (
            1900 + dice.below(126),
            1 + dice.below(12),
            1 + dice.below(28),
        );
        let sequence = 1 + dice.below(999);
        // No division ends in 9999.
        let body = format!("119999{}{:02}{:02}{sequence:03}0", born.0, born.1, born.2);
        let number_is = whole(&body);
        let mut p = person();
        let (number, sex) = (p.number, p.sex);
        p.b.step("check", Actor::Officer).reads(p.born).reads(sex);
        p.b.step("file", Actor::Officer).reads(number);
        let born_on = format!("{}-{:02}-{:02}", born.0, born.1, born.2);
        let field = p.born;
        let run = Run::open(p.b, vec![(number, number_is.into())], false);
        let sex_is = ["female", "male"][sequence % 2];
        let of = |what: &str| format!("{what} from applicant.number at 1");
        assert_eq!(run.known(field), of(&born_on));
        assert_eq!(run.known(sex), of(sex_is));
        tried += 1;
    }
}

/// Where the registry has nothing, the number is asked; what follows never is.
#[test]
fn a_miss_asks_for_the_number_and_not_for_what_follows() {
    let mut p = person();
    let (born, name) = (p.born, p.name);
    let look_up = p.b.look_up("register", &[name], &[p.number]);
    p.b.step("check", Actor::Officer).reads(born);
    let mut run = Run::open(p.b, vec![(name, "示例".into())], false);
    run.handle(Command::AnswerLookUp {
        valid_since: Vec::new(),
        step: look_up,
        values: vec![],
        hit: false,
    })
    .unwrap();
    let apply = run.step("apply");
    let asked: Vec<_> = run.case.asked(apply).iter().map(|a| a.field).collect();
    assert_eq!(asked, [name, p.number]);
    run.submit("apply", &[(p.number, HER)]).unwrap();
    assert_eq!(run.known(born), "1999-12-31 from applicant.number at 3");
}

#[test]
fn what_is_stated_beside_the_number_has_to_fit_and_is_set_aside() {
    let open = |born: &str| {
        let mut p = person();
        p.b.step("check", Actor::Officer)
            .reads(p.number)
            .reads(p.born);
        let values = vec![(p.number, HER.into()), (p.born, born.into())];
        (Run::open(p.b, values, false), p.born)
    };
    let (run, born) = open("1999-12-31");
    assert_eq!(run.case.status(), CaseStatus::Running);
    assert_eq!(run.known(born), "1999-12-31 from applicant.number at 1");
    let (run, _) = open("1999-12-30");
    let Event::ApplicationRefused(refused) = &run.records[0].event else {
        panic!("{:?}", run.records[0]);
    };
    let faults: Vec<_> = refused.faults.iter().map(fault).collect();
    let said = "applicant.born: does not fit “number”, from which it follows (digits 7 to 14)";
    assert_eq!(faults, [said]);
}

#[test]
fn a_draft_that_contradicts_what_a_registry_has_is_not_handed_in() {
    let mut p = person();
    let (number, born, name) = (p.number, p.born, p.name);
    let look_up = p.b.look_up("register", &[name], &[number]);
    p.b.step("check", Actor::Officer).reads(number).reads(born);
    let values = vec![(name, "示例".into()), (born, "1999-12-30".into())];
    let mut run = Run::open(p.b, values, false);
    run.handle(Command::AnswerLookUp {
        valid_since: Vec::new(),
        step: look_up,
        values: vec![(number, HER.into())],
        hit: true,
    })
    .unwrap();
    assert_eq!(run.case.status(), CaseStatus::Draft);
    let said = "applicant.born: does not fit “number”, from which it follows (digits 7 to 14)";
    assert_eq!(told(run.submit("apply", &[]).unwrap_err()), [said]);
    run.submit("apply", &[(born, "1999-12-31")]).unwrap();
    assert_eq!(run.case.status(), CaseStatus::Running);
}

#[test]
fn a_step_does_not_give_a_number_that_contradicts_what_was_stated() {
    let mut p = person();
    let (number, born) = (p.number, p.born);
    p.b.step("before", Actor::Officer).reads(born);
    p.b.step("register", Actor::Officer)
        .reads(born)
        .writes(number);
    p.b.step("after", Actor::Officer).reads(born);
    let mut run = Run::open(p.b, vec![(born, "1999-12-31".into())], false);
    assert_eq!(run.known(born), "1999-12-31 from apply at 1");
    let step = run.step("register");
    let made = |value: &str| Command::Complete {
        step,
        round: None,
        values: vec![(number, value.into())],
    };
    let said = "applicant.number: does not fit “born” as it was stated before, which follows from it (digits 7 to 14); where that is wrong, a supplement notice corrects it, and where none can be sent the application is withdrawn and made anew";
    assert_eq!(told(run.handle(made(HIM)).unwrap_err()), [said]);
    run.handle(made(HER)).unwrap();
    assert_eq!(
        run.known(born),
        format!("1999-12-31 from applicant.number at {}", run.now)
    );
}

/// A registry on the draft is asked with what follows from the number of the draft.
#[test]
fn what_follows_can_be_what_a_registry_is_asked_with() {
    let mut p = person();
    let (number, born, name) = (p.number, p.born, p.name);
    let look_up = p.b.look_up("register", &[born], &[name]);
    p.b.step("check", Actor::Officer).reads(number).reads(name);
    let mut run = Run::open(p.b, vec![(number, HER.into())], true);
    let input: Vec<_> = run
        .case
        .input(look_up)
        .map(|(f, v)| (f, v.clone()))
        .collect();
    assert_eq!(input, [(born, Value::from("1999-12-31"))]);
    assert_eq!(run.read_of("register"), ["applicant.born"]);
    run.handle(Command::AnswerLookUp {
        valid_since: Vec::new(),
        step: look_up,
        values: vec![(name, "示例".into())],
        hit: true,
    })
    .unwrap();
    let look = run.step("apply");
    run.handle(Command::Read { step: look }).unwrap();
    // With another number, the name would be somebody else's.
    let rejected = told(run.submit("apply", &[(number, HIM)]).unwrap_err());
    assert!(
        rejected[0].contains("registries were asked with it"),
        "{rejected:?}"
    );
    run.submit("apply", &[]).unwrap();
    assert_eq!(
        run.known(born),
        format!("1999-12-31 from applicant.number at {}", run.now)
    );
}
