//! CSV files in.

mod accepted;
mod fingerprint;
mod form;
pub(crate) mod list;
mod names;
pub(crate) mod rejected;
mod resource;
mod room;

use actix_multipart::form::tempfile::TempFile;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use bams_app::importing::{CurrentImport, Importing};
use bams_storage::{Actor, ImportFile, ImportReport, Once, Submitted};

use self::accepted::{accepted, imported};
use self::fingerprint::claimed;
use self::form::{ImportForm, UploadForm};
pub(crate) use self::resource::Import;
use self::room::Room;
use crate::answer::changed::{ChangeAnswer, Changing, answered, replay, respond};
use crate::clock;
use crate::extract::conditions::{Conditions, content_tag};
use crate::extract::idempotency::IdempotencyKey;
use crate::extract::multipart::Upload;
use crate::extract::principal::{Admitted, Principal};
use crate::problem::ApiError;
use crate::problem::responses::{KeyRefusals, RevertRefusals, UploadRefusals};

/// Import a CSV file
///
/// Takes the file, packed with gzip or not, and answers with a job: ask for it until its `state`
/// is `completed` or `failed`. What is wrong with the request is refused at once, and so is a
/// file of which nothing tells the kind or the quarter. All of a file counts, at one moment, or
/// nothing. A bad row refuses the file with its line and column, unless `on_error` is
/// `skip`. The same content again changes nothing: the job names the first one in `duplicate_of`.
#[utoipa::path(
    tag = "imports",
    operation_id = "create_import",
    params(IdempotencyKey),
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses(
        (status = ACCEPTED, description = "Queued", body = Import),
        UploadRefusals,
    ),
    security(("key" = ["editor"])),
)]
#[post("/imports")]
pub(crate) async fn create_import(
    upload: Admitted<(Room, IdempotencyKey, Upload<ImportForm>)>,
    importing: Data<Importing>,
) -> Result<HttpResponse, ApiError> {
    let Admitted(principal, (_room, key, Upload(form))) = upload;
    let (file, options) = form.read()?;
    let (file, claim) = claimed(file, &principal, options, key).await?;
    let answer = |report: &ImportReport| accepted(report).stored();
    let once = claim.map(|claim| Once { claim, answer: Box::new(answer) });
    let file = sent_by(principal.actor(), file);
    match importing.submit(file, options, clock::unix_millis(), once).await? {
        Submitted::Queued(report) => Ok(respond(accepted(&report))),
        Submitted::Answered(answer) => Ok(replay(answer)),
        Submitted::Reused => Err(ApiError::IdempotencyKeyReused),
    }
}

/// Import a CSV file (older clients)
///
/// Answers when the file is imported.
#[utoipa::path(
    tag = "older clients",
    operation_id = "upload_csv",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses(
        (status = CREATED, description = "Stored", body = Import),
        (status = OK, description = "Nothing changed: these bytes were stored before", body = Import),
        UploadRefusals,
    ),
    security(("key" = ["editor"])),
)]
#[post("/upload/csv/api/")]
pub(crate) async fn upload_csv(
    upload: Admitted<Upload<UploadForm>>,
    importing: Data<Importing>,
) -> Result<HttpResponse, ApiError> {
    let Admitted(principal, Upload(form)) = upload;
    let (file, options) = form.read()?;
    let file = sent_by(principal.actor(), file);
    imported(importing.import(file, options, clock::unix_millis()).await?)
}

fn sent_by(sender: Actor, file: TempFile) -> ImportFile {
    let name = file.file_name.unwrap_or_default();
    ImportFile::new(file.file.into_file(), &name).sent_by(sender)
}

/// Read an import
///
/// While it waits or runs, `phase`, `bytes` and `rows` say how far it has come. An import whose
/// server stops ends as `failed` with the failure `interrupted`, some seconds later.
#[utoipa::path(
    tag = "imports",
    operation_id = "read_import",
    params(("import_id" = i64, Path, description = "The import's number", minimum = 1, example = 1)),
    responses((status = OK, description = "What became of the file", body = Import), KeyRefusals),
    security(("key" = ["viewer"])),
)]
#[get("/imports/{import_id}")]
pub(crate) async fn read_import(
    _principal: Principal,
    conditions: Conditions,
    import: Path<i64>,
    importing: Data<Importing>,
) -> Result<HttpResponse, ApiError> {
    let import = Import::from(importing.read(*import).await?);
    Ok(conditions.answer(&content_tag(&import), import))
}

/// Revert an import
///
/// Takes out what its rows count now, as a whole or not at all, and forgets their ids and the file, so
/// that both may come in again. Campaigns, banners and attachments that it made stay. Refused while
/// something builds on it: conversions of its clicks, restated or retracted conversions, a file that
/// mends it. Notices name later imports that left rows out because this one had them. Doing it again
/// changes nothing.
#[utoipa::path(
    tag = "imports",
    operation_id = "revert_import",
    params(
        ("import_id" = i64, Path, description = "The import's number", minimum = 1, example = 1),
        IdempotencyKey,
    ),
    responses((status = OK, description = "Nothing of it counts any more", body = Import), RevertRefusals),
    security(("key" = ["editor"])),
)]
#[post("/imports/{import_id}/revert")]
pub(crate) async fn revert_import(
    changing: Changing,
    import: Path<i64>,
    importing: Data<Importing>,
) -> Result<HttpResponse, ApiError> {
    let reverted = |import: &CurrentImport| ChangeAnswer::ok(None, &Import::from(import.clone()));
    let (once, now) = (changing.once_without_body(reverted), clock::unix_millis());
    let made = importing.revert(*import, changing.by(), once, now).await?;
    Ok(answered(made, reverted))
}

/// Download rejected rows
///
/// The first ten thousand rows of the file that were not stored, as a file to mend and import: the
/// columns of the original, and then the line, the column, the code and the message of what is
/// wrong, which an import passes over. A text that a spreadsheet would take for a formula begins
/// with an apostrophe, without which it is imported.
#[utoipa::path(
    tag = "imports",
    operation_id = "read_rejected_rows",
    params(("import_id" = i64, Path, description = "The import's number", minimum = 1, example = 1)),
    responses(
        (
            status = OK,
            description = "CSV with the columns of the original, and line, column, code, message; only the header if no row was rejected",
            body = String,
            content_type = "text/csv",
            example = "conversion_id,click_id,revenue,line,column,code,message\r\n20,1,'-1,17,revenue,negative,`-1` is negative\r\n",
        ),
        KeyRefusals,
    ),
    security(("key" = ["editor"])),
)]
#[get("/imports/{import_id}/rejected")]
pub(crate) async fn read_rejected_rows(
    _principal: Principal,
    import: Path<i64>,
    importing: Data<Importing>,
) -> Result<HttpResponse, ApiError> {
    let (name, text) = rejected::file(&importing, *import).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(text))
}
