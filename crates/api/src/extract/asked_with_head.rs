//! Requests that asked for an answer without its body.

/// Marks a request that asked with HEAD and is answered as GET without a body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AskedWithHead;
