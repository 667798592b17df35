//! The errors of managing.

use bams_domain::{BannerId, CampaignId};
use bams_storage::StorageError;

use super::version::{Outdated, Version};
use crate::images::ImagesError;
use crate::violation::Violation;

/// Why a change was not made. Nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum ManagingError {
    /// Fields break rules. These are all violations.
    #[error("{}", sentences(.0))]
    Invalid(Vec<Violation>),
    /// There is no such campaign.
    #[error("campaign {0} does not exist")]
    UnknownCampaign(CampaignId),
    /// There is no such banner.
    #[error("banner {0} does not exist")]
    UnknownBanner(BannerId),
    /// The banner is not in the campaign.
    #[error("banner {banner} is not attached to campaign {campaign}")]
    NotAttached {
        /// The campaign.
        campaign: CampaignId,
        /// The banner.
        banner: BannerId,
    },
    /// The campaign has no such conversion.
    #[error("the campaign has no conversion with this id")]
    UnknownConversion,
    /// The conversion happened at a time that is summed up.
    #[error(
        "what happened at the time of this conversion is summed up and does not change any more"
    )]
    SummedUp,
    /// There is no such shared report.
    #[error("there is no shared report with this id")]
    UnknownSharedReport,
    /// There is no such key.
    #[error("there is no key with this id")]
    UnknownKey,
    /// The change is based on another version than the current one.
    #[error("it has changed since")]
    Outdated {
        /// The current version, if there is one.
        current: Option<Version>,
    },
    /// There is no such entry of the audit log.
    #[error("the audit log has no entry {0}")]
    UnknownEntry(i64),
    /// What a change changed has changed since, so that it cannot be reverted.
    #[error("{detail}")]
    ChangedSince {
        /// What has changed, in a sentence.
        detail: String,
        /// Each field that has changed.
        fields: Vec<Violation>,
    },
    /// A change is none that can be reverted, for this reason.
    #[error("{0}")]
    NotRevertible(String),
    /// Another request was sent under the same idempotency key before.
    #[error("another request was sent under the same name before")]
    ClaimedByAnother,
    /// The text of a new key could not be handed over.
    #[error("the key could not be handed over, so that there is none")]
    NotHandedOver(#[source] std::io::Error),
    /// An image was not taken.
    #[error(transparent)]
    Images(#[from] ImagesError),
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The change panicked or was cancelled.
    #[error("the change ended in the middle")]
    Interrupted(#[from] tokio::task::JoinError),
}

impl From<Vec<Violation>> for ManagingError {
    fn from(violations: Vec<Violation>) -> Self {
        Self::Invalid(violations)
    }
}

impl From<Outdated> for ManagingError {
    fn from(Outdated { current }: Outdated) -> Self {
        Self::Outdated { current }
    }
}

fn sentences(violations: &[Violation]) -> String {
    violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
