//! What waits for the commit thread.

use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::ThreadId;

use onething_model::{CaseId, Timestamp};

use super::frame::payload_of;
use crate::{Append, Done, Error};

/// An append, encoded by the thread that asked for it.
pub(super) struct Item {
    pub(super) case: CaseId,
    pub(super) expected: u64,
    pub(super) records: u32,
    pub(super) at: Timestamp,
    pub(super) payload: Vec<u8>,
    pub(super) payload_crc: u32,
    pub(super) payload_digest: [u8; 32],
    pub(super) done: Done,
}

impl Item {
    /// Encodes an append that has been validated.
    pub(super) fn new(append: Append, done: Done) -> Self {
        let payload = payload_of(&append);
        Self {
            case: append.case,
            expected: append.expected,
            records: append.records.len() as u32,
            at: append.at,
            payload_crc: crc32c::crc32c(&payload),
            payload_digest: *blake3::hash(&payload).as_bytes(),
            payload,
            done,
        }
    }
}

/// A bounded queue with one taker, who takes everything at once.
pub(super) struct Queue {
    state: Mutex<State>,
    filled: Condvar,
    drained: Condvar,
    taker: OnceLock<ThreadId>,
    max_items: usize,
    max_bytes: usize,
}

#[derive(Default)]
struct State {
    items: Vec<Item>,
    bytes: usize,
    /// Why nothing more is taken.
    refusal: Option<Error>,
}

impl Queue {
    pub(super) fn new(max_items: usize, max_bytes: usize) -> Self {
        Self {
            state: Mutex::default(),
            filled: Condvar::new(),
            drained: Condvar::new(),
            taker: OnceLock::new(),
            max_items: max_items.max(1),
            max_bytes,
        }
    }

    /// Adds an item, waiting for room; gives it back with the reason when nothing more is taken.
    ///
    /// The taker itself never waits: it is the one who makes room.
    pub(super) fn push(&self, item: Item) -> Option<(Item, Error)> {
        let mut state = self.lock();
        let may_wait = !self.is_taker();
        loop {
            if let Some(refusal) = &state.refusal {
                return Some((item, refusal.clone()));
            }
            let fits = state.items.len() < self.max_items
                && state.bytes.saturating_add(item.payload.len()) <= self.max_bytes;
            if fits || state.items.is_empty() || !may_wait {
                break;
            }
            state = self
                .drained
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.bytes += item.payload.len();
        state.items.push(item);
        if state.items.len() == 1 {
            self.filled.notify_one();
        }
        None
    }

    /// Names the present thread as the taker.
    pub(super) fn become_taker(&self) {
        // Set once, by the only thread that takes.
        let _ = self.taker.set(std::thread::current().id());
    }

    pub(super) fn is_taker(&self) -> bool {
        self.taker.get() == Some(&std::thread::current().id())
    }

    /// Waits for items and exchanges them with an empty buffer. Leaves it empty when no more will come.
    pub(super) fn take(&self, items: &mut Vec<Item>) {
        let mut state = self.lock();
        while state.items.is_empty() && state.refusal.is_none() {
            state = self
                .filled
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        std::mem::swap(&mut state.items, items);
        state.bytes = 0;
        self.drained.notify_all();
    }

    /// Takes nothing more from now on. What is queued stays. The first reason is kept.
    pub(super) fn refuse(&self, why: Error) {
        self.lock().refusal.get_or_insert(why);
        self.filled.notify_all();
        self.drained.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
