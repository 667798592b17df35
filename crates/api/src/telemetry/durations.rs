//! How long requests for decisions take.

use std::time::Duration;

use bams_storage::Distribution;

/// The routes that answer decisions: how their paths begin, and what they are called.
const ROUTES: [(&str, &str); 4] = [
    ("/api/v1/serve/", "/api/v1/serve/{campaign_id}"),
    ("/api/v1/decisions", "/api/v1/decisions"),
    ("/campaigns/", "/campaigns/{campaign_id}/"),
    ("/embed/", "/embed/{campaign_id}"),
];

/// Up to how many microseconds an answer takes.
const MICROS: &[u64] =
    &[50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000];

/// How long requests took, by route, since this process started.
#[derive(Debug)]
pub(crate) struct Durations([Distribution; ROUTES.len()]);

impl Default for Durations {
    fn default() -> Self {
        Self(ROUTES.map(|_| Distribution::new(MICROS)))
    }
}

impl Durations {
    /// Notes how long a request took, if it asked for decisions.
    pub(crate) fn note(&self, path: &str, time: Duration) {
        if let Some(route) = ROUTES.iter().position(|it| path.starts_with(it.0)) {
            self.0[route].note(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
        }
    }

    /// How long requests took, in microseconds, by route.
    pub(super) fn by_route(&self) -> impl Iterator<Item = (&'static str, &Distribution)> {
        ROUTES.iter().map(|it| it.1).zip(&self.0)
    }
}
