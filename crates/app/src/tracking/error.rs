//! The errors of tracking.

use bams_storage::EventError;

use crate::violation::Violation;

/// Why an event is not recorded.
#[derive(Debug, thiserror::Error)]
pub enum TrackingError {
    /// None of our keys signed the link, or it is the click on a banner without a landing URL.
    #[error("there is no such link, or it leads nowhere")]
    UnknownLink,
    /// Some conversions break a rule. Pointers begin with the index of a conversion in the list, and are
    /// empty for the list itself.
    #[error("{} parts of the conversions break a rule", .0.len())]
    Invalid(Vec<Violation>),
    /// Some conversions name clicks that do not exist, or belong to a time that is summed up; others may
    /// have ids that are taken. Pointers begin with the index of a conversion in the list.
    #[error("{} of the conversions cannot be stored", .0.len())]
    Unusable(Vec<Violation>),
    /// The ids of some conversions belong to other conversions. Pointers begin with the index of a
    /// conversion in the list.
    #[error("{} of the conversions have ids that belong to others", .0.len())]
    Conflicts(Vec<Violation>),
    /// The event may not be stored. It may be sent again.
    #[error(transparent)]
    Event(#[from] EventError),
}

impl TrackingError {
    /// Lets the pointers of the only conversion begin without its index.
    #[must_use]
    pub fn of_one(self) -> Self {
        let alone = |violations: Vec<Violation>| {
            let alone = |mut violation: Violation| {
                if let Some(field) = violation.pointer.strip_prefix("/0") {
                    violation.pointer = field.to_owned();
                }
                violation
            };
            violations.into_iter().map(alone).collect()
        };
        match self {
            Self::Invalid(violations) => Self::Invalid(alone(violations)),
            Self::Unusable(violations) => Self::Unusable(alone(violations)),
            Self::Conflicts(violations) => Self::Conflicts(alone(violations)),
            error => error,
        }
    }
}
