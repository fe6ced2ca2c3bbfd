//! The journal on disk.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use onething_model::{CaseId, Timestamp};

use super::Options;
use super::folder::Lock;
use super::frame::{Codec, Header, Kind, records_of};
use super::queue::{Item, Queue};
use super::recover::{self, Segment};
use super::segment::{Reader, Step};
use super::writer::Writer;
use crate::files::{Files, Mode};
use crate::journal::validate;
use crate::watch::{Listener, Subscription, Watchers};
use crate::{Append, Done, Entry, Epoch, Error, Journal, Position, Torn};

/// One answer of `read` holds about so many bytes of records at most.
const READ_BYTES: usize = 8 << 20;

/// So many followers are remembered where they stopped reading.
const CURSORS: usize = 8;

/// What the commit thread and the readers share.
pub(super) struct Shared {
    pub(super) files: Arc<dyn Files>,
    pub(super) folder: PathBuf,
    pub(super) identity: [u8; 32],
    pub(super) codec: Codec,
    pub(super) queue: Queue,
    pub(super) segments: RwLock<Vec<Segment>>,
    /// How many records each case has: some 30 bytes for each case ever seen.
    pub(super) tails: RwLock<HashMap<CaseId, u64>>,
    pub(super) watchers: Arc<Watchers>,
}

/// An owner of the journal in a folder.
pub(super) struct EmbeddedJournal {
    shared: Arc<Shared>,
    epoch: Epoch,
    closed: AtomicBool,
    thread: Mutex<Option<JoinHandle<Result<(), Error>>>>,
    cursors: Mutex<Vec<Cursor>>,
}

/// Where a read ended, so that the next page begins without searching.
#[derive(Clone, Copy)]
struct Cursor {
    after: u64,
    segment: u64,
    offset: u64,
}

/// A journal that was opened, and what was found.
pub(super) struct Opened {
    pub(super) journal: EmbeddedJournal,
    pub(super) identity: [u8; 32],
    pub(super) torn: Option<Torn>,
}

impl EmbeddedJournal {
    /// Opens the journal in a folder that has one, and begins a new epoch.
    pub(super) fn open(
        files: Arc<dyn Files>,
        folder: &Path,
        options: &Options,
        opened_at: Timestamp,
        lock: Lock,
    ) -> Result<Opened, Error> {
        let found = recover::recover(files.as_ref(), folder)?;
        let (identity, torn) = (found.identity, found.torn.clone());
        let last = found
            .segments
            .last()
            .ok_or_else(|| Error::corrupt(folder, 0, "the journal has no segments"))?;
        let (path, number, offset) = (last.path.clone(), last.number, last.bytes);
        let epoch = Epoch(found.tip.epoch.0 + 1);
        let shared = Arc::new(Shared {
            files,
            folder: folder.to_owned(),
            identity,
            codec: Codec::new(&identity),
            queue: Queue::new(options.queue_appends, options.queue_bytes),
            segments: RwLock::new(found.segments),
            tails: RwLock::new(found.tails),
            watchers: Watchers::new(Position(found.tip.position)),
        });
        let mut writer = Writer {
            shared: Arc::clone(&shared),
            file: found.file,
            path,
            number,
            offset,
            tip: found.tip,
            segment_bytes: options.segment_bytes,
            batch_bytes: options.batch_bytes,
            poison: None,
            buffer: Vec::new(),
            ahead: HashMap::new(),
        };
        let note = opening_note(torn.as_ref());
        writer.housekeep(Kind::Opened, epoch, opened_at, note.as_bytes())?;
        let thread = std::thread::Builder::new()
            .name("onething-journal".to_owned())
            .spawn(move || {
                // The folder stays locked until nothing more is written to it.
                let _lock = lock;
                writer.run()
            })
            .map_err(|error| Error::io("start the commit thread of", folder, error))?;
        Ok(Opened {
            journal: Self {
                shared,
                epoch,
                closed: AtomicBool::new(false),
                thread: Mutex::new(Some(thread)),
                cursors: Mutex::default(),
            },
            identity,
            torn,
        })
    }

    /// Where to begin reading for what comes after a position: a segment's index and an offset in it.
    fn seek(&self, after: u64, segments: &[Segment]) -> Option<(usize, u64)> {
        let next = after.saturating_add(1);
        let index = segments
            .partition_point(|segment| segment.first <= next)
            .checked_sub(1)?;
        let segment = segments.get(index)?;
        let cursors = self.cursors.lock().unwrap_or_else(PoisonError::into_inner);
        let remembered = cursors
            .iter()
            .find(|cursor| cursor.after == after && cursor.segment == segment.number);
        Some((
            index,
            remembered.map_or_else(|| segment.seek(next), |cursor| cursor.offset),
        ))
    }

    fn remember(&self, cursor: Cursor) {
        let mut cursors = self.cursors.lock().unwrap_or_else(PoisonError::into_inner);
        if cursors.len() >= CURSORS {
            cursors.remove(0);
        }
        cursors.push(cursor);
    }
}

/// Why the epoch began, for the person who reads the journal one day.
fn opening_note(torn: Option<&Torn>) -> String {
    match torn {
        None => String::new(),
        Some(torn) => {
            let name = torn.file.file_name().unwrap_or_default().to_string_lossy();
            format!(
                r#"{{"cut":{{"segment":"{name}","offset":{},"bytes":{}}}}}"#,
                torn.offset, torn.bytes
            )
        }
    }
}

impl Journal for EmbeddedJournal {
    fn append(&self, append: Append, done: Done) {
        if let Err(error) = validate(&append) {
            return done(Err(error));
        }
        if let Some((item, refusal)) = self.shared.queue.push(Item::new(append, done)) {
            (item.done)(Err(refusal));
        }
    }

    fn read(&self, after: Position, limit: usize) -> Result<Vec<Entry>, Error> {
        let mut entries = Vec::new();
        if limit == 0 || after >= self.end() {
            return Ok(entries);
        }
        let (mut number, mut offset) = {
            let segments = self
                .shared
                .segments
                .read()
                .unwrap_or_else(PoisonError::into_inner);
            match self.seek(after.0, &segments) {
                Some((index, offset)) => (index, offset),
                None => return Ok(entries),
            }
        };
        let mut bytes = 0;
        let mut count;
        loop {
            // Copied out, so that the commit thread never waits for a reader.
            let segment = {
                let segments = self
                    .shared
                    .segments
                    .read()
                    .unwrap_or_else(PoisonError::into_inner);
                count = segments.len();
                segments
                    .get(number)
                    .map(|segment| (segment.number, segment.path.clone(), segment.bytes))
            };
            let Some((segment, path, end)) = segment else {
                return Ok(entries);
            };
            let is_last = number + 1 == count;
            let file = self
                .shared
                .files
                .open(&path, Mode::Read)
                .map_err(|error| Error::io("open", &path, error))?;
            let mut reader = Reader::new(file, path.clone(), self.shared.codec, offset, end);
            loop {
                let frame_offset = reader.offset();
                match reader.next(Some(after.0))? {
                    Step::End => {
                        if let (true, Some(last)) = (is_last, entries.last()) {
                            self.remember(Cursor {
                                after: last.position.0,
                                segment,
                                offset: frame_offset,
                            });
                        }
                        break;
                    }
                    Step::Bad(fault) => {
                        return Err(Error::corrupt(&path, frame_offset, fault.what()));
                    }
                    Step::Frame(header, payload) => {
                        bytes += payload.len();
                        take_entries(&header, payload, after, limit, &mut entries)
                            .map_err(|what| Error::corrupt(&path, frame_offset, what))?;
                        let whole = entries.last().is_some_and(|last| {
                            last.position.0.saturating_add(1)
                                == header.first.saturating_add(u64::from(header.records))
                        });
                        if entries.len() >= limit || bytes >= READ_BYTES {
                            if let Some(last) = entries.last() {
                                self.remember(Cursor {
                                    after: last.position.0,
                                    segment,
                                    offset: if whole { reader.offset() } else { frame_offset },
                                });
                            }
                            return Ok(entries);
                        }
                    }
                }
            }
            number += 1;
            offset = super::segment::SEGMENT_HEADER_BYTES as u64;
        }
    }

    fn end(&self) -> Position {
        self.shared.watchers.end()
    }

    fn sequence(&self, case: CaseId) -> u64 {
        let tails = self
            .shared
            .tails
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        tails.get(&case).copied().unwrap_or(0)
    }

    fn epoch(&self) -> Epoch {
        self.epoch
    }

    fn subscribe(&self, listener: Listener) -> Subscription {
        self.shared.watchers.subscribe(listener)
    }

    fn wait(&self, after: Position, timeout: Duration) -> Position {
        self.shared.watchers.wait(after, timeout, &self.closed)
    }

    fn close(&self) -> Result<(), Error> {
        self.shared.queue.refuse(Error::Closed);
        self.closed.store(true, Ordering::Release);
        self.shared.watchers.wake();
        if self.shared.queue.is_taker() {
            // An answer that closes the journal cannot wait for the thread it runs on.
            return Ok(());
        }
        // Held while joining: whoever closes at the same time returns when it is done.
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        match thread.take().map(JoinHandle::join) {
            None => Ok(()),
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(Error::unavailable("the commit thread panicked")),
        }
    }
}

impl Drop for EmbeddedJournal {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::error!(%error, "the journal did not close in order");
        }
    }
}

/// Adds the records of a frame that come after a position, up to a limit.
fn take_entries(
    header: &Header,
    payload: &[u8],
    after: Position,
    limit: usize,
    entries: &mut Vec<Entry>,
) -> Result<(), &'static str> {
    if header.kind != Kind::Records {
        return Ok(());
    }
    let records =
        records_of(payload, header.records).ok_or("the records of a frame do not fill it")?;
    for (record, number) in records.into_iter().zip(0..) {
        let position = Position(header.first.saturating_add(number));
        if position <= after {
            continue;
        }
        if entries.len() >= limit {
            break;
        }
        entries.push(Entry {
            position,
            epoch: header.epoch,
            case: header.case,
            seq: header.expected.saturating_add(number + 1),
            at: header.at,
            record: record.to_vec(),
        });
    }
    Ok(())
}
