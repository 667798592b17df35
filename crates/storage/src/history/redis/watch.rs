//! The task that notices when Redis goes and when it comes back.

use std::{sync::Arc, time::Duration};

use tokio::{
    task::{JoinHandle, JoinSet},
    time::{MissedTickBehavior, interval},
};

use super::{
    connection::{Connection, Pools},
    link::Link,
    script::Trial,
};

/// How often Redis is tried.
const EVERY: Duration = Duration::from_millis(500);
/// A task that tries Redis until this is dropped.
pub(crate) struct Watch(JoinHandle<()>);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Watch {
    /// Tries Redis once, and from then on in the background.
    pub(crate) async fn start(link: Arc<Link>, pools: Pools, key_prefix: &str) -> Self {
        let tags = link.breaker.tags();
        let key = |tag: &String| format!("{key_prefix}trial:{{{tag}}}");
        let trials = tags.iter().map(|tag| Arc::new(Trial::new(key(tag)))).collect();
        let round = Round { link, pools, trials };
        round.run(true).await;
        Self(tokio::spawn(round.repeat()))
    }
}

struct Round {
    link: Arc<Link>,
    pools: Pools,
    /// One for each part of the keys.
    trials: Vec<Arc<Trial>>,
}

impl Round {
    async fn repeat(self) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await; // the first one comes at once
        loop {
            // A failure is a reason to test the other parts, but too early to trust Redis again.
            let may_close = tokio::select! {
                _ = ticks.tick() => true,
                () = self.link.failed.notified() => false,
            };
            self.run(may_close).await;
        }
    }

    /// Tries every part, and opens or closes its breaker.
    async fn run(&self, may_close: bool) {
        let connection = match self.link.connection() {
            Ok(connection) => connection,
            Err(_) if !may_close => return,
            Err(_) => match self.pools.connect().await {
                Ok(connection) => self.link.connect(connection),
                Err(error) => {
                    self.link.unreachable(&error);
                    return;
                }
            },
        };
        let answered = self.try_parts(&connection, may_close).await;
        if !answered {
            self.link.disconnect();
        }
    }

    /// Returns true if at least one part answered.
    async fn try_parts(&self, connection: &Arc<Connection>, may_close: bool) -> bool {
        let mut running = JoinSet::new();
        for (part, trial) in self.trials.iter().enumerate() {
            let (connection, trial) = (Arc::clone(connection), Arc::clone(trial));
            let patience = self.link.patience;
            running.spawn(async move { (part, trial.run(&connection, patience).await) });
        }
        let mut answered = false;
        while let Some(Ok((part, result))) = running.join_next().await {
            match result {
                Ok(()) => {
                    answered = true;
                    if may_close {
                        self.link.close(part);
                    }
                }
                Err(error) => self.link.open(part, &error),
            }
        }
        answered
    }
}
