//! Banners: list, create, read, change, archive.

mod banner;
mod landing;
mod operations;

pub(crate) use self::operations::*;
