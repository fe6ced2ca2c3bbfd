//! What registries are asked with: no question without its key, on the draft and after
//! it, with data and without; and what was asked with a value keeps to that value.

use std::sync::Arc;

use onething_engine::{Blueprint, Case, Command, Event, Opening, StepStatus, Values};
use onething_model::{Micros, Timestamp};
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, FieldIx, Plan, Refused, StepIx, sample};

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
        (field, sample::value(self.plan.field(field)))
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
        let named = ["book", "district", "household", "id", "name"];
        assert_eq!(school.asked(&run), named, "simulated: {simulated}");
        run.is_read_again();
        if simulated {
            continue;
        }
        let [_, name, household, book, district] = school.fields;
        let values: Values = [name, household, book, district]
            .map(|field| school.value(field))
            .into();
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
    assert_eq!(school.asked(&run), ["book", "district", "household", "id"]);

    let mut run = school.open(&[], |_| {});
    run.answer(population, vec![school.value(household)], true);
    assert_eq!(run.asks(), [households]);
    run.answer(households, Vec::new(), true);
    assert_eq!(run.case.step(districts).status, StepStatus::Skipped);
    assert_eq!(school.asked(&run), ["book", "district", "id", "name"]);
    run.is_read_again();
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

/// After the application the fallback asks for the key first, and then the next registry
/// is asked with what the applicant said.
#[test]
fn a_late_key_comes_from_the_fallback() {
    let mut b = PlanBuilder::new("later");
    let [asked, number, file] = ["asked", "number", "file"].map(|f| b.field(f));
    let made = b.result("made");
    b.step("make", Actor::System).reads(asked).writes(made);
    let archive = b.late_look_up("archive", &[made], &[number]);
    let vault = b.late_look_up("vault", &[number], &[file]);
    b.step("check", Actor::System).reads(file);
    let plan = Arc::new(b.build());
    let make = plan.find_step("make").unwrap();
    let ask = plan.find_step("ask-archive").unwrap();
    for simulated in [false, true] {
        let values = sample::application(&plan, &plan.reference);
        let mut opening = Opening::new(&plan, "key", Vec::new(), values);
        opening.simulated = simulated;
        let (mut history, now) = (Vec::new(), Timestamp::default());
        let blueprint = Blueprint::new(plan.clone());
        let mut out = Vec::new();
        let case = Case::open(&blueprint, Arc::new(opening), now, &mut out);
        history.extend(out.into_iter().map(|event| (now, event)));
        let mut run = Run { case, now, history };
        let value = |field| vec![(field, sample::value(plan.field(field)))];
        run.when(&Command::Complete {
            step: make,
            round: None,
            values: value(made),
        });
        run.answer(archive, Vec::new(), false);
        assert_eq!(run.asks(), [ask], "simulated: {simulated}");
        run.when(&Command::Submit {
            step: ask,
            values: value(number),
        });
        assert_eq!(run.asks(), [vault], "simulated: {simulated}");
        run.is_read_again();
    }
}
