//! The parts of the settings for the parts of a server.

use bams_app::tracking::TrafficSettings;

use crate::config::Settings;
use crate::lifecycle::LifecycleSettings;
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

/// Returns the settings of the tasks beside the requests.
pub(crate) fn lifecycle(settings: &Settings) -> LifecycleSettings {
    LifecycleSettings {
        link_ttl: *settings.tracking.link_ttl,
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

    #[test]
    fn bots_are_told_from_browsers_and_from_the_programs_of_sites() {
        let traffic = Traffic::new(traffic(&config::defaults()));
        for (agent, expected) in [
            ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", true),
            (
                "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
                true,
            ),
            ("Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)", true),
            ("Mozilla/5.0 (compatible; PerplexityBot/1.0)", true),
            ("meta-externalagent/1.1", true),
            ("facebookexternalhit/1.1", true),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/120.0.0.0 Safari/537.36",
                true,
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0", false),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
                false,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1",
                false,
            ),
            (
                "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36",
                false,
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 coc_coc_browser/117.0 Chrome/111.0 Safari/537.36 CocCoc",
                false,
            ),
            ("curl/8.5.0", false),
            ("python-requests/2.31.0", false),
            ("okhttp/4.12.0", false),
            ("", false),
        ] {
            let caller = Caller { agent: Some(agent.to_owned()), ..Caller::default() };
            let expected = expected.then_some(FilterReason::Bot);
            assert_eq!(traffic.filter(&caller, 0), expected, "{agent}");
        }
    }
}
