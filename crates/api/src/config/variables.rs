//! The variables of the environment that are settings, and those that look like one.

use std::collections::{BTreeMap, HashMap};

use super::{InvalidConfig, settings};

/// The prefix of variables that are settings.
const PREFIX: &str = "BAMS__";

/// Variables of ours that are no settings.
const OTHERS: [&str; 1] = ["BAMS_CONFIG"];

/// The environment with secrets in place of the files that hold them.
pub(super) struct Variables {
    /// Every variable with its value.
    pub(super) values: HashMap<String, String>,
    /// The variable that gave each setting, such as `BAMS__DATABASE__URL_FILE` for `database.url`.
    pub(super) givers: BTreeMap<String, String>,
}

impl Variables {
    /// Replaces each of our `NAME_FILE` by `NAME` with the contents of that file. Fails if both are
    /// set, or the file cannot be read.
    pub(super) fn of(environment: &HashMap<String, String>) -> Result<Self, InvalidConfig> {
        let ours = |name: &str| name.starts_with(PREFIX) || settings::CREDENTIALS.contains(&name);
        let mut variables = Self { values: HashMap::new(), givers: BTreeMap::new() };
        for (variable, value) in environment {
            let (name, value) = match variable.strip_suffix("_FILE").filter(|name| ours(name)) {
                Some(name) => {
                    if environment.get(name).is_some_and(|value| !value.is_empty()) {
                        return Err(InvalidConfig::Twice(name.to_owned()));
                    }
                    (name, contents(variable, value)?)
                }
                // The file of the other variable has given the value already.
                None if variables.values.contains_key(variable) => continue,
                None => (variable.as_str(), value.clone()),
            };
            if let Some(setting) = name.strip_prefix(PREFIX) {
                let setting = setting.to_lowercase().replace("__", ".");
                variables.givers.insert(setting, variable.clone());
            }
            variables.values.insert(name.to_owned(), value);
        }
        Ok(variables)
    }

    /// Returns the variables that look like settings and are none, in their order.
    pub(super) fn strange(&self) -> Vec<String> {
        let looks_like_one = |name: &&String| {
            name.starts_with("BAMS_")
                && !name.starts_with(PREFIX)
                && !OTHERS.contains(&name.as_str())
        };
        let mut names: Vec<_> = self.values.keys().filter(looks_like_one).cloned().collect();
        names.sort();
        names
    }
}

/// Reads the file of a secret, without the line ending after it.
fn contents(variable: &str, file: &str) -> Result<String, InvalidConfig> {
    let content = std::fs::read_to_string(file);
    let content = content
        .map_err(|source| InvalidConfig::SecretFile { variable: variable.to_owned(), source })?;
    Ok(content.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Result<Variables, InvalidConfig> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Variables::of(&pairs.collect())
    }

    #[test]
    fn a_secret_comes_from_one_place() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("url");
        std::fs::write(&file, "mysql://u:p@db/bams\n").unwrap();
        let file = ("BAMS__DATABASE__URL_FILE", file.to_str().unwrap());

        for other in [("BAMS__DATABASE__URL", ""), ("PATH", "/bin")] {
            let read = variables(&[file, other]).unwrap();
            assert_eq!(read.values["BAMS__DATABASE__URL"], "mysql://u:p@db/bams");
            assert_eq!(read.givers["database.url"], "BAMS__DATABASE__URL_FILE");
        }
        let refused = variables(&[file, ("BAMS__DATABASE__URL", "sqlite://a.db")]).err().unwrap();
        assert!(refused.to_string().contains("BAMS__DATABASE__URL_FILE"), "{refused}");
    }

    #[test]
    fn variables_that_are_no_settings_are_named() {
        let read = variables(&[
            ("BAMS_SERVER_PORT", "80"),
            ("BAMS__SERVER__PORT", "80"),
            ("BAMS_CONFIG", "bams.toml"),
            ("BAMSTER", "1"),
        ]);
        assert_eq!(read.unwrap().strange(), ["BAMS_SERVER_PORT"]);
    }
}
