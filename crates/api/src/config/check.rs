//! Checking whether settings can work.

use std::time::Duration;

use bams_media::{KeyPrefix, KeyTemplate};
use bams_storage::DatabaseAddress;
use jiff::tz::TimeZone;

use super::settings::{
    CorsSection, DashboardSection, DatabaseSection, ImageBackend, ImportsSection, MediaSection,
    RedisSection, ReportsSection, SecretsSection, SelectionSection, ServerSection, Settings,
    TrackingSection,
};
use super::{DEFAULTS, InvalidConfig};
use crate::origin::{self, OriginPattern};

/// The texts that our documentation has in place of a secret.
const PLACEHOLDERS: [&str; 1] = ["changeme"];

impl Settings {
    /// Refuses values that cannot work, so that a bad one stops the start and not a request.
    pub(crate) fn check(&self) -> Result<(), InvalidConfig> {
        self.server.check()?;
        self.database.check()?;
        self.redis.check()?;
        self.selection.check()?;
        self.imports.check()?;
        self.media.check()?;
        self.reports.check()?;
        self.secrets.check()?;
        self.tracking.check()?;
        self.dashboard.check()?;
        self.cors.check()
    }

    /// Refuses secrets that are in our documentation, because anybody could make valid links with
    /// them. A demo may have them.
    pub(crate) fn refuse_placeholders(&self) -> Result<(), InvalidConfig> {
        let SecretsSection { signing_key, previous_signing_keys } = &self.secrets;
        let previous = previous_signing_keys.expose().split(',').map(str::trim);
        let previous = previous.map(|secret| ("secrets.previous_signing_keys", secret));
        let mut keys = previous.chain([("secrets.signing_key", signing_key.expose())]);
        let bad = keys.find(|(_, it)| !it.is_empty() && is_placeholder(it));
        require(bad.is_none(), bad.map_or("secrets", |it| it.0), || {
            "is a placeholder that anybody can guess: take 32 random characters or more, such as \
             from `openssl rand -hex 32`"
                .to_owned()
        })
    }
}

impl ServerSection {
    fn check(&self) -> Result<(), InvalidConfig> {
        let Self { public_url, max_connections, header_timeout, send_timeout, .. } = self;
        let address = public_url.trim_end_matches('/');
        require(address.is_empty() || is_address(address), "server.public_url", || {
            "is something like https://pictures.example.com or https://example.com/pictures, without a user \
             or a password"
                .to_owned()
        })?;
        require(*max_connections > 0, "server.max_connections", || {
            "must be at least 1".to_owned()
        })?;
        require(!header_timeout.is_zero(), "server.header_timeout", || {
            "must not be 0: a client that never asks would stay for ever".to_owned()
        })?;
        require(send_timeout.as_millis() > 0, "server.send_timeout", || {
            "must not be 0: no client is always ready to read".to_owned()
        })
    }
}

impl DatabaseSection {
    fn check(&self) -> Result<(), InvalidConfig> {
        let address = self.url.expose().parse::<DatabaseAddress>();
        address.map_err(|flaw| InvalidConfig::Value {
            setting: "database.url",
            problem: flaw.to_string(),
        })?;
        require(self.max_connections > 1, "database.max_connections", || {
            "must be at least 2: a migration holds one while it uses another".to_owned()
        })
    }
}

impl RedisSection {
    fn check(&self) -> Result<(), InvalidConfig> {
        require(!self.key_prefix.contains(['{', '}']), "redis.key_prefix", || {
            "must not contain braces: in a cluster they say which node has a key".to_owned()
        })?;
        require(!self.timeout.is_zero(), "redis.timeout", || "must not be 0".to_owned())
    }
}

impl SelectionSection {
    fn check(&self) -> Result<(), InvalidConfig> {
        require(self.history_ttl.as_secs() > 0, "selection.history_ttl", || {
            "must be at least a second".to_owned()
        })
    }
}

impl ImportsSection {
    fn check(&self) -> Result<(), InvalidConfig> {
        require((1..=10_000).contains(&self.queue), "imports.queue", || {
            "must be between 1 and 10000".to_owned()
        })
    }
}

impl MediaSection {
    fn check(&self) -> Result<(), InvalidConfig> {
        for (setting, life) in
            [("media.url_ttl", self.url_ttl), ("media.upload_ttl", self.upload_ttl)]
        {
            let lives = 1..=bams_media::LONGEST_LIFE.as_secs();
            require(lives.contains(&life.as_secs()), setting, || {
                "must be between one second and seven days".to_owned()
            })?;
        }
        require(self.max_image_bytes > 0, "media.max_image_bytes", || {
            "must not be 0: no image could be uploaded".to_owned()
        })?;
        self.prefix.parse::<KeyPrefix>().map_err(|error| InvalidConfig::Value {
            setting: "media.prefix",
            problem: format!("cannot be used: {error}"),
        })?;
        require(!self.prefix.starts_with("uploads/"), "media.prefix", || {
            "must not be uploads/, from which a bucket may remove what is a day old".to_owned()
        })?;
        self.default_key.parse::<KeyTemplate>().map_err(|error| InvalidConfig::Value {
            setting: "media.default_key",
            problem: format!("cannot be used: {error}"),
        })?;
        require(!self.s3.endpoint.contains('@'), "media.s3.endpoint", || {
            "takes no user and no password: credentials come from AWS_ACCESS_KEY_ID and \
             AWS_SECRET_ACCESS_KEY"
                .to_owned()
        })?;
        let bucketless = self.backend == ImageBackend::S3 && self.s3.bucket.is_empty();
        require(!bucketless, "media.s3.bucket", || "is needed when media.backend is s3".to_owned())
    }
}

impl ReportsSection {
    fn check(&self) -> Result<(), InvalidConfig> {
        let day = Duration::from_hours(24);
        require(*self.keep_slots >= day, "reports.keep_slots", || {
            "must be at least a day".to_owned()
        })
    }
}

impl SecretsSection {
    fn check(&self) -> Result<(), InvalidConfig> {
        let key = self.signing_key.expose();
        require(key.is_empty() || key.len() >= 32, "secrets.signing_key", || {
            "must have at least 32 characters".to_owned()
        })
    }
}

impl TrackingSection {
    fn check(&self) -> Result<(), InvalidConfig> {
        require(!self.link_ttl.is_zero(), "tracking.link_ttl", || {
            "must not be 0: no event would count".to_owned()
        })?;
        require(self.queue >= 1000, "tracking.queue", || {
            "must be at least 1000, the length of a list of conversions".to_owned()
        })
    }
}

impl DashboardSection {
    fn check(&self) -> Result<(), InvalidConfig> {
        let Self { time_zone, currency, session_lifetime } = self;
        let is_known = time_zone.is_empty() || TimeZone::get(time_zone).is_ok();
        require(is_known, "dashboard.time_zone", || {
            "is a name such as Europe/Amsterdam or UTC".to_owned()
        })?;
        require(currency.chars().count() <= 8, "dashboard.currency", || {
            "has at most 8 characters, such as EUR".to_owned()
        })?;
        require(session_lifetime.as_secs() >= 60, "dashboard.session_lifetime", || {
            "must be at least a minute".to_owned()
        })
    }
}

impl CorsSection {
    fn check(&self) -> Result<(), InvalidConfig> {
        require(
            self.allowed_origins.iter().all(|origin| OriginPattern::of(origin).is_some()),
            "cors.allowed_origins",
            || {
                "takes origins such as https://shop.example.com or https://*.example.com, without a path, \
                 several of them parted by commas; two names or more stand after `*.`, and `*` alone is not \
                 allowed, because visitors send a cookie"
                .to_owned()
            },
        )
    }
}

/// Returns true if a text consists of one of our placeholders, repeated with anything between, or
/// is a part of our documentation.
fn is_placeholder(text: &str) -> bool {
    let plain: String = text.to_lowercase().chars().filter(|it| it.is_alphanumeric()).collect();
    PLACEHOLDERS.iter().any(|placeholder| plain.replace(placeholder, "").is_empty())
        || DEFAULTS.contains(text)
}

/// Returns true if a text is an origin, perhaps with a path that needs no encoding.
fn is_address(text: &str) -> bool {
    let (origin, path) = origin::split(text);
    let is_segment = |segment: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        !segment.is_empty() && !segment.starts_with('.') && segment.bytes().all(allowed)
    };
    origin::is_origin(origin) && path.split('/').skip(1).all(is_segment)
}

fn require(
    met: bool,
    setting: &'static str,
    problem: impl FnOnce() -> String,
) -> Result<(), InvalidConfig> {
    if met { Ok(()) } else { Err(InvalidConfig::Value { setting, problem: problem() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_known_and_secrets_are_not_taken_for_them() {
        for text in [
            "changemechangemechangemechangeme",
            "CHANGE-ME-CHANGE-ME-CHANGE-ME-CHANGE-ME",
            "Signs local image URLs and tracking links.",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["00012345678901234567890123456789e5", "change-me-Zq8vK2nWx5TyRb7LmP3c"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
