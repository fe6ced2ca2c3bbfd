//! Critical path and parallelism of a scenario, from limits alone.
//!
//! The time of a department's or outside body's step is its binding limit; that of
//! an applicant's own steps is up to them and not counted. The old way is a chain, so its
//! longest path is the serial sum; the new way is a DAG, so it is the critical
//! path. One rule serves both.
//!
//! Working days and calendar days are never added up: a step whose limit is in
//! calendar days is listed, and has no time here. Hours and minutes run by the
//! clock on the wall: up to 24 of them count as that fraction of a usual
//! working day's opening hours, but never as more than one working day, since
//! in 24 hours an office is open for one day. How many working days lie in
//! more hours depends on the date: they are listed with the calendar days.

use std::collections::BTreeSet;

use onething_model::{Limit, Micros, Timestamp};

use crate::index::StepIx;
use crate::plan::Plan;
use crate::scenario::Scenario;
use crate::step::Actor;

/// What follows from the limits of a scenario's steps. Times are thousandths
/// of a working day, tables are by step number.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Timing {
    /// From the first submission to the last step's end.
    pub makespan: u64,
    /// A longest path, in order. Where several are equally long, the one whose
    /// steps come first in the plan.
    pub path: Vec<StepIx>,
    /// The time of each step.
    pub time: Vec<u64>,
    /// The earliest begin of each step.
    pub begin: Vec<u64>,
    /// How much later a step may end without moving the makespan.
    pub slack: Vec<u64>,
    /// Steps of officers and outside bodies that have no limit, and so no time here.
    pub unlimited: Vec<StepIx>,
    /// Steps whose limit is in calendar days, or in more than 24 hours by the
    /// clock, and so have no time here.
    pub in_calendar_days: Vec<StepIx>,
}

impl Timing {
    /// The makespan in working days.
    #[must_use]
    pub fn working_days(&self) -> f64 {
        self.makespan as f64 / 1_000.0
    }

    /// Whether an arrow of the scenario leaves no time between two steps that
    /// have no slack: both lie on one longest path.
    #[must_use]
    pub fn is_tight(&self, from: StepIx, to: StepIx) -> bool {
        let (one, other) = (from.index(), to.index());
        let no_slack = self.slack[one] == 0 && self.slack[other] == 0;
        no_slack && self.begin[one] + self.time[one] == self.begin[other]
    }

    /// What is critical when `path` is: the path itself and every step that takes
    /// time and has no slack, each with one way on to the path or to its end. Where
    /// several branches are equally long, a delay on any of them delays the whole.
    ///
    /// Of steps that take no time, only those on these ways are in it: beside a
    /// path of many days, all that happens at once would be critical, which tells nobody anything.
    #[must_use]
    pub fn critical(&self, scenario: &Scenario, path: &[StepIx]) -> Critical {
        let mut critical = Critical::default();
        critical.steps.extend(path);
        let pairs = path.windows(2).map(|two| (two[0], two[1]));
        critical.edges.extend(pairs);
        for step in scenario.steps() {
            let at = step.index();
            if self.slack[at] > 0 || self.time[at] == 0 || critical.steps.contains(step) {
                continue;
            }
            critical.steps.insert(*step);
            let mut at = *step;
            while let Some(from) = critical.joined(scenario.needs(at), |s| self.is_tight(s, at)) {
                critical.edges.insert((from, at));
                if !critical.steps.insert(from) {
                    break;
                }
                at = from;
            }
            let mut at = *step;
            while let Some(to) = critical.joined(scenario.feeds(at), |s| self.is_tight(at, s)) {
                critical.edges.insert((at, to));
                if !critical.steps.insert(to) {
                    break;
                }
                at = to;
            }
        }
        critical
    }
}

/// What a delay of which delays the whole; see [`Timing::critical`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Critical {
    /// The steps.
    pub steps: BTreeSet<StepIx>,
    /// The arrows between them, the earlier step first.
    pub edges: BTreeSet<(StepIx, StepIx)>,
}

impl Critical {
    /// The neighbour to go on with: one that is critical already, else the first.
    fn joined(&self, near: &[StepIx], is_tight: impl Fn(StepIx) -> bool) -> Option<StepIx> {
        let tight = near.iter().copied().filter(|step| is_tight(*step));
        tight.min_by_key(|step| !self.steps.contains(step))
    }
}

/// The timing of a scenario by the limits that bind its steps.
#[must_use]
pub fn by_limits(plan: &Plan, scenario: &Scenario) -> Timing {
    let day = usual_day(plan);
    let mut timing = Timing::default();
    let mut time = vec![0; plan.steps.len()];
    for step in scenario.steps() {
        let item = plan.step(*step);
        // What applicants take for their own steps is up to them, whatever bounds it.
        if !item.actor.is_internal() {
            continue;
        }
        time[step.index()] = match item.limit.binding() {
            Some(Limit::WorkingDays { thousandths }) => thousandths,
            Some(Limit::Clock(span)) if span <= Micros::DAY => {
                let thousandths = span.0.max(0).saturating_mul(1_000) / day.0.max(1);
                thousandths.unsigned_abs().min(1_000)
            }
            Some(Limit::CalendarDays { .. } | Limit::Clock(_)) => {
                timing.in_calendar_days.push(*step);
                0
            }
            None => {
                if matches!(item.actor, Actor::Officer | Actor::Outside) {
                    timing.unlimited.push(*step);
                }
                0
            }
        };
    }
    let path = by_time(plan, scenario, &time);
    Timing {
        unlimited: timing.unlimited,
        in_calendar_days: timing.in_calendar_days,
        ..path
    }
}

/// The timing of a scenario whose steps take these times, by step number.
#[must_use]
pub fn by_time(plan: &Plan, scenario: &Scenario, time: &[u64]) -> Timing {
    let count = plan.steps.len();
    let time: Vec<u64> = (0..count)
        .map(|at| time.get(at).copied().unwrap_or(0))
        .collect();
    let mut begin = vec![0_u64; count];
    let mut from: Vec<Option<StepIx>> = vec![None; count];
    for step in scenario.steps() {
        for need in scenario.needs(*step) {
            let end = begin[need.index()] + time[need.index()];
            let better = end > begin[step.index()] || from[step.index()].is_none();
            if better {
                begin[step.index()] = end;
                from[step.index()] = Some(*need);
            }
        }
    }
    let end = |step: &StepIx| begin[step.index()] + time[step.index()];
    let makespan = scenario.steps().iter().map(end).max().unwrap_or(0);
    let mut path = Vec::new();
    // The path ends where nothing follows, so that it is shown whole.
    let is_last = |step: &&StepIx| end(step) == makespan && scenario.feeds(**step).is_empty();
    let mut at = scenario.steps().iter().find(is_last).copied();
    while let Some(step) = at {
        path.push(step);
        at = from[step.index()];
    }
    path.reverse();
    let mut latest = vec![makespan; count];
    for step in scenario.steps().iter().rev() {
        for need in scenario.needs(*step) {
            let must = latest[step.index()] - time[step.index()];
            latest[need.index()] = latest[need.index()].min(must);
        }
    }
    let slack = (0..count)
        .map(|at| {
            let step = StepIx::at(at);
            if scenario.is_active(step) {
                latest[at] - end(&step)
            } else {
                0
            }
        })
        .collect();
    Timing {
        makespan,
        path,
        time,
        begin,
        slack,
        unlimited: Vec::new(),
        in_calendar_days: Vec::new(),
    }
}

/// The opening hours of a usual working day: the first one from the beginning of 2026.
#[must_use]
pub fn usual_day(plan: &Plan) -> Micros {
    let calendar = &plan.calendar;
    let opens = calendar.next_open(Timestamp::from_millis(1_767_225_600_000));
    calendar.open_time_on(calendar.date_of(opens))
}

/// How many department steps of a scenario can be under way at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parallelism {
    /// Exactly this many: the largest set of steps of which none waits for another.
    Exact(usize),
    /// At least this many; the scenario is too large for the exact number.
    AtLeast(usize),
}

/// Most steps for which the largest antichain is computed exactly.
const EXACT_STEPS: usize = 1_000;

/// The maximal parallelism of a scenario: by Dilworth's theorem the number of
/// steps less a largest matching of the order relation (Fulkerson 1956).
#[must_use]
pub fn parallelism(plan: &Plan, scenario: &Scenario) -> Parallelism {
    let internal = |step: &&StepIx| plan.step(**step).actor.is_internal();
    let steps: Vec<StepIx> = scenario.steps().iter().filter(internal).copied().collect();
    let after = descendants(plan, scenario);
    if steps.len() > EXACT_STEPS {
        // Steps at the same distance from the start never wait for each other.
        let ones = vec![1; plan.steps.len()];
        let begin = by_time(plan, scenario, &ones).begin;
        let mut width = std::collections::BTreeMap::new();
        for step in &steps {
            *width.entry(begin[step.index()]).or_insert(0) += 1;
        }
        return Parallelism::AtLeast(width.into_values().max().unwrap_or(0));
    }
    let mut matched: Vec<Option<usize>> = vec![None; steps.len()];
    let mut pairs = 0;
    for from in 0..steps.len() {
        let mut tried = vec![false; steps.len()];
        pairs += usize::from(augment(from, &steps, &after, &mut matched, &mut tried));
    }
    Parallelism::Exact(steps.len() - pairs)
}

/// Finds an augmenting path from `from` (Kuhn's algorithm), without recursion
/// so that long chains do not exhaust the stack.
fn augment(
    from: usize,
    steps: &[StepIx],
    after: &[Vec<u64>],
    matched: &mut [Option<usize>],
    tried: &mut [bool],
) -> bool {
    let follows = |one: usize, other: usize| {
        let other = steps[other].index();
        after[steps[one].index()][other / 64] >> (other % 64) & 1 == 1
    };
    let mut stack = vec![(from, 0)];
    while let Some((one, next)) = stack.last_mut() {
        let at = *one;
        let Some(to) = (*next..steps.len()).find(|to| !tried[*to] && follows(at, *to)) else {
            stack.pop();
            continue;
        };
        *next = to + 1;
        tried[to] = true;
        match matched[to] {
            Some(owner) => stack.push((owner, 0)),
            None => {
                for (one, next) in &stack {
                    matched[next - 1] = Some(*one);
                }
                return true;
            }
        }
    }
    false
}

fn descendants(plan: &Plan, scenario: &Scenario) -> Vec<Vec<u64>> {
    let words = plan.steps.len().div_ceil(64);
    let mut after = vec![vec![0_u64; words]; plan.steps.len()];
    for step in scenario.steps().iter().rev() {
        let mut all = vec![0_u64; words];
        for feed in scenario.feeds(*step) {
            all[feed.index() / 64] |= 1 << (feed.index() % 64);
            for (word, more) in all.iter_mut().zip(&after[feed.index()]) {
                *word |= more;
            }
        }
        after[step.index()] = all;
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::PlanBuilder;
    use crate::random::{self, Dice};

    /// A3 → {B2, C6, E4} → D1: makespan 10, critical A-C-D, slack B 4, E 2.
    #[test]
    fn the_textbook_network() {
        let mut b = PlanBuilder::new("textbook");
        let limit = |days| {
            move |step: &mut crate::Step| {
                step.limit.promised = Some(Limit::working_days(days));
            }
        };
        let a = b.step("a", Actor::Officer).with(limit(3)).number();
        let middle = [("b", 2), ("c", 6), ("e", 4)].map(|(name, days)| {
            b.step(name, Actor::Officer)
                .with(limit(days))
                .after(a)
                .number()
        });
        let mut d = b.step("d", Actor::Officer).with(limit(1));
        for step in middle {
            d = d.after(step);
        }
        let d = d.number();
        let plan = b.build();
        let scenario = Scenario::resolve(&plan, &plan.reference);
        let timing = by_limits(&plan, &scenario);
        assert_eq!(timing.makespan, 10_000);
        let critical: Vec<_> = timing
            .path
            .iter()
            .map(|s| plan.step(*s).key.as_str())
            .collect();
        assert_eq!(critical, ["apply", "a", "c", "d"]);
        let slack = middle.map(|step| timing.slack[step.index()]);
        assert_eq!(slack, [4_000, 0, 2_000]);
        assert_eq!(timing.slack[d.index()], 0);
        assert_eq!(parallelism(&plan, &scenario), Parallelism::Exact(3));
    }

    /// Two branches of six days: a delay on either delays the whole. What takes no
    /// time is critical only where it joins what does.
    #[test]
    fn branches_that_are_equally_long_are_all_critical() {
        let mut b = PlanBuilder::new("tied");
        let limit = |days| {
            move |step: &mut crate::Step| {
                step.limit.promised = Some(Limit::working_days(days));
            }
        };
        let mut step = |name: &str, days: u64, after: &[StepIx]| {
            let mut step = b.step(name, Actor::Officer);
            if days > 0 {
                step = step.with(limit(days));
            }
            for before in after {
                step = step.after(*before);
            }
            step.number()
        };
        let a = step("a", 3, &[]);
        let one = step("one", 6, &[a]);
        let two = step("two", 2, &[a]);
        let three = step("three", 4, &[two]);
        let idle = step("idle", 0, &[a]);
        let short = step("short", 5, &[a]);
        let sort = step("sort", 0, &[three]);
        let d = step("d", 1, &[one, sort, idle, short]);
        let last = step("last", 0, &[a]);
        let plan = b.build();
        let scenario = Scenario::resolve(&plan, &plan.reference);
        let timing = by_limits(&plan, &scenario);
        assert!(!timing.path.contains(&two), "{:?}", timing.path);
        let critical = timing.critical(&scenario, &timing.path);
        let expected = [a, one, two, three, sort, d];
        let apply = StepIx::at(0);
        let steps: BTreeSet<StepIx> = expected.into_iter().chain([apply]).collect();
        assert_eq!(critical.steps, steps);
        let arrows = [
            (apply, a),
            (a, one),
            (one, d),
            (a, two),
            (two, three),
            (three, sort),
            (sort, d),
        ];
        assert_eq!(critical.edges, arrows.into_iter().collect());
        assert_eq!(timing.slack[last.index()], 7_000);
    }

    /// A step that takes time is critical exactly if it has no slack, and lies on
    /// critical arrows from the first step to the end of the whole.
    #[test]
    fn what_is_critical_of_random_plans_is_joined_up() {
        let mut tied = 0;
        for seed in 0..400 {
            let mut dice = Dice::new(seed);
            let plan = random::plan(seed);
            let scenario = Scenario::resolve(&plan, &plan.reference);
            let time: Vec<u64> = plan.steps.iter().map(|_| dice.below(3) as u64).collect();
            let timing = by_time(&plan, &scenario, &time);
            let critical = timing.critical(&scenario, &timing.path);
            for step in scenario.steps() {
                let at = step.index();
                let is = critical.steps.contains(step);
                if timing.time[at] > 0 {
                    assert_eq!(is, timing.slack[at] == 0, "seed {seed}");
                    tied += usize::from(is && !timing.path.contains(step));
                }
                if is && timing.begin[at] > 0 {
                    let joined = critical.edges.iter().any(|(_, to)| to == step);
                    assert!(joined, "seed {seed}");
                }
                if is && timing.begin[at] + timing.time[at] < timing.makespan {
                    let joined = critical.edges.iter().any(|(from, _)| from == step);
                    assert!(joined, "seed {seed}");
                }
            }
            for (from, to) in &critical.edges {
                assert!(scenario.needs(*to).contains(from), "seed {seed}");
                assert!(timing.is_tight(*from, *to), "seed {seed}");
            }
        }
        assert!(
            tied > 20,
            "{tied} equally long branches are too few to tell"
        );
    }

    /// No definition says so, since it would not pass its check; a plan may come from
    /// elsewhere, and a path without an end would take all memory.
    #[test]
    fn a_step_that_waits_for_itself_waits_for_nothing() {
        let mut b = PlanBuilder::new("itself");
        let a = b.step("a", Actor::Officer).number();
        b.plan_mut().steps[a.index()].after.push(crate::After {
            step: a,
            because: onething_model::Text::new("", ""),
        });
        let plan = b.build();
        let scenario = Scenario::resolve(&plan, &plan.reference);
        let ends = by_limits(&plan, &scenario).path.last().copied();
        assert_eq!((ends, scenario.feeds(a).len()), (Some(a), 0));
    }

    #[test]
    fn units_are_not_added_up() {
        let mut b = PlanBuilder::new("units");
        let _ = b.step("calendar", Actor::Officer).with(|step| {
            step.limit.promised = Some(Limit::calendar_days(30));
        });
        let _ = b.step("hours", Actor::Officer).with(|step| {
            step.limit.statutory = Some(Limit::Clock(Micros::HOUR.times(6)));
        });
        let _ = b.step("open-end", Actor::Officer);
        let _ = b.step("long", Actor::Officer).with(|step| {
            step.limit.promised = Some(Limit::Clock(Micros::HOUR.times(25)));
        });
        let plan = b.build();
        let timing = by_limits(&plan, &Scenario::resolve(&plan, &plan.reference));
        // Round the clock a working day has 24 open hours.
        assert_eq!(timing.makespan, 250);
        let key = |steps: &[StepIx]| plan.step(steps[0]).key.to_string();
        assert_eq!(key(&timing.in_calendar_days), "calendar");
        assert_eq!(key(&timing.in_calendar_days[1..]), "long");
        assert_eq!(key(&timing.unlimited), "open-end");
    }

    /// Against trying every set of steps.
    #[test]
    fn the_largest_antichain_of_random_plans() {
        for seed in 0..400 {
            let plan = random::plan(seed);
            let answers = random::answers(&plan, &mut Dice::new(seed));
            let scenario = Scenario::resolve(&plan, &answers);
            let after = descendants(&plan, &scenario);
            let steps: Vec<StepIx> = scenario
                .steps()
                .iter()
                .copied()
                .filter(|step| plan.step(*step).actor.is_internal())
                .collect();
            let apart = |a: StepIx, b: StepIx| {
                let reaches = |a: StepIx, b: StepIx| {
                    after[a.index()][b.index() / 64] >> (b.index() % 64) & 1 == 1
                };
                !reaches(a, b) && !reaches(b, a)
            };
            let widest = (0_u32..1 << steps.len())
                .filter(|set| {
                    let chosen = |at: &usize| set >> at & 1 == 1;
                    let members: Vec<_> = (0..steps.len()).filter(chosen).collect();
                    members
                        .iter()
                        .enumerate()
                        .all(|(n, a)| members[n + 1..].iter().all(|b| apart(steps[*a], steps[*b])))
                })
                .map(u32::count_ones)
                .max();
            let found = parallelism(&plan, &scenario);
            let expected = Parallelism::Exact(widest.unwrap_or(0) as usize);
            assert_eq!(found, expected, "seed {seed}");
        }
    }
}
