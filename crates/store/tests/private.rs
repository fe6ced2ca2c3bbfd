//! A store holds personal data: nobody else on the machine may look into it.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use onething_model::{CaseId, Timestamp};
use onething_store::{Append, EmbeddedStore, Options, append_and_wait};

/// What others than the owner may do.
fn others(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o077
}

#[test]
fn a_store_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let (store, _) = EmbeddedStore::open(&path, &Options::default()).unwrap();
    store.blobs.put(b"a certificate").unwrap();
    let append = Append {
        case: CaseId(1),
        expected: 0,
        records: vec![b"{}".to_vec()],
        at: Timestamp(0),
    };
    append_and_wait(store.journal.as_ref(), append).unwrap();
    store.close().unwrap();
    assert_eq!(others(&path), 0, "the store's folder");
    for below in ["journal", "blobs"] {
        let mut files = 0;
        let mut folders = vec![path.join(below)];
        while let Some(folder) = folders.pop() {
            assert_eq!(others(&folder), 0, "{}", folder.display());
            for entry in std::fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap().path();
                if entry.is_dir() {
                    folders.push(entry);
                } else {
                    assert_eq!(others(&entry), 0, "{}", entry.display());
                    files += 1;
                }
            }
        }
        assert!(files > 0, "{below} holds something");
    }
}
