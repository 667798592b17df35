//! Stopping, as the parts of a server that have to know of it learn of it.

use std::sync::Arc;

use tokio::sync::watch;

/// Whether this process is about to stop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draining(Arc<watch::Sender<bool>>);

impl Draining {
    /// From now on `/readyz` says no.
    pub(crate) fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Whether [`begin`](Self::begin) was called.
    pub(crate) fn begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once [`begin`](Self::begin) was called.
    pub(crate) async fn awaited(&self) {
        let mut begun = self.0.subscribe();
        // It cannot go away: this is a sender.
        let _ = begun.wait_for(|it| *it).await;
    }
}
