//! Imports, page by page.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use bams_app::importing::Importing;
use bams_storage::ImportFilter;

use super::names::{ImportKindName, ImportStateName};
use super::resource::Import;
use crate::answer::list::{List, Listed, PageQuery, Pages};
use crate::answer::page;
use crate::extract::filters::{Filters, filter};
use crate::extract::principal::Principal;
use crate::extract::query::Params;
use crate::problem::ApiError;
use crate::problem::responses::KeyRefusals;
use crate::words::{orders, words};

words! {
    /// What imports are sorted by.
    ImportSortName: ((), bool) = orders([("id", ())])
}

filter! {
    /// Which imports.
    ImportQuery: ImportFilter = Filters::<ImportFilter>::default()
        .word::<ImportStateName>(
            "state",
            "Only those in this state.",
            "completed",
            |it, state| it.state = Some(state),
        )
        .word::<ImportKindName>(
            "kind",
            "Only those of this kind.",
            "clicks",
            |it, kind| it.kind = Some(kind),
        )
}

/// A page, by its component's name.
type ImportPage = List<Import>;

impl Listed for Import {
    type Order = ImportSortName;

    const PAGES: Pages = Pages {
        name: "ImportPage",
        about: "A page of imports.",
        items: "The imports, the newest first unless asked otherwise.",
        sort: "The newest first (`-id`) or the oldest.",
        sort_example: "-id",
        cursor_example: "WyItaWQiLDcsN10",
    };

    const LARGEST_FIRST: bool = true;
}

/// List imports
#[utoipa::path(
    tag = "imports",
    operation_id = "list_imports",
    params(ImportQuery, PageQuery<Import>),
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
    let (filter, page) = (params.filter::<ImportQuery>(), params.page::<Import>());
    params.finish()?;
    let found = importing.list(&filter, &page).await?;
    Ok(page::answer(&request, found, &page, Import::from))
}
