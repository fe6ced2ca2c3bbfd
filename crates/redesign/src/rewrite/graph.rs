//! What comes before what in a design, whatever the answers: data, what is
//! looked up by it, and stated orders.

use std::collections::{BTreeMap, BTreeSet};

use onething_definition::design::{Design, Order, OrderKind, ProviderFact, Setting, Step};
use onething_model::{FieldPath, StepKey};
use onething_plan::{Cond, Handled};

/// Direct neighbours and reachability of a design's steps, by position.
pub(super) struct Graph {
    pub(super) before: Vec<BTreeSet<usize>>,
    pub(super) after: Vec<BTreeSet<usize>>,
    /// Arrows with a look-up in between: the earlier makes what identifies the
    /// subject, the later reads what the registry gives.
    fetched: BTreeSet<(usize, usize)>,
    above: Reach,
}

impl Graph {
    /// Data, look-ups and the orders of these kinds.
    pub(super) fn of(setting: &Setting, design: &Design, kinds: &[OrderKind]) -> Self {
        Self::with(setting, design, |_, order| kinds.contains(&order.kind))
    }

    /// Data, look-ups and the orders that `keep` keeps, by the position of the later step.
    pub(super) fn with(
        setting: &Setting,
        design: &Design,
        keep: impl Fn(usize, &Order) -> bool,
    ) -> Self {
        let at = positions(design);
        let mut makers: BTreeMap<&FieldPath, Vec<usize>> = BTreeMap::new();
        for (at, step) in design.steps.iter().enumerate() {
            for field in &step.writes {
                makers.entry(field).or_default().push(at);
            }
        }
        let mut before = vec![BTreeSet::new(); design.steps.len()];
        for (to, step) in design.steps.iter().enumerate() {
            for read in &step.reads {
                let from = makers.get(&read.field).into_iter().flatten();
                before[to].extend(from.copied().filter(|from| *from != to));
            }
            for order in step.after.iter().filter(|order| keep(to, order)) {
                before[to].extend(at.get(&order.step).copied().filter(|from| *from != to));
            }
        }
        let mut above = Reach::of(&before);
        let mut fetched = BTreeSet::new();
        let by_look_up = by_look_up(setting, design, &makers);
        for (to, step) in design.steps.iter().enumerate() {
            for read in &step.reads {
                for from in by_look_up.get(&read.field).into_iter().flatten() {
                    // A look-up that would have to wait for its reader is not made for it.
                    if *from != to && !above.has(*from, to) {
                        fetched.insert((*from, to));
                    }
                }
            }
        }
        if !fetched.is_empty() {
            for (from, to) in &fetched {
                before[*to].insert(*from);
            }
            above = Reach::of(&before);
        }
        let follows = by_derivation(setting, design, &makers, &above);
        if !follows.is_empty() {
            for (from, to) in follows {
                before[to].insert(from);
            }
            above = Reach::of(&before);
        }
        let mut after = vec![BTreeSet::new(); before.len()];
        for (to, list) in before.iter().enumerate() {
            for from in list {
                after[*from].insert(to);
            }
        }
        Self {
            before,
            after,
            fetched,
            above,
        }
    }

    /// Whether `one` has to come before `other`.
    pub(super) fn precedes(&self, one: usize, other: usize) -> bool {
        self.above.has(other, one)
    }

    /// What comes before what, to be added to.
    pub(super) fn into_above(self) -> Reach {
        self.above
    }

    /// What comes before what for certain, whenever both take part: by an arrow of
    /// its own, or through steps that always do. What is looked up in between
    /// counts for nothing, for not every case looks it up.
    pub(super) fn above_through(&self, always: &[bool]) -> Reach {
        let mut reach = Reach::none(self.before.len());
        // Earlier first, so that what a step is reached by is complete.
        let mut order: Vec<usize> = (0..self.before.len()).collect();
        order.sort_by_key(|at| self.all_before(*at).count());
        for to in order {
            for from in &self.before[to] {
                if !self.fetched.contains(&(*from, to)) {
                    reach.add_through(to, *from, always);
                }
            }
        }
        reach
    }

    /// Whether a look-up lies between two steps.
    pub(super) fn looks_up_between(&self, one: usize, other: usize) -> bool {
        self.fetched.contains(&(one, other))
    }

    /// What comes before a step, directly or not.
    pub(super) fn all_before(&self, step: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.before.len()).filter(move |other| self.above.has(step, *other))
    }

    /// Adds to `reached` a step and all that come after it.
    pub(super) fn reach_from(&self, step: usize, reached: &mut [bool]) {
        let mut open = vec![step];
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut reached[at], true) {
                open.extend(self.after[at].iter().copied());
            }
        }
    }
}

/// By step: whether it always takes part.
pub(super) fn always(setting: &Setting, design: &Design) -> Vec<bool> {
    let always = |step: &Step| {
        let matter = step.matter.as_ref().and_then(|key| setting.matter(key));
        step.when == Cond::Always && matter.is_none_or(|matter| matter.when == Cond::Always)
    };
    design.steps.iter().map(always).collect()
}

/// Orders that stand on something.
pub(super) const NEEDED: [OrderKind; 2] = [OrderKind::Law, OrderKind::KnockOut];

/// Orders of every kind.
pub(super) const ALL: [OrderKind; 3] = [OrderKind::Law, OrderKind::KnockOut, OrderKind::Habit];

/// The position of each step by name.
pub(super) fn positions(design: &Design) -> BTreeMap<&StepKey, usize> {
    let steps = design.steps.iter().enumerate();
    steps.map(|(at, step)| (&step.key, at)).collect()
}

/// Who makes what something follows from, and who reads what follows, unless the maker
/// has to wait for the reader.
fn by_derivation(
    setting: &Setting,
    design: &Design,
    makers: &BTreeMap<&FieldPath, Vec<usize>>,
    above: &Reach,
) -> BTreeSet<(usize, usize)> {
    let sources: BTreeMap<&FieldPath, &FieldPath> = setting
        .derived
        .iter()
        .filter(|_| design.fetched.derives())
        .map(|(field, from)| (field, from))
        .collect();
    let mut found = BTreeSet::new();
    for (to, step) in design.steps.iter().enumerate() {
        let from = step
            .reads
            .iter()
            .filter_map(|read| sources.get(&read.field));
        for maker in from.filter_map(|from| makers.get(*from)).flatten() {
            if *maker != to && !above.has(*maker, to) {
                found.insert((*maker, to));
            }
        }
    }
    found
}

/// By field that registries give: the steps that make what identifies its
/// subject to them, one registry after another.
fn by_look_up<'a>(
    setting: &'a Setting,
    design: &Design,
    makers: &BTreeMap<&FieldPath, Vec<usize>>,
) -> BTreeMap<&'a FieldPath, BTreeSet<usize>> {
    let mut found: BTreeMap<&FieldPath, BTreeSet<usize>> = BTreeMap::new();
    let providers = setting.providers.iter();
    let providers: Vec<&ProviderFact> = providers
        .filter(|provider| design.fetched.allows(provider.registry.as_str()))
        .collect();
    loop {
        let mut more = false;
        for provider in &providers {
            let made = provider.with.iter().filter_map(|key| makers.get(key));
            let mut from: BTreeSet<usize> = made.flatten().copied().collect();
            from.extend(
                provider
                    .with
                    .iter()
                    .filter_map(|key| found.get(key))
                    .flatten(),
            );
            for field in provider.gives.iter().filter(|_| !from.is_empty()) {
                let known = found.entry(field).or_default();
                let count = known.len();
                known.extend(&from);
                more |= known.len() > count;
            }
        }
        if !more {
            return found;
        }
    }
}

/// The registries that are asked: they may be, and have something that a step or
/// a form wants, or what another one is asked by.
pub(super) fn asked<'a>(setting: &'a Setting, design: &'a Design) -> Vec<&'a ProviderFact> {
    let mut wanted = read_by_steps(design);
    let asks = design.intakes.iter().flat_map(|intake| &intake.asks);
    wanted.extend(asks.map(|ask| &ask.field));
    let mut open: Vec<&ProviderFact> = setting
        .providers
        .iter()
        .filter(|provider| design.fetched.allows(provider.registry.as_str()))
        .collect();
    let mut asked = Vec::new();
    loop {
        if design.fetched.derives() {
            with_sources(setting, &mut wanted);
        }
        let wants = |provider: &&ProviderFact| {
            let mut gives = provider.gives.iter();
            gives.any(|field| wanted.contains(field))
        };
        let (useful, idle): (Vec<&ProviderFact>, Vec<&ProviderFact>) =
            open.into_iter().partition(wants);
        if useful.is_empty() {
            return asked;
        }
        wanted.extend(useful.iter().flat_map(|provider| &provider.with));
        asked.extend(useful);
        open = idle;
    }
}

/// Adds what wanted fields follow from: where that is known, they are.
pub(super) fn with_sources<'a>(setting: &'a Setting, wanted: &mut BTreeSet<&'a FieldPath>) {
    let derived = setting.derived.iter();
    let sources = derived.filter(|(field, _)| wanted.contains(field));
    let sources: Vec<&FieldPath> = sources.map(|(_, from)| from).collect();
    wanted.extend(sources);
}

/// Which come before which, directly or not: a bit for each pair.
pub(super) struct Reach {
    words: usize,
    bits: Vec<u64>,
}

impl Reach {
    pub(super) fn none(count: usize) -> Self {
        let words = count.div_ceil(64);
        Self {
            words,
            bits: vec![0; words * count],
        }
    }

    fn of(before: &[BTreeSet<usize>]) -> Self {
        let count = before.len();
        let mut all = Self::none(count);
        let mut waits: Vec<usize> = before.iter().map(BTreeSet::len).collect();
        let mut after: Vec<Vec<usize>> = vec![Vec::new(); count];
        for (to, list) in before.iter().enumerate() {
            for from in list {
                after[*from].push(to);
            }
        }
        let mut ready: Vec<usize> = (0..count).filter(|at| waits[*at] == 0).collect();
        while let Some(from) = ready.pop() {
            for to in &after[from] {
                all.add(*to, from);
                waits[*to] -= 1;
                if waits[*to] == 0 {
                    ready.push(*to);
                }
            }
        }
        // What is left waits for itself. No such design compiles, but a rule
        // may look at one on the way.
        let mut more = true;
        while more {
            more = false;
            for to in (0..count).filter(|to| waits[*to] > 0) {
                for from in &before[to] {
                    more |= all.add(to, *from);
                }
            }
        }
        all
    }

    /// Puts all that comes before one step before another.
    pub(super) fn add_all(&mut self, to: usize, from: usize) {
        for word in 0..self.words {
            self.bits[to * self.words + word] |= self.bits[from * self.words + word];
        }
    }

    /// The same of what comes before it by `other`.
    pub(super) fn add_of(&mut self, to: usize, other: &Self, from: usize) {
        for word in 0..self.words {
            self.bits[to * self.words + word] |= other.bits[from * self.words + word];
        }
    }

    /// Puts a step and all before it before another; whether that was new.
    pub(super) fn add(&mut self, to: usize, from: usize) -> bool {
        let mut more = false;
        for word in 0..self.words {
            let own = u64::from(word == from / 64) << (from % 64);
            let new = self.bits[from * self.words + word] | own;
            let known = &mut self.bits[to * self.words + word];
            more |= new & !*known != 0;
            *known |= new;
        }
        more
    }

    /// Of steps that are to come before `to`, those that nothing known implies, nor
    /// another of them that always takes part.
    pub(super) fn last_of(&self, to: usize, earlier: &[usize], always: &[bool]) -> Vec<usize> {
        let implied = |from: &usize| {
            let mut others = earlier.iter().filter(|other| always[**other]);
            self.has(to, *from) || others.any(|other| self.has(*other, *from))
        };
        let mut last = earlier.to_vec();
        last.retain(|from| !implied(from));
        last
    }

    /// Puts steps before another, and so before all that come after that. None of
    /// them may come after it.
    pub(super) fn join(&mut self, to: usize, earlier: &[usize]) {
        let mut more = false;
        for from in earlier {
            more |= self.add(to, *from);
        }
        if more {
            let count = self.bits.len() / self.words.max(1);
            for later in (0..count)
                .filter(|later| self.has(*later, to))
                .collect::<Vec<_>>()
            {
                self.add(later, to);
            }
        }
    }

    /// As [`join`](Self::join), where a step passes an order on only if it always takes part.
    pub(super) fn join_through(&mut self, to: usize, earlier: &[usize], always: &[bool]) {
        for from in earlier {
            self.add_through(to, *from, always);
        }
        if always[to] {
            let count = always.len();
            for later in (0..count)
                .filter(|later| self.has(*later, to))
                .collect::<Vec<_>>()
            {
                self.add(later, to);
            }
        }
    }

    fn add_through(&mut self, to: usize, from: usize, always: &[bool]) {
        if always[from] {
            self.add(to, from);
        } else {
            self.bits[to * self.words + from / 64] |= 1 << (from % 64);
        }
    }

    /// Whether `other` comes before `of`.
    pub(super) fn has(&self, of: usize, other: usize) -> bool {
        self.bits[of * self.words + other / 64] >> (other % 64) & 1 == 1
    }
}

/// Fields that some step reads.
pub(super) fn read_by_steps(design: &Design) -> BTreeSet<&FieldPath> {
    design
        .steps
        .iter()
        .flat_map(|step| step.reads.iter().map(|read| &read.field))
        .collect()
}

/// Fields that some step makes.
pub(super) fn made_by_steps(design: &Design) -> BTreeSet<&FieldPath> {
    design.steps.iter().flat_map(|step| &step.writes).collect()
}

/// Takes a step out; what came after it comes after what it came after, be that
/// stated or for the data it read.
pub(super) fn remove_step(design: &mut Design, key: &StepKey) {
    let Some(at) = design.steps.iter().position(|step| step.key == *key) else {
        return;
    };
    let gone = design.steps.remove(at);
    for inspection in &mut design.joint_inspections {
        inspection.steps.retain(|step| step != key);
    }
    design
        .joint_inspections
        .retain(|inspection| !inspection.steps.is_empty());
    let makers: Vec<StepKey> = design
        .steps
        .iter()
        .filter(|step| {
            let mut reads = gone.reads.iter();
            reads.any(|read| step.writes.contains(&read.field))
        })
        .filter(|step| design.handled == Handled::Together || step.intake == gone.intake)
        .map(|step| step.key.clone())
        .collect();
    for step in &mut design.steps {
        step.separate_from.retain(|other| other != key);
        let passed = step.after.iter().find(|order| order.step == *key);
        let Some(passed) = passed.cloned() else {
            continue;
        };
        step.after.retain(|order| order.step != *key);
        // Habit after law is habit: an order is passed on as the weaker of the two.
        let stated = gone.after.iter().map(|order| {
            let law = passed.kind == OrderKind::Law && order.kind == OrderKind::Law;
            Order {
                basis: order.basis.clone().filter(|_| law),
                kind: if law { order.kind } else { OrderKind::Habit },
                ..order.clone()
            }
        });
        let by_data = makers.iter().map(|maker| Order {
            step: maker.clone(),
            because: passed.because.clone(),
            basis: None,
            kind: OrderKind::Habit,
        });
        for order in stated.chain(by_data) {
            let known = step.after.iter().any(|known| known.step == order.step);
            if !known && order.step != step.key {
                step.after.push(order);
            }
        }
    }
}
