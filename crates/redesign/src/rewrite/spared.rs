//! Orders after a refusal that spares work: what R5 keeps of habits where staff's work is preferred.
//!
//! A step that waited for one whose refusal makes its work useless, be it through others that do
//! not refuse, comes after it still, and after nobody else: each of these orders says what it is for.
//! Only where it waited through others for some answers and not for others do the orders in
//! between stay, for those answers alone.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use onething_definition::design::{Design, Order, OrderKind};
use onething_model::{StepKey, Text};
use onething_plan::{Answers, Handled, Plan, Scenario, StepIx};

use super::Ground;
use super::draft::Draft;
use super::graph::{Graph, Reach, positions};
use super::kept::{Way, precedes};
use super::knock_outs::KnockOuts;
use super::pairs::Pairs;

/// What has to come before what to spare work.
#[derive(Default)]
pub(super) struct Spared {
    /// By the later step, the steps whose refusal it is to wait for: those that neither data and law
    /// nor others of these imply.
    pub(super) after: Vec<Vec<usize>>,
    /// Steps that may refuse, each with one that waits for it through others, when these take part.
    through: Vec<(usize, usize)>,
}

impl Spared {
    /// Whether some step waits through this order for another to refuse, for some answers.
    pub(super) fn leads_through(&self, was: &Graph, from: usize, to: usize) -> bool {
        let is_on_the_way = |(refuses, waits): &(usize, usize)| {
            (*refuses == from || was.precedes(*refuses, from))
                && (*waits == to || was.precedes(to, *waits))
        };
        self.through.iter().any(is_on_the_way)
    }
}

/// The orders that spare work. `was` is what came before what, `certain` what data and law alone put
/// there whenever both take part, `always` which steps take part in each case.
pub(super) fn orders(
    ground: &Ground<'_>,
    way: Way<'_>,
    was: &Graph,
    (certain, always): (&Reach, &[bool]),
    knock_outs: &KnockOuts<'_>,
) -> Spared {
    let steps = &way.design.steps;
    // Whoever comes before another has less before it.
    let depth: Vec<usize> = (0..steps.len())
        .map(|to| was.all_before(to).count())
        .collect();
    let mut order: Vec<usize> = (0..steps.len()).collect();
    order.sort_by_key(|at| depth[*at]);
    let Pairs { answers, whole } = Pairs::of([way.plan, way.plan]);
    let cases = Cases::of(way, &answers);
    let mut implied = Reach::none(steps.len());
    let mut found = Spared {
        after: vec![Vec::new(); steps.len()],
        through: Vec::new(),
    };
    for to in order {
        for through in was.all_before(to).filter(|at| always[*at]) {
            if certain.has(to, through) {
                implied.add_all(to, through);
            }
        }
        // Apart, an application waits for another as a whole.
        let is_one = way.design.handled == Handled::Together;
        let mut earlier: Vec<usize> = was
            .all_before(to)
            .filter(|from| is_one || steps[*from].intake == steps[to].intake)
            .filter(|from| knock_outs.has(*from, to))
            .collect();
        // The nearest imply the others.
        earlier.sort_by_key(|from| Reverse(depth[*from]));
        for from in earlier {
            if certain.has(to, from) || implied.has(to, from) {
                continue;
            }
            let waits: BTreeSet<bool> = cases.waits(from, to).flatten().collect();
            if waits.contains(&false) && waits.contains(&true) {
                found.through.push((from, to));
            }
            if waits != BTreeSet::from([true]) {
                continue;
            }
            // Stated, it holds through a step that takes no part; data and law that it is behind do
            // only where it always does.
            implied.add(to, from);
            if always[from] {
                implied.add_of(to, certain, from);
            }
            found.after[to].push(from);
        }
    }
    let lean = lean(way.design, &found.after);
    let Some(now) = lean.way(ground.drafting) else {
        return found;
    };
    let now = Cases::of(now, &answers);
    found.through.retain(|(from, to)| {
        let mut both = cases.waits(*from, *to).zip(now.waits(*from, *to));
        both.any(|(then, now)| then == Some(true) && now != Some(true))
    });
    // What is implied in each case by data that only some have is implied, unless it leads past what
    // takes no part.
    if whole {
        let leads_past = leads_past(&lean.design, always);
        for (to, earlier) in found.after.iter_mut().enumerate() {
            earlier.retain(|from| {
                let [from_past, to_past] = [leads_past[*from].0, leads_past[to].1];
                from_past || to_past || now.comes_directly_after(to, *from)
            });
        }
    }
    found
}

/// An order after a step that may refuse, as a definition says it.
pub(super) fn order(earlier: &StepKey) -> Order {
    let because = Text::new(
        "前面不通过，后面就不必办",
        "what is refused there need not be worked on here",
    );
    knock_out(earlier, because)
}

/// One that leads from a refusal to what waits for it.
pub(super) fn between(earlier: &StepKey) -> Order {
    let because = Text::new(
        "在此之前不通过的，在此之后就不必办",
        "what is refused before this need not be worked on after it",
    );
    knock_out(earlier, because)
}

fn knock_out(earlier: &StepKey, because: Text) -> Order {
    Order {
        step: earlier.clone(),
        because,
        basis: None,
        kind: OrderKind::KnockOut,
    }
}

/// By step, where it does not always take part, whether it comes after another by a stated order,
/// and whether another comes after it.
fn leads_past(design: &Design, always: &[bool]) -> Vec<(bool, bool)> {
    let at = positions(design);
    let mut found = vec![(false, false); design.steps.len()];
    for (to, step) in design.steps.iter().enumerate() {
        found[to].0 = !always[to] && !step.after.is_empty();
        for from in step.after.iter().filter_map(|order| at.get(&order.step)) {
            found[*from].1 = !always[*from];
        }
    }
    found
}

/// The design with these orders in place of its habits.
fn lean(design: &Design, after: &[Vec<usize>]) -> Draft {
    let mut lean = design.clone();
    for (step, earlier) in lean.steps.iter_mut().zip(after) {
        step.after.retain(|known| known.kind != OrderKind::Habit);
        let keys = earlier.iter().map(|from| &design.steps[*from].key);
        step.after.extend(keys.map(order));
    }
    Draft::new(lean)
}

/// A way in the cases of some answers.
struct Cases<'a> {
    plan: &'a Plan,
    /// The steps of the design in the plan.
    places: Vec<Option<StepIx>>,
    all: Vec<Scenario>,
}

impl<'a> Cases<'a> {
    fn of(way: Way<'a>, answers: &[Answers]) -> Self {
        let steps = way.design.steps.iter();
        let places = steps.map(|step| way.plan.find_step(step.key.as_str()));
        let all = answers.iter();
        let all = all.map(|answers| Scenario::resolve(way.plan, answers));
        Self {
            plan: way.plan,
            places: places.collect(),
            all: all.collect(),
        }
    }

    /// Whether a step comes after another with nothing in between, in some case.
    fn comes_directly_after(&self, to: usize, from: usize) -> bool {
        let places = self.places[from].zip(self.places[to]);
        places.is_some_and(|(from, to)| self.all.iter().any(|case| case.needs(to).contains(&from)))
    }

    /// By case, whether a step waits for another, by position in the design; `None` where not both
    /// take part.
    fn waits(&self, from: usize, to: usize) -> impl Iterator<Item = Option<bool>> {
        let places = self.places[from].zip(self.places[to]);
        self.all.iter().map(move |case| {
            let both = places.filter(|(from, to)| case.is_active(*from) && case.is_active(*to));
            both.map(|(from, to)| precedes(self.plan, case, from, to))
        })
    }
}
