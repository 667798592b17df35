//! `bams serve`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use bams_media::{Backend, Images, LocalImages, S3Images, S3Settings};
use bams_storage::{Database, HistorySettings, RedisSettings, Snapshots, VisitorHistory};
use clap::Args;

use super::{DONE, Outcome, print, store, tell};
use crate::config::{ImageBackend, Settings};
use crate::demo::Demo;
use crate::face::Faces;
use crate::routes::health::Draining;
use crate::routes::imports::ImportDesk;
use crate::server::{self, State};
use crate::serving::Serving;
use crate::signing::SigningKeys;
use crate::upkeep;
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
    pub(super) async fn run(self, mut settings: Settings) -> Outcome {
        settings.server.host = self.host.unwrap_or(settings.server.host);
        settings.server.port = self.port.unwrap_or(settings.server.port);
        let demo = if self.demo { Some(Demo::prepare(&mut settings)?) } else { None };

        let listener = listen(&settings)?;
        let address = reachable(listener.local_addr()?);
        let database = store::open(&settings).await?;
        if let Some(demo) = &demo {
            let imports = store::imports(&database, &settings)?;
            let key = demo.fill(&database, &imports).await?;
            tell(&format!("The demo's admin key, to try the locked routes: {key}"));
        }
        let state = state(database.clone(), &settings, &address).await?;
        let snapshots = Arc::clone(&state.snapshots);
        let refreshing = tokio::spawn(async move { snapshots.keep_fresh().await });
        let condensing = tokio::spawn(upkeep::condense_old_slots(
            database.clone(),
            *settings.reports.keep_slots,
        ));

        let announce = || {
            tell(&format!("Open {address}/ and {address}/docs/"));
            print(&format!("listening on {address}"));
        };
        server::run(listener, state, &settings, announce).await?;
        refreshing.abort();
        condensing.abort();
        // A database that hangs must not keep the process; there is nothing left to write.
        let _ = tokio::time::timeout(CLOSING, database.close()).await;
        Ok(DONE)
    }
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

/// Everything that requests share.
async fn state(
    database: Database,
    settings: &Settings,
    address: &str,
) -> Result<State, Box<dyn std::error::Error>> {
    let configured = settings.server.public_url.trim_end_matches('/');
    let public_url = if configured.is_empty() { address } else { configured };
    if configured.is_empty() && !settings.server.is_local() {
        tracing::warn!(public_url, "image URLs begin with this: set server.public_url");
    }
    let images = Arc::new(images(settings, public_url)?);
    if !images.can_sign() {
        tracing::warn!("no S3 credentials: decisions are refused until there are some");
    }
    let history = VisitorHistory::open(&history_settings(settings)).await;
    let history = history.map_err(|error| format!("configuration: `redis.url`: {error}"))?;
    let snapshots = Snapshots::load(database.clone()).await?;
    Ok(State {
        desk: ImportDesk {
            imports: store::imports(&database, settings)?,
            snapshots: Arc::clone(&snapshots),
        },
        cookies: CookieStyle::new(
            settings.visitor.same_site,
            settings.visitor.cookie_lifetime.as_secs(),
            public_url.starts_with("https://"),
        ),
        serving: Arc::new(Serving {
            snapshots: Arc::clone(&snapshots),
            history,
            faces: Arc::new(Faces::new(Arc::clone(&images))),
        }),
        draining: Draining::default(),
        database,
        snapshots,
        images,
    })
}

fn images(settings: &Settings, public_url: &str) -> Result<Images, Box<dyn std::error::Error>> {
    let media = &settings.media;
    let backend = match media.backend {
        ImageBackend::Local => {
            let keys = SigningKeys::of(settings)?;
            let folder = LocalImages::new(&media.local.path, public_url, keys.current);
            Backend::Local(folder.with_retired_keys(keys.previous))
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
