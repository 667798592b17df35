//! What a store shows until a page has shown a banner of it: the first steps.

use askama::Template;
use bams_app::reporting::{Attention, LocalPeriod, Whose, sum};
use bams_domain::{CampaignId, Performance};
use bams_storage::{
    BannerFilter, CampaignFilter, CatalogSort, PageRequest, campaigns, count_banners,
};

use super::attention::{Item, calm, items};
use super::desk::{Answer, Desk};
use super::frame::{Frame, Section};
use super::html::{Html, icon_of};
use crate::problem::ApiError;

#[derive(Template)]
#[template(path = "dashboard/first_steps.html")]
struct FirstSteps {
    frame: Frame,
    steps: Steps,
    /// What stands before a step that is done.
    check: Html,
    attention: Vec<Item>,
    calm: &'static str,
    words: [&'static str; 6],
}

/// How far a store is.
pub(super) struct Steps {
    /// The newest campaign.
    campaign: Option<CampaignId>,
    /// True if a banner is attached to a campaign.
    has_banners: bool,
    /// True if there is neither a campaign nor a banner.
    is_empty: bool,
}

impl Steps {
    /// Returns how many steps are done. The third is, once this page is not shown any more.
    fn done(&self) -> usize {
        usize::from(self.campaign.is_some()) + usize::from(self.has_banners)
    }
}

impl Desk {
    /// Returns how far a store is of which no page has ever shown a banner. `None` if one has.
    pub(super) async fn steps(&self) -> Result<Option<Steps>, ApiError> {
        let database = &self.parts.database;
        let counted = sum(database, Whose::default(), LocalPeriod::default()).await?;
        if counted != Performance::default() {
            return Ok(None);
        }
        let newest = PageRequest { sort: CatalogSort::Id, descending: true, after: None, limit: 1 };
        let campaigns = campaigns(database, &CampaignFilter::default(), &newest).await?.items;
        let attached = BannerFilter { is_attached: Some(true), ..BannerFilter::default() };
        let banners = count_banners(database, &BannerFilter::default()).await?;
        Ok(Some(Steps {
            campaign: campaigns.first().map(|it| it.id),
            has_banners: count_banners(database, &attached).await? > 0,
            is_empty: campaigns.is_empty() && banners == 0,
        }))
    }

    /// Shows the first steps, with what needs attention.
    pub(super) fn first_steps(&self, steps: Steps, found: Vec<Attention>) -> Answer {
        let frame = self.frame(Section::Overview, "Overview");
        let words = ["Impressions", "Clicks", "CTR", "Conversions", "Revenue", "RPM"];
        self.answer(&FirstSteps {
            frame,
            steps,
            check: icon_of("check", "good"),
            attention: items(self, found),
            calm: calm(false),
            words,
        })
    }
}
