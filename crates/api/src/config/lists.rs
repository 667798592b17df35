//! Lists in settings: a list in a file, a text with commas in the environment.

use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize};

use super::Hidden;

/// Words in lower case, without empty ones.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Written")]
pub(crate) struct WordList(Vec<String>);

/// Web origins such as `https://shop.example.com`, and patterns of them.
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
    ///
    /// A text is a list as in a file, such as `["a", "b"]`, or entries separated by commas.
    pub(super) fn entries(self) -> Vec<String> {
        let entries = match self {
            Self::List(list) => list,
            Self::Text(text) => {
                as_in_file(&text).unwrap_or_else(|| text.split(',').map(str::to_owned).collect())
            }
        };
        let trimmed = entries.iter().map(|it| it.trim().to_owned());
        trimmed.filter(|entry| !entry.is_empty()).collect()
    }
}

/// Reads a list that is written as in a file, or returns `None` if a text is none.
fn as_in_file(text: &str) -> Option<Vec<String>> {
    #[derive(Deserialize)]
    struct Setting {
        list: Vec<String>,
    }
    let setting = text.trim().starts_with('[').then(|| toml::from_str(&format!("list = {text}")));
    setting?.ok().map(|Setting { list }| list)
}

/// Reads a list of secrets as one text with commas.
pub(super) fn hidden<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Hidden, D::Error> {
    Ok(Written::deserialize(deserializer)?.entries().join(",").into())
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

impl Origins {
    /// Adds more origins.
    pub(crate) fn add(&mut self, origins: &[&str]) {
        self.0.extend(origins.iter().map(ToString::to_string));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_may_be_written_as_in_a_file_or_with_commas() {
        for text in [r#"["a", "b"]"#, " [ 'a','b', ] ", "a,b", " a , b ,", "a,,b"] {
            assert_eq!(Written::Text(text.to_owned()).entries(), ["a", "b"], "{text}");
        }
        for text in ["", " ", "[]", ","] {
            assert!(Written::Text(text.to_owned()).entries().is_empty(), "{text}");
        }
        assert_eq!(Written::Text("[::1]:80".to_owned()).entries(), ["[::1]:80"]);
    }
}
