//! Telling that a file counts for campaigns that somebody made by hand.

use std::collections::{BTreeSet, HashSet};

use bams_domain::CampaignId;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::change::Subject;
use crate::database::insert::ROWS;
use crate::entity::{audit_entry, campaign};
use crate::error::{Attempt, StorageError};
use crate::import::kind::ImportKind;
use crate::import::notice::ImportNotice;

const ACTION: &str = "look for campaigns made by hand";

/// Returns a notice for each of some campaigns that was made by hand. Files of conversions name clicks,
/// and so nobody takes their campaigns for others.
pub(super) async fn joined<C: ConnectionTrait>(
    database: &C,
    kind: ImportKind,
    campaigns: &HashSet<CampaignId>,
) -> Result<Vec<ImportNotice>, StorageError> {
    let mut notices = Vec::new();
    if !matches!(kind, ImportKind::Impressions | ImportKind::Clicks) {
        return Ok(notices);
    }
    let ids: BTreeSet<CampaignId> = campaigns.iter().copied().collect();
    let ids: Vec<CampaignId> = ids.into_iter().collect();
    for some in ids.chunks(ROWS) {
        let made = made_by_hand(database, some).await?;
        if made.is_empty() {
            continue;
        }
        let rows: Vec<(i64, String)> = campaign::Entity::find()
            .select_only()
            .columns([campaign::Column::Id, campaign::Column::Name])
            .filter(campaign::Column::Id.is_in(made))
            .into_tuple()
            .all(database)
            .await
            .attempt(ACTION)?;
        notices.extend(rows.into_iter().map(|(id, name)| ImportNotice::joined_campaign(id, &name)));
    }
    Ok(notices)
}

/// Returns the campaigns among some whose creation stands in the audit log. Files create campaigns
/// without an entry of their own.
async fn made_by_hand<C: ConnectionTrait>(
    database: &C,
    campaigns: &[CampaignId],
) -> Result<BTreeSet<i64>, StorageError> {
    use audit_entry::Column;
    let created: Vec<String> = audit_entry::Entity::find()
        .select_only()
        .column(Column::SubjectId)
        .filter(Column::SubjectKind.eq(Subject::CAMPAIGN))
        .filter(Column::SubjectId.is_in(campaigns.iter().map(ToString::to_string)))
        .filter(Column::Action.eq("create"))
        .into_tuple()
        .all(database)
        .await
        .attempt(ACTION)?;
    Ok(created.iter().filter_map(|id| id.parse().ok()).collect())
}
