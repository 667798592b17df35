//! Imports for which somebody waits.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bams_storage::{
    ImportFile, ImportOptions, ImportProgress, ImportReport, ImportState, Imports, PlannedFile,
    left_out, plan,
};

use super::error::ImportingError;

/// The result of an import.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The ending in one word.
    pub ending: ImportEnding,
    /// The whole report.
    pub report: ImportReport,
}

/// The ending of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportEnding {
    /// The good rows are stored.
    Stored,
    /// The good rows would be stored if this were no dry run.
    Tried,
    /// Nothing changed, because this import stored the same bytes before.
    Unchanged(i64),
    /// Nothing is stored, because of errors in the file.
    Refused,
}

impl From<ImportReport> for Imported {
    fn from(report: ImportReport) -> Self {
        let ending = match (report.state, report.duplicate_of) {
            (ImportState::Queued | ImportState::Running | ImportState::Failed, _) => {
                ImportEnding::Refused
            }
            (ImportState::Completed, Some(first)) => ImportEnding::Unchanged(first),
            (ImportState::Completed, None) if report.dry_run => ImportEnding::Tried,
            (ImportState::Completed, None) => ImportEnding::Stored,
        };
        Self { ending, report }
    }
}

/// Imports one file. Rows are booked in the UTC hour of `now`.
pub(super) async fn import(
    imports: &Imports,
    file: ImportFile,
    options: ImportOptions,
    now: i64,
    progress: Arc<ImportProgress>,
) -> Result<Imported, ImportingError> {
    Ok(imports.import(file, options, now, progress).await?.into())
}

/// Several files that are imported one after the other, with the same options.
#[derive(Clone, Debug)]
pub struct ImportSeries {
    imports: Imports,
    options: ImportOptions,
}

impl ImportSeries {
    /// Begins a series.
    ///
    /// Each file of a dry run finds what those before it would have stored. Other writers of the
    /// database may have to wait until the series is dropped.
    pub async fn begin(imports: &Imports, options: ImportOptions) -> Result<Self, ImportingError> {
        let imports = if options.dry_run { imports.rehearsal().await? } else { imports.clone() };
        Ok(Self { imports, options })
    }

    /// Imports the next file. Rows are booked in the UTC hour of `now`.
    pub async fn import(
        &self,
        file: ImportFile,
        now: i64,
        progress: Arc<ImportProgress>,
    ) -> Result<Imported, ImportingError> {
        import(&self.imports, file, self.options, now, progress).await
    }
}

/// The files of some paths that are imported.
#[derive(Clone, Debug)]
pub struct FilePlan {
    /// These files, in an order in which every conversion finds its click.
    pub files: Vec<PlannedFile>,
    /// The CSV files in the folders that are left out, mostly for their names.
    pub left_out: Vec<PathBuf>,
}

impl FilePlan {
    /// Makes the plan for files and folders. Fails if one cannot be read, or has nothing to import.
    pub fn of<P: AsRef<Path>>(paths: &[P]) -> Result<Self, ImportingError> {
        let files = plan(paths)?;
        let mut others = Vec::new();
        for folder in paths.iter().map(AsRef::as_ref).filter(|it| it.is_dir()) {
            others.extend(left_out(folder, &files)?);
        }
        Ok(Self { files, left_out: others })
    }
}
