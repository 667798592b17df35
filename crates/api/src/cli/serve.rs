//! `bams serve`.

use std::io::IsTerminal;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use bams_app::managing::ManagingError;
use bams_app::signing_in::{LINK_LIFETIME, SigningIn};
use bams_demo::Demo;
use bams_storage::{Database, KeyText, StorageError, TokenText};
use clap::Args;
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;

use super::{DONE, Outcome, key, print, tell};
use crate::assembly::settings::public_url;
use crate::assembly::{self, AssembledParts, history, parts, places, store};
use crate::clock;
use crate::config::{ImageBackend, SameSite, Settings, Sources};
use crate::lifecycle;
use crate::origin::LOOPBACK;
use crate::random;
use crate::routes::demo_shop;
use crate::server;
use crate::telemetry::logs;

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

    pub(super) async fn run(self, mut settings: Settings, sources: &Sources) -> Outcome {
        settings.server.host = self.host.unwrap_or(settings.server.host);
        settings.server.port = self.port.unwrap_or(settings.server.port);
        let demo = if self.demo { Some(Demo::begin()?) } else { None };
        if let Some(demo) = &demo {
            show(demo, &mut settings);
        }
        history::check_redis_url(&settings)?;
        let listener = listen(&settings)?;
        let address = reachable(listener.local_addr()?);
        parts_in_use(&settings, &address);
        sources.warn();
        let public_url = public_url(&settings, &address);

        let database = store::open(&settings).await?;
        if let Some(demo) = &demo {
            let imports = store::imports(&database, &settings)?;
            let shop =
                |campaign: &str, product: &str| demo_shop::url(&public_url, campaign, product);
            let filling = demo.fill(&database, &imports, clock::unix_millis(), shop);
            // The log is about what happens, and hundreds of made-up files would hide it.
            filling.with_subscriber(NoSubscriber::new()).await?;
        }
        let key = greet(&database, self.demo).await?;
        let AssembledParts { mut state, writer } = parts(database, &settings, &public_url).await?;
        if let Some(key) = key {
            invite(&state.dashboard.signing_in, &key, &public_url).await?;
        }
        state.shop = self.demo.then_some(public_url);

        let tasks = lifecycle::begin(&state, writer, &assembly::settings::lifecycle(&settings));
        let draining = state.draining.clone();
        let announce = || {
            if !logs::are_json() {
                tell(&format!("Open {address}/dashboard/ and {address}/docs/"));
            }
            let _ = print(&format!("listening on {address}"));
        };
        server::run(listener, state, assembly::settings::server(&settings), announce).await?;
        draining.begin();
        tasks.end().await;
        Ok(DONE)
    }
}

/// Logs what this server is and on what it runs, before anything can fail.
fn parts_in_use(settings: &Settings, address: &str) {
    let version = env!("CARGO_PKG_VERSION");
    let (store, redis, images) =
        (places::database(settings), places::redis(settings), places::images(settings));
    tracing::info!(version, store, redis, images, address, "starting");
}

/// Sets the settings to the demo's store, so that nothing else is touched.
fn show(demo: &Demo, settings: &mut Settings) {
    settings.database.url = demo.database_url().into();
    settings.redis.url = String::new().into();
    settings.media.backend = ImageBackend::Local;
    settings.media.local.path = demo.images();
    if settings.server.is_local() && settings.server.public_url.is_empty() {
        // Pages on other ports of this machine are to be tried, and browsers keep its cookies without https.
        settings.cors.allowed_origins.add(&LOOPBACK);
        settings.visitor.same_site = SameSite::None;
    }
}

/// Prints and returns an admin key if the store is new, because without one nobody could set anything
/// up. It goes to the standard output, because the logs on the standard error must not contain a key.
async fn greet(database: &Database, demo: bool) -> Result<Option<KeyText>, ManagingError> {
    let name = if demo { "demo" } else { "first admin" };
    let Some(key) = key::first_admin(database.clone(), name).await? else { return Ok(None) };
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
    Ok(Some(key))
}

/// Prints a link that signs somebody in to the dashboard with a key, once.
async fn invite(
    signing_in: &SigningIn,
    key: &KeyText,
    public_url: &str,
) -> Result<(), StorageError> {
    let link = TokenText::random(&mut random::rng());
    signing_in.invite(key, &link, clock::unix_millis()).await?;
    let minutes = LINK_LIFETIME.as_secs() / 60;
    let link = link.reveal();
    let sentence = format!(
        "The dashboard, signed in (once, within {minutes} minutes): \
         {public_url}/dashboard/sign-in?link={link}"
    );
    if let Err(error) = print(&sentence) {
        tracing::warn!(%error, "nobody saw the link to the dashboard: sign in with the key");
    }
    Ok(())
}

/// Returns the address of the server from this machine, because no browser can open "all
/// addresses".
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
