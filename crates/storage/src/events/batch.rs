//! Events that are stored together, each with somebody who waits for it.

use bams_domain::Slot;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::event::{Booked, Conversion, ConversionFault, ConversionsError, EventError, Showing};
use crate::performance::filtered_events::FilteredTotals;

/// One thing to be stored.
#[derive(Debug)]
pub(super) enum EventJob {
    Impression(Visit),
    Click(Visit),
    Conversions(Sale),
    /// Everything sent before is stored when this is answered.
    Flush(oneshot::Sender<()>),
}

/// A showing that was seen or clicked.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) showing: Showing,
    /// When it came in.
    pub(super) slot: Slot,
    pub(super) answer: oneshot::Sender<Result<Booked, EventError>>,
    /// Given back when this is dropped.
    pub(super) _place: OwnedSemaphorePermit,
}

/// Conversions that are stored together or not at all.
#[derive(Debug)]
pub(super) struct Sale {
    pub(super) conversions: Vec<Conversion>,
    pub(super) answer: oneshot::Sender<Result<Vec<Booked>, ConversionsError>>,
    /// Given back when this is dropped.
    pub(super) _place: OwnedSemaphorePermit,
}

/// What became of each job of a batch, in its order.
#[derive(Debug, Default)]
pub(super) struct Bookings {
    pub(super) impressions: Vec<Booked>,
    pub(super) clicks: Vec<Booked>,
    pub(super) sales: Vec<Result<Vec<Booked>, Vec<ConversionFault>>>,
    /// Events that were counted before.
    pub(super) duplicates: FilteredTotals,
    /// Whether a ladder may have changed, which is to be announced.
    pub(super) reranks: bool,
}

/// Jobs of one transaction, each kind in the order in which it came.
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

    /// How many events it has.
    pub(super) fn events(&self) -> usize {
        let conversions: usize = self.sales.iter().map(|it| it.conversions.len()).sum();
        self.impressions.len() + self.clicks.len() + conversions
    }

    /// Whether somebody waits for all before.
    pub(super) fn is_awaited(&self) -> bool {
        !self.flushes.is_empty()
    }

    /// One batch for each job.
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

    /// Tells everybody what became of their events. Who does not wait any more has had an answer.
    pub(super) fn answer(self, bookings: Bookings) {
        for (visit, booked) in self.impressions.into_iter().zip(bookings.impressions) {
            let _ = visit.answer.send(Ok(booked));
        }
        for (visit, booked) in self.clicks.into_iter().zip(bookings.clicks) {
            let _ = visit.answer.send(Ok(booked));
        }
        for (sale, booked) in self.sales.into_iter().zip(bookings.sales) {
            let _ = sale.answer.send(booked.map_err(ConversionsError::Refused));
        }
        for flush in self.flushes {
            let _ = flush.send(());
        }
    }

    /// Tells everybody that nothing was stored.
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
