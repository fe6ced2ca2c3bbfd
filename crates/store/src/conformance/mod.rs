//! What every store must do, whatever it is made of.
//!
//! Each function takes a way to make fresh [`Bed`]s and panics, in words,
//! when the store does not do what [`Journal`](crate::Journal),
//! [`Index`](crate::Index) and [`Blobs`](crate::Blobs) promise. A store's own tests run [`ALL`] of them:
//!
//! ```
//! use onething_store::{MemoryStore, conformance};
//!
//! conformance::check(&|| {
//!     let memory = MemoryStore::new();
//!     Box::new(move || Ok(memory.open()))
//! });
//! ```

mod journal;
mod lookup;

use onething_model::{CaseId, Timestamp};

use crate::{Append, Committed, Entry, Error, OpenReport, Position, Store, append_and_wait};

/// Somewhere a store can be opened, closed and opened again.
pub type Bed = Box<dyn Fn() -> Result<(Store, OpenReport), Error>>;

/// Makes an empty bed.
pub type MakeBed<'a> = &'a dyn Fn() -> Bed;

/// One promise and its check.
pub type Check = (&'static str, fn(MakeBed<'_>));

/// All checks, by name.
pub const ALL: &[Check] = &[
    (
        "positions_and_sequences_have_no_gaps",
        journal::positions_and_sequences_have_no_gaps,
    ),
    (
        "records_come_back_byte_for_byte",
        journal::records_come_back_byte_for_byte,
    ),
    (
        "a_conflict_writes_nothing",
        journal::a_conflict_writes_nothing,
    ),
    (
        "appends_of_a_case_may_be_sent_without_waiting",
        journal::appends_of_a_case_may_be_sent_without_waiting,
    ),
    (
        "what_cannot_be_held_is_refused",
        journal::what_cannot_be_held_is_refused,
    ),
    (
        "reading_pages_from_any_position",
        journal::reading_pages_from_any_position,
    ),
    ("an_answer_may_append", journal::an_answer_may_append),
    (
        "a_panicking_answer_hurts_nobody",
        journal::a_panicking_answer_hurts_nobody,
    ),
    ("followers_are_told", journal::followers_are_told),
    ("waiting_ends", journal::waiting_ends),
    (
        "reopening_keeps_everything_and_raises_the_epoch",
        journal::reopening_keeps_everything_and_raises_the_epoch,
    ),
    (
        "two_owners_are_never_both_served",
        journal::two_owners_are_never_both_served,
    ),
    (
        "a_closed_store_takes_nothing",
        journal::a_closed_store_takes_nothing,
    ),
    (
        "many_writers_lose_and_double_nothing",
        journal::many_writers_lose_and_double_nothing,
    ),
    (
        "the_index_is_an_ordered_map",
        lookup::the_index_is_an_ordered_map,
    ),
    (
        "the_index_moves_forward_only",
        lookup::the_index_moves_forward_only,
    ),
    (
        "the_index_comes_back_after_a_close",
        lookup::the_index_comes_back_after_a_close,
    ),
    (
        "contents_are_found_by_digest",
        lookup::contents_are_found_by_digest,
    ),
];

/// Runs [`ALL`].
///
/// # Panics
///
/// When a promise is not kept.
pub fn check(make: MakeBed<'_>) {
    for (name, check) in ALL {
        tracing::debug!(name, "conformance");
        check(make);
    }
}

/// Opens a bed that must open.
fn open(bed: &Bed) -> (Store, OpenReport) {
    match bed() {
        Ok(opened) => opened,
        Err(error) => panic!("the store does not open: {error}"),
    }
}

fn append(case: u64, expected: u64, records: &[&str]) -> Append {
    Append {
        case: CaseId(case),
        expected,
        records: records
            .iter()
            .map(|record| record.as_bytes().to_vec())
            .collect(),
        at: Timestamp(1_735_783_200_000_000 + expected as i64),
    }
}

/// Appends what must be taken.
fn must_append(store: &Store, append: Append) -> Committed {
    match append_and_wait(store.journal.as_ref(), append.clone()) {
        Ok(committed) => committed,
        Err(error) => panic!(
            "append to case {} at {} failed: {error}",
            append.case, append.expected
        ),
    }
}

/// Reads everything after a position, page by page.
fn read_all(store: &Store, mut after: Position, page: usize) -> Vec<Entry> {
    let mut all = Vec::new();
    loop {
        let entries = match store.journal.read(after, page) {
            Ok(entries) => entries,
            Err(error) => panic!("read after {after} failed: {error}"),
        };
        assert!(
            entries.len() <= page,
            "a page of {page} had {} entries",
            entries.len()
        );
        let Some(last) = entries.last() else {
            return all;
        };
        after = last.position;
        all.extend(entries);
    }
}
