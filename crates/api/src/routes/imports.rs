//! CSV files in.

use actix_multipart::form::MultipartForm;
use actix_multipart::form::tempfile::TempFile;
use actix_multipart::form::text::Text;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use bams_domain::Quarter;
use bams_storage::{
    ErrorCode, ImportFile, ImportOptions, ImportReport, Imports, Kind, OnError, Progress, RowError,
    Snapshots, State,
};
use serde::Serialize;
use std::sync::Arc;
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::clock;
use crate::openapi::{KeyRefusals, UploadRefusals};
use crate::principal::{Admitted, Principal};
use crate::problem::ApiError;
use crate::timely::{Timely, UPLOAD};

/// A CSV file and what is not in it.
#[derive(MultipartForm, ToSchema)]
#[multipart(deny_unknown_fields, duplicate_field = "deny")]
pub(crate) struct ImportForm {
    /// The file, with a header line.
    #[schema(value_type = String, format = Binary, content_media_type = "text/csv")]
    file: TempFile,
    /// What it holds: impressions, clicks, conversions or images. Else its name or its columns
    /// say so.
    #[schema(value_type = Option<String>, example = "clicks")]
    kind: Option<Text<String>>,
    /// The quarter of its rows, 1 to 4. Else a column `quarter_hour` or the ending of its name
    /// (`_2.csv`) says so.
    #[schema(value_type = Option<u8>, minimum = 1, maximum = 4, example = 2)]
    quarter: Option<Text<String>>,
    /// `refuse` (default): one bad row refuses the whole file. `skip`: good rows are stored, bad
    /// ones are listed.
    #[schema(value_type = Option<String>, example = "refuse")]
    on_error: Option<Text<String>>,
    /// Check everything and store nothing.
    #[schema(value_type = Option<bool>, example = false)]
    dry_run: Option<Text<bool>>,
}

/// The same from clients of the older system.
#[derive(MultipartForm, ToSchema)]
pub(crate) struct UploadForm {
    /// The file, with a header line.
    #[schema(value_type = String, format = Binary, content_media_type = "text/csv")]
    file: TempFile,
    /// What it holds, with the quarter if the file's name does not end in it.
    #[schema(value_type = String, example = "clicks_2")]
    table_name: Text<String>,
}

/// What became of a file.
#[derive(Serialize, ToSchema)]
pub(crate) struct Import {
    /// Its number; null for a dry run.
    id: Option<i64>,
    /// `completed` or `failed`.
    #[schema(value_type = String, example = "completed")]
    state: State,
    /// What it holds.
    #[schema(value_type = String, example = "clicks")]
    kind: Kind,
    /// The quarter of its rows; null if a column names it for each row.
    #[schema(value_type = Option<u8>, minimum = 1, maximum = 4, example = 2)]
    quarter: Option<Quarter>,
    /// Its name.
    #[schema(example = "clicks_2.csv")]
    file_name: String,
    /// Of its bytes, as hex digits.
    sha256: String,
    /// Rows read, good or bad, without the header.
    rows: u64,
    /// Rows that count now and did not before.
    accepted: u64,
    /// Rows whose id was known already; they changed nothing.
    duplicates: u64,
    /// How much was wrong in all.
    rejected: u64,
    /// What was wrong, the first hundred.
    errors: Vec<LineError>,
    /// The import that stored the same bytes before; then nothing changed.
    duplicate_of: Option<i64>,
    /// When it began.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    created_at: OffsetDateTime,
    /// When it ended.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<OffsetDateTime>,
}

/// What is wrong with a line of a file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineError {
    /// The line; the header is line 1.
    #[schema(example = 17)]
    line: u64,
    /// The name of the column.
    #[schema(example = "revenue")]
    column: String,
    /// Stable and machine-readable.
    #[schema(value_type = String, example = "negative")]
    code: ErrorCode,
    /// For people.
    #[schema(example = "`-1` is below zero")]
    message: String,
}

impl From<RowError> for LineError {
    fn from(RowError { line, column, code, message }: RowError) -> Self {
        Self { line, column, code, message }
    }
}

impl From<ImportReport> for Import {
    fn from(report: ImportReport) -> Self {
        let moment = |unix_millis: i64| {
            let seconds = OffsetDateTime::from_unix_timestamp(unix_millis.div_euclid(1000));
            seconds.unwrap_or(OffsetDateTime::UNIX_EPOCH)
        };
        Self {
            id: report.id,
            state: report.state,
            kind: report.kind,
            quarter: report.quarter,
            file_name: report.file_name,
            sha256: report.sha256,
            rows: report.rows,
            accepted: report.accepted,
            duplicates: report.duplicates,
            rejected: report.rejected,
            errors: report.errors.into_iter().map(LineError::from).collect(),
            duplicate_of: report.duplicate_of,
            created_at: moment(report.created_at_ms),
            finished_at: report.finished_at_ms.map(moment),
        }
    }
}

/// Import a CSV file
///
/// One file is one transaction: all of it is stored, or nothing. The same bytes again change
/// nothing and answer the first import's result. A bad row refuses the file with its line and
/// column, unless `on_error` is `skip`.
#[utoipa::path(
    tag = "imports",
    operation_id = "create_import",
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses(
        (status = CREATED, description = "Stored", body = Import, headers(("Location" = String, description = "The import"))),
        (status = OK, description = "Nothing changed: these bytes were stored before, or this was a dry run", body = Import),
        UploadRefusals,
    ),
    security(("key" = ["editor"])),
)]
#[post("/imports")]
pub(crate) async fn create_import(
    Admitted(Timely(form)): Admitted<Timely<MultipartForm<ImportForm>, UPLOAD>>,
    desk: Data<ImportDesk>,
) -> Result<HttpResponse, ApiError> {
    let ImportForm { file, kind, quarter, on_error, dry_run } = form.into_inner();
    let options = ImportOptions {
        kind: kind.map(|it| self::kind(&it)).transpose()?,
        quarter: quarter.map(|it| self::quarter(&it)).transpose()?,
        on_error: on_error.map(|it| self::on_error(&it)).transpose()?.unwrap_or_default(),
        dry_run: dry_run.is_some_and(|it| *it),
    };
    desk.take(file, options).await
}

/// Import a CSV file (older clients)
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
    Admitted(Timely(form)): Admitted<Timely<MultipartForm<UploadForm>, UPLOAD>>,
    desk: Data<ImportDesk>,
) -> Result<HttpResponse, ApiError> {
    let UploadForm { file, table_name } = form.into_inner();
    let (kind, quarter) = Kind::of_table_name(&table_name).ok_or_else(|| {
        let detail =
            "table_name is impressions, clicks, conversions or images, perhaps with _1 to _4";
        ApiError::invalid("table_name", "unknown_kind", detail)
    })?;
    let options = ImportOptions { kind: Some(kind), quarter, ..ImportOptions::default() };
    desk.take(file, options).await
}

/// Read an import
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
    import: Path<i64>,
    desk: Data<ImportDesk>,
) -> Result<Json<Import>, ApiError> {
    let report = desk.imports.find(*import).await?;
    Ok(Json(report.ok_or(ApiError::UnknownImport(*import))?.into()))
}

/// Takes uploads.
#[derive(Clone)]
pub(crate) struct ImportDesk {
    pub(crate) imports: Imports,
    pub(crate) snapshots: Arc<Snapshots>,
}

impl ImportDesk {
    async fn take(&self, file: TempFile, options: ImportOptions) -> Result<HttpResponse, ApiError> {
        let name = file.file_name.unwrap_or_default();
        let upload = ImportFile::new(file.file.into_file(), &name);
        let now = clock::unix_millis();
        let report =
            self.imports.import(upload, options, now, Arc::new(Progress::default())).await?;
        self.snapshots.hurry();
        if report.state == State::Failed {
            let errors = report.errors.into_iter().map(LineError::from).collect();
            return Err(ApiError::ImportRefused { total: report.rejected, errors });
        }
        let changed = report.duplicate_of.is_none() && !options.dry_run;
        let status = if changed { StatusCode::CREATED } else { StatusCode::OK };
        let mut response = HttpResponse::build(status);
        if let Some(id) = report.id {
            response.insert_header((LOCATION, format!("/api/v1/imports/{id}")));
        }
        Ok(response.json(Import::from(report)))
    }
}

fn kind(text: &str) -> Result<Kind, ApiError> {
    text.parse().map_err(|error: bams_storage::UnknownKind| {
        ApiError::invalid("kind", "unknown_kind", error.to_string())
    })
}

fn on_error(text: &str) -> Result<OnError, ApiError> {
    match text {
        "refuse" => Ok(OnError::Refuse),
        "skip" => Ok(OnError::Skip),
        _ => Err(ApiError::invalid("on_error", "unknown_value", "on_error is refuse or skip")),
    }
}

fn quarter(text: &str) -> Result<Quarter, ApiError> {
    let number = text.parse::<u8>().ok().and_then(|it| Quarter::try_from(it).ok());
    number.ok_or_else(|| ApiError::invalid("quarter", "out_of_range", "quarter is 1, 2, 3 or 4"))
}
