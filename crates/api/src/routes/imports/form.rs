//! Uploads, and what is said beside the file.

use actix_multipart::form::MultipartForm;
use actix_multipart::form::tempfile::TempFile;
use actix_multipart::form::text::Text;
use bams_domain::Quarter;
use bams_storage::{ImportKind, ImportOptions, OnError};
use utoipa::ToSchema;

use super::names::{ImportKindName, OnErrorName};
use crate::problem::{ApiError, FieldError};

/// A CSV file and what is not in it.
#[derive(MultipartForm, ToSchema)]
#[multipart(deny_unknown_fields, duplicate_field = "deny")]
pub(crate) struct ImportForm {
    /// The file, with a header line; may be packed with gzip.
    #[schema(
        value_type = String,
        format = Binary,
        content_media_type = "text/csv",
        example = "click_id,banner_id,campaign_id\n1001,141,12\n"
    )]
    pub(super) file: TempFile,
    /// What it holds. Else its name or its columns say so.
    #[schema(value_type = Option<ImportKindName>, nullable = false, example = "clicks")]
    kind: Option<Text<String>>,
    /// The quarter of its rows, 1 to 4. Else a column `quarter_hour` or `occurred_at`, or the ending
    /// of its name (`_2.csv`) says so. Those that differ are refused.
    #[schema(value_type = Option<u8>, nullable = false, minimum = 1, maximum = 4, example = 2)]
    quarter: Option<Text<String>>,
    /// What a bad row does; `refuse` if missing.
    #[schema(value_type = Option<OnErrorName>, nullable = false, example = "refuse")]
    on_error: Option<Text<String>>,
    /// Check everything and store nothing.
    #[schema(value_type = Option<bool>, nullable = false, example = false)]
    dry_run: Option<Text<String>>,
}

/// The same from clients of the older system, whose other fields are passed over.
#[derive(MultipartForm, ToSchema)]
pub(crate) struct UploadForm {
    /// The file, with a header line.
    #[schema(
        value_type = String,
        format = Binary,
        content_media_type = "text/csv",
        example = "click_id,banner_id,campaign_id\n1002,141,12\n"
    )]
    pub(super) file: TempFile,
    /// What it holds, with the quarter if the file's name does not end in it.
    #[schema(
        value_type = String,
        pattern = "^(impressions|clicks|conversions|images)(_[1-4])?$",
        example = "clicks_2"
    )]
    pub(super) table_name: Text<String>,
}

impl ImportForm {
    /// Returns the file and how to import it. Fails with everything that is wrong with the other
    /// fields.
    pub(super) fn read(self) -> Result<(TempFile, ImportOptions), ApiError> {
        let Self { file, kind, quarter, on_error, dry_run } = self;
        let mut errors = Vec::new();
        let options = ImportOptions {
            kind: field(kind, self::kind, &mut errors),
            quarter: field(quarter, self::quarter, &mut errors),
            on_error: field(on_error, self::on_error, &mut errors).unwrap_or_default(),
            dry_run: field(dry_run, self::dry_run, &mut errors).unwrap_or_default(),
        };
        if errors.is_empty() { Ok((file, options)) } else { Err(ApiError::Invalid(errors)) }
    }
}

impl UploadForm {
    /// Returns the file and how to import it.
    pub(super) fn read(self) -> Result<(TempFile, ImportOptions), ApiError> {
        let (kind, quarter) = ImportKind::of_table_name(&self.table_name).ok_or_else(|| {
            let detail =
                "table_name is impressions, clicks, conversions or images, perhaps with _1 to _4";
            ApiError::invalid("table_name", "unknown_kind", detail)
        })?;
        let options = ImportOptions { kind: Some(kind), quarter, ..ImportOptions::default() };
        Ok((self.file, options))
    }
}

/// Reads a field. An empty one is a missing one, because that is how browsers send those that nobody
/// filled in.
fn field<T>(
    text: Option<Text<String>>,
    read: fn(&str) -> Result<T, FieldError>,
    errors: &mut Vec<FieldError>,
) -> Option<T> {
    match read(&text.filter(|text| !text.is_empty())?) {
        Ok(value) => Some(value),
        Err(error) => {
            errors.push(error);
            None
        }
    }
}

fn wrong(pointer: &str, code: &'static str, detail: impl Into<String>) -> FieldError {
    FieldError { pointer: pointer.to_owned(), code, detail: detail.into() }
}

fn kind(text: &str) -> Result<ImportKind, FieldError> {
    let unknown =
        |error: bams_storage::UnknownKind| wrong("kind", "unknown_kind", error.to_string());
    text.parse().map_err(unknown)
}

fn on_error(text: &str) -> Result<OnError, FieldError> {
    let known = OnError::ALL.into_iter().find(|it| it.name() == text);
    known.ok_or_else(|| wrong("on_error", "unknown_value", "on_error is refuse or skip"))
}

fn quarter(text: &str) -> Result<Quarter, FieldError> {
    let number = text.parse::<u8>().ok().and_then(|it| Quarter::try_from(it).ok());
    number.ok_or_else(|| wrong("quarter", "out_of_range", "quarter is 1, 2, 3 or 4"))
}

fn dry_run(text: &str) -> Result<bool, FieldError> {
    let wrong = |_| wrong("dry_run", "unknown_value", "dry_run is true or false");
    text.parse().map_err(wrong)
}
