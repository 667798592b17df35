//! The reasons why events do not count.

/// A reason why an event does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FilterReason {
    /// It was counted before.
    Duplicate,
    /// Its link has expired.
    Expired,
    /// A known bot sent it.
    Bot,
    /// A browser loaded it ahead of its user.
    Prefetch,
    /// The request was a HEAD.
    Head,
    /// One visitor or address sent more than a person would.
    Burst,
    /// A click on a banner without a landing URL, which leads nowhere.
    NoLandingUrl,
}

impl FilterReason {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::Duplicate,
        Self::Expired,
        Self::Bot,
        Self::Prefetch,
        Self::Head,
        Self::Burst,
        Self::NoLandingUrl,
    ];

    /// Returns the name in the database, in JSON and in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::Expired => "expired",
            Self::Bot => "bot",
            Self::Prefetch => "prefetch",
            Self::Head => "head",
            Self::Burst => "burst",
            Self::NoLandingUrl => "no_landing_url",
        }
    }
}
