//! The fields of a request, as far as they could be read.

use crate::violation::Violation;

/// The fields that somebody sends for a thing, with the violations of those that could not be read.
///
/// A use case adds the rules that the other fields break, so that the sender learns all violations
/// at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft<T> {
    /// The fields. One that could not be read is missing.
    pub said: T,
    /// The violations of fields that could not be read.
    pub violations: Vec<Violation>,
}

impl<T> From<T> for Draft<T> {
    fn from(said: T) -> Self {
        Self { said, violations: Vec::new() }
    }
}

/// The value of a field, or `None` if the request does not mention it. `Said<Option<T>>` is for a
/// field that may be null.
pub type Said<T> = Option<T>;
