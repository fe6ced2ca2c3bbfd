//! Cutting the power at every change of the disk.

use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};

use onething_model::{CaseId, Digest, Timestamp};
use onething_store::{
    Append, EmbeddedStore, Entry, Error, IndexKind, Journal, OpenReport, Options, Position, Store,
    append_and_wait,
};

use crate::disk::{Disk, Draw, Plan};

pub(crate) fn options() -> Options {
    Options {
        // Small, so that the workload begins several segments.
        segment_bytes: 3_000,
        index: IndexKind::Memory,
        identity: Some(Digest::of(b"power")),
        opened_at: Some(Timestamp(0)),
        ..Options::default()
    }
}

pub(crate) fn open(disk: &Disk) -> Result<(Store, OpenReport), Error> {
    EmbeddedStore::open_on(disk.files(), Path::new("/disk/a/store"), &options())
}

pub(crate) fn append(case: u64, expected: u64) -> Append {
    // Between a few bytes and a few sectors.
    let size = Draw::new(case * 1_000 + expected).next() as usize % 1_500;
    let text = format!("{case}/{}:{}", expected + 1, "x".repeat(size));
    Append {
        case: CaseId(case),
        expected,
        records: vec![text.into_bytes(), b"second".to_vec()],
        at: Timestamp(expected as i64),
    }
}

/// What the workload was told.
#[derive(Default)]
pub(crate) struct Told {
    /// Position and sequence of the last record of each acknowledged append, by case and expected sequence.
    appends: Vec<(u64, u64, u64)>,
    contents: Vec<Digest>,
}

/// Opens a store twice and fills it, until something fails.
///
/// Which appends share a batch is fixed: those that an answer sends are all
/// queued when the commit thread comes back to the queue.
fn workload(disk: &Disk, told: &Arc<Mutex<Told>>) -> Result<(), Error> {
    for opening in 0..2 {
        let (store, _) = open(disk)?;
        for round in 0..3 {
            let digest = store
                .blobs
                .put(format!("content {opening} {round}").as_bytes())?;
            told.lock().unwrap().contents.push(digest);
            let (sender, receiver) = mpsc::channel();
            let expected = (opening * 3 + round) * 4;
            for_each_answered(&store, append(0, expected), told, &sender, {
                let (store, told, sender) = (store.clone(), Arc::clone(told), sender.clone());
                move || {
                    for case in 1..4 {
                        for_each_answered(&store, append(case, expected), &told, &sender, || {});
                    }
                    for_each_answered(&store, append(0, expected + 2), &told, &sender, || {});
                    for case in 1..4 {
                        for_each_answered(
                            &store,
                            append(case, expected + 2),
                            &told,
                            &sender,
                            || {},
                        );
                    }
                }
            });
            drop(sender);
            // Ends when every answer has come and dropped its sender.
            for result in receiver {
                result?;
            }
        }
        store.close()?;
    }
    Ok(())
}

fn for_each_answered(
    store: &Store,
    append: Append,
    told: &Arc<Mutex<Told>>,
    sender: &mpsc::Sender<Result<(), Error>>,
    then: impl FnOnce() + Send + 'static,
) {
    let (told, sender) = (Arc::clone(told), sender.clone());
    let (case, expected) = (append.case.0, append.expected);
    store.journal.append(
        append,
        Box::new(move |result| match result {
            Ok(committed) => {
                assert_eq!(committed.seq, expected + 2);
                told.lock()
                    .unwrap()
                    .appends
                    .push((case, expected, committed.position.0));
                then();
                let _ = sender.send(Ok(()));
            }
            Err(error) => {
                let _ = sender.send(Err(error));
            }
        }),
    );
}

pub(crate) fn read_all(journal: &dyn Journal) -> Vec<Entry> {
    journal.read(Position::START, usize::MAX).unwrap()
}

/// Whether everything that was acknowledged is there, and nothing that nobody sent.
fn check(store: &Store, told: &Told, context: &str) {
    let entries = read_all(store.journal.as_ref());
    for (entry, position) in entries.iter().zip(1..) {
        assert_eq!(entry.position, Position(position), "{context}");
        let expected = (entry.seq - 1) / 2 * 2;
        let sent = append(entry.case.0, expected);
        let record = &sent.records[((entry.seq - 1) % 2) as usize];
        assert!(entry.record == *record, "{context}: a record nobody sent");
    }
    for (case, expected, position) in &told.appends {
        let entry = entries.get(*position as usize - 1);
        let found = entry.map(|entry| (entry.case.0, entry.seq));
        assert_eq!(
            found,
            Some((*case, expected + 2)),
            "{context}: acknowledged record {position} is lost; {} are there",
            entries.len()
        );
    }
    for digest in &told.contents {
        assert!(
            store.blobs.get(digest).unwrap().is_some(),
            "{context}: an acknowledged content is lost"
        );
    }
}

fn changes_of_the_workload() -> u64 {
    let disk = Disk::new(Plan::default());
    workload(&disk, &Arc::default()).unwrap();
    disk.changes()
}

#[test]
fn nothing_acknowledged_is_lost_wherever_the_power_goes() {
    let changes = changes_of_the_workload();
    assert!(
        changes > 100,
        "the workload does too little: {changes} changes"
    );
    let mut torn = 0;
    for cut_at in 1..=changes {
        for seed in 0..12 {
            let disk = Disk::new(Plan {
                cut_at: Some(cut_at),
                ..Plan::default()
            });
            let told = Arc::new(Mutex::new(Told::default()));
            let ended = workload(&disk, &told);
            assert!(
                ended.is_err() || cut_at == changes,
                "the power did not go at {cut_at}"
            );
            let told = told.lock().unwrap();

            let disk = disk.after_power_cut(seed * 1_000 + cut_at);
            let context = format!("cut at {cut_at}, seed {seed}");
            let (store, report) = match open(&disk) {
                Ok(opened) => opened,
                Err(error) => panic!("{context}: the store does not open: {error}"),
            };
            torn += u64::from(report.torn.is_some());
            check(&store, &told, &context);
            // It goes on: the next record of a case is taken, and kept over a further cut.
            let next = append(0, store.journal.sequence(CaseId(0)));
            let committed = append_and_wait(store.journal.as_ref(), next).unwrap();
            let before = read_all(store.journal.as_ref());
            let disk = disk.after_power_cut(seed);
            let (store, _) = open(&disk).unwrap();
            check(&store, &told, &context);
            assert_eq!(store.journal.end(), committed.position, "{context}");
            assert!(read_all(store.journal.as_ref()) == before, "{context}");
        }
    }
    assert!(
        torn > 20,
        "only {torn} writes were torn: the test cuts too kindly"
    );
}

#[test]
fn what_an_opening_showed_stays_when_the_power_goes_again_during_openings() {
    let changes = changes_of_the_workload();
    for cut_at in (1..=changes).step_by(3) {
        let disk = Disk::new(Plan {
            cut_at: Some(cut_at),
            ..Plan::default()
        });
        let told = Arc::new(Mutex::new(Told::default()));
        let _ = workload(&disk, &told);
        let told = told.lock().unwrap();
        let mut disk = disk.after_power_cut(cut_at);
        // The power goes at the first change of an opening, at the second, …
        for again_at in 1.. {
            disk.replan(Plan {
                cut_at: Some(again_at),
                ..Plan::default()
            });
            let opened = open(&disk);
            let context = format!("cut at {cut_at} and again at {again_at}");
            if let Ok((store, _)) = &opened {
                check(store, &told, &context);
                let shown = read_all(store.journal.as_ref());
                let disk = disk.after_power_cut(again_at);
                let (store, _) = open(&disk).unwrap();
                assert!(read_all(store.journal.as_ref()) == shown, "{context}");
                break;
            }
            assert!(
                again_at < 100,
                "{context}: the store does not open: {opened:?}"
            );
            disk = disk.after_power_cut(again_at * 31 + cut_at);
        }
    }
}
