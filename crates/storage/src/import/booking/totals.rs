//! The sums that a file adds to performance.

use std::borrow::Cow;
use std::collections::HashMap;

use bams_domain::{Performance, Revenue};

use super::ledger::Ledger;
use crate::database::insert::{Existing, Insert};
use crate::error::{Attempt, StorageError};
use crate::import::kind::ImportKind;
use crate::import::rows::Account;
use crate::performance::quarter_totals;
use crate::performance::slot_totals::{self, Counted};

/// The most accounts in memory before they are written: about 10 MiB.
const FULL: usize = 100_000;

const IMPRESSIONS: Insert = Insert {
    table: "imported_impressions",
    columns: Cow::Borrowed(&["campaign_id", "banner_id", "slot", "impressions"]),
    same: &["import_id"],
    key: Cow::Borrowed(&["import_id", "campaign_id", "banner_id", "slot"]),
    existing: Existing::Increased { counts: &["impressions"] },
};

/// How many accounts are prepared for writing at a time, which takes more memory than counting.
const PART: usize = 1_000;

/// Returns the sums that rows of a kind add to performance.
const fn counted(kind: ImportKind) -> Counted {
    match kind {
        ImportKind::Conversions => Counted::Conversions,
        ImportKind::Clicks => Counted::Clicks,
        ImportKind::Impressions | ImportKind::Images => Counted::Impressions,
    }
}

/// Sums that are not yet written.
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

    /// Returns all sums, sorted by account, and starts again from zero.
    pub(super) fn take(&mut self) -> Vec<(Account, Performance)> {
        let mut totals: Vec<_> = std::mem::take(&mut self.0).into_iter().collect();
        totals.sort_unstable_by_key(|it| it.0);
        totals
    }
}

impl Ledger {
    /// Adds sorted sums to performance. Creates campaigns and banners that do not exist, except for
    /// conversions, whose clicks have created them.
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
        if self.kind != ImportKind::Conversions {
            let mut pairs: Vec<_> =
                totals.iter().map(|(account, _)| (account.campaign, account.banner)).collect();
            pairs.dedup();
            self.attach(pairs).await?;
        }
        let counted = counted(self.kind);
        let values = || {
            let rows = totals.iter().flat_map(|(account, sums)| {
                let Account { campaign, banner, slot } = *account;
                slot_totals::values((campaign, banner, slot), sums, counted)
            });
            rows.collect()
        };
        if self.kind == ImportKind::Impressions {
            let written = self.insert(&IMPRESSIONS, Some(self.import), values()).await;
            written.attempt("book impressions")?;
        }
        let written = self.insert(&slot_totals::performance(counted), Some(0), values()).await;
        written.attempt("book performance")
    }
}
