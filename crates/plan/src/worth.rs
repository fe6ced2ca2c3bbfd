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
//! Look-ups that the definition wants as a check ([`LookUp::always`](crate::LookUp)) are
//! made in any case. The best choice of sets is a covering problem; this greedy one is
//! explainable, the same each time, and asks for no more, by weight, than making every
//! look-up or making none.

use std::collections::{BTreeMap, BTreeSet};

use crate::field::{Field, Sensitivity};
use crate::follows::Given;
use crate::index::{FieldIx, StepIx};
use crate::plan::{Handled, Plan};
use crate::step::{Actor, LookUp};

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
}

/// A look-up as it is weighed.
struct Weighed {
    step: StepIx,
    /// The keys that nobody needs but look-ups, through the look-ups that give its keys.
    short_of: BTreeSet<FieldIx>,
    saves: BTreeSet<FieldIx>,
    /// Its keys that no step makes, and of those what a step needs anyway.
    keys: Vec<FieldIx>,
    needed_keys: Vec<FieldIx>,
    /// What it gives, and of that what a step needs after it.
    gives: Vec<FieldIx>,
    needed: BTreeSet<FieldIx>,
    always: bool,
}

/// Look-ups in the order in which they are made.
type LookUps<'a> = Vec<(StepIx, &'a LookUp)>;

/// The look-ups that are not made when these steps are part of the case.
pub(crate) fn spared(plan: &Plan, active: &[bool], given: Option<&Given>) -> Vec<Spared> {
    // By subject; where matters are handled apart, each application has its own.
    let mut subjects: BTreeMap<(Option<StepIx>, usize), LookUps<'_>> = BTreeMap::new();
    for (at, step) in plan.steps.iter().enumerate() {
        if let Actor::LookUp(look_up) = &step.actor {
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
        let weighed = weighed(plan, active, &needed, window, &look_ups);
        choose(plan, &weighed, &mut spared);
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

/// For each window and field: the last step that needs it of somebody else than a step.
#[derive(Default)]
struct Needed {
    /// As it is, or since the applicant gives it for what follows from it.
    anyway: BTreeMap<(Option<StepIx>, FieldIx), StepIx>,
    /// For what follows from it, if nobody has to be asked for it.
    wished: BTreeMap<(Option<StepIx>, FieldIx), StepIx>,
}

impl Needed {
    fn contains(&self, window: Option<StepIx>, field: FieldIx) -> bool {
        self.anyway.contains_key(&(window, field))
    }

    fn last(&self, window: Option<StepIx>, field: FieldIx) -> Option<StepIx> {
        let of = |map: &BTreeMap<_, StepIx>| map.get(&(window, field)).copied();
        of(&self.anyway).max(of(&self.wished))
    }
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
                if given.is_some_and(|given| given.contains(&(step.scope, from))) {
                    needed.anyway.insert((window, from), reader);
                } else {
                    needed.wished.insert((window, from), reader);
                }
            }
            needed.anyway.insert((window, read.field), reader);
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

fn weighed(
    plan: &Plan,
    active: &[bool],
    needed: &Needed,
    window: Option<StepIx>,
    look_ups: &[(StepIx, &LookUp)],
) -> Vec<Weighed> {
    // What an earlier look-up gives, with the keys that it is short of itself.
    let mut given: BTreeMap<FieldIx, BTreeSet<FieldIx>> = BTreeMap::new();
    let mut known: BTreeSet<FieldIx> = BTreeSet::new();
    for (_, look_up) in look_ups.iter().filter(|(_, look_up)| look_up.always) {
        known.extend(&look_up.keys);
    }
    let mut weighed = Vec::new();
    for (step, look_up) in look_ups {
        let mut short_of = BTreeSet::new();
        let mut given_as: BTreeMap<FieldIx, FieldIx> = BTreeMap::new();
        for key in look_up.keys.iter().filter(|_| !look_up.always) {
            let anyway = |key: FieldIx| {
                known.contains(&key)
                    || needed.contains(window, key)
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
            if let Some(from) = source.filter(|from| is_given(*from)) {
                given_as.insert(*key, from);
                continue;
            }
            if anyway(*key) {
                continue;
            }
            match given.get(key).or_else(|| given.get(&source?)) {
                Some(through) => short_of.extend(through),
                None => {
                    short_of.insert(*key);
                }
            }
        }
        let writes = plan.step(*step).writes.iter().copied();
        for field in writes.clone() {
            given.entry(field).or_insert_with(|| short_of.clone());
        }
        let saves = |field: &FieldIx| {
            let last = needed.last(window, *field);
            last.is_some_and(|last| *step < last)
        };
        let by_steps = |key: &&FieldIx| made_before(plan, active, window, **key, *step);
        let keys: Vec<FieldIx> = look_up
            .keys
            .iter()
            .filter(|key| !by_steps(key))
            .map(|key| given_as.get(key).copied().unwrap_or(*key))
            .collect();
        let saves: BTreeSet<FieldIx> = writes.clone().filter(saves).collect();
        weighed.push(Weighed {
            step: *step,
            short_of,
            needed: saves.clone(),
            saves,
            needed_keys: keys
                .iter()
                .filter(|key| needed.contains(window, **key))
                .copied()
                .collect(),
            keys,
            gives: writes.collect(),
            always: look_up.always,
        });
    }
    weighed
}

/// What is asked about a subject, by weight, when the look-ups for which `made` holds can
/// be made: each read and each key comes from the first of them that gives it in time.
fn asked(plan: &Plan, all: &[Weighed], made: impl Fn(&Weighed) -> bool) -> u64 {
    let mut asked: BTreeSet<FieldIx> = BTreeSet::new();
    let mut used = vec![false; all.len()];
    let needed: BTreeSet<FieldIx> = all
        .iter()
        .flat_map(|item| item.needed.iter().chain(&item.needed_keys))
        .copied()
        .collect();
    for field in needed {
        match all
            .iter()
            .position(|item| made(item) && item.needed.contains(&field))
        {
            Some(giver) => used[giver] = true,
            None => {
                asked.insert(field);
            }
        }
    }
    let gives = |item: &Weighed, key: FieldIx| {
        let derived = plan.field(key).derived;
        let source = derived.is_some_and(|derived| item.gives.contains(&derived.from));
        source || item.gives.contains(&key)
    };
    // Givers of keys come earlier.
    for at in (0..all.len()).rev() {
        if !used[at] {
            continue;
        }
        for key in &all[at].keys {
            match all[..at]
                .iter()
                .position(|item| made(item) && gives(item, *key))
            {
                Some(giver) => used[giver] = true,
                None => {
                    asked.insert(*key);
                }
            }
        }
    }
    weight(plan, &asked)
}

fn weight(plan: &Plan, fields: &BTreeSet<FieldIx>) -> u64 {
    fields.iter().map(|field| plan.field(*field).weight()).sum()
}

fn choose(plan: &Plan, all: &[Weighed], spared: &mut Vec<Spared>) {
    let mut open: Vec<&Weighed> = all.iter().collect();
    let mut known: BTreeSet<FieldIx> = BTreeSet::new();
    let mut saved: BTreeSet<FieldIx> = BTreeSet::new();
    loop {
        open.retain(|item| {
            let made = item.short_of.is_subset(&known);
            if made {
                saved.extend(&item.saves);
            }
            !made
        });
        let mut sets: BTreeSet<BTreeSet<FieldIx>> = open
            .iter()
            .map(|item| item.short_of.difference(&known).copied().collect())
            .collect();
        if sets.len() > MAX_SETS {
            return;
        }
        // Sets that overlap may be worth it together though none is alone.
        sets.insert(sets.iter().flatten().copied().collect());
        let mut best: Option<(u64, &BTreeSet<FieldIx>)> = None;
        for set in &sets {
            let opens = opened(&open, &known, &saved, set);
            let more = weight(plan, &opens).saturating_sub(weight(plan, set));
            if more > best.map_or(0, |(more, _)| more) {
                best = Some((more, set));
            }
        }
        match best {
            Some((_, set)) => known.extend(set),
            None => break,
        }
    }
    // Registries that give each other's keys can deceive the steps above.
    let left: BTreeSet<StepIx> = open.iter().map(|item| item.step).collect();
    let chosen = asked(plan, all, |item| !left.contains(&item.step));
    if asked(plan, all, |_| true) < chosen {
        return;
    }
    let free = |item: &Weighed| item.always || item.keys.is_empty();
    if asked(plan, all, free) < chosen {
        spared.extend(all.iter().filter(|item| !free(item)).map(|item| Spared {
            look_up: item.step,
            asks: item.keys.clone(),
            saves: item.needed.iter().copied().collect(),
        }));
        return;
    }
    for item in &open {
        let asks: BTreeSet<FieldIx> = item.short_of.difference(&known).copied().collect();
        let saves = opened(&open, &known, &saved, &asks);
        spared.push(Spared {
            look_up: item.step,
            asks: asks.into_iter().collect(),
            saves: saves.into_iter().collect(),
        });
    }
}

/// What the look-ups that these keys open would save beyond what is saved already.
fn opened(
    open: &[&Weighed],
    known: &BTreeSet<FieldIx>,
    saved: &BTreeSet<FieldIx>,
    keys: &BTreeSet<FieldIx>,
) -> BTreeSet<FieldIx> {
    let opens = |item: &&&Weighed| {
        let mut short_of = item.short_of.iter();
        short_of.all(|key| known.contains(key) || keys.contains(key))
    };
    open.iter()
        .filter(opens)
        .flat_map(|item| &item.saves)
        .filter(|field| !saved.contains(field))
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::PlanBuilder;
    use crate::field::FieldType;
    use crate::random::Dice;
    use crate::scenario::Scenario;

    /// One subject: fields, look-ups over them, and what one step reads.
    fn subject(seed: u64) -> Plan {
        let mut dice = Dice::new(seed);
        let mut b = PlanBuilder::new("subject");
        let fields: Vec<FieldIx> = (0..2 + dice.below(7))
            .map(|at| {
                let kind = match dice.below(4) {
                    0 => FieldType::Document {
                        accepts: Vec::new(),
                        max_bytes: 1,
                    },
                    _ => FieldType::Text { max_chars: 9 },
                };
                let field = b.typed_field(&format!("f{at}"), kind);
                b.plan_mut().fields[field.index()].sensitivity = [
                    Sensitivity::Public,
                    Sensitivity::Personal,
                    Sensitivity::Sensitive,
                ][dice.below(3)];
                field
            })
            .collect();
        for at in 0..dice.below(5) {
            let (mut keys, mut gives) = (Vec::new(), Vec::new());
            for field in &fields {
                match dice.below(4) {
                    0 => keys.push(*field),
                    1 => gives.push(*field),
                    _ => {}
                }
            }
            b.look_up(&format!("register-{at}"), &keys, &gives);
        }
        b.weigh_look_ups();
        let mut step = b.step("review", Actor::Officer);
        for field in &fields {
            if dice.chance(55) {
                step = step.reads(*field);
            }
        }
        b.build()
    }

    /// What is asked, by weight.
    fn asked(plan: &Plan) -> u64 {
        let scenario = Scenario::resolve(plan, &plan.reference);
        let apply = plan.find_step("apply").unwrap();
        let form = scenario.form(apply).iter();
        form.map(|asked| plan.field(asked.field).weight()).sum()
    }

    #[test]
    fn no_more_is_asked_than_with_every_look_up_and_than_with_none() {
        let (mut better_than_all, mut better_than_none) = (0, 0);
        for seed in 0..3_000 {
            let plan = subject(seed);
            let mut all = plan.clone();
            for step in &mut all.steps {
                if let Actor::LookUp(look_up) = &mut step.actor {
                    look_up.always = true;
                }
            }
            let mut none = plan.clone();
            none.fields
                .iter_mut()
                .for_each(|field| field.lookups.clear());
            let (weighed, all, none) = (asked(&plan), asked(&all), asked(&none));
            assert!(weighed <= all, "seed {seed}: {weighed}, {all} with all");
            assert!(weighed <= none, "seed {seed}: {weighed}, {none} with none");
            better_than_all += usize::from(weighed < all);
            better_than_none += usize::from(weighed < none);
        }
        assert!(better_than_all > 300, "{better_than_all}");
        assert!(better_than_none > 300, "{better_than_none}");
    }

    #[test]
    fn what_is_not_made_says_what_it_would_ask_for() {
        let (mut told, mut circles) = (0, 0);
        for seed in 0..3_000 {
            let plan = subject(seed);
            let scenario = Scenario::resolve(&plan, &plan.reference);
            for spared in scenario.spared() {
                assert!(!scenario.is_active(spared.look_up), "seed {seed}");
                let weight = |fields: &[FieldIx]| -> u64 {
                    fields.iter().map(|field| plan.field(*field).weight()).sum()
                };
                assert!(!spared.asks.is_empty(), "seed {seed}");
                told += 1;
                circles += usize::from(weight(&spared.asks) < weight(&spared.saves));
            }
        }
        // Only where registries give each other's keys is it less simple.
        assert!(told > 500 && circles * 50 < told, "{circles} of {told}");
    }

    #[test]
    fn a_name_is_not_worth_an_identity_number_but_a_document_is() {
        let mut b = PlanBuilder::new("manager");
        let [number, name, card] = ["number", "name", "card"].map(|field| {
            let field = b.field(field);
            b.plan_mut().fields[field.index()].sensitivity = Sensitivity::Personal;
            field
        });
        b.plan_mut().fields[card.index()].kind = FieldType::Document {
            accepts: Vec::new(),
            max_bytes: 1,
        };
        let register = b.look_up("register", &[number], &[name]);
        b.look_up("cards", &[number], &[card]);
        b.weigh_look_ups();
        b.step("review", Actor::Officer).reads(name);
        let mut plan = b.build();
        let form = |plan: &Plan| -> Vec<String> {
            let scenario = Scenario::resolve(plan, &plan.reference);
            let apply = plan.find_step("apply").unwrap();
            let form = scenario.form(apply).iter();
            form.map(|asked| plan.field(asked.field).path.field.to_string())
                .collect()
        };
        assert_eq!(form(&plan), ["name"]);
        let scenario = Scenario::resolve(&plan, &plan.reference);
        let spared = &scenario.spared()[0];
        assert_eq!(
            (spared.look_up, &spared.asks[..]),
            (register, &[number][..])
        );
        assert_eq!(spared.saves, [name]);
        // With the card, one number opens both.
        let review = plan.find_step("review").unwrap();
        let reads = &mut plan.steps[review.index()].reads;
        reads.push(crate::step::Read {
            field: card,
            optional: false,
            grant: None,
        });
        assert_eq!(form(&plan), ["number"]);
        // Or as a check that the definition wants.
        plan.steps[review.index()].reads.pop();
        if let Actor::LookUp(look_up) = &mut plan.steps[register.index()].actor {
            look_up.always = true;
        }
        assert_eq!(form(&plan), ["number"]);
    }
}
