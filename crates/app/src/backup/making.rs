//! Making a backup.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use bams_media::{ImageFolder, MediaError};
use bams_storage::{Database, ProgramVersion, StoreSummary, copy_store};
use tar::{Builder, EntryType, Header};
use tempfile::{NamedTempFile, TempDir};

use super::StorePlaces;
use super::archive::BackupContents;
use super::error::{AtFile, BackupError};
use super::files::{folder_of, sync_folder};
use super::parts::{BackupHead, Checksum, DATABASE, END, FORMAT, HEAD, IMAGES};
use crate::secrets::KEY_FILE;

/// Writes a backup of a store, which nodes may serve meanwhile, to a file that only its owner can
/// read. Everything that was stored before the call is in it.
///
/// The file gets its name when it is complete and on disk. An existing one is replaced with
/// `replace`, or else the call fails with [`BackupError::Exists`]. Needs twice the room of the
/// database for a while, and blocks on the disk. `now` is in unix milliseconds.
pub async fn back_up(
    database: &Database,
    places: &StorePlaces,
    file: &Path,
    replace: bool,
    now: i64,
) -> Result<BackupContents, BackupError> {
    if file.exists() && !replace {
        return Err(BackupError::Exists(file.to_owned()));
    }
    let folder = folder_of(file);
    if places.images.as_deref().is_some_and(|images| is_within(folder, images)) {
        return Err(BackupError::AmongImages(file.to_owned()));
    }
    let room = tempfile::Builder::new().prefix(".bams-backup-").tempdir_in(folder);
    let room = room.at("write to", folder)?;
    let copy = room.path().join(DATABASE);
    // The database comes first: what images it names are there, because they are stored before
    // their rows and are never removed.
    let summary = copy_store(database, &copy).await?;
    let (archive, contents) = write_archive(&room, &copy, places, summary, now)?;
    name(archive, file, replace)?;
    Ok(contents)
}

/// Returns true if a folder is another one, or lies in it.
fn is_within(folder: &Path, other: &Path) -> bool {
    let real = |folder: &Path| folder.canonicalize().ok();
    real(folder).zip(real(other)).is_some_and(|(folder, other)| folder.starts_with(other))
}

/// Gives a complete archive its name.
fn name(archive: NamedTempFile, file: &Path, replace: bool) -> Result<(), BackupError> {
    let named = if replace { archive.persist(file) } else { archive.persist_noclobber(file) };
    match named {
        Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(BackupError::Exists(file.to_owned()));
        }
        named => named.map_err(|refused| refused.error).at("write", file)?,
    };
    sync_folder(folder_of(file)).at("write to", folder_of(file))
}

fn write_archive(
    room: &TempDir,
    copy: &Path,
    places: &StorePlaces,
    summary: StoreSummary,
    now: i64,
) -> Result<(NamedTempFile, BackupContents), BackupError> {
    let StoreSummary { campaigns, banners, schema_step } = summary;
    let version = ProgramVersion::current().version;
    let head =
        BackupHead { format: FORMAT, version, made_at: now, schema_step, campaigns, banners };
    let mut contents = BackupContents::new(&head);
    let file = NamedTempFile::new_in(room.path()).at("write to", room.path())?;
    let mut archive = ArchiveWriter {
        builder: Builder::new(BufWriter::new(file)),
        sum: Checksum::default(),
        unix_seconds: now.div_euclid(1000).unsigned_abs(),
    };
    archive.add_text(HEAD, &head)?;
    archive.add_file(DATABASE, File::open(copy).at("read", copy)?, copy)?;
    if let Some(key) = &places.key
        && key.exists()
    {
        archive.add_file(KEY_FILE, File::open(key).at("read", key)?, key)?;
        contents.key = true;
    }
    if let Some(images) = &places.images {
        contents.images = archive.add_images(&ImageFolder::new(images.clone()))?;
    }
    Ok((archive.finish(room.path())?, contents))
}

/// An archive that is being written.
struct ArchiveWriter {
    builder: Builder<BufWriter<NamedTempFile>>,
    sum: Checksum,
    unix_seconds: u64,
}

impl ArchiveWriter {
    /// Adds a small text of this program.
    fn add_text(&mut self, name: &str, value: &impl serde::Serialize) -> Result<(), BackupError> {
        let path = Path::new(name);
        let text = serde_json::to_vec_pretty(value).map_err(io::Error::from).at("write", path)?;
        self.add(name, text.len() as u64, text.as_slice()).at("write", path)
    }

    fn add_file(&mut self, name: &str, file: File, path: &Path) -> Result<(), BackupError> {
        let length = file.metadata().at("read", path)?.len();
        self.add(name, length, file).at("copy", path)
    }

    /// Adds all images and returns their number. Leaves out what is no image of the folder any more.
    fn add_images(&mut self, folder: &ImageFolder) -> Result<u64, BackupError> {
        let mut keys = folder.keys().at("read", folder.path())?;
        keys.sort_unstable();
        let mut images = 0;
        for key in keys {
            match folder.open(&key) {
                Err(MediaError::UnknownImage(_) | MediaError::OutsideFolder(_)) => {}
                image => {
                    let path = folder.path().join(key.as_str());
                    self.add_file(&format!("{IMAGES}{key}"), image?, &path)?;
                    images += 1;
                }
            }
        }
        Ok(images)
    }

    /// Adds a file of this length. Fails if it has become shorter; what was appended is left out.
    fn add(&mut self, name: &str, length: u64, content: impl io::Read) -> io::Result<()> {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_size(length);
        header.set_mode(0o600);
        header.set_mtime(self.unix_seconds);
        let mut content = self.sum.file(name, length, content);
        self.builder.append_data(&mut header, name, &mut content)?;
        if content.length() == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// Says that the archive is complete, and writes it to disk.
    fn finish(mut self, room: &Path) -> Result<NamedTempFile, BackupError> {
        let end = std::mem::take(&mut self.sum).end();
        self.add_text(END, &end)?;
        let finish = |builder: Builder<BufWriter<NamedTempFile>>| {
            let mut file =
                builder.into_inner()?.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.flush()?;
            file.as_file().sync_all()?;
            Ok(file)
        };
        finish(self.builder).at("write to", room)
    }
}
