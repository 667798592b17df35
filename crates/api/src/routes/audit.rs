//! The audit log.

use std::ops::RangeInclusive;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use bams_storage::{AuditEntry as Kept, AuditFilter, Database, Subject, audit_log};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::answer::list::{List, Listed, PageQuery, Pages};
use crate::answer::page;
use crate::extract::filters::{Filters, filter};
use crate::extract::principal::Principal;
use crate::extract::query::Params;
use crate::problem::ApiError;
use crate::problem::responses::KeyRefusals;
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
    "after": { "status": "paused" }
}))]
pub(crate) struct AuditEntry {
    /// Its number; later changes have larger ones.
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
    /// What was done, such as `create`, `change`, `attach`, `detach`, `revoke`, `import`.
    #[schema(example = "change")]
    action: String,
    /// The kind of thing it was done to.
    #[schema(value_type = SubjectKind, example = "campaign")]
    subject_kind: String,
    /// Its number or id; `<campaign>/<banner>` for a banner in a campaign.
    #[schema(example = "12")]
    subject_id: String,
    /// What it was, moments in unix milliseconds; null for something new.
    #[schema(value_type = Option<Object>, example = json!({ "status": "active" }))]
    before: Option<Value>,
    /// What it is; null for something that is gone.
    #[schema(value_type = Option<Object>, example = json!({ "status": "paused" }))]
    after: Option<Value>,
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
            before: entry.before,
            after: entry.after,
        }
    }
}

words! {
    /// What the audit log is sorted by.
    AuditSortName: ((), bool) = orders([("id", ())])
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
        sort: "The newest first (`-id`) or the oldest.",
        sort_example: "-id",
        cursor_example: "WyItaWQiLDQ3MTEsNDcxMV0",
    };

    const LARGEST_FIRST: bool = true;
}

/// List changes
///
/// Who changed what, from what to what. Entries are written with the change itself, so that
/// neither is without the other.
#[utoipa::path(
    tag = "audit",
    operation_id = "list_changes",
    params(AuditQuery, PageQuery<AuditEntry>),
    responses((status = OK, description = "A page of the audit log", body = AuditList), KeyRefusals),
    security(("key" = ["admin"])),
)]
#[get("/audit")]
pub(crate) async fn list_changes(
    _principal: Principal,
    request: HttpRequest,
    mut params: Params,
    database: Data<Database>,
) -> Result<HttpResponse, ApiError> {
    let (filter, page) = (params.filter::<AuditQuery>(), params.page::<AuditEntry>());
    params.finish()?;
    let found = audit_log(&database, &filter, &page).await?;
    Ok(page::answer(&request, found, &page, AuditEntry::from))
}
