//! A decision as JSON.

use bams_domain::{Basis, EmptyReason, Policy, Rule};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::serving::{Decided, Shown};

/// What one request was answered, and why.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "its id is called decision_id in JSON")]
#[schema(example = json!({
    "decision_id": "01980000-0000-7000-8000-000000000000",
    "campaign_id": 12,
    "quarter": 2,
    "policy": "revenue_ladder",
    "rule": "top_ten_by_revenue",
    "converting_banners": 47,
    "banners": [{
        "banner_id": 141,
        "name": "Banner 141",
        "image_url": "https://ads.example.com/media/image_141.png?expires=1767263400&signature=k.YWJj",
        "image_expires_at": "2026-01-01T10:30:00Z",
        "width": 300,
        "height": 250,
        "alt": "Blue suede shoes",
        "click_url": null,
        "impression_url": null,
        "rank": 3,
        "basis": "revenue"
    }],
    "reason": null
}))]
pub(crate) struct Decision<'a> {
    /// Names this decision; sorts by time.
    decision_id: Uuid,
    /// The campaign that was asked for.
    #[schema(minimum = 1)]
    campaign_id: u32,
    /// The quarter of the UTC hour in which the request arrived.
    #[schema(minimum = 1, maximum = 4)]
    quarter: u8,
    /// Who ranks the campaign's banners.
    #[schema(value_type = PolicyName)]
    policy: Policy,
    /// What the ranking means for the page.
    #[schema(value_type = RuleName)]
    rule: Rule,
    /// Eligible banners with a conversion in this quarter, whatever the visitor saw before.
    converting_banners: usize,
    /// In random order; no banner twice.
    banners: Vec<DecisionBanner<'a>>,
    /// Why there are no banners; null when there are some.
    #[schema(value_type = Option<EmptyReasonName>)]
    reason: Option<EmptyReason>,
}

/// One banner to show.
#[derive(Serialize, ToSchema)]
pub(crate) struct DecisionBanner<'a> {
    /// Its number.
    #[schema(minimum = 1)]
    banner_id: u32,
    /// Its name.
    name: &'a str,
    /// Where its image is, signed; works until `image_expires_at`.
    image_url: &'a str,
    /// When the image URL stops working.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    image_expires_at: OffsetDateTime,
    /// In pixels, where known.
    width: Option<u32>,
    /// In pixels, where known.
    height: Option<u32>,
    /// What a screen reader says instead of the image.
    alt: &'a str,
    /// Where a click goes; null until the banner has a landing URL.
    click_url: Option<&'a str>,
    /// What to load when the banner is seen; null until impressions are tracked.
    impression_url: Option<&'a str>,
    /// Its place in the whole ladder, from 1.
    #[schema(minimum = 1)]
    rank: usize,
    /// Why it is on the page.
    #[schema(value_type = BasisName)]
    basis: Basis,
}

/// Who ranks a campaign's banners.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes JSON for the document")]
pub(crate) enum PolicyName {
    RevenueLadder,
}

/// What a ranking means for the page.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes JSON for the document")]
pub(crate) enum RuleName {
    TopTenByRevenue,
    AllByRevenue,
    RevenueThenClicks,
    ClicksThenRandom,
}

/// Why a banner stands where it stands.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes JSON for the document")]
pub(crate) enum BasisName {
    Revenue,
    Clicks,
    Random,
    NewCycle,
}

/// Why a campaign shows nothing.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes JSON for the document")]
pub(crate) enum EmptyReasonName {
    CampaignPaused,
    NotStarted,
    Ended,
    NoEligibleBanner,
}

impl<'a> Decision<'a> {
    /// Presents what was decided.
    pub(crate) fn of(decision_id: Uuid, decided: &'a Decided) -> Self {
        Self {
            decision_id,
            campaign_id: decided.campaign.id.0,
            quarter: decided.quarter.number(),
            policy: decided.campaign.policy,
            rule: decided.rule,
            converting_banners: decided.converting_banners,
            banners: decided.banners.iter().map(DecisionBanner::of).collect(),
            reason: decided.reason,
        }
    }
}

impl<'a> DecisionBanner<'a> {
    fn of(shown: &'a Shown) -> Self {
        let Shown { selected, banner, image } = shown;
        Self {
            banner_id: banner.id.0,
            name: &banner.name,
            image_url: &image.url,
            image_expires_at: OffsetDateTime::from_unix_timestamp(image.expires_at)
                .unwrap_or(OffsetDateTime::UNIX_EPOCH),
            width: banner.width,
            height: banner.height,
            alt: &banner.alt,
            click_url: None,
            impression_url: None,
            rank: selected.rank,
            basis: selected.basis,
        }
    }
}
