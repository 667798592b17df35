//! Writing a batch in one transaction: raw rows, performance and the revision.

use std::collections::{BTreeMap, BTreeSet};

use bams_domain::{BannerId, CampaignId, Performance, Slot};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Value};

use super::batch::{Bookings, EventBatch, Sale, Visit};
use super::event::{Booked, Conversion, ConversionsError, EventError};
use super::known::KnownSales;
use super::new_rows::{NewRows, insert_new};
use super::raw_events::{self, ClickRow};
use crate::change::announcement::{self, NodeId, RerankedKey};
use crate::database::insert::Insert;
use crate::database::statement_sizes::portions;
use crate::error::{Attempt, StorageError};
use crate::performance::adding::{Addition, add};
use crate::performance::filtered_events::{FilteredEvent, FilteredTotals};
use crate::performance::roll_ups::{KnownMark, Writer};
use crate::performance::slot_totals::Counted;
use crate::performance::{EventKind, FilterReason};

/// One transaction that stores a batch.
pub(super) struct BatchBooking<'a> {
    transaction: &'a DatabaseTransaction,
    node: NodeId,
    mark: &'a KnownMark,
    totals: BTreeMap<(CampaignId, BannerId, Slot), Performance>,
    /// Filtered events other than duplicates, if this attempt writes them.
    filtered: Option<&'a FilteredTotals>,
    duplicates: FilteredTotals,
}

impl<'a> BatchBooking<'a> {
    /// Makes the first attempt, which also writes filtered events.
    pub(super) fn new(
        transaction: &'a DatabaseTransaction,
        node: NodeId,
        mark: &'a KnownMark,
        filtered: &'a FilteredTotals,
    ) -> Self {
        Self { filtered: Some(filtered), ..Self::again(transaction, node, mark) }
    }

    /// Makes an attempt after one that may have been committed. It writes no filtered events,
    /// because they would count twice.
    pub(super) fn again(
        transaction: &'a DatabaseTransaction,
        node: NodeId,
        mark: &'a KnownMark,
    ) -> Self {
        let (totals, duplicates) = (BTreeMap::new(), FilteredTotals::new());
        Self { transaction, node, mark, totals, filtered: None, duplicates }
    }

    /// Writes everything except the commit.
    pub(super) async fn write(mut self, batch: &EventBatch) -> Result<Bookings, StorageError> {
        let impressions = self.impressions(&batch.impressions).await.attempt("book impressions")?;
        let clicks = self.clicks(&batch.clicks).await.attempt("book clicks")?;
        let sales = self.sales(&batch.sales).await?;
        self.write_totals().await.attempt("book performance")?;
        let reranked = self.reranked();
        announcement::note(self.transaction, self.node, &reranked)
            .await
            .attempt("note what events changed")?;
        let reranks = !reranked.is_empty();
        Ok(Bookings { impressions, clicks, sales, duplicates: self.duplicates, reranks })
    }

    /// Returns the rows whose place on a ladder may change. Ladders do not look at impressions, so that most
    /// events make no node load anything.
    fn reranked(&self) -> BTreeSet<RerankedKey> {
        let ranked = |sums: &Performance| sums.clicks > 0 || sums.conversions > 0;
        let changed = self.totals.iter().filter(|total| ranked(total.1));
        changed
            .map(|((campaign, banner, slot), _)| (*campaign, *banner, slot.quarter().number()))
            .collect()
    }

    async fn impressions(&mut self, visits: &[Visit]) -> Result<Vec<Booked>, DbErr> {
        let keys =
            visits.iter().map(|visit| (visit.showing.decision, visit.showing.banner)).collect();
        let rows =
            NewRows { insert: &raw_events::IMPRESSIONS, keys, known: raw_events::impressions };
        let new = insert_new(self.transaction, rows, |row| impression(&visits[row])).await?;
        let one = Performance { impressions: 1, ..Performance::default() };
        Ok(self.count_visits(visits, &new, one, EventKind::Impression))
    }

    async fn clicks(&mut self, visits: &[Visit]) -> Result<Vec<Booked>, DbErr> {
        let keys = visits.iter().map(|it| it.showing.click_id()).collect();
        let rows = NewRows { insert: &raw_events::CLICKS, keys, known: raw_events::clicks };
        let new = insert_new(self.transaction, rows, |row| click(&visits[row])).await?;
        let one = Performance { clicks: 1, ..Performance::default() };
        Ok(self.count_visits(visits, &new, one, EventKind::Click))
    }

    fn count_visits(
        &mut self,
        visits: &[Visit],
        new: &[bool],
        one: Performance,
        kind: EventKind,
    ) -> Vec<Booked> {
        let visits = visits.iter().zip(new);
        let booked = visits.map(|(Visit { showing, slot, .. }, new)| {
            self.count(*new, (showing.campaign, showing.banner, *slot), one, kind)
        });
        booked.collect()
    }

    fn count(
        &mut self,
        new: bool,
        account: (CampaignId, BannerId, Slot),
        one: Performance,
        kind: EventKind,
    ) -> Booked {
        if new {
            *self.totals.entry(account).or_default() += one;
            return Booked::Counted;
        }
        let (campaign, banner, slot) = account;
        let duplicate =
            FilteredEvent { campaign, banner, slot, kind, reason: FilterReason::Duplicate };
        *self.duplicates.entry(duplicate).or_default() += 1;
        Booked::Duplicate
    }

    /// Stores each sale as a whole, in their order. Refuses a sale with an unknown click, or with
    /// an id that has other contents. One with an id of an import that does not count yet is neither
    /// new nor a duplicate, and may be sent again.
    async fn sales(
        &mut self,
        sales: &[Sale],
    ) -> Result<Vec<Result<Vec<Booked>, ConversionsError>>, StorageError> {
        let action = "book conversions";
        if sales.is_empty() {
            return Ok(Vec::new());
        }
        let mut known = KnownSales::of(self.transaction, sales).await?;
        let mut answers = Vec::with_capacity(sales.len());
        let mut new = Vec::new();
        for sale in sales {
            if sale.conversions.iter().any(|it| known.is_staged(it)) {
                answers.push(Err(EventError::Staged.into()));
                continue;
            }
            let faults = known.faults(&sale.conversions);
            if !faults.is_empty() {
                answers.push(Err(ConversionsError::Refused(faults)));
                continue;
            }
            let booked = sale.conversions.iter().map(|conversion| {
                let click = known.clicks[conversion.click.as_str()];
                let is_new = known.take(conversion, click.campaign);
                if is_new {
                    new.push((conversion, click));
                }
                let revenue = conversion.revenue;
                let one = Performance { conversions: 1, revenue, ..Performance::default() };
                let account = (click.campaign, click.banner, conversion.slot);
                self.count(is_new, account, one, EventKind::Conversion)
            });
            answers.push(Ok(booked.collect()));
        }
        // Fails if another node inserts the same key at this moment, and then the whole transaction
        // begins anew.
        new.sort_unstable_by(|(one, clicked), (other, clicked_too)| {
            (&one.id, clicked.campaign).cmp(&(&other.id, clicked_too.campaign))
        });
        let keys: Vec<_> = new.iter().map(|(it, click)| (it.id.as_str(), click.campaign)).collect();
        let rows: Vec<_> = new.iter().copied().map(conversion).collect();
        for portion in portions(&rows) {
            self.insert(&raw_events::CONVERSIONS, portion).await.attempt(action)?;
        }
        // What another process has summed up since the look is found when all of this begins anew.
        if known.are_used(self.transaction, &keys).await? {
            return Err(StorageError::NotCommitted { action });
        }
        Ok(answers)
    }

    async fn write_totals(&self) -> Result<(), DbErr> {
        let sums: Vec<_> = self.totals.iter().map(|(account, sums)| (*account, *sums)).collect();
        let mut filtered = FilteredTotals::new();
        if let Some(others) = self.filtered {
            filtered.clone_from(others);
            for (duplicate, events) in &self.duplicates {
                *filtered.entry(*duplicate).or_default() += events;
            }
        }
        let addition = Addition { sums: &sums, counted: Counted::Everything, filtered: &filtered };
        add(self.transaction, &addition, Writer::Events(self.mark)).await
    }

    async fn insert(&self, insert: &Insert, rows: &[Vec<Value>]) -> Result<(), DbErr> {
        let statement =
            insert.statement(self.transaction.get_database_backend(), None, rows.concat());
        self.transaction.execute_raw(statement).await?;
        Ok(())
    }
}

fn impression(visit: &Visit) -> Vec<Value> {
    let Visit { showing, slot, .. } = visit;
    vec![
        showing.decision.as_bytes().to_vec().into(),
        i64::from(showing.banner.0).into(),
        i64::from(showing.campaign.0).into(),
        slot.number().into(),
    ]
}

fn click(visit: &Visit) -> Vec<Value> {
    let Visit { showing, slot, .. } = visit;
    vec![
        showing.click_id().into(),
        i64::from(showing.campaign.0).into(),
        i64::from(showing.banner.0).into(),
        slot.number().into(),
    ]
}

fn conversion((conversion, click): (&Conversion, ClickRow)) -> Vec<Value> {
    let revenue = conversion.revenue.micros();
    vec![
        conversion.id.as_str().into(),
        i64::from(click.campaign.0).into(),
        i64::from(click.banner.0).into(),
        conversion.click.as_str().into(),
        conversion.slot.number().into(),
        revenue.into(),
        revenue.into(),
    ]
}
