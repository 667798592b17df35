//! What is wrong with one field of what somebody asked for.

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
