//! The tables of counts, and of the rows they were counted from.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, binary_len, string_len};

use sea_orm_migration::sea_orm::DbBackend;

use super::reference;

/// Returns the table of the performance of each banner in each campaign and slot. Reports and
/// rankings read it.
pub(super) fn performance() -> TableCreateStatement {
    sums("performance")
}

fn sums(table: &'static str) -> TableCreateStatement {
    Table::create()
        .table(table)
        .col(big_integer("campaign_id"))
        .col(big_integer("banner_id"))
        .col(big_integer("slot"))
        .col(big_integer("impressions"))
        .col(big_integer("clicks"))
        .col(big_integer("conversions"))
        .col(big_integer("revenue_micros"))
        .primary_key(Index::create().col("campaign_id").col("banner_id").col("slot"))
        .take()
}

/// Returns the table that says how many impressions each file booked, so that performance can be
/// recomputed. Imported impressions have no ids of their own.
pub(super) fn imported_impressions() -> TableCreateStatement {
    Table::create()
        .table("imported_impressions")
        .col(big_integer("import_id"))
        .col(big_integer("campaign_id"))
        .col(big_integer("banner_id"))
        .col(big_integer("slot"))
        .col(big_integer("impressions"))
        .primary_key(
            Index::create().col("import_id").col("campaign_id").col("banner_id").col("slot"),
        )
        .foreign_key(&mut reference("imported_impressions", "import_id", "imports"))
        .take()
}

/// Returns the table of the sums that a file adds to `performance`, in numbered parts. See
/// `staged_imports`.
pub(super) fn staged_performance() -> TableCreateStatement {
    Table::create()
        .table("staged_performance")
        .col(big_integer("import_id"))
        .col(big_integer("part"))
        .col(big_integer("campaign_id"))
        .col(big_integer("banner_id"))
        .col(big_integer("slot"))
        .col(big_integer("impressions"))
        .col(big_integer("clicks"))
        .col(big_integer("conversions"))
        .col(big_integer("revenue_micros"))
        .primary_key(
            Index::create()
                .col("import_id")
                .col("part")
                .col("campaign_id")
                .col("banner_id")
                .col("slot"),
        )
        .take()
}

/// Returns the table of the clicks of visitors and of files.
pub(super) fn clicks() -> TableCreateStatement {
    Table::create()
        .table("clicks")
        .col(string_len("id", 64).primary_key().take())
        .col(big_integer("campaign_id"))
        .col(big_integer("banner_id"))
        .col(big_integer("slot"))
        .col(big_integer_null("import_id"))
        .take()
}

/// Returns the table of the conversions of advertisers and of files, as they were before their ids
/// belonged to campaigns.
pub(super) fn conversions() -> TableCreateStatement {
    Table::create()
        .table("conversions")
        .col(string_len("id", 64).primary_key().take())
        .col(string_len("click_id", 64))
        .col(big_integer("revenue_micros"))
        .col(big_integer("slot"))
        .col(big_integer_null("import_id"))
        .foreign_key(&mut reference("conversions", "click_id", "clicks"))
        .take()
}

/// Returns the table of the conversions of advertisers and of files. An advertiser's id is one
/// within a campaign, that of the click. `revenue_micros` is what the conversion says now,
/// `first_revenue_micros` what it said first. A conversion with `retracted_at` does not count.
pub(super) fn campaign_conversions() -> TableCreateStatement {
    Table::create()
        .table("campaign_conversions")
        .col(string_len("id", 64))
        .col(big_integer("campaign_id"))
        .col(big_integer("banner_id"))
        .col(string_len("click_id", 64))
        .col(big_integer("slot"))
        .col(big_integer("revenue_micros"))
        .col(big_integer("first_revenue_micros"))
        .col(big_integer_null("retracted_at"))
        .col(big_integer_null("import_id"))
        .primary_key(Index::create().col("id").col("campaign_id"))
        .foreign_key(&mut reference("campaign_conversions", "click_id", "clicks"))
        .take()
}

/// Moves the conversions of stores whose ids did not belong to campaigns.
pub(super) fn conversions_so_far(dialect: DbBackend) -> &'static str {
    match dialect {
        DbBackend::Sqlite => {
            "INSERT OR IGNORE INTO campaign_conversions (id, campaign_id, banner_id, click_id, slot, \
             revenue_micros, first_revenue_micros, import_id) \
             SELECT conversions.id, clicks.campaign_id, clicks.banner_id, conversions.click_id, \
             conversions.slot, conversions.revenue_micros, conversions.revenue_micros, \
             conversions.import_id \
             FROM conversions INNER JOIN clicks ON clicks.id = conversions.click_id"
        }
        _ => {
            "INSERT IGNORE INTO campaign_conversions (id, campaign_id, banner_id, click_id, slot, \
             revenue_micros, first_revenue_micros, import_id) \
             SELECT conversions.id, clicks.campaign_id, clicks.banner_id, conversions.click_id, \
             conversions.slot, conversions.revenue_micros, conversions.revenue_micros, \
             conversions.import_id \
             FROM conversions INNER JOIN clicks ON clicks.id = conversions.click_id"
        }
    }
}

/// Returns the table of the impressions of decisions whose tracking links are still valid. A
/// decision's id begins with its time, so that new rows are the last and expired ones the first.
pub(super) fn impressions() -> TableCreateStatement {
    Table::create()
        .table("impressions")
        .col(binary_len("decision_id", 16))
        .col(big_integer("banner_id"))
        .col(big_integer("campaign_id"))
        .col(big_integer("slot"))
        .primary_key(Index::create().col("decision_id").col("banner_id"))
        .take()
}

/// Returns the table that says how many impressions were removed because their links expired, so
/// that performance can be recomputed.
pub(super) fn expired_impressions() -> TableCreateStatement {
    Table::create()
        .table("expired_impressions")
        .col(big_integer("campaign_id"))
        .col(big_integer("banner_id"))
        .col(big_integer("slot"))
        .col(big_integer("impressions"))
        .primary_key(Index::create().col("campaign_id").col("banner_id").col("slot"))
        .take()
}

/// Returns the table of the sums of raw rows that are no longer kept, in the slots in which
/// `performance` has them. Recomputing that starts from them.
pub(super) fn baseline_performance() -> TableCreateStatement {
    sums("baseline_performance")
}

/// Returns the table of the first slot whose raw rows are all kept, with the one up to which all
/// older ones are in `baseline_performance`. One row. `owner` is the process that sums them up, and
/// `seen_at` is when it last said so, in unix milliseconds.
pub(super) fn raw_rows() -> TableCreateStatement {
    Table::create()
        .table("raw_rows")
        .col(big_integer("id").primary_key().take())
        .col(big_integer("from_slot"))
        .col(big_integer("done_slot"))
        .col(big_integer("owner"))
        .col(big_integer("seen_at"))
        .take()
}

/// Returns the table of the hashes of ids of clicks and conversions that are in
/// `baseline_performance`, because an id counts once, for ever.
pub(super) fn used_ids() -> TableCreateStatement {
    Table::create().table("used_ids").col(big_integer("hash").primary_key().take()).take()
}

/// Returns the table of the moment, in unix milliseconds, before which the links of decisions have
/// expired for good. One row, and none before the first impressions are removed.
pub(super) fn expired_decisions() -> TableCreateStatement {
    Table::create()
        .table("expired_decisions")
        .col(big_integer("id").primary_key().take())
        .col(big_integer("before_unix_ms"))
        .take()
}

/// Returns the table that says how many events did not count, by reason. `slot` is that of their arrival.
pub(super) fn filtered_events() -> TableCreateStatement {
    Table::create()
        .table("filtered_events")
        .col(big_integer("campaign_id"))
        .col(big_integer("banner_id"))
        .col(big_integer("slot"))
        .col(string_len("kind", 16))
        .col(string_len("reason", 32))
        .col(big_integer("events"))
        .primary_key(
            Index::create()
                .col("campaign_id")
                .col("banner_id")
                .col("slot")
                .col("kind")
                .col("reason"),
        )
        .take()
}

/// Returns the table of the first slot that is still kept as such, because older performance is
/// kept by day. One row, and none before anything was condensed.
pub(super) fn condensed_performance() -> TableCreateStatement {
    Table::create()
        .table("condensed_performance")
        .col(big_integer("id").primary_key().take())
        .col(big_integer("before_slot"))
        .take()
}

/// Makes the row of `raw_rows`, with a mark before which nothing is.
pub(super) fn first_raw_rows(dialect: DbBackend) -> &'static str {
    match dialect {
        DbBackend::Sqlite => {
            "INSERT OR IGNORE INTO raw_rows (id, from_slot, done_slot, owner, seen_at) \
             VALUES (1, -9007199254740992, -9007199254740992, 0, 0)"
        }
        _ => {
            "INSERT IGNORE INTO raw_rows (id, from_slot, done_slot, owner, seen_at) \
             VALUES (1, -9007199254740992, -9007199254740992, 0, 0)"
        }
    }
}
