//! Events that are stored together, each with a sender who waits for its answer.

use bams_domain::Slot;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::event::{Booked, Conversion, ConversionsError, EventError, Showing};
use crate::performance::filtered_events::FilteredTotals;

/// A job for the writer.
#[derive(Debug)]
pub(super) enum EventJob {
    Impression(Visit),
    Click(Visit),
    Conversions(Sale),
    /// Answered when everything sent before is stored.
    Flush(oneshot::Sender<()>),
}

/// An impression of, or a click on, a showing.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) showing: Showing,
    /// The slot of its arrival.
    pub(super) slot: Slot,
    pub(super) answer: oneshot::Sender<Result<Booked, EventError>>,
    /// Its place in the queue, which becomes free when this is dropped.
    pub(super) _place: OwnedSemaphorePermit,
}

/// Conversions that are stored together or not at all.
#[derive(Debug)]
pub(super) struct Sale {
    pub(super) conversions: Vec<Conversion>,
    pub(super) answer: oneshot::Sender<Result<Vec<Booked>, ConversionsError>>,
    /// Its place in the queue, which becomes free when this is dropped.
    pub(super) _place: OwnedSemaphorePermit,
}

/// The result of each job of a batch, in its order.
#[derive(Debug, Default)]
pub(super) struct Bookings {
    pub(super) impressions: Vec<Booked>,
    pub(super) clicks: Vec<Booked>,
    pub(super) sales: Vec<Result<Vec<Booked>, ConversionsError>>,
    /// Events that had been counted before.
    pub(super) duplicates: FilteredTotals,
    /// True if ladders may have changed, which must be announced.
    pub(super) reranks: bool,
}

/// The jobs of one transaction, in their order within each kind.
#[derive(Debug, Default)]
pub(super) struct EventBatch {
    pub(super) impressions: Vec<Visit>,
    pub(super) clicks: Vec<Visit>,
    pub(super) sales: Vec<Sale>,
    flushes: Vec<oneshot::Sender<()>>,
}

impl EventBatch {
    pub(super) fn add(&mut self, job: EventJob) {
        match job {
            EventJob::Impression(visit) => self.impressions.push(visit),
            EventJob::Click(visit) => self.clicks.push(visit),
            EventJob::Conversions(sale) => self.sales.push(sale),
            EventJob::Flush(answer) => self.flushes.push(answer),
        }
    }

    /// Returns the number of events.
    pub(super) fn events(&self) -> usize {
        let conversions: usize = self.sales.iter().map(|it| it.conversions.len()).sum();
        self.impressions.len() + self.clicks.len() + conversions
    }

    /// Returns true if someone waits for everything before.
    pub(super) fn is_awaited(&self) -> bool {
        !self.flushes.is_empty()
    }

    /// Returns one batch for each job.
    pub(super) fn split(self) -> Vec<Self> {
        let Self { impressions, clicks, sales, flushes } = self;
        let one = |job| {
            let mut batch = Self::default();
            batch.add(job);
            batch
        };
        let impressions = impressions.into_iter().map(EventJob::Impression);
        let clicks = clicks.into_iter().map(EventJob::Click);
        let sales = sales.into_iter().map(EventJob::Conversions);
        let flushes = flushes.into_iter().map(EventJob::Flush);
        impressions.chain(clicks).chain(sales).chain(flushes).map(one).collect()
    }

    /// Answers all senders with their results, and ignores those that no longer wait.
    pub(super) fn answer(self, bookings: Bookings) {
        for (visit, booked) in self.impressions.into_iter().zip(bookings.impressions) {
            let _ = visit.answer.send(Ok(booked));
        }
        for (visit, booked) in self.clicks.into_iter().zip(bookings.clicks) {
            let _ = visit.answer.send(Ok(booked));
        }
        for (sale, booked) in self.sales.into_iter().zip(bookings.sales) {
            let _ = sale.answer.send(booked);
        }
        for flush in self.flushes {
            let _ = flush.send(());
        }
    }

    /// Answers all senders that nothing was stored.
    pub(super) fn refuse(self) {
        for visit in self.impressions.into_iter().chain(self.clicks) {
            let _ = visit.answer.send(Err(EventError::Unavailable));
        }
        for sale in self.sales {
            let _ = sale.answer.send(Err(EventError::Unavailable.into()));
        }
        for flush in self.flushes {
            let _ = flush.send(());
        }
    }
}
