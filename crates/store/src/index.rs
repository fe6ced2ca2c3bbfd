//! The index: what can be rebuilt from the journal, ordered for looking up.

use crate::{Error, Position};

/// An index key; keys are ordered byte by byte.
pub type Key = Vec<u8>;

/// An index value.
pub type Value = Vec<u8>;

/// Ordered keys and values, and the journal position they reflect.
///
/// An index is never the truth. It may lose its latest batches or everything:
/// what it keeps is a prefix of the batches it was given, and
/// [`reached`](Self::reached) says how far it got, so its feeder goes on from there:
///
/// ```
/// use onething_store::Store;
///
/// let store = Store::in_memory();
/// loop {
///     let entries = store.journal.read(store.index.reached(), 1_000)?;
///     let Some(last) = entries.last() else { break };
///     let changes = entries
///         .iter()
///         .map(|entry| (entry.case.0.to_be_bytes().to_vec(), Some(entry.record.clone())))
///         .collect();
///     store.index.apply(changes, last.position)?;
/// }
/// # Ok::<(), onething_store::Error>(())
/// ```
pub trait Index: Send + Sync {
    /// Sets and removes keys and moves the position reached, all at once or not at all.
    ///
    /// Several changes of one key: the last holds. `reached` may stay where it
    /// is but not go back.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when `reached` would go back; [`Error::Index`].
    fn apply(&self, batch: Vec<(Key, Option<Value>)>, reached: Position) -> Result<(), Error>;

    /// The value of a key.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    fn get(&self, key: &[u8]) -> Result<Option<Value>, Error>;

    /// The keys that start with `prefix` and come after `after`, in order, at most `limit`.
    ///
    /// The next page is asked for with the last key of this one.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Key, Value)>, Error>;

    /// The position of the last record whose changes are in the index.
    fn reached(&self) -> Position;

    /// Empties the index, so that it is fed from the start again.
    ///
    /// # Errors
    ///
    /// [`Error::Index`].
    fn clear(&self) -> Result<(), Error>;

    /// Writes out what is only in memory and takes no more. Doing it again does nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Index`], [`Error::Io`]; what was not written is fed again after the next opening.
    fn close(&self) -> Result<(), Error>;
}
