//! Reads a case back: from the index as far as it goes, the rest from the journal.

use std::sync::Arc;

use onething_engine::{Case, DurableEvent, DurableRecord, Event, Record};
use onething_model::{CaseId, Digest, Timestamp};
use onething_store::{Error as StoreError, Position, Store};

use crate::definition::{Catalogue, Defined};
use crate::rows::{self, Kept};

/// Rows or entries that are read at once.
const PAGE: usize = 1_024;

/// Every durable record of a case, in order. The index may lag behind or fail:
/// then the journal is searched.
pub(crate) fn records(store: &Store, case: CaseId) -> Result<Vec<Kept>, StoreError> {
    let count = store.journal.sequence(case);
    let mut from = Position::START;
    let mut kept = Vec::new();
    // Read before the rows: what is fed meanwhile is found twice, not missed.
    let reached = store.index.reached();
    match indexed(store, case) {
        Ok(records) => {
            kept = records;
            from = reached;
        }
        Err(error) => tracing::warn!(%error, "a case is searched for in the whole journal"),
    }
    while (kept.len() as u64) < count {
        let entries = store.journal.read(from, PAGE)?;
        let Some(last) = entries.last() else { break };
        from = last.position;
        let known = kept.len() as u64;
        let of_case = |entry: &onething_store::Entry| entry.case == case && entry.seq > known;
        kept.extend(entries.into_iter().filter(of_case).map(|entry| Kept {
            position: entry.position,
            record: entry.record,
        }));
    }
    kept.truncate(usize::try_from(count).unwrap_or(usize::MAX));
    Ok(kept)
}

fn indexed(store: &Store, case: CaseId) -> Result<Vec<Kept>, StoreError> {
    let prefix = rows::records_prefix(case);
    let mut kept = Vec::new();
    let mut after: Option<Vec<u8>> = None;
    loop {
        let page = store.index.scan(&prefix, after.as_deref(), PAGE)?;
        let Some((last, _)) = page.last() else {
            return Ok(kept);
        };
        after = Some(last.clone());
        for (_, chunk) in page {
            let damaged = || StoreError::Index {
                what: format!("the records of case {case} are damaged there"),
            };
            kept.extend(rows::records_of(&chunk).ok_or_else(damaged)?);
        }
    }
}

/// A case that was read, with its definition.
pub(crate) struct Reread {
    pub(crate) defined: Arc<Defined>,
    pub(crate) case: Case,
    pub(crate) events: Vec<Event>,
    pub(crate) opened: Timestamp,
    pub(crate) latest: Timestamp,
}

/// Replays a case's records with the definition that it is pinned to.
///
/// # Errors
/// What is in the way, for a person.
pub(crate) fn replay(catalogue: &Catalogue, records: &[Kept]) -> Result<Reread, String> {
    let mut durable = Vec::with_capacity(records.len());
    for (seq, kept) in (1..).zip(records) {
        let record = DurableRecord::decode(&kept.record)
            .map_err(|error| format!("record {seq} of it cannot be read: {error}"))?;
        durable.push(record);
    }
    let first = durable.first().ok_or("it has no records")?;
    let opened = first.at;
    let digest = pinned_to(&first.event).ok_or("its first record does not open it")?;
    let defined = catalogue.pinned(&digest)?;
    let mut resolved: Vec<Record> = Vec::with_capacity(durable.len());
    for (seq, record) in (1..).zip(&durable) {
        let record = record
            .resolve(defined.plan())
            .map_err(|error| format!("record {seq} of it does not fit its definition: {error}"))?;
        resolved.push(record);
    }
    let latest = resolved
        .iter()
        .map(|record| record.at)
        .max()
        .unwrap_or(opened);
    let replayed = resolved.iter().map(|record| (record.at, &record.event));
    let case = Case::replay(&defined.blueprint, replayed).map_err(|error| error.to_string())?;
    Ok(Reread {
        defined,
        case,
        events: resolved.into_iter().map(|record| record.event).collect(),
        opened,
        latest,
    })
}

fn pinned_to(event: &DurableEvent) -> Option<Digest> {
    match event {
        Event::CaseOpened(opening) => Some(opening.definition),
        Event::ApplicationRefused(refused) => Some(refused.definition),
        _ => None,
    }
}

/// The faults of an application that was not accepted.
pub(crate) fn faults_of(events: &[Event]) -> Vec<onething_engine::Fault> {
    events
        .iter()
        .find_map(|event| match event {
            Event::ApplicationRefused(refused) => Some(refused.faults.clone()),
            _ => None,
        })
        .unwrap_or_default()
}
