//! The options of an import.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use bams_domain::{BannerId, Quarter, hidden_characters};

use super::error::ImportError;
use super::kind::ImportKind;
use super::report::ImportState;
use crate::change::Actor;

/// The longest file name that is stored, in characters.
const FILE_NAME: usize = 255;

/// What a bad row does to its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// Refuses the file.
    #[default]
    Refuse,
    /// Leaves the good rows and lists the others. A file that becomes meaningless, as after an
    /// unclosed quote, is refused nevertheless.
    Skip,
}

impl OnError {
    /// Each choice.
    pub const ALL: [Self; 2] = [Self::Refuse, Self::Skip];

    /// Returns the name in forms and on the command line.
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
    /// The kind of file. `None` if its name or its header tells.
    pub kind: Option<ImportKind>,
    /// The quarter of its rows. `None` if a column or the file's name tells.
    pub quarter: Option<Quarter>,
    /// What a bad row does.
    pub on_error: OnError,
    /// True if nothing is stored.
    pub dry_run: bool,
}

/// An open file with the name that its sender gave it.
#[derive(Debug)]
pub struct ImportFile {
    pub(super) file: File,
    pub(super) name: String,
    pub(super) sender: Actor,
}

impl ImportFile {
    /// Takes a file that is open for reading and can be read twice, such as an upload in a
    /// temporary file, even if that has no name in its folder any more. Folders are removed from
    /// `name`, and characters that nobody sees are replaced.
    pub fn new(file: File, name: &str) -> Self {
        let without_folders = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let name: String = without_folders.chars().take(FILE_NAME).collect();
        let hidden: Vec<char> = hidden_characters(&name).collect();
        let name = name.replace(&hidden[..], "\u{fffd}");
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

    /// Sets the sender for the audit log, which otherwise is somebody at this machine.
    #[must_use]
    pub fn sent_by(self, sender: Actor) -> Self {
        Self { sender, ..self }
    }

    /// Returns the name that the sender gave it.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The imports to list. `None` does not filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportFilter {
    /// Only imports in this state.
    pub state: Option<ImportState>,
    /// Only imports of this kind.
    pub kind: Option<ImportKind>,
}

/// Returns the object key of the image of a new banner.
pub(super) type DefaultKey = Arc<dyn Fn(BannerId) -> String + Send + Sync>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_no_folders_and_nothing_that_nobody_sees() {
        let name = |text: &str| ImportFile::new(tempfile::tempfile().unwrap(), text).name;
        assert_eq!(name("C:\\sent/clicks größer 猫_2.csv"), "clicks größer 猫_2.csv");
        let hidden = name("clicks\u{202e}vsc.2\u{1b}[2J\n_1\u{200b}.csv");
        assert_eq!(hidden, "clicks\u{fffd}vsc.2\u{fffd}[2J\u{fffd}_1\u{fffd}.csv");
        assert_eq!(name(&"ä".repeat(300)), "ä".repeat(FILE_NAME));
    }
}
