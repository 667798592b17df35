//! Conversions of advertisers who can only call a URL.

use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get};
use bams_app::Violation;
use bams_app::tracking::{Tracking, TrackingError, event_id, revenue};
use bams_domain::Slot;
use bams_storage::Conversion;

use super::ConversionReceipt;
use crate::clock;
use crate::extract::asked_with_head::AskedWithHead;
use crate::extract::postback_key::PostbackKey;
use crate::extract::query::Params;
use crate::problem::ApiError;
use crate::problem::responses::PostbackRefusals;

/// Report a conversion by its URL
///
/// For advertisers whose shop can only call a URL. The token is a key with the role `postback`, which
/// opens nothing else; one that is bound to a campaign knows no clicks of others. Counts like a
/// conversion that is posted, at the time of the request; calling it again changes nothing. HEAD
/// records nothing.
#[utoipa::path(
    tag = "tracking",
    operation_id = "record_postback",
    params(
        ("token" = String, Path, description = "A key with the role `postback`", example = "bams_4f1d0a7be2c35968_AAAA"),
        ("click_id" = String, Query, description = "What `{click_id}` in the landing URL became", example = "019aba5f2f5e7c409d9c3f1de2a7a6d5-141"),
        ("conversion_id" = String, Query, description = "Your own id: 1 to 64 visible ASCII characters, or a whole number", min_length = 1, max_length = 64, example = "order-4711"),
        ("revenue" = String, Query, description = "What it earned, at most a million units of the currency, with at most six decimals", example = "12.50"),
    ),
    responses(
        (status = OK, description = "It counts, from now on or since it was reported first", body = ConversionReceipt),
        PostbackRefusals,
    ),
)]
#[get("/t/s/{token}")]
pub(crate) async fn record_postback(
    request: HttpRequest,
    PostbackKey(key): PostbackKey,
    params: Params,
    tracking: Data<Tracking>,
) -> Result<HttpResponse, ApiError> {
    let mut conversion = read(params, clock::unix_millis())?;
    conversion.only = key.campaign;
    if request.extensions().contains::<AskedWithHead>() {
        return Ok(HttpResponse::Ok().finish());
    }
    let id = conversion.id.clone();
    let booked = tracking.conversion(conversion).await.map_err(in_query)?;
    Ok(HttpResponse::Ok().json(ConversionReceipt::of(id, booked)))
}

/// Reads the parameters of a conversion that happens at a moment in unix milliseconds.
fn read(mut params: Params, now: i64) -> Result<Conversion, ApiError> {
    let id = needed(&mut params, "conversion_id", event_id);
    let click = needed(&mut params, "click_id", event_id);
    let revenue = needed(&mut params, "revenue", revenue);
    params.finish()?;
    let (Some(id), Some(click), Some(revenue)) = (id, click, revenue) else {
        return Err(ApiError::invalid("", "missing", "a conversion has three parameters"));
    };
    let slot = Slot::at(now.div_euclid(1000));
    Ok(Conversion { id, click, revenue, slot, told_time: false, only: None })
}

fn needed<T>(
    params: &mut Params,
    name: &str,
    read: impl FnOnce(&str) -> Result<T, Violation>,
) -> Option<T> {
    params.require(name);
    let text = params.one(name)?;
    match read(&text) {
        Ok(value) => Some(value),
        Err(Violation { code, detail, .. }) => {
            params.refuse(name, code, detail);
            None
        }
    }
}

/// Lets violations name parameters instead of pointing into a body.
fn in_query(error: TrackingError) -> ApiError {
    let mut error = ApiError::from(error);
    if let ApiError::Invalid(errors) | ApiError::ConversionConflict(errors) = &mut error {
        for field in errors {
            field.pointer = field.pointer.trim_start_matches('/').to_owned();
        }
    }
    error
}
