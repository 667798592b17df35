//! `bams serve`.

use std::error::Error;
use std::io::IsTerminal;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use bams_media::{Backend, Images, LocalImages, S3Images, S3Settings};
use bams_storage::{
    Database, Doorkeeper, EventWriter, Events, HistorySettings, ImportQueue, RedisSettings,
    Snapshots, StorageError, VisitorHistory, Visitors, links_expired_before,
};
use clap::Args;

use super::{DONE, Outcome, key, print, store, tell};
use crate::clock;
use crate::config::{ImageBackend, InvalidConfig, Settings};
use crate::demo::Demo;
use crate::draining::Draining;
use crate::face::Faces;
use crate::links::Links;
use crate::metrics::{DecisionMetrics, Metrics};
use crate::routes::embed::Embedding;
use crate::routes::imports::ImportDesk;
use crate::server::{self, State};
use crate::serving::Serving;
use crate::signing::Secrets;
use crate::tracking::{LinkValidity, Tracking, TrackingCounters};
use crate::traffic::Traffic;
use crate::upkeep;
use crate::uploads::Uploads;
use crate::visitor::CookieStyle;

/// How long the database may take to say goodbye.
const CLOSING: Duration = Duration::from_secs(2);

#[derive(Args, Default)]
pub(super) struct Serve {
    /// Start with made-up campaigns and banners in a throw-away store
    #[arg(long)]
    demo: bool,
    /// Where to listen; short for --set server.host=…
    #[arg(long)]
    host: Option<String>,
    /// Where to listen; short for --set server.port=…
    #[arg(long)]
    port: Option<u16>,
}

impl Serve {
    pub(super) fn is_demo(&self) -> bool {
        self.demo
    }

    pub(super) async fn run(self, mut settings: Settings) -> Outcome {
        settings.server.host = self.host.unwrap_or(settings.server.host);
        settings.server.port = self.port.unwrap_or(settings.server.port);
        let demo = if self.demo { Some(Demo::prepare(&mut settings)?) } else { None };

        check_redis_url(&settings)?;
        let listener = listen(&settings)?;
        let address = reachable(listener.local_addr()?);
        let database = store::open(&settings).await?;
        if let Some(demo) = &demo {
            let imports = store::imports(&database, &settings)?;
            demo.fill(&database, &imports, public_url(&settings, &address)).await?;
        }
        greet(&database, self.demo).await?;
        let (mut state, writer) = state(database.clone(), &settings, &address).await?;
        state.shop = demo.as_ref().map(|_| public_url(&settings, &address).to_owned());
        let snapshots = Arc::clone(&state.snapshots);
        let refreshing = tokio::spawn(async move { snapshots.keep_fresh().await });
        let visitors = Arc::clone(&state.serving.visitors);
        let following = Arc::clone(&visitors);
        let following = tokio::spawn(async move { following.keep_fresh(clock::unix_millis).await });
        let events = state.tracking.events.clone();
        let storing = tokio::spawn(writer.run());
        let link_ttl = *settings.tracking.link_ttl;
        let keep_slots = *settings.reports.keep_slots;
        let tracking = Arc::clone(&state.tracking);
        let expiring = upkeep::remove_expired_impressions(database.clone(), tracking, link_ttl);
        let expiring = tokio::spawn(expiring);
        let condensing = tokio::spawn(upkeep::condense_old_slots(database.clone(), keep_slots));

        let (queue, draining) = (state.desk.queue.clone(), state.draining.clone());
        let (begun, patience) = (draining.clone(), *settings.server.shutdown_timeout);
        let finishing = tokio::spawn(async move {
            begun.awaited().await;
            queue.finish(patience).await;
        });

        let every = *settings.metrics.compare_every;
        let comparing = upkeep::compare_counts(database.clone(), every, state.metrics.clone());
        let comparing = tokio::spawn(async move {
            if !every.is_zero() {
                comparing.await;
            }
        });

        let announce = || {
            tell(&format!("Open {address}/ and {address}/docs/"));
            let _ = print(&format!("listening on {address}"));
        };
        server::run(listener, state, &settings, announce).await?;
        draining.begin();
        let _ = finishing.await;
        for task in [refreshing, following, comparing, expiring, condensing] {
            task.abort();
        }
        // A database that hangs must not keep the process: everybody has had an answer, and what
        // is left to write is only what did not count, or a click that did not wait.
        let closing = async {
            events.flush().await;
            storing.abort();
            let _ = visitors.write_visits(clock::unix_millis()).await;
            let _ = database.close().await;
        };
        let _ = tokio::time::timeout(CLOSING, closing).await;
        Ok(DONE)
    }
}

/// Shows an admin key when the store is new: without one nobody could set anything up. On the
/// standard output: logs go to the standard error, and must not have a key.
async fn greet(database: &Database, demo: bool) -> Result<(), StorageError> {
    let name = if demo { "demo" } else { "first admin" };
    let Some(key) = key::first_admin(database, name).await? else { return Ok(()) };
    let text = key.reveal();
    let line = if demo {
        format!("The demo's admin key, to try the locked routes: {text}")
    } else {
        format!("There was no key yet. This admin key is shown only once: {text}")
    };
    if let Err(error) = print(&line) {
        tracing::warn!(%error, "nobody saw the first admin key: make another with `bams key create`");
    } else if !demo && !std::io::stdout().is_terminal() {
        let advice = "the first admin key went to standard output: if others can read that, make \
                      another with `bams key create` and revoke this one";
        tracing::warn!(key.id = key.id(), "{advice}");
    }
    Ok(())
}

/// How this machine reaches the server: "all addresses" is none that a browser could open.
fn reachable(bound: SocketAddr) -> String {
    let ip = match bound.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, bound.port()))
}

fn listen(settings: &Settings) -> Result<TcpListener, String> {
    let (host, port) = (&settings.server.host, settings.server.port);
    let address = host.trim_start_matches('[').trim_end_matches(']');
    TcpListener::bind((address, port))
        .map_err(|error| format!("cannot listen on {host}:{port}: {error}"))
}

/// How the outside world reaches the server.
fn public_url<'a>(settings: &'a Settings, address: &'a str) -> &'a str {
    match settings.server.public_url.trim_end_matches('/') {
        "" => address,
        configured => configured,
    }
}

/// Everything that requests share.
async fn state(
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
    let imports = store::imports(&database, settings)?;
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
            faces: Arc::new(Faces::new(Arc::clone(&images), links)),
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
fn check_redis_url(settings: &Settings) -> Result<(), InvalidConfig> {
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
