//! What pages load when a banner is seen, and follow when it is clicked.

use actix_web::http::header::{CONTENT_TYPE, LOCATION, REFERRER_POLICY, RETRY_AFTER};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use bams_app::tracking::{Tracking, TrackingError};

use crate::clock;
use crate::extract::caller::Sender;
use crate::problem::ApiError;
use crate::problem::responses::Refusals;
use crate::views::embed::RESOURCE_POLICY;

/// One transparent pixel.
const PIXEL: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00\x21\xF9\x04\
    \x01\x00\x00\x00\x00\x2C\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00\x3B";

/// When to try again while the database is away, in seconds.
const SOON: &str = "5";

/// Record an impression
///
/// The `impression_url` of a banner in a decision, to be loaded when the banner is seen. 200 means
/// that the impression is stored and counts once, however often the URL is loaded; 503 that it is
/// not and the URL may be loaded again. Both answer a transparent pixel. HEAD, prefetching
/// browsers, known bots and bursts are answered and do not count; neither do links older than a
/// day.
#[utoipa::path(
    tag = "tracking",
    operation_id = "record_impression",
    params(("token" = String, Path, description = "From a decision's `impression_url`", example = "AAAA")),
    responses(
        (status = OK, description = "Stored", content_type = "image/gif", body = [u8]),
        Refusals,
    ),
)]
#[get("/t/i/{token}")]
pub(crate) async fn record_impression(
    request: HttpRequest,
    Sender(caller): Sender,
    tracking: Data<Tracking>,
) -> Result<HttpResponse, ApiError> {
    let seen = tracking.impression(token(&request), &caller, clock::unix_millis()).await;
    let mut response = match seen {
        Ok(()) => HttpResponse::Ok(),
        Err(TrackingError::Event(_)) => {
            let mut unavailable = HttpResponse::ServiceUnavailable();
            unavailable.insert_header((RETRY_AFTER, SOON));
            unavailable
        }
        Err(error) => return Err(error.into()),
    };
    response.insert_header((RESOURCE_POLICY, "cross-origin"));
    Ok(response.insert_header((CONTENT_TYPE, "image/gif")).body(PIXEL))
}

/// Follow a click
///
/// The `click_url` of a banner in a decision. Leads to the banner's landing URL, in which
/// `{click_id}` has become the id of this click: name it in conversions. Leads on even when the
/// click cannot be recorded. A click counts once, however often its URL is followed.
#[utoipa::path(
    tag = "tracking",
    operation_id = "record_click",
    params(("token" = String, Path, description = "From a decision's `click_url`", example = "AAAA")),
    responses(
        (status = FOUND, description = "To the landing URL", headers(("Location" = String, description = "The landing URL"))),
        Refusals,
    ),
)]
#[get("/t/c/{token}")]
pub(crate) async fn record_click(
    request: HttpRequest,
    Sender(caller): Sender,
    tracking: Data<Tracking>,
) -> Result<HttpResponse, ApiError> {
    let now = clock::unix_millis();
    let landing_url = tracking.click(token(&request), &caller, now).await?;
    let mut response = HttpResponse::Found();
    // The shop learns which site sent its customer, as it would by a link without us.
    response.insert_header((REFERRER_POLICY, "strict-origin-when-cross-origin"));
    Ok(response.insert_header((LOCATION, landing_url)).finish())
}

/// Returns the token of the path, however malformed.
fn token(request: &HttpRequest) -> &str {
    request.match_info().query("token")
}
