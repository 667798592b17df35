//! One campaign as serving needs it.

use std::collections::BTreeMap;
use std::sync::Arc;

use bams_domain::{
    BannerId, BannerPerformance, CampaignId, EmptyReason, Performance, Policy, Prepared, Quarter,
    Schedule, Status, empty_reason,
};

use super::banner_table::BannerTable;
use super::earned::Earned;
use super::pool::BannerPool;
use super::served_banner::ServedBanner;
use crate::performance::quarter_totals::QuarterTotal;

/// One campaign as serving needs it. Copies share what is large.
#[derive(Clone, Debug)]
pub struct ServedCampaign {
    /// Its number.
    pub id: CampaignId,
    /// Its name.
    pub name: String,
    /// Its status.
    pub status: Status,
    /// When it runs.
    pub schedule: Schedule,
    /// The policy that ranks its banners.
    pub policy: Policy,
    /// How many banners a page shows, if the campaign overrides its rule.
    pub page_size: Option<usize>,
    /// Its banners as the policy prepared them, by quarter.
    prepared: [Prepared; 4],
    /// What those banners achieved that have clicks or conversions, by quarter and id.
    earned: [Earned; 4],
    /// Its eligible banners.
    pool: BannerPool,
    /// The banners of the store.
    table: Arc<BannerTable>,
}

/// A switched banner of a campaign, with true if the campaign may show it now.
pub(super) type Switch = (BannerId, bool);

impl ServedCampaign {
    /// Makes the stand-in of a campaign that does not exist. It shows nothing.
    pub fn unknown(id: CampaignId) -> Self {
        Self::new(id, BannerPool::default(), Arc::default())
    }

    /// Makes a campaign of which nobody knows what its banners achieved.
    pub(super) fn new(id: CampaignId, pool: BannerPool, table: Arc<BannerTable>) -> Self {
        let policy = Policy::default();
        Self {
            id,
            name: String::new(),
            status: Status::Archived,
            schedule: Schedule::default(),
            policy,
            page_size: None,
            prepared: Quarter::ALL.map(|_| policy.prepare([])),
            earned: Quarter::ALL.map(|_| Earned::default()),
            pool,
            table,
        }
    }

    /// Lets its policy prepare its banners after they achieved all this. A banner's totals of one quarter
    /// are added up.
    pub(super) fn prepare(&mut self, totals: &[QuarterTotal]) {
        let mut sums = Quarter::ALL.map(|_| BTreeMap::<BannerId, Performance>::new());
        for QuarterTotal { banner, quarter, performance } in totals {
            if *performance != Performance::default() && self.pool.place(*banner).is_some() {
                *sums[quarter.index()].entry(*banner).or_default() += *performance;
            }
        }
        self.earned = sums.map(|it| Earned::of(&it));
        self.prepare_all();
    }

    /// Lets its policy prepare all quarters. Those in which nothing was achieved share one ladder.
    fn prepare_all(&mut self) {
        let mut bare = None;
        self.prepared = Quarter::ALL.map(|quarter| {
            let earned = &self.earned[quarter.index()];
            let prepare = || prepare(self.policy, &self.pool, earned);
            if earned.is_empty() { bare.get_or_insert_with(prepare).clone() } else { prepare() }
        });
    }

    /// Returns the same campaign after some of its banners achieved something else.
    pub(super) fn after(&self, changed: &[QuarterTotal]) -> Self {
        let mut campaign = self.clone();
        for quarter in Quarter::ALL {
            let index = quarter.index();
            let mut own = changed.iter().filter(|it| it.quarter == quarter).peekable();
            if own.peek().is_none() {
                continue;
            }
            let mut earned: BTreeMap<_, _> = self.earned[index].rows().collect();
            for it in own.filter(|it| self.pool.place(it.banner).is_some()) {
                earned.insert(it.banner, it.performance);
            }
            let earned = Earned::of(&earned);
            campaign.prepared[index] = prepare(self.policy, &self.pool, &earned);
            campaign.earned[index] = earned;
        }
        campaign
    }

    /// Returns the same campaign with banners as they are in a table that followed its own.
    pub(super) fn showing(&self, table: &Arc<BannerTable>) -> Self {
        Self { table: Arc::clone(table), ..self.clone() }
    }

    /// Returns true if its banners are those of this table.
    pub(super) fn shows(&self, table: &Arc<BannerTable>) -> bool {
        Arc::ptr_eq(&self.table, table)
    }

    /// Returns the same campaign after some banners were switched, with what those achieved that it may
    /// show now. The table has to know them.
    pub(super) fn switched(&self, switches: &[Switch], totals: &[QuarterTotal]) -> Self {
        let is_switched = |banner: BannerId| switches.iter().any(|it| it.0 == banner);
        let stay = self.pool.pairs().filter(|it| !is_switched(it.0));
        let come = switches.iter().filter(|it| it.1);
        let come = come.filter_map(|it| Some((it.0, self.table.find(it.0)?)));
        let mut campaign = self.clone();
        campaign.pool = BannerPool::of(stay.chain(come).collect());
        let stay = Quarter::ALL.into_iter().flat_map(|quarter| {
            let earned = self.earned[quarter.index()].rows().filter(|it| !is_switched(it.0));
            earned.map(move |(banner, performance)| QuarterTotal { banner, quarter, performance })
        });
        let all: Vec<_> = stay.chain(totals.iter().copied()).collect();
        campaign.prepare(&all);
        campaign
    }

    /// Returns its eligible banners in a quarter, as its policy prepared them.
    pub fn prepared(&self, quarter: Quarter) -> &Prepared {
        &self.prepared[quarter.index()]
    }

    /// Returns one of its eligible banners.
    pub fn banner(&self, banner: BannerId) -> Option<ServedBanner<'_>> {
        Some(self.table.at(self.pool.place(banner)?))
    }

    /// Returns its eligible banners, by id.
    pub fn banners(&self) -> impl Iterator<Item = ServedBanner<'_>> {
        self.pool.pairs().map(|it| self.table.at(it.1))
    }

    /// Returns the tags of one of its eligible banners, and none for any other banner.
    pub fn tags(&self, banner: BannerId) -> &[String] {
        self.banner(banner).map_or(&[], ServedBanner::tags)
    }

    /// Returns why it shows nothing at a moment (unix seconds), or `None` if it shows something.
    pub fn empty_reason(&self, unix_seconds: i64) -> Option<EmptyReason> {
        let has_eligible_banner = !self.pool.is_empty();
        empty_reason(self.status, self.schedule, has_eligible_banner, unix_seconds)
    }
}

/// Lets a policy prepare banners with what they achieved.
fn prepare(policy: Policy, pool: &BannerPool, earned: &Earned) -> Prepared {
    let mut earned = earned.rows().peekable();
    policy.prepare(pool.pairs().map(|(banner, _)| {
        let mut performance = Performance::default();
        while let Some((_, sums)) = earned.next_if(|it| it.0 <= banner) {
            performance = sums;
        }
        BannerPerformance { banner, performance }
    }))
}
