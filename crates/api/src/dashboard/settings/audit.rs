//! The audit log, with a button that undoes.

use bams_app::managing::readable_changes;
use bams_storage::{
    After, AuditEntry, AuditFilter, PageRequest, Role, SortValue, Subject, audit_log,
};

use crate::dashboard::audit_words::{fields, name, what};
use crate::dashboard::desk::Desk;
use crate::dashboard::fields::Fields;
use crate::problem::ApiError;

/// How many changes a page lists.
const ON_A_PAGE: u64 = 25;

/// The kinds of things whose changes are undone here.
const UNDONE: [&str; 3] = [Subject::CAMPAIGN, Subject::BANNER, Subject::ATTACHMENT];

/// A part of the audit log.
pub(super) struct AuditPart {
    pub(super) kinds: Vec<KindLink>,
    pub(super) rows: Vec<AuditRow>,
    pub(super) first: Option<String>,
    pub(super) next: Option<String>,
}

/// A kind of thing to filter by.
pub(super) struct KindLink {
    pub(super) word: String,
    pub(super) address: String,
    pub(super) is_current: bool,
}

/// A change.
pub(super) struct AuditRow {
    pub(super) id: i64,
    pub(super) when: String,
    pub(super) who: String,
    pub(super) what: String,
    pub(super) name: String,
    pub(super) changes: Vec<String>,
    pub(super) can_undo: bool,
}

/// Returns a part of the audit log, or `None` for those who may not read it.
pub(super) async fn of(desk: &Desk, asked: &Fields) -> Result<Option<AuditPart>, ApiError> {
    if !desk.may(Role::Editor) {
        return Ok(None);
    }
    let text = |name| (!asked.text(name).is_empty()).then(|| asked.text(name).to_owned());
    let filter = AuditFilter {
        subject_kind: text("subject_kind"),
        subject_id: text("subject_id"),
        ..AuditFilter::default()
    };
    let had = desk.key.role;
    let filter =
        readable_changes(had, filter).ok_or(ApiError::Forbidden { needed: Role::Admin, had })?;
    let after = asked.text("before").split_once('.').and_then(|(at, id)| {
        let number = |text: &str| text.parse().ok().map(SortValue::Number);
        Some(After { value: number(at)?, id: number(id)? })
    });
    let has_after = after.is_some();
    let page = PageRequest { sort: (), descending: true, after, limit: ON_A_PAGE };
    let found = audit_log(&desk.parts.database, &filter, &page).await?;
    let next = found.next.as_ref().map(|it| match (&it.value, &it.id) {
        (SortValue::Number(at), SortValue::Number(id)) => {
            format!("{}#audit", asked.with(&[("before", &format!("{at}.{id}")), ("undo", "")]))
        }
        _ => asked.with(&[]),
    });
    Ok(Some(AuditPart {
        kinds: kinds(desk, asked),
        rows: found.items.iter().map(|it| row(desk, it)).collect(),
        first: has_after.then(|| format!("{}#audit", asked.with(&[("before", "")]))),
        next,
    }))
}

fn kinds(desk: &Desk, asked: &Fields) -> Vec<KindLink> {
    let current = asked.text("subject_kind");
    let readable = |kind: &&str| {
        let filter =
            AuditFilter { subject_kind: Some((**kind).to_owned()), ..AuditFilter::default() };
        readable_changes(desk.key.role, filter).is_some()
    };
    let kinds = Subject::KINDS.into_iter().filter(readable);
    let link = |kind: &str| KindLink {
        word: if kind.is_empty() { "All".to_owned() } else { kind.replace('_', " ") },
        address: format!(
            "{}#audit",
            asked.with(&[("subject_kind", kind), ("before", ""), ("undo", "")])
        ),
        is_current: kind == current,
    };
    std::iter::once("").chain(kinds).map(link).collect()
}

fn row(desk: &Desk, entry: &AuditEntry) -> AuditRow {
    AuditRow {
        id: entry.id,
        when: desk.browser.zone.stamp(entry.at, desk.now),
        who: entry.actor_name.clone(),
        what: what(entry),
        name: name(entry),
        changes: fields(entry, &desk.browser.zone, desk.now),
        can_undo: UNDONE.contains(&entry.subject_kind.as_str()),
    }
}
