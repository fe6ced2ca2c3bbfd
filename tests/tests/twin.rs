//! The twin test: the same scenario through the lab and through the runtime
//! gives the same records for each case.
//!
//! The lab simulates cases of a random plan with sample values, and every
//! record is written down. What came from outside (an application, an
//! officer's decision, a registry's answer, a paper handed in) is then done to a real engine at
//! the same moments of a clock that is moved by hand. Both journals must agree,
//! record by record: neither driver has rules of its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use onething_engine::{Case, EffectId, Event, Record, Values};
use onething_lab::draw::Seed;
use onething_lab::setting::Setting;
use onething_lab::simulate::{Observer, Payload, simulate};
use onething_model::{Calendar, CaseId, Text, Timestamp};
use onething_plan::random::{self, Dice};
use onething_plan::workload::{
    AnswerMix, Arrivals, Distribution, Duration, Figure, Origin, Staff, Unit, Workload,
};
use onething_plan::{Actor, Answer, Plan, StepIx};
use onething_runtime::{
    Application, Engine, Fields, Found, HandlerError, LookUpRequest, ManualClock, Registry, Reply,
    from_fn,
};
use onething_store::Store;
use serde_json::{Value, json};
use tokio::sync::oneshot;

/// What the lab recorded: each case's records, and all of them in order.
#[derive(Default)]
struct Notes {
    order: Vec<(u64, Timestamp, Event)>,
}

impl Observer for Notes {
    fn recorded(&mut self, _: usize, number: u64, _: &Case, at: Timestamp, event: &Event) {
        self.order.push((number, at, event.clone()));
    }

    fn ended(&mut self, _: usize, _: u64, _: &Case, _: Timestamp) {}
}

fn stated<T>(value: T) -> Figure<T> {
    let origin = Origin::Assumed("test".into());
    Figure { value, origin }
}

fn hours(mean: f64) -> Figure<Duration> {
    let distribution = Distribution::Exponential { mean };
    let unit = Unit::Hours;
    stated(Duration { distribution, unit })
}

/// Everything that can happen, often.
fn workload(plan: &Plan) -> Workload {
    let calendar = Arc::new(Calendar::round_the_clock());
    let written = |step: &&onething_plan::Step| step.actor.is_internal();
    let shares = AnswerMix::Shares(vec![
        (Answer::YesNo(true), 0.7),
        (Answer::YesNo(false), 0.3),
    ]);
    Workload {
        arrivals: Some(Arrivals {
            per_year: 20_000.0,
            calendar: calendar.clone(),
            origin: Origin::Assumed("test".into()),
        }),
        answers: plan
            .questions
            .iter()
            .map(|question| (question.key.clone(), stated(shares.clone())))
            .collect(),
        staff: plan
            .departments
            .iter()
            .map(|department| {
                let staff = Staff {
                    officers: 2,
                    calendar: calendar.clone(),
                    hours: Text::new("全天", "round the clock"),
                };
                (department.key.clone(), stated(staff))
            })
            .collect(),
        work: plan
            .steps
            .iter()
            .filter(written)
            .map(|step| (step.key.clone(), hours(0.3)))
            .collect(),
        misses: plan
            .steps
            .iter()
            .filter_map(|step| match &step.actor {
                Actor::LookUp(look_up) => Some((look_up.registry.clone(), stated(0.4))),
                _ => None,
            })
            .collect(),
        supplements: plan
            .matters
            .iter()
            .map(|matter| (matter.key.clone(), stated(0.4)))
            .collect(),
        answered_after: Some(hours(5.0)),
        refusals: plan
            .steps
            .iter()
            .filter(written)
            .map(|step| (step.key.clone(), stated(0.1)))
            .collect(),
        ..Workload::default()
    }
}

/// Answers look-ups when the scenario says so.
#[derive(Clone, Default)]
struct Registers(Arc<Mutex<HashMap<String, Slot>>>);

#[derive(Default)]
struct Slot {
    asked: Option<oneshot::Sender<Fields>>,
    answer: Option<Fields>,
}

impl Registers {
    fn answer(&self, effect: &EffectId, fields: Fields) {
        let mut slots = self.0.lock().unwrap();
        let slot = slots.entry(effect.to_string()).or_default();
        match slot.asked.take() {
            Some(sender) => sender.send(fields).unwrap(),
            None => slot.answer = Some(fields),
        }
    }
}

#[async_trait]
impl Registry for Registers {
    async fn look_up(&self, request: LookUpRequest) -> Result<Option<Found>, HandlerError> {
        let receiver = {
            let mut slots = self.0.lock().unwrap();
            let slot = slots.entry(request.effect.to_string()).or_default();
            if let Some(answer) = slot.answer.take() {
                return Ok(Some(answer.into()));
            }
            let (sender, receiver) = oneshot::channel();
            slot.asked = Some(sender);
            receiver
        };
        receiver
            .await
            .map(|fields| Some(fields.into()))
            .map_err(|_| HandlerError::permanent("the scenario ended"))
    }
}

fn fields(plan: &Plan, values: &Values) -> Fields {
    let mut fields = Fields::new();
    for (field, value) in values {
        fields.push(plan.field(*field).path.to_string(), value.clone());
    }
    fields
}

/// The records of a case as the journal spells them, with the caller's key left out.
fn spelled(plan: &Plan, at: Timestamp, event: &Event) -> Value {
    let record = Record {
        at,
        by: None,
        event: event.clone(),
    };
    without_key(serde_json::from_slice(&record.encode(plan)).unwrap())
}

fn without_key(mut record: Value) -> Value {
    if let Some(object) = record.as_object_mut() {
        object.remove("key");
    }
    record
}

/// Where the runtime's copy of a case stands.
#[derive(Default)]
struct Twin {
    case: Option<CaseId>,
    /// Steps that were asked of the applicant.
    asked: Vec<StepIx>,
    rounds: HashMap<StepIx, u32>,
    expected: Vec<Value>,
}

async fn play(seed: u64, plan: Arc<Plan>, notes: &Notes) -> usize {
    let clock = ManualClock::at(Timestamp(0));
    let registers = Registers::default();
    let (engine, _) = Engine::builder()
        .store(Store::in_memory())
        .plan(plan.clone())
        .any_department(from_fn(|_| Ok(Reply::Pending)))
        .any_registry(registers.clone())
        .default_timeout(onething_model::Micros::DAY.times(36_500))
        .clock(clock.clone())
        .start()
        .await
        .unwrap();
    let mut twins: HashMap<u64, Twin> = HashMap::new();
    for (number, at, event) in &notes.order {
        let twin = twins.entry(*number).or_default();
        clock.advance_to(*at);
        let effect = |twin: &Twin, step: StepIx| EffectId {
            case: twin.case.unwrap(),
            step: plan.step(step).key.clone(),
            round: twin.rounds.get(&step).copied().unwrap_or(1),
        };
        match event {
            Event::CaseOpened(opening) => {
                let mut application =
                    Application::new(plan.service.as_str(), format!("twin-{number}"));
                for (question, answer) in &opening.answers {
                    let key = plan.question(*question).key.as_str();
                    application = application.answer(key, json!(answer));
                }
                for (field, value) in &opening.values {
                    let path = plan.field(*field).path.to_string();
                    application = application.value(path, value.clone());
                }
                twin.case = Some(engine.submit(application).await.unwrap().case);
            }
            Event::StepDispatched { step, .. } => {
                twin.rounds.insert(*step, 1);
                if matches!(plan.step(*step).actor, Actor::Submission(_)) {
                    twin.asked.push(*step);
                }
            }
            Event::StepCompleted { step, values, .. } => {
                let effect = effect(twin, *step);
                let values = fields(&plan, values);
                match plan.step(*step).actor {
                    Actor::LookUp(_) => registers.answer(&effect, values),
                    Actor::Applicant => {
                        let step = plan.step(*step).key.as_str();
                        engine
                            .hand_in(effect.case, step, values, None)
                            .await
                            .unwrap();
                    }
                    Actor::System | Actor::Officer | Actor::Outside | Actor::Submission(_) => {
                        engine.complete(&effect, values, None).await.unwrap();
                    }
                }
            }
            Event::StepRefused { step, reason } => {
                engine
                    .refuse(&effect(twin, *step), reason, None)
                    .await
                    .unwrap();
            }
            Event::SupplementRequested {
                step,
                reason,
                fields,
            } => {
                let paths: Vec<_> = fields
                    .iter()
                    .map(|f| plan.field(*f).path.to_string())
                    .collect();
                let paths: Vec<_> = paths.iter().map(String::as_str).collect();
                let effect = effect(twin, *step);
                engine
                    .request_supplement(&effect, reason, &paths, None)
                    .await
                    .unwrap();
                twin.asked.push(*step);
            }
            // Handed in when asked; else it followed from the draft being complete.
            Event::Submitted { step, values } => {
                if let Some(at) = twin.asked.iter().position(|asked| asked == step) {
                    twin.asked.remove(at);
                    *twin.rounds.entry(*step).or_insert(1) += 1;
                    let values = fields(&plan, values);
                    let key = plan.step(*step).key.as_str();
                    engine
                        .hand_in(twin.case.unwrap(), key, values, None)
                        .await
                        .unwrap();
                }
            }
            // These follow of themselves.
            Event::DataRead { .. }
            | Event::StepSkipped { .. }
            | Event::StepCancelled { .. }
            | Event::Delivered { .. }
            | Event::CaseRefused
            | Event::CaseClosed => {}
            Event::ApplicationRefused { .. }
            | Event::StepFailed { .. }
            | Event::IncidentOpened { .. }
            | Event::StepRetried { .. }
            | Event::CaseRead { .. }
            | Event::DraftRenewed { .. }
            | Event::CaseWithdrawn { .. } => panic!("seed {seed}: the lab does not do {event:?}"),
        }
        twin.expected.push(spelled(&plan, *at, event));
        // What follows of itself is recorded in the same command; a registry's
        // answer takes the engine a moment.
        let case = twin.case.unwrap();
        for _ in 0..1_000 {
            if engine.history(case).await.unwrap().len() >= twin.expected.len() {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
    let mut count = 0;
    for (number, twin) in twins {
        let lines = engine.history(twin.case.unwrap()).await.unwrap();
        let real: Vec<Value> = lines
            .iter()
            .map(|line| without_key(serde_json::to_value(&line.record).unwrap()))
            .collect();
        for (at, (lab, runtime)) in twin.expected.iter().zip(&real).enumerate() {
            assert_eq!(runtime, lab, "seed {seed}, case {number}, record {at}");
        }
        assert_eq!(
            real.len(),
            twin.expected.len(),
            "seed {seed}, case {number}"
        );
        count += real.len();
    }
    engine.shutdown().await.unwrap();
    count
}

#[test]
fn the_lab_and_the_runtime_write_the_same_journal() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut kinds = std::collections::BTreeMap::new();
    let mut records = 0;
    for seed in 0..120 {
        let plan = Arc::new(random::plan(Dice::new(seed).roll()));
        let setting = Setting::new(&plan, &workload(&plan)).unwrap();
        let mut notes = Notes::default();
        let draws = Seed::new(seed).replication(0);
        simulate(&setting, draws, 6, Payload::Sample, &mut notes).unwrap();
        for (_, _, event) in &notes.order {
            *kinds.entry(event.kind().as_str()).or_insert(0) += 1;
        }
        records += runtime.block_on(play(seed, plan, &notes));
    }
    // The scenarios are not trivial: everything the lab does has happened.
    for kind in [
        "submitted",
        "step-dispatched",
        "data-read",
        "step-completed",
        "supplement-requested",
        "step-refused",
        "step-skipped",
        "step-cancelled",
        "delivered",
        "case-refused",
        "case-closed",
    ] {
        assert!(kinds.contains_key(kind), "no `{kind}` in {kinds:?}");
    }
    assert!(records > 3_000, "{records} records in {kinds:?}");
}
