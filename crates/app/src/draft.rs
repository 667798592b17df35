//! What somebody asks for, as far as it could be read.

use crate::violation::Violation;

/// What somebody says about a thing, with what was wrong with the fields that could not be read.
///
/// A use case adds the rules that the other fields do not keep, so that everything is said at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft<T> {
    /// What is said. A field that could not be read is missing.
    pub said: T,
    /// What was wrong with fields that could not be read.
    pub violations: Vec<Violation>,
}

impl<T> From<T> for Draft<T> {
    fn from(said: T) -> Self {
        Self { said, violations: Vec::new() }
    }
}

/// What is said about a field; `None` if nothing is. `Said<Option<T>>` is for a field that may be empty.
pub type Said<T> = Option<T>;
