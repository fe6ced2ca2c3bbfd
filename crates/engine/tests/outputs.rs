//! What a step makes is held to the contract, rule by rule, and everything that is
//! wrong is told at once: whoever answers mends it in one go.

use std::sync::Arc;

use onething_engine::{Blueprint, Case, Command, Opening, Rejection};
use onething_model::{Text, Timestamp};
use onething_plan::builder::PlanBuilder;
use onething_plan::field::Pattern;
use onething_plan::{Actor, FieldIx, FieldType, Plan, StepIx, sample};
use serde_json::{Value, json};

/// Name, type, a valid value, and values that break one rule each with what is told.
type Rules = (&'static str, FieldType, Value, Vec<(Value, &'static str)>);

fn rules() -> Vec<Rules> {
    let number = |min, max, whole| FieldType::Number {
        min,
        max,
        whole,
        unit: None,
    };
    let digest = onething_model::Digest::of(b"paper").to_string();
    let paper = |kind: &str, bytes: u64| json!({ "digest": digest, "name": "a", "bytes": bytes, "type": kind });
    vec![
        (
            "text",
            FieldType::Text { max_chars: 3 },
            "三个字".into(),
            vec![
                ("四个字了".into(), "has more than 3 characters"),
                ("  ".into(), "is empty"),
                ("a\u{1b}".into(), "control character U+001B"),
                (7.into(), "is not a text"),
            ],
        ),
        (
            "code",
            FieldType::Code {
                pattern: Some(Pattern::new("[A-Z]{2}[0-9]{2}").unwrap()),
            },
            "AB12".into(),
            vec![
                ("AB123".into(), "does not have the form"),
                ("xAB12".into(), "does not have the form"),
            ],
        ),
        (
            "number",
            number(Some(1.0), Some(9.0), true),
            5.into(),
            vec![
                (0.into(), "is less than 1"),
                (10.into(), "is more than 9"),
                (json!(2.5), "is not a whole number"),
                ("5".into(), "is not a number"),
            ],
        ),
        (
            "yes",
            FieldType::YesNo,
            true.into(),
            vec![("yes".into(), "is not yes or no")],
        ),
        (
            "date",
            FieldType::Date,
            "2026-02-28".into(),
            vec![
                ("2026-02-29".into(), "is not a date"),
                ("28.02.2026".into(), "is not a date"),
            ],
        ),
        (
            "money",
            FieldType::Money,
            "CNY 1.50".into(),
            vec![
                ("1.50".into(), "is not an amount"),
                ("CNY 1.505".into(), "is not an amount"),
            ],
        ),
        (
            "choice",
            FieldType::Choice {
                options: vec![
                    ("a".into(), Text::new("甲", "a")),
                    ("b".into(), Text::new("乙", "b")),
                ],
            },
            "b".into(),
            vec![("c".into(), "is none of a, b")],
        ),
        (
            "address",
            FieldType::Address,
            "示例路1号".into(),
            vec![("".into(), "is empty")],
        ),
        (
            "identity",
            FieldType::IdentityNumber,
            // The examples that the standards GB 11643 and GB 32100 print; nobody's.
            "11010519491231002X".into(),
            vec![
                (
                    "110105194912310021".into(),
                    "the check character does not fit",
                ),
                ("11010519491331002X".into(), "are no date of birth"),
                ("1101051949123100".into(), "has 17 digits"),
                // The day of these cases is in 1970.
                (
                    "11010519710101001X".into(),
                    "the date of birth is in the future",
                ),
            ],
        ),
        (
            "credit",
            FieldType::CreditCode,
            "91350100M000100Y43".into(),
            vec![
                (
                    "91350100M000100Y44".into(),
                    "the check character does not fit",
                ),
                ("91350100M000100Y4".into(), "has 18 digits"),
            ],
        ),
        (
            "phone",
            FieldType::Phone,
            "13900000000".into(),
            vec![(
                "12300000000".into(),
                "is a mainland mobile number or a fixed line",
            )],
        ),
        (
            "paper",
            FieldType::Document {
                accepts: vec!["pdf".into()],
                max_bytes: 1_000,
            },
            paper("pdf", 1_000),
            vec![
                (paper("exe", 10), "none of the accepted types pdf"),
                (paper("pdf", 1_001), "is larger than 1000 bytes"),
                (json!({ "name": "a" }), "is not a document"),
            ],
        ),
    ]
}

/// Who answers: a step, or a registry of which all is needed.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Who {
    Step,
    Registry,
}

struct Answering {
    case: Case,
    step: StepIx,
    fields: Vec<FieldIx>,
    /// A field of the plan that the step does not make.
    foreign: FieldIx,
    who: Who,
}

impl Answering {
    fn new(who: Who) -> Self {
        let mut b = PlanBuilder::new("outputs");
        let foreign = b.field("foreign");
        let fields: Vec<FieldIx> = rules()
            .into_iter()
            .map(|(name, kind, ..)| b.typed_field(name, kind))
            .collect();
        let step = match who {
            Who::Step => {
                let mut step = b.step("check", Actor::System).reads(foreign);
                for field in &fields {
                    step = step.writes(*field);
                }
                step.number()
            }
            Who::Registry => {
                let step = b.look_up("register", &[foreign], &fields);
                let mut reader = b.step("check", Actor::Officer);
                for field in &fields {
                    reader = reader.reads(*field);
                }
                let _ = reader.number();
                step
            }
        };
        let plan: Arc<Plan> = Arc::new(b.build());
        let values = sample::application(&plan, &plan.reference);
        let values = values.into_iter().filter(|(field, _)| *field == foreign);
        let opening = Arc::new(Opening::new(&plan, "key", Vec::new(), values.collect()));
        let case = Case::open(
            &Blueprint::new(plan),
            opening,
            Timestamp(0),
            &mut Vec::new(),
        );
        Self {
            case,
            step,
            fields,
            foreign,
            who,
        }
    }

    fn answer(&self, values: Vec<(FieldIx, Value)>) -> Result<(), Rejection> {
        let command = match self.who {
            Who::Step => Command::Complete {
                step: self.step,
                round: None,
                values,
            },
            Who::Registry => Command::AnswerLookUp {
                valid_since: Vec::new(),
                step: self.step,
                values,
                hit: true,
            },
        };
        self.case.decide(&command, Timestamp(1)).map(|_| ())
    }

    fn valid(&self) -> Vec<(FieldIx, Value)> {
        let values = rules().into_iter().map(|(_, _, valid, _)| valid);
        self.fields.iter().copied().zip(values).collect()
    }
}

/// What is told of each value, by the name of its field; the value itself never.
fn told(rejection: &Rejection) -> Vec<(String, String)> {
    let faults = rejection.faults.iter();
    faults
        .map(|fault| (fault.what.clone(), fault.why.en().to_owned()))
        .collect()
}

#[test]
fn each_rule_of_a_contract_is_enforced_and_named() {
    for who in [Who::Step, Who::Registry] {
        let answering = Answering::new(who);
        assert_eq!(answering.answer(answering.valid()), Ok(()), "{who:?}");
        for (at, (name, _, _, broken)) in rules().into_iter().enumerate() {
            for (value, expected) in broken {
                let mut values = answering.valid();
                values[at].1 = value.clone();
                let rejection = answering.answer(values).expect_err(name);
                assert_eq!(rejection.code, "C0106", "{name}");
                let told = told(&rejection);
                assert_eq!(told.len(), 1, "{told:?}");
                assert_eq!(told[0].0, format!("applicant.{name}"));
                assert!(told[0].1.contains(expected), "{value}: {told:?}");
            }
        }
    }
}

/// All at once: each wrong value, what is missing, and what is not the step's to make.
#[test]
fn every_fault_is_named_in_one_answer() {
    let answering = Answering::new(Who::Step);
    let rules = rules();
    let mut values = answering.valid();
    let mut expected: Vec<String> = Vec::new();
    for (at, (name, _, _, broken)) in rules.into_iter().enumerate() {
        values[at].1 = broken[0].0.clone();
        expected.push(format!("applicant.{name}"));
    }
    // The last is left out altogether; one is added that the step does not write.
    values.pop();
    values.push((answering.foreign, "x".into()));
    expected.push("applicant.foreign".to_owned());
    let rejection = answering.answer(values).expect_err("all is wrong");
    let mut named: Vec<String> = told(&rejection).into_iter().map(|(what, _)| what).collect();
    named.sort();
    expected.sort();
    assert_eq!(named, expected);
    for (what, why) in told(&rejection) {
        assert!(
            !why.contains("91350100M000100Y44"),
            "{what} quotes a value: {why}"
        );
    }
}
