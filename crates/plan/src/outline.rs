//! What a plan comes to for one set of answers, without its order: who takes
//! part, where each read comes from, what the forms ask.
//!
//! The order ([`crate::Scenario`]) costs most, since implied arrows are found
//! for each pair of steps. Whoever goes through all classes of answers and
//! asks for sources only, takes the outline.

use crate::condition::Answers;
use crate::index::{FieldIx, StepIx};
use crate::plan::Plan;
use crate::resolve::Resolver;
use crate::scenario::Source;
use crate::step::Actor;

/// A field of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormField {
    /// The field.
    pub field: FieldIx,
    /// Whether every reader can do without.
    pub optional: bool,
}

/// The part of a [`crate::Scenario`] that needs no order. All tables are by step number.
#[derive(Debug, Clone, Default)]
pub struct Outline {
    pub(crate) holds: Vec<bool>,
    pub(crate) active: Vec<bool>,
    /// Of all steps, the sources of one side by side.
    pub(crate) sources: Vec<(FieldIx, Source)>,
    /// Where in `sources` those of a step begin, and how many there are.
    pub(crate) spans: Vec<(u32, u32)>,
    pub(crate) forms: Vec<Vec<FormField>>,
}

impl Outline {
    /// Resolves a plan for these answers, without order: as good as linear in
    /// the plan's reads.
    #[must_use]
    pub fn resolve(plan: &Plan, answers: &Answers) -> Self {
        Resolver::settled(plan, answers, false).outline()
    }

    /// Whether a step is part of the case.
    #[must_use]
    pub fn is_active(&self, step: StepIx) -> bool {
        self.active.get(step.index()).copied().unwrap_or(false)
    }

    /// Whether the answers allow for a step, whether or not it is needed: a registry that is
    /// asked later, where a step makes its key, is another look-up than on the draft.
    #[must_use]
    pub fn allows(&self, step: StepIx) -> bool {
        self.holds.get(step.index()).copied().unwrap_or(false)
    }

    /// The steps that are part of the case, in topological order.
    pub fn steps(&self) -> impl Iterator<Item = StepIx> {
        let active = self.active.iter().enumerate();
        active
            .filter(|(_, active)| **active)
            .map(|(at, _)| StepIx::at(at))
    }

    /// Where a step's reads come from; a read that is absent has no source, nor has
    /// a step that is no part of the case.
    #[must_use]
    pub fn sources(&self, step: StepIx) -> &[(FieldIx, Source)] {
        let (from, count) = self.spans.get(step.index()).copied().unwrap_or_default();
        let all = from as usize..from as usize + count as usize;
        self.sources.get(all).unwrap_or(&[])
    }

    /// Where a step gets a field from in the end: where it is derived, the source of what it
    /// follows from. `None` where the step does not read it, or it is absent.
    #[must_use]
    pub fn origin(&self, step: StepIx, field: FieldIx) -> Option<(FieldIx, Source)> {
        let of = |wanted| {
            let mut sources = self.sources(step).iter();
            sources.find(|(known, _)| *known == wanted).copied()
        };
        match of(field)? {
            (_, Source::Derived(from)) => of(from),
            found => Some(found),
        }
    }

    /// The steps that make what a step cannot do without: where one of them is refused or not
    /// gone on with, nor is it. Of a look-up none: a registry that cannot be asked is skipped.
    /// A step stands as often as it makes something that is read.
    pub fn required(&self, plan: &Plan, step: StepIx) -> impl Iterator<Item = StepIx> {
        let item = plan.step(step);
        let falls = !matches!(item.actor, Actor::LookUp(_));
        let reads = item
            .reads
            .iter()
            .filter(move |read| falls && !read.optional);
        reads.filter_map(move |read| match self.origin(step, read.field)? {
            (_, Source::Step(from)) => Some(from),
            (_, Source::LookUp(_) | Source::Applicant(_) | Source::Derived(_)) => None,
        })
    }

    /// By field: whether a step of the case, or a look-up, reads it or what follows from it, be it
    /// there or absent. What applications ask on their own account is read by nobody else.
    #[must_use]
    pub fn read_by_steps(&self, plan: &Plan) -> Vec<bool> {
        let mut read = vec![false; plan.fields.len()];
        for step in self.steps() {
            let item = plan.step(step);
            if matches!(item.actor, Actor::Submission(_)) {
                continue;
            }
            for one in &item.reads {
                read[one.field.index()] = true;
                if let Some(derived) = plan.field(one.field).derived {
                    read[derived.from.index()] = true;
                }
            }
        }
        read
    }

    /// What the applicant fills in at a submission, or states in a step of their own,
    /// ordered by field. For a look-up: what is
    /// read of it, and so has to be asked of the applicant if the registry
    /// does not have it; its fallback, if it has one, lists the same but for what
    /// only other look-ups are asked with. Of any other step nothing.
    #[must_use]
    pub fn form(&self, node: StepIx) -> &[FormField] {
        self.forms.get(node.index()).map_or(&[], |form| form)
    }
}
