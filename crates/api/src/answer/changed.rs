//! Making a change: once, whole, and also when the client does not wait for the answer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, ETAG, LOCATION};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use bams_app::managing::Made;
use bams_storage::{
    Actor, Begun, Change, Claim, Database, Once, Snapshots, StoredAnswer, answered_before,
};
use serde::Serialize;

use crate::clock;
use crate::extract::idempotency::IdempotencyKey;
use crate::extract::json::JsonObject;
use crate::extract::principal::Principal;
use crate::problem::ApiError;

const IDEMPOTENCY_REPLAYED: &str = "idempotency-replayed";

/// Changes on behalf of a key.
pub(crate) struct Changing {
    principal: Principal,
    database: Data<Database>,
    snapshots: Data<Arc<Snapshots>>,
    idempotency_key: IdempotencyKey,
    /// Method and path.
    target: String,
}

/// What a change answers.
pub(crate) struct Answer {
    status: StatusCode,
    location: Option<String>,
    etag: Option<String>,
    body: String,
}

impl Answer {
    /// Something new is at `location`.
    pub(crate) fn created(location: String, etag: Option<String>, body: &impl Serialize) -> Self {
        Self { status: StatusCode::CREATED, location: Some(location), ..Self::ok(etag, body) }
    }

    /// Something is as it should be.
    pub(crate) fn ok(etag: Option<String>, body: &impl Serialize) -> Self {
        let body = serde_json::to_string(body).unwrap_or_default();
        Self { status: StatusCode::OK, location: None, etag, body }
    }

    /// Something at `location` will be done.
    pub(crate) fn accepted(location: String, body: &impl Serialize) -> Self {
        let status = StatusCode::ACCEPTED;
        Self { status, location: Some(location), ..Self::ok(None, body) }
    }

    /// As it is kept for whoever asks again.
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
    /// On whose behalf.
    pub(crate) fn by(&self) -> Actor {
        self.principal.actor()
    }

    /// How a use case knows the request again, and what it is answered then; `None` without an
    /// `Idempotency-Key`.
    pub(crate) fn once<T>(
        &self,
        body: &JsonObject,
        answer: impl Fn(&T) -> Answer + Send + Sync + 'static,
    ) -> Option<Once<T>> {
        let claim = self.claim(body)?;
        Some(Once { claim, answer: Box::new(move |made| answer(made).stored()) })
    }

    /// What the same request was answered before. [`change_once`](Self::change_once) finds that out, too; this is
    /// for handlers that do something slow first, or something that cannot be done twice.
    pub(crate) async fn answered(
        &self,
        body: &JsonObject,
    ) -> Result<Option<HttpResponse>, ApiError> {
        let Some(claim) = self.claim(body) else { return Ok(None) };
        let answer = answered_before(&self.database, &claim, clock::unix_millis()).await?;
        Ok(answer.map(replay))
    }

    /// Makes a change that may be sent again with the same `Idempotency-Key`.
    pub(crate) async fn change_once<F>(
        self,
        body: &JsonObject,
        change: F,
    ) -> Result<HttpResponse, ApiError>
    where
        F: AsyncFnOnce(&mut Change) -> Result<Answer, ApiError> + 'static,
    {
        let claim = self.claim(body);
        self.make(claim, change).await
    }

    fn claim(&self, body: &JsonObject) -> Option<Claim> {
        self.idempotency_key.claim(&self.principal, || body.fingerprint(&self.target))
    }

    /// Makes a change that may be sent again anyway.
    pub(crate) async fn change<F>(self, change: F) -> Result<HttpResponse, ApiError>
    where
        F: AsyncFnOnce(&mut Change) -> Result<Answer, ApiError> + 'static,
    {
        self.make(None, change).await
    }

    /// In a task of its own: a client that goes away takes its request with it, and would leave
    /// the transaction hanging.
    async fn make<F>(self, claim: Option<Claim>, action: F) -> Result<HttpResponse, ApiError>
    where
        F: AsyncFnOnce(&mut Change) -> Result<Answer, ApiError> + 'static,
    {
        let making = actix_web::rt::spawn(async move {
            let (now, actor) = (clock::unix_millis(), self.by());
            let mut change = match claim {
                None => Change::begin(&self.database, actor, now).await?,
                Some(claim) => match Change::begin_once(&self.database, actor, now, claim).await? {
                    Begun::Fresh(change) => change,
                    Begun::Answered(answer) => return Ok(replay(answer)),
                    Begun::Reused => return Err(ApiError::IdempotencyKeyReused),
                },
            };
            let answer = action(&mut change).await?;
            change.commit_answered(answer.stored()).await?;
            self.snapshots.hurry();
            Ok(respond(answer))
        });
        making.await.map_err(|_| ApiError::Panicked)?
    }
}

/// Answers what became of a request that may be sent again.
pub(crate) fn answered<T>(made: Made<T>, answer: impl FnOnce(&T) -> Answer) -> HttpResponse {
    match made {
        Made::Now(made) => respond(answer(&made)),
        Made::Before(answer) => replay(answer),
    }
}

/// Answers for the first time.
pub(crate) fn respond(answer: Answer) -> HttpResponse {
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

/// Answers again, and says so.
pub(crate) fn replay(answer: StoredAnswer) -> HttpResponse {
    let StoredAnswer { code, place, version, body } = answer;
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::OK);
    let (location, etag) = (place, version);
    let mut response = respond(Answer { status, location, etag, body });
    let (name, value) = (IDEMPOTENCY_REPLAYED, "true");
    response.headers_mut().insert(
        actix_web::http::header::HeaderName::from_static(name),
        actix_web::http::header::HeaderValue::from_static(value),
    );
    response
}

impl FromRequest for Changing {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let principal = Principal::from_request(request, payload);
        let database = request.app_data::<Data<Database>>().cloned();
        let snapshots = request.app_data::<Data<Arc<Snapshots>>>().cloned();
        let idempotency_key = IdempotencyKey::of(request);
        let target = format!("{} {}", request.method(), request.uri());
        Box::pin(async move {
            let principal = principal.await?;
            let (Some(database), Some(snapshots)) = (database, snapshots) else {
                return Err(ApiError::Undeclared);
            };
            let idempotency_key = idempotency_key?;
            Ok(Self { principal, database, snapshots, idempotency_key, target })
        })
    }
}
