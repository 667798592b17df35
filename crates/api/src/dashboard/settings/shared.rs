//! The reports that people without a key read by links.

use std::collections::HashMap;

use bams_storage::{Role, SharedReport, shared_reports};

use crate::dashboard::desk::Desk;
use crate::dashboard::html::{Html, Shape};
use crate::dashboard::period::ChosenPeriod;
use crate::dashboard::zone::{Zone, short_day};
use crate::problem::ApiError;

/// How many are listed.
const MOST: u64 = 50;

/// A report that was shared.
pub(super) struct SharedReportRow {
    pub(super) id: String,
    pub(super) campaign: u32,
    pub(super) name: String,
    pub(super) days: String,
    pub(super) who: String,
    pub(super) until: String,
    pub(super) state: Html,
    pub(super) is_open: bool,
}

/// Returns the newest of them. Empty for those who may not share.
pub(super) async fn of(desk: &Desk) -> Result<Vec<SharedReportRow>, ApiError> {
    if !desk.may(Role::Editor) {
        return Ok(Vec::new());
    }
    let found = shared_reports(&desk.parts.database, MOST).await?;
    let snapshot = desk.parts.serving.snapshots.current();
    let names: HashMap<u32, String> =
        snapshot.campaigns().map(|it| (it.id.0, it.name.clone())).collect();
    Ok(found.iter().map(|it| row(desk, it, &names)).collect())
}

fn row(desk: &Desk, report: &SharedReport, names: &HashMap<u32, String>) -> SharedReportRow {
    let is_open = report.is_open(desk.now);
    let zone = Zone::named(&report.time_zone).unwrap_or_else(Zone::utc);
    let period = ChosenPeriod::of(&zone, [report.from, report.to], desk.now);
    SharedReportRow {
        id: report.id.clone(),
        campaign: report.campaign.0,
        name: names.get(&report.campaign.0).cloned().unwrap_or_default(),
        days: period.days(short_day),
        who: report.actor_name.clone(),
        until: desk.browser.zone.day(report.expires_at, desk.now),
        state: match (is_open, report.revoked_at) {
            (true, _) => Shape::Good.status("Open"),
            (false, Some(_)) => Shape::Archived.status("Revoked"),
            (false, None) => Shape::Ended.status("Expired"),
        },
        is_open,
    }
}
