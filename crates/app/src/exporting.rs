//! Exporting everything as CSV files that an import takes, and campaigns and banners.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use bams_domain::{Quarter, Slot};
use bams_storage::{Database, Export, ExportedTable, StorageError, harmless};
use csv::{Terminator, Writer, WriterBuilder};

/// What stands behind the name of a file that is not complete.
const PART: &str = ".part";

/// Why an export stopped. What it wrote before stays.
#[derive(Debug, thiserror::Error)]
pub enum ExportingError {
    /// The folder has files.
    #[error("`{}` is not empty: name a folder that is, or one that does not exist", .0.display())]
    NotEmpty(PathBuf),
    /// A file or folder could not be written.
    #[error("could not write `{}`", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The answer of the system.
        #[source]
        source: io::Error,
    },
    /// The database could not be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The number of rows of each table.
    pub rows: Vec<(ExportedTable, u64)>,
    /// The first slot of which all clicks and conversions were written, if older ones are summed up.
    pub clicks_from: Option<Slot>,
}

/// Writes everything as it is now into an empty folder, or a new one.
///
/// The rows of impressions, clicks and conversions come in a folder for each quarter, as an import of
/// folders takes them. Files get their names when all of them are complete. `now` is in unix
/// milliseconds.
pub async fn export(
    database: &Database,
    folder: &Path,
    now: i64,
) -> Result<Exported, ExportingError> {
    refuse_files(folder)?;
    let rows = Export::begin(database, now).await?;
    let mut files = Files { folder: folder.to_owned(), open: HashMap::new() };
    let mut counts = Vec::new();
    for table in ExportedTable::ALL {
        let quarters =
            if table.is_by_quarter() { Quarter::ALL.map(Some).to_vec() } else { vec![None] };
        for quarter in quarters {
            files.begin(table, quarter)?;
        }
        let count = rows.rows(table, |quarter, fields| files.write(table, quarter, fields)).await?;
        counts.push((table, count));
    }
    files.finish()?;
    Ok(Exported { rows: counts, clicks_from: rows.clicks_from })
}

fn refuse_files(folder: &Path) -> Result<(), ExportingError> {
    let unwritable = |source| failed(folder, source);
    fs::create_dir_all(folder).map_err(unwritable)?;
    match fs::read_dir(folder).map_err(unwritable)?.next() {
        Some(_) => Err(ExportingError::NotEmpty(folder.to_owned())),
        None => Ok(()),
    }
}

/// The files of an export.
struct Files {
    folder: PathBuf,
    open: HashMap<(&'static str, Option<Quarter>), OpenFile>,
}

struct OpenFile {
    path: PathBuf,
    writer: Writer<BufWriter<File>>,
}

impl Files {
    /// Begins a file with its header.
    fn begin(
        &mut self,
        table: ExportedTable,
        quarter: Option<Quarter>,
    ) -> Result<(), ExportingError> {
        let name = table.name();
        let path = match quarter {
            None => self.folder.join(format!("{name}.csv")),
            Some(quarter) => {
                let folder = self.folder.join(quarter.to_string());
                fs::create_dir_all(&folder).map_err(|source| failed(&folder, source))?;
                folder.join(format!("{name}_{quarter}.csv"))
            }
        };
        let file = File::create_new(unfinished(&path)).map_err(|source| failed(&path, source))?;
        let mut builder = WriterBuilder::new();
        let writer = builder.terminator(Terminator::CRLF).from_writer(BufWriter::new(file));
        let mut file = OpenFile { path, writer };
        file.write(table.header())?;
        self.open.insert((name, quarter), file);
        Ok(())
    }

    fn write(
        &mut self,
        table: ExportedTable,
        quarter: Option<Quarter>,
        fields: &[String],
    ) -> Result<(), ExportingError> {
        match self.open.get_mut(&(table.name(), quarter)) {
            Some(file) => file.write(fields.iter().map(|field| harmless(field))),
            None => Ok(()),
        }
    }

    /// Gives all files their names.
    fn finish(self) -> Result<(), ExportingError> {
        let mut paths = Vec::new();
        for OpenFile { path, writer } in self.open.into_values() {
            let complete = || {
                let file = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
                let file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
                file.sync_all()
            };
            complete().map_err(|source| failed(&path, source))?;
            paths.push(path);
        }
        for path in paths {
            fs::rename(unfinished(&path), &path).map_err(|source| failed(&path, source))?;
        }
        Ok(())
    }
}

impl OpenFile {
    fn write<T: AsRef<[u8]>>(
        &mut self,
        fields: impl IntoIterator<Item = T>,
    ) -> Result<(), ExportingError> {
        self.writer.write_record(fields).map_err(|error| failed(&self.path, error.into()))
    }
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(PART);
    name.into()
}

fn failed(path: &Path, source: io::Error) -> ExportingError {
    ExportingError::File { path: path.to_owned(), source }
}
