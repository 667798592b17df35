//! Campaigns: list, create, read, change, archive.

mod campaign;
mod operations;

pub(crate) use self::campaign::{LONGEST_TAG, MOST_TAGS, STATUSES, StatusName, Tag};
pub(crate) use self::operations::*;
