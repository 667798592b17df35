//! What roll-ups tell apart.

use bams_domain::{BannerId, CampaignId, Slot};

use super::condensed::DAY;

/// What a roll-up tells apart. Its number is the `level` of its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RollUp {
    /// Slots, over all campaigns.
    Slots = 1,
    /// Campaigns and slots.
    CampaignSlots = 2,
    /// Campaigns, days and quarters.
    CampaignDays = 3,
    /// Campaigns, banners and days.
    BannerDays = 4,
    /// Campaigns, banners, days and quarters.
    BannerQuarters = 5,
}

impl RollUp {
    /// Every roll-up.
    pub const ALL: [Self; 5] = [
        Self::Slots,
        Self::CampaignSlots,
        Self::CampaignDays,
        Self::BannerDays,
        Self::BannerQuarters,
    ];

    /// Returns what it tells apart, in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Slots => "slots",
            Self::CampaignSlots => "campaigns and slots",
            Self::CampaignDays => "campaigns, days and quarters",
            Self::BannerDays => "campaigns, banners and days",
            Self::BannerQuarters => "campaigns, banners, days and quarters",
        }
    }

    /// Returns the roll-up of which it is the sums, or `None` if it is those of performance itself.
    pub const fn made_of(self) -> Option<Self> {
        match self {
            Self::BannerQuarters | Self::CampaignSlots => None,
            Self::BannerDays | Self::CampaignDays => Some(Self::BannerQuarters),
            Self::Slots => Some(Self::CampaignSlots),
        }
    }

    pub(super) const fn level(self) -> i64 {
        self as i64
    }

    /// Returns true if campaigns are told apart.
    pub const fn has_campaigns(self) -> bool {
        !matches!(self, Self::Slots)
    }

    /// Returns true if banners are told apart.
    pub const fn has_banners(self) -> bool {
        matches!(self, Self::BannerDays | Self::BannerQuarters)
    }

    /// Returns the key of the row that has the sums of an account.
    pub(super) fn key(self, (campaign, banner, slot): (CampaignId, BannerId, Slot)) -> RollUpKey {
        let slot = slot.number();
        let day = slot - slot.rem_euclid(DAY);
        RollUpKey {
            campaign: if self.has_campaigns() { campaign.0.into() } else { 0 },
            banner: if self.has_banners() { banner.0.into() } else { 0 },
            slot: match self {
                Self::Slots | Self::CampaignSlots => slot,
                Self::CampaignDays | Self::BannerQuarters => day + slot.rem_euclid(4),
                Self::BannerDays => day,
            },
        }
    }
}

/// The key of a row of one roll-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RollUpKey {
    pub(super) campaign: i64,
    pub(super) banner: i64,
    pub(super) slot: i64,
}
