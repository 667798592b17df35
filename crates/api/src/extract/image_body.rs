//! A request body that is an image.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::time::Duration;

use actix_web::body::{BodyStream, to_bytes_limited};
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};

use super::deadline::IMAGE;
use crate::problem::ApiError;

/// A body that is not read yet, because the sender is checked first.
pub(crate) struct ImageBody {
    body: Payload,
    /// The announced length.
    length: Option<usize>,
    encoded: bool,
}

impl ImageBody {
    /// Reads the whole body, and refuses more than `limit` bytes.
    pub(crate) async fn read(self, limit: usize) -> Result<Bytes, ApiError> {
        let too_large = || ApiError::TooLarge(format!("an image has at most {limit} bytes"));
        if self.encoded {
            let refusal = "send the image without Content-Encoding".to_owned();
            return Err(ApiError::Unsupported(refusal));
        }
        if self.length.is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let reading = to_bytes_limited(BodyStream::new(self.body), limit);
        match tokio::time::timeout(Duration::from_secs(IMAGE), reading).await {
            Ok(Ok(read)) => read.map_err(|error| ApiError::of_body(&error.into())),
            Ok(Err(_)) => Err(too_large()),
            Err(_) => Err(ApiError::TimedOut { seconds: IMAGE }),
        }
    }
}

impl FromRequest for ImageBody {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let header = |name| request.headers().get(name).map(|it| it.to_str().unwrap_or_default());
        ready(Ok(Self {
            body: payload.take(),
            length: header(CONTENT_LENGTH).and_then(|it| it.parse().ok()),
            encoded: header(CONTENT_ENCODING)
                .is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")),
        }))
    }
}
