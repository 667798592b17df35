//! How a change of what is served becomes known to every node: revisions.
//!
//! A transaction that changes a campaign, its banners or their performance ends with
//! [`touch`], one that changes where clicks lead with [`touch_banners`]: links to banners that no
//! campaign has any more are still out. Nodes ask for what is above the revision they know.

use std::collections::BTreeSet;

use bams_domain::{BannerId, CampaignId};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    QueryFilter, QuerySelect,
};

use crate::database::insert::ROWS;
use crate::entity::{banner_revision, campaign_revision};
use crate::error::{Attempt, StorageError};

/// Marks campaigns as changed. Call it last in a transaction: the row it locks makes all
/// writers commit one after the other.
///
/// `campaigns` need not be sorted; without any nothing happens.
pub(crate) async fn touch(
    transaction: &DatabaseTransaction,
    campaigns: impl IntoIterator<Item = CampaignId>,
) -> Result<(), StorageError> {
    let mut campaigns: Vec<CampaignId> = campaigns.into_iter().collect();
    if campaigns.is_empty() {
        return Ok(());
    }
    campaigns.sort_unstable();
    campaigns.dedup();
    let action = "mark campaigns as changed";
    let revision = next(transaction, Counter::Campaigns).await.attempt(action)?;
    for chunk in campaigns.chunks(ROWS) {
        let rows = chunk.iter().map(|campaign| campaign_revision::ActiveModel {
            campaign_id: Set(i64::from(campaign.0)),
            revision: Set(revision),
        });
        let newer = OnConflict::column(campaign_revision::Column::CampaignId)
            .update_column(campaign_revision::Column::Revision)
            .to_owned();
        campaign_revision::Entity::insert_many(rows)
            .on_conflict(newer)
            .exec_without_returning(transaction)
            .await
            .attempt(action)?;
    }
    Ok(())
}

/// Marks banners whose clicks lead elsewhere, a few at a time. Call it like [`touch`].
pub(crate) async fn touch_banners(
    transaction: &DatabaseTransaction,
    banners: BTreeSet<BannerId>,
) -> Result<(), StorageError> {
    if banners.is_empty() {
        return Ok(());
    }
    let action = "mark banners as changed";
    let revision = next(transaction, Counter::Campaigns).await.attempt(action)?;
    let rows = banners.into_iter().map(|banner| banner_revision::ActiveModel {
        banner_id: Set(banner.0.into()),
        revision: Set(revision),
    });
    let newer = OnConflict::column(banner_revision::Column::BannerId)
        .update_column(banner_revision::Column::Revision)
        .to_owned();
    let insert = banner_revision::Entity::insert_many(rows).on_conflict(newer);
    insert.exec_without_returning(transaction).await.attempt(action)?;
    Ok(())
}

/// What has revisions of its own, as the number of its row.
#[derive(Clone, Copy)]
pub(crate) enum Counter {
    Campaigns = 1,
    Visitors = 2,
    /// Of first keys: none but its lock matters.
    Keys = 3,
}

/// Increments a counter and answers its new value. Others who do wait for this transaction.
pub(crate) async fn next(
    transaction: &DatabaseTransaction,
    counter: Counter,
) -> Result<i64, DbErr> {
    let (table, id, revision) =
        (Alias::new("store_revision"), Alias::new("id"), Alias::new("revision"));
    let mut increment = Query::insert();
    increment.into_table(table.clone()).columns([id.clone(), revision.clone()]);
    increment.values_panic([(counter as i64).into(), 1.into()]).on_conflict(
        OnConflict::column(id.clone())
            .value(revision.clone(), Expr::col((table.clone(), revision.clone())).add(1))
            .to_owned(),
    );
    transaction.execute(&increment).await?;
    let of_counter = Expr::col(id).eq(counter as i64);
    let select = Query::select().column(revision).from(table).and_where(of_counter).to_owned();
    let row = transaction.query_one(&select).await?;
    row.ok_or(DbErr::RecordNotFound("store_revision".to_owned()))?.try_get("", "revision")
}

/// What changed after a revision.
pub(crate) struct Changes {
    /// Campaigns that are served differently, by id.
    pub(crate) campaigns: Vec<CampaignId>,
    /// Banners whose clicks lead elsewhere.
    pub(crate) banners: Vec<BannerId>,
    /// The highest revision among them; without a change the one that was known.
    pub(crate) revision: i64,
}

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        self.campaigns.is_empty() && self.banners.is_empty()
    }
}

/// What changed after `known`. Numbers that cannot be a campaign's or a banner's are passed over.
pub(crate) async fn changed_since(
    transaction: &DatabaseTransaction,
    known: i64,
) -> Result<Changes, StorageError> {
    let campaigns: Vec<(i64, i64)> = campaign_revision::Entity::find()
        .select_only()
        .column(campaign_revision::Column::CampaignId)
        .column(campaign_revision::Column::Revision)
        .filter(campaign_revision::Column::Revision.gt(known))
        .into_tuple()
        .all(transaction)
        .await
        .attempt("look for changed campaigns")?;
    let banners: Vec<(i64, i64)> = banner_revision::Entity::find()
        .select_only()
        .column(banner_revision::Column::BannerId)
        .column(banner_revision::Column::Revision)
        .filter(banner_revision::Column::Revision.gt(known))
        .into_tuple()
        .all(transaction)
        .await
        .attempt("look for changed banners")?;
    let revision = campaigns.iter().chain(&banners).map(|row| row.1).max().unwrap_or(known);
    let number = |(id, _)| u32::try_from(id).ok();
    let mut campaigns: Vec<_> = campaigns.into_iter().filter_map(number).map(CampaignId).collect();
    campaigns.sort_unstable();
    let banners = banners.into_iter().filter_map(number).map(BannerId).collect();
    Ok(Changes { campaigns, banners, revision })
}
