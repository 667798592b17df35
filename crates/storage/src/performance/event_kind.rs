//! The kinds of events.

/// A kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EventKind {
    /// A banner was seen.
    Impression,
    /// A banner was clicked.
    Click,
    /// A click led to a sale.
    Conversion,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Impression, Self::Click, Self::Conversion];

    /// Returns the name in the database, in JSON and in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Impression => "impression",
            Self::Click => "click",
            Self::Conversion => "conversion",
        }
    }
}
