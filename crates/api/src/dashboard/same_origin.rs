//! The check that a request that may change something comes from a page of our own.
//!
//! Every unsafe method below `/dashboard` passes here, so that no handler can forget it.

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HOST, HeaderMap, HeaderName, ORIGIN};
use actix_web::middleware::Next;
use actix_web::web::Data;

use super::shared::Dashboard;
use crate::problem::ApiError;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses an unsafe method of another site's page.
pub(super) async fn check<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let dashboard = request.app_data::<Data<Dashboard>>();
    let public_url = dashboard.map_or("", |it| it.public_url.as_str());
    if !request.method().is_safe() && !is_own(request.headers(), public_url) {
        return Ok(request.error_response(ApiError::OtherSite));
    }
    next.call(request).await.map(ServiceResponse::map_into_boxed_body)
}

/// Returns true if headers say that our own page sends the request, as browsers write them.
fn is_own(headers: &HeaderMap, public_url: &str) -> bool {
    let header = |name: &HeaderName| headers.get(name).and_then(|it| it.to_str().ok());
    if header(&SEC_FETCH_SITE) == Some("same-origin") {
        return true;
    }
    let Some((_, origin)) = header(&ORIGIN).and_then(|it| it.split_once("://")) else {
        return false;
    };
    let is_asked = header(&HOST).is_some_and(|host| host.eq_ignore_ascii_case(origin));
    let is_public =
        public_url.split_once("://").is_some_and(|it| it.1.eq_ignore_ascii_case(origin));
    is_asked || is_public
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn only_pages_of_the_same_origin_may_change_something() {
        for (site, origin, expected) in [
            ("same-origin", "", true),
            ("same-site", "", false),
            ("cross-site", "", false),
            ("none", "", false),
            ("", "", false),
            ("", "null", false),
            ("", "http://127.0.0.1:8000", true),
            ("", "http://127.0.0.1:8001", false),
            ("", "https://pictures.example", true),
            ("", "https://pictures.example.evil.example", false),
            ("cross-site", "https://evil.example", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static("127.0.0.1:8000"));
            for (name, value) in [(SEC_FETCH_SITE, site), (ORIGIN, origin)] {
                if !value.is_empty() {
                    headers.insert(name, HeaderValue::from_static(value));
                }
            }
            assert_eq!(is_own(&headers, "https://pictures.example"), expected, "{site} {origin}");
        }
    }
}
