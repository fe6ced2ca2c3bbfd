//! Telling followers that the journal grew.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use crate::Position;

/// Is called with the journal's new end each time records become durable.
pub type Listener = Arc<dyn Fn(Position) + Send + Sync>;

/// Keeps a [`Listener`] subscribed until it is dropped.
#[must_use = "dropping the subscription ends it"]
pub struct Subscription {
    number: u64,
    watchers: Weak<Watchers>,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(watchers) = self.watchers.upgrade() {
            let mut state = watchers.lock();
            state.listeners.retain(|(number, _)| *number != self.number);
        }
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").finish_non_exhaustive()
    }
}

/// The end of a journal and those who wait for it to move.
#[derive(Default)]
pub(crate) struct Watchers {
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Default)]
struct State {
    end: Position,
    next: u64,
    listeners: Vec<(u64, Listener)>,
}

impl Watchers {
    pub(crate) fn new(end: Position) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                end,
                ..State::default()
            }),
            moved: Condvar::new(),
        })
    }

    pub(crate) fn end(&self) -> Position {
        self.lock().end
    }

    pub(crate) fn subscribe(self: &Arc<Self>, listener: Listener) -> Subscription {
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        state.listeners.push((number, listener));
        Subscription {
            number,
            watchers: Arc::downgrade(self),
        }
    }

    /// Moves the end and tells everybody. Listeners run without the lock, so that they may subscribe.
    pub(crate) fn advance(&self, end: Position) {
        let listeners: Vec<Listener> = {
            let mut state = self.lock();
            state.end = state.end.max(end);
            self.moved.notify_all();
            state
                .listeners
                .iter()
                .map(|(_, listener)| Arc::clone(listener))
                .collect()
        };
        for listener in listeners {
            // A listener that panics is its author's trouble, not the journal's.
            if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| listener(end))).is_err() {
                tracing::error!("a journal listener panicked");
            }
        }
    }

    /// Lets those who wait look at their `stop` again.
    pub(crate) fn wake(&self) {
        // Taking the lock closes the gap between a waiter's look at `stop` and its sleep.
        let _state = self.lock();
        self.moved.notify_all();
    }

    /// Waits for a record after `after`, for `stop`, or until the time is over.
    pub(crate) fn wait(&self, after: Position, timeout: Duration, stop: &AtomicBool) -> Position {
        // Too long to be represented means for ever.
        let until = Instant::now().checked_add(timeout);
        let mut state = self.lock();
        while state.end <= after && !stop.load(Ordering::Acquire) {
            let left = match until.map(|until| until.checked_duration_since(Instant::now())) {
                None => Duration::from_secs(3600),
                Some(None | Some(Duration::ZERO)) => break,
                Some(Some(left)) => left,
            };
            state = self
                .moved
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        state.end
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
