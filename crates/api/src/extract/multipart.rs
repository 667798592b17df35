//! Forms with a file.

use std::future::Future;
use std::pin::Pin;

use actix_multipart::MultipartError;
use actix_multipart::form::tempfile::TempFileError;
use actix_multipart::form::{MultipartCollect, MultipartForm};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::{Error, FromRequest, HttpRequest};

use super::deadline::{Deadline, UPLOAD};
use crate::problem::ApiError;

/// A form that arrived whole, in time and with the media type of forms.
pub(crate) struct Upload<F: MultipartCollect>(pub(crate) F);

impl<F: MultipartCollect + 'static> FromRequest for Upload<F> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let reading = Deadline::<MultipartForm<F>, UPLOAD>::from_request(request, payload);
        Box::pin(async move {
            match reading.await {
                Ok(Deadline(form)) => Ok(Self(form.into_inner())),
                Err(error) => Err(match error.as_error::<MultipartError>() {
                    Some(error) => refusal(error).into(),
                    None => error,
                }),
            }
        })
    }
}

fn refusal(error: &MultipartError) -> ApiError {
    match error {
        MultipartError::Payload(PayloadError::Overflow) => {
            ApiError::TooLarge("the upload is larger than imports.max_bytes".to_owned())
        }
        MultipartError::ContentTypeMissing
        | MultipartError::ContentTypeParse
        | MultipartError::ContentTypeIncompatible => {
            ApiError::Unsupported("send a form as multipart/form-data".to_owned())
        }
        MultipartError::MissingField(name) => {
            ApiError::invalid(name, "missing", format!("the form needs the field `{name}`"))
        }
        MultipartError::UnknownField(name) => {
            ApiError::invalid(name, "unknown_field", format!("the form has no field `{name}`"))
        }
        MultipartError::Field { source, .. } => match source.as_error::<TempFileError>() {
            Some(TempFileError::FileIo(error)) => {
                let source = std::io::Error::new(error.kind(), error.to_string());
                ApiError::Internal { action: "keep the upload", source }
            }
            _ => ApiError::Malformed(error.to_string()),
        },
        error => ApiError::Malformed(error.to_string()),
    }
}
