//! Lists in settings: a list in a file, a text with commas in the environment.

use std::ops::Deref;

use serde::{Deserialize, Serialize};

/// Words in lower case, without empty ones.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Written")]
pub(crate) struct WordList(Vec<String>);

/// Web origins such as `https://shop.example.com`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Written")]
pub(crate) struct Origins(Vec<String>);

/// A list as it was written.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Written {
    List(Vec<String>),
    Text(String),
}

impl Written {
    /// Returns the entries without spaces around them, and without empty ones.
    pub(super) fn entries(self) -> Vec<String> {
        let entries = match self {
            Self::List(list) => list,
            Self::Text(text) => text.split(',').map(str::to_owned).collect(),
        };
        let trimmed = entries.iter().map(|it| it.trim().to_owned());
        trimmed.filter(|entry| !entry.is_empty()).collect()
    }
}

impl From<Written> for WordList {
    fn from(written: Written) -> Self {
        Self(written.entries().iter().map(|it| it.to_lowercase()).collect())
    }
}

impl From<Written> for Origins {
    fn from(written: Written) -> Self {
        let entries = written.entries();
        Self(entries.iter().map(|origin| origin.trim_end_matches('/').to_owned()).collect())
    }
}

impl Deref for WordList {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.0
    }
}

impl Deref for Origins {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.0
    }
}
