//! A list of origins, in a file as a list, in the environment separated by commas.

use std::ops::Deref;

use serde::{Deserialize, Serialize};

/// Web origins such as `https://shop.example.com`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Written")]
pub(crate) struct Origins(Vec<String>);

impl Deref for Origins {
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

impl From<Written> for Origins {
    fn from(written: Written) -> Self {
        let origins = match written {
            Written::List(list) => list,
            Written::Text(text) => text.split(',').map(str::to_owned).collect(),
        };
        let trimmed = origins.iter().map(|it| it.trim().trim_end_matches('/').to_owned());
        Self(trimmed.filter(|it| !it.is_empty()).collect())
    }
}
