//! The store in a folder of this machine.
//!
//! `docs/storage-format.md` describes what is in the folder.

mod blobs;
mod examine;
mod folder;
mod frame;
mod index;
mod journal;
mod queue;
mod recover;
mod segment;
mod writer;

use std::path::Path;
use std::sync::Arc;

use onething_model::{Digest, Timestamp};

pub use examine::{Damage, Examination, IndexFound, Part, References};
pub use recover::Verified;

use crate::files::{Files, RealFiles};
use crate::memory::MemoryIndex;
use crate::{Error, Index, IndexState, Journal as _, OpenReport, Store};

/// A store in a folder: a journal of segments, an index in sled, and a file for each content.
///
/// One process at a time has it open.
///
/// ```
/// use onething_model::{CaseId, Timestamp};
/// use onething_store::{Append, EmbeddedStore, Options, Position, append_and_wait};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("store");
/// let (store, report) = EmbeddedStore::open(&path, &Options::default())?;
/// assert!(report.created);
/// let append = Append {
///     case: CaseId(1),
///     expected: 0,
///     records: vec![br#"{"submitted":{}}"#.to_vec()],
///     at: Timestamp::from_millis(1_735_783_200_000),
/// };
/// append_and_wait(store.journal.as_ref(), append)?;
/// store.close()?;
///
/// let (store, report) = EmbeddedStore::open(&path, &Options::default())?;
/// assert_eq!(report.to_string(), "opened, epoch 2, 1 record");
/// assert_eq!(store.journal.read(Position::START, 10)?.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct EmbeddedStore(());

/// What the index is kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexKind {
    /// On disk, in sled.
    Sled,
    /// In memory: fed from the start of the journal at each opening.
    Memory,
}

/// How an embedded store is run. The defaults suit a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// A segment of the journal that has reached so many bytes is followed by another. 64 MiB.
    pub segment_bytes: u64,
    /// So many appends may wait for the commit thread; who comes then waits for room. 8,192.
    pub queue_appends: usize,
    /// So many bytes of records may wait for the commit thread. 64 MiB.
    pub queue_bytes: usize,
    /// About so many bytes of records are written and synced at once. 8 MiB.
    pub batch_bytes: usize,
    /// What the index is kept in. sled.
    pub index: IndexKind,
    /// How much memory the index takes for what it keeps at hand. 64 MiB.
    pub index_cache_bytes: u64,
    /// What tells a new store from every other; `None` for random bytes. Fixed by tests that compare files.
    pub identity: Option<Digest>,
    /// The time of opening that the journal notes; `None` for the system's. Fixed by tests that compare files.
    pub opened_at: Option<Timestamp>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            segment_bytes: 64 << 20,
            queue_appends: 8_192,
            queue_bytes: 64 << 20,
            batch_bytes: 8 << 20,
            index: IndexKind::Sled,
            index_cache_bytes: 64 << 20,
            identity: None,
            opened_at: None,
        }
    }
}

impl EmbeddedStore {
    /// Opens the store in a folder, or makes one if the folder is empty or not there.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`], [`Error::UnknownVersion`], [`Error::NotAStore`] and
    /// [`Error::Corrupt`] (these leave the folder as it is); [`Error::Full`] (an
    /// opening is recorded in the journal and needs a little room); [`Error::Io`].
    pub fn open(path: &Path, options: &Options) -> Result<(Store, OpenReport), Error> {
        Self::open_on(Arc::new(RealFiles), path, options)
    }

    /// The same, on another file layer. sled does not go through it: fault tests take [`IndexKind::Memory`].
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_on(
        files: Arc<dyn Files>,
        path: &Path,
        options: &Options,
    ) -> Result<(Store, OpenReport), Error> {
        let folder = folder::open(files.as_ref(), path, options.identity)?;
        let blobs = Arc::new(blobs::EmbeddedBlobs::open(
            Arc::clone(&files),
            &folder.blobs(),
            Arc::clone(&folder.lock),
        )?);
        let opened = journal::EmbeddedJournal::open(
            files,
            &folder.journal(),
            options,
            options.opened_at.unwrap_or_else(folder::system_time),
            Arc::clone(&folder.lock),
        )?;
        let journal = opened.journal;
        let (index, state): (Arc<dyn Index>, IndexState) = match options.index {
            IndexKind::Memory => (Arc::new(MemoryIndex::default()), IndexState::New),
            IndexKind::Sled => {
                let known = index::Journaled {
                    identity: opened.identity,
                    end: journal.end(),
                };
                let (index, state) = index::SledIndex::open(
                    &folder.root,
                    options.index_cache_bytes,
                    &known,
                    folder.lock,
                )?;
                (Arc::new(index), state)
            }
        };
        let report = OpenReport {
            created: folder.created,
            epoch: journal.epoch(),
            end: journal.end(),
            torn: opened.torn,
            index: state,
        };
        let store = Store {
            journal: Arc::new(journal),
            index,
            blobs: blobs.clone(),
            guard: blobs,
        };
        Ok((store, report))
    }

    /// Reads the whole journal of a store with every checksum and every link of its chain, and changes nothing.
    ///
    /// The store may be open meanwhile; what is being written is left out.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] with the first damage; [`Error::NotAStore`], [`Error::UnknownVersion`], [`Error::Io`].
    pub fn verify(path: &Path) -> Result<Verified, Error> {
        Self::verify_on(&RealFiles, path)
    }

    /// The same, on another file layer.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify).
    pub fn verify_on(files: &dyn Files, path: &Path) -> Result<Verified, Error> {
        must_be_a_store(files, path)?;
        recover::verify(files, &path.join(folder::JOURNAL))
    }

    /// Reads everything of a store, journal, contents and index, and says what is
    /// damaged and which cases that hits. It goes on behind damage and changes nothing.
    ///
    /// `references` tells which contents a record refers to: one that is missing is damage too.
    /// The index is copied to the system's folder for temporary files and read there, because sled
    /// writes to what it opens; while another program has the store open, it is left out.
    ///
    /// # Errors
    ///
    /// Damage is no error. [`Error::NotAStore`], [`Error::UnknownVersion`], [`Error::Io`];
    /// [`Error::Corrupt`] for the file that says which format it is.
    pub fn examine(path: &Path, references: &mut References<'_>) -> Result<Examination, Error> {
        must_be_a_store(&RealFiles, path)?;
        examine::examine(&RealFiles, path, references)
    }
}

fn must_be_a_store(files: &dyn Files, path: &Path) -> Result<(), Error> {
    let names = files
        .list(path)
        .map_err(|error| Error::io("open", path, error))?;
    if folder::check_version(files, path, &names)? {
        return Ok(());
    }
    Err(Error::NotAStore {
        path: path.to_owned(),
        what: "it is empty".to_owned(),
    })
}
