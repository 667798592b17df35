//! The document that describes every route.

mod conventions;
mod examples;
#[cfg(test)]
mod limits;
mod links;
#[cfg(test)]
mod rules;

use actix_web::App;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi, RefOr, Server};
use utoipa::{Modify, OpenApi as _};
use utoipa_actix_web::AppExt;

use crate::problem::responses::responses;
use crate::problem::{Problem, ProblemError};
use crate::routes::mount::routes;
use crate::routes::{attachments, audit, campaigns, imports, keys, reports};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "BAMS",
        description = "Banner Advertising Management System: decides which banners a visitor sees \
                       from what those banners earned in this quarter of the hour.\n\nEvery \
                       refusal is an RFC 9457 problem. Routes with a lock need a key: \
                       `Authorization: Bearer bams_…`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "serving", description = "What a visitor sees. No key needed."),
        (name = "embedding", description = "Banners on pages of other sites. No key needed."),
        (name = "visitors", description = "What is kept of a visitor. No key needed."),
        (name = "tracking", description = "What became of the banners shown."),
        (name = "campaigns", description = "Campaigns, the banners in them, and what they achieve."),
        (name = "banners", description = "Creative images with a landing URL."),
        (name = "reports", description = "What was achieved, in any grouping."),
        (name = "imports", description = "CSV files in."),
        (name = "keys", description = "Who may call what."),
        (name = "audit", description = "Who changed what."),
        (name = "operations", description = "Whether the server works."),
        (name = "older clients", description = "Routes of the older system, for its clients."),
    ),
    components(schemas(
        Problem,
        ProblemError,
        attachments::AttachmentSortName,
        audit::AuditSortName,
        campaigns::SortName,
        imports::list::ImportSortName,
        keys::KeySortName,
        reports::ComparedName,
        reports::DimensionName,
        reports::FormatName,
        reports::MoneyName,
        reports::ReportSortName,
    )),
    modifiers(&SharedParts),
)]
struct Document;

/// The parts to which all operations refer.
struct SharedParts;

impl Modify for SharedParts {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("bams_<id>_<secret>")
            .description(Some(
                "An API key, made with `bams key create`; with or without `Bearer ` before it.",
            ))
            .build();
        components.add_security_scheme("key", SecurityScheme::Http(bearer));
        for (name, response) in responses() {
            components.responses.insert(name, RefOr::T(response));
        }
        for (name, header) in conventions::headers() {
            components.headers.insert(name.to_owned(), RefOr::T(header));
        }
    }
}

/// Returns the document of all routes.
pub(crate) fn document() -> Result<OpenApi, serde_json::Error> {
    let app = App::new().into_utoipa_app().openapi(Document::openapi()).configure(routes);
    let (_, described) = app.split_for_parts();
    let mut document = serde_json::to_value(described)?;
    conventions::apply(&mut document);
    links::apply(&mut document);
    examples::apply(&mut document);
    examples::tell_optional(&mut document);
    serde_json::from_value(document)
}

/// Returns the document as it is served to clients that reach this server under `path`, and committed
/// for those who need none.
pub(crate) fn document_text(path: &str) -> Result<String, serde_json::Error> {
    let mut document = document()?;
    document.servers = (!path.is_empty()).then(|| vec![Server::new(path)]);
    Ok(document.to_pretty_json()? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/bams.json");

    /// Fails if the committed document is stale; `just openapi` renews it.
    #[test]
    fn the_committed_document_is_current() {
        let current = document_text("").unwrap();
        #[expect(clippy::disallowed_methods, reason = "a switch for tests only")]
        if std::env::var("UPDATE_OPENAPI").is_ok() {
            std::fs::write(COMMITTED, &current).unwrap();
        }
        let committed = std::fs::read_to_string(COMMITTED).unwrap_or_default();
        assert!(committed == current, "openapi/bams.json is stale: run `just openapi`");
    }
}
