//! The files of a folder that are imported, and their order.

use std::fs::File;
use std::path::{Path, PathBuf};

use bams_domain::Quarter;

use super::error::ImportError;
use super::examine::read_header;
use super::kind::{ImportKind, quarter_of_file_name};

/// More bytes than any header has.
const HEADER: u64 = 1 << 20;

/// A file to import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedFile {
    /// The path.
    pub path: PathBuf,
    /// The kind, if name or header tells.
    pub kind: Option<ImportKind>,
    /// The quarter of its rows, if the name tells.
    pub quarter: Option<Quarter>,
}

/// Returns the files to import for some paths, in an order in which every conversion finds its
/// click: images, impressions, clicks and conversions, of all quarters.
///
/// From a folder these are `images.csv` and `<q>/{impressions,clicks,conversions}_<q>.csv` for
/// quarters 1 to 4, or, in a folder without such files, all CSV files directly in it. Each may be
/// packed (`.csv.gz`). Fails for a folder without any, and for a path that does not exist.
pub fn plan<P: AsRef<Path>>(
    paths: impl IntoIterator<Item = P>,
) -> Result<Vec<PlannedFile>, ImportError> {
    let mut files = Vec::new();
    for path in paths {
        let path = path.as_ref();
        match path.metadata() {
            Ok(found) if found.is_dir() => files.extend(folder(path)?),
            Ok(_) => files.push(file(path.to_owned())),
            Err(source) => return Err(unreadable(path, source)),
        }
    }
    // The sort is stable: files of one kind and quarter stay in the order in which they were named.
    files.sort_by_key(|file| (file.kind.is_none(), file.kind, file.quarter));
    Ok(files)
}

/// Returns the CSV files in a folder and its subfolders that a plan leaves out, mostly for their
/// names.
pub fn left_out(folder: &Path, planned: &[PlannedFile]) -> Result<Vec<PathBuf>, ImportError> {
    let entries = folder.read_dir().map_err(|source| unreadable(folder, source))?;
    let mut files = csv_files(folder)?;
    for entry in entries {
        let path = entry.map_err(|source| unreadable(folder, source))?.path();
        if path.is_dir() {
            files.extend(csv_files(&path)?);
        }
    }
    files.retain(|path| planned.iter().all(|planned| planned.path != *path));
    files.sort();
    Ok(files)
}

fn folder(path: &Path) -> Result<Vec<PlannedFile>, ImportError> {
    let events = [ImportKind::Impressions, ImportKind::Clicks, ImportKind::Conversions];
    let of_quarters = Quarter::ALL.into_iter().flat_map(|quarter| {
        events.map(|kind| {
            let name = format!("{kind}_{quarter}.csv");
            let path = plain_or_packed(&path.join(quarter.to_string()), &name)?;
            Some(PlannedFile { path, kind: Some(kind), quarter: Some(quarter) })
        })
    });
    let mut files: Vec<PlannedFile> = of_quarters.flatten().collect();
    if files.is_empty() {
        files = csv_files(path)?.into_iter().map(file).collect();
    } else {
        files.extend(plain_or_packed(path, "images.csv").map(file));
    }
    if files.is_empty() {
        return Err(ImportError::NothingToImport { path: path.to_owned() });
    }
    Ok(files)
}

/// Returns the path of a file with this name, plain or packed, if there is one.
fn plain_or_packed(folder: &Path, name: &str) -> Option<PathBuf> {
    let names = [name.to_owned(), format!("{name}.gz")];
    names.map(|it| folder.join(it)).into_iter().find(|it| it.is_file())
}

fn csv_files(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let is_csv = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let unpacked = name.strip_suffix(".gz").unwrap_or(&name);
        unpacked.rsplit_once('.').is_some_and(|(_, extension)| extension == "csv")
    };
    let entries = folder.read_dir().map_err(|source| unreadable(folder, source))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|source| unreadable(folder, source))?.path();
        if path.is_file() && is_csv(&path) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn file(path: PathBuf) -> PlannedFile {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let quarter = quarter_of_file_name(&name);
    let kind = ImportKind::of_file_name(&name).or_else(|| kind_by_header(&path));
    PlannedFile { path, kind, quarter }
}

/// Returns the kind that the columns tell. A file that cannot be read is refused at its turn.
fn kind_by_header(path: &Path) -> Option<ImportKind> {
    let file = File::open(path).ok()?;
    let (header, _) = read_header(&file, HEADER).ok()?;
    header?.header.kind()
}

fn unreadable(path: &Path, source: std::io::Error) -> ImportError {
    ImportError::Read { file_name: path.display().to_string(), source }
}
