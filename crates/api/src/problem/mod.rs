//! Refusals as RFC 9457 problem details, in the only place that turns an error into a status.

mod body;
mod from_use_cases;
mod kinds;
mod line_error;
pub(crate) mod responses;

use std::borrow::Cow;
use std::time::Duration;

use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use actix_web::{Error, HttpResponse, HttpResponseBuilder, ResponseError};
use bams_app::images::ImagesError;
use bams_app::importing::ImportingError;
use bams_app::managing::ManagingError;
use bams_domain::{BannerId, CampaignId};
use bams_media::MediaError;
use bams_storage::{EventError, HistoryUnavailable, ImportError, ReportError, Role, StorageError};
use time::OffsetDateTime;

pub(crate) use self::body::{FieldError, Problem, ProblemError};
pub(crate) use self::kinds::KINDS;
pub(crate) use self::line_error::LineError;
use crate::paths;

/// The media type of every refusal.
pub(crate) const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Every refusal of a handler.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("{0}")]
    Malformed(String),
    #[error("send a valid key as `Authorization: Bearer bams_…`")]
    Unauthorized,
    #[error("this needs a key with the role {needed}, the key has {had}", needed = .needed.name(), had = .had.name())]
    Forbidden { needed: Role, had: Role },
    #[error("a page of another site sends this: do it on the dashboard's own pages")]
    OtherSite,
    #[error("no route leads to this path; /docs/ lists them")]
    NoSuchRoute,
    #[error("{}", ManagingError::UnknownCampaign(*.0))]
    UnknownCampaign(CampaignId),
    #[error("this server made no such link, or it leads nowhere")]
    UnknownLink,
    #[error("{}", ManagingError::UnknownBanner(*.0))]
    UnknownBanner(BannerId),
    #[error("{}", ManagingError::NotAttached { campaign: *.0, banner: *.1 })]
    NotAttached(CampaignId, BannerId),
    #[error("{}", ManagingError::UnknownConversion)]
    UnknownConversion,
    #[error("{}", ManagingError::UnknownKey)]
    UnknownKey,
    #[error("there is no such report, or its link has ended")]
    UnknownSharedReport,
    #[error("{}", outdated(current.as_deref()))]
    PreconditionFailed { current: Option<String> },
    #[error("a request with another body or address was sent with this Idempotency-Key before")]
    IdempotencyKeyReused,
    #[error("there is no image under this key")]
    UnknownImage,
    #[error("{}", ImportingError::Unknown(*.0))]
    UnknownImport(i64),
    #[error("{}", ManagingError::UnknownEntry(*.0))]
    UnknownEntry(i64),
    #[error("{detail}")]
    ChangedSince { detail: String, fields: Vec<FieldError> },
    #[error("{0}")]
    NotRevertible(String),
    #[error("{0}")]
    Closed(String),
    #[error("{0}")]
    ImageUrlRefused(#[from] bams_media::Refusal),
    #[error("this request says that nobody may be remembered: leave out notrack, DNT and Sec-GPC")]
    Untracked,
    #[error(transparent)]
    History(#[from] HistoryUnavailable),
    #[error("use {allow}")]
    MethodNotAllowed { allow: String },
    #[error("the request body was not complete within {seconds} seconds")]
    TimedOut { seconds: u64 },
    #[error("ask again in {} seconds", seconds(*.wait))]
    TooManyRequests { wait: Duration },
    #[error("{0}")]
    TooLarge(String),
    #[error("{0}")]
    Unsupported(String),
    #[error("{} of the request's fields cannot be used", .0.len())]
    Invalid(Vec<FieldError>),
    #[error("{} of the conversions have ids that belong to others", .0.len())]
    ConversionConflict(Vec<FieldError>),
    #[error("{total} of its lines cannot be used")]
    ImportRefused { total: u64, errors: Vec<LineError> },
    #[error("{0}")]
    ImportsBusy(String),
    #[error(transparent)]
    Event(#[from] EventError),
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Import(ImportError),
    #[error(transparent)]
    Media(#[from] MediaError),
    #[error(
        "this server keeps images in a folder: send the bytes with PUT to {} instead",
        paths::of(paths::BANNER_IMAGE, .0)
    )]
    ImagesNotInS3(BannerId),
    #[error("upload the image first, with PUT to the upload_url")]
    ImageNotUploaded,
    #[error(transparent)]
    ImageStore(ImagesError),
    #[error("could not {action}")]
    Internal { action: &'static str, source: std::io::Error },
    #[error("an operation asks for a key and declares no role")]
    Undeclared,
    #[error("a handler panicked")]
    Panicked,
}

impl ApiError {
    /// Makes the refusal of one field that is well-formed but not valid.
    pub(crate) fn invalid(
        pointer: impl Into<String>,
        code: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self::Invalid(vec![FieldError { pointer: pointer.into(), code, detail: detail.into() }])
    }

    /// Makes the refusal for a failure that was not expected while `action` was attempted.
    pub(crate) fn unexpected<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
        action: &'static str,
    ) -> impl FnOnce(E) -> Self {
        move |error| Self::Internal { action, source: std::io::Error::other(error) }
    }

    /// Makes the refusal of a body that does not say it is JSON.
    pub(crate) fn not_json() -> Self {
        Self::Unsupported("send JSON with `Content-Type: application/json`".to_owned())
    }

    /// Makes the refusal of a body that could not be read to its end.
    pub(crate) fn of_body(error: &Error) -> Self {
        match error.as_error::<PayloadError>() {
            Some(PayloadError::Overflow) => {
                Self::TooLarge("the request body is too large".to_owned())
            }
            Some(error) => Self::Malformed(error.to_string()),
            None => match error.as_error::<Self>() {
                Some(Self::TimedOut { seconds }) => Self::TimedOut { seconds: *seconds },
                Some(Self::Unsupported(detail)) => Self::Unsupported(detail.clone()),
                _ => Self::Malformed(error.to_string()),
            },
        }
    }

    /// Returns true if the sender can mend it.
    pub(crate) fn is_of_sender(&self) -> bool {
        self.kind().status.is_client_error()
    }

    /// Returns the text for strangers: everything about their request, nothing about our insides.
    fn detail(&self) -> Cow<'static, str> {
        let kind = self.kind();
        if kind.status.is_server_error() { kind.title.into() } else { self.to_string().into() }
    }
}

/// Returns why an `If-Match` fails. `current` is `None` if there is nothing that could match.
fn outdated(current: Option<&str>) -> String {
    match current {
        Some(tag) => format!("its current version is {tag}: read it again, then change it"),
        None => "there is no version of it yet".to_owned(),
    }
}

impl From<ReportError> for ApiError {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Condensed { before } => {
                let begin = OffsetDateTime::from_unix_timestamp(before.starts_at());
                let day = begin.unwrap_or(OffsetDateTime::UNIX_EPOCH).date();
                let detail = format!(
                    "what was before {day} is kept by day: begin there or later (with compare the \
                     period before, too), or leave hour out of group_by and let the period begin \
                     and end with a day"
                );
                Self::invalid("from", "condensed", detail)
            }
            ReportError::TooLong { .. } => {
                let detail =
                    format!("{error}: ask for a shorter period, fewer dimensions or pages");
                Self::invalid("group_by", "too_many_rows", detail)
            }
            ReportError::Storage(error) => Self::Storage(error),
        }
    }
}

/// Returns the seconds, at least one, after which another attempt makes sense.
fn seconds(wait: Duration) -> u64 {
    wait.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX).max(1)
}

/// Returns the headers of an error's status.
pub(crate) fn headers_of(error: &ApiError) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = Vec::new();
    match error {
        ApiError::Unauthorized => {
            headers.push((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"bams\"")));
        }
        ApiError::MethodNotAllowed { allow } => {
            headers.extend(HeaderValue::from_str(allow).map(|value| (ALLOW, value)));
        }
        ApiError::TooManyRequests { wait } => headers.push((RETRY_AFTER, seconds(*wait).into())),
        _ if error.kind().status == StatusCode::SERVICE_UNAVAILABLE => {
            headers.push((RETRY_AFTER, HeaderValue::from_static("5")));
        }
        _ => {}
    }
    headers
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.kind().status
    }

    /// Returns only the status. The server's envelope writes the body, because it knows the
    /// request.
    fn error_response(&self) -> HttpResponse {
        HttpResponseBuilder::new(self.status_code())
            .insert_header((CONTENT_TYPE, PROBLEM_JSON))
            .finish()
    }
}
