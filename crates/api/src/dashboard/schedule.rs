//! When a campaign runs, in words.

use bams_storage::Campaign;

use super::desk::Desk;
use super::zone::Zone;

/// Returns on which days a campaign runs; empty if always.
pub(crate) fn days(desk: &Desk, campaign: &Campaign) -> String {
    let day = |at: i64| desk.browser.zone.day(at, desk.now);
    match (campaign.settings.starts_at, campaign.settings.ends_at) {
        (None, None) => String::new(),
        (Some(start), None) if start <= desk.now => format!("since {}", day(start)),
        (Some(start), None) => format!("from {}", day(start)),
        (None, Some(end)) if end <= desk.now => format!("ended {}", day(end)),
        (None, Some(end)) => format!("until {}", day(end)),
        (Some(start), Some(end)) => format!("{} – {}", day(start), day(end)),
    }
}

/// Returns from when to when a campaign runs, in a zone and in UTC; empty if always.
pub(crate) fn moments(zone: &Zone, campaign: &Campaign) -> String {
    let own = moments_in(zone, campaign);
    if own.is_empty() || zone.name() == Zone::utc().name() {
        return own;
    }
    format!("{own} · {}", moments_in(&Zone::utc(), campaign))
}

fn moments_in(zone: &Zone, campaign: &Campaign) -> String {
    let at = |at: i64| zone.input(at).replace('T', " ");
    let name = zone.name();
    match (campaign.settings.starts_at, campaign.settings.ends_at) {
        (None, None) => String::new(),
        (Some(start), None) => format!("from {} {name}", at(start)),
        (None, Some(end)) => format!("until {} {name}", at(end)),
        (Some(start), Some(end)) => format!("{} to {} {name}", at(start), at(end)),
    }
}
