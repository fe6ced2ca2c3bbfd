//! The index in memory.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use crate::index::{Key, Value};
use crate::{Error, Index, Position};

#[derive(Default)]
pub(crate) struct MemoryIndex {
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    keys: BTreeMap<Key, Value>,
    reached: Position,
}

impl MemoryIndex {
    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Index for MemoryIndex {
    fn apply(&self, batch: Vec<(Key, Option<Value>)>, reached: Position) -> Result<(), Error> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        check_reached(state.reached, reached)?;
        for (key, value) in batch {
            match value {
                Some(value) => state.keys.insert(key, value),
                None => state.keys.remove(&key),
            };
        }
        state.reached = reached;
        Ok(())
    }

    fn get(&self, key: &[u8]) -> Result<Option<Value>, Error> {
        Ok(self.state().keys.get(key).cloned())
    }

    fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Key, Value)>, Error> {
        let from = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            Some(_) | None => Bound::Included(prefix),
        };
        Ok(self
            .state()
            .keys
            .range::<[u8], _>((from, Bound::Unbounded))
            .take_while(|(key, _)| key.starts_with(prefix))
            .take(limit)
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect())
    }

    fn reached(&self) -> Position {
        self.state().reached
    }

    fn clear(&self) -> Result<(), Error> {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = State::default();
        Ok(())
    }

    fn close(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// An index that went back would hide from its feeder what it has already taken in.
pub(crate) fn check_reached(present: Position, next: Position) -> Result<(), Error> {
    if next < present {
        return Err(Error::invalid(format!(
            "the index has reached position {present} and cannot go back to {next}; clear it to feed \
             it from the start"
        )));
    }
    Ok(())
}
