//! Banners: list, create, read, change, archive, and the image they show.

mod banner;
mod images;
pub(crate) mod landing;
mod operations;

pub(crate) use self::images::*;
pub(crate) use self::operations::*;
