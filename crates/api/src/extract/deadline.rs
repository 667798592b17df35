//! Request bodies that must arrive in time, and unpacked.

use std::future::{Future, ready};
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_ENCODING;
use actix_web::{Error, FromRequest, HttpRequest};

use crate::problem::ApiError;

/// The value that an extractor reads from a body, if that is complete within some seconds and not
/// packed. The framework itself would wait for ever.
pub(crate) struct Deadline<T, const SECONDS: u64>(pub(crate) T);

/// The seconds for JSON.
pub(crate) const SMALL_BODY: u64 = 10;

/// The seconds for images.
pub(crate) const IMAGE: u64 = 120;

/// The seconds for files.
pub(crate) const UPLOAD: u64 = 900;

impl<T: FromRequest + 'static, const SECONDS: u64> FromRequest for Deadline<T, SECONDS> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let encoding = request.headers().get(CONTENT_ENCODING);
        if encoding.is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity")) {
            let refusal = "send the body without Content-Encoding".to_owned();
            return Box::pin(ready(Err(ApiError::Unsupported(refusal).into())));
        }
        let reading = T::from_request(request, payload);
        Box::pin(async move {
            match tokio::time::timeout(Duration::from_secs(SECONDS), reading).await {
                Ok(read) => read.map(Self).map_err(Into::into),
                Err(_) => Err(ApiError::TimedOut { seconds: SECONDS }.into()),
            }
        })
    }
}
