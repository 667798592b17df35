//! Pages: templates with what they show.

pub(crate) mod embed;
