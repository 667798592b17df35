//! Refusals, as RFC 9457 problem details: the only place where an error becomes a status.

use std::borrow::Cow;
use std::io::ErrorKind;
use std::time::Duration;

use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use actix_web::{Error, HttpResponse, HttpResponseBuilder, ResponseError};
use bams_domain::{BannerId, CampaignId};
use bams_media::MediaError;
use bams_storage::{EventError, HistoryUnavailable, ImportError, ReportError, Role, StorageError};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::routes::imports::LineError;

/// The media type of every refusal.
pub(crate) const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// What all problems of one kind share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) status: StatusCode,
    /// Stable and machine-readable.
    pub(crate) code: &'static str,
    /// The same for every occurrence, for people.
    pub(crate) title: &'static str,
}

macro_rules! kinds {
    ($($name:ident $status:ident $code:literal $title:literal;)*) => {
        $(const $name: Kind = Kind { status: StatusCode::$status, code: $code, title: $title };)*

        /// Every kind of problem, for the documentation.
        pub(crate) const KINDS: &[Kind] = &[$($name),*];
    };
}

kinds! {
    MALFORMED BAD_REQUEST "malformed_request" "The request cannot be read";
    UNAUTHORIZED UNAUTHORIZED "key_required" "A valid API key is needed";
    FORBIDDEN FORBIDDEN "role_insufficient" "The key's role does not allow this";
    NO_SUCH_ROUTE NOT_FOUND "unknown_route" "There is nothing at this address";
    UNKNOWN_CAMPAIGN NOT_FOUND "unknown_campaign" "There is no such campaign";
    UNKNOWN_LINK NOT_FOUND "unknown_link" "There is no such tracking link";
    UNKNOWN_BANNER NOT_FOUND "unknown_banner" "There is no such banner";
    NOT_ATTACHED NOT_FOUND "banner_not_attached" "The banner is not attached to the campaign";
    UNKNOWN_KEY NOT_FOUND "unknown_key" "There is no such key";
    UNKNOWN_IMAGE NOT_FOUND "unknown_image" "There is no such image";
    UNKNOWN_IMPORT NOT_FOUND "unknown_import" "There is no such import";
    IMAGE_URL_REFUSED FORBIDDEN "image_url_refused" "The image URL is not valid, or no longer";
    METHOD_NOT_ALLOWED METHOD_NOT_ALLOWED "method_not_allowed" "This address does not take that method";
    CONVERSION_CONFLICT CONFLICT "conversion_conflict" "The id belongs to another conversion";
    UNTRACKED CONFLICT "visitor_untracked" "Nothing may be kept of this visitor";
    IMAGES_NOT_IN_S3 CONFLICT "images_not_in_s3" "This server's images do not lie in S3";
    IMAGE_NOT_UPLOADED CONFLICT "image_not_uploaded" "Nothing was uploaded under this key";
    TIMED_OUT REQUEST_TIMEOUT "request_timed_out" "The request did not arrive in time";
    PRECONDITION_FAILED PRECONDITION_FAILED "precondition_failed" "Somebody else changed it meanwhile";
    TOO_MANY_REQUESTS TOO_MANY_REQUESTS "too_many_requests" "Too many requests";
    TOO_LARGE PAYLOAD_TOO_LARGE "too_large" "The request body is too large";
    UNSUPPORTED UNSUPPORTED_MEDIA_TYPE "unsupported_media_type" "The request body's type is not taken here";
    INVALID UNPROCESSABLE_ENTITY "invalid_request" "The request is well-formed, but not valid";
    IDEMPOTENCY_KEY_REUSED UNPROCESSABLE_ENTITY "idempotency_key_reused" "The idempotency key belongs to another request";
    IMPORT_REFUSED UNPROCESSABLE_ENTITY "import_refused" "The file was refused; nothing of it was stored";
    INTERNAL INTERNAL_SERVER_ERROR "internal_error" "Something went wrong on our side";
    IMPORTS_BUSY SERVICE_UNAVAILABLE "imports_busy" "This server takes no import now";
    DATABASE_UNAVAILABLE SERVICE_UNAVAILABLE "database_unavailable" "The database cannot be reached";
    EVENTS_UNAVAILABLE SERVICE_UNAVAILABLE "events_unavailable" "The event could not be stored; send it again";
    HISTORY_UNAVAILABLE SERVICE_UNAVAILABLE "history_unavailable" "The visitors' history cannot be reached";
    IMAGE_STORE_REFUSED BAD_GATEWAY "image_store_refused" "The image store refused the image";
    IMAGE_STORE_UNAVAILABLE SERVICE_UNAVAILABLE "image_store_unavailable" "The image store cannot be reached";
    SIGNING_UNAVAILABLE SERVICE_UNAVAILABLE "image_signing_unavailable" "Image URLs cannot be signed";
    STORAGE_FULL INSUFFICIENT_STORAGE "storage_full" "The server's disk is full";
}

/// One thing that is wrong with a request, or with a line of an uploaded file.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// Where in the request body (RFC 6901), or the name of the parameter.
    #[schema(example = "/placements/0/count")]
    pub(crate) pointer: String,
    /// Stable and machine-readable.
    #[schema(example = "out_of_range")]
    pub(crate) code: &'static str,
    /// For people.
    #[schema(example = "count is between 1 and 50")]
    pub(crate) detail: String,
}

/// Everything that a handler can refuse with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("{0}")]
    Malformed(String),
    #[error("send a valid key as `Authorization: Bearer bams_…`")]
    Unauthorized,
    #[error("this needs a key with the role {needed}, the key has {had}", needed = .needed.name(), had = .had.name())]
    Forbidden { needed: Role, had: Role },
    #[error("no route leads to this path; /docs/ lists them")]
    NoSuchRoute,
    #[error("campaign {0} does not exist")]
    UnknownCampaign(CampaignId),
    #[error("this server made no such link, or it leads nowhere")]
    UnknownLink,
    #[error("banner {0} does not exist")]
    UnknownBanner(BannerId),
    #[error("banner {1} is not attached to campaign {0}")]
    NotAttached(CampaignId, BannerId),
    #[error("there is no key with this id")]
    UnknownKey,
    #[error("its current version is {current}: read it again, then change it")]
    PreconditionFailed { current: String },
    #[error("a request with another body or address was sent with this Idempotency-Key before")]
    IdempotencyKeyReused,
    #[error("there is no image under this key")]
    UnknownImage,
    #[error("import {0} does not exist")]
    UnknownImport(i64),
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
        "this server keeps images in a folder: send the bytes with PUT to /api/v1/banners/{0}/image instead"
    )]
    ImagesNotInS3(BannerId),
    #[error("upload the image first, with PUT to the upload_url")]
    ImageNotUploaded,
    #[error("could not {action} in S3")]
    ImageStoreUnavailable { action: &'static str, source: reqwest::Error },
    #[error("S3 answered {status} when asked to {action}")]
    ImageStoreRefused { action: &'static str, status: u16 },
    #[error("could not {action}")]
    Internal { action: &'static str, source: std::io::Error },
    #[error("an operation asks for a key and declares no role")]
    Undeclared,
    #[error("a handler panicked")]
    Panicked,
}

impl ApiError {
    /// One field that is well-formed but not valid.
    pub(crate) fn invalid(
        pointer: impl Into<String>,
        code: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self::Invalid(vec![FieldError { pointer: pointer.into(), code, detail: detail.into() }])
    }

    /// Why a body could not be read to its end.
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

    fn kind(&self) -> Kind {
        match self {
            Self::Malformed(_) => MALFORMED,
            Self::Unauthorized => UNAUTHORIZED,
            Self::Forbidden { .. } => FORBIDDEN,
            Self::NoSuchRoute => NO_SUCH_ROUTE,
            Self::UnknownCampaign(_) => UNKNOWN_CAMPAIGN,
            Self::UnknownLink => UNKNOWN_LINK,
            Self::UnknownBanner(_) => UNKNOWN_BANNER,
            Self::NotAttached(..) => NOT_ATTACHED,
            Self::UnknownKey => UNKNOWN_KEY,
            Self::PreconditionFailed { .. } => PRECONDITION_FAILED,
            Self::IdempotencyKeyReused => IDEMPOTENCY_KEY_REUSED,
            Self::UnknownImage | Self::Media(MediaError::UnknownImage(_)) => UNKNOWN_IMAGE,
            Self::UnknownImport(_) => UNKNOWN_IMPORT,
            Self::ImageUrlRefused(_) => IMAGE_URL_REFUSED,
            Self::MethodNotAllowed { .. } => METHOD_NOT_ALLOWED,
            Self::Untracked => UNTRACKED,
            Self::History(_) => HISTORY_UNAVAILABLE,
            Self::TimedOut { .. } => TIMED_OUT,
            Self::TooManyRequests { .. } => TOO_MANY_REQUESTS,
            Self::TooLarge(_) | Self::Import(ImportError::UnpacksTooLarge { .. }) => TOO_LARGE,
            Self::Unsupported(_) => UNSUPPORTED,
            Self::Invalid(_)
            | Self::Import(
                ImportError::UnknownKind { .. }
                | ImportError::UnknownQuarter { .. }
                | ImportError::Damaged { .. },
            ) => INVALID,
            Self::ImportRefused { .. } => IMPORT_REFUSED,
            Self::ImportsBusy(_) => IMPORTS_BUSY,
            Self::ConversionConflict(_) => CONVERSION_CONFLICT,
            Self::Event(_) => EVENTS_UNAVAILABLE,
            Self::Storage(error) | Self::Import(ImportError::Storage(error)) => match error {
                StorageError::Database { .. } | StorageError::TimedOut { .. } => {
                    DATABASE_UNAVAILABLE
                }
                _ => INTERNAL,
            },
            Self::Media(MediaError::MissingCredentials) => SIGNING_UNAVAILABLE,
            Self::ImagesNotInS3(_) => IMAGES_NOT_IN_S3,
            Self::ImageNotUploaded => IMAGE_NOT_UPLOADED,
            Self::ImageStoreUnavailable { .. } | Self::ImageStoreRefused { status: 500.., .. } => {
                IMAGE_STORE_UNAVAILABLE
            }
            Self::ImageStoreRefused { .. } => IMAGE_STORE_REFUSED,
            Self::Internal { source, .. } | Self::Media(MediaError::File { source, .. })
                if source.kind() == ErrorKind::StorageFull =>
            {
                STORAGE_FULL
            }
            Self::Import(_)
            | Self::Media(_)
            | Self::Internal { .. }
            | Self::Undeclared
            | Self::Panicked => INTERNAL,
        }
    }

    /// What strangers may read: everything about their request, nothing about our insides.
    fn detail(&self) -> Cow<'static, str> {
        let kind = self.kind();
        if kind.status.is_server_error() { kind.title.into() } else { self.to_string().into() }
    }
}

impl From<ImportError> for ApiError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::UnreadableHeader { error, .. } => {
                Self::ImportRefused { total: 1, errors: vec![error.into()] }
            }
            error => Self::Import(error),
        }
    }
}

impl From<ReportError> for ApiError {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Condensed { before } => {
                let begin = OffsetDateTime::from_unix_timestamp(before.starts_at());
                let day = begin.unwrap_or(OffsetDateTime::UNIX_EPOCH).date();
                let detail = format!(
                    "what was before {day} is kept by day: begin there or later, or leave hour out \
                     of group_by and let the period begin and end with a day"
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

/// A refusal, as RFC 9457 has it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Names the kind of problem; leads to its description.
    #[serde(rename = "type")]
    #[schema(example = "/problems/unknown_campaign")]
    pub(crate) type_: String,
    /// The same for every problem of this kind.
    #[schema(example = "There is no such campaign")]
    pub(crate) title: Cow<'static, str>,
    /// The HTTP status.
    #[schema(example = 404, minimum = 400, maximum = 599)]
    pub(crate) status: u16,
    /// What is wrong this time.
    #[schema(example = "campaign 77 does not exist")]
    pub(crate) detail: Cow<'static, str>,
    /// The path that was asked for.
    #[schema(example = "/api/v1/serve/77")]
    pub(crate) instance: String,
    /// Stable and machine-readable.
    #[schema(example = "unknown_campaign")]
    pub(crate) code: Cow<'static, str>,
    /// Names this request in the server's log.
    #[schema(example = "9c6e7b0a23234ce784e2c118a9e19caf")]
    pub(crate) request_id: String,
    /// Every field, or line of a file, that is wrong; the first hundred of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<ProblemError>>)]
    pub(crate) errors: Option<serde_json::Value>,
    /// How many lines of a file are wrong, listed or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    pub(crate) total_errors: Option<u64>,
}

/// One entry of a problem's `errors`: of a request (`pointer`, `detail`) or of a line of a
/// file (`line`, `column`, `message`).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes JSON for the document")]
pub(crate) struct ProblemError {
    /// Stable and machine-readable.
    #[schema(example = "negative")]
    code: String,
    /// Where in the request body (RFC 6901), or the name of the parameter.
    #[schema(example = "/name")]
    pointer: Option<String>,
    /// For people.
    #[schema(example = "`name` is needed")]
    detail: Option<String>,
    /// The line of the file; the header is line 1.
    #[schema(example = 17)]
    line: Option<u64>,
    /// The name of the column in that line.
    #[schema(example = "revenue")]
    column: Option<String>,
    /// For people.
    #[schema(example = "`-1` is below zero")]
    message: Option<String>,
}

impl Problem {
    /// The problem that an error means for the request at `instance`.
    pub(crate) fn of(error: &ApiError, instance: &str, request_id: String) -> Self {
        let kind = error.kind();
        let (errors, total_errors) = match error {
            ApiError::Invalid(errors) | ApiError::ConversionConflict(errors) => {
                (serde_json::to_value(errors).ok(), None)
            }
            ApiError::ImportRefused { total, errors } => {
                (serde_json::to_value(errors).ok(), Some(*total))
            }
            _ => (None, None),
        };
        Self {
            type_: format!("/problems/{}", kind.code),
            title: kind.title.into(),
            status: kind.status.as_u16(),
            detail: error.detail(),
            instance: instance.to_owned(),
            code: kind.code.into(),
            request_id,
            errors,
            total_errors,
        }
    }

    /// The problem for a refusal that came from the framework and knows only its status.
    pub(crate) fn of_status(status: StatusCode, instance: &str, request_id: String) -> Self {
        let kind = match status {
            StatusCode::NOT_FOUND => NO_SUCH_ROUTE,
            StatusCode::REQUEST_TIMEOUT => TIMED_OUT,
            _ => KINDS.iter().copied().find(|it| it.status == status).unwrap_or(
                if status.is_client_error() { Kind { status, ..MALFORMED } } else { INTERNAL },
            ),
        };
        Self {
            type_: format!("/problems/{}", kind.code),
            title: kind.title.into(),
            status: status.as_u16(),
            detail: kind.title.into(),
            instance: instance.to_owned(),
            code: kind.code.into(),
            request_id,
            errors: None,
            total_errors: None,
        }
    }
}

/// Whole seconds, at least one, after which it makes sense to ask again.
fn seconds(wait: Duration) -> u64 {
    wait.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX).max(1)
}

/// Headers that belong to a status.
pub(crate) fn headers_of(error: &ApiError) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = Vec::new();
    match error {
        ApiError::Unauthorized => {
            headers.push((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"bams\"")));
        }
        ApiError::MethodNotAllowed { allow } => {
            headers.extend(HeaderValue::from_str(allow).map(|it| (ALLOW, it)));
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

    /// Only the status: [`frame`](crate::frame) writes the body, because it knows the request.
    fn error_response(&self) -> HttpResponse {
        HttpResponseBuilder::new(self.status_code())
            .insert_header((CONTENT_TYPE, PROBLEM_JSON))
            .finish()
    }
}
