//! The sender of an event.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderName, USER_AGENT};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use bams_app::tracking::Caller;

use super::address::is_public;
use super::asked_with_head::AskedWithHead;
use super::limits::Limits;
use super::visitor::cookie_of;

/// The headers by which browsers say that they ask ahead of their user.
const PURPOSES: [HeaderName; 4] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-purpose"),
    HeaderName::from_static("x-moz"),
];

/// The sender of a request.
pub(crate) struct Sender(pub(crate) Caller);

impl FromRequest for Sender {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(caller_of(request))))
    }
}

fn caller_of(request: &HttpRequest) -> Caller {
    let limits = request.app_data::<Data<Limits>>();
    Caller {
        wants_head_only: request.extensions().get::<AskedWithHead>().is_some(),
        is_ahead: PURPOSES.iter().any(|name| says_ahead(request, name)),
        agent: header(request, &USER_AGENT).map(str::to_owned),
        visitor: cookie_of(request),
        address: limits.and_then(|it| it.address(request)).filter(|address| is_public(*address)),
    }
}

fn says_ahead(request: &HttpRequest, name: &HeaderName) -> bool {
    header(request, name).is_some_and(|it| {
        let value = it.to_ascii_lowercase();
        ["prefetch", "prerender", "preview"].iter().any(|word| value.contains(word))
    })
}

fn header<'a>(request: &'a HttpRequest, name: &HeaderName) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}
