//! What can go wrong, and what the person or program at fault can do.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use onething_model::{CaseId, Digest};

use crate::Epoch;

/// Why the store did not do what it was asked.
///
/// After [`Conflict`](Self::Conflict), [`Fenced`](Self::Fenced),
/// [`Full`](Self::Full), [`Invalid`](Self::Invalid) and
/// [`Closed`](Self::Closed) nothing was written. After
/// [`Unavailable`](Self::Unavailable) the outcome is **unknown**: the records
/// may or may not be there when the store is opened again.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The case moved on: somebody else appended first.
    #[error(
        "case {case} is at record {actual}, but the append expected {expected}; \
         read the case again, decide again and append again"
    )]
    Conflict {
        /// The case that was appended to.
        case: CaseId,
        /// The sequence the caller believed the case to have.
        expected: u64,
        /// The sequence the case has.
        actual: u64,
    },

    /// Another owner has taken this journal over; this handle is of no use any more.
    #[error(
        "this handle was opened in epoch {ours}, but the journal has been taken over in epoch \
         {current}; stop working on these cases and open the store again"
    )]
    Fenced {
        /// The epoch of the handle that was used.
        ours: Epoch,
        /// The epoch of the present owner.
        current: Epoch,
    },

    /// The device or its quota is full. Nothing of the append was kept.
    #[error(
        "no room left to write {}: {source}; nothing was stored, free some space and send it again",
        path.display()
    )]
    Full {
        /// The file that could not grow.
        path: PathBuf,
        /// What the operating system said.
        source: Arc<io::Error>,
    },

    /// The outcome is unknown, and until the store is opened again nothing more is acknowledged.
    #[error(
        "the outcome is unknown: {why}; open the store again and look the case up before \
         sending the same records once more"
    )]
    Unavailable {
        /// What happened.
        why: String,
    },

    /// Bytes on disk are not what was written there. Nothing is skipped and nothing is repaired silently.
    #[error(
        "{} is damaged at byte {offset}: {what}; leave the files as they are and restore them \
         from a backup", file.display()
    )]
    Corrupt {
        /// The damaged file.
        file: PathBuf,
        /// Where in it, counted in bytes from its start.
        offset: u64,
        /// What was found and what was expected.
        what: String,
    },

    /// The store is open already, in this process or in another.
    #[error(
        "the store {} is open elsewhere; close the other program (or wait for it) and try again",
        path.display()
    )]
    Locked {
        /// The store's folder.
        path: PathBuf,
    },

    /// The store was written in a format this program does not know. Its files are untouched.
    #[error(
        "the store {} has format {found}, but this program knows format {known} only; open it \
         with the version of onething that wrote it, or a newer one", path.display()
    )]
    UnknownVersion {
        /// The store's folder.
        path: PathBuf,
        /// What the version file says.
        found: String,
        /// The format this program reads and writes.
        known: u32,
    },

    /// The folder holds other things, and a store is not made among them.
    #[error(
        "{} is not a store: {what}; name an empty or a new folder", path.display()
    )]
    NotAStore {
        /// The folder that was named.
        path: PathBuf,
        /// Why it is not taken for a store.
        what: String,
    },

    /// The caller asked for something the store cannot hold.
    #[error("{what}")]
    Invalid {
        /// What was wrong with it, and the limit it passed.
        what: String,
    },

    /// The store was closed.
    #[error("the store is closed; open it again to go on")]
    Closed,

    /// The index, which can be rebuilt from the journal, failed.
    #[error(
        "the index failed: {what}; no record is lost, open the store again and the index is rebuilt \
         from the journal"
    )]
    Index {
        /// What the index said.
        what: String,
    },

    /// The operating system refused something else.
    #[error("failed to {doing} {}: {source}", path.display())]
    Io {
        /// What was being done, as a verb: `open`, `read`.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: Arc<io::Error>,
    },
}

impl Error {
    /// Whether the same append may be sent again unchanged without opening the store again first.
    ///
    /// ```
    /// use onething_store::Error;
    /// assert!(!Error::Closed.is_retryable());
    /// ```
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Full { .. })
    }

    pub(crate) fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
        if is_full(&source) {
            return Self::Full {
                path: path.to_owned(),
                source: Arc::new(source),
            };
        }
        Self::Io {
            doing,
            path: path.to_owned(),
            source: Arc::new(source),
        }
    }

    pub(crate) fn corrupt(file: &Path, offset: u64, what: impl Into<String>) -> Self {
        Self::Corrupt {
            file: file.to_owned(),
            offset,
            what: what.into(),
        }
    }

    pub(crate) fn invalid(what: impl Into<String>) -> Self {
        Self::Invalid { what: what.into() }
    }

    pub(crate) fn unavailable(why: impl fmt::Display) -> Self {
        Self::Unavailable {
            why: why.to_string(),
        }
    }

    pub(crate) fn blob_too_large(bytes: usize) -> Self {
        Self::invalid(format!(
            "a content of {bytes} bytes is larger than the {} bytes the content store takes; \
             split it or keep it elsewhere",
            crate::MAX_BLOB_BYTES
        ))
    }

    pub(crate) fn blob_damaged(file: &Path, expected: &Digest, found: &Digest) -> Self {
        Self::corrupt(
            file,
            0,
            format!("its content has digest {found}, but {expected} was stored"),
        )
    }
}

/// Whether the operating system means that there is no room: device, quota or file size limit.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}
