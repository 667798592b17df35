//! The states of campaigns, banners and attachments as the audit log keeps them.

use bams_domain::{BannerId, CampaignId, Status};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::banner::{BannerImage, BannerSettings};
use super::campaign::CampaignSettings;
use crate::change::{AuditEntry, Subject};
use crate::database::values::corrupt;
use crate::error::StorageError;

/// What an entry of the audit log says of a campaign, a banner or an attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// A change of a campaign.
    Campaign(CampaignId, States<CampaignSettings>),
    /// A change of a banner or of its image.
    Banner(BannerId, States<BannerState>),
    /// A change of a banner's status within a campaign. Without a state it is not attached.
    Attachment(CampaignId, BannerId, States<Status>),
}

/// The states of something before and after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct States<T> {
    /// The state before. `None` for something new.
    pub before: Option<T>,
    /// The state after. `None` for something that is gone.
    pub after: Option<T>,
}

/// A banner with its image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BannerState {
    /// Its settings.
    #[serde(flatten)]
    pub settings: BannerSettings,
    /// Its image.
    pub image: Option<BannerImage>,
}

/// An attachment as the audit log keeps it.
#[derive(Serialize, Deserialize)]
pub(super) struct AttachmentState {
    pub(super) status: Status,
}

impl AuditEntry {
    /// Reads what this entry says of a campaign, a banner or an attachment. `None` if it is about
    /// something else.
    pub fn recorded(&self) -> Result<Option<Recorded>, StorageError> {
        let unknown = || corrupt("audit_log", "subject_id", &self.subject_id);
        let number = |text: &str| text.parse::<u32>().map_err(|_| unknown());
        let id = self.subject_id.as_str();
        Ok(match self.subject_kind.as_str() {
            Subject::CAMPAIGN => Some(Recorded::Campaign(CampaignId(number(id)?), self.states()?)),
            Subject::BANNER => Some(Recorded::Banner(BannerId(number(id)?), self.states()?)),
            Subject::ATTACHMENT => {
                let (campaign, banner) = id.split_once('/').ok_or_else(unknown)?;
                let States { before, after } = self.states::<AttachmentState>()?;
                let of = |state: Option<AttachmentState>| state.map(|it| it.status);
                let states = States { before: of(before), after: of(after) };
                let (campaign, banner) = (CampaignId(number(campaign)?), BannerId(number(banner)?));
                Some(Recorded::Attachment(campaign, banner, states))
            }
            _ => None,
        })
    }

    fn states<T: DeserializeOwned>(&self) -> Result<States<T>, StorageError> {
        Ok(States {
            before: state("before", self.before.as_ref())?,
            after: state("after", self.after.as_ref())?,
        })
    }
}

fn state<T: DeserializeOwned>(
    column: &'static str,
    value: Option<&Value>,
) -> Result<Option<T>, StorageError> {
    let read =
        |value: &Value| T::deserialize(value).map_err(|error| corrupt("audit_log", column, error));
    value.map(read).transpose()
}

/// Returns a state as the audit log keeps it.
pub(crate) fn described(state: &impl Serialize) -> Value {
    // Names, numbers and texts can always be written.
    serde_json::to_value(state).unwrap_or_default()
}
