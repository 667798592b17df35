//! Answering the style sheet, the script and the icon.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::assets::takes_gzip;
use super::shared::Dashboard;
use crate::problem::ApiError;

/// A year: the name of a file that changes is another one.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Answers a file.
pub(super) async fn read(
    request: HttpRequest,
    name: Path<String>,
    dashboard: Data<Dashboard>,
) -> Result<HttpResponse, ApiError> {
    let asset = dashboard.assets.find(&name).ok_or(ApiError::NoSuchRoute)?;
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, asset.media_type))
        .insert_header((CACHE_CONTROL, FOR_EVER))
        .insert_header((VARY, "accept-encoding"));
    if takes_gzip(&request) {
        response.insert_header((CONTENT_ENCODING, "gzip"));
        return Ok(response.body(asset.packed.clone()));
    }
    Ok(response.body(asset.plain))
}
