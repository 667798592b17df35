//! The condition that a campaign has a banner to show.

use bams_domain::Status;
use sea_orm::ColumnTrait;
use sea_orm::sea_query::{Expr, ExprTrait, JoinType, Query};

use crate::entity::{banner, campaign, campaign_banner};

/// Returns the condition that a campaign has a banner of which [`bams_domain::left_out`] says that it may
/// be shown, as SQL, so that a list of campaigns needs no query for each of them.
pub(super) fn has_eligible_banner() -> Expr {
    use campaign_banner::Column::{BannerId, CampaignId, Status as InCampaign};
    let of = |column: banner::Column| Expr::col(column.as_column_ref());
    let there = |column: campaign_banner::Column| Expr::col(column.as_column_ref());
    let active = Status::Active.name();
    let mut eligible = Query::select();
    eligible
        .expr(Expr::val(1))
        .from(campaign_banner::Entity)
        .join(JoinType::InnerJoin, banner::Entity, of(banner::Column::Id).eq(there(BannerId)))
        .and_where(there(CampaignId).eq(Expr::col(campaign::Column::Id.as_column_ref())))
        .and_where(there(InCampaign).eq(active))
        .and_where(of(banner::Column::Status).eq(active))
        .and_where(of(banner::Column::ImageKey).is_not_null());
    Expr::exists(eligible)
}
