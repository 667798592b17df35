//! What is wrong, so that somebody should look at it.

use std::collections::HashSet;

use bams_domain::{BannerId, EmptyReason, LeftOut, Status};
use bams_storage::{
    AuditFilter, Banner, BannerFilter, BannerState, Campaign, CampaignFilter, CatalogSort,
    Database, ImportFilter, ImportReport, ImportState, PageRequest, Recorded, StorageError,
    Subject, audit_log, banners, campaigns, count_banners, left_out_banners,
};

use crate::importing::{Importing, ImportingError};
use crate::managing::Closed;

/// How many things of a kind are told.
const MOST: u64 = 20;

/// For how long a refused import needs attention, in milliseconds.
const RECENT: i64 = 7 * 86_400_000;

/// How many changes are looked through for the one that closed a campaign.
const MOST_CHANGES: u64 = 200;

/// Something that somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attention {
    /// A campaign that runs and shows nothing, because all of its banners are left out.
    ShowsNothing {
        /// The campaign.
        campaign: Box<Campaign>,
        /// How many banners are left out for each reason.
        left_out: Vec<(LeftOut, usize)>,
        /// Since when, in unix milliseconds, if that is known.
        since: Option<i64>,
    },
    /// A campaign that runs and has no banners.
    WithoutBanners {
        /// The campaign.
        campaign: Box<Campaign>,
    },
    /// A file that was refused and has not been imported since.
    RefusedImport(Box<ImportReport>),
    /// Banners that are shown and lead nowhere, so that nobody can click them.
    LeadNowhere {
        /// How many there are.
        banners: u64,
        /// The first of them.
        first: Box<Banner>,
    },
}

/// Returns everything that needs attention at a moment in unix milliseconds, the worst first.
pub async fn attention(
    database: &Database,
    importing: &Importing,
    now: i64,
) -> Result<Vec<Attention>, ImportingError> {
    let mut found = Vec::new();
    let mut without_banners = Vec::new();
    for campaign in closed_campaigns(database, now).await? {
        let campaign = Box::new(campaign);
        let banners = left_out_banners(database, campaign.id).await?;
        if banners.is_empty() {
            without_banners.push(Attention::WithoutBanners { campaign });
            continue;
        }
        let since = closed_since(database, &campaign, &banners).await?;
        let left_out = by_reason(&banners);
        found.push(Attention::ShowsNothing { campaign, left_out, since });
    }
    found.extend(refused_imports(importing, now).await?);
    found.extend(without_banners);
    found.extend(leading_nowhere(database).await?);
    Ok(found)
}

/// Returns how many banners are left out for each reason, the most frequent first.
pub fn by_reason(left_out: &[(BannerId, LeftOut)]) -> Vec<(LeftOut, usize)> {
    let count = |reason| left_out.iter().filter(|it| it.1 == reason).count();
    let mut counts: Vec<_> = LeftOut::ALL.map(|reason| (reason, count(reason))).into();
    counts.retain(|it| it.1 > 0);
    counts.sort_by_key(|it| std::cmp::Reverse(it.1));
    counts
}

/// Returns campaigns that run and show nothing.
async fn closed_campaigns(database: &Database, now: i64) -> Result<Vec<Campaign>, StorageError> {
    let filter = CampaignFilter {
        statuses: vec![Status::Active],
        has_eligible_banner: Some(false),
        ..CampaignFilter::default()
    };
    let mut found = campaigns(database, &filter, &newest(MOST)).await?.items;
    let reason = |campaign: &Campaign| Closed::at(campaign, now).map(|it| it.reason);
    found.retain(|campaign| reason(campaign) == Some(EmptyReason::NoEligibleBanner));
    Ok(found)
}

/// Returns when the last banner of a campaign was left out, or the campaign began to run without any.
/// `None` if nobody wrote that down.
pub async fn closed_since(
    database: &Database,
    campaign: &Campaign,
    left_out: &[(BannerId, LeftOut)],
) -> Result<Option<i64>, StorageError> {
    let banners = left_out.iter().map(|it| it.0);
    let of_banners = banners.clone().map(|it| it.to_string());
    let in_campaign = banners.map(|it| format!("{}/{it}", campaign.id));
    let filter = AuditFilter {
        kinds: Some(&[Subject::BANNER, Subject::ATTACHMENT]),
        subject_ids: of_banners.chain(in_campaign).collect(),
        ..AuditFilter::default()
    };
    let page = PageRequest { sort: (), descending: true, after: None, limit: MOST_CHANGES };
    for entry in audit_log(database, &filter, &page).await?.items {
        if entry.recorded()?.is_some_and(|it| took_away(&it)) {
            return Ok(Some(campaign.status_since.map_or(entry.at, |since| since.max(entry.at))));
        }
    }
    Ok(campaign.status_since)
}

/// Returns true for a change after which a banner could no longer be shown.
fn took_away(recorded: &Recorded) -> bool {
    let ready = |it: &BannerState| it.settings.status == Status::Active && it.image.is_some();
    match recorded {
        Recorded::Banner(_, states) => {
            states.before.as_ref().is_some_and(ready) && !states.after.as_ref().is_some_and(ready)
        }
        Recorded::Attachment(_, _, states) => {
            states.before == Some(Status::Active) && states.after != Some(Status::Active)
        }
        Recorded::Campaign(..) => false,
    }
}

async fn refused_imports(
    importing: &Importing,
    now: i64,
) -> Result<Vec<Attention>, ImportingError> {
    let page = PageRequest { sort: (), descending: true, after: None, limit: MOST };
    let newest = importing.list(&ImportFilter::default(), &page).await?.items;
    let mut stored_since = HashSet::new();
    let mut refused = Vec::new();
    for import in newest {
        let report = import.report;
        let is_recent = report.finished_at_ms.is_some_and(|at| now - at < RECENT);
        if report.dry_run {
            continue;
        }
        match report.state {
            ImportState::Completed => {
                stored_since.insert(report.file_name);
            }
            ImportState::Failed if is_recent && stored_since.insert(report.file_name.clone()) => {
                refused.push(Attention::RefusedImport(Box::new(report)));
            }
            _ => {}
        }
    }
    Ok(refused)
}

async fn leading_nowhere(database: &Database) -> Result<Option<Attention>, StorageError> {
    let filter = BannerFilter {
        statuses: vec![Status::Active],
        has_image: Some(true),
        has_landing_url: Some(false),
        is_attached: Some(true),
        ..BannerFilter::default()
    };
    let first = banners(database, &filter, &newest(1)).await?.items.pop();
    let Some(first) = first else { return Ok(None) };
    let banners = count_banners(database, &filter).await?;
    Ok(Some(Attention::LeadNowhere { banners, first: Box::new(first) }))
}

fn newest(limit: u64) -> PageRequest<CatalogSort> {
    PageRequest { sort: CatalogSort::UpdatedAt, descending: true, after: None, limit }
}
