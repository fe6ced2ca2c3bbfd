//! Following the journal from a position.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use onething_engine::{DecodeError, DurableRecord};
use onething_model::{CaseId, Timestamp};
use onething_store::{Position, Subscription};
use tokio::sync::Notify;

use crate::Error;
use crate::shared::{Phase, Shared};

/// Entries that are read at once.
const PAGE: usize = 1_024;

/// A record of any case, as a follower gets it. Printing it for debugging does
/// not show the record.
#[derive(Clone)]
pub struct Followed {
    /// Its place in the journal. A follower that keeps the last one goes on from there.
    pub position: Position,
    /// Its case.
    pub case: CaseId,
    /// Its number within the case.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// The record as the journal holds it: one JSON object.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Followed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Followed")
            .field("position", &self.position)
            .field("case", &self.case)
            .field("seq", &self.seq)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

impl Followed {
    /// The record.
    ///
    /// # Errors
    /// The journal holds something else: written by another version.
    pub fn record(&self) -> Result<DurableRecord, DecodeError> {
        DurableRecord::decode(&self.bytes)
    }
}

/// Follows the journal; made by [`Engine::follow`](crate::Engine::follow).
pub struct Follower {
    shared: Arc<Shared>,
    after: Position,
    ready: VecDeque<Followed>,
    grown: Arc<Notify>,
    _subscription: Subscription,
}

impl Follower {
    pub(crate) fn new(shared: Arc<Shared>, after: Position) -> Self {
        let grown = Arc::new(Notify::new());
        let notify = grown.clone();
        let listener = move |_| notify.notify_one();
        let subscription = shared.store.journal.subscribe(Arc::new(listener));
        Self {
            shared,
            after,
            ready: VecDeque::new(),
            grown,
            _subscription: subscription,
        }
    }

    /// The next record; waits for one. `None`: the engine has stopped, and
    /// there are no more.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub async fn next(&mut self) -> Result<Option<Followed>, Error> {
        let mut phase = self.shared.phase.subscribe();
        loop {
            if let Some(next) = self.ready.pop_front() {
                return Ok(Some(next));
            }
            let stopped = *phase.borrow_and_update() == Phase::Stopped;
            if self.read()? {
                continue;
            }
            if stopped || self.shared.broken().is_some() {
                return Ok(None);
            }
            tokio::select! {
                () = self.grown.notified() => {}
                changed = phase.changed() => if changed.is_err() { return Ok(None) },
            }
        }
    }

    /// The records that are there now, at most some thousand; none: wait with [`next`](Self::next).
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn ready(&mut self) -> Result<Vec<Followed>, Error> {
        if self.ready.is_empty() {
            self.read()?;
        }
        Ok(self.ready.drain(..).collect())
    }

    fn read(&mut self) -> Result<bool, Error> {
        let entries = self.shared.store.journal.read(self.after, PAGE)?;
        let Some(last) = entries.last() else {
            return Ok(false);
        };
        self.after = last.position;
        self.ready.extend(entries.into_iter().map(|entry| Followed {
            position: entry.position,
            case: entry.case,
            seq: entry.seq,
            at: entry.at,
            bytes: entry.record,
        }));
        Ok(true)
    }
}

impl fmt::Debug for Follower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follower")
            .field("after", &self.after)
            .finish_non_exhaustive()
    }
}
