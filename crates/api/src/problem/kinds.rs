//! The kinds of problems: status, code, title, and the errors that belong to each.

use std::io::ErrorKind;

use actix_web::http::StatusCode;
use bams_app::images::ImagesError;
use bams_media::MediaError;
use bams_storage::{ImportError, Trouble};

use super::ApiError;

/// The parts that all problems of one kind share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) status: StatusCode,
    /// The reason for programs, which never changes.
    pub(crate) code: &'static str,
    /// The reason for people, which is the same for every occurrence.
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
    OTHER_SITE FORBIDDEN "other_site" "The request comes from another site's page";
    NO_SUCH_ROUTE NOT_FOUND "unknown_route" "There is nothing at this address";
    UNKNOWN_CAMPAIGN NOT_FOUND "unknown_campaign" "There is no such campaign";
    UNKNOWN_LINK NOT_FOUND "unknown_link" "There is no such tracking link";
    UNKNOWN_BANNER NOT_FOUND "unknown_banner" "There is no such banner";
    NOT_ATTACHED NOT_FOUND "banner_not_attached" "The banner is not attached to the campaign";
    UNKNOWN_CONVERSION NOT_FOUND "unknown_conversion" "There is no such conversion";
    UNKNOWN_KEY NOT_FOUND "unknown_key" "There is no such key";
    UNKNOWN_SHARED_REPORT NOT_FOUND "unknown_shared_report" "There is no such report";
    UNKNOWN_IMAGE NOT_FOUND "unknown_image" "There is no such image";
    UNKNOWN_IMPORT NOT_FOUND "unknown_import" "There is no such import";
    UNKNOWN_ENTRY NOT_FOUND "unknown_audit_entry" "There is no such entry of the audit log";
    IMAGE_URL_REFUSED FORBIDDEN "image_url_refused" "The image URL is not valid, or no longer";
    METHOD_NOT_ALLOWED METHOD_NOT_ALLOWED "method_not_allowed" "This address does not take that method";
    CONVERSION_CONFLICT CONFLICT "conversion_conflict" "The id belongs to another conversion";
    CHANGED_SINCE CONFLICT "changed_since" "What would be put back has changed since";
    NOT_REVERTIBLE CONFLICT "not_revertible" "This change cannot be reverted here";
    CLOSED CONFLICT "closed" "What it would change is summed up for good";
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

impl Kind {
    /// Returns the kind of a refusal of which only the status is known.
    pub(super) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => NO_SUCH_ROUTE,
            StatusCode::REQUEST_TIMEOUT => TIMED_OUT,
            _ => KINDS.iter().copied().find(|kind| kind.status == status).unwrap_or(
                if status.is_client_error() { Self { status, ..MALFORMED } } else { INTERNAL },
            ),
        }
    }
}

impl ApiError {
    /// Returns the kind of problem of an error.
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Malformed(_) => MALFORMED,
            Self::Unauthorized => UNAUTHORIZED,
            Self::Forbidden { .. } => FORBIDDEN,
            Self::OtherSite => OTHER_SITE,
            Self::NoSuchRoute => NO_SUCH_ROUTE,
            Self::UnknownCampaign(_) => UNKNOWN_CAMPAIGN,
            Self::UnknownLink => UNKNOWN_LINK,
            Self::UnknownBanner(_) => UNKNOWN_BANNER,
            Self::NotAttached(..) => NOT_ATTACHED,
            Self::UnknownConversion => UNKNOWN_CONVERSION,
            Self::UnknownKey => UNKNOWN_KEY,
            Self::UnknownSharedReport => UNKNOWN_SHARED_REPORT,
            Self::PreconditionFailed { .. } => PRECONDITION_FAILED,
            Self::IdempotencyKeyReused => IDEMPOTENCY_KEY_REUSED,
            Self::UnknownImage | Self::Media(MediaError::UnknownImage(_)) => UNKNOWN_IMAGE,
            Self::UnknownImport(_) => UNKNOWN_IMPORT,
            Self::UnknownEntry(_) => UNKNOWN_ENTRY,
            Self::ChangedSince { .. } => CHANGED_SINCE,
            Self::NotRevertible(_) => NOT_REVERTIBLE,
            Self::Closed(_) => CLOSED,
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
                | ImportError::ConflictingQuarters { .. }
                | ImportError::Damaged { .. },
            ) => INVALID,
            Self::ImportRefused { .. } => IMPORT_REFUSED,
            Self::ImportsBusy(_) => IMPORTS_BUSY,
            Self::ConversionConflict(_) => CONVERSION_CONFLICT,
            Self::Event(_) => EVENTS_UNAVAILABLE,
            Self::Storage(error) | Self::Import(ImportError::Storage(error)) => {
                match error.trouble() {
                    Trouble::Conflict | Trouble::WrongServer | Trouble::Lost => {
                        DATABASE_UNAVAILABLE
                    }
                    Trouble::Full => STORAGE_FULL,
                    Trouble::Statement => INTERNAL,
                }
            }
            Self::Media(MediaError::MissingCredentials) => SIGNING_UNAVAILABLE,
            Self::ImagesNotInS3(_) => IMAGES_NOT_IN_S3,
            Self::ImageNotUploaded => IMAGE_NOT_UPLOADED,
            Self::ImageStore(ImagesError::StoreRefused { status: ..500, .. }) => {
                IMAGE_STORE_REFUSED
            }
            Self::ImageStore(_) => IMAGE_STORE_UNAVAILABLE,
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
}
