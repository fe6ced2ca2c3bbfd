//! What a design comes to for one set of answers, read off its sentences one by
//! one: who takes part, where each read comes from, what each form asks, what
//! comes before what.
//!
//! It shares no code with the compiler of plans or with the rules, only the
//! definition as it was parsed. It is slow and says everything twice. Two things
//! it is told ([`Told`]), for whether they are worth what they ask for is weighed in
//! `onething_plan` and tested there: which registries the case asks, and on which forms
//! something is asked for what follows from it. No registry here is asked with what is
//! derived.

use std::collections::{BTreeMap, BTreeSet};

use onething_definition::design::{
    Design, OrderKind, ProviderFact, Read, Registries, Setting, Step,
};
use onething_model::{FieldPath, StepKey};
use onething_plan::{Answer, Compare, Cond, Handled};

/// By question, in their order.
pub(crate) type Said = Vec<Option<Answer>>;

/// The registries that a case asks: registry, role, application.
pub(crate) type Asked = BTreeSet<(String, String, String)>;

/// What is weighed elsewhere.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) registries: Asked,
    /// Applications, with what the applicant gives there and something follows from.
    pub(crate) given: BTreeSet<(String, FieldPath)>,
}

/// Where a read comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    /// A step that takes part, by position.
    Step(usize),
    /// A registry.
    Registry,
    /// The applicant, on a form.
    Form,
    /// Nobody: the step does without.
    Nowhere,
}

/// One way of handling for one set of answers.
pub(crate) struct Case<'a> {
    pub(crate) setting: &'a Setting,
    pub(crate) design: &'a Design,
    /// Steps that take part.
    pub(crate) active: Vec<bool>,
    /// Applications that are handed in.
    pub(crate) open: Vec<bool>,
    /// By application.
    pub(crate) asked: Vec<BTreeSet<FieldPath>>,
    told: &'a Told,
    from: BTreeMap<(usize, FieldPath), From>,
    /// Active steps that come before a step, directly or not.
    above: Vec<BTreeSet<usize>>,
}

/// A condition, sentence by sentence.
pub(crate) fn holds(cond: &Cond, said: &Said) -> bool {
    let answer = |question: onething_plan::QuestionIx| said[question.index()].as_ref();
    match cond {
        Cond::Always => true,
        Cond::Never => false,
        Cond::Not(inner) => !holds(inner, said),
        Cond::All(all) => all.iter().all(|cond| holds(cond, said)),
        Cond::Any(any) => any.iter().any(|cond| holds(cond, said)),
        Cond::In(question, values) => {
            answer(*question).is_some_and(|given| values.iter().any(|value| value == given))
        }
        Cond::Compare(question, compare, value) => {
            let Some(given) = answer(*question) else {
                return false;
            };
            match (given, value) {
                (Answer::Number(given), Answer::Number(value)) => match compare {
                    Compare::Equal => given == value,
                    Compare::NotEqual => given != value,
                    Compare::Less => given < value,
                    Compare::AtMost => given <= value,
                    Compare::Greater => given > value,
                    Compare::AtLeast => given >= value,
                },
                (given, value) => match compare {
                    Compare::Equal => given == value,
                    Compare::NotEqual => given != value,
                    other => panic!("{other:?} of {given:?} and {value:?}"),
                },
            }
        }
    }
}

impl<'a> Case<'a> {
    pub(crate) fn of(
        setting: &'a Setting,
        design: &'a Design,
        said: &Said,
        told: &'a Told,
    ) -> Self {
        let of_matter = |key: Option<&onething_model::MatterKey>| {
            key.is_none_or(|key| holds(&setting.matter(key).unwrap().when, said))
        };
        let active: Vec<bool> = design
            .steps
            .iter()
            .map(|step| of_matter(step.matter.as_ref()) && holds(&step.when, said))
            .collect();
        // Where nothing follows nothing is accepted.
        let open = (0..design.intakes.len()).map(|at| {
            let steps = design.steps.iter().zip(&active);
            let mut steps = steps.filter(|(step, _)| step.intake == at);
            steps.any(|(_, active)| *active)
        });
        let open: Vec<bool> = open.collect();
        let mut case = Self {
            setting,
            design,
            asked: vec![BTreeSet::new(); design.intakes.len()],
            open,
            active,
            told,
            from: BTreeMap::new(),
            above: vec![BTreeSet::new(); design.steps.len()],
        };
        let made: Vec<LookUp<'a>> = case.look_ups(&told.registries);
        case.sources(&made);
        for step in 0..design.steps.len() {
            let above = if case.active[step] {
                case.all_before(step, &made)
            } else {
                BTreeSet::new()
            };
            case.above[step] = above;
        }
        case
    }

    pub(crate) fn step(&self, at: usize) -> &'a Step {
        &self.design.steps[at]
    }

    /// The steps that take part.
    pub(crate) fn steps(&self) -> impl Iterator<Item = (usize, &'a Step)> {
        let steps = self.design.steps.iter().enumerate();
        steps.filter(|(at, _)| self.active[*at])
    }

    /// The step that does the work of this name, if it takes part.
    pub(crate) fn doing(&self, key: &StepKey) -> Option<usize> {
        let mut steps = self.steps();
        let found = steps.find(|(_, step)| step.key == *key || step.merges.contains(key));
        found.map(|(at, _)| at)
    }

    pub(crate) fn comes_from(&self, step: usize, field: &FieldPath) -> Option<From> {
        self.from.get(&(step, field.clone())).copied()
    }

    pub(crate) fn precedes(&self, one: usize, two: usize) -> bool {
        self.above[two].contains(&one)
    }

    /// Whether a registry is asked about this role, by any application.
    pub(crate) fn asks(&self, provider: &ProviderFact) -> bool {
        let mut asked = self.told.registries.iter();
        asked.any(|(registry, role, _)| {
            *registry == *provider.registry.as_str() && *role == *provider.role.as_str()
        })
    }

    /// What active steps make.
    pub(crate) fn made(&self) -> BTreeSet<&'a FieldPath> {
        self.steps().flat_map(|(_, step)| &step.writes).collect()
    }

    pub(crate) fn visits(&self) -> u32 {
        let of_steps: u32 = self.steps().map(|(_, step)| step.visits).sum();
        let intakes = self.design.intakes.iter().zip(&self.open);
        let open = intakes.filter(|(_, open)| **open);
        of_steps + open.map(|(intake, _)| intake.visits).sum::<u32>()
    }

    pub(crate) fn appointments(&self) -> usize {
        self.steps().filter(|(_, step)| step.attended).count()
    }

    /// How many fields the forms ask for, and how many of them are papers.
    pub(crate) fn burden(&self) -> (usize, usize) {
        let all = || self.asked.iter().flatten();
        let paper = |field: &&FieldPath| self.setting.field(field).unwrap().material;
        (all().count(), all().filter(paper).count())
    }

    /// What a field follows from, where this way derives anything.
    pub(crate) fn follows_from(&self, field: &FieldPath) -> Option<&'a FieldPath> {
        let mut derived = self.setting.derived.iter();
        let found = derived.find(|(follows, _)| follows == field);
        let derives = self.design.fetched != Registries::None;
        found.map(|(_, from)| from).filter(|_| derives)
    }

    /// What somebody who reads a field there is given in its place, by whoever gives it:
    /// the field itself, or what it follows from.
    fn stands_for(
        &self,
        intake: usize,
        field: &FieldPath,
        from: impl Fn(&FieldPath) -> From,
    ) -> FieldPath {
        let Some(source) = self.follows_from(field) else {
            return field.clone();
        };
        let key = self.design.intakes[intake].key.to_string();
        let follows = match from(source) {
            From::Step(_) | From::Registry => true,
            From::Form | From::Nowhere => self.told.given.contains(&(key, source.clone())),
        };
        if follows {
            source.clone()
        } else {
            field.clone()
        }
    }

    fn apart(&self) -> bool {
        self.design.handled == Handled::Apart
    }

    /// Whether what one step makes is at hand for another.
    fn shares(&self, one: usize, other: usize) -> bool {
        !self.apart() || self.step(one).intake == self.step(other).intake
    }

    /// Applications that come before an application, directly or not.
    fn intakes_before(&self, intake: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for order in &self.design.intakes[intake].after {
            found.insert(order.intake);
            found.extend(self.intakes_before(order.intake));
        }
        found
    }

    /// A step of an earlier matter makes it: the applicant carries it here.
    pub(crate) fn carried(&self, intake: usize, field: &FieldPath) -> Vec<usize> {
        if !self.apart() {
            return Vec::new();
        }
        let earlier = self.intakes_before(intake);
        let steps = self.steps();
        steps
            .filter(|(_, step)| earlier.contains(&step.intake) && step.writes.contains(field))
            .map(|(at, _)| at)
            .collect()
    }

    fn look_ups(&self, registries: &Asked) -> Vec<LookUp<'a>> {
        let mut found = Vec::new();
        for provider in &self.setting.providers {
            for (at, intake) in self.design.intakes.iter().enumerate() {
                let name = (
                    provider.registry.to_string(),
                    provider.role.to_string(),
                    intake.key.to_string(),
                );
                if !registries.contains(&name) {
                    continue;
                }
                // Its keys are there only when a step of the case has made them.
                let mut steps = self.steps().filter(|(_, step)| step.intake == at);
                let late = steps.any(|(_, step)| {
                    let mut keys = provider.with.iter();
                    keys.any(|key| step.writes.contains(key))
                });
                found.push(LookUp {
                    provider,
                    intake: at,
                    late,
                    waits_for: BTreeSet::new(),
                });
            }
        }
        for look_up in &mut found {
            look_up.waits_for = self.above_look_up(look_up);
        }
        found
    }

    /// Steps that a late look-up has to wait for, whatever the answers.
    fn above_look_up(&self, look_up: &LookUp<'_>) -> BTreeSet<usize> {
        let steps = &self.design.steps;
        let mut above = BTreeSet::new();
        let mut open: Vec<usize> = Vec::new();
        if look_up.late {
            let makes = |at: &usize| {
                let step = &steps[*at];
                let mut keys = look_up.provider.with.iter();
                step.intake == look_up.intake && keys.any(|key| step.writes.contains(key))
            };
            open.extend((0..steps.len()).filter(makes));
        }
        while let Some(at) = open.pop() {
            if !above.insert(at) {
                continue;
            }
            for order in &steps[at].after {
                open.extend(steps.iter().position(|step| step.key == order.step));
            }
            for read in &steps[at].reads {
                let source = self.follows_from(&read.field);
                let makes = |from: &usize| {
                    let writes = &steps[*from].writes;
                    let made = writes.contains(&read.field)
                        || source.is_some_and(|source| writes.contains(source));
                    *from != at && self.shares(*from, at) && made
                };
                open.extend((0..steps.len()).filter(makes));
            }
        }
        above
    }

    fn sources(&mut self, look_ups: &[LookUp<'a>]) {
        for at in 0..self.design.steps.len() {
            if !self.active[at] {
                continue;
            }
            let step = self.step(at);
            for read in &step.reads {
                let source = |field: &FieldPath| self.source(at, field, read.optional, look_ups);
                let given = self.stands_for(step.intake, &read.field, source);
                let from = source(&given);
                self.from.insert((at, read.field.clone()), from);
                if from == From::Form {
                    self.asked[step.intake].insert(given);
                }
            }
        }
        for look_up in look_ups {
            for key in &look_up.provider.with {
                if self.key_source(look_up, key, look_ups) == From::Form {
                    self.asked[look_up.intake].insert(key.clone());
                }
            }
        }
        for (at, intake) in self.design.intakes.iter().enumerate() {
            if !self.open[at] {
                continue;
            }
            for ask in &intake.asks {
                let source = |field: &FieldPath| {
                    let made_for_all = !self.apart() && self.made().contains(field) && ask.optional;
                    let carried = !self.carried(at, field).is_empty();
                    let mut held = look_ups.iter();
                    let held = held.any(|look_up| {
                        look_up.intake == at && !look_up.late && look_up.gives(field)
                    });
                    let later = ask.optional && self.brought_later(at, field, look_ups);
                    match (made_for_all || later, held && !carried) {
                        (true, _) => From::Nowhere,
                        (false, true) => From::Registry,
                        (false, false) => From::Form,
                    }
                };
                let given = self.stands_for(at, &ask.field, source);
                if source(&given) == From::Form {
                    self.asked[at].insert(given);
                }
            }
        }
    }

    fn source(
        &self,
        at: usize,
        field: &FieldPath,
        optional: bool,
        look_ups: &[LookUp<'_>],
    ) -> From {
        let intake = self.step(at).intake;
        let mut steps = self.steps();
        let maker = steps.find(|(from, step)| {
            *from != at && self.shares(*from, at) && step.writes.contains(field)
        });
        if let Some((from, _)) = maker {
            return From::Step(from);
        }
        let carried = !self.carried(intake, field).is_empty();
        let held = look_ups.iter().any(|look_up| {
            look_up.intake == intake && look_up.gives(field) && !look_up.waits_for.contains(&at)
        });
        if held && !carried {
            return From::Registry;
        }
        if optional && self.brought_later(intake, field, look_ups) {
            return From::Nowhere;
        }
        // Only steps make it, and none of them takes part, or only when it is too late to
        // carry it here: who can do without, does.
        let makers = self.design.steps.iter().zip(&self.active);
        let mut makers = makers.filter(|(step, _)| step.writes.contains(field));
        let earlier = self.intakes_before(intake);
        let in_time =
            |step: &Step| !self.apart() || step.intake == intake || earlier.contains(&step.intake);
        let on_form = self.design.intakes[intake].asks.iter();
        let on_form = on_form.map(|ask| &ask.field).any(|ask| ask == field);
        if optional
            && !on_form
            && makers.clone().next().is_some()
            && !makers.any(|(step, active)| *active && in_time(step))
        {
            return From::Nowhere;
        }
        From::Form
    }

    /// Whether a registry that is asked after an application is asked for a field there.
    fn brought_later(&self, intake: usize, field: &FieldPath, look_ups: &[LookUp<'_>]) -> bool {
        let of_intake = |look_up: &&LookUp<'_>| look_up.late && look_up.intake == intake;
        let mut look_ups = look_ups.iter().filter(of_intake);
        look_ups.any(|look_up| {
            let mut readers = self.steps().filter(|(_, step)| step.intake == intake);
            let reads =
                |read: &Read| read.field == *field || self.follows_from(&read.field) == Some(field);
            look_up.gives(field)
                && readers.any(|(at, step)| {
                    !look_up.waits_for.contains(&at) && step.reads.iter().any(reads)
                })
        })
    }

    fn key_source(&self, look_up: &LookUp<'_>, key: &FieldPath, look_ups: &[LookUp<'_>]) -> From {
        if look_up.late {
            let mut steps = self.steps();
            let maker = steps.find(|(_, step)| {
                let at_hand = !self.apart() || step.intake == look_up.intake;
                at_hand && step.writes.contains(key)
            });
            if let Some((from, _)) = maker {
                return From::Step(from);
            }
        }
        let mut others = look_ups.iter();
        let held = others.any(|other| {
            other.intake == look_up.intake
                && !std::ptr::eq(other.provider, look_up.provider)
                && other.gives(key)
        });
        if held { From::Registry } else { From::Form }
    }

    /// The active steps that come before a step, walked back one by one.
    fn all_before(&self, step: usize, look_ups: &[LookUp<'_>]) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut open = self.just_before(step, look_ups);
        while let Some(at) = open.pop() {
            if found.insert(at) {
                open.extend(self.just_before(at, look_ups));
            }
        }
        found
    }

    fn just_before(&self, at: usize, look_ups: &[LookUp<'_>]) -> Vec<usize> {
        let step = self.step(at);
        let mut found = Vec::new();
        for order in &step.after {
            found.extend(self.standing_in(&order.step, &mut BTreeSet::new()));
        }
        for read in &step.reads {
            match self.comes_from(at, &read.field) {
                Some(From::Step(from)) => found.push(from),
                Some(From::Registry) => {
                    // What is derived has no registry of its own.
                    let given = self.follows_from(&read.field).unwrap_or(&read.field);
                    let giving = look_ups
                        .iter()
                        .filter(|look_up| look_up.intake == step.intake && look_up.gives(given));
                    // Where one that waits for nobody gives it, nobody is waited for.
                    if giving.clone().all(|look_up| look_up.late) {
                        for look_up in giving {
                            for key in &look_up.provider.with {
                                if let From::Step(from) = self.key_source(look_up, key, look_ups) {
                                    found.push(from);
                                }
                            }
                        }
                    }
                }
                Some(From::Form | From::Nowhere) | None => {}
            }
        }
        found.extend(self.before_intake(step.intake));
        found
    }

    /// What comes before an application: earlier matters, and what is carried from them.
    fn before_intake(&self, intake: usize) -> Vec<usize> {
        let mut found = Vec::new();
        for earlier in self.intakes_before(intake) {
            let steps = self.design.steps.iter();
            for step in steps.filter(|step| step.intake == earlier) {
                found.extend(self.standing_in(&step.key, &mut BTreeSet::new()));
            }
        }
        for field in &self.asked[intake] {
            found.extend(self.carried(intake, field));
        }
        found
    }

    /// A step if it takes part, else what it comes after.
    fn standing_in(&self, key: &StepKey, seen: &mut BTreeSet<StepKey>) -> Vec<usize> {
        if !seen.insert(key.clone()) {
            return Vec::new();
        }
        let mut steps = self.design.steps.iter();
        let Some(at) = steps.position(|step| step.key == *key) else {
            return Vec::new();
        };
        if self.active[at] {
            return vec![at];
        }
        let orders = self.step(at).after.iter();
        orders
            .flat_map(|order| self.standing_in(&order.step, seen))
            .collect()
    }
}

/// Orders that a law demands, by the names of the steps.
pub(crate) fn lawful(design: &Design) -> Vec<(&StepKey, &StepKey)> {
    let mut found = Vec::new();
    for step in &design.steps {
        for order in &step.after {
            if order.kind == OrderKind::Law {
                found.push((&order.step, &step.key));
            }
        }
    }
    found
}

struct LookUp<'a> {
    provider: &'a ProviderFact,
    intake: usize,
    /// After the application, for a step makes what it asks by.
    late: bool,
    waits_for: BTreeSet<usize>,
}

impl LookUp<'_> {
    fn gives(&self, field: &FieldPath) -> bool {
        self.provider.gives.contains(field)
    }
}
