//! The script by which pages fill their placements.

use actix_web::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG};
use actix_web::web::Data;
use actix_web::{HttpResponse, get};

use super::Embedding;
use crate::extract::conditions::Conditions;
use crate::problem::responses::Refusals;
use crate::views::embed::RESOURCE_POLICY;

/// It asks for decisions and draws them.
pub(super) const SCRIPT: &str = include_str!("../../../assets/embed.js");

/// Pages have a new version within an hour.
const FRESH: &str = "public, max-age=3600";

/// Read the script for pages
///
/// Fills the placements of a page, `<div data-bams-campaign="12" data-bams-size="300x250"></div>`, with
/// one request for all of them, and counts each banner once half of it was in view for a second. Pages
/// of other sites must be listed in `cors.allowed_origins`.
#[utoipa::path(
    tag = "embedding",
    operation_id = "read_embed_script",
    params(
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the version that is known already", example = json!("\"2\"")),
    ),
    responses(
        (
            status = OK,
            description = "The script",
            content_type = "text/javascript",
            body = String,
            headers(("ETag" = String, description = "The version of the script")),
            example = json!("(() => { … })();"),
        ),
        (
            status = NOT_MODIFIED,
            description = "It is still that version",
            headers(("ETag" = String, description = "The version of the script")),
        ),
        Refusals,
    ),
)]
#[get("/embed.js")]
pub(crate) async fn read_embed_script(
    conditions: Conditions,
    embedding: Data<Embedding>,
) -> HttpResponse {
    let unchanged = conditions.has(&embedding.script_tag);
    let mut response = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((ETAG, embedding.script_tag.as_str()))
        .insert_header((CACHE_CONTROL, FRESH))
        .insert_header((RESOURCE_POLICY, "cross-origin"))
        // Modules of other sites may import it. It is the same for everybody.
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    if unchanged {
        return response.finish();
    }
    response.insert_header((CONTENT_TYPE, "text/javascript; charset=utf-8")).body(SCRIPT)
}
