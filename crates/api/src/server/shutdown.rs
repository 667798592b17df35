//! Stopping the server.

use std::time::Duration;

use actix_web::dev::ServerHandle;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::draining::Draining;

/// Stops a server on the first signal: makes `/readyz` answer 503, waits until load balancers have
/// noticed, and ends after the requests in flight. A second signal ends the process at once, even if the
/// server has stopped and the process waits for an import.
pub(super) fn stop_on_signal(
    server: ServerHandle,
    draining: Draining,
    drain_delay: Duration,
) -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(stay(signal(SignalKind::hangup())?));
    Ok(async move {
        either(&mut terminate, &mut interrupt).await;
        tracing::info!("stopping: no longer ready, finishing what is in flight");
        draining.begin();
        tokio::spawn(async move {
            tokio::time::sleep(drain_delay).await;
            server.stop(true).await;
        });
        either(&mut terminate, &mut interrupt).await;
        tracing::warn!("a second signal: stopping at once");
        std::process::exit(1);
    })
}

/// Stays when the terminal has gone, or somebody expects that settings are read again.
async fn stay(mut hangup: Signal) {
    while hangup.recv().await.is_some() {
        tracing::info!("SIGHUP changes nothing: settings are read at the start");
    }
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}
