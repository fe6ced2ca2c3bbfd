//! What registries are asked with: no question without its key, on the draft and after
//! it, with data and without; and what was asked with a value keeps to that value.

use std::sync::Arc;

use onething_engine::{Blueprint, Case, CaseStatus, Command, Event, Opening, StepStatus, Values};
use onething_model::{Micros, Timestamp};
use onething_plan::builder::PlanBuilder;
use onething_plan::random::{self, Dice};
use onething_plan::{Actor, Derivation, FieldIx, FieldType, Plan, Refused, StepIx, sample};

/// The identity number gives the household number, that the household book, and that
/// the district; an officer reads what they give, and the identity number itself.
struct School {
    plan: Arc<Plan>,
    fields: [FieldIx; 5],
    look_ups: [StepIx; 3],
    apply: StepIx,
    check: StepIx,
}

fn school() -> School {
    let mut b = PlanBuilder::new("school");
    let enrol = b.matter("enrol", Refused::EndsCase);
    let fields = ["id", "name", "household", "book", "district"].map(|f| b.field(f));
    let [id, name, household, book, district] = fields;
    let place = b.result("place");
    let look_ups = [
        b.look_up("population", &[id], &[name, household]),
        b.look_up("households", &[household], &[book]),
        b.look_up("districts", &[book], &[district]),
    ];
    let check = b
        .step("check", Actor::Officer)
        .reads(id)
        .reads(name)
        .reads(book)
        .reads(district)
        .writes(place)
        .matter(enrol)
        .number();
    let plan = Arc::new(b.build());
    School {
        apply: plan.find_step("apply").unwrap(),
        plan,
        fields,
        look_ups,
        check,
    }
}

/// A case and what was recorded of it.
struct Run {
    case: Case,
    now: Timestamp,
    history: Vec<(Timestamp, Event)>,
}

impl School {
    fn value(&self, field: FieldIx) -> (FieldIx, serde_json::Value) {
        (field, sample::value(&self.plan, field))
    }

    fn open(&self, along: &[FieldIx], change: impl FnOnce(&mut Opening)) -> Run {
        let mut values = sample::application(&self.plan, &self.plan.reference);
        values.extend(along.iter().map(|field| self.value(*field)));
        let mut opening = Opening::new(&self.plan, "key", Vec::new(), values);
        change(&mut opening);
        let (mut out, now) = (Vec::new(), Timestamp::default());
        let blueprint = Blueprint::new(self.plan.clone());
        let case = Case::open(&blueprint, Arc::new(opening), now, &mut out);
        Run {
            case,
            now,
            history: out.into_iter().map(|event| (now, event)).collect(),
        }
    }

    /// What the application asks, by the names of the fields.
    fn asked(&self, run: &Run) -> Vec<String> {
        let asked = run.case.asked(self.apply);
        let mut names: Vec<String> = asked
            .iter()
            .map(|asked| self.plan.field(asked.field).path.field.to_string())
            .collect();
        names.sort_unstable();
        names
    }
}

impl Run {
    fn when(&mut self, command: &Command) -> Vec<Event> {
        self.tried(command).unwrap()
    }

    fn tried(&mut self, command: &Command) -> Result<Vec<Event>, onething_engine::Rejection> {
        self.now = self.now + Micros::SECOND;
        let mut out = Vec::new();
        self.case.handle(command, self.now, &mut out)?;
        let at = self.now;
        self.history
            .extend(out.iter().map(|event| (at, event.clone())));
        Ok(out)
    }

    fn answer(&mut self, step: StepIx, values: Values, hit: bool) -> Vec<Event> {
        self.when(&Command::AnswerLookUp {
            step,
            values,
            valid_since: Vec::new(),
            hit,
        })
    }

    /// The command is turned down with this code; why, by the names of the fields.
    fn refused(&mut self, command: &Command, code: &str) -> Vec<(String, String)> {
        let rejection = self.tried(command).unwrap_err();
        assert_eq!(rejection.code, code, "{rejection}");
        let fault = |fault: &onething_engine::Fault| {
            let (_, name) = fault.what.rsplit_once('.').unwrap();
            (name.to_owned(), fault.why.en().to_owned())
        };
        rejection.faults.iter().map(fault).collect()
    }

    fn asks(&self) -> Vec<StepIx> {
        self.case.outstanding().map(|effect| effect.step).collect()
    }

    /// A case that is read again asks for the same and misses the same.
    fn is_read_again(&self) {
        let records = self.history.iter().map(|(at, event)| (*at, event));
        let again = Case::replay(self.case.blueprint(), records).unwrap();
        assert!(again.outstanding().eq(self.case.outstanding()));
        assert!(again.missed().eq(self.case.missed()));
        assert_eq!(again.status(), self.case.status());
    }
}

#[test]
fn no_registry_is_asked_without_its_key() {
    let school = school();
    let [population, households, districts] = school.look_ups;
    for simulated in [false, true] {
        let mut run = school.open(&[], |opening| {
            opening.simulated = simulated;
            if simulated {
                opening.values.clear();
            }
        });
        assert_eq!(run.asks(), [population], "simulated: {simulated}");
        run.answer(population, Vec::new(), false);
        for step in [households, districts] {
            assert_eq!(run.case.step(step).status, StepStatus::Skipped);
        }
        // Nobody reads the household number but a registry that is not asked.
        let named = ["book", "district", "id", "name"];
        assert_eq!(school.asked(&run), named, "simulated: {simulated}");
        run.is_read_again();
        if simulated {
            continue;
        }
        let [_, name, household, book, district] = school.fields;
        let values: Values = [name, book, district]
            .map(|field| school.value(field))
            .into();
        let refused = run.refused(
            &school.hands_in(&[name, household, book, district], None),
            "C0108",
        );
        assert_eq!(refused[0].0, "household", "{refused:?}");
        run.when(&Command::Submit {
            step: school.apply,
            values,
        });
        assert_eq!(run.asks(), [school.check]);
        run.is_read_again();
    }
}

/// The first registry has something, but not the key of the second.
#[test]
fn what_a_registry_lacks_is_what_counts() {
    let school = school();
    let [population, households, districts] = school.look_ups;
    let [_, name, household, ..] = school.fields;
    let mut run = school.open(&[], |_| {});
    run.answer(population, vec![school.value(name)], true);
    assert_eq!(school.asked(&run), ["book", "district", "id"]);

    let mut run = school.open(&[], |_| {});
    run.answer(population, vec![school.value(household)], true);
    assert_eq!(run.asks(), [households]);
    run.answer(households, Vec::new(), true);
    assert_eq!(run.case.step(districts).status, StepStatus::Skipped);
    assert_eq!(school.asked(&run), ["book", "district", "id", "name"]);
    run.is_read_again();
}

/// Officers read the key as well, or one of two registries with it is asked after all: it
/// is on the form, and can be left out where whoever reads it can do without.
#[test]
fn a_key_is_asked_where_somebody_else_reads_it() {
    let table = "
        nobody                    | file
        a step                    | file key
        a step that can do without | file key?
        a step, what follows      | file key
        a registry after the application | file key
    ";
    for row in table.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let (reader, expected) = row.split_once('|').unwrap();
        let mut b = PlanBuilder::new("keys");
        let [id, file] = ["id", "file"].map(|f| b.field(f));
        let key = b.typed_field("key", FieldType::IdentityNumber);
        b.look_up("first", &[id], &[key]);
        let second = b.look_up("second", &[key], &[file]);
        b.step("check", Actor::Officer).reads(file);
        match reader.trim() {
            "nobody" => {}
            "a step" => {
                b.step("reader", Actor::System).reads(key);
            }
            "a step that can do without" => {
                let reader = b.step("reader", Actor::System).reads(key);
                reader.with(|step| step.reads[0].optional = true);
            }
            "a step, what follows" => {
                let born = b.derived_field("born", Derivation::DateOfBirth, key);
                b.step("reader", Actor::System).reads(born);
            }
            "a registry after the application" => {
                let (made, more) = (b.result("made"), b.field("more"));
                b.step("make", Actor::System).writes(made);
                b.late_look_up("late", &[key, made], &[more]);
                b.step("reader", Actor::System).reads(more);
            }
            other => unreachable!("{other}"),
        }
        let plan = Arc::new(b.build());
        let apply = plan.find_step("apply").unwrap();
        let first = plan.find_step("first").unwrap();
        for simulated in [false, true] {
            let values = sample::application(&plan, &plan.reference);
            let mut opening = Opening::new(&plan, "key", Vec::new(), values);
            opening.simulated = simulated;
            let (mut out, now) = (Vec::new(), Timestamp::default());
            let blueprint = Blueprint::new(plan.clone());
            let case = Case::open(&blueprint, Arc::new(opening), now, &mut out);
            let mut run = Run {
                case,
                now,
                history: Vec::new(),
            };
            run.answer(first, Vec::new(), false);
            assert_eq!(run.case.step(second).status, StepStatus::Skipped);
            let mut asked: Vec<String> = run
                .case
                .asked(apply)
                .iter()
                .filter(|asked| asked.field != id)
                .map(|asked| {
                    let name = &plan.field(asked.field).path.field;
                    format!("{name}{}", if asked.optional { "?" } else { "" })
                })
                .collect();
            asked.sort_unstable();
            assert_eq!(
                asked.join(" "),
                expected.trim(),
                "{reader}, simulated: {simulated}"
            );
        }
    }
}

/// What the applicant gave along is a key as good as one from a registry.
#[test]
fn a_key_that_was_given_along_is_asked_with() {
    let school = school();
    let [population, households, _] = school.look_ups;
    let household = school.fields[2];
    let mut run = school.open(&[household], |_| {});
    run.answer(population, Vec::new(), true);
    assert_eq!(run.asks(), [households]);
    let told: Vec<FieldIx> = run.case.input(households).map(|(field, _)| field).collect();
    assert_eq!(told, [household]);
    run.is_read_again();
}

/// When a key can be given along, and what of it counts.
#[test]
fn a_key_is_given_along_when_the_application_is_filed_and_not_later() {
    let school = school();
    let [population, households, _] = school.look_ups;
    let household = school.fields[2];
    // What the first registry has counts; the next is asked with that.
    let mut run = school.open(&[household], |_| {});
    run.answer(
        population,
        vec![(household, "of the registry".into())],
        true,
    );
    assert_eq!(run.asks(), [households]);
    let told: Vec<_> = run.case.input(households).collect();
    assert_eq!(told, [(household, &"of the registry".into())]);
    run.is_read_again();
    // Once the draft waits for what the registries lacked, the key is not asked for.
    let mut run = school.open(&[], |_| {});
    run.answer(population, Vec::new(), true);
    assert_eq!(school.asked(&run), ["book", "district", "id", "name"]);
    let mut values: Values = run
        .case
        .asked(school.apply)
        .iter()
        .map(|asked| school.value(asked.field))
        .collect();
    values.push(school.value(household));
    let submit = Command::Submit {
        step: school.apply,
        values,
    };
    let faults = run.refused(&submit, "C0108");
    assert_eq!(
        faults,
        [("household".to_owned(), "is not asked here".to_owned())]
    );
    // A registry that is asked after the application takes none along.
    let mut b = PlanBuilder::new("later");
    let [number, file, asked] = ["number", "file", "asked"].map(|f| b.field(f));
    let made = b.result("made");
    b.step("make", Actor::System).reads(asked).writes(made);
    b.late_look_up("archive", &[made], &[number]);
    b.late_look_up("vault", &[number], &[file]);
    b.step("check", Actor::System).reads(file);
    let plan = Arc::new(b.build());
    let mut values = sample::application(&plan, &plan.reference);
    values.push((number, sample::value(&plan, number)));
    let opening = Opening::new(&plan, "key", Vec::new(), values);
    let mut out = Vec::new();
    let _ = Case::open(
        &Blueprint::new(plan),
        Arc::new(opening),
        Timestamp::default(),
        &mut out,
    );
    let [Event::ApplicationRefused(refused)] = &out[..] else {
        panic!("{out:?}");
    };
    let [fault] = &refused.faults[..] else {
        panic!("{refused:?}");
    };
    assert_eq!(fault.what, "applicant.number");
    assert_eq!(fault.why.en(), "is not asked here");
}

/// After the application it is as on the draft: a key that the first registry lacked is asked
/// for only if somebody else reads it, and the next registry is asked with what the
/// applicant said; else that is skipped, and its own form asks for what it would have given.
#[test]
fn a_late_key_is_asked_for_only_if_somebody_reads_it() {
    // What the steps after them read, with what they can do without; what is asked in turn.
    let table = [
        ("file", "ask-vault: file"),
        // Both are lacking at the same time: one form.
        ("file name", "ask-archive: file name"),
        ("file number", "ask-archive: number, vault, ask-vault: file"),
        (
            "file number? name",
            "ask-archive: name number?, vault, ask-vault: file",
        ),
        ("file number?", "ask-vault: file"),
        ("file?", ""),
    ];
    for (reads, expected) in table {
        let mut b = PlanBuilder::new("later");
        let fields = ["number", "name", "file"].map(|f| b.field(f));
        let [number, name, file] = fields;
        let asked = b.field("asked");
        let made = b.result("made");
        b.step("make", Actor::System).reads(asked).writes(made);
        b.late_look_up("archive", &[made], &[number, name]);
        b.late_look_up("vault", &[number], &[file]);
        let mut check = b.step("check", Actor::System);
        for read in reads.split(' ') {
            let known = ["number", "name", "file"];
            let at = known
                .iter()
                .position(|name| *name == read.trim_end_matches('?'));
            check = check.reads(fields[at.unwrap()]);
            check = check.with(|step| {
                step.reads.last_mut().unwrap().optional = read.ends_with('?');
            });
        }
        let plan = Arc::new(b.build());
        for simulated in [false, true] {
            let told = told(&plan, simulated);
            assert_eq!(told, expected, "{reads}, simulated: {simulated}");
        }
    }
}

/// What the applicant is asked for and which other registry is asked, where none has anything.
fn told(plan: &Arc<Plan>, simulated: bool) -> String {
    let values = sample::application(plan, &plan.reference);
    let mut opening = Opening::new(plan, "key", Vec::new(), values);
    opening.simulated = simulated;
    let (mut history, now) = (Vec::new(), Timestamp::default());
    let mut out = Vec::new();
    let case = Case::open(
        &Blueprint::new(plan.clone()),
        Arc::new(opening),
        now,
        &mut out,
    );
    history.extend(out.into_iter().map(|event| (now, event)));
    let mut run = Run { case, now, history };
    let mut told = Vec::new();
    while let Some(step) = run.asks().first().copied() {
        let item = plan.step(step);
        let given = |fields: &[FieldIx]| -> Values {
            let value = |field: &FieldIx| (*field, sample::value(plan, *field));
            fields.iter().map(value).collect()
        };
        match &item.actor {
            Actor::LookUp(_) => {
                if item.key.as_str() != "archive" {
                    told.push(item.key.to_string());
                }
                run.answer(step, Vec::new(), false);
            }
            Actor::Submission(_) => {
                let asked = run.case.asked(step);
                let mut names: Vec<String> = asked
                    .iter()
                    .map(|one| {
                        let mark = if one.optional { "?" } else { "" };
                        format!("{}{mark}", plan.field(one.field).path.field)
                    })
                    .collect();
                names.sort_unstable();
                told.push(format!("{}: {}", item.key, names.join(" ")));
                let fields: Vec<FieldIx> = asked.iter().map(|one| one.field).collect();
                let values = given(&fields);
                run.when(&Command::Submit { step, values });
            }
            Actor::System | Actor::Officer | Actor::Applicant | Actor::Outside => {
                if item.key.as_str() == "check" {
                    break;
                }
                let values = given(&item.writes);
                run.when(&Command::Complete {
                    step,
                    round: None,
                    values,
                });
            }
        }
    }
    run.is_read_again();
    told.join(", ")
}

const STAYS: &str =
    "registries were asked with it; to change it, the applicant withdraws and applies again";

fn stays(field: &str) -> Vec<(String, String)> {
    vec![(field.to_owned(), STAYS.to_owned())]
}

impl School {
    /// The application is handed in with these values, of which `other` has another one.
    fn hands_in(&self, fields: &[FieldIx], other: Option<FieldIx>) -> Command {
        let mut values: Values = fields.iter().map(|field| self.value(*field)).collect();
        values.extend(other.map(|field| (field, "another".into())));
        Command::Submit {
            step: self.apply,
            values,
        }
    }

    fn notice(&self, fields: &[FieldIx]) -> Command {
        Command::RequestSupplement {
            step: self.check,
            reason: "unclear".into(),
            fields: fields.to_vec(),
        }
    }
}

/// With a number that was mistyped the register has nothing; with another one it might.
#[test]
fn a_key_stays_where_the_registry_had_nothing() {
    let school = school();
    let [population, ..] = school.look_ups;
    let [id, name, _, book, district] = school.fields;
    let mut run = school.open(&[], |_| {});
    run.answer(population, Vec::new(), false);
    let missed = [name, book, district];
    let other = school.hands_in(&missed, Some(id));
    assert_eq!(run.refused(&other, "C0108"), stays("id"));
    // The same value again is no change.
    run.when(&school.hands_in(&[id, name, book, district], None));
    assert_eq!(run.case.status(), CaseStatus::Running);
    run.is_read_again();
}

/// A key that the first registry lacked, and with which the second had nothing.
#[test]
fn a_key_further_along_the_chain_stays() {
    let school = school();
    let [population, households, _] = school.look_ups;
    let [id, name, household, book, district] = school.fields;
    let mut run = school.open(&[household], |_| {});
    run.answer(population, vec![school.value(name)], true);
    run.answer(households, Vec::new(), false);
    let other = school.hands_in(&[book, district], Some(household));
    assert_eq!(run.refused(&other, "C0108"), stays("household"));
    let other = school.hands_in(&[book, district], Some(id));
    assert_eq!(run.refused(&other, "C0108"), stays("id"));
    run.when(&school.hands_in(&[book, district], None));
    run.is_read_again();
}

#[test]
fn a_notice_asks_for_no_key_that_a_registry_was_asked_with() {
    let school = school();
    let [population, ..] = school.look_ups;
    let [id, name, household, book, district] = school.fields;
    for simulated in [false, true] {
        let mut run = school.open(&[], |opening| {
            opening.simulated = simulated;
            if simulated {
                opening.values.clear();
            }
        });
        run.answer(population, Vec::new(), false);
        let missed = [name, book, district];
        // A simulated draft hands itself in.
        if !simulated {
            run.when(&school.hands_in(&missed, None));
        }
        // No registry was asked with the book: the districts were not asked.
        let correctable: Vec<FieldIx> = run.case.correctable(school.check).collect();
        assert_eq!(
            correctable,
            [name, book, district],
            "simulated: {simulated}"
        );
        let refused = run.refused(&school.notice(&[name, id]), "C0110");
        assert_eq!(refused, stays("id"), "simulated: {simulated}");
        // What the step does not read is refused for that.
        let refused = run.refused(&school.notice(&[household]), "C0110");
        assert_eq!(refused[0].0, "household");
        assert_ne!(refused[0].1, STAYS);
        run.when(&school.notice(&[name, book]));
        if simulated {
            continue;
        }
        run.when(&Command::Submit {
            step: school.check,
            values: vec![(name, "another".into()), (book, "another".into())],
        });
        assert_eq!(run.case.datum(book).unwrap().value, "another");
        run.is_read_again();
    }
}

/// A registry is asked while a notice is out that names what it is asked with: before, the
/// answer may change it, and the registry is asked with the new value; after, it stays.
#[test]
fn a_key_can_be_corrected_until_a_registry_is_asked_with_it() {
    let mut b = PlanBuilder::new("later");
    let [number, file] = ["number", "file"].map(|f| b.field(f));
    let cleared = b.field("cleared");
    let clear = b.step("clear", Actor::Officer).writes(cleared).number();
    let archive = b.late_look_up("archive", &[number, cleared], &[file]);
    let look = b.step("look", Actor::Officer).reads(number).number();
    b.step("check", Actor::System).reads(file);
    let plan = Arc::new(b.build());
    for before in [true, false] {
        let values = sample::application(&plan, &plan.reference);
        let opening = Opening::new(&plan, "key", Vec::new(), values);
        let (mut out, now) = (Vec::new(), Timestamp::default());
        let blueprint = Blueprint::new(plan.clone());
        let case = Case::open(&blueprint, Arc::new(opening), now, &mut out);
        let history = out.into_iter().map(|event| (now, event)).collect();
        let mut run = Run { case, now, history };
        assert_eq!(run.asks(), [clear, look]);
        assert!(run.case.correctable(look).eq([number]));
        run.when(&Command::RequestSupplement {
            step: look,
            reason: "unclear".into(),
            fields: vec![number],
        });
        let cleared = Command::Complete {
            step: clear,
            round: None,
            values: vec![(cleared, sample::value(&plan, cleared))],
        };
        let answer = |value: serde_json::Value| Command::Submit {
            step: look,
            values: vec![(number, value)],
        };
        if before {
            run.when(&answer("another".into()));
            run.when(&cleared);
            let (_, told) = run.case.input(archive).find(|(f, _)| *f == number).unwrap();
            assert_eq!(told, "another");
        } else {
            run.when(&cleared);
            assert!(run.asks().contains(&archive));
            let other = answer("another".into());
            assert_eq!(run.refused(&other, "C0108"), stays("number"));
            // Nobody waits for what cannot come: the value that it has is an answer.
            run.when(&answer(sample::value(&plan, number)));
        }
        assert!(run.case.correctable(look).next().is_none());
        run.is_read_again();
    }
}

/// A value like the sample, or another one.
fn varied(plan: &Plan, field: FieldIx, dice: &mut Dice) -> (FieldIx, serde_json::Value) {
    let value = sample::value(plan, field);
    let other = value
        .as_str()
        .map(|text| format!("{text}{}", dice.below(3)));
    let other = other.filter(|_| dice.chance(30));
    (field, other.map_or(value, Into::into))
}

/// Something that somebody might do next, wanted or not.
fn any(case: &Case, dice: &mut Dice) -> Command {
    let plan = case.plan();
    let awaited: Vec<StepIx> = case.outstanding().map(|effect| effect.step).collect();
    let step = awaited[dice.below(awaited.len())];
    let mut all = |fields: Vec<FieldIx>| -> Values {
        let one = |field: &FieldIx| varied(plan, *field, dice);
        fields.iter().map(one).collect()
    };
    let asked = case.asked(step).iter().map(|asked| asked.field).collect();
    let (asked, made) = (all(asked), all(plan.step(step).writes.clone()));
    let reads = &plan.step(step).reads;
    match dice.below(10) {
        0..3 if !reads.is_empty() => Command::RequestSupplement {
            step,
            reason: "unclear".into(),
            fields: vec![reads[dice.below(reads.len())].field],
        },
        0..7 if !asked.is_empty() => Command::Submit {
            step,
            values: asked,
        },
        7 => Command::AnswerLookUp {
            step,
            values: Vec::new(),
            valid_since: Vec::new(),
            hit: false,
        },
        _ => Command::Complete {
            step,
            round: None,
            values: made,
        },
    }
}

/// Whatever is handed in, corrected or asked for: what a registry was told stays true.
#[test]
fn what_a_registry_was_asked_with_never_changes() {
    let (mut told, mut turned_down) = (0, 0);
    for seed in 0..1_500 {
        let mut dice = Dice::new(seed ^ 0x6b65_7973);
        let plan = Arc::new(random::plan(seed));
        let answers = random::answers(&plan, &mut dice);
        let values = sample::application(&plan, &answers);
        let answers = answers.iter().map(|(q, a)| (q, a.clone())).collect();
        let mut opening = Opening::new(&plan, "key", answers, values);
        opening.confirm = dice.chance(50);
        let (mut out, mut now) = (Vec::new(), Timestamp::default());
        let blueprint = Blueprint::new(plan.clone());
        let mut case = Case::open(&blueprint, Arc::new(opening), now, &mut out);
        let mut asked: Vec<(StepIx, Values)> = Vec::new();
        for _ in 0..60 {
            for event in out.drain(..) {
                if let Event::StepDispatched { step, .. } = event
                    && matches!(plan.step(step).actor, Actor::LookUp(_))
                {
                    let keys = case.input(step).map(|(f, value)| (f, value.clone()));
                    asked.push((step, keys.collect()));
                }
            }
            for (look_up, keys) in &asked {
                assert!(!keys.is_empty(), "seed {seed}: asked with nothing");
                let now: Values = case
                    .input(*look_up)
                    .map(|(field, value)| (field, value.clone()))
                    .collect();
                assert_eq!(
                    &now, keys,
                    "seed {seed}: {look_up:?} was asked with other keys"
                );
            }
            if case.status().is_final() {
                break;
            }
            now = now + Micros::MINUTE;
            let command = any(&case, &mut dice);
            if let Err(rejection) = case.handle(&command, now, &mut out) {
                let why = |fault: &onething_engine::Fault| fault.why.en() == STAYS;
                turned_down += usize::from(rejection.faults.iter().any(why));
            }
        }
        told += asked.len();
    }
    assert!(told > 500, "registries are asked: {told} times");
    assert!(
        turned_down > 100,
        "keys are to be changed: {turned_down} times"
    );
}

/// A survey makes the key of a plot, whose register gives the zone, by which the soil is known.
/// What is asked of whom after the survey, or the other reader's step, was refused.
#[test]
fn nobody_is_asked_for_what_nobody_reads_and_no_registry_without_its_key() {
    // What the permit of another matter reads, which steps are refused, what is asked then.
    let table = [
        // Who can go on is given by the applicant what no registry could be asked for.
        ("area", &["survey"][..], "ask-plots: area, permit"),
        ("area soil", &["survey"], "ask-plots: area soil, permit"),
        ("soil", &["survey"], "ask-soils: soil, permit"),
        ("area?", &["survey"], "permit"),
        // Who reads the key itself does not go on; then nobody needs the rest.
        ("code soil", &["survey"], ""),
        ("area soil", &["site"], "survey, plots, soils, permit"),
        // Nor is what a reader needed who does not go on, beside one who does.
        ("zone +area", &["survey", "site"], "ask-plots: zone, permit"),
        ("zone? +area", &["survey", "site"], "permit"),
        (
            "zone +area",
            &["survey"],
            "ask-plots: area zone, permit, other",
        ),
        // The reader does not go on: no registry is asked for it.
        ("area soil", &["permit"], "survey"),
    ];
    for (reads, refused, expected) in table {
        let mut b = PlanBuilder::new("plots");
        let [measure, licence, site] =
            ["measure", "licence", "site"].map(|name| b.matter(name, Refused::EndsMatter));
        let fields = ["code", "area", "zone", "soil"].map(|name| b.field(name));
        let [code, area, zone, soil] = fields;
        let [asked, seen] = ["asked", "seen"].map(|name| b.field(name));
        let permit = b.result("permit");
        let before = b
            .step("before", Actor::Officer)
            .reads(asked)
            .writes(seen)
            .matter(licence)
            .number();
        let _ = b.step("site", Actor::Officer).reads(asked).matter(site);
        let _ = b
            .step("survey", Actor::Officer)
            .reads(asked)
            .writes(code)
            .matter(measure);
        b.late_look_up("plots", &[code], &[area, zone]);
        b.late_look_up("soils", &[zone], &[soil]);
        let mut check = b
            .step("permit", Actor::Officer)
            .after(before)
            .writes(permit)
            .matter(licence);
        for read in reads.split(' ').filter(|read| !read.starts_with('+')) {
            let known = ["code", "area", "zone", "soil"];
            let name = read.trim_end_matches('?');
            let at = known.iter().position(|field| *field == name);
            check = check.reads(fields[at.unwrap()]).with(|step| {
                step.reads.last_mut().unwrap().optional = read.ends_with('?');
            });
        }
        if reads.contains('+') {
            b.step("other", Actor::Officer).reads(area).matter(site);
        }
        let plan = Arc::new(b.build());
        for simulated in [false, true] {
            let told = asked_after(&plan, refused, simulated);
            assert_eq!(
                told, expected,
                "{reads} {refused:?}, simulated: {simulated}"
            );
        }
    }
}

/// Who is asked for what in turn, where the steps before are done but these are refused; where
/// the permit is, its matter ends before the survey.
fn asked_after(plan: &Arc<Plan>, refused: &[&str], simulated: bool) -> String {
    let mut opening = Opening::new(
        plan,
        "key",
        Vec::new(),
        sample::application(plan, &plan.reference),
    );
    opening.simulated = simulated;
    let (mut history, now) = (Vec::new(), Timestamp::default());
    let mut out = Vec::new();
    let case = Case::open(
        &Blueprint::new(plan.clone()),
        Arc::new(opening),
        now,
        &mut out,
    );
    history.extend(out.into_iter().map(|event| (now, event)));
    let mut run = Run { case, now, history };
    let mut told: Vec<String> = Vec::new();
    let given = |fields: &[FieldIx]| -> Values {
        let value = |field: &FieldIx| (*field, sample::value(plan, *field));
        fields.iter().map(value).collect()
    };
    // The matter of the permit ends with the step before it.
    let ends = |key: &str| refused.contains(&if key == "before" { "permit" } else { key });
    while let Some(step) = run.asks().first().copied() {
        let item = plan.step(step);
        let key = item.key.as_str();
        if ends(key) {
            let reason = "unfit".to_owned();
            run.when(&Command::Refuse {
                step,
                round: None,
                reason,
            });
            continue;
        }
        let is_told = !["before", "site"].contains(&key) && (key != "survey" || told.is_empty());
        match &item.actor {
            Actor::LookUp(_) => {
                told.push(key.to_owned());
                let values = given(&item.writes);
                run.answer(step, values, true);
            }
            Actor::Submission(_) => {
                let asked = run.case.asked(step);
                let names: Vec<&str> = asked
                    .iter()
                    .map(|one| plan.field(one.field).path.field.as_str())
                    .collect();
                told.push(format!("{key}: {}", names.join(" ")));
                let fields: Vec<FieldIx> = asked.iter().map(|one| one.field).collect();
                let values = given(&fields);
                run.when(&Command::Submit { step, values });
            }
            Actor::System | Actor::Officer | Actor::Applicant | Actor::Outside => {
                if is_told {
                    told.push(key.to_owned());
                }
                let values = given(&item.writes);
                run.when(&Command::Complete {
                    step,
                    round: None,
                    values,
                });
            }
        }
    }
    run.is_read_again();
    told.join(", ")
}
