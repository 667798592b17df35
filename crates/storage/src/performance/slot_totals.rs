//! The sums of each slot: the table `performance`.

use std::borrow::Cow;

use bams_domain::{BannerId, CampaignId, Performance, Slot};
use sea_orm::Value;

use crate::database::insert::{Existing, Insert};

/// The sums that are written. The others are zero and need not be bound, which makes an import of
/// millions of rows faster.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    Impressions,
    Clicks,
    /// Conversions and revenue.
    Conversions,
    Everything,
}

/// Returns the insert into the table. It adds the sums to those of an existing row.
pub(crate) const fn performance(counted: Counted) -> Insert {
    sums_in("performance", counted)
}

/// Returns the insert into a table with the columns of `performance`.
pub(crate) const fn sums_in(table: &'static str, counted: Counted) -> Insert {
    let (columns, same, counts): (&[_], &[_], &[_]) = match counted {
        Counted::Impressions => (
            &["campaign_id", "banner_id", "slot", "impressions"],
            &["clicks", "conversions", "revenue_micros"],
            &["impressions"],
        ),
        Counted::Clicks => (
            &["campaign_id", "banner_id", "slot", "clicks"],
            &["impressions", "conversions", "revenue_micros"],
            &["clicks"],
        ),
        Counted::Conversions => (
            &["campaign_id", "banner_id", "slot", "conversions", "revenue_micros"],
            &["impressions", "clicks"],
            &["conversions", "revenue_micros"],
        ),
        Counted::Everything => (
            &[
                "campaign_id",
                "banner_id",
                "slot",
                "impressions",
                "clicks",
                "conversions",
                "revenue_micros",
            ],
            &[],
            &["impressions", "clicks", "conversions", "revenue_micros"],
        ),
    };
    let key = Cow::Borrowed(&["campaign_id", "banner_id", "slot"] as &[_]);
    let (columns, existing) = (Cow::Borrowed(columns), Existing::Increased { counts });
    Insert { table, columns, same, key, existing }
}

/// Returns the values of a row for [`performance`].
pub(crate) fn values(
    (campaign, banner, slot): (CampaignId, BannerId, Slot),
    sums: &Performance,
    counted: Counted,
) -> impl Iterator<Item = Value> {
    let (first, count) = match counted {
        Counted::Impressions => (0, 1),
        Counted::Clicks => (1, 1),
        Counted::Conversions => (2, 2),
        Counted::Everything => (0, 4),
    };
    let key = [i64::from(campaign.0), i64::from(banner.0), slot.number()];
    key.into_iter().chain(counts(sums).into_iter().skip(first).take(count)).map(Value::from)
}

/// Returns impressions, clicks, conversions and micros, as they are stored.
pub(super) fn counts(sums: &Performance) -> [i64; 4] {
    let whole = |count| i64::try_from(count).unwrap_or(i64::MAX);
    let Performance { impressions, clicks, conversions, revenue } = *sums;
    [whole(impressions), whole(clicks), whole(conversions), revenue.micros()]
}
