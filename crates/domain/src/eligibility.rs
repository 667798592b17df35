//! What may be shown: the status of campaigns and banners, and a campaign's schedule.

use std::str::FromStr;

/// The status of a campaign, of a banner, or of a banner within one campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Status {
    /// Being prepared; never shown.
    Draft,
    /// Shown.
    Active,
    /// Held back for now.
    Paused,
    /// Withdrawn for good; kept because its performance counts.
    Archived,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Draft, Self::Active, Self::Paused, Self::Archived];

    /// Returns the name in JSON and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Archived => "archived",
        }
    }
}

/// The error of a text that names no status.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a status: use draft, active, paused or archived")]
pub struct UnknownStatus(pub String);

impl FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|it| it.name() == name);
        known.ok_or_else(|| UnknownStatus(name.to_owned()))
    }
}

/// Why a campaign shows nothing. More reasons may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum EmptyReason {
    /// Somebody paused it.
    CampaignPaused,
    /// It is a draft, or its schedule begins later.
    NotStarted,
    /// It is archived, or its schedule is over.
    Ended,
    /// It runs, but none of its banners may be shown.
    NoEligibleBanner,
    /// There is no such campaign.
    UnknownCampaign,
    /// None of the banners to show has a size that the request asks for.
    NoBannerOfThisSize,
}

impl EmptyReason {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::CampaignPaused,
        Self::NotStarted,
        Self::Ended,
        Self::NoEligibleBanner,
        Self::UnknownCampaign,
        Self::NoBannerOfThisSize,
    ];

    /// Returns the name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CampaignPaused => "campaign_paused",
            Self::NotStarted => "not_started",
            Self::Ended => "ended",
            Self::NoEligibleBanner => "no_eligible_banner",
            Self::UnknownCampaign => "unknown_campaign",
            Self::NoBannerOfThisSize => "no_banner_of_this_size",
        }
    }
}

/// When a campaign runs: from `starts_at` on and until before `ends_at`, in unix seconds.
///
/// `None` is no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Schedule {
    /// The first moment at which the campaign runs.
    pub starts_at: Option<i64>,
    /// The moment at which the campaign ends; it no longer runs then.
    pub ends_at: Option<i64>,
}

/// Returns why a campaign with this status and schedule shows nothing at a moment, or `None` if it runs.
///
/// ```
/// use bams_domain::{EmptyReason, Schedule, Status, closed};
///
/// let summer = Schedule { starts_at: Some(1000), ends_at: Some(2000) };
/// assert_eq!(closed(Status::Active, summer, 999), Some(EmptyReason::NotStarted));
/// assert_eq!(closed(Status::Active, summer, 1000), None);
/// assert_eq!(closed(Status::Active, summer, 2000), Some(EmptyReason::Ended));
/// assert_eq!(closed(Status::Paused, summer, 1500), Some(EmptyReason::CampaignPaused));
/// ```
pub fn closed(status: Status, schedule: Schedule, unix_seconds: i64) -> Option<EmptyReason> {
    match status {
        Status::Draft => Some(EmptyReason::NotStarted),
        Status::Paused => Some(EmptyReason::CampaignPaused),
        Status::Archived => Some(EmptyReason::Ended),
        Status::Active if schedule.ends_at.is_some_and(|end| unix_seconds >= end) => {
            Some(EmptyReason::Ended)
        }
        Status::Active if schedule.starts_at.is_some_and(|start| unix_seconds < start) => {
            Some(EmptyReason::NotStarted)
        }
        Status::Active => None,
    }
}

/// Returns why a campaign with this status and schedule shows nothing at a moment, or `None` if it shows
/// something: if it runs and has a banner that is not [`left_out`].
///
/// ```
/// use bams_domain::{EmptyReason, Schedule, Status, empty_reason};
///
/// let always = Schedule::default();
/// assert_eq!(empty_reason(Status::Active, always, true, 1000), None);
/// assert_eq!(
///     empty_reason(Status::Active, always, false, 1000),
///     Some(EmptyReason::NoEligibleBanner)
/// );
/// assert_eq!(
///     empty_reason(Status::Paused, always, false, 1000),
///     Some(EmptyReason::CampaignPaused)
/// );
/// ```
pub fn empty_reason(
    status: Status,
    schedule: Schedule,
    has_eligible_banner: bool,
    unix_seconds: i64,
) -> Option<EmptyReason> {
    let without_banners = (!has_eligible_banner).then_some(EmptyReason::NoEligibleBanner);
    closed(status, schedule, unix_seconds).or(without_banners)
}

/// Why a banner that is attached to a campaign is left out of its ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum LeftOut {
    /// The banner is a draft.
    BannerDraft,
    /// The banner is paused everywhere.
    BannerPaused,
    /// The banner is archived.
    BannerArchived,
    /// The banner is paused in this campaign only.
    PausedInCampaign,
    /// The banner has no image yet.
    NoImage,
    /// The banner's image is not where it should be, as far as the server knows that answers.
    ImageMissing,
}

impl LeftOut {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::BannerDraft,
        Self::BannerPaused,
        Self::BannerArchived,
        Self::PausedInCampaign,
        Self::NoImage,
        Self::ImageMissing,
    ];

    /// Returns the name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BannerDraft => "banner_draft",
            Self::BannerPaused => "banner_paused",
            Self::BannerArchived => "banner_archived",
            Self::PausedInCampaign => "paused_in_campaign",
            Self::NoImage => "no_image",
            Self::ImageMissing => "image_missing",
        }
    }
}

/// Returns why a banner may not be shown in a campaign, or `None` if it may.
///
/// `in_campaign` is the banner's status within the campaign. Every status but active counts as paused
/// there.
pub fn left_out(banner: Status, in_campaign: Status, has_image: bool) -> Option<LeftOut> {
    match banner {
        Status::Draft => Some(LeftOut::BannerDraft),
        Status::Paused => Some(LeftOut::BannerPaused),
        Status::Archived => Some(LeftOut::BannerArchived),
        Status::Active if in_campaign != Status::Active => Some(LeftOut::PausedInCampaign),
        Status::Active if !has_image => Some(LeftOut::NoImage),
        Status::Active => None,
    }
}
