//! How much of a scenario can be under way at the same time.

use crate::critical::by_time;
use crate::index::StepIx;
use crate::plan::Plan;
use crate::scenario::Scenario;

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
    use crate::random::{self, Dice};

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
