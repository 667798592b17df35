//! Banners: list, create, read, change, archive, and the image they show.

mod banner;
mod images;
mod landing;
mod operations;

pub(crate) use self::images::*;
pub(crate) use self::operations::*;
