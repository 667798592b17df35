//! The task that notices when Redis goes and when it comes back.

use std::{sync::Arc, time::Duration};

use deadpool_redis::redis::{Cmd, cmd};
use tokio::{
    task::{JoinHandle, JoinSet},
    time::{MissedTickBehavior, interval},
};

use super::{
    connection::{Connection, Pools},
    link::Link,
};

/// How often Redis is tried.
const EVERY: Duration = Duration::from_millis(500);
/// How many milliseconds the key of a trial lives.
const TRIAL_LIFETIME: u32 = 1000;

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
        let trials = tags.iter().map(|it| trial(&format!("{key_prefix}trial:{{{it}}}"))).collect();
        let round = Round { link, pools, trials };
        round.run(true).await;
        Self(tokio::spawn(round.repeat()))
    }
}

/// Returns a command that fails wherever a decision would, such as when Redis answers but cannot
/// write.
fn trial(key: &str) -> Cmd {
    let mut command = cmd("SET");
    command.arg(key).arg(1).arg("PX").arg(TRIAL_LIFETIME);
    command
}

struct Round {
    link: Arc<Link>,
    pools: Pools,
    /// A command for each part of the keys.
    trials: Vec<Cmd>,
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
                    tracing::debug!(%error, "no connection to Redis");
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
        for (part, command) in self.trials.iter().enumerate() {
            let (connection, command) = (Arc::clone(connection), command.clone());
            let patience = self.link.patience;
            running.spawn(async move { (part, connection.send(&command, patience).await) });
        }
        let mut answered = false;
        while let Some(Ok((part, result))) = running.join_next().await {
            match result {
                Ok(_) => {
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
