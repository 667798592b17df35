//! The errors of serving.

use bams_domain::CampaignId;

use crate::violation::Violation;

/// Why nothing is decided. No banner counts as shown then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServingError {
    /// A request is beyond a limit.
    #[error("{} parts of the request are beyond a limit", .0.len())]
    Invalid(Vec<Violation>),
    /// A spot asks for a campaign that does not exist.
    #[error("campaign {0} does not exist")]
    UnknownCampaign(CampaignId),
    /// There are banners to show, but no credentials to sign the URLs of their images.
    #[error("there are no credentials to sign image URLs with")]
    MissingCredentials,
}
