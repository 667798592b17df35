//! The audit log.

use std::ops::RangeInclusive;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use bams_app::managing::{Managing, readable_changes};
use bams_storage::{AuditEntry as Kept, AuditFilter, Database, Role, Subject, audit_log};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::answer::changed::{ChangeAnswer, Changing, answered};
use crate::answer::list::{List, Listed, PageQuery, Pages};
use crate::answer::page;
use crate::clock;
use crate::extract::filters::{Filters, filter};
use crate::extract::idempotency::IdempotencyKey;
use crate::extract::principal::Principal;
use crate::extract::query::Params;
use crate::problem::ApiError;
use crate::problem::responses::{KeyRefusals, RevertRefusals};
use crate::timestamp;
use crate::words::{orders, words};

/// How many characters an id has.
const ID_LENGTH: RangeInclusive<usize> = 1..=64;

/// One change, and who made it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 4711,
    "at": "2026-02-21T16:40:00Z",
    "actor_id": "4f1d0a7be2c35968",
    "actor_name": "Ada",
    "action": "change",
    "subject_kind": "campaign",
    "subject_id": "12",
    "before": { "status": "active" },
    "after": { "status": "paused" },
    "reverts": null
}))]
pub(crate) struct AuditEntry {
    /// Its number. It says nothing about the order: several nodes draw numbers at once.
    #[schema(minimum = 1, example = 4711)]
    id: i64,
    /// When.
    #[schema(format = DateTime, example = "2026-02-21T16:40:00Z")]
    at: String,
    /// The id of the key that made it; `command_line` for somebody at the server.
    #[schema(example = "4f1d0a7be2c35968")]
    actor_id: String,
    /// The key's name at that time.
    #[schema(example = "Ada")]
    actor_name: String,
    /// What was done, such as `create`, `change`, `attach`, `detach`, `revert`, `revoke`,
    /// `import`, `repair`.
    #[schema(example = "change")]
    action: String,
    /// The kind of thing it was done to.
    #[schema(value_type = SubjectKind, example = "campaign")]
    subject_kind: String,
    /// Its number or id; `<campaign>/<banner>` for a banner in a campaign. Performance has the number
    /// of its campaign.
    #[schema(example = "12")]
    subject_id: String,
    /// What it was; null for something new.
    #[schema(value_type = Option<Object>, example = json!({ "status": "active" }))]
    before: Option<Value>,
    /// What it is; null for something that is gone.
    #[schema(value_type = Option<Object>, example = json!({ "status": "paused" }))]
    after: Option<Value>,
    /// The number of the entry that this one reverts; null if it reverts none.
    #[schema(minimum = 1, example = 4702)]
    reverts: Option<i64>,
}

words! {
    /// Kinds of things that change.
    SubjectKind: &'static str = Subject::KINDS.map(|it| (it, it))
}

impl From<Kept> for AuditEntry {
    fn from(entry: Kept) -> Self {
        Self {
            id: entry.id,
            at: timestamp::text(entry.at),
            actor_id: entry.actor_id,
            actor_name: entry.actor_name,
            action: entry.action,
            subject_kind: entry.subject_kind,
            subject_id: entry.subject_id,
            before: entry.before.map(|it| timestamp::in_state(it, timestamp::text)),
            after: entry.after.map(|it| timestamp::in_state(it, timestamp::text)),
            reverts: entry.reverts,
        }
    }
}

words! {
    /// What the audit log is sorted by.
    AuditSortName: ((), bool) = orders([("at", ())])
}

filter! {
    /// Which entries.
    AuditQuery: AuditFilter = Filters::<AuditFilter>::default()
        .word::<SubjectKind>(
            "subject_kind",
            "Only changes of this kind of thing.",
            "campaign",
            |it, kind| it.subject_kind = Some(kind.to_owned()),
        )
        .text(
            "subject_id",
            ID_LENGTH,
            "Only changes of the thing with this number or id.",
            "12",
            |it, id| it.subject_id = Some(id),
        )
        .text(
            "actor_id",
            ID_LENGTH,
            "Only changes made with this key.",
            "4f1d0a7be2c35968",
            |it, id| it.actor_id = Some(id),
        )
}

/// A page, by its component's name.
type AuditList = List<AuditEntry>;

impl Listed for AuditEntry {
    type Order = AuditSortName;

    const PAGES: Pages = Pages {
        name: "AuditList",
        about: "A page of the audit log.",
        items: "The entries, the newest first unless asked otherwise.",
        sort: "The newest first (`-at`) or the oldest (`at`); within a moment by number.",
        sort_example: "-at",
        cursor_example: "WyItYXQiLDE3NzE2OTIwMDAwMDAsNDcxMV0",
    };

    const LARGEST_FIRST: bool = true;
}

/// List changes
///
/// Who changed what, from what to what. Entries are written with the change itself, so that
/// neither is without the other. Editors read the changes of campaigns, banners, attachments and
/// imports, admins all.
#[utoipa::path(
    tag = "audit",
    operation_id = "list_changes",
    params(AuditQuery, PageQuery<AuditEntry>),
    responses((status = OK, description = "A page of the audit log", body = AuditList), KeyRefusals),
    security(("key" = ["editor"])),
)]
#[get("/audit")]
pub(crate) async fn list_changes(
    principal: Principal,
    request: HttpRequest,
    mut params: Params,
    database: Data<Database>,
) -> Result<HttpResponse, ApiError> {
    let (filter, page) = (params.filter::<AuditQuery>(), params.page::<AuditEntry>());
    params.finish()?;
    let had = principal.key.role;
    let filter = readable_changes(had, filter);
    let filter = filter.ok_or(ApiError::Forbidden { needed: Role::Admin, had })?;
    let found = audit_log(&database, &filter, &page).await?;
    Ok(page::answer(&request, found, &page, AuditEntry::from))
}

/// Revert a change
///
/// Puts back what a change of a campaign, a banner, its image or an attachment changed, and archives
/// what it created; later changes of other fields stay. Answers the entry of the revert, which can
/// itself be reverted. What was there before must keep today's rules.
#[utoipa::path(
    tag = "audit",
    operation_id = "revert_change",
    params(
        ("entry_id" = i64, Path, description = "The number of the change's entry", minimum = 1, example = 4711),
        IdempotencyKey,
    ),
    responses((status = OK, description = "The entry of the revert", body = AuditEntry), RevertRefusals),
    security(("key" = ["editor"])),
)]
#[post("/audit/{entry_id}/revert")]
pub(crate) async fn revert_change(
    changing: Changing,
    id: Path<i64>,
    managing: Data<Managing>,
) -> Result<HttpResponse, ApiError> {
    let reverted = |entry: &Kept| ChangeAnswer::ok(None, &AuditEntry::from(entry.clone()));
    let (once, now) = (changing.once_without_body(reverted), clock::unix_millis());
    let made = managing.revert(changing.by(), *id, once, now).await?;
    Ok(answered(made, reverted))
}
