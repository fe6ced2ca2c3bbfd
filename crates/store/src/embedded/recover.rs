//! Reading the journal when it is opened: where it ends, and whether it is whole.
//!
//! The writer keeps one rule that everything here stands on: batch `n + 1` is
//! written only after batch `n` is synced, and a new segment is made only
//! after everything before it is synced. So what a power cut may have
//! destroyed is the last batch of the last segment and nothing else; every
//! other damage is reported and left as it is.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use onething_model::CaseId;

use super::frame::{Chain, Codec, Fault, Header, Kind, chain, fields_of, records_of};
use super::segment::{
    self, Reader, SEGMENT_HEADER_BYTES, SegmentHeader, Step, number_of, path_of, read_header,
};
use crate::files::{File, Files, Mode};
use crate::{Epoch, Error, Torn};

/// Every so many bytes of a segment the position reached there is kept in memory.
pub(super) const MARK_BYTES: u64 = 64 << 10;

/// No position, batch or epoch passes this, so that the next one can always be counted.
const MAX_NUMBER: u64 = u64::MAX / 2;

/// The last thing known of a journal: what the next frame must continue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tip {
    /// The position of the last record.
    pub(super) position: u64,
    /// The last batch.
    pub(super) batch: u64,
    /// Whether its last frame has been seen.
    pub(super) batch_complete: bool,
    pub(super) epoch: Epoch,
    pub(super) chain: Chain,
    pub(super) kind: Kind,
}

impl Tip {
    /// Before the first frame of a journal.
    pub(super) const fn start(chain: Chain) -> Self {
        Self {
            position: 0,
            batch: 0,
            batch_complete: true,
            epoch: Epoch(0),
            chain,
            kind: Kind::Closed,
        }
    }

    /// At a frame whose place is taken at its word.
    pub(super) fn at(header: &Header) -> Self {
        Self {
            position: header
                .first
                .saturating_add(u64::from(header.records))
                .saturating_sub(1),
            batch: header.batch,
            batch_complete: header.last_in_batch,
            epoch: header.epoch,
            chain: header.chain,
            kind: header.kind,
        }
    }

    /// Moves over a frame, if it continues what was before.
    pub(super) fn follow(&mut self, header: &Header) -> Result<(), &'static str> {
        let same_batch = header.batch == self.batch && !self.batch_complete;
        if !same_batch && Some(header.batch) != self.batch.checked_add(1) {
            return Err("a batch is missing before this frame");
        }
        if Some(header.first) != self.position.checked_add(1) {
            return Err("records are missing before this frame");
        }
        let epoch_fits = match header.kind {
            Kind::Opened => header.epoch > self.epoch,
            Kind::Records | Kind::Closed => header.epoch == self.epoch,
        };
        if !epoch_fits {
            return Err("this frame is of another epoch than the one before");
        }
        let position = self.position.saturating_add(u64::from(header.records));
        if position.max(header.batch).max(header.epoch.0) > MAX_NUMBER {
            return Err("a position, batch or epoch is beyond all that a journal can reach");
        }
        self.position = position;
        self.batch = header.batch;
        self.batch_complete = header.last_in_batch;
        self.epoch = header.epoch;
        self.chain = header.chain;
        self.kind = header.kind;
        Ok(())
    }
}

/// What is kept in memory of a segment.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    pub(super) number: u64,
    pub(super) path: PathBuf,
    /// The position of its first record, if it has one.
    pub(super) first: u64,
    /// Where its durable frames end.
    pub(super) bytes: u64,
    /// Positions before which nothing lies at or behind an offset, in order.
    pub(super) marks: Vec<(u64, u64)>,
}

impl Segment {
    pub(super) fn new(folder: &Path, header: &SegmentHeader) -> Self {
        Self {
            number: header.number,
            path: path_of(folder, header.number),
            first: header.first,
            bytes: SEGMENT_HEADER_BYTES as u64,
            marks: vec![(header.first, SEGMENT_HEADER_BYTES as u64)],
        }
    }

    /// Notes that the frame at `offset` begins with position `first`, unless a mark is near.
    pub(super) fn mark(&mut self, first: u64, offset: u64) {
        let near = self
            .marks
            .last()
            .is_some_and(|(_, marked)| offset.saturating_sub(*marked) < MARK_BYTES);
        if !near {
            self.marks.push((first, offset));
        }
    }

    /// An offset at or before the frame that holds a position.
    pub(super) fn seek(&self, position: u64) -> u64 {
        let after = self.marks.partition_point(|(first, _)| *first <= position);
        after
            .checked_sub(1)
            .and_then(|index| self.marks.get(index))
            .map_or(SEGMENT_HEADER_BYTES as u64, |(_, offset)| *offset)
    }
}

/// A journal that has been read through and is whole.
pub(super) struct Recovered {
    pub(super) identity: [u8; 32],
    pub(super) segments: Vec<Segment>,
    /// The last segment, to be written to.
    pub(super) file: Arc<dyn File>,
    pub(super) tip: Tip,
    pub(super) tails: HashMap<CaseId, u64>,
    pub(super) torn: Option<Torn>,
}

/// Reads a journal through, cuts an interrupted write off its end and makes
/// durable what is left.
pub(super) fn recover(files: &dyn Files, folder: &Path) -> Result<Recovered, Error> {
    let mut numbers = segment_numbers(files, folder)?;
    let mut torn = drop_unfinished(files, folder, &mut numbers)?;
    let Some(&last) = numbers.last() else {
        return Err(Error::corrupt(
            &path_of(folder, 1),
            0,
            "the first segment of the journal is missing",
        ));
    };

    let mut walk: Option<Walk> = None;
    let mut segments = Vec::with_capacity(numbers.len());
    let mut opened = None;
    for number in numbers {
        let path = path_of(folder, number);
        let mode = if number == last {
            Mode::Write
        } else {
            Mode::Read
        };
        let file = files
            .open(&path, mode)
            .map_err(|error| Error::io("open", &path, error))?;
        let header =
            read_header(file.as_ref(), &path)?.map_err(|fault| fault_at(&path, 0, fault))?;
        let walk = match &mut walk {
            Some(walk) => {
                walk.continue_with(&path, &header)?;
                walk
            }
            None => walk.insert(Walk::begin(&path, &header)?),
        };
        // Everything before a segment was synced before it was made, also before one that was not finished.
        let may_be_torn = number == last && torn.is_none();
        // The chain of sealed segments is for `verify`; their checksums are enough to open.
        let mut segment = Segment::new(folder, &header);
        let cut = walk.segment(&file, &mut segment, may_be_torn, number == last)?;
        if number == last {
            torn = torn.or(cut);
            opened = Some(file);
        }
        segments.push(segment);
    }
    let (Some(walk), Some(file), Some(segment)) = (walk, opened, segments.last()) else {
        return Err(Error::corrupt(folder, 0, "the journal has no segments"));
    };
    make_durable(file.as_ref(), segment, &walk, torn.as_ref())?;
    Ok(Recovered {
        identity: walk.identity,
        tip: walk.tip,
        tails: walk.tails,
        segments,
        file,
        torn,
    })
}

/// What [`EmbeddedStore::verify`](crate::EmbeddedStore::verify) found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many records it holds.
    pub records: u64,
    /// How many cases they belong to.
    pub cases: u64,
    /// How many segments they lie in.
    pub segments: u64,
    /// The chain hash of its end. Who noted it elsewhere can prove later that nothing before it was changed.
    pub head: onething_model::Digest,
}

/// Reads a journal through with every checksum and every link of the chain, and changes nothing.
///
/// An interrupted write at the end is left out.
pub(super) fn verify(files: &dyn Files, folder: &Path) -> Result<Verified, Error> {
    let numbers = segment_numbers(files, folder)?;
    let last = numbers.last().copied();
    let mut count = 0;
    let mut walk: Option<Walk> = None;
    for number in numbers {
        let path = path_of(folder, number);
        let file = files
            .open(&path, Mode::Read)
            .map_err(|error| Error::io("open", &path, error))?;
        let header = match read_header(file.as_ref(), &path)? {
            Ok(header) => header,
            Err(_)
                if Some(number) == last && number > 1 && is_unfinished(file.as_ref(), &path)? =>
            {
                continue;
            }
            Err(fault) => return Err(fault_at(&path, 0, fault)),
        };
        let walk = match &mut walk {
            Some(walk) => {
                walk.continue_with(&path, &header)?;
                walk
            }
            None => walk.insert(Walk::begin(&path, &header)?),
        };
        let mut segment = Segment::new(folder, &header);
        walk.segment(&file, &mut segment, Some(number) == last, true)?;
        count += 1;
    }
    let walk = walk.ok_or_else(|| {
        Error::corrupt(
            &path_of(folder, 1),
            0,
            "the first segment of the journal is missing",
        )
    })?;
    Ok(Verified {
        records: walk.tip.position,
        cases: walk.tails.len() as u64,
        segments: count,
        head: onething_model::Digest(walk.tip.chain),
    })
}

/// Reading on from segment to segment.
struct Walk {
    identity: [u8; 32],
    codec: Codec,
    tip: Tip,
    tails: HashMap<CaseId, u64>,
    last_segment: u64,
    /// Where the last batch of the segment that was read last begins.
    batch_offset: u64,
}

impl Walk {
    fn begin(path: &Path, header: &SegmentHeader) -> Result<Self, Error> {
        if (header.number, header.first, header.batch) != (1, 1, 0) {
            return Err(Error::corrupt(
                path,
                0,
                "this is not the first segment of a journal",
            ));
        }
        Ok(Self {
            identity: header.identity,
            codec: Codec::new(&header.identity),
            tip: Tip::start(header.chain),
            tails: HashMap::new(),
            last_segment: 1,
            batch_offset: SEGMENT_HEADER_BYTES as u64,
        })
    }

    /// Checks that a further segment continues what was read.
    fn continue_with(&mut self, path: &Path, header: &SegmentHeader) -> Result<(), Error> {
        let expected = SegmentHeader {
            number: self.last_segment + 1,
            first: self.tip.position + 1,
            batch: self.tip.batch,
            identity: self.identity,
            chain: self.tip.chain,
        };
        if *header != expected {
            return Err(Error::corrupt(
                path,
                0,
                format!(
                    "it continues a journal at record {} of batch {}, but the segment before ends \
                     with record {} of batch {}",
                    header.first, header.batch, self.tip.position, self.tip.batch
                ),
            ));
        }
        self.last_segment += 1;
        self.tip.batch_complete = true;
        Ok(())
    }

    /// Reads the frames of a segment; answers what an interrupted write left, where that may be.
    fn segment(
        &mut self,
        file: &Arc<dyn File>,
        segment: &mut Segment,
        may_be_torn: bool,
        check_chain: bool,
    ) -> Result<Option<Torn>, Error> {
        let path = segment.path.clone();
        let length = file
            .len()
            .map_err(|error| Error::io("read", &path, error))?;
        self.batch_offset = SEGMENT_HEADER_BYTES as u64;
        let mut reader = Reader::new(
            Arc::clone(file),
            path.clone(),
            self.codec,
            SEGMENT_HEADER_BYTES as u64,
            length,
        );
        loop {
            let offset = reader.offset();
            match reader.next(None)? {
                Step::Frame(header, payload) => {
                    self.frame(&header, payload, check_chain, offset)
                        .map_err(|what| Error::corrupt(&path, offset, what))?;
                    segment.mark(header.first, offset);
                    segment.bytes = reader.offset();
                }
                Step::End => return Ok(None),
                Step::Bad(fault @ Fault::Unknown(_)) => {
                    return Err(fault_at(&path, offset, fault));
                }
                Step::Bad(fault) => {
                    if !may_be_torn || self.is_synced_behind(&mut reader)? {
                        return Err(fault_at(&path, offset, fault));
                    }
                    return Ok(Some(Torn {
                        file: path,
                        offset,
                        bytes: length - offset,
                    }));
                }
            }
        }
    }

    fn frame(
        &mut self,
        header: &Header,
        payload: &[u8],
        check_chain: bool,
        offset: u64,
    ) -> Result<(), &'static str> {
        if check_chain {
            let digest = blake3::hash(payload);
            let expected = chain(&self.tip.chain, &fields_of(header), digest.as_bytes());
            if header.chain != expected {
                return Err(
                    "the chain of hashes is broken: this frame or one before it was changed",
                );
            }
        }
        let batch = self.tip.batch;
        self.tip.follow(header)?;
        if self.tip.batch != batch {
            self.batch_offset = offset;
        }
        if header.kind == Kind::Records {
            if records_of(payload, header.records).is_none() {
                return Err("the records of a frame do not fill it");
            }
            let tail = self.tails.entry(header.case).or_insert(0);
            if *tail != header.expected {
                return Err("records of this case are missing before this frame");
            }
            *tail = tail
                .checked_add(u64::from(header.records))
                .ok_or("the sequence of a case cannot pass 2^64")?;
        }
        Ok(())
    }

    /// Whether something behind bad bytes shows that they had been synced: a
    /// frame of a later batch than the one they must belong to.
    fn is_synced_behind(&self, reader: &mut Reader) -> Result<bool, Error> {
        let torn_batch = if self.tip.batch_complete {
            self.tip.batch + 1
        } else {
            self.tip.batch
        };
        reader.find_behind(|header| header.batch != torn_batch)
    }
}

/// The numbers of the segments, which must go up from 1 without a gap.
fn segment_numbers(files: &dyn Files, folder: &Path) -> Result<Vec<u64>, Error> {
    let names = files
        .list(folder)
        .map_err(|error| Error::io("list", folder, error))?;
    let mut numbers: Vec<u64> = names.iter().filter_map(|name| number_of(name)).collect();
    numbers.sort_unstable();
    for (number, expected) in numbers.iter().zip(1..) {
        if *number != expected {
            return Err(Error::corrupt(
                &path_of(folder, expected),
                0,
                "this segment of the journal is missing",
            ));
        }
    }
    Ok(numbers)
}

/// Removes a last segment whose creation was interrupted: its header was never synced, so it holds nothing.
fn drop_unfinished(
    files: &dyn Files,
    folder: &Path,
    numbers: &mut Vec<u64>,
) -> Result<Option<Torn>, Error> {
    // The first one is durable before the store has its version file.
    let Some(number) = numbers.last().copied().filter(|number| *number > 1) else {
        return Ok(None);
    };
    let path = path_of(folder, number);
    let file = files
        .open(&path, Mode::Read)
        .map_err(|error| Error::io("open", &path, error))?;
    if read_header(file.as_ref(), &path)?.is_ok() || !is_unfinished(file.as_ref(), &path)? {
        return Ok(None);
    }
    let bytes = file
        .len()
        .map_err(|error| Error::io("read", &path, error))?;
    files
        .remove(&path)
        .and_then(|()| files.sync_dir(folder))
        .map_err(|error| Error::io("remove", &path, error))?;
    numbers.pop();
    Ok(Some(Torn {
        file: path,
        offset: 0,
        bytes,
    }))
}

/// Whether a segment is too short to have a frame: its header is synced before the first is written.
pub(super) fn is_unfinished(file: &dyn File, path: &Path) -> Result<bool, Error> {
    let bytes = file.len().map_err(|error| Error::io("read", path, error))?;
    Ok(bytes <= SEGMENT_HEADER_BYTES as u64)
}

/// Cuts the interrupted write off and makes the last batch durable.
///
/// The last batch may be whole and yet not on disk: after a kill it lies in
/// the system's cache, and after a failed sync the system may believe that it
/// need not write it any more. So it is written again before anybody sees it.
fn make_durable(
    file: &dyn File,
    segment: &Segment,
    walk: &Walk,
    torn: Option<&Torn>,
) -> Result<(), Error> {
    let io = |doing| move |error| Error::io(doing, &segment.path, error);
    if torn.is_some_and(|torn| torn.file == segment.path) {
        file.set_len(segment.bytes).map_err(io("cut"))?;
    }
    if walk.tip.kind != Kind::Closed && walk.batch_offset < segment.bytes {
        let length = usize::try_from(segment.bytes - walk.batch_offset).unwrap_or(usize::MAX);
        let mut bytes = vec![0; length];
        let read = file
            .read_full_at(&mut bytes, walk.batch_offset)
            .map_err(io("read"))?;
        bytes.truncate(read);
        file.write_all_at(&bytes, walk.batch_offset)
            .map_err(io("write"))?;
    }
    file.sync_data().map_err(io("sync"))
}

fn fault_at(path: &Path, offset: u64, fault: Fault) -> Error {
    Error::corrupt(path, offset, fault.what())
}

/// Makes the first segment of a new journal.
pub(super) fn create(files: &dyn Files, folder: &Path, identity: [u8; 32]) -> Result<(), Error> {
    // A creation that was interrupted earlier left at most one segment without frames.
    let mut numbers = segment_numbers(files, folder)?;
    if let Some(number) = numbers.pop() {
        let path = path_of(folder, number);
        let file = files
            .open(&path, Mode::Read)
            .map_err(|error| Error::io("open", &path, error))?;
        if number != 1 || !is_unfinished(file.as_ref(), &path)? {
            return Err(Error::corrupt(
                &path,
                0,
                "there are records in it, but the store's version file is missing",
            ));
        }
        files
            .remove(&path)
            .map_err(|error| Error::io("remove", &path, error))?;
    }
    let header = SegmentHeader {
        number: 1,
        first: 1,
        batch: 0,
        identity,
        chain: identity,
    };
    segment::create(files, folder, &header).map(|_| ())
}
