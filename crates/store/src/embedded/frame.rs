//! Frames: what the journal's segments are made of.
//!
//! `docs/storage-format.md` describes the bytes; the golden store of the tests freezes them.

use onething_model::{CaseId, Timestamp};

use crate::journal::{MAX_APPEND_BYTES, MAX_APPEND_RECORDS};
use crate::{Append, Epoch};

/// The bytes of a frame before its payload.
pub(super) const HEADER_BYTES: usize = 104;

/// Begins every frame, so that frames can be found behind damage.
pub(super) const MAGIC: [u8; 4] = *b"\xf0rec";

/// Set on the last frame of a batch, that is, of one write and sync.
const LAST_IN_BATCH: u8 = 0b0000_0001;

/// A hash over everything up to and including a frame.
pub(super) type Chain = [u8; 32];

/// What a frame is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Records of one case.
    Records,
    /// The store was opened: a new epoch begins. The payload is JSON for people.
    Opened,
    /// The store was closed in order; nothing was pending.
    Closed,
}

impl Kind {
    const fn code(self) -> u8 {
        match self {
            Self::Records => 1,
            Self::Opened => 2,
            Self::Closed => 3,
        }
    }

    const fn of_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Records),
            2 => Some(Self::Opened),
            3 => Some(Self::Closed),
            _ => None,
        }
    }
}

/// Everything in a frame but its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: Kind,
    pub(super) last_in_batch: bool,
    pub(super) records: u32,
    pub(super) payload_bytes: u32,
    pub(super) payload_crc: u32,
    pub(super) epoch: Epoch,
    /// Counts the writes of the journal: batch `n + 1` is written after batch `n` is synced.
    pub(super) batch: u64,
    /// The position of the first record; without records, of the next one.
    pub(super) first: u64,
    pub(super) case: CaseId,
    pub(super) expected: u64,
    pub(super) at: Timestamp,
    pub(super) chain: Chain,
}

/// Why bytes are not a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// No frame was ever written like this, or its bytes changed since.
    Damaged(&'static str),
    /// A whole frame, but not one that this format has.
    Unknown(&'static str),
}

impl Fault {
    pub(super) const fn what(self) -> &'static str {
        match self {
            Self::Damaged(what) | Self::Unknown(what) => what,
        }
    }
}

/// Encodes and decodes frames of one journal.
///
/// Checksums of headers start from the journal's identity: bytes that somebody puts into a record
/// can therefore not pass for a frame, nor can a frame of another store.
#[derive(Debug, Clone, Copy)]
pub(super) struct Codec {
    seed: u32,
}

impl Codec {
    pub(super) fn new(identity: &[u8; 32]) -> Self {
        Self {
            seed: crc32c::crc32c(identity),
        }
    }

    /// Adds a frame to a buffer, and returns the header with its chain hash filled in.
    ///
    /// `digest` is the BLAKE3 digest of the payload.
    pub(super) fn encode(
        self,
        mut header: Header,
        payload: &[u8],
        digest: &[u8; 32],
        previous: &Chain,
        buffer: &mut Vec<u8>,
    ) -> Header {
        let mut bytes = fields_of(&header);
        header.chain = chain(previous, &bytes, digest);
        put(&mut bytes, 72, header.chain);
        let crc = self.header_crc(&bytes);
        put(&mut bytes, 4, crc.to_le_bytes());
        buffer.extend_from_slice(&bytes);
        buffer.extend_from_slice(payload);
        header
    }

    /// Reads a frame's header. The payload is checked apart, by its checksum.
    pub(super) fn decode(self, bytes: &[u8; HEADER_BYTES]) -> Result<Header, Fault> {
        if take::<4>(bytes, 0) != MAGIC {
            return Err(Fault::Damaged("no frame begins here"));
        }
        if u32::from_le_bytes(take(bytes, 4)) != self.header_crc(bytes) {
            return Err(Fault::Damaged(
                "the checksum of a frame's header does not match",
            ));
        }
        let kind = Kind::of_code(bytes[16]).ok_or(Fault::Unknown(
            "a frame is of a kind this format does not have",
        ))?;
        if bytes[17] & !LAST_IN_BATCH != 0 || take::<2>(bytes, 18) != [0, 0] {
            return Err(Fault::Unknown(
                "a frame has flags this format does not have",
            ));
        }
        let header = Header {
            kind,
            last_in_batch: bytes[17] & LAST_IN_BATCH != 0,
            payload_bytes: u32::from_le_bytes(take(bytes, 8)),
            payload_crc: u32::from_le_bytes(take(bytes, 12)),
            records: u32::from_le_bytes(take(bytes, 20)),
            epoch: Epoch(u64::from_le_bytes(take(bytes, 24))),
            batch: u64::from_le_bytes(take(bytes, 32)),
            first: u64::from_le_bytes(take(bytes, 40)),
            case: CaseId(u64::from_le_bytes(take(bytes, 48))),
            expected: u64::from_le_bytes(take(bytes, 56)),
            at: Timestamp(i64::from_le_bytes(take(bytes, 64))),
            chain: take(bytes, 72),
        };
        if header.payload_bytes as usize > MAX_APPEND_BYTES
            || header.records as usize > MAX_APPEND_RECORDS
            || (header.records == 0) != (header.kind != Kind::Records)
        {
            return Err(Fault::Unknown("a frame is larger than this format allows"));
        }
        Ok(header)
    }

    fn header_crc(self, bytes: &[u8; HEADER_BYTES]) -> u32 {
        crc32c::crc32c_append(self.seed, &bytes[8..])
    }
}

/// A header as bytes, but for the two fields that depend on others: the checksum and the chain hash.
pub(super) fn fields_of(header: &Header) -> [u8; HEADER_BYTES] {
    let mut bytes = [0; HEADER_BYTES];
    put(&mut bytes, 0, MAGIC);
    put(&mut bytes, 8, header.payload_bytes.to_le_bytes());
    put(&mut bytes, 12, header.payload_crc.to_le_bytes());
    put(&mut bytes, 16, [header.kind.code()]);
    put(
        &mut bytes,
        17,
        [if header.last_in_batch {
            LAST_IN_BATCH
        } else {
            0
        }],
    );
    put(&mut bytes, 20, header.records.to_le_bytes());
    put(&mut bytes, 24, header.epoch.0.to_le_bytes());
    put(&mut bytes, 32, header.batch.to_le_bytes());
    put(&mut bytes, 40, header.first.to_le_bytes());
    put(&mut bytes, 48, header.case.0.to_le_bytes());
    put(&mut bytes, 56, header.expected.to_le_bytes());
    put(&mut bytes, 64, header.at.0.to_le_bytes());
    bytes
}

/// The chain hash of a frame: BLAKE3 over the previous one, the header's
/// fields and the digest of the payload.
///
/// It goes over the digest and not over the payload, so that the digest can be computed by whoever
/// appends, and the chain be verified where a payload has been archived elsewhere.
pub(super) fn chain(previous: &Chain, header: &[u8; HEADER_BYTES], digest: &[u8; 32]) -> Chain {
    let mut bytes = [0; 32 + 64 + 32];
    put(&mut bytes, 0, *previous);
    put(&mut bytes, 32, take::<64>(header, 8));
    put(&mut bytes, 96, *digest);
    *blake3::hash(&bytes).as_bytes()
}

/// The records of an append as one payload: each with its length before it.
pub(super) fn payload_of(append: &Append) -> Vec<u8> {
    let bytes = append.records.iter().map(|record| record.len() + 4).sum();
    let mut payload = Vec::with_capacity(bytes);
    for record in &append.records {
        // `validate` has refused longer ones.
        payload.extend_from_slice(&(record.len() as u32).to_le_bytes());
        payload.extend_from_slice(record);
    }
    payload
}

/// The records in a payload, if it is made of exactly so many.
pub(super) fn records_of(payload: &[u8], count: u32) -> Option<Vec<&[u8]>> {
    let mut rest = payload;
    let mut records = Vec::with_capacity((count as usize).min(MAX_APPEND_RECORDS));
    for _ in 0..count {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (record, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        records.push(record);
        rest = after;
    }
    rest.is_empty().then_some(records)
}

/// `N` bytes at a constant place of a header.
pub(super) fn take<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut taken = [0; N];
    taken.copy_from_slice(&bytes[at..at + N]);
    taken
}

pub(super) fn put<const N: usize>(bytes: &mut [u8], at: usize, field: [u8; N]) {
    bytes[at..at + N].copy_from_slice(&field);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn header() -> Header {
        Header {
            kind: Kind::Records,
            last_in_batch: true,
            records: 2,
            payload_bytes: 11,
            payload_crc: 7,
            epoch: Epoch(3),
            batch: 4,
            first: 5,
            case: CaseId(6),
            expected: 8,
            at: Timestamp(-9),
            chain: [0; 32],
        }
    }

    fn encoded(codec: Codec) -> (Header, [u8; HEADER_BYTES]) {
        let mut buffer = Vec::new();
        let header = codec.encode(header(), b"", &[1; 32], &[2; 32], &mut buffer);
        (header, take(&buffer, 0))
    }

    #[test]
    fn a_header_comes_back() {
        let codec = Codec::new(&[5; 32]);
        let (header, bytes) = encoded(codec);
        assert_eq!(codec.decode(&bytes), Ok(header));
        assert_ne!(header.chain, [0; 32]);
    }

    #[test]
    fn any_changed_bit_is_seen() {
        let codec = Codec::new(&[5; 32]);
        let (_, bytes) = encoded(codec);
        for bit in 0..HEADER_BYTES * 8 {
            let mut changed = bytes;
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(codec.decode(&changed).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_frame_of_another_journal_does_not_pass() {
        let (_, bytes) = encoded(Codec::new(&[5; 32]));
        assert!(Codec::new(&[6; 32]).decode(&bytes).is_err());
    }

    #[test]
    fn records_must_fill_their_payload_exactly() {
        let append = Append {
            case: CaseId(1),
            expected: 0,
            records: vec![b"a".to_vec(), Vec::new(), b"ccc".to_vec()],
            at: Timestamp(0),
        };
        let payload = payload_of(&append);
        assert_eq!(records_of(&payload, 3), Some(vec![&b"a"[..], b"", b"ccc"]));
        assert_eq!(records_of(&payload, 2), None);
        assert_eq!(records_of(&payload, 4), None);
        assert_eq!(records_of(&payload[..payload.len() - 1], 3), None);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in any::<[u8; HEADER_BYTES]>(), payload in any::<Vec<u8>>(), count: u32) {
            prop_assert!(Codec::new(&[5; 32]).decode(&bytes).is_err());
            let _ = records_of(&payload, count);
        }
    }
}
