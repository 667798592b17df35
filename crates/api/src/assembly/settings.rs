//! The parts of the settings for the parts of a server.

use std::time::Duration;

use bams_app::tracking::TrafficSettings;

use crate::config::{ImageBackend, SameSite, Settings};
use crate::dashboard::shared::{DashboardSettings, NodeFacts};
use crate::lifecycle::LifecycleSettings;
use crate::origin::{self, LOOPBACK, OriginPattern};
use crate::server::ServerSettings;

/// Returns the public address of a server that listens at `address`.
pub(crate) fn public_url(settings: &Settings, address: &str) -> String {
    let configured = settings.server.public_url.trim_end_matches('/');
    let public_url = if configured.is_empty() { address } else { configured };
    if configured.is_empty() && !settings.server.is_local() {
        tracing::warn!(public_url, "images and links begin with this: set server.public_url");
    }
    public_url.to_owned()
}

/// Warns if browsers will not bring back the cookies of visitors who are on pages of other sites.
pub(super) fn warn_of_lost_cookies(settings: &Settings, public_url: &str) {
    let origins = settings.cors.allowed_origins.iter();
    let mut allowed = origins.filter_map(|it| OriginPattern::of(it));
    let is_secure = public_url.starts_with("https://") || is_this_machine(public_url);
    match settings.visitor.same_site {
        SameSite::Lax if allowed.any(|it| it.is_elsewhere(public_url)) => tracing::warn!(
            public_url,
            "cors.allowed_origins has other sites, on whose pages browsers keep no cookie that is \
             SameSite=Lax, so that each visit is that of a stranger: set visitor.same_site = \"none\", and \
             server.public_url to an address with https"
        ),
        SameSite::None if !is_secure => tracing::warn!(
            public_url,
            "visitor.same_site is \"none\", and browsers keep such cookies with https only: set \
             server.public_url to an address with https"
        ),
        SameSite::Lax | SameSite::None => {}
    }
}

/// Returns true if an address leads to the machine of whoever uses it, which browsers trust without
/// https.
fn is_this_machine(address: &str) -> bool {
    let mut patterns = LOOPBACK.iter().filter_map(|it| OriginPattern::of(it));
    patterns.any(|it| it.fits(origin::split(address).0))
}

/// Returns how long clicks and conversions are kept, at least as long as links and hours need them. Zero is
/// for ever.
fn kept_clicks(settings: &Settings) -> Duration {
    let (kept, slots) = (*settings.tracking.keep_clicks, *settings.reports.keep_slots);
    let needed = settings.tracking.link_ttl.saturating_add(Duration::from_hours(24)).max(slots);
    if kept.is_zero() { kept } else { kept.max(needed) }
}

/// Returns the settings of the HTTP server.
pub(crate) fn server(settings: &Settings) -> ServerSettings {
    let server = &settings.server;
    ServerSettings {
        workers: server.workers,
        max_connections: server.max_connections,
        keep_alive: *server.keep_alive,
        header_timeout: *server.header_timeout,
        send_timeout: *server.send_timeout,
        drain_delay: *server.drain_delay,
        shutdown_timeout: *server.shutdown_timeout,
        allowed_origins: settings.cors.allowed_origins.to_vec(),
        max_upload_bytes: settings.imports.max_bytes,
    }
}

/// Returns the settings of the dashboard of a server at `public_url`, whose images have URLs that begin
/// with `images`.
pub(crate) fn dashboard(settings: &Settings, public_url: &str, images: &str) -> DashboardSettings {
    let Settings { dashboard, media, .. } = settings;
    let is_sqlite = settings.database.url.expose().starts_with("sqlite:");
    let node = NodeFacts {
        database: if is_sqlite { "SQLite" } else { "MySQL or MariaDB" },
        images: match media.backend {
            ImageBackend::Local => format!("the folder {}", media.local.path.display()),
            ImageBackend::S3 => format!("the bucket {}", media.s3.bucket),
        },
        history: match (settings.redis.url.expose().is_empty(), settings.redis.cluster) {
            (true, _) => "this process",
            (false, false) => "Redis",
            (false, true) => "Redis Cluster",
        },
        max_image_bytes: media.max_image_bytes,
        max_import_bytes: settings.imports.max_bytes,
    };
    DashboardSettings {
        time_zone: dashboard.time_zone.clone(),
        currency: dashboard.currency.trim().to_owned(),
        public_url: public_url.to_owned(),
        images: images.to_owned(),
        has_allowed_origins: !settings.cors.allowed_origins.is_empty(),
        node,
    }
}

/// Returns the settings of the tasks beside the requests.
pub(crate) fn lifecycle(settings: &Settings) -> LifecycleSettings {
    LifecycleSettings {
        link_ttl: *settings.tracking.link_ttl,
        keep_clicks: kept_clicks(settings),
        keep_slots: *settings.reports.keep_slots,
        compare_every: *settings.metrics.compare_every,
        import_patience: *settings.server.shutdown_timeout,
    }
}

/// Returns the settings by which machines are told from people.
pub(crate) fn traffic(settings: &Settings) -> TrafficSettings {
    let tracking = &settings.tracking;
    TrafficSettings {
        bots: tracking.bots.to_vec(),
        not_bots: tracking.not_bots.to_vec(),
        visitor_limit: tracking.visitor_limit,
        address_limit: tracking.address_limit,
    }
}

#[cfg(test)]
mod tests {
    use bams_app::tracking::{Caller, Traffic};
    use bams_storage::FilterReason;

    use super::*;
    use crate::config;

    /// Browsers of every kind, also within apps and televisions, and the programs of sites.
    const PEOPLE: &str = include_str!("agents/people.txt");

    /// Bots, also those that name their library, previews of links, monitors, office and mail programs.
    const MACHINES: &str = include_str!("agents/machines.txt");

    #[test]
    fn people_are_told_from_machines() {
        let traffic = Traffic::new(&traffic(&config::defaults()));
        let mut wrong = Vec::new();
        for (agents, expected) in [(PEOPLE, None), (MACHINES, Some(FilterReason::Bot))] {
            for agent in agents.lines().chain(expected.is_none().then_some("")) {
                let caller = Caller { agent: Some(agent.to_owned()), ..Caller::default() };
                if traffic.filter(&caller, 0) != expected {
                    wrong.push(agent);
                }
            }
        }
        assert_eq!(wrong, Vec::<&str>::new());
    }
}
