//! What a command needs a step to be, before it can be carried out.

use onething_plan::{Actor, StepIx};

use crate::case::Case;
use crate::rejection::Rejection;
use crate::transition::{EventKind, StepStatus};

impl Case {
    /// Why nobody can work on a step now, in this round: it is not a department's, not its turn, or not
    /// there at all. `None` where somebody can.
    #[must_use]
    pub fn why_not_at_work(&self, step: StepIx, round: u32) -> Option<Rejection> {
        let asked = ("办理", "worked on");
        self.expect(step, EventKind::StepRefused, asked)
            .and_then(|()| self.expect_actor(step, Actor::is_internal, asked))
            .and_then(|()| self.expect_round(step, Some(round)))
            .err()
    }

    pub(crate) fn expect(
        &self,
        step: StepIx,
        kind: EventKind,
        asked: (&str, &str),
    ) -> Result<(), Rejection> {
        let status = self.step(step).status;
        if status == StepStatus::Absent {
            return Err(Rejection::absent(self.plan(), step));
        }
        if status.after(kind).is_none() || self.status.after(kind).is_none() {
            return Err(self.not_awaited(step, status, asked));
        }
        Ok(())
    }

    pub(crate) fn not_awaited(
        &self,
        step: StepIx,
        status: StepStatus,
        asked: (&str, &str),
    ) -> Rejection {
        let notice = self.notices.iter().find(|notice| notice.step == step);
        if let Some(notice) = notice.filter(|_| status == StepStatus::Supplement) {
            return Rejection::waits_for_supplement(self.plan(), notice, asked);
        }
        Rejection::not_awaited(self.plan(), step, status, &self.waits_for(step), asked)
    }

    /// Only who does the step can give this answer.
    pub(crate) fn expect_actor(
        &self,
        step: StepIx,
        answers: impl Fn(&Actor) -> bool,
        asked: (&str, &str),
    ) -> Result<(), Rejection> {
        if answers(&self.plan().step(step).actor) {
            return Ok(());
        }
        Err(Rejection::wrong_actor(self.plan(), step, asked))
    }

    pub(crate) fn expect_round(&self, step: StepIx, round: Option<u32>) -> Result<(), Rejection> {
        let now = self.step(step).round;
        match round {
            Some(round) if round != now => Err(Rejection::stale(self.plan(), step, round, now)),
            Some(_) | None => Ok(()),
        }
    }
}
