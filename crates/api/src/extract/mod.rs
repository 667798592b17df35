//! What handlers take from a request.

pub(crate) mod asked_with_head;
