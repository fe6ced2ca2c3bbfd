//! The journal: the truth, and the audit trail.

use std::fmt;
use std::time::Duration;

use onething_model::{CaseId, Timestamp};

use crate::Error;
use crate::watch::{Listener, Subscription};

/// The largest payload of one append: the bytes of its records and four for each.
pub const MAX_APPEND_BYTES: usize = 16 << 20;

/// The largest number of records of one append.
pub const MAX_APPEND_RECORDS: usize = 65_536;

/// The place of a record in its journal: 1, 2, 3, … without gaps.
///
/// Zero is the place before the first record, which is where a new follower starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position(pub u64);

impl Position {
    /// Before the first record.
    pub const START: Self = Self(0);
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Counts the owners a journal has had; it rises, durably, each time the journal is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Epoch(pub u64);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Records to add to one case, all of them or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// The case they belong to.
    pub case: CaseId,
    /// How many records the case has before them; a new case has 0.
    pub expected: u64,
    /// The records, opaque to the store: at least one. They become numbers
    /// `expected + 1`, `expected + 2`, … of the case.
    pub records: Vec<Vec<u8>>,
    /// When they happened, as the caller decided.
    pub at: Timestamp,
}

/// Says where the records of an append are. They are on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// The position of the last of the append's records.
    pub position: Position,
    /// How many records the case has now.
    pub seq: u64,
}

/// One durable record as the journal hands it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the journal.
    pub position: Position,
    /// The owner who wrote it.
    pub epoch: Epoch,
    /// Its case.
    pub case: CaseId,
    /// Its number within the case: 1, 2, 3, … without gaps.
    pub seq: u64,
    /// When it happened, as its writer decided.
    pub at: Timestamp,
    /// The record itself.
    pub record: Vec<u8>,
}

/// Is told how an append ended.
pub type Done = Box<dyn FnOnce(Result<Committed, Error>) + Send>;

/// An append-only journal of the records of many cases.
///
/// A journal is the truth: an append that was acknowledged survives a kill of
/// the process and a power cut, and everything else in a store can be rebuilt
/// from it. A handle stands for one owner, an [`Epoch`]; when another takes
/// over, the handle answers [`Error::Fenced`].
///
/// No async runtime is assumed: an append is answered through a callback, and
/// followers are woken through one.
pub trait Journal: Send + Sync {
    /// Appends, and calls `done` once, after the records are on disk or have been refused.
    ///
    /// Appends of one case may be sent one after the other without waiting:
    /// they are taken in the order in which this function was called. Many
    /// appends, of many cases, share one write and one sync.
    ///
    /// `done` runs on the journal's own thread, or on the caller's before this
    /// function returns: it must be quick, must not wait, and the caller must
    /// not hold a lock that `done` takes. It may append.
    ///
    /// **Backpressure**: the queue is bounded, and this function waits while it
    /// is full. A caller who must not wait keeps fewer appends in flight
    /// than the queue holds.
    ///
    /// # Errors
    ///
    /// Handed to `done`: [`Error::Conflict`], [`Error::Fenced`],
    /// [`Error::Full`], [`Error::Unavailable`], [`Error::Invalid`] (no
    /// records, more than [`MAX_APPEND_RECORDS`], or more than [`MAX_APPEND_BYTES`]), [`Error::Closed`].
    fn append(&self, append: Append, done: Done);

    /// The durable records after a position, in order.
    ///
    /// At most `limit`, and fewer when they are large; at least one if there
    /// is one and `limit` is not 0. An empty answer means that there is nothing yet.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] when the bytes are not those that were written;
    /// [`Error::Io`].
    fn read(&self, after: Position, limit: usize) -> Result<Vec<Entry>, Error>;

    /// The position of the last durable record.
    fn end(&self) -> Position;

    /// How many durable records a case has; 0 when the journal does not know it.
    fn sequence(&self, case: CaseId) -> u64;

    /// The owner this handle stands for.
    fn epoch(&self) -> Epoch;

    /// Calls the listener with the new [`end`](Self::end) each time records
    /// become durable, until the subscription is dropped.
    ///
    /// The listener runs where `done` runs and has the same duties. It is not
    /// told of what was durable before: subscribe first, then read.
    fn subscribe(&self, listener: Listener) -> Subscription;

    /// Waits until there is a durable record after a position, the journal is
    /// closed or the time is over. Returns the [`end`](Self::end).
    ///
    /// For plain threads; async code subscribes.
    fn wait(&self, after: Position, timeout: Duration) -> Position;

    /// Writes what is queued, answers it, and takes no more. Doing it again does nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] when the last write or sync failed; those
    /// appends were told so too.
    fn close(&self) -> Result<(), Error>;
}

/// Appends and waits for the answer, on a plain thread.
///
/// ```
/// use onething_model::{CaseId, Timestamp};
/// use onething_store::{Append, Store, append_and_wait};
///
/// let store = Store::in_memory();
/// let committed = append_and_wait(
///     store.journal.as_ref(),
///     Append {
///         case: CaseId(1),
///         expected: 0,
///         records: vec![b"{\"submitted\":{}}".to_vec()],
///         at: Timestamp::from_millis(1_735_783_200_000),
///     },
/// )?;
/// assert_eq!(committed.seq, 1);
/// # Ok::<(), onething_store::Error>(())
/// ```
///
/// # Errors
///
/// As [`Journal::append`].
pub fn append_and_wait(journal: &dyn Journal, append: Append) -> Result<Committed, Error> {
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    journal.append(
        append,
        Box::new(move |result| {
            // The receiver lives until the answer has come.
            let _ = sender.send(result);
        }),
    );
    receiver
        .recv()
        .unwrap_or_else(|_| Err(Error::unavailable("the journal stopped without an answer")))
}

/// Refuses what no journal takes, before anything is encoded.
pub(crate) fn validate(append: &Append) -> Result<(), Error> {
    if append.records.is_empty() {
        return Err(Error::invalid(
            "an append has no records; append at least one",
        ));
    }
    if append.records.len() > MAX_APPEND_RECORDS {
        return Err(Error::invalid(format!(
            "an append of {} records is more than the {MAX_APPEND_RECORDS} that can be written at \
             once; append them in parts",
            append.records.len()
        )));
    }
    let bytes = append
        .records
        .iter()
        .fold(0_usize, |sum, record| sum.saturating_add(record.len() + 4));
    if bytes > MAX_APPEND_BYTES {
        return Err(Error::invalid(format!(
            "an append of {bytes} bytes is larger than the {MAX_APPEND_BYTES} that can be written \
             at once; put large things into the content store and record their digest"
        )));
    }
    if append
        .expected
        .checked_add(append.records.len() as u64)
        .is_none()
    {
        return Err(Error::invalid("the sequence of a case cannot pass 2^64"));
    }
    Ok(())
}
