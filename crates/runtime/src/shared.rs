//! What all parts of a running engine share, and the way of every command:
//! decide under the case's lock, queue for the journal in the same order, and
//! let effects and answers go only once the records are on disk.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use onething_engine::{Ask, By, Case, CaseStatus, Command, Event, EventKind, Record};
use onething_model::{CaseId, Micros, Timestamp};
use onething_store::{Append, Committed, Error as StoreError, Store};
use tokio::sync::{oneshot, watch};

use crate::board::{Board, WorkKey};
use crate::busy::Busy;
use crate::cell::{Call, Cell, Live, Placed, Progress};
use crate::cells::Cells;
use crate::definition::Catalogue;
use crate::effects::{Change, changes};
use crate::error::reject;
use crate::inbox::{Inbox, Job};
use crate::keys::Keys;
use crate::projection::{Indexed, Projection};
use crate::timers::{Alarm, Timers};
use crate::{Clock, Error, Limits, Spawner};

/// Whether the engine runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Running,
    /// No more commands; what was begun is finished.
    Draining,
    Stopped,
}

/// A case whose append was refused for lack of room is read again so much later.
const RELOAD_AFTER: Micros = Micros::SECOND;

pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) catalogue: Catalogue,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) spawner: Arc<dyn Spawner>,
    pub(crate) limits: Limits,
    /// Handlers are not called and timers not served.
    pub(crate) paused: bool,
    pub(crate) cells: Cells,
    pub(crate) keys: Keys,
    pub(crate) board: Board,
    pub(crate) timers: Timers,
    pub(crate) inbox: Inbox,
    /// Everything that goes on by itself.
    pub(crate) busy: Busy,
    /// What a shutdown waits for: calls that run and appends that are queued.
    pub(crate) begun: Busy,
    pub(crate) phase: watch::Sender<Phase>,
    /// Why nothing is acknowledged any more.
    broken: OnceLock<StoreError>,
    pub(crate) next_case: AtomicU64,
    pub(crate) open: AtomicUsize,
    /// How many appends wait for the disk.
    appends: AtomicUsize,
    latest: AtomicI64,
    pub(crate) projection: Arc<Projection>,
    pub(crate) unreadable: Mutex<BTreeMap<CaseId, String>>,
}

/// Who is told how an append ended.
pub(crate) type Answer = oneshot::Sender<Result<Committed, StoreError>>;

impl Shared {
    pub(crate) fn new(
        store: Store,
        catalogue: Catalogue,
        clock: Arc<dyn Clock>,
        spawner: Arc<dyn Spawner>,
        limits: Limits,
        paused: bool,
        projection: Arc<Projection>,
    ) -> Self {
        Self {
            store,
            catalogue,
            clock,
            spawner,
            limits,
            paused,
            cells: Cells::default(),
            keys: Keys::default(),
            board: Board::default(),
            timers: Timers::default(),
            inbox: Inbox::default(),
            busy: Busy::default(),
            begun: Busy::default(),
            phase: watch::Sender::new(Phase::Running),
            broken: OnceLock::new(),
            next_case: AtomicU64::new(1),
            open: AtomicUsize::new(0),
            appends: AtomicUsize::new(0),
            latest: AtomicI64::new(i64::MIN),
            projection,
            unreadable: Mutex::default(),
        }
    }

    /// The present moment; never before one that was recorded.
    pub(crate) fn now(&self) -> Timestamp {
        let now = self.clock.now().0;
        Timestamp(self.latest.fetch_max(now, Ordering::AcqRel).max(now))
    }

    /// Records were made at `at`.
    pub(crate) fn seen(&self, at: Timestamp) {
        self.latest.fetch_max(at.0, Ordering::AcqRel);
    }

    /// Whether commands from outside are taken.
    pub(crate) fn check_open(&self) -> Result<(), Error> {
        if let Some(error) = self.broken.get() {
            return Err(error.clone().into());
        }
        match *self.phase.borrow() {
            Phase::Running => Ok(()),
            Phase::Draining | Phase::Stopped => Err(reject::shutting_down().into()),
        }
    }

    /// Why nothing is acknowledged any more, if so.
    pub(crate) fn broken(&self) -> Option<&StoreError> {
        self.broken.get()
    }

    /// Whether one more command from outside is bearable.
    pub(crate) fn check_load(&self) -> Result<(), Error> {
        if self.appends.load(Ordering::Acquire) < self.limits.appends {
            return Ok(());
        }
        Err(reject::overloaded("等待写入的记录过多", "too many records wait for the disk").into())
    }

    /// Carries a command out, which is made of the case as it stands. `Ok`
    /// means that its records are queued; `answer` is told when they are on disk.
    pub(crate) fn perform(
        self: &Arc<Self>,
        cell: &Arc<Cell>,
        command: impl FnOnce(&Case) -> Result<Command, Error>,
        by: By,
        answer: Option<Answer>,
    ) -> Result<(), Error> {
        let mut live = cell.live();
        if let Some(error) = &cell.progress().failed {
            return Err(error.clone().into());
        }
        let now = self.now();
        let mut events = Vec::new();
        let Some(case) = &mut live.case else {
            return Err(StoreError::Closed.into());
        };
        let command = command(case)?;
        case.handle(&command, now, &mut events)?;
        self.append(cell, &mut live, events, now, by, answer);
        Ok(())
    }

    /// Queues the latest records of a case, whose state is theirs already.
    /// The caller holds the case's lock, so that sequence is order.
    pub(crate) fn append(
        self: &Arc<Self>,
        cell: &Arc<Cell>,
        live: &mut Live,
        events: Vec<Event>,
        now: Timestamp,
        by: By,
        answer: Option<Answer>,
    ) {
        let Some(case) = &live.case else { return };
        let changes = changes(case, &events);
        // To read a case that is over ends it no second time.
        let looks = events
            .iter()
            .all(|event| event.kind() == EventKind::CaseRead);
        let over = Some(case.status()).filter(|status| status.is_final() && !looks);
        let begins = live.seq == 0;
        let plan = cell.defined.plan();
        // Who caused it is said of the first; the rest follows of itself.
        let causes = std::iter::once(by).chain(std::iter::repeat(None));
        let records: Vec<Vec<u8>> = events
            .into_iter()
            .zip(causes)
            .map(|(event, by)| Record { at: now, by, event }.encode(plan))
            .collect();
        let expected = live.seq;
        live.seq += records.len() as u64;
        cell.progress().pending += 1;
        self.busy.begin();
        self.begun.begin();
        self.appends.fetch_add(1, Ordering::AcqRel);
        let append = Append {
            case: cell.id,
            expected,
            records,
            at: now,
        };
        let (shared, cell) = (self.clone(), cell.clone());
        let done = move |result: Result<Committed, StoreError>| {
            shared.appends.fetch_sub(1, Ordering::AcqRel);
            match &result {
                Ok(committed) => shared.acknowledged(&cell, *committed, changes, over, begins),
                Err(error) => shared.refused(&cell, error, begins),
            }
            if let Some(answer) = answer {
                // The caller may have gone; the records stay.
                let _ = answer.send(result);
            }
            shared.busy.end();
            shared.begun.end();
        };
        self.store.journal.append(append, Box::new(done));
    }

    /// Records are on disk: their effects may go. Runs where the journal
    /// answers, without the case's lock.
    fn acknowledged(
        self: &Arc<Self>,
        cell: &Arc<Cell>,
        committed: Committed,
        changes: Vec<Change>,
        over: Option<CaseStatus>,
        begins: bool,
    ) {
        tracing::debug!(case = cell.id.0, seq = committed.seq, "on disk");
        let mut progress = cell.progress();
        progress.pending -= 1;
        progress.durable = committed.seq;
        if begins && over.is_none() {
            self.open.fetch_add(1, Ordering::AcqRel);
        }
        self.post(cell, &mut progress, changes);
        let mut forget = false;
        if let Some(status) = over {
            if !begins {
                self.open.fetch_sub(1, Ordering::AcqRel);
            }
            self.end(cell, &mut progress, status);
            forget = progress.indexed;
        }
        progress.answer_waiters();
        drop(progress);
        if forget {
            self.cells.remove(cell.id);
        }
    }

    /// An append failed: what is in memory is ahead of the journal.
    fn refused(self: &Arc<Self>, cell: &Arc<Cell>, error: &StoreError, begins: bool) {
        match error {
            // The case alone has to be read again. What was queued behind a
            // refused append meets a conflict.
            StoreError::Full { .. } | StoreError::Conflict { .. } | StoreError::Invalid { .. } => {}
            _ => self.break_down(error),
        }
        let reload = {
            let mut progress = cell.progress();
            progress.pending -= 1;
            progress.failed.get_or_insert_with(|| error.clone());
            progress.fail_waiters(error);
            progress.pending == 0
        };
        if begins {
            // It never was. Whoever sends it again gets another number.
            self.cells.remove(cell.id);
        } else if reload {
            self.reload_later(cell);
        }
    }

    /// Reads a case again, when there may be room on the disk.
    pub(crate) fn reload_later(&self, cell: &Arc<Cell>) {
        let at = self.now() + RELOAD_AFTER;
        self.timers.set(at, Alarm::Reload { cell: cell.clone() });
    }

    /// From here on nothing is acknowledged.
    fn break_down(&self, error: &StoreError) {
        if self.broken.set(error.clone()).is_ok() {
            tracing::error!(%error, "nothing is acknowledged any more: the engine has to be started again");
            self.busy.look();
            // Whoever waits for an outcome or follows the journal is told.
            self.phase.send_modify(|_| {});
        }
    }

    /// Makes what a case asks known to whoever does it.
    pub(crate) fn post(
        self: &Arc<Self>,
        cell: &Arc<Cell>,
        progress: &mut Progress,
        changes: Vec<Change>,
    ) {
        for change in changes {
            let step = change.step;
            self.retract(cell, progress, Some(step));
            let Some(effect) = change.effect else {
                continue;
            };
            match effect.ask {
                Ask::Dispatch { attempt } | Ask::LookUp { attempt } => {
                    progress.calls.push(Placed {
                        step,
                        round: effect.round,
                        attempt,
                        pending: false,
                    });
                    if let Some(call) = Call::of(cell, &effect).filter(|_| !self.paused) {
                        self.busy.begin();
                        self.inbox.push(Job::Call(call));
                    }
                }
                Ask::Work => {
                    let key = WorkKey::new(change.due, cell.id, step);
                    progress.listed.push((step, key));
                    self.board.list(key, cell);
                }
                Ask::Wake { at } => {
                    if !self.paused {
                        let cell = cell.clone();
                        self.timers.set(at, Alarm::Retry { cell, step });
                    }
                }
                Ask::Incident => {
                    let reason: Arc<str> = change.reason.unwrap_or_default().into();
                    progress.notes.push((step, reason.clone()));
                    self.board.open_incident(cell, step, reason);
                }
                // Asked of the applicant, who sees it in the case.
                Ask::Supplement => {
                    let reason = change.reason.unwrap_or_default();
                    progress.notes.push((step, reason.into()));
                }
                Ask::Submission | Ask::Errand => {}
            }
        }
    }

    /// Takes back what was made known of one step, or of all.
    fn retract(&self, cell: &Cell, progress: &mut Progress, step: Option<onething_plan::StepIx>) {
        let is_meant = |at: onething_plan::StepIx| step.is_none_or(|step| step == at);
        progress.calls.retain(|placed| !is_meant(placed.step));
        for (_, key) in progress.listed.extract_if(.., |(at, _)| is_meant(*at)) {
            self.board.unlist(key, cell);
        }
        for (at, _) in progress.notes.extract_if(.., |(at, _)| is_meant(*at)) {
            self.board.close_incident(cell.id, at);
        }
    }

    fn end(&self, cell: &Cell, progress: &mut Progress, status: CaseStatus) {
        tracing::info!(case = cell.id.0, %status, "a case is over");
        self.retract(cell, progress, None);
        progress.over = Some(status);
        for waiter in progress.outcome.drain(..) {
            // Nobody waits any more.
            let _ = waiter.send(status);
        }
    }

    /// Takes a case into memory that was read again after its append failed.
    pub(crate) fn take_again(
        self: &Arc<Self>,
        cell: &Arc<Cell>,
        case: Case,
        seq: u64,
        asks: Vec<Change>,
    ) {
        let mut live = cell.live();
        let mut progress = cell.progress();
        if progress.failed.is_none() || progress.pending > 0 {
            return;
        }
        live.case = Some(case);
        live.seq = seq;
        progress.failed = None;
        progress.durable = seq;
        self.retract(cell, &mut progress, None);
        self.post(cell, &mut progress, asks);
    }

    /// The index has caught up with these.
    pub(crate) fn indexed(&self, indexed: Indexed) {
        for (key, case) in indexed.keys {
            self.keys.release(&key, case);
        }
        for case in indexed.over {
            let Some(cell) = self.cells.get(case) else {
                continue;
            };
            let mut progress = cell.progress();
            progress.indexed = true;
            // Followers may see a record before its writer is answered; then the answer forgets the case.
            let forget = progress.over.is_some();
            drop(progress);
            if forget {
                self.cells.remove(case);
            }
        }
        self.busy.look();
    }

    pub(crate) fn unreadable(&self) -> BTreeMap<CaseId, String> {
        self.unreadable
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// New cases are numbered from here.
    pub(crate) fn first_case(&self, case: CaseId) {
        self.next_case.store(case.0, Ordering::Release);
    }

    /// An open case was read.
    pub(crate) fn insert_open(&self, cell: Arc<Cell>) {
        self.open.fetch_add(1, Ordering::AcqRel);
        self.cells.insert(cell);
    }

    pub(crate) fn set_unreadable(&self, case: CaseId, why: String) {
        let mut unreadable = self
            .unreadable
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        unreadable.insert(case, why);
    }

    pub(crate) fn why_unreadable(&self, case: CaseId) -> Option<String> {
        let unreadable = self
            .unreadable
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        unreadable.get(&case).cloned()
    }

    /// Waits until the engine stops or breaks down, and says why.
    pub(crate) async fn stopped(&self) -> Error {
        let mut phase = self.phase.subscribe();
        loop {
            if let Some(error) = self.broken() {
                return error.clone().into();
            }
            if *phase.borrow_and_update() == Phase::Stopped {
                return reject::shutting_down().into();
            }
            if phase.changed().await.is_err() {
                return reject::shutting_down().into();
            }
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("phase", &*self.phase.borrow())
            .field("busy", &self.busy.count())
            .finish_non_exhaustive()
    }
}
