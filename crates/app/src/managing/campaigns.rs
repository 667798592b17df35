//! Creating, changing and archiving campaigns.

use bams_domain::{CampaignId, Policy, Status};
use bams_storage::{Actor, Campaign, CampaignSettings, Change, Once, campaign};

use super::version::Precondition;
use super::{Made, Managing, ManagingError};
use crate::draft::{Draft, Said};
use crate::rules::{NAME_LENGTH, PAGE_SIZES, Rules};

/// The longest notes on a campaign, in characters.
pub const NOTES_LENGTH: usize = 10_000;

/// The fields of a campaign. A missing field stays as it is; a new campaign is active, always runs,
/// and leaves the size of pages to the rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CampaignFields {
    /// The name, one line. Required for a new campaign.
    pub name: Said<String>,
    /// The status.
    pub status: Said<Status>,
    /// The moment at which it begins, in unix milliseconds. Null is always.
    pub starts_at: Said<Option<i64>>,
    /// The moment at which it ends, after it begins. Null is never.
    pub ends_at: Said<Option<i64>>,
    /// The policy that ranks its banners.
    pub policy: Said<Policy>,
    /// How many banners a page shows. Null leaves that to the rule.
    pub page_size: Said<Option<u32>>,
    /// The tags, for people and filters.
    pub tags: Said<Vec<String>>,
    /// Notes, for people.
    pub notes: Said<String>,
}

impl Managing {
    /// Creates a campaign with the next free number.
    pub async fn create_campaign(
        &self,
        by: Actor,
        draft: impl Into<Draft<CampaignFields>>,
        once: Option<Once<Campaign>>,
        now: i64,
    ) -> Result<Made<Campaign>, ManagingError> {
        let settings = settled(draft.into(), None)?;
        self.run_once(by, once, now, move |change| {
            Box::pin(async move { Ok(change.create_campaign(settings).await?) })
        })
        .await
    }

    /// Changes fields of a campaign. Fails with [`ManagingError::Outdated`] if the campaign is not
    /// the version that the sender has seen.
    pub async fn change_campaign(
        &self,
        by: Actor,
        id: CampaignId,
        precondition: Precondition,
        draft: impl Into<Draft<CampaignFields>>,
        now: i64,
    ) -> Result<Campaign, ManagingError> {
        let draft = draft.into();
        self.change_checked(move |managing| {
            let (by, precondition, draft) = (by.clone(), precondition.clone(), draft.clone());
            async move { managing.try_to_change_campaign(by, id, &precondition, draft, now).await }
        })
        .await
    }

    /// Changes it, or returns `None` if somebody else changed it between the check and the transaction.
    async fn try_to_change_campaign(
        &self,
        by: Actor,
        id: CampaignId,
        precondition: &Precondition,
        draft: Draft<CampaignFields>,
        now: i64,
    ) -> Result<Option<Campaign>, ManagingError> {
        let seen = campaign(&self.database, id).await?;
        let seen = seen.ok_or(ManagingError::UnknownCampaign(id))?;
        precondition.check(Some(seen.version.into()))?;
        let settings = settled(draft, Some(seen.settings.clone()))?;
        let mut change = Change::begin(&self.database, by, now).await?;
        let before = change.campaign(id).await?;
        let before = before.ok_or(ManagingError::UnknownCampaign(id))?;
        if before.version != seen.version {
            return Ok(None);
        }
        let changed = change.change_campaign(before, settings).await?;
        change.commit().await?;
        self.serve_it();
        Ok(Some(changed))
    }

    /// Archives a campaign. It shows nothing any more, and its performance stays.
    pub async fn archive_campaign(
        &self,
        by: Actor,
        id: CampaignId,
        precondition: Precondition,
        now: i64,
    ) -> Result<Campaign, ManagingError> {
        let archived =
            CampaignFields { status: Some(Status::Archived), ..CampaignFields::default() };
        self.change_campaign(by, id, precondition, archived, now).await
    }
}

/// Returns the settings of a campaign after a change, or of a new one if there is nothing `before`.
pub(super) fn settled(
    draft: Draft<CampaignFields>,
    before: Option<CampaignSettings>,
) -> Result<CampaignSettings, ManagingError> {
    let mut rules = Rules::after(draft.violations);
    let name = rules.line("name", draft.said.name.clone(), NAME_LENGTH);
    let before = match before {
        Some(before) => Ok(before),
        None => rules.needed("name", name.clone()).map(CampaignSettings::named),
    };
    let said = CampaignFields { name, ..checked(draft.said, &mut rules) };
    if said.starts_at.is_some() || said.ends_at.is_some() {
        let was = before.as_ref().ok();
        let starts_at = said.starts_at.unwrap_or_else(|| was.and_then(|it| it.starts_at));
        let ends_at = said.ends_at.unwrap_or_else(|| was.and_then(|it| it.ends_at));
        if starts_at.zip(ends_at).is_some_and(|(start, end)| end <= start) {
            rules.refuse("ends_at", "before_start", "`ends_at` is after `starts_at`");
        }
    }
    Ok(rules.finish(before.map(|before| over(said, before)))?)
}

/// Checks every field but the name.
fn checked(said: CampaignFields, rules: &mut Rules) -> CampaignFields {
    CampaignFields {
        name: None,
        status: rules.any("status", said.status),
        starts_at: rules.any("starts_at", said.starts_at),
        ends_at: rules.any("ends_at", said.ends_at),
        policy: rules.any("policy", said.policy),
        page_size: rules.number("page_size", said.page_size, &PAGE_SIZES),
        tags: rules.tags("tags", said.tags),
        notes: rules.text("notes", said.notes, NOTES_LENGTH),
    }
}

fn over(said: CampaignFields, before: CampaignSettings) -> CampaignSettings {
    CampaignSettings {
        name: said.name.unwrap_or(before.name),
        status: said.status.unwrap_or(before.status),
        starts_at: said.starts_at.unwrap_or(before.starts_at),
        ends_at: said.ends_at.unwrap_or(before.ends_at),
        policy: said.policy.unwrap_or(before.policy),
        page_size: said.page_size.unwrap_or(before.page_size),
        tags: said.tags.unwrap_or(before.tags),
        notes: said.notes.unwrap_or(before.notes),
    }
}
