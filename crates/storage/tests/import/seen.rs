//! What everybody sees of the numbers, by every way of reading them.

use bams_domain::{BannerId, CampaignId, Performance, Quarter};
use bams_storage::{
    Dimension, LocalTime, Period, ReportQuery, ReportRow, Snapshots, SortKey, Sums, ranking, report,
};

use crate::world::World;

/// What reports, rankings and ladders show.
#[derive(Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) totals: Sums,
    rows: Vec<ReportRow>,
    ranked: Vec<(BannerId, Performance)>,
    ladders: Vec<(CampaignId, Vec<BannerId>)>,
}

impl World {
    /// Reads the numbers in every way, and fails if they are not what the raw rows add up to.
    pub(crate) async fn seen(&self) -> Seen {
        self.assert_reconciled().await;
        let query = ReportQuery {
            group_by: vec![Dimension::Campaign, Dimension::Banner, Dimension::Quarter],
            campaigns: Vec::new(),
            banners: Vec::new(),
            quarters: Vec::new(),
            period: Period { from: None, to: None },
            local: LocalTime::utc(),
            compared: false,
            sort: SortKey::Revenue,
            descending: true,
        };
        let report = report(&self.database, &query, None, 100_000).await.expect("a report");
        let mut ranked = Vec::new();
        for campaign in 1..=7 {
            let campaign = CampaignId(campaign);
            let ranking = ranking(&self.database, campaign, Quarter::First, |_, _| false)
                .await
                .expect("a ranking");
            let banners = ranking.into_iter().flat_map(|it| it.banners);
            ranked.extend(banners.map(|it| (it.banner, it.performance)));
        }
        let snapshots = Snapshots::load(self.database.clone()).await.expect("a snapshot");
        let current = snapshots.current();
        let mut ladders: Vec<_> = current
            .campaigns()
            .map(|it| (it.id, it.prepared(Quarter::First).banners().to_vec()))
            .collect();
        ladders.sort();
        Seen { totals: report.totals, rows: report.rows, ranked, ladders }
    }

    /// Impressions, clicks and conversions in all reports together.
    pub(crate) async fn totals(&self) -> [u64; 3] {
        let it = self.seen().await.totals.current.performance;
        [it.impressions, it.clicks, it.conversions]
    }
}
