//! What proofs say of applicants ([`Proof::claims`]), worked out again from both ways, answers by
//! answers: nothing is said that is not so, and nothing is so that is not said.
//!
//! Not worked out again: what one form asked that was looked up for another, and through whom an
//! order is passed on whose earlier step is no part of the case.

use std::collections::BTreeSet;

use onething_definition::design::{By, Design, Drafting};
use onething_model::{FieldPath, MatterKey};
use onething_plan::{Answers, Plan, QuestionIx, Refused};
use onething_redesign::rewrite::{Claim, Proof, Redesign, Rule, What};

use crate::naive::{Case, From, Said};

/// What was compared, so that no test passes for want of it.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    pub(crate) twice: usize,
    pub(crate) trips: usize,
    pub(crate) undelivered: usize,
    pub(crate) falls: usize,
    pub(crate) gone: usize,
    pub(crate) looked_up: usize,
    pub(crate) carried: usize,
    pub(crate) against: usize,
    pub(crate) left_off: usize,
    pub(crate) freed: usize,
    pub(crate) spared: usize,
    /// Claims that are not true for all.
    pub(crate) for_some: usize,
}

/// Looks at both ways for some answers, the old one first.
pub(crate) type Look<'a> = dyn FnMut(&Case<'_>, &Case<'_>) + 'a;

/// Has both ways looked at for some answers.
pub(crate) type Cases<'a> = dyn Fn(&Said, &mut Look<'_>) + 'a;

/// The answers as the naive reading takes them.
fn said(plan: &Plan, answers: &Answers) -> Said {
    let questions = 0..plan.questions.len();
    questions
        .map(|at| answers.get(QuestionIx::at(at)).cloned())
        .collect()
}

/// What is said that is not so, and what is so and not said; a line each.
pub(crate) fn wrong(
    drafting: &Drafting<'_>,
    made: &Redesign,
    cases: &Cases<'_>,
    all: &[Said],
    compared: &mut Compared,
) -> Vec<String> {
    let mut found = Vec::new();
    let old = drafting.old().unwrap();
    for proof in &made.applied {
        for claim in &proof.claims {
            compared.for_some += usize::from(!claim.scope.is_all());
            if !claim.scope.looked_at.iter().any(|(_, holds)| *holds) {
                found.push(format!("{:?} is said for nobody", claim.what));
            }
            for (answers, holds) in &claim.scope.looked_at {
                let said = said(&made.before, answers);
                cases(&said, &mut |then, now| {
                    let is = so(old, then, now, &claim.what);
                    if is.is_some_and(|is| is != *holds) {
                        found.push(format!(
                            "{:?} is said to be {holds} for {}",
                            claim.what,
                            crate::in_words(&said)
                        ));
                    }
                });
            }
        }
    }
    let says = |rule: Rule, of: &dyn Fn(&Proof) -> bool| {
        let proof = made.applied.iter().find(|proof| proof.rule == rule);
        proof.is_none_or(of)
    };
    let claims = |what: What| move |proof: &Proof| proof.claims.iter().any(|it| it.what == what);
    let apart = old.intakes.len() > 1;
    for said in all {
        cases(said, &mut |then, now| {
            if !then.active.contains(&true) {
                return;
            }
            let mut missing = |rule: Rule, what: What| {
                if apart && !says(rule, &claims(what.clone())) {
                    found.push(format!("{what:?} is not said ({})", crate::in_words(said)));
                }
            };
            for field in twice(then) {
                compared.twice += 1;
                missing(Rule::AskOnce, What::Twice(field));
            }
            for field in carried(then) {
                compared.carried += 1;
                missing(Rule::AskOnce, What::Carried(field));
            }
            if trips(now) < trips(then) && now.open.contains(&true) {
                compared.trips += 1;
                missing(Rule::AskOnce, What::Trips);
            }
            for (one, other) in undelivered(old, then) {
                compared.undelivered += 1;
                missing(Rule::AskOnce, What::Undelivered(one, other));
            }
            // Whoever takes it off, a line or what is not carried over names it.
            for field in then.asked.iter().flatten() {
                let lines = made.applied.iter().flat_map(|proof| &proof.changed);
                let named = lines.filter(|line| line.gone);
                let named = named.flat_map(|line| &line.fields).any(|it| it == field);
                let title = then.setting.field(field).map(|it| it.title.en().to_owned());
                let title = title.unwrap_or_default();
                let mut left = made.left_out.iter();
                let told = named || left.any(|text| text.en().contains(&title));
                if now.open.contains(&true) && !is_known(now, field) && !told {
                    found.push(format!("nobody says that {field} goes"));
                }
            }
        });
    }
    for claim in made.applied.iter().flat_map(|proof| &proof.claims) {
        count(claim, compared);
    }
    found.sort();
    found.dedup();
    found
}

fn count(claim: &Claim, compared: &mut Compared) {
    match claim.what {
        What::Falls(..) => compared.falls += 1,
        What::Dropped(_) | What::Unneeded(_) => compared.gone += 1,
        What::Freed(..) => compared.freed += 1,
        What::LookedUp(_) => compared.looked_up += 1,
        What::Against => compared.against += 1,
        What::LeftOff(_) => compared.left_off += 1,
        What::Newly(_)
        | What::Follows(_)
        | What::FoundOnce(_)
        | What::MadeElsewhere(_)
        | What::Unasked(_)
        | What::Spared(_) => compared.spared += 1,
        What::Carried(_)
        | What::Twice(_)
        | What::AskedThoughFetched(_)
        | What::Trips
        | What::Undelivered(..) => {}
    }
}

/// Whether something is so for these answers; `None` where that cannot be told here.
fn so(old: &Design, then: &Case<'_>, now: &Case<'_>, what: &What) -> Option<bool> {
    match what {
        What::Twice(field) => Some(twice(then).contains(field)),
        // Where only what R4 leaves out was to be done nothing is handed in any more.
        What::Trips if now.open.contains(&true) => Some(trips(now) < trips(then)),
        What::Trips => None,
        What::Undelivered(one, other) => {
            Some(undelivered(old, then).contains(&(one.clone(), other.clone())))
        }
        // What is gone from one rule on is gone in the end; before it another may have taken it.
        What::Dropped(field) | What::Unneeded(field) => is_known(now, field).then_some(false),
        What::LeftOff(field) => Some(is_asked(then, field) && !is_asked(now, field)),
        What::Carried(field) => Some(carried(then).contains(field)),
        // What a rule after R1 asks again, or drops, is not told here.
        What::Newly(field) => Some(is_asked(now, field) && !is_asked(then, field)),
        What::Follows(field) => {
            let is = is_asked(then, field) && !is_asked(now, field);
            (!is).then_some(false)
        }
        What::FoundOnce(field) | What::MadeElsewhere(field) => {
            (!is_asked(then, field)).then_some(false)
        }
        What::Spared(key) => {
            let mut steps = then.steps();
            Some(steps.any(|(_, step)| step.key == *key && step.visits > 0))
        }
        What::Unasked(field) => {
            let is = is_asked(then, field) && !is_known(now, field);
            (!is).then_some(false)
        }
        // That data runs against it is not worked out again; who has the steps of one matter only
        // has no two in the wrong order.
        What::Against => (then.open.iter().filter(|open| **open).count() < 2).then_some(false),
        What::LookedUp(field) => looked_up(now, field),
        What::Falls(with, falls) => falls_with(now, with, falls),
        What::Freed(from, to) => {
            let is_there = |case: &Case<'_>, key: &onething_model::StepKey| {
                let mut steps = case.steps();
                let mut intakes = case.design.intakes.iter().zip(&case.open);
                steps.any(|(_, step)| step.key == *key)
                    || intakes.any(|(intake, open)| *open && intake.key == *key)
            };
            // What R4 left out waits for nobody by then; through whom an order is passed on whose
            // steps are no part of the case is not told here.
            let both = |case: &Case<'_>| is_there(case, from) && is_there(case, to);
            (both(then) && both(now)).then_some(true)
        }
        What::AskedThoughFetched(_) => None,
    }
}

/// What several forms of one applicant ask.
fn twice(case: &Case<'_>) -> BTreeSet<FieldPath> {
    let mut once = BTreeSet::new();
    let all = case.asked.iter().flatten();
    all.filter(|field| !once.insert(*field)).cloned().collect()
}

fn trips(case: &Case<'_>) -> u32 {
    let intakes = case.design.intakes.iter().zip(&case.open);
    let open = intakes.filter(|(_, open)| **open);
    open.map(|(intake, _)| intake.visits).sum()
}

fn is_asked(case: &Case<'_>, field: &FieldPath) -> bool {
    case.asked.iter().any(|form| form.contains(field))
}

/// Whether a form asks for it, or somebody gets it.
fn is_known(case: &Case<'_>, field: &FieldPath) -> bool {
    let mut asks = case.design.intakes.iter().flat_map(|intake| &intake.asks);
    let wanted = asks.any(|ask| ask.field == *field);
    case.asked.iter().any(|form| form.contains(field))
        || case.steps().any(|(at, _)| {
            let from = case.comes_from(at, field);
            from.is_some_and(|from| from != From::Nowhere)
        })
        || case.steps().any(|(_, step)| step.writes.contains(field))
        || case.setting.providers.iter().any(|provider| {
            case.asks(provider)
                && (provider.with.contains(field) || (wanted && provider.gives.contains(field)))
        })
}

/// What the applicant brings from an earlier matter to an application that wants it.
fn carried(case: &Case<'_>) -> BTreeSet<FieldPath> {
    let mut found = BTreeSet::new();
    for (at, intake) in case.design.intakes.iter().enumerate() {
        if !case.open[at] {
            continue;
        }
        let own = case.steps().filter(|(_, step)| step.intake == at);
        let wants = own.flat_map(|(_, step)| &step.reads).chain(&intake.asks);
        let brought = wants.filter(|read| !case.carried(at, &read.field).is_empty());
        found.extend(brought.map(|read| read.field.clone()));
    }
    found
}

/// Whether a registry gives it to somebody; what is looked up for who takes an application in alone,
/// or to ask another registry with, is not told here.
fn looked_up(case: &Case<'_>, field: &FieldPath) -> Option<bool> {
    let given = case
        .steps()
        .any(|(at, _)| case.comes_from(at, field) == Some(From::Registry));
    let mut asks = case.design.intakes.iter().flat_map(|intake| &intake.asks);
    let wanted = asks.any(|ask| ask.field == *field)
        || case
            .setting
            .providers
            .iter()
            .any(|provider| case.asks(provider) && provider.with.contains(field));
    (given || !wanted).then_some(given)
}

/// Matters whose refusal ends the case, each with one that comes before it in the walk and makes a
/// result.
fn undelivered(old: &Design, case: &Case<'_>) -> BTreeSet<(MatterKey, MatterKey)> {
    let walk: Vec<&MatterKey> = old
        .intakes
        .iter()
        .filter_map(|it| it.matter.as_ref())
        .collect();
    let has = |matter: &MatterKey, of: &dyn Fn(&onething_definition::design::Step) -> bool| {
        let mut steps = case.steps();
        steps.any(|(_, step)| step.matter.as_ref() == Some(matter) && of(step))
    };
    let mut found = BTreeSet::new();
    for (at, ends) in walk.iter().enumerate() {
        let fact = case.setting.matter(ends).unwrap();
        let refuses = has(ends, &|step| step.by != By::Applicant);
        if fact.refused != Refused::EndsCase || !refuses {
            continue;
        }
        for kept in &walk[..at] {
            let delivers = has(kept, &|step| {
                let mut writes = step.writes.iter();
                writes.any(|field| old.delivers.iter().any(|it| it.what == field.role))
            });
            if delivers {
                found.insert(((*ends).clone(), (*kept).clone()));
            }
        }
    }
    found
}

/// That nothing falls with what is no part of the case, or without anything that it reads of it; else
/// nothing is known here.
fn falls_with(case: &Case<'_>, with: &str, falls: &str) -> Option<bool> {
    let name = |at: usize| {
        let step = case.step(at);
        let matter = step.matter.as_ref().map(|matter| matter.as_str());
        matter.unwrap_or(step.key.as_str())
    };
    let of = |what: &str| {
        let steps = case.steps().map(|(at, _)| at);
        let of: Vec<usize> = steps.filter(|at| name(*at) == what).collect();
        of
    };
    let makers = of(with);
    let needs = of(falls).into_iter().any(|at| {
        let mut reads = case.step(at).reads.iter().filter(|read| !read.optional);
        reads.any(|read| match case.comes_from(at, &read.field) {
            Some(From::Step(from)) => makers.contains(&from),
            Some(From::Registry) => !makers.is_empty(),
            Some(From::Form | From::Nowhere) | None => false,
        })
    });
    (!needs).then_some(false)
}
