//! Imports, page by page.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use bams_storage::{ImportFilter, ImportKind, ImportState, ListPage};
use utoipa::{IntoParams, ToSchema};

use super::desk::ImportDesk;
use super::names::{ImportKindName, ImportStateName};
use super::resource::Import;
use crate::answer::page;
use crate::extract::principal::Principal;
use crate::extract::query::Params;
use crate::problem::ApiError;
use crate::problem::responses::KeyRefusals;

const SORTS: [(&str, ()); 1] = [("id", ())];

/// Which imports, in which order.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the document")]
pub(crate) struct ImportQuery {
    /// Only those in this state.
    #[param(example = "completed")]
    state: Option<ImportStateName>,
    /// Only those of this kind.
    #[param(example = "clicks")]
    kind: Option<ImportKindName>,
    /// The newest first (`-id`) or the oldest.
    #[param(example = "-id")]
    sort: Option<ImportSortName>,
    /// The most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50, example = 50)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[param(min_length = 1, max_length = 2000, example = "WyItaWQiLDcsN10")]
    cursor: Option<String>,
}

/// What imports are sorted by.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the query for the document")]
pub(crate) enum ImportSortName {
    #[schema(rename = "id")]
    Id,
    #[schema(rename = "-id")]
    IdDown,
}

/// A page of imports.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes JSON for the document")]
pub(crate) struct ImportPage {
    /// The imports, the newest first unless asked otherwise.
    items: Vec<Import>,
    /// Asks for the next page; null on the last one.
    #[schema(example = "WyItaWQiLDcsN10")]
    next_cursor: Option<String>,
}

/// List imports
#[utoipa::path(
    tag = "imports",
    operation_id = "list_imports",
    params(ImportQuery),
    responses((status = OK, description = "A page of imports", body = ImportPage), KeyRefusals),
    security(("key" = ["viewer"])),
)]
#[get("/imports")]
pub(crate) async fn list_imports(
    _principal: Principal,
    request: HttpRequest,
    mut params: Params,
    desk: Data<ImportDesk>,
) -> Result<HttpResponse, ApiError> {
    let filter = ImportFilter {
        state: params.word("state", &ImportState::ALL.map(|it| (it.name(), it))),
        kind: params.word("kind", &ImportKind::ALL.map(|it| (it.name(), it))),
    };
    let page = params.page_down(&SORTS);
    params.finish()?;
    let found = desk.imports.list(&filter, &page).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for report in found.items {
        let standing = match report.id.filter(|_| report.finished_at_ms.is_none()) {
            Some(id) => desk.queue.standing(id).await?,
            None => None,
        };
        items.push(Import::of(report, standing));
    }
    let found = ListPage { items, next: found.next };
    page::answer(&request, found, &page, &SORTS, Ok)
}
