//! What was counted, and from what.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, binary_len, string_len};

use super::reference;

/// What each banner achieved in each campaign and slot. Serving and reports read this table.
pub(super) fn performance() -> TableCreateStatement {
    Table::create()
        .table("performance")
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

/// Imported impressions have no id of their own; what a file booked is kept, so that
/// performance can be recomputed.
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

/// Impressions of decisions whose tracking links are still valid. The decision's id begins with its
/// time, so that new rows come last and expired ones are the first.
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

/// How many impressions were removed because their links expired, so that performance can be
/// recomputed.
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

/// One row, once impressions were removed: the moment, in unix milliseconds, before which the links of
/// decisions have expired for good.
pub(super) fn expired_decisions() -> TableCreateStatement {
    Table::create()
        .table("expired_decisions")
        .col(big_integer("id").primary_key().take())
        .col(big_integer("before_unix_ms"))
        .take()
}

/// Events that do not count, and why. `slot` is when they came in.
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

/// One row, once old performance is kept by day: the first slot that is kept as such.
pub(super) fn condensed_performance() -> TableCreateStatement {
    Table::create()
        .table("condensed_performance")
        .col(big_integer("id").primary_key().take())
        .col(big_integer("before_slot"))
        .take()
}
