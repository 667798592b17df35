//! The words for imports in JSON, in queries and in forms.

use bams_storage::{ImportKind, ImportState, OnError};

use crate::words::words;

words! {
    /// States of imports.
    ImportStateName as "ImportState": ImportState = ImportState::ALL.map(|it| (it.name(), it))
}

words! {
    /// Kinds of files.
    ImportKindName as "ImportKind": ImportKind = ImportKind::ALL.map(|it| (it.name(), it))
}

words! {
    /// What a bad row does.
    OnErrorName: OnError = OnError::ALL.map(|it| (it.name(), it))
}
