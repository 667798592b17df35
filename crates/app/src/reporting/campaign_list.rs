//! The list of campaigns with what they achieved in a period.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

use bams_domain::{CampaignId, EmptyReason, Figure, Performance, Status};
use bams_storage::{
    Campaign, CampaignFilter, CatalogSort, Database, Dimension, PageRequest, StorageError,
    attachment_counts, campaigns,
};

use super::ReportingError;
use super::series::{self, Whose};
use super::span::Span;
use crate::managing::Closed;

/// The most campaigns of a list.
const MOST: u64 = 20_000;

/// What a list of campaigns is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CampaignOrder {
    /// By name, from A to Z.
    Name,
    /// By a figure, the largest first.
    Figure(Figure),
}

/// What a campaign does at a moment: its status, and of an active one whether its schedule lets it run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CampaignState {
    /// Active, and neither before its start nor after its end.
    Running,
    /// Active, but its schedule begins later.
    NotStarted,
    /// Active, but its schedule is over.
    Ended,
    /// Paused.
    Paused,
    /// A draft.
    Draft,
    /// Archived.
    Archived,
}

impl CampaignState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Running, Self::NotStarted, Self::Ended, Self::Paused, Self::Draft, Self::Archived];

    /// Returns what a campaign does at a moment in unix milliseconds.
    pub fn at(campaign: &Campaign, now: i64) -> Self {
        match campaign.settings.status {
            Status::Draft => Self::Draft,
            Status::Paused => Self::Paused,
            Status::Archived => Self::Archived,
            Status::Active => match Closed::at(campaign, now).map(|it| it.reason) {
                Some(EmptyReason::NotStarted) => Self::NotStarted,
                Some(EmptyReason::Ended) => Self::Ended,
                _ => Self::Running,
            },
        }
    }
}

/// Which campaigns a list has.
#[derive(Clone, Debug)]
pub struct WantedCampaigns {
    /// Only campaigns that do this; without one, all but archived ones.
    pub status: Option<CampaignState>,
    /// The moment at which they do it, in unix milliseconds.
    pub now: i64,
    /// Only campaigns with exactly this tag, if it is not empty.
    pub tag: String,
    /// Only campaigns whose name contains this in upper or lower case, or whose number it is, if it is
    /// not empty.
    pub text: String,
    /// The order.
    pub order: CampaignOrder,
    /// The campaign after which the list begins.
    pub after: Option<CampaignId>,
    /// The most campaigns.
    pub limit: usize,
}

/// A campaign of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedCampaign {
    /// The campaign.
    pub campaign: Campaign,
    /// How many banners are attached to it.
    pub banners: u64,
    /// What it achieved in the period.
    pub total: Performance,
}

/// A list of campaigns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RankedCampaigns {
    /// The campaigns, in the order that was asked for.
    pub rows: Vec<ListedCampaign>,
    /// How many campaigns come before them.
    pub before: usize,
    /// How many campaigns pass the filter, on all pages.
    pub found: usize,
    /// What those achieved together.
    pub sum: Performance,
    /// The most revenue of one of them, in micros.
    pub most: i64,
    /// How many campaigns are in each state, in the order of [`CampaignState::ALL`], with any filter.
    pub statuses: [u64; 6],
    /// Every tag of a campaign, in alphabetical order.
    pub tags: Vec<String>,
    /// True if more campaigns follow.
    pub has_more: bool,
}

/// Returns campaigns with what they achieved in a period.
pub async fn campaign_list(
    database: &Database,
    wanted: &WantedCampaigns,
    span: &Span,
) -> Result<RankedCampaigns, ReportingError> {
    let page = PageRequest { sort: CatalogSort::Id, descending: false, after: None, limit: MOST };
    let all = campaigns(database, &CampaignFilter::default(), &page).await;
    let all = all.map_err(failed)?.items;
    let by_campaign = &[Dimension::Campaign];
    let told = series::found(database, by_campaign, Whose::default(), span.whole()).await?;
    let sums: HashMap<CampaignId, Performance> = told
        .rows
        .into_iter()
        .filter_map(|row| Some((row.campaign?, row.sums.current.performance)))
        .collect();
    let mut list = RankedCampaigns {
        tags: tags(&all),
        statuses: statuses(&all, wanted.now),
        ..RankedCampaigns::default()
    };
    let mut found: Vec<(Campaign, Performance)> = all
        .into_iter()
        .filter(|campaign| wanted.takes(campaign))
        .map(|campaign| {
            let total = sums.get(&campaign.id).copied().unwrap_or_default();
            (campaign, total)
        })
        .collect();
    found.sort_by(|one, other| compared(wanted.order, one, other));
    list.found = found.len();
    for (_, total) in &found {
        list.sum += *total;
        list.most = list.most.max(total.revenue.micros());
    }
    let begin = wanted
        .after
        .and_then(|after| found.iter().position(|it| it.0.id == after))
        .map_or(0, |place| place + 1);
    list.before = begin;
    list.has_more = found.len() > begin + wanted.limit;
    let shown: Vec<_> = found.into_iter().skip(begin).take(wanted.limit).collect();
    let ids: Vec<CampaignId> = shown.iter().map(|it| it.0.id).collect();
    let banners = attachment_counts(database, &ids).await.map_err(failed)?;
    let row = |(campaign, total): (Campaign, Performance)| ListedCampaign {
        banners: banners.get(&campaign.id).copied().unwrap_or(0),
        campaign,
        total,
    };
    list.rows = shown.into_iter().map(row).collect();
    Ok(list)
}

fn failed(error: StorageError) -> ReportingError {
    ReportingError::Report(error.into())
}

impl WantedCampaigns {
    fn takes(&self, campaign: &Campaign) -> bool {
        let settings = &campaign.settings;
        let state = CampaignState::at(campaign, self.now);
        let state = match self.status {
            Some(wanted) => state == wanted,
            None => state != CampaignState::Archived,
        };
        let tag = self.tag.is_empty() || settings.tags.contains(&self.tag);
        let text = self.text.is_empty()
            || settings.name.to_lowercase().contains(&self.text.to_lowercase())
            || campaign.id.to_string() == self.text;
        state && tag && text
    }
}

fn compared(
    order: CampaignOrder,
    one: &(Campaign, Performance),
    other: &(Campaign, Performance),
) -> Ordering {
    let by_order = match order {
        CampaignOrder::Name => {
            let name = |it: &(Campaign, Performance)| it.0.settings.name.to_lowercase();
            name(one).cmp(&name(other))
        }
        CampaignOrder::Figure(figure) => {
            // What has no rate comes last.
            let value = |it: &(Campaign, Performance)| figure.of(&it.1).unwrap_or(-1.0);
            value(other).total_cmp(&value(one))
        }
    };
    by_order.then_with(|| one.0.id.cmp(&other.0.id))
}

fn tags(all: &[Campaign]) -> Vec<String> {
    let tags: BTreeSet<&String> = all.iter().flat_map(|it| &it.settings.tags).collect();
    tags.into_iter().cloned().collect()
}

fn statuses(all: &[Campaign], now: i64) -> [u64; 6] {
    let count = |state| all.iter().filter(|it| CampaignState::at(it, now) == state).count();
    CampaignState::ALL.map(|state| count(state) as u64)
}
