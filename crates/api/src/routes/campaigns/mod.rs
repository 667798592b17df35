//! Campaigns: list, create, read, change, archive.

mod campaign;
mod operations;

pub(crate) use self::campaign::{STATUSES, StatusName, Tag};
pub(crate) use self::operations::*;
