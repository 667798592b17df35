//! The envelope of every request: its id, its line in the log, refusals as problems, headers.

use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LINK, LOCATION,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse};
use futures_util::FutureExt;

use super::demand::Answering;
use super::pieces::in_pieces;
use super::request_id::{RequestId, X_REQUEST_ID};
use crate::dashboard::refusal;
use crate::extract::asked_with_head::AskedWithHead;
use crate::extract::limits::Limits;
use crate::paths;
use crate::problem::{ApiError, PROBLEM_JSON, Problem, headers_of};
use crate::telemetry::Metrics;
use crate::views::embed;

/// The policy of answers, which are data and no pages.
const NO_CONTENT_POLICY: &str =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The policy of Swagger UI, which has its own scripts and inline styles.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; \
                           style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                           connect-src 'self'; form-action 'self'; base-uri 'none'; \
                           frame-ancestors 'none'";

/// A year, in seconds.
const HTTPS_ONLY: &str = "max-age=31536000";

/// The place where a refusal would be shown.
struct RefusalPlace {
    path: String,
    /// True if it is a frame of a page, where a refusal is an empty page.
    is_frame: bool,
    /// True if it is the dashboard, where a refusal is a page for a person.
    is_dashboard: bool,
}

impl RefusalPlace {
    fn of(request: &ServiceRequest) -> Self {
        let is_frame = embed::is_for_frame(request.path(), request.headers());
        let is_dashboard = refusal::is_for_person(request.path(), request.headers());
        Self { path: paths::shown(request.path()).to_owned(), is_frame, is_dashboard }
    }
}

/// The settings of the envelope.
pub(crate) struct Envelope {
    pub(crate) limits: Data<Limits>,
    pub(crate) metrics: Data<Metrics>,
    /// True if browsers reach us with https, and should never try anything else.
    pub(crate) https: bool,
    /// The path under which the outside world reaches us, such as `/pictures`; mostly empty.
    pub(crate) path: String,
}

/// Wraps a request. HEAD is answered like GET, and the protocol layer leaves the body out.
pub(crate) async fn wrap<B: MessageBody + 'static>(
    envelope: Rc<Envelope>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let answering = Answering::begin(&mut request);
    let id = RequestId::of(&request);
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
        request.extensions_mut().insert(AskedWithHead);
    }
    let place = RefusalPlace::of(&request);
    if let Err(error) = envelope.limits.admit(&request) {
        return Err(refused(error.into(), &place, id, &envelope));
    }
    // The router insists on owning the request alone, so that after a panic of the handler no
    // request is left to make a response of. Then the error carries the response.
    let response = match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(Ok(response)) => response.map_into_boxed_body(),
        Ok(Err(error)) => return Err(refused(error, &place, id, &envelope)),
        Err(_) => return Err(refused(ApiError::Panicked.into(), &place, id, &envelope)),
    };
    let (request, response) = response.into_parts();
    let mut response = as_problem(response, Some(&request), &place, &id);
    if response.status().is_success() {
        envelope.metrics.durations.note(request.path(), started.elapsed());
    }
    log(&request, &response, &id, started);
    finish(&mut response, request.path(), id, &envelope);
    let response = response.map_body(|_, body| answering.until_sent(in_pieces(body)));
    Ok(ServiceResponse::new(request, response))
}

/// Makes an error that answers with its problem.
fn refused(error: Error, place: &RefusalPlace, id: RequestId, envelope: &Envelope) -> Error {
    let mut response = as_problem(HttpResponse::from_error(error), None, place, &id);
    finish(&mut response, &place.path, id, envelope);
    InternalError::from_response("refused", response).into()
}

/// Makes the body of every refusal a problem, an empty page in a frame, or a page of the dashboard.
///
/// A refusal with a body of its own (such as `/readyz` while stopping) keeps it.
fn as_problem(
    response: HttpResponse,
    request: Option<&HttpRequest>,
    place: &RefusalPlace,
    id: &RequestId,
) -> HttpResponse {
    let path = place.path.as_str();
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    if response.error().is_none() && response.headers().contains_key(CONTENT_TYPE) {
        return response;
    }
    let request_id = id.as_str().to_owned();
    let (problem, headers) = match response.error().map(Error::as_error::<ApiError>) {
        Some(Some(error)) => (Problem::of(error, path, request_id), headers_of(error)),
        _ => (Problem::of_status(status, path, request_id), Vec::new()),
    };
    let page = if place.is_frame {
        Some(embed::refused(status, &problem))
    } else if place.is_dashboard {
        refusal::page(request, status, &problem)
    } else {
        None
    };
    let json = || HttpResponse::build(status).content_type(PROBLEM_JSON).json(problem);
    let mut refusal = page.unwrap_or_else(json);
    for (name, value) in response.headers() {
        if *name != CONTENT_TYPE && *name != header::CONTENT_LENGTH {
            refusal.headers_mut().insert(name.clone(), value.clone());
        }
    }
    for (name, value) in headers {
        refusal.headers_mut().insert(name, value);
    }
    if let Some(error) = response.error().filter(|_| status.is_server_error()) {
        log_chain(path, error, id);
    }
    refusal
}

/// Logs every cause of an error, which strangers must not read.
fn log_chain(path: &str, error: &Error, id: &RequestId) {
    let mut chain = error.to_string();
    let mut cause = error.as_error::<ApiError>().and_then(std::error::Error::source);
    while let Some(error) = cause {
        chain = format!("{chain}: {error}");
        cause = error.source();
    }
    tracing::error!(request.id = id.as_str(), http.path = path, error = chain, "failed");
}

/// Logs one line a request, at `debug` for those that succeeded.
fn log(request: &HttpRequest, response: &HttpResponse, id: &RequestId, started: Instant) {
    let status = response.status();
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                request.id = id.as_str(),
                http.method = %request.method(),
                http.path = paths::shown(request.path()),
                http.status = status.as_u16(),
                duration_us = started.elapsed().as_micros(),
                "answered"
            )
        };
    }
    if status.is_server_error() {
        line!(warn);
    } else if status.is_client_error() || !request.method().is_safe() {
        line!(info);
    } else {
        line!(debug);
    }
}

/// Adds the headers of every answer, unless a route has set its own.
fn finish(response: &mut HttpResponse, path: &str, id: RequestId, envelope: &Envelope) {
    let docs = path.starts_with(paths::SWAGGER_UI);
    let headers = response.headers_mut();
    if !envelope.path.is_empty() {
        for (name, opening) in [(LOCATION, ""), (LINK, "<")] {
            add_path(headers, name, opening, &envelope.path);
        }
    }
    headers.insert(X_REQUEST_ID, id.header());
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !headers.contains_key(REFERRER_POLICY) {
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    }
    if envelope.https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HTTPS_ONLY));
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let policy = if docs { DOCS_POLICY } else { NO_CONTENT_POLICY };
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
}

/// Adds the path under which the outside world reaches us to a header that leads to one of our own
/// addresses.
fn add_path(headers: &mut HeaderMap, name: HeaderName, opening: &str, path: &str) {
    let ours = headers.get(&name).and_then(|it| it.to_str().ok()?.strip_prefix(opening));
    if let Some(address) = ours.filter(|it| it.starts_with('/'))
        && let Ok(whole) = HeaderValue::try_from(format!("{opening}{path}{address}"))
    {
        headers.insert(name, whole);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use actix_web::App;
    use actix_web::body::to_bytes;
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, init_service, try_call_service};
    use actix_web::web;

    use super::*;
    use crate::config;
    use crate::extract::address::Addresses;

    async fn panics() -> HttpResponse {
        panic!("a secret")
    }

    #[actix_web::test]
    async fn a_panic_is_a_problem_that_says_nothing_of_our_insides() {
        let settings = config::defaults();
        let server = settings.server;
        let addresses = Addresses::new(server.trusted_proxies, server.address_header);
        let limits = Limits::new(&settings.limits, addresses);
        let envelope = Rc::new(Envelope {
            limits: Data::new(limits),
            metrics: Data::new(Metrics::new(Arc::default())),
            https: true,
            path: String::new(),
        });
        let app = App::new()
            .route("/panics", web::get().to(panics))
            .wrap(from_fn(move |request, next| wrap(Rc::clone(&envelope), request, next)));
        let app = init_service(app).await;
        for _ in 0..3 {
            let request = TestRequest::get().uri("/panics").to_request();
            let response = match try_call_service(&app, request).await {
                Ok(response) => response.into_parts().1.map_into_boxed_body(),
                Err(error) => HttpResponse::from_error(error),
            };
            assert_eq!(response.status().as_u16(), 500);
            for name in [X_REQUEST_ID, header::CONTENT_SECURITY_POLICY, STRICT_TRANSPORT_SECURITY] {
                assert!(response.headers().contains_key(&name), "{name}");
            }
            assert_eq!(response.headers().get(CONTENT_TYPE), Some(&PROBLEM_JSON));
            let body = to_bytes(response.into_body()).await.unwrap();
            let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(problem["code"], "internal_error");
            assert!(!problem.to_string().contains("secret"), "{problem}");
        }
    }
}
