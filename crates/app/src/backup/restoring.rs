//! Putting the store of a backup in place.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use bams_media::{ImageFolder, MediaError, ObjectKey, StagedImage};
use bams_storage::{ReplacedStore, StoreFileError, StoreSummary, make_ready};
use tempfile::{Builder, NamedTempFile};

use super::StorePlaces;
use super::archive::{Archive, BackupContents, key};
use super::error::{AtFile, BackupError};
use super::files::{folder_of, remove, sync_folder, with_ending};
use super::parts::BackupPart;

/// What stands behind the name of a database while its store is half of one and half of another.
const HALF_RESTORED: &str = ".restoring";
const WHAT_NOW: &str = "A restore of this store was interrupted: run `bams restore` again.\n";

/// Returns true if a restore of this store was interrupted, so that it must not be served.
pub fn is_half_restored(database: &Path) -> bool {
    with_ending(database, HALF_RESTORED).exists()
}

/// What a restore replaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replaced {
    /// True if a file lies where the database will be.
    pub database: bool,
    /// What that store holds. `None` if it is none or cannot be read.
    pub held: Option<StoreSummary>,
    /// True if another signing key lies where the key will be.
    pub key: bool,
    /// How many images have the name of one in the backup and are others.
    pub images: u64,
}

impl Replaced {
    /// Returns true if nothing is replaced.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// How an image of the backup stands to the folder.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    New,
    Same,
    Other,
}

/// A restore in the making. The store that is replaced stays locked, and nothing is changed before
/// [`put_in_place`](Self::put_in_place).
pub struct Restore {
    archive: Archive,
    places: StorePlaces,
    contents: BackupContents,
    lock: Option<ReplacedStore>,
    replaced: Replaced,
    /// That of each image, in the order of the archive.
    standings: Vec<Standing>,
}

impl Restore {
    /// Checks the whole backup and looks at what is there. Blocks on the disk.
    ///
    /// Fails with [`BackupError::Unusable`] or [`BackupError::Newer`] for a file that cannot be restored,
    /// and with [`StoreFileError::InUse`] while a program has the store open.
    pub async fn begin(file: &Path, places: StorePlaces) -> Result<Self, BackupError> {
        let mut archive = Archive::open(file)?;
        let (mut replaced, mut standings) = (Replaced::default(), Vec::new());
        let contents = archive.read(|part, content| {
            match part {
                BackupPart::Head | BackupPart::Database => {}
                BackupPart::Key => replaced.key = is_other_key(&places, &key(content)?)?,
                BackupPart::Image(key) => {
                    standings.push(standing(&folder(&places)?, key, content)?);
                }
            }
            Ok(())
        })?;
        replaced.images = standings.iter().filter(|it| **it == Standing::Other).count() as u64;
        replaced.database = places.database.exists();
        let mut lock = None;
        if replaced.database {
            let locked = ReplacedStore::lock(&places.database).await?;
            replaced.held = locked.summary().await;
            lock = Some(locked);
        }
        Ok(Self { archive, places, contents, lock, replaced, standings })
    }

    /// Returns what the backup holds.
    pub fn contents(&self) -> &BackupContents {
        &self.contents
    }

    /// Returns what is replaced.
    pub fn replaced(&self) -> &Replaced {
        &self.replaced
    }

    /// Puts the database, the key and the images in place.
    ///
    /// All is on disk beside its place before the first name changes. While names change, a file
    /// beside the database says so, and [`is_half_restored`] is true: if this is killed then, it must be
    /// done again. Images that the backup does not have stay.
    pub async fn put_in_place(mut self) -> Result<(), BackupError> {
        let staged = self.stage()?;
        make_ready(staged.database.path()).await?;
        staged.put(&self.places)?;
        match self.lock {
            Some(lock) => Ok(lock.release().await.map_err(StoreFileError::from)?),
            None => Ok(()),
        }
    }

    /// Takes everything out of the archive. New images get their names at once: no row of the store
    /// that is replaced names them.
    fn stage(&mut self) -> Result<Staged, BackupError> {
        let places = &self.places;
        let database = &places.database;
        fs::create_dir_all(folder_of(database)).at("make", folder_of(database))?;
        let mut staged = Staged { database: beside(database)?, key: None, images: Vec::new() };
        let mut standings = self.standings.iter();
        self.archive.read(|part, content| {
            match part {
                BackupPart::Head => {}
                BackupPart::Database => fill(&mut staged.database, content)?,
                BackupPart::Key => staged.take_key(places, content)?,
                BackupPart::Image(key) => {
                    staged.take_image(places, key, content, standings.next())?;
                }
            }
            Ok(())
        })?;
        Ok(staged)
    }
}

/// The parts beside their places.
struct Staged {
    database: NamedTempFile,
    key: Option<NamedTempFile>,
    images: Vec<StagedImage>,
}

impl Staged {
    fn take_key(
        &mut self,
        places: &StorePlaces,
        content: &mut dyn Read,
    ) -> Result<(), BackupError> {
        // A configured key is used instead.
        let Some(place) = &places.key else { return Ok(()) };
        fill(self.key.insert(beside(place)?), content)
    }

    fn take_image(
        &mut self,
        places: &StorePlaces,
        key: &ObjectKey,
        content: &mut dyn Read,
        standing: Option<&Standing>,
    ) -> Result<(), BackupError> {
        if standing == Some(&Standing::Same) {
            return Ok(());
        }
        let image = folder(places)?.stage(key, content)?;
        if standing == Some(&Standing::New) {
            return Ok(image.put()?);
        }
        self.images.push(image);
        Ok(())
    }

    /// Gives all parts their names, the database last.
    fn put(self, places: &StorePlaces) -> Result<(), BackupError> {
        let database = &places.database;
        let folder = folder_of(database);
        let mark = with_ending(database, HALF_RESTORED);
        fs::write(&mark, WHAT_NOW).at("write", &mark)?;
        sync_folder(folder).at("write to", folder)?;
        for image in self.images {
            image.put()?;
        }
        if let (Some(key), Some(place)) = (self.key, &places.key) {
            key.persist(place).map_err(|refused| refused.error).at("write", place)?;
        }
        // What another database left would be taken for a part of this one.
        for ending in ["-wal", "-shm", "-journal"] {
            let left = with_ending(database, ending);
            remove(&left).at("remove", &left)?;
        }
        self.database.persist(database).map_err(|refused| refused.error).at("write", database)?;
        sync_folder(folder).at("write to", folder)?;
        remove(&mark).at("remove", &mark)?;
        sync_folder(folder).at("write to", folder)
    }
}

fn beside(place: &Path) -> Result<NamedTempFile, BackupError> {
    let folder = folder_of(place);
    Builder::new().prefix(".bams-restore-").tempfile_in(folder).at("write to", folder)
}

fn fill(file: &mut NamedTempFile, content: &mut dyn Read) -> Result<(), BackupError> {
    let filled = io::copy(content, file).and_then(|_| file.as_file().sync_all());
    filled.at("write", file.path())
}

fn folder(places: &StorePlaces) -> Result<ImageFolder, BackupError> {
    places.images.clone().map(ImageFolder::new).ok_or(BackupError::NoFolder)
}

fn is_other_key(places: &StorePlaces, new: &[u8]) -> Result<bool, BackupError> {
    let Some(place) = &places.key else { return Ok(false) };
    match fs::read(place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        key => Ok(key.at("read", place)?.trim_ascii() != new.trim_ascii()),
    }
}

/// Compares an image with the one of the same key.
fn standing(
    folder: &ImageFolder,
    key: &ObjectKey,
    content: &mut dyn Read,
) -> Result<Standing, BackupError> {
    let file = match folder.open(key) {
        Err(MediaError::UnknownImage(_)) => return Ok(Standing::New),
        file => file?,
    };
    let path = folder.path().join(key.as_str());
    let same = is_same(&mut io::BufReader::new(file), content).at("read", &path)?;
    Ok(if same { Standing::Same } else { Standing::Other })
}

/// Returns true if two files have the same contents.
fn is_same(one: &mut dyn Read, other: &mut dyn Read) -> io::Result<bool> {
    let (mut left, mut right) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        let (read, matching) = (fully(one, &mut left)?, fully(other, &mut right)?);
        if left[..read] != right[..matching] {
            return Ok(false);
        }
        if read == 0 {
            return Ok(true);
        }
    }
}

/// Reads until the buffer is full or there is no more.
fn fully(from: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match from.read(&mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}
