//! The sources of settings: which of them gave each.

use std::collections::BTreeMap;
use std::path::PathBuf;

use config::{Config, ConfigError};

use super::{DEFAULTS, InvalidConfig, Settings};

/// What was read besides the defaults.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// The file, and what stands in it.
    pub(super) file: Option<(PathBuf, Config)>,
    /// The variable of the environment that gave a setting.
    pub(super) variables: BTreeMap<String, String>,
    /// The settings of the command line.
    pub(super) overrides: Vec<String>,
    /// The variables that look like settings and are none.
    pub(super) strange: Vec<String>,
}

impl Sources {
    /// Logs each variable that looks like a setting and is none.
    pub(crate) fn warn(&self) {
        for name in &self.strange {
            tracing::warn!(
                "{name} is no setting and has no effect: settings are written \
                 BAMS__SECTION__KEY, such as BAMS__SERVER__PORT"
            );
        }
    }

    /// Returns why settings are refused: a name that is no setting, with its source, or what their
    /// reader says.
    pub(super) fn refusal(&self, error: ConfigError) -> InvalidConfig {
        let unknown = toml::from_str(DEFAULTS).ok().and_then(|known| self.unknown(&known));
        unknown.map_or_else(
            || error.into(),
            |(setting, origin)| InvalidConfig::Unknown { setting, origin },
        )
    }

    /// Returns the first name that is not among the known settings, and its source.
    fn unknown(&self, known: &toml::Table) -> Option<(String, String)> {
        let given = self.overrides.iter().map(|name| (name.to_lowercase(), "--set".to_owned()));
        let variables = self.variables.iter().map(|(name, it)| (name.clone(), it.clone()));
        let of_file = self.file.iter().flat_map(|(file, contents)| {
            let table = contents.clone().try_deserialize::<toml::Table>().unwrap_or_default();
            let origin = file.display().to_string();
            names(&table).into_iter().map(move |name| (name.to_lowercase(), origin.clone()))
        });
        given.chain(variables).chain(of_file).find(|(name, _)| !is_known(known, name))
    }

    /// Returns the settings in effect as TOML, each with a comment that tells its source. Secrets
    /// are hidden.
    pub(crate) fn describe(&self, settings: &Settings) -> Result<String, toml::ser::Error> {
        let mut section = String::new();
        let described = toml::to_string(settings)?;
        let lines = described.lines().map(|line| {
            if let Some(name) = line.strip_prefix('[') {
                section = format!("{}.", name.trim_end_matches(']'));
                return line.to_owned();
            }
            match line.split_once(" = ") {
                Some((key, _)) => {
                    format!("{line} # {}", self.source_of(&format!("{section}{key}")))
                }
                None => line.to_owned(),
            }
        });
        Ok(lines.collect::<Vec<_>>().join("\n"))
    }

    /// Returns the last source that has a setting, which is the one that counts.
    fn source_of(&self, setting: &str) -> String {
        if self.overrides.iter().any(|given| given.eq_ignore_ascii_case(setting)) {
            return "--set".to_owned();
        }
        if let Some(variable) = self.variables.get(setting) {
            return variable.clone();
        }
        match &self.file {
            Some((file, contents)) if contents.get::<config::Value>(setting).is_ok() => {
                file.display().to_string()
            }
            _ => "default".to_owned(),
        }
    }
}

/// Returns the names of what stands in a table, such as `server.port`.
fn names(table: &toml::Table) -> Vec<String> {
    let of_entry = |(key, value): (&String, &toml::Value)| match value {
        toml::Value::Table(section) if !section.is_empty() => {
            names(section).iter().map(|name| format!("{key}.{name}")).collect()
        }
        _ => vec![key.clone()],
    };
    table.iter().flat_map(of_entry).collect()
}

fn is_known(known: &toml::Table, name: &str) -> bool {
    let (section, rest) = name.split_once('.').unwrap_or((name, ""));
    match known.get(section) {
        Some(toml::Value::Table(within)) => rest.is_empty() || is_known(within, rest),
        Some(_) => rest.is_empty(),
        None => false,
    }
}
