//! What the banners of one campaign achieved in a quarter of all hours.

use std::collections::HashMap;

use bams_domain::{BannerId, CampaignId, Performance, Quarter};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::plan::{self, StoredRange};
use super::query::{Dimension, Period, ReportQuery, SortKey};
use super::row::Sums;
use super::run::look;
use super::statement::Summing;
use crate::database::values::{banner_id, corrupt};
use crate::error::{Attempt, StorageError};
use crate::performance::report::LocalTime;

const ACTION: &str = "load performance";

/// Returns the performance of the banners of a campaign in one quarter of all hours, with the sums of
/// imports that are not yet in the tables. Banners without any have none.
pub(crate) async fn by_banner(
    transaction: &DatabaseTransaction,
    campaign: CampaignId,
    quarter: Quarter,
) -> Result<HashMap<BannerId, Performance>, StorageError> {
    let query = ReportQuery {
        group_by: vec![Dimension::Banner],
        campaigns: vec![campaign],
        banners: Vec::new(),
        quarters: vec![quarter],
        period: Period::default(),
        local: LocalTime::utc(),
        compared: false,
        sort: SortKey::Revenue,
        descending: true,
    };
    let looked = look(transaction, &query).await?;
    let kept = StoredRange { filtered: false, ..looked.kept };
    let parts = plan::parts(&query, &query.group_by, &looked.stretches, &kept);
    // All days are whole, so none is refused.
    let parts =
        parts.map_err(|before| corrupt("condensed_performance", "before_slot", before.number()))?;
    let summing = Summing {
        dialect: transaction.get_database_backend(),
        query: &query,
        kept: &kept,
        dimensions: &query.group_by,
        parts: &parts,
    };
    let rows = transaction.query_all(&summing.sums()).await.attempt(ACTION)?;
    let read = rows.iter().map(|row| {
        let banner = row.try_get("", Dimension::Banner.column()).attempt(ACTION)?;
        let performance = Sums::read(&query, row)?.current.performance;
        Ok((banner_id("performance", banner)?, performance))
    });
    read.collect()
}
