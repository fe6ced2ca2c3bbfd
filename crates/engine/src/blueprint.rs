//! A plan with its scenarios kept at hand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use onething_plan::{Actor, Answers, FieldIx, Plan, Scenario, Source, StepIx};

use crate::case::StepState;

/// Most scenarios that are kept; beyond it a scenario is resolved anew for each case.
const KEPT: usize = 4_096;

/// A plan and the scenarios that cases of it have come to: cases with like
/// answers share one.
#[derive(Debug)]
pub struct Blueprint {
    plan: Arc<Plan>,
    /// By delivery: the steps that make its result.
    makers: Box<[Box<[StepIx]>]>,
    /// By field: the look-ups that are asked with it.
    askers: Box<[Box<[StepIx]>]>,
    scenarios: Mutex<HashMap<Vec<u64>, Arc<Layout>>>,
}

/// A scenario with what the core reads off it at each command.
#[derive(Debug)]
pub struct Layout {
    /// The scenario.
    pub scenario: Scenario,
    /// How many steps are part of the case.
    pub count: u32,
    /// By step number: how many steps it waits for.
    pub needed: Box<[u32]>,
    /// By step number: where each step stands when a case begins.
    pub(crate) initial: Box<[StepState]>,
    /// The steps that wait for nothing.
    pub(crate) first: Box<[StepIx]>,
    /// By step number: the steps that cannot be without what it makes.
    dependents: Box<[Box<[StepIx]>]>,
}

impl Layout {
    fn new(plan: &Plan, answers: &Answers) -> Self {
        let scenario = Scenario::resolve(plan, answers);
        let mut dependents = vec![Vec::new(); plan.steps.len()];
        for step in scenario.steps() {
            for (field, source) in scenario.sources(*step) {
                let Source::Step(from) = source else { continue };
                let must = |read: &&onething_plan::Read| read.field == *field && !read.optional;
                if plan.step(*step).reads.iter().any(|read| must(&read)) {
                    dependents[from.index()].push(*step);
                }
            }
        }
        let needed: Box<[u32]> = plan
            .step_numbers()
            .map(|step| scenario.needs(step).len() as u32)
            .collect();
        let waits_for_nothing = |step: &StepIx| needed[step.index()] == 0;
        Self {
            count: scenario.steps().len() as u32,
            initial: plan
                .step_numbers()
                .map(|step| match scenario.is_active(step) {
                    true => StepState::waiting_for(needed[step.index()]),
                    false => StepState::ABSENT,
                })
                .collect(),
            first: scenario
                .steps()
                .iter()
                .copied()
                .filter(waits_for_nothing)
                .collect(),
            needed,
            dependents: dependents.into_iter().map(Vec::into_boxed_slice).collect(),
            scenario,
        }
    }

    /// The steps that cannot be without what `step` makes.
    #[must_use]
    pub fn dependents(&self, step: StepIx) -> &[StepIx] {
        &self.dependents[step.index()]
    }

    /// What a look-up that is skipped would have given and somebody needs: a registry is
    /// skipped where nothing is known to ask it with, and all of this is missed. Of any
    /// other step nothing.
    pub fn not_asked_for(&self, plan: &Plan, step: StepIx) -> impl Iterator<Item = FieldIx> {
        let is_look_up = matches!(plan.step(step).actor, Actor::LookUp(_));
        let form = if is_look_up {
            self.scenario.form(step)
        } else {
            &[]
        };
        form.iter().map(|asked| asked.field)
    }
}

impl Blueprint {
    /// A plan whose scenarios are resolved as cases need them.
    #[must_use]
    pub fn new(plan: Arc<Plan>) -> Arc<Self> {
        Arc::new(Self {
            makers: (0..plan.deliveries.len())
                .map(|delivery| makers(&plan, delivery))
                .collect(),
            askers: askers(&plan),
            plan,
            scenarios: Mutex::new(HashMap::new()),
        })
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// The scenario of these answers.
    #[must_use]
    pub fn layout(&self, answers: &Answers) -> Arc<Layout> {
        let key = Scenario::key(&self.plan, answers);
        let mut scenarios = self
            .scenarios
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(layout) = scenarios.get(&key) {
            return layout.clone();
        }
        let layout = Arc::new(Layout::new(&self.plan, answers));
        if scenarios.len() < KEPT {
            scenarios.insert(key, layout.clone());
        }
        layout
    }

    /// The steps that make the result of a delivery, whether part of the case or not.
    pub(crate) fn makers(&self, delivery: usize) -> &[StepIx] {
        self.makers.get(delivery).map_or(&[], |makers| makers)
    }

    /// The look-ups that are asked with a field, whether part of the case or not.
    pub(crate) fn askers(&self, field: FieldIx) -> &[StepIx] {
        self.askers.get(field.index()).map_or(&[], |askers| askers)
    }

    /// Whether a field is on the form of `node`, and whether it may be left out.
    #[must_use]
    pub fn asked(layout: &Layout, node: StepIx, field: FieldIx) -> Option<bool> {
        let form = layout.scenario.form(node);
        let at = form
            .binary_search_by_key(&field, |asked| asked.field)
            .ok()?;
        Some(form[at].optional)
    }
}

fn askers(plan: &Plan) -> Box<[Box<[StepIx]>]> {
    let mut askers = vec![Vec::new(); plan.fields.len()];
    for step in plan.step_numbers() {
        let item = plan.step(step);
        if !matches!(item.actor, Actor::LookUp(_)) {
            continue;
        }
        for read in &item.reads {
            askers[read.field.index()].push(step);
        }
    }
    askers.into_iter().map(Vec::into_boxed_slice).collect()
}

fn makers(plan: &Plan, delivery: usize) -> Box<[StepIx]> {
    let role = plan.deliveries[delivery].what;
    plan.step_numbers()
        .filter(|step| {
            let item = plan.step(*step);
            let makes = |field: &FieldIx| plan.field(*field).role == role;
            !matches!(item.actor, Actor::LookUp(_) | Actor::Submission(_))
                && item.writes.iter().any(makes)
        })
        .collect()
}
