//! All timers in one heap, with one task that sleeps until the first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use onething_model::Timestamp;
use onething_plan::StepIx;
use tokio::sync::Notify;

use crate::cell::Cell;

/// What is due.
#[derive(Debug, Clone)]
pub(crate) enum Alarm {
    /// Try a step again, if it still waits for that.
    Retry { cell: Arc<Cell>, step: StepIx },
    /// Read a case again whose append failed.
    Reload { cell: Arc<Cell> },
}

/// The timers. Those that are not needed any more stay until they are due,
/// and find nothing to do.
#[derive(Default)]
pub(crate) struct Timers {
    heap: Mutex<Heap>,
    /// An earlier timer was set than the one that is slept for.
    pub(crate) sooner: Notify,
}

#[derive(Default)]
struct Heap {
    number: u64,
    entries: BinaryHeap<Reverse<Entry>>,
}

struct Entry {
    at: Timestamp,
    /// Equal moments keep the order in which they were set.
    number: u64,
    alarm: Alarm,
}

impl Entry {
    fn key(&self) -> (Timestamp, u64) {
        (self.at, self.number)
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl Timers {
    pub(crate) fn set(&self, at: Timestamp, alarm: Alarm) {
        let mut heap = self.lock();
        let first = heap
            .entries
            .peek()
            .is_none_or(|Reverse(entry)| at < entry.at);
        heap.number += 1;
        let number = heap.number;
        heap.entries.push(Reverse(Entry { at, number, alarm }));
        drop(heap);
        if first {
            self.sooner.notify_one();
        }
    }

    /// When the first is due.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.lock().entries.peek().map(|Reverse(entry)| entry.at)
    }

    /// Takes the first if it is due.
    pub(crate) fn take_due(&self, now: Timestamp) -> Option<Alarm> {
        let mut heap = self.lock();
        heap.entries
            .peek()
            .filter(|Reverse(entry)| entry.at <= now)?;
        heap.entries.pop().map(|Reverse(entry)| entry.alarm)
    }

    fn lock(&self) -> MutexGuard<'_, Heap> {
        self.heap.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
