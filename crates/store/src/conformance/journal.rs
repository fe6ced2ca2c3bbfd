//! The journal's promises.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use onething_model::{CaseId, Timestamp};

use super::{MakeBed, append, must_append, open, read_all};
use crate::{
    Append, Committed, Epoch, Error, IndexState, Journal, MAX_APPEND_BYTES, MAX_APPEND_RECORDS,
    Position, append_and_wait,
};

/// Longer than any machine needs; a test that waits this long has failed.
const LONG: Duration = Duration::from_secs(60);

pub(super) fn positions_and_sequences_have_no_gaps(make: MakeBed<'_>) {
    let bed = make();
    let (store, _) = open(&bed);
    assert_eq!(store.journal.end(), Position::START);
    assert_eq!(store.journal.sequence(CaseId(1)), 0);
    let committed = |position, seq| Committed {
        position: Position(position),
        seq,
    };
    assert_eq!(must_append(&store, append(1, 0, &["a"])), committed(1, 1));
    assert_eq!(
        must_append(&store, append(2, 0, &["b", "c", "d"])),
        committed(4, 3)
    );
    assert_eq!(
        must_append(&store, append(1, 1, &["e", "f"])),
        committed(6, 3)
    );
    assert_eq!(store.journal.end(), Position(6));
    assert_eq!(store.journal.sequence(CaseId(1)), 3);
    assert_eq!(store.journal.sequence(CaseId(2)), 3);

    let rows: Vec<_> = read_all(&store, Position::START, 100)
        .into_iter()
        .map(|entry| (entry.position.0, entry.case.0, entry.seq, entry.record))
        .collect();
    let expected: Vec<_> = [
        (1, 1, 1, "a"),
        (2, 2, 1, "b"),
        (3, 2, 2, "c"),
        (4, 2, 3, "d"),
        (5, 1, 2, "e"),
        (6, 1, 3, "f"),
    ]
    .into_iter()
    .map(|(position, case, seq, record)| (position, case, seq, record.as_bytes().to_vec()))
    .collect();
    assert_eq!(rows, expected);
}

pub(super) fn records_come_back_byte_for_byte(make: MakeBed<'_>) {
    let bed = make();
    let (store, _) = open(&bed);
    let records = vec![
        Vec::new(),
        "开办餐饮店：食品经营许可".as_bytes().to_vec(),
        (0..=255).collect(),
        vec![0; 300_000],
    ];
    // Identifiers and instants at the ends of their ranges.
    let append = Append {
        case: CaseId(u64::MAX),
        expected: 0,
        records: records.clone(),
        at: Timestamp(i64::MIN),
    };
    must_append(&store, append);
    let entries = read_all(&store, Position::START, 3);
    assert_eq!(entries.len(), records.len());
    for (entry, record) in entries.iter().zip(&records) {
        assert!(
            entry.record == *record,
            "record {} came back changed",
            entry.seq
        );
        assert_eq!(entry.case, CaseId(u64::MAX));
        assert_eq!(entry.at, Timestamp(i64::MIN));
        assert_eq!(entry.epoch, store.journal.epoch());
    }
}

pub(super) fn a_conflict_writes_nothing(make: MakeBed<'_>) {
    let bed = make();
    let (store, _) = open(&bed);
    must_append(&store, append(1, 0, &["a", "b"]));
    for (case, expected, present) in [
        (1, 0, 2),
        (1, 1, 2),
        (1, 3, 2),
        (2, 1, 0),
        (2, u64::MAX - 1, 0),
    ] {
        match append_and_wait(store.journal.as_ref(), append(case, expected, &["x"])) {
            Err(Error::Conflict {
                case: named,
                expected: claimed,
                actual,
            }) => {
                assert_eq!((named, claimed, actual), (CaseId(case), expected, present));
            }
            other => panic!("case {case} at {expected}: {other:?}"),
        }
    }
    assert_eq!(store.journal.end(), Position(2));
    assert_eq!(store.journal.sequence(CaseId(2)), 0);
    must_append(&store, append(1, 2, &["c"]));
    assert_eq!(read_all(&store, Position::START, 10).len(), 3);
}

pub(super) fn appends_of_a_case_may_be_sent_without_waiting(make: MakeBed<'_>) {
    let bed = make();
    let (store, _) = open(&bed);
    let (sender, receiver) = mpsc::channel();
    for number in 0..200 {
        // The one at 100 expects too much, and so does everything after it.
        let expected = if number < 100 { number } else { number + 1 };
        let sender = sender.clone();
        store.journal.append(
            append(9, expected, &["x"]),
            Box::new(move |result| {
                let _ = sender.send((number, result));
            }),
        );
    }
    let mut answers = BTreeMap::new();
    while answers.len() < 200 {
        match receiver.recv_timeout(LONG) {
            Ok((number, result)) => assert!(
                answers.insert(number, result).is_none(),
                "append {number} was answered twice"
            ),
            Err(_) => panic!("only {} of 200 appends were answered", answers.len()),
        }
    }
    for (number, result) in answers {
        match result {
            Ok(committed) => assert_eq!((number < 100, committed.seq), (true, number + 1)),
            Err(Error::Conflict { actual, .. }) => assert_eq!((number < 100, actual), (false, 100)),
            Err(error) => panic!("append {number}: {error}"),
        }
    }
    assert_eq!(store.journal.sequence(CaseId(9)), 100);
}

pub(super) fn what_cannot_be_held_is_refused(make: MakeBed<'_>) {
    let bed = make();
    let (store, _) = open(&bed);
    let with = |records| Append {
        records,
        ..append(1, 0, &[])
    };
    let refused = [
        with(Vec::new()),
        with(vec![Vec::new(); MAX_APPEND_RECORDS + 1]),
        with(vec![vec![b'x'; MAX_APPEND_BYTES - 3]]),
        append(1, u64::MAX, &["x"]),
    ];
    for append in refused {
        let result = append_and_wait(store.journal.as_ref(), append);
        assert!(matches!(result, Err(Error::Invalid { .. })), "{result:?}");
    }
    assert_eq!(store.journal.end(), Position::START);
    // The largest that is allowed.
    let largest = vec![b'x'; MAX_APPEND_BYTES - 4];
    must_append(&store, with(vec![largest.clone()]));
    let entries = read_all(&store, Position::START, 10);
    assert!(entries.len() == 1 && entries[0].record == largest);
}

pub(super) fn reading_pages_from_any_position(make: MakeBed<'_>) {
    let bed = make();
    let (store, _) = open(&bed);
    for round in 0..50 {
        must_append(&store, append(round % 3, (round / 3) * 3, &["a", "b", "c"]));
    }
    let whole = read_all(&store, Position::START, 1_000);
    assert_eq!(whole.len(), 150);
    for page in [1, 2, 7, 150] {
        assert!(
            read_all(&store, Position::START, page) == whole,
            "pages of {page}"
        );
    }
    // Also in the middle of one append's records.
    for after in [1, 2, 3, 74, 149, 150, 151, u64::MAX] {
        let rest = read_all(&store, Position(after), 11);
        let expected = whole.get(after.min(150) as usize..).unwrap_or_default();
        assert!(rest == expected, "after {after}");
    }
    assert!(matches!(store.journal.read(Position::START, 0), Ok(none) if none.is_empty()));
}

pub(super) fn an_answer_may_append(make: MakeBed<'_>) {
    let bed = make();
    let (store, _) = open(&bed);
    let (sender, receiver) = mpsc::channel();
    chain(&store.journal, 0, 50, sender);
    match receiver.recv_timeout(LONG) {
        Ok(result) => assert_eq!(result.map(|committed| committed.seq).ok(), Some(50)),
        Err(_) => panic!("a chain of appends made by answers did not end"),
    }
}

/// Appends one record and, when told that it is on disk, the next.
fn chain(
    journal: &Arc<dyn Journal>,
    expected: u64,
    until: u64,
    sender: mpsc::Sender<Result<Committed, Error>>,
) {
    let next = Arc::clone(journal);
    journal.append(
        append(5, expected, &["x"]),
        Box::new(move |result| {
            if result.is_ok() && expected + 1 < until {
                chain(&next, expected + 1, until, sender);
            } else {
                let _ = sender.send(result);
            }
        }),
    );
}

pub(super) fn a_panicking_answer_hurts_nobody(make: MakeBed<'_>) {
    let bed = make();
    let (store, _) = open(&bed);
    let journal = Arc::clone(&store.journal);
    // A store that answers on the caller's thread passes the panic on to that caller alone.
    let _ = std::thread::spawn(move || {
        journal.append(
            append(1, 0, &["a"]),
            Box::new(|_| std::panic::resume_unwind(Box::new("on purpose"))),
        );
    })
    .join();
    assert!(store.journal.wait(Position::START, LONG) >= Position(1));
    must_append(&store, append(1, 1, &["b"]));
}

pub(super) fn followers_are_told(make: MakeBed<'_>) {
    let bed = make();
    let (store, _) = open(&bed);
    let told = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&told);
    let subscription = store.journal.subscribe(Arc::new(move |end| {
        seen.fetch_max(end.0, Ordering::SeqCst);
    }));
    for round in 0..20 {
        let committed = must_append(&store, append(1, round, &["x"]));
        // A follower knows before the writer is answered, so that reads see what was acknowledged.
        assert!(told.load(Ordering::SeqCst) >= committed.position.0);
    }
    drop(subscription);
    must_append(&store, append(1, 20, &["x"]));
    assert_eq!(
        told.load(Ordering::SeqCst),
        20,
        "told after the subscription ended"
    );
}

pub(super) fn waiting_ends(make: MakeBed<'_>) {
    let bed = make();
    let (store, _) = open(&bed);
    let journal = &store.journal;
    assert_eq!(
        journal.wait(Position::START, Duration::from_millis(5)),
        Position::START
    );
    must_append(&store, append(1, 0, &["x"]));
    assert_eq!(journal.wait(Position::START, LONG), Position(1));

    let waiter = Arc::clone(journal);
    let waiting = std::thread::spawn(move || waiter.wait(Position(1), LONG));
    must_append(&store, append(1, 1, &["x"]));
    assert_eq!(waiting.join().ok(), Some(Position(2)));

    let waiter = Arc::clone(journal);
    let waiting = std::thread::spawn(move || waiter.wait(Position(2), Duration::MAX));
    assert!(store.close().is_ok());
    assert_eq!(
        waiting.join().ok(),
        Some(Position(2)),
        "closing lets those who wait go"
    );
}

pub(super) fn reopening_keeps_everything_and_raises_the_epoch(make: MakeBed<'_>) {
    let bed = make();
    let mut before = Vec::new();
    let mut epoch = Epoch(0);
    for round in 0..4 {
        let (store, report) = open(&bed);
        assert_eq!(report.created, round == 0);
        assert!(report.epoch > epoch, "the epoch must rise at each opening");
        epoch = report.epoch;
        assert_eq!(
            (store.journal.epoch(), report.end),
            (epoch, store.journal.end())
        );
        assert_eq!(report.torn, None);
        assert!(
            !matches!(report.index, IndexState::Rebuild { .. }),
            "{report}"
        );
        assert!(
            read_all(&store, Position::START, 100) == before,
            "round {round}"
        );
        assert_eq!(store.journal.sequence(CaseId(1)), round * 2);
        must_append(&store, append(1, round * 2, &["x", "y"]));
        before = read_all(&store, Position::START, 100);
        assert_eq!(before.last().map(|entry| entry.epoch), Some(epoch));
        // Dropping a store must do as well as closing it.
        if round % 2 == 0 {
            assert!(store.close().is_ok());
        }
    }
}

pub(super) fn two_owners_are_never_both_served(make: MakeBed<'_>) {
    let bed = make();
    let (first, _) = open(&bed);
    must_append(&first, append(1, 0, &["a"]));
    match bed() {
        Err(Error::Locked { .. }) => {
            must_append(&first, append(1, 1, &["b"]));
            assert!(first.close().is_ok());
            // The lock goes with the close, also while clones live.
            let (second, _) = open(&bed);
            must_append(&second, append(1, 2, &["c"]));
            let late = append_and_wait(first.journal.as_ref(), append(1, 3, &["d"]));
            assert!(matches!(late, Err(Error::Closed)), "{late:?}");
        }
        Ok((second, _)) => {
            let late = append_and_wait(first.journal.as_ref(), append(1, 1, &["b"]));
            assert!(matches!(late, Err(Error::Fenced { .. })), "{late:?}");
            must_append(&second, append(1, 1, &["c"]));
        }
        Err(error) => panic!("opening twice: {error}"),
    }
}

pub(super) fn a_closed_store_takes_nothing(make: MakeBed<'_>) {
    let bed = make();
    let (store, _) = open(&bed);
    must_append(&store, append(1, 0, &["a"]));
    assert!(store.close().is_ok());
    assert!(store.close().is_ok(), "closing again does nothing");
    let late = append_and_wait(store.journal.as_ref(), append(1, 1, &["b"]));
    assert!(matches!(late, Err(Error::Closed)), "{late:?}");
    drop(store);
    let (store, _) = open(&bed);
    assert_eq!(store.journal.end(), Position(1));
}

pub(super) fn many_writers_lose_and_double_nothing(make: MakeBed<'_>) {
    const WRITERS: u64 = 8;
    const APPENDS: u64 = 100;
    let bed = make();
    let (store, _) = open(&bed);
    let acknowledged = Arc::new(Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for case in 0..WRITERS {
            let store = store.clone();
            let acknowledged = Arc::clone(&acknowledged);
            scope.spawn(move || {
                for round in 0..APPENDS {
                    let text = format!("{case}-{round}");
                    let committed =
                        must_append(&store, append(case, round * 2, &[&text, "second"]));
                    assert_eq!(committed.seq, round * 2 + 2);
                    acknowledged
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .insert(committed.position.0, (case, committed.seq, text));
                }
            });
        }
    });
    let check = |store: &crate::Store| {
        let entries = read_all(store, Position::START, 37);
        assert_eq!(entries.len() as u64, WRITERS * APPENDS * 2);
        let mut sequences = BTreeMap::new();
        for (index, entry) in entries.iter().enumerate() {
            assert_eq!(entry.position.0, index as u64 + 1);
            let seq = sequences.entry(entry.case).or_insert(0);
            *seq += 1;
            assert_eq!(entry.seq, *seq, "case {}", entry.case);
        }
        let acknowledged = acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(acknowledged.len() as u64, WRITERS * APPENDS);
        for (position, (case, seq, text)) in acknowledged.iter() {
            let last = &entries[*position as usize - 1];
            assert_eq!((last.case.0, last.seq), (*case, *seq));
            assert_eq!(entries[*position as usize - 2].record, text.as_bytes());
        }
    };
    check(&store);
    drop(store);
    check(&open(&bed).0);
}
