//! Conversions that are restated or retracted later: a basket that was changed, an order that was
//! sent back.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, put};
use bams_app::managing::{Managing, RestatementFields};
use bams_app::tracking::event_id;
use bams_domain::CampaignId;
use bams_storage::StoredConversion;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::changed::{ChangeAnswer, Changing, respond};
use crate::clock;
use crate::extract::body::{BodyFields, body};
use crate::extract::json::JsonBody;
use crate::problem::ApiError;
use crate::problem::responses::AdjustmentRefusals;
use crate::words::words;

body! {
    /// What a conversion earned after all.
    ConversionRestatement: RestatementFields = BodyFields::<RestatementFields>::default()
        .amount(
            "revenue",
            "At most a million units of the currency, with at most six decimals: text, or a number.",
            |it| &mut it.revenue,
        )
        .needed(true),
    example: { "revenue": "9.90" }
}

words! {
    /// Whether a conversion counts.
    ConversionStatus: bool = [("counted", true), ("retracted", false)]
}

/// A conversion as it counts now.
#[derive(Serialize, ToSchema)]
pub(crate) struct AdjustedConversion {
    /// The advertiser's id; a whole number without its leading zeros.
    #[schema(example = "order-4711")]
    conversion_id: String,
    /// The campaign of its click.
    #[schema(example = 12)]
    campaign_id: u32,
    /// The banner of its click.
    #[schema(example = 141)]
    banner_id: u32,
    /// Its click.
    #[schema(example = "019aba5f2f5e7c409d9c3f1de2a7a6d5-141")]
    click_id: String,
    /// What it earned, in 10⁻⁶ of the currency, as it was said last.
    #[schema(example = 9_900_000)]
    revenue_micros: i64,
    /// Whether it counts.
    #[schema(value_type = ConversionStatus, example = "counted")]
    status: &'static str,
}

impl From<StoredConversion> for AdjustedConversion {
    fn from(conversion: StoredConversion) -> Self {
        Self {
            conversion_id: conversion.id,
            campaign_id: conversion.campaign.0,
            banner_id: conversion.banner.0,
            click_id: conversion.click,
            revenue_micros: conversion.revenue.micros(),
            status: if conversion.retracted_at.is_some() { "retracted" } else { "counted" },
        }
    }
}

/// Restate a conversion
///
/// It counts with this revenue from now on, in the slot in which it happened; one that was retracted
/// counts again. Saying the same again changes nothing. The audit log keeps who did it. What is older than
/// `tracking.keep_clicks` is summed up and does not change any more: that is 409 `closed`.
#[utoipa::path(
    tag = "tracking",
    operation_id = "restate_conversion",
    params(
        ("campaign_id" = u32, Path, description = "The campaign of its click", minimum = 1, example = 12),
        ("conversion_id" = String, Path, description = "The advertiser's id", max_length = 64, example = "order-4711"),
    ),
    request_body = ConversionRestatement,
    responses(
        (status = OK, description = "The conversion as it counts now", body = AdjustedConversion),
        AdjustmentRefusals,
    ),
    security(("key" = ["ingest"])),
)]
#[put("/campaigns/{campaign_id}/conversions/{conversion_id}")]
pub(crate) async fn restate_conversion(
    changing: Changing,
    ids: Path<(u32, String)>,
    body: JsonBody,
    managing: Data<Managing>,
) -> Result<HttpResponse, ApiError> {
    let draft = body.object()?.draft::<ConversionRestatement>();
    let (campaign, id) = named(&ids)?;
    let (by, now) = (changing.by(), clock::unix_millis());
    let conversion = managing.restate_conversion(by, campaign, id, draft, now).await?;
    Ok(respond(ChangeAnswer::ok(None, &AdjustedConversion::from(conversion))))
}

/// Retract a conversion
///
/// It does not count any more. Its id stays taken: sending the conversion again changes nothing, and
/// restating it makes it count again. The audit log keeps who did it. What is older than
/// `tracking.keep_clicks` is summed up and does not change any more: that is 409 `closed`.
#[utoipa::path(
    tag = "tracking",
    operation_id = "retract_conversion",
    params(
        ("campaign_id" = u32, Path, description = "The campaign of its click", minimum = 1, example = 12),
        ("conversion_id" = String, Path, description = "The advertiser's id", max_length = 64, example = "order-4711"),
    ),
    responses(
        (status = OK, description = "The retracted conversion", body = AdjustedConversion),
        AdjustmentRefusals,
    ),
    security(("key" = ["ingest"])),
)]
#[delete("/campaigns/{campaign_id}/conversions/{conversion_id}")]
pub(crate) async fn retract_conversion(
    changing: Changing,
    ids: Path<(u32, String)>,
    managing: Data<Managing>,
) -> Result<HttpResponse, ApiError> {
    let (campaign, id) = named(&ids)?;
    let (by, now) = (changing.by(), clock::unix_millis());
    let conversion = managing.retract_conversion(by, campaign, id, now).await?;
    Ok(respond(ChangeAnswer::ok(None, &AdjustedConversion::from(conversion))))
}

/// Returns the campaign and the id of a conversion. An id that none can have is that of no conversion.
fn named((campaign, id): &(u32, String)) -> Result<(CampaignId, String), ApiError> {
    let id = event_id(id).map_err(|_| ApiError::UnknownConversion)?;
    Ok((CampaignId(*campaign), id))
}
