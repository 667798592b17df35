//! What is imported, and how.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use bams_domain::{BannerId, Quarter};

use super::error::ImportError;
use super::kind::ImportKind;
use super::report::ImportState;
use crate::change::Actor;

/// The most characters of a file's name that are kept.
const FILE_NAME: usize = 255;

/// What a bad row means for its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// Nothing of the file is booked.
    #[default]
    Refuse,
    /// The good rows are booked and the others listed. A file that stops making sense, as after
    /// an unclosed quote, is refused all the same.
    Skip,
}

impl OnError {
    /// Each choice.
    pub const ALL: [Self; 2] = [Self::Refuse, Self::Skip];

    /// The name in forms and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Skip => "skip",
        }
    }
}

/// How to import a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// What the file holds; otherwise its name tells, or else its header.
    pub kind: Option<ImportKind>,
    /// The quarter of its rows, unless a column names it; otherwise its name tells.
    pub quarter: Option<Quarter>,
    /// What a bad row means.
    pub on_error: OnError,
    /// Does everything except keeping it.
    pub dry_run: bool,
}

/// An open file with the name its sender gave it.
#[derive(Debug)]
pub struct ImportFile {
    pub(super) file: File,
    pub(super) name: String,
    pub(super) sender: Actor,
}

impl ImportFile {
    /// A file that is open for reading and can be read twice, such as an upload in a temporary
    /// file; that may be removed from its folder meanwhile. Of the name a folder is left out.
    pub fn new(file: File, name: &str) -> Self {
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let name = name.chars().take(FILE_NAME).collect();
        Self { file, name, sender: Actor::command_line() }
    }

    /// Opens a file by its path.
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        let unreadable =
            |source| ImportError::Read { file_name: path.display().to_string(), source };
        let file = File::open(path).map_err(unreadable)?;
        if file.metadata().map_err(unreadable)?.is_dir() {
            return Err(unreadable(io::ErrorKind::IsADirectory.into()));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(Self::new(file, &name))
    }

    /// Names its sender, for the audit log; otherwise it is somebody at this machine.
    #[must_use]
    pub fn sent_by(self, sender: Actor) -> Self {
        Self { sender, ..self }
    }

    /// The name its sender gave it.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Which imports to list; what is missing does not filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportFilter {
    /// Those in this state.
    pub state: Option<ImportState>,
    /// Those of files of this kind.
    pub kind: Option<ImportKind>,
}

/// Names the object key of a banner that was not known before.
pub(super) type DefaultKey = Arc<dyn Fn(BannerId) -> String + Send + Sync>;
