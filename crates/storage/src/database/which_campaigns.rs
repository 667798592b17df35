//! The campaigns that a query is limited to.

use bams_domain::CampaignId;
use sea_orm::ColumnTrait;
use sea_orm::sea_query::SimpleExpr;

/// Which campaigns to read.
#[derive(Clone, Copy)]
pub(crate) enum WhichCampaigns<'a> {
    All,
    /// At most a few hundred, because their ids become part of the statement.
    These(&'a [CampaignId]),
}

impl WhichCampaigns<'_> {
    /// Returns the condition on a column of campaign ids, or `None` for all campaigns.
    pub(crate) fn limits(self, column: impl ColumnTrait) -> Option<SimpleExpr> {
        match self {
            Self::All => None,
            Self::These(ids) => Some(column.is_in(ids.iter().map(|id| i64::from(id.0)))),
        }
    }
}
