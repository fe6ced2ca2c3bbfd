//! One form for what a chain of registries lacks at the same time.
//!
//! After the application one registry may give what the next is asked with. Where the first has
//! nothing, the next cannot be asked, and both are lacking at the same moment: the applicant is
//! asked for both on the form of the first. That of the next waits as long, and is skipped when
//! the other is handed in. It comes after all where the other is withdrawn before, since nobody
//! needs that any more.

use onething_plan::{Actor, FormField, Source, StepIx, SubmissionKind};

use super::Case;
use crate::blueprint::Layout;
use crate::transition::StepStatus;

impl Case {
    /// A look-up is skipped for want of its key: what it would have given is asked on the form
    /// that is open for what gives the key, if there is one.
    pub(super) fn join(&mut self, look_up: StepIx) {
        let form = self.layout.clone();
        let form = form.and_then(|layout| self.open_beside(look_up, &layout));
        self.joined.extend(form.map(|form| (look_up, form)));
    }

    /// A form stands on its own: it was begun, or is not gone on with.
    pub(super) fn part(&mut self, form: StepIx) {
        let of = self.look_up_of(form);
        self.joined
            .retain(|(look_up, joined)| Some(*look_up) != of && *joined != form);
    }

    fn open_beside(&self, look_up: StepIx, layout: &Layout) -> Option<StepIx> {
        self.own_form(look_up)?;
        let mut keys = layout.scenario.sources(look_up).iter();
        keys.find_map(|(key, source)| {
            let Source::LookUp(giver) = source else {
                return None;
            };
            let form = self.form_for(*giver)?;
            let is_open = self.step(form).status == StepStatus::Active;
            (is_open && self.missed.contains(&(*key, *giver))).then_some(form)
        })
    }

    /// The form that asks for what a look-up after the application lacks; `None` of one on the
    /// draft.
    pub(super) fn form_for(&self, look_up: StepIx) -> Option<StepIx> {
        let mut joined = self.joined.iter();
        let joined = joined.find(|(joined, _)| *joined == look_up);
        joined
            .map(|(_, form)| *form)
            .or_else(|| self.own_form(look_up))
    }

    fn own_form(&self, look_up: StepIx) -> Option<StepIx> {
        match &self.plan().step(look_up).actor {
            Actor::LookUp(item) => item.fallback,
            Actor::Submission(_)
            | Actor::System
            | Actor::Officer
            | Actor::Applicant
            | Actor::Outside => None,
        }
    }

    fn look_up_of(&self, form: StepIx) -> Option<StepIx> {
        match &self.plan().step(form).actor {
            Actor::Submission(submission) => match submission.kind {
                SubmissionKind::Fallback(look_up) => Some(look_up),
                SubmissionKind::Application => None,
            },
            Actor::LookUp(_)
            | Actor::System
            | Actor::Officer
            | Actor::Applicant
            | Actor::Outside => None,
        }
    }

    /// The form that asks in the place of another one.
    pub(super) fn asks_instead(&self, form: StepIx) -> Option<StepIx> {
        let of = self.look_up_of(form)?;
        self.form_for(of).filter(|asks| *asks != form)
    }

    /// The forms that another one asks in the place of.
    pub(super) fn asks_for(&self, form: StepIx) -> impl Iterator<Item = StepIx> {
        let joined = self.joined.iter().filter(move |(_, asks)| *asks == form);
        joined.filter_map(|(look_up, _)| self.own_form(*look_up))
    }

    /// The form that is out and asks in the place of this one, which begins after it if it
    /// still has to.
    pub(crate) fn put_off_for(&self, form: StepIx) -> Option<StepIx> {
        let asks = self.asks_instead(form)?;
        (self.step(asks).status == StepStatus::Active).then_some(asks)
    }

    /// What several forms ask that are one, each field once.
    pub(super) fn together(own: Vec<FormField>, others: Vec<FormField>) -> Vec<FormField> {
        let mut asked = own;
        for other in others {
            match asked.iter_mut().find(|asked| asked.field == other.field) {
                Some(asked) => asked.optional &= other.optional,
                None => asked.push(other),
            }
        }
        asked
    }
}
