//! The pages that say what the kinds of problems mean.

use actix_web::guard;
use actix_web::web::{self, Path, ServiceConfig};

use crate::paths;
use crate::problem::{ApiError, KINDS};

/// Mounts the pages.
pub(crate) fn pages(config: &mut ServiceConfig) {
    config.service(web::resource(paths::PROBLEM).guard(guard::Get()).to(problem));
}

async fn problem(code: Path<String>) -> Result<String, ApiError> {
    let kind = KINDS.iter().find(|it| it.code == *code).ok_or(ApiError::NoSuchRoute)?;
    Ok(format!("{}\n\n{} ({})\n", kind.code, kind.title, kind.status))
}
