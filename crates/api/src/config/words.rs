//! A list of words, in a file as a list, in the environment separated by commas.

use std::ops::Deref;

use serde::{Deserialize, Serialize};

/// Words in lower case, none of them empty.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Written")]
pub(crate) struct Words(Vec<String>);

impl Deref for Words {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.0
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    List(Vec<String>),
    Text(String),
}

impl From<Written> for Words {
    fn from(written: Written) -> Self {
        let words = match written {
            Written::List(list) => list,
            Written::Text(text) => text.split(',').map(str::to_owned).collect(),
        };
        let lower = words.iter().map(|it| it.trim().to_lowercase());
        Self(lower.filter(|it| !it.is_empty()).collect())
    }
}
