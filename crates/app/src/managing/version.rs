//! Which version of a thing a change builds on.

use std::fmt;

/// Names a version of a thing: another one after each change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(String);

impl Version {
    /// The version that somebody names like this.
    pub fn named(name: impl Into<String>) -> Self {
        Self(name.into())
    }
}

impl From<i64> for Version {
    fn from(number: i64) -> Self {
        Self(number.to_string())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What must be there for a change to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Basis {
    /// Anything, also nothing: whoever asks for the change knows what it does.
    #[default]
    Anything,
    /// Any version.
    Something,
    /// One of the versions that whoever asks for the change has seen.
    Seen(Vec<Version>),
}

/// A change builds on a version that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outdated {
    /// The version that is there, if there is one.
    pub(super) current: Option<Version>,
}

impl Basis {
    /// Fails unless a change may build on what is there.
    pub(super) fn check(&self, current: Option<Version>) -> Result<(), Outdated> {
        let holds = match (self, &current) {
            (Self::Anything, _) | (Self::Something, Some(_)) => true,
            (Self::Seen(versions), Some(current)) => versions.contains(current),
            (Self::Something | Self::Seen(_), None) => false,
        };
        if holds { Ok(()) } else { Err(Outdated { current }) }
    }
}
