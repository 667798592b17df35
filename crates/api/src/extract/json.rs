//! Bodies that are JSON.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Bytes;
use actix_web::{Error, FromRequest, HttpRequest};
use bams_app::Draft;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::body::Body;
use super::deadline::{Deadline, SMALL_BODY};
use super::fields::Form;
use crate::problem::ApiError;

/// The largest JSON body, in bytes.
pub(crate) const JSON_BYTES: usize = 256 * 1024;

/// A request body that should be a JSON object. Its violations appear when it is read, so that a
/// client without a key learns about that first.
pub(crate) struct JsonBody(Result<JsonObject, ApiError>);

/// A JSON object; an empty body is an empty object.
#[derive(Default)]
pub(crate) struct JsonObject {
    bytes: Bytes,
    fields: Map<String, Value>,
}

/// A body that says it is JSON, for readers to whom a number is more than a float.
pub(crate) struct JsonBytes(pub(crate) Bytes);

impl FromRequest for JsonBytes {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let reading = read(request, payload);
        Box::pin(async move {
            match reading.await? {
                (bytes, true) => Ok(Self(bytes)),
                (_, false) => Err(ApiError::not_json()),
            }
        })
    }
}

impl JsonBody {
    /// Returns the object, or why the body is none.
    pub(crate) fn object(self) -> Result<JsonObject, ApiError> {
        let object = self.0?;
        if object.bytes.is_empty() {
            return Err(ApiError::Malformed("the body is missing: send a JSON object".to_owned()));
        }
        Ok(object)
    }

    /// Returns the object of a body that may be missing, which is an empty object.
    pub(crate) fn object_if_any(self) -> Result<JsonObject, ApiError> {
        self.0
    }
}

impl JsonObject {
    /// Returns its fields.
    pub(crate) fn form(&self) -> Form {
        Form::of(self.fields.clone())
    }

    /// Returns what it says, with everything that is wrong with it.
    pub(crate) fn draft<B: Body>(&self) -> Draft<B::Said> {
        B::fields().read(self.form())
    }

    /// Returns a hash of the body and of where it is sent, as 43 characters.
    pub(crate) fn fingerprint(&self, target: &str) -> String {
        let hash = Sha256::new().chain_update(target).chain_update([0]).chain_update(&self.bytes);
        BASE64_URL_SAFE_NO_PAD.encode(hash.finalize())
    }

    fn read(bytes: Bytes, is_json: bool) -> Result<Self, ApiError> {
        if bytes.is_empty() {
            return Ok(Self { bytes, fields: Map::new() });
        }
        if !is_json {
            return Err(ApiError::not_json());
        }
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(fields)) => Ok(Self { bytes, fields }),
            Ok(_) => Err(ApiError::invalid("", "not_an_object", "send a JSON object")),
            Err(error) => Err(ApiError::Malformed(error.to_string())),
        }
    }
}

/// Returns the bytes of a body, and whether it says that it is JSON.
fn read(
    request: &HttpRequest,
    payload: &mut Payload,
) -> impl Future<Output = Result<(Bytes, bool), ApiError>> + use<> {
    let is_json = is_json(request);
    let bytes = Deadline::<Bytes, SMALL_BODY>::from_request(request, payload);
    async move {
        let Deadline(bytes) = bytes.await.map_err(|error| unread(&error))?;
        Ok((bytes, is_json))
    }
}

/// Makes the error of a body that could not be read to its end.
fn unread(error: &Error) -> ApiError {
    match ApiError::of_body(error) {
        ApiError::TooLarge(_) => {
            ApiError::TooLarge(format!("a JSON body has at most {JSON_BYTES} bytes"))
        }
        error => error,
    }
}

/// Returns true if the headers say that a body is JSON.
fn is_json(request: &HttpRequest) -> bool {
    let header = request.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let essence = header.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    ["application/json", "application/merge-patch+json"]
        .iter()
        .any(|known| essence.eq_ignore_ascii_case(known))
}

impl FromRequest for JsonBody {
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Infallible>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let reading = read(request, payload);
        Box::pin(async move {
            let object = reading.await.and_then(|(bytes, json)| JsonObject::read(bytes, json));
            Ok(Self(object))
        })
    }
}
