//! Sharing a report of one campaign and period with people who have no key.

use std::ops::RangeInclusive;

use bams_domain::{CampaignId, Slot};
use bams_storage::{Actor, SharedReport, TokenText};

use super::{Managing, ManagingError};
use crate::violation::Violation;

/// For how many days a link opens a report.
pub const SHARED_DAYS: RangeInclusive<u32> = 1..=366;

/// A day, in milliseconds.
const DAY: i64 = 86_400_000;

/// The fields of a report to share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedFields {
    /// The campaign.
    pub campaign: CampaignId,
    /// The first slot of the period.
    pub from: Slot,
    /// The first slot after the period.
    pub to: Slot,
    /// The zone whose days are meant, such as `Europe/Amsterdam`.
    pub time_zone: String,
    /// For how many days the link opens it, see [`SHARED_DAYS`].
    pub days: u32,
}

impl Managing {
    /// Lets the link with a token open a report, and nothing else.
    pub async fn share_report(
        &self,
        by: Actor,
        token: TokenText,
        fields: SharedFields,
        now: i64,
    ) -> Result<SharedReport, ManagingError> {
        let SharedFields { campaign, from, to, time_zone, days } = fields;
        if !SHARED_DAYS.contains(&days) {
            let detail = format!("`days` is from {} to {}", SHARED_DAYS.start(), SHARED_DAYS.end());
            return Err(vec![Violation::of("days", "out_of_range", detail)].into());
        }
        if from >= to {
            let detail = "the period ends before it begins";
            return Err(vec![Violation::of("to", "out_of_range", detail)].into());
        }
        self.expect_campaign(campaign).await?;
        let expires_at = now.saturating_add(i64::from(days) * DAY);
        self.run(by, now, move |change| {
            Box::pin(async move {
                let period = (from, to);
                let shared = change.share_report(&token, campaign, period, &time_zone, expires_at);
                Ok(shared.await?)
            })
        })
        .await
    }

    /// Revokes a shared report by its id. Revoking again changes nothing.
    pub async fn revoke_shared_report(
        &self,
        by: Actor,
        id: String,
        now: i64,
    ) -> Result<SharedReport, ManagingError> {
        self.run(by, now, move |change| {
            Box::pin(async move {
                let revoked = change.revoke_shared_report(&id).await?;
                revoked.ok_or(ManagingError::UnknownSharedReport)
            })
        })
        .await
    }
}
