//! Campaigns, banners, and which banners belong to which campaign.

mod attachments;
mod banners;
mod bulk;
mod campaigns;

pub use attachments::{Attachment, AttachmentSort, attachment, attachments};
pub use banners::{Banner, BannerFilter, BannerImage, BannerSettings, BannerSort, banner, banners};
pub use bulk::{BannerRecord, CampaignRecord, Catalog};
pub use campaigns::{
    Campaign, CampaignFilter, CampaignSettings, CampaignSort, campaign, campaigns,
};
