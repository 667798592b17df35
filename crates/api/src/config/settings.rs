//! One struct per section of `config/default.toml`, which documents each key.

use std::collections::HashMap;
use std::path::PathBuf;

use bams_media::KeyTemplate;
use serde::{Deserialize, Serialize};

use super::placeholder::is_placeholder;
use super::{Hidden, InvalidConfig, Origins, Proxies, Span, Words};

/// Everything that can be configured.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) server: Server,
    pub(crate) database: DatabaseSection,
    pub(crate) redis: RedisSection,
    pub(crate) selection: Selection,
    pub(crate) visitor: Visitor,
    pub(crate) media: Media,
    pub(crate) secrets: Secrets,
    pub(crate) tracking: TrackingSection,
    pub(crate) imports: Imports,
    pub(crate) reports: Reports,
    pub(crate) limits: LimitsSection,
    pub(crate) metrics: MetricsSection,
    pub(crate) cors: Cors,
    pub(crate) log: Log,
    #[serde(skip)]
    pub(crate) s3_credentials: S3Credentials,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) public_url: String,
    pub(crate) workers: usize,
    pub(crate) max_connections: usize,
    pub(crate) keep_alive: Span,
    pub(crate) header_timeout: Span,
    pub(crate) trusted_proxies: Proxies,
    pub(crate) drain_delay: Span,
    pub(crate) shutdown_timeout: Span,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DatabaseSection {
    pub(crate) url: Hidden,
    pub(crate) max_connections: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RedisSection {
    pub(crate) url: Hidden,
    pub(crate) cluster: bool,
    pub(crate) timeout: Span,
    pub(crate) key_prefix: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Selection {
    pub(crate) history_ttl: Span,
    pub(crate) history_capacity: usize,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Visitor {
    pub(crate) same_site: SameSite,
    pub(crate) cookie_lifetime: Span,
    pub(crate) preferences_capacity: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SameSite {
    Lax,
    None,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Media {
    pub(crate) backend: ImageBackend,
    pub(crate) default_key: String,
    pub(crate) url_ttl: Span,
    pub(crate) max_image_bytes: usize,
    pub(crate) max_image_pixels: u64,
    pub(crate) upload_ttl: Span,
    pub(crate) local: LocalFolder,
    pub(crate) s3: S3,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ImageBackend {
    Local,
    S3,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LocalFolder {
    pub(crate) path: PathBuf,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct S3 {
    pub(crate) bucket: String,
    pub(crate) region: String,
    pub(crate) endpoint: String,
    pub(crate) path_style: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct S3Credentials {
    pub(crate) access_key_id: Hidden,
    pub(crate) secret_access_key: Hidden,
    pub(crate) session_token: Hidden,
}

/// What AWS's own tools read from the environment: id, secret, session token.
pub(crate) const CREDENTIALS: [&str; 3] =
    ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

impl S3Credentials {
    /// The credentials in the environment; empty where there are none.
    pub(crate) fn of(environment: &HashMap<String, String>) -> Self {
        let of = |name: &str| Hidden::from(environment.get(name).cloned().unwrap_or_default());
        let [access_key_id, secret_access_key, session_token] = CREDENTIALS.map(of);
        Self { access_key_id, secret_access_key, session_token }
    }
}

impl Server {
    /// Whether only this machine can reach the server.
    pub(crate) fn is_local(&self) -> bool {
        ["127.0.0.1", "::1", "[::1]", "localhost"].contains(&self.host.as_str())
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Secrets {
    pub(crate) signing_key: Hidden,
    pub(crate) previous_signing_keys: Hidden,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrackingSection {
    pub(crate) link_ttl: Span,
    pub(crate) queue: usize,
    pub(crate) visitor_limit: u32,
    pub(crate) address_limit: u32,
    pub(crate) bots: Words,
    pub(crate) not_bots: Words,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Imports {
    pub(crate) max_bytes: usize,
    pub(crate) max_unpacked_bytes: u64,
    pub(crate) queue: usize,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reports {
    pub(crate) keep_slots: Span,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitsSection {
    pub(crate) address_per_second: u32,
    pub(crate) key_per_second: u32,
    pub(crate) key_failures_per_minute: u32,
    pub(crate) visitor_changes_per_minute: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MetricsSection {
    pub(crate) compare_every: Span,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cors {
    pub(crate) allowed_origins: Origins,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Log {
    pub(crate) format: LogFormat,
    pub(crate) filter: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

impl Settings {
    /// Refuses values that cannot work, so that a bad one stops the start and not a request.
    pub(crate) fn check(&self) -> Result<(), InvalidConfig> {
        let public_url = &self.server.public_url;
        let address = public_url.trim_end_matches('/');
        require(address.is_empty() || is_origin(address), "server.public_url", || {
            format!("is something like https://ads.example.com, without a path, not `{public_url}`")
        })?;
        require(self.server.max_connections > 0, "server.max_connections", || {
            "must be at least 1".to_owned()
        })?;
        require(!self.server.header_timeout.is_zero(), "server.header_timeout", || {
            "must not be 0: a client that never asks would stay for ever".to_owned()
        })?;
        require(self.database.max_connections > 1, "database.max_connections", || {
            "must be at least 2: a migration holds one while it uses another".to_owned()
        })?;
        require(!self.redis.key_prefix.contains(['{', '}']), "redis.key_prefix", || {
            "must not contain braces: in a cluster they say which node has a key".to_owned()
        })?;
        require(!self.redis.timeout.is_zero(), "redis.timeout", || "must not be 0".to_owned())?;
        require(self.selection.history_ttl.as_secs() > 0, "selection.history_ttl", || {
            "must be at least a second".to_owned()
        })?;
        let places = 1..=10_000;
        require(places.contains(&self.imports.queue), "imports.queue", || {
            "must be between 1 and 10000".to_owned()
        })?;
        let longest = bams_media::LONGEST_LIFE;
        let url_ttl = *self.media.url_ttl;
        require((1..=longest.as_secs()).contains(&url_ttl.as_secs()), "media.url_ttl", || {
            "must be between one second and seven days".to_owned()
        })?;
        require(self.media.max_image_bytes > 0, "media.max_image_bytes", || {
            "must not be 0: no image could be uploaded".to_owned()
        })?;
        let upload_ttl = self.media.upload_ttl.as_secs();
        require((1..=longest.as_secs()).contains(&upload_ttl), "media.upload_ttl", || {
            "must be between one second and seven days".to_owned()
        })?;
        self.media.default_key.parse::<KeyTemplate>().map_err(|error| InvalidConfig::Value {
            setting: "media.default_key",
            problem: format!("cannot be used: {error}"),
        })?;
        let s3 = self.media.backend == ImageBackend::S3;
        require(!s3 || !self.media.s3.bucket.is_empty(), "media.s3.bucket", || {
            "is needed when media.backend is s3".to_owned()
        })?;
        let day = std::time::Duration::from_hours(24);
        require(*self.reports.keep_slots >= day, "reports.keep_slots", || {
            "must be at least a day".to_owned()
        })?;
        let key = self.secrets.signing_key.expose();
        require(key.is_empty() || key.len() >= 32, "secrets.signing_key", || {
            "must have at least 32 characters".to_owned()
        })?;
        require(!self.tracking.link_ttl.is_zero(), "tracking.link_ttl", || {
            "must not be 0: no event would count".to_owned()
        })?;
        require(self.tracking.queue >= 1000, "tracking.queue", || {
            "must be at least 1000, the length of a list of conversions".to_owned()
        })?;
        let origins = &self.cors.allowed_origins;
        require(origins.iter().all(|it| is_origin(it)), "cors.allowed_origins", || {
            "takes origins such as https://shop.example.com, without a path, several of them parted by \
             commas; `*` is not allowed, because visitors send a cookie"
                .to_owned()
        })
    }

    /// Refuses secrets that everybody could guess: with them anybody makes valid links. A demo may
    /// have them.
    pub(crate) fn refuse_placeholders(&self) -> Result<(), InvalidConfig> {
        let Secrets { signing_key, previous_signing_keys } = &self.secrets;
        let previous = previous_signing_keys.expose().split(',').map(str::trim);
        let previous = previous.map(|it| ("secrets.previous_signing_keys", it));
        let mut keys = previous.chain([("secrets.signing_key", signing_key.expose())]);
        let bad = keys.find(|(_, it)| !it.is_empty() && is_placeholder(it));
        require(bad.is_none(), bad.map_or("secrets", |it| it.0), || {
            "is a placeholder that anybody can guess: take 32 random characters or more, such as \
             from `openssl rand -hex 32`"
                .to_owned()
        })
    }
}

/// Whether a text is scheme, host and perhaps port, as browsers write origins.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let allowed =
        |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || b".-_:[]".contains(&it);
    host.is_some_and(|host| !host.is_empty() && host.bytes().all(allowed))
}

fn require(
    met: bool,
    setting: &'static str,
    problem: impl FnOnce() -> String,
) -> Result<(), InvalidConfig> {
    if met { Ok(()) } else { Err(InvalidConfig::Value { setting, problem: problem() }) }
}
