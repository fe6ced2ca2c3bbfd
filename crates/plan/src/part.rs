//! The part of a plan that decides where some of its fields come from.
//!
//! Whoever goes through thousands of sets of answers and asks about a few fields
//! need not resolve every read of every step each time.

use crate::index::{FieldIx, RoleIx};
use crate::plan::Plan;
use crate::step::Actor;

impl Plan {
    /// The plan with all its steps, of which the reads are left that have a bearing on
    /// where these fields come from: of the fields themselves, and of those that they
    /// hang together with (see below).
    ///
    /// For the same answers an [`Outline`](crate::Outline) of it has the same written
    /// steps, and of the fields that are left the same sources, the same places on forms
    /// and the same look-ups. All numbers are those of this plan. What else hangs on
    /// reads (order, what other fields come from) is not that of the plan.
    ///
    /// Fields hang together that look-ups about one subject are asked with or give, since
    /// look-ups are weighed against each other; and a derived field with what it follows
    /// from, since to read the one may be to read the other.
    #[must_use]
    pub fn about(&self, fields: impl IntoIterator<Item = FieldIx>) -> Self {
        let left = self.hanging_together(fields);
        let mut part = self.clone();
        for step in &mut part.steps {
            step.reads.retain(|read| left[read.field.index()]);
        }
        part
    }

    fn hanging_together(&self, fields: impl IntoIterator<Item = FieldIx>) -> Vec<bool> {
        // What look-ups about a subject are asked with and give; keys may be another's.
        let mut bundles: Vec<Vec<FieldIx>> = vec![Vec::new(); self.roles.len()];
        let mut bundles_of: Vec<Vec<RoleIx>> = vec![Vec::new(); self.fields.len()];
        for step in &self.steps {
            let Actor::LookUp(look_up) = &step.actor else {
                continue;
            };
            let reads = step.reads.iter().map(|read| read.field);
            let linked = reads.chain(look_up.keys.iter().chain(&step.writes).copied());
            for field in linked {
                bundles[look_up.role.index()].push(field);
                if !bundles_of[field.index()].contains(&look_up.role) {
                    bundles_of[field.index()].push(look_up.role);
                }
            }
        }
        // What follows from a field; a field follows from one at most.
        let mut following: Vec<Vec<FieldIx>> = vec![Vec::new(); self.fields.len()];
        for (at, field) in self.fields.iter().enumerate() {
            if let Some(derived) = field.derived {
                following[derived.from.index()].push(FieldIx::at(at));
            }
        }
        let mut left = vec![false; self.fields.len()];
        let mut open: Vec<FieldIx> = fields.into_iter().collect();
        while let Some(field) = open.pop() {
            if std::mem::replace(&mut left[field.index()], true) {
                continue;
            }
            for role in std::mem::take(&mut bundles_of[field.index()]) {
                open.append(&mut bundles[role.index()]);
            }
            open.extend(self.field(field).derived.map(|derived| derived.from));
            open.append(&mut following[field.index()]);
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outline::Outline;
    use crate::random::{self, Dice};
    use crate::scenario::Source;

    /// Against the whole plan, for random plans, answers and fields.
    #[test]
    fn a_part_tells_the_same_of_its_fields() {
        let (mut sources, mut dropped, mut fetched, mut weighed) = (0, 0, 0, 0);
        for seed in 0..4_000_u64 {
            let plan = random::plan(seed);
            let mut dice = Dice::new(!seed);
            let answers = random::answers(&plan, &mut dice);
            let count = 1 + dice.below(3);
            let about: Vec<FieldIx> = (0..count)
                .map(|_| FieldIx::at(dice.below(plan.fields.len())))
                .collect();
            let part = plan.about(about.iter().copied());
            let (whole, partly) = (
                Outline::resolve(&plan, &answers),
                Outline::resolve(&part, &answers),
            );
            let left = plan.hanging_together(about.iter().copied());
            assert!(about.iter().all(|field| left[field.index()]));
            let is_left = |field: &FieldIx| left[field.index()];
            for at in plan.step_numbers() {
                let step = plan.step(at);
                let told = |outline: &Outline| -> (Vec<_>, Vec<_>) {
                    let sources = outline.sources(at).iter();
                    let form = outline.form(at).iter();
                    (
                        sources
                            .filter(|(field, _)| is_left(field))
                            .copied()
                            .collect(),
                        form.filter(|asked| is_left(&asked.field))
                            .copied()
                            .collect(),
                    )
                };
                assert_eq!(told(&whole), told(&partly), "seed {seed}: {}", step.key);
                let same = whole.is_active(at) == partly.is_active(at);
                let decides = match &step.actor {
                    Actor::LookUp(_) => step.writes.iter().any(is_left),
                    Actor::Submission(_) => false,
                    Actor::System | Actor::Officer | Actor::Applicant | Actor::Outside => true,
                };
                assert!(same || !decides, "seed {seed}: {}", step.key);
                sources += told(&whole).0.len();
                dropped += step.reads.len() - part.step(at).reads.len();
                let look_ups = whole.sources(at).iter();
                fetched += look_ups
                    .filter(|(field, source)| is_left(field) && matches!(source, Source::LookUp(_)))
                    .count();
                weighed += usize::from(
                    matches!(&step.actor, Actor::LookUp(item) if !item.always)
                        && step.writes.iter().any(is_left),
                );
            }
            let applications = plan.applications();
            for application in applications.filter(|at| whole.is_active(*at)) {
                let written = plan.steps.iter().enumerate().any(|(at, step)| {
                    step.scope == application
                        && !matches!(step.actor, Actor::LookUp(_) | Actor::Submission(_))
                        && whole.is_active(crate::index::StepIx::at(at))
                });
                assert!(!written || partly.is_active(application), "seed {seed}");
            }
        }
        for (what, count) in [
            ("sources", sources),
            ("dropped", dropped),
            ("fetched", fetched),
            ("weighed", weighed),
        ] {
            assert!(count > 1_000, "{what}: {count}");
        }
    }
}
