//! Attaching banners to campaigns, pausing them there, and detaching them.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use bams_domain::{BannerId, CampaignId, Status};
use bams_storage::{Actor, Attachment, Once, banner, campaign, unknown_banners};

use super::version::{Precondition, Version};
use super::{Made, Managing, ManagingError};
use crate::draft::{Draft, Said};
use crate::rules::Rules;
use crate::violation::Violation;

/// How many banners are attached or detached at once.
pub const ATTACHMENT_COUNT: RangeInclusive<usize> = 1..=1000;

/// The statuses of a banner within a campaign.
pub const ATTACHMENT_STATUSES: [Status; 2] = [Status::Active, Status::Paused];

/// The fields of banners in a campaign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttachmentFields {
    /// The banners, if several are attached at once.
    pub banner_ids: Said<Vec<u32>>,
    /// One of [`ATTACHMENT_STATUSES`], active if missing.
    pub status: Said<Status>,
}

/// A banner that is attached to a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// The attachment now.
    pub attachment: Attachment,
    /// True if it was different before.
    pub changed: bool,
}

/// Returns the version of a banner in a campaign.
pub fn attachment_version(attachment: &Attachment) -> Version {
    Version::named(format!("{}.{}", attachment.created_at, attachment.status.name()))
}

impl Managing {
    /// Attaches banners to a campaign, all or, if one of them does not exist, none. Gives the
    /// status to banners that are attached already. Returns those that changed, by number.
    pub async fn attach_banners(
        &self,
        by: Actor,
        id: CampaignId,
        draft: impl Into<Draft<AttachmentFields>>,
        once: Option<Once<Vec<BannerId>>>,
        now: i64,
    ) -> Result<Made<Vec<BannerId>>, ManagingError> {
        let (banners, status) = several(draft.into())?;
        self.expect_campaign(id).await?;
        let unknown = unknown_banners(&self.database, &banners).await?;
        if !unknown.is_empty() {
            let sentence = |banner| ManagingError::UnknownBanner(banner).to_string();
            let violation =
                |banner| Violation::of("banner_ids", "unknown_banner", sentence(banner));
            return Err(ManagingError::Invalid(unknown.into_iter().map(violation).collect()));
        }
        self.run_once(by, once, now, move |change| {
            Box::pin(async move { Ok(change.attach(id, &banners, status).await?) })
        })
        .await
    }

    /// Detaches banners from a campaign, and skips those that are not attached. Their performance
    /// there stays. Returns those that were attached, by number.
    pub async fn detach_banners(
        &self,
        by: Actor,
        id: CampaignId,
        banners: BTreeSet<BannerId>,
        now: i64,
    ) -> Result<Vec<BannerId>, ManagingError> {
        self.expect_campaign(id).await?;
        self.run(by, now, move |change| {
            Box::pin(async move { Ok(change.detach(id, &banners).await?) })
        })
        .await
    }

    /// Attaches a banner to a campaign or, if it is attached already, gives it the status there.
    pub async fn attach_banner(
        &self,
        by: Actor,
        campaign: CampaignId,
        banner: BannerId,
        precondition: Precondition,
        draft: impl Into<Draft<AttachmentFields>>,
        now: i64,
    ) -> Result<Attached, ManagingError> {
        let status = one(draft.into())?;
        self.expect_campaign(campaign).await?;
        self.expect_banner(banner).await?;
        self.run(by, now, move |change| {
            Box::pin(async move {
                let before = change.attachment(campaign, banner).await?;
                precondition.check(before.as_ref().map(attachment_version))?;
                let changed = change.attach(campaign, &BTreeSet::from([banner]), status).await?;
                let attached = change.attachment(campaign, banner).await?;
                let attachment = attached.ok_or(ManagingError::NotAttached { campaign, banner })?;
                Ok(Attached { attachment, changed: !changed.is_empty() })
            })
        })
        .await
    }

    /// Detaches a banner from a campaign. Its performance there stays.
    pub async fn detach_banner(
        &self,
        by: Actor,
        campaign: CampaignId,
        banner: BannerId,
        precondition: Precondition,
        now: i64,
    ) -> Result<(), ManagingError> {
        self.expect_campaign(campaign).await?;
        self.run(by, now, move |change| {
            Box::pin(async move {
                let attached = change.attachment(campaign, banner).await?;
                let before = attached.ok_or(ManagingError::NotAttached { campaign, banner })?;
                precondition.check(Some(attachment_version(&before)))?;
                change.detach(campaign, &BTreeSet::from([banner])).await?;
                Ok(())
            })
        })
        .await
    }

    async fn expect_banner(&self, id: BannerId) -> Result<(), ManagingError> {
        let known = banner(&self.database, id).await?;
        known.map(drop).ok_or(ManagingError::UnknownBanner(id))
    }

    /// Fails if a campaign does not exist. Campaigns are never deleted, so one that exists now
    /// exists in any change that begins later.
    pub(super) async fn expect_campaign(&self, id: CampaignId) -> Result<(), ManagingError> {
        let known = campaign(&self.database, id).await?;
        known.map(drop).ok_or(ManagingError::UnknownCampaign(id))
    }
}

/// Returns the banners to attach, and their status in the campaign.
fn several(draft: Draft<AttachmentFields>) -> Result<(BTreeSet<BannerId>, Status), ManagingError> {
    let mut rules = Rules::after(draft.violations);
    let said = rules.list("banner_ids", draft.said.banner_ids, &ATTACHMENT_COUNT);
    let ids = rules.needed("banner_ids", said);
    let status = status(draft.said.status, &mut rules);
    let banners = ids.map(|ids| ids.into_iter().map(BannerId).collect());
    Ok(rules.finish(banners.map(|banners| (banners, status)))?)
}

/// Returns the status of one banner in the campaign.
fn one(draft: Draft<AttachmentFields>) -> Result<Status, ManagingError> {
    let mut rules = Rules::after(draft.violations);
    let status = status(draft.said.status, &mut rules);
    Ok(rules.finish(Ok(status))?)
}

fn status(said: Said<Status>, rules: &mut Rules) -> Status {
    let status = rules.any("status", said).unwrap_or(Status::Active);
    if !ATTACHMENT_STATUSES.contains(&status) {
        let known = ATTACHMENT_STATUSES.map(Status::name).join(", ");
        rules.refuse("status", "unknown_value", format!("`status` is one of {known}"));
    }
    status
}
