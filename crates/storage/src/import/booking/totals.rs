//! The sums that a file adds to performance.

use std::borrow::Cow;
use std::collections::HashMap;

use bams_domain::{BannerId, CampaignId, Performance, Revenue};

use sea_orm::Value;

use crate::database::insert::{Existing, Insert};
use crate::import::kind::ImportKind;
use crate::import::rows::Account;
use crate::performance::slot_totals::{self, Counted};

/// The most accounts in memory before they are written: about 10 MiB.
const FULL: usize = 100_000;

/// The insert of the impressions of an import.
pub(super) const IMPRESSIONS: Insert = Insert {
    table: "imported_impressions",
    columns: Cow::Borrowed(&["campaign_id", "banner_id", "slot", "impressions"]),
    same: &["import_id"],
    key: Cow::Borrowed(&["import_id", "campaign_id", "banner_id", "slot"]),
    existing: Existing::Increased { counts: &["impressions"] },
};

/// Returns the sums that rows of a kind add to performance.
pub(super) const fn counted(kind: ImportKind) -> Counted {
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

    pub(super) fn impressions(&mut self, account: Account, count: u64) {
        let more = Performance { impressions: count, ..Performance::default() };
        *self.0.entry(account).or_default() += more;
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

/// Returns the values of sums, for the inserts of this kind.
pub(super) fn values(totals: &[(Account, Performance)], counted: Counted) -> Vec<Value> {
    let rows = totals.iter().flat_map(|(account, sums)| {
        let Account { campaign, banner, slot } = *account;
        slot_totals::values((campaign, banner, slot), sums, counted)
    });
    rows.collect()
}

/// Returns the campaigns and banners of sorted sums.
pub(super) fn pairs(totals: &[(Account, Performance)]) -> Vec<(CampaignId, BannerId)> {
    let mut pairs: Vec<_> = totals.iter().map(|it| (it.0.campaign, it.0.banner)).collect();
    pairs.dedup();
    pairs
}
