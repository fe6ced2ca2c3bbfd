//! What a sample of the answers has to have: what is made and what is read meets in it. For any two
//! steps of which one makes what the other makes or reads there are answers for which both are
//! done, and for which one is done without the other, if there can be; however many questions
//! their conditions hang on.

use std::collections::{BTreeMap, BTreeSet};

use onething_plan::{Actor, Answers, Cond, Plan};

use crate::space::{Example, Space};

/// What is looked for in a sample, at most.
const MAX_GOALS: usize = 20_000;

/// What is looked for beside a sample, at most: some tenths of a second's worth.
const MAX_MISSED: usize = 1_000;

/// Conditions that are to hold together, and some that are not to, by number.
type Goal = (Vec<usize>, Vec<usize>);

/// Answers for what none of these answers meet.
pub(super) fn missed(
    plans: &[&Plan],
    space: &mut Space<'_>,
    looked_at: &[Answers],
) -> Vec<Answers> {
    let mut conds = Conds::default();
    let goals = goals(plans, &mut conds);
    let mut met: Vec<Vec<bool>> = conds
        .all
        .iter()
        .map(|cond| {
            looked_at
                .iter()
                .map(|answers| cond.holds(answers))
                .collect()
        })
        .collect();
    let (mut found, mut tried) = (Vec::new(), 0);
    for (must, never) in goals {
        let is_met = |at: usize| {
            must.iter().all(|cond| met[*cond][at]) && !never.iter().any(|cond| met[*cond][at])
        };
        if (0..looked_at.len() + found.len()).any(is_met) {
            continue;
        }
        if tried == MAX_MISSED {
            break;
        }
        tried += 1;
        let of = |numbers: &[usize]| numbers.iter().map(|at| conds.all[*at]).collect::<Vec<_>>();
        let (must, never) = (of(&must), of(&never));
        if let Example::Found(answers) = space.find(&must, &never) {
            // With whatever goes with it, so that the rest varies.
            let base = &looked_at[tried % looked_at.len()];
            let about = must.iter().chain(&never).copied();
            let answers = space.completed(&answers, about, base);
            for (met, cond) in met.iter_mut().zip(&conds.all) {
                met.push(cond.holds(&answers));
            }
            found.push(answers);
        }
    }
    found
}

/// Conditions that hold for some answers, each once.
#[derive(Default)]
struct Conds<'a> {
    all: Vec<&'a Cond>,
    numbers: BTreeMap<String, usize>,
}

impl<'a> Conds<'a> {
    /// The number of a condition; `None` where it always holds.
    fn number(&mut self, cond: &'a Cond) -> Option<usize> {
        if *cond == Cond::Always {
            return None;
        }
        let next = self.all.len();
        let number = *self.numbers.entry(format!("{cond:?}")).or_insert(next);
        if number == next {
            self.all.push(cond);
        }
        Some(number)
    }
}

/// When a field is made, and when it is read.
#[derive(Default)]
struct Uses {
    made: BTreeSet<usize>,
    read: BTreeSet<usize>,
    /// Whether some step reads it for all answers.
    always_read: bool,
}

fn goals<'a>(plans: &[&'a Plan], conds: &mut Conds<'a>) -> Vec<Goal> {
    let mut goals: BTreeSet<Goal> = BTreeSet::new();
    let mut each: BTreeSet<usize> = BTreeSet::new();
    for plan in plans {
        let mut uses: Vec<Uses> = Vec::new();
        uses.resize_with(plan.fields.len(), Uses::default);
        for step in &plan.steps {
            // What an application asks on its own account is asked of whoever hands it in.
            if matches!(step.actor, Actor::Submission(_)) {
                continue;
            }
            let number = conds.number(&step.when);
            each.extend(number);
            for field in &step.writes {
                uses[field.index()].made.extend(number);
            }
            for read in &step.reads {
                let derived = plan.field(read.field).derived;
                let from = derived.map(|derived| derived.from);
                for field in [read.field].into_iter().chain(from) {
                    let uses = &mut uses[field.index()];
                    uses.read.extend(number);
                    uses.always_read |= number.is_none();
                }
            }
        }
        for field in uses {
            for one in &field.made {
                for other in field.made.union(&field.read).filter(|other| *other != one) {
                    if goals.len() > MAX_GOALS {
                        break;
                    }
                    let both = vec![*one.min(other), *one.max(other)];
                    goals.insert((both, Vec::new()));
                    goals.insert((vec![*one], vec![*other]));
                    goals.insert((vec![*other], vec![*one]));
                }
            }
            if !field.always_read && goals.len() <= MAX_GOALS {
                goals.insert((Vec::new(), field.read.into_iter().collect()));
            }
        }
    }
    let each = each.into_iter();
    let each = each.flat_map(|one| [(vec![one], Vec::new()), (Vec::new(), vec![one])]);
    each.chain(goals).collect()
}
