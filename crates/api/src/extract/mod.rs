//! The extractors of handlers.

pub(crate) mod access;
pub(crate) mod address;
pub(crate) mod asked_with_head;
pub(crate) mod body;
mod body_fields;
pub(crate) mod caller;
pub(crate) mod conditions;
pub(crate) mod deadline;
mod field_lists;
pub(crate) mod fields;
pub(crate) mod filters;
mod forwarded;
pub(crate) mod idempotency;
pub(crate) mod image_body;
pub(crate) mod json;
pub(crate) mod limits;
pub(crate) mod multipart;
pub(crate) mod postback_key;
pub(crate) mod principal;
pub(crate) mod query;
pub(crate) mod shape;
pub(crate) mod visitor;
