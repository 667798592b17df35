//! The tables that reports read: sums of `performance` and `filtered_events`, coarser than both.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, string_len};
use sea_orm_migration::sea_orm::DbBackend;

/// Sums of `performance`. `level` says of what: a campaign or banner that a level does not tell apart
/// is 0, and a day is its first slot, or its first one of a quarter. They are filled by serving nodes,
/// portion by portion: see `rolled_up`.
pub(super) fn performance_roll_ups() -> TableCreateStatement {
    Table::create()
        .table("performance_roll_ups")
        .col(big_integer("level"))
        .col(big_integer("campaign_id"))
        .col(big_integer("banner_id"))
        .col(big_integer("slot"))
        .col(big_integer("impressions"))
        .col(big_integer("clicks"))
        .col(big_integer("conversions"))
        .col(big_integer("revenue_micros"))
        .primary_key(Index::create().col("level").col("campaign_id").col("banner_id").col("slot"))
        .take()
}

/// Sums of `filtered_events`, by the same levels.
pub(super) fn filtered_roll_ups() -> TableCreateStatement {
    Table::create()
        .table("filtered_roll_ups")
        .col(big_integer("level"))
        .col(big_integer("campaign_id"))
        .col(big_integer("banner_id"))
        .col(big_integer("slot"))
        .col(string_len("kind", 16))
        .col(string_len("reason", 32))
        .col(big_integer("events"))
        .primary_key(
            Index::create()
                .col("level")
                .col("campaign_id")
                .col("banner_id")
                .col("slot")
                .col("kind")
                .col("reason"),
        )
        .take()
}

/// Returns the table of the mark up to which everything is in the roll-ups: all slots before
/// `slot`, and in that slot the campaigns before `campaign_id`. Each of the stripes has the same
/// mark. Who writes what is not before the mark locks one of them, and who moves the mark all.
pub(super) fn rolled_up() -> TableCreateStatement {
    Table::create()
        .table("rolled_up")
        .col(big_integer("stripe").primary_key().take())
        .col(big_integer("slot"))
        .col(big_integer("campaign_id"))
        .col(big_integer_null("hours_from"))
        .col(big_integer("changes"))
        .take()
}

/// The rows of the 64 stripes, which an insert may repeat, with a mark before which nothing is.
macro_rules! stripes {
    ($insert:literal) => {
        concat!(
            $insert,
            " INTO rolled_up (stripe, slot, campaign_id, changes) \
             SELECT high.n * 8 + low.n, -9007199254740992, 0, 0 FROM \
             (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL \
             SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7) AS high CROSS JOIN \
             (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL \
             SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7) AS low"
        )
    };
}

/// Returns the statement that makes the 64 stripes, with a mark before which nothing is.
pub(super) fn first_marks(dialect: DbBackend) -> &'static str {
    match dialect {
        DbBackend::Sqlite => stripes!("INSERT OR IGNORE"),
        _ => stripes!("INSERT IGNORE"),
    }
}
