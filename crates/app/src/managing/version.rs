//! Versions of things, on which changes are based.

use std::fmt;

/// The name of a version of a thing. Each change makes a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(String);

impl Version {
    /// Returns the version with a name.
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

/// The condition of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Precondition {
    /// Anything or nothing: the sender does not care about the version.
    #[default]
    Anything,
    /// Any version.
    Something,
    /// One of the versions that the sender has seen.
    Seen(Vec<Version>),
}

/// A change is based on a version that is not the current one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outdated {
    /// The current version, if there is one.
    pub(super) current: Option<Version>,
}

impl Precondition {
    /// Fails unless the condition holds.
    pub(super) fn check(&self, current: Option<Version>) -> Result<(), Outdated> {
        let holds = match (self, &current) {
            (Self::Anything, _) | (Self::Something, Some(_)) => true,
            (Self::Seen(versions), Some(current)) => versions.contains(current),
            (Self::Something | Self::Seen(_), None) => false,
        };
        if holds { Ok(()) } else { Err(Outdated { current }) }
    }
}
