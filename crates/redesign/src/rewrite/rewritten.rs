//! What a rule makes of a draft: the changed draft, what is said of the change, and what is
//! still to be said of it once it is kept.

use super::Ground;
use super::draft::Draft;
use super::kept::Way;
use super::proof::Proof;

/// Says for whom a rewrite is what it is, by the way before it and the way that it made. That goes
/// through all answers, and most rewrites are only tried: for the part of each rule in the
/// waterfall they are made in many orders.
pub(super) type Tell = Box<dyn FnOnce(&Ground<'_>, [Way<'_>; 2], &mut Proof)>;

/// What a rule makes of a draft.
pub(super) struct Rewritten {
    pub(super) draft: Draft,
    /// What was checked and what changed, as far as it is so of the design whatever the answers.
    pub(super) proof: Proof,
    tell: Option<Tell>,
}

impl Rewritten {
    pub(super) const fn new(draft: Draft, proof: Proof) -> Self {
        Self {
            draft,
            proof,
            tell: None,
        }
    }

    /// With what is to be said once it is kept.
    pub(super) fn telling(
        self,
        tell: impl FnOnce(&Ground<'_>, [Way<'_>; 2], &mut Proof) + 'static,
    ) -> Self {
        Self {
            tell: Some(Box::new(tell)),
            ..self
        }
    }

    /// The draft and all that is said of it: it was made of the draft `was`, and is kept.
    pub(super) fn told(mut self, ground: &Ground<'_>, was: &Draft) -> (Draft, Proof) {
        let ways = was
            .way(ground.drafting)
            .zip(self.draft.way(ground.drafting));
        if let Some((tell, (was, is))) = self.tell.take().zip(ways) {
            tell(ground, [was, is], &mut self.proof);
        }
        (self.draft, self.proof)
    }
}
