//! The answers of changes: status, `Location` and `ETag`, also for repetitions of a request.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, ETAG, HeaderName, HeaderValue, LOCATION};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use bams_app::managing::Made;
use bams_storage::{Actor, Claim, Once, StoredAnswer};
use serde::Serialize;

use crate::extract::idempotency::IdempotencyKey;
use crate::extract::json::JsonObject;
use crate::extract::principal::Principal;
use crate::problem::ApiError;

const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The sender of a change, and the identity of the request for repetitions.
pub(crate) struct Changing {
    principal: Principal,
    idempotency_key: IdempotencyKey,
    /// The method and the path.
    target: String,
}

/// The answer of a change.
pub(crate) struct ChangeAnswer {
    status: StatusCode,
    location: Option<String>,
    etag: Option<String>,
    body: String,
}

impl ChangeAnswer {
    /// Answers that something new is at `location`.
    pub(crate) fn created(location: String, etag: Option<String>, body: &impl Serialize) -> Self {
        Self { status: StatusCode::CREATED, location: Some(location), ..Self::ok(etag, body) }
    }

    /// Answers that something has its new state.
    pub(crate) fn ok(etag: Option<String>, body: &impl Serialize) -> Self {
        let body = serde_json::to_string(body).unwrap_or_default();
        Self { status: StatusCode::OK, location: None, etag, body }
    }

    /// Answers that something at `location` will be done.
    pub(crate) fn accepted(location: String, body: &impl Serialize) -> Self {
        let status = StatusCode::ACCEPTED;
        Self { status, location: Some(location), ..Self::ok(None, body) }
    }

    /// Returns the answer as it is stored for repetitions.
    pub(crate) fn stored(&self) -> StoredAnswer {
        StoredAnswer {
            code: self.status.as_u16(),
            place: self.location.clone(),
            version: self.etag.clone(),
            body: self.body.clone(),
        }
    }
}

impl Changing {
    /// Returns on whose behalf the change is made.
    pub(crate) fn by(&self) -> Actor {
        self.principal.actor()
    }

    /// Returns how a use case knows the request again, and what it is answered then; `None` without an
    /// `Idempotency-Key`.
    pub(crate) fn once<T>(
        &self,
        body: &JsonObject,
        answer: impl Fn(&T) -> ChangeAnswer + Send + Sync + 'static,
    ) -> Option<Once<T>> {
        let claim = self.claim(body)?;
        Some(Once { claim, answer: Box::new(move |made| answer(made).stored()) })
    }

    /// Returns the same for a request that says everything in its address.
    pub(crate) fn once_without_body<T>(
        &self,
        answer: impl Fn(&T) -> ChangeAnswer + Send + Sync + 'static,
    ) -> Option<Once<T>> {
        self.once(&JsonObject::default(), answer)
    }

    fn claim(&self, body: &JsonObject) -> Option<Claim> {
        self.idempotency_key.claim(&self.principal, || body.fingerprint(&self.target))
    }
}

/// Answers a request that may be sent again with its new or its stored answer.
pub(crate) fn answered<T>(made: Made<T>, answer: impl FnOnce(&T) -> ChangeAnswer) -> HttpResponse {
    match made {
        Made::Now(made) => respond(answer(&made)),
        Made::Before(answer) => replay(answer),
    }
}

/// Answers for the first time.
pub(crate) fn respond(answer: ChangeAnswer) -> HttpResponse {
    let mut response = HttpResponse::build(answer.status);
    response.insert_header(ContentType::json());
    if let Some(location) = answer.location {
        response.insert_header((LOCATION, location));
    }
    if let Some(etag) = answer.etag {
        response.insert_header((ETAG, etag));
    }
    response.body(answer.body)
}

/// Answers a repetition, and says so in a header.
pub(crate) fn replay(answer: StoredAnswer) -> HttpResponse {
    let StoredAnswer { code, place, version, body } = answer;
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::OK);
    let (location, etag) = (place, version);
    let mut response = respond(ChangeAnswer { status, location, etag, body });
    response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    response
}

impl FromRequest for Changing {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let principal = Principal::from_request(request, payload);
        let idempotency_key = IdempotencyKey::of(request);
        let target = format!("{} {}", request.method(), request.uri());
        Box::pin(async move {
            let principal = principal.await?;
            Ok(Self { principal, idempotency_key: idempotency_key?, target })
        })
    }
}
