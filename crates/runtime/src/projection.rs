//! Feeds the index from the journal, in the background and in batches, so
//! that an acknowledgement never waits for it and what happens to a case in
//! short order becomes one row.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use onething_model::{CaseId, Digest, ServiceKey, Timestamp};
use onething_store::{Entry, Error as StoreError, Index, Position, Store};
use serde::Deserialize;
use tokio::sync::oneshot;

use crate::rows::{self, Ended, KeyOwner, Summary};

/// Records are fed after so long at the latest, unless somebody hurries.
const DELAY: Duration = Duration::from_millis(100);

/// So many records are fed at once, and without delay when as many wait.
const BATCH: usize = 8_192;

/// After a failure of the index it is tried again so much later.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// What a batch brought into the index.
#[derive(Debug, Default)]
pub(crate) struct Indexed {
    /// Idempotency keys and their cases.
    pub(crate) keys: Vec<(String, CaseId)>,
    /// Cases that are over, with all their records.
    pub(crate) over: Vec<CaseId>,
}

type OnIndexed = Box<dyn Fn(Indexed) + Send>;

/// The feeder of an index.
pub(crate) struct Projection {
    store: Store,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    end: Position,
    reached: Position,
    stop: Option<Stop>,
    waiters: Vec<(Position, oneshot::Sender<Result<(), StoreError>>)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// After everything durable is in the index.
    Finished,
    /// Now.
    Dropped,
}

impl Projection {
    pub(crate) fn new(store: Store) -> Arc<Self> {
        let state = State {
            end: store.journal.end(),
            reached: store.index.reached(),
            stop: None,
            waiters: Vec::new(),
        };
        Arc::new(Self {
            store,
            state: Mutex::new(state),
            changed: Condvar::new(),
        })
    }

    /// Feeds everything that is durable, on the caller's thread, before any
    /// thread of its own runs. Returns how many records were fed.
    pub(crate) fn catch_up(&self) -> Result<u64, StoreError> {
        let before = self.store.index.reached();
        while feed(&self.store)?.is_some() {}
        let reached = self.store.index.reached();
        self.lock().reached = reached;
        Ok(reached.0 - before.0)
    }

    /// Starts feeding on a thread of its own, which ends with [`stop`](Self::stop) or [`abandon`](Self::abandon).
    pub(crate) fn start(
        self: &Arc<Self>,
        on_indexed: OnIndexed,
    ) -> std::io::Result<std::thread::JoinHandle<()>> {
        let projection = self.clone();
        std::thread::Builder::new()
            .name("onething-index".to_owned())
            .spawn(move || {
                let told = Arc::downgrade(&projection);
                let listener = move |end| {
                    if let Some(projection) = told.upgrade() {
                        projection.advance(end);
                    }
                };
                let subscription = projection.store.journal.subscribe(Arc::new(listener));
                // What became durable before the subscription.
                projection.advance(projection.store.journal.end());
                projection.run(&on_indexed);
                drop(subscription);
            })
    }

    fn advance(&self, end: Position) {
        let mut state = self.lock();
        // The feeder waits for its delay unless it waits for the first record.
        let wake = state.end <= state.reached;
        state.end = state.end.max(end);
        let many = state.end.0 - state.reached.0.min(state.end.0) >= BATCH as u64;
        drop(state);
        if wake || many {
            self.changed.notify_all();
        }
    }

    fn run(&self, on_indexed: &OnIndexed) {
        loop {
            if !self.wait_for_work() {
                break;
            }
            match feed(&self.store) {
                Ok(indexed) => {
                    on_indexed(indexed.unwrap_or_default());
                    let reached = self.store.index.reached();
                    let mut state = self.lock();
                    state.reached = reached;
                    for (_, waiter) in state.waiters.extract_if(.., |(at, _)| *at <= reached) {
                        // Nobody listens any more.
                        let _ = waiter.send(Ok(()));
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "the index cannot be fed");
                    let mut state = self.lock();
                    for (_, waiter) in state.waiters.drain(..) {
                        let _ = waiter.send(Err(error.clone()));
                    }
                    if state.stop.is_some() {
                        break;
                    }
                    drop(self.wait(state, TRY_AGAIN));
                }
            }
        }
        self.lock().waiters.clear();
    }

    /// Waits until there is something to feed and it is time; `false`: the end.
    fn wait_for_work(&self) -> bool {
        let mut state = self.lock();
        let mut since = None;
        loop {
            let waiting = state.end.0.saturating_sub(state.reached.0);
            match state.stop {
                Some(Stop::Dropped) => return false,
                Some(Stop::Finished) => return waiting > 0,
                None if waiting == 0 => {
                    since = None;
                    state = self
                        .changed
                        .wait(state)
                        .unwrap_or_else(PoisonError::into_inner);
                }
                None => {
                    let since = *since.get_or_insert_with(Instant::now);
                    let left = DELAY.saturating_sub(since.elapsed());
                    if waiting >= BATCH as u64 || !state.waiters.is_empty() || left.is_zero() {
                        return true;
                    }
                    state = self.wait(state, left);
                }
            }
        }
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, time: Duration) -> MutexGuard<'a, State> {
        self.changed
            .wait_timeout(state, time)
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }

    /// How many durable records are not in the index yet.
    pub(crate) fn lag(&self) -> u64 {
        let state = self.lock();
        state.end.0.saturating_sub(state.reached.0)
    }

    /// Waits until the index has everything up to a durable position.
    pub(crate) async fn reach(&self, position: Position) -> Result<(), StoreError> {
        let answer = {
            let mut state = self.lock();
            if state.reached >= position {
                return Ok(());
            }
            if state.stop.is_some() {
                return Err(StoreError::Closed);
            }
            state.end = state.end.max(position);
            let (sender, answer) = oneshot::channel();
            state.waiters.push((position, sender));
            answer
        };
        self.changed.notify_all();
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Lets the feeder finish what is durable and end.
    pub(crate) fn stop(&self) {
        self.end_with(Stop::Finished);
    }

    /// Lets the feeder end where it is.
    pub(crate) fn abandon(&self) {
        self.end_with(Stop::Dropped);
    }

    fn end_with(&self, stop: Stop) {
        self.lock().stop.get_or_insert(stop);
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the index needs to know of a record; the rest is passed over.
#[derive(Deserialize)]
struct Peek<'a> {
    at: Timestamp,
    #[serde(borrow)]
    event: Cow<'a, str>,
    #[serde(default)]
    service: Option<ServiceKey>,
    #[serde(default)]
    definition: Option<Digest>,
    #[serde(borrow, default)]
    key: Option<Cow<'a, str>>,
    /// As it is shown in lists, where that is not as it is.
    #[serde(default, rename = "told-key")]
    told_key: Option<String>,
    #[serde(default)]
    request: Option<Digest>,
}

/// Feeds one batch; `None` when there is nothing to feed.
fn feed(store: &Store) -> Result<Option<Indexed>, StoreError> {
    let entries = store.journal.read(store.index.reached(), BATCH)?;
    let Some(last) = entries.last() else {
        return Ok(None);
    };
    let mut batch = Batch::default();
    for entry in &entries {
        batch.add(store.index.as_ref(), entry)?;
    }
    let reached = last.position;
    let highest = store.index.get(rows::HIGHEST)?;
    let (changes, indexed) = batch.finish(highest.as_deref());
    store.index.apply(changes, reached)?;
    Ok(Some(indexed))
}

/// A row that is set, or removed.
type Row = (Vec<u8>, Option<Vec<u8>>);

#[derive(Default)]
struct Batch {
    /// By case: the first sequence and the records of this batch.
    chunks: BTreeMap<CaseId, (u64, Vec<u8>)>,
    summaries: BTreeMap<CaseId, Summary>,
    keys: Vec<(String, KeyOwner)>,
    /// Whether the case began within the batch, and whether it is open after it.
    open: BTreeMap<CaseId, (bool, bool)>,
    over: Vec<CaseId>,
    highest: u64,
}

impl Batch {
    fn add(&mut self, index: &dyn Index, entry: &Entry) -> Result<(), StoreError> {
        let (_, chunk) = self
            .chunks
            .entry(entry.case)
            .or_insert_with(|| (entry.seq, Vec::new()));
        rows::push_record(chunk, entry.position, &entry.record);
        self.highest = self.highest.max(entry.case.0);
        match serde_json::from_slice::<Peek<'_>>(&entry.record) {
            Ok(peek) => self.learn(index, entry.case, peek),
            Err(error) => {
                // Kept all the same: the journal is not the index's to judge.
                let (case, seq) = (entry.case.0, entry.seq);
                tracing::error!(case, seq, %error, "the journal holds what is not a record");
                Ok(())
            }
        }
    }

    fn learn(&mut self, index: &dyn Index, case: CaseId, peek: Peek<'_>) -> Result<(), StoreError> {
        let ended = match &*peek.event {
            "case-opened" => None,
            "application-refused" => Some(Ended::NotAccepted),
            "case-closed" => Some(Ended::Closed),
            "case-refused" => Some(Ended::Refused),
            "case-withdrawn" => Some(Ended::Withdrawn),
            _ => return Ok(()),
        };
        let begins_here = matches!(&*peek.event, "case-opened" | "application-refused");
        let (begun, open) = self.open.entry(case).or_default();
        *begun |= begins_here;
        *open = ended.is_none();
        if ended.is_some() {
            self.over.push(case);
        }
        let ended = ended.map(|ended| (ended, peek.at));
        let begins = (peek.service, peek.definition, peek.key, peek.request);
        if let (Some(service), Some(definition), Some(key), Some(request)) = begins {
            let owner = KeyOwner {
                case,
                request,
                service: service.as_str().to_owned(),
            };
            let key = key.into_owned();
            self.keys.push((key.clone(), owner));
            let summary = Summary {
                service,
                definition,
                key: peek.told_key.unwrap_or(key),
                opened: peek.at,
                ended,
            };
            self.summaries.insert(case, summary);
            return Ok(());
        }
        if let Some(summary) = self.summaries.get_mut(&case) {
            summary.ended = ended;
        } else if let Some(mut summary) = summary_of(index, case)? {
            summary.ended = ended;
            self.summaries.insert(case, summary);
        }
        Ok(())
    }

    fn finish(self, highest: Option<&[u8]>) -> (Vec<Row>, Indexed) {
        let mut changes = Vec::with_capacity(self.chunks.len() * 4);
        for (case, (first, chunk)) in self.chunks {
            changes.push((rows::records_row(case, first), Some(chunk)));
        }
        for (case, summary) in &self.summaries {
            // A plain struct with string keys: there is nothing that JSON refuses.
            let text = serde_json::to_vec(summary).unwrap_or_default();
            changes.push((rows::of_case(rows::SUMMARY, *case), Some(text)));
        }
        for (key, owner) in &self.keys {
            changes.push((rows::key_row(key), Some(owner.encode())));
        }
        for (case, (begun, open)) in self.open {
            let row = rows::of_case(rows::OPEN, case);
            match (begun, open) {
                (_, true) => changes.push((row, Some(Vec::new()))),
                // What began and ended within the batch never was open for the index.
                (true, false) => {}
                (false, false) => changes.push((row, None)),
            }
        }
        let before = highest
            .and_then(|bytes| bytes.try_into().ok())
            .map_or(0, u64::from_be_bytes);
        let highest = before.max(self.highest);
        changes.push((rows::HIGHEST.to_vec(), Some(highest.to_be_bytes().to_vec())));
        let owned = |(key, owner): (String, KeyOwner)| (key, owner.case);
        let indexed = Indexed {
            keys: self.keys.into_iter().map(owned).collect(),
            over: self.over,
        };
        (changes, indexed)
    }
}

/// A case's row in the list.
pub(crate) fn summary_of(index: &dyn Index, case: CaseId) -> Result<Option<Summary>, StoreError> {
    let row = index.get(&rows::of_case(rows::SUMMARY, case))?;
    row.map(|bytes| decode_summary(&bytes)).transpose()
}

pub(crate) fn decode_summary(bytes: &[u8]) -> Result<Summary, StoreError> {
    serde_json::from_slice(bytes).map_err(|error| StoreError::Index {
        what: format!("the summary of a case is damaged: {error}"),
    })
}
