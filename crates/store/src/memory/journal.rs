//! The journal in memory. `done` is called before `append` returns.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use onething_model::CaseId;

use crate::journal::validate;
use crate::watch::{Listener, Subscription, Watchers};
use crate::{Append, Committed, Done, Entry, Epoch, Error, Journal, Position};

/// What every opening of the same memory sees.
pub(crate) struct Shared {
    state: RwLock<State>,
    watchers: Arc<Watchers>,
}

#[derive(Default)]
struct State {
    epoch: Epoch,
    /// The record at position `n` is at `n - 1`.
    entries: Vec<Entry>,
    tails: HashMap<CaseId, u64>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            state: RwLock::default(),
            watchers: Watchers::new(Position::START),
        }
    }
}

impl Shared {
    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One owner of the shared memory.
pub(crate) struct MemoryJournal {
    shared: Arc<Shared>,
    epoch: Epoch,
    closed: AtomicBool,
}

impl MemoryJournal {
    pub(crate) fn open(shared: &Arc<Shared>) -> Self {
        let epoch = {
            let mut state = shared.state_mut();
            state.epoch.0 += 1;
            state.epoch
        };
        Self {
            shared: Arc::clone(shared),
            epoch,
            closed: AtomicBool::new(false),
        }
    }

    fn take(&self, append: Append) -> Result<Committed, Error> {
        validate(&append)?;
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::Closed);
        }
        let mut state = self.shared.state_mut();
        if state.epoch != self.epoch {
            return Err(Error::Fenced {
                ours: self.epoch,
                current: state.epoch,
            });
        }
        let actual = state.tails.get(&append.case).copied().unwrap_or(0);
        if actual != append.expected {
            return Err(Error::Conflict {
                case: append.case,
                expected: append.expected,
                actual,
            });
        }
        let mut seq = append.expected;
        for record in append.records {
            seq += 1;
            let position = Position(state.entries.len() as u64 + 1);
            state.entries.push(Entry {
                position,
                epoch: self.epoch,
                case: append.case,
                seq,
                at: append.at,
                record,
            });
        }
        state.tails.insert(append.case, seq);
        Ok(Committed {
            position: Position(state.entries.len() as u64),
            seq,
        })
    }
}

impl Journal for MemoryJournal {
    fn append(&self, append: Append, done: Done) {
        let result = self.take(append);
        let end = result.as_ref().ok().map(|committed| committed.position);
        // Followers see the records before their writer is answered, as on disk.
        if let Some(end) = end {
            self.shared.watchers.advance(end);
        }
        done(result);
    }

    fn read(&self, after: Position, limit: usize) -> Result<Vec<Entry>, Error> {
        let state = self.shared.state();
        let from = usize::try_from(after.0).unwrap_or(usize::MAX);
        Ok(state
            .entries
            .iter()
            .skip(from)
            .take(limit)
            .cloned()
            .collect())
    }

    fn end(&self) -> Position {
        Position(self.shared.state().entries.len() as u64)
    }

    fn sequence(&self, case: CaseId) -> u64 {
        self.shared.state().tails.get(&case).copied().unwrap_or(0)
    }

    fn epoch(&self) -> Epoch {
        self.epoch
    }

    fn subscribe(&self, listener: Listener) -> Subscription {
        self.shared.watchers.subscribe(listener)
    }

    fn wait(&self, after: Position, timeout: Duration) -> Position {
        self.shared.watchers.wait(after, timeout, &self.closed)
    }

    fn close(&self) -> Result<(), Error> {
        self.closed.store(true, Ordering::Release);
        self.shared.watchers.wake();
        Ok(())
    }
}
