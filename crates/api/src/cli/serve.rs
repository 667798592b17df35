//! `bams serve`.

use std::io::IsTerminal;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use bams_storage::{Database, StorageError};
use clap::Args;

use super::{DONE, Outcome, key, print, tell};
use crate::assembly::{check_redis_url, public_url, state, store};
use crate::clock;
use crate::config::Settings;
use crate::demo::Demo;
use crate::server;
use crate::upkeep;

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
