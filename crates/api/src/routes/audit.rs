//! The audit log.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use bams_storage::{AuditEntry as Kept, AuditFilter, Database, Subject, audit_log};
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::answer::page;
use crate::extract::principal::Principal;
use crate::extract::query::Params;
use crate::problem::ApiError;
use crate::problem::responses::KeyRefusals;
use crate::timestamp;
use crate::words::{orders, words};

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

/// A page of the audit log.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes JSON for the document")]
pub(crate) struct AuditList {
    /// The entries, the newest first unless asked otherwise.
    items: Vec<AuditEntry>,
    /// Asks for the next page; null on the last one.
    #[schema(example = "WyItaWQiLDQ3MTEsNDcxMV0")]
    next_cursor: Option<String>,
}

/// Which entries, in which order.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the document")]
pub(crate) struct AuditQuery {
    /// Only changes of this kind of thing.
    #[param(example = "campaign")]
    subject_kind: Option<SubjectKind>,
    /// Only changes of the thing with this number or id.
    #[param(
        min_length = 1,
        max_length = 64,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*$",
        example = "12"
    )]
    subject_id: Option<String>,
    /// Only changes made with this key.
    #[param(
        min_length = 1,
        max_length = 64,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*$",
        example = "4f1d0a7be2c35968"
    )]
    actor_id: Option<String>,
    /// The newest first (`-id`) or the oldest.
    #[param(example = "-id")]
    sort: Option<AuditSortName>,
    /// The most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50, example = 50)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[param(min_length = 1, max_length = 2000, example = "WyItaWQiLDQ3MTEsNDcxMV0")]
    cursor: Option<String>,
}

words! {
    /// What the audit log is sorted by.
    AuditSortName: ((), bool) = orders([("id", ())])
}

/// List changes
///
/// Who changed what, from what to what. Entries are written with the change itself, so that
/// neither is without the other.
#[utoipa::path(
    tag = "audit",
    operation_id = "list_changes",
    params(AuditQuery),
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
    let filter = AuditFilter {
        subject_kind: params.word::<SubjectKind>("subject_kind").map(str::to_owned),
        subject_id: params.text("subject_id", 1..=64),
        actor_id: params.text("actor_id", 1..=64),
    };
    let page = params.page_down::<AuditSortName>();
    params.finish()?;
    let found = audit_log(&database, &filter, &page).await?;
    page::answer::<AuditSortName, _, _>(&request, found, &page, |it| Ok(AuditEntry::from(it)))
}
