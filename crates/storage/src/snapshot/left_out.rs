//! The banners of a campaign that may not be shown.

use bams_domain::{BannerId, CampaignId, LeftOut};

use super::attached::attached;
use crate::database::Database;
use crate::error::{Attempt, StorageError};

/// Returns the banners attached to a campaign that are left out of its ladder, by number, each with the
/// reason.
pub async fn left_out_banners(
    database: &Database,
    campaign: CampaignId,
) -> Result<Vec<(BannerId, LeftOut)>, StorageError> {
    let transaction = database.begin_reading().await?;
    let rows = attached(&transaction, campaign).await?;
    transaction.rollback().await.attempt("load attached banners")?;
    let left_out = rows.into_iter().filter_map(|it| Some((it.banner.id, it.left_out?)));
    let mut left_out: Vec<_> = left_out.collect();
    left_out.sort_unstable_by_key(|it| it.0);
    Ok(left_out)
}
