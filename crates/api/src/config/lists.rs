//! Lists, in a file as such, in the environment separated by commas.

use std::ops::Deref;

use serde::{Deserialize, Serialize};

/// Words in lower case, none of them empty.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Written")]
pub(crate) struct Words(Vec<String>);

/// Web origins such as `https://shop.example.com`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Written")]
pub(crate) struct Origins(Vec<String>);

/// A list as it is written.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Written {
    List(Vec<String>),
    Text(String),
}

impl Written {
    /// Its entries without the spaces around them, none of them empty.
    pub(super) fn entries(self) -> Vec<String> {
        let entries = match self {
            Self::List(list) => list,
            Self::Text(text) => text.split(',').map(str::to_owned).collect(),
        };
        let trimmed = entries.iter().map(|it| it.trim().to_owned());
        trimmed.filter(|it| !it.is_empty()).collect()
    }
}

impl From<Written> for Words {
    fn from(written: Written) -> Self {
        Self(written.entries().iter().map(|it| it.to_lowercase()).collect())
    }
}

impl From<Written> for Origins {
    fn from(written: Written) -> Self {
        let entries = written.entries();
        Self(entries.iter().map(|it| it.trim_end_matches('/').to_owned()).collect())
    }
}

impl Deref for Words {
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
