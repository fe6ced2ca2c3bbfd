//! A process under load is killed at any instant: what it was told is kept is there, once.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use onething_model::{CaseId, Timestamp};
use onething_store::{Append, EmbeddedStore, Entry, IndexState, Journal, Options, Position, Store};

/// Set in the child: the folder of the store.
const CHILD: &str = "ONETHING_STORE_KILL_CHILD";
const CASES: u64 = 64;
const ROUNDS: u64 = 10;

fn options() -> Options {
    Options {
        // So that some kills meet the beginning of a segment.
        segment_bytes: 256 << 10,
        ..Options::default()
    }
}

/// Not a test of its own: the process that is killed.
#[test]
fn child() {
    if let Some(path) = std::env::var_os(CHILD) {
        let (store, _) = EmbeddedStore::open(Path::new(&path), &options()).unwrap();
        for case in 0..CASES {
            let expected = store.journal.sequence(CaseId(case));
            append_for_ever(&store.journal, case, expected);
        }
        // Feeds the index in the background, as the runtime does.
        loop {
            let reached = store.index.reached();
            let end = store.journal.wait(reached, Duration::from_secs(60));
            assert!(end > reached, "nothing was written for a minute");
            let entries = store.journal.read(reached, 1_000).unwrap();
            feed(&store, &entries);
        }
    }
}

fn append_for_ever(journal: &Arc<dyn Journal>, case: u64, expected: u64) {
    let next = Arc::clone(journal);
    let append = Append {
        case: CaseId(case),
        expected,
        records: (1..=2)
            .map(|number| record(case, expected + number))
            .collect(),
        at: Timestamp(0),
    };
    journal.append(
        append,
        Box::new(move |result| {
            let committed = result.unwrap();
            let line = format!("ack {case} {} {}\n", committed.seq, committed.position);
            // Fails when the parent is gone.
            std::io::stdout().write_all(line.as_bytes()).unwrap();
            append_for_ever(&next, case, committed.seq);
        }),
    );
}

fn record(case: u64, seq: u64) -> Vec<u8> {
    let filling = "x".repeat((case * 31 + seq * 17) as usize % 400);
    format!(r#"{{"case":{case},"seq":{seq},"x":"{filling}"}}"#).into_bytes()
}

/// The index holds the sequence of each case.
fn feed(store: &Store, entries: &[Entry]) {
    let changes = entries
        .iter()
        .map(|entry| {
            let key = entry.case.0.to_be_bytes().to_vec();
            (key, Some(entry.seq.to_be_bytes().to_vec()))
        })
        .collect();
    let reached = entries
        .last()
        .map_or(store.index.reached(), |last| last.position);
    store.index.apply(changes, reached).unwrap();
}

#[test]
fn acknowledged_records_survive_a_kill_at_any_instant() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    // Position of the last record of each acknowledged append: case and sequence.
    let mut acknowledged: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
    let mut torn = 0;
    for round in 0..ROUNDS {
        let told = run_and_kill(&path, Duration::from_millis(20 + round * 37 % 150));
        assert!(!told.is_empty(), "round {round}: nothing was acknowledged");
        for (position, who) in told {
            assert!(
                acknowledged.insert(position, who).is_none(),
                "position {position} twice"
            );
        }
        let (store, report) = EmbeddedStore::open(&path, &options()).unwrap();
        torn += u64::from(report.torn.is_some());
        assert!(
            !report.created && report.epoch.0 >= round * 2 + 2,
            "{report}"
        );
        check(&store, &acknowledged);
        // A kill is no reason to distrust the index where the system tells its boots apart.
        let rebuilt = matches!(report.index, IndexState::Rebuild { .. });
        assert!(!(cfg!(target_os = "linux") && rebuilt), "{report}");
        check_index(&store);
        store.close().unwrap();
    }
    let verified = EmbeddedStore::verify(&path).unwrap();
    assert_eq!(verified.cases, CASES);
    assert!(verified.segments > 1);
    // Kills rarely fall into the middle of a write; how many did is for the reader of the output.
    let summary = format!("{verified:?}, {torn} torn\n");
    std::io::stderr().write_all(summary.as_bytes()).unwrap();
}

/// Runs the child until it has acknowledged something and then for a while; answers what it acknowledged.
fn run_and_kill(path: &Path, after: Duration) -> BTreeMap<u64, (u64, u64)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(CHILD, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let (began, first) = mpsc::channel();
    // Reads to the end: what is in the pipe at the kill was acknowledged before it.
    let reader = std::thread::spawn(move || {
        let mut told = BTreeMap::new();
        let mut line = String::new();
        while lines.read_line(&mut line).unwrap() > 0 {
            // The last line may have been cut by the kill.
            if let Some(numbers) = line
                .strip_suffix('\n')
                .and_then(|line| line.strip_prefix("ack "))
            {
                let numbers: Vec<u64> = numbers
                    .split(' ')
                    .map(|text| text.parse().unwrap())
                    .collect();
                assert!(told.insert(numbers[2], (numbers[0], numbers[1])).is_none());
                let _ = began.send(());
            }
            line.clear();
        }
        told
    });
    let began = first.recv_timeout(Duration::from_secs(60));
    std::thread::sleep(after);
    let still_running = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    let told = reader.join().unwrap();
    assert!(
        began.is_ok() && still_running,
        "the child ended before it was killed"
    );
    told
}

fn check(store: &Store, acknowledged: &BTreeMap<u64, (u64, u64)>) {
    let mut sequences: BTreeMap<u64, u64> = BTreeMap::new();
    let mut positions = BTreeSet::new();
    let mut after = Position::START;
    loop {
        let entries = store.journal.read(after, 10_000).unwrap();
        let Some(last) = entries.last() else { break };
        after = last.position;
        for entry in &entries {
            let seq = sequences.entry(entry.case.0).or_default();
            *seq += 1;
            assert_eq!(
                entry.seq, *seq,
                "case {}: a record is lost or doubled",
                entry.case
            );
            assert_eq!(entry.record, record(entry.case.0, entry.seq));
            if acknowledged.get(&entry.position.0) == Some(&(entry.case.0, entry.seq)) {
                positions.insert(entry.position.0);
            }
        }
    }
    assert_eq!(after, store.journal.end());
    let lost = acknowledged
        .keys()
        .find(|position| !positions.contains(position));
    assert_eq!(
        lost, None,
        "an acknowledged record is not where it was said to be"
    );
    // An append is there whole or not at all: each had two records.
    assert!(sequences.values().all(|seq| seq % 2 == 0));
}

/// The index is a fold of the journal up to the position it says, and can be fed from there.
fn check_index(store: &Store) {
    let reached = store.index.reached();
    let fold = |until: Position| -> BTreeMap<Vec<u8>, Vec<u8>> {
        let mut all = BTreeMap::new();
        let mut after = Position::START;
        while after < until {
            for entry in store.journal.read(after, 10_000).unwrap() {
                after = entry.position;
                if after <= until {
                    all.insert(
                        entry.case.0.to_be_bytes().to_vec(),
                        entry.seq.to_be_bytes().to_vec(),
                    );
                }
            }
        }
        all
    };
    let held = |store: &Store| -> BTreeMap<Vec<u8>, Vec<u8>> {
        store
            .index
            .scan(&[], None, usize::MAX)
            .unwrap()
            .into_iter()
            .collect()
    };
    assert!(reached <= store.journal.end());
    assert_eq!(held(store), fold(reached));
    while store.index.reached() < store.journal.end() {
        feed(
            store,
            &store.journal.read(store.index.reached(), 10_000).unwrap(),
        );
    }
    assert_eq!(held(store), fold(store.journal.end()));
}
