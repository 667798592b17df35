//! The durations of requests for decisions.

use std::time::Duration;

use bams_storage::Distribution;

use crate::paths;

/// The routes that answer decisions.
const ROUTES: [&str; 4] =
    [paths::SERVE, paths::DECISIONS, paths::OLDER_CLIENTS, paths::EMBEDDED_PAGE];

/// Their beginnings, by which the path of a request is told.
const STEMS: [&str; ROUTES.len()] = [
    paths::stem(ROUTES[0]),
    paths::stem(ROUTES[1]),
    paths::stem(ROUTES[2]),
    paths::stem(ROUTES[3]),
];

/// The bounds of the classes of an answer's microseconds.
const MICROS: &[u64] =
    &[50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000];

/// The durations of requests, by route, since this process started.
#[derive(Debug)]
pub(crate) struct Durations([Distribution; ROUTES.len()]);

impl Default for Durations {
    fn default() -> Self {
        Self(ROUTES.map(|_| Distribution::new(MICROS)))
    }
}

impl Durations {
    /// Notes how long a request for a path took, if its route answers decisions.
    pub(crate) fn note(&self, path: &str, time: Duration) {
        if let Some(index) = STEMS.iter().position(|stem| path.starts_with(stem)) {
            self.0[index].note(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
        }
    }

    /// Returns the durations in microseconds, by route.
    pub(super) fn by_route(&self) -> impl Iterator<Item = (&'static str, &Distribution)> {
        ROUTES.into_iter().zip(&self.0)
    }
}
