//! Who is asking: a key whose role is enough for the operation.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpRequest};
use bams_storage::{Actor, ApiKey, Doorkeeper, KeyText, Proof, Role};

use crate::access::Access;
use crate::clock;
use crate::limits::Limits;
use crate::problem::ApiError;

/// Proof that the request carries a valid key whose role the operation's line in the document
/// asks for.
pub(crate) struct Principal {
    pub(crate) key: ApiKey,
}

impl Principal {
    /// As the audit log names it.
    pub(crate) fn actor(&self) -> Actor {
        Actor { id: self.key.id.clone(), name: self.key.name.clone() }
    }
}

impl FromRequest for Principal {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = key_text(request);
        let needed = request.app_data::<Data<Access>>().and_then(|it| it.needed(request));
        let doorkeeper = request.app_data::<Data<Doorkeeper>>().cloned();
        let limits = request.app_data::<Data<Limits>>().cloned();
        let address = limits.as_ref().and_then(|it| it.address(request));
        Box::pin(async move {
            let (Some(needed), Some(doorkeeper), Some(limits)) = (needed, doorkeeper, limits)
            else {
                return Err(ApiError::Undeclared);
            };
            let text = text.ok_or(ApiError::Unauthorized)?;
            limits.may_try(address)?;
            let key = match doorkeeper.authenticate(&text, clock::unix_millis()).await? {
                Proof::Valid(key) => key,
                Proof::Lapsed => return Err(ApiError::Unauthorized),
                Proof::Wrong => {
                    limits.note_failure(address);
                    return Err(ApiError::Unauthorized);
                }
            };
            // Events have a limit of their own: the queue for the database.
            if needed != Role::Ingest {
                limits.admit_key(&key.id)?;
            }
            if !key.role.may(needed) {
                return Err(ApiError::Forbidden { needed, had: key.role });
            }
            Ok(Self { key })
        })
    }
}

/// What a request brings, and the [`Principal`] who brings it: nobody without a key learns what is
/// wrong with a body.
pub(crate) struct Admitted<T>(pub(crate) Principal, pub(crate) T);

impl<T: FromRequest + 'static> FromRequest for Admitted<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let principal = Principal::from_request(request, payload);
        let content = T::from_request(request, payload);
        Box::pin(async move {
            let principal = principal.await?;
            content.await.map(|it| Self(principal, it)).map_err(Into::into)
        })
    }
}

fn key_text(request: &HttpRequest) -> Option<KeyText> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, text) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| KeyText::parse(text.trim()))?
}
