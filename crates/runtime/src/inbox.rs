//! The queue between commits and the workers that carry effects out.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;

use crate::cell::{Call, Cell};

/// What a worker is to do.
#[derive(Debug)]
pub(crate) enum Job {
    /// Call a handler, when there is a place.
    Call(Call),
    /// Call a handler: a place was passed on to this call.
    Admitted(Call),
    /// Read a case again whose append failed.
    Reload(Arc<Cell>),
}

/// Jobs in the order they came.
pub(crate) struct Inbox {
    state: Mutex<State>,
    /// A permit for each sleeper that is to wake; permits are kept for those
    /// that are just falling asleep.
    wakes: Semaphore,
}

impl Default for Inbox {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            wakes: Semaphore::new(0),
        }
    }
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    /// Workers that found nothing and have not been woken since.
    asleep: usize,
}

impl Inbox {
    pub(crate) fn push(&self, job: Job) {
        let wake = {
            let mut state = self.lock();
            state.jobs.push_back(job);
            // One worker is woken for each sleeper that there is work for;
            // those that are awake look again before they sleep.
            let wake = state.asleep > 0;
            state.asleep -= usize::from(wake);
            wake
        };
        if wake {
            self.wakes.add_permits(1);
        }
    }

    /// The next job; none means that the worker goes to sleep, in [`woken`](Self::woken).
    pub(crate) fn pop(&self) -> Option<Job> {
        let mut state = self.lock();
        let job = state.jobs.pop_front();
        if job.is_none() {
            state.asleep += 1;
        }
        job
    }

    pub(crate) async fn woken(&self) {
        // The semaphore is never closed.
        if let Ok(permit) = self.wakes.acquire().await {
            permit.forget();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
