//! Counts what goes on by itself, and tells when nothing does.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// How much is under way: appends, calls, timers that are being served.
#[derive(Debug, Default)]
pub(crate) struct Busy {
    count: AtomicUsize,
    none: Notify,
}

impl Busy {
    /// Something begins. What follows of it begins before it ends, so that the
    /// count never touches zero in between.
    pub(crate) fn begin(&self) {
        self.count.fetch_add(1, Ordering::AcqRel);
    }

    /// Something has ended.
    pub(crate) fn end(&self) {
        if self.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.none.notify_waiters();
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::Acquire)
    }

    /// Waits until nothing is under way and `also` holds.
    pub(crate) async fn none(&self, also: impl Fn() -> bool) {
        loop {
            let told = self.none.notified();
            tokio::pin!(told);
            // From here on no end is missed.
            told.as_mut().enable();
            if self.count() == 0 && also() {
                return;
            }
            told.await;
        }
    }

    /// Makes those who wait look again.
    pub(crate) fn look(&self) {
        self.none.notify_waiters();
    }
}
