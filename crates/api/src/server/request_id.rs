//! A name for each request.

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HeaderName, HeaderValue};
use uuid::Uuid;

use crate::random;

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names a request in answers and in the log.
#[derive(Clone, Debug)]
pub(super) struct RequestId(HeaderValue);

impl RequestId {
    /// As the log has it.
    pub(super) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// As answers have it.
    pub(super) fn header(self) -> HeaderValue {
        self.0
    }

    /// The client's id if it sent a decent one, else a new one.
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
