//! What a chain of registries after the application lacks at the same time is asked on one form.

use std::sync::Arc;

use onething_engine::{Blueprint, Case, Command, Event, Opening, StepStatus, Values};
use onething_model::Timestamp;
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, FieldIx, Plan, Refused, StepIx, sample};

/// The archive gives a name and the number by which the vault is asked, the vault a file and the
/// code by which the attic is asked. Each matter reads one of them; the permit can be refused.
fn plan() -> Arc<Plan> {
    let mut b = PlanBuilder::new("chain");
    let [name, number, file, code, box_] =
        ["name", "number", "file", "code", "box"].map(|field| b.field(field));
    let (asked, made) = (b.field("asked"), b.result("made"));
    let [permit, store, loft] =
        ["permit", "store", "loft"].map(|m| b.matter(m, Refused::EndsMatter));
    b.step("make", Actor::System).reads(asked).writes(made);
    b.step("site", Actor::Officer).reads(asked).matter(permit);
    b.late_look_up("archive", &[made], &[name, number]);
    b.late_look_up("vault", &[number], &[file, code]);
    b.late_look_up("attic", &[code], &[box_]);
    b.step("permit", Actor::Officer).reads(name).matter(permit);
    b.step("store", Actor::Officer).reads(file).matter(store);
    b.step("loft", Actor::Officer).reads(box_).matter(loft);
    Arc::new(b.build())
}

struct Run {
    plan: Arc<Plan>,
    case: Case,
    history: Vec<Event>,
}

impl Run {
    fn new(simulated: bool) -> Self {
        let plan = plan();
        let values = sample::application(&plan, &plan.reference);
        let mut opening = Opening::new(&plan, "key", Vec::new(), values);
        opening.simulated = simulated;
        let mut history = Vec::new();
        let blueprint = Blueprint::new(plan.clone());
        let case = Case::open(
            &blueprint,
            Arc::new(opening),
            Timestamp::default(),
            &mut history,
        );
        let mut run = Self {
            plan,
            case,
            history,
        };
        let make = run.step("make");
        run.when(&Command::Complete {
            step: make,
            round: None,
            values: run.values(&run.plan.step(make).writes),
        });
        run
    }

    fn step(&self, name: &str) -> StepIx {
        self.plan.find_step(name).unwrap()
    }

    fn values(&self, fields: &[FieldIx]) -> Values {
        let value = |field: &FieldIx| (*field, sample::value(&self.plan, *field));
        fields.iter().map(value).collect()
    }

    fn when(&mut self, command: &Command) {
        let now = Timestamp::default();
        self.case.handle(command, now, &mut self.history).unwrap();
        let records = self.history.iter().map(|event| (now, event));
        let again = Case::replay(self.case.blueprint(), records).unwrap();
        assert!(again.outstanding().eq(self.case.outstanding()));
    }

    /// A registry has what of it is named here.
    fn answers(&mut self, registry: &str, has: &str) {
        let step = self.step(registry);
        let named = |field: &&FieldIx| {
            let name = self.plan.field(**field).path.field.as_str();
            has.split(' ').any(|has| has == name)
        };
        let had = self.plan.step(step).writes.iter().filter(named);
        let had: Vec<FieldIx> = had.copied().collect();
        let values = match self.case.opening().unwrap().simulated {
            true => Values::new(),
            false => self.values(&had),
        };
        self.when(&Command::AnswerLookUp {
            step,
            values,
            valid_since: Vec::new(),
            hit: !had.is_empty(),
        });
    }

    fn hands_in(&mut self, form: &str) {
        let step = self.step(form);
        let asked: Vec<FieldIx> = self.case.asked(step).iter().map(|a| a.field).collect();
        let values = self.values(&asked);
        self.when(&Command::Submit { step, values });
    }

    /// What is outstanding; of forms what they ask.
    fn asks(&self) -> String {
        let told = self.case.outstanding().map(|effect| {
            let item = self.plan.step(effect.step);
            let mut fields: Vec<&str> = Vec::new();
            if matches!(item.actor, Actor::Submission(_)) {
                let asked = self.case.asked(effect.step);
                fields.extend(
                    asked
                        .iter()
                        .map(|a| self.plan.field(a.field).path.field.as_str()),
                );
            }
            format!("{} {}", item.key, fields.join(" "))
                .trim()
                .to_owned()
        });
        let told: Vec<String> = told.collect();
        told.join(", ")
    }

    fn status(&self, name: &str) -> StepStatus {
        self.case.step(self.step(name)).status
    }
}

#[test]
fn what_a_chain_lacks_at_the_same_time_is_asked_on_one_form() {
    for simulated in [false, true] {
        // The archive has nothing: the others cannot be asked.
        let mut run = Run::new(simulated);
        run.answers("archive", "");
        assert_eq!(run.asks(), "site, ask-archive name file box");
        run.hands_in("ask-archive");
        assert_eq!(run.asks(), "site, permit, store, loft");
        assert_eq!(run.status("ask-vault"), StepStatus::Skipped);
        assert_eq!(run.status("ask-attic"), StepStatus::Skipped);
    }
    // It has the name, which leaves its own form nothing to ask: the next one asks for both.
    let mut run = Run::new(false);
    run.answers("archive", "name");
    assert_eq!(run.asks(), "site, ask-vault file box, permit");
    run.hands_in("ask-vault");
    assert_eq!(run.asks(), "site, permit, store, loft");
    // It has the number: the vault is asked while the name is out, and lacks what it lacks later.
    let mut run = Run::new(false);
    run.answers("archive", "number");
    assert_eq!(run.asks(), "site, ask-archive name, vault");
    run.answers("vault", "");
    assert_eq!(run.asks(), "site, ask-archive name, ask-vault file box");
}

/// The matter for which the first form came ends while it is out: it asks for the rest.
#[test]
fn a_form_that_asks_for_others_as_well_stays_while_they_need_it() {
    let mut run = Run::new(false);
    run.answers("archive", "");
    let site = run.step("site");
    let reason = "unfit".to_owned();
    run.when(&Command::Refuse {
        step: site,
        round: None,
        reason,
    });
    assert_eq!(run.asks(), "ask-archive file box");
    run.hands_in("ask-archive");
    assert_eq!(run.asks(), "store, loft");
}

/// Records from when each form came on its own go on as they began.
#[test]
fn forms_that_were_begun_apart_stay_apart() {
    let mut run = Run::new(false);
    run.answers("archive", "");
    for form in ["ask-vault", "ask-attic"] {
        let step = run.step(form);
        run.history.push(Event::StepDispatched { step, due: None });
    }
    let now = Timestamp::default();
    let records = run.history.iter().map(|event| (now, event));
    run.case = Case::replay(run.case.blueprint(), records).unwrap();
    let all = "site, ask-archive name, ask-vault file, ask-attic box";
    assert_eq!(run.asks(), all);
    run.hands_in("ask-archive");
    assert_eq!(run.asks(), "site, ask-vault file, ask-attic box, permit");
    run.hands_in("ask-vault");
    run.hands_in("ask-attic");
    assert_eq!(run.asks(), "site, permit, store, loft");
}
