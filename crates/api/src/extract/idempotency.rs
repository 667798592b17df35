//! Requests that may be sent again: `Idempotency-Key`.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use bams_app::managing::{IDEMPOTENCY_KEY_LENGTH, idempotency_key};
use bams_storage::Claim;
use serde_json::json;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};

use super::principal::Principal;
use super::shape;
use crate::problem::ApiError;

const IDEMPOTENCY_KEY: &str = "idempotency-key";

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
        idempotency_key(text).map_err(|violation| vec![violation])?;
        Ok(Self(Some(text.to_owned())))
    }
}

impl FromRequest for IdempotencyKey {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let header = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .description(Some("Makes sending it again harmless"))
            .required(Required::False)
            .schema(Some(shape::characters(&IDEMPOTENCY_KEY_LENGTH)))
            .example(Some(json!("spring-shoes-1")));
        vec![header.build()]
    }
}
