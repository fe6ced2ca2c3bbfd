//! Critical path of a scenario: what the last delivery waits for, and for how long.
//!
//! The old way is a chain, so its longest path is the serial sum; the new way is
//! a DAG, so it is the critical path. One rule serves both.
//!
//! The time runs to the *last delivery*, as it does for a case: where matters are handled
//! apart, each result is delivered when it is made; where they are handled together, all of
//! them are when nothing is open any more that a delivery waits for ([`awaited`], which is
//! what the core goes by). What is done after that (filing, archiving) is on no critical path
//! and in no time. Whoever tells of a scenario's time takes it from here.

use std::collections::BTreeSet;

use crate::index::StepIx;
use crate::plan::{Handled, Plan};
use crate::scenario::Scenario;

/// What follows from the times of a scenario's steps, in the unit of these times.
/// Tables are by step number.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Timing {
    /// From the first submission to the last delivery; to the last step's end where
    /// nothing is delivered.
    pub makespan: u64,
    /// A longest path to the last delivery, in order. Where several are equally long, the
    /// one whose steps come first in the plan.
    pub path: Vec<StepIx>,
    /// The time of each step.
    pub time: Vec<u64>,
    /// The earliest begin of each step.
    pub begin: Vec<u64>,
    /// How much later a step may end without moving the makespan; `None` where no
    /// delivery waits for it, however late it ends, and for steps that are not part of the scenario.
    pub slack: Vec<Option<u64>>,
}

impl Timing {
    /// Whether an arrow of the scenario leaves no time between two steps that
    /// have no slack: both lie on one longest path.
    #[must_use]
    pub fn is_tight(&self, from: StepIx, to: StepIx) -> bool {
        let (one, other) = (from.index(), to.index());
        let no_slack = self.slack[one] == Some(0) && self.slack[other] == Some(0);
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
            if self.slack[at] != Some(0) || self.time[at] == 0 || critical.steps.contains(step) {
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
    let awaited = awaited(plan, scenario);
    let is_awaited = |step: &StepIx| awaited[step.index()];
    let waited_for = || scenario.steps().iter().filter(|step| is_awaited(step));
    let makespan = waited_for().map(end).max().unwrap_or(0);
    let mut path = Vec::new();
    // The path ends where nothing follows that is waited for, so that it is shown whole.
    let is_last =
        |step: &&StepIx| end(step) == makespan && !scenario.feeds(**step).iter().any(is_awaited);
    let mut at = waited_for().find(is_last).copied();
    while let Some(step) = at {
        path.push(step);
        at = from[step.index()];
    }
    path.reverse();
    let mut latest = vec![makespan; count];
    for step in waited_for().rev() {
        for need in scenario.needs(*step) {
            let must = latest[step.index()] - time[step.index()];
            latest[need.index()] = latest[need.index()].min(must);
        }
    }
    let slack = plan
        .step_numbers()
        .map(|step| is_awaited(&step).then(|| latest[step.index()] - end(&step)))
        .collect();
    Timing {
        makespan,
        path,
        time,
        begin,
        slack,
    }
}

/// The steps that the last delivery waits for, by step number. What is not among them goes on
/// after it.
///
/// Apart, each result is delivered when it is made: these are the steps that make results and
/// all that come before one of them. Together, results are delivered together when nothing is
/// open any more that could still have a say: these are all steps but those of offices that do no
/// more than follow what their matter delivers (filing, archiving), and all that come before.
/// Where nothing is delivered, the end is that of everything.
#[must_use]
pub fn awaited(plan: &Plan, scenario: &Scenario) -> Vec<bool> {
    let results = plan.deliveries.iter();
    let makers = results.flat_map(|result| plan.makers(result.what));
    let mut makers: Vec<StepIx> = makers.filter(|step| scenario.is_active(*step)).collect();
    makers.sort_unstable();
    makers.dedup();
    let mut awaited = vec![false; plan.steps.len()];
    if makers.is_empty() || plan.handled == Handled::Together {
        for step in scenario.steps() {
            awaited[step.index()] = true;
        }
        for step in following(plan, scenario, &makers) {
            awaited[step.index()] = false;
        }
    }
    for step in makers {
        awaited[step.index()] = true;
    }
    for step in scenario.steps().iter().rev() {
        if awaited[step.index()] {
            for need in scenario.needs(*step) {
                awaited[need.index()] = true;
            }
        }
    }
    awaited
}

/// The steps of offices that come after all that their matter delivers, and it delivers something.
fn following(plan: &Plan, scenario: &Scenario, makers: &[StepIx]) -> Vec<StepIx> {
    let words = makers.len().div_ceil(64);
    // By step, a bit for each maker that comes before it.
    let mut before = vec![vec![0_u64; words]; plan.steps.len()];
    let mut following = Vec::new();
    for step in scenario.steps() {
        let mut all = vec![0_u64; words];
        for need in scenario.needs(*step) {
            for (word, more) in all.iter_mut().zip(&before[need.index()]) {
                *word |= more;
            }
            if let Ok(at) = makers.binary_search(need) {
                all[at / 64] |= 1 << (at % 64);
            }
        }
        let matter = plan.step(*step).matter;
        let of_matter = |maker: &&StepIx| matter.is_none() || plan.step(**maker).matter == matter;
        let is_before = |at: usize| all[at / 64] >> (at % 64) & 1 == 1;
        let mut own = makers
            .iter()
            .enumerate()
            .filter(|(_, maker)| of_matter(maker));
        let delivers = own.clone().next().is_some();
        if delivers && plan.step(*step).actor.is_internal() && own.all(|(at, _)| is_before(at)) {
            following.push(*step);
        }
        before[step.index()] = all;
    }
    following
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use onething_model::Limit;

    use super::*;
    use crate::builder::PlanBuilder;
    use crate::random::{self, Dice};
    use crate::scale::{self, Basis};
    use crate::step::Actor;

    /// A working day of a calendar that is open round the clock, in milliseconds.
    const DAY: u64 = scale::DAY_MS;

    fn by_limits(plan: &Plan, scenario: &Scenario) -> Timing {
        scale::by_limits(plan, scenario, Basis::Binding).timing(plan, scenario)
    }

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
        assert_eq!(timing.makespan, 10 * DAY);
        let critical: Vec<_> = timing
            .path
            .iter()
            .map(|s| plan.step(*s).key.as_str())
            .collect();
        assert_eq!(critical, ["apply", "a", "c", "d"]);
        let slack = middle.map(|step| timing.slack[step.index()]);
        assert_eq!(slack, [Some(4 * DAY), Some(0), Some(2 * DAY)]);
        assert_eq!(timing.slack[d.index()], Some(0));
        assert_eq!(
            crate::parallelism::parallelism(&plan, &scenario),
            crate::parallelism::Parallelism::Exact(3)
        );
    }

    /// What is told of steps handled together or apart, a line each:
    /// `key days [makes result…] [in matter] [after key…]`. First the days to the last delivery and the
    /// path to it, then what has slack, then what goes on after it.
    fn told(handled: Handled, text: &str) -> String {
        let mut b = PlanBuilder::new("told");
        let mut results = BTreeMap::new();
        for line in text.lines() {
            let mut words = line.split_whitespace();
            let (key, days) = (words.next().unwrap(), words.next().unwrap());
            let (mut made, mut after, mut matter, mut says) = (Vec::new(), Vec::new(), None, "");
            for word in words {
                match (says, word) {
                    (_, "makes" | "after" | "in") => says = word,
                    ("makes", result) => made.push(
                        *results
                            .entry(result.to_owned())
                            .or_insert_with(|| b.result(result)),
                    ),
                    ("after", step) => after.push(b.plan_mut().find_step(step).unwrap()),
                    (_, name) => {
                        let known = b.plan_mut().find_matter(name);
                        let ends_case = crate::Refused::EndsCase;
                        matter = Some(known.unwrap_or_else(|| b.matter(name, ends_case)));
                    }
                }
            }
            let limit = Limit::working_days(days.parse().unwrap());
            let mut step = b.step(key, Actor::Officer);
            step = step.with(|step| {
                step.limit.promised = Some(limit);
                step.matter = matter;
            });
            for result in made {
                step = step.writes(result);
            }
            for from in after {
                step = step.after(from);
            }
        }
        b.plan_mut().handled = handled;
        let plan = b.build();
        let scenario = Scenario::resolve(&plan, &plan.reference);
        let timing = by_limits(&plan, &scenario);
        let key = |step: &StepIx| plan.step(*step).key.to_string();
        let path: Vec<String> = timing.path.iter().map(key).collect();
        let mut told = format!("{} days: {}", timing.makespan / DAY, path.join(" "));
        for step in scenario.steps() {
            match timing.slack[step.index()] {
                Some(0) => {}
                Some(slack) => told += &format!("; {} +{}", key(step), slack / DAY),
                None => told += &format!("; then {}", key(step)),
            }
        }
        told
    }

    #[test]
    fn the_time_ends_with_the_last_delivery() {
        let one = "review 5 makes licence\nnotice 2\narchive 30 after review\nfile 1 after archive";
        let several = "review 5 makes licence\nsign 3 makes permit after review\n\
                       archive 9 after review\nstore 1 after sign";
        // Two steps write to one result, which is made when both have.
        let twice = "draft 2 makes licence\nseal 3 makes licence\nfile 4 after draft";
        // What makes one result may come after what makes another.
        let later = "early 9 makes receipt\nlate 1 makes licence after early\nfile 1 after late";
        // What a matter delivers is followed by its own filing. A matter that delivers nothing may
        // still refuse: it is waited for.
        let by_matter = "review 5 makes licence in a\nsign 3 makes permit in b after review\n\
                         archive 9 in a after review\nsee 0 in c after review\nstore 1 in b after sign";
        let none = "review 5\narchive 30 after review";
        for (handled, steps, told_of) in [
            // Delivered together: filing follows, while what nothing depends on may have a say.
            (
                Handled::Together,
                one,
                "5 days: apply review; notice +3; then archive; then file",
            ),
            (
                Handled::Together,
                several,
                "14 days: apply review archive; sign +6; then store",
            ),
            (
                Handled::Together,
                by_matter,
                "8 days: apply review sign; then archive; see +3; then store",
            ),
            (Handled::Together, none, "35 days: apply review archive"),
            // Delivered one by one.
            (
                Handled::Apart,
                one,
                "5 days: apply review; then notice; then archive; then file",
            ),
            (
                Handled::Apart,
                several,
                "8 days: apply review sign; then archive; then store",
            ),
            (
                Handled::Apart,
                twice,
                "3 days: apply seal; draft +1; then file",
            ),
            (
                Handled::Apart,
                later,
                "10 days: apply early late; then file",
            ),
            // Without a result the case is over when everything is done.
            (Handled::Apart, none, "35 days: apply review archive"),
        ] {
            assert_eq!(told(handled, steps), told_of, "{handled:?}\n{steps}");
        }
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
        assert_eq!(timing.slack[last.index()], Some(7 * DAY));
    }

    /// A step that takes time is critical exactly if it has no slack, and lies on
    /// critical arrows from the first step to the end of the whole.
    #[test]
    fn what_is_critical_of_random_plans_is_joined_up() {
        let mut tied = 0;
        for seed in 0..400 {
            let mut dice = Dice::new(seed);
            let mut plan = random::plan(seed);
            if seed % 2 == 1 {
                plan.handled = Handled::Apart;
            }
            let scenario = Scenario::resolve(&plan, &plan.reference);
            let time: Vec<u64> = plan.steps.iter().map(|_| dice.below(3) as u64).collect();
            let timing = by_time(&plan, &scenario, &time);
            let critical = timing.critical(&scenario, &timing.path);
            for step in scenario.steps() {
                let at = step.index();
                let is = critical.steps.contains(step);
                if timing.time[at] > 0 {
                    assert_eq!(is, timing.slack[at] == Some(0), "seed {seed}");
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
}
