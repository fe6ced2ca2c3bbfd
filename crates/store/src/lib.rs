//! The store: an append-only journal as the truth, an index that can be
//! rebuilt from it, and whole contents under their digests.
//!
//! This crate does not know what a record means: records are bytes. It reads
//! no clock for them, decides nothing about a case but whether an append comes
//! at the right place, and assumes no async runtime.
//!
//! ```
//! use onething_model::{CaseId, Timestamp};
//! use onething_store::{Append, Error, Position, Store, append_and_wait};
//!
//! let store = Store::in_memory();
//! let journal = store.journal.as_ref();
//! let submitted = Append {
//!     case: CaseId(42),
//!     expected: 0,
//!     records: vec![br#"{"submitted":{}}"#.to_vec()],
//!     at: Timestamp::from_millis(1_735_783_200_000),
//! };
//! append_and_wait(journal, submitted.clone())?;
//!
//! // Who comes second with the same expectation is refused.
//! let again = append_and_wait(journal, submitted);
//! assert!(matches!(again, Err(Error::Conflict { actual: 1, .. })));
//!
//! let entries = journal.read(Position::START, 100)?;
//! assert_eq!(entries.len(), 1);
//! assert_eq!(entries[0].case, CaseId(42));
//! store.close()?;
//! # Ok::<(), Error>(())
//! ```
//!
//! Reading order: [`Journal`], [`Index`] and [`Blobs`] are the three parts,
//! [`Store`] bundles them. [`EmbeddedStore`] keeps one in a folder,
//! [`MemoryStore`] is its twin without a disk, and [`conformance`] is what both
//! must do. [`files`] is where tests put a failing disk beneath.

mod blobs;
#[doc(hidden)]
pub mod conformance;
mod embedded;
mod error;
pub mod files;
mod index;
mod journal;
mod memory;
mod store;
mod watch;

pub use blobs::{Blobs, MAX_BLOB_BYTES};
pub use embedded::{
    Damage, EmbeddedStore, Examination, IndexFound, IndexKind, Options, Part, References, Verified,
};
pub use error::Error;
pub use index::{Index, Key, Value};
pub use journal::{
    Append, Committed, Done, Entry, Epoch, Journal, MAX_APPEND_BYTES, MAX_APPEND_RECORDS, Position,
    append_and_wait,
};
pub use memory::MemoryStore;
pub use store::{IndexState, OpenReport, Store, Torn};
pub use watch::{Listener, Subscription};
