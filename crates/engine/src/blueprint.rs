//! A plan with its scenarios kept at hand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use onething_plan::critical;
use onething_plan::{
    Actor, Answers, Derivation, Derived, FieldIx, FormField, Plan, Scenario, Source, StepIx,
    SubmissionKind,
};

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
    /// Every field that follows from another one, read or not; ordered.
    derived: Box<[Following]>,
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
    /// By step number: whether the last delivery waits for it.
    pub(crate) awaited: Box<[bool]>,
    /// How many of these there are.
    pub(crate) awaited_count: u32,
    /// By step number: where each step stands when a case begins.
    pub(crate) initial: Box<[StepState]>,
    /// The steps that wait for nothing.
    pub(crate) first: Box<[StepIx]>,
    /// By step number: the steps that cannot be without what it makes.
    dependents: Box<[Box<[StepIx]>]>,
    /// What steps read as it follows from another field: that, the field, and how; ordered.
    derived: Box<[Following]>,
    /// What registries give that others are asked with.
    links: Box<[Link]>,
    /// Look-ups after the application and what asks for what they lack, each with those who read it.
    serving: Box<[(StepIx, Box<[StepIx]>)]>,
    /// What steps read of look-ups after the application; ordered by look-up and field.
    late_reads: Box<[LateRead]>,
}

/// What a step reads of a look-up after the application.
#[derive(Debug, Clone, Copy)]
struct LateRead {
    look_up: StepIx,
    field: FieldIx,
    reader: StepIx,
    optional: bool,
}

/// A field that one registry gives and others are asked with.
#[derive(Debug)]
struct Link {
    /// The look-up that gives it.
    from: StepIx,
    field: FieldIx,
    /// The look-ups that are asked with it.
    to: Vec<StepIx>,
    /// Whether all who read it besides can do without; `None` where nobody does.
    besides: Option<bool>,
}

/// A field that something follows from, what follows, and how.
pub(crate) type Following = (FieldIx, FieldIx, Derivation);

impl Layout {
    fn new(plan: &Plan, answers: &Answers) -> Self {
        let scenario = Scenario::resolve(plan, answers);
        let mut dependents = vec![Vec::new(); plan.steps.len()];
        let mut derived = Vec::new();
        for step in scenario.steps() {
            for (field, source) in scenario.sources(*step) {
                if let (Source::Derived(from), Some(how)) = (source, plan.field(*field).derived) {
                    derived.push((*from, *field, how.by));
                }
            }
            for from in scenario.outline().required(plan, *step) {
                if dependents[from.index()].last() != Some(step) {
                    dependents[from.index()].push(*step);
                }
            }
        }
        derived.sort_unstable();
        derived.dedup();
        let needed: Box<[u32]> = plan
            .step_numbers()
            .map(|step| scenario.awaits(step).len() as u32)
            .collect();
        let awaited = critical::awaited(plan, &scenario).into_boxed_slice();
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
            awaited_count: awaited.iter().filter(|awaited| **awaited).count() as u32,
            awaited,
            dependents: dependents.into_iter().map(Vec::into_boxed_slice).collect(),
            derived: derived.into_boxed_slice(),
            links: links(plan, &scenario),
            serving: serving(plan, &scenario),
            late_reads: late_reads(plan, &scenario),
            scenario,
        }
    }

    /// The steps that cannot be without what `step` makes.
    #[must_use]
    pub fn dependents(&self, step: StepIx) -> &[StepIx] {
        &self.dependents[step.index()]
    }

    /// Look-ups after the application and what asks for what they lack, each with those who
    /// read it: where none of these goes on, nobody is asked.
    pub(crate) fn serving(&self) -> impl Iterator<Item = (StepIx, &[StepIx])> {
        self.serving
            .iter()
            .map(|(step, readers)| (*step, &**readers))
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

    /// What a submission asks beyond its form, since registries did not have it: `missed`,
    /// each with its look-up. What only other registries would have been asked with is
    /// asked of nobody, since nobody would read it: those are skipped. On the draft an
    /// applicant may have given it along, so that they are not. What only steps read that
    /// do not go on, since they were refused or cancelled, is asked of nobody either, and what
    /// the others can do without may be left out.
    #[must_use]
    pub fn asked_after_all(
        &self,
        plan: &Plan,
        submission: StepIx,
        missed: &[(FieldIx, StepIx)],
        is_skipped: impl Fn(StepIx) -> bool,
        is_over: impl Fn(StepIx) -> bool,
    ) -> Vec<FormField> {
        let Actor::Submission(item) = &plan.step(submission).actor else {
            return Vec::new();
        };
        let mut asked: Vec<FormField> = Vec::new();
        for (field, look_up) in missed {
            let after_all = match item.kind {
                SubmissionKind::Application => {
                    let asks = plan.is_on_draft(*look_up, submission)
                        && Blueprint::asked(self, submission, *field).is_none();
                    asks.then(|| self.still_needed(*look_up, *field, &is_skipped))
                        .flatten()
                }
                SubmissionKind::Fallback(of) => {
                    // What the application asks for in any case is on no later form.
                    let asks =
                        of == *look_up && Blueprint::asked(self, submission, *field).is_some();
                    let optional = asks
                        .then(|| self.read_by_others(of, *field, &is_over))
                        .flatten();
                    optional.map(|optional| FormField {
                        field: *field,
                        optional,
                    })
                }
            };
            if asked.iter().all(|other| other.field != *field) {
                asked.extend(after_all);
            }
        }
        asked
    }

    /// Whether all steps that go on and read a field of a look-up can do without it; `None` where
    /// there are none. Of look-ups on the draft, whose readers are yet to begin, `None` as well.
    pub(crate) fn read_by_others(
        &self,
        look_up: StepIx,
        field: FieldIx,
        is_over: impl Fn(StepIx) -> bool,
    ) -> Option<bool> {
        let begin = self
            .late_reads
            .partition_point(|read| (read.look_up, read.field) < (look_up, field));
        let of = self.late_reads[begin..].iter();
        let of = of.take_while(|read| (read.look_up, read.field) == (look_up, field));
        let of = of.filter(|read| !is_over(read.reader));
        of.fold(None, |all, read| Some(all.unwrap_or(true) && read.optional))
    }

    /// Whether somebody who goes on reads a field of a look-up, or another look-up is asked with it;
    /// on the draft all are yet to begin.
    pub(crate) fn is_still_read(
        &self,
        look_up: StepIx,
        field: FieldIx,
        is_over: impl Fn(StepIx) -> bool,
    ) -> bool {
        let mut serving = self.serving.iter();
        let is_late = serving.any(|(step, _)| *step == look_up);
        let is_key = || {
            let mut links = self.links.iter();
            links.any(|link| link.from == look_up && link.field == field)
        };
        !is_late || self.read_by_others(look_up, field, is_over).is_some() || is_key()
    }

    /// What somebody reads of a look-up, and whether all of them can do without;
    /// a look-up that is skipped reads nothing.
    fn still_needed(
        &self,
        look_up: StepIx,
        field: FieldIx,
        is_skipped: impl Fn(StepIx) -> bool,
    ) -> Option<FormField> {
        let link = |link: &&Link| link.from == look_up && link.field == field;
        let optional = match self.links.iter().find(link) {
            Some(link) if link.to.iter().all(|to| is_skipped(*to)) => link.besides?,
            Some(_) | None => Blueprint::asked(self, look_up, field).unwrap_or(false),
        };
        Some(FormField { field, optional })
    }
}

impl Layout {
    /// What is read as it follows from a field.
    pub(crate) fn following(&self, from: FieldIx) -> impl Iterator<Item = (FieldIx, Derivation)> {
        let begin = self.derived.partition_point(|(source, ..)| *source < from);
        let of = self.derived[begin..].iter();
        of.take_while(move |(source, ..)| *source == from)
            .map(|(_, field, by)| (*field, *by))
    }

    /// What a field follows from, where a step reads it as that.
    pub(crate) fn derived(&self, plan: &Plan, field: FieldIx) -> Option<Derived> {
        let derived = plan.field(field).derived?;
        let wanted = (derived.from, field, derived.by);
        self.derived.binary_search(&wanted).ok().map(|_| derived)
    }
}

impl Blueprint {
    /// A plan whose scenarios are resolved as cases need them.
    #[must_use]
    pub fn new(plan: Arc<Plan>) -> Arc<Self> {
        Arc::new(Self {
            makers: (plan.deliveries.iter())
                .map(|delivery| plan.makers(delivery.what).collect())
                .collect(),
            askers: askers(&plan),
            derived: derived(&plan),
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

    /// Every field that follows from another one: that, the field, and how.
    pub(crate) fn derived(&self) -> &[Following] {
        &self.derived
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

fn links(plan: &Plan, scenario: &Scenario) -> Box<[Link]> {
    let mut links: Vec<Link> = Vec::new();
    let read = |step: &StepIx| {
        let sources = scenario.sources(*step).iter();
        let step = *step;
        sources.filter_map(move |(field, source)| match source {
            Source::LookUp(from) => Some((*from, *field, step)),
            Source::Step(_) | Source::Applicant(_) | Source::Derived(_) => None,
        })
    };
    let is_look_up = |step: StepIx| matches!(plan.step(step).actor, Actor::LookUp(_));
    let all = || scenario.steps().iter().flat_map(read);
    for (from, field, to) in all().filter(|(_, _, to)| is_look_up(*to)) {
        let known = |link: &&mut Link| link.from == from && link.field == field;
        match links.iter_mut().find(known) {
            Some(link) => link.to.push(to),
            None => links.push(Link {
                from,
                field,
                to: vec![to],
                besides: None,
            }),
        }
    }
    if links.is_empty() {
        return Box::default();
    }
    for (from, field, reader) in all().filter(|(_, _, to)| !is_look_up(*to)) {
        let link = |link: &&mut Link| link.from == from && link.field == field;
        let Some(link) = links.iter_mut().find(link) else {
            continue;
        };
        // To read what follows from a field is to read that.
        let reads = plan.step(reader).reads.iter().filter(|read| {
            let derived = plan.field(read.field).derived;
            read.field == field || derived.is_some_and(|derived| derived.from == field)
        });
        for read in reads {
            link.besides = Some(link.besides.unwrap_or(true) && read.optional);
        }
    }
    links.into_boxed_slice()
}

fn serving(plan: &Plan, scenario: &Scenario) -> Box<[(StepIx, Box<[StepIx]>)]> {
    let mut serving = Vec::new();
    for step in scenario.steps() {
        let Actor::LookUp(look_up) = &plan.step(*step).actor else {
            continue;
        };
        let Some(fallback) = look_up.fallback else {
            continue;
        };
        let reads = |reader: &&StepIx| {
            let mut sources = scenario.sources(**reader).iter();
            sources.any(|(_, source)| *source == Source::LookUp(*step))
        };
        let readers: Box<[StepIx]> = scenario.steps().iter().filter(reads).copied().collect();
        if scenario.is_active(fallback) {
            let is_look_up = |at: &StepIx| matches!(plan.step(*at).actor, Actor::LookUp(_));
            let asked_for = readers.iter().filter(|at| !is_look_up(at));
            serving.push((fallback, asked_for.copied().collect()));
        }
        serving.push((*step, readers));
    }
    serving.into_boxed_slice()
}

fn late_reads(plan: &Plan, scenario: &Scenario) -> Box<[LateRead]> {
    let mut reads = Vec::new();
    for reader in scenario.steps() {
        let item = plan.step(*reader);
        if matches!(item.actor, Actor::LookUp(_)) {
            continue;
        }
        for read in &item.reads {
            // To read what follows from a field is to read that.
            let origin = scenario.outline().origin(*reader, read.field);
            let Some((field, Source::LookUp(look_up))) = origin else {
                continue;
            };
            if plan.is_on_draft(look_up, plan.step(look_up).scope) {
                continue;
            }
            reads.push(LateRead {
                look_up,
                field,
                reader: *reader,
                optional: read.optional,
            });
        }
    }
    reads.sort_unstable_by_key(|read| (read.look_up, read.field));
    reads.into_boxed_slice()
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
            // Whoever is asked with what follows from a number is asked with the number.
            if let Some(derived) = plan.field(read.field).derived {
                askers[derived.from.index()].push(step);
            }
        }
    }
    askers.into_iter().map(Vec::into_boxed_slice).collect()
}

fn derived(plan: &Plan) -> Box<[Following]> {
    let all = plan.fields.iter().enumerate();
    let mut derived: Vec<_> = all
        // What a step makes is as the step made it.
        .filter(|(_, field)| field.producers.is_empty())
        .filter_map(|(at, field)| {
            let derived = field.derived?;
            Some((derived.from, FieldIx::at(at), derived.by))
        })
        .collect();
    derived.sort_unstable();
    derived.into_boxed_slice()
}
