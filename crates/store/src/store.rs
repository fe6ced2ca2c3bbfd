//! A journal, its index and its contents, opened and closed together.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::{Blobs, Epoch, Error, Index, Journal, MemoryStore, Position};

/// An open store. Clones share it.
///
/// Made by [`EmbeddedStore::open`](crate::EmbeddedStore::open) or
/// [`MemoryStore::open`]; what follows does not see the difference.
#[derive(Clone)]
pub struct Store {
    /// The truth.
    pub journal: Arc<dyn Journal>,
    /// What can be rebuilt from it.
    pub index: Arc<dyn Index>,
    /// Contents by digest.
    pub blobs: Arc<dyn Blobs>,
    /// What else must be told of a close.
    pub(crate) guard: Arc<dyn Guard>,
}

/// Holds on to the place a store lives in.
pub(crate) trait Guard: Send + Sync {
    /// Lets it go. Called after journal and index have closed.
    fn release(&self);
}

impl Store {
    /// An empty store that is gone with its last clone.
    #[must_use]
    pub fn in_memory() -> Self {
        MemoryStore::new().open().0
    }

    /// Writes out what is pending, closes everything and gives the lock back.
    ///
    /// Clones of this store answer [`Error::Closed`] from then on. Closing
    /// again does nothing.
    ///
    /// # Errors
    ///
    /// The first thing that failed; the rest is closed all the same.
    pub fn close(&self) -> Result<(), Error> {
        let journal = self.journal.close();
        let index = self.index.close();
        self.guard.release();
        journal.and(index)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("epoch", &self.journal.epoch())
            .field("end", &self.journal.end())
            .field("reached", &self.index.reached())
            .finish_non_exhaustive()
    }
}

/// What opening a store found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenReport {
    /// Whether there was no store before.
    pub created: bool,
    /// The epoch this opening began.
    pub epoch: Epoch,
    /// The last record the journal holds.
    pub end: Position,
    /// What was cut off the journal's end, if a write had been interrupted.
    pub torn: Option<Torn>,
    /// Whether the index is fit for use.
    pub index: IndexState,
}

/// An interrupted write that was cut off the end of the journal.
///
/// Nothing of it had been acknowledged. The cut is recorded in the journal as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Torn {
    /// The segment that ended in it.
    pub file: PathBuf,
    /// Where the interrupted write began.
    pub offset: u64,
    /// How many bytes were cut.
    pub bytes: u64,
}

/// What opening found of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexState {
    /// It holds a prefix of the journal and is fed from [`Index::reached`].
    Trusted,
    /// There was none; it is fed from the start.
    New,
    /// The old one is not used; the new one is fed from the start.
    Rebuild {
        /// Why the old one is not used.
        why: String,
        /// Where the old one was put, if it is kept for looking at.
        set_aside: Option<PathBuf>,
    },
}

impl fmt::Display for OpenReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.created { "created" } else { "opened" };
        write!(
            f,
            "{what}, epoch {}, {} record{}",
            self.epoch,
            self.end,
            if self.end.0 == 1 { "" } else { "s" }
        )?;
        if let Some(torn) = &self.torn {
            write!(
                f,
                "; an interrupted write of {} bytes was cut off {} at byte {} (none of it had been \
                 acknowledged)",
                torn.bytes,
                torn.file.display(),
                torn.offset
            )?;
        }
        if let IndexState::Rebuild { why, set_aside } = &self.index {
            write!(f, "; the index is rebuilt: {why}")?;
            if let Some(path) = set_aside {
                write!(f, " (the old one is kept in {})", path.display())?;
            }
        }
        Ok(())
    }
}
