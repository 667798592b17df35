//! Pages: templates with their contents.

pub(crate) mod embed;
