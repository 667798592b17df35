//! The tasks of a server beside its requests: their start, and the order in which they end.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bams_storage::EventWriter;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use crate::clock;
use crate::server::State;
use crate::upkeep;

/// How long the closing work may take in all. A database that hangs must not keep the process: all
/// senders have had an answer, and only filtered events and clicks that did not wait are left to
/// write.
const CLOSING: Duration = Duration::from_secs(2);

/// The settings of the tasks: how long things are kept, and how often tasks run.
pub(crate) struct LifecycleSettings {
    /// How long links count.
    pub(crate) link_ttl: Duration,
    /// How long clicks and conversions are kept. 0 is for ever.
    pub(crate) keep_clicks: Duration,
    /// How long performance is kept by slot.
    pub(crate) keep_slots: Duration,
    /// How often performance is compared with what was counted. 0 is never.
    pub(crate) compare_every: Duration,
    /// How long an import may go on after the server stops.
    pub(crate) import_patience: Duration,
}

/// Starts all tasks.
pub(crate) fn begin(state: &State, writer: EventWriter, settings: &LifecycleSettings) -> Tasks {
    let LifecycleSettings { link_ttl, keep_clicks, keep_slots, compare_every, import_patience } =
        *settings;
    let database = || state.database.clone();
    let mut tasks = Tasks::default();

    let (draining, importing) = (state.draining.clone(), state.importing.clone());
    tasks.spawn_finishing("imports", async move {
        draining.awaited().await;
        importing.finish(import_patience).await;
    });
    let snapshots = Arc::clone(&state.snapshots);
    tasks.spawn("snapshots", async move { snapshots.keep_fresh().await });
    let visitors = Arc::clone(&state.serving.visitors);
    tasks.spawn("visitors", async move { visitors.keep_fresh(clock::unix_millis).await });
    let (watch, images) = (state.image_watch.clone(), Arc::clone(&state.images));
    tasks.spawn("images", watch.keep_watching(images));
    let (missing, snapshots) = (Arc::clone(&state.serving.missing), Arc::clone(&state.snapshots));
    let images = Arc::clone(&state.images);
    tasks.spawn("missing images", upkeep::look_for_images(missing, images, snapshots));
    if !compare_every.is_zero() {
        let metrics = state.metrics.clone();
        tasks.spawn("comparison", upkeep::compare_counts(database(), compare_every, metrics));
    }
    let tracking = Arc::clone(&state.tracking);
    tasks.spawn("expiry", upkeep::remove_expired_impressions(database(), tracking, link_ttl));
    tasks.spawn("rolling up", upkeep::roll_up_closed_slots(database()));
    tasks.spawn("condensing", upkeep::condense_old_slots(database(), keep_slots));
    let tracking = Arc::clone(&state.tracking);
    tasks.spawn("summing up", upkeep::sum_up_old_clicks(database(), tracking, keep_clicks));
    close_at_last(&mut tasks, state, writer);
    tasks
}

/// Starts to store events, and declares the work that is left when all requests have been answered.
fn close_at_last(tasks: &mut Tasks, state: &State, writer: EventWriter) {
    let (events, storing) = (state.tracking.events.clone(), tokio::spawn(writer.run()));
    tasks.at_last("events", async move {
        events.flush().await;
        storing.abort();
    });
    let (visitors, database) = (Arc::clone(&state.serving.visitors), state.database.clone());
    tasks.at_last("visits", async move {
        let _ = visitors.write_visits(clock::unix_millis()).await;
    });
    tasks.at_last("database", async move {
        let _ = database.close().await;
    });
}

/// Named tasks, in the order in which they end.
#[derive(Default)]
pub(crate) struct Tasks {
    running: Vec<Running>,
    last: Vec<(&'static str, BoxFuture<'static, ()>)>,
}

/// A started task.
struct Running {
    task: JoinHandle<()>,
    /// True if it ends by itself.
    finishes: bool,
}

impl Tasks {
    /// Starts a task that runs until all end.
    pub(crate) fn spawn(
        &mut self,
        name: &'static str,
        future: impl Future<Output = ()> + Send + 'static,
    ) {
        self.running.push(Running { task: watched(name, future), finishes: false });
    }

    /// Starts a task that ends by itself after the server stops, and is waited for.
    pub(crate) fn spawn_finishing(
        &mut self,
        name: &'static str,
        future: impl Future<Output = ()> + Send + 'static,
    ) {
        self.running.push(Running { task: watched(name, future), finishes: true });
    }

    /// Declares work that follows the tasks.
    pub(crate) fn at_last(
        &mut self,
        name: &'static str,
        future: impl Future<Output = ()> + Send + 'static,
    ) {
        self.last.push((name, Box::pin(future)));
    }

    /// Ends the tasks in the order in which they were started, then does the closing work.
    pub(crate) async fn end(self) {
        self.end_within(CLOSING).await;
    }

    async fn end_within(self, closing: Duration) {
        for Running { task, finishes } in self.running {
            if !finishes {
                task.abort();
            }
            // The task was aborted or has ended; its result has no more to tell.
            let _ = task.await;
        }
        let deadline = Instant::now() + closing;
        for (name, future) in self.last {
            if timeout_at(deadline, future).await.is_err() {
                tracing::warn!(task = name, "not done in time; the process ends without it");
            }
        }
    }
}

/// Starts a task that logs a panic, because nothing else would notice that it is gone.
fn watched(
    name: &'static str,
    future: impl Future<Output = ()> + Send + 'static,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        if AssertUnwindSafe(future).catch_unwind().await.is_err() {
            tracing::error!(task = name, "a task panicked and is gone until the next start");
        }
    })
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::Mutex;

    use super::*;

    /// Notes a name when it is dropped or told to.
    struct Noted(&'static str, Arc<Mutex<Vec<&'static str>>>);

    impl Drop for Noted {
        fn drop(&mut self) {
            self.1.lock().unwrap().push(self.0);
        }
    }

    #[tokio::test]
    async fn tasks_end_in_the_order_in_which_they_were_declared() {
        let ended = Arc::new(Mutex::new(Vec::new()));
        let noted = |name| Noted(name, Arc::clone(&ended));
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let mut tasks = Tasks::default();
        for (name, note) in [("last", noted("last")), ("very last", noted("very last"))] {
            tasks.at_last(name, async move { drop(note) });
        }
        let note = noted("finishes");
        tasks.spawn_finishing("finishes", async move {
            let _note = note;
            let _ = stopped.await;
        });
        tasks.spawn("panics", async { panic!("as it should") });
        for (name, note) in [("one", noted("one")), ("other", noted("other"))] {
            tasks.spawn(name, async move {
                let _note = note;
                pending::<()>().await;
            });
        }
        stop.send(()).unwrap();
        tasks.end().await;
        assert_eq!(*ended.lock().unwrap(), ["finishes", "one", "other", "last", "very last"]);
    }

    #[tokio::test]
    async fn what_hangs_keeps_no_process() {
        let (done, was_done) = tokio::sync::oneshot::channel();
        let mut tasks = Tasks::default();
        tasks.at_last("hangs", pending());
        tasks.at_last("comes next", async move { done.send(()).unwrap() });
        tasks.end_within(Duration::ZERO).await;
        was_done.await.unwrap();
    }
}
