//! Why a request for banners is refused.

use bams_domain::CampaignId;

/// Why nothing is decided. Nothing counts as shown then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServingError {
    /// A spot asks for a campaign that does not exist.
    #[error("campaign {0} does not exist")]
    UnknownCampaign(CampaignId),
    /// There are banners to show, and no credentials to sign the URLs of their images with.
    #[error("there are no credentials to sign image URLs with")]
    MissingCredentials,
}
