//! Examining a store: everything that is damaged is found, told with the cases
//! that it hits, and left as it is.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use onething_model::{CaseId, Digest, Timestamp};
use onething_store::{
    Append, EmbeddedStore, Examination, IndexFound, IndexKind, Options, Part, Position, Store,
    append_and_wait,
};

const SEGMENT_HEADER_BYTES: usize = 128;
const FRAME_HEADER_BYTES: usize = 104;

fn open(path: &Path, index: IndexKind) -> Store {
    let options = Options {
        segment_bytes: 700,
        index,
        identity: Some(Digest::of(b"examine")),
        opened_at: Some(Timestamp(0)),
        ..Options::default()
    };
    EmbeddedStore::open(path, &options).unwrap().0
}

fn append(store: &Store, case: u64, expected: u64, record: &[u8]) {
    let append = Append {
        case: CaseId(case),
        expected,
        records: vec![record.to_vec()],
        at: Timestamp(1),
    };
    append_and_wait(store.journal.as_ref(), append).unwrap();
}

/// Records that are hexadecimal digests refer to the content under it.
fn examine(path: &Path) -> Examination {
    let mut refers = |_: CaseId, record: &[u8]| {
        let text = std::str::from_utf8(record).unwrap_or_default();
        text.parse().into_iter().collect::<Vec<Digest>>()
    };
    EmbeddedStore::examine(path, &mut refers).unwrap()
}

fn cases(numbers: &[u64]) -> BTreeSet<CaseId> {
    numbers.iter().copied().map(CaseId).collect()
}

/// Rounds of cases 1 to 3, one record each at a time.
const ROUNDS: u64 = 6;

fn filled(path: &Path) -> u64 {
    let store = open(path, IndexKind::Memory);
    for round in 0..ROUNDS {
        for case in 1..=3 {
            append(
                &store,
                case,
                round,
                format!("round {round} of {case}").as_bytes(),
            );
        }
    }
    store.close().unwrap();
    ROUNDS * 3
}

/// Where a frame begins, in which segment, and whose record of which position it is.
struct Frame {
    file: PathBuf,
    offset: usize,
    bytes: usize,
    case: u64,
    position: u64,
}

/// The frames of records, read as the documentation of the format says.
fn frames(path: &Path) -> Vec<Frame> {
    let mut segments: Vec<PathBuf> = fs::read_dir(path.join("journal"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    segments.sort();
    let mut found = Vec::new();
    for file in segments {
        let bytes = fs::read(&file).unwrap();
        let mut offset = SEGMENT_HEADER_BYTES;
        while offset < bytes.len() {
            let number = |at: usize| {
                u64::from_le_bytes(bytes[offset + at..offset + at + 8].try_into().unwrap())
            };
            let payload = (number(8) & 0xffff_ffff) as usize;
            let total = FRAME_HEADER_BYTES + payload;
            if bytes[offset + 16] == 1 {
                found.push(Frame {
                    file: file.clone(),
                    offset,
                    bytes: total,
                    case: number(48),
                    position: number(40),
                });
            }
            offset += total;
        }
    }
    found
}

fn flip(file: &Path, at: usize, bit: u8) {
    let mut bytes = fs::read(file).unwrap();
    bytes[at] ^= 1 << bit;
    fs::write(file, bytes).unwrap();
}

#[test]
fn a_whole_store_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let records = filled(&path);
    let found = examine(&path);
    assert!(found.is_whole(), "{found:?}");
    assert_eq!((found.records, found.cases), (records, 3));
    assert_eq!(found.proved, Position(records));
    assert_eq!(found.index, IndexFound::Absent);
    assert!(found.segments > 3 && found.torn.is_none());
    // The same that proves the journal.
    let verified = EmbeddedStore::verify(&path).unwrap();
    assert_eq!(verified.head, found.head);
    assert_eq!(
        (verified.records, verified.segments),
        (records, found.segments)
    );
}

#[test]
fn any_flipped_bit_of_the_journal_is_found_with_its_case_and_what_is_behind_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let records = filled(&path);
    let all = frames(&path);
    assert_eq!(all.len() as u64, records);
    let last = all.iter().map(|frame| frame.file.clone()).max().unwrap();
    for frame in &all {
        for at in 0..frame.bytes {
            let (at, bit) = (frame.offset + at, (at % 8) as u8);
            flip(&frame.file, at, bit);
            let before = fs::read(&frame.file).unwrap();
            let found = examine(&path);
            let told = || format!("byte {at} of {:?}: {found:?}", frame.file);
            if found.torn.is_some() {
                // In the last batch it cannot be told from an interrupted write.
                assert_eq!(frame.file, last, "{}", told());
                assert_eq!(frame.position, records, "{}", told());
            } else {
                let [damage] = &found.damages[..] else {
                    panic!("{}", told());
                };
                assert_eq!(damage.part, Part::Journal);
                assert_eq!(
                    (&damage.file, damage.offset),
                    (&frame.file, frame.offset as u64)
                );
                // Whose it was is told by its header or, behind, by what is missing of a case.
                let is_last_of_case = frame.position + 3 > records;
                if !is_last_of_case {
                    assert_eq!(damage.cases, cases(&[frame.case]), "{}", told());
                }
                assert_eq!(found.records, records - 1, "{}", told());
                assert_eq!(found.proved, Position(frame.position - 1), "{}", told());
            }
            // Nothing is mended in silence.
            assert_eq!(fs::read(&frame.file).unwrap(), before);
            flip(&frame.file, at, bit);
        }
    }
    assert!(examine(&path).is_whole());
}

#[test]
fn a_missing_segment_and_damaged_headers_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let records = filled(&path);
    let all = frames(&path);
    let second = path.join("journal/00000002.seg");
    let in_second = all.iter().filter(|frame| frame.file == second).count() as u64;
    for at in [0, 20, 60, 90, 126] {
        flip(&second, at, 3);
        let found = examine(&path);
        assert_eq!(found.damages.len(), 1, "{at}: {found:?}");
        assert_eq!(found.damages[0].file, second);
        assert_eq!(found.records, records, "what is in it is read all the same");
        flip(&second, at, 3);
    }
    fs::remove_file(&second).unwrap();
    let found = examine(&path);
    assert_eq!(found.damages.len(), 1, "{found:?}");
    assert_eq!(
        found.damages[0].what,
        "this segment of the journal is missing"
    );
    // Whose records are missing is seen by what is behind.
    let lost = all.iter().filter(|frame| frame.file == second);
    let lost: Vec<u64> = lost.map(|frame| frame.case).collect();
    assert_eq!(found.damages[0].cases, cases(&lost));
    assert_eq!(found.records, records - in_second);
}

#[test]
fn a_frame_that_was_rewritten_with_fitting_checksums_breaks_the_chain() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (folder.path().join("ours"), folder.path().join("theirs"));
    // Two journals of one identity that differ in one record.
    for (path, text) in [(&ours, "granted"), (&theirs, "refused")] {
        let store = open(path, IndexKind::Memory);
        append(&store, 1, 0, b"opened");
        append(&store, 2, 0, text.as_bytes());
        append(&store, 1, 1, b"closed");
        store.close().unwrap();
    }
    let (mine, other) = (&frames(&ours)[1], &frames(&theirs)[1]);
    let forged = fs::read(&other.file).unwrap()[other.offset..other.offset + other.bytes].to_vec();
    let mut bytes = fs::read(&mine.file).unwrap();
    bytes[mine.offset..mine.offset + mine.bytes].copy_from_slice(&forged);
    fs::write(&mine.file, bytes).unwrap();
    let found = examine(&ours);
    // The forged frame fits what is before it; what follows does not fit it.
    let [damage] = &found.damages[..] else {
        panic!("{found:?}");
    };
    assert!(damage.what.contains("chain of hashes"), "{damage:?}");
    assert_eq!(found.proved, Position(2));
}

#[test]
fn damaged_and_missing_contents_are_told_with_the_cases_that_refer_to_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = open(&path, IndexKind::Memory);
    let [plan, photo, nobodys] =
        [&b"plan"[..], b"photo", b"nobody's"].map(|content| store.blobs.put(content).unwrap());
    append(&store, 7, 0, plan.to_string().as_bytes());
    append(&store, 8, 0, photo.to_string().as_bytes());
    append(&store, 9, 0, plan.to_string().as_bytes());
    store.close().unwrap();
    let found = examine(&path);
    assert!(found.is_whole(), "{found:?}");
    assert_eq!(found.contents, 3);

    let file = |digest: &Digest| {
        let digits = digest.to_string();
        let (first, rest) = digits.split_at(2);
        path.join("blobs").join(first).join(rest)
    };
    flip(&file(&plan), 2, 0);
    flip(&file(&nobodys), 0, 7);
    fs::remove_file(file(&photo)).unwrap();
    let found = examine(&path);
    assert_eq!(found.damages.len(), 3, "{found:?}");
    let of = |digest: &Digest| {
        let mut all = found.damages.iter();
        all.find(|damage| damage.file == file(digest)).unwrap()
    };
    assert_eq!(of(&plan).cases, cases(&[7, 9]));
    assert_eq!(of(&plan).what, "its content is not what was stored");
    assert_eq!(of(&photo).cases, cases(&[8]));
    assert_eq!(of(&photo).what, "the content is missing");
    assert_eq!(of(&nobodys).cases, cases(&[]));
    assert!(
        found
            .damages
            .iter()
            .all(|damage| damage.part == Part::Contents)
    );
    assert_eq!(found.proved, Position(3), "the journal is whole");
}

#[test]
fn the_index_is_read_in_a_copy_and_damage_in_it_hits_no_case() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = open(&path, IndexKind::Sled);
    append(&store, 1, 0, b"opened");
    let row = |number: u32| (number.to_be_bytes().to_vec(), Some(vec![7; 900]));
    store
        .index
        .apply((0..200).map(row).collect(), Position(1))
        .unwrap();
    // Beside another program the index is left out.
    assert_eq!(examine(&path).index, IndexFound::InUse);
    store.close().unwrap();
    let whole = IndexFound::Whole {
        rows: 200,
        reached: Position(1),
    };
    assert_eq!(examine(&path).index, whole);
    // sled drops a batch whose bytes do not fit its checksum, and the position goes
    // with the rows: what is left is fed again. Never rows without their position.
    let file = path.join("index/db");
    let length = fs::metadata(&file).unwrap().len() as usize;
    let mut dropped = 0;
    for at in (64..length).step_by(length / 40) {
        flip(&file, at, 4);
        let before = fs::read(&file).unwrap();
        let found = examine(&path);
        assert!(found.is_whole(), "{found:?}");
        match found.index {
            IndexFound::Whole { rows, reached } => {
                assert!(
                    matches!((rows, reached.0), (200, 1) | (0, 0)),
                    "{rows} {reached}"
                );
                dropped += u32::from(rows == 0);
            }
            IndexFound::Damaged { .. } => dropped += 1,
            other => panic!("{other:?}"),
        }
        assert_eq!(fs::read(&file).unwrap(), before);
        flip(&file, at, 4);
    }
    assert!(dropped > 0, "no flipped bit was noticed");
    assert_eq!(examine(&path).index, whole);
    fs::write(path.join("index/conf"), "no such thing").unwrap();
    let found = examine(&path);
    assert!(found.is_whole(), "{found:?}");
    assert!(
        matches!(found.index, IndexFound::Damaged { .. }),
        "{found:?}"
    );
}

#[test]
fn what_is_no_store_is_not_examined() {
    let folder = tempfile::tempdir().unwrap();
    let mut refers = |_: CaseId, _: &[u8]| Vec::new();
    for path in [folder.path().to_owned(), folder.path().join("nothing")] {
        assert!(EmbeddedStore::examine(&path, &mut refers).is_err());
    }
}
