//! Campaigns: list, create, read, change, archive.

mod campaign;
mod operations;

pub(crate) use self::campaign::StatusName;
pub(crate) use self::operations::*;
