//! The visitor of a page.

use bams_domain::VisitorId;

/// The visitor of a page, as far as they may be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visitor {
    /// A browser that sent its number.
    Known(VisitorId),
    /// A browser whose number was made for this request.
    New(VisitorId),
    /// Somebody who does not want to be remembered.
    Untracked,
}

impl Visitor {
    /// Returns the visitor's number, or `None` if they must not be remembered.
    pub fn id(self) -> Option<VisitorId> {
        match self {
            Self::Known(id) | Self::New(id) => Some(id),
            Self::Untracked => None,
        }
    }
}
