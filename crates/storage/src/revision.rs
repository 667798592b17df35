//! How a change of what is served becomes known to every node: revisions.
//!
//! A transaction that changes a campaign, its banners or their performance ends with
//! [`touch`]. Nodes ask for the campaigns above the revision they know.

use bams_domain::CampaignId;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    QueryFilter, QuerySelect,
};

use crate::entity::campaign_revision;
use crate::error::{Attempt, StorageError};

/// Rows in one statement: far below the bind limits of both databases.
const ROWS: usize = 500;

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

/// The campaigns changed after `known`, by id, with the highest revision among them.
///
/// Without a change the answer is empty and `known` itself. Numbers that no campaign can have are
/// passed over.
pub(crate) async fn changed_since(
    transaction: &DatabaseTransaction,
    known: i64,
) -> Result<(Vec<CampaignId>, i64), StorageError> {
    let rows: Vec<(i64, i64)> = campaign_revision::Entity::find()
        .select_only()
        .column(campaign_revision::Column::CampaignId)
        .column(campaign_revision::Column::Revision)
        .filter(campaign_revision::Column::Revision.gt(known))
        .into_tuple()
        .all(transaction)
        .await
        .attempt("look for changed campaigns")?;
    let highest = rows.iter().map(|row| row.1).max().unwrap_or(known);
    let ids = rows.into_iter().filter_map(|(id, _)| u32::try_from(id).ok());
    let mut campaigns: Vec<_> = ids.map(CampaignId).collect();
    campaigns.sort_unstable();
    Ok((campaigns, highest))
}
