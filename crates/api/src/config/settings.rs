//! The settings: one struct per section of `config/default.toml`, which documents each key.

use std::collections::HashMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Hidden, Origins, Proxies, SettingDuration, WordList, lists};

/// Makes a setting that is one of a few words, which an error lists.
macro_rules! choice {
    ($name:ident { $($choice:ident = $word:literal),+ }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub(crate) enum $name {
            $(#[serde(rename = $word)] $choice),+
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                match text.to_ascii_lowercase().as_str() {
                    $($word => Ok(Self::$choice),)+
                    _ => Err(format!("`{text}` is not one of {}", [$($word),+].join(", "))),
                }
            }
        }
    };
}

/// All settings.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) server: ServerSection,
    pub(crate) database: DatabaseSection,
    pub(crate) redis: RedisSection,
    pub(crate) selection: SelectionSection,
    pub(crate) visitor: VisitorSection,
    pub(crate) media: MediaSection,
    pub(crate) secrets: SecretsSection,
    pub(crate) tracking: TrackingSection,
    pub(crate) imports: ImportsSection,
    pub(crate) reports: ReportsSection,
    pub(crate) limits: LimitsSection,
    pub(crate) metrics: MetricsSection,
    pub(crate) cors: CorsSection,
    pub(crate) dashboard: DashboardSection,
    pub(crate) log: LogSection,
    #[serde(skip)]
    pub(crate) s3_credentials: S3Credentials,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServerSection {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) public_url: String,
    pub(crate) workers: usize,
    pub(crate) max_connections: usize,
    pub(crate) keep_alive: SettingDuration,
    pub(crate) header_timeout: SettingDuration,
    pub(crate) send_timeout: SettingDuration,
    pub(crate) trusted_proxies: Proxies,
    pub(crate) address_header: AddressHeader,
    pub(crate) drain_delay: SettingDuration,
    pub(crate) shutdown_timeout: SettingDuration,
}

choice!(AddressHeader {
    Auto = "auto",
    XForwardedFor = "x-forwarded-for",
    Forwarded = "forwarded",
    XRealIp = "x-real-ip"
});

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
    pub(crate) timeout: SettingDuration,
    pub(crate) key_prefix: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SelectionSection {
    pub(crate) history_ttl: SettingDuration,
    pub(crate) history_capacity: usize,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VisitorSection {
    pub(crate) same_site: SameSite,
    pub(crate) cookie_lifetime: SettingDuration,
    pub(crate) preferences_capacity: usize,
}

choice!(SameSite { Lax = "lax", None = "none" });

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MediaSection {
    pub(crate) backend: ImageBackend,
    pub(crate) default_key: String,
    pub(crate) prefix: String,
    pub(crate) url_ttl: SettingDuration,
    pub(crate) max_image_bytes: usize,
    pub(crate) max_image_pixels: u64,
    pub(crate) upload_ttl: SettingDuration,
    pub(crate) local: LocalFolder,
    pub(crate) s3: S3,
}

choice!(ImageBackend { Local = "local", S3 = "s3" });

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

/// The variables that AWS's own tools read: id, secret, session token.
pub(crate) const CREDENTIALS: [&str; 3] =
    ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

impl S3Credentials {
    /// Returns the credentials in the environment, which are empty if there are none.
    pub(crate) fn of(environment: &HashMap<String, String>) -> Self {
        let of = |name: &str| Hidden::from(environment.get(name).cloned().unwrap_or_default());
        let [access_key_id, secret_access_key, session_token] = CREDENTIALS.map(of);
        Self { access_key_id, secret_access_key, session_token }
    }
}

impl ServerSection {
    /// Returns true if only this machine can reach the server.
    pub(crate) fn is_local(&self) -> bool {
        ["127.0.0.1", "::1", "[::1]", "localhost"].contains(&self.host.as_str())
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretsSection {
    pub(crate) signing_key: Hidden,
    #[serde(deserialize_with = "lists::hidden")]
    pub(crate) previous_signing_keys: Hidden,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrackingSection {
    pub(crate) link_ttl: SettingDuration,
    pub(crate) keep_clicks: SettingDuration,
    pub(crate) queue: usize,
    pub(crate) visitor_limit: u32,
    pub(crate) address_limit: u32,
    pub(crate) bots: WordList,
    pub(crate) not_bots: WordList,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportsSection {
    pub(crate) max_bytes: usize,
    pub(crate) max_unpacked_bytes: u64,
    pub(crate) queue: usize,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportsSection {
    pub(crate) keep_slots: SettingDuration,
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
    pub(crate) compare_every: SettingDuration,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CorsSection {
    pub(crate) allowed_origins: Origins,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DashboardSection {
    pub(crate) time_zone: String,
    pub(crate) currency: String,
    pub(crate) session_lifetime: SettingDuration,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogSection {
    pub(crate) format: LogFormat,
    pub(crate) filter: String,
}

choice!(LogFormat { Text = "text", Json = "json" });
