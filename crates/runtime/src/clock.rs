//! The clock behind a trait, so that the runtime can be driven by a test's time.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use onething_model::{Micros, Timestamp};

/// Resolves when a moment has come.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Tells the time and waits for it.
pub trait Clock: Send + Sync + 'static {
    /// The present moment. The engine itself never lets recorded time go
    /// backwards, so a clock that is set back does no harm.
    fn now(&self) -> Timestamp;

    /// Resolves at `at`, or at once when that has passed.
    fn sleep_until(&self, at: Timestamp) -> Sleep;
}

/// The operating system's clock, in microseconds. Needs a tokio runtime with time enabled to sleep.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// The clock on the wall is looked at again after so long, since it may be set meanwhile.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let micros = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_micros()).map_or(i64::MIN, |m| -m),
        };
        Timestamp(micros)
    }

    fn sleep_until(&self, at: Timestamp) -> Sleep {
        let clock = *self;
        Box::pin(async move {
            loop {
                let Micros(left) = at - clock.now();
                let Ok(left @ 1..) = u64::try_from(left) else {
                    return;
                };
                tokio::time::sleep(Duration::from_micros(left).min(LOOK_AGAIN)).await;
            }
        })
    }
}

/// A clock that moves when it is told to. Clones share it.
///
/// ```
/// use onething_model::{Micros, Timestamp};
/// use onething_runtime::{Clock, ManualClock};
///
/// let clock = ManualClock::at(Timestamp::from_millis(1_000));
/// let asleep = clock.sleep_until(Timestamp::from_millis(1_500));
/// clock.advance(Micros::SECOND);
/// assert_eq!(clock.now(), Timestamp::from_millis(2_000));
/// # drop(asleep);
/// ```
#[derive(Clone, Default)]
pub struct ManualClock(Arc<Mutex<Manual>>);

#[derive(Default)]
struct Manual {
    now: Timestamp,
    number: u64,
    sleepers: BTreeMap<(Timestamp, u64), Option<Waker>>,
}

impl ManualClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        let clock = Self::default();
        clock.lock().now = now;
        clock
    }

    /// Moves to `at` and wakes whoever slept until then; never moves back.
    pub fn advance_to(&self, at: Timestamp) {
        let woken: Vec<Waker> = {
            let mut manual = self.lock();
            manual.now = manual.now.max(at);
            let now = manual.now;
            manual
                .sleepers
                .range_mut(..=(now, u64::MAX))
                .filter_map(|(_, waker)| waker.take())
                .collect()
        };
        woken.into_iter().for_each(Waker::wake);
    }

    /// Moves on by `span`.
    pub fn advance(&self, span: Micros) {
        let at = self.lock().now + span;
        self.advance_to(at);
    }

    /// When the first sleeper wants to be woken.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.lock().sleepers.keys().next().map(|(at, _)| *at)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Manual> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ManualClock")
            .field(&self.lock().now)
            .finish()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.lock().now
    }

    fn sleep_until(&self, at: Timestamp) -> Sleep {
        let number = {
            let mut manual = self.lock();
            manual.number += 1;
            manual.number
        };
        Box::pin(Sleeper {
            clock: self.clone(),
            key: (at, number),
        })
    }
}

struct Sleeper {
    clock: ManualClock,
    key: (Timestamp, u64),
}

impl Future for Sleeper {
    type Output = ();
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut manual = self.clock.lock();
        if manual.now >= self.key.0 {
            manual.sleepers.remove(&self.key);
            return Poll::Ready(());
        }
        let waker = context.waker().clone();
        manual.sleepers.insert(self.key, Some(waker));
        Poll::Pending
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        self.clock.lock().sleepers.remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleepers_wake_in_their_moment_and_not_before() {
        let clock = ManualClock::at(Timestamp(10));
        let mut context = Context::from_waker(Waker::noop());
        let mut early = clock.sleep_until(Timestamp(15));
        let mut late = clock.sleep_until(Timestamp(20));
        assert!(early.as_mut().poll(&mut context).is_pending());
        assert!(late.as_mut().poll(&mut context).is_pending());
        assert_eq!(clock.next_wake(), Some(Timestamp(15)));
        clock.advance_to(Timestamp(15));
        assert!(early.as_mut().poll(&mut context).is_ready());
        assert!(late.as_mut().poll(&mut context).is_pending());
        drop(late);
        assert_eq!(clock.next_wake(), None);
        clock.advance_to(Timestamp(3));
        assert_eq!(clock.now(), Timestamp(15));
    }
}
