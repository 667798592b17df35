//! Whether everything works, and what the node runs on.

use bams_storage::Role;

use crate::dashboard::desk::Desk;
use crate::dashboard::html::{Html, icon, icon_of};

/// The state of the node.
pub(super) struct HealthPart {
    pub(super) clock: String,
    pub(super) rows: Vec<HealthRow>,
    pub(super) facts: Vec<(&'static str, String)>,
}

/// A dependency.
pub(super) struct HealthRow {
    pub(super) icon: Html,
    pub(super) name: &'static str,
    pub(super) purpose: &'static str,
    pub(super) state: &'static str,
}

pub(super) fn of(desk: &Desk) -> HealthPart {
    let state = desk.parts.dependencies();
    let row = |name, purpose, state: &'static str| HealthRow {
        icon: match state {
            "up" => icon_of("check", "good"),
            "in_process" | "configured" => icon("info"),
            _ => icon_of("warn", "warn"),
        },
        name,
        purpose,
        state: match state {
            "in_process" => "in this process",
            "read_only" => "read only",
            other => other,
        },
    };
    let node = &desk.parts.dashboard.node;
    let counts = match desk.parts.metrics.differences() {
        None => "not compared yet".to_owned(),
        Some(0) => "all performance adds up with raw rows".to_owned(),
        Some(1) => "1 difference: see bams verify".to_owned(),
        Some(many) => format!("{many} differences: see bams verify"),
    };
    let mut facts = vec![("Counts", counts), ("Version", env!("CARGO_PKG_VERSION").to_owned())];
    // Only admins, who could change them, see where things lie.
    if desk.may(Role::Admin) {
        facts.extend([
            ("Database", node.database.to_owned()),
            ("Images", node.images.clone()),
            ("Visitor history", node.history.to_owned()),
            ("Address", desk.parts.dashboard.public_url.clone()),
        ]);
    }
    HealthPart {
        clock: desk.browser.zone.clock(desk.now),
        rows: vec![
            row("Database", "campaigns, performance, keys", state.database),
            row("Writing", "changes and events are stored", state.database_writes),
            row("Images", "signing and storing images", state.images),
            row("Visitor history", "what a visitor was shown", state.redis),
        ],
        facts,
    }
}
