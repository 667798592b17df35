//! Campaigns, banners and attachments.

pub(crate) mod attachments;
pub(crate) mod banner;
mod banners;
#[cfg(feature = "fixtures")]
mod bulk;
pub(crate) mod campaign;
mod campaigns;
mod eligible;
pub(crate) mod recorded;
mod sort;

pub use attachments::{
    Attachment, AttachmentSort, attachment, attachment_counts, attachments, campaign_counts,
    unknown_banners,
};
pub use banner::{
    Banner, BannerImage, BannerSettings, LONGEST_ALT, LONGEST_NAME, LONGEST_TAG, MOST_TAGS,
};
pub use banners::{BannerFilter, banner, banners, count_banners};
#[cfg(feature = "fixtures")]
pub use bulk::{BannerRecord, CampaignRecord, Catalog};
pub use campaign::{Campaign, CampaignSettings};
pub use campaigns::{CampaignFilter, campaign, campaign_statuses, campaigns};
pub use recorded::{BannerState, Recorded, States};
pub use sort::CatalogSort;
