//! The violation of a rule by a field of a request.

use std::fmt;

/// A rule that a field breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The place of the field: a JSON pointer (RFC 6901), such as `/tags/2` for the third tag, or
    /// `""` for the whole.
    pub pointer: String,
    /// The reason for programs: a stable word such as `too_long`.
    pub code: &'static str,
    /// The reason for people: a sentence.
    pub detail: String,
}

impl Violation {
    /// Makes the violation of a rule by the field `name`, or by an entry of it such as `tags/2`.
    pub fn of(name: &str, code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: format!("/{name}"), code, detail: detail.into() }
    }
}

impl fmt::Display for Violation {
    /// Writes the place and the sentence.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer.strip_prefix('/') {
            Some(place) => write!(formatter, "{place}: {}", self.detail),
            None => formatter.write_str(&self.detail),
        }
    }
}
