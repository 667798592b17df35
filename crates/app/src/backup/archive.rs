//! Reading a backup, which may be anything.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use bams_storage::can_work_on;
use serde::de::DeserializeOwned;
use tar::Entry;

use super::error::{AtFile, BackupError};
use super::parts::{BackupHead, BackupPart, Checksum, Completion, END, FORMAT};

/// The longest text of our own, signing key and name.
const LONGEST_TEXT: u64 = 65_536;
const LONGEST_NAME: u64 = 4_096;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupContents {
    /// The version of the program that made it.
    pub version: String,
    /// The moment, in unix milliseconds, at which it was begun.
    pub made_at: i64,
    /// How many campaigns its database has.
    pub campaigns: u64,
    /// How many banners its database has.
    pub banners: u64,
    /// How many images there are.
    pub images: u64,
    /// True if the signing key is there.
    pub key: bool,
}

impl BackupContents {
    pub(super) fn new(head: &BackupHead) -> Self {
        let BackupHead { version, made_at, campaigns, banners, .. } = head.clone();
        Self { version, made_at, campaigns, banners, images: 0, key: false }
    }
}

/// An opened backup.
pub(super) struct Archive {
    file: File,
}

impl Archive {
    pub(super) fn open(path: &Path) -> Result<Self, BackupError> {
        Ok(Self { file: File::open(path).at("read", path)? })
    }

    /// Reads the whole archive, hands over each part, and returns what it holds.
    ///
    /// Fails with [`BackupError::Unusable`] unless it is made of the files of a backup, in their order,
    /// and complete. So a part that was taken must not be used before the end. Nothing in the
    /// archive decides where something is written, or needs more memory than a name.
    pub(super) fn read(
        &mut self,
        mut take: impl FnMut(&BackupPart, &mut dyn Read) -> Result<(), BackupError>,
    ) -> Result<BackupContents, BackupError> {
        self.file.rewind().map_err(unreadable)?;
        let mut archive = tar::Archive::new(BufReader::new(&self.file));
        // Raw entries are read, because extensions of the format could claim other names and lengths.
        let mut entries = archive.entries().map_err(unreadable)?.raw(true);
        let mut sum = Checksum::default();
        let mut contents: Option<BackupContents> = None;
        let mut before: Option<BackupPart> = None;
        while let Some((name, mut entry)) = next(&mut entries)? {
            if name == END {
                let is_whole = before.is_some_and(|part| part.may_be_last())
                    && text::<Completion>(&mut entry)? == sum.end()
                    && next(&mut entries)?.is_none();
                return contents.filter(|_| is_whole).ok_or_else(incomplete);
            }
            let part = BackupPart::named(&name).filter(|part| part.may_follow(before.as_ref()));
            let part = part.ok_or_else(|| unusable(format!("no backup has `{name}` there")))?;
            let length = entry.size();
            let mut content = sum.file(&name, length, &mut entry);
            match &mut contents {
                None => contents = Some(BackupContents::new(&head(&mut content)?)),
                Some(contents) => {
                    contents.key |= part == BackupPart::Key;
                    contents.images += u64::from(matches!(part, BackupPart::Image(_)));
                    take(&part, &mut content)?;
                }
            }
            io::copy(&mut content, &mut io::sink()).map_err(unreadable)?;
            if content.length() != length {
                return Err(incomplete());
            }
            before = Some(part);
        }
        Err(incomplete())
    }
}

/// Returns the next file with its name, or `None` after the last one.
fn next<'a, R: Read>(
    entries: &mut tar::Entries<'a, R>,
) -> Result<Option<(String, Entry<'a, R>)>, BackupError> {
    let mut long_name = None;
    for entry in entries {
        let mut entry = entry.map_err(unreadable)?;
        let kind = entry.header().entry_type();
        if kind.is_gnu_longname() && long_name.is_none() {
            let mut name = short(&mut entry, LONGEST_NAME)?;
            name.truncate(name.iter().position(|byte| *byte == 0).unwrap_or(name.len()));
            long_name = Some(name);
            continue;
        }
        if !kind.is_file() {
            return Err(unusable(
                "it has a link, a folder or something else that is no file".to_owned(),
            ));
        }
        let name = long_name.unwrap_or_else(|| entry.path_bytes().into_owned());
        let name = String::from_utf8(name).map_err(|_| unusable("a name is no text".to_owned()))?;
        return Ok(Some((name, entry)));
    }
    Ok(None)
}

/// Reads what makes the archive a backup, and refuses one of a newer program.
fn head(content: &mut impl Read) -> Result<BackupHead, BackupError> {
    let said: serde_json::Value = text(content)?;
    if said["format"] != FORMAT {
        return Err(BackupError::Newer(format!("the format {}", said["format"])));
    }
    let head: BackupHead = serde_json::from_value(said).map_err(|_| incomplete())?;
    if !can_work_on(&head.schema_step) {
        return Err(BackupError::Newer(format!("the schema {}", head.schema_step)));
    }
    Ok(head)
}

fn text<T: DeserializeOwned>(content: &mut impl Read) -> Result<T, BackupError> {
    let text = short(content, LONGEST_TEXT)?;
    serde_json::from_slice(&text).map_err(|_| incomplete())
}

/// Reads something that is short.
fn short(content: &mut impl Read, longest: u64) -> Result<Vec<u8>, BackupError> {
    let mut bytes = Vec::new();
    content.take(longest + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > longest {
        return Err(unusable("a part is longer than in any backup".to_owned()));
    }
    Ok(bytes)
}

/// Reads the signing key.
pub(super) fn key(content: &mut dyn Read) -> Result<Vec<u8>, BackupError> {
    short(&mut { content }, LONGEST_TEXT)
}

#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
fn unreadable(error: io::Error) -> BackupError {
    unusable(format!("it is no archive, or a damaged one ({error})"))
}

fn incomplete() -> BackupError {
    unusable("it is not complete, or was changed".to_owned())
}

fn unusable(why: String) -> BackupError {
    BackupError::Unusable(why)
}
