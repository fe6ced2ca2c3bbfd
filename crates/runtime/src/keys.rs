//! Idempotency keys: one key, one case, also for two calls at once and after
//! a restart.
//!
//! A key is held in memory from the moment it is claimed until the index has
//! it, so that looking in both places never misses one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use onething_model::{CaseId, Digest};
use onething_store::{Error as StoreError, Index};

use crate::Error;
use crate::cell::Cell;
use crate::rows::{self, KeyOwner};

const SHARDS: usize = 32;

/// The keys that the index does not have yet.
#[derive(Default)]
pub(crate) struct Keys([Mutex<HashMap<Arc<str>, Claimed>>; SHARDS]);

#[derive(Clone)]
struct Claimed {
    owner: KeyOwner,
    cell: Arc<Cell>,
}

/// Who has a key.
pub(crate) enum Claim {
    /// The caller, with the case that is to be opened.
    New(Arc<Cell>),
    /// An earlier call; its case is in memory, perhaps only just being opened.
    Held(KeyOwner, Arc<Cell>),
    /// An earlier case, which is in the index.
    Kept(KeyOwner),
}

impl Keys {
    /// Claims a key, or says whose it is. Only for a new key a case is made.
    pub(crate) fn claim(
        &self,
        index: &dyn Index,
        key: &Arc<str>,
        service: &str,
        request: Digest,
        make: impl FnOnce() -> Result<Arc<Cell>, Error>,
    ) -> Result<Claim, Error> {
        let mut shard = self.shard(key);
        if let Some(claimed) = shard.get(key) {
            return Ok(Claim::Held(claimed.owner.clone(), claimed.cell.clone()));
        }
        if let Some(row) = index.get(&rows::key_row(key))? {
            let owner = KeyOwner::decode(&row).ok_or_else(|| StoreError::Index {
                what: "the row of an idempotency key is damaged".to_owned(),
            })?;
            return Ok(Claim::Kept(owner));
        }
        let cell = make()?;
        let owner = KeyOwner {
            case: cell.id,
            request,
            service: service.to_owned(),
        };
        let claimed = Claimed {
            owner,
            cell: cell.clone(),
        };
        shard.insert(key.clone(), claimed);
        Ok(Claim::New(cell))
    }

    /// Forgets a key of this case: the index has it, or the case was not opened after all.
    pub(crate) fn release(&self, key: &str, case: CaseId) {
        let mut shard = self.shard(key);
        if shard
            .get(key)
            .is_some_and(|claimed| claimed.cell.id == case)
        {
            shard.remove(key);
        }
    }

    fn shard(&self, key: &str) -> MutexGuard<'_, HashMap<Arc<str>, Claimed>> {
        let sum = key.bytes().fold(0_usize, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(usize::from(byte))
        });
        self.0[sum % SHARDS]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
