//! What of a plan some answers bring: who takes part, what forms ask, what registries
//! are asked for. What no answers bring is hit by no change.

use std::collections::BTreeSet;

use onething_plan::{Actor, FieldIx, Outline, Plan, Source, StepIx};

use crate::classes::classes;

/// What a step needs that a registry is asked for on the draft, with the application that asks
/// for it where the registry has nothing. After the application a form of its own asks. What
/// another registry alone would have been asked with is asked of nobody.
pub(super) fn missed(
    plan: &Plan,
    outline: &Outline,
    step: StepIx,
) -> impl Iterator<Item = (StepIx, FieldIx)> {
    let asks_a_registry = matches!(plan.step(step).actor, Actor::LookUp(_));
    let sources = outline
        .sources(step)
        .iter()
        .filter(move |_| !asks_a_registry);
    sources.filter_map(|(field, source)| match source {
        Source::LookUp(look_up) => {
            let application = plan.step(*look_up).scope;
            let on_draft = plan.is_on_draft(*look_up, application);
            on_draft.then_some((application, *field))
        }
        Source::Step(_) | Source::Applicant(_) | Source::Derived(_) => None,
    })
}

/// The form that asks for what a look-up after the application had nothing of.
pub(super) fn fallback(plan: &Plan, look_up: StepIx) -> Option<StepIx> {
    match &plan.step(look_up).actor {
        Actor::LookUp(item) => item.fallback,
        Actor::Submission(_)
        | Actor::System
        | Actor::Officer
        | Actor::Applicant
        | Actor::Outside => None,
    }
}

/// What some answers bring, or everything where there are too many answers to look at.
pub(super) struct Taken {
    active: BTreeSet<StepIx>,
    /// The form of a submission, or what is read of a look-up; and the field.
    forms: BTreeSet<(StepIx, FieldIx)>,
    /// The application, and what is asked on it where a registry has nothing.
    missed: BTreeSet<(StepIx, FieldIx)>,
    /// Who has a field from which look-up.
    looked_up: BTreeSet<(StepIx, FieldIx, StepIx)>,
    /// Who has a field since it follows from another one.
    derived: BTreeSet<(StepIx, FieldIx)>,
    /// Whether all answers were looked at.
    all: bool,
}

impl Taken {
    pub(super) fn of(plan: &Plan) -> Self {
        let classes = classes(plan);
        let mut taken = Self {
            active: BTreeSet::new(),
            forms: BTreeSet::new(),
            missed: BTreeSet::new(),
            looked_up: BTreeSet::new(),
            derived: BTreeSet::new(),
            all: classes.exhaustive,
        };
        for answers in classes.scenarios(plan).filter(|_| classes.exhaustive) {
            taken.add(plan, &Outline::resolve(plan, answers));
        }
        taken
    }

    fn add(&mut self, plan: &Plan, outline: &Outline) {
        for step in outline.steps() {
            self.active.insert(step);
            let form = outline.form(step).iter();
            self.forms.extend(form.map(|asked| (step, asked.field)));
            for (field, source) in outline.sources(step) {
                match source {
                    Source::LookUp(look_up) => {
                        self.looked_up.insert((step, *field, *look_up));
                    }
                    Source::Derived(_) => {
                        self.derived.insert((step, *field));
                    }
                    Source::Step(_) | Source::Applicant(_) => {}
                }
            }
            self.missed.extend(missed(plan, outline, step));
        }
    }

    /// Whether a step takes part for some answers.
    pub(super) fn takes_part(&self, step: StepIx) -> bool {
        !self.all || self.active.contains(&step)
    }

    /// Whether a look-up gives a field for some answers.
    pub(super) fn gives(&self, look_up: StepIx, field: FieldIx) -> bool {
        !self.all || self.forms.contains(&(look_up, field))
    }

    /// Whether a step has a field from a look-up for some answers.
    pub(super) fn has_from(&self, step: StepIx, field: FieldIx, look_up: StepIx) -> bool {
        !self.all || self.looked_up.contains(&(step, field, look_up))
    }

    /// Whether a step has a field for some answers since it follows from another one.
    pub(super) fn follows(&self, step: StepIx, field: FieldIx) -> bool {
        !self.all || self.derived.contains(&(step, field))
    }

    /// Whether a form asks for a field for some answers, whatever registries have.
    pub(super) fn asks_anyway(&self, form: StepIx, field: FieldIx) -> bool {
        !self.all || self.forms.contains(&(form, field))
    }

    /// Whether a form asks for a field for some answers, be it that a registry has nothing.
    pub(super) fn asks(&self, form: StepIx, field: FieldIx) -> bool {
        let asked = (form, field);
        !self.all || self.forms.contains(&asked) || self.missed.contains(&asked)
    }
}
