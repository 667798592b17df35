//! What a file adds to performance.

use std::collections::{BTreeSet, HashMap};

use bams_domain::{Performance, Revenue};
use sea_orm::Value;

use super::insert::{Existing, Insert};
use super::ledger::Ledger;
use crate::error::{Attempt, StorageError};
use crate::import::rows::Account;

/// Accounts in memory before they are written; about 10 MiB.
const FULL: usize = 100_000;

const PERFORMANCE: Insert = Insert {
    table: "performance",
    columns: &[
        "campaign_id",
        "banner_id",
        "slot",
        "impressions",
        "clicks",
        "conversions",
        "revenue_micros",
    ],
    key: &["campaign_id", "banner_id", "slot"],
    existing: Existing::Increased {
        counts: &["impressions", "clicks", "conversions", "revenue_micros"],
    },
};

const IMPRESSIONS: Insert = Insert {
    table: "imported_impressions",
    columns: &["import_id", "campaign_id", "banner_id", "slot", "impressions"],
    key: &["import_id", "campaign_id", "banner_id", "slot"],
    existing: Existing::Increased { counts: &["impressions"] },
};

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
    /// Adds sorted totals to performance; campaigns and banners nobody knew are created.
    pub(super) async fn add(
        &mut self,
        totals: Vec<(Account, Performance)>,
    ) -> Result<(), StorageError> {
        let pairs: BTreeSet<_> = totals.iter().map(|it| (it.0.campaign, it.0.banner)).collect();
        self.touched.extend(pairs.iter().map(|it| it.0));
        self.attach(&pairs).await?;
        if self.is_anonymous {
            let rows = totals.iter().flat_map(|(account, performance)| {
                let [campaign, banner, slot] = account_values(*account);
                [self.import.into(), campaign, banner, slot, whole(performance.impressions)]
            });
            let written = self.insert(&IMPRESSIONS, rows.collect()).await;
            written.attempt("book impressions")?;
        }
        let rows = totals.iter().flat_map(|(account, performance)| {
            let [campaign, banner, slot] = account_values(*account);
            let Performance { impressions, clicks, conversions, revenue } = *performance;
            let [impressions, clicks, conversions] = [impressions, clicks, conversions].map(whole);
            let revenue = revenue.micros().into();
            [campaign, banner, slot, impressions, clicks, conversions, revenue]
        });
        self.insert(&PERFORMANCE, rows.collect()).await.attempt("book performance")
    }
}

fn account_values(Account { campaign, banner, slot }: Account) -> [Value; 3] {
    [i64::from(campaign.0).into(), i64::from(banner.0).into(), slot.number().into()]
}

fn whole(count: u64) -> Value {
    i64::try_from(count).unwrap_or(i64::MAX).into()
}
