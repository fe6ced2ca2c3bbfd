//! Any bytes as a segment of a journal, and a good journal changed anywhere.
//!
//! The first byte says which segment of a good store is meant. If it is
//! odd, the rest of the input is that segment; else the rest are changes of
//! four bytes each.
//!
//! Opening ends, with an error or with a store; no record is ever read that was
//! not written, and only the end of the last segment may be missing.
#![no_main]

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use libfuzzer_sys::fuzz_target;
use onething_fuzz::memory::Disk;
use onething_model::{CaseId, Digest, Timestamp};
use onething_store::{
    Append, EmbeddedStore, Entry, Error, IndexKind, OpenReport, Options, Position, Store,
    append_and_wait,
};

type Held = Vec<(PathBuf, Vec<u8>)>;

struct Good {
    files: Held,
    segments: Vec<usize>,
    entries: Vec<Entry>,
}

fuzz_target!(|input: &[u8]| {
    let Some((first, rest)) = input.split_first() else {
        return;
    };
    let good = good();
    let which = usize::from(first >> 1) % good.segments.len();
    let mut files = good.files.clone();
    let segment = &mut files[good.segments[which]].1;
    if first & 1 == 1 {
        *segment = rest.to_vec();
    } else {
        rest.chunks_exact(4).for_each(|edit| change(segment, edit));
    }
    let unchanged = files == good.files;
    let last = which + 1 == good.segments.len();

    let verified = EmbeddedStore::verify_on(&Disk::with(&files), Path::new("/store"));
    let disk = Disk::with(&files);
    let opened = open(&disk);
    assert!(!unchanged || opened.is_ok());
    let Ok((store, report)) = opened else {
        assert!(verified.is_err(), "verified, and does not open");
        return;
    };
    let entries = read(&store);
    if first & 1 == 0 {
        assert!(
            entries.len() <= good.entries.len(),
            "records came from nowhere"
        );
        assert!(
            entries[..] == good.entries[..entries.len()],
            "other records than were written"
        );
        assert!(
            last || entries.len() == good.entries.len(),
            "records are lost without a word"
        );
        assert!(
            last || unchanged,
            "a sealed segment was changed without a word"
        );
        if entries.len() < good.entries.len() {
            assert!(report.torn.is_some() || !unchanged);
        }
    }
    if let Ok(verified) = verified {
        assert_eq!(verified.records, entries.len() as u64);
    }
    // Whatever was accepted can be written to and opened again.
    let append = Append {
        case: CaseId(u64::MAX),
        expected: 0,
        records: vec![b"{}".to_vec()],
        at: Timestamp(7),
    };
    let appended = append_and_wait(store.journal.as_ref(), append);
    assert!(store.close().is_ok());
    let Ok((store, report)) = open(&disk) else {
        panic!("a store that was open does not open again");
    };
    assert_eq!(report.torn, None, "torn after it was closed");
    let again = read(&store);
    assert_eq!(again[..entries.len()], entries[..]);
    assert_eq!(again.len(), entries.len() + usize::from(appended.is_ok()));
    assert!(store.close().is_ok());
});

fn change(bytes: &mut Vec<u8>, edit: &[u8]) {
    let &[what, high, low, value] = edit else {
        return;
    };
    let at = usize::from(u16::from_be_bytes([high, low])) % bytes.len().max(1);
    match what % 5 {
        0 => bytes[at..]
            .iter_mut()
            .take(1)
            .for_each(|byte| *byte ^= value),
        1 => bytes.truncate(at),
        2 => bytes.insert(at, value),
        3 => {
            let end = (at + usize::from(value)).min(bytes.len());
            bytes.drain(at..end);
        }
        _ => {
            let end = (at + usize::from(value)).min(bytes.len());
            let copy = bytes[at..end].to_vec();
            bytes.extend(copy);
        }
    }
}

fn open(disk: &Disk) -> Result<(Store, OpenReport), Error> {
    let options = Options {
        segment_bytes: 1_000,
        index: IndexKind::Memory,
        identity: Some(Digest::of(b"fuzz")),
        opened_at: Some(Timestamp(0)),
        ..Options::default()
    };
    EmbeddedStore::open_on(Arc::new(disk.clone()), Path::new("/store"), &options)
}

fn read(store: &Store) -> Vec<Entry> {
    match store.journal.read(Position::START, usize::MAX) {
        Ok(entries) => entries,
        Err(error) => panic!("what opened cannot be read: {error}"),
    }
}

fn good() -> &'static Good {
    static GOOD: OnceLock<Good> = OnceLock::new();
    GOOD.get_or_init(|| {
        let disk = Disk::with(&[(PathBuf::from("/other"), Vec::new())]);
        let mut sequences = [0_u64; 3];
        for opening in 0..2_u64 {
            let (store, _) = open(&disk).expect("a new store opens");
            for at in 0..6_u64 {
                let case = ((at + opening) % 3) as usize;
                let record = format!("{{\"opening\":{opening},\"at\":{at}}}").into_bytes();
                let records = vec![record; 1 + (at % 2) as usize];
                let count = records.len() as u64;
                let append = Append {
                    case: CaseId(case as u64),
                    expected: sequences[case],
                    records,
                    at: Timestamp(at as i64),
                };
                append_and_wait(store.journal.as_ref(), append).expect("it is appended");
                sequences[case] += count;
            }
            store.close().expect("it closes");
        }
        let files = disk.files();
        let segments = (0..files.len())
            .filter(|at| {
                files[*at]
                    .0
                    .extension()
                    .is_some_and(|ending| ending == "seg")
            })
            .collect::<Vec<_>>();
        assert!(segments.len() > 1, "several segments");
        let copy = Disk::with(&files);
        let (store, _) = open(&copy).expect("it opens again");
        let entries = read(&store);
        store.close().expect("it closes");
        Good {
            files,
            segments,
            entries,
        }
    })
}
