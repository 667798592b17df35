//! The ids of requests.

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HeaderName, HeaderValue};
use uuid::Uuid;

use crate::random;

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request in answers and in the log.
#[derive(Clone, Debug)]
pub(super) struct RequestId(HeaderValue);

impl RequestId {
    /// Returns the id for the log.
    pub(super) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// Returns the id for answers.
    pub(super) fn header(self) -> HeaderValue {
        self.0
    }

    /// Returns the client's id if it is acceptable, else a new one.
    pub(super) fn of(request: &ServiceRequest) -> Self {
        let decent = |it: &&HeaderValue| {
            let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
            (1..=64).contains(&it.len()) && it.as_bytes().iter().all(allowed)
        };
        let given = request.headers().get(X_REQUEST_ID).filter(decent).cloned();
        Self(given.unwrap_or_else(|| {
            let mut buffer = Uuid::encode_buffer();
            let text = random::uuid().simple().encode_lower(&mut buffer);
            HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("-"))
        }))
    }
}
