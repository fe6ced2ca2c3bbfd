//! Segments: the files of the journal, and reading frames out of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::frame::{Chain, Codec, Fault, HEADER_BYTES, Header, MAGIC, put, take};
use crate::Error;
use crate::files::{File, Files, Mode};

/// The bytes of a segment before its first frame.
pub(super) const SEGMENT_HEADER_BYTES: usize = 128;

const SEGMENT_MAGIC: [u8; 8] = *b"onethseg";

/// The format of segments and frames that this program writes and reads.
pub(crate) const FORMAT: u32 = 1;

/// How much is read at once.
const CHUNK_BYTES: usize = 256 << 10;

/// The beginning of a segment: how it continues the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SegmentHeader {
    pub(super) number: u64,
    /// The position of the next record.
    pub(super) first: u64,
    /// The last batch before this segment.
    pub(super) batch: u64,
    /// Tells this journal from every other one.
    pub(super) identity: [u8; 32],
    /// The chain hash of the last frame before this segment.
    pub(super) chain: Chain,
}

impl SegmentHeader {
    fn encode(&self) -> [u8; SEGMENT_HEADER_BYTES] {
        let mut bytes = [0; SEGMENT_HEADER_BYTES];
        put(&mut bytes, 0, SEGMENT_MAGIC);
        put(&mut bytes, 8, FORMAT.to_le_bytes());
        put(&mut bytes, 16, self.number.to_le_bytes());
        put(&mut bytes, 24, self.first.to_le_bytes());
        put(&mut bytes, 32, self.batch.to_le_bytes());
        put(&mut bytes, 40, self.identity);
        put(&mut bytes, 72, self.chain);
        let crc = crc32c::crc32c(&bytes[..124]);
        put(&mut bytes, 124, crc.to_le_bytes());
        bytes
    }

    fn decode(bytes: &[u8; SEGMENT_HEADER_BYTES]) -> Result<Self, Fault> {
        if take::<8>(bytes, 0) != SEGMENT_MAGIC {
            return Err(Fault::Damaged("this is not a journal segment"));
        }
        if u32::from_le_bytes(take(bytes, 124)) != crc32c::crc32c(&bytes[..124]) {
            return Err(Fault::Damaged(
                "the checksum of the segment's header does not match",
            ));
        }
        if u32::from_le_bytes(take(bytes, 8)) != FORMAT {
            return Err(Fault::Unknown(
                "the segment has a format this program does not know",
            ));
        }
        if take::<4>(bytes, 12) != [0; 4] || take::<20>(bytes, 104) != [0; 20] {
            return Err(Fault::Unknown(
                "the segment has flags this format does not have",
            ));
        }
        Ok(Self {
            number: u64::from_le_bytes(take(bytes, 16)),
            first: u64::from_le_bytes(take(bytes, 24)),
            batch: u64::from_le_bytes(take(bytes, 32)),
            identity: take(bytes, 40),
            chain: take(bytes, 72),
        })
    }
}

/// The file of a segment.
pub(super) fn path_of(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:08}.seg"))
}

/// The number in the name of a segment's file.
pub(super) fn number_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".seg")?;
    let number: u64 = digits.parse().ok()?;
    (number > 0 && name == format!("{number:08}.seg")).then_some(number)
}

/// Makes a segment's file; it is durable, and so is its name, when this returns.
///
/// What could not be finished is removed again.
pub(super) fn create(
    files: &dyn Files,
    folder: &Path,
    header: &SegmentHeader,
) -> Result<Arc<dyn File>, Error> {
    let path = path_of(folder, header.number);
    let file = files
        .open(&path, Mode::CreateNew)
        .map_err(|error| Error::io("create", &path, error))?;
    let written = file
        .write_all_at(&header.encode(), 0)
        .and_then(|()| file.sync_data())
        .and_then(|()| files.sync_dir(folder));
    if let Err(error) = written {
        // If this fails too, the next opening takes it for an interrupted creation and removes it.
        let _ = files.remove(&path).and_then(|()| files.sync_dir(folder));
        return Err(Error::io("write", &path, error));
    }
    Ok(file)
}

/// Reads the header of a segment. `Err` inside `Ok` says that there is none.
pub(super) fn read_header(
    file: &dyn File,
    path: &Path,
) -> Result<Result<SegmentHeader, Fault>, Error> {
    let mut bytes = [0; SEGMENT_HEADER_BYTES];
    let read = file
        .read_full_at(&mut bytes, 0)
        .map_err(|error| Error::io("read", path, error))?;
    if read < SEGMENT_HEADER_BYTES {
        return Ok(Err(Fault::Damaged("the segment ends within its header")));
    }
    Ok(SegmentHeader::decode(&bytes))
}

/// What comes next in a segment.
#[derive(Debug)]
pub(super) enum Step<'a> {
    /// A whole frame.
    Frame(Header, &'a [u8]),
    /// The segment ends here.
    End,
    /// What is here is no whole frame.
    Bad(Fault),
}

/// Reads the frames of a segment one after the other.
pub(super) struct Reader {
    file: Arc<dyn File>,
    path: PathBuf,
    codec: Codec,
    /// Where reading must stop.
    end: u64,
    /// The offset of the next frame.
    offset: u64,
    /// Bytes of the file from `start` on.
    buffer: Vec<u8>,
    start: u64,
}

impl Reader {
    pub(super) fn new(
        file: Arc<dyn File>,
        path: PathBuf,
        codec: Codec,
        offset: u64,
        end: u64,
    ) -> Self {
        Self {
            file,
            path,
            codec,
            end,
            offset,
            buffer: Vec::new(),
            start: offset,
        }
    }

    /// Where the next frame begins, or the bad bytes do.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The next frame; with `skip`, the next whose records do not all lie at or before that position.
    ///
    /// The payloads of those that are skipped are not checked.
    pub(super) fn next(&mut self, skip: Option<u64>) -> Result<Step<'_>, Error> {
        loop {
            let left = self.end.saturating_sub(self.offset);
            if left == 0 {
                return Ok(Step::End);
            }
            if left < HEADER_BYTES as u64 || !self.fill(HEADER_BYTES)? {
                return Ok(Step::Bad(Fault::Damaged(
                    "the file ends within a frame's header",
                )));
            }
            let header = match self.codec.decode(&take(self.have(HEADER_BYTES), 0)) {
                Ok(header) => header,
                Err(fault) => return Ok(Step::Bad(fault)),
            };
            let total = HEADER_BYTES + header.payload_bytes as usize;
            if left < total as u64 {
                return Ok(Step::Bad(Fault::Damaged("the file ends within a frame")));
            }
            let next = header.first.saturating_add(u64::from(header.records));
            if skip.is_some_and(|skip| next <= skip.saturating_add(1)) {
                self.offset += total as u64;
                continue;
            }
            if !self.fill(total)? {
                return Ok(Step::Bad(Fault::Damaged("the file ends within a frame")));
            }
            let begin = (self.offset - self.start) as usize;
            let payload = &self.buffer[begin + HEADER_BYTES..begin + total];
            if crc32c::crc32c(payload) != header.payload_crc {
                return Ok(Step::Bad(Fault::Damaged(
                    "the checksum of a frame's payload does not match",
                )));
            }
            self.offset += total as u64;
            return Ok(Step::Frame(header, payload));
        }
    }

    /// The frame header at the present offset, if one is there; its payload may be damaged.
    pub(super) fn header_here(&mut self) -> Result<Option<Header>, Error> {
        let left = self.end.saturating_sub(self.offset);
        if left < HEADER_BYTES as u64 || !self.fill(HEADER_BYTES)? {
            return Ok(None);
        }
        Ok(self.codec.decode(&take(self.have(HEADER_BYTES), 0)).ok())
    }

    /// Whether a whole frame header that `wanted` accepts stands anywhere behind the present offset;
    /// if so, reading goes on there.
    pub(super) fn find_behind(&mut self, wanted: impl Fn(&Header) -> bool) -> Result<bool, Error> {
        let mut at = self.offset + 1;
        while at + HEADER_BYTES as u64 <= self.end {
            self.offset = at;
            if !self.fill(CHUNK_BYTES.min((self.end - at) as usize))? {
                break;
            }
            let begin = (self.offset - self.start) as usize;
            let have = &self.buffer[begin..];
            let last = have.len() - HEADER_BYTES;
            for index in 0..=last {
                if have[index..].starts_with(&MAGIC)
                    && let Ok(header) = self.codec.decode(&take(have, index))
                    && wanted(&header)
                {
                    self.offset += index as u64;
                    return Ok(true);
                }
            }
            at += last as u64 + 1;
        }
        Ok(false)
    }

    /// Makes sure that so many bytes from the offset on are in the buffer, if the file has them.
    fn fill(&mut self, wanted: usize) -> Result<bool, Error> {
        let begin = (self.offset - self.start) as usize;
        if self.buffer.len().saturating_sub(begin) >= wanted {
            return Ok(true);
        }
        // What lies before the offset is not needed any more.
        self.buffer.drain(..begin.min(self.buffer.len()));
        self.start = self.offset;
        let have = self.buffer.len();
        let room = (self.end - self.start) as usize;
        self.buffer
            .resize(wanted.max(CHUNK_BYTES).min(room).max(have), 0);
        let read = self
            .file
            .read_full_at(&mut self.buffer[have..], self.start + have as u64)
            .map_err(|error| Error::io("read", &self.path, error))?;
        self.buffer.truncate(have + read);
        Ok(self.buffer.len() >= wanted)
    }

    fn have(&self, bytes: usize) -> &[u8] {
        let begin = (self.offset - self.start) as usize;
        &self.buffer[begin..begin + bytes]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_segments() {
        let path = path_of(Path::new("j"), 12);
        assert_eq!(path, Path::new("j/00000012.seg"));
        assert_eq!(number_of("00000012.seg"), Some(12));
        assert_eq!(number_of("123456789.seg"), Some(123_456_789));
        for other in [
            "12.seg",
            "00000000.seg",
            "0000001x.seg",
            "00000012",
            "+0000012.seg",
        ] {
            assert_eq!(number_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_segment_header_comes_back_and_any_changed_bit_is_seen() {
        let header = SegmentHeader {
            number: 3,
            first: 77,
            batch: 12,
            identity: [4; 32],
            chain: [9; 32],
        };
        let bytes = header.encode();
        assert_eq!(SegmentHeader::decode(&bytes), Ok(header));
        for bit in 0..SEGMENT_HEADER_BYTES * 8 {
            let mut changed = bytes;
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(SegmentHeader::decode(&changed).is_err(), "bit {bit}");
        }
    }
}
