//! Who may read which changes.

use bams_storage::{AuditFilter, Role, Subject};

/// The kinds of things whose changes editors may read: what they may change.
const OF_EDITORS: &[&str] =
    &[Subject::CAMPAIGN, Subject::BANNER, Subject::ATTACHMENT, Subject::IMPORT];

/// Returns a filter of the audit log limited to what a role may read, or `None` if it asks for what the
/// role may not read.
pub fn readable_changes(role: Role, filter: AuditFilter) -> Option<AuditFilter> {
    let kinds: &'static [&'static str] = match role {
        Role::Admin => return Some(filter),
        Role::Editor => OF_EDITORS,
        Role::Viewer | Role::Ingest | Role::Postback | Role::Metrics => &[],
    };
    let asked = filter.subject_kind.as_deref();
    let may_read = asked.is_none_or(|kind| kinds.contains(&kind));
    may_read.then_some(AuditFilter { kinds: Some(kinds), ..filter })
}
