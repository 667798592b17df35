//! A page that says where things are, and what the kinds of problems mean.

use actix_web::http::header::{ContentType, LOCATION};
use actix_web::web::{self, Path, ServiceConfig};
use actix_web::{HttpResponse, guard};

use crate::problem::{ApiError, KINDS};

const PAGE: &str = include_str!("home.html");

/// Mounts the pages.
pub(crate) fn pages(config: &mut ServiceConfig) {
    config
        .service(web::resource("/").guard(guard::Get()).to(home))
        .service(web::resource("/docs").guard(guard::Get()).to(docs))
        .service(web::resource("/problems/{code}").guard(guard::Get()).to(problem));
}

async fn home() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::html()).body(PAGE)
}

/// Swagger UI lives below `/docs/`.
async fn docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish()
}

async fn problem(code: Path<String>) -> Result<String, ApiError> {
    let kind = KINDS.iter().find(|it| it.code == *code).ok_or(ApiError::NoSuchRoute)?;
    Ok(format!("{}\n\n{} ({})\n", kind.code, kind.title, kind.status))
}
