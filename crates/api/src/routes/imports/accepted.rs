//! What a file that was sent is answered.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use bams_app::importing::{CurrentImport, ImportEnding, Imported};
use bams_storage::ImportReport;

use super::resource::Import;
use crate::answer::changed::ChangeAnswer;
use crate::paths;
use crate::problem::{ApiError, LineError};

/// Returns the answer to an import that was queued.
pub(super) fn accepted(report: &ImportReport) -> ChangeAnswer {
    let location = address(report.id.unwrap_or_default());
    ChangeAnswer::accepted(location, &Import::from(CurrentImport::of(report.clone(), None)))
}

/// Answers what became of an import at once.
pub(super) fn imported(imported: Imported) -> Result<HttpResponse, ApiError> {
    let Imported { ending, report } = imported;
    let status = match ending {
        ImportEnding::Stored | ImportEnding::Tried => StatusCode::CREATED,
        ImportEnding::Unchanged(_) => StatusCode::OK,
        ImportEnding::Refused => {
            let errors = report.errors.into_iter().map(LineError::from).collect();
            return Err(ApiError::ImportRefused { total: report.rejected, errors });
        }
    };
    let mut response = HttpResponse::build(status);
    if let Some(id) = report.id {
        response.insert_header((LOCATION, address(id)));
    }
    Ok(response.json(Import::from(CurrentImport::of(report, None))))
}

/// Returns the path of an import.
fn address(import: i64) -> String {
    paths::of(paths::IMPORT, import)
}
