//! Making the store of histories from the settings.

use bams_storage::{HistorySettings, InvalidRedisUrl, RedisSettings, VisitorHistory};

use crate::config::{InvalidConfig, Settings};

/// Refuses a malformed `redis.url` before anything else happens.
pub(crate) fn check_redis_url(settings: &Settings) -> Result<(), InvalidConfig> {
    let redis = history(settings).redis;
    redis
        .map_or(Ok(()), |it| it.check())
        .map_err(|flaw| InvalidConfig::Value { setting: "redis.url", problem: flaw.to_string() })
}

/// Opens the histories. Succeeds even if Redis is away.
pub(super) async fn open(settings: &Settings) -> Result<VisitorHistory, InvalidRedisUrl> {
    VisitorHistory::open(&history(settings)).await
}

fn history(settings: &Settings) -> HistorySettings {
    let redis = &settings.redis;
    HistorySettings {
        lifetime: *settings.selection.history_ttl,
        memory_bytes: settings.selection.history_capacity,
        redis: (!redis.url.is_empty()).then(|| RedisSettings {
            url: redis.url.expose().to_owned(),
            cluster: redis.cluster,
            timeout: *redis.timeout,
            key_prefix: redis.key_prefix.clone(),
        }),
    }
}
