//! A case while it is a draft: what its applicant has yet to look at, and what follows
//! from what they gave.

use onething_plan::{Derived, FieldIx};

use super::Case;
use crate::transition::CaseStatus;

impl Case {
    /// The draft as it was filed. A step that is asked again is asked in a further round,
    /// so that an answer to the one before does not count.
    pub(super) fn renew(&mut self) {
        let Some(opening) = self.opening.clone() else {
            return;
        };
        let rounds: Vec<u32> = self.steps.iter().map(|step| step.round).collect();
        let mut replaced = std::mem::take(&mut self.replaced);
        let known = self.all_data();
        replaced.extend(known.map(|(field, datum)| (field, datum.value.clone())));
        self.forget();
        self.status = CaseStatus::Draft;
        self.open_with(&opening);
        self.replaced = replaced;
        self.unseen = true;
        for (step, round) in self.steps.iter_mut().zip(rounds) {
            step.round = round;
        }
    }

    /// What follows from what the application of a draft gave, and is not known yet; with
    /// what it follows from.
    pub fn drafted(&self) -> impl Iterator<Item = (FieldIx, Derived)> {
        let draft = self.status == CaseStatus::Draft;
        let drafted = self.drafted.iter().filter(move |_| draft);
        let fields = drafted.map(|(field, _)| *field);
        fields.filter_map(|field| {
            let derived = self.layout.as_ref()?.derived(self.plan(), field)?;
            self.datum(derived.from)
                .is_none()
                .then_some((field, derived))
        })
    }

    /// Whether there is something on this draft that nobody has looked at: what registries
    /// had where it is to be confirmed, or had when they were asked again. Until somebody
    /// looks, it is not handed in.
    #[must_use]
    pub fn is_unseen(&self) -> bool {
        self.unseen && self.status == CaseStatus::Draft
    }

    /// Whether the draft waits for the applicant even when it is complete.
    pub(crate) fn is_to_be_confirmed(&self) -> bool {
        self.opening.as_ref().is_some_and(|opening| opening.confirm)
    }
}
