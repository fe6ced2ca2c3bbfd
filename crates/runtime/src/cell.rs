//! A case at hand: its decided state, and how far that is on disk.
//!
//! Two locks, always in this order: [`live`](Cell::live) while something is
//! decided and queued for the journal, so that the order of decisions is the
//! order of sequences; [`progress`](Cell::progress) for what is acknowledged.
//! The journal's answer takes only the second.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use onething_engine::{Ask, Case, CaseStatus, Effect};
use onething_model::{CaseId, Timestamp};
use onething_plan::StepIx;
use onething_store::Error as StoreError;
use tokio::sync::oneshot;

use crate::board::WorkKey;
use crate::definition::Defined;

/// A case in memory.
pub(crate) struct Cell {
    pub(crate) id: CaseId,
    pub(crate) defined: Arc<Defined>,
    live: Mutex<Live>,
    progress: Mutex<Progress>,
}

/// What has been decided, on disk or not yet.
pub(crate) struct Live {
    /// `None` until the case is opened or read.
    pub(crate) case: Option<Case>,
    /// How many records it has, those that are queued included.
    pub(crate) seq: u64,
    pub(crate) opened: Timestamp,
}

/// What is acknowledged.
#[derive(Default)]
pub(crate) struct Progress {
    /// How many records are on disk.
    pub(crate) durable: u64,
    /// How many appends are queued.
    pub(crate) pending: u32,
    /// Why the state in memory is ahead of the journal and has to be read again.
    pub(crate) failed: Option<StoreError>,
    /// How it ended.
    pub(crate) over: Option<CaseStatus>,
    /// Whether everything of a case that is over is in the index.
    pub(crate) indexed: bool,
    /// Who waits for a record to be on disk.
    waiters: Vec<(u64, Waiter)>,
    /// Who waits for the end.
    pub(crate) outcome: Vec<oneshot::Sender<CaseStatus>>,
    /// Calls that are queued, running, or answered with *pending*.
    pub(crate) calls: Vec<Placed>,
    /// Rows of the board.
    pub(crate) listed: Vec<(StepIx, WorkKey)>,
    /// Why a step is an incident, or what its supplement notice says.
    pub(crate) notes: Vec<(StepIx, Arc<str>)>,
}

type Waiter = oneshot::Sender<Result<(), StoreError>>;

/// A call and whether its department said that the answer comes later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) step: StepIx,
    pub(crate) round: u32,
    pub(crate) attempt: u32,
    pub(crate) pending: bool,
}

/// A call to a department or registry: numbers, no data.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) cell: Arc<Cell>,
    pub(crate) step: StepIx,
    pub(crate) round: u32,
    pub(crate) attempt: u32,
}

impl Call {
    /// The call of an effect that is one.
    pub(crate) fn of(cell: &Arc<Cell>, effect: &Effect) -> Option<Self> {
        let (Ask::Dispatch { attempt } | Ask::LookUp { attempt }) = effect.ask else {
            return None;
        };
        Some(Self {
            cell: cell.clone(),
            step: effect.step,
            round: effect.round,
            attempt,
        })
    }

    /// Whether the case still asks for exactly this call.
    pub(crate) fn is_asked(&self, case: &Case) -> bool {
        case.effect(self.step).is_some_and(|effect| {
            effect.round == self.round
                && matches!(effect.ask,
                    Ask::Dispatch { attempt } | Ask::LookUp { attempt } if attempt == self.attempt)
        })
    }

    pub(crate) fn is(&self, placed: &Placed) -> bool {
        (placed.step, placed.round, placed.attempt) == (self.step, self.round, self.attempt)
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.cell.defined.plan().step(self.step).key;
        write!(f, "{}/{key}/{}#{}", self.cell.id, self.round, self.attempt)
    }
}

impl Cell {
    /// A case that is about to be opened.
    pub(crate) fn new(id: CaseId, defined: Arc<Defined>) -> Arc<Self> {
        Arc::new(Self {
            id,
            defined,
            live: Mutex::new(Live {
                case: None,
                seq: 0,
                opened: Timestamp::default(),
            }),
            progress: Mutex::default(),
        })
    }

    /// A case that was read from the journal.
    pub(crate) fn read(id: CaseId, defined: Arc<Defined>, live: Live) -> Arc<Self> {
        let status = live.case.as_ref().map(Case::status);
        let progress = Progress {
            durable: live.seq,
            over: status.filter(|status| status.is_final()),
            ..Progress::default()
        };
        Arc::new(Self {
            id,
            defined,
            live: Mutex::new(live),
            progress: Mutex::new(progress),
        })
    }

    pub(crate) fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the case has `seq` records on disk.
    ///
    /// # Errors
    /// The append failed.
    pub(crate) async fn durable(&self, seq: u64) -> Result<(), StoreError> {
        let answer = {
            let mut progress = self.progress();
            if progress.durable >= seq {
                return Ok(());
            }
            if let Some(error) = &progress.failed {
                return Err(error.clone());
            }
            let (sender, answer) = oneshot::channel();
            progress.waiters.push((seq, sender));
            answer
        };
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Looks at the state, and shows it only when all of it is on disk.
    ///
    /// # Errors
    /// The append that made this state failed.
    pub(crate) async fn view<T>(
        &self,
        look: impl FnOnce(&Case, &Live) -> T,
    ) -> Result<Option<T>, StoreError> {
        // A case that is just being opened has its first record soon.
        if self.live().case.is_none() {
            self.durable(1).await?;
        }
        let (seen, seq) = {
            let live = self.live();
            (live.case.as_ref().map(|case| look(case, &live)), live.seq)
        };
        self.durable(seq).await?;
        Ok(seen)
    }
}

impl Progress {
    /// Answers those who waited for a record that is on disk now.
    pub(crate) fn answer_waiters(&mut self) {
        let durable = self.durable;
        // Nobody listens any more: nothing to do about it.
        for (_, waiter) in self.waiters.extract_if(.., |(seq, _)| *seq <= durable) {
            let _ = waiter.send(Ok(()));
        }
    }

    /// Tells all who wait that what they wait for is not on disk.
    pub(crate) fn fail_waiters(&mut self, error: &StoreError) {
        for (_, waiter) in self.waiters.drain(..) {
            let _ = waiter.send(Err(error.clone()));
        }
    }
}

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cell")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
