//! The signal that the server is about to stop.

use std::sync::Arc;

use tokio::sync::watch;

/// The signal that this process is about to stop. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draining(Arc<watch::Sender<bool>>);

impl Draining {
    /// Gives the signal. From then on `/readyz` answers 503.
    pub(crate) fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Returns true if the signal was given.
    pub(crate) fn begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits for the signal.
    pub(crate) async fn awaited(&self) {
        let mut begun = self.0.subscribe();
        // The channel cannot close, because this is a sender.
        let _ = begun.wait_for(|begun| *begun).await;
    }
}
