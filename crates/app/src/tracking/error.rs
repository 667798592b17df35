//! Why events are refused.

use bams_storage::EventError;

use crate::violation::Violation;

/// Why an event is not recorded.
#[derive(Debug, thiserror::Error)]
pub enum TrackingError {
    /// None of our keys signed the link, or it is the click of a banner that leads nowhere.
    #[error("there is no such link, or it leads nowhere")]
    UnknownLink,
    /// Some conversions name clicks that there are not; others of them may have ids that are taken.
    /// Pointers begin with a conversion's place in the list.
    #[error("{} of the conversions cannot be stored", .0.len())]
    UnknownClicks(Vec<Violation>),
    /// The ids of some conversions belong to other conversions. Pointers begin with a conversion's
    /// place in the list.
    #[error("{} of the conversions have ids that belong to others", .0.len())]
    Conflicts(Vec<Violation>),
    /// It is not known to be stored, and may be sent again.
    #[error(transparent)]
    Event(#[from] EventError),
}
