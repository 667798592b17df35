//! The form with files for imports.

use actix_multipart::form::MultipartForm;
use actix_multipart::form::tempfile::TempFile;
use actix_multipart::form::text::Text;
use actix_web::http::StatusCode;
use bams_app::importing::ImportingError;
use bams_domain::Quarter;
use bams_storage::{ImportFile, ImportKind, ImportOptions, OnError, Role, Submitted};

use crate::dashboard::desk::{Answer, Desk};
use crate::dashboard::fields::Fields;
use crate::dashboard::files::is_chosen;
use crate::extract::multipart::Upload;
use crate::problem::ApiError;

/// The form with files.
#[derive(MultipartForm)]
#[multipart(deny_unknown_fields)]
pub(in crate::dashboard) struct FilesForm {
    file: Vec<TempFile>,
    quarter: Option<Text<String>>,
    on_error: Option<Text<String>>,
    dry_run: Option<Text<String>>,
}

/// Queues one import a file, in an order in which every conversion finds its click.
pub(in crate::dashboard) async fn upload(desk: Desk, Upload(form): Upload<FilesForm>) -> Answer {
    desk.needs(Role::Editor)?;
    let options = options(&form)?;
    let mut files: Vec<TempFile> = form.file.into_iter().filter(is_chosen).collect();
    if files.is_empty() {
        let reason = vec!["Choose at least one file".to_owned()];
        return desk
            .imports(&Fields::default(), None, StatusCode::UNPROCESSABLE_ENTITY, reason)
            .await;
    }
    files.sort_by_key(|file| {
        ImportKind::turn_of_file_name(file.file_name.as_deref().unwrap_or_default())
    });
    let Queued { last, refused } = submit_all(&desk, files, options).await?;
    match last {
        Some(id) if refused.is_empty() => Ok(desk.lead_to(&format!("/dashboard/imports/{id}"))),
        _ => {
            desk.imports(&Fields::default(), None, StatusCode::UNPROCESSABLE_ENTITY, refused).await
        }
    }
}

/// What became of the files of a form.
#[derive(Default)]
struct Queued {
    /// The last import that was queued.
    last: Option<i64>,
    /// Why others were refused.
    refused: Vec<String>,
}

/// Queues one import a file. Fails for what no other file can mend.
async fn submit_all(
    desk: &Desk,
    files: Vec<TempFile>,
    options: ImportOptions,
) -> Result<Queued, ApiError> {
    let mut queued = Queued::default();
    for file in files {
        let name = file.file_name.clone().unwrap_or_default();
        match submit(desk, file, options).await.map_err(ApiError::from) {
            Ok(id) => queued.last = id.or(queued.last),
            Err(error) if error.is_of_sender() => queued.refused.push(format!("{name}: {error}")),
            Err(error) => return Err(error),
        }
    }
    Ok(queued)
}

async fn submit(
    desk: &Desk,
    file: TempFile,
    options: ImportOptions,
) -> Result<Option<i64>, ImportingError> {
    let name = file.file_name.unwrap_or_default();
    let file = ImportFile::new(file.file.into_file(), &name).sent_by(desk.actor());
    match desk.parts.importing.submit(file, options, desk.now, None).await? {
        Submitted::Queued(report) => Ok(report.id),
        Submitted::Answered(_) | Submitted::Reused => Ok(None),
    }
}

fn options(form: &FilesForm) -> Result<ImportOptions, ApiError> {
    let text = |field: &Option<Text<String>>| {
        field.as_ref().map(|it| it.trim().to_owned()).unwrap_or_default()
    };
    let quarter = match text(&form.quarter).as_str() {
        "" => None,
        number => {
            let read = number.parse::<u8>().ok().and_then(|it| Quarter::try_from(it).ok());
            Some(read.ok_or_else(|| {
                ApiError::invalid("quarter", "out_of_range", "quarter is 1, 2, 3 or 4")
            })?)
        }
    };
    let on_error = text(&form.on_error);
    let on_error = OnError::ALL.into_iter().find(|it| it.name() == on_error).unwrap_or_default();
    Ok(ImportOptions { kind: None, quarter, on_error, dry_run: text(&form.dry_run) == "true" })
}
