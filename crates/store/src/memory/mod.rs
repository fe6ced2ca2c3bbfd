//! A store in memory: the twin of the embedded one, for tests, simulation and trying out.

mod blobs;
mod index;
mod journal;

use std::sync::Arc;

use crate::store::Guard;
use crate::{Index, IndexState, Journal, OpenReport, Store};

/// Memory that holds a store. Clones share it.
///
/// It can be opened again and again, as a folder can; an opening fences the ones before it.
///
/// ```
/// use onething_model::{CaseId, Timestamp};
/// use onething_store::{Append, Error, MemoryStore, append_and_wait};
///
/// let memory = MemoryStore::new();
/// let append = |expected| Append {
///     case: CaseId(7),
///     expected,
///     records: vec![b"{}".to_vec()],
///     at: Timestamp(0),
/// };
/// let (first, _) = memory.open();
/// append_and_wait(first.journal.as_ref(), append(0))?;
///
/// let (second, _) = memory.open();
/// append_and_wait(second.journal.as_ref(), append(1))?;
/// let refused = append_and_wait(first.journal.as_ref(), append(2));
/// assert!(matches!(refused, Err(Error::Fenced { .. })));
/// # Ok::<(), onething_store::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct MemoryStore {
    journal: Arc<journal::Shared>,
    index: Arc<index::MemoryIndex>,
    blobs: Arc<blobs::MemoryBlobs>,
}

impl MemoryStore {
    /// Empty memory.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens the store in this memory and fences whoever had it open.
    #[must_use]
    pub fn open(&self) -> (Store, OpenReport) {
        let journal = journal::MemoryJournal::open(&self.journal);
        let report = OpenReport {
            created: journal.epoch().0 == 1,
            epoch: journal.epoch(),
            end: journal.end(),
            torn: None,
            index: if self.index.reached().0 == 0 {
                IndexState::New
            } else {
                IndexState::Trusted
            },
        };
        let store = Store {
            journal: Arc::new(journal),
            index: self.index.clone(),
            blobs: self.blobs.clone(),
            guard: Arc::new(NoLock),
        };
        (store, report)
    }
}

/// Memory is not locked: who opens it again fences the others.
struct NoLock;

impl Guard for NoLock {
    fn release(&self) {}
}

pub(crate) use index::{MemoryIndex, check_reached};
