//! A journal that does something else with what is appended.

use std::sync::Arc;
use std::time::Duration;

use onething_model::CaseId;
use onething_store::{
    Append, Done, Entry, Epoch, Error, Journal, Listener, Position, Store, Subscription,
};

/// What becomes of an append to the journal that is named first.
type Appending = dyn Fn(&dyn Journal, Append, Done) + Send + Sync;

struct Tampered {
    inner: Arc<dyn Journal>,
    append: Box<Appending>,
}

/// The store, with appends going the way that `append` says.
pub(crate) fn with_appends(
    mut store: Store,
    append: impl Fn(&dyn Journal, Append, Done) + Send + Sync + 'static,
) -> Store {
    store.journal = Arc::new(Tampered {
        inner: store.journal,
        append: Box::new(append),
    });
    store
}

impl Journal for Tampered {
    fn append(&self, append: Append, done: Done) {
        (self.append)(self.inner.as_ref(), append, done);
    }
    fn read(&self, after: Position, limit: usize) -> Result<Vec<Entry>, Error> {
        self.inner.read(after, limit)
    }
    fn end(&self) -> Position {
        self.inner.end()
    }
    fn sequence(&self, case: CaseId) -> u64 {
        self.inner.sequence(case)
    }
    fn epoch(&self) -> Epoch {
        self.inner.epoch()
    }
    fn subscribe(&self, listener: Listener) -> Subscription {
        self.inner.subscribe(listener)
    }
    fn wait(&self, after: Position, timeout: Duration) -> Position {
        self.inner.wait(after, timeout)
    }
    fn close(&self) -> Result<(), Error> {
        self.inner.close()
    }
}
