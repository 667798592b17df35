//! Every route, once: the server serves them and the document describes them.

use actix_web::App;
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi, Ref, RefOr, Schema};
use utoipa::{IntoResponses, Modify, OpenApi as _};
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_actix_web::{AppExt, scope};

use crate::problem::{KINDS, Problem, ProblemError};
use crate::routes::{
    attachments, audit, banners, campaigns, conversions, decisions, health, imports, keys, legacy,
    media, ranking, reports, serve, tracking,
};

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
    components(schemas(Problem, ProblemError)),
    modifiers(&Shared),
)]
struct Document;

/// What all operations refer to.
struct Shared;

impl Modify for Shared {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("bams_<id>_<secret>")
            .description(Some("An API key, made with `bams key create`."))
            .build();
        components.add_security_scheme("key", SecurityScheme::Http(bearer));
        for (name, response) in refusals() {
            components.responses.insert(name, RefOr::T(response));
        }
    }
}

/// One response for each status, named after it.
fn refusals() -> Vec<(String, utoipa::openapi::Response)> {
    let mut statuses: Vec<_> = KINDS.iter().map(|it| it.status).collect();
    statuses.sort_unstable();
    statuses.dedup();
    let of_status = |status| {
        let kinds = KINDS.iter().filter(move |it| it.status == status);
        let titles = kinds.clone().map(|it| format!("`{}`: {}", it.code, it.title));
        let description = titles.collect::<Vec<_>>().join("; ");
        let content = utoipa::openapi::ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Problem")))
            .build();
        let response = utoipa::openapi::ResponseBuilder::new()
            .description(description)
            .content("application/problem+json", content)
            .build();
        (format!("Problem{status}", status = u16::from(status)), response)
    };
    statuses.into_iter().map(of_status).collect()
}

/// The refusals of routes that anybody may ask.
pub(crate) struct Refusals;

/// The refusals of routes whose address is signed.
pub(crate) struct SignedRefusals;

/// The refusals of routes that read a JSON body.
pub(crate) struct BodyRefusals;

/// The refusals of routes that need a key.
pub(crate) struct KeyRefusals;

/// The refusals of the route that takes conversions.
pub(crate) struct ConversionRefusals;
/// The refusals of routes that need a key and change something.
pub(crate) struct ChangeRefusals;

/// The refusals of routes that need a key and take a file.
pub(crate) struct UploadRefusals;

const ANYBODY: [u16; 6] = [400, 404, 405, 422, 500, 503];
const BODY: [u16; 3] = [408, 413, 415];
const KEY: [u16; 2] = [401, 403];
const CHANGE: [u16; 1] = [412];
const UPLOAD: [u16; 1] = [507];
const CONFLICT: [u16; 1] = [409];

type Responses = std::collections::BTreeMap<String, RefOr<utoipa::openapi::Response>>;

fn refusing(statuses: &[&[u16]]) -> Responses {
    let of_status = |status: &u16| {
        (status.to_string(), RefOr::Ref(Ref::from_response_name(format!("Problem{status}"))))
    };
    statuses.iter().copied().flatten().map(of_status).collect()
}

impl IntoResponses for Refusals {
    fn responses() -> Responses {
        refusing(&[&ANYBODY])
    }
}

impl IntoResponses for SignedRefusals {
    fn responses() -> Responses {
        refusing(&[&ANYBODY, &[403]])
    }
}

impl IntoResponses for BodyRefusals {
    fn responses() -> Responses {
        refusing(&[&ANYBODY, &BODY])
    }
}

impl IntoResponses for KeyRefusals {
    fn responses() -> Responses {
        refusing(&[&ANYBODY, &KEY])
    }
}

impl IntoResponses for ConversionRefusals {
    fn responses() -> Responses {
        refusing(&[&ANYBODY, &BODY, &KEY, &CONFLICT])
    }
}

impl IntoResponses for ChangeRefusals {
    fn responses() -> Responses {
        refusing(&[&ANYBODY, &BODY, &KEY, &CHANGE])
    }
}

impl IntoResponses for UploadRefusals {
    fn responses() -> Responses {
        refusing(&[&ANYBODY, &BODY, &KEY, &UPLOAD])
    }
}

/// Mounts every documented route.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(
            scope("/api/v1")
                .service(serve::serve_campaign)
                .service(decisions::create_decisions)
                .service(campaigns::list_campaigns)
                .service(campaigns::create_campaign)
                .service(campaigns::read_campaign)
                .service(campaigns::change_campaign)
                .service(campaigns::archive_campaign)
                .service(attachments::list_campaign_banners)
                .service(attachments::attach_banners)
                .service(attachments::detach_banners)
                .service(attachments::read_campaign_banner)
                .service(attachments::attach_banner)
                .service(attachments::detach_banner)
                .service(ranking::read_ranking)
                .service(reports::read_performance_report)
                .service(conversions::create_conversions)
                .service(banners::list_banners)
                .service(banners::create_banner)
                .service(banners::read_banner)
                .service(banners::change_banner)
                .service(banners::archive_banner)
                .service(keys::list_keys)
                .service(keys::create_key)
                .service(keys::read_key)
                .service(keys::revoke_key)
                .service(audit::list_changes)
                .service(imports::create_import)
                .service(imports::list::list_imports)
                .service(imports::read_import)
                .service(imports::read_rejected_rows),
        )
        .service(tracking::record_impression)
        .service(tracking::record_click)
        .service(legacy::serve_campaign_images)
        .service(imports::upload_csv)
        .service(media::read_image)
        .service(health::read_liveness)
        .service(health::read_readiness);
}

/// The document of all routes.
pub(crate) fn document() -> OpenApi {
    let app = App::new().into_utoipa_app().openapi(Document::openapi()).configure(routes);
    let (_, mut document) = app.split_for_parts();
    refuse_unknown_fields(&mut document);
    document
}

/// Says of every JSON body that it has no fields but those described.
fn refuse_unknown_fields(document: &mut OpenApi) {
    let paths = serde_json::to_value(&document.paths).unwrap_or_default();
    let operations = paths.as_object().into_iter().flatten().filter_map(|it| it.1.as_object());
    let bodies: Vec<String> = operations
        .flat_map(|it| it.values())
        .map(|it| &it["requestBody"]["content"]["application/json"]["schema"])
        .flat_map(references)
        .collect();
    let schemas = document.components.iter_mut().flat_map(|it| it.schemas.iter_mut());
    for (_, schema) in schemas.filter(|it| bodies.contains(it.0)) {
        if let RefOr::T(Schema::Object(object)) = schema {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
    }
}

/// The names of the schemas that one leads to directly.
fn references(schema: &serde_json::Value) -> Vec<String> {
    let of = |it: &serde_json::Value| Some(it["$ref"].as_str()?.rsplit('/').next()?.to_owned());
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    std::iter::once(schema).chain(choices).filter_map(of).collect()
}

/// The document as it is committed and served.
pub(crate) fn document_text() -> Result<String, serde_json::Error> {
    Ok(document().to_pretty_json()? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/bams.json");

    /// `just openapi` renews the file.
    #[test]
    fn the_committed_document_is_current() {
        let current = document_text().unwrap();
        #[expect(clippy::disallowed_methods, reason = "a switch for tests only")]
        if std::env::var("UPDATE_OPENAPI").is_ok() {
            std::fs::write(COMMITTED, &current).unwrap();
        }
        let committed = std::fs::read_to_string(COMMITTED).unwrap_or_default();
        assert!(committed == current, "openapi/bams.json is stale: run `just openapi`");
    }
}
