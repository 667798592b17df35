//! Campaigns, banners, and how nodes learn that they changed.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, integer_null, string_len, string_len_null, text,
};

use super::reference;

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

/// One row that every change of what is served increments just before it commits. Its lock
/// makes revisions commit in their order, so that a reader who has seen revision 7 has missed
/// nothing below it.
pub(super) fn store_revision() -> TableCreateStatement {
    Table::create()
        .table("store_revision")
        .col(big_integer("id").primary_key().take())
        .col(big_integer("revision"))
        .take()
}

/// The revision at which each campaign, its banners or its performance last changed.
pub(super) fn campaign_revisions() -> TableCreateStatement {
    Table::create()
        .table("campaign_revisions")
        .col(big_integer("campaign_id").primary_key().take())
        .col(big_integer("revision"))
        .take()
}

/// The revision at which where clicks on each banner lead last changed: banners that no campaign has
/// any more are still on pages.
pub(super) fn banner_revisions() -> TableCreateStatement {
    Table::create()
        .table("banner_revisions")
        .col(big_integer("banner_id").primary_key().take())
        .col(big_integer("revision"))
        .take()
}
