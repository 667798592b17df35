//! Pages beside the document: what the kinds of problems mean, and the way to Swagger UI.

use actix_web::http::header::LOCATION;
use actix_web::web::{self, Path, ServiceConfig};
use actix_web::{HttpResponse, guard};

use crate::paths;
use crate::problem::{ApiError, KINDS};

/// Mounts the pages.
pub(crate) fn pages(config: &mut ServiceConfig) {
    config
        .service(web::resource(paths::DOCS).guard(guard::Get()).to(docs))
        .service(web::resource(paths::PROBLEM).guard(guard::Get()).to(problem));
}

/// Leads to Swagger UI, whose relative links need the slash at the end.
async fn docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, paths::SWAGGER_UI)).finish()
}

async fn problem(code: Path<String>) -> Result<String, ApiError> {
    let kind = KINDS.iter().find(|it| it.code == *code).ok_or(ApiError::NoSuchRoute)?;
    Ok(format!("{}\n\n{} ({})\n", kind.code, kind.title, kind.status))
}
