//! What of the settings concerns the parts of a server that run: each takes its own and no others.

use crate::config::Settings;
use crate::lifecycle::LifecycleSettings;
use crate::server::ServerSettings;

/// Returns how the outside world reaches a server that listens at `address`.
pub(crate) fn public_url(settings: &Settings, address: &str) -> String {
    let configured = settings.server.public_url.trim_end_matches('/');
    let public_url = if configured.is_empty() { address } else { configured };
    if configured.is_empty() && !settings.server.is_local() {
        tracing::warn!(public_url, "images and links begin with this: set server.public_url");
    }
    public_url.to_owned()
}

/// Returns how the server listens, and what it takes.
pub(crate) fn server(settings: &Settings) -> ServerSettings {
    let server = &settings.server;
    ServerSettings {
        workers: server.workers,
        max_connections: server.max_connections,
        keep_alive: *server.keep_alive,
        header_timeout: *server.header_timeout,
        drain_delay: *server.drain_delay,
        shutdown_timeout: *server.shutdown_timeout,
        allowed_origins: settings.cors.allowed_origins.to_vec(),
        max_upload_bytes: settings.imports.max_bytes,
    }
}

/// Returns what goes on beside the requests, and for how long.
pub(crate) fn lifecycle(settings: &Settings) -> LifecycleSettings {
    LifecycleSettings {
        link_ttl: *settings.tracking.link_ttl,
        keep_slots: *settings.reports.keep_slots,
        compare_every: *settings.metrics.compare_every,
        import_patience: *settings.server.shutdown_timeout,
    }
}
