//! The index is never trusted as truth.

use std::fs;
use std::path::Path;

use onething_model::{CaseId, Timestamp};
use onething_store::{
    Append, EmbeddedStore, Error, IndexState, OpenReport, Options, Position, Store, append_and_wait,
};

fn open(path: &Path) -> (Store, OpenReport) {
    EmbeddedStore::open(path, &Options::default()).unwrap()
}

fn append(store: &Store, expected: u64) -> Position {
    let append = Append {
        case: CaseId(1),
        expected,
        records: vec![b"x".to_vec()],
        at: Timestamp(0),
    };
    append_and_wait(store.journal.as_ref(), append)
        .unwrap()
        .position
}

/// A store with one record and an index that has taken it in.
fn fill(path: &Path) {
    let (store, report) = open(path);
    assert_eq!(report.index, IndexState::New);
    let reached = append(&store, 0);
    store
        .index
        .apply(vec![(b"key".to_vec(), Some(b"value".to_vec()))], reached)
        .unwrap();
    store.close().unwrap();
}

/// Why the index is rebuilt; it must be empty then, and the journal as before.
fn rebuilt(path: &Path) -> String {
    let (store, report) = open(path);
    let IndexState::Rebuild { why, .. } = &report.index else {
        panic!("the index was trusted: {report}");
    };
    assert!(
        report.to_string().contains("the index is rebuilt"),
        "{report}"
    );
    assert_eq!(store.index.reached(), Position::START);
    assert_eq!(store.index.scan(&[], None, 10).unwrap(), []);
    assert_eq!(store.journal.end(), Position(1));
    // It works, and is trusted from then on.
    store
        .index
        .apply(
            vec![(b"key".to_vec(), Some(b"value".to_vec()))],
            Position(1),
        )
        .unwrap();
    store.close().unwrap();
    let (store, report) = open(path);
    assert_eq!(report.index, IndexState::Trusted);
    assert_eq!(
        store.index.get(b"key").unwrap().as_deref(),
        Some(&b"value"[..])
    );
    store.close().unwrap();
    why.clone()
}

#[test]
fn an_index_that_does_not_open_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    fill(&path);
    // sled's own settings file is the first thing it reads.
    fs::write(path.join("index/conf"), "no such thing").unwrap();
    let why = rebuilt(&path);
    assert!(
        why.contains("does not open") || why.contains("panicked"),
        "{why}"
    );
    assert_eq!(
        fs::read(path.join("index.set-aside/conf")).unwrap(),
        b"no such thing"
    );
    // A second one takes the place of the first.
    fs::remove_dir_all(path.join("index")).unwrap();
    fs::write(path.join("index"), "a file").unwrap();
    rebuilt(&path);
    assert_eq!(fs::read(path.join("index.set-aside")).unwrap(), b"a file");
}

#[test]
fn damaged_index_files_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    fill(&path);
    let db = path.join("index/db");
    let whole = fs::read(&db).unwrap();
    for (from, to) in [
        (0, 64),
        (0, whole.len().min(4_096)),
        (whole.len() / 2, whole.len()),
    ] {
        let mut damaged = whole.clone();
        damaged[from..to].fill(0xff);
        fs::write(&db, &damaged).unwrap();
        let (store, report) = open(&path);
        // Whatever sled makes of it: what it says it reached is what the journal has, or it starts over.
        match report.index {
            IndexState::Trusted | IndexState::New => {
                assert!(store.index.reached() <= store.journal.end());
            }
            IndexState::Rebuild { .. } => assert_eq!(store.index.reached(), Position::START),
        }
        assert_eq!(store.journal.end(), Position(1));
        store.index.clear().unwrap();
        store.close().unwrap();
        fs::remove_dir_all(path.join("index")).unwrap();
        fs::create_dir(path.join("index")).unwrap();
    }
}

#[test]
fn an_unclean_stop_under_another_boot_distrusts_the_index() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    fill(&path);
    let in_use = path.join("index.in-use");
    assert!(!in_use.exists(), "a clean close takes the file away");
    fs::write(&in_use, "11111111-2222-3333-4444-555555555555").unwrap();
    assert!(rebuilt(&path).contains("went down"));

    // The same boot: the process was killed, and the system has what it wrote.
    let (store, _) = open(&path);
    let present = fs::read(&in_use).unwrap();
    store.close().unwrap();
    fs::write(&in_use, present).unwrap();
    let (store, report) = open(&path);
    if cfg!(target_os = "linux") {
        assert_eq!(report.index, IndexState::Trusted);
    }
    drop(store);

    // sled reported damage while it was used.
    fs::write(&in_use, "damaged").unwrap();
    assert!(rebuilt(&path).contains("damage"));
}

#[test]
fn an_index_ahead_of_its_journal_is_rebuilt() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    fill(&path);
    let (store, _) = open(&path);
    store.index.apply(Vec::new(), Position(2)).unwrap();
    store.close().unwrap();
    assert!(rebuilt(&path).contains("position 2"));
}

#[test]
fn the_index_of_another_store_is_rebuilt() {
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("store"), folder.path().join("other"));
    fill(&path);
    fill(&other);
    fs::remove_dir_all(path.join("index")).unwrap();
    fs::rename(other.join("index"), path.join("index")).unwrap();
    assert!(rebuilt(&path).contains("another journal"));
}

#[test]
fn a_lost_index_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    fill(&path);
    fs::remove_dir_all(path.join("index")).unwrap();
    let (store, report) = open(&path);
    assert_eq!(report.index, IndexState::New);
    assert_eq!(store.index.reached(), Position::START);
}

#[test]
fn a_closed_index_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let (store, _) = open(&path);
    store.close().unwrap();
    assert!(matches!(store.index.get(b"key"), Err(Error::Closed)));
    assert!(matches!(
        store.index.apply(Vec::new(), Position(0)),
        Err(Error::Closed)
    ));
    assert!(matches!(store.blobs.put(b"x"), Err(Error::Closed)));
}
