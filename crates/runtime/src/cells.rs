//! The cases in memory, by number: the open ones, and those that have ended
//! so lately that the index does not have them yet.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use onething_model::CaseId;

use crate::cell::Cell;

const SHARDS: u64 = 64;

pub(crate) struct Cells(Vec<Mutex<HashMap<CaseId, Arc<Cell>>>>);

impl Default for Cells {
    fn default() -> Self {
        Self((0..SHARDS).map(|_| Mutex::default()).collect())
    }
}

impl Cells {
    pub(crate) fn get(&self, case: CaseId) -> Option<Arc<Cell>> {
        self.shard(case).get(&case).cloned()
    }

    pub(crate) fn insert(&self, cell: Arc<Cell>) {
        self.shard(cell.id).insert(cell.id, cell);
    }

    pub(crate) fn remove(&self, case: CaseId) {
        self.shard(case).remove(&case);
    }

    /// The open cases after a number, in order, at most `limit`.
    pub(crate) fn open_after(&self, after: Option<CaseId>, limit: usize) -> Vec<Arc<Cell>> {
        let mut cells: Vec<Arc<Cell>> = Vec::new();
        for shard in &self.0 {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            cells.extend(
                shard
                    .values()
                    .filter(|cell| after.is_none_or(|after| cell.id > after))
                    .cloned(),
            );
        }
        // Not within a shard's lock: a cell's own lock comes first.
        cells.retain(|cell| cell.progress().over.is_none());
        cells.sort_unstable_by_key(|cell| cell.id);
        cells.truncate(limit);
        cells
    }

    fn shard(&self, case: CaseId) -> MutexGuard<'_, HashMap<CaseId, Arc<Cell>>> {
        // The remainder is below the number of shards.
        self.0[(case.0 % SHARDS) as usize]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
