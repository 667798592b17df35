//! The sender of a request: a key whose role is sufficient for the operation.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpRequest};
use bams_storage::{Actor, ApiKey, Doorkeeper, KeyText, Proof, Role, StorageError};

use super::access::{Access, Needs};
use super::limits::Limits;
use super::query;
use crate::clock;
use crate::problem::ApiError;

/// Proof that the request has a valid key with the role that the document demands of the operation.
pub(crate) struct Principal {
    pub(crate) key: ApiKey,
}

impl Principal {
    /// Returns the author for the audit log.
    pub(crate) fn actor(&self) -> Actor {
        Actor { id: self.key.id.clone(), name: self.key.name.clone() }
    }
}

impl FromRequest for Principal {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let shown = PresentedKey::by(request);
        Box::pin(async move {
            let prove = async |doorkeeper: &Doorkeeper, text: &KeyText| {
                doorkeeper.authenticate(text, clock::unix_millis()).await
            };
            Ok(Self { key: shown.check(prove).await?.0 })
        })
    }
}

/// Proof like [`Principal`] for operations that need no database. While that is away, a key that
/// was accepted here before is sufficient.
pub(crate) struct Acquaintance {
    /// True if the database is away.
    pub(crate) recalled: bool,
}

impl FromRequest for Acquaintance {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let shown = PresentedKey::by(request);
        Box::pin(async move {
            let prove = async |doorkeeper: &Doorkeeper, text: &KeyText| {
                doorkeeper.recognize(text, clock::unix_millis()).await
            };
            Ok(Self { recalled: shown.check(prove).await?.1 })
        })
    }
}

/// What a request shows about its sender and its operation.
struct PresentedKey {
    text: Option<KeyText>,
    needed: Option<Needs>,
    /// Fails for a query of an operation that takes none.
    query: Result<(), ApiError>,
    doorkeeper: Option<Data<Doorkeeper>>,
    limits: Option<Data<Limits>>,
    address: Option<IpAddr>,
}

impl PresentedKey {
    fn by(request: &HttpRequest) -> Self {
        let limits = request.app_data::<Data<Limits>>().cloned();
        let needed = request.app_data::<Data<Access>>().and_then(|access| access.needed(request));
        let takes_query = needed.is_some_and(|it| it.query);
        Self {
            text: key_text(request),
            needed,
            query: if takes_query { Ok(()) } else { query::refuse_all(request) },
            doorkeeper: request.app_data::<Data<Doorkeeper>>().cloned(),
            address: limits.as_ref().and_then(|it| it.address(request)),
            limits,
        }
    }

    /// Checks the key, and returns it with whether it was only recalled.
    async fn check(
        self,
        prove: impl AsyncFnOnce(&Doorkeeper, &KeyText) -> Result<Proof, StorageError>,
    ) -> Result<(ApiKey, bool), ApiError> {
        let Self { text, needed, query, doorkeeper, limits, address } = self;
        let (Some(Needs { role: needed, .. }), Some(doorkeeper), Some(limits)) =
            (needed, doorkeeper, limits)
        else {
            return Err(ApiError::Undeclared);
        };
        let text = text.ok_or(ApiError::Unauthorized)?;
        let proven = limits.prove(address, prove(&doorkeeper, &text)).await?;
        let (key, recalled) = proven.ok_or(ApiError::Unauthorized)?;
        // Events have a limit of their own: the queue for the database.
        if needed != Role::Ingest {
            limits.admit_key(&key.id)?;
        }
        if !key.role.may(needed) {
            return Err(ApiError::Forbidden { needed, had: key.role });
        }
        query?;
        Ok((key, recalled))
    }
}

/// The content of a request with its [`Principal`]. The key is checked first, so that a client
/// without one learns nothing about its body.
pub(crate) struct Admitted<T>(pub(crate) Principal, pub(crate) T);

impl<T: FromRequest + 'static> FromRequest for Admitted<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let principal = Principal::from_request(request, payload);
        let content = T::from_request(request, payload);
        Box::pin(async move {
            let principal = principal.await?;
            content.await.map(|content| Self(principal, content)).map_err(Into::into)
        })
    }
}

fn key_text(request: &HttpRequest) -> Option<KeyText> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    // Swagger UI, and other programs that ask for a token, put the word before what is pasted with it.
    pasted_key(after_bearer(header)?)
}

/// Reads a key that somebody pasted, perhaps with the word `Bearer` before it.
pub(crate) fn pasted_key(text: &str) -> Option<KeyText> {
    KeyText::parse(after_bearer(text).unwrap_or(text))
}

/// Returns what follows the word `Bearer`, or `None` if the text does not begin with it.
fn after_bearer(text: &str) -> Option<&str> {
    let (word, rest) = text.split_once(' ')?;
    word.eq_ignore_ascii_case("bearer").then(|| rest.trim())
}
