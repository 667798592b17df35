//! Restating and retracting conversions that were stored before.

use bams_domain::CampaignId;
use bams_storage::{Actor, Change, StoredConversion};

use super::{Managing, ManagingError};
use crate::draft::{Draft, Said};
use crate::rules::Rules;
use crate::tracking::revenue;

/// What a stored conversion says from now on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestatementFields {
    /// The revenue, as a decimal number. Required.
    pub revenue: Said<String>,
}

impl Managing {
    /// Lets a conversion of a campaign count with another revenue, also one that was retracted. It is
    /// counted in the slot in which it happened. Saying the same again changes nothing.
    pub async fn restate_conversion(
        &self,
        by: Actor,
        campaign: CampaignId,
        id: String,
        draft: impl Into<Draft<RestatementFields>>,
        now: i64,
    ) -> Result<StoredConversion, ManagingError> {
        let Draft { said, violations } = draft.into();
        let mut rules = Rules::after(violations);
        let text = rules.any("revenue", said.revenue);
        let text = rules.needed("revenue", text);
        let revenue = text.and_then(|text| {
            revenue(&text).map_err(|broken| rules.refuse("revenue", broken.code, broken.detail))
        });
        let revenue = rules.finish(revenue)?;
        self.expect_campaign(campaign).await?;
        self.run(by, now, move |change| {
            Box::pin(async move {
                let before = found(change, campaign, &id).await?;
                Ok(change.restate_conversion(before, revenue).await?)
            })
        })
        .await
    }

    /// Lets a conversion of a campaign not count any more. Its id stays taken. Retracting it again
    /// changes nothing.
    pub async fn retract_conversion(
        &self,
        by: Actor,
        campaign: CampaignId,
        id: String,
        now: i64,
    ) -> Result<StoredConversion, ManagingError> {
        self.expect_campaign(campaign).await?;
        self.run(by, now, move |change| {
            Box::pin(async move {
                let before = found(change, campaign, &id).await?;
                Ok(change.retract_conversion(before).await?)
            })
        })
        .await
    }
}

/// Returns a conversion that can still change.
async fn found(
    change: &Change,
    campaign: CampaignId,
    id: &str,
) -> Result<StoredConversion, ManagingError> {
    let found = change.conversion(campaign, id).await?;
    if change.is_summed_up(campaign, id, found.as_ref()).await? {
        return Err(ManagingError::SummedUp);
    }
    found.ok_or(ManagingError::UnknownConversion)
}
