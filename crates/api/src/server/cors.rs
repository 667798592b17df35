//! The pages of other sites that may call the API.

use actix_cors::Cors;
use actix_web::http::header::{CONTENT_DISPOSITION, ETAG, HeaderName, LINK, LOCATION, RETRY_AFTER};

/// The headers of an answer that scripts of those pages may read.
const EXPOSED: [HeaderName; 7] = [
    ETAG,
    LINK,
    LOCATION,
    RETRY_AFTER,
    CONTENT_DISPOSITION,
    HeaderName::from_static("idempotency-replayed"),
    HeaderName::from_static("x-request-id"),
];

/// Allows pages of these origins, and no others, to call the API with the visitor's cookie.
pub(super) fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allow_any_method()
        .allow_any_header()
        .expose_headers(EXPOSED)
        .supports_credentials()
        .max_age(3600)
        .block_on_origin_mismatch(false);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
