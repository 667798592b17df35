//! Why an import failed, in a form that can be stored.

use serde::{Deserialize, Serialize};

use super::error::ImportError;

/// The longest message that is stored, in characters.
const MESSAGE: usize = 500;

/// Why an import failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFailure {
    /// The reason for programs.
    pub code: ImportFailureCode,
    /// The reason for people, in one sentence.
    pub message: String,
}

/// Why an import failed. JSON has the name in snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportFailureCode {
    /// Rows or the header are not valid. The errors have the reasons.
    InvalidRows,
    /// The packed file is cut off or damaged.
    Damaged,
    /// The packed file unpacks to more bytes than allowed.
    UnpacksTooLarge,
    /// The file could not be read.
    Unreadable,
    /// The database refused or could not be reached.
    DatabaseUnavailable,
    /// The node that ran it stopped or was killed.
    Interrupted,
}

impl ImportFailureCode {
    const ALL: [Self; 6] = [
        Self::InvalidRows,
        Self::Damaged,
        Self::UnpacksTooLarge,
        Self::Unreadable,
        Self::DatabaseUnavailable,
        Self::Interrupted,
    ];

    /// Returns the name in JSON and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidRows => "invalid_rows",
            Self::Damaged => "damaged",
            Self::UnpacksTooLarge => "unpacks_too_large",
            Self::Unreadable => "unreadable",
            Self::DatabaseUnavailable => "database_unavailable",
            Self::Interrupted => "interrupted",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.name() == name)
    }
}

impl ImportFailure {
    pub(super) fn of_rows(rejected: u64) -> Self {
        let message = match rejected {
            1 => "one error; nothing of the file was stored".to_owned(),
            more => format!("{more} errors; nothing of the file was stored"),
        };
        Self { code: ImportFailureCode::InvalidRows, message }
    }

    pub(super) fn interrupted() -> Self {
        let message = "the node that ran it stopped; nothing was stored: send the file again";
        Self { code: ImportFailureCode::Interrupted, message: message.to_owned() }
    }

    /// Makes the failure of an error, without anything that strangers must not read.
    pub(super) fn of(error: &ImportError) -> Self {
        let (code, message) = match error {
            ImportError::Storage(_) => {
                let message = "the database failed; nothing was stored: send the file again";
                (ImportFailureCode::DatabaseUnavailable, message.to_owned())
            }
            ImportError::Interrupted { .. } => return Self::interrupted(),
            ImportError::Damaged { .. } => (ImportFailureCode::Damaged, error.to_string()),
            ImportError::UnpacksTooLarge { .. } => {
                (ImportFailureCode::UnpacksTooLarge, error.to_string())
            }
            other => (ImportFailureCode::Unreadable, other.to_string()),
        };
        Self { code, message: message.chars().take(MESSAGE).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_kept_under_its_name_in_json() {
        for code in ImportFailureCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.name());
            assert_eq!(ImportFailureCode::named(code.name()), Some(code));
        }
    }
}
