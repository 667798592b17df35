//! Who looks at a page.

use bams_domain::VisitorId;

/// Who looks at a page, as far as that may be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visitor {
    /// A browser that carries its number.
    Known(VisitorId),
    /// A browser whose number was made for this very request.
    New(VisitorId),
    /// Somebody who does not want to be remembered.
    Untracked,
}

impl Visitor {
    /// The visitor's number, if they may be remembered.
    pub fn id(self) -> Option<VisitorId> {
        match self {
            Self::Known(id) | Self::New(id) => Some(id),
            Self::Untracked => None,
        }
    }
}
