//! The banners of a campaign that may not be shown.

use bams_domain::{BannerId, CampaignId, LeftOut};

use super::served_banners::{ServedBanners, attached};
use crate::database::Database;
use crate::database::which_campaigns::WhichCampaigns;
use crate::error::{Attempt, StorageError};

/// Returns the banners attached to a campaign that are left out of its ladder, by number, each with the
/// reason.
pub async fn left_out_banners(
    database: &Database,
    campaign: CampaignId,
) -> Result<Vec<(BannerId, LeftOut)>, StorageError> {
    let transaction = database.begin_reading().await?;
    let mut served = ServedBanners::default();
    let attached = attached(&transaction, WhichCampaigns::These(&[campaign]), &mut served).await?;
    transaction.rollback().await.attempt("load attached banners")?;
    let mut left_out = Vec::new();
    for banner in attached {
        if let (banner, Some(reason)) = banner.banner? {
            left_out.push((banner, reason));
        }
    }
    left_out.sort_unstable_by_key(|it| it.0);
    Ok(left_out)
}
