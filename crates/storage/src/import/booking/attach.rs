//! Campaigns and banners that a file mentions and nobody knew.

use std::collections::{BTreeSet, HashSet};

use bams_domain::{BannerId, CampaignId, Policy, Status};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QuerySelect,
    Statement, Value,
};

use super::insert::{Existing, Insert, ROWS, list};
use super::ledger::Ledger;
use crate::entity::{banner, campaign};
use crate::error::{Attempt, StorageError};

const CAMPAIGNS: Insert = Insert {
    table: "campaigns",
    columns: &["id", "name", "status", "policy", "tags", "notes", "created_at", "updated_at"],
    key: &["id"],
    existing: Existing::Kept,
};

pub(super) const BANNERS: Insert = Insert {
    table: "banners",
    columns: &["id", "name", "status", "alt", "tags", "image_key", "created_at", "updated_at"],
    key: &["id"],
    existing: Existing::Kept,
};

const CAMPAIGN_BANNERS: Insert = Insert {
    table: "campaign_banners",
    columns: &["campaign_id", "banner_id", "status", "created_at"],
    key: &["campaign_id", "banner_id"],
    existing: Existing::Kept,
};

impl Ledger {
    /// Creates the campaigns and banners of sorted pairs that do not exist, and attaches each
    /// banner to its campaign. What exists stays as it is, also if another node creates it at
    /// this moment.
    pub(super) async fn attach(
        &self,
        pairs: &BTreeSet<(CampaignId, BannerId)>,
    ) -> Result<(), StorageError> {
        self.attach_missing(pairs).await.attempt("create campaigns and banners")
    }

    async fn attach_missing(&self, pairs: &BTreeSet<(CampaignId, BannerId)>) -> Result<(), DbErr> {
        let pairs: Vec<(i64, i64)> =
            pairs.iter().map(|it| (it.0.0.into(), it.1.0.into())).collect();
        let mut missing = Vec::new();
        for chunk in pairs.chunks(ROWS) {
            let attached = self.attached(chunk).await?;
            missing.extend(chunk.iter().copied().filter(|it| !attached.contains(it)));
        }
        if missing.is_empty() {
            return Ok(());
        }
        self.create_campaigns(missing.iter().map(|it| it.0).collect()).await?;
        self.create_banners(missing.iter().map(|it| it.1).collect()).await?;
        let rows = missing.into_iter().flat_map(|(campaign, banner)| -> [Value; 4] {
            let status = Status::Active.name().into();
            [campaign.into(), banner.into(), status, self.now_unix_ms.into()]
        });
        self.insert(&CAMPAIGN_BANNERS, rows.collect()).await
    }

    /// Those of a few hundred pairs that exist.
    async fn attached(&self, pairs: &[(i64, i64)]) -> Result<HashSet<(i64, i64)>, DbErr> {
        let dialect = self.transaction.get_database_backend();
        let rows = list("(?,?)", pairs.len());
        let among = if dialect == DbBackend::Sqlite { format!("VALUES {rows}") } else { rows };
        let sql = format!(
            "SELECT campaign_id, banner_id FROM campaign_banners \
             WHERE (campaign_id, banner_id) IN ({among})"
        );
        let values = pairs.iter().flat_map(|it| [it.0.into(), it.1.into()]);
        let statement = Statement::from_sql_and_values(dialect, sql, values);
        let rows = self.transaction.query_all_raw(statement).await?;
        rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
    }

    async fn create_campaigns(&self, mut ids: BTreeSet<i64>) -> Result<(), DbErr> {
        let all: Vec<i64> = ids.iter().copied().collect();
        for chunk in all.chunks(ROWS) {
            let known = campaign::Entity::find().select_only().column(campaign::Column::Id);
            let known = known.filter(campaign::Column::Id.is_in(chunk.iter().copied()));
            for id in known.into_tuple::<i64>().all(&self.transaction).await? {
                ids.remove(&id);
            }
        }
        let rows = ids.into_iter().flat_map(|id| -> [Value; 8] {
            let (status, policy) = (Status::Active.name(), Policy::default().name());
            let (name, now) = (format!("Campaign {id}"), self.now_unix_ms);
            let (tags, notes) = ("[]".into(), "".into());
            [
                id.into(),
                name.into(),
                status.into(),
                policy.into(),
                tags,
                notes,
                now.into(),
                now.into(),
            ]
        });
        self.insert(&CAMPAIGNS, rows.collect()).await
    }

    async fn create_banners(&self, mut ids: BTreeSet<i64>) -> Result<(), DbErr> {
        let all: Vec<i64> = ids.iter().copied().collect();
        for chunk in all.chunks(ROWS) {
            let known = banner::Entity::find().select_only().column(banner::Column::Id);
            let known = known.filter(banner::Column::Id.is_in(chunk.iter().copied()));
            for id in known.into_tuple::<i64>().all(&self.transaction).await? {
                ids.remove(&id);
            }
        }
        let rows = ids.into_iter().filter_map(|id| u32::try_from(id).ok()).flat_map(|id| {
            let key = (self.default_key)(BannerId(id));
            new_banner(id.into(), None, key, self.now_unix_ms)
        });
        self.insert(&BANNERS, rows.collect()).await
    }
}

/// The values of a banner that a file mentions, for [`BANNERS`].
pub(super) fn new_banner(id: i64, name: Option<String>, key: String, now: i64) -> [Value; 8] {
    let name = name.unwrap_or_else(|| format!("Banner {id}"));
    let (status, alt, tags) = (Status::Active.name().into(), "".into(), "[]".into());
    [id.into(), name.into(), status, alt, tags, key.into(), now.into(), now.into()]
}
