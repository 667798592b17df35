//! The table of use cases' errors as refusals.

use bams_app::Violation;
use bams_app::images::{ImageFlaw, ImagesError};
use bams_app::importing::ImportingError;
use bams_app::managing::ManagingError;
use bams_app::reporting::ReportingError;
use bams_app::serving::ServingError;
use bams_app::tracking::TrackingError;
use bams_app::visitors::VisitorsError;
use bams_media::{MediaError, NotAPicture};
use bams_storage::ImportError;

use super::{ApiError, FieldError};

impl From<Violation> for FieldError {
    fn from(Violation { pointer, code, detail }: Violation) -> Self {
        Self { pointer, code, detail }
    }
}

fn field_errors(violations: Vec<Violation>) -> Vec<FieldError> {
    violations.into_iter().map(Into::into).collect()
}

impl From<Vec<Violation>> for ApiError {
    fn from(violations: Vec<Violation>) -> Self {
        Self::Invalid(field_errors(violations))
    }
}

impl From<ServingError> for ApiError {
    fn from(error: ServingError) -> Self {
        match error {
            ServingError::Invalid(violations) => violations.into(),
            ServingError::UnknownCampaign(campaign) => Self::UnknownCampaign(campaign),
            ServingError::MissingCredentials => Self::Media(MediaError::MissingCredentials),
        }
    }
}

impl From<TrackingError> for ApiError {
    fn from(error: TrackingError) -> Self {
        match error {
            TrackingError::UnknownLink => Self::UnknownLink,
            TrackingError::Invalid(violations) | TrackingError::Unusable(violations) => {
                violations.into()
            }
            TrackingError::Conflicts(violations) => {
                Self::ConversionConflict(field_errors(violations))
            }
            TrackingError::Event(error) => Self::Event(error),
        }
    }
}

impl From<VisitorsError> for ApiError {
    fn from(error: VisitorsError) -> Self {
        match error {
            VisitorsError::Invalid(violations) => violations.into(),
            VisitorsError::History(error) => Self::History(error),
            VisitorsError::Storage(error) => Self::Storage(error),
        }
    }
}

impl From<ManagingError> for ApiError {
    fn from(error: ManagingError) -> Self {
        match error {
            ManagingError::Invalid(violations) => violations.into(),
            ManagingError::UnknownCampaign(id) => Self::UnknownCampaign(id),
            ManagingError::UnknownBanner(id) => Self::UnknownBanner(id),
            ManagingError::NotAttached { campaign, banner } => Self::NotAttached(campaign, banner),
            ManagingError::UnknownConversion => Self::UnknownConversion,
            ManagingError::SummedUp => Self::Closed(error.to_string()),
            ManagingError::UnknownKey => Self::UnknownKey,
            ManagingError::UnknownSharedReport => Self::UnknownSharedReport,
            ManagingError::Outdated { current } => Self::PreconditionFailed {
                current: current.map(|version| format!("\"{version}\"")),
            },
            ManagingError::UnknownEntry(id) => Self::UnknownEntry(id),
            ManagingError::ChangedSince { detail, fields } => {
                Self::ChangedSince { detail, fields: field_errors(fields) }
            }
            ManagingError::NotRevertible(detail) => Self::NotRevertible(detail),
            ManagingError::ClaimedByAnother => Self::IdempotencyKeyReused,
            ManagingError::NotHandedOver(source) => {
                Self::Internal { action: "hand a key over", source }
            }
            ManagingError::Images(error) => error.into(),
            ManagingError::Storage(error) => Self::Storage(error),
            ManagingError::Interrupted(error) => Self::unexpected("finish a change")(error),
        }
    }
}

impl From<ImagesError> for ApiError {
    fn from(error: ImagesError) -> Self {
        match error {
            ImagesError::Image(flaw) => match flaw {
                ImageFlaw::NotAPicture(NotAPicture::Unknown) => Self::Unsupported(flaw.to_string()),
                ImageFlaw::TooLarge(_) => Self::TooLarge(flaw.to_string()),
                _ => Self::invalid("", flaw.code(), flaw.to_string()),
            },
            ImagesError::Upload(flaw) => Self::invalid("/key", flaw.code(), flaw.to_string()),
            ImagesError::NotInS3(banner) => Self::ImagesNotInS3(banner),
            ImagesError::NotUploaded => Self::ImageNotUploaded,
            ImagesError::Media(error) => Self::Media(error),
            ImagesError::Interrupted(error) => Self::unexpected("look at an image")(error),
            error => Self::ImageStore(error),
        }
    }
}

impl From<ImportingError> for ApiError {
    fn from(error: ImportingError) -> Self {
        match error {
            ImportingError::Invalid(violation) => vec![violation].into(),
            ImportingError::Unknown(import) => Self::UnknownImport(import),
            ImportingError::ClaimedByAnother => Self::IdempotencyKeyReused,
            ImportingError::SummedUp(reason) => Self::Closed(reason),
            ImportingError::NotRevertible(reason) => Self::NotRevertible(reason),
            ImportingError::Full | ImportingError::Closed | ImportingError::Busy(_) => {
                Self::ImportsBusy(error.to_string())
            }
            ImportingError::Import(ImportError::UnreadableHeader { error, .. }) => {
                Self::ImportRefused { total: 1, errors: vec![error.into()] }
            }
            ImportingError::Import(error) => Self::Import(error),
        }
    }
}

impl From<ReportingError> for ApiError {
    fn from(error: ReportingError) -> Self {
        match error {
            ReportingError::Invalid(violations) => violations.into(),
            ReportingError::Report(error) => error.into(),
        }
    }
}
