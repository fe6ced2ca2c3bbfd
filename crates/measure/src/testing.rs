//! Tests only: runs cases through the core without a driver.

use std::sync::Arc;

use onething_engine::{Ask, Blueprint, Case, Command, Event, Opening};
use onething_model::{Micros, Timestamp};
use onething_plan::{Actor, FieldType, Plan, StepIx, Submission, SubmissionKind};

/// A case under way and what was recorded of it.
pub(crate) struct Run {
    pub(crate) case: Case,
    pub(crate) events: Vec<(Timestamp, Event)>,
    pub(crate) now: Timestamp,
}

impl Run {
    /// Opens a simulated case with the plan's reference answers.
    pub(crate) fn open(blueprint: &Arc<Blueprint>, now: Timestamp) -> Self {
        let plan = blueprint.plan();
        let answers = plan.reference.iter().map(|(q, a)| (q, a.clone())).collect();
        let mut opening = Opening::new(plan, "key", answers, Vec::new());
        opening.simulated = true;
        let mut out = Vec::new();
        let case = Case::open(blueprint, Arc::new(opening), now, &mut out);
        let mut run = Self {
            case,
            events: Vec::new(),
            now,
        };
        run.keep(out);
        run
    }

    fn keep(&mut self, out: Vec<Event>) {
        let now = self.now;
        self.events
            .extend(out.into_iter().map(|event| (now, event)));
    }

    /// Carries a command out at the present time.
    pub(crate) fn handle(&mut self, command: &Command) {
        let mut out = Vec::new();
        self.case.handle(command, self.now, &mut out).unwrap();
        self.keep(out);
    }

    /// The same, unless the case is over.
    pub(crate) fn handle_if_open(&mut self, command: &Command) {
        if !self.case.status().is_final() {
            self.handle(command);
        }
    }

    /// Answers whatever is asked first, each after `wait`, until nothing is asked.
    pub(crate) fn finish(&mut self, wait: Micros) {
        while let Some(step) = { self.case.outstanding().next().map(|effect| effect.step) } {
            self.now = self.now + wait;
            self.do_step(step);
        }
    }

    /// Answers what is asked of a step.
    pub(crate) fn do_step(&mut self, step: StepIx) {
        let mut effects = self.case.outstanding();
        let ask = effects.find(|effect| effect.step == step).unwrap().ask;
        drop(effects);
        let values = Vec::new();
        self.handle(&match ask {
            Ask::LookUp { .. } => Command::AnswerLookUp {
                valid_since: Vec::new(),
                step,
                values,
                hit: true,
            },
            Ask::Submission | Ask::Supplement => Command::Submit { step, values },
            _ => Command::Complete {
                step,
                round: None,
                values,
            },
        });
    }

    /// Does one step by key.
    pub(crate) fn complete(&mut self, key: &str) {
        let step = self.case.plan().find_step(key).unwrap();
        let values = Vec::new();
        self.handle(&Command::Complete {
            step,
            round: None,
            values,
        });
    }

    /// Hands in what a step asks.
    pub(crate) fn submit(&mut self, key: &str) {
        let step = self.case.plan().find_step(key).unwrap();
        let values = Vec::new();
        self.handle(&Command::Submit { step, values });
    }

    /// A registry has nothing.
    pub(crate) fn miss(&mut self, key: &str) {
        let step = self.case.plan().find_step(key).unwrap();
        self.handle(&Command::AnswerLookUp {
            valid_since: Vec::new(),
            step,
            values: Vec::new(),
            hit: false,
        });
    }
}

/// The type of a material.
pub(crate) fn document() -> FieldType {
    FieldType::Document {
        accepts: Vec::new(),
        max_bytes: 1_000,
    }
}

/// The actor of a further application.
pub(crate) fn application() -> Actor {
    Actor::Submission(Submission {
        kind: SubmissionKind::Application,
        accepted_by: None,
    })
}

/// A blueprint of a plan.
pub(crate) fn blueprint(plan: Plan) -> Arc<Blueprint> {
    Blueprint::new(Arc::new(plan))
}
