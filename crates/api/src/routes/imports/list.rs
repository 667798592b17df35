//! Imports, page by page.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use bams_app::importing::Importing;
use bams_storage::{ImportFilter, ListPage};
use utoipa::{IntoParams, ToSchema};

use super::names::{ImportKindName, ImportStateName};
use super::resource::Import;
use crate::answer::page;
use crate::extract::principal::Principal;
use crate::extract::query::Params;
use crate::problem::ApiError;
use crate::problem::responses::KeyRefusals;
use crate::words::{orders, words};

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

words! {
    /// What imports are sorted by.
    ImportSortName: ((), bool) = orders([("id", ())])
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
    importing: Data<Importing>,
) -> Result<HttpResponse, ApiError> {
    let filter = ImportFilter {
        state: params.word::<ImportStateName>("state"),
        kind: params.word::<ImportKindName>("kind"),
    };
    let page = params.page_down::<ImportSortName>();
    params.finish()?;
    let found = importing.list(&filter, &page).await?;
    let items = found.items.into_iter().map(Import::from).collect();
    let found = ListPage { items, next: found.next };
    page::answer::<ImportSortName, _, _>(&request, found, &page, Ok)
}
