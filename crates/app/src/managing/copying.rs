//! Copying campaigns with the banners attached to them.

use bams_domain::{CampaignId, Status};
use bams_storage::{Actor, Campaign, CampaignSettings, Change, Once};

use super::attachments::ATTACHMENT_STATUSES;
use super::{Made, Managing, ManagingError};
use crate::draft::{Draft, Said};
use crate::rules::{NAME_LENGTH, Rules};

/// What stands before the name of the original.
const COPY_OF: &str = "Copy of ";

/// What is said about a copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CopyFields {
    /// The name, one line; `Copy of …` if missing.
    pub name: Said<String>,
}

impl Managing {
    /// Copies a campaign into a draft with the next free number: its settings, and the banners
    /// attached to it with their statuses there. The banners themselves are shared.
    pub async fn copy_campaign(
        &self,
        by: Actor,
        id: CampaignId,
        draft: impl Into<Draft<CopyFields>>,
        once: Option<Once<Campaign>>,
        now: i64,
    ) -> Result<Made<Campaign>, ManagingError> {
        let name = name(draft.into())?;
        self.run_once(by, once, now, move |change| Box::pin(copy(change, id, name))).await
    }
}

async fn copy(
    change: &mut Change,
    id: CampaignId,
    name: Said<String>,
) -> Result<Campaign, ManagingError> {
    let original = change.campaign(id).await?.ok_or(ManagingError::UnknownCampaign(id))?;
    let attached = change.attachments(id).await?;
    let settings = CampaignSettings {
        name: name.unwrap_or_else(|| name_of_copy(&original.settings.name)),
        status: Status::Draft,
        ..original.settings
    };
    let copy = change.create_campaign(settings).await?;
    for status in ATTACHMENT_STATUSES {
        let with_it = attached.iter().filter(|it| it.status == status);
        change.attach(copy.id, &with_it.map(|it| it.banner).collect(), status).await?;
    }
    Ok(Campaign { has_eligible_banner: original.has_eligible_banner, ..copy })
}

fn name(draft: Draft<CopyFields>) -> Result<Said<String>, ManagingError> {
    let mut rules = Rules::after(draft.violations);
    let name = rules.line("name", draft.said.name, NAME_LENGTH);
    Ok(rules.finish(Ok(name))?)
}

/// Returns the name of a copy, shortened to the longest one that a campaign may have.
fn name_of_copy(original: &str) -> String {
    let name: String = COPY_OF.chars().chain(original.chars()).take(*NAME_LENGTH.end()).collect();
    name.trim_end().to_owned()
}
