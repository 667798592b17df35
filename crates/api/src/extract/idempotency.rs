//! Requests that may be sent again: `Idempotency-Key`.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use bams_storage::Claim;

use super::principal::Principal;
use crate::problem::ApiError;

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The longest idempotency key, in bytes.
pub(crate) const LONGEST_KEY: usize = 200;

/// The client's name for a request that it may send again, if it has one.
pub(crate) struct IdempotencyKey(Option<String>);

impl IdempotencyKey {
    /// Returns the identity of the request. `fingerprint` covers everything that the request asks
    /// for, in at most 64 characters.
    pub(crate) fn claim(
        &self,
        principal: &Principal,
        fingerprint: impl FnOnce() -> String,
    ) -> Option<Claim> {
        let (idempotency_key, key_id) = (self.0.clone()?, principal.key.id.clone());
        Some(Claim { key_id, idempotency_key, fingerprint: fingerprint() })
    }

    /// Returns true if the client sent a name.
    pub(crate) fn is_given(&self) -> bool {
        self.0.is_some()
    }

    /// Reads the name from a request.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        let Some(value) = request.headers().get(IDEMPOTENCY_KEY) else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or_default();
        if (1..=LONGEST_KEY).contains(&text.len()) {
            return Ok(Self(Some(text.to_owned())));
        }
        let detail =
            format!("an idempotency key has 1 to {LONGEST_KEY} printable ASCII characters");
        Err(ApiError::invalid("Idempotency-Key", "out_of_range", detail))
    }
}

impl FromRequest for IdempotencyKey {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}
