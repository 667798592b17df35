//! Campaigns: list, create, copy, read, change, archive.

mod campaign;
mod catalog_filters;
mod operations;

pub(crate) use self::campaign::{ClosedCampaign, StatusName};
pub(in crate::routes) use self::catalog_filters::catalog_filters;
pub(crate) use self::operations::*;
