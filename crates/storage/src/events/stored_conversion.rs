//! Conversions that are restated or retracted after they were stored.

use bams_domain::{BannerId, CampaignId, Revenue, Slot};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ActiveModelTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::{Value, json};

use super::used_ids;
use crate::change::{Change, Subject};
use crate::database::values::{banner_id, campaign_id};
use crate::entity::campaign_conversion::{ActiveModel, Entity, Model};
use crate::entity::import;
use crate::error::{Attempt, StorageError};
use crate::performance::adjustment::{Adjustment, adjust};
use crate::performance::raw_rows::kept_from;
use crate::performance::staged_sums;

const TABLE: &str = "campaign_conversions";

/// A conversion as it counts now. Its id is one within its campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredConversion {
    /// The advertiser's id.
    pub id: String,
    /// The campaign of the click.
    pub campaign: CampaignId,
    /// The banner of the click.
    pub banner: BannerId,
    /// The id of the click.
    pub click: String,
    /// The slot in which it counts.
    pub slot: Slot,
    /// What it earned, as it was said last.
    pub revenue: Revenue,
    /// The moment from which on it does not count, in unix milliseconds. `None` while it counts.
    pub retracted_at: Option<i64>,
}

impl Change {
    /// Returns a conversion, or `None` if there is no such conversion or it does not count yet, and
    /// locks it until this change ends.
    pub async fn conversion(
        &self,
        campaign: CampaignId,
        id: &str,
    ) -> Result<Option<StoredConversion>, StorageError> {
        let key = (id.to_owned(), i64::from(campaign.0));
        let counts = Expr::cust(staged_sums::counts("import_id"));
        let row = Entity::find_by_id(key).filter(counts).lock(LockType::Update);
        let row = row.one(&self.transaction).await.attempt("load a conversion")?;
        if let Some(import) = row.as_ref().and_then(|row| row.import_id)
            && !self.holds_import(import).await?
        {
            return Ok(None);
        }
        row.map(StoredConversion::try_from).transpose()
    }

    /// Returns true if what a conversion says can no longer change, because it happened at a time that is
    /// summed up. `found` is the conversion, if it is there.
    pub async fn is_summed_up(
        &self,
        campaign: CampaignId,
        id: &str,
        found: Option<&StoredConversion>,
    ) -> Result<bool, StorageError> {
        let Some(from) = kept_from(&self.transaction).await? else { return Ok(false) };
        if let Some(conversion) = found {
            return Ok(conversion.slot < from);
        }
        let hash = used_ids::of_conversion(id, campaign.0.into());
        Ok(!used_ids::among(&self.transaction, [hash]).await?.is_empty())
    }

    /// Locks an import against being reverted while this change goes on. Returns false if its rows do not
    /// count any more.
    async fn holds_import(&self, import: i64) -> Result<bool, StorageError> {
        let row = import::Entity::find_by_id(import).lock(LockType::Update);
        let row = row.one(&self.transaction).await.attempt("lock an import")?;
        Ok(row.is_none_or(|row| row.reverted_at.is_none()))
    }

    /// Lets a conversion count with another revenue, also one that was retracted, and returns it. If it
    /// counts like that already, nothing changes.
    pub async fn restate_conversion(
        &mut self,
        before: StoredConversion,
        revenue: Revenue,
    ) -> Result<StoredConversion, StorageError> {
        let after = StoredConversion { revenue, retracted_at: None, ..before.clone() };
        self.replace_conversion("restate", &before, &after).await?;
        Ok(after)
    }

    /// Lets a conversion not count any more, and returns it. Its id stays taken.
    pub async fn retract_conversion(
        &mut self,
        before: StoredConversion,
    ) -> Result<StoredConversion, StorageError> {
        let retracted_at = before.retracted_at.or(Some(self.now));
        let after = StoredConversion { retracted_at, ..before.clone() };
        self.replace_conversion("retract", &before, &after).await?;
        Ok(after)
    }

    async fn replace_conversion(
        &mut self,
        action: &'static str,
        before: &StoredConversion,
        after: &StoredConversion,
    ) -> Result<(), StorageError> {
        if before == after {
            return Ok(());
        }
        let row = ActiveModel {
            id: Unchanged(after.id.clone()),
            campaign_id: Unchanged(after.campaign.0.into()),
            revenue_micros: Set(after.revenue.micros()),
            retracted_at: Set(after.retracted_at),
            ..Default::default()
        };
        row.update(&self.transaction).await.attempt("replace a conversion")?;
        let (was, is) = (before.counts(), after.counts());
        let adjustment = Adjustment {
            campaign: after.campaign,
            banner: after.banner,
            slot: after.slot,
            conversions: is.0 - was.0,
            revenue_micros: is.1 - was.1,
        };
        adjust(&self.transaction, &adjustment).await?;
        let subject = Subject::conversion(&after.id);
        self.record(action, subject, Some(described(before)), Some(described(after))).await?;
        self.serves_differently(after.campaign);
        Ok(())
    }
}

impl StoredConversion {
    /// Returns how many conversions and micros it counts.
    fn counts(&self) -> (i64, i64) {
        if self.retracted_at.is_some() { (0, 0) } else { (1, self.revenue.micros()) }
    }
}

/// Returns the conversion as the audit log shows it.
fn described(conversion: &StoredConversion) -> Value {
    json!({
        "campaign_id": conversion.campaign.0,
        "banner_id": conversion.banner.0,
        "click_id": conversion.click,
        "revenue_micros": conversion.revenue.micros(),
        "retracted_at": conversion.retracted_at,
    })
}

impl TryFrom<Model> for StoredConversion {
    type Error = StorageError;

    fn try_from(row: Model) -> Result<Self, StorageError> {
        Ok(Self {
            id: row.id,
            campaign: campaign_id(TABLE, row.campaign_id)?,
            banner: banner_id(TABLE, row.banner_id)?,
            click: row.click_id,
            slot: Slot::from_number(row.slot),
            revenue: Revenue::from_micros(row.revenue_micros),
            retracted_at: row.retracted_at,
        })
    }
}
