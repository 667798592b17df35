//! The task of a node that stores events. Each node has one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sea_orm::DbBackend;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{sleep, timeout};

use super::batch::{Bookings, EventBatch, EventJob};
use super::booking::BatchBooking;
use super::counters::EventCounters;
use super::event::Booked;
use super::node::Node;
use super::pending::Pending;
use crate::database::Database;
use crate::error::StorageError;
use crate::performance::EventKind;
use crate::performance::filtered_events::FilteredTotals;
use crate::performance::roll_ups::KnownMark;
use crate::trouble::Trouble;

/// How long a batch with few events waits for more, because a commit costs the same for one and for
/// many.
const LINGER: Duration = Duration::from_millis(2);

/// The number of events at which a batch does not wait for more. Others arrive while it is stored,
/// and waiting would leave the database idle under load.
const ENOUGH: usize = 32;

/// The most events of one transaction, roughly.
const MOST: usize = 2_000;

/// How often filtered events are written while no others are.
const IDLE: Duration = Duration::from_millis(500);

/// How often a transaction is repeated while another writer is in the way.
const ATTEMPTS: u32 = 20;

/// How long a transaction is repeated while the server takes no writes.
const LEAVING: Duration = Duration::from_secs(10);

/// How often a transaction is repeated after its connection broke.
const RECONNECTS: u32 = 2;

/// How long the database may take for one transaction. Senders wait less, but a late event is still
/// stored.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long the one writer of a SQLite file may be an import: clicks have led on by then, and stay in
/// the queue.
const LOCKED: Duration = Duration::from_mins(15);

/// How long a repetition waits, times how many there were, and at most.
const PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(400);

/// The number of failures in a row after which events that are stored one by one are given up.
const FAILURES: u32 = 3;

/// Stores what [`Events`](super::Events) takes; see [`run`](Self::run).
#[derive(Debug)]
pub struct EventWriter {
    pub(super) database: Database,
    pub(super) node: Arc<Node>,
    pub(super) mark: KnownMark,
    pub(super) jobs: UnboundedReceiver<EventJob>,
    pub(super) filtered: Arc<Pending>,
    pub(super) counters: Arc<EventCounters>,
}

/// Why a transaction failed.
struct FailedAttempt {
    error: StorageError,
    /// True if it may have been committed nevertheless.
    uncertain: bool,
}

impl From<StorageError> for FailedAttempt {
    fn from(error: StorageError) -> Self {
        Self { error, uncertain: false }
    }
}

impl EventWriter {
    /// Stores events for ever, or until all senders are gone, and announces what they changed.
    pub async fn run(mut self) {
        let node = Arc::clone(&self.node);
        tokio::select! {
            () = self.store_all() => {}
            never = node.keep() => match never {},
        }
        node.announce().await;
    }

    async fn store_all(&mut self) {
        let mut failing = false;
        while let Some(batch) = self.collect().await {
            let stored = self.store(batch).await;
            if stored && failing {
                tracing::info!("events are stored again");
            }
            failing = !stored;
        }
    }

    /// Returns the next batch: everything that waits and, if that is little, what arrives within a
    /// moment.
    async fn collect(&mut self) -> Option<EventBatch> {
        let mut batch = EventBatch::default();
        if let Ok(first) = timeout(IDLE, self.jobs.recv()).await {
            batch.add(first?);
            self.take_waiting(&mut batch);
            if batch.events() < ENOUGH && !batch.is_awaited() {
                sleep(LINGER).await;
                self.take_waiting(&mut batch);
            }
        }
        Some(batch)
    }

    fn take_waiting(&mut self, batch: &mut EventBatch) {
        while batch.events() < MOST
            && let Ok(job) = self.jobs.try_recv()
        {
            batch.add(job);
        }
    }

    /// Stores a batch and answers its senders. Returns true if that succeeded.
    async fn store(&self, batch: EventBatch) -> bool {
        let filtered = self.filtered.take();
        if batch.events() == 0 && filtered.is_empty() {
            if batch.is_awaited() {
                self.node.announce().await;
            }
            batch.answer(Bookings::default());
            return true;
        }
        match self.book(&batch, &filtered).await {
            Ok(bookings) => {
                if bookings.reranks {
                    self.node.has_changed();
                }
                if batch.is_awaited() {
                    self.node.announce().await;
                }
                self.tell(batch, bookings);
                true
            }
            Err(FailedAttempt { error, uncertain }) => {
                if !uncertain {
                    self.filtered.put_back(&filtered);
                }
                let (events, alone) = (batch.events(), batch.events() <= 1);
                let outage = is_outage(&error);
                complain(&error, events);
                if outage || alone {
                    self.refuse(batch);
                    false
                } else {
                    self.store_each(batch).await
                }
            }
        }
    }

    /// Stores each job of a batch alone, so that one event that the database refuses does not harm
    /// the others.
    async fn store_each(&self, batch: EventBatch) -> bool {
        let mut failures = 0;
        for batch in batch.split() {
            if failures == FAILURES {
                self.refuse(batch);
                continue;
            }
            match self.book(&batch, &FilteredTotals::new()).await {
                Ok(bookings) => {
                    failures = 0;
                    self.node.has_changed();
                    self.tell(batch, bookings);
                }
                Err(FailedAttempt { error, .. }) => {
                    failures += 1;
                    complain(&error, 1);
                    self.refuse(batch);
                }
            }
        }
        failures == 0
    }

    fn refuse(&self, batch: EventBatch) {
        self.counters.refuse(batch.events());
        batch.refuse();
    }

    /// Stores a batch in one transaction, and repeats it with the same ids while that makes sense.
    async fn book(
        &self,
        batch: &EventBatch,
        filtered: &FilteredTotals,
    ) -> Result<Bookings, FailedAttempt> {
        let begun = Instant::now();
        let (mut attempt, mut lost) = (1, 0);
        let mut uncertain = false;
        let one_writer = self.database.dialect() == DbBackend::Sqlite;
        let patience = if one_writer { LOCKED } else { PATIENCE };
        loop {
            let attempted = self.attempt(batch, filtered, uncertain);
            let left = patience.saturating_sub(begun.elapsed());
            let failure = match timeout(left, attempted).await {
                Ok(Ok(bookings)) => {
                    self.counters.committed(batch.events(), begun.elapsed());
                    return Ok(bookings);
                }
                Ok(Err(failure)) => failure,
                Err(_) => {
                    let error = StorageError::TimedOut { action: "store events" };
                    return Err(FailedAttempt { error, uncertain: true });
                }
            };
            uncertain |= failure.uncertain;
            let repeat = match failure.error.trouble() {
                Trouble::Conflict => {
                    attempt += 1;
                    one_writer || attempt <= ATTEMPTS
                }
                // It is tried again until the address leads to a server that takes writes.
                Trouble::WrongServer => {
                    attempt += 1;
                    self.database.leave();
                    begun.elapsed() < LEAVING
                }
                Trouble::Lost => {
                    lost += 1;
                    lost <= RECONNECTS
                }
                Trouble::Full | Trouble::Statement => false,
            };
            if !repeat {
                return Err(FailedAttempt { error: failure.error, uncertain });
            }
            tracing::debug!(error = %failure.error, attempt, lost, "storing events again");
            sleep((PAUSE * (attempt + lost)).min(LONGEST_PAUSE)).await;
        }
    }

    async fn attempt(
        &self,
        batch: &EventBatch,
        filtered: &FilteredTotals,
        uncertain: bool,
    ) -> Result<Bookings, FailedAttempt> {
        let transaction = self.database.begin_booking().await?;
        // If an earlier attempt was committed after all, the events it stored are no duplicates,
        // and the filtered ones it counted must not be counted again.
        let booking = if uncertain {
            BatchBooking::again(&transaction, self.node.id, &self.mark)
        } else {
            BatchBooking::new(&transaction, self.node.id, &self.mark, filtered)
        };
        let bookings = booking.write(batch).await?;
        let committed = self.database.commit_booking(transaction, "commit events").await;
        committed.map_err(|error| {
            // After a conflict, also one that only the commit finds, and on a full disk everything is undone.
            let uncertain = !matches!(error.trouble(), Trouble::Conflict | Trouble::Full);
            FailedAttempt { error, uncertain }
        })?;
        Ok(bookings)
    }

    /// Counts the results and answers all senders.
    fn tell(&self, batch: EventBatch, bookings: Bookings) {
        let counted =
            |booked: &[Booked]| booked.iter().filter(|one| **one == Booked::Counted).count();
        let sold = bookings.sales.iter().flatten().map(|booked| counted(booked)).sum();
        self.counters.accept(EventKind::Impression, counted(&bookings.impressions));
        self.counters.accept(EventKind::Click, counted(&bookings.clicks));
        self.counters.accept(EventKind::Conversion, sold);
        for (filtered, events) in &bookings.duplicates {
            self.counters.filter(filtered.reason, *events);
        }
        batch.answer(bookings);
    }
}

fn complain(error: &StorageError, events: usize) {
    let error = error as &dyn std::error::Error;
    tracing::error!(error, events, "could not store events");
}

/// Returns true if the database is gone or busy, so that the events are not the cause.
fn is_outage(error: &StorageError) -> bool {
    error.trouble() != Trouble::Statement
}
