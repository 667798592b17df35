//! The tables, in the order in which they came.
//!
//! Times are unix milliseconds, slots are unix seconds ÷ 900, money is micros: `BIGINT` means
//! the same in both databases, their time types do not.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, binary_len, boolean, custom_null, integer_null,
    string_len, string_len_null, text, text_null,
};

use crate::step::{Change, Step};

/// More than the 64 KiB that MySQL's `TEXT` holds.
const LONG_TEXT: &str = "LONGTEXT";

/// Every step, oldest first. Add at the end; never change or remove one that was released.
pub(crate) fn steps() -> Vec<Step> {
    let table = |name, create| Step { name, change: Change::Table(create) };
    let keyed = |name, create| Step { name, change: Change::KeyedTable(create) };
    let index = |name, table, columns| Step { name, change: Change::Index { table, columns } };
    vec![
        table("m20261123_01_campaigns", campaigns),
        table("m20261123_02_banners", banners),
        keyed("m20261123_03_campaign_banners", campaign_banners),
        index("m20261123_04_campaign_banners_by_banner", "campaign_banners", &["banner_id"]),
        keyed("m20261123_05_performance", performance),
        table("m20261123_06_imports", imports),
        keyed("m20261123_07_imported_impressions", imported_impressions),
        keyed("m20261123_08_clicks", clicks),
        keyed("m20261123_09_conversions", conversions),
        table("m20261123_10_api_keys", api_keys),
        table("m20261123_11_store_revision", store_revision),
        keyed("m20261123_12_campaign_revisions", campaign_revisions),
        index("m20261123_13_campaign_revisions_by_revision", "campaign_revisions", &["revision"]),
        keyed("m20261124_01_impressions", impressions),
        keyed("m20261124_02_expired_impressions", expired_impressions),
        keyed("m20261124_03_filtered_events", filtered_events),
        index("m20261124_11_performance_by_slot", "performance", &["slot"]),
        table("m20261124_12_condensed_performance", condensed_performance),
        keyed("m20261124_21_import_jobs", import_jobs),
        keyed("m20261124_22_rejected_rows", rejected_rows),
        table("m20261124_21_audit_log", audit_log),
        index("m20261124_22_audit_log_by_subject", "audit_log", &["subject_kind", "subject_id"]),
        table("m20261124_23_idempotency", idempotency),
        index("m20261124_24_idempotency_by_time", "idempotency", &["created_at"]),
        table("m20261124_41_visitors", visitors),
        index("m20261124_42_visitors_by_revision", "visitors", &["revision"]),
        index("m20261124_43_visitors_by_expiry", "visitors", &["expires_at"]),
        index("m20261124_71_filtered_events_by_slot", "filtered_events", &["slot"]),
    ]
}

fn campaigns() -> TableCreateStatement {
    Table::create()
        .table("campaigns")
        .col(big_pk_auto("id"))
        .col(string_len("name", 200))
        .col(string_len("status", 16))
        .col(big_integer_null("starts_at"))
        .col(big_integer_null("ends_at"))
        .col(string_len("policy", 32))
        .col(integer_null("page_size"))
        .col(text("tags"))
        .col(text("notes"))
        .col(big_integer("version").default(1).take())
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .take()
}

fn banners() -> TableCreateStatement {
    Table::create()
        .table("banners")
        .col(big_pk_auto("id"))
        .col(string_len("name", 200))
        .col(string_len("status", 16))
        .col(string_len_null("landing_url", 2048))
        .col(string_len("alt", 500))
        .col(integer_null("width"))
        .col(integer_null("height"))
        .col(text("tags"))
        .col(string_len_null("image_key", 1024))
        .col(string_len_null("image_media_type", 32))
        .col(big_integer_null("image_bytes"))
        .col(big_integer("version").default(1).take())
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .take()
}

fn campaign_banners() -> TableCreateStatement {
    Table::create()
        .table("campaign_banners")
        .col(big_integer("campaign_id"))
        .col(big_integer("banner_id"))
        .col(string_len("status", 16))
        .col(big_integer("created_at"))
        .primary_key(Index::create().col("campaign_id").col("banner_id"))
        .foreign_key(&mut reference("campaign_banners", "campaign_id", "campaigns"))
        .foreign_key(&mut reference("campaign_banners", "banner_id", "banners"))
        .take()
}

/// What each banner achieved in each campaign and slot. Serving and reports read this table.
fn performance() -> TableCreateStatement {
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

/// `identity` names the bytes that were booked and is empty for a file that was refused, so
/// that its uniqueness makes a file count once.
fn imports() -> TableCreateStatement {
    Table::create()
        .table("imports")
        .col(big_pk_auto("id"))
        .col(string_len("state", 16))
        .col(string_len("kind", 16))
        .col(integer_null("quarter"))
        .col(string_len("file_name", 255))
        .col(string_len_null("sha256", 64))
        .col(string_len_null("identity", 100).unique_key().take())
        .col(boolean("dry_run"))
        .col(big_integer("bytes"))
        .col(big_integer("rows"))
        .col(big_integer("accepted"))
        .col(big_integer("duplicates"))
        .col(big_integer("rejected"))
        .col(text("errors"))
        .col(string_len_null("failure", 32))
        .col(string_len_null("failure_message", 500))
        .col(big_integer_null("duplicate_of"))
        .col(big_integer("created_at"))
        .col(big_integer_null("finished_at"))
        .take()
}

/// The imports that wait or run on some node, which counts `beat` up as long as it lives. No
/// reference to `imports`: what books a file holds its row there until it commits.
fn import_jobs() -> TableCreateStatement {
    Table::create()
        .table("import_jobs")
        .col(big_integer("import_id").primary_key().take())
        .col(big_integer("beat"))
        .col(string_len_null("phase", 16))
        .col(big_integer("bytes_read"))
        .col(big_integer("rows"))
        .take()
}

/// The first rows of a file that were not booked, numbered from 0.
fn rejected_rows() -> TableCreateStatement {
    Table::create()
        .table("rejected_rows")
        .col(big_integer("import_id"))
        .col(big_integer("number"))
        .col(big_integer("line"))
        .col(string_len("column_name", 255))
        .col(string_len("code", 32))
        .col(text("message"))
        .col(text("content"))
        .primary_key(Index::create().col("import_id").col("number"))
        .foreign_key(&mut reference("rejected_rows", "import_id", "imports"))
        .take()
}

/// Imported impressions have no id of their own; what a file booked is kept, so that
/// performance can be recomputed.
fn imported_impressions() -> TableCreateStatement {
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

fn clicks() -> TableCreateStatement {
    Table::create()
        .table("clicks")
        .col(string_len("id", 64).primary_key().take())
        .col(big_integer("campaign_id"))
        .col(big_integer("banner_id"))
        .col(big_integer("slot"))
        .col(big_integer_null("import_id"))
        .take()
}

fn conversions() -> TableCreateStatement {
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

fn api_keys() -> TableCreateStatement {
    Table::create()
        .table("api_keys")
        .col(string_len("id", 32).primary_key().take())
        .col(string_len("name", 200))
        .col(string_len("role", 16))
        .col(string_len("secret_sha256", 64))
        .col(big_integer("created_at"))
        .col(big_integer_null("expires_at"))
        .col(big_integer_null("revoked_at"))
        .col(big_integer_null("last_used_at"))
        .take()
}

/// One row that every change of what is served increments just before it commits. Its lock
/// makes revisions commit in their order, so that a reader who has seen revision 7 has missed
/// nothing below it.
fn store_revision() -> TableCreateStatement {
    Table::create()
        .table("store_revision")
        .col(big_integer("id").primary_key().take())
        .col(big_integer("revision"))
        .take()
}

/// The revision at which each campaign, its banners or its performance last changed.
fn campaign_revisions() -> TableCreateStatement {
    Table::create()
        .table("campaign_revisions")
        .col(big_integer("campaign_id").primary_key().take())
        .col(big_integer("revision"))
        .take()
}

/// Impressions of decisions whose tracking links are still valid. The decision's id begins with its
/// time, so that new rows come last and expired ones are the first.
fn impressions() -> TableCreateStatement {
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
fn expired_impressions() -> TableCreateStatement {
    Table::create()
        .table("expired_impressions")
        .col(big_integer("campaign_id"))
        .col(big_integer("banner_id"))
        .col(big_integer("slot"))
        .col(big_integer("impressions"))
        .primary_key(Index::create().col("campaign_id").col("banner_id").col("slot"))
        .take()
}

/// Events that do not count, and why. `slot` is when they came in.
fn filtered_events() -> TableCreateStatement {
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
fn condensed_performance() -> TableCreateStatement {
    Table::create()
        .table("condensed_performance")
        .col(big_integer("id").primary_key().take())
        .col(big_integer("before_slot"))
        .take()
}

/// Every change, with who made it; rows are only ever added.
fn audit_log() -> TableCreateStatement {
    Table::create()
        .table("audit_log")
        .col(big_pk_auto("id"))
        .col(big_integer("at"))
        .col(string_len("actor_id", 32))
        .col(string_len("actor_name", 200))
        .col(string_len("action", 32))
        .col(string_len("subject_kind", 32))
        .col(string_len("subject_id", 64))
        .col(custom_null("before", LONG_TEXT))
        .col(custom_null("after", LONG_TEXT))
        .take()
}

/// What a repeated request is answered with.
fn idempotency() -> TableCreateStatement {
    Table::create()
        .table("idempotency")
        .col(string_len("key_id", 32))
        .col(string_len("idempotency_key", 200))
        .col(string_len("fingerprint", 64))
        .col(integer_null("status"))
        .col(string_len_null("location", 255))
        .col(string_len_null("etag", 64))
        .col(custom_null("body", LONG_TEXT))
        .col(big_integer("created_at"))
        .primary_key(Index::create().col("key_id").col("idempotency_key"))
        .take()
}

/// What visitors asked for. A row without preferences is a visitor whom every node has yet to forget.
fn visitors() -> TableCreateStatement {
    Table::create()
        .table("visitors")
        .col(binary_len("id", 16).primary_key().take())
        .col(text_null("preferences"))
        .col(big_integer("revision"))
        .col(big_integer("expires_at"))
        .take()
}

fn reference(from: &str, column: &str, to: &str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{from}_{column}"))
        .from(from.to_owned(), column.to_owned())
        .to(to.to_owned(), "id")
        .take()
}
