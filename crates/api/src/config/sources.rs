//! The sources of settings: which of them gave each.

use std::collections::BTreeMap;
use std::path::PathBuf;

use config::Config;

use super::Settings;

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
