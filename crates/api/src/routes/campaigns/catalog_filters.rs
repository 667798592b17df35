//! The filters that the lists of campaigns and of banners have alike.

use bams_app::{NAME_LENGTH, TAG_LENGTH};
use bams_domain::Status;
use serde_json::json;

use super::campaign::StatusName;
use crate::extract::filters::Filters;

/// Returns filters by status, tag and name of what `things` are called, each with what it sets.
pub(in crate::routes) fn catalog_filters<T: Default + 'static>(
    things: &str,
    statuses: fn(&mut T, Vec<Status>),
    tag: fn(&mut T, String),
    name: fn(&mut T, String),
) -> Filters<T> {
    let any = json!(["active", "paused"]);
    let with_tag = format!("Only {things} with this tag.");
    let named = format!(
        "Only {things} whose name contains this, in upper or lower case; on SQLite only A to Z are the \
         same\nas a to z."
    );
    Filters::default()
        .words::<StatusName>("status", "Any of these statuses, separated by commas.", any, statuses)
        .text("tag", TAG_LENGTH, &with_tag, "spring", tag)
        .text("name", NAME_LENGTH, &named, "shoes", name)
}
