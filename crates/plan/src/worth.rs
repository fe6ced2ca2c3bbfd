//! Which look-ups a scenario makes: those that spare the applicant more than they ask for.
//!
//! A registry finds a subject by keys. Where a key is known anyway, since a step reads it
//! or makes it, the look-up costs nothing. Where it would be asked for the look-up's sake
//! alone, that is weighed against what the look-up saves: asking for the identity
//! number of a person in order to look up their name saves nothing and takes more than
//! is needed (minimum necessity, Personal Information Protection Law, art. 6).
//!
//! # The rule
//!
//! For each subject on its own, since a registry's keys and answers are about one subject:
//!
//! 1. Look-ups whose keys are known anyway are made.
//! 2. Of the sets of keys that some look-up is still short of, and all of them together,
//!    the one is asked for that saves most beyond its own [weight](Field::weight), if any
//!    saves more; what the set opens is made. Again from 1.
//! 3. The others are not made: what they would give is asked instead.
//!
//! What a step can do without ([`Read::optional`](crate::Read)) may be left out, a key that
//! opens a registry may not. So it decides only between choices that are alike in what must
//! be given, and no key is asked for its sake alone.
//!
//! Look-ups that the definition wants as a check ([`LookUp::always`](crate::LookUp)) are
//! made in any case. The best choice of sets is a covering problem; this greedy one is
//! explainable, the same each time, and asks for no more, by weight, than making every
//! look-up or making none.

use std::collections::BTreeMap;

use crate::field::{Field, Sensitivity};
use crate::follows::Given;
use crate::index::{FieldIx, StepIx};
use crate::plan::{Handled, Plan};
use crate::step::{Actor, LookUp};

/// How much more it is to be asked for what must be given than for what may be left out:
/// more than all the rest of a form.
const MUST: u64 = 1 << 20;

/// Sets of keys of one subject that are weighed; beyond them all look-ups are made.
const MAX_SETS: usize = 64;

/// A look-up that is not made, since it would ask for no less than it saves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spared {
    /// The look-up.
    pub look_up: StepIx,
    /// What would have to be asked for its sake alone.
    pub asks: Vec<FieldIx>,
    /// What the applicant is asked instead, that those keys would have opened.
    pub saves: Vec<FieldIx>,
}

impl Field {
    /// How much it is to be asked for the field: 1, for personal data 2, for sensitive
    /// data 3; for a document three times as much.
    #[must_use]
    pub fn weight(&self) -> u64 {
        let sensitivity = match self.sensitivity {
            Sensitivity::Public => 1,
            Sensitivity::Personal => 2,
            Sensitivity::Sensitive => 3,
        };
        if self.is_material() {
            3 * sensitivity
        } else {
            sensitivity
        }
    }

    /// The [weight](Self::weight) of a field that must be given, or may be left out.
    pub(crate) fn burden(&self, must: bool) -> u64 {
        self.weight() * if must { MUST } else { 1 }
    }
}

/// Fields in their order, each once. Subjects have few, and are weighed again for each
/// scenario: a list takes half the time of a tree.
type Fields = Vec<FieldIx>;

fn in_order(fields: impl Iterator<Item = FieldIx>) -> Fields {
    let mut fields: Fields = fields.collect();
    fields.sort_unstable();
    fields.dedup();
    fields
}

fn has(fields: &[FieldIx], field: FieldIx) -> bool {
    fields.binary_search(&field).is_ok()
}

/// What of `fields` is not among `others`.
fn without(fields: &[FieldIx], others: &[FieldIx]) -> Fields {
    let others = |field: &&FieldIx| !has(others, **field);
    fields.iter().filter(others).copied().collect()
}

/// A look-up as it is weighed.
struct Weighed {
    step: StepIx,
    /// The keys that nobody needs but look-ups, through the look-ups that give its keys.
    short_of: Fields,
    /// Its keys that no step makes, as they are declared.
    keys: Vec<FieldIx>,
    /// What it gives, and of that what a step needs after it: what it saves.
    gives: Fields,
    saves: Fields,
    always: bool,
}

/// Look-ups in the order in which they are made.
type LookUps<'a> = Vec<(StepIx, &'a LookUp)>;

/// The look-ups that are not made when these steps are part of the case, of those that the
/// answers allow for.
pub(crate) fn spared(
    plan: &Plan,
    holds: &[bool],
    active: &[bool],
    given: Option<&Given>,
) -> Vec<Spared> {
    // By subject; where matters are handled apart, each application has its own.
    let mut subjects: BTreeMap<(Option<StepIx>, usize), LookUps<'_>> = BTreeMap::new();
    for (at, step) in plan.steps.iter().enumerate().filter(|(at, _)| holds[*at]) {
        if let Actor::LookUp(look_up) = &step.actor {
            // What is asked only with what is there anyway costs nothing.
            if look_up.if_known {
                continue;
            }
            let subject = (window(plan, StepIx::at(at)), look_up.role.index());
            let list = subjects.entry(subject).or_default();
            list.push((StepIx::at(at), look_up));
        }
    }
    if subjects.is_empty() {
        return Vec::new();
    }
    // Of the other fields nobody asks: there may be thousands.
    let mut looked_up = vec![false; plan.fields.len()];
    for (step, look_up) in subjects.values().flatten() {
        for field in look_up.keys.iter().chain(&plan.step(*step).writes) {
            looked_up[field.index()] = true;
            // What a key follows from is as good as the key.
            if let Some(derived) = plan.field(*field).derived {
                looked_up[derived.from.index()] = true;
            }
        }
    }
    let needed = needed(plan, active, &looked_up, given);
    let mut spared = Vec::new();
    for ((window, _), look_ups) in subjects {
        let subject = Subject {
            plan,
            needed: &needed,
            window,
        };
        // What nobody needs of a registry nobody asks it for: there is nothing to weigh.
        let mut gives = look_ups.iter().flat_map(|(at, _)| &plan.step(*at).writes);
        if gives.any(|field| subject.last(*field).is_some()) {
            let weighed = subject.weighed(active, &look_ups);
            subject.choose(&weighed, &mut spared);
        }
    }
    spared.sort_unstable_by_key(|item: &Spared| item.look_up);
    spared
}

/// Which window a step belongs to, where each asks for itself.
fn window(plan: &Plan, step: StepIx) -> Option<StepIx> {
    match plan.handled {
        Handled::Together => None,
        Handled::Apart => Some(plan.step(step).scope),
    }
}

/// What steps need of somebody else than a step, by window and field.
#[derive(Default)]
struct Needed {
    /// As it is, or since the applicant gives it for what follows from it.
    anyway: By,
    /// For what follows from it, if nobody has to be asked for it.
    wished: By,
}

/// The last step that needs a field, and whether some step cannot do without.
type By = BTreeMap<(Option<StepIx>, FieldIx), (StepIx, bool)>;

impl Needed {
    fn add(by: &mut By, key: (Option<StepIx>, FieldIx), reader: StepIx, optional: bool) {
        let (last, must) = by.entry(key).or_insert((reader, !optional));
        *last = reader;
        *must |= !optional;
    }
}

/// Look-ups about one subject, weighed together.
struct Subject<'a> {
    plan: &'a Plan,
    needed: &'a Needed,
    window: Option<StepIx>,
}

fn needed(plan: &Plan, active: &[bool], looked_up: &[bool], given: Option<&Given>) -> Needed {
    let mut needed = Needed::default();
    for (at, step) in plan.steps.iter().enumerate() {
        if !active[at] || matches!(step.actor, Actor::LookUp(_)) {
            continue;
        }
        let reader = StepIx::at(at);
        let window = window(plan, reader);
        for read in &step.reads {
            let derived = plan.field(read.field).derived;
            let of_source = derived.is_some_and(|derived| looked_up[derived.from.index()]);
            let counts = looked_up[read.field.index()] || of_source;
            if !counts || made_before(plan, active, window, read.field, reader) {
                continue;
            }
            if let Some(derived) = derived {
                let from = derived.from;
                if made_before(plan, active, window, from, reader) {
                    continue;
                }
                let by = match given.is_some_and(|given| given.contains(&(step.scope, from))) {
                    true => &mut needed.anyway,
                    false => &mut needed.wished,
                };
                Needed::add(by, (window, from), reader, read.optional);
            }
            let by = &mut needed.anyway;
            Needed::add(by, (window, read.field), reader, read.optional);
        }
    }
    needed
}

fn made_before(
    plan: &Plan,
    active: &[bool],
    window: Option<StepIx>,
    field: FieldIx,
    reader: StepIx,
) -> bool {
    plan.field(field).producers.iter().any(|from| {
        *from < reader
            && active[from.index()]
            && window.is_none_or(|window| plan.step(*from).scope == window)
    })
}

impl Subject<'_> {
    /// The last step that needs a field.
    fn last(&self, field: FieldIx) -> Option<StepIx> {
        let of = |by: &By| by.get(&(self.window, field)).map(|(last, _)| *last);
        of(&self.needed.anyway).max(of(&self.needed.wished))
    }

    /// Whether a step needs a field as it is, if not badly.
    fn is_needed(&self, field: FieldIx) -> bool {
        self.needed.anyway.contains_key(&(self.window, field))
    }

    /// Whether a step needs a field as it is and cannot do without.
    fn must_be_given(&self, field: FieldIx) -> bool {
        let found = self.needed.anyway.get(&(self.window, field));
        found.is_some_and(|(_, must)| *must)
    }

    /// Whether a step cannot do without a field, or without what follows from it.
    fn is_must(&self, field: FieldIx) -> bool {
        let wished = self.needed.wished.get(&(self.window, field));
        self.must_be_given(field) || wished.is_some_and(|(_, must)| *must)
    }

    fn burden(&self, fields: &[FieldIx], must: impl Fn(FieldIx) -> bool) -> u64 {
        let burden = |field: &FieldIx| self.plan.field(*field).burden(must(*field));
        fields.iter().map(burden).sum()
    }

    fn weighed(&self, active: &[bool], look_ups: &[(StepIx, &LookUp)]) -> Vec<Weighed> {
        let (plan, window) = (self.plan, self.window);
        let always = look_ups.iter().filter(|(_, look_up)| look_up.always);
        let known = in_order(always.flat_map(|(_, look_up)| look_up.keys.iter().copied()));
        let mut weighed: Vec<Weighed> = Vec::with_capacity(look_ups.len());
        for (step, look_up) in look_ups {
            let mut short_of = Fields::new();
            let mut given_as: Vec<(FieldIx, FieldIx)> = Vec::new();
            for key in look_up.keys.iter().filter(|_| !look_up.always) {
                let anyway = |key: FieldIx| {
                    has(&known, key)
                        || self.must_be_given(key)
                        || made_before(plan, active, window, key, *step)
                };
                let source = plan.field(*key).derived.map(|derived| derived.from);
                // What a key follows from is there in time if the applicant gives it.
                let is_given = |from: FieldIx| {
                    let looked_up = || {
                        look_ups
                            .iter()
                            .any(|(at, _)| plan.step(*at).writes.contains(&from))
                    };
                    anyway(from) && !looked_up()
                };
                // So it is if the look-up is asked with that as well.
                let is_beside = |from: FieldIx| {
                    let given = look_ups.iter();
                    let mut given = given.map(|(at, _)| &plan.step(*at).writes);
                    look_up.keys.contains(&from) && !given.any(|writes| writes.contains(&from))
                };
                if let Some(from) = source.filter(|from| is_given(*from) || is_beside(*from)) {
                    given_as.push((*key, from));
                    continue;
                }
                if anyway(*key) {
                    continue;
                }
                // An earlier look-up gives it, with the keys that it is short of itself.
                let giver = |field| weighed.iter().find(|item| has(&item.gives, field));
                match giver(*key).or_else(|| giver(source?)) {
                    Some(through) => short_of.extend(&through.short_of),
                    None => short_of.push(*key),
                }
            }
            let gives = in_order(plan.step(*step).writes.iter().copied());
            let saves = |field: &FieldIx| self.last(*field).is_some_and(|last| *step < last);
            let by_steps = |key: FieldIx| made_before(plan, active, window, key, *step);
            let as_given = |key: FieldIx| {
                let found = given_as.iter().find(|(known, _)| *known == key);
                found.map_or(key, |(_, from)| *from)
            };
            let keys = look_up.keys.iter().copied();
            weighed.push(Weighed {
                step: *step,
                short_of: in_order(short_of.into_iter()),
                keys: keys.filter(|key| !by_steps(*key)).map(as_given).collect(),
                saves: gives.iter().copied().filter(saves).collect(),
                gives,
                always: look_up.always,
            });
        }
        weighed
    }

    /// What steps need of what look-ups give or are asked with.
    fn wanted(&self, all: &[Weighed]) -> Fields {
        in_order(all.iter().flat_map(|item| {
            let keys = item.keys.iter().filter(|key| self.is_needed(**key));
            item.saves.iter().chain(keys).copied()
        }))
    }

    /// What is asked about a subject, by weight, when the look-ups for which `made` holds can
    /// be made: each read that is wanted and each key comes from the first of them that
    /// gives it in time.
    fn asked(&self, all: &[Weighed], wanted: &[FieldIx], made: impl Fn(&Weighed) -> bool) -> u64 {
        let plan = self.plan;
        // Each with whether it may be left out.
        let mut asked: Vec<(FieldIx, bool)> = Vec::new();
        let mut used = vec![false; all.len()];
        for field in wanted {
            let mut givers = all.iter();
            match givers.position(|item| made(item) && has(&item.saves, *field)) {
                Some(giver) => used[giver] = true,
                None => asked.push((*field, !self.is_must(*field))),
            }
        }
        let gives = |item: &Weighed, key: FieldIx| {
            let derived = plan.field(key).derived;
            has(&item.gives, key) || derived.is_some_and(|derived| has(&item.gives, derived.from))
        };
        // Givers of keys come earlier.
        for at in (0..all.len()).rev() {
            if !used[at] {
                continue;
            }
            for key in &all[at].keys {
                let mut givers = all[..at].iter();
                match givers.position(|item| made(item) && gives(item, *key)) {
                    Some(giver) => used[giver] = true,
                    None => asked.push((*key, false)),
                }
            }
        }
        // What one cannot do without comes first of its field and stays.
        asked.sort_unstable();
        asked.dedup_by_key(|(field, _)| *field);
        let burden = |(field, optional): &(FieldIx, bool)| plan.field(*field).burden(!optional);
        asked.iter().map(burden).sum()
    }

    fn choose(&self, all: &[Weighed], spared: &mut Vec<Spared>) {
        // Where all keys are known anyway, none is asked for: as in most scenarios.
        if all.iter().all(|item| item.short_of.is_empty()) {
            return;
        }
        let mut open: Vec<&Weighed> = all.iter().collect();
        let mut known = Fields::new();
        let mut saved = Fields::new();
        loop {
            open.retain(|item| {
                let made = item.short_of.iter().all(|key| has(&known, *key));
                if made {
                    saved.extend(&item.saves);
                }
                !made
            });
            saved = in_order(saved.into_iter());
            let lacking = open.iter().map(|item| without(&item.short_of, &known));
            let mut sets: Vec<Fields> = lacking.collect();
            sets.sort_unstable();
            sets.dedup();
            if sets.len() > MAX_SETS {
                return;
            }
            // Sets that overlap may be worth it together though none is alone.
            let together = in_order(sets.iter().flatten().copied());
            if let Err(at) = sets.binary_search(&together) {
                sets.insert(at, together);
            }
            let mut best: Option<(u64, &Fields)> = None;
            for set in &sets {
                let opens = opened(&open, &known, &saved, set);
                let asks = self.burden(set, |_| true);
                let more = self
                    .burden(&opens, |field| self.is_must(field))
                    .saturating_sub(asks);
                if more > best.map_or(0, |(more, _)| more) {
                    best = Some((more, set));
                }
            }
            match best {
                Some((_, set)) => known = in_order(known.iter().chain(set).copied()),
                None => break,
            }
        }
        let free = |item: &Weighed| item.always || item.keys.is_empty();
        if all.iter().all(free) {
            return;
        }
        // Registries that give each other's keys can deceive the steps above.
        let wanted = self.wanted(all);
        let is_open = |item: &Weighed| {
            let found = open.binary_search_by_key(&item.step, |open| open.step);
            found.is_ok()
        };
        let chosen = self.asked(all, &wanted, |item| !is_open(item));
        if !open.is_empty() && self.asked(all, &wanted, |_| true) < chosen {
            return;
        }
        if self.asked(all, &wanted, free) < chosen {
            spared.extend(all.iter().filter(|item| !free(item)).map(|item| Spared {
                look_up: item.step,
                asks: item.keys.clone(),
                saves: item.saves.clone(),
            }));
            return;
        }
        for item in &open {
            let asks = without(&item.short_of, &known);
            let saves = opened(&open, &known, &saved, &asks);
            let look_up = item.step;
            spared.push(Spared {
                look_up,
                asks,
                saves,
            });
        }
    }
}

/// What the look-ups that these keys open would save beyond what is saved already.
fn opened(open: &[&Weighed], known: &[FieldIx], saved: &[FieldIx], keys: &[FieldIx]) -> Fields {
    let opens = |item: &&&Weighed| {
        let mut short_of = item.short_of.iter();
        short_of.all(|key| has(known, *key) || has(keys, *key))
    };
    let saves = open
        .iter()
        .filter(opens)
        .flat_map(|item| &item.saves)
        .filter(|field| !has(saved, **field));
    in_order(saves.copied())
}

#[cfg(test)]
mod tests;
