//! The files in a backup, and the sum by which a whole one is known.

use std::io::{self, Read};

use bams_media::ObjectKey;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::secrets::KEY_FILE;

/// The format of the archive. A later one that this program could not read has another number.
pub(super) const FORMAT: u32 = 1;

/// The names of the files. Images follow each other as `images/<key>`.
pub(super) const HEAD: &str = "bams-backup.json";
pub(super) const DATABASE: &str = "bams.db";
pub(super) const IMAGES: &str = "images/";
pub(super) const END: &str = "complete.json";

/// The first file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct BackupHead {
    pub(super) format: u32,
    /// The version of the program.
    pub(super) version: String,
    /// Unix milliseconds.
    pub(super) made_at: i64,
    pub(super) schema_step: String,
    pub(super) campaigns: u64,
    pub(super) banners: u64,
}

/// The last file: how many there were before, and their sum.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Completion {
    pub(super) files: u64,
    pub(super) sha256: String,
}

/// A file of a backup, but for the last one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BackupPart {
    Head,
    Database,
    Key,
    Image(ObjectKey),
}

impl BackupPart {
    /// Returns the part of this name, or `None` if no backup has one.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            HEAD => Some(Self::Head),
            DATABASE => Some(Self::Database),
            KEY_FILE => Some(Self::Key),
            _ => name.strip_prefix(IMAGES)?.parse().ok().map(Self::Image),
        }
    }

    /// Returns true if a backup may have this part behind another one, or as its first.
    pub(super) fn may_follow(&self, before: Option<&Self>) -> bool {
        match self {
            Self::Head => before.is_none(),
            Self::Database => before == Some(&Self::Head),
            Self::Key => before == Some(&Self::Database),
            Self::Image(_) => before.is_some_and(Self::may_be_last),
        }
    }

    /// Returns true if a backup may end behind this part.
    pub(super) fn may_be_last(&self) -> bool {
        *self != Self::Head
    }
}

/// The sum over names, lengths and contents of files, one after the other.
#[derive(Default)]
pub(super) struct Checksum {
    hash: Sha256,
    files: u64,
}

impl Checksum {
    /// Begins a file, whose contents are then read through the returned reader.
    pub(super) fn file<R: Read>(
        &mut self,
        name: &str,
        length: u64,
        content: R,
    ) -> ChecksumReader<'_, R> {
        self.files += 1;
        self.hash.update((name.len() as u64).to_le_bytes());
        self.hash.update(name.as_bytes());
        self.hash.update(length.to_le_bytes());
        ChecksumReader { hash: &mut self.hash, content: content.take(length), read: 0 }
    }

    pub(super) fn end(self) -> Completion {
        Completion { files: self.files, sha256: HEXLOWER.encode(&self.hash.finalize()) }
    }
}

/// The contents of a file, which are added to a sum as they are read.
pub(super) struct ChecksumReader<'a, R> {
    hash: &'a mut Sha256,
    content: io::Take<R>,
    read: u64,
}

impl<R> ChecksumReader<'_, R> {
    /// Returns how many bytes were read.
    pub(super) fn length(&self) -> u64 {
        self.read
    }
}

impl<R: Read> Read for ChecksumReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.read += read as u64;
        Ok(read)
    }
}
