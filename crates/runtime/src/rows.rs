//! What the index holds, row by row. All of it is rebuilt from the journal.
//!
//! | key | value |
//! |---|---|
//! | `h` | the highest case number seen, big endian |
//! | `k` key | case number, digest of the application, service: the idempotency key's owner |
//! | `o` case | nothing: the case is open |
//! | `s` case | [`Summary`] as JSON |
//! | `r` case, first sequence | records: for each its position (8 bytes, little endian), its length (4), its bytes |
//!
//! Numbers in keys are 8 bytes, big endian, so that keys are ordered as numbers are.

use onething_engine::CaseStatus;
use onething_model::{CaseId, Digest, ServiceKey, Timestamp};
use onething_store::Position;
use serde::{Deserialize, Serialize};

pub(crate) const HIGHEST: &[u8] = b"h";
pub(crate) const OPEN: &[u8] = b"o";
pub(crate) const SUMMARY: &[u8] = b"s";

pub(crate) fn key_row(key: &str) -> Vec<u8> {
    [b"k", key.as_bytes()].concat()
}

pub(crate) fn of_case(prefix: &[u8], case: CaseId) -> Vec<u8> {
    [prefix, &case.0.to_be_bytes()].concat()
}

pub(crate) fn records_prefix(case: CaseId) -> Vec<u8> {
    of_case(b"r", case)
}

pub(crate) fn records_row(case: CaseId, first_seq: u64) -> Vec<u8> {
    let mut row = records_prefix(case);
    row.extend(first_seq.to_be_bytes());
    row
}

/// The case number at the end of a key of [`of_case`].
pub(crate) fn case_of(row: &[u8]) -> Option<CaseId> {
    let (_, number) = row.split_last_chunk::<8>()?;
    Some(CaseId(u64::from_be_bytes(*number)))
}

/// A record with its place, as the index keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) position: Position,
    pub(crate) record: Vec<u8>,
}

pub(crate) fn push_record(chunk: &mut Vec<u8>, position: Position, record: &[u8]) {
    chunk.extend(position.0.to_le_bytes());
    // An append is far below 4 GiB.
    chunk.extend((record.len() as u32).to_le_bytes());
    chunk.extend(record);
}

/// The records of a chunk; `None` if it is damaged.
pub(crate) fn records_of(mut chunk: &[u8]) -> Option<Vec<Kept>> {
    let mut records = Vec::new();
    while !chunk.is_empty() {
        let (position, rest) = chunk.split_first_chunk::<8>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (record, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        records.push(Kept {
            position: Position(u64::from_le_bytes(*position)),
            record: record.to_vec(),
        });
        chunk = rest;
    }
    Some(records)
}

/// Whose an idempotency key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyOwner {
    pub(crate) case: CaseId,
    pub(crate) request: Digest,
    pub(crate) service: String,
}

impl KeyOwner {
    pub(crate) fn encode(&self) -> Vec<u8> {
        [
            &self.case.0.to_be_bytes()[..],
            &self.request.0,
            self.service.as_bytes(),
        ]
        .concat()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (case, rest) = bytes.split_first_chunk::<8>()?;
        let (request, service) = rest.split_first_chunk::<32>()?;
        Some(Self {
            case: CaseId(u64::from_be_bytes(*case)),
            request: Digest(*request),
            service: String::from_utf8(service.to_vec()).ok()?,
        })
    }
}

/// A case in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Summary {
    pub(crate) service: ServiceKey,
    pub(crate) definition: Digest,
    /// The key as everybody gets to read it.
    pub(crate) key: String,
    pub(crate) opened: Timestamp,
    /// How it ended and when; open while there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ended: Option<(Ended, Timestamp)>,
}

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Ended {
    Closed,
    Refused,
    Withdrawn,
    NotAccepted,
}

impl Ended {
    pub(crate) const fn status(self) -> CaseStatus {
        match self {
            Self::Closed => CaseStatus::Closed,
            Self::Refused => CaseStatus::Refused,
            Self::Withdrawn => CaseStatus::Withdrawn,
            Self::NotAccepted => CaseStatus::NotAccepted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_give_back_their_records_and_damage_is_seen() {
        let mut chunk = Vec::new();
        push_record(&mut chunk, Position(7), b"one");
        let first = chunk.len();
        push_record(&mut chunk, Position(9), b"");
        let records = records_of(&chunk).unwrap();
        assert_eq!(records.len(), 2);
        assert_eq!(
            (records[0].position, &*records[0].record),
            (Position(7), &b"one"[..])
        );
        assert_eq!(
            (records[1].position, &*records[1].record),
            (Position(9), &b""[..])
        );
        for cut in (1..chunk.len()).filter(|cut| *cut != first) {
            assert_eq!(records_of(&chunk[..cut]), None, "cut at {cut}");
        }
    }

    #[test]
    fn keys_are_ordered_as_numbers_are() {
        assert!(records_row(CaseId(2), 300) < records_row(CaseId(10), 1));
        assert!(records_row(CaseId(10), 2) < records_row(CaseId(10), 256));
        assert_eq!(case_of(&of_case(OPEN, CaseId(77))), Some(CaseId(77)));
        let owner = KeyOwner {
            case: CaseId(5),
            request: Digest::of(b"x"),
            service: "newborn".to_owned(),
        };
        assert_eq!(KeyOwner::decode(&owner.encode()), Some(owner));
    }
}
