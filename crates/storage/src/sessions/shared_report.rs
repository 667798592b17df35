//! Reports that people without a key read by a link.

use bams_domain::{CampaignId, Slot};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, EntityTrait, QueryOrder, QuerySelect};
use serde_json::{Value, json};

use super::token::TokenText;
use crate::change::{Change, Subject};
use crate::database::Database;
use crate::database::values::campaign_id;
use crate::entity::shared_report::{ActiveModel, Column, Entity, Model};
use crate::error::{Attempt, StorageError};

/// A report of one campaign and period, which a link opens. Times are unix milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedReport {
    /// The hash of the link's token, which names it.
    pub id: String,
    /// The campaign.
    pub campaign: CampaignId,
    /// The first slot of the period.
    pub from: Slot,
    /// The first slot after the period.
    pub to: Slot,
    /// The zone whose days it has, such as `Europe/Amsterdam`.
    pub time_zone: String,
    /// The name of the key that made the link.
    pub actor_name: String,
    /// When it was made.
    pub created_at: i64,
    /// The moment from which on it opens nothing.
    pub expires_at: i64,
    /// The moment at which it was revoked.
    pub revoked_at: Option<i64>,
}

impl SharedReport {
    /// Returns true if its link opens it at a moment.
    pub fn is_open(&self, now: i64) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// Returns the report that a token opens at a moment in unix milliseconds.
pub async fn shared_report(
    database: &Database,
    token: &TokenText,
    now: i64,
) -> Result<Option<SharedReport>, StorageError> {
    let row = Entity::find_by_id(token.sha256()).one(database.reading()).await;
    let found = row.attempt("look for a shared report")?.map(SharedReport::try_from).transpose()?;
    Ok(found.filter(|it| it.is_open(now)))
}

/// Returns the newest reports that were shared.
pub async fn shared_reports(
    database: &Database,
    most: u64,
) -> Result<Vec<SharedReport>, StorageError> {
    let newest = Entity::find().order_by_desc(Column::CreatedAt).limit(most);
    let rows = newest.all(database.reading()).await.attempt("list shared reports")?;
    rows.into_iter().map(SharedReport::try_from).collect()
}

impl Change {
    /// Keeps a report that the link with a token opens until a moment in unix milliseconds.
    pub async fn share_report(
        &mut self,
        token: &TokenText,
        campaign: CampaignId,
        (from, to): (Slot, Slot),
        time_zone: &str,
        expires_at: i64,
    ) -> Result<SharedReport, StorageError> {
        let row = ActiveModel {
            token_sha256: Set(token.sha256()),
            campaign_id: Set(campaign.0.into()),
            from_slot: Set(from.number()),
            to_slot: Set(to.number()),
            actor_name: Set(self.actor.name.clone()),
            created_at: Set(self.now),
            expires_at: Set(expires_at),
            revoked_at: Set(None),
            time_zone: Set(time_zone.to_owned()),
        };
        let row = row.insert(&self.transaction).await.attempt("share a report")?;
        let report = SharedReport::try_from(row)?;
        self.record("create", Subject::shared_report(&report.id), None, Some(described(&report)))
            .await?;
        Ok(report)
    }

    /// Revokes a report by its id, so that its link opens nothing any more. `None` if there is none;
    /// revoking again changes nothing.
    pub async fn revoke_shared_report(
        &mut self,
        id: &str,
    ) -> Result<Option<SharedReport>, StorageError> {
        let found = Entity::find_by_id(id).lock(LockType::Update).one(&self.transaction).await;
        let Some(row) = found.attempt("look for a shared report")? else { return Ok(None) };
        let before = SharedReport::try_from(row)?;
        if before.revoked_at.is_some() {
            return Ok(Some(before));
        }
        let row = ActiveModel {
            token_sha256: Unchanged(before.id.clone()),
            revoked_at: Set(Some(self.now)),
            ..Default::default()
        };
        let row = row.update(&self.transaction).await.attempt("revoke a shared report")?;
        let after = SharedReport::try_from(row)?;
        let (was, is) = (Some(described(&before)), Some(described(&after)));
        self.record("revoke", Subject::shared_report(id), was, is).await?;
        Ok(Some(after))
    }
}

/// Returns a report as the audit log keeps it.
fn described(report: &SharedReport) -> Value {
    json!({
        "campaign_id": report.campaign.0,
        "starts_at": report.from.starts_at() * 1000,
        "ends_at": report.to.starts_at() * 1000,
        "time_zone": report.time_zone,
        "expires_at": report.expires_at,
        "revoked_at": report.revoked_at,
    })
}

impl TryFrom<Model> for SharedReport {
    type Error = StorageError;

    fn try_from(row: Model) -> Result<Self, StorageError> {
        Ok(Self {
            campaign: campaign_id("shared_reports", row.campaign_id)?,
            id: row.token_sha256,
            from: Slot::from_number(row.from_slot),
            to: Slot::from_number(row.to_slot),
            time_zone: row.time_zone,
            actor_name: row.actor_name,
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
        })
    }
}
