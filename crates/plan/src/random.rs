//! Random plans for property tests: small, valid, and with every kind of node.
//!
//! A plan is a function of its seed, so that a seed and a commit are the bug.

use onething_model::{Limit, Micros};

use crate::builder::PlanBuilder;
use crate::condition::{Answer, Answers, Cond};
use crate::derivation::Derivation;
use crate::field::{FieldType, Sensitivity};
use crate::index::{FieldIx, MatterIx, QuestionIx, StepIx};
use crate::plan::Plan;
use crate::step::{Actor, Refused, Retry};

/// A sequence of numbers from a seed (SplitMix64, Steele and others 2014);
/// good enough to vary tests, not for statistics.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The sequence of this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 when the bound is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.roll() % bound.max(1) as u64) as usize
    }

    /// True with `percent` in a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// The plan of a seed: 1 to 10 written steps over 3 departments and 3 matters,
/// look-ups before and after the application, conditions, stated orders,
/// limits, results.
#[must_use]
pub fn plan(seed: u64) -> Plan {
    let mut dice = Dice::new(seed);
    let mut b = PlanBuilder::new("random");
    let departments = ["market", "fire", "tax"].map(|name| b.department(name));
    let questions: Vec<QuestionIx> = ["cold", "sign", "raw"][..dice.below(4)]
        .iter()
        .map(|name| b.yes_no(name))
        .collect();
    let matters: Vec<MatterIx> = (0..3)
        .map(|at| {
            let refused = if dice.chance(50) {
                Refused::EndsCase
            } else {
                Refused::EndsMatter
            };
            b.matter(&format!("matter-{at}"), refused)
        })
        .collect();
    // What can be read so far, whoever it comes from.
    let mut known: Vec<FieldIx> = (0..2 + dice.below(4))
        .map(|at| b.field(&format!("asked-{at}")))
        .collect();
    // Not drawn, so that the plans of the other seeds stay as they are.
    if seed % 3 == 1 {
        let number = b.typed_field("number", FieldType::IdentityNumber);
        let born = b.derived_field("born", Derivation::DateOfBirth, number);
        let sex = b.derived_field("sex", Derivation::Sex, number);
        known.extend([number, born, sex]);
    }
    if dice.chance(60) {
        let given: Vec<FieldIx> = (0..1 + dice.below(2))
            .map(|at| b.field(&format!("fetched-{at}")))
            .collect();
        b.look_up("register", &known[..1], &given);
        known.extend(given);
    }
    let mut steps: Vec<StepIx> = Vec::new();
    let count = 1 + dice.below(10);
    for at in 0..count {
        let actor = match dice.below(10) {
            0..=3 => Actor::System,
            4..=7 => Actor::Officer,
            8 => Actor::Outside,
            _ => Actor::Applicant,
        };
        let department = departments[dice.below(3)];
        let made = if dice.chance(30) {
            b.result(&format!("result-{at}"))
        } else {
            b.field(&format!("made-{at}"))
        };
        let applicant = actor == Actor::Applicant;
        let mut step = b.step(&format!("step-{at}"), actor).writes(made);
        if !applicant {
            step = step.department(department);
        }
        let mut read: Vec<FieldIx> = Vec::new();
        for _ in 0..dice.below(4) {
            let field = known[dice.below(known.len())];
            if !read.contains(&field) {
                read.push(field);
                step = step.reads(field);
                let optional = dice.chance(20);
                step = step.with(|step| {
                    if let Some(read) = step.reads.last_mut() {
                        read.optional = optional;
                    }
                });
            }
        }
        if !steps.is_empty() && dice.chance(25) {
            step = step.after(steps[dice.below(steps.len())]);
        }
        if !questions.is_empty() && dice.chance(40) {
            let question = Cond::yes(questions[dice.below(questions.len())]);
            step = step.when(if dice.chance(30) {
                Cond::Not(Box::new(question))
            } else {
                question
            });
        }
        if dice.chance(70) {
            step = step.matter(matters[dice.below(matters.len())]);
        }
        let limit = match dice.below(3) {
            0 => None,
            1 => Some(Limit::working_days(1 + dice.below(20) as u64)),
            _ => Some(Limit::Clock(Micros::HOUR)),
        };
        step = step.with(|step| {
            step.limit.promised = limit;
            step.retry = Retry {
                attempts: 3,
                backoff: Micros::SECOND,
                at_most: Micros::MINUTE,
            };
        });
        steps.push(step.number());
        known.push(made);
        if dice.chance(15) {
            let given = b.field(&format!("later-{at}"));
            b.late_look_up(&format!("archive-{at}"), &[made], &[given]);
            known.push(given);
        }
    }
    // Half of them weighed, as those of definitions are; not drawn, so that the other draws stay.
    if seed % 2 == 1 {
        b.weigh_look_ups();
    }
    let plan = b.plan_mut();
    plan.version = seed.to_string();
    for field in &mut plan.fields {
        if dice.chance(20) {
            field.sensitivity = Sensitivity::Personal;
        }
    }
    plan.clone()
}

/// Answers to the questions of a random plan.
#[must_use]
pub fn answers(plan: &Plan, dice: &mut Dice) -> Answers {
    let mut answers = Answers::none(plan.questions.len());
    for at in 0..plan.questions.len() {
        answers.set(QuestionIx::at(at), Some(Answer::YesNo(dice.chance(70))));
    }
    answers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Scenario, Source};

    /// In every scenario: arrows go forward, whatever is read is there before
    /// it is read, and an arrow marked as implied is.
    #[test]
    fn scenarios_of_random_plans_hold_together() {
        for seed in 0..2_000 {
            let plan = plan(seed);
            let answers = answers(&plan, &mut Dice::new(!seed));
            let scenario = Scenario::resolve(&plan, &answers);
            let before = |step: StepIx| {
                let mut reached = vec![false; plan.steps.len()];
                let mut stack = vec![step];
                while let Some(at) = stack.pop() {
                    for need in scenario.needs(at) {
                        assert!(need < &at && scenario.is_active(*need), "seed {seed}");
                        if !std::mem::replace(&mut reached[need.index()], true) {
                            stack.push(*need);
                        }
                    }
                }
                reached
            };
            for edge in scenario.edges() {
                assert!(before(edge.to)[edge.from.index()], "seed {seed}: {edge:?}");
            }
            for step in scenario.steps() {
                let reached = before(*step);
                for (field, source) in scenario.sources(*step) {
                    let from = match source {
                        Source::Step(from) | Source::LookUp(from) => *from,
                        // A look-up on the draft reads what is on the form.
                        Source::Applicant(from) if from > step => continue,
                        Source::Applicant(from) => *from,
                        // It has a source of its own.
                        Source::Derived(from) => {
                            let sources = scenario.sources(*step);
                            assert!(
                                sources.iter().any(|(field, _)| field == from),
                                "seed {seed}"
                            );
                            continue;
                        }
                    };
                    assert!(reached[from.index()], "seed {seed}: {field:?} of {step:?}");
                }
            }
        }
    }
}
