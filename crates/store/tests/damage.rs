//! Stores whose files were cut, changed, exchanged or made up.

use std::fs;
use std::path::{Path, PathBuf};

use onething_model::{CaseId, Digest, Timestamp};
use onething_store::{
    Append, EmbeddedStore, Entry, Error, IndexKind, OpenReport, Options, Position, Store,
    append_and_wait,
};
use proptest::prelude::*;

const SEGMENT_HEADER_BYTES: usize = 128;
const FRAME_HEADER_BYTES: usize = 104;

fn options() -> Options {
    Options {
        segment_bytes: 1_000,
        index: IndexKind::Memory,
        identity: Some(Digest::of(b"damage")),
        opened_at: Some(Timestamp(0)),
        ..Options::default()
    }
}

fn open(path: &Path) -> Result<(Store, OpenReport), Error> {
    EmbeddedStore::open(path, &options())
}

fn append(store: &Store, case: u64, expected: u64, records: &[&[u8]]) {
    let append = Append {
        case: CaseId(case),
        expected,
        records: records.iter().map(|record| record.to_vec()).collect(),
        at: Timestamp(1),
    };
    append_and_wait(store.journal.as_ref(), append).unwrap();
}

fn records(store: &Store) -> Vec<Entry> {
    store.journal.read(Position::START, usize::MAX).unwrap()
}

fn segments(store: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(store.join("journal"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Every file below a folder with its bytes.
fn snapshot(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(snapshot(&path));
        } else {
            let bytes = fs::read(&path).unwrap();
            files.push((path, bytes));
        }
    }
    files.sort();
    files
}

/// A store as a killed process leaves it: two epochs, several segments, the
/// last append the last thing in the last file.
struct Killed {
    _folder: tempfile::TempDir,
    path: PathBuf,
    records: Vec<Entry>,
}

fn killed() -> Killed {
    let folder = tempfile::tempdir().unwrap();
    let live = folder.path().join("live");
    let (store, _) = open(&live).unwrap();
    for round in 0..4 {
        append(&store, 1, round * 2, &[b"first", &[b'x'; 200]]);
    }
    store.close().unwrap();
    let (store, _) = open(&live).unwrap();
    for round in 0..5 {
        append(&store, 2, round, &[&[b'y'; 150]]);
    }
    let path = folder.path().join("killed");
    copy(&live, &path);
    let records = records(&store);
    assert!(
        segments(&path).len() >= 2,
        "the store must have several segments"
    );
    Killed {
        _folder: folder,
        path,
        records,
    }
}

/// The frames of a segment: offset and length.
fn frames(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut frames = Vec::new();
    let mut at = SEGMENT_HEADER_BYTES;
    while at < bytes.len() {
        let payload = u32::from_le_bytes(bytes[at + 8..at + 12].try_into().unwrap()) as usize;
        frames.push((at, FRAME_HEADER_BYTES + payload));
        at += FRAME_HEADER_BYTES + payload;
    }
    frames
}

#[test]
fn an_interrupted_write_is_cut_off_and_the_cut_is_recorded() {
    let killed = killed();
    let last = segments(&killed.path).pop().unwrap();
    let whole = fs::read(&last).unwrap();
    let (offset, length) = frames(&whole).pop().unwrap();
    assert_eq!(offset + length, whole.len());
    for kept in 0..length {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        copy(&killed.path, &path);
        let last = path.join("journal").join(last.file_name().unwrap());
        fs::write(&last, &whole[..offset + kept]).unwrap();
        let (store, report) = open(&path).unwrap();
        assert_eq!(records(&store), killed.records[..killed.records.len() - 1]);
        let torn = report
            .torn
            .clone()
            .map(|torn| (torn.file, torn.offset, torn.bytes));
        let expected = (kept > 0).then(|| (last.clone(), offset as u64, kept as u64));
        assert_eq!(torn, expected);
        if kept > 0 {
            assert!(report.to_string().contains("interrupted write"), "{report}");
            let raw = String::from_utf8_lossy(&fs::read(&last).unwrap()).into_owned();
            let note = format!(r#""offset":{offset},"bytes":{kept}"#);
            assert!(raw.contains(&note), "the journal does not record the cut");
        }
        append(&store, 2, 4, &[b"again"]);
        store.close().unwrap();
        assert_eq!(
            EmbeddedStore::verify(&path).unwrap().records,
            killed.records.len() as u64
        );
    }
}

/// Changes each byte of the journal in turn. What was acknowledged is either
/// all there or the damage is reported; only the very last batch, which
/// cannot be told from an interrupted write, may be cut.
#[test]
fn damage_is_reported_and_never_skipped() {
    let killed = killed();
    let files = segments(&killed.path);
    let last_file = files.last().unwrap();
    let last_frame = frames(&fs::read(last_file).unwrap()).pop().unwrap().0;
    let pristine = killed.path.with_file_name("pristine");
    copy(&killed.path, &pristine);
    let mut cut = 0;
    for file in &files {
        let whole = fs::read(file).unwrap();
        for index in 0..whole.len() {
            let mut changed = whole.clone();
            changed[index] ^= 0x10;
            fs::write(file, &changed).unwrap();
            let before = snapshot(&killed.path);
            let opened = open(&killed.path);
            if file == last_file && index >= last_frame {
                let (store, report) = opened.unwrap();
                assert!(report.torn.is_some());
                assert_eq!(records(&store), killed.records[..killed.records.len() - 1]);
                drop(store);
                cut += 1;
                // The opening has written to the store, perhaps into a further segment.
                fs::remove_dir_all(&killed.path).unwrap();
                copy(&pristine, &killed.path);
                continue;
            }
            match opened {
                Err(Error::Corrupt {
                    file: named,
                    offset,
                    ..
                }) => {
                    assert_eq!(&named, file);
                    assert!(
                        offset as usize <= index,
                        "damage at {index} reported at {offset}"
                    );
                }
                Err(other) => panic!("byte {index} of {}: {other}", file.display()),
                // Sealed segments are read by their checksums, and the hash in a frame is covered by one too.
                Ok((_, report)) => panic!("byte {index} of {}: not seen: {report}", file.display()),
            }
            assert!(
                snapshot(&killed.path) == before,
                "a damaged store was changed"
            );
            assert!(matches!(
                EmbeddedStore::verify(&killed.path),
                Err(Error::Corrupt { .. })
            ));
            fs::write(file, &whole).unwrap();
        }
    }
    assert!(cut > FRAME_HEADER_BYTES);
    let (store, _) = open(&killed.path).unwrap();
    assert_eq!(records(&store), killed.records);
}

/// After a clean close even the last records are known to have been synced.
#[test]
fn damage_in_the_last_records_is_reported_after_a_clean_close() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let (store, _) = open(&path).unwrap();
    append(&store, 1, 0, &[b"only"]);
    store.close().unwrap();
    let file = segments(&path).pop().unwrap();
    let whole = fs::read(&file).unwrap();
    let (offset, length) = frames(&whole)[1];
    for index in offset..offset + length {
        let mut changed = whole.clone();
        changed[index] ^= 1;
        fs::write(&file, &changed).unwrap();
        assert!(
            matches!(open(&path), Err(Error::Corrupt { .. })),
            "byte {index}"
        );
    }
}

#[test]
fn missing_and_exchanged_segments_are_reported() {
    let killed = killed();
    let files = segments(&killed.path);
    let read: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    assert!(files.len() >= 3);
    let restore = || {
        for (file, bytes) in files.iter().zip(&read) {
            fs::write(file, bytes).unwrap();
        }
    };
    for file in &files[..files.len() - 1] {
        fs::remove_file(file).unwrap();
        let opened = open(&killed.path);
        assert!(
            matches!(&opened, Err(Error::Corrupt { file: named, .. }) if named == file),
            "{opened:?}"
        );
        restore();
    }
    fs::write(&files[0], &read[1]).unwrap();
    fs::write(&files[1], &read[0]).unwrap();
    assert!(matches!(open(&killed.path), Err(Error::Corrupt { .. })));
    restore();
    // A sealed segment that ends early, at a frame's end.
    let (offset, _) = frames(&read[0]).pop().unwrap();
    fs::write(&files[0], &read[0][..offset]).unwrap();
    assert!(matches!(open(&killed.path), Err(Error::Corrupt { .. })));
    restore();
    assert_eq!(records(&open(&killed.path).unwrap().0), killed.records);
}

/// A record made of a whole frame of this very store must not be taken for one.
#[test]
fn a_record_that_looks_like_a_frame_is_no_evidence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let foreign = folder.path().join("foreign");
    let other = Options {
        identity: Some(Digest::of(b"another")),
        ..options()
    };
    let (store, _) = EmbeddedStore::open(&foreign, &other).unwrap();
    for round in 0..3 {
        append(&store, 1, round, &[b"x"]);
    }
    store.close().unwrap();
    let bytes = fs::read(segments(&foreign).pop().unwrap()).unwrap();

    let (store, _) = open(&path).unwrap();
    append(&store, 1, 0, &[b"first"]);
    append(&store, 1, 1, &[&bytes]);
    let killed = folder.path().join("killed");
    copy(&path, &killed);
    let file = segments(&killed).pop().unwrap();
    let mut changed = fs::read(&file).unwrap();
    let (offset, _) = frames(&changed).pop().unwrap();
    changed[offset + 20] ^= 1;
    fs::write(&file, &changed).unwrap();
    let (store, report) = open(&killed).unwrap();
    assert_eq!(records(&store).len(), 1);
    assert_eq!(report.torn.map(|torn| torn.offset), Some(offset as u64));
}

/// Who can write to the files can also recompute checksums; the chain of hashes shows it.
#[test]
fn tampering_with_corrected_checksums_breaks_the_chain() {
    let killed = killed();
    let files = segments(&killed.path);
    let head = EmbeddedStore::verify(&killed.path).unwrap().head;
    for (number, file) in files.iter().enumerate() {
        let whole = fs::read(file).unwrap();
        let Some((offset, length)) = frames(&whole)
            .into_iter()
            .find(|(offset, _)| whole[offset + 16] == 1)
        else {
            continue;
        };
        // A byte of the record, and a byte of its time.
        for index in [offset + length - 1, offset + 64] {
            let mut changed = whole.clone();
            changed[index] ^= 1;
            let payload = crc32c::crc32c(&changed[offset + FRAME_HEADER_BYTES..offset + length]);
            changed[offset + 12..offset + 16].copy_from_slice(&payload.to_le_bytes());
            let seed = crc32c::crc32c(&whole[40..72]);
            let header =
                crc32c::crc32c_append(seed, &changed[offset + 8..offset + FRAME_HEADER_BYTES]);
            changed[offset + 4..offset + 8].copy_from_slice(&header.to_le_bytes());
            fs::write(file, &changed).unwrap();
            match EmbeddedStore::verify(&killed.path) {
                Err(Error::Corrupt { what, .. }) => assert!(what.contains("chain"), "{what}"),
                other => panic!("segment {number}: {other:?}"),
            }
            fs::write(file, &whole).unwrap();
        }
    }
    assert_eq!(EmbeddedStore::verify(&killed.path).unwrap().head, head);
}

#[test]
fn reading_meets_damage_that_came_after_opening() {
    let killed = killed();
    let (store, _) = open(&killed.path).unwrap();
    let file = segments(&killed.path).remove(0);
    let mut bytes = fs::read(&file).unwrap();
    let (offset, length) = frames(&bytes)[2];
    bytes[offset + length - 1] ^= 1;
    fs::write(&file, bytes).unwrap();
    match store.journal.read(Position::START, 100) {
        Err(Error::Corrupt {
            file: named,
            offset: at,
            ..
        }) => {
            assert_eq!((named, at), (file, offset as u64));
        }
        other => panic!("{other:?}"),
    }
    // What lies behind the damage can still be asked for.
    assert!(store.journal.read(Position(6), 100).is_ok());
}

#[test]
fn folders_that_are_no_stores_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("thesis.txt"), "years of work").unwrap();
    let before = snapshot(path);
    let opened = open(path);
    assert!(
        matches!(&opened, Err(Error::NotAStore { what, .. }) if what.contains("thesis.txt")),
        "{opened:?}"
    );
    assert_eq!(snapshot(path), before);
    // A file is no folder.
    assert!(matches!(
        open(&path.join("thesis.txt")),
        Err(Error::Io { .. })
    ));
}

#[test]
fn an_unknown_version_is_refused_and_nothing_is_touched() {
    let killed = killed();
    let version = killed.path.join("onething.version");
    for (text, known) in [
        ("onething store\nformat 2\n", true),
        ("onething store\nformat 10\nmore\n", true),
        ("onething store\nformat 999999999999999999999\n", true),
        ("onething store\nformat -1\n", false),
        ("onething store\nformat \n", false),
        ("", false),
        ("\u{0}\u{0}\u{0}", false),
    ] {
        fs::write(&version, text).unwrap();
        let before = snapshot(&killed.path);
        match (open(&killed.path), known) {
            (
                Err(Error::UnknownVersion {
                    found, known: 1, ..
                }),
                true,
            ) => {
                assert!(text.contains(&found));
            }
            (Err(Error::Corrupt { file, .. }), false) => assert_eq!(file, version),
            (other, _) => panic!("{text:?}: {other:?}"),
        }
        assert!(
            snapshot(&killed.path) == before,
            "{text:?}: files were touched"
        );
    }
    // Without its version file a store with records is not taken for an empty folder.
    fs::remove_file(&version).unwrap();
    assert!(matches!(open(&killed.path), Err(Error::Corrupt { .. })));
}

#[test]
fn a_damaged_content_is_reported_and_can_be_put_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let (store, _) = open(&path).unwrap();
    let digest = store.blobs.put("房屋租赁合同".as_bytes()).unwrap();
    let digits = digest.to_string();
    let file = path.join("blobs").join(&digits[..2]).join(&digits[2..]);
    fs::write(&file, "something else").unwrap();
    assert!(
        matches!(store.blobs.get(&digest), Err(Error::Corrupt { file: named, .. }) if named == file)
    );
    store.blobs.put("房屋租赁合同".as_bytes()).unwrap();
    assert_eq!(
        store.blobs.get(&digest).unwrap().as_deref(),
        Some("房屋租赁合同".as_bytes())
    );
    // What an interrupted put left is cleared away at the next opening.
    let left = path.join("blobs/tmp/99");
    fs::write(&left, "half").unwrap();
    drop(store);
    let (_store, _) = open(&path).unwrap();
    assert!(!left.exists());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Arbitrary bytes in place of a file of the store: no panic, and nothing that was not written is shown.
    #[test]
    fn garbage_never_panics_and_never_passes(
        garbage in proptest::collection::vec(any::<u8>(), 0..3_000),
        which in 0..3_usize,
        keep in 0..2_000_usize,
    ) {
        thread_local!(static KILLED: Killed = killed());
        KILLED.with(|killed| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("store");
            copy(&killed.path, &path);
            let files = segments(&path);
            let file = &files[which.min(files.len() - 1)];
            let mut bytes = fs::read(file).unwrap();
            bytes.truncate(keep);
            bytes.extend(garbage);
            fs::write(file, bytes).unwrap();
            if let Ok((store, _)) = open(&path) {
                let found = records(&store);
                prop_assert!(killed.records.starts_with(&found));
            }
            Ok(())
        })?;
    }
}
