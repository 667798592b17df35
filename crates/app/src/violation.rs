//! What is wrong with one field of what somebody asked for.

use std::fmt;

/// One rule that a field does not keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where it stands: a JSON pointer (RFC 6901), `""` for the whole, `/tags/2` for the third tag.
    pub pointer: String,
    /// A stable word for programs, such as `too_long`.
    pub code: &'static str,
    /// A sentence for people.
    pub detail: String,
}

impl Violation {
    /// A rule that the field `name`, or an entry within it such as `tags/2`, does not keep.
    pub fn of(name: &str, code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: format!("/{name}"), code, detail: detail.into() }
    }
}

impl fmt::Display for Violation {
    /// The sentence after the place.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer.strip_prefix('/') {
            Some(place) => write!(formatter, "{place}: {}", self.detail),
            None => formatter.write_str(&self.detail),
        }
    }
}
