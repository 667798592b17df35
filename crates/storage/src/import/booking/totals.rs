//! What a file adds to performance.

use std::collections::HashMap;

use bams_domain::{Performance, Revenue};
use sea_orm::Value;

use super::ledger::Ledger;
use crate::database::insert::{Existing, Insert};
use crate::error::{Attempt, StorageError};
use crate::import::kind::Kind;
use crate::import::rows::Account;
use crate::performance::quarter_totals;

/// Accounts in memory before they are written; about 10 MiB.
const FULL: usize = 100_000;

const IMPRESSIONS: Insert = Insert {
    table: "imported_impressions",
    columns: &["campaign_id", "banner_id", "slot", "impressions"],
    same: &["import_id"],
    key: &["import_id", "campaign_id", "banner_id", "slot"],
    existing: Existing::Increased { counts: &["impressions"] },
};

/// Accounts that are prepared for writing at a time, which takes more memory than counting.
const PART: usize = 1_000;

/// What rows of a kind add to performance: the rest is zero.
const fn performance(kind: Kind) -> Insert {
    let (columns, same, counts): (&[_], &[_], &[_]) = match kind {
        Kind::Conversions => (
            &["campaign_id", "banner_id", "slot", "conversions", "revenue_micros"],
            &["impressions", "clicks"],
            &["conversions", "revenue_micros"],
        ),
        Kind::Clicks => (
            &["campaign_id", "banner_id", "slot", "clicks"],
            &["impressions", "conversions", "revenue_micros"],
            &["clicks"],
        ),
        Kind::Impressions | Kind::Images => (
            &["campaign_id", "banner_id", "slot", "impressions"],
            &["clicks", "conversions", "revenue_micros"],
            &["impressions"],
        ),
    };
    let key = &["campaign_id", "banner_id", "slot"];
    let existing = Existing::Increased { counts };
    Insert { table: "performance", columns, same, key, existing }
}

/// Performance that was counted and not yet written.
#[derive(Default)]
pub(super) struct Totals(HashMap<Account, Performance>);

impl Totals {
    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= FULL
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn impression(&mut self, account: Account) {
        let one = Performance { impressions: 1, ..Performance::default() };
        *self.0.entry(account).or_default() += one;
    }

    pub(super) fn click(&mut self, account: Account) {
        *self.0.entry(account).or_default() += Performance { clicks: 1, ..Performance::default() };
    }

    pub(super) fn conversion(&mut self, account: Account, revenue: Revenue) {
        let one = Performance { conversions: 1, revenue, ..Performance::default() };
        *self.0.entry(account).or_default() += one;
    }

    /// All of it, sorted by account, and begins anew.
    pub(super) fn take(&mut self) -> Vec<(Account, Performance)> {
        let mut totals: Vec<_> = std::mem::take(&mut self.0).into_iter().collect();
        totals.sort_unstable_by_key(|it| it.0);
        totals
    }
}

impl Ledger {
    /// Adds sorted totals to performance. Campaigns and banners nobody knew are created, except
    /// those of conversions: their clicks knew them.
    pub(super) async fn add(
        &mut self,
        totals: Vec<(Account, Performance)>,
    ) -> Result<(), StorageError> {
        for part in totals.chunks(PART) {
            self.add_part(part).await?;
        }
        let sums = totals.iter().map(|(it, sums)| (it.campaign, it.banner, it.slot, *sums));
        quarter_totals::add(&self.transaction, sums).await.attempt("book performance")
    }

    async fn add_part(&mut self, totals: &[(Account, Performance)]) -> Result<(), StorageError> {
        self.touched.extend(totals.iter().map(|it| it.0.campaign));
        if self.kind != Kind::Conversions {
            let mut pairs: Vec<_> = totals.iter().map(|it| (it.0.campaign, it.0.banner)).collect();
            pairs.dedup();
            self.attach(pairs).await?;
        }
        if self.kind == Kind::Impressions {
            let written = self.insert(&IMPRESSIONS, self.import, self.kind_values(totals)).await;
            written.attempt("book impressions")?;
        }
        let written = self.insert(&performance(self.kind), 0, self.kind_values(totals)).await;
        written.attempt("book performance")
    }

    fn kind_values(&self, totals: &[(Account, Performance)]) -> Vec<Value> {
        let mut values = Vec::with_capacity(totals.len() * 5);
        for (Account { campaign, banner, slot }, sums) in totals {
            values.push(i64::from(campaign.0).into());
            values.push(i64::from(banner.0).into());
            values.push(slot.number().into());
            match self.kind {
                Kind::Conversions => {
                    values.extend([whole(sums.conversions), sums.revenue.micros().into()]);
                }
                Kind::Clicks => values.push(whole(sums.clicks)),
                Kind::Impressions | Kind::Images => values.push(whole(sums.impressions)),
            }
        }
        values
    }
}

fn whole(count: u64) -> Value {
    i64::try_from(count).unwrap_or(i64::MAX).into()
}
