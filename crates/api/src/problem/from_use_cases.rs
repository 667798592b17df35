//! What the errors of use cases are for those who sent a request.

use bams_app::Violation;
use bams_app::tracking::TrackingError;

use super::{ApiError, FieldError};

impl From<Violation> for FieldError {
    fn from(Violation { pointer, code, detail }: Violation) -> Self {
        Self { pointer, code, detail }
    }
}

fn field_errors(violations: Vec<Violation>) -> Vec<FieldError> {
    violations.into_iter().map(Into::into).collect()
}

impl From<TrackingError> for ApiError {
    fn from(error: TrackingError) -> Self {
        match error {
            TrackingError::UnknownLink => Self::UnknownLink,
            TrackingError::UnknownClicks(violations) => Self::Invalid(field_errors(violations)),
            TrackingError::Conflicts(violations) => {
                Self::ConversionConflict(field_errors(violations))
            }
            TrackingError::Event(error) => Self::Event(error),
        }
    }
}
