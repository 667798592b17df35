//! The only reader of configuration files and of the environment.

mod check;
mod duration;
mod lists;
mod proxies;
mod refused;
mod secret;
mod settings;
mod sources;
mod telling;
mod variables;

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use config::{Config, ConfigError, Environment, File, FileFormat};

pub(crate) use duration::SettingDuration;
pub(crate) use lists::{Origins, WordList};
pub(crate) use proxies::Proxies;
pub(crate) use refused::log_of_refused;
pub(crate) use secret::Hidden;
pub(crate) use settings::{
    AddressHeader, ImageBackend, LimitsSection, LogFormat, LogSection, SameSite, Settings,
};
pub(crate) use sources::Sources;
use variables::Variables;

/// Every setting with its default and its documentation.
const DEFAULTS: &str = include_str!("../../../../config/default.toml");

/// Why settings are refused, with the place that has them.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidConfig {
    #[error("configuration: {0}")]
    Malformed(String),
    /// Does not repeat the path, which may be the secret by mistake.
    #[error("{variable} names a file that cannot be read: {source}")]
    SecretFile { variable: String, source: std::io::Error },
    #[error("{0} and {0}_FILE are both set: keep one of them")]
    Twice(String),
    /// Does not repeat the text, which may be a secret.
    #[error("--set takes section.key=value, such as server.port=8080")]
    Override,
    #[error("configuration: `{setting}` in {origin} is no setting")]
    Unknown { setting: String, origin: String },
    #[error("configuration: `{setting}` {problem}")]
    Value { setting: &'static str, problem: String },
}

impl From<ConfigError> for InvalidConfig {
    fn from(error: ConfigError) -> Self {
        Self::Malformed(telling::told(&error))
    }
}

/// The settings of the command line: a file, and `section.key=value` pairs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    pub(crate) file: Option<PathBuf>,
    pub(crate) pairs: Vec<(String, String)>,
}

impl Overrides {
    /// Splits `section.key=value`.
    pub(crate) fn pair(text: &str) -> Result<(String, String), InvalidConfig> {
        let pair = text.split_once('=').filter(|(key, _)| key.contains('.'));
        let (key, value) = pair.ok_or(InvalidConfig::Override)?;
        Ok((key.trim().to_owned(), value.trim().to_owned()))
    }
}

/// The settings, and where they come from.
pub(crate) struct LoadedSettings {
    pub(crate) settings: Settings,
    pub(crate) sources: Sources,
}

/// Reads defaults, file, environment and overrides, of which the later ones win, and checks them.
pub(crate) fn load(overrides: &Overrides) -> Result<LoadedSettings, InvalidConfig> {
    load_from(overrides, &environment())
}

/// Returns the variables that are texts.
fn environment() -> HashMap<String, String> {
    let readable = |(name, value): (OsString, OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(readable).collect()
}

/// Returns the defaults.
#[cfg(test)]
pub(crate) fn defaults() -> Settings {
    load_from(&Overrides::default(), &HashMap::new()).unwrap().settings
}

fn load_from(
    overrides: &Overrides,
    environment: &HashMap<String, String>,
) -> Result<LoadedSettings, InvalidConfig> {
    let variables = Variables::of(environment)?;
    let strange = variables.strange();
    let Variables { values, givers } = variables;
    let credentials = settings::S3Credentials::of(&values);
    let mut builder = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
    let named = values.get("BAMS_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from);
    let path = overrides.file.clone().or(named).map(|path| in_full(&path));
    let file = path.map(|path| read_file(&path).map(|contents| (path, contents))).transpose()?;
    if let Some((_, contents)) = &file {
        builder = builder.add_source(contents.clone());
    }
    let from_variables = Environment::with_prefix("BAMS").prefix_separator("__").separator("__");
    builder = builder.add_source(from_variables.source(Some(values)));
    for (key, value) in &overrides.pairs {
        builder = builder.set_override(key, value.as_str())?;
    }
    let overrides = overrides.pairs.iter().map(|(key, _)| key.clone()).collect();
    let sources = Sources { file, variables: givers, overrides, strange };
    let mut settings: Settings =
        builder.build()?.try_deserialize().map_err(|error| sources.refusal(error))?;
    settings.s3_credentials = credentials;
    settings.check()?;
    Ok(LoadedSettings { settings, sources })
}

/// Returns a path that says where a file is to whoever reads a message about it.
pub(crate) fn in_full(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Returns a path as it is written from the working directory.
pub(crate) fn from_here(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}

fn read_file(path: &Path) -> Result<Config, InvalidConfig> {
    let source = File::from(path).format(FileFormat::Toml);
    Ok(Config::builder().add_source(source).build()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> HashMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_documented_defaults_are_complete() {
        let settings = defaults();
        assert_eq!(settings.server.port, 8000);
        assert_eq!(settings.selection.history_ttl.as_secs(), 30 * 24 * 3600);
    }

    #[test]
    fn the_environment_wins_over_defaults_and_overrides_win_over_it() {
        let environment = environment(&[
            ("BAMS__SERVER__PORT", "9000"),
            ("BAMS__SERVER__HOST", "0.0.0.0"),
            ("BAMS__REDIS__CLUSTER", "true"),
            ("BAMS__CORS__ALLOWED_ORIGINS", "https://a.example, https://b.example"),
        ]);
        let overrides =
            Overrides { pairs: vec![("server.port".into(), "9001".into())], ..<_>::default() };
        let settings = load_from(&overrides, &environment).unwrap().settings;
        assert_eq!((settings.server.host.as_str(), settings.server.port), ("0.0.0.0", 9001));
        assert!(settings.redis.cluster);
        assert_eq!(settings.cors.allowed_origins.len(), 2);
    }

    #[test]
    fn an_unknown_setting_is_refused_with_its_name_and_place() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bams.toml");
        for (text, pair, variable, setting, origin) in [
            ("", None, "BAMS__SERVER__PROT", "server.prot", "BAMS__SERVER__PROT"),
            ("", None, "BAMS__SERVR__PORT", "servr.port", "BAMS__SERVR__PORT"),
            ("[server]\nport = 1\nprot = 1\n", None, "PATH", "server.prot", "bams.toml"),
            ("[media.s4]\nbucket = \"a\"\n", None, "PATH", "media.s4.bucket", "bams.toml"),
            ("[servr]\n", None, "PATH", "servr", "bams.toml"),
            ("", Some("server.prot"), "PATH", "server.prot", "--set"),
        ] {
            std::fs::write(&file, text).unwrap();
            let pairs = pair.iter().map(|it: &&str| ((*it).to_owned(), "1".to_owned())).collect();
            let overrides = Overrides { file: Some(file.clone()), pairs };
            let refused = load_from(&overrides, &environment(&[(variable, "1")]));
            let said = refused.err().unwrap().to_string();
            let is_said = said.contains(&format!("`{setting}` in ")) && said.contains(origin);
            assert!(is_said && said.ends_with("is no setting"), "{said}");
        }
    }

    #[test]
    fn a_secret_that_looks_like_a_number_stays_as_it_is() {
        let secret = "00012345678901234567890123456789e5";
        let environment = environment(&[("BAMS__SECRETS__SIGNING_KEY", secret)]);
        let settings = load_from(&Overrides::default(), &environment).unwrap().settings;
        assert_eq!(settings.secrets.signing_key.expose(), secret);
        assert!(!format!("{settings:?}").contains(secret));
    }

    #[test]
    fn files_of_other_programs_are_left_alone() {
        let environment = environment(&[("AWS_CONFIG_FILE", "/nowhere"), ("PID_FILE", "/nowhere")]);
        assert!(load_from(&Overrides::default(), &environment).is_ok());
    }

    #[test]
    fn a_value_that_cannot_work_is_refused_with_its_name() {
        for (variable, value, name) in [
            ("BAMS__SERVER__PUBLIC_URL", "pictures.example.com", "server.public_url"),
            ("BAMS__SECRETS__SIGNING_KEY", "short", "secrets.signing_key"),
            ("BAMS__MEDIA__BACKEND", "s3", "media.s3.bucket"),
            ("BAMS__MEDIA__DEFAULT_KEY", "image.png", "media.default_key"),
            ("BAMS__CORS__ALLOWED_ORIGINS", "*", "cors.allowed_origins"),
            ("BAMS__CORS__ALLOWED_ORIGINS", "https://a.example/page", "cors.allowed_origins"),
            ("BAMS__SERVER__PUBLIC_URL", "https://a.example/ads?x", "server.public_url"),
            ("BAMS__SERVER__PUBLIC_URL", "https://a.example/../ads", "server.public_url"),
            ("BAMS__MEDIA__PREFIX", "/p/", "media.prefix"),
            ("BAMS__MEDIA__PREFIX", "uploads/p/", "media.prefix"),
            ("BAMS__CORS__ALLOWED_ORIGINS", "https://*.com", "cors.allowed_origins"),
            ("BAMS__REDIS__KEY_PREFIX", "{bams}", "redis.key_prefix"),
            ("BAMS__IMPORTS__QUEUE", "0", "imports.queue"),
            ("BAMS__DATABASE__MAX_CONNECTIONS", "1", "database.max_connections"),
            ("BAMS__DATABASE__URL", "mysql://bams:se/cret@db/bams", "database.url"),
            ("BAMS__MEDIA__S3__ENDPOINT", "https://user:secret@s3.lan", "media.s3.endpoint"),
            ("BAMS__SERVER__WORKERS", "many", "server.workers"),
            ("BAMS__DASHBOARD__TIME_ZONE", "Europe/Nowhere", "dashboard.time_zone"),
            ("BAMS__DASHBOARD__SESSION_LIFETIME", "1s", "dashboard.session_lifetime"),
        ] {
            let refused = load_from(&Overrides::default(), &environment(&[(variable, value)]));
            assert!(refused.err().unwrap().to_string().contains(name), "{name}");
        }
    }

    #[test]
    fn each_setting_says_where_it_comes_from() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bams.toml");
        std::fs::write(&file, "[server]\nport = 1\nhost = \"::1\"\n[log]\nformat = \"JSON\"\n")
            .unwrap();
        let pairs = vec![("redis.timeout".to_owned(), "1s".to_owned())];
        let overrides = Overrides { file: Some(file.clone()), pairs };
        let environment = environment(&[
            ("BAMS__SERVER__PORT", "2"),
            ("BAMS__SECRETS__SIGNING_KEY", "00012345678901234567890123456789e5"),
        ]);
        let LoadedSettings { settings, sources } = load_from(&overrides, &environment).unwrap();
        let described = sources.describe(&settings).unwrap();
        let file = file.display();
        for line in [
            "port = 2 # BAMS__SERVER__PORT",
            &format!("host = \"::1\" # {file}"),
            &format!("format = \"json\" # {file}"),
            "timeout = \"1s\" # --set",
            "signing_key = \"[hidden]\" # BAMS__SECRETS__SIGNING_KEY",
            "keep_alive = \"5s\" # default",
        ] {
            assert!(described.lines().any(|it| it == line), "{line}\n{described}");
        }
        assert!(toml::from_str::<toml::Table>(&described).is_ok());
    }
}
