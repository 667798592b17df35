//! Makes the parts of a server from the settings.

pub(crate) mod store;

use std::error::Error;
use std::sync::Arc;

use actix_web::web::Data;
use bams_media::{Backend, Images, LocalImages, S3Images, S3Settings};
use bams_storage::{
    Database, Doorkeeper, EventWriter, Events, HistorySettings, ImportQueue, RedisSettings,
    Snapshots, VisitorHistory, Visitors, links_expired_before,
};

use crate::answer::prepared_banner::PreparedBanners;
use crate::answer::tracking_links::Links;
use crate::config::{ImageBackend, InvalidConfig, Settings};
use crate::draining::Draining;
use crate::extract::visitor::CookieStyle;
use crate::routes::embed::Embedding;
use crate::routes::imports::ImportDesk;
use crate::server::State;
use crate::serving::{DecisionMetrics, Serving};
use crate::signing::Secrets;
use crate::telemetry::Metrics;
use crate::tracking::{LinkValidity, Tracking, TrackingCounters};
use crate::traffic::Traffic;
use crate::uploads::Uploads;

/// How the outside world reaches the server.
pub(crate) fn public_url<'a>(settings: &'a Settings, address: &'a str) -> &'a str {
    match settings.server.public_url.trim_end_matches('/') {
        "" => address,
        configured => configured,
    }
}

/// Everything that requests share.
pub(crate) async fn state(
    database: Database,
    settings: &Settings,
    address: &str,
) -> Result<(State, EventWriter), Box<dyn Error>> {
    let public_url = public_url(settings, address);
    if settings.server.public_url.is_empty() && !settings.server.is_local() {
        tracing::warn!(public_url, "images and links begin with this: set server.public_url");
    }
    let https = public_url.starts_with("https://");
    let secrets = Secrets::of(settings)?;
    let images = Arc::new(images(settings, &secrets, public_url)?);
    if !images.can_sign() {
        tracing::warn!(
            "no S3 credentials: decisions that have a banner to show are refused until there are some"
        );
    }
    let history = VisitorHistory::open(&history_settings(settings)).await?;
    if history.breaker_open() {
        tracing::warn!(
            "Redis cannot be reached: what visitors saw stays in this process until it can"
        );
    }
    let snapshots = Snapshots::load(database.clone()).await?;
    let lifetime = *settings.selection.history_ttl;
    let capacity = settings.visitor.preferences_capacity;
    let visitors = Visitors::load(database.clone(), lifetime, capacity, &history).await?;
    let links = Links::new(secrets.tokens(), public_url);
    let (events, writer) = Events::open(database.clone(), settings.tracking.queue);
    let expired_before = links_expired_before(&database).await?;
    let tracking = Tracking {
        tokens: secrets.tokens(),
        events,
        snapshots: Arc::clone(&snapshots),
        traffic: Traffic::new(&settings.tracking, settings.server.trusted_proxies.clone()),
        validity: LinkValidity::new(*settings.tracking.link_ttl, expired_before),
        counters: TrackingCounters::default(),
    };
    let imports = self::store::imports(&database, settings)?;
    let changed = Arc::clone(&snapshots);
    let queue = ImportQueue::open(imports.clone(), settings.imports.queue, move || changed.hurry());
    let decisions = Arc::new(DecisionMetrics::default());
    let state = State {
        metrics: Data::new(Metrics::new(Arc::clone(&decisions))),
        tracking: Arc::new(tracking),
        desk: ImportDesk { imports, queue: queue.await?, snapshots: Arc::clone(&snapshots) },
        cookies: CookieStyle::new(
            settings.visitor.same_site,
            settings.visitor.cookie_lifetime.as_secs(),
            https,
        ),
        serving: Arc::new(Serving {
            snapshots: Arc::clone(&snapshots),
            history,
            visitors: Arc::new(visitors),
            metrics: Arc::clone(&decisions),
            prepared: Arc::new(PreparedBanners::new(Arc::clone(&images), links)),
        }),
        draining: Draining::default(),
        embedding: Data::new(Embedding::new(public_url, images.origin())?),
        https,
        shop: None,
        doorkeeper: Data::new(Doorkeeper::new(database.clone())),
        database,
        snapshots,
        uploads: Data::new(Uploads::new(Arc::clone(&images), &settings.media, secrets.tickets())?),
        images,
    };
    Ok((state, writer))
}

fn images(
    settings: &Settings,
    secrets: &Secrets,
    public_url: &str,
) -> Result<Images, Box<dyn Error>> {
    let media = &settings.media;
    let backend = match media.backend {
        ImageBackend::Local => {
            let folder = LocalImages::new(&media.local.path, public_url, secrets.image_key()?);
            Backend::Local(folder.with_retired_keys(secrets.previous_image_keys()?))
        }
        ImageBackend::S3 => {
            let credentials = &settings.s3_credentials;
            Backend::S3(S3Images::new(S3Settings {
                bucket: media.s3.bucket.clone(),
                region: media.s3.region.clone(),
                endpoint: Some(media.s3.endpoint.clone()).filter(|it| !it.is_empty()),
                path_style: media.s3.path_style,
                access_key_id: credentials.access_key_id.expose().into(),
                secret_access_key: credentials.secret_access_key.expose().into(),
                session_token: (!credentials.session_token.is_empty())
                    .then(|| credentials.session_token.expose().into()),
            })?)
        }
    };
    Ok(Images::new(backend, *media.url_ttl))
}

/// Refuses a `redis.url` that cannot be one, before anything else is touched.
pub(crate) fn check_redis_url(settings: &Settings) -> Result<(), InvalidConfig> {
    let redis = history_settings(settings).redis;
    redis.map_or(Ok(()), |it| it.check()).map_err(|_| InvalidConfig::Value {
        setting: "redis.url",
        problem:
            "is not the URL of a Redis server, such as redis://127.0.0.1:6379; several, parted by \
                  commas, are for redis.cluster = true"
                .to_owned(),
    })
}

fn history_settings(settings: &Settings) -> HistorySettings {
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
