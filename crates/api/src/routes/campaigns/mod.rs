//! Campaigns: list, create, copy, read, change, archive.

mod campaign;
mod operations;

pub(crate) use self::campaign::{ClosedCampaign, StatusName};
pub(crate) use self::operations::*;
