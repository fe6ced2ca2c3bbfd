//! Freezes the format on disk.
//!
//! `tests/golden/v1` is a store as format 1 was first written. It is never
//! edited: when the format changes, its number rises and a further folder is
//! added, and stores of every number go on being read. To write the folder of
//! a new number, run this test with `ONETHING_WRITE_GOLDEN=1`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};

use onething_model::{CaseId, Digest, Timestamp};
use onething_store::{
    Append, EmbeddedStore, Epoch, IndexKind, Options, Position, Store, append_and_wait,
};

/// The chain hash of the golden store's end.
const HEAD: &str = "beb88fa1017bc65fd88afbe9356f8c2e09ece9c47daf2b193b04f45993740711";

/// Position, epoch, case, sequence, time and record of everything in the golden store.
const RECORDS: &[(u64, u64, u64, u64, i64, &str)] = &[
    (
        1,
        1,
        1,
        1,
        1_735_783_200_000_000,
        r#"{"submitted":{"service":"open-restaurant"}}"#,
    ),
    (
        2,
        1,
        2,
        1,
        1_735_783_260_000_000,
        r#"{"submitted":{"service":"newborn"}}"#,
    ),
    (
        3,
        1,
        2,
        2,
        1_735_783_260_000_000,
        r#"{"accepted":{"note":"材料齐全"}}"#,
    ),
    (4, 1, 3, 1, 1_735_783_260_000_001, ""),
    (5, 1, 1, 2, 1_735_783_320_000_000, r#"{"accepted":{}}"#),
    (6, 2, 1, 3, -1, r#"{"completed":{}}"#),
];

const CONTENT: &str = "开办餐饮店一件事：定义第 1 版\n";

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1")
}

fn options(epoch: i64) -> Options {
    Options {
        segment_bytes: 900,
        index: IndexKind::Memory,
        identity: Some(Digest::of(b"golden store of format 1")),
        opened_at: Some(Timestamp::from_millis(1_735_783_000_000 + epoch)),
        ..Options::default()
    }
}

/// The appends of the golden store, cut from [`RECORDS`].
fn append(first: usize, count: usize) -> Append {
    let records = &RECORDS[first - 1..first - 1 + count];
    Append {
        case: CaseId(records[0].2),
        expected: records[0].3 - 1,
        records: records
            .iter()
            .map(|row| row.5.as_bytes().to_vec())
            .collect(),
        at: Timestamp(records[0].4),
    }
}

fn write(path: &Path) {
    let (store, _) = EmbeddedStore::open(path, &options(1)).unwrap();
    store.blobs.put(CONTENT.as_bytes()).unwrap();
    let (sender, receiver) = mpsc::channel();
    let journal = Arc::clone(&store.journal);
    // What an answer appends is one batch.
    store.journal.append(
        append(1, 1),
        Box::new(move |_| {
            for next in [append(2, 2), append(4, 1), append(5, 1)] {
                let sender = sender.clone();
                journal.append(next, Box::new(move |result| sender.send(result).unwrap()));
            }
        }),
    );
    assert_eq!(receiver.iter().filter(Result::is_ok).count(), 3);
    store.close().unwrap();
    let (store, _) = EmbeddedStore::open(path, &options(2)).unwrap();
    append_and_wait(store.journal.as_ref(), append(6, 1)).unwrap();
    store.close().unwrap();
}

fn check_records(store: &Store) {
    let entries = store.journal.read(Position::START, 100).unwrap();
    assert_eq!(entries.len(), RECORDS.len());
    for (entry, row) in entries.iter().zip(RECORDS) {
        let found = (
            entry.position.0,
            entry.epoch.0,
            entry.case.0,
            entry.seq,
            entry.at.0,
            std::str::from_utf8(&entry.record).unwrap(),
        );
        assert_eq!(found, *row);
    }
    let digest = Digest::of(CONTENT.as_bytes());
    assert_eq!(
        store.blobs.get(&digest).unwrap().as_deref(),
        Some(CONTENT.as_bytes())
    );
}

/// The files of a store that its format describes, by their path in it. The lock has no content.
fn files(root: &Path, folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(root, &path));
        } else if path.file_name().is_some_and(|name| name != "lock") {
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            found.push((name, fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

fn copy_golden(to: &Path) {
    for (name, bytes) in files(&golden(), &golden()) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

#[test]
fn the_golden_store_is_read_record_by_record() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    if std::env::var_os("ONETHING_WRITE_GOLDEN").is_some() && !golden().exists() {
        write(&path);
        for (name, bytes) in files(&path, &path) {
            let target = golden().join(name);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::write(target, bytes).unwrap();
        }
        return;
    }
    copy_golden(&path);
    let verified = EmbeddedStore::verify(&path).unwrap();
    assert_eq!(
        (verified.records, verified.cases, verified.segments),
        (6, 3, 2)
    );
    assert_eq!(verified.head.to_string(), HEAD);
    let (store, report) = EmbeddedStore::open(&path, &options(3)).unwrap();
    assert_eq!(
        (report.created, report.epoch, report.torn),
        (false, Epoch(3), None)
    );
    check_records(&store);
    // It can be gone on with.
    let next = Append {
        expected: 3,
        ..append(1, 1)
    };
    assert_eq!(
        append_and_wait(store.journal.as_ref(), next)
            .unwrap()
            .position,
        Position(7)
    );
}

#[test]
fn the_same_records_are_written_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    write(&path);
    let (written, golden) = (files(&path, &path), files(&golden(), &golden()));
    let names = |files: &[(String, Vec<u8>)]| -> Vec<String> {
        files.iter().map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(&written), names(&golden));
    for ((name, written), (_, golden)) in written.iter().zip(&golden) {
        let differs = written
            .iter()
            .zip(golden)
            .position(|(one, other)| one != other);
        assert_eq!(
            differs, None,
            "{name} differs from the golden file at this byte"
        );
        assert_eq!(written.len(), golden.len(), "{name}");
    }
}
