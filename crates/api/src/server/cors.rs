//! Which pages of other sites may call us.

use actix_cors::Cors;
use actix_web::http::header::{CONTENT_DISPOSITION, ETAG, HeaderName, LINK, LOCATION, RETRY_AFTER};

/// What scripts of those pages may read of an answer, beside its body.
const EXPOSED: [HeaderName; 7] = [
    ETAG,
    LINK,
    LOCATION,
    RETRY_AFTER,
    CONTENT_DISPOSITION,
    HeaderName::from_static("idempotency-replayed"),
    HeaderName::from_static("x-request-id"),
];

/// Pages of the allowed origins may call us, with the visitor's cookie; no others.
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
