//! Recomputing performance from what it was counted from.

use std::collections::BTreeMap;

use bams_domain::{BannerId, CampaignId, Slot};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, QueryOrder, QuerySelect,
};

use crate::condense::{condensed_before, condensed_slot};
use crate::connect::Database;
use crate::entity::campaign;
use crate::error::{Attempt, StorageError};
use crate::row::{banner_id, campaign_id};
use crate::sum::whole_sum;

/// How many campaigns are compared at a time, so that memory stays bounded.
const CAMPAIGNS: usize = 50;

/// Counts as they stand in the database, even if they make no sense.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// How often the banner was shown.
    pub impressions: i64,
    /// How often it was followed.
    pub clicks: i64,
    /// How many clicks led to a sale.
    pub conversions: i64,
    /// What that earned, in micros.
    pub revenue_micros: i64,
}

impl Counts {
    /// Sums never wrap: one that does not fit is the largest there is, on both sides.
    fn add(&mut self, other: Self) {
        self.impressions = self.impressions.saturating_add(other.impressions);
        self.clicks = self.clicks.saturating_add(other.clicks);
        self.conversions = self.conversions.saturating_add(other.conversions);
        self.revenue_micros = self.revenue_micros.saturating_add(other.revenue_micros);
    }
}

/// A banner, campaign and slot whose performance is not what was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The campaign.
    pub campaign: CampaignId,
    /// The banner.
    pub banner: BannerId,
    /// The slot; for performance that is kept by day the day's first slot of that quarter.
    pub slot: Slot,
    /// What the table `performance` says.
    pub stored: Counts,
    /// What impressions, clicks, conversions and imports add up to.
    pub recomputed: Counts,
}

/// Recomputes all performance and calls `found` with each difference, by campaign, banner and
/// slot. Answers how many rows of performance agree.
pub async fn verify(
    database: &Database,
    mut found: impl FnMut(Difference),
) -> Result<u64, StorageError> {
    let transaction = database.begin_reading().await?;
    let ids: Vec<i64> = campaign::Entity::find()
        .select_only()
        .column(campaign::Column::Id)
        .order_by_asc(campaign::Column::Id)
        .into_tuple()
        .all(&transaction)
        .await
        .attempt("list the campaigns")?;
    let condensed = condensed_before(&transaction).await?.map_or(i64::MIN, Slot::number);
    let mut agreeing = 0;
    for campaigns in ids.chunks(CAMPAIGNS) {
        let compared = compared(&transaction, campaigns, condensed).await;
        let compared = compared.attempt("recompute performance")?;
        for ((campaign, banner, slot), Compared { stored, recomputed }) in compared {
            if stored == recomputed {
                agreeing += 1;
                continue;
            }
            found(Difference {
                campaign: campaign_id("performance", campaign)?,
                banner: banner_id("performance", banner)?,
                slot: Slot::from_number(slot),
                stored,
                recomputed,
            });
        }
    }
    Ok(agreeing)
}

/// How many rows of performance are not what was counted.
pub async fn count_differences(database: &Database) -> Result<u64, StorageError> {
    let mut differences = 0;
    verify(database, |_| differences += 1).await?;
    Ok(differences)
}

#[derive(Default)]
struct Compared {
    stored: Counts,
    recomputed: Counts,
}

/// Campaign, banner and slot.
type Key = (i64, i64, i64);

async fn compared(
    transaction: &DatabaseTransaction,
    campaigns: &[i64],
    condensed: i64,
) -> Result<BTreeMap<Key, Compared>, DbErr> {
    let dialect = transaction.get_database_backend();
    // Raw rows know their slot for ever, performance only the day and quarter of old ones.
    let kept = |(campaign, banner, slot)| (campaign, banner, condensed_slot(slot, condensed));
    let mut compared: BTreeMap<Key, Compared> = BTreeMap::new();
    for (key, counts) in counts(transaction, stored(campaigns)).await? {
        compared.entry(kept(key)).or_default().stored.add(counts);
    }
    for source in [
        imported_impressions(dialect, campaigns),
        live_impressions(campaigns),
        expired_impressions(campaigns),
        clicks(campaigns),
        conversions(dialect, campaigns),
    ] {
        for (key, counts) in counts(transaction, source).await? {
            compared.entry(kept(key)).or_default().recomputed.add(counts);
        }
    }
    Ok(compared)
}

async fn counts(
    transaction: &DatabaseTransaction,
    select: SelectStatement,
) -> Result<Vec<(Key, Counts)>, DbErr> {
    let rows = transaction.query_all(&select).await?;
    rows.iter()
        .map(|row| {
            let column = |name| row.try_get::<i64>("", name);
            let key = (column("campaign_id")?, column("banner_id")?, column("slot")?);
            let counts = Counts {
                impressions: column("impressions")?,
                clicks: column("clicks")?,
                conversions: column("conversions")?,
                revenue_micros: column("revenue_micros")?,
            };
            Ok((key, counts))
        })
        .collect()
}

/// The table, whose rows are sums already.
fn stored(campaigns: &[i64]) -> SelectStatement {
    let sums = COUNTS.map(|name| Some(Expr::col(name)));
    select("performance", "performance", campaigns, sums)
}

fn imported_impressions(dialect: DbBackend, campaigns: &[i64]) -> SelectStatement {
    let table = "imported_impressions";
    let sums = [Some(Expr::cust(whole_sum(dialect, "impressions"))), None, None, None];
    grouped(select(table, table, campaigns, sums), table, table)
}

/// Those whose links are still valid, one by one.
fn live_impressions(campaigns: &[i64]) -> SelectStatement {
    let table = "impressions";
    let sums = [Some(Expr::cust("COUNT(*)")), None, None, None];
    grouped(select(table, table, campaigns, sums), table, table)
}

fn expired_impressions(campaigns: &[i64]) -> SelectStatement {
    let table = "expired_impressions";
    select(table, table, campaigns, [Some(Expr::col("impressions")), None, None, None])
}

fn clicks(campaigns: &[i64]) -> SelectStatement {
    let sums = [None, Some(Expr::cust("COUNT(*)")), None, None];
    grouped(select("clicks", "clicks", campaigns, sums), "clicks", "clicks")
}

/// A conversion belongs to the banner and campaign of its click, and to its own slot.
fn conversions(dialect: DbBackend, campaigns: &[i64]) -> SelectStatement {
    let revenue = Expr::cust(whole_sum(dialect, "revenue_micros"));
    let sums = [None, None, Some(Expr::cust("COUNT(*)")), Some(revenue)];
    let mut select = select("clicks", "conversions", campaigns, sums);
    let of_click = Expr::col(("clicks", "id")).equals(("conversions", "click_id"));
    select.inner_join("conversions", of_click);
    grouped(select, "clicks", "conversions")
}

const COUNTS: [&str; 4] = ["impressions", "clicks", "conversions", "revenue_micros"];

/// Campaign and banner of one table, the slot of another or the same, and the four counts;
/// those that a source does not have are zero.
fn select(
    table: &'static str,
    slots: &'static str,
    campaigns: &[i64],
    sums: [Option<SimpleExpr>; 4],
) -> SelectStatement {
    let mut select = Query::select();
    select
        .from(table)
        .column((table, "campaign_id"))
        .column((table, "banner_id"))
        .column((slots, "slot"))
        .and_where(Expr::col((table, "campaign_id")).is_in(campaigns.iter().copied()));
    for (name, sum) in COUNTS.into_iter().zip(sums) {
        select.expr_as(sum.unwrap_or_else(|| Expr::val(0_i64)), name);
    }
    select
}

fn grouped(
    mut select: SelectStatement,
    table: &'static str,
    slots: &'static str,
) -> SelectStatement {
    select.add_group_by([
        Expr::col((table, "campaign_id")),
        Expr::col((table, "banner_id")),
        Expr::col((slots, "slot")),
    ]);
    select
}
