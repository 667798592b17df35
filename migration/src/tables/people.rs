//! The tables of keys and sessions, of changes with who made them, and of visitors.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, binary_len, custom_null, integer_null, string_len,
    string_len_null, text_null,
};

/// A text that may exceed the 64 KiB of MySQL's `TEXT`.
const LONG_TEXT: &str = "LONGTEXT";

/// Returns the table of the API keys. Their secrets are stored as hashes only.
pub(super) fn api_keys() -> TableCreateStatement {
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

/// Returns the column with the campaign to whose conversions a key for postbacks is bound.
pub(super) fn api_key_campaign() -> ColumnDef {
    big_integer_null("campaign_id")
}

/// Returns the table of every change, with who made it. Rows are only ever added.
pub(super) fn audit_log() -> TableCreateStatement {
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

/// Returns the column with the entry of the audit log that an entry reverts.
pub(super) fn reverts() -> ColumnDef {
    big_integer_null("reverts").take()
}

/// Returns the table of the answers to requests with an `Idempotency-Key`, for their repetitions.
pub(super) fn idempotency() -> TableCreateStatement {
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

/// Returns the table of the preferences of visitors. A row without preferences tells all nodes to
/// forget the visitor.
pub(super) fn visitors() -> TableCreateStatement {
    Table::create()
        .table("visitors")
        .col(binary_len("id", 16).primary_key().take())
        .col(text_null("preferences"))
        .col(big_integer("revision"))
        .col(big_integer("expires_at"))
        .take()
}

/// Returns the table of the sessions of people who signed in to the dashboard with a key. Only the
/// hash of what a browser keeps is stored.
pub(super) fn sessions() -> TableCreateStatement {
    Table::create()
        .table("sessions")
        .col(string_len("token_sha256", 64).primary_key().take())
        .col(string_len("key_id", 32))
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .take()
}

/// Returns the table of the links by which people sign in once, without typing a key. Only their
/// hashes are stored.
pub(super) fn sign_in_links() -> TableCreateStatement {
    Table::create()
        .table("sign_in_links")
        .col(string_len("token_sha256", 64).primary_key().take())
        .col(string_len("key_id", 32))
        .col(big_integer("expires_at"))
        .take()
}

/// Returns the table of the reports of one campaign and period that people without a key may read
/// by a link. Only the hash of the link is stored.
pub(super) fn shared_reports() -> TableCreateStatement {
    Table::create()
        .table("shared_reports")
        .col(string_len("token_sha256", 64).primary_key().take())
        .col(big_integer("campaign_id"))
        .col(big_integer("from_slot"))
        .col(big_integer("to_slot"))
        .col(string_len("actor_name", 200))
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .col(big_integer_null("revoked_at"))
        .take()
}

/// The zone whose days a shared report has; older ones have those of UTC.
pub(super) fn shared_report_time_zone() -> ColumnDef {
    string_len("time_zone", 64).default("UTC").take()
}
