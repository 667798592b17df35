//! What a store without campaigns shows: the first steps.

use askama::Template;
use bams_storage::{BannerFilter, CampaignFilter, campaign_statuses, count_banners};

use super::desk::{Answer, Desk};
use super::frame::{Frame, Section};
use crate::problem::ApiError;

#[derive(Template)]
#[template(path = "dashboard/first_steps.html")]
struct FirstSteps {
    frame: Frame,
    words: [&'static str; 6],
}

impl Desk {
    /// Returns true if the store has neither campaigns nor banners.
    pub(super) async fn is_new_store(&self) -> Result<bool, ApiError> {
        let database = &self.parts.database;
        let campaigns = campaign_statuses(database, &CampaignFilter::default()).await?;
        if campaigns.iter().sum::<u64>() > 0 {
            return Ok(false);
        }
        Ok(count_banners(database, &BannerFilter::default()).await? == 0)
    }

    /// Shows the first steps.
    pub(super) fn first_steps(&self) -> Answer {
        let frame = self.frame(Section::Overview, "Overview");
        let words = ["Impressions", "Clicks", "CTR", "Conversions", "Revenue", "RPM"];
        self.answer(&FirstSteps { frame, words })
    }
}
