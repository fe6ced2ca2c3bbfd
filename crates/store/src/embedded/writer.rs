//! The commit thread: one write and one sync for everything that waits.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use onething_model::{CaseId, Timestamp};

use super::frame::{Header, Kind};
use super::journal::Shared;
use super::queue::Item;
use super::recover::{Segment, Tip};
use super::segment::{self, SEGMENT_HEADER_BYTES, SegmentHeader, path_of};
use crate::files::File;
use crate::{Committed, Epoch, Error, Position};

/// A write buffer that grew beyond this is given back after its batch.
const KEEP_BUFFER_BYTES: usize = 16 << 20;

/// Owns the end of the journal.
pub(super) struct Writer {
    pub(super) shared: Arc<Shared>,
    /// The last segment.
    pub(super) file: Arc<dyn File>,
    pub(super) path: PathBuf,
    pub(super) number: u64,
    /// Where its next frame goes. Everything before is durable.
    pub(super) offset: u64,
    pub(super) tip: Tip,
    pub(super) segment_bytes: u64,
    pub(super) batch_bytes: usize,
    /// Why nothing is written any more.
    pub(super) poison: Option<Error>,
    /// Reused from batch to batch.
    pub(super) buffer: Vec<u8>,
    pub(super) ahead: HashMap<CaseId, u64>,
}

/// Frames that have been encoded into the buffer.
struct Batch {
    tip: Tip,
    /// The first position and the offset of each frame.
    marks: Vec<(u64, u64)>,
}

impl Writer {
    /// Takes and commits until nothing more will come, then says so on disk.
    pub(super) fn run(mut self) -> Result<(), Error> {
        let shared = Arc::clone(&self.shared);
        shared.queue.become_taker();
        let ended = catch_unwind(AssertUnwindSafe(|| {
            let mut items = Vec::new();
            loop {
                shared.queue.take(&mut items);
                if items.is_empty() {
                    break;
                }
                while !items.is_empty() {
                    self.commit_some(&mut items);
                }
            }
            match &self.poison {
                Some(poison) => Err(poison.clone()),
                None => self.housekeep(Kind::Closed, self.tip.epoch, Timestamp(0), b""),
            }
        }));
        ended.unwrap_or_else(|_| {
            // A bug here must not leave anybody waiting for an answer.
            let error = Error::unavailable("the commit thread panicked");
            shared.queue.refuse(error.clone());
            let mut items = Vec::new();
            shared.queue.take(&mut items);
            for item in items {
                answer(item, Err(error.clone()));
            }
            Err(error)
        })
    }

    /// Writes a frame without records, as a batch of its own.
    pub(super) fn housekeep(
        &mut self,
        kind: Kind,
        epoch: Epoch,
        at: Timestamp,
        payload: &[u8],
    ) -> Result<(), Error> {
        self.make_room()?;
        let mut batch = self.begin();
        let header = Header {
            kind,
            last_in_batch: true,
            records: 0,
            payload_bytes: payload.len() as u32,
            payload_crc: crc32c::crc32c(payload),
            epoch,
            batch: self.tip.batch + 1,
            first: self.tip.position + 1,
            case: CaseId(0),
            expected: 0,
            at,
            chain: [0; 32],
        };
        self.encode(
            &mut batch,
            header,
            payload,
            blake3::hash(payload).as_bytes(),
        );
        self.flush(batch)
    }

    /// Commits the first of the items, as many as one write takes, and answers them.
    fn commit_some(&mut self, items: &mut Vec<Item>) {
        if let Some(poison) = &self.poison {
            for item in items.drain(..) {
                answer(item, Err(poison.clone()));
            }
            return;
        }
        let mut bytes = 0;
        let count = items
            .iter()
            .take_while(|item| {
                let before = bytes;
                bytes += item.payload.len();
                before == 0 || bytes <= self.batch_bytes
            })
            .count();

        let outcomes = self.check(items.get(..count).unwrap_or_default());
        let written = if outcomes.iter().any(Result::is_ok) {
            self.write(items, &outcomes)
        } else {
            Ok(())
        };
        if written.is_ok() {
            self.publish_tails();
            let end = Position(self.tip.position);
            if end > self.shared.watchers.end() {
                self.shared.watchers.advance(end);
            }
        }
        for (item, outcome) in items.drain(..count).zip(outcomes) {
            // When the batch failed, a conflict may have been one with a record that is not there.
            answer(item, written.clone().and(outcome));
        }
    }

    /// Decides which items come at the right place of their case, and where their records will be.
    fn check(&mut self, items: &[Item]) -> Vec<Result<Committed, Error>> {
        self.ahead.clear();
        let tails = self
            .shared
            .tails
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let mut position = self.tip.position;
        items
            .iter()
            .map(|item| {
                let actual = match self.ahead.get(&item.case) {
                    Some(ahead) => *ahead,
                    None => tails.get(&item.case).copied().unwrap_or(0),
                };
                if actual != item.expected {
                    return Err(Error::Conflict {
                        case: item.case,
                        expected: item.expected,
                        actual,
                    });
                }
                let records = u64::from(item.records);
                // `validate` has refused a sequence that would pass the end of the numbers.
                let seq = item.expected.saturating_add(records);
                position = position.saturating_add(records);
                self.ahead.insert(item.case, seq);
                Ok(Committed {
                    position: Position(position),
                    seq,
                })
            })
            .collect()
    }

    fn write(
        &mut self,
        items: &[Item],
        outcomes: &[Result<Committed, Error>],
    ) -> Result<(), Error> {
        self.make_room()?;
        let last = outcomes.iter().rposition(Result::is_ok);
        let mut batch = self.begin();
        let number = self.tip.batch + 1;
        for (index, (item, outcome)) in items.iter().zip(outcomes).enumerate() {
            if outcome.is_err() {
                continue;
            }
            let header = Header {
                kind: Kind::Records,
                last_in_batch: Some(index) == last,
                records: item.records,
                payload_bytes: item.payload.len() as u32,
                payload_crc: item.payload_crc,
                epoch: self.tip.epoch,
                batch: number,
                first: batch.tip.position + 1,
                case: item.case,
                expected: item.expected,
                at: item.at,
                chain: [0; 32],
            };
            self.encode(&mut batch, header, &item.payload, &item.payload_digest);
        }
        self.flush(batch)
    }

    /// Begins a new segment when the present one is full.
    fn make_room(&mut self) -> Result<(), Error> {
        if self.offset < self.segment_bytes {
            return Ok(());
        }
        let header = SegmentHeader {
            number: self.number + 1,
            first: self.tip.position + 1,
            batch: self.tip.batch,
            identity: self.shared.identity,
            chain: self.tip.chain,
        };
        let shared = &self.shared;
        self.file = segment::create(shared.files.as_ref(), &shared.folder, &header)?;
        self.number = header.number;
        self.path = path_of(&shared.folder, header.number);
        self.offset = SEGMENT_HEADER_BYTES as u64;
        shared
            .segments
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Segment::new(&shared.folder, &header));
        Ok(())
    }

    fn begin(&mut self) -> Batch {
        self.buffer.clear();
        Batch {
            tip: self.tip,
            marks: Vec::new(),
        }
    }

    fn encode(&mut self, batch: &mut Batch, header: Header, payload: &[u8], digest: &[u8; 32]) {
        batch
            .marks
            .push((header.first, self.offset + self.buffer.len() as u64));
        let codec = self.shared.codec;
        let header = codec.encode(header, payload, digest, &batch.tip.chain, &mut self.buffer);
        batch.tip = Tip {
            position: batch.tip.position + u64::from(header.records),
            batch: header.batch,
            batch_complete: header.last_in_batch,
            epoch: header.epoch,
            chain: header.chain,
            kind: header.kind,
        };
    }

    /// Writes the buffer, syncs, and lets readers see it.
    fn flush(&mut self, batch: Batch) -> Result<(), Error> {
        if let Err(error) = self.file.write_all_at(&self.buffer, self.offset) {
            return Err(self.give_up_write(error));
        }
        if let Err(error) = self.file.sync_data() {
            let path = self.path.display();
            return Err(self.poisoned(format!("failed to sync {path}: {error}")));
        }
        self.offset += self.buffer.len() as u64;
        self.tip = batch.tip;
        let mut segments = self
            .shared
            .segments
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(segment) = segments.last_mut() {
            segment.bytes = self.offset;
            for (first, offset) in batch.marks {
                segment.mark(first, offset);
            }
        }
        drop(segments);
        if self.buffer.capacity() > KEEP_BUFFER_BYTES {
            self.buffer = Vec::new();
        }
        Ok(())
    }

    /// A write failed. Without room, what was written of it is cut off again and the journal goes on;
    /// the cut is synced, so that a refused record cannot come back.
    fn give_up_write(&mut self, error: std::io::Error) -> Error {
        let failed = Error::io("write", &self.path, error);
        let is_full = matches!(failed, Error::Full { .. });
        let cut = if is_full {
            self.file
                .set_len(self.offset)
                .and_then(|()| self.file.sync_data())
        } else {
            Ok(())
        };
        match cut {
            Ok(()) if is_full => failed,
            Ok(()) => self.poisoned(failed.to_string()),
            Err(error) => {
                let path = self.path.display();
                self.poisoned(format!(
                    "failed to cut {path} back after a write failed: {error}"
                ))
            }
        }
    }

    /// Nothing more is acknowledged: what the disk holds is no longer known.
    fn poisoned(&mut self, why: String) -> Error {
        tracing::error!(why, "the journal stops taking records");
        let error = Error::unavailable(why);
        self.shared.queue.refuse(error.clone());
        self.poison = Some(error.clone());
        error
    }

    fn publish_tails(&mut self) {
        let mut tails = self
            .shared
            .tails
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        tails.extend(self.ahead.drain());
    }
}

fn answer(item: Item, result: Result<Committed, Error>) {
    let done = item.done;
    // A caller that panics is its author's trouble, not the other callers'.
    if catch_unwind(AssertUnwindSafe(|| done(result))).is_err() {
        tracing::error!("the answer to an append panicked");
    }
}
