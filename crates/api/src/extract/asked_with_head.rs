//! The mark of requests for an answer without its body.

/// Marks a HEAD request, which is answered as GET without a body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AskedWithHead;
