//! The statuses of campaigns and banners, and the reasons why something is not shown, in words.

use bams_app::managing::Closed;
use bams_domain::{EmptyReason, LeftOut, Status};
use bams_storage::Campaign;

use super::fields::Fields;
use super::html::{Html, Shape};
use super::numbers::count;
use crate::problem::ApiError;

/// Returns the word of a status.
pub(crate) const fn word(status: Status) -> &'static str {
    match status {
        Status::Draft => "Draft",
        Status::Active => "Active",
        Status::Paused => "Paused",
        Status::Archived => "Archived",
    }
}

/// Returns a status with its shape.
pub(crate) fn status(status: Status) -> Html {
    let shape = match status {
        Status::Draft => Shape::Draft,
        Status::Active => Shape::Good,
        Status::Paused => Shape::Paused,
        Status::Archived => Shape::Archived,
    };
    shape.status(word(status))
}

/// Returns what a campaign does at a moment in unix milliseconds: its status, or why an active one shows
/// nothing.
pub(crate) fn of_campaign(campaign: &Campaign, now: i64) -> Html {
    let settings = &campaign.settings;
    let reason = Closed::at(campaign, now).map(|it| it.reason);
    match (settings.status, reason) {
        (Status::Active, Some(EmptyReason::NotStarted)) => Shape::NotStarted.status("Not started"),
        (Status::Active, Some(EmptyReason::Ended)) => Shape::Ended.status("Ended"),
        (Status::Active, Some(_)) => Shape::Bad.status("Shows nothing"),
        (other, _) => status(other),
    }
}

/// Returns the same of a campaign of a list. One that nobody has given banners yet is not broken.
pub(crate) fn of_listed(campaign: &Campaign, banners: u64, now: i64) -> Html {
    let closed = Closed::at(campaign, now).filter(|_| campaign.settings.status == Status::Active);
    match closed.map(|it| it.reason) {
        Some(EmptyReason::NoEligibleBanner) if banners == 0 => Shape::Warn.status("Shows nothing"),
        _ => of_campaign(campaign, now),
    }
}

/// Returns why a banner is left out, with its shape.
pub(crate) fn left_out(reason: LeftOut) -> Html {
    match reason {
        LeftOut::BannerDraft => Shape::Draft.status("Draft"),
        LeftOut::BannerPaused => Shape::Paused.status("Banner paused"),
        LeftOut::BannerArchived => Shape::Archived.status("Archived"),
        LeftOut::PausedInCampaign => Shape::Paused.status("Paused in this campaign"),
        LeftOut::NoImage => Shape::Bad.status("No image"),
        LeftOut::ImageMissing => Shape::Bad.status("Image missing"),
    }
}

/// Returns how many banners are left out for which reason, as a sentence has it.
pub(crate) fn reasons(left_out: &[(LeftOut, usize)]) -> String {
    let told = left_out.iter().map(|(reason, banners)| {
        format!("{} {}", count(*banners as u64), state(*reason, *banners))
    });
    told.collect::<Vec<_>>().join(", ")
}

/// Returns what one banner that is left out is, or what several are.
pub(crate) const fn state(reason: LeftOut, banners: usize) -> &'static str {
    let (one, several) = match reason {
        LeftOut::BannerDraft => ("is a draft", "are drafts"),
        LeftOut::BannerPaused => ("is paused", "are paused"),
        LeftOut::BannerArchived => ("is archived", "are archived"),
        LeftOut::PausedInCampaign => ("is paused here", "are paused here"),
        LeftOut::NoImage => ("has no image", "have no image"),
        LeftOut::ImageMissing => ("misses its image", "miss their images"),
    };
    if banners == 1 { one } else { several }
}

/// Reads the status of a form.
pub(crate) fn status_of(sent: &Fields) -> Result<Status, ApiError> {
    let unknown = || ApiError::invalid("status", "unknown_value", "this is no status");
    sent.read("status").ok_or_else(unknown)
}
