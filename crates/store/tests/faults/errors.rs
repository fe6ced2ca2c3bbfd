//! Disks that fail and disks that run full.

use onething_store::conformance::{self, Bed};
use onething_store::{Committed, Error, Position, append_and_wait};

use crate::disk::{Disk, Plan};
use crate::power::{append, open, read_all};

#[test]
fn a_disk_that_writes_a_few_bytes_at_a_time_conforms() {
    for bytes in [100, 4_096] {
        conformance::check(&|| -> Bed {
            let disk = Disk::new(Plan {
                write_at_most: Some(bytes),
                ..Plan::default()
            });
            Box::new(move || open(&disk))
        });
    }
}

/// After a failed sync the system may drop what it could not write and
/// report success from then on. What is acknowledged later must be on disk all the same.
#[test]
fn after_a_failed_sync_nothing_is_acknowledged_until_the_store_is_opened_again() {
    let disk = Disk::new(Plan::default());
    let (store, _) = open(&disk).unwrap();
    append_and_wait(store.journal.as_ref(), append(1, 0)).unwrap();
    disk.replan(Plan {
        fail_sync: Some(1),
        ..Plan::default()
    });
    let failed = append_and_wait(store.journal.as_ref(), append(1, 2));
    assert!(
        matches!(&failed, Err(Error::Unavailable { why }) if why.contains("sync")),
        "{failed:?}"
    );
    for _ in 0..3 {
        let later = append_and_wait(store.journal.as_ref(), append(2, 0));
        assert!(matches!(later, Err(Error::Unavailable { .. })), "{later:?}");
    }
    assert_eq!(disk.syncs(), 1, "something was synced after a failure");
    // Readers keep what was acknowledged, and see nothing else.
    assert_eq!(store.journal.end(), Position(2));
    assert_eq!(read_all(store.journal.as_ref()).len(), 2);
    assert!(matches!(store.close(), Err(Error::Unavailable { .. })));
    drop(store);

    // The append whose outcome was unknown turns out to be there, as the system's cache has it.
    let (store, _) = open(&disk).unwrap();
    let shown = read_all(store.journal.as_ref());
    assert_eq!(shown.len(), 4);
    append_and_wait(store.journal.as_ref(), append(1, 4)).unwrap();
    // What was shown was therefore made durable, although an earlier sync had failed on it.
    for seed in 0..20 {
        let (store, report) = open(&disk.after_power_cut(seed)).unwrap();
        let entries = read_all(store.journal.as_ref());
        assert_eq!((entries.len(), report.torn), (6, None));
        assert_eq!(entries[..4], shown);
    }
}

#[test]
fn a_failed_write_leaves_the_outcome_unknown() {
    let disk = Disk::new(Plan::default());
    let (store, _) = open(&disk).unwrap();
    append_and_wait(store.journal.as_ref(), append(1, 0)).unwrap();
    disk.replan(Plan {
        fail_write: Some(1),
        ..Plan::default()
    });
    let failed = append_and_wait(store.journal.as_ref(), append(1, 2));
    assert!(
        matches!(failed, Err(Error::Unavailable { .. })),
        "{failed:?}"
    );
    drop(store);
    let (store, _) = open(&disk).unwrap();
    assert_eq!(read_all(store.journal.as_ref()).len(), 2);
}

/// For every number of bytes that may be free: what did not fit is refused and
/// leaves nothing behind, and with room it goes on.
#[test]
fn a_full_disk_refuses_clearly_loses_nothing_and_goes_on_when_there_is_room() {
    let probe = Disk::new(Plan::default());
    let (_store, _) = open(&probe).unwrap();
    let empty = probe.used();
    let mut refused_at_a_new_segment = 0;
    for free in (0..12_000).step_by(97) {
        let disk = Disk::new(Plan::default());
        let (store, _) = open(&disk).unwrap();
        disk.replan(Plan {
            capacity: Some(empty + free),
            ..Plan::default()
        });
        let mut kept = 0;
        let refusal = loop {
            match append_and_wait(store.journal.as_ref(), append(1, kept)) {
                Ok(_) => kept += 2,
                Err(error) => break error,
            }
        };
        assert!(
            matches!(refusal, Error::Full { .. }),
            "{free} bytes free: {refusal}"
        );
        assert!(refusal.is_retryable());
        assert!(refusal.to_string().contains("free some space"), "{refusal}");
        let used = disk.used();
        // Refused again, and no room is eaten by trying.
        let again = append_and_wait(store.journal.as_ref(), append(1, kept));
        assert!(matches!(again, Err(Error::Full { .. })), "{again:?}");
        assert_eq!(disk.used(), used);
        assert_eq!(store.journal.sequence(onething_model::CaseId(1)), kept);
        assert_eq!(read_all(store.journal.as_ref()).len() as u64, kept);
        // A refused record does not come back after a power cut either.
        let (after_cut, report) = open(&disk.after_power_cut(free)).unwrap();
        assert_eq!(read_all(after_cut.journal.as_ref()).len() as u64, kept);
        assert_eq!(report.torn, None);
        refused_at_a_new_segment += u64::from(used > empty + 3_000);

        disk.replan(Plan::default());
        let committed = append_and_wait(store.journal.as_ref(), append(1, kept)).unwrap();
        let expected = Committed {
            position: Position(kept + 2),
            seq: kept + 2,
        };
        assert_eq!(committed, expected);
        drop(store);
        let (store, _) = open(&disk).unwrap();
        assert_eq!(read_all(store.journal.as_ref()).len() as u64, kept + 2);
    }
    assert!(
        refused_at_a_new_segment > 5,
        "the disk was never full behind the first segment"
    );
}

#[test]
fn a_content_that_does_not_fit_leaves_its_room() {
    let disk = Disk::new(Plan::default());
    let (store, _) = open(&disk).unwrap();
    let used = disk.used();
    disk.replan(Plan {
        capacity: Some(used + 1_000),
        ..Plan::default()
    });
    let refused = store.blobs.put(&[7; 1_500]);
    assert!(matches!(refused, Err(Error::Full { .. })), "{refused:?}");
    assert_eq!(disk.used(), used);
    let digest = store.blobs.put(&[7; 900]).unwrap();
    assert_eq!(store.blobs.get(&digest).unwrap(), Some(vec![7; 900]));
}

#[test]
fn a_store_does_not_open_on_a_full_disk_and_says_why() {
    let disk = Disk::new(Plan::default());
    let (store, _) = open(&disk).unwrap();
    append_and_wait(store.journal.as_ref(), append(1, 0)).unwrap();
    drop(store);
    disk.replan(Plan {
        capacity: Some(disk.used() + 20),
        ..Plan::default()
    });
    let used = disk.used();
    assert!(matches!(open(&disk), Err(Error::Full { .. })));
    assert_eq!(disk.used(), used);
    disk.replan(Plan::default());
    let (store, _) = open(&disk).unwrap();
    assert_eq!(read_all(store.journal.as_ref()).len(), 2);
}
