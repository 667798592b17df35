//! The pages of other sites that may call the API.

use actix_cors::Cors;
use actix_web::http::header::{CONTENT_DISPOSITION, ETAG, HeaderName, LINK, LOCATION, RETRY_AFTER};

use crate::extract::visitor::VISITOR;
use crate::origin::OriginPattern;

/// The headers of an answer that scripts of those pages may read.
const EXPOSED: [HeaderName; 8] = [
    ETAG,
    LINK,
    LOCATION,
    RETRY_AFTER,
    CONTENT_DISPOSITION,
    VISITOR,
    HeaderName::from_static("idempotency-replayed"),
    HeaderName::from_static("x-request-id"),
];

/// Allows pages of the origins that fit, and no others, to call the API with the visitor's cookie.
pub(super) fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allow_any_method()
        .allow_any_header()
        .expose_headers(EXPOSED)
        .supports_credentials()
        .max_age(3600)
        .block_on_origin_mismatch(false);
    let origins = origins.to_vec();
    cors.allowed_origin_fn(move |origin, _| {
        let fits = |pattern: &String| {
            OriginPattern::of(pattern)
                .is_some_and(|it| origin.to_str().is_ok_and(|origin| it.fits(origin)))
        };
        origins.iter().any(fits)
    })
}
