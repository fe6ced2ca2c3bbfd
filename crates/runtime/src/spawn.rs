//! Where the runtime's tasks run, behind a trait.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// A task without a result.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs tasks.
pub trait Spawner: Send + Sync + 'static {
    /// Runs a task to its end, in the background.
    fn spawn(&self, task: Task);

    /// Runs work that blocks, where it holds nobody up.
    fn spawn_blocking(&self, work: Box<dyn FnOnce() + Send>);

    /// How many tasks take effects from the queue. One gives the same order
    /// each time, if the spawner itself is deterministic.
    fn workers(&self) -> usize;
}

/// Runs tasks on a tokio runtime.
///
/// On a current-thread runtime, with a [`ManualClock`](crate::ManualClock) and
/// a store in memory, the same commands give the same records.
#[derive(Clone)]
pub struct TokioSpawner {
    handle: tokio::runtime::Handle,
    workers: usize,
}

impl TokioSpawner {
    /// Runs tasks on `handle`'s runtime, with one worker for each of its threads.
    #[must_use]
    pub fn new(handle: tokio::runtime::Handle) -> Self {
        let workers = handle.metrics().num_workers().max(1);
        Self { handle, workers }
    }
}

impl fmt::Debug for TokioSpawner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokioSpawner")
            .field("workers", &self.workers)
            .finish_non_exhaustive()
    }
}

impl Spawner for TokioSpawner {
    fn spawn(&self, task: Task) {
        // The task reports for itself; nobody joins it.
        drop(self.handle.spawn(task));
    }

    fn spawn_blocking(&self, work: Box<dyn FnOnce() + Send>) {
        drop(self.handle.spawn_blocking(work));
    }

    fn workers(&self) -> usize {
        self.workers
    }
}
