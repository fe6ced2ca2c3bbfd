//! One timing: what a drawing, a notice, a comparison and a redesign say of how long a
//! way takes is the same, and is what somebody finds who follows the arrows by hand.

mod random;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use onething_definition::classes::classes;
use onething_definition::design::{Drafting, Folder};
use onething_definition::{SourceSet, load};
use onething_measure::FigureName;
use onething_measure::computed::{Basis, Computed, compute, shared_basis};
use onething_model::{Limit, StepKey};
use onething_plan::{Answers, Handled, Plan, Scenario, StepIx};
use onething_redesign::rewrite::{Options, redesign};
use onething_redesign::{Guide, View};

/// What was tried, so that no test passes for want of cases.
#[derive(Debug, Default)]
struct Tried {
    timed: usize,
    /// Where a step that takes time goes on after the last delivery.
    going_on: usize,
    /// Where the last step that ends is not the last delivery.
    longer: usize,
    promised: usize,
}

/// Thousandths of a working day of a step, round the clock; none of a limit in calendar days.
fn takes(plan: &Plan, step: StepIx) -> u64 {
    let item = plan.step(step);
    match item.limit.binding().filter(|_| item.actor.is_internal()) {
        Some(Limit::WorkingDays { thousandths }) => thousandths,
        Some(limit) => panic!("{limit} in a random service"),
        None => 0,
    }
}

/// Whether one step comes before another.
fn comes(scenario: &Scenario, one: StepIx, other: StepIx) -> bool {
    one == other
        || scenario
            .needs(other)
            .iter()
            .any(|need| comes(scenario, one, *need))
}

/// The days to the last delivery and those to the end of everything, step after step as the
/// arrows have it; and what comes before a delivery.
fn by_hand(plan: &Plan, scenario: &Scenario) -> (u64, u64, BTreeSet<StepIx>) {
    fn end(plan: &Plan, scenario: &Scenario, step: StepIx) -> u64 {
        let needs = scenario.needs(step).iter();
        let begin = needs.map(|need| end(plan, scenario, *need)).max();
        begin.unwrap_or(0) + takes(plan, step)
    }
    let delivers = |step: &&StepIx| {
        let writes = plan.step(**step).writes.iter();
        let mut roles = writes.map(|field| plan.field(*field).role);
        let delivered = |role| plan.deliveries.iter().any(|item| item.what == role);
        !plan.is_derived(**step) && roles.any(delivered)
    };
    let all: Vec<StepIx> = scenario.steps().to_vec();
    let makers: Vec<StepIx> = all.iter().filter(delivers).copied().collect();
    let matter = |step: StepIx| plan.step(step).matter;
    let follows = |step: &StepIx| {
        let own = makers
            .iter()
            .filter(|maker| matter(**maker) == matter(*step));
        let own: Vec<StepIx> = match matter(*step) {
            Some(_) => own.copied().collect(),
            None => makers.clone(),
        };
        let comes_after = |maker: &StepIx| maker != step && comes(scenario, *maker, *step);
        plan.step(*step).actor.is_internal() && !own.is_empty() && own.iter().all(comes_after)
    };
    let mut last = makers.clone();
    if plan.handled == Handled::Together || last.is_empty() {
        last = all.iter().filter(|step| !follows(step)).copied().collect();
    }
    let of = |steps: &[StepIx]| {
        let ends = steps.iter().map(|step| end(plan, scenario, *step));
        ends.max().unwrap_or(0)
    };
    let (delivered, over) = (of(&last), of(&all));
    let mut before = BTreeSet::new();
    while let Some(step) = last.pop() {
        if before.insert(step) {
            last.extend(scenario.needs(step));
        }
    }
    (delivered, over, before)
}

/// Holds a drawing, a notice and a comparison of a way to one another and to the arrows.
fn one_timing(plan: &Arc<Plan>, answers: &Answers, tried: &mut Tried, what: &str) -> Computed {
    let scenario = Scenario::resolve(plan, answers);
    let view = View::of(plan, answers, &scenario);
    let guide = Guide::new(plan, answers);
    let computed = compute(plan, answers, Basis::Binding, None);
    let (days, over, before) = by_hand(plan, &scenario);
    let days = days as f64 / 1_000.0;
    let same = |one: f64, other: f64| (one - other).abs() < 1e-9;
    assert!(
        same(view.makespan_working_days.unwrap_or(0.0), days),
        "{what}: drawing"
    );
    // Where nothing is limited, nothing is known.
    let compared = computed.processing_working_days.unwrap_or(0.0);
    assert!(same(compared, days), "{what}: comparison, {compared}");
    let told = guide.time.working_days.unwrap_or(0.0);
    assert!(same(told, days), "{what}: notice, {told}");
    // The same path.
    let timed = |key: &&StepKey| {
        let step = view.steps.iter().find(|step| step.key == **key);
        step.is_some_and(|step| step.takes_working_days > 0.0)
    };
    let path: Vec<&StepKey> = view.critical_path.iter().filter(timed).collect();
    let compared = computed.path.iter().map(|step| &plan.step(*step).key);
    assert_eq!(path, compared.collect::<Vec<_>>(), "{what}");
    assert_eq!(guide.time.path.len(), path.len(), "{what}");
    // What no delivery waits for is drawn, and neither critical nor in the time.
    let after = |step: &&StepIx| !before.contains(step);
    let after = scenario.steps().iter().filter(after);
    let after: Vec<StepKey> = after.map(|step| plan.step(*step).key.clone()).collect();
    assert_eq!(view.after_results, after, "{what}");
    for step in &view.steps {
        let goes_on = after.contains(&step.key);
        assert_eq!(goes_on, step.slack_working_days.is_none(), "{what}");
        assert!(!(goes_on && step.critical), "{what}: {}", step.key);
    }
    for edge in view.edges.iter().filter(|edge| edge.critical) {
        assert!(!after.contains(&edge.to), "{what}: {}", edge.to);
    }
    let takes_time = |step: &&StepIx| !before.contains(step) && takes(plan, **step) > 0;
    tried.timed += usize::from(days > 0.0);
    tried.going_on += usize::from(scenario.steps().iter().any(|step| takes_time(&step)));
    tried.longer += usize::from(!same(over as f64 / 1_000.0, days));
    computed
}

/// Both ways and the proposal, under all answers.
fn hold(drafting: &Drafting<'_>, tried: &mut Tried, what: &str) {
    let service = drafting.service();
    let Some(old) = &service.old else { return };
    let Ok(made) = redesign(drafting, drafting.old().unwrap(), Options::default()) else {
        return;
    };
    for (way, plan) in [("old", old), ("new", &service.new), ("made", &made.plan)] {
        for answers in &classes(plan).answers {
            one_timing(plan, answers, tried, &format!("{what}, {way}"));
        }
    }
    // The score of a redesign, where it goes by the same limits and nothing is known of
    // what applicants do on the way.
    let (basis, _) = shared_basis(&drafting_of(&made.before, &made.plan));
    if service.workload.is_some() || basis == Basis::Statutory {
        return;
    }
    let figures = made.waterfall.figures.iter();
    let at = figures.map(|figure| figure.as_str());
    let at = { at }.position(|name| name == FigureName::ProcessingTime.as_str());
    let at = at.expect("it is of every waterfall");
    for (plan, scored) in [
        (&made.before, made.waterfall.before[at]),
        (&made.plan, made.waterfall.after[at]),
    ] {
        let drawn = View::new(plan, &plan.reference).makespan_working_days;
        let drawn = drawn.unwrap_or(0.0);
        let scored = scored.unwrap_or(0.0);
        assert!((scored - drawn).abs() < 1e-9, "{what}: {scored}, {drawn}");
        tried.promised += 1;
    }
}

fn drafting_of(before: &Arc<Plan>, after: &Arc<Plan>) -> onething_plan::Service {
    onething_plan::Service {
        new: Arc::clone(after),
        old: Some(Arc::clone(before)),
        workload: None,
        declared: Vec::new(),
    }
}

#[test]
fn all_say_the_same_of_random_services() {
    let mut tried = Tried::default();
    for seed in 0..120 {
        let folder = Folder::read(Arc::new(random::service(seed)), "svc");
        if let Ok(drafting) = folder.open() {
            hold(&drafting, &mut tried, &format!("seed {seed}"));
        }
    }
    let enough =
        tried.timed > 1_000 && tried.going_on > 100 && tried.longer > 50 && tried.promised > 50;
    assert!(enough, "{tried:?}");
}

#[test]
fn all_say_the_same_of_the_shipped_services() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
    let sources: Arc<SourceSet> = load(&root).sources;
    let mut tried = Tried::default();
    for service in ["open-restaurant", "newborn", "enterprise-deregister"] {
        let folder = Folder::read(Arc::clone(&sources), service);
        let drafting = folder.open().unwrap();
        hold(&drafting, &mut tried, service);
    }
    assert!(tried.timed > 0, "{tried:?}");
}
