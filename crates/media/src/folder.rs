//! Images in a folder. Reading and writing stays inside it.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use tempfile::{Builder, NamedTempFile, TempPath};

use crate::{MediaError, ObjectKey};

/// How many bytes a trial writes: a block of most file systems.
const TRIED: usize = 4096;

/// How the names of files begin that are not complete yet.
const UNFINISHED: &str = ".unfinished-";

/// A folder of images, in which a key is a path.
///
/// All calls block on the file system, so async code makes them on a thread that may block.
#[derive(Debug)]
pub struct ImageFolder {
    root: PathBuf,
}

/// An image that lies complete beside its place, and is removed unless it is put there.
#[derive(Debug)]
pub struct StagedImage {
    key: ObjectKey,
    file: TempPath,
    place: PathBuf,
}

impl StagedImage {
    /// Gives the image its name and replaces an older one with the same key.
    pub fn put(self) -> Result<(), MediaError> {
        let Self { key, file, place } = self;
        file.persist(place).map_err(|error| failed("write", &key, error.error))
    }
}

impl ImageFolder {
    /// Makes the folder of a path, which is created with its first image.
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Returns the path of the folder.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Returns the keys of all files, in no given order. Without a folder there are none.
    ///
    /// Leaves out links to folders, files that are not complete yet, and those whose names are no keys.
    pub fn keys(&self) -> io::Result<Vec<ObjectKey>> {
        let (mut keys, mut folders) = (Vec::new(), vec![self.root.clone()]);
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Err(error) if is_missing(&error) => continue,
                entries => entries?,
            };
            for entry in entries {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    folders.push(entry.path());
                } else if !entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                    keys.extend(self.key_of(&entry.path()));
                }
            }
        }
        Ok(keys)
    }

    fn key_of(&self, path: &Path) -> Option<ObjectKey> {
        path.strip_prefix(&self.root).ok()?.to_str()?.parse().ok()
    }

    /// Opens an image.
    ///
    /// Fails with [`MediaError::UnknownImage`] if there is no such file, also if the key names a folder
    /// or is longer than the file system allows. Follows symbolic links that stay inside the folder, and
    /// fails with [`MediaError::OutsideFolder`] for others.
    pub fn open(&self, key: &ObjectKey) -> Result<File, MediaError> {
        let path = match self.inside(&self.root.join(key.as_str()), key) {
            Err(MediaError::File { source, .. }) if is_missing(&source) => {
                return Err(MediaError::UnknownImage(key.clone()));
            }
            path => path?,
        };
        if !path.is_file() {
            return Err(MediaError::UnknownImage(key.clone()));
        }
        File::open(path).map_err(|source| failed("read", key, source))
    }

    /// Stores an image and replaces an older one with the same key.
    ///
    /// The image is complete on disk before it gets its name, so that nobody reads half of one.
    pub fn write(&self, key: &ObjectKey, bytes: &[u8]) -> Result<(), MediaError> {
        self.stage(key, bytes)?.put()
    }

    /// Writes an image beside its place, complete and on disk.
    pub fn stage(&self, key: &ObjectKey, mut image: impl Read) -> Result<StagedImage, MediaError> {
        let not_written = |source| failed("write", key, source);
        let path = self.root.join(key.as_str());
        let parent = path.parent().unwrap_or(&self.root);

        fs::create_dir_all(&self.root).map_err(not_written)?;
        // Checked before anything is created, because a link may lead out of the folder.
        let existing = parent.ancestors().find(|folder| folder.exists()).unwrap_or(&self.root);
        self.inside(existing, key)?;
        fs::create_dir_all(parent).map_err(not_written)?;

        let mut file = unfinished(parent).map_err(not_written)?;
        io::copy(&mut image, &mut file).map_err(not_written)?;
        file.as_file().sync_all().map_err(not_written)?;
        Ok(StagedImage { key: key.clone(), file: file.into_temp_path(), place: path })
    }

    /// Writes a little and removes it. Fails if the folder takes no more images.
    pub fn try_writing(&self) -> io::Result<()> {
        fs::create_dir_all(&self.root)?;
        let mut file = unfinished(&self.root)?;
        file.write_all(&[0; TRIED])?;
        file.as_file().sync_data()
    }

    /// Returns the path without symbolic links. Fails if it leads out of the folder.
    fn inside(&self, path: &Path, key: &ObjectKey) -> Result<PathBuf, MediaError> {
        let not_found = |source| failed("find", key, source);
        let root = self.root.canonicalize().map_err(not_found)?;
        let target = path.canonicalize().map_err(not_found)?;
        if target.starts_with(&root) {
            Ok(target)
        } else {
            Err(MediaError::OutsideFolder(key.clone()))
        }
    }
}

fn unfinished(folder: &Path) -> io::Result<NamedTempFile> {
    Builder::new().prefix(UNFINISHED).tempfile_in(folder)
}

/// Returns true if the error means that there is no such file.
fn is_missing(error: &io::Error) -> bool {
    use ErrorKind::{InvalidFilename, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory | InvalidFilename)
}

fn failed(action: &'static str, key: &ObjectKey, source: io::Error) -> MediaError {
    MediaError::File { action, key: key.clone(), source }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn key(text: &str) -> ObjectKey {
        text.parse().unwrap()
    }

    fn read(folder: &ImageFolder, name: &str) -> Result<Vec<u8>, MediaError> {
        let mut bytes = Vec::new();
        folder.open(&key(name))?.read_to_end(&mut bytes).unwrap();
        Ok(bytes)
    }

    #[test]
    fn a_written_image_is_read_back() {
        let place = tempfile::tempdir().unwrap();
        let folder = ImageFolder::new(place.path().join("not/yet/there"));
        for name in ["image_1.png", "spring/1/été 50% +&=?#.png"] {
            folder.write(&key(name), b"first").unwrap();
            folder.write(&key(name), b"second").unwrap();
            assert_eq!(read(&folder, name).unwrap(), b"second");
        }
        let left = fs::read_dir(place.path().join("not/yet/there/spring/1")).unwrap();
        assert_eq!(left.count(), 1, "no half-written files stay behind");
    }

    #[test]
    fn a_key_without_a_file_is_an_unknown_image() {
        let place = tempfile::tempdir().unwrap();
        let folder = ImageFolder::new(place.path().to_owned());
        folder.write(&key("a/b.png"), b"image").unwrap();
        for name in ["c.png", "a", "a/", "a/b.png/c", &"x".repeat(1000)] {
            let refused = read(&folder, name);
            assert!(matches!(refused, Err(MediaError::UnknownImage(_))), "{name}: {refused:?}");
        }
        let nowhere = ImageFolder::new(place.path().join("nowhere"));
        assert!(matches!(read(&nowhere, "a"), Err(MediaError::UnknownImage(_))));
    }

    #[test]
    fn the_keys_are_those_of_complete_images() {
        let place = tempfile::tempdir().unwrap();
        let folder = ImageFolder::new(place.path().join("images"));
        assert_eq!(folder.keys().unwrap(), []);
        for name in ["a.png", "spring/1/b.png"] {
            folder.write(&key(name), b"image").unwrap();
        }
        let staged = folder.stage(&key("c.png"), b"image".as_slice()).unwrap();
        let mut keys = folder.keys().unwrap();
        keys.sort();
        assert_eq!(keys, [key("a.png"), key("spring/1/b.png")]);
        staged.put().unwrap();
        assert_eq!(read(&folder, "c.png").unwrap(), b"image");
        drop(folder.stage(&key("d.png"), b"image".as_slice()).unwrap());
        assert_eq!(fs::read_dir(place.path().join("images")).unwrap().count(), 3);
    }

    #[test]
    fn trying_to_write_leaves_nothing_behind() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().join("images");
        let folder = ImageFolder::new(root.clone());
        folder.try_writing().unwrap();
        assert_eq!(fs::read_dir(&root).unwrap().count(), 0);
        fs::remove_dir(&root).unwrap();
        fs::write(&root, b"no folder").unwrap();
        assert!(folder.try_writing().is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_inside_the_folder_only() {
        use std::os::unix::fs::symlink;

        let place = tempfile::tempdir().unwrap();
        let (root, outside) = (place.path().join("images"), place.path().join("images-outside"));
        let folder = ImageFolder::new(root.clone());
        folder.write(&key("a.png"), b"image").unwrap();
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("secret"), b"secret").unwrap();
        symlink(root.join("a.png"), root.join("inside.png")).unwrap();
        symlink(outside.join("secret"), root.join("outside.png")).unwrap();
        symlink(&outside, root.join("away")).unwrap();

        assert_eq!(read(&folder, "inside.png").unwrap(), b"image");
        for name in ["outside.png", "away/secret"] {
            assert!(matches!(read(&folder, name), Err(MediaError::OutsideFolder(_))), "{name}");
        }
        for name in ["away/new.png", "away/new/new.png"] {
            let refused = folder.write(&key(name), b"image");
            assert!(matches!(refused, Err(MediaError::OutsideFolder(_))), "{name}");
        }
        // Writing replaces a link and leaves its target alone.
        folder.write(&key("outside.png"), b"image").unwrap();
        assert_eq!(fs::read(outside.join("secret")).unwrap(), b"secret");
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
    }
}
