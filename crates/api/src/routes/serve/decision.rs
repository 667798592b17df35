//! A decision as JSON.

use bams_app::serving::{Decided, DecidedSpot};
use bams_domain::{Basis, EmptyReason, Policy, Rule};
use bams_media::MediaError;
use bams_storage::Showing;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::answer::prepared_banner::PreparedBanners;
use crate::words::words;

/// What one request was answered, and why.
#[derive(ToSchema)]
#[expect(dead_code, clippy::struct_field_names, reason = "describes JSON for the document")]
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
        "image_url": "https://pictures.example.com/media/image_141.png?expires=1767263400&signature=k.YWJj",
        "image_expires_at": "2026-01-01T10:30:00Z",
        "width": 300,
        "height": 250,
        "alt": "Blue suede shoes",
        "click_url": "https://pictures.example.com/t/c/FfqboQEAAAAMAAAAjQGavF9RXnxAnZw_HeKnptVrT3Zu0yDqXcE1mPzL2hYa",
        "impression_url": "https://pictures.example.com/t/i/FfqboQEAAAAMAAAAjQGavF9RXnxAnZw_HeKnptVrT3Zu0yDqXcE1mPzL2hYa",
        "rank": 3,
        "basis": "revenue"
    }],
    "reason": null
}))]
pub(crate) struct Decision {
    /// Names this decision; sorts by time.
    decision_id: Uuid,
    /// The campaign that was asked for.
    #[schema(minimum = 1)]
    campaign_id: u32,
    /// The quarter of the UTC hour in which the request arrived.
    #[schema(minimum = 1, maximum = 4)]
    quarter: u8,
    /// Who ranks the campaign's banners.
    policy: PolicyName,
    /// What the ranking means for the page.
    rule: RuleName,
    /// Eligible banners with a conversion in this quarter, whatever the visitor saw before.
    converting_banners: usize,
    /// In random order; no banner twice.
    banners: Vec<DecisionBanner>,
    /// Why there are no banners; null when there are some.
    reason: Option<EmptyReasonName>,
}

/// One banner to show.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes JSON for the document")]
pub(crate) struct DecisionBanner {
    /// Its number.
    #[schema(minimum = 1)]
    banner_id: u32,
    /// Its name.
    name: String,
    /// Where its image is, signed; works until `image_expires_at`.
    image_url: String,
    /// When the image URL stops working.
    #[schema(format = DateTime)]
    image_expires_at: String,
    /// In pixels, where known.
    width: Option<u32>,
    /// In pixels, where known.
    height: Option<u32>,
    /// What a screen reader says instead of the image.
    alt: String,
    /// What to follow when the banner is clicked; null until the banner has a landing URL. The
    /// click counts once, for a day.
    click_url: Option<String>,
    /// What to load when the banner is seen. The impression counts once, for a day.
    impression_url: String,
    /// Its place in the whole ladder, from 1.
    #[schema(minimum = 1)]
    rank: usize,
    /// Why it is on the page.
    basis: BasisName,
    /// Whether it has a tag that this visitor prefers, which puts it first among its equals; missing
    /// for visitors without preferences.
    #[schema(required = false, nullable = false)]
    preferred: Option<bool>,
}

words! {
    /// Who ranks a campaign's banners.
    PolicyName: Policy = Policy::ALL.map(|it| (it.name(), it))
}

words! {
    /// What a ranking means for the page.
    RuleName: Rule = Rule::ALL.map(|it| (it.name(), it))
}

words! {
    /// Why a banner stands where it stands.
    BasisName: Basis = Basis::ALL.map(|it| (it.name(), it))
}

words! {
    /// Why a campaign shows nothing. More reasons may be added.
    EmptyReasonName: EmptyReason = EmptyReason::ALL.map(|it| (it.name(), it))
}

/// Room for what a decision says besides the texts of its banners: once, and of each, in bytes.
const FRAME_BYTES: usize = 300;
const BANNER_BYTES: usize = 400;

/// Appends what a decision says of one spot as [`Decision`] describes it.
///
/// Written by hand, because most of it is the same in every decision and stands ready, see
/// [`PreparedBanners::draw`]. All that is added are numbers and fixed names. It is bytes, so that
/// nobody checks again that it is text.
pub(crate) fn write(
    json: &mut Vec<u8>,
    decided: &Decided,
    spot: &DecidedSpot,
    prepared: &PreparedBanners,
) -> Result<(), MediaError> {
    let DecidedSpot { campaign, rule, converting_banners, banners, reason } = spot;
    // All banners are looked at before the first one is written. Among millions each one is a wait
    // for memory, and this way the processor waits for all of them at once.
    let mut shown = Vec::with_capacity(banners.len());
    for (selected, banner) in spot.shown() {
        shown.push((selected, banner, prepared.draw(banner, decided.unix_seconds)?));
    }
    let bytes = shown.iter().map(|(_, _, text)| text.len() + BANNER_BYTES);
    json.reserve(bytes.sum::<usize>() + FRAME_BYTES);
    let mut number = itoa::Buffer::new();
    let mut id = Uuid::encode_buffer();

    append(json, [r#"{"decision_id":""#, decided.id.hyphenated().encode_lower(&mut id)]);
    append(json, [r#"","campaign_id":"#, number.format(campaign.id.0)]);
    append(json, [r#","quarter":"#, number.format(decided.quarter.number())]);
    append(json, [r#","policy":""#, campaign.policy.name(), r#"","rule":""#, rule.name()]);
    append(json, [r#"","converting_banners":"#, number.format(*converting_banners)]);
    append(json, [r#","banners":["#]);
    for (index, (selected, banner, text)) in shown.iter().enumerate() {
        append(json, [if index == 0 { "" } else { "," }, text]);
        let showing = Showing { decision: decided.id, banner: banner.id(), campaign: campaign.id };
        let leads = banner.landing_url().is_some();
        prepared.links.write(json, &showing, campaign.policy, leads);
        append(json, [r#","rank":"#, number.format(selected.rank)]);
        append(json, [r#","basis":""#, selected.basis.name()]);
        let preferred = match decided.prefers(*banner) {
            None => r#""}"#,
            Some(true) => r#"","preferred":true}"#,
            Some(false) => r#"","preferred":false}"#,
        };
        append(json, [preferred]);
    }
    match reason {
        Some(reason) => append(json, [r#"],"reason":""#, reason.name(), r#""}"#]),
        None => append(json, [r#"],"reason":null}"#]),
    }
    Ok(())
}

/// Appends texts.
pub(crate) fn append<const N: usize>(json: &mut Vec<u8>, texts: [&str; N]) {
    for text in texts {
        json.extend_from_slice(text.as_bytes());
    }
}
