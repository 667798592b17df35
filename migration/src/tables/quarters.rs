//! The table that ladders are made from.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::big_integer;
use sea_orm_migration::sea_orm::DbBackend;

/// Returns the table of the sums of `performance` in each quarter of all hours: clicks, conversions
/// and revenue of banners that have clicks or conversions there. Serving reads this table, because
/// it does not grow with time.
pub(super) fn quarter_performance() -> TableCreateStatement {
    Table::create()
        .table("quarter_performance")
        .col(big_integer("campaign_id"))
        .col(big_integer("banner_id"))
        .col(big_integer("quarter"))
        .col(big_integer("clicks"))
        .col(big_integer("conversions"))
        .col(big_integer("revenue_micros"))
        .primary_key(Index::create().col("campaign_id").col("banner_id").col("quarter"))
        .take()
}

/// Returns the statement that fills the table from what was counted before it existed.
///
/// Revenue that is too large for an integer becomes the largest integer. SQLite would fail at such a
/// sum, so its statement sums the upper and lower halves apart.
pub(super) fn quarter_performance_so_far(dialect: DbBackend) -> &'static str {
    match dialect {
        DbBackend::Sqlite => {
            "INSERT INTO quarter_performance \
             (campaign_id, banner_id, quarter, clicks, conversions, revenue_micros) \
             SELECT campaign_id, banner_id, quarter, clicks, conversions, \
             CASE WHEN high + (low >> 32) > 2147483647 THEN 9223372036854775807 \
             ELSE (high << 32) + low END \
             FROM (SELECT campaign_id, banner_id, slot % 4 + 1 AS quarter, \
             SUM(clicks) AS clicks, SUM(conversions) AS conversions, \
             SUM(revenue_micros >> 32) AS high, SUM(revenue_micros & 4294967295) AS low \
             FROM performance WHERE clicks > 0 OR conversions > 0 \
             GROUP BY campaign_id, banner_id, slot % 4 + 1) AS summed WHERE TRUE \
             ON CONFLICT (campaign_id, banner_id, quarter) DO UPDATE SET \
             clicks = excluded.clicks, conversions = excluded.conversions, \
             revenue_micros = excluded.revenue_micros"
        }
        _ => {
            "INSERT INTO quarter_performance \
             (campaign_id, banner_id, quarter, clicks, conversions, revenue_micros) \
             SELECT campaign_id, banner_id, slot % 4 + 1, \
             CAST(SUM(clicks) AS SIGNED), CAST(SUM(conversions) AS SIGNED), \
             CAST(LEAST(SUM(revenue_micros), 9223372036854775807) AS SIGNED) \
             FROM performance WHERE clicks > 0 OR conversions > 0 \
             GROUP BY campaign_id, banner_id, slot % 4 + 1 \
             ON DUPLICATE KEY UPDATE clicks = VALUES(clicks), \
             conversions = VALUES(conversions), revenue_micros = VALUES(revenue_micros)"
        }
    }
}
