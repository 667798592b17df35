//! The tables of campaigns and banners, and of the revisions by which nodes notice changes.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, integer_null, string_len, string_len_null, text,
};
use sea_orm_migration::sea_orm::DbBackend;

use super::reference;

/// Returns the table of campaigns. `tags` is a JSON list, and `version` counts changes for `If-Match`.
pub(super) fn campaigns() -> TableCreateStatement {
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

/// Returns the column that says when a campaign's status became what it is. Null where nobody wrote
/// that down.
pub(super) fn status_since() -> ColumnDef {
    big_integer_null("status_since").take()
}

/// Returns the table of banners. `tags` is a JSON list, and `version` counts changes for `If-Match`.
pub(super) fn banners() -> TableCreateStatement {
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

/// Returns the table of the banners that are attached to each campaign, with their status there.
pub(super) fn campaign_banners() -> TableCreateStatement {
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

/// Returns the table with one row, the revision of the store. Every change of what is served
/// increments it just before it commits. The row's lock makes revisions commit in their order, so
/// that a reader who has seen revision 7 has seen all below it.
pub(super) fn store_revision() -> TableCreateStatement {
    Table::create()
        .table("store_revision")
        .col(big_integer("id").primary_key().take())
        .col(big_integer("revision"))
        .take()
}

/// Returns the table of the revision at which each campaign, its banners or its performance last changed.
pub(super) fn campaign_revisions() -> TableCreateStatement {
    Table::create()
        .table("campaign_revisions")
        .col(big_integer("campaign_id").primary_key().take())
        .col(big_integer("revision"))
        .take()
}

/// Returns the table of the revision at which the landing URL of each banner last changed. It is
/// kept apart from campaigns, because banners that were detached from all of them are still on
/// pages.
pub(super) fn banner_revisions() -> TableCreateStatement {
    Table::create()
        .table("banner_revisions")
        .col(big_integer("banner_id").primary_key().take())
        .col(big_integer("revision"))
        .take()
}

/// Returns the table of the latest revisions of each counter of `store_revision`, each with a
/// random word: a database that went back draws another word for the same number.
pub(super) fn revision_words() -> TableCreateStatement {
    Table::create()
        .table("revision_words")
        .col(big_integer("counter"))
        .col(big_integer("revision"))
        .col(big_integer("word"))
        .primary_key(Index::create().col("counter").col("revision"))
        .take()
}

/// Draws a word for what stores had counted before there were words.
pub(super) fn first_revision_words(dialect: DbBackend) -> &'static str {
    match dialect {
        DbBackend::Sqlite => {
            "INSERT INTO revision_words (counter, revision, word) \
             SELECT id, revision, random() FROM store_revision WHERE NOT EXISTS \
             (SELECT 1 FROM revision_words WHERE counter = store_revision.id)"
        }
        _ => {
            "INSERT INTO revision_words (counter, revision, word) \
             SELECT id, revision, FLOOR(RAND() * 9007199254740992) FROM store_revision WHERE NOT EXISTS \
             (SELECT 1 FROM revision_words AS drawn WHERE drawn.counter = store_revision.id)"
        }
    }
}

/// Returns the table of the revision at which the numbers of a banner in a campaign and quarter
/// last changed.
pub(super) fn performance_revisions() -> TableCreateStatement {
    Table::create()
        .table("performance_revisions")
        .col(big_integer("campaign_id"))
        .col(big_integer("banner_id"))
        .col(big_integer("quarter"))
        .col(big_integer("revision"))
        .primary_key(Index::create().col("campaign_id").col("banner_id").col("quarter"))
        .take()
}

/// Returns the table of what the events of each node changed and nobody announced yet by a revision.
pub(super) fn changed_performance() -> TableCreateStatement {
    Table::create()
        .table("changed_performance")
        .col(big_integer("node_id"))
        .col(big_integer("campaign_id"))
        .col(big_integer("banner_id"))
        .col(big_integer("quarter"))
        .col(big_integer("changes"))
        .primary_key(
            Index::create().col("node_id").col("campaign_id").col("banner_id").col("quarter"),
        )
        .take()
}

/// Returns the table of the nodes that share the database: which program each is, and when it last
/// said so, in unix milliseconds by the database's clock.
pub(super) fn nodes() -> TableCreateStatement {
    Table::create()
        .table("nodes")
        .col(big_integer("id").primary_key().take())
        .col(string_len("version", 64))
        .col(string_len("schema_step", 128))
        .col(big_integer("seen_at"))
        .take()
}
