//! How old the answer of a registry may be: what a draft waited with for too long is asked
//! anew before it is handed in, and the case is decided on what registries have now.

use std::sync::Arc;

use onething_engine::{
    Audience, Blueprint, Case, CaseStatus, Command, Event, EventKind, Opening, StepStatus, TOO_OLD,
    Values,
};
use onething_model::{Micros, Timestamp};
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, FieldIx, Plan, Sensitivity, StepIx, sample};

/// The population register gives the household number, with which the second one is asked.
/// What the first gives may be an hour old, what the second gives as old as it likes.
struct Town {
    plan: Arc<Plan>,
    fields: [FieldIx; 4],
    look_ups: [StepIx; 2],
    apply: StepIx,
}

fn town() -> Town {
    let mut b = PlanBuilder::new("town");
    let fields = ["id", "name", "household", "book"].map(|f| b.field(f));
    let [id, name, household, book] = fields;
    let look_ups = [
        b.look_up("population", &[id], &[name, household]),
        b.look_up("households", &[household], &[book]),
    ];
    b.step("check", Actor::Officer).reads(name).reads(book);
    b.plan_mut().fields[name.index()].sensitivity = Sensitivity::Personal;
    if let Actor::LookUp(item) = &mut b.plan_mut().steps[look_ups[0].index()].actor {
        item.fresh = Some("1h".parse().unwrap());
    }
    let plan = Arc::new(b.build());
    Town {
        apply: plan.find_step("apply").unwrap(),
        plan,
        fields,
        look_ups,
    }
}

struct Run {
    case: Case,
    now: Timestamp,
    history: Vec<(Timestamp, Event)>,
}

impl Town {
    fn open(&self, confirm: bool) -> Run {
        let values = sample::application(&self.plan, &self.plan.reference);
        let mut opening = Opening::new(&self.plan, "key", Vec::new(), values);
        opening.confirm = confirm;
        let (mut out, now) = (Vec::new(), Timestamp::default());
        let blueprint = Blueprint::new(self.plan.clone());
        let case = Case::open(&blueprint, Arc::new(opening), now, &mut out);
        Run {
            case,
            now,
            history: out.into_iter().map(|event| (now, event)).collect(),
        }
    }

    fn hand_in(&self, values: Values) -> Command {
        Command::Submit {
            step: self.apply,
            values,
        }
    }
}

impl Run {
    fn after(&mut self, wait: Micros, command: &Command) -> Result<Vec<EventKind>, &'static str> {
        self.now = self.now + wait;
        let mut out = Vec::new();
        let done = self.case.handle(command, self.now, &mut out);
        done.map_err(|rejection| rejection.code)?;
        let kinds = out.iter().map(Event::kind).collect();
        let now = self.now;
        self.history
            .extend(out.into_iter().map(|event| (now, event)));
        Ok(kinds)
    }

    fn answer(&mut self, step: StepIx, values: &[(FieldIx, &str)]) {
        let values = values.iter().map(|(field, v)| (*field, (*v).into()));
        let answer = Command::AnswerLookUp {
            step,
            values: values.collect(),
            valid_since: Vec::new(),
            hit: true,
        };
        self.after(Micros::SECOND, &answer).unwrap();
    }

    fn look(&mut self, apply: StepIx) {
        let kinds = self.after(Micros::SECOND, &Command::Read { step: apply });
        assert_eq!(kinds, Ok(vec![EventKind::DataRead]));
        assert!(!self.case.is_unseen());
    }

    fn asks(&self) -> Vec<(StepIx, u32)> {
        let effects = self.case.outstanding();
        effects.map(|effect| (effect.step, effect.round)).collect()
    }

    fn is_read_again(&self) {
        let records = self.history.iter().map(|(at, event)| (*at, event));
        let again = Case::replay(self.case.blueprint(), records).unwrap();
        assert!(again.outstanding().eq(self.case.outstanding()));
        assert!(again.missed().eq(self.case.missed()));
        assert!(again.all_data().eq(self.case.all_data()));
        assert_eq!(again.status(), self.case.status());
    }
}

#[test]
fn what_is_too_old_is_asked_anew_and_counts_as_it_is_then() {
    let town = town();
    let [population, households] = town.look_ups;
    let [_, name, household, book] = town.fields;
    let mut run = town.open(true);
    assert_eq!(run.asks(), [(population, 1)]);
    run.answer(population, &[(name, "old name"), (household, "H1")]);
    run.answer(households, &[(book, "book of H1")]);
    assert_eq!(run.asks(), [(town.apply, 1)]);
    let until = run.case.fresh_until(population).unwrap();
    assert_eq!(until, Timestamp(Micros::HOUR.0 + Micros::SECOND.0));
    assert_eq!(run.case.fresh_until(households), None);

    // To the last moment what is there may be handed in, and is not asked anew.
    let nothing_stale = Err("C0113");
    assert_eq!(run.after(Micros::SECOND, &Command::Renew), nothing_stale);
    run.now = until;
    assert_eq!(run.after(Micros(0), &Command::Renew), nothing_stale);
    assert_eq!(
        run.after(Micros(0), &town.hand_in(Vec::new())),
        Err("C0114")
    );
    run.now = Timestamp(until.0 - Micros::SECOND.0);
    run.look(town.apply);
    let before = run.case.clone();
    let in_time = town.hand_in(Vec::new());
    let records = run.after(Micros(0), &in_time).unwrap();
    assert_eq!(records[0], EventKind::Submitted);

    // After it, it is not: registries are asked in a further round.
    run = Run {
        case: before,
        now: until,
        history: run.history,
    };
    run.history.retain(|(at, _)| *at < until);
    let late = town.hand_in(Vec::new());
    assert_eq!(run.after(Micros(1), &late), Err(TOO_OLD));
    assert_eq!(
        run.after(Micros(0), &Command::Renew).unwrap()[0],
        EventKind::DraftRenewed
    );
    assert_eq!(run.asks(), [(population, 2)]);
    assert_eq!(run.case.fetched().count(), 0, "what was there is gone");
    assert_eq!(
        run.after(Micros(0), &late),
        Err("C0103"),
        "registries have not answered"
    );
    assert_eq!(run.after(Micros(0), &Command::Renew), nothing_stale);
    run.is_read_again();

    // The household is another one now, and so is the book: no data of two states is mixed.
    run.answer(population, &[(name, "new name"), (household, "H2")]);
    assert_eq!(run.asks(), [(households, 2)]);
    run.answer(households, &[(book, "book of H2")]);
    assert_eq!(run.asks(), [(town.apply, 2)]);
    run.is_read_again();
    // Nobody has seen it yet.
    assert_eq!(run.after(Micros::SECOND, &late), Err("C0114"));
    run.look(town.apply);
    run.is_read_again();
    run.after(Micros::MINUTE, &late).unwrap();
    assert_eq!(run.case.status(), CaseStatus::Running);
    // What it was before is somebody's still, wherever it is told.
    let told = run.case.told("old name, new name", Audience::Anybody);
    assert_eq!(told, "▇▇, ▇▇");
    for (field, expected) in [(name, "new name"), (book, "book of H2")] {
        assert_eq!(run.case.datum(field).unwrap().value, expected);
    }
    assert_eq!(run.case.submissions(), 1);
    assert_eq!(
        run.after(Micros::HOUR.times(9), &Command::Renew),
        nothing_stale
    );
    run.is_read_again();
}

/// Whoever hands in learns of every answer that is too old, not of the first.
#[test]
fn each_answer_that_is_too_old_is_named() {
    let mut town = town();
    let plan = Arc::make_mut(&mut town.plan);
    if let Actor::LookUp(item) = &mut plan.steps[town.look_ups[1].index()].actor {
        item.fresh = Some("2h".parse().unwrap());
    }
    let [population, households] = town.look_ups;
    let [_, name, household, book] = town.fields;
    for (hours, named) in [(2, vec![population]), (3, vec![population, households])] {
        let mut run = town.open(true);
        run.answer(population, &[(name, "name"), (household, "H1")]);
        run.answer(households, &[(book, "book")]);
        run.look(town.apply);
        let late = Timestamp(run.now.0 + Micros::HOUR.0 * hours - Micros::MINUTE.0);
        let refused = run
            .case
            .decide(&town.hand_in(Vec::new()), late)
            .unwrap_err();
        let (zh, en) = (refused.message.zh(), refused.message.en());
        for look_up in town.look_ups {
            let title = &town.plan.step(look_up).title;
            let told = named.contains(&look_up);
            assert_eq!(zh.contains(&format!("「{}」", title.zh())), told, "{zh}");
            assert_eq!(en.contains(&format!("“{}”", title.en())), told, "{en}");
        }
    }
}

/// The registry has nothing any more: its form is asked for, and what it gave is gone.
#[test]
fn what_a_registry_has_no_more_is_asked_of_the_applicant() {
    let town = town();
    let [population, households] = town.look_ups;
    let [_, name, household, book] = town.fields;
    let mut run = town.open(true);
    run.answer(population, &[(name, "old name"), (household, "H1")]);
    run.answer(households, &[]);
    assert!(run.case.missed().eq([(book, households)]));
    let late = Micros::HOUR.times(2);
    run.after(late, &Command::Renew).unwrap();
    assert_eq!(run.case.missed().count(), 0);
    run.answer(population, &[]);
    assert_eq!(run.case.step(households).status, StepStatus::Skipped);
    run.is_read_again();
    let value = |field| (field, "as the applicant says".into());
    let given = vec![value(name), value(book)];
    run.look(town.apply);
    run.after(late, &town.hand_in(given)).unwrap();
    assert_eq!(run.case.status(), CaseStatus::Running);
    run.is_read_again();
}

/// A registry was down for so long that what the other one had is too old by then: the draft
/// is not handed in of itself, but waits for its applicant.
#[test]
fn a_draft_is_not_handed_in_of_itself_with_what_is_too_old() {
    for (wait, expected) in [
        (Micros::MINUTE, CaseStatus::Running),
        (Micros::HOUR.times(2), CaseStatus::Draft),
    ] {
        let town = town();
        let [population, households] = town.look_ups;
        let [_, name, household, book] = town.fields;
        let mut run = town.open(false);
        run.answer(population, &[(name, "name"), (household, "H1")]);
        run.now = run.now + wait;
        run.answer(households, &[(book, "book")]);
        assert_eq!(run.case.status(), expected);
        if expected == CaseStatus::Draft {
            assert_eq!(run.asks(), [(town.apply, 1)]);
            let kinds = run.after(Micros::SECOND, &Command::Renew).unwrap();
            assert_eq!(kinds[0], EventKind::DraftRenewed);
            // In time now: it is handed in as it always was.
            run.answer(population, &[(name, "name"), (household, "H1")]);
            run.answer(households, &[(book, "book")]);
            assert_eq!(run.case.status(), CaseStatus::Running);
        }
        run.is_read_again();
    }
}
