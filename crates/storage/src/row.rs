//! Reading values of rows back into the words of the domain.

use std::fmt::Display;

use bams_domain::{BannerId, CampaignId};

use crate::error::StorageError;

pub(crate) fn campaign_id(table: &'static str, value: i64) -> Result<CampaignId, StorageError> {
    u32::try_from(value).map(CampaignId).map_err(|_| corrupt(table, "campaign_id", value))
}

pub(crate) fn banner_id(table: &'static str, value: i64) -> Result<BannerId, StorageError> {
    u32::try_from(value).map(BannerId).map_err(|_| corrupt(table, "banner_id", value))
}

/// A count; negative ones break the model.
pub(crate) fn count(
    table: &'static str,
    column: &'static str,
    value: i64,
) -> Result<u64, StorageError> {
    u64::try_from(value).map_err(|_| corrupt(table, column, value))
}

pub(crate) fn corrupt(
    table: &'static str,
    column: &'static str,
    value: impl Display,
) -> StorageError {
    let value = format!("{value}");
    StorageError::Corrupt { table, column, value }
}
