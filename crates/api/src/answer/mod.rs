//! The answers of handlers.

pub(crate) mod changed;
pub(crate) mod csv;
pub(crate) mod file;
pub(crate) mod list;
pub(crate) mod page;
pub(crate) mod prepared_banner;
pub(crate) mod tracking_links;
