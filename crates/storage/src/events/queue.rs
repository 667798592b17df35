//! The queue in which events wait to be stored.

use std::sync::Arc;

use bams_domain::Slot;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::batch::{EventJob, Sale, Visit};
use super::counters::EventCounters;
use super::event::{Booked, Conversion, ConversionsError, EventError, Showing};
use super::node::Node;
use super::pending::Pending;
use super::writer::EventWriter;
use crate::database::Database;
use crate::performance::filtered_events::FilteredEvent;
use crate::performance::roll_ups::KnownMark;
use crate::performance::{EventKind, FilterReason};

/// The sending side of the queue. Cloning is cheap, and all clones share one queue.
#[derive(Clone, Debug)]
pub struct Events {
    sender: UnboundedSender<EventJob>,
    places: Arc<Semaphore>,
    filtered: Arc<Pending>,
    counters: Arc<EventCounters>,
}

impl Events {
    /// Makes a queue for so many events, and the writer that stores them.
    pub fn open(database: Database, capacity: usize) -> (Self, EventWriter) {
        let (sender, jobs) = mpsc::unbounded_channel();
        let events = Self {
            sender,
            places: Arc::new(Semaphore::new(capacity.min(Semaphore::MAX_PERMITS))),
            filtered: Arc::default(),
            counters: Arc::default(),
        };
        let (filtered, counters) = (Arc::clone(&events.filtered), Arc::clone(&events.counters));
        let node = Arc::new(Node::new(database.clone()));
        let writer =
            EventWriter { database, node, mark: KnownMark::default(), jobs, filtered, counters };
        (events, writer)
    }

    /// Stores that a showing was seen in a slot. Returns after the commit.
    ///
    /// Sends the event at the first poll, so that it is stored even if this future is dropped.
    pub async fn impression(&self, showing: Showing, slot: Slot) -> Result<Booked, EventError> {
        self.visit(EventJob::Impression, showing, slot).await
    }

    /// Stores that a showing was clicked in a slot. Returns after the commit.
    ///
    /// Sends the event at the first poll, so that it is stored even if this future is dropped.
    pub async fn click(&self, showing: Showing, slot: Slot) -> Result<Booked, EventError> {
        self.visit(EventJob::Click, showing, slot).await
    }

    /// Stores conversions, all or none, and returns the result of each, in their order.
    pub async fn conversions(
        &self,
        conversions: Vec<Conversion>,
    ) -> Result<Vec<Booked>, ConversionsError> {
        let place = self.place(conversions.len())?;
        let (answer, answered) = oneshot::channel();
        self.send(EventJob::Conversions(Sale { conversions, answer, _place: place }))?;
        answered.await.unwrap_or(Err(EventError::Unavailable.into()))
    }

    /// Counts an event that is filtered for a reason. The count is stored within about a second.
    pub fn filter(&self, showing: Showing, slot: Slot, kind: EventKind, reason: FilterReason) {
        let Showing { campaign, banner, .. } = showing;
        self.filtered.add(FilteredEvent { campaign, banner, slot, kind, reason });
        self.counters.filter(reason, 1);
    }

    /// Waits until everything that was sent before is stored and announced to all nodes, or could not
    /// be.
    pub async fn flush(&self) {
        let (answer, answered) = oneshot::channel();
        if self.sender.send(EventJob::Flush(answer)).is_ok() {
            let _ = answered.await;
        }
    }

    /// Returns the counters of the events of this process.
    pub fn counters(&self) -> &Arc<EventCounters> {
        &self.counters
    }

    async fn visit(
        &self,
        job: impl FnOnce(Visit) -> EventJob,
        showing: Showing,
        slot: Slot,
    ) -> Result<Booked, EventError> {
        let place = self.place(1)?;
        let (answer, answered) = oneshot::channel();
        self.send(job(Visit { showing, slot, answer, _place: place }))?;
        answered.await.unwrap_or(Err(EventError::Unavailable))
    }

    fn place(&self, events: usize) -> Result<OwnedSemaphorePermit, EventError> {
        let wanted = u32::try_from(events).unwrap_or(u32::MAX);
        Arc::clone(&self.places).try_acquire_many_owned(wanted).map_err(|_| {
            self.counters.refuse(events);
            EventError::Full
        })
    }

    fn send(&self, job: EventJob) -> Result<(), EventError> {
        self.sender.send(job).map_err(|_| EventError::Unavailable)
    }
}
